"""What customers and providers tell us: raw callbacks, conversations, feedback, cases, and the tasks they make."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import BY_ID_MONTH, Base, Code, Key, one_of


class Callback(Base):
    """One raw provider item, verified and sealed with the system key, stored before it is acknowledged."""

    __tablename__ = "callbacks"
    __table_args__ = (
        one_of("state", ("new", "done", "waiting", "failed")),
        Index(
            "ix_callbacks_open",
            "next_try_at",
            sqlite_where=text("state IN ('new', 'waiting')"),
            postgresql_where=text("state IN ('new', 'waiting')"),
        ),
        BY_ID_MONTH,
    )

    id: Mapped[Key]
    provider: Mapped[str] = mapped_column(String(30))
    account: Mapped[str] = mapped_column(String(60))
    payload: Mapped[bytes]
    verified: Mapped[bool] = mapped_column(default=True)
    state: Mapped[str] = mapped_column(String(8), default="new")
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    next_try_at: Mapped[datetime]
    received_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(80))


class CallbackKey(Base):
    """What was heard once is never applied twice: kept for good, never partitioned.

    `kind` `item`: the raw item's digest; `event`: the key of one event inside it.
    """

    __tablename__ = "callback_keys"

    provider: Mapped[str] = mapped_column(String(30), primary_key=True)
    account: Mapped[str] = mapped_column(String(60), primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(primary_key=True)
    callback_id: Mapped[uuid.UUID]


class ListenerState(Base):
    """How one listener of an account does: last alive, last heard something, last failed and why (wall time).

    `told_code`: of the fault staff were told of last; None: of none that lasts.
    """

    __tablename__ = "listener_states"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    provider: Mapped[str] = mapped_column(String(30))
    account: Mapped[str] = mapped_column(String(60))
    alive_at: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    code: Mapped[str | None] = mapped_column(String(80))
    told_code: Mapped[str | None] = mapped_column(String(80))
    updated_at: Mapped[datetime]


class Conversation(Base):
    """One thread a customer across all channels; the customer may be unknown yet. Merging only sets a pointer."""

    __tablename__ = "conversations"
    __table_args__ = (
        one_of("state", ("open", "snoozed", "resolved")),
        Index("ix_conversations_customer_id", "customer_id"),
        Index("ix_conversations_contact_point_id", "contact_point_id"),
        Index("ix_conversations_assignee_id", "assignee_id", "state", "last_inbound_at"),
    )

    id: Mapped[Key]
    customer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("customers.id"))
    contact_point_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("contact_points.id"))
    assignee_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    org_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orgs.id"))
    state: Mapped[str] = mapped_column(String(10), default="open")
    unread: Mapped[int] = mapped_column(default=0)
    last_inbound_at: Mapped[datetime | None]
    last_entry_at: Mapped[datetime]
    snoozed_until: Mapped[datetime | None]
    merged_into: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("conversations.id"))
    created_at: Mapped[datetime]


class ConversationEntry(Base):
    """One thing said: by the customer, by us, or a note. `text` is sealed: with the customer's key once known."""

    __tablename__ = "conversation_entries"
    __table_args__ = (
        one_of("direction", ("in", "out", "note")),
        one_of("sealed_for", ("customer", "system")),
        Index("ix_conversation_entries_conversation_id", "conversation_id", "id"),
        Index("ix_conversation_entries_customer_id", "customer_id", "id"),
    )

    id: Mapped[Key]
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id"))
    customer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("customers.id"))
    direction: Mapped[str] = mapped_column(String(4))
    channel: Mapped[str] = mapped_column(String(16))
    contact_point_id: Mapped[uuid.UUID | None]
    text: Mapped[bytes]
    sealed_for: Mapped[str] = mapped_column(String(8))
    is_automatic: Mapped[bool] = mapped_column(default=False)
    intents: Mapped[list[Any] | None]
    message_id: Mapped[uuid.UUID | None]
    answers_message_id: Mapped[uuid.UUID | None]
    author_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    callback_id: Mapped[uuid.UUID | None]
    at: Mapped[datetime]
    created_at: Mapped[datetime]


