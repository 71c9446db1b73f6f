"""Three SMS platforms on loopback, each written from the comments of its example and from nothing of ours.

They read requests with parsing of their own, check what the manual says they check, and answer in its words.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit
from xml.sax.saxutils import escape

SECRET = "secret-of-a-test"


class Gateway(ThreadingHTTPServer):
    """One platform. `fates`: digits of a number → what happens to it; `taken`: number → text."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler], platform: str) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.platform = platform
        self.fates: dict[str, str] = {}
        self.taken: list[tuple[str, str, str, str]] = []  # number, text, extension, reference
        self.calls: list[str] = []
        self.whole: str | None = None
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def base(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def stop(self) -> None:
        """Close the socket and end the thread."""
        self.shutdown()
        self.server_close()
        self.thread.join(timeout=5)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gateway

    def say(self, words: str, status: int = 200, charset: str = "utf-8") -> None:
        body = words.encode(charset)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the overridden name
        """Say nothing on stderr."""


class ArrayHandler(_Handler):
    """Platform D."""

    def do_POST(self) -> None:
        raw, server = self.body(), self.server
        said = json.loads(raw)
        server.calls.append(self.path)
        if self.path == "/api/v3/account":
            is_known = said == {"app": "jiangcheng", "key": SECRET}
            self.say(json.dumps({"status": 0, "left": 123.4} if is_known else {"status": 4010}))
            return
        canonical = "\n".join(("POST", self.path, said["time"], said["nonce"], raw.decode()))
        wanted = base64.b64encode(hmac.new(SECRET.encode(), canonical.encode(), "sha256").digest()).decode()
        if self.headers["X-Signature"] != wanted or not 1 <= len(said["list"]) <= 100:
            self.say(json.dumps({"status": 4010}))
            return
        if server.whole:
            self.say(json.dumps({"status": int(server.whole)}))
            return
        rows = []
        for one in reversed(said["list"]):
            fate = server.fates.get(one["to"][-4:], "OK")
            if fate == "OK":
                server.taken.append((one["to"], one["text"], one["sub"], one["out_id"]))
            if fate != "lost":
                rows.append({"out_id": one["out_id"], "state": fate, "mid": f"m-{one['out_id'][:6]}"})
        status = 0 if all(row["state"] == "OK" for row in rows) else 207
        self.say(json.dumps({"status": status, "results": rows}))


class GbkHandler(_Handler):
    """Platform E."""

    def do_POST(self) -> None:
        said = {
            name: values[0] for name, values in parse_qs(self.body().decode("ascii"), encoding="gbk").items()
        }
        server = self.server
        server.calls.append(self.path)
        inner = hashlib.md5(SECRET.encode()).hexdigest().upper()  # noqa: S324 - the platform's way
        pwd = hashlib.md5(f"JC0001{inner}{said['timestamp']}".encode()).hexdigest()  # noqa: S324
        if (said["userid"], said["pwd"], len(said["timestamp"])) != ("JC0001", pwd, 14):
            self.say("-9,")
            return
        if server.whole:
            self.say(f"{server.whole},")
            return
        numbers = said["mobile"].split(",")
        server.taken += [(number, said["content"], said["exno"], "") for number in numbers]
        self.say(f"0,9{len(server.calls):05d}", charset="gbk")


class XmlHandler(_Handler):
    """Platform F. Its inbox keeps what it told until it is confirmed; its reports have a cursor."""

    reports: list[tuple[str, str, str]] = []  # noqa: RUF012 - set anew by each test's gateway
    inbox: dict[str, tuple[str, str, str]] = {}  # noqa: RUF012

    def _knows(self) -> bool:
        if self.headers["Authorization"] == f"Bearer {SECRET}":
            return True
        self.say("8|" if "/status" in self.path else "<response><result>8</result></response>")
        return False

    def do_POST(self) -> None:
        said = {name: values[0] for name, values in parse_qs(self.body().decode("ascii")).items()}
        server = self.server
        server.calls.append(self.path)
        if not self._knows():
            return
        if self.path == "/rest/inbox/ack":
            for one in said["ids"].split(","):
                self.inbox.pop(one, None)
            self.say("<response><result>0</result></response>")
            return
        code = {"busy": "3", "none": "5"}.get(server.fates.get(said["phone"][-4:], ""), "0")
        if code == "0":
            server.taken.append((said["phone"], said["body"], said["sub"], said["ref"]))
        number = f"<smsid>x{len(server.taken)}</smsid>" if code == "0" else ""
        self.say(f'<?xml version="1.0"?>\n<response><result>{code}</result>{number}</response>')

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(place.query).items()}
        self.server.calls.append(self.path)
        if not self._knows():
            return
        if place.path == "/rest/account":
            self.say("<account><result>0</result><credit>17.5</credit></account>")
        elif place.path == "/rest/status":
            start, most = int(asked["from"]), int(asked["max"])
            page = self.reports[start : start + most]
            lines = [
                f"{start + place}|x{start + place}|{ref}|{phone}|{state}|2027-01-30 09:00:0{place % 10}"
                for place, (ref, phone, state) in enumerate(page)
            ]
            self.say("\n".join([f"0|{start + len(page)}", *lines]) + "\n")
        else:
            told = list(self.inbox.items())[: int(asked["max"])]
            if not told:
                self.say("<inbox><result>100</result></inbox>")
                return
            items = "".join(
                f"<sms><id>{one}</id><from>{phone}</from><sub>{sub}</sub><text>{escape(text)}</text>"
                f"<at>2027-01-30 09:00:00</at></sms>"
                for one, (phone, sub, text) in told
            )
            self.say(f"<inbox><result>0</result>{items}</inbox>")


def sign_push(body: bytes, at: int) -> dict[str, str]:
    """Platform D's headers of a push."""
    mac = hmac.new(SECRET.encode(), f"{at}.".encode() + body, "sha256").hexdigest()
    return {"x-time": str(at), "x-signature": mac}


def form_push(**fields: str) -> tuple[bytes, dict[str, str]]:
    """Platform E's push, with its credentials."""
    body = "&".join(f"{name}={quote(value, safe='', encoding='gbk')}" for name, value in fields.items())
    pair = base64.b64encode(f"gate:{SECRET}".encode()).decode()
    return body.encode(), {"authorization": f"Basic {pair}"}
