"""A person's own words out of a mail: what stands above the quotation, or below it, or between its pieces.

Deterministic and linear (mail specification §7.4, §19). No text is lost: every line of the mail is exactly one of the
reply, the quotation and the signature. What cannot be told from a person's words stays theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from integrations.email_in import layouts
from integrations.email_in.layouts import CUT_MARK, LONGEST_LINE

Mark = Literal["reply", "quoted", "signature"]
Method = Literal["whole", "above", "below", "between", "empty"]
_PREFIX: Final = re.compile(r"(?:[ \t]?>)+")
_WINDOW: Final = 6
_WRAP: Final = 3
_WIDE: Final = 60
"""A quoted line so long may have been broken by a mail program, its rest without the `>`."""
_LONGEST_SIGNATURE: Final = 15
_MOST_LINES: Final = 20_000
"""What stands below so many lines is taken as one more."""
_UNSURE_LENGTH: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: as it came, and as it is matched (`text`: without `>` and odd blanks, at most a thousand characters)."""

    raw: str
    text: str
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Where the quotation begins. `marked`: its lines carry `>`, so that words between them are the writer's."""

    at: int
    body_at: int
    marked: bool
    is_forward: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What of a mail is whose. `lines` and `marks` belong together, one mark a line."""

    lines: tuple[str, ...]
    marks: tuple[Mark, ...]
    method: Method
    is_forward: bool
    is_sure: bool

    def part(self, mark: Mark) -> str:
        """The lines of one kind, joined; blank lines at both ends are left out."""
        kept = [line for line, found in zip(self.lines, self.marks, strict=True) if found == mark]
        return "\n".join(kept).replace(CUT_MARK, "").strip("\n \t\u00a0\u3000\ufeff")

    @property
    def reply(self) -> str:
        """What the person wrote; "" when they sent nothing of their own."""
        return self.part("reply")


def extract(text: str, *, is_answer: bool = False) -> Extracted:
    """Divide a mail's text. `is_answer`: its headers say that it answers something, so a quotation is likely."""
    raw = text.replace("\r\n", "\n").replace("\r", "\n").split("\n", _MOST_LINES)
    lines = [_line(one) for one in raw]
    cut = _find_cut(lines)
    marks: list[Mark] = ["reply"] * len(lines)
    method: Method = "whole"
    if cut is not None:
        method = _divide(lines, cut, marks)
    _split_signature(lines, marks)
    if method != "empty" and not any(mark == "reply" and lines[at].text for at, mark in enumerate(marks)):
        method = "empty"
    return Extracted(
        lines=tuple(raw),
        marks=tuple(marks),
        method=method,
        is_forward=cut is not None and cut.is_forward,
        is_sure=not (cut is None and is_answer and len(text) > _UNSURE_LENGTH),
    )


def _line(raw: str) -> Line:
    short = raw[:LONGEST_LINE].translate(layouts.INVISIBLE)
    match = _PREFIX.match(short)
    depth = match[0].count(">") if match else 0
    return Line(raw=raw, text=(short[match.end() :] if match else short).strip(), depth=depth)


def _find_cut(lines: Sequence[Line]) -> Cut | None:
    """The first place where a quotation begins: by its separator, header block or attribution, or by `>` to the end."""
    tail = _quoted_tail(lines)
    for at, line in enumerate(lines):
        if at >= tail:
            break
        if line.text:
            cut = _cut_at(lines, at)
            if cut is not None:
                return cut
    if tail < len(lines):
        return Cut(at=tail, body_at=tail, marked=True, is_forward=_is_forward(lines[tail : tail + 3]))
    first = next((at for at, line in enumerate(lines) if line.text), len(lines))
    # Quotation first, the answer below it, and no word of who wrote what.
    if first < len(lines) and lines[first].depth:
        return Cut(at=first, body_at=first, marked=True)
    return None


