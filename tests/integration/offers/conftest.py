"""`town`, and `bank`: the town with a rate campaign, an approved edition of rates, a product and its approved card."""

from __future__ import annotations

import pytest

from tests.integration.offers.bank import Bank, make_bank
from tests.integration.planning.town import Town, make_town
from wenhou.core.clock import ShiftedClock
from wenhou.services.context import Context


@pytest.fixture
def town(context: Context, clock: ShiftedClock) -> Town:
    return make_town(context, clock)


@pytest.fixture
def bank(town: Town) -> Bank:
    return make_bank(town)
