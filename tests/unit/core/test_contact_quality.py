"""What evidence makes of an address: one table, and what may never happen whatever the order."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenhou.core.channels import EMAIL, SMS
from wenhou.core.contact_quality import (
    Act,
    Cause,
    Evidence,
    Finding,
    Judgement,
    Standing,
    State,
    evidence_of,
    judge,
)

DAY = date(2027, 1, 30)
NEW = Standing()
GOOD = Standing(state=State.GOOD)
DEAD = Standing(state=State.DEAD)
RECYCLED = Standing(state=State.RECYCLED)
HINTED = Standing(state=State.SOFT_FAILING, suspected_on=DAY)


def failing(times: int, since: date = DAY) -> Standing:
    return Standing(state=State.SOFT_FAILING, soft=times, soft_since=since)


def find(
    evidence: Evidence, channel: str = SMS, *, days: int = 0, new: bool = True, hardens: bool = False
) -> Finding:
    on = DAY + timedelta(days=days)
    return Finding(evidence=evidence, on=on, channel=channel, is_new_failure=new, hardens=hardens)


TABLE = [
    # a number that does not exist
    (NEW, find(Evidence.GONE), State.DEAD, Act.STOP),
    (GOOD, find(Evidence.GONE), State.DEAD, Act.STOP),
    (DEAD, find(Evidence.GONE), State.DEAD, None),
    (RECYCLED, find(Evidence.GONE), State.RECYCLED, None),
    # a code that may mean it: the second day decides
    (NEW, find(Evidence.SUSPECTED), State.SOFT_FAILING, None),
    (HINTED, find(Evidence.SUSPECTED), State.SOFT_FAILING, None),
    (HINTED, find(Evidence.SUSPECTED, days=1), State.DEAD, Act.STOP),
    (DEAD, find(Evidence.SUSPECTED, days=1), State.DEAD, None),
    (HINTED, find(Evidence.AUTO_REPLIED), State.SOFT_FAILING, None),
    # three campaigns in a row
    (NEW, find(Evidence.FAILED_SOFTLY), State.SOFT_FAILING, None),
    (failing(1), find(Evidence.FAILED_SOFTLY, new=False), State.SOFT_FAILING, None),
    (failing(1), find(Evidence.FAILED_SOFTLY, days=9), State.SOFT_FAILING, None),
    (failing(2), find(Evidence.FAILED_SOFTLY, days=9), State.SOFT_FAILING, Act.REVIEW),
    (failing(2), find(Evidence.FAILED_SOFTLY, EMAIL, days=9), State.SOFT_FAILING, None),
    (failing(2), find(Evidence.FAILED_SOFTLY, EMAIL, days=14), State.SOFT_FAILING, Act.REST),
    (failing(5), find(Evidence.FAILED_SOFTLY, EMAIL, days=30), State.SOFT_FAILING, Act.REST),
    (failing(2), find(Evidence.FAILED_SOFTLY, EMAIL, days=9, hardens=True), State.DEAD, Act.STOP),
    (DEAD, find(Evidence.FAILED_SOFTLY), State.DEAD, None),
    # what only a living address does
    (NEW, find(Evidence.ARRIVED), State.GOOD, None),
    (failing(2), find(Evidence.ARRIVED), State.GOOD, Act.REOPEN),
    (DEAD, find(Evidence.ARRIVED), State.GOOD, Act.REOPEN),
    (DEAD, find(Evidence.REPLIED), State.GOOD, Act.REOPEN),
    (DEAD, find(Evidence.VERIFIED), State.GOOD, Act.REOPEN),
    (DEAD, find(Evidence.AUTO_REPLIED), State.DEAD, None),
    # somebody else's: that it works was never in doubt
    (GOOD, find(Evidence.NOT_THEIRS), State.RECYCLED, Act.RETIRE),
    (DEAD, find(Evidence.NOT_THEIRS), State.RECYCLED, Act.RETIRE),
    (RECYCLED, find(Evidence.NOT_THEIRS), State.RECYCLED, None),
    (RECYCLED, find(Evidence.ARRIVED), State.RECYCLED, None),
    (RECYCLED, find(Evidence.REPLIED), State.RECYCLED, None),
    (RECYCLED, find(Evidence.VERIFIED), State.GOOD, Act.REOPEN),
    # no fault of the address
    (GOOD, find(Evidence.FORWARDED), State.GOOD, None),
    (GOOD, find(Evidence.BLAMELESS), State.GOOD, None),
]


@pytest.mark.parametrize(("before", "finding", "state", "act"), TABLE)
def test_each_evidence_makes_of_each_standing_what_the_table_says(
    before: Standing, finding: Finding, state: State, act: Act | None
) -> None:
    found = judge(before, finding)
    assert (found.standing.state, found.act) == (state, act)


@pytest.mark.parametrize("evidence", [Evidence.ARRIVED, Evidence.REPLIED, Evidence.VERIFIED])
def test_what_gets_through_forgets_every_failure(evidence: Evidence) -> None:
    assert judge(failing(2), find(evidence)).standing == Standing(state=State.GOOD)
    assert judge(HINTED, find(evidence)).standing == Standing(state=State.GOOD)


@pytest.mark.parametrize(
    ("cause", "suppress", "definite", "evidence"),
    [
        (None, "number_invalid", True, Evidence.GONE),
        (None, "address_invalid", True, Evidence.GONE),
        (None, "number_invalid", False, Evidence.SUSPECTED),
        (Cause.HOST_UNKNOWN, "address_invalid", True, Evidence.SUSPECTED),
        (Cause.MOVED, None, True, Evidence.GONE),
        (Cause.MAILBOX_FULL, None, True, Evidence.FAILED_SOFTLY),
        (Cause.SUSPENDED, None, True, Evidence.FAILED_SOFTLY),
        (Cause.OURS, None, True, Evidence.BLAMELESS),
        (Cause.RECYCLED, None, True, Evidence.NOT_THEIRS),
        (None, None, True, Evidence.FAILED_SOFTLY),
        ("never heard", None, True, Evidence.FAILED_SOFTLY),
    ],
)
def test_a_report_says_of_the_address_what_its_cause_says(
    cause: str | None, suppress: str | None, definite: bool, evidence: Evidence
) -> None:
    assert evidence_of(cause, suppress, definite=definite) is evidence


_FINDINGS = st.builds(
    find,
    st.sampled_from(Evidence),
    st.sampled_from([SMS, EMAIL]),
    days=st.integers(0, 40),
    new=st.booleans(),
    hardens=st.booleans(),
)


@given(st.lists(_FINDINGS, max_size=20))
def test_no_order_of_evidence_brings_back_the_dead_or_the_recycled_without_proof(
    found: list[Finding],
) -> None:
    standing = NEW
    for finding in found:
        before = standing
        after: Judgement = judge(before, finding)
        standing = after.standing
        if before.state is State.RECYCLED and standing.state is not State.RECYCLED:
            assert finding.evidence is Evidence.VERIFIED
        if before.state is State.DEAD and standing.state is State.GOOD:
            assert finding.evidence in {Evidence.ARRIVED, Evidence.REPLIED, Evidence.VERIFIED}
        assert (after.act is Act.STOP) == (standing.state is State.DEAD and before.state is not State.DEAD)


@given(st.lists(_FINDINGS, max_size=12), _FINDINGS)
def test_the_same_evidence_of_the_same_day_and_message_again_changes_nothing(
    found: list[Finding], last: Finding
) -> None:
    standing = NEW
    for finding in [*found, last]:
        standing = judge(standing, finding).standing
    again = Finding(
        evidence=last.evidence, on=last.on, channel=last.channel, is_new_failure=False, hardens=last.hardens
    )
    assert judge(standing, again).standing == standing
