"""Live counts, lists within sight, frozen audiences and their drift."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from sqlalchemy import select

from store.database import Session
from store.frozen_audiences import Drift, drift, drift_of_run, freeze_audience, frozen_audience
from store.models.campaigns import Campaign
from store.models.customers import ContactPoint, Customer, CustomerContact
from store.models.messages import Message
from store.occurrences import open_run
from tests.factories import (
    Reach,
    actor_for,
    make_campaign,
    make_customer,
    make_message,
    make_people,
    make_tree,
)
from tests.integration.audience.people import NOW
from wenhou.core.actors import SYSTEM, Actor
from wenhou.core.audience import Condition
from wenhou.core.errors import AccessDenied
from wenhou.services.audiences import count_audience, list_audience
from wenhou.services.context import Context

VIP = Condition(field="tier", operator="is", values=("VIP",))


def _bank(context: Context) -> dict[str, Actor]:
    """Three VIPs: one of Li Wei's in Wuhan, one of nobody's there, one in Yichang; and somebody who is none."""
    with context.db.write() as session:
        tree = make_tree(session)
        people = make_people(session, tree)
        make_customer(session, context.vault, ref="A", tier="VIP", org=tree.outlet, advisor=people.advisor)
        make_customer(session, context.vault, ref="B", tier="VIP", org=tree.outlet, reach=Reach())
        make_customer(session, context.vault, ref="C", tier="VIP", org=tree.other_branch)
        make_customer(session, context.vault, ref="D", org=tree.outlet)
        point = session.scalars(
            select(ContactPoint)
            .join(CustomerContact, CustomerContact.contact_point_id == ContactPoint.id)
            .join(Customer, Customer.id == CustomerContact.customer_id)
            .where(Customer.external_ref == "C", ContactPoint.channel == "email")
        ).one()
        point.reachable = "no"
        return {
            name: actor_for(session, getattr(people, name))
            for name in ("advisor", "supervisor", "operations", "administrator")
        }


def test_a_count_says_the_rule_the_tiers_the_advisors_and_the_channels(context: Context) -> None:
    _bank(context)
    found = count_audience(context, SYSTEM, VIP, channels=True)
    assert (found.sentence_zh, found.count.total, found.count.by_tier) == ("VIP客户", 3, {"VIP": 3})
    assert (found.count.with_advisor, found.count.without_advisor) == (1, 2)
    assert found.channels == {"wechat": 0, "wecom": 0, "sms": 2, "email": 1, "none": 1}


@pytest.mark.parametrize(("who", "count"), [("advisor", 1), ("supervisor", 2), ("operations", 3)])
def test_everybody_counts_the_customers_they_may_see(context: Context, who: str, count: int) -> None:
    assert count_audience(context, _bank(context)[who], VIP).count.total == count


def test_who_sees_no_customer_counts_none(context: Context) -> None:
    actor = _bank(context)["administrator"]
    with pytest.raises(AccessDenied):
        count_audience(context, actor, VIP)


def test_a_list_masks_names_and_stays_within_sight(context: Context) -> None:
    found = list_audience(context, _bank(context)["supervisor"], VIP, 10)
    assert [(one.ref, one.name, one.has_advisor) for one in found] == [
        ("A", "王*", True),
        ("B", "王*", False),
    ]


def _frozen(session: Session) -> uuid.UUID:
    campaign = make_campaign(session, "once")
    version = campaign.current_version_id
    assert version is not None
    return version


def test_a_frozen_audience_keeps_who_was_in_and_tells_who_joined_and_left(context: Context) -> None:
    _bank(context)
    with context.db.write() as session:
        version = _frozen(session)
        assert freeze_audience(session, version, VIP, NOW) == 3
        for ref, tier in (("A", None), ("D", "VIP")):
            session.scalars(select(Customer).where(Customer.external_ref == ref)).one().tier = tier
        session.flush()
        kept = session.scalars(select(Customer.external_ref).where(frozen_audience(version)))
        assert sorted(kept) == ["A", "B", "C"]
        assert drift(session, version, VIP, NOW) == Drift(joined=1, left=1, frozen=3)
        assert freeze_audience(session, version, VIP, NOW) == 3
        assert drift(session, version, VIP, NOW) == Drift(joined=1, left=1, frozen=3)


def test_a_planned_run_is_compared_with_the_rule_today(context: Context) -> None:
    _bank(context)
    with context.db.write() as session:
        _frozen(session)
        campaign = session.scalars(select(Campaign)).one()
        version = campaign.current_version_id
        assert version is not None
        run = open_run(session, campaign_id=campaign.id, version_id=version, on_day=date(2027, 2, 6), at=NOW)
        for customer in session.scalars(select(Customer).where(Customer.external_ref.in_(("A", "D")))):
            make_message(session, context.vault, customer, campaign).occurrence_id = run
        session.flush()
        assert session.scalars(select(Message.occurrence_id)).all() == [run, run]
        assert drift_of_run(session, run, VIP, NOW, is_whole=True) == Drift(joined=2, left=1, frozen=2)
        assert drift_of_run(session, run, VIP, NOW, is_whole=False).joined is None
