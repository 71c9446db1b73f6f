"""A mail's HTML as the rules read it: its elements with their styles, and its words with all that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from templates.mail.colours import dark_rules, style_of

_VOID = frozenset("img br meta hr input link base col area embed source".split())
_UNSEEN = frozenset(("style", "title", "script"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Element:
    """One element; `style` are its inline declarations."""

    tag: str
    attributes: Mapping[str, str]
    style: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Words:
    """A run of text and the elements around it, the outermost first."""

    text: str
    path: tuple[Element, ...]

    @property
    def is_hidden(self) -> bool:
        """Whether the reader never sees it: the preheader."""
        return any(element.style.get("display") == "none" for element in self.path)

    def inherited(self, name: str, dark: Mapping[str, Mapping[str, str]] | None = None) -> str | None:
        """The value of a declaration as it reaches these words; `dark`: what classes override. None: nowhere said."""
        for element in reversed(self.path):
            for css_class in element.attributes.get("class", "").split() if dark else ():
                if dark and (value := dark.get(css_class, {}).get(name)):
                    return value
            if value := element.style.get(name):
                return value
        return None


@dataclass(slots=True, kw_only=True)
class Letter:
    """A mail read."""

    html: str
    elements: list[Element] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    style: str = ""

    @property
    def dark(self) -> Mapping[str, Mapping[str, str]]:
        """Its own dark rules: class name → declarations."""
        return dark_rules(self.style)


class _Reader(HTMLParser):
    def __init__(self, letter: Letter) -> None:
        super().__init__(convert_charrefs=True)
        self._letter = letter
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        element = Element(tag=tag, attributes=attributes, style=style_of(attributes.get("style", "")))
        self._letter.elements.append(element)
        if attributes.get("alt", "").strip():  # read by all who block images, and by ear
            self._letter.words.append(Words(text=attributes["alt"].strip(), path=(*self._open, element)))
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place].tag == tag:
                del self._open[place:]
                return

    def handle_data(self, data: str) -> None:
        inside = {element.tag for element in self._open}
        if "style" in inside:
            self._letter.style += data
        elif data.strip() and not inside & _UNSEEN:
            self._letter.words.append(Words(text=data.strip(), path=tuple(self._open)))


def read(html: str) -> Letter:
    """Read it; what is not well-formed is read as a browser would begin to, never refused."""
    letter = Letter(html=html)
    reader = _Reader(letter)
    reader.feed(html)
    reader.close()
    return letter
