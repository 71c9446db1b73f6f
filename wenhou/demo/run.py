"""`wenhou demo`: a pretend bank in a folder of its own, everything running, nothing able to leave the machine."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from console.settings import DemoAccount, ExtraLink
from wenhou.bootstrap import PHONES_PATH, initialise
from wenhou.core.actors import Role
from wenhou.core.clock import ShiftedClock
from wenhou.demo.controls import make_controls
from wenhou.demo.interruption import MESSAGES, Interruption
from wenhou.demo.people import ADVISOR_LOGIN, PASSWORD, PEOPLE
from wenhou.demo.stage import YESTERDAY, Stage, actor_of_login, phones_of, set_stage
from wenhou.phones import open_phones
from wenhou.running import Parts, WebServer, clockwork, open_parts, stop_on_signals
from wenhou.settings import Settings
from wenhou.web import WSGI, Additions, build_web

THREADS = 24
_ROLE_WORDS = {
    Role.ADVISOR: ("客户经理", "Advisor"),
    Role.SUPERVISOR: ("主管", "Supervisor"),
    Role.OPERATIONS: ("运营", "Operations"),
    Role.COMPLIANCE: ("合规", "Compliance"),
    Role.ADMINISTRATOR: ("管理员", "Administrator"),
}


class Demo:
    """A demo that is running; made by `running_demo`."""

    def __init__(self, parts: Parts, stage: Stage, seconds: float) -> None:
        self.parts = parts
        self.stage = stage
        self.seconds = seconds

    @property
    def words(self) -> str:
        """What the shell prints when the page may be opened."""
        url, stage = self.parts.settings.web_url, self.stage
        people = "\n".join(
            f"    {person.login:<14} {person.name}　{_ROLE_WORDS[person.role][0]}" for person in PEOPLE
        )
        return (
            f"\n  江城银行 is open (ready in {self.seconds:.0f} s): {url}\n"
            f"  Customers' phones: {url}{PHONES_PATH}   Clock and crash test: {url}/demo\n\n"
            f"  {stage.customers} customers; {stage.sent} messages were sent yesterday, "
            f"{stage.waiting} wait for approval.\n"
            f"  Sign in with one click on the page, or with the password {PASSWORD}:\n{people}\n\n"
            "  Start as 李薇. Nothing can leave this machine. Stop with Ctrl-C.\n"
        )


def run_demo(port: int, customers: int) -> None:
    """Run until told to stop; the folder goes with it. Raises ConfigurationError for a busy port."""
    told = threading.Event()
    stop_on_signals(told)
    with running_demo(port, customers) as demo:
        print(demo.words, flush=True)  # noqa: T201 - this is the command's output
        told.wait()


@contextmanager
def running_demo(port: int, customers: int, crash_messages: int = MESSAGES) -> Iterator[Demo]:
    """The whole demo, ready for a browser. `crash_messages`: how many the interrupted run sends."""
    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="wenhou-demo-"))
    try:
        settings = _settings(folder, port)
        server = WebServer(settings)
        clock = ShiftedClock(YESTERDAY)
        initialise(settings, clock=clock)
        parts = open_parts(settings, clock=clock)
        phones = open_phones(settings, clock, lambda: phones_of(parts.context))
        assert phones is not None  # noqa: S101 - the demo's accounts are simulated
        serving = _serve(server, _early(parts, phones.app))
        try:
            stage = set_stage(parts, clock, folder, customers)
            server.change(_app(parts, clock, phones.app, crash_messages))
            with clockwork(parts):
                yield Demo(parts, stage, time.monotonic() - started)
        finally:
            phones.close()
            server.close()
            serving.join(timeout=5)
            parts.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _settings(folder: Path, port: int) -> Settings:
    """The demo's own: no setting of the surroundings may lead it elsewhere."""
    return Settings(
        mode="demo",
        data_dir=folder,
        database_url=SecretStr(f"sqlite:///{folder / 'bank.sqlite3'}"),
        database_direct_url=None,
        secret_key=None,
        host="127.0.0.1",
        port=port,
        public_url="",
        accounts=[],
        threads=THREADS,
        now=None,
        freeze=False,
        allow_loopback_providers=False,
        stop_seconds=5,
    )


def _early(parts: Parts, phones: WSGI) -> WSGI:
    """While the stage is set: phones and callbacks answer, the console asks to wait."""
    additions = Additions(is_preparing=True)
    return build_web(
        parts.context, parts.parsers, parts.settings, additions=additions, mounted={PHONES_PATH: phones}
    )


def _app(parts: Parts, clock: ShiftedClock, phones: WSGI, crash_messages: int) -> WSGI:
    additions = Additions(
        accounts=tuple(_accounts(parts)),
        links=(
            ExtraLink(href=f"{PHONES_PATH}/", zh="客户手机", en="Phones"),
            ExtraLink(href="/demo", zh="演示控制", en="Demo"),
        ),
        blueprints=(make_controls(clock, parts.bell, Interruption(crash_messages)),),
    )
    return build_web(
        parts.context, parts.parsers, parts.settings, additions=additions, mounted={PHONES_PATH: phones}
    )


def _accounts(parts: Parts) -> Iterator[DemoAccount]:
    for person in PEOPLE:
        actor = actor_of_login(parts.context, person.login)
        assert actor.user_id is not None  # noqa: S101 - a person
        zh, en = _ROLE_WORDS[person.role]
        first = person.login == ADVISOR_LOGIN
        yield DemoAccount(
            user_id=actor.user_id,
            name=person.name,
            role_zh=zh,
            role_en=en,
            note_zh="从这里开始" if first else "",
            note_en="Start here" if first else "",
        )


def _serve(server: WebServer, app: WSGI) -> threading.Thread:
    thread = threading.Thread(target=server.run, args=(app,), name="web", daemon=True)
    thread.start()
    return thread
