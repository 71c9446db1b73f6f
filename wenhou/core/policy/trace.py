"""A decision in a few bytes, so that the answer to "why?" is the same in three years (DESIGN §5, sizes).

Form: `<policy number>*|<gate letter><verdict letter>[value]|…`, UTF-8; gates that passed without a value are left out,
since a gate that is not named passed; `<gate letters>!` names those that were not asked. The star tells traces of all
fifteen gates from those written before three of them existed. Sentences are made when read.
"""

from __future__ import annotations

from wenhou.core.policy.decide import Decision
from wenhou.core.policy.gates import GATES
from wenhou.core.policy.results import HOLD, NOT_ASKED, NOT_YET, PASS, SKIP, GateResult
from wenhou.core.policy.sentences import REASON_OF

_LETTERS = {
    "restriction": "a",
    "audience": "b",
    "priority": "c",
    "reachable": "d",
    "consent": "e",
    "suppression": "f",
    "open_case": "g",
    "placeholders": "h",
    "lint": "i",
    "caps": "j",
    "window": "k",
    "late": "l",
    "holdout": "m",
    "care_ratio": "n",
    "quota": "o",
}
"""A gate keeps its letter for good, wherever new gates are put: stored traces are read years later."""
_SINCE_ALL = frozenset({"holdout", "care_ratio", "quota"})
"""Gates that traces without a star know nothing of."""
_ORDER = tuple(gate.__name__ for gate in GATES)
_VERDICTS = {PASS: "+", HOLD: "~", SKIP: "-"}
_WORDS = {mark: verdict for verdict, mark in _VERDICTS.items()}
_REASONS = {(gate, letter): reason for (gate, reason), letter in REASON_OF.items()}
_VALUE_LENGTH = 40


def encode_trace(decision: Decision) -> bytes:
    """The decision's trace as stored with the message."""
    parts = [f"{decision.policy_number}*"]
    unasked = ""
    for result in decision.gates:
        if result.verdict == PASS and not result.value:
            continue
        if result.verdict == PASS and result.value == NOT_ASKED:
            unasked += _LETTERS[result.gate]
            continue
        value = result.value.replace("|", "/")[:_VALUE_LENGTH]
        reason = REASON_OF.get((result.gate, result.reason or ""), "")
        parts.append(f"{_LETTERS[result.gate]}{_VERDICTS[result.verdict]}{reason}{value}")
    if unasked:
        parts.append(f"{unasked}!")
    return "|".join(parts).encode()


def decode_trace(trace: bytes) -> tuple[int, tuple[GateResult, ...]]:
    """(policy number, every gate with its verdict) of a stored trace, in order.

    Of a gate that did not exist when the trace was written it says so.
    """
    number, *parts = trace.decode().split("|")
    is_complete = number.endswith("*")
    seen: dict[str, str] = {}
    unasked = ""
    for part in parts:
        if part.endswith("!") and part[1:2] not in _WORDS:
            unasked = part[:-1]
        elif part:
            seen[part[0]] = part
    results = []
    for name in _ORDER:
        if not is_complete and name in _SINCE_ALL:
            results.append(GateResult(gate=name, value=NOT_YET))
            continue
        letter = _LETTERS[name]
        if letter in unasked:
            results.append(GateResult(gate=name, value=NOT_ASKED))
        else:
            results.append(_decoded(name, seen.get(letter)))
    return int(number.rstrip("*")), tuple(results)


def _decoded(name: str, part: str | None) -> GateResult:
    if part is None:
        return GateResult(gate=name)
    verdict, rest = _WORDS[part[1]], part[2:]
    reason = None
    if verdict != PASS and rest:
        reason = _REASONS.get((name, rest[0]))
        rest = rest[1:] if reason else rest
    return GateResult(gate=name, verdict=verdict, value=rest, reason=reason)
