"""Every bundled text × channel × locale × edge customer reads as it did when somebody last looked.

A changed word fails here until `python -m tests.snapshots` has renewed the files: the diff of tests/data/snapshots is
then what a reviewer reads.
"""

from __future__ import annotations

from difflib import unified_diff
from itertools import islice

import pytest
from ruamel.yaml import YAML

from templates.library import TemplateVersion, bundled
from tests.snapshots import FOLDER, path_of, snapshot
from tests.unit.templates.bundled_words import EDGE_CUSTOMERS

VERSIONS = tuple(bundled().versions.values())
SHOWN = 40  # lines of a difference


@pytest.mark.parametrize("version", VERSIONS, ids=lambda one: f"{one.key}-{one.locale}")
def test_a_text_reads_as_it_did(version: TemplateVersion) -> None:
    path = path_of(version)
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    now = snapshot(version)

    changed = unified_diff(kept.splitlines(), now.splitlines(), "kept", "now", lineterm="", n=0)
    hint = f"look at the change, then renew: python -m tests.snapshots {version.key}"
    assert kept == now, "\n".join([hint, *islice(changed, SHOWN)])


def test_no_snapshot_outlives_its_text() -> None:
    assert {path.name for path in FOLDER.glob("*.yaml")} == {path_of(version).name for version in VERSIONS}


def test_a_snapshot_holds_every_variant_channel_and_customer() -> None:
    version = bundled().get("mid_autumn")
    kept = YAML(typ="safe").load(path_of(version))

    assert list(kept) == [variant.id for variant in version.variants]
    assert list(kept["a"]) == list(version.channels)
    assert set(EDGE_CUSTOMERS) < set(kept["a"]["sms"])
    assert list(kept["n"]["sms"]) == ["ordinary"]
    assert kept["a"]["sms"]["two-character surname"].startswith("【江城银行】欧阳女士，中秋好。")
    assert kept["a"]["wechat"]["title"].splitlines()[0].startswith("王总，")
