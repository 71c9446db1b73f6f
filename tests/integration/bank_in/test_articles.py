"""An article withdrawn or superseded stops what has not left, and says who got it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select, update

from store.articles import stopped_articles
from store.models.campaigns import Article
from store.models.messages import Message
from store.transitions import Change, change_status
from tests import factories
from tests.integration.bank_in.conftest import Branch, status_of
from wenhou.core.clock import ShiftedClock
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.statuses import Event, Status
from wenhou.services.articles import (
    ArticleDraft,
    list_readers,
    review_article,
    withdraw_article,
    write_article,
)
from wenhou.services.context import Context

TODAY = date(2027, 1, 30)
Tells = Callable[..., Message]


def _draft(key: str, **facts: object) -> ArticleDraft:
    values: dict[str, object] = {
        "key": key,
        "title": "新规",
        "summary": "摘要",
        "body": "正文",
        "topics": ("养老",),
        "source": "人行",
        "effective_on": TODAY,
    }
    return ArticleDraft(**{**values, **facts})  # type: ignore[arg-type]


def _publish(context: Context, branch: Branch, draft: ArticleDraft) -> int:
    write_article(context, branch.actors["operations"], draft)
    return review_article(context, branch.actors["compliance"], draft.key)


@pytest.fixture
def tells(context: Context, branch: Branch) -> Tells:
    """A message that tells C-1 of an article; in a status."""

    def _tells(key: str, status: Status = Status.SCHEDULED) -> Message:
        with context.db.write() as session:
            article = session.scalars(select(Article).where(Article.key == key)).one()
            campaign = factories.make_campaign(session, key=f"news_{key}", purpose="information")
            made = factories.make_message(session, context.vault, branch.customer, campaign, status=status)
            session.execute(update(Message).where(Message.id == made.id).values(origin_id=article.id))
            return made

    return _tells


def _stopped(context: Context, on: date = TODAY) -> set[str]:
    with context.db.read() as session:
        rows = {row.id: row.key for row in session.scalars(select(Article))}
        return {rows[one] for one in stopped_articles(session, list(rows), on)}


def test_a_withdrawn_article_stops_what_waits_claimed_or_not(
    context: Context, branch: Branch, tells: Tells
) -> None:
    _publish(context, branch, _draft("a"))
    waiting, claimed = tells("a"), None
    with context.db.write() as session:
        campaign = factories.make_campaign(session, key="more", purpose="information")
        claimed = factories.make_message(
            session, context.vault, branch.customer, campaign, status=Status.SCHEDULED
        )
        row = session.get_one(Message, claimed.id)
        row.origin_id = session.scalars(select(Article.id)).one()
        row.claim_owner, row.claim_until = "worker", factories.AT
    assert withdraw_article(context, branch.actors["compliance"], "a") == 2
    assert status_of(context, waiting) == (Status.CANCELLED, "article_withdrawn")
    assert status_of(context, claimed) == (Status.CANCELLED, "article_withdrawn")
    assert _stopped(context) == {"a"}


def test_an_article_that_supersedes_another_stops_it_when_it_is_reviewed(
    context: Context, branch: Branch, tells: Tells
) -> None:
    _publish(context, branch, _draft("old"))
    message = tells("old")
    assert _stopped(context) == set()
    assert _publish(context, branch, _draft("new", supersedes="old")) == 1
    assert status_of(context, message) == (Status.CANCELLED, "article_withdrawn")
    assert _stopped(context) == {"old"}


def test_one_that_comes_into_force_later_leaves_the_older_until_the_day_before(
    context: Context, branch: Branch, tells: Tells
) -> None:
    _publish(context, branch, _draft("old"))
    message = tells("old")
    assert _publish(context, branch, _draft("new", supersedes="old", effective_on=date(2027, 2, 10))) == 0
    assert status_of(context, message)[0] == Status.SCHEDULED
    assert _stopped(context, date(2027, 2, 9)) == {"new"}
    assert _stopped(context, date(2027, 2, 10)) == {"old"}


def test_a_reviewed_article_that_changes_stops_and_may_be_told_anew_after_review(
    context: Context, branch: Branch, tells: Tells, clock: ShiftedClock
) -> None:
    _publish(context, branch, _draft("a"))
    message = tells("a")
    write_article(context, branch.actors["operations"], _draft("a", body="改了"))
    assert status_of(context, message) == (Status.CANCELLED, "article_withdrawn")
    with context.db.read() as session:
        assert session.get_one(Message, message.id).dedupe_key != message.dedupe_key


def test_those_who_got_the_old_one_are_listed(context: Context, branch: Branch, tells: Tells) -> None:
    _publish(context, branch, _draft("a"))
    message = tells("a", Status.SCHEDULED)
    now = context.clock.now()
    with context.db.write() as session:
        for was, event in ((Status.SCHEDULED, Event.START), (Status.SENDING, Event.ACCEPT)):
            change = Change(message_id=message.id, was=was, event=event, actor="system")
            assert change_status(session, [change], now)
    withdraw_article(context, branch.actors["compliance"], "a")
    (reader,) = list_readers(context, branch.actors["compliance"], "a")
    assert (reader.customer_ref, reader.status, reader.sent_at) == ("C-1", "sent", now)
    with pytest.raises(AccessDenied):
        list_readers(context, branch.actors["advisor"], "a")


def test_an_article_supersedes_only_one_that_is_there_and_not_itself(
    context: Context, branch: Branch
) -> None:
    with pytest.raises(InputError, match="there is no article old"):
        write_article(context, branch.actors["operations"], _draft("new", supersedes="old"))
    write_article(context, branch.actors["operations"], _draft("new"))
    with pytest.raises(InputError, match="itself"):
        write_article(context, branch.actors["operations"], _draft("new", supersedes="new"))


@pytest.mark.parametrize("part", ["title", "summary", "body"])
def test_an_article_that_a_rule_stops_passes_no_review(context: Context, branch: Branch, part: str) -> None:
    with pytest.raises(Refused, match="保本"):
        _publish(context, branch, _draft("A", **{part: "本行新产品保本保收益"}))

    with context.db.read() as session:
        article = session.scalars(select(Article).where(Article.key == "A")).one()
    assert (article.state, article.reviewer_id) == ("draft", None)
