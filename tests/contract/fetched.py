"""The bank's SMS platform in its other shapes: many messages a call, and replies that are fetched."""

from __future__ import annotations

import json

from integrations.registry import build_listeners, build_parser, build_sender, read_account
from tests.contract.messages import ADDRESSES, SECRET_CANARY
from tests.contract.worlds import SMS_BLOCK, GatewayHandler, GatewayServer, GatewayWorld, answering
from wenhou.core.channels import Accepted, CallbackParser, Listener, Outcome, Permanent, Sender, Unknown

_LEFT_OUT, _REFUSED = "+8613800000005", "+8613800000001"


class BatchGatewayWorld(GatewayWorld):
    """A platform that takes up to fifty messages in one JSON request and answers with one row each."""

    def arrange(self, situation: str) -> str | None:
        address = super().arrange(situation)
        if situation in {"accepted", "refused_in_a_success_answer", "opted_out"}:
            code = {"accepted": "0", "refused_in_a_success_answer": "99", "opted_out": "9"}[situation]
            self.server.behave = lambda handler: self._talk(handler, code)
        return address

    def batch_sender(self) -> Sender | None:
        return self.sender()

    def mixed(self) -> dict[str, type[Outcome]]:
        return {ADDRESSES["sms"]: Accepted, _REFUSED: Permanent, _LEFT_OUT: Unknown}

    def _talk(self, handler: GatewayHandler, code: str) -> None:
        rows = [
            {
                "ref": item["ref"],
                "code": "99" if item["to"] == _REFUSED[3:] else code,
                "id": "m" + item["ref"],
            }
            for item in json.loads(handler.body)["list"]
            if item["to"] != _LEFT_OUT[3:]
        ]
        handler.answer(200, json.dumps({"result": 0, "rows": rows}).encode())

    def _sender(self, url: str, **more: object) -> Sender:
        request = {
            "url": url,
            "body": "json",
            "auth": {"kind": "bearer", "key": "password"},
            "fields": {"list": "{items}"},
            "batch": {
                "size": 50,
                "item": {"ref": "{reference}", "to": "{phone}", "text": "{text}"},
            },
        }
        codes = dict(SMS_BLOCK["answer"])  # type: ignore[call-overload]
        rows = {
            "array": "rows",
            "by": "reference",
            "key": "ref",
            "code": "code",
            "id": "id",
            "success": ["0"],
        }
        return build_sender(
            read_account(SMS_BLOCK | {"request": request, "answer": codes | {"rows": rows}} | more)
        )


class GatewayOffers:
    """A platform that holds replies until their numbers are confirmed."""

    provider = "sms_http"

    def __init__(self) -> None:
        self._server = GatewayServer()
        self._server.behave = self._talk
        self._held: list[dict[str, str]] = []
        self._put = 0
        place = f"http://127.0.0.1:{self._server.port}"
        common = {"body": "json", "auth": {"kind": "bearer", "key": "password"}}
        fetch = common | {
            "url": f"{place}/replies",
            "items": {"array": "list", "phone": "mobile", "text": "content", "id": "no", "at": "time"},
            "answer": {"success": ["0"]},
            "ack": common | {"url": f"{place}/confirm", "fields": {"numbers": "{ids}"}, "id": "no"},
        }
        self._block = SMS_BLOCK | {
            "secrets": {"password": SECRET_CANARY},
            "poll": {"replies": fetch, "every_seconds": 0.1, "page": 50},
        }

    def listener(self) -> Listener:
        (listener,) = build_listeners(read_account(self._block))
        return listener

    def parser(self) -> CallbackParser:
        return build_parser(read_account(self._block))

    def put(self, text: str) -> None:
        self._put += 1
        said = {"no": str(self._put), "mobile": "13812345678", "content": text, "time": "2027-01-30 09:00:00"}
        self._held.append(said)

    def waiting(self) -> int:
        return len(self._held)

    def break_down(self) -> None:
        self._server.behave = answering({"code": "down"}, 503)

    def close(self) -> None:
        self._server.stop()

    def _talk(self, handler: GatewayHandler) -> None:
        if handler.path == "/confirm":
            done = set(json.loads(handler.body)["numbers"])
            self._held = [one for one in self._held if one["no"] not in done]
        handler.answer(200, json.dumps({"code": 0, "list": self._held}, ensure_ascii=False).encode())
