"""A campaign as people say it, in Chinese and English: when it comes, whom it meets, what each step does."""

from __future__ import annotations

from wenhou.core.audience import EVERYBODY
from wenhou.core.audience_sentences import sentence
from wenhou.core.calendars.festivals import FESTIVALS
from wenhou.core.calendars.regional import REGIONAL_FESTIVALS
from wenhou.core.campaigns import (
    ArticleTrigger,
    BusinessEventTrigger,
    Campaign,
    Every,
    FestivalTrigger,
    OnceTrigger,
    PersonalDateTrigger,
    RecurringTrigger,
    Step,
    StepCondition,
    Trigger,
)
from wenhou.core.channels import CHANNEL_NAMES

Said = tuple[str, str]
"""Chinese, English."""
APPROVALS: dict[str, Said] = {
    "none": ("不需要审批", "no approval"),
    "advisor": ("客户经理审批", "approved by the advisor"),
    "two_persons": ("两人审批", "approved by two persons"),
    "by_risk": ("按风险审批", "approved by risk"),
}
LATE: dict[str, Said] = {
    "skip": ("错过不补", "never late"),
    "send_late": ("错过后 {days} 天内补发", "sent up to {days} days late"),
    "ask_again": ("错过后 {days} 天内再问客户经理", "the advisor is asked again, up to {days} days late"),
}
TASKS: dict[str, Said] = {
    "call": ("打电话", "call"),
    "visit": ("拜访", "visit"),
    "card": ("手写贺卡", "handwritten card"),
    "gift": ("送礼", "gift"),
}
_DATES: dict[str, Said] = {
    "birthday": ("生日", "the birthday"),
    "account_opening": ("开户日", "the day the account was opened"),
    "deposit_maturity": ("存款到期日", "the day a deposit matures"),
    "school_start": ("孩子开学日", "the day a child's school starts"),
}
_EVENTS: dict[str, Said] = {
    "account_opened": ("开户", "an account is opened"),
    "loan_granted": ("贷款发放", "a loan is granted"),
    "loan_progress": ("贷款有进度", "a loan moves on"),
    "product_bought": ("购买产品", "a product is bought"),
    "product_matured": ("产品到期", "a product matures"),
    "branch_visit": ("到店", "a branch is visited"),
    "service_done": ("服务办结", "a service is done"),
    "case_closed": ("投诉结案", "a complaint is closed"),
    "contact_added": ("建立联系", "a contact is made"),
}
_WEEK = ("一二三四五六日", ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"))
_MONTH_END = 31
_FACTS: dict[str, tuple[Said, Said]] = {
    "replied": (("已回复", "was answered"), ("没有回复", "was not answered")),
    "rated": (("已打分", "was rated"), ("没有打分", "was not rated")),
    "delivered": (("已送达", "was delivered"), ("没有送达", "was not delivered")),
    "read": (("已读", "was read"), ("未读", "was not read")),
    "done": (("已完成", "was done"), ("没有完成", "was not done")),
}


def trigger_sentence(trigger: Trigger) -> Said:
    """When it comes."""
    match trigger:
        case FestivalTrigger(festival=key, days_before=before):
            return _before(_festival(key), before)
        case PersonalDateTrigger(kind=kind, days_before=before):
            zh, en = _before(_DATES.get(kind, (kind, kind)), before)
            return _with_milestones(trigger, zh, en)
        case BusinessEventTrigger(event=event, workdays_after=after, at_once=at_once):
            zh, en = _EVENTS.get(event, (event, event))
            if at_once:
                return f"{zh}后立即", f"as soon as {en}"
            return (
                (f"{zh}当天", f"the day {en}")
                if after == 0
                else (
                    f"{zh}后第 {after} 个工作日",
                    f"{after} workdays after {en}",
                )
            )
        case ArticleTrigger(topics=topics):
            about = "、".join(topics), ", ".join(topics)
            zh = f"资讯生效时（主题：{about[0]}）" if topics else "资讯生效时"
            return zh, "when an article comes into force" + (f" (topics: {about[1]})" if topics else "")
        case OnceTrigger(on=on):
            return f"一次，{on}", f"once, on {on}"
        case RecurringTrigger():
            return _recurring(trigger)


def audience_sentence(campaign: Campaign) -> Said:
    """Whom it meets."""
    if campaign.reach == EVERYBODY:
        return "全部客户", "every customer"
    return sentence(campaign.reach, "zh-CN"), sentence(campaign.reach, "en")


def late_sentence(campaign: Campaign) -> Said:
    """What becomes of a message that was missed."""
    zh, en = LATE[campaign.late]
    return zh.format(days=campaign.late_days), en.format(days=campaign.late_days)


def step_sentence(step: Step) -> Said:
    """What a step does, when, and under what conditions."""
    zh, en = _what(step)
    when = _when(step)
    if step.when:
        said = [condition_sentence(one) for one in step.when]
        when = (
            f"{when[0]}，如果{'且'.join(one[0] for one in said)}",
            f"{when[1]}, if {' and '.join(one[1] for one in said)}",
        )
    if step.only != EVERYBODY:
        when = f"{when[0]}，只限：{sentence(step.only)}", f"{when[1]}, only: {sentence(step.only, 'en')}"
    return f"{when[0]}：{zh}", f"{when[1]}: {en}"


def condition_sentence(condition: StepCondition) -> Said:
    """One condition."""
    if condition.fact == "event":
        zh, en = _EVENTS.get(condition.event or "", (condition.event or "", condition.event or ""))
        return (
            (f"之后{zh}", f"{en} since")
            if condition.holds
            else (f"之后没有{zh}", f"it is not so that {en} since")
        )
    if condition.at_most is not None:
        verb = ("", "was rated") if condition.holds else ("不是", "was not rated")
        return f"{verb[0]}打分不高于 {condition.at_most}", f"it {verb[1]} {condition.at_most} or less"
    zh, en = _FACTS[condition.fact][not condition.holds]
    of = condition.of
    return (f"“{of}”{zh}", f"“{of}” {en}") if of else (f"上一步{zh}", f"the step before {en}")


def _festival(key: str) -> Said:
    found = FESTIVALS.get(key) or REGIONAL_FESTIVALS.get(key)
    return (found.name_zh, found.name_en) if found else (key, key)


def _before(day: Said, days: int) -> Said:
    if days == 0:
        return f"{day[0]}当天", f"on {day[1]}"
    return f"{day[0]}前 {days} 天", f"{days} {'day' if days == 1 else 'days'} before {day[1]}"


def _with_milestones(trigger: PersonalDateTrigger, zh: str, en: str) -> Said:
    if not trigger.milestones:
        return zh, en
    years = "、".join(map(str, trigger.milestones)), ", ".join(map(str, trigger.milestones))
    if trigger.kind != "birthday":
        return f"{zh}，只在第 {years[0]} 周年", f"{en}, only after {years[1]} years"
    if trigger.reckoning == "nominal":
        return f"{zh}，只在虚岁 {years[0]} 岁", f"{en}, only at {years[1]} by nominal age"
    return f"{zh}，只在满 {years[0]} 岁", f"{en}, only at {years[1]} years of age"


def _recurring(trigger: RecurringTrigger) -> Said:
    day = trigger.day
    last = day == _MONTH_END
    match trigger.every:
        case Every.WEEK:
            zh, en = f"每周{_WEEK[0][day - 1]}", f"every {_WEEK[1][day - 1]}"
        case Every.MONTH:
            zh = "每月最后一天" if last else f"每月 {day} 日"
            en = "the last day of every month" if last else f"day {day} of every month"
        case Every.QUARTER:
            zh, en = f"每季度首月 {day} 日", f"day {day} of every quarter's first month"
        case _:
            zh, en = f"每年 {trigger.month} 月 {day} 日", f"every year on {trigger.month}-{day:02d}"
    if trigger.workday:
        zh, en = f"{zh}，逢休息日顺延", f"{en}, moved to the next workday"
    return zh, en


def _what(step: Step) -> Said:
    if step.task is not None:
        kind = TASKS[step.task.kind]
        return (
            f"待办（{kind[0]}）“{step.task.title_zh}”，{step.task.due_at:%H:%M} 前",
            f"task ({kind[1]}) “{step.task.title_en}”, before {step.task.due_at:%H:%M}",
        )
    other = step.alternative
    zh = f"模板 {step.template}" + (f"（{other.percent}% 用 {other.template}）" if other else "")
    en = f"template {step.template}" + (f" ({other.percent}% {other.template})" if other else "")
    names = [CHANNEL_NAMES[channel] for channel in step.channels]
    return (
        f"{zh}，{'→'.join(name[0] for name in names)}",
        f"{en}, {' → '.join(name[1] for name in names)}",
    )


def _when(step: Step) -> Said:
    at = "" if step.task is not None else f" {step.send_at:%H:%M}–{step.until:%H:%M}"
    if step.valid_days and step.task is None:
        at += f" (+{step.valid_days})"
    if step.after is None:
        return f"当天{at}", f"on the day{at}"
    if step.wait_days == step.wait_workdays == 0:
        return f"“{step.after}”同一天{at}", f"the same day as “{step.after}”{at}"
    if step.wait_days:
        return (
            f"“{step.after}”之后 {step.wait_days} 天{at}",
            f"{step.wait_days} days after “{step.after}”{at}",
        )
    return (
        f"“{step.after}”之后 {step.wait_workdays} 个工作日{at}",
        f"{step.wait_workdays} workdays after “{step.after}”{at}",
    )
