"""Every page by axe-core: labels, names, roles, order of headings, contrast in the light and in the dark."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.bank import PretendBank
from tests.browser.busy import RUN, make_busy

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text(encoding="utf-8")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
PAGES = (
    "",
    "queue",
    "queue/approve-all",
    "conversations",
    "conversations/first",
    "conversations/last",
    "cases",
    "cases/first",
    "tasks",
    "customers",
    "customers/C-1001",
    "why?ref=C-1018&campaign=spring_festival",
    "delivery",
    "delivery/stop",
    "no-such-page",
)


def open_page(page: Page, url: str, path: str) -> None:
    place, _, which = path.rpartition("/")
    if which not in {"first", "last"}:
        page.goto(f"{url}/{path}")
        return
    page.goto(f"{url}/{place}")
    rows = page.locator(".wh-row > a, .wh-list > li > a")
    (rows.first if which == "first" else rows.last).click()
    page.wait_for_load_state()


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA, one line a place."""
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run({exclude: [['iframe']]}, rules)", RULES)
    return [
        f"{rule['id']}: {' '.join(node['target'])} {node['failureSummary'].splitlines()[-1].strip()}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_no_page_breaks_a_rule_of_axe(bank: PretendBank, chromium: Browser, light: str, width: int) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if light == "dark" else "light"
    )
    page = context.new_page()
    page.goto(f"{bank.url}/sign-in")
    found = {"sign-in": violations(page)}
    page.locator(".wh-person", has_text="张敏").click()
    page.wait_for_selector(".wh-shell")
    for path in PAGES:
        open_page(page, bank.url, path)
        found[path] = violations(page)
    context.close()

    assert {path: lines for path, lines in found.items() if lines} == {}


DESK = ("", "tasks", "runs", RUN, "campaigns", "campaigns/mid_autumn", "queue")


@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_no_page_of_a_busy_day_at_the_desk_of_operations_breaks_a_rule(
    bank: PretendBank, chromium: Browser, light: str, width: int
) -> None:
    make_busy(bank.context)
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if light == "dark" else "light"
    )
    page = context.new_page()
    page.goto(f"{bank.url}/sign-in")
    page.locator(".wh-person").nth(2).click()
    page.wait_for_selector(".wh-shell")
    found: dict[str, list[str]] = {}
    for path in DESK:
        answer = page.goto(f"{bank.url}/{path}")
        assert answer is not None
        assert answer.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        found[path] = violations(page)
    context.close()

    assert {path: lines for path, lines in found.items() if lines} == {}
