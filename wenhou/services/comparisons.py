"""Two wordings of one step compared: counts of people, shares with their intervals, and what may be said of them.

Who reads which is decided by a stable hash (`wenhou.core.shares`), so the two groups differ in nothing but chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from store.campaigns import find_campaign
from store.comparisons import ANSWER_DAYS, ArmCounts, count_arms
from wenhou.core.actors import Actor
from wenhou.core.errors import AccessDenied, InputError
from wenhou.core.intervals import Difference, Share
from wenhou.services.campaign_specs import specs_of
from wenhou.services.context import Context
from wenhou.services.desk_notices import is_desk_of_operations

MEASURES = {
    "answered": ("回复", "answered"),
    "rated_well": ("好评", "rated 4 or 5"),
    "opted_out": ("退订", "opted out"),
    "complained": ("投诉", "complained"),
}
_ENOUGH = 30
"""People an arm needs before a share of it is worth a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure of both arms. `difference`: of B against A."""

    name: str
    first: Share
    other: Share

    @property
    def difference(self) -> Difference:
        """B − A."""
        return Difference(first=self.first, other=self.other)

    def sentence(self, locale: str = "zh-CN") -> str:
        """What may be said: a difference, none shown, or too few people to say anything."""
        zh, en = MEASURES[self.name]
        is_chinese = locale.startswith("zh")
        if min(self.first.whole, self.other.whole) < _ENOUGH:
            return f"{zh}：人数太少，还看不出差别" if is_chinese else f"{en}: too few people to tell"
        low, high = (100 * end for end in self.difference.interval)
        span = f"{low:+.1f}至{high:+.1f}个百分点" if is_chinese else f"{low:+.1f} to {high:+.1f} points"
        if not self.difference.is_shown:
            return (
                f"{zh}：看不出差别（B减A在{span}之间）"
                if is_chinese
                else f"{en}: no difference shown (B − A: {span})"
            )
        more = self.difference.value is not None and self.difference.value > 0
        if is_chinese:
            return f"{zh}：B{'多于' if more else '少于'}A（B减A在{span}之间）"
        return f"{en}: B {'above' if more else 'below'} A (B − A: {span})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A step that is worded in two ways. `percent`: the share of B as the campaign says."""

    campaign: str
    step: int
    percent: int
    first: ArmCounts
    other: ArmCounts

    @property
    def measures(self) -> list[Measure]:
        """All measures; ratings are a share of those who rated."""
        found = []
        for name in MEASURES:
            whole = "rated" if name == "rated_well" else "handed_over"
            first, other = (
                Share(part=getattr(arm, name), whole=getattr(arm, whole)) for arm in (self.first, self.other)
            )
            found.append(Measure(name=name, first=first, other=other))
        return found

    def as_json(self) -> dict[str, Any]:
        """Counts, shares and 95 % intervals; shares are null of nobody."""
        return {
            "campaign": self.campaign,
            "step": self.step,
            "answer_days": ANSWER_DAYS,
            "arms": [
                {"arm": name, "template": arm.template, "handed_over": arm.handed_over, "young": arm.young}
                for name, arm in (("A", self.first), ("B", self.other))
            ],
            "measures": [
                {
                    "measure": one.name,
                    "a": _share(one.first),
                    "b": _share(one.other),
                    "difference": one.difference.value,
                    "interval": [round(end, 5) for end in one.difference.interval],
                    "is_shown": one.difference.is_shown and min(one.first.whole, one.other.whole) >= _ENOUGH,
                    "sentence": one.sentence(),
                    "sentence_en": one.sentence("en"),
                }
                for one in self.measures
            ],
        }


def compare(context: Context, actor: Actor, key: str, *, since: date, until: date) -> list[Comparison]:
    """Every step of a campaign in force that has two wordings; InputError for none, AccessDenied."""
    if not is_desk_of_operations(actor):
        raise AccessDenied("只有运营、主管和合规可以看对比 (operations, supervisors and compliance only)")
    with context.db.read() as session:
        campaign = find_campaign(session, key)
        if campaign is None or campaign.current_version_id is None:
            raise InputError(
                f"campaign {key} is not known or was never live; `wenhou campaigns list` names them"
            )
        spec = specs_of(session, [campaign.current_version_id]).get(campaign.current_version_id)
        if spec is None:
            raise InputError(f"this release cannot read campaign {key} as it was written; export and mend it")
        found = []
        for step in spec.steps:
            if step.alternative is None or step.task is not None:
                continue
            arms = {
                arm.template: arm
                for arm in count_arms(
                    session, campaign.id, step.number, since=since, until=until, now=context.clock.now()
                )
            }
            found.append(
                Comparison(
                    campaign=key,
                    step=step.number,
                    percent=step.alternative.percent,
                    first=arms.get(step.template, ArmCounts(template=step.template)),
                    other=arms.get(step.alternative.template, ArmCounts(template=step.alternative.template)),
                )
            )
    if not found:
        raise InputError(
            f"campaign {key} has one wording a step: give a step `alternative: {{template, percent}}`"
        )
    return found


def _share(share: Share) -> dict[str, Any]:
    low, high = share.interval
    value = share.value
    return {
        "part": share.part,
        "whole": share.whole,
        "share": None if value is None else round(value, 5),
        "interval": [round(low, 5), round(high, 5)],
    }
