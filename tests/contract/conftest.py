"""The example package is really installed, into a folder of the run's own, and stands in the suite like any provider."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.store_fixtures import (
    clock,
    context,
    database,
    database_url,
    empty_url,
    open_store,
    postgres,
    sqlite_template,
    vault,
)

__all__ = [
    "clock",
    "context",
    "database",
    "database_url",
    "empty_url",
    "open_store",
    "postgres",
    "sqlite_template",
    "vault",
]

EXAMPLE = ROOT / "docs" / "examples" / "wenhou-channel-example"


@pytest.fixture(scope="session", autouse=True)
def example_package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What `pip install` makes of docs/examples/wenhou-channel-example, importable while the suite runs."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    command += ["--no-build-isolation", "--disable-pip-version-check", "--no-cache-dir"]
    subprocess.run(
        [*command, "--target", str(folder), str(EXAMPLE)],
        check=True,
        env={**os.environ, "PIP_CONFIG_FILE": os.devnull, "PIP_ROOT_USER_ACTION": "ignore"},
    )
    sys.path.append(str(folder))
    yield folder
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.startswith("wenhou_channel_example")]:
        del sys.modules[name]
