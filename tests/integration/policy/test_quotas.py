"""Places under platforms' limits: never more than there are, given back, the same after a kill; files that overlap."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select

from store.database import Database
from store.models.handover import ChannelAccount, Quota, QuotaHold, QuotaUse
from store.quotas import Booking, give_back, reserve, take
from tests.factories import AT, actor_for, make_contact, make_user
from tests.integration.policy.world import TODAY, Asked, add_contact
from wenhou.core.actors import SYSTEM, Role
from wenhou.core.errors import AccessDenied, InputError
from wenhou.core.ids import new_id
from wenhou.core.policy.decide import decide
from wenhou.core.policy.rules import Policy
from wenhou.services.quotas import apply_quotas, read_quotas, report_quotas

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "quotas.yaml"
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
ACCOUNTS = {"sms": ("counting", "sms"), "wecom": ("wecom", "corp")}


def quota(**known: object) -> Quota:
    """Three a day for the SMS account, changed as told."""
    sound: dict[str, object] = {
        "provider": "counting",
        "account": "*",
        "kind": "sends",
        "scope": "account",
        "period": "day",
        "time_zone": "Asia/Shanghai",
        "amount": 3,
        "used": 0,
        "from_on": date(2026, 1, 1),
        "source": "test",
        "confidence": "documented",
    }
    return Quota(id=new_id(), **{**sound, **known})


def book(message_id: uuid.UUID, at: datetime = AT) -> Booking:
    return Booking(message_id=message_id, channel="sms", purpose="care", at=at)


class _Killed(Exception):
    """The process died here."""


class PlacesMachine(RuleBasedStateMachine):
    """Plans, hand-overs, deaths and kills in any order, under a day's, a month's, a rolling and a total limit."""

    database: Database
    limits = (
        {"kind": "day", "period": "day", "amount": 3},
        {"kind": "rolling", "period": "rolling", "days": 3, "amount": 5},
        {"kind": "month", "period": "month", "amount": 8},
        {"kind": "total", "period": "total", "amount": 12},
    )

    @initialize(chosen=st.sets(st.sampled_from(range(4)), min_size=1, max_size=3))
    def enter(self, chosen: set[int]) -> None:
        """An empty store with some of the limits."""
        self.live: dict[uuid.UUID, str] = {}
        with self.database.write() as session:
            for model in (QuotaHold, QuotaUse, Quota):
                session.execute(delete(model))
            for index in sorted(chosen):
                session.add(quota(**self.limits[index]))

    @rule(days=st.lists(st.integers(0, 8), min_size=1, max_size=4))
    def plan(self, days: list[int]) -> None:
        """A chunk reserves places."""
        wanted = [book(new_id(), AT + day * DAY) for day in days]
        with self.database.write() as session:
            refused = reserve(session, wanted, accounts=ACCOUNTS)
        self.live.update({one.message_id: "reserved" for one in wanted if one.message_id not in refused})

    @rule(day=st.integers(0, 8), data=st.data(), fresh=st.booleans())
    def hand_over(self, day: int, data: st.DataObject, fresh: bool) -> None:
        """A message takes its place, on its day or another, with a reservation or without."""
        known = sorted(self.live)
        message_id = new_id() if fresh or not known else data.draw(st.sampled_from(known))
        with self.database.write() as session:
            if not take(session, [book(message_id, AT + day * DAY)], accounts=ACCOUNTS):
                self.live[message_id] = "taken"

    @rule(day=st.integers(0, 8), data=st.data())
    @precondition(lambda self: self.live)
    def be_killed(self, day: int, data: st.DataObject) -> None:
        """A process dies between taking a place and committing: nothing happened."""
        message_id = data.draw(st.sampled_from(sorted(self.live)))
        with suppress(_Killed), self.database.write() as session:
            take(session, [book(message_id, AT + day * DAY)], accounts=ACCOUNTS)
            raise _Killed

    @rule(data=st.data())
    @precondition(lambda self: self.live)
    def die(self, data: st.DataObject) -> None:
        """A message will not leave."""
        message_id = data.draw(st.sampled_from(sorted(self.live)))
        with self.database.write() as session:
            give_back(session, [message_id])
            give_back(session, [message_id])
        del self.live[message_id]

    @invariant()
    def counters_are_the_holds_and_never_above_the_amount(self) -> None:
        """What is counted is what messages hold; no period holds more than the platform allows."""
        if not hasattr(self, "live"):
            return
        with self.database.read() as session:
            quotas = session.scalars(select(Quota)).all()
            holds = session.scalars(select(QuotaHold)).all()
            uses = session.scalars(select(QuotaUse)).all()
        assert {(one.message_id, one.state) for one in holds} == set(self.live.items())
        for use in uses:
            mine = [one for one in holds if (one.quota_id, one.on_day) == (use.quota_id, use.on_day)]
            assert use.reserved == sum(one.state == "reserved" for one in mine)
            assert use.taken == sum(one.state == "taken" for one in mine)
        for limit in quotas:
            days = [one.on_day for one in holds if one.quota_id == limit.id]
            if limit.period == "rolling":
                runs = [sum(start <= day < start + 3 * DAY for day in days) for start in days]
                assert max(runs, default=0) <= limit.amount
            else:
                assert max((days.count(day) for day in days), default=0) <= limit.amount


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_order_of_plans_hand_overs_deaths_and_kills_breaks_a_limit(database: Database) -> None:
    machine = type("Machine", (PlacesMachine,), {"database": database})
    how = settings(
        max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(machine, settings=how)


def test_a_day_is_the_platforms_own(database: Database) -> None:
    at = datetime(2027, 1, 30, 23, 30, tzinfo=ZoneInfo("America/New_York"))
    with database.write() as session:
        session.add(quota(time_zone="America/New_York", amount=1))
        assert not take(session, [book(new_id(), at)], accounts=ACCOUNTS)
        assert len(take(session, [book(new_id(), at + timedelta(minutes=29))], accounts=ACCOUNTS)) == 1
        assert not take(session, [book(new_id(), at + timedelta(minutes=30))], accounts=ACCOUNTS)


def test_a_chunk_gets_as_many_places_as_there_are(database: Database) -> None:
    with database.write() as session:
        session.add(quota())
        wanted = [book(new_id()) for _ in range(5)]
        assert reserve(session, wanted, accounts=ACCOUNTS) == {one.message_id for one in wanted[3:]}
        assert not take(session, wanted[:3], accounts=ACCOUNTS), "what is reserved is theirs"
        assert take(session, wanted[3:], accounts=ACCOUNTS)


def test_workers_that_ask_at_once_get_no_more_than_there_is(database: Database) -> None:
    with database.write() as session:
        session.add(quota(amount=10))

    def work(_: int) -> int:
        wanted = [book(new_id()) for _ in range(3)]
        with database.write() as session:
            return len(wanted) - len(take(session, wanted, accounts=ACCOUNTS))

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(work, range(6))) == 10
    with database.read() as session:
        assert session.scalars(select(QuotaUse.taken)).all() == [10]


def test_limits_of_other_accounts_purposes_and_days_do_not_count(database: Database) -> None:
    with database.write() as session:
        session.add(quota(account="another", amount=0))
        session.add(quota(kind="sales", purposes=["marketing"], amount=0))
        session.add(quota(kind="old", until_on=TODAY - DAY, amount=0))
        session.add(quota(kind="new", from_on=TODAY + DAY, amount=0))
        assert not take(session, [book(new_id())], accounts=ACCOUNTS)
        assert take(session, [book(new_id(), AT + DAY)], accounts=ACCOUNTS)


def test_a_used_up_limit_holds_until_it_starts_anew(asked: Asked) -> None:
    with asked.context.db.write() as session:
        session.add(quota())
        reserve(session, [book(new_id()) for _ in range(3)], accounts=ACCOUNTS)
    facts = asked.facts(accounts=ACCOUNTS, expires_at=AT + 3 * DAY)
    decision = decide(facts, Policy(), AT + timedelta(hours=1))

    assert (decision.verdict, decision.reason) == ("hold", "quota_exhausted")
    assert decision.send_at.astimezone(SHANGHAI) == datetime(2027, 1, 31, 8, 0, tzinfo=SHANGHAI)


def test_a_message_never_stands_in_its_own_way(asked: Asked) -> None:
    mine = new_id()
    with asked.context.db.write() as session:
        session.add(quota(amount=1))
        reserve(session, [book(mine)], accounts=ACCOUNTS)

    assert decide(asked.facts(accounts=ACCOUNTS, message_id=mine), Policy(), AT).verdict == "pass"
    assert decide(asked.facts(accounts=ACCOUNTS), Policy(), AT).reason == "no_slot"


def test_without_being_told_the_account_that_handed_over_last_counts(asked: Asked) -> None:
    with asked.context.db.write() as session:
        session.add(quota(amount=0))
        session.add(
            ChannelAccount(
                id=new_id(),
                channel="sms",
                provider="counting",
                account="sms",
                rate_per_second=1.0,
                bucket_at=AT,
                updated_at=AT,
            )
        )

    assert decide(asked.facts(), Policy(), AT).reason == "no_slot"


def test_a_customers_own_limit_counts_what_the_ledger_knows(asked: Asked) -> None:
    """Group sends of WeCom, four a month: last month's and other channels' do not count."""
    with asked.context.db.write() as session:
        session.add(quota(provider="wecom", kind="group_send", scope="customer", period="month", amount=4))
        for on_day in (date(2027, 1, 4), date(2027, 1, 11), date(2027, 1, 18), date(2027, 1, 25)):
            add_contact(session, asked.customer, on_day, channel="wecom", purpose="service")
        add_contact(session, asked.customer, date(2027, 1, 26), channel="sms", purpose="service")
        add_contact(session, asked.customer, date(2026, 12, 31), channel="wecom", purpose="service")
        make_contact(session, asked.context.vault, asked.customer, "wecom", "ext-1")
    (state,) = asked.facts(channels=("wecom",), accounts=ACCOUNTS).routes[0].quotas
    assert state.is_personal
    assert (state.used, state.most) == (4, 4)
    assert state.resets_at == datetime(2027, 2, 1, tzinfo=SHANGHAI)


def test_only_operations_and_administrators_enter_limits(asked: Asked) -> None:
    with asked.context.db.write() as session:
        advisor = make_user(session, "liwei", "李伟", asked.org, Role.ADVISOR)
        actor = actor_for(session, advisor)

    with pytest.raises(AccessDenied):
        apply_quotas(asked.context, actor, read_quotas(EXAMPLE))


def test_the_example_is_entered_and_listed(asked: Asked) -> None:
    assert apply_quotas(asked.context, SYSTEM, read_quotas(EXAMPLE)) == {
        "created": 4,
        "changed": 0,
        "unchanged": 0,
    }
    assert apply_quotas(asked.context, SYSTEM, read_quotas(EXAMPLE))["unchanged"] == 4
    found = [one.as_json() for one in report_quotas(asked.context)]
    assert {(one["provider"], one["kind"], one["amount"]) for one in found} >= {
        ("wechat_oa", "mass_message", 4),
        ("wecom", "group_send", 28),
    }
    assert all(one["source"] and one["confidence"] for one in found)


ROW = "provider: a, kind: k, period: day, amount: 5, source: s, confidence: documented"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (f"quotas:\n  - {{{ROW}, from: 2027-01-01}}\n  - {{{ROW}, from: 2027-06-01}}\n", 3, "overlaps"),
        (f"quotas:\n  - {{{ROW}, from: 2027-01-01, until: 2026-01-01}}\n", 2, "before from"),
        (f"quotas:\n  - {{{ROW}, from: 2027-13-01}}\n", 2, "no day of the calendar"),
        (f"quotas:\n  - {{{ROW}, from: 2027-01-01, perod: 3}}\n", 2, "did you mean period?"),
        (f"quotas:\n  - {{{ROW}, from: 2027-01-01, days: 3}}\n", 2, "rolling"),
        (f"quotas:\n  - {{{ROW}, from: 2027-01-01, scope: custmer}}\n", 2, "did you mean customer?"),
        (f"quotas:\n  - {{{ROW}, from: 2027-01-01, time_zone: Asia/Shangai}}\n", 2, "Asia/Shanghai"),
        ("quotas: {}\n", 1, "give a list"),
    ],
)
def test_a_broken_file_is_refused_by_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    file = tmp_path / "quotas.yaml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(InputError) as refusal:
        read_quotas(file)

    assert f"{file}:{line}:" in str(refusal.value)
    assert said in str(refusal.value)


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    def write(rows: str) -> Path:
        file = tmp_path / "quotas.yaml"
        file.write_text(f"quotas:\n{rows}", encoding="utf-8")
        return file

    return write


def test_a_figure_changes_from_a_day_on_once_the_old_one_is_ended(
    asked: Asked, written: Callable[[str], Path]
) -> None:
    old = f"  - {{{ROW}, from: 2026-01-01}}\n"
    new = f"  - {{{ROW.replace('5', '9')}, from: 2027-07-01}}\n"
    apply_quotas(asked.context, SYSTEM, read_quotas(written(old)))

    with pytest.raises(InputError, match="overlaps the one of the store"):
        apply_quotas(asked.context, SYSTEM, read_quotas(written(new)))
    ended = old.replace("}", ", until: 2027-06-30}")
    assert apply_quotas(asked.context, SYSTEM, read_quotas(written(ended + new))) == {
        "created": 1,
        "changed": 1,
        "unchanged": 0,
    }
