"""Asks the relay for what it could not push: fetch, deliver, and only then acknowledge."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from integrations.http_edge import HttpEdge
from wenhou.core.errors import ChannelFaultError, PayloadInvalid, SendError, TransientSendError
from wenhou_channel_example.parser import split_events
from wenhou_channel_example.settings import RelaySettings


class RelayPoll:
    """See `wenhou.core.channels.Listener`."""

    provider = "relay"

    def __init__(self, settings: RelaySettings) -> None:
        self.account = settings.account
        self._settings = settings
        self._home = settings.base_url.rstrip("/")

    def listen(self, deliver: Callable[[Sequence[bytes]], None], stop: Callable[[float], bool]) -> None:
        """Poll until told to stop; raises SendError when the relay cannot be asked."""
        settings = self._settings
        edge = HttpEdge(
            connect_seconds=settings.connect_seconds,
            read_seconds=settings.read_seconds,
            pool_size=1,
            verify=settings.ca_file or True,
        )
        try:
            while not stop(0):
                if not self._fetch(edge, deliver) and stop(settings.poll_seconds):
                    return
        finally:
            edge.close()

    def _fetch(self, edge: HttpEdge, deliver: Callable[[Sequence[bytes]], None]) -> int:
        """One page; returns how many items it held. A kill before the last line brings the page again."""
        headers = {"Authorization": f"Bearer {self._settings.token.get_secret_value()}"}
        answer = edge.call("GET", self._home + "/v1/events", headers=headers)
        items = _items(answer.status, answer.body)
        if isinstance(items, SendError):
            raise items
        if items:
            deliver(items)
            ids = json.dumps({"ids": [json.loads(item)["id"] for item in items]}).encode()
            edge.call("POST", self._home + "/v1/events/ack", headers=headers, body=ids)
        return len(items)


def _items(status: int, body: bytes) -> list[bytes] | SendError:
    if status in {401, 403}:
        return ChannelFaultError("the relay refuses the account", provider_code=f"http_{status}")
    if status != 200:
        return TransientSendError("the relay cannot be asked now", provider_code=f"http_{status}")
    try:
        return [item for item in split_events(body) if "id" in json.loads(item)]
    except PayloadInvalid:
        return TransientSendError("the relay's answer cannot be read", provider_code="answer_invalid")
