"""Stages of life are kept day by day; on the eighteenth birthday contact and consent are asked anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from store.consent_writes import Act, Outcome, record_consent
from store.models.customers import Consent, ConsentState, ContactPoint, Customer, CustomerContact
from store.models.hearing import Task
from tests.integration.bank_in.conftest import Branch, restrictions
from wenhou.core.actors import SYSTEM
from wenhou.core.clock import ShiftedClock
from wenhou.services.context import Context
from wenhou.services.events import NewEvent, take_in
from wenhou.services.importing.mapping import read_mapping
from wenhou.services.importing.run import Request, import_customers
from wenhou.services.life_stages import refresh_life_stages

HEADING = "客户号,姓名,生日,手机,监护人手机,短信关怀同意,客户经理,管户机构\n"
BIRTHDAY = date(2027, 2, 3)
Bring = Callable[..., None]


@pytest.fixture
def bring(context: Context, branch: Branch, tmp_path: Path) -> Bring:
    def _bring(birthday: str = "2009-02-03", ref: str = "Y1") -> None:
        path = tmp_path / "young.csv"
        who = branch.people.advisor.employee_no
        path.write_text(f"{HEADING}{ref},王小明,{birthday},,13800000077,是,{who},WH0101\n", encoding="utf-8")
        result = import_customers(context, Request(path=path, mapping=read_mapping(None)))
        assert not result.refusals, result.refusals

    return _bring


def _customer(context: Context, ref: str = "Y1") -> Customer:
    with context.db.read() as session:
        return session.scalars(select(Customer).where(Customer.external_ref == ref)).one()


def _stage(context: Context, ref: str = "Y1") -> str | None:
    return _customer(context, ref).life_stage


def _consent(context: Context) -> tuple[str, bool]:
    with context.db.read() as session:
        row = session.scalars(
            select(ConsentState).where(ConsentState.customer_id == _customer(context).id)
        ).one()
        return row.state, row.by_customer


def _reach(context: Context) -> list[str]:
    with context.db.read() as session:
        return list(
            session.scalars(
                select(CustomerContact.relation).where(CustomerContact.customer_id == _customer(context).id)
            )
        )


@pytest.mark.parametrize(
    ("birthday", "stage"),
    [
        ("2015-06-01", "under_14"),
        ("2010-06-01", "under_18"),
        ("1980-06-01", "adult"),
        ("1950-06-01", "senior"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_import_knows_the_stage_at_once(context: Context, bring: Bring, birthday: str, stage: str) -> None:
    bring(birthday)
    assert _stage(context) == stage


def test_a_guardians_number_is_linked_as_such(context: Context, bring: Bring) -> None:
    bring()
    assert _reach(context) == ["guardian"]


def test_on_the_eighteenth_birthday_contact_and_consent_are_asked_anew(
    context: Context, branch: Branch, bring: Bring, clock: ShiftedClock
) -> None:
    bring()
    assert _consent(context)[0] == "granted"
    assert refresh_life_stages(context, BIRTHDAY - timedelta(days=1)).came_of_age == 0
    clock.advance(timedelta(days=4))
    assert refresh_life_stages(context, BIRTHDAY).came_of_age == 1
    assert _stage(context) == "adult"
    assert _reach(context) == [], "the guardian is called no more"
    assert _consent(context) == ("withdrawn", True), "only the customer's own later act gives it again"
    with context.db.read() as session:
        (task,) = session.scalars(select(Task)).all()
        assert (task.kind, task.assignee_id) == ("came_of_age", branch.people.advisor.id)
        act = session.scalars(select(Consent).where(Consent.act == "withdrawn")).one()
        assert (act.source, act.evidence) == ("staff", {"rule": "came_of_age", "on": "2027-02-03"})
        assert session.scalars(
            select(ContactPoint.retired_reason).where(ContactPoint.retired_at.is_not(None))
        ).all() == ["replaced"]
    assert refresh_life_stages(context, BIRTHDAY).came_of_age == 0


def test_no_file_brings_the_guardian_or_their_word_back(
    context: Context, bring: Bring, clock: ShiftedClock
) -> None:
    bring()
    clock.advance(timedelta(days=4))
    refresh_life_stages(context, BIRTHDAY)
    bring()
    assert _reach(context) == []
    assert _consent(context)[0] == "withdrawn"


def test_what_the_customer_said_as_an_adult_stays_though_the_job_was_late(
    context: Context, bring: Bring, clock: ShiftedClock
) -> None:
    bring()
    clock.advance(timedelta(days=6))
    with context.db.write() as session:
        said = Act(
            customer_id=_customer(context).id,
            channel="sms",
            purpose="care",
            act="granted",
            source="customer",
            at=context.clock.now(),
        )
        assert record_consent(session, said) is Outcome.RECORDED
    refresh_life_stages(context, BIRTHDAY + timedelta(days=2))
    assert _consent(context)[0] == "granted"


def test_a_restriction_as_a_minor_ends_with_majority(
    context: Context, bring: Bring, clock: ShiftedClock
) -> None:
    bring()
    event = NewEvent(
        source="core", source_id="m", kind="minor", customer="Y1", happened_at=context.clock.now()
    )
    take_in(context, SYSTEM, [event])
    clock.advance(timedelta(days=4))
    refresh_life_stages(context, BIRTHDAY)
    assert restrictions(context)[0].until_on == date(2027, 2, 2)


@pytest.mark.parametrize(("birthday", "turns"), [("1962-02-03", BIRTHDAY), ("1962-03-01", date(2027, 3, 1))])
def test_the_sixty_fifth_birthday_is_met_on_its_day(
    context: Context, bring: Bring, birthday: str, turns: date
) -> None:
    bring(birthday)
    refresh_life_stages(context, turns - timedelta(days=1))
    assert _stage(context) == "adult"
    assert refresh_life_stages(context, turns).changed == 1
    assert _stage(context) == "senior"


def test_customers_never_worked_out_are_looked_at_whatever_the_day(context: Context, bring: Bring) -> None:
    bring("1990-06-01")
    with context.db.write() as session:
        session.execute(update(Customer).values(life_stage=None))
    assert refresh_life_stages(context, date(2027, 1, 30)).changed == 1
    assert _stage(context) == "adult"
