"""A bank that hears: the hooks of three simulator accounts, customers, and messages that have left."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from integrations.signing import signed_headers
from integrations.simulator.parser import SimulatorParser
from integrations.simulator.settings import SimulatorSettings
from store.message_writes import NewMessage, insert_messages
from store.models.campaigns import Campaign
from store.models.customers import ContactPoint, Customer, CustomerContact
from store.models.handover import Attempt
from store.models.hearing import Callback, Case, ConversationEntry, Task
from store.models.messages import Message
from store.transitions import Change, change_status
from tests import factories
from webhooks.blueprint import make_blueprint
from wenhou.core.channels import EMAIL, SMS, WECHAT, CallbackParser, Content
from wenhou.core.clock import ShiftedClock
from wenhou.core.ids import new_id
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import Event, Status
from wenhou.services import intake
from wenhou.services.context import Context

SECRET = "a secret of the pretend provider"
PHONE = "+8613800138000"
MAIL = "wang@example.com"
OPENID = "openid-of-wang"


@dataclass(kw_only=True)
class World:
    """What a test of hearing works with."""

    context: Context
    clock: ShiftedClock
    parsers: dict[tuple[str, str], CallbackParser]
    client: FlaskClient
    tree: factories.Tree
    people: factories.People
    campaigns: dict[str, Campaign]
    customer: Customer
    woken: list[str] = field(default_factory=list)
    _last: int = 0

    def post(self, *events: dict[str, Any], account: str = SMS) -> TestResponse:
        """A signed callback with these events."""
        body = json.dumps({"events": list(events)}, ensure_ascii=False).encode()
        headers = signed_headers(SECRET, account, self.context.clock.real(), body)
        return self.client.post(f"/hooks/simulator/{account}", data=body, headers=headers)

    def says(self, text: str, *, address: str = PHONE, account: str = SMS, **more: Any) -> dict[str, Any]:
        """A customer's words as the provider spells them."""
        self._last += 1
        event = {
            "type": "reply",
            "id": f"reply-{self._last}",
            "address": address,
            "text": text,
            "at": self.now(),
        }
        return event | more

    def receipt(self, attempt: Attempt | uuid.UUID, status: str, **more: Any) -> dict[str, Any]:
        """A receipt as the provider spells it."""
        self._last += 1
        attempt_id = attempt if isinstance(attempt, uuid.UUID) else attempt.id
        reference = self.context.vault.reference_of(attempt_id)
        return {
            "type": "receipt",
            "id": f"receipt-{self._last}",
            "status": status,
            "at": self.now(),
            "message_id": f"theirs-{attempt_id.hex}",
            "reference": reference,
            "address": PHONE,
        } | more

    def hear(self, *events: dict[str, Any], account: str = SMS) -> None:
        """Take these events in and apply them."""
        assert self.post(*events, account=account).status_code == 200
        intake.apply_pending(self.context, self.parsers)

    def now(self) -> str:
        return self.clock.now().isoformat()

    def planned(
        self,
        purpose: str = "care",
        *,
        status: Status = Status.SCHEDULED,
        days: int = 1,
        whose: Customer | None = None,
    ) -> Message:
        """A message that waits, due in some days."""
        customer = whose or self.customer
        with self.context.db.write() as session:
            message = factories.make_message(
                session,
                self.context.vault,
                customer,
                self.campaigns[purpose],
                status=status,
                due_at=factories.AT + timedelta(days=days),
            )
            message.contact_point_id = point_of(session, customer, SMS).id
            return message

    def sent(
        self,
        *,
        asks: str | None = None,
        whose: Customer | None = None,
        channel: str = SMS,
        upto: Event | None = Event.ACCEPT,
    ) -> tuple[Message, Attempt]:
        """A service message in the provider's hands; `upto` None: the call has not answered yet."""
        customer = whose or self.customer
        now = self.clock.now()
        with self.context.db.write() as session:
            point = point_of(session, customer, channel)
            new = NewMessage(
                customer_id=customer.id,
                dedupe_key=f"sent|{new_id()}",
                origin="campaign",
                purpose=Purpose.SERVICE,
                channel_plan=(channel,),
                channel=channel,
                contact_point_id=point.id,
                status=Status.SCHEDULED,
                planned_for=now.date(),
                not_before=now,
                due_at=now,
                expires_at=now + timedelta(days=1),
                asks=asks,
                campaign_id=self.campaigns["service"].id,
                campaign_version_id=self.campaigns["service"].current_version_id,
                advisor_id=customer.main_advisor_id,
                org_id=customer.managing_org_id,
                contents=(
                    Content(channel=channel, sender="江城银行", text="【江城银行】办得怎么样？请回复1-5。"),
                ),
            )
            insert_messages(session, self.context.vault, [new], at=now)
            attempt = Attempt(
                id=new_id(),
                message_id=new.id,
                number=1,
                channel=channel,
                provider="simulator",
                account=channel,
                contact_point_id=point.id,
                fence=1,
                opened_at=now,
            )
            session.add(attempt)
            move(session, self, new.id, Status.SCHEDULED, Event.START)
            if upto is not None:
                attempt.closed_at, attempt.outcome = now, "accepted"
                move(session, self, new.id, Status.SENDING, upto)
            return session.get_one(Message, new.id), attempt

    def status(self, message: Message) -> Status:
        return Status(self.message(message).status)

    def message(self, message: Message) -> Message:
        with self.context.db.read() as session:
            found = session.get_one(Message, message.id)
            session.expunge_all()
            return found

    def answers(self, origin: str | None = None) -> Sequence[Message]:
        """What we answered, in the order of writing."""
        with self.context.db.read() as session:
            statement = select(Message).where(Message.origin != "campaign").order_by(Message.id)
            if origin is not None:
                statement = statement.where(Message.origin == origin)
            found = session.scalars(statement).all()
            session.expunge_all()
            return found

    def rows(self, model: type[Any]) -> Sequence[Any]:
        with self.context.db.read() as session:
            found = session.scalars(select(model).order_by(*model.__table__.primary_key.columns)).all()
            session.expunge_all()
            return found

    def tasks(self) -> list[str]:
        return sorted(task.kind for task in self.rows(Task))

    def entries(self) -> Sequence[ConversationEntry]:
        return list(self.rows(ConversationEntry))

    def cases(self) -> Sequence[Case]:
        return list(self.rows(Case))

    def callbacks(self) -> list[str]:
        return [row.state for row in self.rows(Callback)]


