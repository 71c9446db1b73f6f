"""One customer about whom everything is asked, and the question."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from store.database import Session
from store.facts import Question, load_facts
from store.models.customers import CareRestriction, Customer
from store.models.messages import ContactLedger
from store.models.organisation import Org
from tests.factories import AT
from wenhou.core.ids import new_id
from wenhou.core.policy.facts import Facts
from wenhou.core.policy.rules import Policy
from wenhou.core.purposes import Purpose
from wenhou.services.context import Context

TODAY = date(2027, 1, 30)
EVERY = frozenset(str(purpose) for purpose in Purpose)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whom it is asked about."""

    context: Context
    customer: Customer
    org: Org

    def question(self, **known: Any) -> Question:
        """A greeting by SMS today, changed as told."""
        sound = Question(
            message_id=new_id(),
            customer_id=self.customer.id,
            purpose=Purpose.CARE,
            origin="campaign",
            channels=("sms",),
            planned_for=TODAY,
            planned_at=AT,
            expires_at=AT + timedelta(hours=9),
        )
        return replace(sound, **known)

    def facts(
        self,
        *,
        policy: Policy | None = None,
        now: datetime = AT,
        accounts: Mapping[str, tuple[str, str]] | None = None,
        **known: Any,
    ) -> Facts:
        """What is known of it."""
        question = self.question(**known)
        with self.context.db.read() as session:
            found = load_facts(
                session,
                [question],
                policy=policy or Policy(),
                zone=self.context.bank.zone,
                now=now,
                platform=dict.fromkeys(("sms", "email", "wecom"), EVERY),
                accounts=accounts,
            )
        return found[question.message_id]


def add_contact(
    session: Session,
    customer: Customer,
    on_day: date,
    *,
    purpose: str = "care",
    channel: str | None = None,
    state: str = "committed",
    message_id: uuid.UUID | None = None,
) -> None:
    """A contact another system made: a row in the ledger without a message."""
    session.add(
        ContactLedger(
            message_id=message_id or new_id(),
            customer_id=customer.id,
            on_day=on_day,
            purpose=purpose,
            channel=channel,
            state=state,
        )
    )


def restrict(
    session: Session,
    customer: Customer,
    *,
    kind: str = "overdue",
    from_on: date = TODAY,
    until_on: date | None = None,
    visibility: str = "open",
) -> None:
    """A care restriction that stops all but service."""
    session.add(
        CareRestriction(
            customer_id=customer.id,
            kind=kind,
            from_on=from_on,
            until_on=until_on,
            purposes=["care", "information", "marketing"],
            source="test",
            visibility=visibility,
            created_at=AT,
        )
    )
