"""The desk goes by the calendar in force: an operator's corrections, a region's own days, days of mourning."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from textwrap import dedent

import pytest

from store.models.messages import Message
from tests.integration.approvals.conftest import Branch
from wenhou.core.actors import SYSTEM
from wenhou.core.errors import Refused
from wenhou.services import approvals, queue_items, today
from wenhou.services.approvals import Edit
from wenhou.services.calendars import apply_calendar
from wenhou.services.context import Context
from wenhou.services.mourning import start_mourning

Propose = Callable[..., Message]
JOYFUL = {"sms": Edit(text="王女士，节日快乐，恭喜发财！")}


def _enter(context: Context, text: str) -> None:
    apply_calendar(context, SYSTEM, dedent(text), "calendar.yaml")


def _words(context: Context, branch: Branch) -> tuple[str, str]:
    (row,) = queue_items.list_rows(context, branch.actors["advisor"]).rows
    return row.occasion, row.occasion_en


def test_a_corrected_festival_stands_on_its_new_day_on_the_first_page_and_in_the_queue(
    context: Context, branch: Branch, propose: Propose
) -> None:
    message = propose()
    with context.db.write() as session:
        row = session.get_one(Message, message.id)
        row.planned_for, row.dedupe_key = date(2027, 2, 3), "lantern:2027/1"
    assert _words(context, branch) == ("2月3日", "3 Feb")

    _enter(
        context,
        "source: 行内认定\ncorrections: [{festival: lantern, year: 2027, on: 2027-02-03, source: 行内认定}]",
    )

    assert _words(context, branch) == ("元宵节 → 2月3日", "Lantern Festival → 3 Feb")
    found = today.read_today(context, branch.actors["advisor"]).festivals
    assert (4, "lantern") in [(ahead, festival.key) for ahead, festival in found]


def test_a_festival_only_some_chose_is_not_named_beside_other_words(
    context: Context, branch: Branch, propose: Propose
) -> None:
    message = propose()
    with context.db.write() as session:
        row = session.get_one(Message, message.id)
        row.planned_for, row.dedupe_key = date(2027, 2, 3), "policy_news:1/1"
    _enter(context, "source: 行内认定\nfestivals: [{key: losar, days: [2027-02-03]}]")

    assert _words(context, branch)[0] == "2月3日"
    with context.db.write() as session:
        session.get_one(Message, message.id).dedupe_key = "losar:2027/1"
    assert _words(context, branch)[0].endswith("→ 2月3日")
    assert _words(context, branch)[0] != "2月3日"


def test_joyful_words_are_refused_for_a_day_of_mourning_where_the_customer_is(
    context: Context, branch: Branch, propose: Propose
) -> None:
    message = propose()
    day = message.planned_for
    start_mourning(
        context,
        SYSTEM,
        org=branch.tree.other_branch.code,
        days=(day, day + timedelta(days=1)),
        reason="公祭",
    )
    seen = approvals.edit(
        context, branch.actors["advisor"], message.id, JOYFUL, bytes(message.content_hash or b"")
    )
    start_mourning(
        context, SYSTEM, org=branch.tree.branch.code, days=(day, day + timedelta(days=1)), reason="公祭"
    )

    with pytest.raises(Refused) as caught:
        approvals.edit(context, branch.actors["advisor"], message.id, JOYFUL, seen)
    assert caught.value.code == "content_blocked"
