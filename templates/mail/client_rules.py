"""What mail programs do to HTML, as rules that can be checked without them; each says which program and how sure.

`check(html)` is static: it reads the HTML and nothing else. It cannot say how QQ Mail or Outlook paint a letter:
no such program runs here (docs/email-rendering.md). Confidence: `standard` an RFC, WCAG or HTML; `vendor` the
program's own documentation; `known` long experience of the field, not checked against today's version.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from templates.mail.colours import READABLE, contrast
from templates.mail.reading import Letter, read

CLIP_BYTES = 102 * 1024
MOST_BYTES = 100_000
LINE = 998
SMALLEST_PX = 14
_COLOUR = re.compile(r"#[0-9a-f]{6}\Z", re.IGNORECASE)
_FORBIDDEN = frozenset(
    "script form input button select textarea iframe frame object embed applet video audio svg canvas math link base".split()
)
_LAYOUT = ("position", "float", "flex", "grid", "columns", "transform", "animation", "transition", "z-index")
_EMPTY_LABELS = frozenset(
    "点击 点此 点这里 点击这里 点击此处 请点击 查看 链接 here click clickhere more link".split()
)
_HREF = re.compile(r"(?:https://|mailto:|tel:|http://(?:127\.0\.0\.1|localhost)[:/])\S+\Z")
_REMOTE = re.compile(r"url\(|@import|@font-face", re.IGNORECASE)
_SIZE = re.compile(r"[1-9][0-9]{0,3}%?\Z")
_PIXELS = re.compile(r"([0-9]+)px\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRule:
    """One thing that programs do. `drops`: what the reader loses when a mail does not keep to it."""

    id: str
    clients: str
    drops: str
    source: str
    confidence: str
    find: Callable[[Letter], Iterator[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A rule that a mail breaks, and where."""

    rule: str
    found: str


def check(html: str) -> tuple[Broken, ...]:
    """Every place that breaks a rule, in the rules' order; empty for a mail that keeps to all of them."""
    letter = read(html)
    return tuple(Broken(rule=rule.id, found=found) for rule in RULES for found in rule.find(letter))


def _active(letter: Letter) -> Iterator[str]:
    for element in letter.elements:
        if element.tag in _FORBIDDEN:
            yield f"<{element.tag}>"
        yield from (f"{element.tag} {name}" for name in element.attributes if name.startswith("on"))


def _remote(letter: Letter) -> Iterator[str]:
    for style in (letter.style, *(element.attributes.get("style", "") for element in letter.elements)):
        yield from (match[0] for match in _REMOTE.finditer(style))
    for element in letter.elements:
        if element.attributes.get("background"):
            yield f"<{element.tag} background>"
        source = element.attributes.get("src", "")
        if element.tag == "img" and not source.startswith("cid:"):
            yield f"img src {source[:60]!r}"


def _layout(letter: Letter) -> Iterator[str]:
    for element in letter.elements:
        for name, value in element.style.items():
            words = (name.split("-")[0], name, *value.split())
            if any(word in _LAYOUT or word.startswith("inline-flex") for word in words):
                yield f"{element.tag} {name}:{value}"
            if name.startswith("margin") and "-" in value:
                yield f"{element.tag} {name}:{value}"


def _tables(letter: Letter) -> Iterator[str]:
    for element in letter.elements:
        if element.tag == "table" and not _SIZE.match(element.attributes.get("width", "")):
            yield "table without width"
        if element.tag == "table" and element.attributes.get("role") != "presentation":
            yield "table without role=presentation"


def _width(letter: Letter) -> Iterator[str]:
    for element in letter.elements:
        width = element.attributes.get("width", "")
        if width.isdigit() and int(width) > 600:
            yield f"{element.tag} width={width}"


def _backgrounds(letter: Letter) -> Iterator[str]:
    for element in letter.elements:
        shown = element.style.get("background-color")
        if "background" in element.style:
            yield f"{element.tag} background:"
        if element.tag in {"table", "td"} and shown != element.attributes.get("bgcolor"):
            yield f"{element.tag} bgcolor {element.attributes.get('bgcolor')} beside {shown}"


