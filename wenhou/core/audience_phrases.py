"""How one question of an audience rule is said, in Chinese and in English, as it stands and as its opposite."""

from __future__ import annotations

from collections.abc import Callable

from wenhou.core.audience import Condition
from wenhou.core.channels import CHANNEL_NAMES
from wenhou.core.purposes import PURPOSE_NAMES, Purpose

Said = tuple[str, str]
"""Chinese, English."""
Phrase = Callable[[Condition, bool], Said]
"""The question and whether it is to hold."""

_WAN = 10_000
_NAMES: dict[str, Said] = {
    "female": ("女性", "women"),
    "male": ("男性", "men"),
    "zh-CN": ("中文", "Chinese"),
    "en": ("英文", "English"),
    "active": ("正常", "active"),
    "dormant": ("睡眠", "dormant"),
    "closed": ("已销户", "closed"),
    "erased": ("已删除", "erased"),
    "under_14": ("未满14岁", "under 14"),
    "under_18": ("未满18岁", "under 18"),
    "adult": ("成年", "adult"),
    "senior": ("65岁及以上", "65 or older"),
    "birthday": ("生日", "birthday"),
    "account_opening": ("开户纪念日", "account anniversary"),
    "deposit_maturity": ("存款到期日", "deposit maturity"),
    "school_start": ("子女开学日", "a child's school start"),
    "deposit": ("存款", "deposit"),
    "fund": ("基金", "fund"),
    "wealth": ("理财", "wealth product"),
    "loan": ("贷款", "loan"),
    "insurance": ("保险", "insurance"),
    "gold": ("贵金属", "gold"),
    "bond": ("债券", "bond"),
    "credit_card": ("信用卡", "credit card"),
    "consumer_loan": ("消费贷款", "consumer loan"),
    "mortgage": ("住房贷款", "mortgage"),
    "account_opened": ("开户", "account opened"),
    "loan_granted": ("贷款发放", "loan granted"),
    "loan_progress": ("贷款进度更新", "loan progress"),
    "product_bought": ("购买产品", "product bought"),
    "product_matured": ("产品到期", "product matured"),
    "branch_visit": ("到访网点", "branch visit"),
    "service_done": ("办结业务", "service done"),
    "case_closed": ("投诉办结", "case closed"),
    "contact_added": ("添加联系方式", "contact added"),
    **CHANNEL_NAMES,
}


def listed(words: tuple[str, ...]) -> Said:
    """Words any of which will do, by their names."""
    names = [_NAMES.get(word, (word, word)) for word in words]
    return "或".join(name[0] for name in names), " or ".join(name[1] for name in names)


