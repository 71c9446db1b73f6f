"""Published rates in the store: editions by number; of those approved the newest that has taken effect counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models.offers import RateTable


def find_table(session: Session, number: str) -> RateTable | None:
    """An edition by its number."""
    return session.scalar(select(RateTable).where(RateTable.number == number))


def list_tables(session: Session) -> Sequence[RateTable]:
    """Every edition, the newest in force first."""
    return session.scalars(
        select(RateTable).order_by(RateTable.effective_on.desc(), RateTable.entered_at.desc())
    ).all()


def table_in_force(session: Session, day: date) -> RateTable | None:
    """The approved edition that counts on a day; of two for one day the one approved later."""
    return session.scalars(
        select(RateTable)
        .where(RateTable.state == "approved", RateTable.effective_on <= day)
        .order_by(RateTable.effective_on.desc(), RateTable.approved_at.desc())
        .limit(1)
    ).first()
