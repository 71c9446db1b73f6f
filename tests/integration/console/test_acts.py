"""What people do on the pages of sending and hearing: stop a part, resume, settle, say who spoke; and what is noted."""

from __future__ import annotations

import re
import uuid

import pytest
from sqlalchemy import select

from store.accounts import pause_account, resume_account
from store.models.handover import Stop
from store.models.hearing import ConversationEntry
from store.models.messages import Message
from store.models.records import AuditRow
from tests.browser.bank import NOW
from tests.integration.console.conftest import Signed, post
from wenhou.core.statuses import Status
from wenhou.services.context import Context

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def audited(context: Context, act: str) -> list[tuple[str, uuid.UUID | None]]:
    with context.db.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.act == act).order_by(AuditRow.id))
        return [(row.subject_kind, row.subject_id) for row in rows]


def test_operations_resume_a_paused_account_and_an_advisor_is_not_offered_it(
    signed_in: Signed, context: Context
) -> None:
    with context.db.write() as session:
        pause_account(session, provider="simulator", account="sms", code="balance", reason="余额不足", at=NOW)
    client = signed_in("operations")
    assert "余额不足" in client.get("/delivery").text
    assert "恢复通道" not in signed_in("advisor").get("/delivery").text

    post(client, "/delivery/accounts/resume", page="/delivery", provider="simulator", account="sms")

    page = client.get("/delivery").text
    assert "通道已恢复" in page
    assert "余额不足" not in page


@pytest.mark.parametrize(("said", "status"), [("sent", Status.SENT), ("not", Status.FAILED)])
def test_a_supervisor_says_what_became_of_an_unknown_message(
    signed_in: Signed, context: Context, said: str, status: Status
) -> None:
    client = signed_in("supervisor")
    page = client.get("/delivery").text
    assert "系统从不自动重发" in page
    found = re.search(r"/delivery/unknown/([0-9a-f-]{36})", page)
    assert found is not None

    path = f"/delivery/unknown/{found[1]}"
    post(client, path, page="/delivery", was=said, known_by="provider_record")

    with context.db.read() as session:
        assert session.get_one(Message, uuid.UUID(found[1])).status == status


def test_an_advisor_reads_counts_of_their_own_desk_and_settles_nothing(signed_in: Signed) -> None:
    advisor, other = signed_in("advisor"), signed_in("other_advisor")

    page = advisor.get("/delivery").text

    assert "您名下客户的消息" in page
    assert "没有发出" not in page
    assert 'class="is-proposed"' in page
    assert 'class="is-proposed"' not in other.get("/delivery").text
    assert "及下级机构客户的消息" in signed_in("supervisor").get("/delivery").text


@pytest.mark.parametrize(
    "what", ["purpose:marketing", "channel:sms", "campaign:spring_festival", "org:WH", "all"]
)
def test_a_part_is_stopped_in_two_clicks_after_saying_how_much_it_holds(
    signed_in: Signed, context: Context, what: str
) -> None:
    client, (scope, _, value) = signed_in("operations"), what.partition(":")
    if scope == "org":
        value = re.findall(r'value="org:([^"]+)"', client.get("/delivery/stop").text)[0]
    first = client.get("/delivery/stop", query_string={"what": f"{scope}:{value}" if value else scope})
    assert "条已排期的消息" in first.text
    assert f'name="scope" value="{scope}"' in first.text

    post(client, "/delivery/stop", page="/delivery/stop", scope=scope, value=value, reason="演练")

    with context.db.read() as session:
        assert session.scalars(select(Stop.scope)).all() == [scope]
    assert "停发中" in client.get("/delivery").text


def test_a_stop_is_lifted_by_a_second_person_and_the_page_says_who_asked(
    signed_in: Signed, context: Context
) -> None:
    first, second = signed_in("operations"), signed_in("supervisor")
    post(first, "/delivery/stop", page="/delivery/stop", scope="channel", value="sms", reason="演练")
    with context.db.read() as session:
        path = f"/delivery/stops/{session.scalars(select(Stop.id)).one()}/resume"

    post(first, path, page="/delivery")
    asked = first.get("/delivery").text
    assert "您已申请恢复" in asked
    assert "确认恢复" not in asked
    assert "已申请恢复，您确认后就继续发送" in second.get("/delivery").text
    post(second, path, page="/delivery")

    assert "停发中" not in second.get("/delivery").text


def test_an_advisor_says_which_of_a_familys_members_spoke(signed_in: Signed, context: Context) -> None:
    client = signed_in("advisor")
    with context.db.read() as session:
        entry = session.scalars(
            select(ConversationEntry).where(ConversationEntry.customer_id.is_(None))
        ).one()
    thread = f"/conversations/{entry.conversation_id}"
    page = client.get(thread).text
    assert "这是谁说的？" in page
    assert "C-1006" in page
    assert "C-1007" in page

    path = f"/conversations/entries/{entry.id}/speaker"
    post(client, path, page=thread, customer="C-1007", thread=str(entry.conversation_id))

    with context.db.read() as session:
        assert session.get_one(ConversationEntry, entry.id).customer_id is not None
    assert "这是谁说的？" not in client.get(thread).text
    assert audited(context, "entry.attributed") == [("entry", entry.id)]


def test_asking_for_what_is_out_of_scope_is_noted_by_id_alone(signed_in: Signed, context: Context) -> None:
    client = signed_in("other_advisor")
    with context.db.read() as session:
        message = session.scalars(select(Message).where(Message.status == Status.PROPOSED)).first()
        assert message is not None

    client.get(f"/queue/{message.id}")
    client.get("/customers/C-1001")
    client.get("/customers/王芳")

    denied = audited(context, "access.denied")
    assert [kind for kind, _ in denied] == ["desk.item", "people.customer", "people.customer"]
    assert denied[0][1] == message.id
    assert denied[1][1] is not None
    assert denied[2][1] is None


def test_campaigns_and_tiers_are_english_on_an_english_page(signed_in: Signed, context: Context) -> None:
    client = signed_in("advisor")
    client.get("/language/en?next=/")

    page = client.get("/queue").text

    assert "High net worth" in page
    assert "Standard" in page
    assert "高净值" not in page
    lines = re.findall(r'wh-row-mid">([^<]*)<', page)
    assert lines
    assert not [line for line in lines if _CHINESE.search(line)]


def test_operations_pause_an_account_and_read_what_an_ill_one_needs(
    signed_in: Signed, context: Context
) -> None:
    client = signed_in("operations")
    assert "暂停通道" not in signed_in("advisor").get("/delivery").text
    post(client, "/delivery/accounts/pause", page="/delivery", provider="simulator", account="sms")
    assert "由人暂停" in client.get("/delivery").text
    assert len(audited(context, "channel.pause")) == 1

    with context.db.write() as session:
        resume_account(session, provider="simulator", account="sms", at=NOW)
        pause_account(session, provider="simulator", account="sms", code="535", reason="credentials", at=NOW)
    page = client.get("/delivery").text
    assert "账号或密码不对" in page
    assert "授权码" in page


def test_an_advisor_cannot_pause_an_account(signed_in: Signed, context: Context) -> None:
    client = signed_in("advisor")
    status, _ = post(
        client, "/delivery/accounts/pause", page="/delivery", provider="simulator", account="sms"
    )
    assert status in (403, 404)
    assert audited(context, "channel.pause") == []
