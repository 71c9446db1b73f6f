"""The pretend provider as Wenhou and as a visitor of the demo meet it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, request

from integrations.registry import build_parser, build_sender, read_account
from integrations.simulator.magic import MAGIC, Behaviour, behaviour_of, magic_addresses
from integrations.simulator.provider import Person, PretendProvider, SimulatorConfig
from integrations.simulator.server import create_app
from tests.contract.messages import hand_over, make_message
from tests.contract.worlds import WebServer
from wenhou.core.channels import (
    CHANNELS,
    Accepted,
    OptOutEvent,
    Permanent,
    ProviderEvent,
    RawCallback,
    ReceiptEvent,
    ReplyEvent,
    Sender,
    TapEvent,
    TaskCreated,
    Transient,
    Unknown,
)
from wenhou.core.clock import SystemClock
from wenhou.core.errors import ConfigurationError
from wenhou.core.statuses import Receipt

SECRET = "shared-secret"
PHONE = "+8613812345678"


class Hooks:
    """Wenhou's side of the callbacks: verifies, splits and parses as the real one does; may be out of order."""

    def __init__(self) -> None:
        self.events: list[ProviderEvent] = []
        self.one_clicks: list[bytes] = []
        self.refuse = 0
        app = Flask(__name__)
        app.add_url_rule("/hooks/simulator/<account>", view_func=self._take, methods=["POST"])
        app.add_url_rule("/p/<token>", view_func=self._one_click, methods=["POST"])
        self._lock = threading.Lock()
        self.server = WebServer(app)

    def _one_click(self, token: str) -> str:
        self.one_clicks.append(request.get_data())
        return token

    def _take(self, account: str) -> tuple[str, int]:
        with self._lock:
            if self.refuse:
                self.refuse -= 1
                return "later", 500
            callback = RawCallback(
                method="POST",
                path=request.path,
                query={},
                headers={name.lower(): value for name, value in request.headers},
                body=request.get_data(),
                remote="127.0.0.1",
                received_at=SystemClock().real(),
            )
            parser = build_parser(read_account(_block(account, "http://127.0.0.1:1")))
            parser.verify(callback)
            for item in parser.split(callback):
                self.events += parser.parse(item)
        return "ok", 200


def _block(channel: str, url: str) -> dict[str, object]:
    return {
        "channel": channel,
        "provider": "simulator",
        "account": channel,
        "base_url": url,
        "secret": SECRET,
    }


class Bench:
    """Simulator, hooks and senders together."""

    def __init__(self, state_file: str = ":memory:", *, idempotent: bool = False) -> None:
        self.hooks = Hooks()
        self.people = [
            Person(name="王建国", addresses={"sms": PHONE, "email": "wang@mail.example", "wechat": "oW"})
        ]
        self.app = create_app(
            SimulatorConfig(
                secrets=dict.fromkeys(CHANNELS, SECRET),
                hooks_url=self.hooks.server.url,
                state_file=state_file,
                delivered_after_seconds=0.02,
                late_after_seconds=0.1,
                idempotent=idempotent,
                people=lambda: self.people,
            )
        )
        self.provider: PretendProvider = self.app.extensions["simulator"]
        self.server = WebServer(self.app)
        self._senders: dict[str, Sender] = {}

    def sender(self, channel: str) -> Sender:
        if channel not in self._senders:
            self._senders[channel] = build_sender(read_account(_block(channel, self.server.url)))
        return self._senders[channel]

    def events(self) -> list[ProviderEvent]:
        assert self.provider.caller.wait_until_idle()
        return self.hooks.events

    def close(self) -> None:
        for sender in self._senders.values():
            sender.close()
        self.server.close()
        self.provider.close()
        self.hooks.server.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


@pytest.mark.parametrize("row", MAGIC, ids=lambda row: row.behaviour)
def test_every_magic_address_is_found_by_its_name_and_number(row: object) -> None:
    behaviour = next(other.behaviour for other in MAGIC if other is row)
    for address in magic_addresses(behaviour).values():
        assert behaviour_of(address) is behaviour
    assert behaviour_of(f"sim_{behaviour}_17") is behaviour
    assert behaviour_of(f"{behaviour}+17@sim.example") is behaviour


