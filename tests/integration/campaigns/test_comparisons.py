"""Two wordings of a step compared: whom each was handed to, what they did within a week, and what may be said of it."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from store.models.campaigns import TemplateVersion
from store.models.customers import Consent
from store.models.messages import Message
from tests.integration.planning.town import Town, make_town
from wenhou.core.clock import ShiftedClock
from wenhou.core.errors import AccessDenied, InputError
from wenhou.core.ids import new_id
from wenhou.services.comparisons import Comparison, compare
from wenhou.services.context import Context

DAY = date(2027, 3, 1)
BIRTHDAY = """
key: birthday
name: {zh-CN: 生日问候, en: Birthday greeting}
purpose: care
trigger: {type: personal_date, kind: birthday}
audience:
  all:
    - {field: state, is: [active]}
steps:
  - key: greet
    template: birthday
    alternative: {template: national_day, percent: 50}
    send_at: "09:30"
    until: "20:00"
channels: [sms]
approval: none
"""
PLAIN = BIRTHDAY.replace("    alternative: {template: national_day, percent: 50}\n", "")


@pytest.fixture
def town(context: Context, clock: ShiftedClock) -> Town:
    return make_town(context, clock)


def _handed_over(town: Town, people: int) -> dict[str, list[Message]]:
    """A day's birthdays, handed over; messages by the arm's template (A, B)."""
    town.go_live(BIRTHDAY)
    for _ in range(people):
        town.customer(birthday=("solar", 3, 1))
    town.at(DAY, 8)
    town.plan(DAY)
    town.at(DAY, 10)
    assert town.dispatch() == people
    arms: dict[str, list[Message]] = {"A": [], "B": []}
    with town.context.db.read() as session:
        rows = session.execute(select(TemplateVersion.id, TemplateVersion.template_key))
        keys: dict[uuid.UUID | None, str] = {row.id: row.template_key for row in rows}
    for message in town.messages():
        arms["B" if keys[message.template_version_id] == "national_day" else "A"].append(message)
    return arms


def _compared(town: Town) -> Comparison:
    (found,) = compare(
        town.context, town.actors["operations"], "birthday", since=DAY, until=DAY + timedelta(days=30)
    )
    return found


def _withdraw(town: Town, message: Message) -> None:
    with town.context.db.write() as session:
        session.add(
            Consent(
                id=new_id(), customer_id=message.customer_id, channel="sms", purpose="care", act="withdrawn",
                source="customer", at=town.clock.now(),
            )
        )  # fmt: skip


def test_answers_ratings_and_refusals_are_counted_by_what_was_read(town: Town) -> None:
    arms = _handed_over(town, 60)
    town.at(DAY + timedelta(days=2))
    for message in arms["B"][:5]:
        with town.context.db.read() as session:
            customer = session.get_one(type(town.customer()), message.customer_id)
        town.reply(customer)
    for message, score in zip(arms["A"], (5, 4, 2), strict=False):
        town.rate(message, score)
    _withdraw(town, arms["A"][0])
    town.at(DAY + timedelta(days=8))

    found = _compared(town)

    by_name = {one.name: one for one in found.measures}
    assert (found.first.handed_over, found.other.handed_over) == (len(arms["A"]), len(arms["B"]))
    assert min(len(arms["A"]), len(arms["B"])) > 15
    assert (by_name["answered"].first.part, by_name["answered"].other.part) == (0, 5)
    assert (by_name["rated_well"].first.part, by_name["rated_well"].first.whole) == (2, 3)
    assert (by_name["opted_out"].first.part, by_name["opted_out"].other.part) == (1, 0)


def test_who_was_written_to_this_week_is_not_judged_yet(town: Town) -> None:
    _handed_over(town, 10)
    town.at(DAY + timedelta(days=6))

    found = _compared(town)

    assert found.first.handed_over == found.other.handed_over == 0
    assert found.first.young + found.other.young == 10


def test_an_answer_after_a_week_is_none_to_the_greeting(town: Town) -> None:
    arms = _handed_over(town, 10)
    town.at(DAY + timedelta(days=8))
    with town.context.db.read() as session:
        customer = session.get_one(type(town.customer()), arms["A"][0].customer_id)
    town.reply(customer)

    assert {one.name: one.first.part for one in _compared(town).measures}["answered"] == 0


def test_few_people_allow_no_word_about_a_difference(town: Town) -> None:
    _handed_over(town, 10)
    town.at(DAY + timedelta(days=8))

    sentences = [one.sentence() for one in _compared(town).measures]

    assert all("人数太少" in sentence for sentence in sentences)


def test_a_campaign_with_one_wording_has_nothing_to_compare(town: Town) -> None:
    town.go_live(PLAIN)
    with pytest.raises(InputError, match="one wording a step"):
        _compared(town)


def test_an_advisor_does_not_see_the_comparison(town: Town) -> None:
    town.go_live(PLAIN)
    with pytest.raises(AccessDenied):
        compare(town.context, town.actors["advisor"], "birthday", since=DAY, until=DAY)
