"""Ids ascend within a process, however they are drawn."""

from __future__ import annotations

from wenhou.core.ids import new_id, new_ids


def test_ids_drawn_singly_and_in_stock_ascend_and_never_repeat() -> None:
    drawn = [new_id(), *new_ids(9000), new_id(), *new_ids(0), *new_ids(3), new_id()]
    assert drawn == sorted(drawn)
    assert len(set(drawn)) == len(drawn)
    assert {found.version for found in drawn} == {7}