def test_ordinary_addresses_are_accepted() -> None:
    for address in (
        PHONE,
        "wang@mail.example",
        "oW",
        "refused@mail.example",
        "+8613900990000",
        "sim_nothing",
    ):
        assert behaviour_of(address) is Behaviour.ACCEPTED


def test_accepted_is_delivered_and_counted_once(bench: Bench) -> None:
    message = make_message("sms", PHONE)
    outcome = hand_over(bench.sender("sms"), message)
    (event,) = bench.events()
    assert isinstance(outcome, Accepted)
    assert isinstance(event, ReceiptEvent)
    assert (event.receipt, event.reference) == (Receipt.DELIVERED, message.reference)
    assert event.provider_message_id in outcome.provider_message_ids
    assert bench.provider.state.counts() == {PHONE: 1}
    assert bench.provider.state.counts("attempt_id") == {str(message.attempt_id): 1}


def test_throttled_once_then_accepted(bench: Bench) -> None:
    message = make_message("sms", magic_addresses(Behaviour.THROTTLED)["sms"])
    assert isinstance(hand_over(bench.sender("sms"), message), Transient)
    assert isinstance(hand_over(bench.sender("sms"), message), Accepted)


def test_the_two_silences_differ_in_what_was_counted(bench: Bench) -> None:
    accepted = magic_addresses(Behaviour.TIMEOUT_AFTER_ACCEPTING)["sms"]
    never = magic_addresses(Behaviour.NEVER_ANSWERS)["sms"]
    for address in (accepted, never):
        assert isinstance(hand_over(bench.sender("sms"), make_message("sms", address)), Unknown)
    assert bench.provider.state.counts() == {accepted: 1}
    assert [type(event) for event in bench.events()] == [ReceiptEvent]


def test_the_receipt_that_overtakes_its_own_answer(bench: Bench) -> None:
    address = magic_addresses(Behaviour.RECEIPT_OVERTAKES)["sms"]
    assert isinstance(hand_over(bench.sender("sms"), make_message("sms", address)), Accepted)
    assert len(bench.hooks.events) == 1


def test_a_callback_that_was_refused_comes_again(bench: Bench) -> None:
    bench.hooks.refuse = 2
    hand_over(bench.sender("sms"), make_message("sms", PHONE))
    assert len(bench.events()) == 1


def test_duplicates_have_one_key(bench: Bench) -> None:
    bench.provider.switches.duplicates = True
    hand_over(bench.sender("sms"), make_message("sms", PHONE))
    events = bench.events()
    assert len(events) == 2
    assert len({event.key for event in events}) == 1


def test_a_wecom_task_is_counted_only_when_tapped(bench: Bench) -> None:
    first = hand_over(bench.sender("wecom"), make_message("wecom", "wmA"))
    second = hand_over(bench.sender("wecom"), make_message("wecom", "wmB"))
    assert isinstance(first, TaskCreated)
    assert isinstance(second, TaskCreated)
    assert bench.provider.state.counts() == {}
    assert bench.provider.tap(first.provider_task_id, sent=True)
    assert not bench.provider.tap(first.provider_task_id, sent=False)
    assert bench.provider.tap(second.provider_task_id, sent=False)
    taps = {event.provider_task_id: event.sent for event in bench.events() if isinstance(event, TapEvent)}
    assert taps == {first.provider_task_id: True, second.provider_task_id: False}
    assert bench.provider.state.counts() == {"wmA": 1}


def test_only_a_mails_answer_carries_a_reference(bench: Bench) -> None:
    mail = make_message("email", "wang@mail.example")
    hand_over(bench.sender("email"), mail)
    hand_over(bench.sender("sms"), make_message("sms", PHONE))
    assert bench.provider.reply("email", "wang@mail.example", "谢谢")
    assert bench.provider.reply("sms", PHONE, "退订")
    replies = [event for event in bench.events() if isinstance(event, ReplyEvent)]
    assert {(event.text, event.reference) for event in replies} == {("谢谢", mail.reference), ("退订", None)}


