"""The first answer to a complaint: an apology, who sees to it, until when, under which number; in that order."""

from __future__ import annotations

import re
from collections.abc import Iterator

from templates.compliance.reading import Reading, Span

_TEMPLATE = "case_first_answer"
_PARTS = (
    re.compile(
        r"抱歉|对不起|对不住|歉意|致歉|道歉|过意不去|sorry|apologi[sz]e|apolog(?:y|ies)", re.IGNORECASE
    ),
    re.compile(
        r"由[^，。]{1,16}?(?:负责|处理|来办|跟进|专门|办理|专办|在办|受理)|[^，。]{1,10}(?:在办|负责|跟进|专门|来办|专人|经办|处理|接手|接办)|"
        r"专人|handl|look(?:s|ing) (?:after|into)|in charge|see(?:s|ing)? to|taking care|"
        r"dealing with|has (?:taken )?(?:it|your case)|on it|will (?:call|ring|phone|write|"
        r"answer|reply|come back|get back)|(?:is|it is|now) with",
        re.IGNORECASE,
    ),
    re.compile(
        r"\d{1,2}[:：]\d{2}|\d{1,2}(?:点|时)|\d{1,2}月\d{1,2}日|今[天日]|明[天日]|后天|\b(?:by|"
        r"before) (?:\w+ )?\d|today|tomorrow",
        re.IGNORECASE,
    ),
    re.compile(
        r"编号|单号|受理号|案号|档案号|[A-Z]{1,3}-?\d{6,}|[A-Z]\d-\d{2,}|(?i:case|reference|"
        r"ref\.?)(?: number| no\.?)?:? ?[A-Z]?\d|case number|reference number|number is|"
        r"\bno\. ?[A-Z]?\d",
    ),
)


def answer_order(reading: Reading) -> Iterator[Span]:
    """Whatever of the four is missing, or stands before what belongs in front of it."""
    about = reading.about
    if about.template != _TEMPLATE or not about.is_finished:
        return
    after = 0
    for part in _PARTS:
        found = part.search(reading.text, after)
        if found is None:
            elsewhere = part.search(reading.text)
            yield elsewhere.span() if elsewhere is not None else reading.missing
            return
        after = found.start() + 1
