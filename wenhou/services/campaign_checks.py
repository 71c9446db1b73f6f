"""Whether a campaign that reads well can also work: words, windows, order of steps, and what is never allowed.

Everything is said to the reader with its place; nothing is raised. What needs the store (products, orgs, other
campaigns) comes as `Surroundings`, so that a file can be checked on a machine that has none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from templates.library import Library
from wenhou.core.audience import AllOf, Condition, Rule, conditions_of
from wenhou.core.calendars.festivals import FESTIVALS
from wenhou.core.calendars.workdays import WorkCalendar
from wenhou.core.campaigns import (
    Approval,
    BusinessEventTrigger,
    Campaign,
    Every,
    FestivalTrigger,
    OnceTrigger,
    PersonalDateTrigger,
    RecurringTrigger,
    Step,
    Trigger,
)
from wenhou.core.policy.rules import Policy
from wenhou.core.policy.windows import Window
from wenhou.core.purposes import Purpose
from wenhou.services.campaign_reading import CampaignReader
from wenhou.services.campaign_step_checks import check_steps
from wenhou.services.campaign_steps import WrittenStep
from wenhou.services.campaign_words import check_words
from wenhou.services.words_in_force import shipped

_WORKDAYS_BETWEEN = {Every.WEEK: 5, Every.MONTH: 20, Every.QUARTER: 60}
_YEARS_LOOKED_AT = 3
_TOP_TIER = frozenset({"VIP"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A campaign that the store has: what it shares with others, and its message numbers by step."""

    key: str
    occasion: str
    trigger: Trigger
    numbers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known beside the file. None: not known, so not checked."""

    policy: Policy = field(default_factory=Policy)
    products: frozenset[str] | None = None
    orgs: frozenset[str] | None = None
    campaigns: tuple[Standing, ...] = ()
    today: date | None = None
    workdays: WorkCalendar | None = None
    library: Library | None = None
    """The templates that steps may name; not known: those that ship."""
    words: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The bank's own words by field of an audience (tiers, tags …); a field that is missing takes any word."""


NOTHING_KNOWN = Surroundings()


def check_campaign(
    reader: CampaignReader,
    top: Mapping[str, Any],
    campaign: Campaign,
    steps: Sequence[WrittenStep],
    surroundings: Surroundings,
) -> None:
    """Look at everything whose own fields are sound."""
    whole = reader.is_sound("steps")
    check_steps(reader, campaign, steps)
    if whole and reader.is_sound("trigger", "purpose"):
        check_words(reader, top, campaign, steps, surroundings.library or shipped())
        _check_windows(reader, campaign, steps, surroundings)
    if reader.is_sound("purpose"):
        _check_purpose(reader, top, campaign)
        _check_comparing(reader, top, campaign, steps)
    if reader.is_sound("trigger"):
        _check_trigger(reader, top, campaign, surroundings)
    _check_named(reader, top, campaign, surroundings)
    _question_words(reader, top, campaign, surroundings)
    if reader.is_sound("key", "steps"):
        _check_numbers(reader, campaign, steps, surroundings)


def _question_words(
    reader: CampaignReader, top: Mapping[str, Any], campaign: Campaign, surroundings: Surroundings
) -> None:
    """A tier or tag nobody has is allowed (it may come), and most likely a slip: such a rule meets nobody."""
    for condition in conditions_of(campaign.audience):
        known = surroundings.words.get(condition.field)
        for word in condition.values if known else ():
            if word not in (known or ()):
                hint = reader.not_known(word, sorted(known or ()))
                reader.remark(top, "audience", f"{condition.field}: {hint}; no customer has it")


def check_together(
    found: Iterable[tuple[CampaignReader, Mapping[str, Any], Campaign | None]], surroundings: Surroundings
) -> None:
    """Two campaigns with one key; campaigns that share an occasion and do not come on the same day."""
    seen: dict[str, str] = {}
    standing = {one.key: one for one in surroundings.campaigns}
    sound = [(reader, top, campaign) for reader, top, campaign in found if campaign is not None]
    for reader, top, campaign in sound:
        if not reader.is_sound("key"):
            continue
        if campaign.key in seen:
            reader.complain(
                top,
                "key",
                f"two campaigns have the key {campaign.key}; the other stands at {seen[campaign.key]}; a key names "
                "one campaign",
            )
        seen.setdefault(campaign.key, reader.place_of(top, "key"))
        standing[campaign.key] = Standing(
            key=campaign.key, occasion=campaign.occasion or campaign.key, trigger=campaign.trigger
        )
    for reader, top, campaign in sound:
        if campaign.occasion and reader.is_sound("key", "occasion", "trigger"):
            _check_occasion(reader, top, campaign, standing.values())


