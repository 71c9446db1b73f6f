"""Published rates: entered by one, approved by another, never changed; words quote the edition of their day and no other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from store.models.offers import RateTable
from templates.library import bundled
from tests.integration.offers.bank import MONDAY, RATES, Bank
from wenhou.core.errors import AccessDenied, Refused
from wenhou.core.published_rates import PublishedRates, RateLine
from wenhou.services import published_rates
from wenhou.services.campaigns import live_campaigns
from wenhou.services.published_rates import quotes_rates, rates_in_force


class Killed(BaseException):
    """The process died here."""


def dying_at(bank: Bank, point: str) -> None:
    def passed(label: str) -> None:
        if label == point:
            raise Killed

    bank.town.context = replace(bank.town.context, passed=passed)


def in_force(bank: Bank, day: date) -> str | None:
    with bank.town.context.db.read() as session:
        found = rates_in_force(session, day)
    return found.number if found else None


def met(bank: Bank) -> None:
    """A customer, an edition in force, the campaign live, its message proposed for Monday."""
    bank.customer()
    bank.publish("1号", "0.95")
    bank.approve_rates("1号")
    bank.town.go_live(RATES)
    bank.town.plan(MONDAY)


def test_an_edition_counts_from_its_day_on_once_a_second_person_approved_it(bank: Bank) -> None:
    bank.publish("1号", "0.95", effective_on=date(2027, 1, 25))
    assert in_force(bank, MONDAY) is None
    bank.approve_rates("1号")
    bank.publish("2号", "0.90", effective_on=date(2027, 2, 10))
    bank.approve_rates("2号")

    assert [in_force(bank, date(2027, *day)) for day in ((1, 24), (1, 25), (2, 9), (2, 10))] == [
        None, "1号", "1号", "2号"
    ]  # fmt: skip


def test_of_two_editions_for_one_day_the_correction_counts(bank: Bank) -> None:
    bank.publish("1号", "0.95")
    bank.approve_rates("1号")
    bank.town.at(date(2027, 1, 31))
    bank.publish("1号更正", "0.96")
    bank.approve_rates("1号更正")

    assert in_force(bank, MONDAY) == "1号更正"


def test_nobody_approves_what_they_entered_and_an_approved_edition_never_changes(bank: Bank) -> None:
    context, compliance = bank.town.context, bank.actors["compliance"]
    bank.publish("1号", "0.95")
    with pytest.raises(AccessDenied):
        published_rates.approve_rates(context, bank.actors["operations"], "1号")
    with context.db.write() as session:
        session.scalars(select(RateTable)).one().entered_by = compliance.user_id
    with pytest.raises(Refused, match="录入的人不能批准"):
        bank.approve_rates("1号")
    bank.publish("1号", "0.96")  # a slip is mended before anybody approved it
    bank.approve_rates("1号")
    with pytest.raises(Refused, match="已批准，不能改动"):
        bank.publish("1号", "0.97")
    with pytest.raises(Refused, match="已批准过"):
        bank.approve_rates("1号")


def test_states_follow_the_day(bank: Bank) -> None:
    bank.publish("0号", "1.10", effective_on=date(2026, 1, 1))
    bank.publish("1号", "0.95")
    bank.publish("2号", "0.90", effective_on=date(2027, 2, 10))
    for number in ("0号", "1号", "2号"):
        bank.approve_rates(number)
    bank.publish("3号", "0.85", effective_on=date(2027, 3, 10))

    found = {one.number: one.state for one in published_rates.list_editions(bank.town.context)}
    assert found == {"0号": "past", "1号": "in_force", "2号": "coming", "3号": "proposed"}


def test_words_quote_number_and_day_of_the_edition_in_force(bank: Bank) -> None:
    met(bank)
    (message,) = bank.town.messages()
    words = bank.town.words(message)

    assert message.status == "proposed"
    assert "1号" in words
    assert "1月25日" in words
    assert "%" not in words  # an SMS holds no figure


def test_without_published_rates_nobody_is_told_of_rates(bank: Bank) -> None:
    bank.customer()
    bank.town.go_live(RATES)
    bank.town.plan(MONDAY)

    assert bank.town.standing() == [("skipped", "placeholder_missing")]


def test_a_newer_edition_withdraws_what_quotes_the_older_and_it_is_written_anew_once(bank: Bank) -> None:
    met(bank)
    bank.approve_all()
    bank.town.at(date(2027, 1, 31))
    bank.publish("2号", "0.90", effective_on=MONDAY)

    assert bank.approve_rates("2号") == 1
    bank.town.plan(MONDAY)
    bank.town.plan(MONDAY)
    first, second = bank.town.messages()
    assert (first.status, first.reason) == ("cancelled", "rates_changed")
    assert second.status == "proposed"
    assert "2号" in bank.town.words(second)
    assert published_rates.withdraw_outdated(bank.town.context) == 0


def test_an_edition_for_a_later_day_leaves_alone_what_leaves_before(bank: Bank) -> None:
    met(bank)
    bank.town.at(date(2027, 1, 31))
    bank.publish("2号", "0.90", effective_on=date(2027, 2, 2))

    assert bank.approve_rates("2号") == 0
    assert bank.town.standing() == [("proposed", None)]


def test_a_process_that_dies_before_the_commit_has_approved_nothing(bank: Bank) -> None:
    bank.publish("1号", "0.95")
    dying_at(bank, "rates.before_commit")
    with pytest.raises(Killed):
        bank.approve_rates("1号")

    assert in_force(bank, MONDAY) is None


def test_a_process_that_dies_after_the_approval_leaves_nothing_outdated(bank: Bank) -> None:
    met(bank)
    alive = bank.town.context
    bank.town.at(date(2027, 1, 31))
    bank.publish("2号", "0.90", effective_on=MONDAY)
    dying_at(bank, "rates.after_commit")
    with pytest.raises(Killed):
        bank.approve_rates("2号")
    assert bank.town.standing() == [("proposed", None)]

    assert published_rates.withdraw_outdated(alive) == 1
    assert bank.town.standing() == [("cancelled", "rates_changed")]


def test_only_campaigns_that_quote_rates_are_touched(bank: Bank) -> None:
    bank.town.go_live(RATES)
    with bank.town.context.db.read() as session:
        ((_, campaign),) = live_campaigns(session)

    assert quotes_rates(bundled(), campaign)
    step = replace(campaign.steps[0], template="policy_news")
    assert not quotes_rates(bundled(), replace(campaign, steps=(step,)))


@pytest.mark.parametrize(
    ("figure", "holds"),
    [
        ("1.10", True),
        ("1.1", True),
        ("01.1", True),
        ("1.11", False),
        ("", False),
        ("一", False),
        ("１.１", False),
    ],
)
def test_a_figure_is_held_however_it_is_written(figure: str, holds: bool) -> None:
    line = RateLine(key="a", product="整存整取", term="一年", rate="1.10")
    rates = PublishedRates(number="1号", published_on=MONDAY, effective_on=MONDAY, lines=(line,))

    assert rates.holds(figure) is holds
    assert rates.figures == {"1.10"}
    assert rates.table() == "整存整取一年1.10%"
    assert Decimal(line.rate) == Decimal("1.1")
