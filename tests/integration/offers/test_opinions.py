"""消保审查: no opinion, no launch; one that ends holds what is live, to the minute, until it is renewed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from store.models.campaigns import Campaign, CampaignVersion, TemplateVersion
from store.models.messages import Message
from store.models.offers import ReviewOpinion
from store.models.records import StaffNotice
from tests.integration.offers.bank import GREETING, MONDAY, RATES, Bank
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.ids import new_id
from wenhou.core.opinions import Conclusion, Material, Opinion
from wenhou.services import campaign_life, campaigns, desk_notices, opinions
from wenhou.services.campaign_files import read_campaigns

DAY = timedelta(days=1)
OPINION = """\
opinion:
  number: "消保〔2027〕7号"
  reviewer: 消保部 何清
  valid_until: 2027-02-28
  materials:
    - {template: rate_news, version: 1}
"""


def state_of(bank: Bank, key: str = "rates_feb") -> str:
    with bank.town.context.db.read() as session:
        return session.scalars(select(Campaign.state).where(Campaign.key == key)).one()


def rows(bank: Bank) -> list[ReviewOpinion]:
    with bank.town.context.db.read() as session:
        return list(session.scalars(select(ReviewOpinion).order_by(ReviewOpinion.added_at)))


def live(bank: Bank, **facts: Any) -> None:
    """Opinions are asked for, the rate campaign has one, rates are published, a customer is met."""
    bank.require_opinions()
    bank.customer()  # first: whom a one-time campaign speaks to is fixed when it goes live
    bank.publish("2027年第1号", "0.95")
    bank.approve_rates("2027年第1号")
    bank.town.go_live(RATES)
    bank.agree(**facts)
    campaign_life.go_live(bank.town.context, bank.actors["operations"], "rates_feb")


# --- before it is live --------------------------------------------------------------------------------------------------


def test_without_an_opinion_a_campaign_that_informs_stays_checked_and_says_why(bank: Bank) -> None:
    bank.require_opinions()
    bank.town.go_live(RATES)

    assert state_of(bank) == "checked"
    with pytest.raises(Refused, match="没有消保审查意见"):
        campaign_life.approve(bank.town.context, bank.actors["compliance"], "rates_feb")
    with pytest.raises(Refused, match="has no opinion of consumer protection"):
        campaign_life.go_live(bank.town.context, bank.actors["operations"], "rates_feb")
    assert state_of(bank) == "checked"


def test_a_greeting_needs_no_opinion(bank: Bank) -> None:
    bank.require_opinions()
    bank.town.go_live(GREETING)

    assert state_of(bank, "greeting") == "live"


def test_nothing_is_asked_where_the_bank_does_not_ask(bank: Bank) -> None:
    bank.town.go_live(RATES)

    assert state_of(bank) == "live"


def test_production_asks_whatever_the_policy_says(bank: Bank) -> None:
    bank.town.context = replace(bank.town.context, production=True)
    bank.town.go_live(RATES)

    assert state_of(bank) == "checked"


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"valid_until": date(2027, 1, 29)}, "已于 2027-01-29 到期"),
        ({"valid_from": date(2027, 1, 31)}, "自 2027-01-31 起才有效"),
        ({"conclusion": Conclusion.REFUSE, "note": "说法含糊", "materials": ()}, "不同意"),
        ({"materials": (Material(template="rate_news", version=2),)}, r"没有覆盖：rate_news 1 \(zh-CN\)"),
        ({"materials": (Material(template="rate_news", version=1, locale="zh-CN"),)}, r"rate_news 1 \(en\)"),
        ({"materials": (Material(name="别的.docx", sha256="0" * 64),)}, "没有覆盖"),
    ],
)
def test_an_opinion_that_does_not_agree_to_these_words_today_lets_nothing_live(
    bank: Bank, facts: dict[str, Any], why: str
) -> None:
    bank.require_opinions()
    bank.town.go_live(RATES)
    bank.agree(**facts)

    with pytest.raises(Refused, match=why):
        campaign_life.go_live(bank.town.context, bank.actors["operations"], "rates_feb")
    assert state_of(bank) == "checked"


def test_a_valid_opinion_lets_it_live(bank: Bank) -> None:
    live(bank)

    assert state_of(bank) == "live"


def test_a_refusal_ends_what_was_agreed_before_and_a_later_agreement_ends_the_refusal(bank: Bank) -> None:
    bank.require_opinions()
    bank.town.go_live(RATES)
    bank.agree(number="1")
    bank.agree(number="2", conclusion=Conclusion.REFUSE, note="改口")
    with pytest.raises(Refused, match="2 不同意"):
        campaign_life.go_live(bank.town.context, bank.actors["operations"], "rates_feb")
    bank.town.at(date(2027, 1, 31))
    bank.agree(number="3")

    assert campaign_life.go_live(bank.town.context, bank.actors["operations"], "rates_feb") == 1


def test_the_documents_own_opinion_is_entered_when_it_is_approved_not_before(bank: Bank) -> None:
    bank.require_opinions()
    strict = replace(bank.town.context, campaigns_need_two=True)
    (document,) = read_campaigns(RATES + OPINION, "rates.yaml")
    campaigns.apply_campaigns(strict, bank.actors["operations"], [document])
    assert rows(bank) == []

    campaign_life.approve(strict, bank.actors["compliance"], "rates_feb")
    (entered,) = rows(bank)
    assert (entered.number, entered.valid_until) == ("消保〔2027〕7号", date(2027, 2, 28))
    campaign_life.go_live(strict, bank.actors["operations"], "rates_feb")
    assert state_of(bank) == "live"
    assert (
        read_campaigns(campaigns.export_campaign(strict, "rates_feb", canonical=True), "again.yaml")[
            0
        ].campaign
        == document.campaign
    )


def test_a_number_that_stands_for_something_else_is_refused(bank: Bank) -> None:
    bank.require_opinions()
    bank.town.go_live(RATES)

    assert bank.agree(number="1")[0] == "created"
    assert bank.agree(number="1")[0] == "unchanged"
    with pytest.raises(Refused, match="已登记且内容不同"):
        bank.agree(number="1", valid_until=date(2028, 2, 28))


def test_only_compliance_enters_opinions_and_no_opinion_ever_changes(bank: Bank) -> None:
    bank.town.go_live(RATES)
    with pytest.raises(AccessDenied):
        opinions.add_opinion(
            bank.town.context,
            bank.actors["operations"],
            "rates_feb",
            Opinion(number="1", reviewer="x", valid_until=MONDAY),
        )
    with pytest.raises(InputError, match="no campaign nowhere"):
        bank.agree("nowhere")
    bank.agree()
    for sentence in ("UPDATE review_opinions SET valid_until = '2099-01-01'", "DELETE FROM review_opinions"):
        with pytest.raises(DBAPIError, match="append-only"), bank.town.context.db.write() as session:
            session.execute(text(sentence))


def test_advisors_do_not_read_opinions(bank: Bank) -> None:
    with pytest.raises(AccessDenied):
        opinions.list_opinions(bank.town.context, bank.actors["advisor"])


# --- a product somebody else issues ---------------------------------------------------------------------------------------

SALE = """\
key: sale
name: {zh-CN: 代销, en: Sale}
purpose: marketing
trigger: {type: once, on: 2027-02-01}
product: WA1
template: TEMPLATE
channels: [email]
approval: two_persons
"""


@pytest.mark.parametrize(
    ("product", "said", "why"),
    [
        ({"issuer": "汉水基金"}, None, "缺发行方审核编号"),
        ({"issuer": "汉水基金", "approval_number": "HS-1"}, "HS-2", "发行方审核编号不一致"),
        ({"issuer": "汉水基金", "approval_number": "HS-1"}, None, None),
        ({"issuer": "汉水基金"}, "HS-2", None),
        ({}, None, None),
    ],
)
def test_words_on_somebody_elses_product_need_the_issuers_number(
    bank: Bank, product: dict[str, str], said: str | None, why: str | None
) -> None:
    bank.require_opinions()
    bank.product(**product)
    bank.town.go_live(RATES.replace("key: rates_feb", "key: rates_feb\nproduct: WA1"))
    bank.agree(issuer_approval=said)

    if why is None:
        assert campaign_life.go_live(bank.town.context, bank.actors["operations"], "rates_feb") == 1
        return
    with pytest.raises(Refused, match=why):
        campaign_life.go_live(bank.town.context, bank.actors["operations"], "rates_feb")


# --- while it is live ---------------------------------------------------------------------------------------------------


def test_what_is_agreed_to_leaves(bank: Bank) -> None:
    live(bank)
    bank.town.plan(MONDAY)
    bank.approve_all()
    bank.town.at(MONDAY, 10, 30)

    assert bank.town.dispatch() == 1


@pytest.mark.parametrize(("day", "hour", "minute", "left"), [(MONDAY, 23, 58, 1), (MONDAY + DAY, 0, 1, 0)])
def test_an_opinion_ends_at_midnight_of_the_banks_zone(
    bank: Bank, day: date, hour: int, minute: int, left: int
) -> None:
    live(bank, valid_until=MONDAY)
    bank.require_opinions(windows={"information": {"opens": "00:00", "closes": "23:59"}})
    bank.town.plan(MONDAY)
    bank.approve_all()
    bank.town.at(day, hour, minute)

    assert bank.town.dispatch() == left


def test_after_midnight_what_waits_is_held_with_its_reason_and_the_renewal_lets_it_go(bank: Bank) -> None:
    live(bank, valid_until=MONDAY)
    bank.town.plan(MONDAY)
    bank.approve_all()
    bank.town.at(MONDAY + DAY, 10, 30)

    assert bank.town.dispatch() == 0
    (held,) = bank.town.messages()
    assert (held.status, held.reason) == ("scheduled", "opinion_expired")
    assert held.hold_key == f"opinion:{held.campaign_id}"

    assert bank.agree(number="消保〔2027〕2号") == ("created", 1)
    assert bank.town.dispatch() == 1
    assert bank.town.standing() == [("sent", None)]


def test_a_renewal_of_other_words_lets_nothing_out(bank: Bank) -> None:
    live(bank, valid_until=MONDAY)
    bank.town.plan(MONDAY)
    bank.approve_all()
    bank.town.at(MONDAY + DAY, 10, 30)
    bank.town.dispatch()
    bank.agree(number="2", materials=(Material(template="rate_news", version=2),))

    assert bank.town.dispatch() == 0
    assert bank.town.standing() == [("scheduled", "opinion_expired")]


def test_a_renewal_entered_before_the_end_leaves_no_gap(bank: Bank) -> None:
    live(bank, valid_until=MONDAY)
    bank.agree(number="2", valid_from=MONDAY + DAY)
    bank.town.plan(MONDAY)
    bank.approve_all()
    bank.town.at(MONDAY + DAY, 10, 30)

    assert bank.town.dispatch() == 1


def test_planning_holds_what_would_leave_after_the_end(bank: Bank) -> None:
    live(bank, valid_until=MONDAY - DAY)
    bank.town.plan(MONDAY)

    assert bank.town.standing() == [("proposed", "opinion_expired")]


def test_a_refusal_while_it_is_live_stops_the_next_call(bank: Bank) -> None:
    live(bank)
    bank.town.plan(MONDAY)
    bank.approve_all()
    bank.town.at(MONDAY, 10, 20)
    bank.agree(number="2", conclusion=Conclusion.REFUSE, note="引起误解", materials=())

    assert bank.town.dispatch() == 0
    assert bank.town.standing() == [("scheduled", "opinion_missing")]


def test_what_was_written_of_an_older_version_needs_the_opinion_of_that_version(bank: Bank) -> None:
    live(bank)
    bank.town.plan(MONDAY)
    bank.approve_all()
    # The words that wait were made of a version nobody reviewed.
    with bank.town.context.db.write() as session:
        known = session.scalars(
            select(TemplateVersion).where(TemplateVersion.template_key == "rate_news")
        ).one()
        other = TemplateVersion(
            id=new_id(),
            template_key="rate_news",
            locale="zh-CN",
            number=9,
            state="approved",
            document=known.document,
            digest=b"9" * 32,
            created_at=known.created_at,
        )
        session.add(other)
        session.flush()
        session.execute(update(Message).values(template_version_id=other.id))
    bank.town.at(MONDAY, 10, 30)

    assert bank.town.dispatch() == 0
    assert bank.town.standing() == [("scheduled", "opinion_missing")]


def test_a_policy_that_begins_to_ask_holds_what_is_live_without_an_opinion(bank: Bank) -> None:
    bank.customer()
    bank.publish("2027年第1号", "0.95")
    bank.approve_rates("2027年第1号")
    bank.town.go_live(RATES)
    bank.town.plan(MONDAY)
    bank.approve_all()
    bank.require_opinions()
    bank.town.at(MONDAY, 10, 30)

    assert bank.town.dispatch() == 0
    assert bank.town.standing() == [("scheduled", "opinion_missing")]


# --- warnings -------------------------------------------------------------------------------------------------------------


def warnings(bank: Bank) -> list[tuple[str, bool]]:
    with bank.town.context.db.read() as session:
        rows = session.scalars(select(StaffNotice).where(StaffNotice.kind == opinions.NOTICE))
        return [(row.body["until"], row.body["is_over"]) for row in rows]


def test_the_owner_is_told_thirty_and_seven_days_before_and_at_the_end_once_each(bank: Bank) -> None:
    live(bank, valid_until=date(2027, 3, 15))
    told = []
    for day in (date(2027, 2, 12), date(2027, 2, 13), date(2027, 2, 14), date(2027, 3, 8), date(2027, 3, 15)):
        bank.town.at(day)
        told.append(opinions.warn_expiring(bank.town.context))
    bank.town.at(date(2027, 3, 16))
    told.append(opinions.warn_expiring(bank.town.context) + opinions.warn_expiring(bank.town.context))

    assert told == [0, 1, 0, 1, 0, 1]
    assert warnings(bank) == [("2027-03-15", False), ("2027-03-15", False), ("2027-03-15", True)]
    notices = desk_notices.list_notices(bank.town.context, bank.actors["operations"])
    assert any("消保〔2027〕1号 已于 2027-03-15 到期" in one.words for one in notices)


def test_whoever_wrote_the_version_in_force_is_told(bank: Bank) -> None:
    live(bank, valid_until=date(2027, 2, 20))
    owner = bank.town.people.operations.id
    with bank.town.context.db.write() as session:
        session.scalars(select(CampaignVersion)).one().created_by = owner
    opinions.warn_expiring(bank.town.context)

    with bank.town.context.db.read() as session:
        assert session.scalars(select(StaffNotice.user_id)).one() == owner


def test_a_renewal_without_a_gap_ends_the_warnings(bank: Bank) -> None:
    live(bank, valid_until=date(2027, 2, 10))
    bank.agree(number="2", valid_from=date(2027, 2, 11), valid_until=date(2027, 12, 31))

    assert opinions.warn_expiring(bank.town.context) == 0


def test_lists_show_what_ends_within_so_many_days(bank: Bank) -> None:
    bank.town.go_live(RATES)
    bank.agree(number="1", valid_until=date(2027, 2, 10))
    bank.agree(number="2", valid_until=date(2027, 12, 31))
    bank.agree(number="3", valid_until=date(2027, 1, 2))
    found = opinions.list_opinions(bank.town.context, bank.actors["operations"])
    soon = opinions.list_opinions(bank.town.context, bank.actors["operations"], expiring=30)

    assert [(one.number, one.state) for one in found] == [("3", "expired"), ("1", "valid"), ("2", "valid")]
    assert [(one.number, one.days_left) for one in soon] == [("1", 11)]
