"""What is planned anew waits with today's advisor, and is judged by the campaign whose words it has."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select, update

from store.models.campaigns import Campaign
from store.models.customers import Customer
from store.models.organisation import User
from tests.factories import grant
from tests.integration.planning.test_planning import Bank, _customer, _messages
from wenhou.core.actors import SYSTEM
from wenhou.core.clock import ShiftedClock
from wenhou.services.campaign_files import read_campaigns
from wenhou.services.campaigns import apply_campaigns

DAY = date(2027, 2, 3)
WEEKLY = """
key: weekly_hello
name: {zh-CN: 每周问候, en: Weekly greeting}
purpose: care
trigger: {type: recurring, every: week, day: 3}
template: birthday
channels: [sms]
approval: none
send_at: "10:00"
until: "12:00"
"""


def test_the_same_words_wait_with_the_advisor_of_today(bank: Bank) -> None:
    old, new = bank.people.advisor, bank.people.other_advisor
    with bank.context.db.write() as session:
        for _ in range(12):  # some keep their wording with the other advisor, some do not
            _customer(bank, session, birthday=("solar", 2, 3))
        session.execute(update(User).where(User.id.in_((old.id, new.id))).values(name="李伟", phone=None))
    bank.planner.plan(DAY, DAY, campaign="birthday")
    clock = bank.context.clock
    assert isinstance(clock, ShiftedClock)
    clock.move_to(clock.now() + timedelta(minutes=20))
    with bank.context.db.write() as session:
        moved = {"main_advisor_id": new.id, "updated_at": clock.now()}
        session.execute(update(Customer).values(**moved))
    bank.planner.plan(DAY, DAY, campaign="birthday")
    found = _messages(bank.context)
    assert [(one.status, one.advisor_id) for one in found] == [("proposed", new.id)] * 12


def test_what_a_new_version_plans_anew_is_of_that_version_and_in_its_window(bank: Bank) -> None:
    apply_campaigns(bank.context, SYSTEM, read_campaigns(WEEKLY, "weekly.yaml"))
    with bank.context.db.write() as session:
        customer = _customer(bank, session, consents=())
    bank.planner.plan(DAY, DAY, campaign="weekly_hello")
    assert [one.status for one in _messages(bank.context)] == ["skipped"]
    later = WEEKLY.replace("10:00", "15:00").replace("12:00", "18:00")
    apply_campaigns(bank.context, SYSTEM, read_campaigns(later, "weekly.yaml"))
    with bank.context.db.write() as session:
        grant(session, customer, "sms", "care")
        wanted = select(Campaign.current_version_id).where(Campaign.key == "weekly_hello")
        version = session.scalars(wanted).one()
    bank.planner.plan(DAY, DAY, campaign="weekly_hello")
    (message,) = _messages(bank.context)
    assert (message.status, message.campaign_version_id) == ("scheduled", version)
    assert message.not_before <= message.due_at < message.expires_at
