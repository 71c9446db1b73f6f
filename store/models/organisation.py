"""The bank's own people and tree: orgs, users, teams, absence, tokens."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Key, Name, one_of

ROLES = ("advisor", "supervisor", "operations", "compliance", "administrator")


class Org(Base):
    """One node of 总行–分行–支行–网点. `path` (`/root/branch/…/`) makes a scope one prefix comparison."""

    __tablename__ = "orgs"
    __table_args__ = (one_of("kind", ("head_office", "branch", "sub_branch", "outlet")),)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[Name]
    kind: Mapped[Code]
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orgs.id"))
    path: Mapped[str] = mapped_column(String(400), index=True)
    address: Mapped[str | None]
    phone: Mapped[str | None] = mapped_column(String(40))
    hours: Mapped[dict[str, Any] | None]
    sms_signature: Mapped[str | None] = mapped_column(String(40))
    pool_approver_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("users.id", name="fk_orgs_pool_approver_id", use_alter=True)
    )
    created_at: Mapped[datetime]


class Team(Base):
    """People who share a supervisor."""

    __tablename__ = "teams"

    id: Mapped[Key]
    name: Mapped[Name]
    org_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orgs.id"))
    supervisor_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("users.id", name="fk_teams_supervisor_id", use_alter=True)
    )


class User(Base):
    """A person who signs in. `session_epoch` goes up to end every session at once."""

    __tablename__ = "users"

    id: Mapped[Key]
    login: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[Name]
    employee_no: Mapped[str | None] = mapped_column(String(40), unique=True)
    phone: Mapped[str | None] = mapped_column(String(40))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    roles: Mapped[list[str]]
    org_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orgs.id"), index=True)
    team_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("teams.id"))
    locale: Mapped[str] = mapped_column(String(10), default="zh-CN")
    is_active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=0)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Delegation(Base):
    """Absence cover: from `starts_at` to `ends_at` the deputy sees and does what the absent person would."""

    __tablename__ = "delegations"
    __table_args__ = (CheckConstraint(text("absent_id <> deputy_id"), name="two_people"),)

    id: Mapped[Key]
    absent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"), index=True)
    deputy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[Code]


class ApiToken(Base):
    """A bearer token of a person or a system; only its hash is kept."""

    __tablename__ = "api_tokens"

    id: Mapped[Key]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[Name]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Household(Base):
    """A family, for tact and de-duplication only: nothing of one member is shown to another."""

    __tablename__ = "households"

    id: Mapped[Key]
    name: Mapped[Name | None] = mapped_column(String(120))
    created_at: Mapped[datetime]


class HouseholdMember(Base):
    """Who belongs to a household, and as what."""

    __tablename__ = "household_members"
    __table_args__ = (one_of("role", ("head", "spouse", "parent", "child", "other")),)

    household_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("households.id"), primary_key=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customers.id"), primary_key=True, index=True)
    role: Mapped[Code]


class Company(Base):
    """A corporate customer."""

    __tablename__ = "companies"

    id: Mapped[Key]
    external_ref: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[Name]
    org_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orgs.id"))
    advisor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]


class CompanyContact(Base):
    """A person we reach at a company, apart from that person's own retail life."""

    __tablename__ = "company_contacts"
    __table_args__ = (UniqueConstraint("company_id", "contact_point_id"),)

    id: Mapped[Key]
    company_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("companies.id"))
    contact_point_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact_points.id"))
    name: Mapped[Name]
    role: Mapped[Code]


class CalendarOverride(Base):
    """A dated correction by the operator: a workday, a day off, a regional festival, a line's blackout.

    Rows of one `version` came together; the newest version is in force, its header row has the kind `edition`.
    """

    __tablename__ = "calendar_overrides"
    __table_args__ = (
        Index("ix_calendar_overrides_on_day", "on_day"),
        Index("ix_calendar_overrides_version", "version"),
        Index(
            "uq_calendar_overrides_edition",
            "version",
            unique=True,
            sqlite_where=text("kind = 'edition'"),
            postgresql_where=text("kind = 'edition'"),
        ),
    )

    id: Mapped[Key]
    org_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orgs.id"))
    on_day: Mapped[date]
    kind: Mapped[Code]
    details: Mapped[dict[str, Any]]
    source: Mapped[str]
    version: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    created_at: Mapped[datetime]
