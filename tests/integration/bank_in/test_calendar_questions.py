"""“公历还是农历？”: asked once about a certificate's birthday of an older customer, and the answer outlasts every file."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from store.models.customers import Customer, PersonalDate
from store.models.hearing import Task
from tests.integration.bank_in.conftest import SHANGHAI, Branch
from wenhou.core.actors import SYSTEM, Actor
from wenhou.core.errors import AccessDenied, Refused
from wenhou.services.calendar_questions import answer_calendar
from wenhou.services.context import Context
from wenhou.services.importing.mapping import read_mapping
from wenhou.services.importing.run import Request, import_customers
from wenhou.services.policies import apply_policy

HEADING = "客户号,姓名,公历生日,生日来源,客户经理,管户机构\n"
Bring = Callable[[str], None]


@pytest.fixture
def bring(context: Context, branch: Branch, tmp_path: Path) -> Bring:
    def _bring(rows: str, heading: str = HEADING) -> None:
        path = tmp_path / "customers.csv"
        path.write_text(heading + rows, encoding="utf-8")
        result = import_customers(context, Request(path=path, mapping=read_mapping(None)))
        assert not result.refusals, result.refusals

    return _bring


@pytest.fixture
def older(bring: Bring, branch: Branch) -> str:
    """A row of somebody born on 12 March 1955 by their certificate."""
    return f"K1,周桂英,1955-03-12,证件,{branch.people.advisor.employee_no},WH0101\n"


def _dates(context: Context) -> list[tuple[str, int, int, str, str, bool]]:
    with context.db.read() as session:
        rows = session.scalars(select(PersonalDate).order_by(PersonalDate.calendar)).all()
        return [(r.calendar, r.month, r.day, r.source, r.certainty, r.celebrated) for r in rows]


def _task(context: Context) -> Task:
    with context.db.read() as session:
        return session.scalars(select(Task)).one()


def _answer(context: Context, branch: Branch, calendar: str) -> None:
    answer_calendar(context, branch.actors["advisor"], _task(context).id, calendar)


def test_the_advisor_is_asked_once_some_days_before_the_birthday(
    context: Context, branch: Branch, bring: Bring, older: str
) -> None:
    bring(older)
    bring(older)
    task = _task(context)
    assert (task.kind, task.assignee_id) == ("ask_calendar", branch.people.advisor.id)
    assert task.due_at.astimezone(SHANGHAI).date() == date(2027, 3, 2)
    assert _dates(context) == [("solar", 3, 12, "certificate", "questioned", True)]


@pytest.mark.parametrize(
    "row",
    ["1955-03-31,证件", "1971-03-12,证件", "1955-03-12,本人"],
    ids=["no lunar month has 31 days", "too young", "their own word"],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_is_asked_where_there_is_no_doubt(
    context: Context, bring: Bring, branch: Branch, row: str
) -> None:
    bring(f"K1,周桂英,{row},{branch.people.advisor.employee_no},WH0101\n")
    with context.db.read() as session:
        assert session.scalars(select(Task)).all() == []


def test_the_policy_says_up_to_which_year(context: Context, bring: Bring, older: str) -> None:
    apply_policy(context, SYSTEM, {"ask_calendar_until": 1950})
    bring(older)
    with context.db.read() as session:
        assert session.scalars(select(Task)).all() == []
    assert _dates(context)[0][4] == "certain"


def test_lunar_takes_the_certificates_month_and_day_as_lunar_and_no_file_undoes_it(
    context: Context, branch: Branch, bring: Bring, older: str
) -> None:
    bring(older)
    _answer(context, branch, "lunar")
    assert _dates(context) == [("lunar", 3, 12, "advisor", "certain", True)]
    bring(older)
    assert _dates(context) == [("lunar", 3, 12, "advisor", "certain", True)]
    assert (_task(context).state, _task(context).outcome) == ("done", "lunar")


def test_solar_makes_the_date_certain_and_no_file_asks_again(
    context: Context, branch: Branch, bring: Bring, older: str
) -> None:
    bring(older)
    _answer(context, branch, "solar")
    bring(older)
    assert _dates(context) == [("solar", 3, 12, "advisor", "certain", True)]


def test_an_answered_question_is_closed(context: Context, branch: Branch, bring: Bring, older: str) -> None:
    bring(older)
    _answer(context, branch, "solar")
    with pytest.raises(Refused):
        _answer(context, branch, "lunar")


def test_only_who_sees_the_customer_answers(
    context: Context, branch: Branch, bring: Bring, older: str
) -> None:
    bring(older)
    stranger = Actor(kind="user", user_id=uuid.uuid4(), roles=frozenset({"advisor"}), org_path="/HQ/YC/")
    with pytest.raises(AccessDenied):
        answer_calendar(context, stranger, _task(context).id, "solar")


def test_the_customer_is_looked_at_anew_after_the_answer(
    context: Context, branch: Branch, bring: Bring, older: str
) -> None:
    bring(older)
    _answer(context, branch, "lunar")
    with context.db.read() as session:
        customer = session.scalars(select(Customer).where(Customer.external_ref == "K1")).one()
    assert customer.updated_at == context.clock.now()
