"""The locks name packages, versions and hashes only, and fit what pyproject.toml asks for."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.sources import ROOT

LOCKS = ("requirements-build.lock", "requirements.lock", "requirements-dev.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _text(lock: str) -> str:
    return (ROOT / lock).read_text(encoding="utf-8")


def _pins(lock: str) -> dict[str, set[str]]:
    """Package → the versions pinned for it (a universal lock may hold one a platform)."""
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", _text(lock), re.MULTILINE
    ):
        pins.setdefault(canonicalize_name(name), set()).add(version)
    return pins


def _group(name: str) -> list[str]:
    """The requirements of a dependency group, with the groups it includes."""
    wanted: list[str] = []
    for entry in PROJECT["dependency-groups"][name]:
        wanted += [entry] if isinstance(entry, str) else _group(entry["include-group"])
    return wanted


def _wanted(lock: str) -> list[str]:
    runtime: list[str] = PROJECT["project"]["dependencies"]
    return {
        "requirements-build.lock": _group("build"),
        "requirements.lock": runtime,
        "requirements-dev.lock": runtime + _group("dev"),
    }[lock]


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize(
    "mark", ["://", "--index", "--extra-index", "--find-links", "--trusted-host", " @ ", "file:"]
)
def test_a_lock_names_no_address(lock: str, mark: str) -> None:
    assert mark not in _text(lock)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_only_pins_hashes_and_reasons(lock: str) -> None:
    pin = r"[A-Za-z0-9._-]+(\[[a-z0-9,._-]+\])?==\S+( ; [^\\]+)? \\"
    legal = re.compile(rf"^(#.*|{pin}|    --hash=sha256:[0-9a-f]{{64}}( \\)?|    #.*)$")
    assert [line for line in _text(lock).splitlines() if not legal.match(line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_satisfies_everything_the_project_asks_for(lock: str) -> None:
    pins = _pins(lock)
    unmet = []
    for requirement in map(Requirement, _wanted(lock)):
        versions = pins.get(canonicalize_name(requirement.name), set())
        if not versions or not all(requirement.specifier.contains(version) for version in versions):
            unmet.append(f"{requirement}: {versions or 'not pinned'} (run make lock)")
    assert unmet == []


@pytest.mark.parametrize("lock", ["requirements-build.lock", "requirements.lock"])
def test_tests_run_on_the_versions_that_are_shipped(lock: str) -> None:
    developers = _pins("requirements-dev.lock")
    assert {
        name: versions for name, versions in _pins(lock).items() if developers.get(name) != versions
    } == {}


def test_every_runtime_dependency_says_why_it_is_there() -> None:
    block = (
        (ROOT / "pyproject.toml")
        .read_text(encoding="utf-8")
        .split("\ndependencies = [", 1)[1]
        .split("\n]", 1)[0]
    )
    lines = [line.strip() for line in block.splitlines() if line.strip().startswith('"')]
    assert len(lines) == len(PROJECT["project"]["dependencies"])
    assert [line for line in lines if not re.search(r'", +# \S.{9,}$', line)] == []
