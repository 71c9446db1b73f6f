"""Samples of a real run to the seed list, once each: written down and committed before the call, never made again.

Outside everything that counts: no message, no ledger, no statistics. Orders to stop, paused accounts and the shared
rate hold for samples as for customers.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

import structlog

from scheduler.carriers import Carriers
from scheduler.outcomes import outcome_of_error
from store import seeds
from store.accounts import paused_accounts, take_tokens
from store.campaigns import LiveCampaign, list_campaigns
from store.database import Session
from store.models.steering import Seed
from store.notices import notify
from store.seeds import OpenSend
from store.stops import current_stops
from wenhou.core.campaigns import Campaign
from wenhou.core.channels import (
    Accepted,
    ChannelFault,
    Content,
    Outcome,
    OutgoingMessage,
    Permanent,
    Sender,
    TaskCreated,
    Transient,
    Unknown,
)
from wenhou.core.ids import new_id
from wenhou.services.campaign_specs import specs_of
from wenhou.services.context import Context
from wenhou.services.seeds import sample_words

log = structlog.get_logger(__name__)
NOTICE = "seeds_sent"
_REACH = timedelta(days=3)
"""How long after its day a run still sends samples."""
_VALID = timedelta(hours=2)


def pending_seeds(context: Context, carriers: Carriers) -> int:
    """The job: samples of every run that has begun to leave; how many were handed over."""
    today = context.clock.now().astimezone(context.bank.zone).date()
    with context.db.read() as session:
        begun = seeds.runs_begun(session, today - _REACH, today)
        specs = specs_of(session, {version for _, version in begun})
    wanted = [run for run, version in begun if version in specs and specs[version].seeds]
    return sum(send_seeds(context, carriers, run) for run in wanted)


def send_seeds(context: Context, carriers: Carriers, occurrence_id: uuid.UUID) -> int:
    """Hand a sample of this run to every seed that got none yet; how many calls were made."""
    with context.db.read() as session:
        found = _campaign_of(session, occurrence_id)
        if found is None:
            return 0
        row, spec = found
        waiting = seeds.seeds_waiting(session, occurrence_id, carriers.channels)
    words = {channel: sample_words(context, spec, channel) for channel in {one.channel for one in waiting}}
    calls = 0
    for seed in waiting:
        content = words[seed.channel]
        send = _open(context, carriers.senders[seed.channel], seed, occurrence_id, row, spec, content)
        if send is not None and content is not None:
            _hand_over(context, carriers.senders[seed.channel], send, content, spec)
            calls += 1
    if calls:
        with context.db.write() as session:
            body = {"occurrence": str(occurrence_id), "campaign": row.key, "calls": calls}
            notify(session, kind=NOTICE, body=body, at=context.clock.now())
    return calls


def _campaign_of(session: Session, occurrence_id: uuid.UUID) -> tuple[LiveCampaign, Campaign] | None:
    version = seeds.version_of(session, occurrence_id)
    if version is None:
        return None
    campaign_id, version_id = version
    row = next((one for one in list_campaigns(session) if one.id == campaign_id), None)
    spec = specs_of(session, [version_id]).get(version_id)
    return (row, spec) if row is not None and spec is not None and spec.seeds else None


def _open(  # noqa: PLR0917 - one question about one sample
    context: Context,
    sender: Sender,
    seed: Seed,
    occurrence_id: uuid.UUID,
    row: LiveCampaign,
    spec: Campaign,
    content: Content | None,
) -> OpenSend | None:
    """Write the sample down and commit; None when it may not leave now (a later look tries again) or went already."""
    now = context.clock.now()
    with context.db.write() as session:
        if content is None:
            empty = seeds.open_send(session, context.vault, seed, occurrence_id, now)
            if empty is not None:
                seeds.close_send(session, empty.id, outcome="no_words", code=None, at=now)
            return None
        stops = current_stops(session)
        if stops.covers(
            purpose=spec.purpose, channel=seed.channel, campaign_id=row.id, org_id=seed.org_id
        ) or (sender.provider, sender.account) in paused_accounts(session):
            return None
        if not take_tokens(
            session, provider=sender.provider, account=sender.account, want=1, real=context.clock.real()
        ):
            return None
        send = seeds.open_send(session, context.vault, seed, occurrence_id, now)
        context.passed("seeds.open.before_commit")
    context.passed("seeds.open.after_commit")
    return send


def _hand_over(context: Context, sender: Sender, send: OpenSend, content: Content, spec: Campaign) -> None:
    outgoing = OutgoingMessage(
        message_id=new_id(),
        attempt_id=send.id,
        reference=context.vault.reference_of(send.id),
        address=send.address,
        display_name=send.name,
        content=content,
        purpose=spec.purpose,
        deadline=context.clock.now() + _VALID,
    )
    try:
        outcome = sender.send([outgoing]).get(send.id, Unknown(code="not_in_answer"))
    except Exception as error:  # noqa: BLE001 - the call boundary: whatever it was, it has an outcome
        outcome = outcome_of_error(error)
    context.passed("seeds.call.after")
    word, code = _said(outcome)
    with context.db.write() as session:
        seeds.close_send(session, send.id, outcome=word, code=code, at=context.clock.now())
        if isinstance(outcome, Accepted):
            seeds.keep_references(
                session,
                send.id,
                provider=sender.provider,
                account=sender.account,
                references=outcome.provider_message_ids,
            )
    log.info("seed_sent", channel=send.channel, outcome=word)


def _said(outcome: Outcome) -> tuple[str, str | None]:
    match outcome:
        case Accepted() | TaskCreated():
            return "accepted", None
        case Transient(code=code) | Permanent(code=code) | ChannelFault(code=code):
            return "refused", code
        case Unknown(code=code):
            return "unknown", code
