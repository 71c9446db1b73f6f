"""Tries sources in processes of their own under hard limits: what a bomb does must not reach the tests.

Reads JSON from standard input: `{"bodies": […], "documents": […]}`; writes a list of `[verdict, line, column, seconds,
mebibytes]`, one for each in order. A process that hits a limit writes nothing: its verdict is `killed`.
"""

from __future__ import annotations

import json
import os
import pathlib
import resource
import sys
import time
from collections.abc import Callable
from functools import partial

from templates import library
from templates.engine import compile_body
from templates.placeholders import Placeholder, PlaceholderType
from wenhou.core.errors import TemplateError

MEBIBYTE = 1024 * 1024
ROOM = 50 * MEBIBYTE
SECONDS = 2  # of processor time; the tests want less than one
DECLARED = {
    "name": Placeholder(name="name", type=PlaceholderType.NAME, source="customer.name", sample="王伟"),
    "on": Placeholder(name="on", type=PlaceholderType.DATE, source="occasion.on", sample="2027-03-08"),
    "fen": Placeholder(name="fen", type=PlaceholderType.MONEY, source="customer.card", sample="100"),
    "years": Placeholder(name="years", type=PlaceholderType.DIGITS, source="occasion.years", sample="60"),
}


def _judged(act: Callable[[], object]) -> list[object]:
    started, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    line = column = None
    try:
        act()
        verdict = "accepted"
    except TemplateError as error:
        verdict, line, column = "refused", error.line, error.column
    except BaseException as error:  # noqa: BLE001 - whatever escapes is the finding
        verdict = f"escaped: {type(error).__name__}"
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return [verdict, line, column, time.process_time() - started, grown]


def _alone(act: Callable[[], object]) -> list[object]:
    """The verdict of a child with little memory and time."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with pathlib.Path("/proc/self/statm").open(encoding="ascii") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, used + ROOM))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.write(writing, json.dumps(_judged(act)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return json.loads(said) if said else ["killed", None, None, float(SECONDS), 0.0]


def main() -> None:
    """Judge everything asked for."""
    asked = json.load(sys.stdin)
    compile_body("{{ name }}好", DECLARED, "zh-CN")  # what loads lazily is loaded
    found = [_alone(partial(compile_body, body, DECLARED, "zh-CN")) for body in asked["bodies"]]
    found += [_alone(partial(library.parse, text, locale="zh-CN")) for text in asked["documents"]]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