def move(session: Session, world: World, message_id: uuid.UUID, was: Status, event: Event) -> None:
    change = Change(message_id=message_id, was=was, event=event, actor="system")
    assert change_status(session, [change], world.clock.now()) == {message_id}


def point_of(session: Session, customer: Customer, channel: str) -> ContactPoint:
    return session.scalars(
        select(ContactPoint)
        .join(CustomerContact, CustomerContact.contact_point_id == ContactPoint.id)
        .where(CustomerContact.customer_id == customer.id, ContactPoint.channel == channel)
    ).one()


def make_world(context: Context, clock: ShiftedClock) -> World:
    """The bank, one customer, and the hooks of its accounts."""
    woken: list[str] = []
    context = Context(db=context.db, vault=context.vault, clock=clock, bank=context.bank, submit=woken.append)
    parsers: dict[tuple[str, str], CallbackParser] = {
        ("simulator", channel): SimulatorParser(
            SimulatorSettings.model_validate(
                {
                    "provider": "simulator",
                    "account": channel,
                    "channel": channel,
                    "base_url": "http://127.0.0.1:9",
                    "secret": SECRET,
                }
            )
        )
        for channel in (SMS, EMAIL, WECHAT)
    }
    with context.db.write() as session:
        tree = factories.make_tree(session)
        people = factories.make_people(session, tree)
        campaigns = {
            purpose: factories.make_campaign(session, f"campaign_{purpose}", purpose)
            for purpose in ("care", "service", "information", "marketing")
        }
        customer = factories.make_customer(
            session,
            context.vault,
            org=tree.outlet,
            advisor=people.advisor,
            deputy=people.deputy,
            reach=factories.Reach(phone=PHONE, email=MAIL, openid=OPENID),
            consents=((SMS, "care"), (SMS, "marketing"), (EMAIL, "care"), (WECHAT, "care")),
        )
    app = Flask("tests.hearing")
    app.register_blueprint(make_blueprint(parsers, context))
    return World(
        context=context,
        clock=clock,
        parsers=parsers,
        client=app.test_client(),
        tree=tree,
        people=people,
        campaigns=campaigns,
        customer=customer,
        woken=woken,
    )