class Feedback(Base):
    """A rating: CSAT 1–5 or NPS 0–10, with the message, event and advisor it speaks of."""

    __tablename__ = "feedback"
    __table_args__ = (
        one_of("kind", ("csat", "nps")),
        UniqueConstraint("message_id", "kind"),
        Index("ix_feedback_customer_id", "customer_id", "at"),
    )

    id: Mapped[Key]
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customers.id"))
    message_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("messages.id"))
    business_event_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("business_events.id"))
    entry_id: Mapped[uuid.UUID | None]
    advisor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(4))
    score: Mapped[int] = mapped_column(SmallInteger)
    comment: Mapped[bytes | None]
    at: Mapped[datetime]


class Case(Base):
    """A complaint or question with its clocks, carried to its end. `number` is what people say aloud."""

    __tablename__ = "cases"
    __table_args__ = (
        one_of("kind", ("complaint", "question", "service")),
        one_of("severity", ("low", "normal", "high", "critical")),
        one_of("state", ("open", "answered", "waiting", "solved", "closed")),
        Index("ix_cases_customer_id", "customer_id", "state"),
        Index("ix_cases_assignee_id", "assignee_id", "state", "first_answer_due_at"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(String(24), unique=True)
    customer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("customers.id"))
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("conversations.id"))
    kind: Mapped[str] = mapped_column(String(10))
    category: Mapped[Code | None] = mapped_column(String(40))
    severity: Mapped[str] = mapped_column(String(10), default="normal")
    state: Mapped[str] = mapped_column(String(10), default="open")
    origin_entry_id: Mapped[uuid.UUID | None]
    origin_message_id: Mapped[uuid.UUID | None]
    org_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orgs.id"))
    assignee_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    about_user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    opened_at: Mapped[datetime]
    first_answer_due_at: Mapped[datetime]
    solution_due_at: Mapped[datetime]
    regulator_due_on: Mapped[date]
    first_answered_at: Mapped[datetime | None]
    solved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    resolution: Mapped[bytes | None]
    compensation_fen: Mapped[int | None] = mapped_column(BigInteger)


class CaseEvent(Base):
    """One step of a case: note (public or internal), assignment, pause with reason, answer, solution."""

    __tablename__ = "case_events"
    __table_args__ = (
        one_of("visibility", ("public", "internal")),
        Index("ix_case_events_case_id", "case_id", "id"),
    )

    id: Mapped[Key]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[Code]
    visibility: Mapped[str] = mapped_column(String(8), default="internal")
    text: Mapped[bytes | None]
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    message_id: Mapped[uuid.UUID | None]
    at: Mapped[datetime]


class Task(Base):
    """An advisor's to-do. `assignee_id` empty: the pool of `org_id`.

    `campaign_id`, `step_key`, `planned_for`: of a campaign's step that a person does (a call, a card) instead of words.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        one_of("state", ("open", "done", "dropped")),
        UniqueConstraint("dedupe_key"),
        Index(
            "ix_tasks_assignee_id",
            "assignee_id",
            "due_at",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_tasks_customer_id", "customer_id"),
        Index(
            "ix_tasks_campaign_id",
            "campaign_id",
            "planned_for",
            sqlite_where=text("campaign_id IS NOT NULL"),
            postgresql_where=text("campaign_id IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    kind: Mapped[Code]
    dedupe_key: Mapped[str] = mapped_column(String(160))
    customer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("customers.id"))
    org_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orgs.id"))
    assignee_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    entry_id: Mapped[uuid.UUID | None]
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("cases.id"))
    message_id: Mapped[uuid.UUID | None]
    campaign_id: Mapped[uuid.UUID | None]
    step_key: Mapped[str | None] = mapped_column(String(60))
    planned_for: Mapped[date | None]
    note: Mapped[bytes | None]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), default="open")
    outcome: Mapped[Code | None] = mapped_column(String(40))
    done_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    done_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
