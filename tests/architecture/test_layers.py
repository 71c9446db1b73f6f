"""Who may import whom (docs/adr/0001): the contracts hold, and each of them can fail."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"
SKELETON = (
    "integrations", "scheduler", "templates", "store", "webhooks", "console", "api",
    "wenhou", "wenhou/core", "wenhou/services", "wenhou/cli",
)  # fmt: skip


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def _skeleton(folder: Path) -> Path:
    """A project of empty packages under the same contracts."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name in SKELETON:
        (folder / name).mkdir()
        (folder / name / "__init__.py").touch()
    for module in ("__main__", "guard", "bootstrap", "settings", "wsgi"):
        (folder / "wenhou" / f"{module}.py").touch()
    return folder


def test_every_contract_is_kept() -> None:
    result = _lint(ROOT)
    assert result.returncode == 0, result.stdout[-3000:]


def test_the_composition_root_may_import_everything_it_composes(tmp_path: Path) -> None:
    project = _skeleton(tmp_path)
    allowed = "import integrations, store, templates, console, api, webhooks, scheduler, wenhou.services\n"
    (project / "wenhou" / "bootstrap.py").write_text(allowed, encoding="utf-8")
    (project / "wenhou" / "cli" / "app.py").write_text("import wenhou.bootstrap\n", encoding="utf-8")
    assert _lint(project).returncode == 0


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("wenhou/core/policy.py", "import store"),
        ("wenhou/core/policy.py", "import sqlalchemy"),
        ("wenhou/core/policy.py", "from flask import current_app"),
        ("wenhou/services/approvals.py", "import integrations"),
        ("wenhou/services/approvals.py", "import scheduler"),
        ("wenhou/services/approvals.py", "from sqlalchemy import select"),
        ("wenhou/services/approvals.py", "import flask"),
        ("store/outbox.py", "import templates"),
        ("templates/render.py", "import store"),
        ("templates/render.py", "import wenhou.services"),
        ("integrations/smtp.py", "import store"),
        ("console/views.py", "import api"),
        ("console/views.py", "import integrations"),
        ("webhooks/intake.py", "import scheduler"),
        ("webhooks/intake.py", "import wechatpy"),
        ("api/views.py", "import wenhou.bootstrap"),
        ("scheduler/dispatch.py", "import integrations"),
        ("scheduler/dispatch.py", "from alembic import command"),
        ("wenhou/cli/app.py", "import integrations"),
        ("wenhou/cli/app.py", "import apscheduler"),
    ],
)
def test_a_forbidden_import_is_found(tmp_path: Path, module: str, line: str) -> None:
    project = _skeleton(tmp_path)
    (project / module).write_text(f"{line}\n", encoding="utf-8")
    result = _lint(project)
    assert result.returncode == 1, result.stdout[-2000:] + result.stderr
    assert "BROKEN" in result.stdout


def test_every_module_of_wenhou_has_its_place_in_the_layers() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = config["tool"]["importlinter"]["contracts"]
    layers = " ".join(next(c["layers"] for c in contracts if c["id"] == "layers"))
    placed = set(layers.replace("(", " ").replace(")", " ").split())
    children = {
        f"wenhou.{path.stem}"
        for path in (ROOT / "wenhou").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem != "__init__"
    }
    # The guard runs before anything is imported and imports nothing.
    assert children - placed - {"wenhou.guard"} == set()
