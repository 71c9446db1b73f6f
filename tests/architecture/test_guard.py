"""The guard: another distribution that has taken one of our names is refused before anything is imported."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT
from wenhou.guard import FLAT_PACKAGES, find_shadowed


def test_the_guard_watches_every_flat_package() -> None:
    assert {*FLAT_PACKAGES, "wenhou"} == set(PACKAGES)


def test_our_own_packages_pass() -> None:
    assert find_shadowed() == []


def test_a_missing_package_is_named() -> None:
    assert find_shadowed(("no_such_package_of_ours",), ROOT) == [
        f"the package 'no_such_package_of_ours' is missing beside wenhou in {ROOT}"
    ]


@pytest.mark.parametrize("shape", ["store/__init__.py", "store.py", "store/namespace.py"])
def test_a_foreign_package_of_our_name_stops_the_command_with_one_line(tmp_path: Path, shape: str) -> None:
    foreign = tmp_path / shape
    foreign.parent.mkdir(exist_ok=True)
    foreign.write_text("raise SystemExit('imported')\n", encoding="utf-8")
    # -c rather than -m: what comes first on the path is the foreign folder, as with a careless PYTHONPATH.
    code = (
        f"import sys; sys.path[:] = [{str(tmp_path)!r}, *sys.path]; from wenhou.__main__ import main; main()"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, "--help"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    if shape == "store/namespace.py":
        # A folder without __init__.py does not win over a real package.
        assert result.returncode == 0, result.stderr
        return
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "the name 'store' is taken by" in result.stderr
    assert "imported" not in result.stderr
