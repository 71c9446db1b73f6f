"""Facts about a product against customers: on sale on the day, its risk, their valid assessment."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.among import among
from store.models.products import Assessment, Product
from wenhou.core.policy.facts import Suitability

_HIGHEST = 5


@dataclass(slots=True, kw_only=True)
class Offers:
    """What was fetched: products by code, each customer's newest assessments as (assessed, valid until, level)."""

    products: Mapping[str, tuple[int, date | None, date | None]] = field(default_factory=dict)
    assessments: dict[uuid.UUID, list[tuple[date, date, int]]] = field(default_factory=dict)

    def suitability(self, code: str | None, customer_id: uuid.UUID, day: date) -> Suitability | None:
        """The product against the customer on a day; None where the words speak of none.

        A product that nobody entered is not on sale: what is not known is not offered.
        """
        if code is None:
            return None
        known = self.products.get(code)
        if known is None:
            return Suitability(product=code, is_on_sale=False, risk_level=_HIGHEST)
        risk, opens, closes = known
        # The newest assessment counts, even where an older one would hold longer.
        newest = max((one for one in self.assessments.get(customer_id, ()) if one[0] <= day), default=None)
        return Suitability(
            product=code,
            is_on_sale=(opens is None or opens <= day) and (closes is None or day <= closes),
            risk_level=risk,
            customer_level=newest[2] if newest else None,
            is_assessed=newest is not None and day <= newest[1],
        )


def load_offers(session: Session, codes: Collection[str], ids: Collection[uuid.UUID]) -> Offers:
    """Two statements where any words speak of a product, else none."""
    if not codes:
        return Offers()
    products = session.execute(
        select(Product.code, Product.risk_level, Product.on_sale_from, Product.on_sale_until).where(
            Product.code.in_(sorted(codes))
        )
    )
    found = Offers(products={row[0]: (row[1], row[2], row[3]) for row in products})
    rows = session.execute(
        select(
            Assessment.customer_id, Assessment.assessed_on, Assessment.valid_until, Assessment.level
        ).where(among(session, Assessment.customer_id, sorted(ids)))
    )
    for customer_id, assessed_on, valid_until, level in rows:
        found.assessments.setdefault(customer_id, []).append((assessed_on, valid_until, level))
    return found
