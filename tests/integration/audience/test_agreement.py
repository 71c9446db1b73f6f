"""The compiled SQL says of every customer what plain Python says, on both databases."""

from __future__ import annotations

import uuid

from hypothesis import HealthCheck, example, given, settings
from sqlalchemy import select

from store.audiences import compile_rule
from store.database import Database, Session
from store.models.customers import Customer
from store.vault import Vault
from tests.integration.audience.people import NOW, ZONE, people_of_every_kind
from tests.integration.audience.reference import answer
from tests.integration.audience.rules import CONDITIONS, RULES
from wenhou.core.audience import EVERYBODY, Condition, Not, Rule

_QUICK = settings(
    max_examples=250,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)


def _members(session: Session, rule: Rule, *, counting: bool) -> set[uuid.UUID]:
    return set(session.scalars(select(Customer.id).where(compile_rule(rule, NOW, ZONE, counting=counting))))


def test_every_question_is_answered_as_plain_python_answers_it(database: Database, vault: Vault) -> None:
    with database.write() as session:
        people = people_of_every_kind(session, vault)

    @_QUICK
    @given(CONDITIONS)
    @example(Condition(field="days_with_bank", operator="at_least", number=29.5))
    def check(rule: Rule) -> None:
        with database.read() as session:
            yes, no = (_members(session, one, counting=False) for one in (rule, Not(part=rule)))
        assert yes == {key for key, known in people.items() if answer(rule, known) is True}
        assert no == {key for key, known in people.items() if answer(rule, known) is False}

    check()


def test_every_tree_has_the_members_plain_python_finds(database: Database, vault: Vault) -> None:
    with database.write() as session:
        people = people_of_every_kind(session, vault)

    @_QUICK
    @given(RULES)
    def check(rule: Rule) -> None:
        expected = {key for key, known in people.items() if answer(rule, known) is True}
        with database.read() as session:
            assert _members(session, rule, counting=False) == expected
            assert _members(session, rule, counting=True) == expected

    check()


def test_no_rule_means_everybody(database: Database, vault: Vault) -> None:
    with database.write() as session:
        people = people_of_every_kind(session, vault, count=5)
        assert _members(session, EVERYBODY, counting=True) == set(people)
