"""What the house rules read: our files, found by walking the tree, and a few ways to look into them."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("integrations", "scheduler", "templates", "store", "webhooks", "console", "api", "wenhou")
DOCUMENTS = ("", ".md", ".txt", ".csv", ".html", ".j2", ".css", ".js", ".svg")
SETTINGS = (".toml", ".in", ".lock", ".yaml", ".yml", ".ini", ".cfg", ".json", ".sql", ".mako")
TEXT_SUFFIXES = {".py", *DOCUMENTS, *SETTINGS}
SKIPPED_FOLDERS = {".git", ".venv", "__pycache__", "build", "dist", "var", "vendor", "test-results"}


def walk(folder: Path) -> Iterator[Path]:
    """Every file of ours below a folder: no environments, caches, builds, run-time data or vendored code."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            if path.name not in SKIPPED_FOLDERS and not path.name.endswith(("_cache", ".egg-info")):
                yield from walk(path) if path.name != ".hypothesis" else ()
        else:
            yield path


def python_files(*, tests: bool = True) -> list[Path]:
    """Our Python files, tests included unless told otherwise."""
    folders = (*PACKAGES, "tests") if tests else PACKAGES
    return [path for name in folders for path in walk(ROOT / name) if path.suffix == ".py"]


def text_files() -> list[Path]:
    """Every text file of ours, whatever it is written in."""
    return [
        path
        for path in walk(ROOT)
        if path.suffix in TEXT_SUFFIXES
        and ".min." not in path.name
        and not path.name.endswith(".rejected.csv")
    ]


def tree_of(path: Path) -> ast.Module:
    """The syntax tree of one file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name_of(path: Path) -> str:
    """The path as said aloud: relative to the project."""
    return path.relative_to(ROOT).as_posix()


def is_test(path: Path) -> bool:
    """Whether the file belongs to the tests, which get half as much room again."""
    return path.relative_to(ROOT).parts[0] == "tests"
