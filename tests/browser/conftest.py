"""One bank and one browser a module; the browser is Debian's Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.bank import PretendBank, open_bank
from tests.browser.screenshots import FLAGS


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[PretendBank]:
    with open_bank(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("needs Chromium: apt-get install chromium fonts-wqy-microhei")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
