"""Ids as the store hands them out are what UUID itself would have made."""

from __future__ import annotations

import pickle
import uuid

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from store.types import Id
from wenhou.core.ids import new_id


def test_an_id_from_text_is_the_id_in_every_respect() -> None:
    made = Id.result_processor(sqlite.dialect(), None)
    assert made is not None

    for one in (new_id(), uuid.UUID(int=0), uuid.UUID(int=2**128 - 1)):
        found = made(one.hex)
        assert (found, hash(found), repr(found)) == (one, hash(one), repr(one))
        assert found is not None
        assert (found.bytes, found.version, found.is_safe) == (one.bytes, one.version, one.is_safe)
        assert pickle.loads(pickle.dumps(found)) == one  # noqa: S301 - our own bytes
    assert made(None) is None


def test_what_is_no_id_is_refused() -> None:
    made = Id.result_processor(sqlite.dialect(), None)
    assert made is not None

    with pytest.raises(ValueError, match="invalid literal"):
        made("no id")


def test_a_native_id_is_taken_as_the_driver_gives_it() -> None:
    assert Id.result_processor(postgresql.dialect(), None) is None  # type: ignore[no-untyped-call]
