"""Instants, days, codes and refusals as people read them, in Chinese or English. No rules here."""

from __future__ import annotations

import re
import uuid
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import g, request

from console.sessions import context
from wenhou.core.channels import CHANNEL_NAMES
from wenhou.core.policy.gates import GateResult
from wenhou.core.policy.sentences import GATE_NAMES, gate_sentence
from wenhou.core.purposes import PURPOSE_NAMES
from wenhou.core.reasons import sentence
from wenhou.core.statuses import STATUS_NAMES, Status
from wenhou.services.campaigns import english_names
from wenhou.services.stopping import Stopped

LOCALE_COOKIE, THEME_COOKIE = "wenhou_locale", "wenhou_theme"
_TWO_TONGUES = re.compile(r"^(?P<zh>.*?)\s*\((?P<en>[^()]*)\)$", re.DOTALL)
STRANGER = "未识别的来信人"
_WEEK_ZH = "一二三四五六日"
_CODES: dict[str, tuple[str, str]] = {
    "granted": ("同意", "granted"),
    "withdrawn": ("撤回", "withdrawn"),
    "counter": ("柜面", "counter"),
    "customer": ("客户本人", "the customer"),
    "file": ("导入文件", "imported file"),
    "staff": ("员工", "staff"),
    "provider": ("平台", "platform"),
    "own": ("本人", "own"),
    "family": ("家人共用", "family"),
    "guardian": ("监护人", "guardian"),
    "company": ("单位", "company"),
    "birthday": ("生日", "Birthday"),
    "account_opening": ("开户日", "Account opened"),
    "deposit_maturity": ("存款到期", "Deposit matures"),
    "certificate": ("证件", "certificate"),
    "advisor": ("客户经理", "Advisor"),
    "supervisor": ("主管", "Supervisor"),
    "operations": ("运营", "Operations"),
    "compliance": ("合规", "Compliance"),
    "administrator": ("管理员", "Administrator"),
    "certain": ("已确认", "certain"),
    "assumed": ("未核实", "assumed"),
    "foreign": ("其他系统联系", "By another system"),
    "questioned": ("存疑", "questioned"),
    "any": ("全部渠道", "every channel"),
    "complaint": ("投诉", "Complaint"),
    "question": ("咨询", "Question"),
    "service": ("服务", "Service"),
    "low": ("低", "low"),
    "normal": ("普通", "normal"),
    "high": ("高", "high"),
    "critical": ("紧急", "critical"),
    "open": ("待答复", "open"),
    "answered": ("已答复", "answered"),
    "waiting": ("等待客户", "waiting"),
    "solved": ("已解决", "solved"),
    "closed": ("已结案", "closed"),
    "said": ("客户说", "the customer said"),
    "acknowledged": ("已首次回应", "acknowledged"),
    "note": ("进展", "progress"),
    "assigned": ("已分派", "assigned"),
    "campaign": ("活动", "Campaign"),
    "reply": ("回复", "Reply"),
    "confirmation": ("确认", "Confirmation"),
    "case_note": ("投诉进展", "Case progress"),
    "welcome": ("欢迎", "Welcome"),
    "two_persons": ("需要两人审批", "needs two people"),
    "edited": ("改过，需单独看", "edited, to be looked at alone"),
    "risk": ("风险较高", "higher risk"),
    "held": ("暂缓中", "held"),
    "refused": ("已有变化", "changed meanwhile"),
    "live": ("进行中", "live"),
    "paused": ("已暂停", "paused"),
    "draft": ("草稿", "draft"),
    "checked": ("已检查", "checked"),
    "approved": ("已批准", "approved"),
    "retired": ("已换下", "retired"),
    "finished": ("已结束", "ended"),
    "active": ("正常", "active"),
    "dormant": ("休眠", "dormant"),
    "overdue": ("逾期", "overdue"),
    "bereavement": ("家有丧事", "bereavement"),
    "deceased": ("已故", "deceased"),
    "litigation": ("诉讼", "litigation"),
    "judicial_inquiry": ("司法查控", "judicial inquiry"),
    "anti_money_laundering": ("反洗钱", "anti-money-laundering"),
    "wrong_person": ("非本人号码", "wrong person"),
    "minor": ("未成年", "minor"),
    "other": ("其他", "other"),
    "opt_out": ("退订", "opt-out"),
    "rating": ("评分", "rating"),
    "thanks": ("致谢", "thanks"),
    "opt_in": ("恢复接收", "opt-in"),
    "progress": ("问进度", "asks for progress"),
    "callback": ("要求回电", "asks for a call"),
    "severe": ("紧急", "urgent"),
    "all": ("全部", "everything"),
    "purpose": ("用途", "purpose"),
    "org": ("机构", "org"),
    "channel": ("渠道", "channel"),
    "yes": ("可达", "reachable"),
    "no": ("不可达", "unreachable"),
    "unknown": ("未知", "unknown"),
    "csat": ("满意度", "CSAT"),
    "nps": ("推荐度", "NPS"),
    "VIP": ("VIP", "VIP"),
    "高净值": ("高净值", "High net worth"),
    "普通": ("普通", "Standard"),
    "投资": ("投资", "investing"),
    "消费": ("消费", "spending"),
    "储蓄": ("储蓄", "saving"),
    "激进": ("激进", "aggressive"),
    "稳健": ("稳健", "balanced"),
    "保守": ("保守", "cautious"),
    "provider_record": ("平台记录", "the platform's records"),
    "customer_said": ("客户说的", "the customer said so"),
}


