"""Writing what must not be lost to a passing trouble of the database: a deadlock, a lock held too long, a restart."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from store.database import Database, Session

log = logging.getLogger("wenhou.store")
T = TypeVar("T")
_TRIES = 6
_FIRST_PAUSE = 0.05


def write_surely(database: Database, work: Callable[[Session], T]) -> T:
    """Do `work` in a writing transaction, again when the database was in trouble; raises the last trouble after 3 s.

    For the answers of calls only: what a provider told us exists nowhere else. `work` must bear being done twice.
    """
    for number in range(_TRIES - 1):
        try:
            with database.write() as session:
                return work(session)
        except OperationalError:
            log.warning("write_tried_again", extra={"number": number + 1})
            time.sleep(_FIRST_PAUSE * 2**number)
    with database.write() as session:
        return work(session)
