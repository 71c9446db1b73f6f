"""The command reference, written from the commands themselves: `python -m wenhou.cli.reference > docs/commands.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from wenhou.cli.commands import COMMANDS, load

_HEAD = """# Commands

Written from the commands themselves (`python -m wenhou.cli.reference > docs/commands.md`); a test keeps it true.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage or bad input. Errors are one line on the error output that says
what to do; `wenhou --debug …` shows the traceback. `--json` prints the result for programs on the standard output.
Outside production `--as USER` acts in somebody's name (otherwise the local operator made by `wenhou init`); production
asks for the person's own token in `WENHOU_TOKEN`.
"""


def render() -> str:
    """The whole page."""
    parts = [_HEAD]
    for name in COMMANDS:
        parts += _describe(load(name), f"wenhou {name}")
    return "\n".join(parts)


def _describe(command: Any, path: str) -> Iterator[str]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield from _describe_one(command, path)
        return
    yield f"## {path}\n\n{_first_line(command)}\n"
    for name, one in inner.items():
        yield from _describe_one(one, f"{path} {name}", level=3)


def _describe_one(command: Any, path: str, *, level: int = 2) -> Iterator[str]:
    words = [path, *(_argument(parameter) for parameter in _of_kind(command, "argument"))]
    yield f"{'#' * level} {' '.join(words)}\n\n{_first_line(command)}\n"
    rows = [_row(parameter) for parameter in command.params if parameter.name != "help"]
    if rows:
        yield "| | |\n|---|---|\n" + "\n".join(rows) + "\n"


def _of_kind(command: Any, kind: str) -> list[Any]:
    return [parameter for parameter in command.params if parameter.param_type_name == kind]


def _argument(parameter: Any) -> str:
    word = (parameter.metavar or parameter.name.upper()).strip("[]")
    return word if parameter.required else f"[{word}]"


def _row(parameter: Any) -> str:
    text = (parameter.help or "").replace("|", "\\|")
    if parameter.param_type_name == "argument":
        return f"| `{_argument(parameter)}` | {text} |"
    value = "" if parameter.is_flag else f" {parameter.metavar or parameter.name.upper()}"
    return f"| `{parameter.opts[0]}{value}` | {text} |"


def _first_line(command: Any) -> str:
    return str(command.help or "").strip().split("\n\n", maxsplit=1)[0]


if __name__ == "__main__":
    sys.stdout.write(render())
