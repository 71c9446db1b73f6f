"""An account that takes nothing pauses itself, is tried, goes on slowly; staff hear of it once each way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from scheduler.carriers import Carriers
from scheduler.channel_watch import watch_channels
from store.accounts import pause_account, take_tokens
from store.listener_states import note_listener
from store.models.handover import ChannelAccount
from store.models.records import AuditRow, StaffNotice
from tests.integration.scheduler.world import CountingSender, World
from wenhou.core.account_health import ERROR_BURST, MOST_ERRORS_IN_ROW, MOST_UNKNOWN_IN_ROW, UNKNOWN_BURST
from wenhou.core.channels import Outcome, Permanent, Probe, Transient, Unknown
from wenhou.core.clock import ShiftedClock
from wenhou.core.statuses import Status
from wenhou.services.context import Context

TRIED = ("登录", "logged in")
WELL, ILL = (
    Probe(ok=True, tried=TRIED),
    Probe(ok=False, tried=TRIED, code="credentials", advice=("改", "mend")),
)


class ProbedSender(CountingSender):
    """A sender that can be looked at; `probes` is what the next looks find."""

    def __init__(self, *, probes: tuple[Probe, ...] = (WELL,), answers: tuple[Outcome, ...] = ()) -> None:
        super().__init__(answers=answers, calls_in_flight=1, rate_per_second=1600.0)
        self.probes, self.looks = list(probes), 0

    def probe(self) -> Probe:
        """The next one; the last again and again."""
        self.looks += 1
        return self.probes.pop(0) if len(self.probes) > 1 else self.probes[0]


class Heard:
    """Keeps what staff are told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def alert(self, title: str, body: str) -> bool:
        """Keep it."""
        self.told.append((title, body))
        return True


@pytest.fixture
def world(context: Context, clock: ShiftedClock) -> Iterator[World]:
    made = World(context=context, clock=clock)
    yield made
    for dispatcher in made.dispatchers:
        dispatcher.close()


def _account(world: World) -> ChannelAccount:
    with world.context.db.read() as session:
        return session.scalars(select(ChannelAccount)).one()


def _set(world: World, **values: object) -> None:
    with world.context.db.write() as session:
        session.execute(update(ChannelAccount).values(**values))


def _watch(world: World, sender: CountingSender, heard: Heard, *, when_due: bool = True) -> int:
    if when_due:
        _set(world, next_look_at=world.context.clock.real() - timedelta(seconds=1))
    return watch_channels(world.context, Carriers(senders={"sms": sender}), heard)


def _fail(world: World, sender: CountingSender, times: int) -> None:
    dispatcher = world.dispatcher(sender)
    for _ in range(times):
        world.message()
    dispatcher.run_once()


@pytest.mark.parametrize(
    ("outcome", "most", "reason"),
    [
        (Transient(code="http_503"), MOST_ERRORS_IN_ROW, ERROR_BURST),
        (Unknown(code="timeout"), MOST_UNKNOWN_IN_ROW, UNKNOWN_BURST),
    ],
)
def test_an_account_that_takes_nothing_for_long_pauses_itself_and_keeps_the_rest(
    world: World, outcome: Outcome, most: int, reason: str
) -> None:
    sender = ProbedSender(answers=(outcome,) * 100)
    _fail(world, sender, most + 5)

    account = _account(world)
    assert (account.paused_reason, account.paused_code) == (reason, outcome.code)  # type: ignore[union-attr]
    assert sender.calls == most
    assert world.statuses()[Status.FAILED] == 0
    assert world.statuses()[Status.SCHEDULED] >= 5


def test_one_that_is_taken_in_between_starts_the_count_anew(world: World) -> None:
    almost = [Transient(code="busy")] * (MOST_ERRORS_IN_ROW - 1)
    sender = ProbedSender()
    sender._answers = [*almost]  # noqa: SLF001 - the world's own sender
    _fail(world, sender, len(almost) + 1)
    assert (_account(world).paused_at, _account(world).errors_in_row) == (None, 0)


def test_a_persons_refused_number_says_nothing_of_the_account(world: World) -> None:
    sender = ProbedSender(answers=(Permanent(code="number"),) * 40)
    _fail(world, sender, 40)
    assert (_account(world).paused_at, _account(world).errors_in_row) == (None, 0)