_RUN_STATES = {
    "waits": ("等上一批达标", "waits for the one before"),
    "leaving": ("正在发", "leaving"),
    "settled": ("已发完", "settled"),
}
_SAME_YEAR_DAYS = 180
"""Within half a year a day needs no year beside it."""
_DAYS_ALONE = 7
"""From a week on nobody counts the hours."""


def locale() -> str:
    """The language of this request: the cookie's, else Chinese."""
    return "en" if request.cookies.get(LOCALE_COOKIE) == "en" else "zh-CN"


def is_chinese() -> bool:
    """Whether this page is Chinese."""
    return locale() != "en"


def tr(zh: str, en: str) -> str:
    """One of two sentences, by the page's language: both stand side by side, so neither is ever missing."""
    return zh if is_chinese() else en


def code(word: str | None) -> str:
    """A short word of ours as people say it; an unknown one reads as itself."""
    return _pick(_CODES.get(word or "", (word or "", word or "")))


def channel(word: str | None) -> str:
    """微信, 企业微信, 短信, 邮件."""
    return _pick(CHANNEL_NAMES.get(word or "", (word or "—", word or "—")))


def purpose(word: str) -> str:
    """What a message is for."""
    return _pick(dict(PURPOSE_NAMES).get(word, (word, word)))  # type: ignore[call-overload]


def status(word: str) -> str:
    """Where a message stands."""
    return _pick(STATUS_NAMES[Status(word)])


def reason(word: str | None) -> str:
    """Why, in a sentence."""
    return sentence(word, locale())


def why(word: str | None) -> str:
    """A code of either list: an amber mark of the queue or a reason."""
    return code(word) if word in _CODES else reason(word)


def gate_name(gate: GateResult) -> str:
    """The gate's name."""
    return _pick(GATE_NAMES[gate.gate])


def gate_words(gate: GateResult) -> str:
    """The gate's verdict as a sentence."""
    return gate_sentence(gate, locale())


def refusal(error: Exception | str) -> str:
    """A service's sentence in the page's language: services write 中文 (English)."""
    found = _TWO_TONGUES.match(str(error))
    return (found["zh"] if is_chinese() else found["en"]) if found else str(error)


def clock_time(instant: datetime | None) -> str:
    """今天 15:30, 明天 09:30, 2月6日 08:00."""
    if instant is None:
        return "—"
    local = instant.astimezone(zone())
    days = (local.date() - today()).days
    near = {-1: tr("昨天", "yesterday"), 0: tr("今天", "today"), 1: tr("明天", "tomorrow")}
    said = near.get(days) or day(local.date())
    if abs(days) > _SAME_YEAR_DAYS and local.year != today().year:
        said = tr(f"{local.year}年{said}", f"{said} {local.year}")
    return f"{said} {local:%H:%M}"


def left(instant: datetime) -> str:
    """How long until: 还有1小时20分, 超时3小时."""
    gap = instant - now()
    late = gap < timedelta(0)
    span = _span(abs(gap))
    if late:
        return tr(f"已超时{span}", f"{span} late")
    return tr(f"还有{span}", f"{span} left")


def is_soon(instant: datetime) -> bool:
    """Whether fewer than two hours are left."""
    return instant - now() < timedelta(hours=2)


def day(on: date | None) -> str:
    """2月6日 or 6 Feb."""
    if on is None:
        return "—"
    return tr(f"{on.month}月{on.day}日", f"{on.day} {on:%b}")


def weekday(on: date) -> str:
    """周六 or Saturday."""
    return tr(f"周{_WEEK_ZH[on.weekday()]}", f"{on:%A}")


def now() -> datetime:
    """Business time of this request."""
    found: datetime = g.now
    return found


def today() -> date:
    """The bank's day."""
    return now().astimezone(zone()).date()


def zone() -> ZoneInfo:
    """The bank's zone."""
    found: ZoneInfo = g.zone
    return found


def who(name: str) -> str:
    """A customer's name, or in the page's language that nobody knows yet who wrote."""
    return tr(STRANGER, "Not yet identified") if name == STRANGER else name


def stop_words(stop: Stopped) -> str:
    """What an order stops: 全部, or the kind and its name."""
    if stop.scope == "all":
        return code(stop.scope)
    say = {"purpose": purpose, "channel": channel, "campaign": campaign_name}.get(stop.scope, str)
    return f"{code(stop.scope)} {say(stop.value)}"


def run_state(word: str) -> str:
    """Where a wave stands."""
    return _pick(_RUN_STATES.get(word, (word, word)))


def is_id(text: str) -> bool:
    """Whether a form's text is an id of ours."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def campaign_name(name: str) -> str:
    """A campaign's name in the page's language; the Chinese one where its document gives no other."""
    if is_chinese():
        return name
    if "campaign_names" not in g:
        g.campaign_names = english_names(context())
    return str(g.campaign_names.get(name, name))


def _pick(pair: tuple[str, str]) -> str:
    return pair[0] if is_chinese() else pair[1]


def _span(gap: timedelta) -> str:
    minutes = int(gap.total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days >= _DAYS_ALONE:
        return tr(f"{days}天", f"{days} d")
    if days:
        return tr(f"{days}天{hours}小时", f"{days} d {hours} h")
    if hours:
        return tr(f"{hours}小时{rest}分", f"{hours} h {rest} min")
    return tr(f"{rest}分钟", f"{rest} min")
