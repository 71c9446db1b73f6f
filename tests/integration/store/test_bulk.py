"""Rows in bulk: what stands is passed over, what is shared is converted once, on both databases."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from store.among import among
from store.bulk import insert_rows
from store.database import Database
from store.keys import customer_keys
from store.message_writes import (
    NewMessage,
    insert_messages,
    insert_prepared,
    open_body,
    prepare_messages,
)
from store.models.campaigns import Campaign
from store.models.customers import Customer, CustomerTag
from store.models.messages import ContactLedger, Message, MessageContent, MessageEvent
from store.vault import Vault
from tests.factories import AT, make_campaign, make_customer
from wenhou.core.channels import SMS, Content
from wenhou.core.ids import new_id
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import Status

TABLES = (Message, MessageContent, MessageEvent, ContactLedger)


def _message(customer: Customer, campaign: Campaign, year: int = 2027) -> NewMessage:
    return NewMessage(
        customer_id=customer.id,
        dedupe_key=f"birthday|birthday:solar:{year}/1",
        origin="campaign",
        purpose=Purpose.CARE,
        channel_plan=(SMS,),
        channel=SMS,
        status=Status.SCHEDULED,
        planned_for=date(2027, 1, 30),
        not_before=AT,
        due_at=AT,
        expires_at=AT,
        campaign_id=campaign.id,
        campaign_version_id=campaign.current_version_id,
        contents=(Content(channel=SMS, sender="江城银行", text=f"【江城银行】{year}年生日快乐"),),
        parts={SMS: 1},
    )


def _amounts(database: Database) -> list[int]:
    with database.read() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


def test_of_a_batch_only_what_is_new_is_written_with_all_that_belongs_to_it(
    database: Database, vault: Vault
) -> None:
    with database.write() as session:
        campaign = make_campaign(session)
        customers = [make_customer(session, vault, ref=f"C-{number}") for number in range(60)]
        standing = [_message(one, campaign) for one in customers[10:20]]
        assert insert_messages(session, vault, standing, at=AT) == {one.id for one in standing}
    batch = [_message(one, campaign) for one in customers]

    with database.write() as session:
        written = insert_messages(session, vault, batch, at=AT)

    assert written == {one.id for one in [*batch[:10], *batch[20:]]}
    assert _amounts(database) == [60, 60, 60, 60]


def test_two_planners_at_once_write_each_message_once(database: Database, vault: Vault) -> None:
    with database.write() as session:
        campaign = make_campaign(session)
        customers = [make_customer(session, vault, ref=f"C-{number}") for number in range(80)]
        keys = customer_keys(session, vault, [one.id for one in customers])
    begin, written = threading.Barrier(2), []

    def plan() -> None:
        prepared = prepare_messages(vault, [_message(one, campaign) for one in customers], at=AT, keys=keys)
        begin.wait()
        with database.write() as session:
            written.append(insert_prepared(session, prepared))

    threads = [threading.Thread(target=plan) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(len, written)) == [0, 80]
    assert _amounts(database) == [80, 80, 80, 80]


def test_what_was_sealed_before_the_write_opens_afterwards(database: Database, vault: Vault) -> None:
    with database.write() as session:
        campaign, customer = make_campaign(session), make_customer(session, vault)
        keys = customer_keys(session, vault, [customer.id])
        messages = [replace(_message(customer, campaign, year), id=new_id()) for year in (2027, 2028)]
        insert_prepared(session, prepare_messages(vault, messages, at=AT, keys=keys))

    with database.read() as session:
        rows = session.scalars(select(MessageContent).order_by(MessageContent.message_id)).all()
        texts = [open_body(keys[customer.id], row.message_id, SMS, row.body).text for row in rows]

    assert texts == ["【江城银行】2027年生日快乐", "【江城银行】2028年生日快乐"]


def test_many_ids_as_one_array_find_what_a_list_finds(database: Database, vault: Vault) -> None:
    with database.write() as session:
        ids = [make_customer(session, vault, ref=f"C-{number}").id for number in range(5)]

    with database.read() as session:
        found = set(session.scalars(select(Customer.id).where(among(session, Customer.id, ids[1:4]))))
        none = session.scalars(select(Customer.id).where(among(session, Customer.id, []))).all()

    assert found == set(ids[1:4])
    assert none == []


def test_a_row_that_fails_is_not_quoted_and_fails_as_any_insert_does(database: Database) -> None:
    with database.write() as session:
        rows = [{"customer_id": new_id(), "tag": "王芳的电话" * 20, "source": "file"}]
        with pytest.raises(DBAPIError) as failed:
            insert_rows(session, CustomerTag, rows)
        session.rollback()

    assert "王芳" not in str(failed.value)