def _colours(letter: Letter) -> Iterator[str]:
    for words in letter.words:
        if words.is_hidden:
            continue
        holder = words.path[-1]
        if holder.tag == "a" and "color" not in holder.style:
            yield f"a without its own colour: {words.text[:20]!r}"
        for name in ("color", "font-size", "font-family", "line-height"):
            if words.inherited(name) is None:
                yield f"no inline {name}: {words.text[:20]!r}"
        if not _COLOUR.match(words.inherited("color") or "#000000"):
            yield f"colour {words.inherited('color')!r}"


def _images(letter: Letter) -> Iterator[str]:
    for element in letter.elements:
        if element.tag != "img":
            continue
        for name in ("alt", "width", "height"):
            value = element.attributes.get(name, "").strip()
            if not value or (name != "alt" and not value.isdigit()):
                yield f"img without {name}"
        if element.style.get("display") != "block" or "color" not in element.style:
            yield "img without display:block and a colour for its words"


def _links(letter: Letter) -> Iterator[str]:
    for element in letter.elements:
        if element.tag != "a":
            continue
        href = element.attributes.get("href", "")
        if not _HREF.match(href):
            yield f"href {href[:60]!r}"
        label = "".join(words.text for words in letter.words if element in words.path)
        bare = re.sub(r"[\W_]+", "", label).lower()
        if not bare or bare in _EMPTY_LABELS:
            yield f"link says only {label!r}"


def _weight(letter: Letter) -> Iterator[str]:
    size = len(letter.html.encode())
    if size > MOST_BYTES:
        yield f"{size} bytes"


def _long_lines(letter: Letter) -> Iterator[str]:
    for number, line in enumerate(letter.html.splitlines(), start=1):
        if len(line.encode()) > LINE:
            yield f"line {number}: {len(line.encode())} bytes"


def _preheader(letter: Letter) -> Iterator[str]:
    first = next((words for words in letter.words), None)
    if first is None or not first.is_hidden or not first.text.strip():
        yield "the first words are not a hidden preheader"


def _language(letter: Letter) -> Iterator[str]:
    root = next((element for element in letter.elements if element.tag == "html"), None)
    if root is None or root.attributes.get("lang") not in {"zh-CN", "en"}:
        yield "html without lang"
    if not letter.html.startswith("<!DOCTYPE html>"):
        yield "no doctype"
    if not any(element.attributes.get("charset", "").lower() == "utf-8" for element in letter.elements):
        yield "no meta charset"


def _scheme(letter: Letter) -> Iterator[str]:
    said = {
        element.attributes.get("name"): element.attributes.get("content", "")
        for element in letter.elements
        if element.tag == "meta"
    }
    yield from (
        f"meta {name}"
        for name in ("color-scheme", "supported-color-schemes")
        if set(said.get(name, "").split()) != {"light", "dark"}
    )


def _contrast(letter: Letter) -> Iterator[str]:
    for words in letter.words:
        if words.is_hidden:
            continue
        for scheme, rules in (("light", {}), ("dark", letter.dark)):
            ink, paper = words.inherited("color", rules), words.inherited("background-color", rules)
            found = _measured(ink or "#000000", paper or "#ffffff")
            if found < READABLE:
                yield f"{scheme} {ink} on {paper}: {found:.1f} at {words.text[:20]!r}"


def _measured(ink: str, paper: str) -> float:
    try:
        return contrast(ink, paper)
    except ValueError:
        return 0.0


def _sizes(letter: Letter) -> Iterator[str]:
    for words in letter.words:
        size = _PIXELS.match(words.inherited("font-size") or "")
        if not words.is_hidden and (size is None or int(size[1]) < SMALLEST_PX):
            yield f"font-size {words.inherited('font-size')} at {words.text[:20]!r}"


def _style_block(letter: Letter) -> Iterator[str]:
    """Without the <style> the letter must stand: it may hold dark colours only."""
    rest = re.sub(
        r":root\{color-scheme:light dark\}|@media \(prefers-color-scheme:dark\)\{.*\}", "", letter.style
    )
    if rest.strip():
        yield f"style holds more than dark colours: {rest.strip()[:60]!r}"
    known = {name for element in letter.elements for name in element.attributes.get("class", "").split()}
    yield from (f"dark rule for .{name}, which nothing has" for name in letter.dark if name not in known)


