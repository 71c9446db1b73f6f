"""Two people act at once, or the process dies between two writes: one decision, whole or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from store.models.campaigns import TemplateVersion
from store.models.records import AuditRow
from store.models.words import WordEdition
from tests.integration.words.desk import Desk, text
from wenhou.core.errors import WenhouError
from wenhou.services import template_life as life
from wenhou.services.template_standing import VersionRef

REF = VersionRef(key="birthday")


def _race(*acts: Callable[[], object]) -> list[str]:
    """Run them in threads that begin together; `done` or the code of the refusal, sorted."""
    gate, found = threading.Barrier(len(acts)), []

    def _run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            act()
        except WenhouError as refusal:
            found.append(refusal.code)
        else:
            found.append("done")

    threads = [threading.Thread(target=_run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(found)


def _state(desk: Desk) -> tuple[list[tuple[int, str]], int, int]:
    """(versions with their states, decisions, audited acts)."""
    with desk.town.context.db.read() as session:
        rows = session.execute(
            select(TemplateVersion.number, TemplateVersion.state).order_by(TemplateVersion.number)
        )
        editions = session.scalar(select(func.count()).select_from(WordEdition)) or 0
        acts = session.scalar(
            select(func.count()).select_from(AuditRow).where(AuditRow.act.startswith("template."))
        )
        return [(row.number, row.state) for row in rows], editions, acts or 0


def test_of_two_approvals_at_once_one_counts(desk: Desk) -> None:
    desk.draft("愿您今天开心。")
    desk.submit()
    context = desk.town.context
    found = _race(
        lambda: life.approve(context, desk.reviewer, REF), lambda: life.approve(context, desk.second, REF)
    )
    assert found == ["done", "state"]
    assert _state(desk) == ([(101, "approved")], 1, 3)


def test_of_an_approval_and_a_rejection_at_once_one_counts(desk: Desk) -> None:
    desk.draft("愿您今天开心。")
    desk.submit()
    context = desk.town.context
    found = _race(
        lambda: life.approve(context, desk.reviewer, REF),
        lambda: life.reject(context, desk.second, REF, "太短"),
    )
    assert found == ["done", "state"]
    ((_, state),), editions, _ = _state(desk)
    assert (state, editions) in {("approved", 1), ("rejected", 0)}


def test_two_first_drafts_at_once_are_one_draft(desk: Desk) -> None:
    context = desk.town.context
    found = _race(
        lambda: life.save_drafts(context, desk.writer, [text("愿您今天开心。")], seen=""),
        lambda: life.save_drafts(context, desk.second, [text("愿您天天开心。")], seen=""),
    )
    assert found == ["changed", "done"]
    assert _state(desk)[0] == [(101, "draft")]


def test_two_roll_backs_at_once_are_two_decisions_in_an_order(desk: Desk) -> None:
    first, second = desk.publish("愿您今天开心。"), desk.publish("愿您天天开心。")
    desk.publish("愿您月月开心。")
    context = desk.town.context
    found = _race(
        *(
            lambda number=number: life.roll_back(
                context, desk.reviewer, VersionRef(key="birthday", number=number), "退回"
            )
            for number in (first, second)
        )
    )
    assert found == ["done", "done"]
    assert desk.number() in {first, second}
    with context.db.read() as session:
        numbers = session.scalars(select(WordEdition.number).order_by(WordEdition.number)).all()
    assert list(numbers) == [1, 2, 3, 4, 5]


class KilledError(Exception):
    """The process ends here."""


def _dying(desk: Desk, at: str) -> Any:
    def _passed(point: str) -> None:
        if point == at:
            raise KilledError

    return replace(desk.town.context, passed=_passed)


@pytest.mark.parametrize("point", ["words.approved", "words.edition_written", "words.audited"])
def test_an_approval_that_dies_between_two_writes_never_was(desk: Desk, point: str) -> None:
    before = desk.number()
    desk.draft("愿您今天开心。")
    desk.submit()
    stood = _state(desk)
    with pytest.raises(KilledError):
        life.approve(_dying(desk, point), desk.reviewer, REF)
    assert _state(desk) == stood
    assert desk.number() == before
    assert desk.approve().in_force == 101


@pytest.mark.parametrize("point", ["words.edition_written", "words.retired"])
def test_a_retirement_or_roll_back_that_dies_between_two_writes_never_was(desk: Desk, point: str) -> None:
    first, second = desk.publish("愿您今天开心。"), desk.publish("愿您天天开心。")
    stood = _state(desk)
    with pytest.raises(KilledError):
        life.retire(_dying(desk, point), desk.reviewer, REF, "错了")
    if point == "words.edition_written":
        ref = VersionRef(key="birthday", number=first)
        with pytest.raises(KilledError):
            life.roll_back(_dying(desk, point), desk.reviewer, ref, "退回")
    assert _state(desk) == stood
    assert desk.number() == second


@pytest.mark.parametrize("point", ["words.draft_kept", "words.submitted"])
def test_a_draft_or_submission_that_dies_never_was(desk: Desk, point: str) -> None:
    if point == "words.submitted":
        desk.draft("愿您今天开心。")
    stood = _state(desk)
    dying = _dying(desk, point)
    two = [text("您好。", key="hello_town"), text("hello.", key="hello_town", locale="en")]
    acts: dict[str, Callable[[], object]] = {
        "words.submitted": lambda: life.submit(dying, desk.writer, REF),
        "words.draft_kept": lambda: life.save_drafts(dying, desk.writer, two),
    }
    with pytest.raises(KilledError):
        acts[point]()
    assert _state(desk) == stood
