"""Takes the pictures of docs/console.md: `python -m tests.browser.screenshots [FOLDER]`. Needs Chromium."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.browser.bank import PretendBank, open_bank

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


def main(folder: Path) -> None:
    """Every picture, desk and phone, light and dark, Chinese and English."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made, open_bank(Path(made)) as bank, sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)

        def page(size: dict[str, int], *, dark: bool = False, english: bool = False) -> Page:
            options: dict[str, Any] = {"viewport": size, "color_scheme": "dark" if dark else "light"}
            shown = chromium.new_context(**options).new_page()
            if english:
                shown.goto(f"{bank.url}/language/en?next=/sign-in")
            return shown

        _desk(bank, page(DESK), folder)
        _walk(bank, page(DESK), folder, "desk", ("delivery", "delivery/stop"), person=1)
        _walk(bank, page(DESK, dark=True), folder, "dark", ("", "queue"))
        _walk(bank, page(DESK, english=True), folder, "en", ("", "queue"))
        _walk(bank, page(PHONE), folder, "phone", ("", "queue", "queue/first"))
        chromium.close()


def _desk(bank: PretendBank, page: Page, folder: Path) -> None:
    page.goto(f"{bank.url}/sign-in")
    page.screenshot(path=folder / "sign-in.png")
    _walk(
        bank,
        page,
        folder,
        "desk",
        (
            "",
            "queue",
            "queue/approve-all",
            "conversations/first",
            "cases/first",
            "tasks",
            "customers",
            "customers/C-1001",
            "why?ref=C-1018&campaign=spring_festival",
        ),
    )


def _walk(
    bank: PretendBank, page: Page, folder: Path, name: str, paths: tuple[str, ...], person: int = 0
) -> None:
    page.goto(f"{bank.url}/sign-in")
    page.locator(".wh-person").nth(person).click()
    for path in paths:
        page.goto(f"{bank.url}/{path.removesuffix('/first')}")
        if path.endswith("/first"):
            page.locator(".wh-row > a, .wh-list > li > a").first.click()
            if path == "queue/first":
                page.goto(page.url.split("#")[0])
        page.wait_for_timeout(700)
        stem = (path.split("?")[0].replace("/first", "-one").replace("/", "-") or "today").lower()
        page.screenshot(path=folder / f"{stem}-{name}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
