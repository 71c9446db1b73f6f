"""Policy news and know-how: taken in from a file, reviewed by compliance, withdrawn with whatever waits.

An article that supersedes another ends it on the day it comes into force itself. What waits of an article that ends or
changes is cancelled in the same transaction, also what a worker has claimed; the gates look again at hand-over
(`store.articles.stopped_articles`).
"""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from store import articles as store_articles
from store.articles import Reader, find_article, readers_of, save_article
from store.audit import record
from store.database import Session
from store.events import free_keys, waiting_messages_of
from store.models.campaigns import Article
from store.transitions import Change, change_status
from templates.compliance.levels import Level
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.statuses import Event, Status
from wenhou.services.context import Context
from wenhou.services.text_files import read_text
from wenhou.services.word_rules import word_rules
from wenhou.services.yaml_reading import YamlReader, load_documents

_REASON = "article_withdrawn"
_REQUIRED = ("key", "title", "summary", "body", "topics", "source", "effective_on")
_FIELDS = (*_REQUIRED, "source_url", "expires_on", "supersedes")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleDraft:
    """An article as written: not in force before compliance has reviewed it. `supersedes`: the key of an older one."""

    key: str
    title: str
    summary: str
    body: str
    topics: tuple[str, ...]
    source: str
    effective_on: date
    expires_on: date | None = None
    source_url: str | None = None
    supersedes: str | None = None


def read_article(path: Path) -> ArticleDraft:
    """An article's YAML file; InputError names line, what was expected and the nearest legal word."""
    reader = YamlReader(str(path))
    documents = load_documents(read_text(path), str(path))
    if len(documents) != 1 or not isinstance(documents[0], dict):
        raise InputError(f"{path}: start with `key:` and `title:`; one article a file")
    document: dict[str, Any] = documents[0]
    for name in document:
        if name not in _FIELDS:
            reader.fail(document, name, f"no such field; {reader.not_known(name, _FIELDS)}")
    missing = [name for name in _REQUIRED if not document.get(name)]
    if missing:
        reader.fail(document, None, f"missing {', '.join(missing)}")
    for name in ("effective_on", "expires_on"):
        if document.get(name) is not None and not isinstance(document[name], date):
            reader.fail(document, name, f"{name} is a date like 2027-02-01, not {document[name]!r}")
    if not isinstance(document["topics"], list):
        reader.fail(document, "topics", "topics is a list, e.g. [养老, 存款]")
    given: dict[str, Any] = {
        name: str(value) if isinstance(value, str) else value for name, value in document.items()
    }
    given["topics"] = tuple(str(topic) for topic in document["topics"])
    return ArticleDraft(**given)


def write_article(context: Context, actor: Actor, draft: ArticleDraft) -> str:
    """Save a draft, `created` or `changed`; a reviewed article that changes stops and needs a new review."""
    if actor.kind != "system" and not actor.has(Role.OPERATIONS, Role.COMPLIANCE):
        raise AccessDenied("only operations or compliance writes articles")
    now = context.clock.now()
    with context.db.write() as session:
        values = {**asdict(draft), "topics": list(draft.topics)}
        key = str(values.pop("key"))
        values["supersedes_id"] = _older(session, key, values.pop("supersedes"))
        outcome, article_id = save_article(session, key, values, at=now)
        if outcome == "changed":
            _stop(session, actor, article_id, now)
            free_keys(session, article_id, (_REASON,))
        if outcome != "unchanged":
            record(session, now, actor, "article.write", "article", article_id, {"key": draft.key})
        return outcome


