"""How sending goes: counts by status and campaign, the health of accounts, what is stopped; a case to read."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from store import access, overview
from store import cases as case_rows
from store.accounts import list_accounts
from store.campaigns import list_campaigns
from store.models.customers import Customer
from store.sealing import Sealer
from wenhou.core.account_health import Ill, ill_of, said_by
from wenhou.core.actors import Actor
from wenhou.core.errors import AccessDenied
from wenhou.services import stopping
from wenhou.services.context import Context
from wenhou.services.stopping import Stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A provider's account and how it does.

    `ill`: why it is paused; None: it carries. `said`: the provider's own words for it. `is_starting`: it carries again,
    slowly at first. `next_look_at`: when it is tried again by itself (wall time).
    """

    channel: str
    provider: str
    account: str
    ill: Ill | None
    said: str
    paused_at: datetime | None
    is_starting: bool
    next_look_at: datetime | None
    last_error_code: str
    rate_per_second: float
    last_success_at: datetime | None
    last_error_at: datetime | None
    errors_in_row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignLine:
    """A campaign and how far its messages are."""

    key: str
    name: str
    state: str
    version: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The page of operations. `part`: the org whose customers the counts are about; empty: the reader's own desk."""

    part: str
    statuses: Mapping[str, int]
    campaigns: tuple[CampaignLine, ...]
    accounts: tuple[Account, ...]
    stops: tuple[Stopped, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStep:
    """One step of a case."""

    kind: str
    is_public: bool
    text: str | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWhole:
    """A case with its clocks and steps."""

    id: uuid.UUID
    number: str
    customer_name: str
    customer_ref: str | None
    conversation_id: uuid.UUID | None
    kind: str
    category: str | None
    severity: str
    state: str
    opened_at: datetime
    first_answer_due_at: datetime
    first_answered_at: datetime | None
    solution_due_at: datetime
    closed_at: datetime | None
    regulator_due_on: date
    assignee: str
    resolution: str | None
    steps: tuple[CaseStep, ...]


def read_delivery(context: Context, actor: Actor) -> Delivery:
    """Counts of the person's own desk or part of the bank, accounts and stops of all of it.

    An administrator sees no counts.
    """
    with context.db.read() as session:
        try:
            statuses = overview.count_statuses(session, actor)
            by_campaign = overview.count_by_campaign(session, actor)
        except AccessDenied:
            statuses, by_campaign = {}, {}
        part = overview.part_name(session, actor)
        campaigns = tuple(
            CampaignLine(
                key=one.key,
                name=one.name,
                state=one.state,
                version=one.number,
                counts=by_campaign.get(one.id, {}),
            )
            for one in list_campaigns(session)
        )
        accounts = tuple(
            Account(
                channel=one.channel,
                provider=one.provider,
                account=one.account,
                ill=ill_of(one.paused_reason) if one.paused_at else None,
                said=said_by(one.paused_code, one.paused_reason),
                paused_at=one.paused_at,
                is_starting=one.resumed_at is not None and one.paused_at is None,
                next_look_at=one.next_look_at,
                last_error_code=one.last_error_code or "",
                rate_per_second=one.rate_per_second,
                last_success_at=one.last_success_at,
                last_error_at=one.last_error_at,
                errors_in_row=one.errors_in_row,
            )
            for one in list_accounts(session)
        )
    return Delivery(
        part=part,
        statuses=statuses,
        campaigns=campaigns,
        accounts=accounts,
        stops=tuple(stopping.list_stops(context)),
    )


def read_case(context: Context, actor: Actor, case_id: uuid.UUID) -> CaseWhole:
    """One case; AccessDenied out of sight, and always for whom it is about."""
    with context.db.read() as session:
        case = access.get_case(session, actor, case_id)
        sealer = Sealer(session, context.vault)
        events = case_rows.list_events(session, case.id)
        names = overview.user_names(session, [case.assignee_id, *(one.actor_id for one in events)])
        customer = session.get(Customer, case.customer_id) if case.customer_id else None
        return CaseWhole(
            id=case.id,
            number=case.number,
            customer_name=customer.name if customer else "未识别的来信人",
            customer_ref=customer.external_ref if customer else None,
            conversation_id=case.conversation_id,
            kind=case.kind,
            category=case.category,
            severity=case.severity,
            state=case.state,
            opened_at=case.opened_at,
            first_answer_due_at=case.first_answer_due_at,
            first_answered_at=case.first_answered_at,
            solution_due_at=case.solution_due_at,
            closed_at=case.closed_at,
            regulator_due_on=case.regulator_due_on,
            assignee=names.get(case.assignee_id, "") if case.assignee_id else "",
            resolution=sealer.open("cases", "resolution", case.id, case.resolution, case.customer_id),
            steps=tuple(
                CaseStep(
                    kind=one.kind,
                    is_public=one.visibility == "public",
                    text=sealer.open("case_events", "text", one.id, one.text, case.customer_id),
                    by=names.get(one.actor_id, "") if one.actor_id else "",
                    at=one.at,
                )
                for one in events
            ),
        )
