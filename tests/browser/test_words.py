"""The words section in a real browser: marks while one types, nothing broken is kept, a second person decides."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from store.models.campaigns import TemplateVersion
from tests.browser.bank import PretendBank
from tests.browser.test_access import violations
from tests.browser.test_console import Watched, sign_in_as
from tests.integration.words.desk import document

pytestmark = pytest.mark.browser
EDIT = "words/birthday?tab=edit"
PAGES = (
    "words",
    "words?q=zzz",
    "words/birthday?customer=C-1001",
    "words/birthday?tab=versions",
    "words/birthday?tab=readers",
    EDIT,
    "words/rules",
)


@pytest.fixture
def desk(bank: PretendBank, chromium: Browser) -> Iterator[Watched]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    watched = Watched(context.new_page(), bank.url)
    watched.page.goto(f"{bank.url}/sign-in")
    yield watched
    context.close()


def open_as(page: Page, bank: PretendBank, who: str, path: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{bank.url}/sign-in")
    sign_in_as(page, who)
    page.goto(f"{bank.url}/{path}")


def kept(bank: PretendBank) -> list[str]:
    with bank.context.db.read() as session:
        return [row.state for row in session.query(TemplateVersion).filter_by(origin="bank")]


def test_a_forbidden_word_is_marked_while_one_types_and_cannot_be_kept(
    desk: Watched, bank: PretendBank
) -> None:
    page = desk.page
    open_as(page, bank, "吴云", EDIT)
    box, save = page.locator("#document"), page.locator("[data-save][value=save]")
    expect(page.locator(".wh-live-said")).to_contain_text("没有错误")

    box.fill(document("这款理财保本。"))

    expect(page.locator(".wh-hit.is-block").first).to_contain_text("保本")
    expect(page.locator(".wh-live-faults li").first).to_contain_text("第 10 行")
    expect(page.locator("[data-lines] .is-wrong")).to_have_text("10")
    expect(save).to_be_disabled()
    box.press("Control+s")
    assert kept(bank) == []
    page.locator(".wh-live-faults .wh-find").first.click()
    assert box.evaluate("box => box.value.slice(0, box.selectionStart).split('\\n').length") == 10
    assert desk.complaints == []


def test_a_draft_is_kept_by_its_key_and_approved_by_a_second_person(desk: Watched, bank: PretendBank) -> None:
    page = desk.page
    open_as(page, bank, "吴云", EDIT)
    expect(page.locator(".wh-live-said")).to_contain_text("没有错误")
    page.locator("#document").fill(document("愿您今天开心。"))
    expect(page.locator("[data-preview] .is-sms .wh-bubble")).to_contain_text("愿您今天开心")
    page.locator("#document").press("Control+s")
    expect(page.locator(".wh-flash")).to_contain_text("草稿已保存")
    page.locator("[data-save][value=submit]").click()
    expect(page.locator(".wh-version").first).to_contain_text("待合规审批")
    assert kept(bank) == ["submitted"]

    open_as(page, bank, people_of_compliance(bank), "words/birthday?tab=versions")
    page.get_by_role("button", name="批准").click()

    expect(page.locator(".wh-flash")).to_contain_text("已批准")
    assert kept(bank) == ["approved"]
    page.goto(f"{bank.url}/words/birthday?customer=C-1001")
    expect(page.locator(".wh-look.is-sms .wh-bubble")).to_contain_text("愿您今天开心")
    assert desk.complaints == []
    assert desk.outside == []


def people_of_compliance(bank: PretendBank) -> str:
    return bank.people.compliance.name


def test_an_advisor_sees_what_a_word_does_before_saving_it(desk: Watched, bank: PretendBank) -> None:
    page = desk.page
    open_as(page, bank, "李伟", "queue")
    page.keyboard.press("e")
    box = page.locator("details[open] textarea")

    box.fill("王女士，这款理财保本，生日快乐！")

    live = page.locator("details[open] .wh-live")
    expect(live).to_contain_text("不能保存")
    expect(live.locator(".wh-hit.is-block")).to_contain_text("保本")
    live.locator(".wh-find").first.click()
    chosen = "box => box.value.slice(box.selectionStart, box.selectionEnd)"
    assert "保本" in box.evaluate(chosen)
    box.fill("王女士，生日快乐，愿您平安。")
    expect(live).to_contain_text("可以保存")
    page.locator(".wh-savebar .btn-primary").click()
    page.get_by_text("改了什么").click()
    expect(page.locator(".wh-changes ins").first).to_be_visible()
    assert desk.complaints == []


def test_units_and_parts_are_counted_while_one_types(desk: Watched, bank: PretendBank) -> None:
    page = desk.page
    open_as(page, bank, "李伟", "queue")
    page.keyboard.press("e")
    page.locator("summary", has_text="短信").click()
    page.locator("[name=text-sms]").fill("王女士，生日快乐，愿您平安。" * 6)

    expect(page.locator("[data-live-channel=sms]")).to_contain_text("拆 2 条")


@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_no_page_of_words_breaks_a_rule_of_axe_or_runs_wide(
    bank: PretendBank, chromium: Browser, light: str, width: int
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if light == "dark" else "light"
    )
    page = context.new_page()
    open_as(page, bank, people_of_compliance(bank), "words")
    found: dict[str, list[str]] = {}
    for path in PAGES:
        page.goto(f"{bank.url}/{path}")
        if path == EDIT:
            page.locator("#document").fill(document("这款理财保本。"))
            expect(page.locator(".wh-hit").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        found[path] = violations(page)
    context.close()

    assert {path: lines for path, lines in found.items() if lines} == {}


def test_without_scripts_a_text_is_judged_when_it_is_saved(bank: PretendBank, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    open_as(page, bank, "吴云", EDIT)
    page.locator("#document").fill(document("这款理财保本。"))
    page.locator("[data-save][value=save]").click()

    expect(page.locator(".wh-live-faults li").first).to_contain_text("第 10 行")
    expect(page.locator("#document")).to_have_value(document("这款理财保本。"))
    context.close()


def test_on_a_phone_what_is_not_in_the_bar_opens_above_it(bank: PretendBank, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    open_as(page, bank, "李伟", "")
    mine = page.locator("#nav").get_by_role("link", name="我的落款")
    expect(mine).to_be_hidden()
    more = page.locator("#nav summary")
    assert more.evaluate("one => one.getBoundingClientRect().height") >= 40

    more.click()
    expect(page.locator("#nav").get_by_role("link", name="文字")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(mine).to_be_hidden()
    more.click()
    mine.click()

    expect(page.locator("h1")).to_have_text("我的落款")
    context.close()