def test_who_refuses_at_the_platform_gets_nothing_more(bench: Bench) -> None:
    hand_over(bench.sender("wechat"), make_message("wechat", "oW"))
    assert bench.provider.refuse("wechat", "oW")
    assert any(isinstance(event, OptOutEvent) for event in bench.events())
    outcome = hand_over(bench.sender("wechat"), make_message("wechat", "oW"))
    assert outcome == Permanent(code="OPTED_OUT", suppress="opted_out")


def test_an_unsigned_request_is_refused(bench: Bench) -> None:
    answer = bench.app.test_client().post("/api/send", json={"channel": "sms", "messages": []})
    assert answer.status_code == 401


def test_counts_outlive_the_process_in_a_file(tmp_path: Path) -> None:
    first = Bench(str(tmp_path / "provider.db"))
    hand_over(first.sender("sms"), make_message("sms", PHONE))
    first.close()
    second = Bench(str(tmp_path / "provider.db"))
    counts = second.provider.state.counts()
    second.close()
    assert counts == {PHONE: 1}


def test_an_idempotent_provider_takes_an_attempt_once(tmp_path: Path) -> None:
    bench = Bench(idempotent=True)
    message = make_message("sms", PHONE)
    assert hand_over(bench.sender("sms"), message) == hand_over(bench.sender("sms"), message)
    counts = bench.provider.state.counts()
    bench.close()
    assert counts == {PHONE: 1}


def test_callbacks_never_leave_the_machine() -> None:
    with pytest.raises(ConfigurationError, match="loopback"):
        create_app(SimulatorConfig(secrets={}, hooks_url="https://bank.example"))


def test_a_visitor_reads_and_answers_as_the_customer(bench: Bench) -> None:
    hand_over(bench.sender("sms"), make_message("sms", PHONE, text="【江城银行】王先生<b>，请回复1-5分"))
    bench.events()
    visitor = bench.app.test_client()
    assert "王建国" in visitor.get("/").text
    page = visitor.get("/phone", query_string={"who": f"sms:{PHONE}"})
    assert "【江城银行】王先生&lt;b&gt;，请回复1-5分" in page.text
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    answered = visitor.post(
        "/answer", data={"app": "sms", "address": PHONE, "text": "5"}, follow_redirects=True
    )
    assert answered.status_code == 200
    assert any(isinstance(event, ReplyEvent) and event.text == "5" for event in bench.events())


def test_the_mail_programs_button_unsubscribes_with_one_post(bench: Bench) -> None:
    url = f"{bench.hooks.server.url}/p/token"
    hand_over(
        bench.sender("email"),
        make_message("email", "wang@mail.example", html="<p>x</p>", unsubscribe_url=url),
    )
    bench.events()
    delivery = bench.provider.state.last("email", "wang@mail.example")
    assert delivery is not None
    visitor = bench.app.test_client()
    assert "sandbox" in visitor.get(f"/mail/{delivery.message_id}").headers["Content-Security-Policy"]
    assert visitor.post("/unsubscribe", data={"message_id": delivery.message_id}).status_code == 303
    assert bench.hooks.one_clicks == [b"List-Unsubscribe=One-Click"]


def test_an_advisor_taps_on_the_page(bench: Bench) -> None:
    task = hand_over(bench.sender("wecom"), make_message("wecom", "wmA", text="李女士，新年好！"))
    assert isinstance(task, TaskCreated)
    visitor = bench.app.test_client()
    assert "李女士，新年好！" in visitor.get("/advisor").text
    visitor.post("/tap", data={"task_id": task.provider_task_id, "sent": "yes"})
    assert [event.sent for event in bench.events() if isinstance(event, TapEvent)] == [True]


def test_another_site_cannot_answer_for_a_customer(bench: Bench) -> None:
    answer = bench.app.test_client().post(
        "/answer",
        data={"app": "sms", "address": PHONE, "text": "x"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", ["/", "/advisor", "/magic"])
def test_every_page_stands_in_both_languages(bench: Bench, path: str, lang: str) -> None:
    page = bench.app.test_client().get(path, query_string={"lang": lang})
    assert page.status_code == 200
    assert f'lang="{"en" if lang == "en" else "zh-CN"}"' in page.text