def _quoted_tail(lines: Sequence[Line]) -> int:
    """Where the `>` block begins that reaches the end of the mail; the number of lines when there is none."""
    begin = len(lines)
    for at in range(len(lines) - 1, -1, -1):
        if lines[at].depth:
            begin = at
        elif lines[at].text and not (
            begin == len(lines) and layouts.PHONE_SIGNATURE.fullmatch(lines[at].text)
        ):
            break
    return begin


def _cut_at(lines: Sequence[Line], at: int) -> Cut | None:
    line = lines[at]
    if line.text == CUT_MARK:
        return Cut(at=at, body_at=at + 1, marked=False, is_forward=_is_forward(lines[at : at + 3]))
    if line.text[0] in "-_*=—－" and _is_separator(lines, at):
        return Cut(at=at, body_at=at + 1, marked=False, is_forward=_is_forward((line,)))
    if layouts.BEGIN_FORWARD.fullmatch(line.text):
        return Cut(at=at, body_at=at + 1, marked=False, is_forward=True)
    if layouts.LABEL.match(line.text) and _is_header_block(lines, at):
        return Cut(at=at, body_at=at + 1, marked=False)
    end = _attribution_end(lines, at)
    if end is None:
        return None
    following = next((other for other in lines[end + 1 :] if other.text), None)
    marked = following is not None and following.depth > line.depth
    return Cut(at=at, body_at=end + 1, marked=marked)


def _is_separator(lines: Sequence[Line], at: int) -> bool:
    text = lines[at].text
    if layouts.NAMED_LINE.fullmatch(text):
        return True
    if not layouts.BARE_LINE.fullmatch(text):
        return False
    following = _next_texts(lines, at + 1)
    return bool(following) and layouts.LABEL.match(following[0].text) is not None and _labels(following) > 1


def _is_header_block(lines: Sequence[Line], at: int) -> bool:
    """Two labels in a row with a date or an address, or three; one of them says who wrote."""
    block: list[Line] = []
    for line in _next_texts(lines, at):
        is_label = layouts.LABEL.match(line.text) is not None
        if not is_label and not (block and "@" in line.text):
            break
        block.append(line)
    if not any(layouts.SENDER_LABEL.match(line.text) for line in block):
        return False
    labels = _labels(block)
    return labels > 2 or (labels > 1 and any(layouts.EVIDENCE.search(line.text) for line in block))


def _next_texts(lines: Sequence[Line], at: int) -> list[Line]:
    return [line for line in lines[at : at + 2 * _WINDOW] if line.text][:_WINDOW]


def _labels(lines: Iterable[Line]) -> int:
    return sum(layouts.LABEL.match(line.text) is not None for line in lines)


def _attribution_end(lines: Sequence[Line], at: int) -> int | None:
    """The last line of an attribution that begins here; it may be wrapped over up to four lines."""
    text = lines[at].text
    if layouts.ENDS_ATTRIBUTION.search(text):
        return at if layouts.EVIDENCE.search(text) else None
    if not layouts.BEGINS_ATTRIBUTION.match(text):
        return None
    joined = text
    for end in range(at + 1, min(at + 1 + _WRAP, len(lines))):
        if not lines[end].text or lines[end].depth != lines[at].depth:
            return None
        joined = f"{joined} {lines[end].text}"[: 2 * LONGEST_LINE]
        if layouts.ENDS_ATTRIBUTION.search(lines[end].text):
            return end if layouts.EVIDENCE.search(joined) else None
    return None


def _is_forward(lines: Iterable[Line]) -> bool:
    return any(
        layouts.FORWARD_WORDS.search(line.text) and layouts.NAMED_LINE.fullmatch(line.text) for line in lines
    )


