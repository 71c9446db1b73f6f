"""The first five minutes of the demo, as a visitor has them: in Chromium, on the desk and on a customer's phone."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from store.listings import count_by_status
from store.models.customers import Customer
from store.models.messages import Message
from tests.ports import free_port
from wenhou.demo.people import ADVISOR_LOGIN
from wenhou.demo.run import Demo, running_demo
from wenhou.demo.stage import actor_of_login
from wenhou.services.approvals import approve_all

pytestmark = pytest.mark.browser
SOON = 20_000  # ms, generous on a busy machine


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with running_demo(free_port(), 80, crash_messages=240) as opened:
        yield opened


@pytest.fixture
def visitor(demo: Demo, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 860}, locale="zh-CN")
    context.set_default_timeout(SOON)
    page = context.new_page()
    page.goto(demo.parts.settings.web_url)
    page.locator(".wh-person", has_text="李薇").click()
    page.wait_for_selector(".wh-shell")
    yield page
    context.close()


def test_today_greets_by_name_and_says_how_much_there_is(visitor: Page) -> None:
    expect(visitor.locator("main")).to_contain_text("李薇，今天")
    expect(visitor.locator("main")).to_contain_text("分钟")


def test_two_keys_approve_and_one_sentence_tells_the_rest(demo: Demo, visitor: Page) -> None:
    visitor.goto(f"{demo.parts.settings.web_url}/queue")
    with demo.parts.context.db.read() as session:
        waiting = count_by_status(session)["proposed"]
    visitor.keyboard.press("a")
    expect(visitor.locator("body")).to_contain_text("已批准")
    with demo.parts.context.db.read() as session:
        assert count_by_status(session)["proposed"] == waiting - 1
    visitor.get_by_text("批准全部绿灯").click()
    sentence = visitor.locator("main")
    expect(sentence).to_contain_text("您将批准")
    expect(sentence).to_contain_text("合并到共用号码")
    expect(sentence).to_contain_text("按规定暂不联系")


def test_the_killed_sender_loses_nothing_and_the_page_shows_it_by_itself(demo: Demo, visitor: Page) -> None:
    visitor.goto(f"{demo.parts.settings.web_url}/demo")
    visitor.get_by_role("button", name="发到一半，杀掉发送进程").click()
    table = visitor.locator("#crash table")
    expect(table).to_be_visible(timeout=90_000)
    for heading in ("丢失", "重复"):
        expect(table.get_by_role("row", name=heading)).to_contain_text("0")


def _someone_greeted(demo: Demo) -> str:
    """The name of one of the advisor's customers whom a greeting has just reached."""
    context = demo.parts.context
    advisor = actor_of_login(context, ADVISOR_LOGIN).user_id
    until = time.monotonic() + 40
    while time.monotonic() < until:
        with context.db.read() as session:
            name = session.scalar(
                select(Customer.name)
                .join(Message, Message.customer_id == Customer.id)
                .where(
                    Message.advisor_id == advisor,
                    Message.channel.in_(("sms", "wechat")),
                    Message.status == "delivered",
                    Message.dedupe_key.startswith("spring_festival"),
                )
                .order_by(Message.id)
            )
        if name is not None:
            return name
        time.sleep(0.5)
    raise AssertionError("nobody was greeted")


def test_words_typed_on_a_customers_phone_reach_the_console(demo: Demo, visitor: Page) -> None:
    context, url = demo.parts.context, demo.parts.settings.web_url
    approve_all(context, actor_of_login(context, ADVISOR_LOGIN))
    visitor.goto(f"{url}/demo")
    visitor.get_by_role("button", name="跳到除夕 08:00").click()
    name = _someone_greeted(demo)
    phone = visitor.context.new_page()
    phone.goto(f"{url}/phones/?q={name}")
    phone.locator("aside.list li a").first.click()
    phone.locator("#text").fill("我的存折丢了怎么办？")
    phone.locator("#text").press("Enter")
    visitor.goto(f"{url}/conversations")
    row = visitor.locator("main a", has_text=name).first
    expect(row).to_be_visible()
    row.click()
    expect(visitor.locator("main")).to_contain_text("我的存折丢了怎么办？")
