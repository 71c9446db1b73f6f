"""The campaigns that ship: all of DESIGN §9, each valid, each with the care its occasion asks for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest

from templates.library import bundled
from wenhou.core.audience import AllOf, AnyOf, Condition, Not, Rule
from wenhou.core.calendars.regional import REGIONAL_FESTIVALS
from wenhou.core.campaigns import (
    EVENT_KINDS,
    Approval,
    BusinessEventTrigger,
    Campaign,
    FestivalTrigger,
    Late,
    PersonalDateTrigger,
)
from wenhou.core.purposes import Purpose
from wenhou.services.campaign_offers import sends_cards
from wenhou.services.campaigns import bundled_campaigns

CAMPAIGNS = {one.campaign.key: one.campaign for one in bundled_campaigns()}
MASS = ("new_year lantern qingming dragon_boat mid_autumn double_ninth national_day spring_festival").split()
CALL_BACKS = [key for key in CAMPAIGNS if key.startswith("callback_")]


def _conditions(rule: Rule) -> Iterator[Condition]:
    match rule:
        case Condition():
            yield rule
        case Not(part=part):
            yield from _conditions(part)
        case AllOf(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                yield from _conditions(part)


def _values(campaign: Campaign, field: str, operator: str = "is") -> set[str]:
    return {
        str(value)
        for one in _conditions(campaign.audience)
        if one.field == field and one.operator == operator
        for value in one.values
    }


@pytest.mark.parametrize(
    "key",
    [
        *MASS, "birthday", "birthday_vip", "account_anniversary", "deposit_maturity", "callback_account_opened",
        "callback_loan_granted", "callback_product_bought", "callback_branch_visit", "callback_case_closed",
        "policy_news", "first_contact", "product_matured", "loan_progress", "adult_at_18",
    ],
)  # fmt: skip
def test_what_the_design_names_is_bundled(key: str) -> None:
    assert key in CAMPAIGNS


@pytest.mark.parametrize("key", sorted(CAMPAIGNS))
def test_a_bundled_campaign_has_names_in_both_languages_and_nobody_is_held_out(key: str) -> None:
    campaign = CAMPAIGNS[key]

    assert campaign.name_zh != campaign.name_en
    assert campaign.holdout_percent == 0
    assert not campaign.refers
    # What sells leaves only when an advisor asked for it, and never without two persons.
    if campaign.purpose is Purpose.MARKETING:
        assert sends_cards(campaign)
        assert campaign.approval is Approval.TWO_PERSONS


@pytest.mark.parametrize("key", sorted(CAMPAIGNS))
def test_every_step_has_words_of_the_campaigns_purpose_in_both_languages(key: str) -> None:
    for step in CAMPAIGNS[key].message_steps:
        for locale in ("zh-CN", "en"):
            version = bundled().versions[step.template, locale]
            assert version.purpose == CAMPAIGNS[key].purpose
            assert set(step.channels) <= set(version.channels)


def test_every_text_is_used_by_a_campaign_or_by_the_product_itself() -> None:
    used = {step.template for campaign in CAMPAIGNS.values() for step in campaign.message_steps}

    assert set(bundled().keys()) - used == {
        "case_first_answer",
        "opt_out_confirmation",
        "rate_news",  # for the campaign operations writes when new rates are published
        "rating_thanks",
    }


def test_every_event_that_starts_words_has_a_campaign() -> None:
    met = {one.trigger.event for one in CAMPAIGNS.values() if isinstance(one.trigger, BusinessEventTrigger)}

    assert set(EVENT_KINDS) - met == {"service_done"}  # too wide to have words of its own: 服务办结 of what?


@pytest.mark.parametrize("key", MASS)
def test_a_greeting_to_everybody_is_read_by_an_advisor_spares_staff_and_stops_itself(key: str) -> None:
    campaign = CAMPAIGNS[key]

    assert isinstance(campaign.trigger, FestivalTrigger)
    assert campaign.approval is Approval.ADVISOR
    assert campaign.late is Late.SKIP
    assert campaign.limits.stops_itself
    assert campaign.seeds
    assert any(one.field == "is_staff" and one.truth is False for one in _conditions(campaign.audience))


@pytest.mark.parametrize("key", [key for key in MASS if key != "spring_festival"])
def test_a_greeting_to_everybody_goes_out_in_waves_that_fit_its_day(key: str) -> None:
    campaign = CAMPAIGNS[key]
    (step,) = campaign.steps

    assert campaign.waves is not None
    assert campaign.waves.percents == (1, 10)
    minutes = (step.until.hour - step.send_at.hour) * 60 + step.until.minute - step.send_at.minute
    assert minutes >= 3 * campaign.waves.observe_minutes


@pytest.mark.parametrize("key", sorted(CAMPAIGNS))
def test_nothing_leaves_at_a_congested_minute_but_what_always_did(key: str) -> None:
    known = {"birthday", "birthday_child", "policy_news", "spring_festival", "loan_progress", *CALL_BACKS}
    for step in CAMPAIGNS[key].message_steps:
        assert step.send_at.minute not in (0, 30) or key in known


def test_days_of_the_dead_are_greeted_for_nobody_by_default() -> None:
    assert _values(CAMPAIGNS["qingming"], "festival") == {"qingming"}
    assert not any(
        isinstance(one.trigger, FestivalTrigger) and one.trigger.festival == "zhongyuan"
        for one in CAMPAIGNS.values()
    )


def test_qingming_is_quiet_and_over_by_noon() -> None:
    (step,) = CAMPAIGNS["qingming"].steps

    assert step.template == "qingming"
    assert step.until <= time(12)


def test_double_ninth_is_for_those_known_to_be_elders() -> None:
    assert _values(CAMPAIGNS["double_ninth"], "life_stage") == {"senior"}


def test_a_festival_of_a_region_is_greeted_only_where_it_was_chosen() -> None:
    regional = [
        one
        for one in CAMPAIGNS.values()
        if isinstance(one.trigger, FestivalTrigger) and one.trigger.festival in REGIONAL_FESTIVALS
    ]

    assert {one.key for one in regional} == {
        "eid_al_fitr", "eid_al_adha", "losar", "water_splashing", "sanyuesan"
    }  # fmt: skip
    for one in regional:
        assert isinstance(one.trigger, FestivalTrigger)
        assert _values(one, "festival") == {one.trigger.festival}


def test_birthdays_share_one_occasion_and_no_customer_fits_two_but_a_milestone() -> None:
    keys = ("birthday", "birthday_vip", "birthday_milestone", "birthday_child")
    assert {CAMPAIGNS[key].occasion or key for key in keys} == {"birthday"}
    assert {CAMPAIGNS[key].late for key in keys} == {Late.SKIP}

    assert _values(CAMPAIGNS["birthday_vip"], "tier") == {"VIP", "高净值"}
    for key in ("birthday", "birthday_milestone"):
        assert _values(CAMPAIGNS[key], "tier", "is_not") == {"VIP", "高净值"}
    assert _values(CAMPAIGNS["birthday_child"], "life_stage") == {"under_14", "under_18"}
    for key in ("birthday", "birthday_vip"):
        assert _values(CAMPAIGNS[key], "life_stage") == {"adult", "senior"}
    assert CAMPAIGNS["birthday_milestone"].importance < CAMPAIGNS["birthday"].importance


def test_a_vip_is_called_and_written_to_only_if_nobody_called_by_four() -> None:
    call, text = CAMPAIGNS["birthday_vip"].steps

    assert call.task is not None
    assert call.task.kind == "call"
    assert call.task.due_at == time(16)
    assert text.after == call.key
    assert [(one.fact, one.holds, one.of) for one in text.when] == [("done", False, "call")]
    assert text.send_at > call.task.due_at


@pytest.mark.parametrize("key", CALL_BACKS)
def test_a_call_back_asks_for_a_rating_and_reminds_once_those_who_did_not_answer(key: str) -> None:
    ask, remind = CAMPAIGNS[key].steps

    assert CAMPAIGNS[key].purpose is Purpose.SERVICE
    assert (ask.asks, remind.asks) == ("csat", "csat")
    assert (ask.template, remind.template) == (key, "callback_reminder")
    assert remind.wait_workdays == 3
    assert {(one.fact, one.holds) for one in remind.when} == {("rated", False), ("replied", False)}


@pytest.mark.parametrize("key", ["deposit_maturity", "loan_progress", "product_matured"])
def test_a_notice_that_is_owed_passes_an_open_complaint_and_asks_nothing(key: str) -> None:
    campaign = CAMPAIGNS[key]

    assert campaign.statutory
    assert campaign.fallback_undelivered
    assert campaign.late is Late.SEND_LATE
    assert all(step.asks is None for step in campaign.steps)


def test_a_maturity_told_late_is_still_told_before_the_day() -> None:
    campaign = CAMPAIGNS["deposit_maturity"]

    assert isinstance(campaign.trigger, PersonalDateTrigger)
    assert campaign.late_days < campaign.trigger.days_before


def test_a_loans_progress_leaves_at_once() -> None:
    trigger = CAMPAIGNS["loan_progress"].trigger

    assert isinstance(trigger, BusinessEventTrigger)
    assert trigger.at_once


def test_who_comes_of_age_is_asked_in_person_first() -> None:
    campaign = CAMPAIGNS["adult_at_18"]
    in_person, words = campaign.steps

    assert isinstance(campaign.trigger, PersonalDateTrigger)
    assert campaign.trigger.milestones == (18,)
    assert campaign.purpose is Purpose.SERVICE
    assert in_person.task is not None
    assert [(one.fact, one.holds) for one in words.when] == [("done", False)]


def test_an_introduction_is_only_made_where_there_is_an_advisor() -> None:
    rule = CAMPAIGNS["first_contact"].audience

    assert any(one.field == "has_advisor" and one.truth is True for one in _conditions(rule))


def test_two_people_read_news_before_they_leave() -> None:
    assert CAMPAIGNS["policy_news"].approval is Approval.TWO_PERSONS


def test_operations_is_told_of_every_bundled_campaign() -> None:
    page = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")

    assert [key for key in CAMPAIGNS if f"`{key}`" not in page] == []
