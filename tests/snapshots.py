"""What every bundled text reads like, kept as files, so that a changed word shows in review.

    python -m tests.snapshots              # renew all of tests/data/snapshots
    python -m tests.snapshots birthday     # renew one template, every locale

One file a template and locale; in it each variant (with the first piece of its turns), each channel, each customer of
`bundled_words`. A customer's entry holds only the lines that differ from the ordinary one's; `… 3` stands for three
lines that do not. `tests/unit/templates/test_snapshots.py` compares.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from templates.library import TemplateVersion, bundled
from templates.placeholders import Value
from templates.render import render
from templates.wordings import Variant
from tests.unit.templates.bundled_words import EDGE_CUSTOMERS, FOOTER, SIGNATURE, first, lacking, values_for

FOLDER = Path(__file__).parent / "data" / "snapshots"
ORDINARY = "ordinary"
NOTHING_OPTIONAL = "nothing optional is known"
SAME = "…"


def path_of(version: TemplateVersion) -> Path:
    """Where a template's snapshot is kept."""
    return FOLDER / f"{version.key}.{version.locale}.yaml"


def snapshot(version: TemplateVersion) -> str:
    """The snapshot of a template, as YAML."""
    lines = [f"# Renewed by `python -m tests.snapshots {version.key}`; not written by hand."]
    for variant in version.variants:
        lines.append(f"{variant.id}:")
        for channel in version.channels:
            lines.append(f"  {channel}:")
            lines.extend(_entries(version, variant, channel))
    return "\n".join(lines) + "\n"


def _entries(version: TemplateVersion, variant: Variant, channel: str) -> Iterator[str]:
    plain = _lines(version, variant, channel, values_for(version, ORDINARY))
    yield from _entry(ORDINARY, plain)
    everything = frozenset[str]().union(*lacking(version, ORDINARY))
    others = {NOTHING_OPTIONAL: values_for(version, ORDINARY, without=everything)}
    others |= {label: values_for(version, label) for label in EDGE_CUSTOMERS if label != ORDINARY}
    if variant.nameless:
        return  # everybody reads the same
    for label, values in others.items():
        yield from _entry(label, _against(plain, _lines(version, variant, channel, values)))


def _lines(
    version: TemplateVersion, variant: Variant, channel: str, values: dict[str, Value | None]
) -> list[str]:
    """What the customer reads; a mail without the footer that all mails share."""
    found = render(version, channel, values, variant=first(variant), signature=SIGNATURE, footer=FOOTER)
    if not found.ok:
        return [f"not written: {problem.code} {problem.placeholder}".rstrip() for problem in found.problems]
    if channel != "email":
        return found.text.split("\n")
    link = [f"[{found.parameters['action_label']}]"] if "action_label" in found.parameters else []
    return [f"{found.subject}", *found.parameters["paragraphs"].split("\n"), *link]


def _against(plain: list[str], lines: list[str]) -> list[str]:
    if len(plain) != len(lines) or len(lines) == 1:
        return lines
    shown: list[str] = []
    for same, run in groupby(zip(lines, plain, strict=True), key=lambda pair: pair[0] == pair[1]):
        pairs = list(run)
        shown += [f"{SAME} {len(pairs)}"] if same else [line for line, _ in pairs]
    return shown


def _entry(label: str, lines: list[str]) -> Iterator[str]:
    if len(lines) == 1:
        yield f"    {label}: {json.dumps(lines[0], ensure_ascii=False)}"
        return
    yield f"    {label}: |-"
    yield from (f"      {line}" if line else "" for line in lines)


def renew(keys: frozenset[str] = frozenset()) -> list[Path]:
    """Write the snapshots of the templates named (all when none is), drop those of templates that are gone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    versions = bundled().versions.values()
    written = []
    for version in versions:
        if not keys or version.key in keys:
            path_of(version).write_text(snapshot(version), encoding="utf-8")
            written.append(path_of(version))
    for path in set(FOLDER.glob("*.yaml")) - {path_of(version) for version in versions}:
        path.unlink()
    return written


if __name__ == "__main__":
    sys.stdout.write(f"{len(renew(frozenset(sys.argv[1:])))} snapshots written\n")