def test_it_is_tried_and_goes_on_slowly_until_it_carries_all_it_may(world: World) -> None:
    sender, heard = ProbedSender(answers=(Transient(code="http_503"),) * MOST_ERRORS_IN_ROW), Heard()
    _fail(world, sender, MOST_ERRORS_IN_ROW)

    assert _watch(world, sender, heard, when_due=False) == 0, "first it rests"
    assert sender.looks == 0
    assert _watch(world, sender, heard) == 1

    account, real = _account(world), world.context.clock.real()
    assert (account.paused_at, account.looks, sender.looks) == (None, 1, 1)
    assert account.resumed_at is not None
    _set(world, bucket_tokens=0.0, bucket_at=real)
    with world.context.db.write() as session:
        later = real + timedelta(seconds=1)
        taken = take_tokens(session, provider="counting", account="sms", want=5000, real=later)
    assert taken in range(90, 111), "a sixteenth of 1,600 a second"

    _set(world, resumed_at=real - timedelta(minutes=5))
    _watch(world, sender, heard)
    assert (_account(world).resumed_at, _account(world).looks) == (None, 0)
    assert [title for title, _ in heard.told] == ["问候：短信通道已暂停", "问候：短信通道已恢复"]
    with world.context.db.read() as session:
        assert session.scalars(select(AuditRow.act).where(AuditRow.act == "channel.resume")).all() == [
            "channel.resume"
        ]


def test_a_look_that_finds_it_ill_says_why_and_waits_longer(world: World) -> None:
    sender, heard = ProbedSender(probes=(ILL,), answers=(Unknown(),) * MOST_UNKNOWN_IN_ROW), Heard()
    _fail(world, sender, MOST_UNKNOWN_IN_ROW)

    waits = []
    for _ in range(3):
        assert _watch(world, sender, heard) == 0
        account = _account(world)
        assert account.next_look_at is not None
        waits.append((account.next_look_at - world.context.clock.real()).total_seconds())

    assert _account(world).paused_reason == "credentials"
    assert waits[0] < waits[1] < waits[2]
    assert "授权码" in heard.told[-1][1]


@pytest.mark.parametrize("reason", ["relay_denied", "ip_blocked", "by_hand", "something new"])
def test_what_needs_a_person_is_not_tried(world: World, reason: str) -> None:
    sender, heard = ProbedSender(), Heard()
    world.dispatcher(sender)
    with world.context.db.write() as session:
        pause_account(
            session, provider="counting", account="sms", code="1", reason=reason, at=world.clock.now()
        )

    assert _watch(world, sender, heard) == 0
    assert sender.looks == 0
    assert _account(world).paused_at is not None
    assert len(heard.told) == 1


def test_of_two_processes_one_tells_and_it_stands_in_the_console_for_certain(world: World) -> None:
    class Deaf(Heard):
        def alert(self, title: str, body: str) -> bool:
            super().alert(title, body)
            return False

    sender, one, other = (
        ProbedSender(probes=(ILL,), answers=(Unknown(),) * MOST_UNKNOWN_IN_ROW),
        Deaf(),
        Deaf(),
    )
    _fail(world, sender, MOST_UNKNOWN_IN_ROW)
    for _ in range(3):
        _watch(world, sender, one, when_due=False)
        _watch(world, sender, other, when_due=False)

    assert len(one.told) + len(other.told) == 1
    with world.context.db.read() as session:
        kinds = session.scalars(select(StaffNotice.kind).where(StaffNotice.kind.like("channel_%"))).all()
    assert kinds == ["channel_ill"]


def test_an_account_that_hears_nobody_is_told_of_once_and_again_when_it_hears(world: World) -> None:
    heard, real = Heard(), world.context.clock.real()

    def note(code: str | None) -> None:
        with world.context.db.write() as session:
            note_listener(session, name="mail", provider="email_smtp", account="mail", at=real, code=code)
        for _ in range(2):
            watch_channels(world.context, Carriers(senders={}), heard)

    for code in ("unreachable", "unreachable", "unreachable", "unreachable", None, None):
        note(code)

    assert [title for title, _ in heard.told] == ["问候：收不到客户的话", "问候：又能收到客户的话了"]
    assert "防火墙" in heard.told[0][1]
