"""An import killed in the middle, run again, ends where one run would have ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import func, select

from store.database import Database
from store.models.customers import ConsentState, ContactPoint, Customer, CustomerKey, PersonalDate
from wenhou.demo.sample import make_sample, write_sample
from wenhou.services.context import Context
from wenhou.services.importing.mapping import Mapping
from wenhou.services.importing.run import Request, import_customers

CHILD = """
import sys
from pathlib import Path
from store.database import open_database
from store.keys import open_vault
from store.vault import LocalKeyService
from tests.databases import SECRET_KEY
from wenhou.core.clock import SystemClock
from wenhou.services.context import Bank, Context
from wenhou.services.importing.mapping import Mapping
from wenhou.services.importing.run import Request, import_customers

database = open_database(sys.argv[1])
with database.read() as session:
    vault = open_vault(session, LocalKeyService(SECRET_KEY))
context = Context(db=database, vault=vault, clock=SystemClock(), bank=Bank())
request = Request(path=Path(sys.argv[2]), mapping=Mapping(), create_orgs=True)
import_customers(context, request, lambda done, all_: print(done, flush=True))
"""


def _totals(database: Database) -> tuple[int | None, ...]:
    models = (Customer, CustomerKey, PersonalDate, ContactPoint, ConsentState)
    with database.read() as session:
        return tuple(session.scalar(select(func.count()).select_from(model)) for model in models)


def test_a_killed_import_run_again_is_whole(
    context: Context, database: Database, database_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "many.csv"
    write_sample(path, make_sample(6000))
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, database_url, str(path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert child.stdout is not None
    for _ in range(2):
        child.stdout.readline()
    time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    standing = _totals(database)[0] or 0
    assert 1000 <= standing < 6000
    assert standing % 500 == 0, "whole chunks only"
    request = Request(path=path, mapping=Mapping(), create_orgs=True)
    result = import_customers(context, request)
    assert (result.created, result.unchanged, len(result.refusals)) == (6000 - standing, standing, 0)
    totals = _totals(database)
    assert totals[:2] == (6000, 6000)
    assert import_customers(context, request).unchanged == 6000
    assert _totals(database) == totals
