"""`asked`: a customer of an outlet with phone and mail, consented to everything."""

from __future__ import annotations

import pytest

from tests.factories import make_customer, make_tree
from tests.integration.policy.world import EVERY, Asked
from wenhou.services.context import Context


@pytest.fixture
def asked(context: Context) -> Asked:
    with context.db.write() as session:
        tree = make_tree(session)
        customer = make_customer(
            session,
            context.vault,
            org=tree.outlet,
            consents=tuple((channel, purpose) for channel in ("sms", "email") for purpose in sorted(EVERY)),
            tier="VIP",
        )
    return Asked(context=context, customer=customer, org=tree.outlet)
