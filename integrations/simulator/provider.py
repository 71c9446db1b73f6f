"""The pretend provider itself: what it does with a message, a tap and an answer. No HTTP here."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from integrations.http_edge import HttpEdge
from integrations.loopback import is_loopback, require_loopback
from integrations.simulator import media
from integrations.simulator.caller import Caller, Event, Switches
from integrations.simulator.magic import Behaviour, behaviour_of
from integrations.simulator.state import (
    ACCEPTED,
    DELIVERED,
    LET_GO,
    READ,
    UNDELIVERED,
    WAITING,
    Delivery,
    State,
    stamp,
)
from wenhou.core.channels import EMAIL, WECHAT, WECOM
from wenhou.core.clock import Clock, SystemClock
from wenhou.core.errors import SendError


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer as the phones page shows one: a name and an address a channel."""

    name: str
    addresses: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorConfig:
    """`secrets`: account → secret. `hooks_url`: where Wenhou listens; None reports nothing.

    `drop_after_seconds`: how long the two kinds of silence last before the connection is dropped.
    """

    secrets: Mapping[str, str]
    hooks_url: str | None = None
    state_file: str = ":memory:"
    delivered_after_seconds: float = 0.5
    late_after_seconds: float = 20.0
    drop_after_seconds: float = 0.0
    idempotent: bool = False
    people: Callable[[], Sequence[Person]] = tuple
    clock: Clock = field(default_factory=SystemClock)


class Incoming(BaseModel):
    """One message of a request."""

    attempt_id: str
    reference: str
    to: str
    name: str = ""
    sender: str = ""
    subject: str | None = None
    text: str = ""
    html: str | None = None
    purpose: str = ""
    unsubscribe_url: str | None = None
    media_ids: list[str] = []


