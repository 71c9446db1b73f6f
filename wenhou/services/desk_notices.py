"""What a person is told on the first page: late data, runs that stopped themselves, work about to expire, mourning."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from store.audit import record
from store.database import Session
from store.mourning import list_mournings
from store.notices import find_notice, list_unread
from store.overview import org_name, user_names
from store.runs import find_day
from wenhou.core.account_health import ill_of
from wenhou.core.actors import Actor, Role
from wenhou.core.channels import CHANNEL_NAMES
from wenhou.core.errors import AccessDenied
from wenhou.services import feeds, opinions, pools, relinting, waves
from wenhou.services.context import Context
from wenhou.services.run_figures import Breach

_KEPT = timedelta(days=14)
"""How long an unread notice stands on the page."""
_SEEDS = "seeds_sent"
_STAFF = (Role.OPERATIONS, Role.COMPLIANCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing to know. `id`: a notice that can be put away. `campaign` and `on`: the run it speaks of.

    `waits_at`: the page where it is dealt with (`queue`, `tasks`), None: none of these.
    """

    kind: str
    words: str
    id: uuid.UUID | None = None
    at: datetime | None = None
    campaign: str | None = None
    on: date | None = None
    waits_at: str | None = None
    is_urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MourningLine:
    """A mourning of the reader's part of the bank, in force or within two weeks; `org_name` empty: the whole bank."""

    org_name: str
    from_on: date
    until_on: date
    reason: str
    is_in_force: bool


def is_desk_of_operations(actor: Actor) -> bool:
    """Whether this person watches runs and data feeds: operations and compliance."""
    return actor.has(*_STAFF)


def list_notices(context: Context, actor: Actor, *, locale: str = "zh-CN") -> list[Notice]:
    """What this person should know now, what is late first, then the newest; own warnings, and operations' for them."""
    watches = is_desk_of_operations(actor)
    late = feeds.warnings(context, locale) if watches else []
    found = [Notice(kind="feed_late", words=words, is_urgent=True) for words in late]
    with context.db.read() as session:
        rows = list_unread(
            session, actor.user_id, unaddressed=watches, since=context.clock.now() - _KEPT, limit=20
        )
        for row in rows:
            made = _read(session, row.kind, row.body, in_chinese=locale != "en", zone=context.bank.zone)
            if made is not None:
                fields = {"id": row.id, "at": row.created_at, **made}
                found.append(Notice(kind=row.kind, **fields))
    return found


def put_away(context: Context, actor: Actor, notice_id: uuid.UUID) -> None:
    """A person has read a notice; AccessDenied for somebody else's. Twice is as good as once."""
    now = context.clock.now()
    with context.db.write() as session:
        row = find_notice(session, notice_id)
        is_mine = row is not None and actor.user_id is not None and row.user_id == actor.user_id
        is_ours = row is not None and row.user_id is None and is_desk_of_operations(actor)
        if row is None or not (is_mine or is_ours):
            raise AccessDenied("没有这条提醒 (no such notice)")
        if row.read_at is None:
            row.read_at = now
            record(session, now, actor, "notice.read", "notice", row.id, {"kind": row.kind})


def list_mourning(context: Context, actor: Actor) -> list[MourningLine]:
    """Days of mourning, now or within two weeks, at the reader's org, above it or below it."""
    today = context.clock.now().astimezone(context.bank.zone).date()
    with context.db.read() as session:
        rows = list_mournings(session)
        return [
            MourningLine(
                org_name=org.name if org else "",
                from_on=row.from_on,
                until_on=row.until_on,
                reason=row.reason,
                is_in_force=row.from_on <= today,
            )
            for row, org in reversed(rows)
            if row.ended_at is None
            and row.until_on >= today
            and row.from_on <= today + _KEPT
            and (org is None or org.path.startswith(actor.org_path) or actor.org_path.startswith(org.path))
        ]


def _read(
    session: Session, kind: str, body: dict[str, Any], *, in_chinese: bool, zone: ZoneInfo
) -> dict[str, Any] | None:
    """A notice's codes as a sentence and a place to go; None for a kind that has its own place on the page."""
    if kind == waves.STOP_NOTICE:
        return _stopped(body, in_chinese=in_chinese)
    if kind == _SEEDS:
        run = find_day(session, uuid.UUID(body["occurrence"]))
        zh = f"种子名单已收到 {body['calls']} 条样本，请核对文案。"
        en = f"{body['calls']} samples went to the seed list; look at the words."
        return {"words": zh if in_chinese else en, "campaign": body["campaign"], "on": run}
    if kind == pools.NOTICE:
        return _expiring(session, body, in_chinese=in_chinese, zone=zone)
    if kind == opinions.NOTICE:
        return _opinion(body, in_chinese=in_chinese)
    if kind == relinting.NOTICE:
        return _rules_changed(body, in_chinese=in_chinese)
    if kind in ("channel_ill", "channel_well"):
        return _channel(body, in_chinese=in_chinese)
    if kind in ("listener_deaf", "listener_hears"):
        return _listener(body, in_chinese=in_chinese)
    return None


