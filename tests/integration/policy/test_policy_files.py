"""The bank's rules as a file: read back as written, refused by line; the operator's calendar is part of what counts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenhou.core.actors import SYSTEM
from wenhou.core.errors import InputError
from wenhou.core.policy.rules import PERIODS, PROMOTIONAL, Cap, CareRatio, Policy
from wenhou.core.purposes import Purpose
from wenhou.services.calendars import apply_calendar
from wenhou.services.context import Context
from wenhou.services.policies import apply_policy, describe_policy, policy_in_force, read_policy
from wenhou.services.policy_files import FIELDS, document_of, policy_from_document

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "policy.yaml"
SHANGHAI = ZoneInfo("Asia/Shanghai")
POLICIES = st.builds(
    Policy,
    caps=st.lists(
        st.builds(
            lambda number, days, period, most: Cap(
                name=f"c{number}", purposes=PROMOTIONAL, days=1 if period else days, period=period, most=most
            ),
            st.integers(0, 999_999),
            st.integers(1, 366),
            st.sampled_from([None, *PERIODS]),
            st.integers(0, 50),
        ),
        min_size=1,
        max_size=4,
        unique_by=lambda cap: cap.name,
    ).map(tuple),
    care_per_address_and_day=st.integers(0, 5),
    care_ratio=st.none() | st.builds(CareRatio, days=st.integers(1, 366), non_sales=st.integers(0, 100)),
    case_rest_days=st.integers(0, 365),
    care_after_cure_days=st.integers(0, 3650),
    senior_max_risk=st.integers(0, 5),
    never_held_out_tiers=st.frozensets(st.sampled_from(["VIP", "高净值", "普通"])),
)


def local(day: int, hour: int, month: int = 2) -> datetime:
    return datetime(2027, month, day, hour, tzinfo=SHANGHAI)


@given(POLICIES)
def test_rules_written_down_and_read_again_are_the_same(policy: Policy) -> None:
    assert policy_from_document(document_of(policy)) == policy


def test_the_example_names_every_field_and_reads_back_as_itself() -> None:
    document = read_policy(EXAMPLE)
    policy = policy_from_document(document)

    assert set(document) == set(FIELDS)
    assert policy_from_document(document_of(policy)) == policy


def test_what_is_shown_can_be_applied_again(context: Context) -> None:
    apply_policy(context, SYSTEM, read_policy(EXAMPLE))
    shown = describe_policy(context)
    assert shown.pop("number") == 1

    apply_policy(context, SYSTEM, shown)
    again = describe_policy(context)
    assert (again.pop("number"), again) == (2, shown)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("care_rato: {days: 9}\n", 1, "did you mean care_ratio?"),
        ("caps: []\nsenior_max_risk: 9\n", 2, "between 0 and 5"),
        (
            "windows:\n  care: {opens: '08:00', closes: '20:00', not_on: [spring_festval]}\n",
            2,
            "spring_festival",
        ),
        ("zones:\n  Asia/Shangai: {care: {opens: '08:00', closes: '20:00'}}\n", 2, "Asia/Shanghai"),
        ("caps:\n  - {purposes: [care], days: 1, period: day, most: 1}\n", 2, "either days"),
        ("caps:\n  - {purposes: [care], period: weak, most: 1}\n", 2, "did you mean week?"),
        (
            "caps:\n  - {name: a, purposes: [care], days: 1, most: 1}\n  - {name: a, purposes: [care], days: 2, most: 1}\n",
            3,
            "two caps",
        ),
        ("care_ratio: {day: 9}\n", 1, "did you mean days?"),
        ("congestion: {minutes: [0, 70]}\n", 1, "0 to 59"),
        ("congestion: {minutes: [0, 10, 20, 30, 40, 50], width: 5}\n", 1, "no minute"),
        ("never_held_out_tiers: VIP\n", 1, "list of the bank's tiers"),
    ],
)
def test_a_broken_file_is_refused_by_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(InputError) as refusal:
        read_policy(file)

    assert f"{file}:{line}:" in str(refusal.value)
    assert said in str(refusal.value)


def test_the_operators_calendar_opens_and_closes_windows_at_once(context: Context) -> None:
    """A made-up working Saturday, a closed Monday, a blackout and crowded minutes."""
    document = {
        "windows": {"information": {"opens": "09:00", "closes": "18:00", "workdays_only": True}},
        "zones": {},
    }
    apply_policy(context, SYSTEM, document)
    now = context.clock.now()
    with context.db.read() as session:
        before = policy_in_force(session, now)
    apply_calendar(
        context,
        SYSTEM,
        """
source: test
workdays:
  - {year: 2027, source: test, off: [2027-03-01], work: [2027-02-27]}
blackouts:
  - {channel: sms, from: 2027-03-03 08:00, until: 2027-03-03 12:00, reason: 重保}
congestion:
  - {channel: sms, minutes: [0, 30], width: 2}
""",
        "calendar.yaml",
    )
    with context.db.read() as session:
        after = policy_in_force(session, now)

    window = after.windows[Purpose.INFORMATION]
    for policy, saturday, monday in ((before, False, True), (after, True, False)):
        assert window.contains(local(27, 10), SHANGHAI, policy.days_off) is saturday
        assert window.contains(local(1, 10, month=3), SHANGHAI, policy.days_off) is monday
    assert after.blackout_end("sms", Purpose.CARE, local(3, 9, month=3)) == local(3, 12, month=3)
    assert after.blackout_end("email", Purpose.CARE, local(3, 9, month=3)) is None
    assert (after.is_crowded("sms", local(3, 9)), after.is_crowded("email", local(3, 9))) == (True, False)


def test_a_window_stays_closed_on_its_festivals_and_differs_by_zone(context: Context) -> None:
    apply_policy(context, SYSTEM, read_policy(EXAMPLE))
    with context.db.read() as session:
        policy = policy_in_force(session, context.clock.now())
    news = policy.windows[Purpose.INFORMATION]

    assert news.closed_on >= {local(6, 0).date()}, "Spring Festival of 2027"
    urumqi = policy.window_for(Purpose.CARE, ZoneInfo("Asia/Urumqi"))
    assert (f"{urumqi.opens:%H:%M}", f"{policy.window_for(Purpose.CARE, SHANGHAI).opens:%H:%M}") == (
        "10:00",
        "08:30",
    )
    assert policy.window_for(Purpose.MARKETING, ZoneInfo("Asia/Urumqi")) is policy.windows[Purpose.MARKETING]
