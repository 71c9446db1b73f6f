"""`python -m templates.compliance.measure [FOLDER]`: what the rules catch and let pass, in all and by family of sentences.

The corpora are written by a hand that does not see the rules. `caught.yaml` and `pass.yaml` are what rules are written by:
their part `dev` from the first day, `held_out` since its figures stood in docs/compliance.md. `caught_fresh.yaml` and
`pass_fresh.yaml` are counted and never read: they say what to expect of words nobody has seen.
"""

from __future__ import annotations

import math
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from templates.compliance.about import About
from templates.compliance.levels import Level, LintHit
from templates.compliance.lint import lint
from templates.compliance.rules import bundled_rules

CORPORA = Path("tests/data/lint")
DOMAINS = frozenset({"bank.example", "jcbank.example"})
SIGNATURE = "江城银行"
FRESH = "fresh"
PARTS = ("dev", "held_out", FRESH)
_WEIGHT = {Level.WARN: 1, Level.RAISE: 2, Level.BLOCK: 3}
_Z = 1.959964  # 95 %


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One sentence of a corpus. `level` is what it must be caught with, None when it must pass."""

    text: str
    topic: str
    about: About
    part: str
    level: Level | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many of `n` came out right."""

    right: int
    n: int

    @property
    def share(self) -> float:
        """Right ones of all, 0 to 1."""
        return self.right / self.n if self.n else 0.0

    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share (Wilson 1927): honest for shares near 0 and 1."""
        if not self.n:
            return 0.0, 1.0
        share, n, z = self.share, self.n, _Z
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return middle - half, middle + half


def read_items(path: Path) -> list[Item]:
    """Return the sentences of a corpus."""
    return [_item(one) for one in YAML(typ="safe").load(path.read_text(encoding="utf-8"))]


def _item(one: Mapping[str, Any]) -> Item:
    return Item(
        text=one["text"],
        topic=one["about"],
        about=About(
            purpose=one["purpose"],
            channel=one.get("channel") or "",
            day_tone=one.get("tone") or "",
            is_finished=bool(one.get("finished")),
            signature=SIGNATURE,
            domains=DOMAINS,
        ),
        part=one["part"],
        level=Level(one["level"]) if one.get("level") else None,
    )


def is_caught(item: Item, hits: Sequence[LintHit]) -> bool:
    """Whether some hit does at least what the sentence deserves."""
    wanted = _WEIGHT[item.level] if item.level is not None else 1
    return any(_WEIGHT[hit.level] >= wanted for hit in hits)


def is_let_pass(_item: Item, hits: Sequence[LintHit]) -> bool:
    """Whether nothing stops it; a rate or a product done right still lifts its approval."""
    return not any(hit.level is Level.BLOCK for hit in hits)


def is_unremarked(_item: Item, hits: Sequence[LintHit]) -> bool:
    """Whether there is no hit of any level."""
    return not hits


def is_remarked(_item: Item, hits: Sequence[LintHit]) -> bool:
    """Whether there is a hit of any level."""
    return bool(hits)


MEASURES = (
    ("caught", "caught, at the level it deserves or above", is_caught),
    ("caught", "caught, at any level", is_remarked),
    ("pass", "let pass (nothing stops it)", is_let_pass),
    ("pass", "let pass without any remark", is_unremarked),
)


def _judged(folder: Path, corpus: str) -> list[tuple[Item, Sequence[LintHit]]]:
    """Every sentence of a corpus, fresh ones too, with what the rules say of it."""
    return [
        (item, lint(item.text, item.about))
        for file in (f"{corpus}.yaml", f"{corpus}_fresh.yaml")
        for item in read_items(folder / file)
    ]


def measure(folder: Path) -> Iterator[tuple[str, str, str, Count]]:
    """Corpus, what is counted, part and the count."""
    judged = {corpus: _judged(folder, corpus) for corpus in ("caught", "pass")}
    for corpus, what, is_right in MEASURES:
        for part in PARTS:
            chosen = [(item, hits) for item, hits in judged[corpus] if item.part == part]
            yield corpus, what, part, Count(right=sum(is_right(*one) for one in chosen), n=len(chosen))


def families(folder: Path) -> Iterator[tuple[str, str, Count, Count]]:
    """Corpus, family of sentences, the count where rules were learned and the count on `fresh`."""
    for corpus, is_right in (("caught", is_caught), ("pass", is_let_pass)):
        rights: dict[str, tuple[list[bool], list[bool]]] = {}
        for item, hits in _judged(folder, corpus):
            rights.setdefault(item.topic, ([], []))[item.part == FRESH].append(is_right(item, hits))
        for topic in sorted(rights):
            learned, fresh = rights[topic]
            yield (
                corpus,
                topic,
                Count(right=sum(learned), n=len(learned)),
                Count(right=sum(fresh), n=len(fresh)),
            )


def report(folder: Path) -> str:
    """The figures as Markdown tables, with commit, Python and rule edition."""
    lines = [
        _made_with(),
        "",
        "| corpus | what | part | n | right | share | interval |",
        "|---|---|---|---|---|---|---|",
    ]
    for corpus, what, part, count in measure(folder):
        low, high = count.interval()
        lines.append(
            f"| {corpus} | {what} | {part} | {count.n} | {count.right} | {count.share:.1%} | {low:.1%} – {high:.1%} |"
        )
    lines += ["", "| corpus | family | right of n, learned from | right of n, fresh |", "|---|---|---|---|"]
    for corpus, topic, learned, fresh in families(folder):
        lines.append(f"| {corpus} | {topic} | {learned.right} of {learned.n} | {fresh.right} of {fresh.n} |")
    return "\n".join(lines)


def _made_with() -> str:
    made_with = f"Commit {_commit()}, Python {platform.python_version()}, {len(bundled_rules().rules)} rules"
    return f"{made_with}, edition {bundled_rules().digest[:12]}. Intervals: Wilson, 95 %."


def _commit() -> str:
    run = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"],  # noqa: S607  # a developer's tool, run in the work tree
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.stdout.write(report(Path(sys.argv[1]) if len(sys.argv) > 1 else CORPORA) + "\n")
