"""The values that understanding a reply deals in, and the sentence each intent is explained with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from wenhou.core.purposes import PURPOSE_NAMES, Purpose

Kind = Literal[
    "opt_out",
    "opt_in",
    "rating",
    "complaint",
    "question",
    "thanks",
    "call_back",
    "progress",
    "wrong_person",
    "bereavement",
    "severe",
    "plain",
]
RatingScale = Literal["csat", "nps"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
SCALES: Final[Mapping[RatingScale, range]] = {"csat": range(1, 6), "nps": range(11)}
# Service messages are about the customer's own business and are never stopped by an opt-out word (DESIGN §2).
STOPPABLE: Final = frozenset({Purpose.CARE, Purpose.INFORMATION, Purpose.MARKETING})
_HIT_SHOWN: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the last outbound message of this conversation asked for.

    rating: the scale a score was asked on, None when none was asked. yes_no: a yes/no or menu question was
    asked, so that N, 取消, 不要 and 0 are answers and not opt-outs.
    """

    rating: RatingScale | None = None
    yes_no: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One thing the customer means.

    hit: the (normalised) words that fired, joined by 、. rule: stable id of the first rule that fired.
    purposes: what an opt_out stops or an opt_in allows again, empty otherwise. score: of a rating, on the
    scale asked. comment: what the customer wrote beside the score.
    """

    kind: Kind
    hit: str
    rule: str
    sentence_zh: str
    sentence_en: str
    purposes: frozenset[Purpose] = frozenset()
    score: int | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """Everything one reply means: at most one intent of a kind, in the order of `KINDS`, never empty.

    needs_person: the automatic effect alone does not settle it. no_auto_answer: an automatic answer would
    hurt (a death, a crisis) or loop (an auto-reply); any confirmation is left to a person.
    """

    intents: tuple[Intent, ...]
    needs_person: bool
    no_auto_answer: bool

    @property
    def kinds(self) -> frozenset[Kind]:
        """Return the kinds heard, for asking `"complaint" in understanding.kinds`."""
        return frozenset(intent.kind for intent in self.intents)

    def find(self, kind: Kind) -> Intent | None:
        """Return the intent of this kind, or None."""
        return next((intent for intent in self.intents if intent.kind == kind), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule saw, before findings of a kind are merged. doubtful: a person should look at it too."""

    kind: Kind
    rule: str
    hit: str
    purposes: frozenset[Purpose] = frozenset()
    score: int | None = None
    comment: str = ""
    doubtful: bool = False


_SENTENCES: Final[Mapping[Kind, tuple[str, str]]] = {
    "opt_out": (
        "客户要求不再接收{purposes}类消息，原话“{hit}”。",
        "The customer wants no more {purposes}: “{hit}”.",
    ),
    "opt_in": (
        "客户表示愿意再接收{purposes}类消息，原话“{hit}”。",
        "The customer wants {purposes} again: “{hit}”.",
    ),
    "rating": ("客户打了{score}分，原话“{hit}”。", "The customer gave a score of {score}: “{hit}”."),
    "complaint": ("客户有投诉或不满，依据“{hit}”。", "The customer complains: “{hit}”."),
    "question": ("客户在询问或要求办理业务，依据“{hit}”。", "The customer asks something: “{hit}”."),
    "thanks": ("客户致谢或问候，依据“{hit}”。", "The customer says thanks: “{hit}”."),
    "call_back": ("客户希望回电，依据“{hit}”。", "The customer wants a call: “{hit}”."),
    "progress": ("客户询问办理进度，依据“{hit}”。", "The customer asks for progress: “{hit}”."),
    "wrong_person": ("号码可能不属于该客户，依据“{hit}”。", "This may be the wrong person: “{hit}”."),
    "bereavement": ("客户可能已故或家有丧事，依据“{hit}”。", "There may have been a death: “{hit}”."),
    "severe": (
        "可能涉及资金、人身安全或群体事件，依据“{hit}”。",
        "Money, life or the public is at stake: “{hit}”.",
    ),
    "plain": ("普通回复。", "A plain reply."),
}


def make_intent(findings: list[Finding]) -> Intent:
    """Merge what the rules of one kind saw (at least one finding) into the intent shown to people."""
    first = findings[0]
    hits = dict.fromkeys(finding.hit for finding in findings if finding.hit)
    hit = "、".join(hits)
    purposes = frozenset[Purpose]().union(*(finding.purposes for finding in findings))
    zh, en = _SENTENCES[first.kind]
    shown = hit if len(hit) <= _HIT_SHOWN else hit[:_HIT_SHOWN] + "…"
    named = [names for purpose, names in PURPOSE_NAMES.items() if purpose in purposes]
    return Intent(
        kind=first.kind,
        hit=hit,
        rule=first.rule,
        sentence_zh=zh.format(hit=shown, score=first.score, purposes="、".join(name[0] for name in named)),
        sentence_en=en.format(hit=shown, score=first.score, purposes=", ".join(name[1] for name in named)),
        purposes=purposes,
        score=first.score,
        comment=first.comment,
    )
