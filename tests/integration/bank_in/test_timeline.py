"""What another system of the bank did stands in the customer's timeline."""

from __future__ import annotations

from datetime import datetime

from tests.integration.bank_in.conftest import SHANGHAI, Branch
from wenhou.core.actors import SYSTEM
from wenhou.core.purposes import Purpose
from wenhou.services.context import Context
from wenhou.services.foreign_contacts import NewContact, take_in_contacts
from wenhou.services.portrait import read_portrait


def test_a_contact_of_the_card_centre_stands_in_the_timeline(context: Context, branch: Branch) -> None:
    contact = NewContact(
        source="card",
        source_id="1",
        customer="C-1",
        channel="app_push",
        purpose=Purpose.MARKETING,
        at=datetime(2027, 1, 29, 10, 0, tzinfo=SHANGHAI),
    )
    take_in_contacts(context, SYSTEM, [contact])
    (moment,) = read_portrait(context, branch.actors["advisor"], "C-1").moments
    assert (moment.kind, moment.title, moment.channel) == ("foreign", "card", "app_push")
