"""HTTP leaves Wenhou by one door, `integrations/http_edge.py`: pooled, timed, without redirects and proxies."""

import ast
import re
from pathlib import Path

import pytest

from integrations.http_edge import HttpEdge
from tests.architecture.sources import ROOT, name_of, python_files, tree_of, walk

EDGE = "integrations/http_edge.py"
CLIENTS = re.compile(
    r"^(requests|urllib3|http\.client|urllib\.request|httpx|aiohttp|apprise|pycurl|websockets?)(\.|$)"
)
ALLOWED = {
    # The demo plays a customer who answers on the pretend phones: its own web side, on this machine.
    "wenhou/demo/stage.py": {"requests"},
}
ALERTS = re.compile(r"^(integrations|wenhou|scheduler)/(.*/)?alert\w*(/\w+)?\.py$")
"""Apprise speaks to bots of staff in its own way; nothing of a customer's goes there. One module may use it."""


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in found if CLIENTS.match(name)}


def test_no_module_but_the_edge_speaks_http_by_itself() -> None:
    examples = [path for path in walk(ROOT / "docs" / "examples") if path.suffix == ".py"]
    wrong = []
    alerts = set()
    for path in [*python_files(tests=False), *examples]:
        name = name_of(path)
        clients = {found.split(".")[0] for found in _imports(path)} - ALLOWED.get(name, set())
        if name == EDGE:
            continue
        if clients == {"apprise"} and ALERTS.match(name):
            alerts.add(name)
            continue
        wrong += [f"{name}: {client}" for client in sorted(clients)]
    assert wrong == []
    assert len(alerts) <= 1, f"Apprise belongs into one module: {alerts}"


def test_no_exception_is_allowed_that_nobody_uses() -> None:
    names = {name_of(path) for path in python_files(tests=False)}
    for name, clients in ALLOWED.items():
        if name in names:
            assert clients <= {found.split(".")[0] for found in _imports(ROOT / name)}, name


@pytest.mark.parametrize("left_out", ["connect_seconds", "read_seconds", "pool_size"])
def test_an_edge_without_time_outs_cannot_be_made(left_out: str) -> None:
    given = {"connect_seconds": 1.0, "read_seconds": 1.0, "pool_size": 1}
    del given[left_out]
    with pytest.raises(TypeError, match=left_out):
        HttpEdge(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [0, -1, float("inf"), float("nan")])
def test_a_time_out_that_never_comes_is_none(seconds: float) -> None:
    with pytest.raises(ValueError, match="seconds"):
        HttpEdge(connect_seconds=seconds, read_seconds=1.0, pool_size=1)
    with pytest.raises(ValueError, match="seconds"):
        HttpEdge(connect_seconds=1.0, read_seconds=seconds, pool_size=1)
