"""Contacts of the bank's other systems count in caps like our own, once each, and are taken back when cancelled."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from store.models.customers import Customer
from store.models.messages import ContactLedger, ForeignContact
from tests.integration.bank_in.conftest import SHANGHAI, Branch
from wenhou.core.actors import SYSTEM
from wenhou.core.errors import AccessDenied
from wenhou.core.purposes import Purpose
from wenhou.services.context import Context
from wenhou.services.foreign_contacts import (
    ContactsReport,
    NewContact,
    read_contacts,
    take_in_contacts,
)

YESTERDAY = datetime(2027, 1, 29, 23, 30, tzinfo=SHANGHAI)


def _tell(context: Context, **facts: object) -> ContactsReport:
    values: dict[str, object] = {
        "source": "card",
        "source_id": "1",
        "customer": "C-1",
        "channel": "app_push",
        "purpose": Purpose.MARKETING,
        "at": YESTERDAY,
    }
    return take_in_contacts(context, SYSTEM, [NewContact(**{**values, **facts})])  # type: ignore[arg-type]


def _ledger(context: Context) -> list[tuple[date, str, str, str | None]]:
    with context.db.read() as session:
        rows = session.scalars(select(ContactLedger)).all()
        return [(row.on_day, row.purpose, row.state, row.channel) for row in rows]


def _last(context: Context, branch: Branch) -> datetime | None:
    with context.db.read() as session:
        return session.get_one(Customer, branch.customer.id).last_contact_at


def test_a_contact_is_written_once_and_counts_on_the_banks_day(context: Context, branch: Branch) -> None:
    assert _tell(context).created == 1
    assert _tell(context).unchanged == 1
    assert _ledger(context) == [(date(2027, 1, 29), "marketing", "committed", "app_push")]
    with context.db.read() as session:
        contact = session.scalars(select(ForeignContact)).one()
        assert session.scalars(select(ContactLedger.message_id)).one() == contact.id
    assert _last(context, branch) == YESTERDAY


def test_the_last_contact_only_moves_forward(context: Context, branch: Branch) -> None:
    _tell(context)
    _tell(context, source_id="2", at=YESTERDAY - timedelta(days=3))
    assert _last(context, branch) == YESTERDAY


def test_a_cancelled_contact_gives_its_place_back_and_the_one_before_it_is_the_last(
    context: Context, branch: Branch
) -> None:
    _tell(context, source_id="2", at=YESTERDAY - timedelta(days=3))
    _tell(context)
    assert _tell(context, cancelled=True).cancelled == 1
    assert _tell(context).unchanged == 1, "what was cancelled stays so"
    assert sorted(state for _, _, state, _ in _ledger(context)) == ["committed", "released"]
    assert _last(context, branch) == YESTERDAY - timedelta(days=3)


def test_a_corrected_contact_counts_where_it_belongs(context: Context, branch: Branch) -> None:
    _tell(context)
    assert _tell(context, purpose=Purpose.CARE, at=YESTERDAY - timedelta(days=1)).corrected == 1
    assert _ledger(context) == [(date(2027, 1, 28), "care", "committed", "app_push")]
    assert _last(context, branch) == YESTERDAY - timedelta(days=1)


def test_contacts_of_the_future_and_of_nobody_are_refused(context: Context, branch: Branch) -> None:
    assert _tell(context, at=datetime(2027, 2, 1, tzinfo=SHANGHAI)).refusals[0]["column"] == "at"
    assert _tell(context, customer="C-9").refusals[0]["column"] == "客户号"
    assert _ledger(context) == []


def test_an_advisor_imports_none(context: Context, branch: Branch) -> None:
    with pytest.raises(AccessDenied):
        take_in_contacts(context, branch.actors["advisor"], [])


def test_a_file_is_read_with_its_refusals(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text(
        "来源,流水号,客户号,渠道,用途,时间\n"
        "card,1,C-1,app_push,营销,2027-01-29 10:00\n"
        "card,2,C-1,call,产品营销,2027/01/29 10:00\n"
        "card,3,C-1,call,销售,2027-01-29 10:00\n"
        "card,4,C-1,,营销,2027-01-29 10:00\n",
        encoding="utf-8",
    )
    contacts, refusals = read_contacts(path, SHANGHAI)
    assert [one.purpose for one in contacts] == [Purpose.MARKETING, Purpose.MARKETING]
    assert [(one["line"], one["column"]) for one in refusals] == [(4, "purpose"), (5, "channel")]
