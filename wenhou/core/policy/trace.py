"""A decision in a few bytes, so that the answer to "why?" is the same in three years (DESIGN §5, sizes).

Form: `<policy number>|<gate letter><verdict letter>[value]|…`, UTF-8; gates that passed without a value are left out,
since a gate that is not named passed. Sentences are made when read.
"""

from __future__ import annotations

from wenhou.core.policy.decide import Decision
from wenhou.core.policy.gates import HOLD, PASS, SKIP, GateResult
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
}
"""A gate keeps its letter for good, wherever new gates are put: stored traces are read years later."""
_NAMES = {letter: name for name, letter in _LETTERS.items()}
_VERDICTS = {PASS: "+", HOLD: "~", SKIP: "-"}
_WORDS = {mark: verdict for verdict, mark in _VERDICTS.items()}
_VALUE_LENGTH = 40


def encode_trace(decision: Decision) -> bytes:
    """The decision's trace as stored with the message."""
    parts = [str(decision.policy_number)]
    for result in decision.gates:
        if result.verdict == PASS and not result.value:
            continue
        value = result.value.replace("|", "/")[:_VALUE_LENGTH]
        reason = REASON_OF.get((result.gate, result.reason or ""), "")
        parts.append(f"{_LETTERS[result.gate]}{_VERDICTS[result.verdict]}{reason}{value}")
    return "|".join(parts).encode()


def decode_trace(trace: bytes) -> tuple[int, tuple[GateResult, ...]]:
    """(policy number, every gate with its verdict) of a stored trace, in order."""
    number, *parts = trace.decode().split("|")
    seen = {part[0]: part for part in parts if part}
    results = []
    for name, letter in _LETTERS.items():
        part = seen.get(letter)
        if part is None:
            results.append(GateResult(gate=name))
            continue
        verdict, rest = _WORDS[part[1]], part[2:]
        reason = None
        if verdict != PASS and rest:
            reason = next(
                (why for (gate, why), code in REASON_OF.items() if gate == name and code == rest[0]), None
            )
            rest = rest[1:] if reason else rest
        results.append(GateResult(gate=_NAMES[letter], verdict=verdict, value=rest, reason=reason))
    return int(number), tuple(results)
