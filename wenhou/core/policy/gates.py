"""The fifteen gates in order: each looks at the facts, says pass, hold or skip, and what it saw (DESIGN §7).

A gate never looks at another gate's verdict. Holds that end by the clock name an instant, holds that end by an event
name a key. Adding a gate: write the function, put it in GATES, give it its sentences in `sentences.py` and a letter in
`trace.py`.
"""

from __future__ import annotations

from wenhou.core.policy.gates_what import caps, care_ratio, lint, placeholders, quota
from wenhou.core.policy.gates_when import late, window
from wenhou.core.policy.gates_who import (
    audience,
    consent,
    holdout,
    open_case,
    priority,
    reachable,
    restriction,
    suppression,
)
from wenhou.core.policy.results import HOLD, NOT_ASKED, PASS, SKIP, Gate, GateResult, passed
from wenhou.core.policy.routes import has_consent

__all__ = [
    "GATES",
    "HOLD",
    "NOT_ASKED",
    "PASS",
    "SKIP",
    "Gate",
    "GateResult",
    "audience",
    "caps",
    "care_ratio",
    "consent",
    "gates_for",
    "has_consent",
    "holdout",
    "late",
    "lint",
    "open_case",
    "placeholders",
    "priority",
    "quota",
    "reachable",
    "restriction",
    "suppression",
    "trace_of",
    "window",
]

GATES: tuple[Gate, ...] = (
    restriction,
    audience,
    holdout,
    priority,
    reachable,
    consent,
    suppression,
    open_case,
    placeholders,
    lint,
    caps,
    care_ratio,
    quota,
    window,
    late,
)

_NOT_ASKED: dict[str, frozenset[str]] = {
    "reply": frozenset({"audience", "holdout", "priority", "consent", "open_case", "caps", "care_ratio"}),
    "confirmation": frozenset(
        {
            "restriction",
            "audience",
            "holdout",
            "priority",
            "consent",
            "suppression",
            "open_case",
            "caps",
            "care_ratio",
        }
    ),
    "case_note": frozenset({"audience", "holdout", "priority", "consent", "open_case", "caps", "care_ratio"}),
    "welcome": frozenset({"audience", "holdout", "priority", "caps", "care_ratio"}),
    "task": frozenset(
        {
            "reachable",
            "consent",
            "suppression",
            "placeholders",
            "lint",
            "caps",
            "care_ratio",
            "quota",
        }
    ),
}
"""What does not apply to words that answer the customer: an opt-out is confirmed once although consent is gone.

`task`: what a person does instead of words (a call, a card) asks who, not how it is worded or sent.
"""


def _asked(origin: str) -> tuple[Gate, ...]:
    left_out = _NOT_ASKED.get(origin, frozenset())
    return tuple(gate for gate in GATES if gate.__name__ not in left_out)


_FOR_ORIGIN = {origin: _asked(origin) for origin in _NOT_ASKED}
_UNASKED = {gate.__name__: passed(gate.__name__, NOT_ASKED) for gate in GATES}


def gates_for(origin: str) -> tuple[Gate, ...]:
    """The gate set of an origin, in order."""
    return _FOR_ORIGIN.get(origin, GATES)


def trace_of(results: tuple[GateResult, ...]) -> tuple[GateResult, ...]:
    """All fifteen in order: those that were asked, and of the rest that they were not."""
    if len(results) == len(GATES):
        return results
    asked = {result.gate: result for result in results}
    return tuple(asked.get(name, unasked) for name, unasked in _UNASKED.items())
