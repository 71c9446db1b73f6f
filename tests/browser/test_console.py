"""The console in a real browser: keys, edits, a phone, nothing from outside, nothing against the content policy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from store.conversations import NewEntry, add_entry, find_conversation
from store.models.customers import Customer
from store.models.messages import Message
from store.sealing import Sealer
from tests.browser.bank import PASSWORD, PretendBank
from wenhou.core.statuses import Status

pytestmark = pytest.mark.browser


class Watched:
    """A page that remembers what it asked for and complained of."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.outside: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self._ask(request.url, url))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _ask(self, asked: str, home: str) -> None:
        if not asked.startswith((home, "data:", "about:")):
            self.outside.append(asked)


@pytest.fixture
def desk(bank: PretendBank, chromium: Browser) -> Iterator[Watched]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    watched = Watched(context.new_page(), bank.url)
    watched.page.goto(f"{bank.url}/sign-in")
    yield watched
    context.close()


def sign_in_as(page: Page, name: str) -> None:
    page.locator(".wh-person", has_text=name).click()
    page.wait_for_selector(".wh-shell")


def count(bank: PretendBank, status: Status) -> int:
    with bank.context.db.read() as session:
        return session.query(Message).filter_by(status=status).count()


def test_a_password_opens_the_day(desk: Watched) -> None:
    page = desk.page
    page.locator("details summary").click()
    page.fill("[name=login]", "liwei")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_contain_text("李伟，今天")


def test_the_queue_is_worked_through_with_the_keyboard_alone(desk: Watched, bank: PretendBank) -> None:
    page = desk.page
    sign_in_as(page, "李伟")
    page.goto(f"{bank.url}/queue")
    first = page.locator(".wh-row.is-on").get_attribute("data-id")

    page.keyboard.press("j")
    expect(page.locator(".wh-row.is-on")).not_to_have_attribute("data-id", first or "")
    page.keyboard.press("k")
    expect(page.locator(f".wh-item[data-item='{first}']")).to_be_visible()
    page.keyboard.press("a")

    expect(page.locator(".wh-flash")).to_contain_text("已批准")
    assert count(bank, Status.SCHEDULED) == 1
    page.keyboard.press("u")
    expect(page.locator(".wh-flash")).to_contain_text("已撤回")
    assert count(bank, Status.SCHEDULED) == 0


def test_a_rejection_takes_a_reason_by_its_number(desk: Watched, bank: PretendBank) -> None:
    page = desk.page
    sign_in_as(page, "李伟")
    page.goto(f"{bank.url}/queue")

    page.keyboard.press("r")
    page.keyboard.press("2")

    expect(page.locator(".wh-flash")).to_contain_text("已退回")
    assert count(bank, Status.REJECTED) == 1


def test_an_edit_is_kept_and_a_forbidden_promise_refused_with_what_was_typed(
    desk: Watched, bank: PretendBank
) -> None:
    page = desk.page
    sign_in_as(page, "李伟")
    page.goto(f"{bank.url}/queue")
    box = page.locator("details[open] textarea")

    page.keyboard.press("e")
    box.fill("王女士，这款产品保本稳赚，无风险！")
    page.locator(".wh-savebar .btn-primary").click()
    expect(page.locator(".wh-flash.is-error")).to_be_visible()
    expect(page.locator("[name=text-wechat]")).to_have_value("王女士，这款产品保本稳赚，无风险！")
    page.goto(f"{bank.url}/queue")
    page.keyboard.press("e")
    box.fill("王女士，生日快乐！愿您平安喜乐。")
    page.locator(".wh-savebar .btn-primary").click()

    expect(page.locator(".wh-phone.is-wechat .wh-bubble")).to_have_text("王女士，生日快乐！愿您平安喜乐。")
    expect(page.locator(".wh-item")).to_contain_text("李伟 改过这条")


def test_all_green_ones_go_after_one_honest_sentence(desk: Watched, bank: PretendBank) -> None:
    page = desk.page
    sign_in_as(page, "李伟")
    page.goto(f"{bank.url}/queue/approve-all")

    expect(page.locator(".wh-honest")).to_contain_text("14")
    expect(page.locator(".wh-honest")).to_contain_text("需要两人审批")
    page.locator("form .btn-primary").click()

    expect(page.locator(".wh-flash")).to_contain_text("已批准 14 条")
    assert count(bank, Status.SCHEDULED) == 14


