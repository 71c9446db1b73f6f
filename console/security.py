"""What every answer carries: a strict content policy, no framing, no sniffing, small transfers."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, abort, request

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox"
)
"""A mail is shown in a frame without scripts, forms or anything from outside; its inline styles are its own."""
_TEXTS = ("text/", "application/javascript", "image/svg")
_SMALLEST = 1_000
_YEAR = 31_536_000


def protect(app: Flask) -> None:
    """Refuse what no person types; add the headers and the compression to every answer."""

    @app.before_request
    def _no_zeros() -> None:
        # A zero byte is no text: PostgreSQL takes none, in a search as little as in a note.
        given = (*request.args.items(multi=True), *request.form.items(multi=True))
        if "\0" in request.path or any("\0" in name or "\0" in value for name, value in given):
            abort(400)

    @app.after_request
    def _headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        # A page that says a file is not there is a page of whoever asked: no cache may keep it.
        if request.path.startswith("/static/") and response.status_code < 400:
            headers["Cache-Control"] = f"public, max-age={_YEAR if '/vendor/' in request.path else 300}"
        else:
            headers["Cache-Control"] = "no-store"
        return _compressed(app, response)


def _compressed(app: Flask, response: Response) -> Response:
    wanted = "gzip" in request.headers.get("Accept-Encoding", "").lower()
    kind = response.content_type or ""
    if not wanted or response.status_code != 200 or not kind.startswith(_TEXTS):
        return response
    response.headers.add("Vary", "Accept-Encoding")
    if request.path.startswith("/static/"):
        path = Path(app.static_folder or "") / request.path.removeprefix("/static/")
        response.direct_passthrough = False
        close = getattr(response.response, "close", None)
        if close is not None:  # the open file of whichever server wraps it
            close()
        data = _file(str(path), path.stat().st_mtime_ns)
    else:
        body = response.get_data()
        if len(body) < _SMALLEST:
            return response
        data = gzip.compress(body, 5)
    response.set_data(data)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(len(data))
    response.headers.pop("ETag", None)
    return response


@lru_cache(maxsize=32)
def _file(path: str, _changed: int) -> bytes:
    return gzip.compress(Path(path).read_bytes(), 9)
