"""Product cards in the console: suitability first, four blocks, own customers only, and one press a day."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from store.models.customers import Customer
from store.models.products import Assessment
from tests.factories import People, actor_for
from tests.integration.console.conftest import Signed, post
from tests.integration.offers.bank import BLOCKS, CARD, PRODUCT
from wenhou.core.actors import SYSTEM
from wenhou.core.ids import new_id
from wenhou.services import advice_cards, products
from wenhou.services.advice_files import CardDraft
from wenhou.services.campaign_files import read_campaigns
from wenhou.services.campaigns import apply_campaigns
from wenhou.services.context import Context

PAGE = "/customers/C-1001/advice"


@pytest.fixture
def cards(context: Context, people: People) -> None:
    """An approved card, its campaign, and 王芳 assessed C3, 李娜 C1."""
    with context.db.write() as session:
        operations, compliance = (actor_for(session, one) for one in (people.operations, people.compliance))
        for ref, level in (("C-1001", 3), ("C-1002", 1)):
            customer = session.scalars(select(Customer).where(Customer.external_ref == ref)).one()
            session.add(
                Assessment(
                    id=new_id(),
                    customer_id=customer.id,
                    level=level,
                    assessed_on=date(2026, 6, 1),
                    valid_until=date(2027, 12, 31),
                    source="counter",
                )
            )
    products.apply_products(context, operations, [PRODUCT])
    draft = CardDraft(product="WA1", source="说明书", source_on=date(2027, 1, 15), blocks={"zh-CN": BLOCKS})
    advice_cards.apply_card(context, operations, draft)
    advice_cards.submit_card(context, operations, "WA1")
    advice_cards.approve_card(context, compliance, "WA1")
    apply_campaigns(context, SYSTEM, read_campaigns(CARD, "card.yaml"))


@pytest.mark.usefixtures("cards")
def test_the_customers_page_leads_to_the_cards_and_a_card_says_first_whether_it_suits(
    signed_in: Signed,
) -> None:
    client = signed_in("advisor")
    assert f'href="{PAGE}"' in client.get("/customers/C-1001").text
    assert "适合" in client.get(PAGE).text
    page = client.get(f"{PAGE}/WA1").text

    places = [
        page.index(text)
        for text in ("测评有效", BLOCKS.advantages, BLOCKS.risks, BLOCKS.suits_not, "2027-01-15")
    ]
    assert places == sorted(places)
    assert page.count("<dt>") == page.count("<dd>") == 4


@pytest.mark.usefixtures("cards")
def test_pressing_send_asks_once_a_day(signed_in: Signed) -> None:
    client = signed_in("advisor")
    assert post(client, f"{PAGE}/WA1/send", page=f"{PAGE}/WA1", version="1")[0] == 303
    page = client.get(f"{PAGE}/WA1").text

    assert "已提交" in page
    assert "正在生成" in page
    assert 'name="version"' not in page


@pytest.mark.usefixtures("cards")
def test_what_does_not_suit_has_no_button_and_a_forged_form_is_refused(signed_in: Signed) -> None:
    client = signed_in("advisor")
    page = client.get("/customers/C-1002/advice/WA1").text
    assert "不适合" in page
    assert 'name="version"' not in page
    post(client, "/customers/C-1002/advice/WA1/send", page=f"{PAGE}/WA1", version="1")

    assert "不能发送" in client.get("/customers/C-1002/advice/WA1").text


@pytest.mark.usefixtures("cards")
def test_somebody_elses_customer_and_no_card_look_alike(signed_in: Signed) -> None:
    stranger = signed_in("other_advisor")
    assert stranger.get(PAGE).status_code == 404
    assert stranger.get(f"{PAGE}/WA1").status_code == 404
    assert signed_in("advisor").get(f"{PAGE}/NONE").status_code == 404
    assert signed_in("administrator").get(PAGE).status_code == 404


@pytest.mark.usefixtures("cards")
def test_operations_sees_a_card_and_cannot_send_it(signed_in: Signed) -> None:
    client = signed_in("operations")
    assert 'name="version"' not in client.get(f"{PAGE}/WA1").text
    assert post(client, f"{PAGE}/WA1/send", page=f"{PAGE}/WA1", version="1")[0] == 404
