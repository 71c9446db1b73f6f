"""House rules no linter knows: sizes, package docstrings, the clock, where a web application may be built."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT, is_test, name_of, python_files, text_files, tree_of

FILE_LINES = 500
FUNCTION_LINES = 60
CLOCK = "wenhou/core/clock.py"


def test_no_file_is_longer_than_five_hundred_lines() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert [
        f"{name_of(path)}: {lines} lines"
        for path, lines in lengths.items()
        if lines > FILE_LINES * (1.5 if is_test(path) else 1)
    ] == []


def test_no_function_is_longer_than_sixty_lines() -> None:
    limit = {True: FUNCTION_LINES * 1.5, False: FUNCTION_LINES}
    assert [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in python_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > limit[is_test(path)]
        and "migrations" not in path.parts  # one revision may create every table
    ] == []


def test_a_package_init_holds_three_lines_of_docstring_and_no_code() -> None:
    wrong = []
    for path in python_files():
        if path.name != "__init__.py":
            continue
        tree = tree_of(path)
        lines = (ast.get_docstring(tree) or "").splitlines()
        # A folder below tests/unit and its like only mirrors the tree, and may say nothing.
        if is_test(path) and len(path.relative_to(ROOT).parts) > 3 and not tree.body:
            continue
        if len(tree.body) != 1 or not 2 <= len([line for line in lines if line]) <= 4:
            wrong.append(name_of(path))
    assert wrong == []


def test_every_folder_of_modules_is_a_package() -> None:
    assert [
        name_of(folder)
        for folder in sorted({path.parent for path in python_files()})
        if not (folder / "__init__.py").exists() and "migrations" not in folder.parts
    ] == []


def test_only_the_clock_asks_the_system_for_the_time() -> None:
    asked = re.compile(r"^(datetime\.)*(datetime\.(now|utcnow|today)|date\.today)$")
    assert [
        f"{name_of(path)}:{node.lineno}"
        for path in python_files()
        if name_of(path) != CLOCK
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and asked.match(ast.unparse(node.func))
    ] == []


def test_there_is_no_module_beside_the_packages() -> None:
    # Flask(__name__) there would take the project for its root, and templates/, our words, for pages.
    assert [path.name for path in ROOT.glob("*.py")] == []


def test_a_web_application_is_built_inside_a_function_and_never_in_templates() -> None:
    wrong = []
    for path in python_files(tests=False):
        tree = tree_of(path)
        in_functions = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Flask"):
                continue
            if id(node) not in in_functions or path.relative_to(ROOT).parts[0] == "templates":
                wrong.append(f"{name_of(path)}:{node.lineno}")
    assert wrong == []


def test_nothing_is_left_for_later_in_a_comment() -> None:
    marks = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")
    assert [
        f"{name_of(path)}:{number}"
        for path in text_files()
        if path.name != "pyproject.toml" and path.suffix != ".lock"
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if marks.search(line)
    ] == []


def _places_of_this_machine() -> list[str]:
    """Paths and hosts that mean something only where the code was written, pip's configuration included."""
    words = [f"/{name}" for name in ("work/", "root/.", "home/", "Users/")] + [f"{ROOT}/"]
    words += ["pypi.org/" + "simple", "files." + "pythonhosted", "registry." + "npmjs"]
    pip = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    hosts = re.findall(r"https?://(?:[^@/'\s]+@)?([^/:'\s]+)", pip.stdout)
    paths = re.findall(r"(?:file://)?(/[\w.-]+/[\w./-]+)", pip.stdout)
    public = ("pypi.org", "/etc/ssl", "/usr/")
    return words + [word for word in (*hosts, *paths) if not word.startswith(public)]


def test_no_file_names_a_place_of_the_machine_it_was_written_on() -> None:
    words = _places_of_this_machine()
    assert [
        f"{name_of(path)}: {word}"
        for path in text_files()
        for word in words
        if re.search(r"(?<![\w.}>-])" + re.escape(word), path.read_text(encoding="utf-8", errors="replace"))
    ] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_says_what_it_may_import_and_where_to_start(package: str) -> None:
    text = ast.get_docstring(tree_of(ROOT / package / "__init__.py")) or ""
    assert "start" in text.lower()
    assert re.search("import|layers", text, re.IGNORECASE)


def test_continuous_integration_runs_make_check_and_forbids_skips() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make check" in script
    assert "WENHOU_TESTS_NO_SKIP=1" in script
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o100


def test_make_alone_prints_help() -> None:
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony
    assert [target for target in phony[1].split() if f"make {target} " not in said] == []


def test_the_walk_over_our_files_finds_them() -> None:
    found = {name_of(Path(path)) for path in text_files()}
    assert {"Makefile", ".ci/run", "pyproject.toml", "wenhou/guard.py", "tests/conftest.py"} <= found