def _divide(lines: Sequence[Line], cut: Cut, marks: list[Mark]) -> Method:
    """Mark what is quoted; says where the reply was found."""
    for at in range(cut.at, len(lines)):
        marks[at] = "quoted"
    above = [line for line in lines[: cut.at] if line.text and not _is_signature(line)]
    said = "".join(line.text for line in above)
    points_below = len(said) <= 40 and layouts.POINTS_BELOW.search(said) is not None
    if len(said) > 2 and not points_below:
        return "above"
    own = list(_own_below(lines, cut))
    if not own:
        return "above" if said else "empty"
    for at in own:
        marks[at] = "reply"
    last_quoted = max((at for at in range(cut.at, len(lines)) if lines[at].depth), default=-1)
    return "between" if own[0] < last_quoted or said else "below"


def _own_below(lines: Sequence[Line], cut: Cut) -> Iterable[int]:
    """The writer's own lines below the beginning of the quotation; only where the quotation itself carries `>`."""
    if not cut.marked:
        return
    base = lines[cut.at].depth
    at, was_quoted = cut.body_at, False
    while at < len(lines):
        line = lines[at]
        if line.depth > base or (base and line.depth):
            was_quoted = True
        elif line.text:
            if _cut_at(lines, at) is not None:
                return
            before = lines[at - 1]
            is_rest = before.depth > base and _may_be_broken(before) and _quoted_after(lines, at, base)
            if was_quoted and not is_rest:
                yield at
        at += 1


def _may_be_broken(line: Line) -> bool:
    """Whether a mail program may have broken this line and left its rest without a `>`."""
    wide = len(line.text.encode("gb18030", "replace")) >= _WIDE
    return wide and not line.text.endswith(("。", "？", "！", "?", "!", ".", "：", ":"))


def _quoted_after(lines: Sequence[Line], at: int, base: int) -> bool:
    return at + 1 < len(lines) and lines[at + 1].depth > base


def _is_signature(line: Line) -> bool:
    return layouts.PHONE_SIGNATURE.fullmatch(line.text) is not None or line.raw.rstrip("\r") in {"-- ", "--"}


def _split_signature(lines: Sequence[Line], marks: list[Mark]) -> None:
    """Signatures off, after the quotation is: a line of a signature may stand right above the separator."""
    own = [at for at, mark in enumerate(marks) if mark == "reply"]
    for at in own:
        if layouts.PHONE_SIGNATURE.fullmatch(lines[at].text):
            marks[at] = "signature"
    own = [at for at in own if marks[at] == "reply"]
    begin = _signature_begin(lines, own)
    for at in own[begin:]:
        marks[at] = "signature"


def _signature_begin(lines: Sequence[Line], own: Sequence[int]) -> int:
    """From which of the writer's lines on it is a signature; their number when there is none."""
    for place in range(len(own) - 1, max(-1, len(own) - 1 - _LONGEST_SIGNATURE), -1):
        if lines[own[place]].raw.rstrip("\r") in {"-- ", "--", "—— "}:
            return place
    end = len(own)
    while end and not lines[own[end - 1]].text:
        end -= 1
    begin = end
    while begin and lines[own[begin - 1]].text and end - begin <= _LONGEST_SIGNATURE:
        begin -= 1
    block = [lines[at].text for at in own[begin:end]]
    if begin == 0 or not block or end - begin > _LONGEST_SIGNATURE:
        return _pipe_table(lines, own, end)
    if len(block) == 1 and layouts.ADDRESS_ALONE.fullmatch(block[0]):
        return begin  # Foxmail writes the sender's own address there
    contacts = sum(layouts.CONTACT.match(text) is not None for text in block)
    if contacts > 1 or layouts.DISCLAIMER.match(block[0]):
        return begin
    return _pipe_table(lines, own, end)


def _pipe_table(lines: Sequence[Line], own: Sequence[int], end: int) -> int:
    """NetEase draws a signature as a table of pipes, and begins it with an empty row."""
    for place in range(max(0, end - _LONGEST_SIGNATURE), end):
        text = lines[own[place]].text
        if text.replace(" ", "") in {"||", "|"} and place + 1 < end:
            return place
    return len(own)
