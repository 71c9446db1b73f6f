"""The pretend provider as a web application: `POST api/send` for Wenhou, the rest for tests.

Its addresses are relative to where it is mounted: alone, or under `/phones` of the demo.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from http import HTTPStatus
from typing import cast

from flask import Blueprint, Flask, Response, abort, current_app, jsonify, request
from pydantic import ValidationError

from integrations.signing import SIGNATURE_HEADER, TIMESTAMP_HEADER, verify_signed
from integrations.simulator import media
from integrations.simulator.phones import phones
from integrations.simulator.provider import Batch, PretendProvider, SimulatorConfig, Verdict
from wenhou.core.channels import RawCallback
from wenhou.core.errors import SignatureInvalid

api = Blueprint("simulator_api", __name__, url_prefix="/api")
MAX_REQUEST_BYTES = 8 << 20


def create_app(config: SimulatorConfig) -> Flask:
    """The application; `app.extensions["simulator"]` is its PretendProvider (close it when done)."""
    app = Flask(__name__, template_folder="templates", static_folder="static")
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.extensions["simulator"] = PretendProvider(config)
    app.register_blueprint(api)
    app.register_blueprint(phones)
    return app


def _provider() -> PretendProvider:
    return cast("PretendProvider", current_app.extensions["simulator"])


@api.post("/send")
def send() -> Response:
    """Take a batch; what is silent costs the whole answer."""
    provider = _provider()
    account = request.headers.get("X-Wenhou-Account", "")
    _require_signature(provider, account)
    try:
        batch = Batch.model_validate_json(request.get_data())
    except ValidationError:
        return _answer({"code": "BAD_REQUEST"}, HTTPStatus.BAD_REQUEST)
    verdicts = [(message, provider.take(account, batch.channel, message)) for message in batch.messages]
    if any(verdict.silent for _, verdict in verdicts):
        return _dropped_connection(provider.config.drop_after_seconds)
    codes = {verdict.code for _, verdict in verdicts}
    if codes == {"INSUFFICIENT_BALANCE"}:
        return _answer({"code": "INSUFFICIENT_BALANCE"})
    if codes == {"THROTTLED"}:
        return _answer({"code": "THROTTLED"}, HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": "1"})
    results = [{"attempt_id": message.attempt_id, **_result(verdict)} for message, verdict in verdicts]
    return _answer({"code": "OK", "results": results})


@api.post("/media")
def upload() -> Response:
    """Keep an image for an account: {"digest", "mime", "body"} → {"media_id", "expires_at"}."""
    provider = _provider()
    account = request.headers.get("X-Wenhou-Account", "")
    _require_signature(provider, account)
    try:
        image = media.Image.model_validate_json(request.get_data())
    except ValidationError:
        return _answer({"code": "BAD_REQUEST"}, HTTPStatus.BAD_REQUEST)
    kept = media.keep(provider.state, account, image, provider.config.clock.real())
    if kept is None:
        return _answer({"code": "IMAGE_REFUSED"})
    return _answer({"code": "OK", "media_id": kept[0], "expires_at": kept[1].isoformat()})


def _result(verdict: Verdict) -> dict[str, str]:
    return {"code": verdict.code, "message_id": verdict.message_id, "task_id": verdict.task_id}


def _require_signature(provider: PretendProvider, account: str) -> None:
    secret = provider.config.secrets.get(account)
    if secret is None:
        abort(HTTPStatus.UNAUTHORIZED)
    names = (TIMESTAMP_HEADER, SIGNATURE_HEADER)
    as_callback = RawCallback(
        method=request.method,
        path=request.path,
        query={},
        headers={name: request.headers.get(name, "") for name in names},
        body=request.get_data(),
        remote=request.remote_addr or "",
        received_at=provider.config.clock.real(),
    )
    try:
        verify_signed(as_callback, secret, account)
    except SignatureInvalid:
        abort(HTTPStatus.UNAUTHORIZED)


def _answer(
    body: dict[str, object], status: int = HTTPStatus.OK, headers: dict[str, str] | None = None
) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.headers.update(headers or {})
    return response


def _dropped_connection(after_seconds: float) -> Response:
    """An answer that promises more bytes than come, so that every server closes the connection in the middle."""

    def nothing() -> Iterable[bytes]:
        time.sleep(after_seconds)
        yield b" "

    return Response(
        nothing(), status=HTTPStatus.OK, headers={"Content-Length": "64"}, mimetype="application/json"
    )


@api.get("/counts")
def counts() -> Response:
    """Accepted messages `?by=address` (default), `reference` or `attempt_id`: {"total": n, "counts": {…}}."""
    by = request.args.get("by", "address")
    if by not in {"address", "reference", "attempt_id"}:
        abort(HTTPStatus.BAD_REQUEST)
    found = _provider().state.counts(by)
    return jsonify(
        {"total": sum(found.values()), "twice": sum(n > 1 for n in found.values()), "counts": found}
    )


@api.get("/inbox")
def inbox() -> Response:
    """What stands on one phone: `?channel=sms&address=%2B86…`."""
    lines = _provider().state.thread(request.args.get("channel", ""), request.args.get("address", ""))
    return jsonify(
        [
            {
                "at": line.at,
                "text": line.text,
                "mine": line.mine,
                "subject": line.delivery.subject if line.delivery else None,
                "reference": line.delivery.reference if line.delivery else None,
                "purpose": line.delivery.purpose if line.delivery else None,
            }
            for line in lines
        ]
    )


@api.get("/tasks")
def tasks() -> Response:
    """The tasks that wait for a tap."""
    waiting = _provider().state.waiting()
    return jsonify(
        [{"task_id": t.message_id, "address": t.address, "reference": t.reference} for t in waiting]
    )


@api.post("/reply")
def reply() -> Response:
    """The customer answers: {"channel", "address", "text", "account"?}."""
    said = request.get_json()
    known = _provider().reply(said["channel"], said["address"], said["text"], account=said.get("account"))
    return _answer({"ok": known}, HTTPStatus.OK if known else HTTPStatus.NOT_FOUND)


@api.post("/refuse")
def refuse() -> Response:
    """The customer refuses at the platform itself: {"channel", "address"}."""
    said = request.get_json()
    known = _provider().refuse(said["channel"], said["address"])
    return _answer({"ok": known}, HTTPStatus.OK if known else HTTPStatus.NOT_FOUND)


@api.post("/tap")
def tap() -> Response:
    """A person decides about a task: {"task_id", "sent"}."""
    said = request.get_json()
    done = _provider().tap(said["task_id"], sent=bool(said["sent"]))
    return _answer({"ok": done}, HTTPStatus.OK if done else HTTPStatus.CONFLICT)


@api.post("/switches")
def switches() -> Response:
    """How untidy the provider is: {"duplicates", "shuffle", "silent"}, each a boolean."""
    provider, wanted = _provider(), request.get_json()
    for name in ("duplicates", "shuffle", "silent"):
        if name in wanted:
            setattr(provider.switches, name, bool(wanted[name]))
    return jsonify({name: getattr(provider.switches, name) for name in ("duplicates", "shuffle", "silent")})


@api.post("/reset")
def reset() -> Response:
    """Forget everything."""
    _provider().state.reset()
    return jsonify({"ok": True})
