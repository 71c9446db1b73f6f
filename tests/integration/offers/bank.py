"""A bank that has something to offer: a product with its card, published rates, and people who agree to words."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from store.models.customers import Customer
from store.models.messages import Message
from store.models.products import Assessment
from tests.integration.planning.town import Town
from wenhou.core.actors import Actor
from wenhou.core.advice import Blocks
from wenhou.core.ids import new_id
from wenhou.core.opinions import Material, Opinion
from wenhou.core.published_rates import RateLine
from wenhou.services import advice_cards, approvals, opinions, products, published_rates
from wenhou.services.advice_files import CardDraft
from wenhou.services.products import ProductLine
from wenhou.services.published_rates import RatesDraft

MONDAY = date(2027, 2, 1)
"""The day of the rate campaign: a working Monday two days after the frozen clock."""
RATES = """\
key: rates_feb
name: {zh-CN: 二月挂牌利率, en: Rates of February}
purpose: information
trigger: {type: once, on: 2027-02-01}
template: rate_news
channels: [sms]
approval: two_persons
send_at: "10:10"
until: "18:00"
valid_days: 2
"""
GREETING = """\
key: greeting
name: {zh-CN: 二月问候, en: Greeting}
purpose: care
trigger: {type: festival, festival: spring_festival, days_before: 1}
template: spring_festival
channels: [sms]
send_at: "09:10"
until: "18:00"
"""
CARD = """\
key: advice_card
name: {zh-CN: 产品建议卡, en: Advice card}
purpose: marketing
trigger: {type: business_event, event: advice_card, at_once: true}
template: advice_card
channels: [email]
approval: two_persons
until: "20:00"
valid_days: 3
plan_ahead_workdays: 0
"""
BLOCKS = Blocks(
    advantages="每月有一个开放日，赎回的钱第二个工作日到账。",
    risks="净值会涨会跌，赎回时拿到的可能少于当初投入的钱。",
    suits="有一年左右用不到的钱，能接受净值小幅波动。",
    suits_not="这笔钱随时要用，或者不愿看到账面变少。",
)
PRODUCT = ProductLine(
    code="WA1",
    name="江城稳安一年",
    issuer="江城银行",
    risk_level=2,
    risk_sentence="理财非存款，产品有风险，投资须谨慎。",
)
COVERS = (Material(template="rate_news", version=1),)


@dataclass(slots=True, kw_only=True)
class Bank:
    """The town and the few acts that the stories repeat."""

    town: Town

    @property
    def actors(self) -> dict[str, Actor]:
        """One of each role."""
        return self.town.actors

    def require_opinions(self, **rules: Any) -> None:
        """The bank asks for opinions, outside production too; no other rule stands in the way."""
        self.town.set_policy(campaigns_need_opinion=True, care_ratio=False, **rules)

    def agree(
        self, campaign: str = "rates_feb", number: str = "消保〔2027〕1号", **facts: Any
    ) -> tuple[str, int]:
        """Enter an opinion; it agrees to the bundled rate news to the end of February unless told otherwise."""
        given: dict[str, Any] = {
            "reviewer": "消保部 何清",
            "valid_until": date(2027, 2, 28),
            "materials": COVERS,
        } | facts
        opinion = Opinion(number=number, **given)
        return opinions.add_opinion(self.town.context, self.actors["compliance"], campaign, opinion)

    def approve_all(self) -> None:
        """The advisor and compliance agree to everything that waits."""
        for who in ("advisor", "compliance"):
            for message in self.town.messages():
                if message.status == "proposed":
                    actor = self.actors[who]
                    seen = approvals.current_hash(self.town.context, actor, message.id)
                    approvals.approve(self.town.context, actor, message.id, seen, undo_seconds=0)

    def publish(self, number: str, rate: str, *, effective_on: date = date(2027, 1, 25)) -> None:
        """An edition with one rate, entered by operations."""
        draft = RatesDraft(
            number=number,
            published_on=date(2027, 1, 20),
            effective_on=effective_on,
            source="江城银行人民币存款挂牌利率公告",
            lines=(RateLine(key="time_1y", product="整存整取", term="一年", rate=rate),),
        )
        published_rates.apply_rates(self.town.context, self.actors["operations"], draft)

    def approve_rates(self, number: str) -> int:
        """Compliance agrees to an edition."""
        return published_rates.approve_rates(self.town.context, self.actors["compliance"], number)

    def product(self, **facts: Any) -> None:
        """Put the product on the list, changed as told."""
        known = {name: getattr(PRODUCT, name) for name in ProductLine.__slots__}
        line = ProductLine(**{**known, **facts})
        products.apply_products(self.town.context, self.actors["operations"], [line])

    def card(self, *, advantages: str = BLOCKS.advantages) -> int:
        """Write, submit and approve the product's card; its version."""
        known = {name: getattr(BLOCKS, name) for name in Blocks.__slots__}
        blocks = Blocks(**{**known, "advantages": advantages})
        draft = CardDraft(
            product="WA1",
            source="产品说明书2027年1月版",
            source_on=date(2027, 1, 15),
            blocks={"zh-CN": blocks},
        )
        context, operations = self.town.context, self.actors["operations"]
        advice_cards.apply_card(context, operations, draft)
        advice_cards.submit_card(context, operations, "WA1")
        return advice_cards.approve_card(context, self.actors["compliance"], "WA1")

    def customer(
        self, *, level: int | None = 3, valid_until: date = date(2027, 12, 31), **facts: Any
    ) -> Customer:
        """Of the advisor 李伟, reached by mail and SMS with every consent, assessed C3."""
        consents = tuple(
            (channel, purpose)
            for channel in ("sms", "email")
            for purpose in ("care", "information", "marketing")
        )
        made = self.town.customer(**{"consents": consents, "reach": None, **facts})
        if level is not None:
            with self.town.context.db.write() as session:
                session.add(
                    Assessment(
                        id=new_id(),
                        customer_id=made.id,
                        level=level,
                        assessed_on=date(2026, 6, 1),
                        valid_until=valid_until,
                        source="counter",
                    )
                )
        return made

    def row(self, message_id: uuid.UUID) -> Message:
        """A message as it stands."""
        with self.town.context.db.read() as session:
            return session.scalars(select(Message).where(Message.id == message_id)).one()


def make_bank(town: Town) -> Bank:
    """The town with a product on its list."""
    made = Bank(town=town)
    made.product()
    return made