def _listener(body: dict[str, Any], *, in_chinese: bool) -> dict[str, Any]:
    account = f"{body['provider']}/{body['account']}"
    if not body["code"]:
        return {"words": f"{account} 已恢复收信。" if in_chinese else f"{account} hears again."}
    ill = ill_of(body["code"])
    zh = f"{account} 收不到客户的话：{ill.zh}。怎么办：{ill.advice_zh}。"
    en = f"{account} hears nobody: {ill.en}. To do: {ill.advice_en}."
    return {"words": zh if in_chinese else en, "is_urgent": True}


def _channel(body: dict[str, Any], *, in_chinese: bool) -> dict[str, Any]:
    """Which account paused itself and what to do about it; no code: it carries at its full rate again."""
    names = CHANNEL_NAMES.get(body["channel"], (body["channel"],) * 2)
    account = f"{body['provider']}/{body['account']}"
    if not body["code"]:
        words = (
            f"{names[0]}通道 {account} 已恢复全速。",
            f"{names[1]}: {account} carries at its full rate again.",
        )
        return {"words": words[not in_chinese]}
    ill = ill_of(body["code"])
    zh = f"{names[0]}通道 {account} 已暂停：{ill.zh}。怎么办：{ill.advice_zh}。"
    en = f"{names[1]}: {account} is paused: {ill.en}. To do: {ill.advice_en}."
    return {"words": zh if in_chinese else en, "is_urgent": True}


def _rules_changed(body: dict[str, Any], *, in_chinese: bool) -> dict[str, Any]:
    """Which edition, how many of each kind it found, how many have to be agreed anew."""
    parts = {
        "template": ("个模板", "templates"),
        "article": ("篇资讯", "articles"),
        "message": ("条消息", "messages"),
    }
    zh = "、".join(f"{body[kind]}{names[0]}" for kind, names in parts.items() if body.get(kind))
    en = ", ".join(f"{body[kind]} {names[1]}" for kind, names in parts.items() if body.get(kind))
    words = (
        f"合规规则更新（第{body['edition']}版）：命中{zh}，其中{body.get('voided', 0)}项须重新审批。"
        if in_chinese
        else f"Compliance rules changed (edition {body['edition']}): {en} found, {body.get('voided', 0)} to be agreed anew."
    )
    return {"words": words}


def _stopped(body: dict[str, Any], *, in_chinese: bool) -> dict[str, Any]:
    breach = Breach(
        measure=body["measure"],
        part=body["part"],
        whole=body["whole"],
        limit=body["limit"],
        wave=body.get("wave"),
    )
    said = breach.sentence("zh-CN" if in_chinese else "en")
    words = f"活动自己停下了：{said}。" if in_chinese else f"The campaign stopped itself: {said}."
    on = date.fromisoformat(body["on"])
    return {"words": words, "campaign": body["key"], "on": on, "is_urgent": True}


def _opinion(body: dict[str, Any], *, in_chinese: bool) -> dict[str, Any]:
    """An opinion of consumer protection that ends soon, or has ended: nothing of its campaign leaves after that."""
    key, number, is_over = body["key"], body["number"], body["is_over"]
    until = date.fromisoformat(body["until"])
    if is_over:
        zh = f"活动 {key} 的消保审查意见 {number} 已于 {until:%Y-%m-%d} 到期，暂缓发送，请登记续审意见。"
        en = f"{key}: opinion {number} of consumer protection ended on {until}; it is held until that is renewed."
    else:
        zh = f"活动 {key} 的消保审查意见 {number} 将于 {until:%Y-%m-%d} 到期，请提前续审。"
        en = f"{key}: opinion {number} of consumer protection ends on {until}; have it renewed before."
    return {"words": zh if in_chinese else en, "campaign": key, "is_urgent": is_over}


def _expiring(session: Session, body: dict[str, Any], *, in_chinese: bool, zone: ZoneInfo) -> dict[str, Any]:
    kind, whose, key = (*body["queue"].split(":"), "", "")[:3]
    owner = uuid.UUID(hex=key) if whose == "advisor" and key else None
    name = user_names(session, [owner]).get(owner, "") if owner else ""
    if not name and body.get("org"):
        name = org_name(session, uuid.UUID(body["org"]))
    at = datetime.fromisoformat(body["first_at"]).astimezone(zone)
    amount = body["amount"]
    if kind == "approvals":
        zh = f"{name}的队列有 {amount} 条待审批将过期，最早 {at:%H:%M}。"
        en = f"{amount} approvals of {name} are about to expire, the first at {at:%H:%M}."
    else:
        zh = f"{name}有 {amount} 件待办快到时限，最早 {at:%H:%M}。"
        en = f"{amount} to-dos of {name} fall due, the first at {at:%H:%M}."
    page = "queue" if kind == "approvals" else "tasks"
    return {"words": zh if in_chinese else en, "waits_at": page, "is_urgent": True}
