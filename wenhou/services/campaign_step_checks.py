"""Whether the steps of a campaign can follow each other: no circle, nothing asked that nobody can know yet, or ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from itertools import count

from wenhou.core.campaigns import Campaign, Late, Step, StepCondition
from wenhou.core.channels import CHANNEL_NAMES, EMAIL, SMS, WECHAT, WECOM
from wenhou.services.campaign_reading import CampaignReader
from wenhou.services.campaign_steps import WrittenStep

CAN_TELL: Mapping[str, frozenset[str]] = {
    "replied": frozenset({WECHAT, SMS, EMAIL}),
    "delivered": frozenset({WECHAT, SMS, EMAIL}),
    "read": frozenset({WECHAT}),
    "rated": frozenset({WECHAT, WECOM, SMS, EMAIL}),
}
"""Which channel can tell what, at its best: a WeCom chat tells us nothing, no SMS line reports reads (DESIGN §7)."""
_BEST_SCORE = {"csat": 5, "nps": 10}


def check_steps(reader: CampaignReader, campaign: Campaign, steps: Sequence[WrittenStep]) -> None:
    """Keys, numbers, order, times and conditions. Broken steps are left out, and nobody is told that they are missing."""
    seen: set[str] = set()
    numbers: dict[int, str] = {}
    by_key = {written.step.key: written.step for written in steps}
    for written in steps:
        step = written.step
        if step.key in seen:
            reader.complain(written.spec, "key", f"two steps have the key {step.key}; give each its own")
        seen.add(step.key)
        if step.task is None and step.number in numbers:
            at = "number" if "number" in written.spec else "key"
            reader.complain(
                written.spec, at, f"step {numbers[step.number]} is message number {step.number} already"
            )
        numbers.setdefault(step.number, step.key)
        _check_times(reader, written)
        if _check_order(reader, written, by_key):
            for index, condition in enumerate(step.when):
                _check_condition(reader, campaign, written, index, condition, by_key)


def _check_times(reader: CampaignReader, written: WrittenStep) -> None:
    step = written.step
    if step.task is None and step.valid_days == 0 and step.until <= step.send_at:
        reader.complain(
            written.spec,
            "until" if "until" in written.spec else "send_at",
            f"{step.until:%H:%M} is not after send_at {step.send_at:%H:%M}; give a later time or valid_days: 1",
        )


def _check_order(reader: CampaignReader, written: WrittenStep, by_key: Mapping[str, Step]) -> bool:
    """Whether the step before exists and does not wait for this one."""
    step = written.step
    if step.after is None:
        return True
    if step.after == step.key:
        reader.complain(written.spec, "after", f"step {step.key} waits for itself; name an earlier step")
        return False
    if step.after not in by_key:
        if not reader.is_sound("steps"):
            return False
        others = [key for key in by_key if key != step.key]
        reader.complain(written.spec, "after", f"after: no such step; {reader.not_known(step.after, others)}")
        return False
    circle = _circle(step, by_key)
    if circle:
        reader.complain(
            written.spec, "after", f"steps wait for each other in a circle: {' → '.join(circle)}; break it"
        )
        return False
    return True


def _circle(step: Step, by_key: Mapping[str, Step]) -> list[str]:
    """The way from a step back to itself, empty where there is none."""
    way = [step.key]
    before = step.after
    while before is not None and before in by_key:
        way.append(before)
        if before == step.key:
            return way
        if before in way[:-1]:
            return []  # a circle further back: its own members say so
        before = by_key[before].after
    return []


def _chain(step: Step, by_key: Mapping[str, Step]) -> list[Step]:
    """The step and those it waits for, nearest first; ends at a circle."""
    chain = [step]
    for _ in count():
        before = by_key.get(chain[-1].after or "")
        if before is None or before in chain:
            return chain
        chain.append(before)
    return chain


def _day(step: Step, by_key: Mapping[str, Step]) -> int:
    """The least number of days after the occasion's own day; a workday is a day at least."""
    return sum(one.wait_days + one.wait_workdays for one in _chain(step, by_key))


