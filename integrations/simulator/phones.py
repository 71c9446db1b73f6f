"""The customers' phones: what arrived at WeChat, SMS, mail and WeCom, and a place to answer from.

Pages of the pretend provider, mounted under `/phones` in the demo; every link is relative to the mount.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import cast
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from integrations.simulator import media
from integrations.simulator.magic import MAGIC, magic_addresses
from integrations.simulator.provider import Person, PretendProvider
from wenhou.core.channels import CHANNEL_NAMES, EMAIL, SMS, WECHAT, WECOM

phones = Blueprint("phones", __name__)
ZONE = ZoneInfo("Asia/Shanghai")
APPS = (WECHAT, SMS, EMAIL, WECOM)
SHOWN_PHONES = 80
MAX_ANSWER = 500
QUICK_ANSWERS = {
    WECHAT: ("谢谢，也祝您新年好！", "5", "怎么预约？", "投诉"),
    SMS: ("5", "回电", "退订", "再发我打12378", "别再发理财了，生日可以"),
    EMAIL: ("谢谢来信。", "请给我回电。", "退订"),
}
_CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
_MAIL_CSP = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """One phone in the list: its owner, where each app is reached, how many messages arrived."""

    name: str
    addresses: dict[str, str]
    messages: int

    @property
    def who(self) -> str:
        """The phone's key in links: its first app and address."""
        channel = next(app for app in APPS if app in self.addresses)
        return f"{channel}:{self.addresses[channel]}"

    @property
    def tint(self) -> int:
        """Which of the five colours the owner's picture has; the same on every page."""
        return sum(map(ord, self.name)) % 5

    @property
    def shown_address(self) -> str:
        """Something to tell two people of one name apart."""
        address = self.addresses.get(SMS) or self.addresses.get(EMAIL) or next(iter(self.addresses.values()))
        return address.removeprefix("+86")


def _provider() -> PretendProvider:
    return cast("PretendProvider", current_app.extensions["simulator"])


