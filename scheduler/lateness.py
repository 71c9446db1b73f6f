"""What the late report must know of triggers: whether a campaign has an occasion on a day."""

from __future__ import annotations

from datetime import date

from scheduler.occasions import occasions_on
from store.database import Session
from wenhou.core.campaigns import Campaign
from wenhou.services.calendars import calendar_in_force
from wenhou.services.context import Context
from wenhou.services.lateness import Expected


def expected_by(context: Context) -> Expected:
    """Whether an occasion of a campaign falls on a day, by the calendar in force."""

    def has_occasion(session: Session, campaign: Campaign, day: date) -> bool:
        found = occasions_on(session, campaign, day, context.bank.zone, calendar_in_force(session))
        return bool(found)

    return has_occasion
