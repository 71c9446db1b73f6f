"""What is wrong with a date: a value with a stable code and a sentence in both languages, and its error."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Refused: the date cannot exist or cannot be read. Questioned: it can, but somebody should ask."""

    REFUSE = "refuse"
    QUESTION = "question"


@dataclass(frozen=True, slots=True, kw_only=True)
class DateProblem:
    """One finding about a date; `code` is stable snake_case, `zh` and `en` say what would be right."""

    code: str
    zh: str
    en: str
    severity: Severity = Severity.REFUSE


class CalendarError(ValueError):
    """A date that does not exist, is out of range or cannot be read; `problem` says which and why."""

    def __init__(self, problem: DateProblem) -> None:
        super().__init__(problem.en)
        self.problem = problem

    @property
    def code(self) -> str:
        """The problem's stable code."""
        return self.problem.code
