"""Policy news and know-how: taken in from a file, reviewed by compliance, withdrawn with whatever waits."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from store.articles import find_article, save_article
from store.audit import record
from store.events import waiting_messages_of
from store.transitions import Change, change_status
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.statuses import Event, Status
from wenhou.services.context import Context
from wenhou.services.text_files import read_text

_REQUIRED = ("key", "title", "summary", "body", "topics", "source", "effective_on")
_FIELDS = (*_REQUIRED, "source_url", "expires_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleDraft:
    """An article as written: not in force before compliance has reviewed it."""

    key: str
    title: str
    summary: str
    body: str
    topics: tuple[str, ...]
    source: str
    effective_on: date
    expires_on: date | None = None
    source_url: str | None = None


def read_article(path: Path) -> ArticleDraft:
    """An article's YAML file; InputError names what is wrong."""
    try:
        document: Any = YAML(typ="safe", pure=True).load(read_text(path))
    except YAMLError as error:
        raise InputError(f"{path}: no valid YAML") from error
    if not isinstance(document, dict):
        raise InputError(f"{path}: start with `key:` and `title:`")
    missing = [name for name in _REQUIRED if not document.get(name)]
    unknown = [str(name) for name in document if name not in _FIELDS]
    if missing or unknown:
        raise InputError(
            f"{path}: missing {', '.join(missing) or 'nothing'}; unknown {', '.join(unknown) or 'nothing'}"
        )
    for name in ("effective_on", "expires_on"):
        if document.get(name) is not None and not isinstance(document[name], date):
            raise InputError(f"{path}: {name} is a date like 2027-02-01, not {document[name]!r}")
    if not isinstance(document["topics"], list):
        raise InputError(f"{path}: topics is a list, e.g. [养老, 存款]")
    return ArticleDraft(**{**document, "topics": tuple(str(topic) for topic in document["topics"])})


def write_article(context: Context, actor: Actor, draft: ArticleDraft) -> str:
    """Save a draft, `created` or `changed`; a reviewed article that changes needs a new review."""
    if actor.kind != "system" and not actor.has(Role.OPERATIONS, Role.COMPLIANCE):
        raise AccessDenied("only operations or compliance writes articles")
    with context.db.write() as session:
        values = {**asdict(draft), "topics": list(draft.topics)}
        key = str(values.pop("key"))
        outcome, article_id = save_article(session, key, values, at=context.clock.now())
        if outcome != "unchanged":
            record(
                session,
                context.clock.now(),
                actor,
                "article.write",
                "article",
                article_id,
                {"key": draft.key},
            )
        return outcome


def review_article(context: Context, actor: Actor, key: str) -> None:
    """Compliance agrees: from now on, and from its effective day, the article may be told."""
    if not actor.has(Role.COMPLIANCE):
        raise AccessDenied("only compliance reviews articles")
    with context.db.write() as session:
        article = find_article(session, key)
        if article is None:
            raise InputError(f"there is no article {key}")
        if article.state != "draft":
            raise Refused(f"article {key} is {article.state}; only a draft is reviewed")
        article.state, article.reviewer_id = "approved", actor.user_id
        article.reviewed_at = article.updated_at = context.clock.now()
        record(session, context.clock.now(), actor, "article.review", "article", article.id, {"key": key})
    context.submit("planning")


def withdraw_article(context: Context, actor: Actor, key: str) -> int:
    """Take an article back: what has not left is cancelled at once; returns how many messages."""
    if not actor.has(Role.COMPLIANCE, Role.OPERATIONS):
        raise AccessDenied("only operations or compliance withdraws articles")
    now = context.clock.now()
    with context.db.write() as session:
        article = find_article(session, key)
        if article is None:
            raise InputError(f"there is no article {key}")
        article.state, article.updated_at = "withdrawn", now
        changes = [
            Change(
                message_id=message_id,
                was=Status(status),
                event=Event.CANCEL,
                actor=actor.label,
                reason="article_withdrawn",
                requires={"claim_until": None},
            )
            for message_id, status in waiting_messages_of(session, article.id)
        ]
        gone = change_status(session, changes, now)
        record(
            session,
            now,
            actor,
            "article.withdraw",
            "article",
            article.id,
            {"key": key, "messages": len(gone)},
        )
        return len(gone)