def review_article(context: Context, actor: Actor, key: str) -> int:
    """Compliance agrees: from its effective day the article may be told, and the one it supersedes no more.

    Returns how many waiting messages of the older one were cancelled. One that only comes into force later leaves the
    older one in force until the day before.
    """
    if not actor.has(Role.COMPLIANCE):
        raise AccessDenied("only compliance reviews articles")
    now = context.clock.now()
    with context.db.write() as session:
        article = _get(session, key)
        if article.state != "draft":
            raise Refused(f"article {key} is {article.state}; only a draft is reviewed")
        _refuse_blocked(session, context, article, now.astimezone(context.bank.zone).date())
        article.state, article.reviewer_id = "approved", actor.user_id
        article.reviewed_at = article.updated_at = now
        stopped = _supersede(session, actor, article, now, now.astimezone(context.bank.zone).date())
        details = {"key": key, "stopped": stopped}
        record(session, now, actor, "article.review", "article", article.id, details)
    context.submit("planning")
    return stopped


def withdraw_article(context: Context, actor: Actor, key: str) -> int:
    """Take an article back: what has not left is cancelled at once; returns how many messages."""
    if not actor.has(Role.COMPLIANCE, Role.OPERATIONS):
        raise AccessDenied("only operations or compliance withdraws articles")
    now = context.clock.now()
    with context.db.write() as session:
        article = _get(session, key)
        article.state, article.updated_at = "withdrawn", now
        gone = _stop(session, actor, article.id, now)
        details = {"key": key, "messages": gone}
        record(session, now, actor, "article.withdraw", "article", article.id, details)
        return gone


def list_readers(context: Context, actor: Actor, key: str) -> list[Reader]:
    """Who got an article, in the actor's sight: those to be told when it was wrong. InputError where there is none."""
    if not actor.has(Role.COMPLIANCE, Role.OPERATIONS):
        raise AccessDenied("only operations or compliance sees who got an article")
    with context.db.read() as session:
        return readers_of(session, actor, _get(session, key).id)


def list_all(context: Context) -> list[dict[str, Any]]:
    """Every article with its state and days."""
    with context.db.read() as session:
        rows = store_articles.list_articles(session)
        older = store_articles.keys_of(session, [row.supersedes_id for row in rows if row.supersedes_id])
        return [
            {
                "key": row.key,
                "title": row.title,
                "state": row.state,
                "effective_on": row.effective_on,
                "expires_on": row.expires_on,
                "supersedes": older.get(row.supersedes_id) if row.supersedes_id else None,
            }
            for row in rows
        ]


def _refuse_blocked(session: Session, context: Context, article: Article, day: date) -> None:
    hits = word_rules(session, context.bank, day).judge_article(article.title, article.summary, article.body)
    stops = [one for one in hits if one.level is Level.BLOCK]
    if stops:
        said = "; ".join(f"{one.rule} “{one.found}”: {one.sentence_zh} {one.sentence_en}" for one in stops)
        raise Refused(f"article {article.key} breaks the compliance rules: {said}")


def _supersede(session: Session, actor: Actor, article: Article, now: datetime, today: date) -> int:
    older = session.get(Article, article.supersedes_id) if article.supersedes_id else None
    if older is None or older.state not in ("draft", "approved"):
        return 0
    older.updated_at = now
    if article.effective_on > today:
        last = article.effective_on - timedelta(days=1)
        older.expires_on = min(older.expires_on or last, last)
        return 0
    older.state = "superseded"
    record(session, now, actor, "article.supersede", "article", older.id, {"by": article.key})
    return _stop(session, actor, older.id, now)


def _stop(session: Session, actor: Actor, article_id: uuid.UUID, now: datetime) -> int:
    changes = [
        Change(
            message_id=message_id, was=Status(status), event=Event.CANCEL, actor=actor.label, reason=_REASON
        )
        for message_id, status in waiting_messages_of(session, article_id)
    ]
    return len(change_status(session, changes, now))


def _older(session: Session, key: str, supersedes: str | None) -> uuid.UUID | None:
    if supersedes is None:
        return None
    older = _get(session, str(supersedes))
    if older.key == key:
        raise InputError(f"article {key} cannot supersede itself")
    return older.id


def _get(session: Session, key: str) -> Article:
    article = find_article(session, key)
    if article is None:
        raise InputError(f"there is no article {key}")
    return article
