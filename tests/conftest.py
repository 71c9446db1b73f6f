"""What holds for every test: loopback only, warnings are errors, time limits, repeatable random examples.

``WENHOU_TESTS_NO_SKIP=1`` (set by .ci/run) turns every skip into a failure: where all a test needs can be
installed, a skipped test is a promise nobody checked.
"""

import os
import re
import tempfile
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest

NO_SKIP = os.environ.get("WENHOU_TESTS_NO_SKIP") == "1"

hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True)
hypothesis.settings.load_profile("ci" if NO_SKIP else "house")


def _give_the_run_a_runtime_folder() -> None:
    """Set XDG_RUNTIME_DIR where the system does not; embedded PostgreSQL warns without it."""
    if os.environ.get("XDG_RUNTIME_DIR"):
        return
    folder = Path(tempfile.gettempdir()) / f"wenhou-tests-{os.getuid()}"
    folder.mkdir(
        mode=0o711, exist_ok=True
    )  # PostgreSQL started by root runs as another user and passes through
    os.environ["XDG_RUNTIME_DIR"] = str(folder)


def _forget_the_callers_settings() -> None:
    """Drop WENHOU_* settings of the shell, so that no test reads a developer's database or clock."""
    for name in list(os.environ):
        if name.startswith("WENHOU_") and not name.startswith("WENHOU_TESTS_"):
            del os.environ[name]


_give_the_run_a_runtime_folder()
_forget_the_callers_settings()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a skipped test where skips are forbidden; an expected failure stays one."""
    del item, call
    report = yield
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but WENHOU_TESTS_NO_SKIP=1 forbids it: {_reason(report.longrepr)}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail a module that skips itself whole where skips are forbidden."""
    del collector
    report = yield
    if NO_SKIP and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, but WENHOU_TESTS_NO_SKIP=1 forbids it: {_reason(report.longrepr)}"
    return report


def _reason(longrepr: object) -> str:
    """The reason inside pytest's (file, line, reason) of a skip."""
    return str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)


_PACKAGE = re.compile(r"(?:needs Debian package|apt-get install) ((?:[a-z][a-z0-9.+-]+ ?)+)")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line which Debian packages were missing for what was skipped."""
    reasons = [_reason(report.longrepr) for report in terminalreporter.getreports("skipped")]
    found = [match[1] for reason in reasons if (match := _PACKAGE.search(reason))]
    if found:
        packages = ", ".join(sorted({name for names in found for name in names.split()}))
        terminalreporter.write_line(f"skipped: needs Debian package {packages}")
    if any("needs to run as root" in reason for reason in reasons):
        terminalreporter.write_line("skipped: real mail servers are started by root only")
