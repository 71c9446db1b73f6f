"""The wheel: it builds, carries every data file, and gives a command that runs outside the work tree."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT, name_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the pinned hatchling without fetching anything."""
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    result = subprocess.run(build, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a new environment that has the wheel.

    The dependencies are lent by the environment the tests run in, through a .pth file. Python does not read
    the .pth files of a folder added that way, so the work tree (an editable install) stays invisible.
    """
    home = tmp_path_factory.mktemp("installed") / "env"
    venv.EnvBuilder(with_pip=False).create(home)
    lib = Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))
    install = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install", "--quiet"]
    options = ["--no-deps", "--no-index", "--disable-pip-version-check", str(wheel)]
    subprocess.run([*install, *options], check=True, capture_output=True)
    (lib / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return home / "bin"


def test_the_wheel_carries_every_file_of_every_package_and_no_test(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    ours = {
        name_of(path)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert ours - inside == set()
    assert [name for name in inside if name.startswith("tests/")] == []
    assert [name for name in inside if name.split("/")[0] not in PACKAGES and ".dist-info/" not in name] == []


def test_the_wheel_carries_licence_and_notices(wheel: Path) -> None:
    inside = zipfile.ZipFile(wheel).namelist()
    assert [
        name for name in ("LICENSE", "NOTICE") if not any(n.endswith(f"licenses/{name}") for n in inside)
    ] == []


@pytest.mark.parametrize("command", [["wenhou"], ["python", "-m", "wenhou"]])
def test_the_installed_command_prints_its_help(installed: Path, tmp_path: Path, command: list[str]) -> None:
    result = subprocess.run(
        [str(installed / command[0]), *command[1:], "--help"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "Usage" in result.stdout


def test_the_installed_packages_are_the_wheels_own(installed: Path, tmp_path: Path) -> None:
    code = "import store, wenhou; print(store.__file__); print(wenhou.__file__)"
    said = subprocess.run(
        [str(installed / "python"), "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert [line for line in said.splitlines() if not line.startswith(str(installed.parent))] == []