@phones.before_request
def refuse_other_sites() -> None:
    """Another site in the visitor's browser may not answer in a customer's name."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "") in {"cross-site", "same-site"}:
        abort(HTTPStatus.FORBIDDEN)


@phones.after_request
def harden(response: AnyResponse) -> AnyResponse:
    """No inline script or style, no sniffing; remember the language."""
    response.headers.setdefault("Content-Security-Policy", _CSP)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    if request.args.get("lang") in {"zh", "en"}:
        response.set_cookie("phones_lang", request.args["lang"], samesite="Lax", httponly=True)
    return response


@phones.context_processor
def _words() -> dict[str, object]:
    english = (request.args.get("lang") or request.cookies.get("phones_lang")) == "en"

    def say(chinese: str, inenglish: str) -> str:
        return inenglish if english else chinese

    def app_name(channel: str) -> str:
        return CHANNEL_NAMES[channel][1 if english else 0]

    return {
        "t": say,
        "lang": "en" if english else "zh-CN",
        "app_name": app_name,
        "clock": _provider().config.clock.now().astimezone(ZONE),
        "when": _when,
        "tasks_waiting": len(_provider().state.waiting()),
    }


def _when(at: str) -> str:
    """A stored instant as a phone shows it: only the hour today, else the day as well."""
    local = datetime.fromisoformat(at).astimezone(ZONE)
    today = _provider().config.clock.now().astimezone(ZONE).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local.month}月{local.day}日 {local:%H:%M}"


def list_phones(people: Iterable[Person], threads: Iterable[tuple[str, str, str, int]]) -> list[Phone]:
    """Everybody with a phone: those written to last come first, then the others in their own order."""
    written = {(channel, address): (name, count) for channel, address, name, count in threads}
    ranks = {key: rank for rank, key in enumerate(written)}
    found: list[tuple[int, Phone]] = []
    taken: set[tuple[str, str]] = set()
    for person in people:
        keys = [(channel, address) for channel, address in person.addresses.items() if channel in APPS]
        if not keys:
            continue
        taken.update(keys)
        count = sum(written[key][1] for key in keys if key in written)
        rank = min((ranks[key] for key in keys if key in ranks), default=len(ranks))
        found.append((rank, Phone(name=person.name, addresses=dict(keys), messages=count)))
    for (channel, address), (name, count) in written.items():
        if (channel, address) not in taken and channel in APPS:
            phone = Phone(name=name or address, addresses={channel: address}, messages=count)
            found.append((ranks[channel, address], phone))
    return [phone for _, phone in sorted(found, key=lambda pair: pair[0])]


def _all_phones() -> list[Phone]:
    provider = _provider()
    return list_phones(provider.config.people(), provider.state.threads())


def _find(who: str) -> Phone | None:
    channel, _, address = who.partition(":")
    return next((phone for phone in _all_phones() if phone.addresses.get(channel) == address), None)


@phones.get("/")
def index() -> str:
    """The list of phones, and how to use them."""
    return render_template("phones/index.html", selected=None, **_list())


def _list() -> dict[str, object]:
    query = request.args.get("q", "").strip()
    found = _all_phones()
    if query:
        found = [p for p in found if query in p.name or any(query in a for a in p.addresses.values())]
    return {"phones": found[:SHOWN_PHONES], "more": max(0, len(found) - SHOWN_PHONES), "query": query}


@phones.get("/phone")
def phone() -> str:
    """One phone with one app open; `?part=screen` is the screen alone, for the polling script."""
    who = request.args.get("who", "")
    found = _find(who)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    app = request.args.get("app", "")
    if app not in found.addresses:
        app = _busiest(found)
    lines = _provider().state.thread(app, found.addresses[app])
    last = next((line.delivery for line in reversed(lines) if line.delivery), None)
    values = {
        "phone": found,
        "app": app,
        "apps": [name for name in APPS if name in found.addresses],
        "lines": lines,
        "partner": last.sender if last and last.sender else "",
        "images": {
            line.delivery.message_id: media.shown_with(_provider().state, line.delivery.message_id)
            for line in lines
            if line.delivery and app != EMAIL
        },
        "quick": QUICK_ANSWERS.get(app, ()),
    }
    if request.args.get("part") == "screen":
        return render_template("phones/_screen.html", **values)
    return render_template("phones/phone.html", selected=found.who, **values, **_list())


def _busiest(found: Phone) -> str:
    """The app with the newest message, else the first one."""
    newest = {name: _provider().state.thread(name, address) for name, address in found.addresses.items()}
    with_words = {name: lines[-1].at for name, lines in newest.items() if lines}
    return max(with_words, key=lambda name: with_words[name]) if with_words else next(iter(found.addresses))


@phones.post("/answer")
def answer() -> AnyResponse:
    """The customer answers from an app."""
    channel, address = request.form.get("app", ""), request.form.get("address", "")
    text = request.form.get("text", "").strip()[:MAX_ANSWER]
    if channel not in {WECHAT, SMS, EMAIL} or not text:
        abort(HTTPStatus.BAD_REQUEST)
    if not _provider().reply(channel, address, text):
        abort(HTTPStatus.NOT_FOUND)
    return redirect(_back(channel, address), HTTPStatus.SEE_OTHER)


@phones.post("/refuse")
def refuse() -> AnyResponse:
    """The customer unfollows the account: the platform itself takes the refusal."""
    channel, address = request.form.get("app", ""), request.form.get("address", "")
    if not _provider().refuse(channel, address):
        abort(HTTPStatus.NOT_FOUND)
    return redirect(_back(channel, address), HTTPStatus.SEE_OTHER)


@phones.post("/unsubscribe")
def unsubscribe() -> AnyResponse:
    """The mail program's own unsubscribe button: one POST, no page (RFC 8058)."""
    message_id = request.form.get("message_id", "")
    delivery = _provider().state.find(message_id)
    if delivery is None or not _provider().unsubscribe(message_id):
        abort(HTTPStatus.BAD_GATEWAY)
    return redirect(_back(delivery.channel, delivery.address), HTTPStatus.SEE_OTHER)


def _back(channel: str, address: str) -> str:
    return url_for("phones.phone", who=f"{channel}:{address}", app=channel) + "#end"


@phones.get("/mail/<message_id>")
def mail(message_id: str) -> Response:
    """The HTML of one mail, in a sandbox that runs and loads nothing."""
    delivery = _provider().state.find(message_id)
    if delivery is None or delivery.channel != EMAIL:
        abort(HTTPStatus.NOT_FOUND)
    images = media.shown_with(_provider().state, message_id)
    response = Response(media.within(delivery.html or "", images), mimetype="text/html")
    response.headers["Content-Security-Policy"] = _MAIL_CSP
    return response


@phones.get("/advisor")
def advisor() -> str:
    """The advisors' WeCom: the tasks that wait for a tap."""
    tasks = _provider().state.waiting()
    template = "phones/_tasks.html" if request.args.get("part") == "screen" else "phones/advisor.html"
    return render_template(template, tasks=tasks, selected="advisor", **_list())


@phones.post("/tap")
def tap() -> AnyResponse:
    """An advisor sends one task, or lets it go."""
    _provider().tap(request.form.get("task_id", ""), sent=request.form.get("sent") == "yes")
    return redirect(url_for("phones.advisor"), HTTPStatus.SEE_OTHER)


@phones.get("/magic")
def magic() -> str:
    """The magic recipients, for testers."""
    rows = [(row, magic_addresses(row.behaviour)) for row in MAGIC]
    return render_template("phones/magic.html", rows=rows, selected="magic", **_list())