def _rule(
    rule_id: str, clients: str, drops: str, source: tuple[str, str], find: Callable[[Letter], Iterator[str]]
) -> ClientRule:
    said, confidence = source
    return ClientRule(id=rule_id, clients=clients, drops=drops, source=said, confidence=confidence, find=find)


_FIELD = "the field's experience"
RULES: tuple[ClientRule, ...] = (
    ClientRule(
        id="active",
        clients="all",
        drops="scripts, forms, frames, films and drawings are removed or the mail is held as unsafe",
        source=_FIELD,
        confidence="known",
        find=_active,
    ),
    ClientRule(
        id="remote",
        clients="QQ Mail, 163, Outlook, Gmail",
        drops="images and fonts from elsewhere are blocked until asked for, and opening them tells on the reader",
        source=_FIELD,
        confidence="known",
        find=_remote,
    ),
    ClientRule(
        id="layout",
        clients="QQ Mail, 163, Outlook for Windows (Word engine), Outlook.com",
        drops="position, float, flex, grid and negative margins are removed: columns fall apart",
        source=_FIELD,
        confidence="known",
        find=_layout,
    ),
    ClientRule(
        id="table_width",
        clients="Outlook for Windows (Word engine)",
        drops="max-width is not known there: a table without a width attribute grows to the window",
        source=_FIELD,
        confidence="known",
        find=_tables,
    ),
    ClientRule(
        id="too_wide",
        clients="phones, QQ Mail's reading pane",
        drops="more than 600 px scrolls sideways",
        source=_FIELD,
        confidence="known",
        find=_width,
    ),
    ClientRule(
        id="bgcolor",
        clients="Outlook for Windows, old 163",
        drops="background in a style may be lost: the bgcolor attribute stays",
        source=_FIELD,
        confidence="known",
        find=_backgrounds,
    ),
    ClientRule(
        id="inline",
        clients="QQ Mail, 163, Outlook.com",
        drops="the <style> is removed or renamed: colour, font and size must stand inline; links take the program's blue",
        source=_FIELD,
        confidence="known",
        find=_colours,
    ),
    ClientRule(
        id="style_block",
        clients="QQ Mail, 163, some Gmail apps",
        drops="the <style> is removed: it may hold nothing the letter needs",
        source=_FIELD,
        confidence="known",
        find=_style_block,
    ),
    ClientRule(
        id="images",
        clients="all, with images off",
        drops="the words of an image stand in for it; without width and height the letter jumps",
        source="HTML, img",
        confidence="standard",
        find=_images,
    ),
    ClientRule(
        id="links",
        clients="all; readers by ear",
        drops="an empty or script address is removed; a link that says only 点击 says nothing",
        source="WCAG 2.1, 2.4.4",
        confidence="standard",
        find=_links,
    ),
    ClientRule(
        id="weight",
        clients="Gmail",
        drops="above 102 KB the rest is cut off, the footer first",
        source=_FIELD,
        confidence="known",
        find=_weight,
    ),
    ClientRule(
        id="lines",
        clients="mail servers",
        drops="a line above 998 octets is broken anywhere",
        source="RFC 5322, 2.1.1",
        confidence="standard",
        find=_long_lines,
    ),
    ClientRule(
        id="preheader",
        clients="phones, Gmail, Apple Mail",
        drops="the list shows the first words of the body: without a preheader the bank's name again",
        source=_FIELD,
        confidence="known",
        find=_preheader,
    ),
    ClientRule(
        id="language",
        clients="all; readers by ear",
        drops="without lang and charset a voice reads Chinese as English, an old program guesses the charset",
        source="HTML, WCAG 2.1, 3.1.1",
        confidence="standard",
        find=_language,
    ),
    ClientRule(
        id="scheme",
        clients="Apple Mail, iOS Mail, Outlook for Mac",
        drops="without color-scheme the program inverts colours as it likes",
        source="WebKit, supported-color-schemes",
        confidence="vendor",
        find=_scheme,
    ),
    ClientRule(
        id="contrast",
        clients="all, light and dark",
        drops="text below 4.5 : 1 cannot be read by many",
        source="WCAG 2.1, 1.4.3",
        confidence="standard",
        find=_contrast,
    ),
    ClientRule(
        id="size",
        clients="phones",
        drops="text below 14 px is enlarged by some phones and breaks the line",
        source=_FIELD,
        confidence="known",
        find=_sizes,
    ),
)
