"""Whatever people do in whatever order, what is in force is what the decisions say, and nobody decided on their own."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from store.models.campaigns import TemplateVersion
from tests.integration.words.desk import Desk, midnight
from wenhou.core.actors import Actor
from wenhou.core.errors import WenhouError

_keys = itertools.count(1)
_DIGITS = "零一二三四五六七八九"
ACTS = st.lists(
    st.tuples(
        st.sampled_from(("draft", "submit", "approve", "reject", "retire", "roll_back", "wait")),
        st.sampled_from(("writer", "reviewer", "second")),
        st.integers(0, 3),
    ),
    min_size=6,
    max_size=24,
)


@dataclass(slots=True)
class Model:
    """What should stand: states by number, authors by number, and the decisions that count."""

    states: dict[int, str] = field(default_factory=dict)
    hands: dict[int, set[str]] = field(default_factory=dict)
    force: list[tuple[datetime, int | None]] = field(default_factory=list)
    gone: dict[int, datetime] = field(default_factory=dict)

    def newest(self, *states: str) -> int | None:
        return max((number for number, state in self.states.items() if state in states), default=None)

    def in_force(self, at: datetime) -> int | None:
        found: int | None = None
        for starts, number in sorted(self.force, key=lambda one: one[0]):
            is_gone = number is not None and number in self.gone and self.gone[number] <= at
            if starts <= at and not is_gone:
                found = number
        return found


@dataclass(slots=True)
class Story:
    """One template's acts, done to the store and to the model."""

    desk: Desk
    key: str
    model: Model = field(default_factory=Model)
    texts: int = 0

    def do(self, act: str, who: str, number: int) -> None:
        actor: Actor = getattr(self.desk, who)
        if act == "wait":
            self.desk.town.clock.move_to(self.now + timedelta(days=number))
            return
        try:
            getattr(self, f"_{act}")(actor, who, number)
        except WenhouError:
            return

    @property
    def now(self) -> datetime:
        return self.desk.town.clock.now()

    def _draft(self, actor: Actor, who: str, _number: int) -> None:
        self.texts += 1
        words = f"祝您好，{_DIGITS[self.texts % 10]}。" + _DIGITS[self.texts // 10]
        acted = self.desk.draft(words, key=self.key, actor=actor)
        self.model.states[acted.version] = "draft"
        self.model.hands.setdefault(acted.version, set()).add(who)

    def _submit(self, actor: Actor, who: str, _number: int) -> None:
        acted = self.desk.submit(self.key, actor=actor)
        assert acted.version == self.model.newest("draft")
        self.model.states[acted.version] = "submitted"
        self.model.hands[acted.version].add(who)

    def _approve(self, actor: Actor, who: str, number: int) -> None:
        first = self.now.astimezone(self.desk.town.context.bank.zone).date() + timedelta(days=number)
        acted = self.desk.approve(self.key, actor=actor, first=first)
        assert who != "writer"
        assert who not in self.model.hands[acted.version]
        self.model.states[acted.version] = "approved"
        self.model.force.append((max(self.now, midnight(first)), acted.version))

    def _reject(self, actor: Actor, who: str, _number: int) -> None:
        acted = self.desk.reject(self.key, actor=actor)
        assert who not in self.model.hands[acted.version]
        self.model.states[acted.version] = "rejected"

    def _retire(self, _actor: Actor, _who: str, number: int) -> None:
        before = self.model.in_force(self.now)
        acted = self.desk.retire(self.key, 101 + number)
        if self.model.states[acted.version] == "approved":
            self.model.gone[acted.version] = self.now
            if before == acted.version:
                self.model.force.append((self.now, None))
        self.model.states[acted.version] = "retired"

    def _roll_back(self, actor: Actor, who: str, number: int) -> None:
        acted = self.desk.roll_back(101 + number, self.key, actor=actor)
        assert self.model.states[acted.version] == "approved"
        assert who not in self.model.hands[acted.version]
        self.model.force.append((self.now, acted.version))

    def check(self) -> None:
        """The store says what the model says, for today and the days around."""
        for days in range(-2, 6):
            at = self.now + timedelta(days=days)
            assert self.desk.number(at, key=self.key) == self.model.in_force(at), (days, self.model)
        with self.desk.town.context.db.read() as session:
            rows: Sequence[Any] = session.scalars(
                select(TemplateVersion).where(TemplateVersion.template_key == self.key)
            ).all()
        assert {row.number: row.state for row in rows} == self.model.states
        assert all(row.decided_by not in (row.created_by, row.submitted_by) for row in rows if row.decided_by)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_any_order_of_acts_leaves_what_the_decisions_say(desk: Desk) -> None:
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(ACTS)
    def _any_order(acts: list[tuple[str, str, int]]) -> None:
        story = Story(desk=desk, key=f"hello_{next(_keys)}")
        for act in acts:
            story.do(*act)
            story.check()

    _any_order()