def _check_occasion(
    reader: CampaignReader, top: Mapping[str, Any], campaign: Campaign, standing: Iterable[Standing]
) -> None:
    for other in standing:
        if other.key == campaign.key or campaign.occasion not in (other.occasion, other.key):
            continue
        if _anchor(other.trigger) != _anchor(campaign.trigger):
            reader.complain(
                top,
                "occasion",
                f"campaign {other.key} shares the occasion {campaign.occasion} and has another trigger; only "
                "campaigns of one and the same day can share one",
            )


def _anchor(trigger: Trigger) -> object:
    """What two triggers must agree in, so that they speak of the same day of the same customer."""
    match trigger:
        case FestivalTrigger(festival=festival):
            return ("festival", festival)
        case PersonalDateTrigger(kind=kind):
            return ("personal_date", kind)
        case BusinessEventTrigger(event=event):
            return ("business_event", event)
        case OnceTrigger(on=on):
            return ("once", on)
        case RecurringTrigger():
            return ("recurring", trigger.every, trigger.day, trigger.month)
        case _:
            return ("article",)


def _check_purpose(reader: CampaignReader, top: Mapping[str, Any], campaign: Campaign) -> None:
    purpose = campaign.purpose
    if campaign.approval is Approval.NONE and purpose in (Purpose.MARKETING, Purpose.INFORMATION):
        reader.complain(
            top, "approval", f"{purpose} never leaves unread: approval is advisor, two_persons or by_risk"
        )
    if campaign.statutory and purpose is not Purpose.SERVICE:
        reader.complain(top, "statutory", f"a statutory notice is service, not {purpose}")
    if campaign.fallback_undelivered and purpose is not Purpose.SERVICE:
        reader.complain(
            top,
            "fallback_undelivered",
            f"after a message was reported undelivered only service goes on to the next channel, not {purpose}",
        )
    if campaign.waves is not None and isinstance(campaign.trigger, BusinessEventTrigger):
        reader.complain(
            top, "waves", "a business event comes for one customer at a time; waves are for runs to many"
        )
    if campaign.statutory and campaign.limits.stops_itself:
        reader.remark(
            top, "limits", "a statutory notice that stops itself still has to be given by other means"
        )


def _check_comparing(
    reader: CampaignReader, top: Mapping[str, Any], campaign: Campaign, steps: Sequence[WrittenStep]
) -> None:
    """Nobody is left out, or written to otherwise, for the sake of comparison where the words are owed."""
    owed = (
        "a statutory notice"
        if campaign.statutory
        else "service"
        if campaign.purpose is Purpose.SERVICE
        else ""
    )
    if isinstance(campaign.trigger, BusinessEventTrigger) and campaign.trigger.event == "case_closed":
        owed = "what follows a complaint"
    if owed and campaign.holdout_percent:
        reader.complain(top, "holdout", f"nobody is held out of {owed}; leave holdout away")
    for written in steps:
        if owed and written.step.alternative is not None:
            reader.complain(
                written.spec, "alternative", f"{owed} is said to everybody in the same words: no A/B"
            )
    if campaign.holdout_percent and _only_top_tier(campaign.audience):
        reader.remark(
            top, "holdout", "the audience is VIPs alone, and VIPs are never held out: this does nothing"
        )


def _only_top_tier(rule: Rule) -> bool:
    if isinstance(rule, AllOf):
        return any(_only_top_tier(part) for part in rule.parts)
    return (
        isinstance(rule, Condition)
        and (rule.field, rule.operator) == ("tier", "is")
        and bool(rule.values)
        and _TOP_TIER.issuperset(rule.values)
    )


