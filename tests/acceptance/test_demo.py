"""The demo opens with work waiting, hears customers within a second, and its clock sends the greetings."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator

import pytest
import requests
from sqlalchemy import select

from store.listings import count_by_status
from store.models.campaigns import Campaign
from store.models.hearing import Task
from store.models.messages import Message
from tests.ports import free_port
from wenhou.core.statuses import Status
from wenhou.demo.people import ADVISOR_LOGIN, PEOPLE
from wenhou.demo.run import Demo, running_demo
from wenhou.demo.stage import EVE, actor_of_login
from wenhou.services.approvals import approve_all
from wenhou.services.queue_items import bulk_preview


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with running_demo(free_port(), 60) as opened:
        yield opened


def counts(demo: Demo) -> dict[str, int]:
    with demo.parts.context.db.read() as session:
        return count_by_status(session)


def signed_in(url: str) -> requests.Session:
    browser = requests.Session()
    page = browser.get(url, timeout=10)
    target = re.search(r"/sign-in/as/[0-9a-f-]+", page.text)
    assert target is not None
    browser.post(url + target.group(), data={"csrf_token": token(page.text)}, timeout=10).raise_for_status()
    return browser


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


def test_it_opens_with_messages_sent_yesterday_and_work_waiting_today(demo: Demo) -> None:
    assert demo.stage.customers == 60
    assert demo.stage.sent > 0
    assert 40 <= demo.stage.waiting <= 60
    assert "Nothing can leave this machine" in demo.words


def test_the_first_queue_tells_of_each_kind_of_care(demo: Demo) -> None:
    with demo.parts.context.db.read() as session:
        rows = session.execute(
            select(Campaign.key, Message.planned_for)
            .join(Campaign, Campaign.id == Message.campaign_id)
            .where(Message.status == Status.PROPOSED)
        ).all()
        calls = session.scalars(select(Task.planned_for).where(Task.kind == "call")).all()
    found = Counter(row.key for row in rows)
    assert found["spring_festival"] >= 30
    assert {row.planned_for for row in rows if row.key == "spring_festival"} == {EVE.date()}
    assert {"birthday", "birthday_vip", "callback_account_opened", "policy_news"} <= set(found)
    # A VIP is called on the birthday; the words wait for the afternoon.
    assert {row.planned_for for row in rows if row.key == "birthday_vip"} <= set(calls)


def test_the_first_advisors_sentence_names_a_shared_phone_and_who_is_held_by_rule(demo: Demo) -> None:
    context = demo.parts.context

    bulk = bulk_preview(context, actor_of_login(context, ADVISOR_LOGIN))

    assert bulk.green > 0
    assert bulk.stopped["address_cap_reached"] > 0
    assert bulk.stopped["care_restricted"] > 0


@pytest.mark.parametrize("path", ["/", "/queue", "/demo", "/phones/"])
def test_its_pages_open_with_one_click(demo: Demo, path: str) -> None:
    browser = signed_in(demo.parts.settings.web_url)
    assert browser.get(demo.parts.settings.web_url + path, timeout=10).status_code == 200


def test_the_jump_to_new_years_eve_sends_what_was_approved(demo: Demo) -> None:
    context, url = demo.parts.context, demo.parts.settings.web_url
    for person in PEOPLE[:4]:
        approve_all(context, actor_of_login(context, person.login))
    before = counts(demo).get("delivered", 0)
    browser = signed_in(url)
    form = {"csrf_token": token(browser.get(f"{url}/demo", timeout=10).text), "to": "eve"}
    browser.post(f"{url}/demo/clock", data=form, timeout=10).raise_for_status()
    assert context.clock.now() >= EVE
    until = time.monotonic() + 60
    while counts(demo).get("delivered", 0) < before + 15:
        assert time.monotonic() < until, counts(demo)
        time.sleep(0.2)
