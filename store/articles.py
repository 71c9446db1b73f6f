"""Articles in the store."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models.campaigns import Article
from wenhou.core.ids import new_id


def find_article(session: Session, key: str) -> Article | None:
    """An article by its key."""
    return session.scalar(select(Article).where(Article.key == key))


def save_article(
    session: Session, key: str, values: Mapping[str, Any], *, at: datetime
) -> tuple[str, uuid.UUID]:
    """(`created` | `changed` | `unchanged`, id). `values`: columns by name. A change makes it a draft again."""
    found = find_article(session, key)
    if found is None:
        found = Article(id=new_id(), key=key, state="draft", created_at=at, updated_at=at, **values)
        session.add(found)
        session.flush()
        return "created", found.id
    if all(getattr(found, name) == value for name, value in values.items()):
        return "unchanged", found.id
    for name, value in values.items():
        setattr(found, name, value)
    found.state, found.updated_at, found.reviewed_at, found.reviewer_id = "draft", at, None, None
    return "changed", found.id
