"""Bundled mails in Chromium: phone and desk, light and dark, images off. No other mail program can be run here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page

from templates.email_skeleton import build
from templates.library import bundled
from templates.mail.colours import READABLE, contrast
from tests.unit.templates.mail.letters import CARD, SAMPLE, mail_of

MAILS = (
    ("birthday", "zh-CN"),
    ("birthday", "en"),
    ("qingming", "zh-CN"),
    ("policy_news", "zh-CN"),
    ("deposit_maturity", "zh-CN"),
    ("case_first_answer", "zh-CN"),
)
WIDTHS = (375, 1280)
SMALLEST_PX = 14
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_READ = """() => {
  const hex = (colour) => '#' + colour.match(/\\d+/g).slice(0, 3)
    .map((part) => Number(part).toString(16).padStart(2, '0')).join('');
  const paper = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return hex(colour);
    }
    return '#ffffff';
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || element.closest('div[style*="display:none"]')) continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const box = range.getBoundingClientRect();
    const style = getComputedStyle(element);
    found.push({text, ink: hex(style.color), paper: paper(element), size: parseFloat(style.fontSize),
      left: box.left, right: box.right, width: box.width, height: box.height});
  }
  return found;
}"""


def _html(key: str, locale: str) -> str:
    version = bundled().get(key, locale)
    mail = mail_of(version, version.variants[0].id)
    assert mail.html is not None, mail.problems
    return mail.html


@pytest.fixture(params=[(width, scheme) for width in WIDTHS for scheme in _SCHEMES], ids=str)
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    width, scheme = request.param
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=True
    )
    context.route("**/*", lambda route: route.abort())  # images off, and nothing else may be asked for
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(("key", "locale"), MAILS)
def test_a_mail_is_read_without_scrolling_sideways_in_any_light(page: Page, key: str, locale: str) -> None:
    page.set_content(_html(key, locale))
    _keep(page, key, locale)
    viewport = page.viewport_size
    assert viewport is not None

    words: list[dict[str, Any]] = page.evaluate(_READ)

    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert len(words) >= 8
    for one in words:
        assert one["size"] >= SMALLEST_PX, one
        assert contrast(one["ink"], one["paper"]) >= READABLE, one
        assert one["width"] > 0, one
        assert one["height"] > 0, one
        assert one["left"] >= 0, one
        assert one["right"] <= viewport["width"], one


def test_a_card_that_is_not_shown_is_read_and_the_letter_keeps_its_shape(page: Page) -> None:
    page.set_content(build("letter/1", {**SAMPLE, **CARD.parameters("zh-CN")}).html)
    _keep(page, "card", "zh-CN")
    viewport = page.viewport_size
    assert viewport is not None

    image = page.locator("img")
    box = image.bounding_box()
    ink, paper = page.evaluate(
        """() => { const hex = (colour) => '#' + colour.match(/\\d+/g).slice(0, 3)
             .map((part) => Number(part).toString(16).padStart(2, '0')).join('');
           return ['img', '.letter'].map((name, place) => hex(getComputedStyle(
             document.querySelector(name))[place ? 'backgroundColor' : 'color'])); }"""
    )

    assert image.get_attribute("alt") == CARD.alt_zh
    assert contrast(ink, paper) >= READABLE
    assert box is not None
    assert box["width"] <= min(536, viewport["width"] - 2 * 40)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_dark_is_dark_and_light_is_light(chromium: Browser) -> None:
    for scheme, darkest in (("light", 200), ("dark", 0)):
        context = chromium.new_context(color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        page.set_content(_html("birthday", "zh-CN"))
        shade = page.evaluate(
            "Number(getComputedStyle(document.querySelector('.letter')).backgroundColor.match(/\\d+/)[0])"
        )
        context.close()
        assert shade >= darkest
        assert (shade < 80) is (scheme == "dark")


def test_the_letter_stands_when_the_program_drops_its_style(chromium: Browser) -> None:
    html = _html("deposit_maturity", "zh-CN")
    bare = html[: html.index("<style>")] + html[html.index("</head>") :]
    context = chromium.new_context(viewport={"width": 375, "height": 900}, color_scheme="dark")
    page = context.new_page()
    page.set_content(bare.replace(' content="light dark"', ""))

    words: list[dict[str, Any]] = page.evaluate(_READ)
    scroll = page.evaluate("document.documentElement.scrollWidth")

    context.close()
    assert scroll <= 375
    assert all(contrast(one["ink"], one["paper"]) >= READABLE for one in words)


def _keep(page: Page, key: str, locale: str) -> None:
    """A picture to look at, where MAIL_SHOTS names a folder."""
    folder = os.environ.get("MAIL_SHOTS")
    if folder:
        width = page.viewport_size["width"] if page.viewport_size else 0
        dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        name = f"{key}-{locale}-{width}-{'dark' if dark else 'light'}.png"
        page.screenshot(path=str(Path(folder) / name), full_page=True)
