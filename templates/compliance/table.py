"""`python -m templates.compliance.table FILE`: write the table of rules into a page, between its two marks."""

from __future__ import annotations

import sys
from pathlib import Path

from templates.compliance.rules import Rule, bundled_rules

BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"


def table() -> str:
    """The rules as a Markdown table, in the order of the rule file."""
    head = [
        "| rule | level | where it holds | what it says | source | confirmed |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *(_row(rule) for rule in bundled_rules().rules)])


def _row(rule: Rule) -> str:
    scopes = (rule.purposes, rule.tones, rule.channels, rule.festivals)
    where = "; ".join(", ".join(sorted(scope)) for scope in scopes if scope) or "everywhere"
    confirmed = "yes" if rule.is_confirmed else "no"
    said = f"{rule.sentence_zh} {rule.sentence_en}".replace("|", "\\|")
    return f"| `{rule.id}` | {rule.level} | {where} | {said} | {rule.source} | {confirmed} |"


def with_table(page: str) -> str:
    """The page with the table between its marks; ValueError when the marks are missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        message = f"the page lacks {BEGIN} or {END}"
        raise ValueError(message)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(with_table(target.read_text(encoding="utf-8")), encoding="utf-8")
