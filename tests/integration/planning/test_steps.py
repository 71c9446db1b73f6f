"""Later steps of a campaign: how long they wait, what for, asked when they are planned and again at hand-over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from store.models.campaigns import Article
from store.models.customers import Customer
from store.models.messages import Message
from tests.integration.planning.town import Town
from wenhou.core.statuses import Status
from wenhou.services.explain_why import explain

MONDAY = date(2027, 3, 1)
ASK = """
key: visit
name: {zh-CN: 到访回访, en: After a visit}
purpose: service
trigger: {type: business_event, event: branch_visit, workdays_after: 0}
channels: [sms]
approval: none
steps:
  - {key: ask, template: callback_branch_visit, send_at: "10:00", until: "19:00", asks: csat}
  - {key: remind, template: callback_branch_visit, after: ask, wait: WAIT, when: [WHEN], send_at: "10:00", until: "19:00"}
late: {policy: send_late, days: 1}
"""
NOT_MET, UNKNOWN = ("skipped", "condition_not_met"), ("skipped", "condition_unknown")


def _ask(
    town: Town, when: str, *, wait: str = "3d", day: date = MONDAY, channels: str = "sms"
) -> tuple[Customer, Message]:
    """A customer who visited on Monday and was asked at ten."""
    town.go_live(ASK.replace("WAIT", wait).replace("WHEN", when).replace("[sms]", f"[{channels}]"))
    customer = town.customer()
    town.at(day)
    town.tell("branch_visit", customer, org="WH0101")
    town.plan(day)
    town.at(day, 10)
    assert town.dispatch() == 1
    (asked,) = town.messages()
    return customer, asked


def _remind(town: Town, day: date = MONDAY + timedelta(days=3)) -> tuple[str, str | None]:
    """What becomes of the reminder that falls on a day."""
    town.at(day)
    town.plan(day)
    town.at(day, 10)
    town.dispatch()
    (standing,) = town.standing(step=2)
    return standing


def test_a_reminder_comes_three_days_later_when_there_was_no_reply(town: Town) -> None:
    customer, _ = _ask(town, "not: {replied: ask}")
    for day in (1, 2):
        assert town.plan(MONDAY + timedelta(days=day)) == []
    assert _remind(town) == ("sent", None)
    assert town.plan(MONDAY + timedelta(days=4)) == []
    event = f"visit|event:core:branch_visit-{customer.external_ref}"
    assert [one.dedupe_key for one in town.messages()] == [f"{event}/1", f"{event}/2"]


def test_a_reminder_knows_what_the_first_message_spoke_of(town: Town) -> None:
    _ask(town, "not: {replied: ask}")
    _remind(town)
    first, reminder = town.messages()
    assert "3月1日" in town.words(reminder)
    assert "江汉路网点" in town.words(reminder)
    assert reminder.origin_id == first.origin_id


@pytest.mark.parametrize("is_automatic", [False, True], ids=["person", "machine"])
def test_who_answered_is_not_reminded_and_a_machine_answers_for_nobody(
    town: Town, *, is_automatic: bool
) -> None:
    customer, _ = _ask(town, "not: {replied: ask}")
    town.at(MONDAY, 11)
    town.reply(customer, is_automatic=is_automatic)
    assert _remind(town) == (("sent", None) if is_automatic else NOT_MET)


def test_an_answer_after_planning_is_heard_at_hand_over(town: Town) -> None:
    _, asked = _ask(town, "not: {rated: ask}")
    day = MONDAY + timedelta(days=3)
    town.at(day)
    town.plan(day)
    assert town.standing(step=2) == [("scheduled", None)]
    town.rate(asked, 5)
    town.at(day, 10)
    assert town.dispatch() == 0
    assert town.standing(step=2) == [NOT_MET]


@pytest.mark.parametrize(("score", "ends"), [(2, ("sent", None)), (3, NOT_MET)])
def test_a_low_rating_alone_starts_the_next_step(
    town: Town, score: int, ends: tuple[str, str | None]
) -> None:
    _, asked = _ask(town, "rated_at_most: 2")
    town.rate(asked, score)
    assert _remind(town) == ends


@pytest.mark.parametrize(
    ("seen", "ends"),
    [(Status.DELIVERED, NOT_MET), (Status.UNDELIVERED, ("sent", None)), (Status.UNKNOWN, UNKNOWN)],
)
def test_delivery_is_what_the_receipt_says(town: Town, seen: Status, ends: tuple[str, str | None]) -> None:
    _, asked = _ask(town, "not: delivered")
    town.mark(seen, asked)
    assert _remind(town) == ends


@pytest.mark.parametrize("when", ["read", "not: read"])
def test_what_a_line_cannot_tell_is_unknown_and_never_guessed(town: Town, when: str) -> None:
    customer, _ = _ask(town, when, channels="wechat, sms")
    assert _remind(town) == UNKNOWN
    told = explain(town.context, town.actors["operations"], customer.external_ref, "visit", date(2027, 3, 4))
    said = [gate["sentence"] for gate in told.as_json()["gates"] if gate["verdict"] != "pass"]
    assert len(said) == 1
    assert "已读" in said[0]


def test_a_line_without_a_return_path_hears_no_reply(town: Town) -> None:
    town.sender.capabilities = replace(town.sender.capabilities, hears_replies=False)
    _ask(town, "not: {replied: ask}")
    assert _remind(town) == UNKNOWN


def test_nobody_is_reminded_of_what_never_left(town: Town) -> None:
    town.go_live(ASK.replace("WAIT", "3d").replace("WHEN", "not: {replied: ask}"))
    town.at(MONDAY)
    town.tell("branch_visit", town.customer(), org="WH0101")
    town.plan(MONDAY)
    assert town.plan(MONDAY + timedelta(days=3)) == []


@pytest.mark.parametrize(
    ("calendar", "falls"),
    [
        ("source: 空\n", date(2027, 3, 9)),
        ("source: 调休\nworkdays:\n- {year: 2027, work: [2027-03-06]}\n", date(2027, 3, 8)),
        ("source: 放假\nworkdays:\n- {year: 2027, off: [2027-03-05, 2027-03-08]}\n", date(2027, 3, 11)),
    ],
    ids=["weekend", "worked Saturday", "days off"],
)
def test_waits_are_counted_in_workdays_of_the_calendar_in_force(
    town: Town, calendar: str, falls: date
) -> None:
    town.set_calendar(calendar)
    thursday = date(2027, 3, 4)
    _ask(town, "not: {replied: ask}", wait="3 workdays", day=thursday)
    day = thursday
    while day < date(2027, 3, 13):
        day += timedelta(days=1)
        town.at(day)
        town.plan(day)
        town.at(day, 10)
        town.dispatch()
    assert [(one.planned_for, one.status) for one in town.messages(step=2)] == [(falls, "sent")]


def test_nothing_follows_an_event_that_was_cancelled_after_the_first_message(town: Town) -> None:
    customer, _ = _ask(town, "not: {replied: ask}")
    town.tell("branch_visit", customer, org="WH0101", cancelled=True)
    assert town.plan(MONDAY + timedelta(days=3)) == []


def test_the_counts_of_a_step_add_up_and_planning_it_again_adds_nothing(town: Town) -> None:
    _ask(town, "not: {replied: ask}")
    day = MONDAY + timedelta(days=3)
    town.at(day)
    (first,) = town.plan(day)
    (second,) = town.plan(day)
    assert (first["audience"], first["scheduled"], first["new"], first["step"]) == (1, 1, 1, "remind")
    assert second == first | {"new": 0}


def test_two_articles_of_a_day_are_each_followed_by_their_own_words(town: Town) -> None:
    first = '{key: news, template: policy_news, send_at: "10:00", until: "19:00"}'
    again = '{key: again, template: policy_news, after: news, wait: 8d, send_at: "10:00", until: "19:00"}'
    town.go_live(
        "key: news\nname: {zh-CN: 资讯, en: News}\npurpose: information\ntrigger: {type: article}\n"
        f"channels: [sms]\napproval: advisor\nsteps: [{first}, {again}]\n"
    )
    town.set_policy(caps=[{"purposes": ["information"], "days": 1, "most": 9}])
    told = {town.customer(name=name).id: topic for name, topic in (("王芳", "养老"), ("李静", "存款"))}
    now = town.clock.now()
    with town.context.db.write() as session:
        for customer_id, topic in told.items():
            session.get_one(Customer, customer_id).interests = [topic]
            session.add(
                Article(
                    key=topic, title=f"{topic}新规", summary="全国适用。", body="…", topics=[topic], source="公告",
                    state="approved", effective_on=MONDAY, created_at=now, updated_at=now,
                )
            )  # fmt: skip
    town.at(MONDAY)
    town.plan(MONDAY)
    town.at(MONDAY, 10)
    town.mark(Status.SENT, *town.messages())
    day = MONDAY + timedelta(days=8)
    town.at(day)
    reports = town.plan(day)
    assert sum(one["audience"] for one in reports) == 2
    for one in town.messages(step=2):
        assert told[one.customer_id] in town.words(one)
    assert len(town.messages(step=2)) == 2
