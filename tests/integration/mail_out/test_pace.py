"""The pace of recipients' domains, on a clock of the test's own."""

from __future__ import annotations

import pytest

from integrations.email_smtp.pace import MOST_DOMAINS, PUBLIC, DomainPace, Paces
from integrations.email_smtp.sender import SmtpSender
from tests.contract.messages import make_message
from tests.integration.mail_out.scripted import account, obliging, scripted
from wenhou.core.channels import PACED, Accepted, Transient


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def sent(paces: Paces, domain: str, count: int, *, slows: bool = False) -> int:
    done = 0
    for _ in range(count):
        if paces.take(domain) is None:
            done += 1
            paces.give_back(domain, slows=slows)
    return done


def test_so_many_a_minute_and_no_more(clock: Clock) -> None:
    paces = Paces({"qq.com": DomainPace(per_minute=60)}, monotonic=clock)
    total = 0
    for _ in range(60):
        total += sent(paces, "qq.com", 10)
        clock.now += 1
    assert 59 <= total <= 61
    assert sent(paces, "elsewhere.example", 50) == 50


def test_those_refused_are_told_different_moments_within_an_hour(clock: Clock) -> None:
    paces = Paces({"qq.com": DomainPace(per_minute=20)}, monotonic=clock)
    sent(paces, "qq.com", 1)
    waits = [paces.take("qq.com") for _ in range(3000)]
    seconds = [wait.total_seconds() for wait in waits if wait is not None]
    assert seconds[:3] == [3, 6, 9]
    assert max(seconds) == 3600


def test_so_many_at_once_and_subdomains_count_with_their_parent(clock: Clock) -> None:
    paces = Paces({"qq.com": DomainPace(per_minute=6000, connections=1)}, monotonic=clock)
    assert paces.take("qq.com") is None
    assert paces.take("vip.qq.com") is not None
    paces.give_back("qq.com", slows=False)
    clock.now += 1
    assert paces.take("VIP.QQ.com") is None


def test_a_complaint_halves_the_pace_and_quiet_restores_it(clock: Clock) -> None:
    paces = Paces({}, monotonic=clock)
    assert paces.take("slow.example") is None
    paces.give_back("slow.example", slows=True)
    assert paces.take("slow.example") is not None
    clock.now += 3
    assert sent(paces, "slow.example", 10) == 1
    clock.now += 3600 * 2
    assert sent(paces, "slow.example", 100) == 100


def test_what_is_remembered_is_bounded(clock: Clock) -> None:
    paces = Paces({}, monotonic=clock)
    for number in range(MOST_DOMAINS * 3):
        paces.take(f"d{number}.example")
        paces.give_back(f"d{number}.example", slows=True)
    assert len(paces) <= MOST_DOMAINS


def test_a_paced_mail_returns_without_a_word_to_the_server() -> None:
    with scripted(obliging) as server:
        sender = SmtpSender(account(server.port, pace={"qq.com": {"per_minute": 1}}))
        messages = [make_message("email", address) for address in ("a@qq.com", "b@qq.com", "c@mail.example")]
        outcomes = list(sender.send(messages).values())
        sender.close()
    paced = [outcome for outcome in outcomes if isinstance(outcome, Transient)]
    assert [outcome.code for outcome in paced] == [PACED]
    assert paced[0].retry.after is not None
    assert sum(isinstance(outcome, Accepted) for outcome in outcomes) == 2
    assert not any(b"b@qq.com" in command for command in server.commands)


def test_a_call_is_one_at_once_however_many_mails_it_brings() -> None:
    with scripted(obliging) as server:
        sender = SmtpSender(account(server.port, pace={"qq.com": {"per_minute": 60_000, "connections": 1}}))
        for _ in range(3):
            outcomes = sender.send([make_message("email", f"a{number}@qq.com") for number in range(5)])
            assert all(isinstance(outcome, Accepted) for outcome in outcomes.values())
        sender.close()


def test_public_providers_are_paced_only_where_no_mta_of_the_banks_stands_between() -> None:
    with scripted(obliging) as server:
        for relayed, expected in ((True, 5), (False, 1)):
            sender = SmtpSender(account(server.port, relayed=relayed))
            outcomes = sender.send([make_message("email", f"a{number}@qq.com") for number in range(5)])
            sender.close()
            assert sum(isinstance(outcome, Accepted) for outcome in outcomes.values()) == expected
    assert {"qq.com", "163.com", "126.com", "sina.com", "139.com"} <= set(PUBLIC)
