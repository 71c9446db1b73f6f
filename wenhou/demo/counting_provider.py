"""A provider that counts: it takes what the simulator's sender says, over real HTTP, and remembers who got how many.

It lives outside the process that is killed, so its counts are the truth the store is compared with.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_OK = 200


class CountingProvider:
    """Serves on a free port of this machine until closed.

    `accepted` is called with the number of messages taken so far, after taking one and before answering; when it
    returns False there is no answer: the connection is closed, as by a provider whose caller died.
    """

    def __init__(
        self, *, latency_seconds: float = 0.0, accepted: Callable[[int], bool] = lambda _: True
    ) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._latency = latency_seconds
        self._accepted = accepted
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.1},
            name="counting-provider",
            daemon=True,
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Its base URL, to be given to a simulator account."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def counts(self) -> dict[str, int]:
        """Messages taken, by address."""
        with self._lock:
            return dict(self._counts)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def take(self, addresses: list[str]) -> bool:
        """Count a call's messages; whether it will be answered."""
        with self._lock:
            self._counts.update(addresses)
            total = self._counts.total()
        answers = self._accepted(total)
        if self._latency:
            time.sleep(self._latency)
        return answers


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that was killed is what this server is for."""


def _handler(provider: CountingProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            messages = json.loads(body)["messages"]
            if not provider.take([message["to"] for message in messages]):
                self.close_connection = True
                return
            results = [
                {
                    "attempt_id": message["attempt_id"],
                    "code": "OK",
                    "message_id": message["attempt_id"].replace("-", ""),
                }
                for message in messages
            ]
            answer = json.dumps({"code": "OK", "results": results}).encode()
            self.send_response(_OK)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            """Nothing: addresses do not belong in logs."""

    return Handler