def number(value: float) -> str:
    """As people write it: 90, 2.5."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def bounds(rule: Condition, unit: str, *, show: Callable[[float], str] = number) -> Said:
    """不少于90天 / at least 90, of a number."""
    low, high = show(rule.number or 0), show(rule.upper or 0)
    if rule.operator == "between":
        return f"在{low}{unit}到{high}{unit}之间", f"between {low} and {high}"
    if rule.operator == "at_least":
        return f"不少于{low}{unit}", f"at least {low}"
    return f"不超过{low}{unit}", f"at most {low}"


def days_between(rule: Condition) -> Said:
    """早于2027-03-01 / before 2027-03-01."""
    if rule.operator == "between":
        return f"在{rule.on}到{rule.until}之间", f"between {rule.on} and {rule.until}"
    return {
        "before": (f"早于{rule.on}", f"before {rule.on}"),
        "after": (f"晚于{rule.on}", f"after {rule.on}"),
    }[rule.operator]


def _days(rule: Condition) -> tuple[str, str]:
    amount = number(rule.days if rule.days is not None else rule.number or 0)
    return amount, f"{amount} day{'' if amount == '1' else 's'}"


def _of(zh_yes: str, zh_no: str, en_yes: str, en_no: str) -> Phrase:
    """A phrase with `{0}` for the words in Chinese and in English."""

    def say(rule: Condition, holds: bool) -> Said:  # noqa: FBT001 - whether it is to hold
        zh, en = listed(rule.values)
        return (zh_yes if holds else zh_no).format(zh), (en_yes if holds else en_no).format(en)

    return say


def _is(zh: str, en: str) -> Phrase:
    return _of(zh + "为{0}", zh + "不是{0}", en + " is {0}", en + " is not {0}")


def _window(zh_yes: str, zh_no: str, en_yes: str, en_no: str) -> Phrase:
    """A phrase with `{0}` for days and `{1}` for kinds."""

    def say(rule: Condition, holds: bool) -> Said:  # noqa: FBT001 - whether it is to hold
        kinds = listed(rule.of) if rule.of else ("产品", "something held")
        zh_days, en_days = _days(rule)
        chinese, english = (zh_yes, en_yes) if holds else (zh_no, en_no)
        return chinese.format(zh_days, kinds[0]), english.format(en_days, kinds[1])

    return say


def _either(yes: Said, no: Said) -> Phrase:
    return lambda _rule, holds: yes if holds else no


def _measured(zh: str, en: str, unit: str = "", show: Callable[[float], str] = number) -> Phrase:
    def say(rule: Condition, holds: bool) -> Said:  # noqa: FBT001 - whether it is to hold
        told = bounds(rule, unit, show=show)
        found = f"{zh}{told[0]}", f"{en} {told[1]}"
        return found if holds else (f"并非“{found[0]}”", f"not ({found[1]})")

    return say


def _yuan(value: float) -> str:
    return f"{number(value / _WAN)}万元" if value >= _WAN else f"{number(value)}元"


def _assets(rule: Condition, holds: bool) -> Said:  # noqa: FBT001 - whether it is to hold
    zh, en = bounds(rule, "", show=_yuan)[0], bounds(rule, "")[1]
    found = f"资产{zh}", f"assets {en} yuan"
    return found if holds else (f"并非“{found[0]}”", f"not ({found[1]})")


def _since_contact(rule: Condition, holds: bool) -> Said:  # noqa: FBT001 - whether it is to hold
    zh, en = _days(rule)
    silent, spoken = (
        (f"{zh}天没有联系过", f"no contact for {en}"),
        (f"{zh}天内联系过", f"contacted within {en}"),
    )
    if rule.operator == "between":
        found = (
            f"上次联系在{zh}到{number(rule.upper or 0)}天前",
            f"last contact {zh} to {number(rule.upper or 0)} days ago",
        )
        return found if holds else (f"并非“{found[0]}”", f"not ({found[1]})")
    return silent if (rule.operator == "at_least") is holds else spoken


def _opened(rule: Condition, holds: bool) -> Said:  # noqa: FBT001 - whether it is to hold
    if rule.operator == "within_days":
        zh, en = _days(rule)
        return (
            (f"{zh}天内开户", f"opened within {en}")
            if holds
            else (f"{zh}天内没有开户", f"not opened within {en}")
        )
    told = days_between(rule)
    found = f"开户日期{told[0]}", f"opened {told[1]}"
    return found if holds else (f"并非“{found[0]}”", f"not ({found[1]})")


def _consent(rule: Condition, holds: bool) -> Said:  # noqa: FBT001 - whether it is to hold
    channel = CHANNEL_NAMES.get(rule.channel or "", (rule.channel or "",) * 2)
    purpose = PURPOSE_NAMES[Purpose(rule.purpose or "care")]
    if holds:
        return f"同意{channel[0]}{purpose[0]}", f"agreed to {purpose[1].lower()} by {channel[1]}"
    return f"拒绝{channel[0]}{purpose[0]}", f"refused {purpose[1].lower()} by {channel[1]}"


def _replied_to_last(rule: Condition, holds: bool) -> Said:  # noqa: FBT001 - whether it is to hold
    last = rule.last or 1
    zh, en = f"最近{last}条消息", f"the last {last} messages" if last > 1 else "the last message"
    if holds:
        return f"回复过{zh}", f"replied to {en}"
    return f"没有回复{zh}", f"did not reply to {en}"


def _rated(rule: Condition, holds: bool) -> Said:  # noqa: FBT001 - whether it is to hold
    zh_days, en_days = _days(rule)
    scale = ("推荐分", "recommendation") if rule.of == ("nps",) else ("评分", "rating")
    zh, en = bounds(rule, "分")
    chinese = f"{zh_days}天内有{scale[0]}{zh}" if holds else f"{zh_days}天内评过，但没有{scale[0]}{zh}"
    english = f"a {scale[1]} of {en} within {en_days}"
    return chinese, english if holds else f"rated within {en_days}, but never {en}"


def _messages(rule: Condition, holds: bool) -> Said:  # noqa: FBT001 - whether it is to hold
    zh_days, en_days = _days(rule)
    zh, en = bounds(rule, "次")
    found = f"{zh_days}天内触达{zh}", f"{en} contacts in {en_days}"
    return found if holds else (f"并非“{found[0]}”", f"not ({found[1]})")


PHRASES: dict[str, Phrase] = {
    "tier": _of("{0}客户", "非{0}客户", "tier {0}", "tier other than {0}"),
    "need": _is("需求", "need"),
    "risk_appetite": _is("风险偏好", "risk appetite"),
    "gender": _of("{0}客户", "非{0}客户", "{0}", "not {0}"),
    "locale": _is("语言", "language"),
    "state": _is("状态", "state"),
    "life_stage": _of("{0}客户", "非{0}客户", "{0}", "not {0}"),
    "org": _of("由{0}管户", "不由{0}管户", "managed by {0}", "not managed by {0}"),
    "opening_org": _of("在{0}开户", "不在{0}开户", "opened at {0}", "not opened at {0}"),
    "advisor": _of("客户经理为{0}", "客户经理不是{0}", "advisor is {0}", "advisor is not {0}"),
    "has_advisor": _either(("有管户经理", "has an advisor"), ("无管户经理", "has no advisor")),
    "is_staff": _either(("本行员工", "staff of the bank"), ("非本行员工", "not staff of the bank")),
    "assets_yuan": _assets,
    "assessment_level": _measured("风险测评", "risk assessment level", "级"),
    "days_with_bank": _measured("开户", "days with the bank", "天"),
    "days_since_contact": _since_contact,
    "opened_on": _opened,
    "tag": _of("有标签“{0}”", "没有标签“{0}”", "tagged {0}", "not tagged {0}"),
    "interest": _of("对{0}感兴趣", "对{0}没有兴趣", "interested in {0}", "not interested in {0}"),
    "festival": _of(
        "自选了节日{0}", "没有自选节日{0}", "chose the festival {0}", "did not choose the festival {0}"
    ),
    "has_channel": _of("{0}可触达", "{0}不可触达", "reachable by {0}", "not reachable by {0}"),
    "consent": _consent,
    "personal_date": _window("{0}天内有{1}", "{0}天内没有{1}", "{1} within {0}", "no {1} within {0}"),
    "matures": _window(
        "{1}{0}天内到期", "{0}天内没有{1}到期", "{1} maturing within {0}", "no {1} maturing within {0}"
    ),
    "assessment_expires": _window(
        "风险测评{0}天内到期",
        "风险测评{0}天内不到期",
        "risk assessment expiring within {0}",
        "risk assessment not expiring within {0}",
    ),
    "holds_product": _of("持有产品{0}", "未持有产品{0}", "holds {0}", "does not hold {0}"),
    "holds_kind": _of("持有{0}", "未持有{0}", "holds a {0}", "holds no {0}"),
    "event": _window("{0}天内有{1}", "{0}天内没有{1}", "{1} within {0}", "no {1} within {0}"),
    "complained": _window(
        "{0}天内投诉过", "{0}天内没有投诉过", "complained within {0}", "no complaint within {0}"
    ),
    "replied": _window("{0}天内回复过", "{0}天内没有回复过", "replied within {0}", "no reply within {0}"),
    "replied_to_last": _replied_to_last,
    "rated": _rated,
    "messages": _messages,
}
