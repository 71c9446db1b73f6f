"""Setting the stage: a bank on the morning of 30 January 2027, a week before Spring Festival.

Everything is had the way a bank would have it: customers by import, consents with evidence, events by the intake,
yesterday's messages planned, approved, handed over to the simulated phones and answered. Nothing is written past the
services but what no service of this version writes yet (a care restriction of the core banking feed).
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import requests

from scheduler.dispatch import Dispatcher
from scheduler.planning import Planner
from store.demo import DemoCustomer, add_restriction, list_demo_customers, list_sent_lines
from store.users import find_user, load_actor
from wenhou.core.actors import SYSTEM, Actor
from wenhou.core.clock import ShiftedClock
from wenhou.demo.people import PEOPLE, settle_people
from wenhou.demo.sample import HEADINGS, make_sample, write_sample
from wenhou.running import Parts
from wenhou.services.approvals import approve_all
from wenhou.services.articles import ArticleDraft, review_article, write_article
from wenhou.services.campaigns import apply_campaigns, bundled_campaigns
from wenhou.services.context import Context
from wenhou.services.events import NewEvent, take_in
from wenhou.services.importing.mapping import Mapping
from wenhou.services.importing.run import Request, import_customers
from wenhou.services.intake import apply_pending

ZONE = ZoneInfo("Asia/Shanghai")
YESTERDAY = datetime(2027, 1, 29, 10, 5, tzinfo=ZONE)
OPENING = datetime(2027, 1, 30, 8, 30, tzinfo=ZONE)
"""When the demo opens: 小年 by the northern count is over, Spring Festival is on 6 February."""
EVE = datetime(2027, 2, 5, 8, 0, tzinfo=ZONE)
"""除夕 08:00, when the greetings leave."""
_SEED = 2027
_ANSWERS = ("投诉！昨天在柜台排了一个小时队，没有人管", "你们网点春节哪天上班？", "谢谢，也祝你新年好！")
_RATINGS = ("5", "4")
_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What the demo says of itself when it opens."""

    customers: int
    waiting: int
    sent: int


def set_stage(parts: Parts, clock: ShiftedClock, folder: Path, customers: int) -> Stage:
    """Play yesterday, then open today. The web side must be answering already: phones and callbacks are real."""
    context = parts.context
    settle_people(context)
    _import(context, folder, customers)
    people = list_restricted(context)
    apply_campaigns(context, SYSTEM, bundled_campaigns())
    _happen(context, people)
    _write_article(context)
    planner = Planner(context, parts.carriers)
    planner.plan(YESTERDAY.date(), YESTERDAY.date())
    sent = _play_yesterday(parts)
    clock.move_to(OPENING)
    planner.plan(OPENING.date(), EVE.date())
    with context.db.read() as session:
        found = list_demo_customers(session, context.vault)
        waiting = sum(customer.waiting for customer in found)
    return Stage(customers=len(found), waiting=waiting, sent=sent)


def phones_of(context: Context) -> list[tuple[str, dict[str, str]]]:
    """Names and addresses for the page of phones, those with most messages first."""
    with context.db.read() as session:
        found = list_demo_customers(session, context.vault)
    return [(customer.name, customer.addresses) for customer in found]


def list_restricted(context: Context) -> list[DemoCustomer]:
    """Hold one customer of the first advisor back as overdue; returns everybody."""
    with context.db.write() as session:
        found = list_demo_customers(session, context.vault)
        held = next((one for one in found if one.advisor == PEOPLE[0].employee_no and one.agrees), found[0])
        add_restriction(session, held.id, kind="overdue", on=date(2027, 1, 25), at=context.clock.now())
    return found


def _import(context: Context, folder: Path, customers: int) -> None:
    path = folder / "江城银行客户.csv"
    rows = make_sample(customers, _SEED, OPENING.date())
    _settle_family(rows)
    assert set(rows[0]) == set(HEADINGS)  # noqa: S101 - the sample's own promise
    write_sample(path, rows)
    import_customers(context, Request(path=path, mapping=Mapping()))


