"""HTML to text, in linear time on anything: block tags break lines, quotations get `> `, what is hidden is left out.

Our own tokenizer, because the library's takes quadratic time on malformed tags and mails are written by anybody.
"""

from __future__ import annotations

import html
import re
from typing import Final

from integrations.email_in.layouts import CUT_MARK

MAX_INPUT: Final = 4 << 20
MAX_OUTPUT: Final = 1 << 20
MAX_DEPTH: Final = 200
_TAG: Final = re.compile(
    r"<(/?)([A-Za-z][A-Za-z0-9:]{0,30})((?:[^<>\"']|\"[^\"<]{0,5000}\"|'[^'<]{0,5000}'){0,5000})>"
)
_LOOSE: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:]{0,30})([^<>]*)>")
_SKIPPED: Final = frozenset({"style", "script", "title", "noscript", "template", "xml"})
_BREAKS: Final = frozenset(
    "p div tr table ul ol h1 h2 h3 h4 h5 h6 hr blockquote pre section article header footer dl dt dd body form".split()
)
_VOID: Final = frozenset("br hr img input meta link col area base wbr embed source param".split())
_HIDDEN: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*[01](px|pt)?\s*(;|\"|'|$)"
    r"|max-height\s*:\s*0",
    re.IGNORECASE,
)
_WRAPS_QUOTE: Final = re.compile(
    r"\b(yahoo_quoted|isReplyContent|ntes-mailmaster-quote|foxmail_quote|__aliyun_previous_quote|protonmail_quote"
    r"|OLK_SRC_BODY_SECTION|gmail_attr|moz-cite-prefix)\b"
)
_BEFORE_QUOTE: Final = re.compile(
    r"\b(divRplyFwdMsg|appendonsend|stopSpelling)\b"
    r"|border\s*:\s*none\s*;\s*border-top\s*:\s*solid\s+#?[0-9A-Za-z]{3,10}\s+1\.0pt",
    re.IGNORECASE,
)


def html_to_text(source: str) -> str:
    """The visible text of a page, with quotations marked; at most one mebibyte."""
    return _Writer(source[:MAX_INPUT].replace("\0", "")).run()


class _Writer:
    def __init__(self, source: str) -> None:
        self._source = source
        self._lower = source.lower() if len(source.lower()) == len(source) else source
        self._out: list[str] = []
        self._line: list[str] = []
        self._written = 0
        self._open: list[tuple[str, bool, bool]] = []  # tag, hides, quotes
        self._hidden = self._depth = self._pre = 0
        self._missing: set[str] = set()  # ends that were looked for in vain: not looked for again

    def run(self) -> str:
        source, at = self._source, 0
        while at < len(source) and self._written < MAX_OUTPUT:
            start = source.find("<", at)
            if start < 0:
                start = len(source)
            self._text(source[at:start])
            at = self._markup(start) if start < len(source) else start
        self._break()
        return "\n".join(self._out).strip("\n")

    def _markup(self, at: int) -> int:
        """Take the markup at a `<`; where it ends."""
        source = self._source
        if source.startswith("<!--", at):
            return self._after("-->", at + 4, at)
        if source.startswith(("<!", "<?"), at):
            return self._after(">", at + 2, at)
        match = _TAG.match(source, at) or _LOOSE.match(source, at)
        if match is None:
            self._text("<")
            return at + 1
        name = match[2].lower()
        if match[1]:
            self._close(name)
        elif name in _SKIPPED:
            return self._after(f"</{name}", match.end(), match.end())
        else:
            self._start(name, match[3])
        return match.end()

    def _after(self, end: str, begin: int, otherwise: int) -> int:
        """Behind the next `end`; where there is none, what follows is text, and it is not looked for again."""
        found = -1 if end in self._missing else self._lower.find(end, begin)
        if found >= 0:
            return found + len(end) if end[0] != "<" else self._closed_tag(found)
        self._missing.add(end)
        if otherwise < begin:
            self._text("<")
            return otherwise + 1
        return otherwise

    def _closed_tag(self, at: int) -> int:
        end = self._source.find(">", at, at + 200)
        return end + 1 if end >= 0 else at + 2

    def _start(self, name: str, attributes: str) -> None:
        short = attributes[:5000]
        if _BEFORE_QUOTE.search(short):
            self._break()
            self._out.append(CUT_MARK)
        if name == "br":
            self._break(always=True)
            return
        if name in _BREAKS:
            self._break()
        if name == "li":
            self._break()
            self._line.append("- ")
        if name in {"td", "th"} and self._line:
            self._line.append(" ")
        if name in _VOID or attributes.endswith("/"):
            return
        if len(self._open) < MAX_DEPTH:
            hides = bool(_HIDDEN.search(short))
            quotes = name == "blockquote" or bool(_WRAPS_QUOTE.search(short))
            if quotes:
                self._break()
            self._open.append((name, hides, quotes))
            self._hidden += hides
            self._depth += quotes
            self._pre += name == "pre"

    def _close(self, name: str) -> None:
        if name in _BREAKS or name == "li":
            self._break()
            if name == "p":
                self._break(always=True)
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place][0] == name:
                self._break_out(place)
                return

    def _break_out(self, place: int) -> None:
        for name, hides, quotes in self._open[place:]:
            if quotes:
                self._break()
            self._hidden -= hides
            self._depth -= quotes
            self._pre -= name == "pre"
        del self._open[place:]

    def _text(self, raw: str) -> None:
        if not raw or self._hidden:
            return
        text = html.unescape(raw) if "&" in raw else raw
        if self._pre:
            *whole, last = text.split("\n")
            for line in whole:
                self._line.append(line)
                self._break(always=True)
            self._line.append(last)
            return
        text = re.sub(r"[ \t\r\n\f]+", " ", text)
        self._line.append(text if self._line else text.lstrip(" "))

    def _break(self, *, always: bool = False) -> None:
        """End the line; an empty one is kept only where it was meant, and never twice."""
        line = "".join(self._line).rstrip(" ")
        self._line.clear()
        if not line.strip(" ") and not (always and self._out and self._out[-1].strip("> ")):
            return
        prefix = "> " * min(self._depth, 20)
        self._out.append((prefix + line).rstrip(" ") if line or prefix else "")
        self._written += len(self._out[-1]) + 1
