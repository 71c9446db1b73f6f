"""What is looked after once a bank day, and what is watched in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import structlog

from store.measuring import refresh_statistics
from wenhou.services.campaign_life import finish_past
from wenhou.services.closing_unknown import Deadlines, close_overdue, forget_old_unmatched
from wenhou.services.contact_checks import ask_dormant
from wenhou.services.contact_quality import close_satisfied_asks
from wenhou.services.context import Context
from wenhou.services.feeds import watch_feeds
from wenhou.services.life_stages import refresh_life_stages
from wenhou.services.opinions import warn_expiring
from wenhou.services.pools import watch_queues
from wenhou.services.published_rates import withdraw_outdated
from wenhou.services.service_plans import plan_gaps
from wenhou.services.tagging import recompute_tags
from wenhou.services.tiers import recompute_tiers

log = structlog.get_logger(__name__)


def watch(context: Context, deadlines: Deadlines) -> None:
    """Late data, queues about to expire unseen, campaigns whose last day is over, words that quote rates of before.

    And what nobody will hear of any more: unknown outcomes past their accounts' `deadlines`.
    """
    close_overdue(context, deadlines)
    watch_feeds(context)
    watch_queues(context)
    finish_past(context)
    withdraw_outdated(context)


class Daily:
    """The acts of a bank day, once a day in this process; each is idempotent, so a restart repeats them harmlessly.

    Life stages first: rules, gates and words ask for them.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._done: dict[str, date] = {}

    def run_if_due(self) -> None:
        """Run those that this bank day has not seen; one that fails is logged and tried again, the others run."""
        context = self._context
        today = context.clock.now().astimezone(context.bank.zone).date()
        acts: tuple[tuple[str, Callable[[], object]], ...] = (
            ("life_stages", lambda: refresh_life_stages(context, today)),
            ("tiers", lambda: recompute_tiers(context)),
            ("tags", lambda: recompute_tags(context)),
            ("dormant", lambda: ask_dormant(context)),
            ("contact_asks", lambda: close_satisfied_asks(context)),
            ("unmatched", lambda: forget_old_unmatched(context)),
            ("opinions", lambda: warn_expiring(context)),
            ("service_plans", lambda: plan_gaps(context, today)),
            ("statistics", lambda: _refresh_statistics(context)),
        )
        for name, act in acts:
            if self._done.get(name) == today:
                continue
            try:
                act()
            except Exception as error:
                log.exception("daily_act_failed", act=name, error=type(error).__name__)
            else:
                self._done[name] = today


def _refresh_statistics(context: Context) -> None:
    with context.db.write() as session:
        refresh_statistics(session)
