"""The bank's own words that a rule may use: its tiers, orgs, people, products."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models.customers import Customer
from store.models.organisation import Org, User
from store.models.products import Product

_COLUMNS = {
    "tier": Customer.tier,
    "need": Customer.need,
    "risk_appetite": Customer.risk_appetite,
}


def words_in_use(session: Session) -> dict[str, set[str]]:
    """By field of a rule. One pass over an index for tiers; needs and appetites look at every customer."""
    found = {
        field: {word for word in session.scalars(select(column).distinct()) if word is not None}
        for field, column in _COLUMNS.items()
    }
    orgs = set(session.scalars(select(Org.code)))
    return found | {
        "org": orgs,
        "opening_org": orgs,
        "advisor": set(session.scalars(select(User.login))),
        "holds_product": set(session.scalars(select(Product.code))),
    }
