"""Running the installed command as a person would, in a folder and a process of its own."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from wenhou.cli.app import run

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "docs" / "examples" / "customers-200.csv"
EVE = "2027-02-05T08:00:00+08:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its JSON."""
        return json.loads(self.out)


@dataclass(slots=True, kw_only=True)
class Shell:
    """A person at a shell with settings of their own."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the surroundings' settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WENHOU_")}
        return kept | {"WENHOU_DATA_DIR": str(self.folder), "WENHOU_MODE": "test"} | self.settings

    def run(self, *words: str) -> Answer:
        """One command to its end, in this process: starting another takes longer than most commands do."""
        out, err = io.StringIO(), io.StringIO()
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        with (
            patch.dict(os.environ, self.environment, clear=True),
            patch.object(sys, "argv", ["wenhou", *words]),
            redirect_stdout(out),
            redirect_stderr(err),
            pytest.raises(SystemExit) as ended,
        ):
            run()
        root.handlers[:], root.level = handlers, level
        return Answer(code=int(ended.value.code or 0), out=out.getvalue(), err=err.getvalue())

    def run_apart(self, *words: str) -> Answer:
        """One command in a process of its own."""
        process = self.start(*words)
        out, err = process.communicate(timeout=110)
        return Answer(code=process.returncode, out=out, err=err)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A command that stays."""
        return subprocess.Popen(
            [sys.executable, "-m", "wenhou", *words],
            env=self.environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
