"""The funnel of a run: audience → may be contacted → reachable → consented → … → planned, each customer in one box."""

from __future__ import annotations

from datetime import date

from store.funnels import count_boxes, find_occurrence
from store.occurrences import find_run
from wenhou.core.actors import Actor
from wenhou.core.errors import InputError
from wenhou.core.funnel import BOX_OF, Funnel
from wenhou.services.campaigns import get_campaign, live_campaigns
from wenhou.services.context import Context


def funnel_of(context: Context, actor: Actor, campaign_key: str, on: date) -> Funnel:
    """Count a planned run; InputError where there is none. A person counts the customers they may see.

    Whom a step for people (a call) skipped has no row; they are counted from what planning kept, for who sees all.
    """
    with context.db.read() as session:
        campaign = get_campaign(session, campaign_key)
        run_id = find_run(session, campaign.id, on)
        run = find_occurrence(session, run_id) if run_id else None
        if run is None:
            raise InputError(
                f"{on}没有活动 {campaign_key} 的排期 (nothing of {campaign_key} is planned for {on}; "
                "`wenhou runs list` names the runs)",
                column="--on",
            )
        funnel = Funnel()
        for box, has_advisor, amount in count_boxes(session, run, actor):
            funnel.count(box, amount, has_advisor=has_advisor)
        specs = {row.id: spec for row, spec in live_campaigns(session)}
        spec = specs.get(campaign.id)
        tasks_only = spec is not None and all(step.task is not None for step in spec.first_steps)
        if spec is not None and tasks_only and actor.sees_all:
            parts = (run.counts or {}).get("parts", {})
            firsts = {step.key for step in spec.first_steps}
            for part, counts in parts.items():
                if part.split(" ")[0] in firsts:
                    _count_skipped(funnel, counts)
    return funnel


def _count_skipped(funnel: Funnel, counts: dict[str, dict[str, int]]) -> None:
    pooled = counts.get("skipped_without_advisor", {})
    for reason, amount in counts.get("skipped", {}).items():
        box = BOX_OF.get(reason, "other")
        funnel.count(box, pooled.get(reason, 0), has_advisor=False)
        funnel.count(box, amount - pooled.get(reason, 0), has_advisor=True)