def test_a_customers_words_appear_in_the_open_thread_within_two_seconds(
    desk: Watched, bank: PretendBank
) -> None:
    page = desk.page
    sign_in_as(page, "李伟")
    page.goto(f"{bank.url}/conversations")
    page.locator(".wh-row > a").first.click()
    page.wait_for_selector(".wh-said")
    with bank.context.db.write() as session:
        customer = session.query(Customer).filter_by(external_ref="C-1001").one()
        thread = find_conversation(session, customer_id=customer.id, contact_point_id=None)
        assert thread is not None
        at = bank.context.clock.now() + timedelta(seconds=1)
        said = NewEntry(
            direction="in", channel="wechat", text="生日可以，理财别发了", at=at, customer_id=customer.id
        )
        add_entry(session, Sealer(session, bank.context.vault), thread, said, at)

    expect(page.locator(".wh-said.is-in").last).to_contain_text("生日可以", timeout=2_500)


def test_why_is_answered_with_the_customers_own_words(desk: Watched, bank: PretendBank) -> None:
    page = desk.page
    sign_in_as(page, "李伟")
    page.goto(f"{bank.url}/why?ref=C-1018&campaign=spring_festival")

    expect(page.locator(".wh-answer")).to_have_text(
        "没有发给林先生：他1月18日回复“别再发问候了”，已退订关怀问候类消息。"
    )


PAGES = (
    "",
    "queue",
    "queue/approve-all",
    "conversations",
    "cases",
    "tasks",
    "customers",
    "customers/C-1001",
    "why",
    "delivery",
    "delivery/stop",
)


def test_no_page_asks_outside_or_breaks_its_own_policy(desk: Watched, bank: PretendBank) -> None:
    page = desk.page
    sign_in_as(page, "张敏")
    for path in PAGES:
        answer = page.goto(f"{bank.url}/{path}")
        assert answer is not None
        assert answer.status == 200, path
        page.wait_for_timeout(200)
    page.goto(f"{bank.url}/queue")
    page.locator("summary", has_text="邮件").click()
    expect(page.frame_locator("iframe").locator("body")).to_contain_text("江城银行")

    assert desk.outside == []
    assert [said for said in desk.complaints if "sandboxed" not in said] == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_narrow_phone_needs_no_sideways_scrolling(
    bank: PretendBank, chromium: Browser, language: str
) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    page = context.new_page()
    page.goto(f"{bank.url}/language/{language}?next=/sign-in")
    page.locator(".wh-person").first.click()
    page.wait_for_selector(".wh-shell")
    for path in PAGES:
        page.goto(f"{bank.url}/{path}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360, f"/{path} is {wide} px wide"
    context.close()


def test_without_scripts_one_reads_and_approves(bank: PretendBank, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{bank.url}/sign-in")
    page.locator(".wh-person").first.click()
    page.goto(f"{bank.url}/queue")
    page.locator(".wh-rows a").nth(1).click()
    page.locator("#approve button").click()

    expect(page.locator(".wh-flash")).to_contain_text("已批准")
    assert count(bank, Status.SCHEDULED) == 1
    context.close()


def test_choosing_a_part_shows_at_once_what_the_button_would_stop(desk: Watched, bank: PretendBank) -> None:
    page = desk.page
    sign_in_as(page, "吴")
    page.goto(f"{bank.url}/delivery")
    page.locator("a.btn-danger").click()

    page.select_option("[name=what]", "purpose:marketing")

    expect(page.locator("button.btn-danger")).to_contain_text("只停：用途")
    page.locator("button.btn-danger").click()
    expect(page.locator(".wh-stop")).to_contain_text("停发中：用途")
    expect(page.locator(".wh-stop form button")).to_have_text("申请恢复")


def test_on_a_narrow_phone_an_unknown_message_is_settled(bank: PretendBank, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    page = context.new_page()
    page.goto(f"{bank.url}/language/en?next=/sign-in")
    page.locator(".wh-person", has_text="张敏").click()
    page.goto(f"{bank.url}/delivery")

    button = page.get_by_role("button", name="It was not").first
    box = button.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 360
    button.click()

    expect(page.locator(".wh-flash")).to_contain_text("not sent again")
    assert count(bank, Status.UNKNOWN) == 1
    context.close()