class Batch(BaseModel):
    """A request to send."""

    channel: str
    messages: list[Incoming]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the provider makes of one message; `silent`: the connection is dropped instead of an answer."""

    code: str
    message_id: str = ""
    task_id: str = ""
    silent: bool = False


_REFUSALS = {
    Behaviour.REFUSED: "REFUSED",
    Behaviour.OPTED_OUT: "OPTED_OUT",
    Behaviour.INVALID_ADDRESS: "INVALID_ADDRESS",
    Behaviour.CHANNEL_FAULT: "INSUFFICIENT_BALANCE",
}


class PretendProvider:
    """Takes messages, plays the phones and reports; thread-safe."""

    def __init__(self, config: SimulatorConfig) -> None:
        if config.hooks_url is not None:
            require_loopback(config.hooks_url, where="simulator.hooks_url")
        self.config = config
        self.switches = Switches()
        self.state = State(config.state_file)
        self.caller = Caller(config.hooks_url, config.secrets, config.clock, self.switches)
        self._edge = HttpEdge(connect_seconds=2, read_seconds=10, pool_size=2)
        for delivery in self.state.unfinished():
            self._report_fate(delivery)

    def close(self) -> None:
        """Stop reporting and close the memory."""
        self.caller.close()
        self._edge.close()
        self.state.close()

    def take(self, account: str, channel: str, message: Incoming) -> Verdict:
        """Decide about one message by its recipient."""
        earlier = self.state.find_attempt(message.attempt_id) if self.config.idempotent else None
        if earlier is not None:
            return Verdict(code="OK", message_id=earlier.message_id)
        behaviour = behaviour_of(message.to)
        if not media.knows(self.state, account, message.media_ids, self.config.clock.real()):
            return Verdict(code="MEDIA_UNKNOWN")
        if self.state.is_blacklisted(account, message.to):
            return Verdict(code="OPTED_OUT")
        if behaviour in _REFUSALS:
            return Verdict(code=_REFUSALS[behaviour])
        if behaviour is Behaviour.THROTTLED and self.state.throttle_once(_same_words(account, message)):
            return Verdict(code="THROTTLED")
        if behaviour is Behaviour.NEVER_ANSWERS:
            return Verdict(code="", silent=True)
        silent = behaviour is Behaviour.TIMEOUT_AFTER_ACCEPTING
        if channel == WECOM or behaviour is Behaviour.NEEDS_TAP:
            task = self._hold(account, channel, message, WAITING)
            return Verdict(code="TASK", task_id=task.message_id, silent=silent)
        delivery = self._hold(account, channel, message, ACCEPTED)
        self._report_fate(delivery)
        return Verdict(code="OK", message_id=delivery.message_id, silent=silent)

    def _hold(self, account: str, channel: str, message: Incoming, status: str) -> Delivery:
        delivery = Delivery(
            account=account,
            channel=channel,
            address=message.to,
            message_id=uuid.uuid4().hex,
            at=stamp(self.config.clock.now()),
            status=status,
            **message.model_dump(exclude={"to", "media_ids"}),
        )
        self.state.add(delivery)
        self.state.show(delivery.message_id, message.media_ids)
        return delivery

    def _report_fate(self, delivery: Delivery) -> None:
        behaviour = behaviour_of(delivery.address)
        soon, late = self.config.delivered_after_seconds, self.config.late_after_seconds
        if behaviour is Behaviour.UNDELIVERED:
            self._report(delivery, UNDELIVERED, soon)
        elif behaviour is Behaviour.DELIVERED_LATE:
            self._report(delivery, DELIVERED, late)
        elif behaviour is Behaviour.RECEIPT_OVERTAKES:
            self.state.move(delivery.message_id, DELIVERED)
            if not self.caller.report_now(delivery.account, self._receipt(delivery, DELIVERED)):
                self._report(delivery, DELIVERED, soon)
        else:
            self._report(delivery, DELIVERED, soon)
        if behaviour is Behaviour.READ and delivery.channel == WECHAT:
            self._report(delivery, READ, soon * 2)
        if behaviour is Behaviour.REPLIES_OPT_OUT:
            self.caller.schedule(soon * 2, delivery.account, self._reply_event(delivery, "退订"))

    def _report(self, delivery: Delivery, status: str, after_seconds: float) -> None:
        receipt = self._receipt(delivery, status)

        def arrive() -> None:
            receipt["at"] = stamp(self.config.clock.now())
            self.state.move(delivery.message_id, status)

        self.caller.schedule(after_seconds, delivery.account, receipt, before=arrive)

    def _receipt(self, delivery: Delivery, status: str) -> Event:
        return {
            "type": "receipt",
            "id": f"{delivery.message_id}:{status}",
            "status": status,
            "at": stamp(self.config.clock.now()),
            "message_id": delivery.message_id,
            "reference": delivery.reference,
            "address": delivery.address,
            "code": "ABSENT" if status == UNDELIVERED else "",
        }

    def tap(self, task_id: str, *, sent: bool) -> bool:
        """A person sends a waiting task or lets it go; False when it is not waiting."""
        task = self.state.find(task_id)
        if task is None or not self.state.decide(task_id, DELIVERED if sent else LET_GO):
            return False
        event: Event = {
            "type": "tap",
            "id": f"{task_id}:tap",
            "task_id": task_id,
            "sent": sent,
            "at": stamp(self.config.clock.now()),
        }
        self.caller.schedule(0, task.account, event)
        return True

    def reply(self, channel: str, address: str, text: str, *, account: str | None = None) -> bool:
        """The customer answers the account that wrote last, else the one named like the channel; False for neither.

        A mail's answer carries the reference of the mail it answers; no other channel has such a thing.
        """
        last = self.state.last(channel, address)
        account = account or (last.account if last else channel)
        if account not in self.config.secrets:
            return False
        self.state.answer(account, channel, address, text, self.config.clock.now())
        reference = last.reference if last and channel == EMAIL else None
        self.caller.schedule(0, account, self._words(address, text, reference))
        return True

    def refuse(self, channel: str, address: str) -> bool:
        """The customer refuses at the platform itself (unfollows, blacklists); False when never written to."""
        last = self.state.last(channel, address)
        if last is None:
            return False
        self.state.blacklist(last.account, address)
        event: Event = {
            "type": "opt_out",
            "id": uuid.uuid4().hex,
            "address": address,
            "at": stamp(self.config.clock.now()),
        }
        self.caller.schedule(0, last.account, event)
        return True

    def unsubscribe(self, message_id: str) -> bool:
        """What a mail program's button does: RFC 8058's one-click POST; only to this machine."""
        delivery = self.state.find(message_id)
        url = delivery.unsubscribe_url if delivery else None
        if url is None or not is_loopback(url):
            return False
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            answer = self._edge.call("POST", url, headers=headers, body=b"List-Unsubscribe=One-Click")
        except SendError:
            return False
        return answer.status in range(200, 300)

    def _reply_event(self, delivery: Delivery, text: str) -> Event:
        reference = delivery.reference if delivery.channel == EMAIL else None
        return self._words(delivery.address, text, reference)

    def _words(self, address: str, text: str, reference: str | None) -> Event:
        return {
            "type": "reply",
            "id": uuid.uuid4().hex,
            "address": address,
            "text": text,
            "at": stamp(self.config.clock.now()),
            "reference": reference,
        }


def _same_words(account: str, message: Incoming) -> str:
    """What a second try has in common with the first: not the reference, which is the attempt's own."""
    words = hashlib.sha256(f"{message.subject or ''}\n{message.text}".encode()).hexdigest()
    return f"{account}/{message.to}/{words}"
