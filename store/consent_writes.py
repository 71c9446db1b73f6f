"""Acts of consent and the state they leave, always in one transaction.

A customer's own withdrawal is overridden only by the customer's own later act with evidence: what a file says or a
member of staff clicks is recorded nowhere then, and the answer says so (`Outcome.KEPT_WITHDRAWN`).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store.bulk import chunks, insert_rows
from store.models.customers import Consent, ConsentState
from wenhou.core.ids import new_id, new_ids

GRANTED, WITHDRAWN, ANY = "granted", "withdrawn", "any"
_OWN_WORD = frozenset({"customer", "counter", "provider"})
"""Sources that carry the customer's own word: said to us, signed at the counter, or said to the carrier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act: who agreed to or refused what, on whose word, with which evidence, at an aware UTC instant."""

    customer_id: uuid.UUID
    channel: str
    purpose: str
    act: str
    source: str
    at: datetime
    wording_version: str | None = None
    evidence: Mapping[str, Any] | None = None
    actor_id: uuid.UUID | None = None

    @property
    def is_own_word(self) -> bool:
        """Whether the customer said it; a grant at the counter or through a provider also needs evidence."""
        if self.source == "customer":
            return True
        return self.source in _OWN_WORD and (self.act == WITHDRAWN or bool(self.evidence))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one consent stands now."""

    state: str
    by_customer: bool
    at: datetime


class Outcome(StrEnum):
    """What became of an act."""

    RECORDED = "recorded"
    UNCHANGED = "unchanged"
    KEPT_WITHDRAWN = "kept_withdrawn"


StateKey = tuple[uuid.UUID, str, str]
States = Mapping[StateKey, Standing]


def outcome_of(act: Act, states: States) -> Outcome:
    """Decide without writing. An act that says what already holds adds nothing unless its word or date is newer."""
    withdrawal = _customers_withdrawal(act, states)
    if act.act == GRANTED and withdrawal is not None and not (act.is_own_word and act.at >= withdrawal.at):
        return Outcome.KEPT_WITHDRAWN
    now = states.get((act.customer_id, act.channel, act.purpose))
    if now is None or now.state != act.act:
        return Outcome.RECORDED
    speaks_first = act.is_own_word and not now.by_customer
    renewed = act.wording_version is not None and act.at > now.at
    return Outcome.RECORDED if speaks_first or renewed else Outcome.UNCHANGED


def _customers_withdrawal(act: Act, states: States) -> Standing | None:
    """The customer's own refusal that this act would have to override, on the channel itself or on all of them."""
    found = (states.get((act.customer_id, channel, act.purpose)) for channel in (act.channel, ANY))
    refusals = [now for now in found if now is not None and now.state == WITHDRAWN and now.by_customer]
    return max(refusals, key=lambda now: now.at, default=None)


def load_states(session: Session, customer_ids: Sequence[uuid.UUID]) -> dict[StateKey, Standing]:
    """Where the consents of these customers stand."""
    found: dict[StateKey, Standing] = {}
    kept = ConsentState
    for run in chunks(customer_ids):
        rows = session.execute(
            select(kept.customer_id, kept.channel, kept.purpose, kept.state, kept.by_customer, kept.at).where(
                kept.customer_id.in_(run)
            )
        )
        for customer_id, channel, purpose, state, by_customer, at in rows:
            found[customer_id, channel, purpose] = Standing(state=state, by_customer=by_customer, at=at)
    return found


def record_consent(session: Session, act: Act) -> Outcome:
    """Append one act and move the state with it; see the module for what is kept instead."""
    return record_consents(session, [act])[0]


def record_consents(
    session: Session, acts: Sequence[Act], states: dict[StateKey, Standing] | None = None
) -> list[Outcome]:
    """Append acts and move their states, in order; answers one outcome an act.

    `states`: what `load_states` answered in this transaction, where the caller already has it; it is kept current.
    """
    if states is None:
        states = load_states(session, list({act.customer_id for act in acts}))
    before = set(states)
    outcomes: list[Outcome] = []
    rows: list[dict[str, Any]] = []
    moved: dict[StateKey, dict[str, Any]] = {}
    for act in acts:
        outcome = outcome_of(act, states)
        outcomes.append(outcome)
        if outcome is not Outcome.RECORDED:
            continue
        row = _act_row(act, new_id())
        rows.append(row)
        key = (act.customer_id, act.channel, act.purpose)
        states[key] = Standing(state=act.act, by_customer=act.is_own_word, at=act.at)
        moved[key] = _state_row(act, row["id"])
    insert_rows(session, Consent, rows)
    insert_rows(session, ConsentState, [row for key, row in moved.items() if key not in before])
    _move(session, (row for key, row in moved.items() if key in before))
    return outcomes


def record_first_consents(session: Session, acts: Sequence[Act]) -> None:
    """Append acts of customers made in this very transaction: nothing stands yet that could outweigh them."""
    rows = [_act_row(act, row_id) for act, row_id in zip(acts, new_ids(len(acts)), strict=True)]
    insert_rows(session, Consent, rows)
    insert_rows(
        session, ConsentState, [_state_row(act, row["id"]) for act, row in zip(acts, rows, strict=True)]
    )


def _act_row(act: Act, row_id: uuid.UUID) -> dict[str, Any]:
    return {
        "id": row_id,
        "customer_id": act.customer_id,
        "channel": act.channel,
        "purpose": act.purpose,
        "act": act.act,
        "source": act.source,
        "wording_version": act.wording_version,
        "evidence": None if act.evidence is None else dict(act.evidence),
        "actor_id": act.actor_id,
        "at": act.at,
    }


def _state_row(act: Act, consent_id: uuid.UUID) -> dict[str, Any]:
    return {
        "customer_id": act.customer_id,
        "channel": act.channel,
        "purpose": act.purpose,
        "state": act.act,
        "by_customer": act.is_own_word,
        "consent_id": consent_id,
        "at": act.at,
    }


def _move(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        session.execute(
            update(ConsentState)
            .where(
                ConsentState.customer_id == row["customer_id"],
                ConsentState.channel == row["channel"],
                ConsentState.purpose == row["purpose"],
            )
            .values(
                state=row["state"], by_customer=row["by_customer"], consent_id=row["consent_id"], at=row["at"]
            )
        )
