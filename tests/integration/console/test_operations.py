"""The desk of operations: runs with waves and figures, what they are told, mourning; and to-dos that ask."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from store.models.hearing import Task
from store.models.organisation import User
from store.models.records import StaffNotice
from store.notices import notify
from tests.browser import busy
from tests.browser.bank import NOW
from tests.factories import People
from tests.integration.console.conftest import Signed, post
from wenhou.core.actors import SYSTEM
from wenhou.services.context import Context
from wenhou.services.mourning import start_mourning

RUN = f"/{busy.RUN}"


@pytest.fixture
def run(context: Context, people: People) -> uuid.UUID:
    """A run in waves of a campaign that stopped itself; with the people who look at it."""
    return busy.add_run(context)


def ask(context: Context, kind: str) -> uuid.UUID:
    """Put a to-do on the advisor's desk; its id."""
    busy.ask(context, kind)
    with context.db.read() as session:
        return session.scalars(select(Task.id).where(Task.kind == kind)).one()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_run_shows_its_waves_figures_and_funnel(signed_in: Signed, run: uuid.UUID, language: str) -> None:
    client = signed_in("operations")
    client.get(f"/language/{language}?next=/")

    assert RUN in client.get("/runs").text
    assert RUN in client.get("/runs?campaign=mid_autumn").text
    assert RUN not in client.get("/runs?campaign=birthday").text
    assert "/runs?campaign=mid_autumn" in client.get("/campaigns/mid_autumn").text
    page = client.get(RUN).text
    said = (
        ("第 1 批", "等上一批达标", "已停：", "0/1", "漏斗")
        if language == "zh"
        else ("wave 1", "Funnel", "0/1")
    )
    assert [one for one in said if one not in page] == []


@pytest.mark.parametrize("who", ["advisor", "supervisor", "administrator"])
def test_runs_are_for_operations_and_compliance_alone(signed_in: Signed, run: uuid.UUID, who: str) -> None:
    client = signed_in(who)
    assert client.get("/runs").status_code == 404
    assert client.get(RUN).status_code == 404
    assert 'href="/runs"' not in client.get("/").text


@pytest.mark.parametrize(
    "path", ["/runs/none_such/2027-01-30", "/runs/mid_autumn/2027-01-29", "/runs/x/soon"]
)
def test_a_run_that_never_was_is_not_found(signed_in: Signed, run: uuid.UUID, path: str) -> None:
    assert signed_in("operations").get(path).status_code == 404


def test_operations_read_what_stopped_and_what_is_late_and_put_it_away(
    signed_in: Signed, context: Context, run: uuid.UUID
) -> None:
    busy.add_late_feed(context)
    client = signed_in("operations")
    page = client.get("/").text
    assert "活动自己停下了：退订率1.8%，超过上限1%：第1批 3/165。" in page
    assert "数据未到：死亡名单" in page
    assert "种子名单已收到 4 条样本" in page
    assert RUN in page
    other = signed_in("advisor").get("/").text
    assert "活动自己停下了" not in other
    assert "死亡名单" not in other
    client.get("/language/en?next=/")
    assert "The campaign stopped itself: opt-out rate 1.8 %" in client.get("/").text

    with context.db.read() as session:
        notices = {row.kind: row.id for row in session.scalars(select(StaffNotice))}
    path = f"/notices/{notices['campaign_stopped_itself']}/read"
    assert post(signed_in("advisor"), path, page="/")[0] == 404
    assert "stopped itself" in client.get("/").text
    post(client, path, page="/")
    assert "stopped itself" not in client.get("/").text


def test_a_warning_of_a_queue_reaches_the_person_it_is_for_with_a_name(
    signed_in: Signed, context: Context, people: People
) -> None:
    with context.db.write() as session:
        advisor = session.get_one(User, people.advisor.id)
        body = {
            "queue": f"approvals:advisor:{advisor.id.hex}",
            "org": None,
            "stage": 2,
            "amount": 3,
            "first_at": (NOW + timedelta(hours=2)).isoformat(),
        }
        notify(session, kind="queue_expiring", body=body, at=NOW, user_id=people.supervisor.id)

    assert "李伟的队列有 3 条待审批将过期，最早 11:05。" in signed_in("supervisor").get("/").text
    assert "将过期" not in signed_in("other_advisor").get("/").text


def test_everybody_of_a_part_in_mourning_is_told(signed_in: Signed, context: Context) -> None:
    start_mourning(context, SYSTEM, org="WH", days=(busy.DAY, busy.DAY + timedelta(days=2)), reason="公祭")

    assert "哀悼期" in signed_in("advisor").get("/").text
    assert "公祭" in signed_in("operations").get("/").text
    client = signed_in("advisor")
    client.get("/language/en?next=/")
    assert "Days of mourning" in client.get("/").text


def test_a_todo_that_asks_takes_its_answers_and_nothing_else(
    signed_in: Signed, context: Context, people: People
) -> None:
    asked = ask(context, "ask_calendar")
    client = signed_in("advisor")
    page = client.get("/tasks").text
    assert re.findall(r'name="answer" value="(\w+)">([^<]+)<', page) == [("solar", "公历"), ("lunar", "农历")]
    assert f"/tasks/{asked}/done" not in page

    post(client, f"/tasks/{asked}/answer", page="/tasks", answer="marsian")
    with context.db.read() as session:
        assert session.get_one(Task, asked).state == "open"
    post(client, f"/tasks/{asked}/answer", page="/tasks", answer="lunar")

    with context.db.read() as session:
        row = session.get_one(Task, asked)
        assert (row.state, row.outcome) == ("done", "lunar")


def test_an_answer_to_a_todo_out_of_sight_is_not_found(
    signed_in: Signed, context: Context, people: People
) -> None:
    asked = ask(context, "verify_number")
    answer = post(signed_in("other_advisor"), f"/tasks/{asked}/answer", page="/tasks", answer="wrong")
    assert answer[0] == 404


@pytest.mark.parametrize(("outcome", "state"), [("done", "done"), ("not_reached", "dropped")])
def test_a_call_is_done_or_reached_nobody(
    signed_in: Signed, context: Context, people: People, outcome: str, state: str
) -> None:
    call = ask(context, "call")
    client = signed_in("advisor")
    page = client.get("/tasks").text
    assert "没联系上" in page
    assert "七天内" in page

    post(client, f"/tasks/{call}/done", page="/tasks", outcome=outcome)

    with context.db.read() as session:
        assert session.get_one(Task, call).state == state
