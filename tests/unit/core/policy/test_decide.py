"""All gates together: what beats what, when it may leave, and by which channel."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.policy.worlds import NOON, facts, route
from wenhou.core.policy.decide import decide
from wenhou.core.policy.facts import Restriction
from wenhou.core.policy.gates import GATES, HOLD, PASS, SKIP
from wenhou.core.policy.rules import Policy
from wenhou.core.purposes import Purpose

CASE = uuid.UUID(int=7)
NIGHT = datetime(2027, 1, 30, 15, 0, tzinfo=UTC)
"""23:00 in Shanghai."""
MORNING = datetime(2027, 1, 31, 0, 0, tzinfo=UTC)
"""08:00 of the next day in Shanghai: care's window opens."""

SPOILERS: list[dict[str, Any]] = [
    {"customer_state": "closed"},
    {"restrictions": (Restriction(purposes=frozenset({"all"})),)},
    {"in_audience": False},
    {"rival": "birthday"},
    {"routes": ()},
    {"routes": (route(consent=None),)},
    {"routes": (route(consent="withdrawn"),)},
    {"routes": (route(suppressed=True),)},
    {"problems": ("customer.name",)},
    {"lint": ("promise_of_return",)},
    {"contacts": {0: {"care": 1}}},
    {"routes": (route(address_today=1),)},
]


def test_what_nothing_stops_passes_now() -> None:
    decision = decide(facts(), Policy(number=3), NOON)

    assert (decision.verdict, decision.send_at, decision.channel, decision.policy_number) == (
        PASS,
        NOON,
        "sms",
        3,
    )


def test_every_gate_is_run_and_shown_whatever_the_first_says() -> None:
    decision = decide(facts(customer_state="closed", problems=("x",)), Policy(), NOON)

    assert [result.gate for result in decision.gates] == [gate.__name__ for gate in GATES]
    assert [result.gate for result in decision.gates if result.verdict == SKIP] == [
        "restriction",
        "placeholders",
    ]


@pytest.mark.parametrize("spoiler", SPOILERS)
def test_any_skip_beats_a_hold_by_an_event(spoiler: dict[str, Any]) -> None:
    assert decide(facts(**spoiler, open_case=CASE), Policy(), NOON).verdict == SKIP


@pytest.mark.parametrize("spoiler", SPOILERS)
def test_any_skip_beats_a_hold_by_the_clock(spoiler: dict[str, Any]) -> None:
    known = facts(**spoiler, expires_at=MORNING + timedelta(hours=2))

    assert decide(known, Policy(), NIGHT).verdict == SKIP


def test_the_first_gate_that_skips_gives_the_reason() -> None:
    known = facts(customer_state="closed", in_audience=False)

    assert decide(known, Policy(), NOON).reason == "customer_inactive"


def test_at_night_it_waits_for_the_morning() -> None:
    decision = decide(facts(expires_at=MORNING + timedelta(hours=1)), Policy(), NIGHT)

    assert (decision.verdict, decision.reason, decision.send_at) == (HOLD, "outside_window", MORNING)


def test_a_hold_that_ends_after_the_message_expires_is_a_skip() -> None:
    decision = decide(facts(expires_at=MORNING), Policy(), NIGHT)

    assert (decision.verdict, decision.reason) == (SKIP, "no_slot")


def test_what_came_too_late_is_too_late_even_at_night() -> None:
    decision = decide(facts(expires_at=NIGHT - timedelta(hours=1)), Policy(), NIGHT)

    assert (decision.verdict, decision.reason) == (SKIP, "too_late")


def test_an_open_case_holds_without_an_instant() -> None:
    decision = decide(facts(open_case=CASE), Policy(), NOON)

    assert (decision.verdict, decision.hold_key) == (HOLD, f"case:{CASE}")


def test_an_open_case_holds_all_but_its_own_words_and_what_the_law_asks_for() -> None:
    service = {"open_case": CASE, "purpose": Purpose.SERVICE}

    assert decide(facts(**service), Policy(), NOON).hold_key == f"case:{CASE}"
    assert decide(facts(**service, statutory=True), Policy(), NOON).verdict == PASS
    assert decide(facts(**service, origin="case_note"), Policy(), NOON).verdict == PASS


def test_it_never_leaves_before_it_is_planned() -> None:
    planned = NOON + timedelta(hours=2)

    decision = decide(facts(planned_at=planned), Policy(), NOON)

    assert (decision.verdict, decision.send_at) == (PASS, planned)


def test_the_first_channel_of_the_plan_that_holds_everything_is_taken() -> None:
    routes = (
        route("wechat", platform_purposes=frozenset({"service"})),
        route("wecom", consent=None),
        route("sms"),
        route("email"),
    )

    assert decide(facts(routes=routes), Policy(), NOON).channel == "sms"


def test_conditions_that_hold_on_different_channels_make_no_route() -> None:
    routes = (route("sms", suppressed=True), route("email", consent=None))

    decision = decide(facts(routes=routes), Policy(), NOON)

    assert (decision.verdict, decision.reason, decision.route) == (SKIP, "suppressed", None)


def test_an_opt_out_is_confirmed_although_consent_is_gone() -> None:
    known = facts(origin="confirmation", routes=(route(consent="withdrawn", suppressed=True),))

    assert decide(known, Policy(), NIGHT).verdict == PASS


@pytest.mark.parametrize("origin", ["reply", "case_note"])
def test_an_answer_does_not_go_to_a_suppressed_address(origin: str) -> None:
    known = facts(origin=origin, routes=(route(suppressed=True),))

    assert decide(known, Policy(), NOON).verdict == SKIP


@given(
    st.datetimes(
        min_value=datetime(2026, 12, 1),  # noqa: DTZ001 - hypothesis wants naive bounds
        max_value=datetime(2027, 12, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    st.sampled_from(list(Purpose)),
)
def test_what_may_leave_leaves_inside_its_window_and_in_time(at: datetime, purpose: Purpose) -> None:
    known = facts(planned_at=at, expires_at=at + timedelta(days=2), purpose=purpose)

    decision = decide(known, Policy(), at)

    window = Policy().windows[purpose]
    assert decision.verdict in (PASS, HOLD)
    assert window.contains(decision.send_at, known.zone, frozenset())
    assert at <= decision.send_at < known.expires_at
    assert (decision.verdict == PASS) == window.contains(at, known.zone, frozenset())