def _check_condition(
    reader: CampaignReader,
    campaign: Campaign,
    written: WrittenStep,
    index: int,
    condition: StepCondition,
    by_key: Mapping[str, Step],
) -> None:
    step, place = written.step, written.spec["when"]
    if step.after is None:
        reader.complain(
            place,
            index,
            f"step {step.key} falls on the occasion's own day, before anything; say `after:` a step",
        )
        return
    asked = by_key.get(condition.of or step.after)
    if asked is None:
        if not reader.is_sound("steps"):
            return
        others = [key for key in by_key if key != step.key]
        reader.complain(place, index, f"when: no such step; {reader.not_known(condition.of, others)}")
        return
    if asked.key == step.key or step in _chain(asked, by_key)[1:]:
        reader.complain(
            place, index, f"step {asked.key} comes no earlier than {step.key} itself; ask of an earlier step"
        )
        return
    whole = reader.is_sound("steps")  # a wait that could not be read is no gap to judge
    if condition.fact != "event" and _is_askable(reader, written, index, condition, asked) and whole:
        _check_gap(reader, campaign, written, index, asked, by_key)


def _is_askable(
    reader: CampaignReader, written: WrittenStep, index: int, condition: StepCondition, asked: Step
) -> bool:
    """Whether the earlier step is of the kind, and goes by a channel, that can ever answer."""
    place, fact = written.spec["when"], condition.fact
    if (fact == "done") != (asked.task is not None):
        kind = (
            "a message, which is replied, rated, delivered or read"
            if fact == "done"
            else "a task, which is done"
        )
        reader.complain(place, index, f"{fact} is asked of {asked.key}, {kind}")
        return False
    if fact == "done":
        return True
    if fact == "rated":
        if asked.asks is None:
            reader.complain(place, index, f"step {asked.key} asks for no rating; give it asks: csat")
            return False
        best = _BEST_SCORE[asked.asks]
        if condition.at_most is not None and not 0 <= condition.at_most < best:
            reader.complain(place, index, f"{asked.asks} ends at {best}: rated_at_most is below it")
            return False
    deaf = [channel for channel in asked.channels if channel not in CAN_TELL[fact]]
    names = ", ".join(CHANNEL_NAMES[channel][1] for channel in deaf)
    if deaf and len(deaf) == len(asked.channels):
        reader.complain(
            place,
            index,
            f"{fact} is never known of {asked.key}, which goes by {names} only; ask something else, or of "
            f"{', '.join(sorted(CAN_TELL[fact]))}",
        )
        return False
    if deaf:
        reader.remark(
            place,
            index,
            f"by {names} it is never known whether {asked.key} was {fact}: there step {written.step.key} is left out",
        )
    return True


def _check_gap(
    reader: CampaignReader,
    campaign: Campaign,
    written: WrittenStep,
    index: int,
    asked: Step,
    by_key: Mapping[str, Step],
) -> None:
    """A question put before the earlier step's own window has closed misses its answer."""
    step, place = written.step, written.spec["when"]
    gap = _day(step, by_key) - _day(asked, by_key)
    closes = asked.until if asked.task is None else asked.task.due_at
    starts = step.send_at if step.task is None else time(23, 59)
    if gap < asked.valid_days or (gap == asked.valid_days and starts < closes):
        reader.complain(
            place,
            index,
            f"{step.key} comes {gap} days after {asked.key}, which may leave until {closes:%H:%M} "
            f"{asked.valid_days} days after its own day; wait longer",
        )
    elif campaign.late is not Late.SKIP and asked.task is None and gap <= campaign.late_days:
        reader.remark(
            place,
            index,
            f"{asked.key} may leave {campaign.late_days} days late, and {step.key} asks of it after {gap}",
        )