def _settle_family(rows: list[dict[str, str]]) -> None:
    """Give the first advisor a couple with one phone and nothing else: a greeting a day for both of them."""
    second = next((number for number, row in enumerate(rows) if row["手机关系"] == "家属"), None)
    if second is None:
        return
    for row in rows[second - 1 : second + 1]:
        row.update(dict.fromkeys((name for name in HEADINGS if name.endswith("同意")), ""))
        row.update(dict.fromkeys(("邮箱", "微信openid", "企微ID"), ""))
        row.update(
            {"客户经理": PEOPLE[0].employee_no or "", "副客户经理": "", "短信关怀同意": "是", "状态": "正常"}
        )
        row.update({"协议版本": "PIPL-2024-06", "签署日期": "2025-03-18", "柜面流水号": f"GM{row['客户号']}"})


def _happen(context: Context, people: list[DemoCustomer]) -> None:
    """Accounts opened on the last workdays: yesterday's call-backs, and those that wait today and on Monday."""
    luck = random.Random(_SEED)  # noqa: S311 - made-up events
    chosen = luck.sample(people, min(len(people), 12))
    events = [
        NewEvent(
            source="core-banking",
            source_id=f"KH20270128{number:04d}",
            kind="account_opened",
            customer=one.reference,
            happened_at=datetime(2027, 1, 28 if number < 6 else 29, 9, 30, tzinfo=ZONE)
            + timedelta(minutes=17 * number),
        )
        for number, one in enumerate(chosen)
    ]
    take_in(context, SYSTEM, events)


def _write_article(context: Context) -> None:
    draft = ArticleDraft(
        key="card-abroad-2027",
        title="春节出行用卡小贴士",
        summary="出行前开通境外用卡提醒、记好挂失电话，境外小额支付更安心。",
        body="出行前请看一下银行卡是否快到期、预留手机号是否还在用；境外用卡建议开启交易提醒；如遇卡片遗失，请第一时间拨打客服热线挂失。",
        topics=("旅游",),
        source="江城银行个人金融部",
        effective_on=date(2027, 2, 1),
        expires_on=date(2027, 2, 28),
    )
    write_article(context, SYSTEM, draft)
    review_article(context, actor_of_login(context, "heqing"), draft.key)


def _play_yesterday(parts: Parts) -> int:
    """Approve, send and answer what was due on the 29th."""
    context = parts.context
    for person in PEOPLE[:4]:
        approve_all(context, actor_of_login(context, person.login), undo_seconds=0)
    hands = Dispatcher(context, parts.carriers)
    try:
        hands.run_until_empty(patience_seconds=2)
    finally:
        hands.close()
    with context.db.read() as session:
        lines = list_sent_lines(session, context.vault)
    rated = [line for line in lines if line.asks == "csat"]
    for line, score in zip(rated, _RATINGS, strict=False):
        _answer(parts.settings.web_url, line.channel, line.address, score)
    others = [line for line in lines if line.asks != "csat"] + rated[len(_RATINGS) :]
    for line, answer in zip(others, _ANSWERS, strict=False):
        _answer(parts.settings.web_url, line.channel, line.address, answer)
    _hear(parts)
    return len(lines)


def _answer(url: str, channel: str, address: str, text: str) -> None:
    """A customer answers on the simulated phone, over HTTP as in the browser."""
    body = {"channel": channel, "address": address, "text": text}
    requests.post(f"{url}/phones/api/reply", json=body, timeout=10).raise_for_status()


def _hear(parts: Parts) -> None:
    """Apply receipts and answers until it has been quiet for a second; the simulator reports half a second late."""
    until = time.monotonic() + _PATIENCE_SECONDS
    quiet_since = time.monotonic()
    while time.monotonic() < until and time.monotonic() - quiet_since < 1.5:
        if apply_pending(parts.context, parts.parsers):
            quiet_since = time.monotonic()
        time.sleep(0.1)


def actor_of_login(context: Context, login: str) -> Actor:
    """Somebody of the demo as one who acts."""
    with context.db.read() as session:
        user = find_user(session, login)
        assert user is not None  # noqa: S101 - the demo made them
        return load_actor(session, user, context.clock.now())
