"""What words offer: the product they speak of, and when consumer protection agrees to them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from store.database import Session
from store.events import events_by_id
from store.outbox import Claimed
from wenhou.core.campaigns import CARD_ASKED, BusinessEventTrigger, Campaign
from wenhou.core.opinions import Agreed
from wenhou.core.policy.rules import Policy
from wenhou.services.context import Context
from wenhou.services.opinions import agreed_for_messages

NO_PRODUCT: Final = "?"
"""No product has this code, so none is on sale by it."""


def sends_cards(campaign: Campaign) -> bool:
    """Whether the campaign sends the card that an advisor asked for."""
    return isinstance(campaign.trigger, BusinessEventTrigger) and campaign.trigger.event == CARD_ASKED


def product_of(campaign: Campaign, details: Mapping[str, Any] | None) -> str | None:
    """The code of the product the words speak of: the campaign's own, or that of the card; None: of none."""
    if not sends_cards(campaign):
        return campaign.product
    return str((details or {}).get("product") or NO_PRODUCT)


def products_of_cards(
    session: Session, messages: Sequence[Claimed], campaigns: Mapping[uuid.UUID, Campaign | None]
) -> dict[uuid.UUID, str]:
    """Message → product, of messages that send a card; of one that was retired since, a product nobody sells."""
    events = {
        one.id: one.origin_id
        for one in messages
        if one.origin_id is not None
        and (campaign := campaigns.get(one.id)) is not None
        and sends_cards(campaign)
    }
    known = events_by_id(session, set(events.values()))
    found = {}
    for message_id, event_id in events.items():
        event = known.get(event_id)
        is_standing = event is not None and event.state != "cancelled"
        code = event.details.get("product") if event is not None and is_standing else None
        found[message_id] = str(code or NO_PRODUCT)
    return found


def agreed_at_hand_over(
    session: Session,
    context: Context,
    policy: Policy,
    messages: Sequence[Claimed],
    campaigns: Mapping[uuid.UUID, Campaign | None],
) -> dict[uuid.UUID, Agreed]:
    """Message → when consumer protection agrees to its words; those that need no opinion are left out."""
    asked = {
        one.id: (one.campaign_id, campaign)
        for one in messages
        if one.campaign_id is not None and (campaign := campaigns.get(one.id)) is not None
    }
    return agreed_for_messages(session, context, policy, asked)
