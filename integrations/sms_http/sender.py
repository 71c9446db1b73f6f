"""Hands SMS to a gateway as its profile says, one or many a call, and reads the answer by its table."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from integrations.http_edge import HttpEdge
from integrations.sms_http.answers import AnswerReader, Name
from integrations.sms_http.expressions import expand_all, spell, write_time
from integrations.sms_http.probing import probe_account
from integrations.sms_http.profile import SmsHttpSettings
from integrations.sms_http.request_form import Batch
from integrations.sms_http.words import LineRefuses, fit
from integrations.sms_http.writing import CallWriter
from wenhou.core.channels import (
    ChannelFault,
    Outcome,
    OutgoingMessage,
    Permanent,
    Probe,
    Transient,
    Unknown,
)
from wenhou.core.clock import Clock, SystemClock
from wenhou.core.errors import (
    ChannelFaultError,
    PermanentSendError,
    SendError,
    TransientSendError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """One message and its values in the gateway's words."""

    message: OutgoingMessage
    values: Mapping[str, JsonValue]


class SmsHttpSender:
    """See `wenhou.core.channels.Sender` and `Prober`."""

    provider = "sms_http"

    def __init__(self, settings: SmsHttpSettings, *, clock: Clock | None = None) -> None:
        self.account = settings.account
        self.capabilities = settings.capabilities()
        self._settings = settings
        self._clock = clock or SystemClock()
        self._edge = open_edge(settings)
        self._writer = CallWriter(settings.request, settings.secrets, settings.zone)
        self._wanted = settings.request.names()
        self._reader = AnswerReader(
            settings.answer, account=settings.account, charset=settings.request.charset, zone=settings.zone
        )

    def send(self, batch: Sequence[OutgoingMessage]) -> Mapping[uuid.UUID, Outcome]:
        """One outcome a message. Raises SendError when the one call failed as a whole.

        Where one request cannot hold the batch (a shared text and several texts; rows found by phone and a phone twice)
        it is several calls, each with an outcome of its own.
        """
        outcomes: dict[uuid.UUID, Outcome] = {}
        items: list[_Item] = []
        for message in batch:
            try:
                items.append(self._item(message))
            except LineRefuses as refusal:
                outcomes[message.attempt_id] = Permanent(code=refusal.code)
            except UnicodeError:
                outcomes[message.attempt_id] = Permanent(code="charset")
        calls = list(_split(items, self._settings))
        for call in calls:
            try:
                told = self._call(call)
            except UnicodeError:
                told = [Permanent(code="charset")] * len(call)
            except SendError as error:
                if len(calls) == 1:
                    raise
                told = [_outcome_of(error)] * len(call)
            outcomes |= {item.message.attempt_id: outcome for item, outcome in zip(call, told, strict=True)}
        return outcomes

    def _call(self, items: Sequence[_Item]) -> list[Outcome]:
        form = self._settings.request
        values = _together(items, form.batch) if form.batch else items[0].values
        call = self._writer.write(values, self._clock.real())
        answer = self._edge.call(call.method, call.url, headers=call.headers, body=call.body)
        names = [
            Name(
                phone=item.message.address,
                reference=item.message.reference,
                attempt_id=str(item.message.attempt_id),
            )
            for item in items
        ]
        return self._reader.read(answer, names, self._clock.now())

    def _item(self, message: OutgoingMessage) -> _Item:
        settings, form, content = self._settings, self._settings.request, message.content
        text = fit(
            content.text,
            message.purpose,
            settings.words,
            place=form.signature,
            max_units=settings.max_units,
            max_parts=settings.max_parts,
        )
        text.encode(form.charset)
        values: dict[str, JsonValue] = {
            "phone": spell(message.address, form.phone),
            "text": text,
            "sender": content.sender,
            "reference": message.reference,
            "attempt_id": str(message.attempt_id),
            "ext": form.ext + message.extension,
            "template": content.provider_template or "",
            "parameters": json.dumps(dict(content.parameters), ensure_ascii=False),
        }
        if "deadline" in self._wanted:
            values["deadline"] = write_time(message.deadline, form.ts, self._writer.zone)
        return _Item(message=message, values=values)

    def probe(self) -> Probe:
        """See `Prober`."""
        return probe_account(self._settings, self._edge, self._clock)

    def close(self) -> None:
        """Give back connections."""
        self._edge.close()


def open_edge(settings: SmsHttpSettings) -> HttpEdge:
    """A pool of connections to the account's gateway."""
    certificate = (
        (settings.client_certificate, settings.client_key or settings.client_certificate)
        if settings.client_certificate
        else None
    )
    return HttpEdge(
        connect_seconds=settings.connect_seconds,
        read_seconds=settings.read_seconds,
        pool_size=settings.calls_in_flight,
        verify=settings.ca_file or True,
        certificate=certificate,
    )


def _split(items: Sequence[_Item], settings: SmsHttpSettings) -> Iterator[list[_Item]]:
    """The calls a batch needs: as one as the gateway's form allows."""
    batch, rows = settings.request.batch, settings.answer.rows
    if batch is None:
        yield from ([item] for item in items)
        return
    apart_by_phone = settings.answer.id_covers_call or (rows is not None and rows.by == "phone")
    apart_by_phone = apart_by_phone or batch.form == "same_text"
    calls: list[tuple[object, set[str], list[_Item]]] = []
    for item in items:
        shared = _shared(item) if batch.form == "same_text" else None
        phone = item.message.address
        for of, phones, call in calls:
            if of == shared and not (apart_by_phone and phone in phones):
                phones.add(phone)
                call.append(item)
                break
        else:
            calls.append((shared, {phone}, [item]))
    yield from (call for _, _, call in calls)


def _shared(item: _Item) -> tuple[JsonValue, ...]:
    """What messages of one shared call have in common; a reference of their own is not told in it."""
    return tuple(item.values[name] for name in ("text", "sender", "ext", "template", "parameters"))


def _together(items: Sequence[_Item], batch: Batch) -> Mapping[str, JsonValue]:
    """The values of a whole call; names of one message stand for its first."""
    found: dict[str, JsonValue] = {
        **items[0].values,
        "phones": batch.separator.join(str(item.values["phone"]) for item in items),
        "texts": batch.separator.join(str(item.values["text"]) for item in items),
        "references": batch.separator.join(str(item.values["reference"]) for item in items),
        "count": len(items),
    }
    if batch.form == "each":
        found["items"] = [expand_all(dict(batch.item), item.values.__getitem__) for item in items]
    return found


def _outcome_of(error: SendError) -> Outcome:
    """What a call that failed as a whole means for each message in it, where other calls of the batch did not."""
    code = error.provider_code or error.code
    if isinstance(error, TransientSendError):
        return Transient(code=code, retry=error.retry)
    if isinstance(error, PermanentSendError):
        return Permanent(code=code)
    if isinstance(error, ChannelFaultError):
        return ChannelFault(code=code, reason=str(error))
    return Unknown(code=code)