def _check_trigger(
    reader: CampaignReader, top: Mapping[str, Any], campaign: Campaign, surroundings: Surroundings
) -> None:
    trigger = campaign.trigger
    if isinstance(trigger, RecurringTrigger):
        gap = _WORKDAYS_BETWEEN.get(trigger.every, 240)
        if campaign.plan_ahead_workdays > gap:
            reader.complain(
                top,
                "plan_ahead_workdays",
                f"it comes every {trigger.every}, about {gap} workdays apart: {campaign.plan_ahead_workdays} workdays "
                "ahead the one before would still be waiting",
            )
    if (
        isinstance(trigger, BusinessEventTrigger)
        and trigger.at_once
        and campaign.approval is not Approval.NONE
    ):
        reader.remark(top, "approval", f"at_once, and still it waits for its approval ({campaign.approval})")
    today = surroundings.today
    if isinstance(trigger, OnceTrigger) and today is not None and trigger.on < today:
        reader.remark(top, "trigger", f"{trigger.on} is past; it is {today}")


def _check_windows(
    reader: CampaignReader, campaign: Campaign, steps: Sequence[WrittenStep], surroundings: Surroundings
) -> None:
    window = surroundings.policy.windows.get(campaign.purpose)
    if window is None:
        return
    said = f"{window.opens:%H:%M}–{window.closes:%H:%M}"
    for written in steps:
        step = written.step
        if step.task is not None or (step.valid_days == 0 and step.until <= step.send_at):
            continue
        if not _meets(window, step):
            reader.complain(
                written.spec,
                "send_at",
                f"{step.send_at:%H:%M} to {step.until:%H:%M} never meets the window of {campaign.purpose}, {said}",
            )
        elif not _is_inside(window, step.send_at):
            reader.remark(
                written.spec,
                "send_at",
                f"{step.send_at:%H:%M} is outside the window of {campaign.purpose} ({said}): it leaves when that opens",
            )
        if window.workdays_only:
            _check_workdays(reader, campaign, written, surroundings)


def _check_workdays(
    reader: CampaignReader, campaign: Campaign, written: WrittenStep, surroundings: Surroundings
) -> None:
    """A day that is never a workday, for a purpose that leaves on workdays only."""
    workdays = surroundings.workdays or WorkCalendar()
    days = _coming_days(campaign.trigger, surroundings.today or date(2026, 1, 1))
    if written.step.after is not None or not days:
        return
    valid = range(written.step.valid_days + 1)
    if not any(workdays.is_workday(day + timedelta(days=ahead)) for day in days for ahead in valid):
        reader.complain(
            written.spec,
            "send_at",
            f"{campaign.purpose} leaves on workdays only, and {days[0]} and the like never are; give valid_days",
        )


def _coming_days(trigger: Trigger, today: date) -> list[date]:
    if isinstance(trigger, OnceTrigger):
        return [trigger.on]
    if not isinstance(trigger, FestivalTrigger) or trigger.festival not in FESTIVALS:
        return []
    rule = FESTIVALS[trigger.festival].rule
    years = range(today.year, today.year + _YEARS_LOOKED_AT)
    return [rule.in_year(year) - timedelta(days=trigger.days_before) for year in years]


def _is_inside(window: Window, at: time) -> bool:
    if window.opens == window.closes:
        return True
    if window.opens < window.closes:
        return window.opens <= at < window.closes
    return at >= window.opens or at < window.closes


def _meets(window: Window, step: Step) -> bool:
    """Whether some minute from `send_at` until `until` is inside; with further days there always is one."""
    if step.valid_days > 1 or _is_inside(window, step.send_at):
        return True
    if step.valid_days == 1:
        return step.send_at <= window.opens or window.opens < step.until
    return step.send_at <= window.opens < step.until


def _check_named(
    reader: CampaignReader, top: Mapping[str, Any], campaign: Campaign, surroundings: Surroundings
) -> None:
    """Products and orgs that the store does not have."""
    for name, value, known in (
        ("product", campaign.product, surroundings.products),
        ("org", campaign.org, surroundings.orgs),
    ):
        if value is not None and known is not None and value not in known:
            reader.complain(top, name, f"{name} {reader.not_known(value, sorted(known))}")


def _check_numbers(
    reader: CampaignReader, campaign: Campaign, steps: Sequence[WrittenStep], surroundings: Surroundings
) -> None:
    """A message's number is part of what makes it go once: a new version keeps those of the steps it keeps."""
    before = next((one.numbers for one in surroundings.campaigns if one.key == campaign.key), {})
    for written in steps:
        number = before.get(written.step.key)
        if number and written.step.number and written.step.number != number:
            reader.complain(
                written.spec,
                "number" if "number" in written.spec else "key",
                f"step {written.step.key} was message {number} in the version before and would go to the same "
                f"customers again; write number: {number}",
            )
