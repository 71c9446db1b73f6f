"""What a customer's reply means: a set of intents, each with the words that fired (DESIGN §12). Pure.

Rules live in `wenhou.core.hearing`; this module combines them. Effects are the services' business.
"""

import re
from collections.abc import Iterable
from typing import Final

from wenhou.core.hearing import lexicon, optout, rating, reading
from wenhou.core.hearing.intents import (
    KINDS,
    Asked,
    Finding,
    Intent,
    Kind,
    RatingScale,
    Understanding,
    make_intent,
)

__all__ = ["Asked", "Intent", "Kind", "RatingScale", "Understanding", "understand"]

# Each of these asks for something only a person can do, whatever the machine does by itself.
_FOR_PEOPLE: Final[frozenset[Kind]] = frozenset(
    {"complaint", "question", "call_back", "progress", "wrong_person", "bereavement", "severe"}
)
_NO_ANSWER: Final[frozenset[Kind]] = frozenset({"bereavement", "severe"})
_AUTO_REPLY: Final = re.compile(
    r"^[\[(【<]? ?(?:自动回复|自动答复|auto-? ?(?:matic )?reply|automatic reply|"
    r"out of (?:the )?office)",
    re.IGNORECASE,
)
_NOTHING_TO_DO: Final = re.compile(
    r"^(?:好的?|嗯+|哦+|ok|okay|知道了?|了解了?|明白了?|收到|行|可以|是的?|对|y|yes|no|n|哈+|已阅|1|2|无|"
    r"没有了?|不用了?|不需要了?|不感兴趣|没兴趣)?$"
)


def understand(text: str, *, asked: Asked) -> Understanding:
    """Understand one reply (its first 10,000 characters); never raises, linear in the length of the text.

    Quotations of our own message do not count as the customer's words.
    """
    heard = reading.read(text)
    if _AUTO_REPLY.match(heard.raw.strip()):
        only = Finding(kind="plain", rule="plain.auto_reply", hit=heard.text[:20])
        return Understanding(intents=(make_intent([only]),), needs_person=False, no_auto_answer=True)
    findings = _settle(
        [
            *optout.find_opt_out(heard, asked),
            *optout.find_opt_in(heard),
            *rating.find_rating(heard, asked),
            *lexicon.find_all(heard),
        ]
    )
    if not findings:
        findings = [_plain(heard, asked)]
    kinds = {finding.kind for finding in findings}
    intents = tuple(
        make_intent(of_kind)
        for kind in KINDS
        if (of_kind := [item for item in findings if item.kind == kind])
    )
    return Understanding(
        intents=intents,
        needs_person=bool(kinds & _FOR_PEOPLE) or any(finding.doubtful for finding in findings),
        no_auto_answer=bool(kinds & _NO_ANSWER),
    )


def _settle(findings: Iterable[Finding]) -> list[Finding]:
    """Let the opt-out win where the same words both stop and allow a purpose."""
    found = list(findings)
    stopped = frozenset(purpose for item in found if item.kind == "opt_out" for purpose in item.purposes)
    return [item for item in found if item.kind != "opt_in" or not item.purposes & stopped]


def _plain(heard: reading.Reading, asked: Asked) -> Finding:
    if not heard.tight:
        return Finding(kind="plain", rule="plain.no_words", hit="")
    if asked.yes_no and optout.answers_no(heard):
        return Finding(kind="plain", rule="plain.answer_no", hit=heard.tight)
    said = heard.text[:60]
    if _NOTHING_TO_DO.match(heard.tight):
        return Finding(kind="plain", rule="plain.acknowledged", hit=said)
    return Finding(kind="plain", rule="plain.words", hit=said, doubtful=True)
