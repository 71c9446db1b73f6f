"""One person's whole file: shown masked to staff, handed out in clear to the customer who asks for a copy."""

from __future__ import annotations

from typing import Any

from store.access import get_customer
from store.audit import record
from store.customer_export import load_whole
from wenhou.core.actors import Actor, Role
from wenhou.core.addresses import mask_email, mask_phone
from wenhou.core.errors import AccessDenied
from wenhou.services.context import Context

_MASKS = {"sms": mask_phone, "email": mask_email}


def show_customer(context: Context, actor: Actor, ref: str) -> dict[str, Any]:
    """A customer within the actor's sight, addresses masked, years of birth left out; raises AccessDenied."""
    with context.db.read() as session:
        customer = get_customer(session, actor, ref)
        whole = load_whole(session, context.vault, customer.id)
    whole["customer"].pop("birth_year", None)
    for day in whole["dates"]:
        day.pop("year", None)
    for contact in whole["contacts"]:
        contact["address"] = _mask(contact["channel"], contact["address"])
    return whole


def export_customer(context: Context, actor: Actor, ref: str) -> dict[str, Any]:
    """Everything kept about a customer, in clear: their right to a copy. Audited; raises AccessDenied."""
    if actor.kind == "user" and not actor.has(Role.OPERATIONS, Role.COMPLIANCE, Role.ADMINISTRATOR):
        raise AccessDenied("only operations, compliance and administrators export a customer's data")
    with context.db.write() as session:
        customer = get_customer(session, actor, ref)
        whole = load_whole(session, context.vault, customer.id)
        record(session, context.clock.now(), actor, "customer.export", "customer", customer.id)
    return whole


def _mask(channel: str, address: str) -> str:
    mask = _MASKS.get(channel)
    return mask(address) if mask is not None else f"{address[:3]}***"
