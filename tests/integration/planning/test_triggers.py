"""Triggers on both databases: frozen and recurring audiences, milestones, notices at once, regions, chosen days, shares."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from scheduler.occasions import nominal_days
from store.keys import customer_keys
from store.models.customers import Customer, PersonalDate
from store.vault import place
from tests.integration.planning.town import SHANGHAI, Town
from wenhou.core.campaigns import Every, RecurringTrigger
from wenhou.services.calendars import calendar_in_force

HEAD = """
key: {key}
name: {{zh-CN: 问候, en: Greeting}}
purpose: care
channels: [sms]
approval: none
template: birthday
trigger: {trigger}
{more}
"""


def greeting(trigger: str, more: str = "", key: str = "greeting") -> str:
    return HEAD.format(key=key, trigger=trigger, more=more)


def _met(town: Town) -> set[object]:
    return {one.customer_id for one in town.messages()}


# --- once and recurring -----------------------------------------------------------------------------------------------


def test_once_speaks_to_whoever_was_in_the_audience_when_it_was_approved(town: Town) -> None:
    stays, leaves = town.customer(tier="金卡"), town.customer(tier="金卡")
    town.go_live(greeting("{type: once, on: 2027-03-01}", "audience: {field: tier, is: [金卡]}"))
    with town.context.db.write() as session:
        session.get_one(Customer, leaves.id).tier = "普通"
    joins = town.customer(tier="金卡")
    for _ in range(2):
        town.plan(date(2027, 2, 27), date(2027, 3, 3))
    assert _met(town) == {stays.id, leaves.id}
    assert joins.id not in _met(town)
    assert {one.dedupe_key for one in town.messages()} == {"greeting|once/1"}


def test_the_last_day_of_each_month_is_met_once_under_its_own_name(town: Town) -> None:
    town.customer()
    town.go_live(greeting("{type: recurring, every: month, day: 31}"))
    town.plan(date(2027, 2, 1), date(2027, 4, 30))
    assert [one.dedupe_key for one in town.messages()] == [
        f"greeting|recurring:2027-{day}/1" for day in ("02-28", "03-31", "04-30")
    ]


def test_a_quarters_day_on_a_weekend_moves_to_the_next_workday_and_keeps_its_name(town: Town) -> None:
    town.set_calendar("source: 放假\nworkdays:\n- {year: 2027, off: [2027-04-12]}\n")
    town.customer()
    town.go_live(greeting("{type: recurring, every: quarter, day: 10, workday: true}"))
    for _ in range(2):
        town.plan(date(2027, 3, 1), date(2027, 6, 30))
    assert [(one.dedupe_key, one.planned_for) for one in town.messages()] == [
        ("greeting|recurring:2027-04-10/1", date(2027, 4, 13))  # Saturday, and Monday is off
    ]


def test_every_nominal_day_of_two_years_falls_due_exactly_once(town: Town) -> None:
    with town.context.db.read() as session:
        work = calendar_in_force(session).work_calendar()
    trigger = RecurringTrigger(every=Every.WEEK, day=6, workday=True)
    days = [date(2026, 12, 20) + timedelta(days=offset) for offset in range(760)]
    due = [nominal for day in days for nominal in nominal_days(trigger, day, work)]
    assert len(due) == len(set(due))
    assert [day for day in days[:740] if day.isoweekday() == 6 and day not in due] == []


# --- personal days ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("reckoning", "born"), [("full", 1967), ("nominal", 1968)])
def test_a_sixtieth_birthday_is_marked_by_the_reckoning_of_the_campaign(
    town: Town, reckoning: str, born: int
) -> None:
    years = {}
    for year in (1966, 1967, 1968, 1969, None):
        customer = town.customer(birthday=("solar", 3, 1))
        years[customer.id] = year
        with town.context.db.write() as session:
            row = session.query(PersonalDate).filter_by(customer_id=customer.id).one()
            key = customer_keys(session, town.context.vault, [customer.id])[customer.id]
            if year is not None:
                row.year = key.seal(place("personal_dates", "year", row.id), str(year).encode())
    town.go_live(
        greeting(f"{{type: personal_date, kind: birthday, milestones: [60], reckoning: {reckoning}}}")
    )
    (report,) = town.plan(date(2027, 3, 1))
    assert {years[customer] for customer in _met(town)} == {born}  # type: ignore[index]
    assert report["audience"] == report["scheduled"] == 1


def test_a_year_that_never_had_the_day_stops_nobody_elses_birthday(town: Town) -> None:
    for year in (1987, 1967):
        customer = town.customer(birthday=("lunar", 11, 30))
        with town.context.db.write() as session:
            row = session.query(PersonalDate).filter_by(customer_id=customer.id).one()
            key = customer_keys(session, town.context.vault, [customer.id])[customer.id]
            row.year = key.seal(place("personal_dates", "year", row.id), str(year).encode())
    town.go_live(greeting("{type: personal_date, kind: birthday, milestones: [60]}"))
    assert town.plan(date(2027, 12, 1), date(2028, 1, 10)) is not None


# --- at once ----------------------------------------------------------------------------------------------------------

PROGRESS = """
key: progress
name: {zh-CN: 进度, en: Progress}
purpose: service
trigger: {type: business_event, event: loan_progress, at_once: true}
template: loan_progress
channels: [sms]
approval: none
until: "20:00"
valid_days: 1
plan_ahead_workdays: 0
"""


@pytest.mark.parametrize(
    ("heard", "leaves"),
    [
        (datetime(2027, 3, 1, 14, 20, tzinfo=SHANGHAI), datetime(2027, 3, 1, 14, 20, tzinfo=SHANGHAI)),
        (datetime(2027, 3, 1, 23, tzinfo=SHANGHAI), datetime(2027, 3, 2, 7, tzinfo=SHANGHAI)),
        (datetime(2027, 3, 1, 5, tzinfo=SHANGHAI), datetime(2027, 3, 1, 7, tzinfo=SHANGHAI)),
    ],
    ids=["by day", "at night", "before dawn"],
)
def test_a_progress_notice_leaves_as_soon_as_it_may(town: Town, heard: datetime, leaves: datetime) -> None:
    town.go_live(PROGRESS)
    customer = town.customer()
    town.clock.move_to(heard)
    town.tell("loan_progress", customer, details={"step": "资料已收齐", "next": "三日内告知"})
    town.planner.plan_horizon()
    (notice,) = town.messages()
    assert (notice.status, notice.due_at) == ("scheduled", leaves), notice.reason
    town.clock.move_to(leaves)
    assert town.dispatch() == 1


def test_each_step_of_a_loan_is_told_once(town: Town) -> None:
    town.go_live(PROGRESS)
    customer = town.customer()
    town.at(date(2027, 3, 1), 10)
    for step in ("1", "1", "2"):
        town.tell("loan_progress", customer, source_id=f"L-{step}", details={"step": "资料已收齐"})
        town.planner.plan_horizon()
    assert len(town.messages()) == 2


# --- festivals --------------------------------------------------------------------------------------------------------


def test_little_new_year_is_greeted_on_the_day_the_customers_region_keeps(town: Town) -> None:
    town.set_calendar(
        "source: 习俗\ncustoms:\n- {festival: xiaonian, variant: north}\n- {festival: xiaonian, variant: south, org: YC}\n"
    )
    north, south = town.customer(), town.customer(org=town.tree.other_branch)
    town.go_live(greeting("{type: festival, festival: xiaonian}"))
    town.plan(date(2027, 12, 1), date(2028, 2, 1))
    days = {one.customer_id: one.planned_for for one in town.messages()}
    assert days == {north.id: date(2028, 1, 19), south.id: date(2028, 1, 20)}  # 腊月廿三, 廿四


def test_a_chosen_festival_greets_only_who_chose_it(town: Town) -> None:
    town.set_calendar("source: 运营\nfestivals:\n- {key: losar, days: [2027-02-07]}\n")
    chose, _ = town.customer(name="扎西", festivals=["losar"]), town.customer(name="卓玛")
    text = greeting("{type: festival, festival: losar}").replace(
        "template: birthday", "template: regional_festival"
    )
    town.go_live(text)
    town.plan(date(2027, 2, 1), date(2027, 2, 10))
    assert _met(town) == {chose.id}


# --- shares and limits ------------------------------------------------------------------------------------------------


def test_a_holdout_is_the_same_people_every_time_and_never_a_vip(town: Town) -> None:
    plain = [town.customer(ref=f"H-{number}") for number in range(40)]
    vips = [town.customer(tier="VIP") for _ in range(10)]
    town.go_live(greeting("{type: once, on: 2027-03-01}", "holdout: 50"))
    town.plan(date(2027, 3, 1))
    out = {one.customer_id for one in town.messages() if one.reason == "holdout"}
    assert 5 < len(out) < 35
    assert not out & {one.id for one in vips}
    for one in plain:
        assert (one.id in out) == (
            one.id in {m.customer_id for m in town.messages() if m.status == "skipped"}
        )
    town.plan(date(2027, 3, 1))
    assert out == {one.customer_id for one in town.messages() if one.reason == "holdout"}


def test_the_other_words_go_to_a_stable_share(town: Town) -> None:
    for _ in range(40):
        town.customer()
    steps = "steps: [{key: words, template: birthday, alternative: {template: spring_festival, percent: 50}}]"
    town.go_live(
        greeting("{type: festival, festival: dragon_boat}", steps).replace("template: birthday\n", "", 1)
    )
    town.plan(date(2027, 6, 9))
    before = {one.customer_id: one.template_version_id for one in town.messages()}
    assert len(set(before.values())) == 2
    town.plan(date(2027, 6, 9))
    assert before == {one.customer_id: one.template_version_id for one in town.messages()}


def test_a_campaign_says_no_more_than_its_limit_a_day(town: Town) -> None:
    for _ in range(12):
        town.customer()
    town.go_live(greeting("{type: once, on: 2027-03-01}", "limits: {messages_a_day: 5}"))
    for _ in range(2):
        (report,) = town.plan(date(2027, 3, 1))
        assert report["scheduled"] == 5
        assert report["skipped"] == {"campaign_limit": 7}


def test_later_waves_are_planned_and_wait_under_their_key(town: Town) -> None:
    for _ in range(60):
        town.customer()
    town.go_live(
        greeting(
            "{type: once, on: 2027-03-01}",
            "waves: {percents: [20, 50], observe_minutes: 60}\nlimits: {failure_percent: 5}",
        )
    )
    town.plan(date(2027, 3, 1))
    found = town.messages()
    assert {one.wave for one in found} == {0, 1, 2}
    for one in found:
        expected = f"wave:{one.occurrence_id}:{one.wave}" if one.wave else None
        assert one.hold_key == expected
    town.at(date(2027, 3, 1), 12)
    assert town.dispatch() == sum(one.wave == 0 for one in found)


# --- late -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "ends"),
    [
        ("skip", ("skipped", "too_late")),
        ("{policy: send_late, days: 3}", ("scheduled", None)),
        ("{policy: ask_again, days: 3}", ("proposed", None)),
    ],
)
def test_a_birthday_missed_while_the_service_was_down_follows_the_late_policy(
    town: Town, policy: str, ends: tuple[str, str | None]
) -> None:
    town.go_live(greeting("{type: personal_date, kind: birthday}", f"late: {policy}"))
    town.at(date(2027, 2, 9), 9)
    town.planner.plan_horizon()  # it was up on the ninth
    town.customer(birthday=("solar", 2, 10))
    town.at(date(2027, 2, 12), 9)
    town.planner.plan_horizon()
    found = [one for one in town.messages() if one.planned_for == date(2027, 2, 10)]
    assert [(one.status, one.reason) for one in found] == [ends]
    town.planner.plan_horizon()
    assert len(town.messages()) == 1
