"""What an import did, as values and as the JSON other programs read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MAX_WARNINGS = 1000
"""Warnings kept in full; the rest are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing about one cell: its line (as the file counts), column, value, and what would be right."""

    line: int
    column: str
    value: str
    zh: str
    en: str

    def as_json(self) -> dict[str, Any]:
        """The shape of the contract; `reason` is Chinese, `reason_en` English."""
        return {
            "line": self.line,
            "column": self.column,
            "value": self.value,
            "reason": self.zh,
            "reason_en": self.en,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A row that was not taken: everything wrong with it, and its cells as they were."""

    line: int
    findings: tuple[Finding, ...]
    cells: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The first finding is the refusal; further ones of the row stand under `more`."""
        first, *more = self.findings
        return first.as_json() | ({"more": [finding.as_json() for finding in more]} if more else {})


@dataclass(slots=True, kw_only=True)
class ImportResult:
    """Counts of rows: `rows` = created + changed + unchanged + refused."""

    file: str
    encoding: str
    dry_run: bool
    rows: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    warning_count: int = 0
    notes: list[str] = field(default_factory=list)
    rejected_file: str | None = None
    proposed_closures: list[str] | None = None
    closures_file: str | None = None
    seconds: float = 0.0

    def warn(self, finding: Finding) -> None:
        """Keep a warning; beyond `MAX_WARNINGS` only count it."""
        self.warning_count += 1
        if len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(finding)

    def as_json(self) -> dict[str, Any]:
        """The contract's shape, with more fields beside it."""
        return {
            "rows": self.rows,
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": len(self.refusals),
            "refusals": [refusal.as_json() for refusal in self.refusals],
            "warned": self.warning_count,
            "warnings": [finding.as_json() for finding in self.warnings],
            "notes": self.notes,
            "file": self.file,
            "encoding": self.encoding,
            "dry_run": self.dry_run,
            "rejected_file": self.rejected_file,
            "proposed_closures": self.proposed_closures,
            "closures_file": self.closures_file,
            "seconds": round(self.seconds, 3),
        }
