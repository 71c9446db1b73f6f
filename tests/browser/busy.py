"""What a busy day adds to the pretend bank: a run in waves that stopped itself, notices, mourning, to-dos that ask."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from sqlalchemy import select

from store.message_writes import NewMessage, insert_messages
from store.models.campaigns import Campaign, DataFeed, Occurrence
from store.models.customers import Customer
from store.notices import notify
from store.sealing import Sealer
from store.tasks import NewTask, add_task
from tests.browser.bank import NOW
from wenhou.core.actors import SYSTEM
from wenhou.core.channels import SMS
from wenhou.core.ids import new_id
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import Status
from wenhou.services.campaigns import apply_campaigns, bundled_campaigns
from wenhou.services.context import Context
from wenhou.services.mourning import start_mourning

DAY = NOW.date()
RUN = f"runs/mid_autumn/{DAY}"
WHY = "退订率1.8%，超过上限1%：第1批 3/165"


def add_run(context: Context) -> uuid.UUID:
    """A run in waves: one message was delivered, one of the second wave waits; the campaign stopped itself."""
    apply_campaigns(context, SYSTEM, bundled_campaigns())
    with context.db.write() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.key == "mid_autumn")).one()
        campaign.state, campaign.paused_reason = "paused", WHY
        occurrence = Occurrence(
            id=new_id(),
            campaign_id=campaign.id,
            campaign_version_id=campaign.current_version_id,
            on_day=DAY,
            state="planned",
            audience=20,
            created_at=NOW,
            updated_at=NOW,
        )
        session.add(occurrence)
        session.flush()
        customers = session.scalars(select(Customer).order_by(Customer.external_ref).limit(2)).all()
        fates = (Status.DELIVERED, Status.SCHEDULED)
        messages = [
            _message(customer, campaign, occurrence.id, fates[wave], wave)
            for wave, customer in enumerate(customers)
        ]
        insert_messages(session, context.vault, messages, at=NOW)
        figures = {"measure": "opt_out", "part": 3, "whole": 165, "percent": 1.818, "limit": 1.0}
        body = {"key": "mid_autumn", "on": DAY.isoformat(), "wave": 0, **figures, "reason": WHY}
        notify(session, kind="campaign_stopped_itself", body=body, at=NOW)
        seeds = {"occurrence": str(occurrence.id), "campaign": "mid_autumn", "calls": 4}
        notify(session, kind="seeds_sent", body=seeds, at=NOW)
        return occurrence.id


def _message(
    customer: Customer, campaign: Campaign, occurrence_id: uuid.UUID, status: Status, wave: int
) -> NewMessage:
    return NewMessage(
        customer_id=customer.id,
        dedupe_key=f"mid_autumn:2027|{wave}/1",
        origin="campaign",
        purpose=Purpose.CARE,
        channel_plan=(SMS,),
        channel=SMS,
        status=status,
        planned_for=DAY,
        not_before=NOW,
        due_at=NOW,
        expires_at=NOW + timedelta(hours=8),
        campaign_id=campaign.id,
        campaign_version_id=campaign.current_version_id,
        occurrence_id=occurrence_id,
        org_id=customer.managing_org_id,
        advisor_id=customer.main_advisor_id,
        wave=wave,
    )


def add_late_feed(context: Context) -> None:
    """A list of deaths that should have come this morning."""
    with context.db.write() as session:
        feed = DataFeed(
            id=new_id(),
            key="deaths",
            name="死亡名单",
            kind="death",
            expected_by="08:00",
            smallest_share_percent=50,
            control="none",
            holds_purposes=["care"],
            first_on=date(2027, 1, 29),
        )
        session.add(feed)


def ask(context: Context, kind: str) -> None:
    """Put a to-do on the first customer's advisor's desk."""
    with context.db.write() as session:
        customer = session.scalars(select(Customer).where(Customer.external_ref == "C-1001")).one()
        new = NewTask(
            kind=kind,
            dedupe_key=f"{kind}:test",
            due_at=NOW + timedelta(days=3),
            customer_id=customer.id,
            org_id=customer.managing_org_id,
            assignee_id=customer.main_advisor_id,
        )
        add_task(session, Sealer(session, context.vault), new, NOW)


def make_busy(context: Context) -> None:
    """All of it at once."""
    add_run(context)
    add_late_feed(context)
    for kind in ("ask_calendar", "verify_number", "call"):
        ask(context, kind)
    start_mourning(context, SYSTEM, org="WH", days=(DAY, DAY + timedelta(days=2)), reason="公祭")
