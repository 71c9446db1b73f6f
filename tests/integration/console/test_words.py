"""文字 as each role sees it: who reads, writes and decides; what is typed stays text; nothing goes without its token."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from scheduler.previewing import fill_one
from store.models.campaigns import TemplateVersion
from store.models.customers import Customer
from store.models.messages import Message
from store.models.records import AuditRow
from templates.compliance.rules import RULES_FILE
from tests import factories
from tests.factories import People
from tests.integration.console.conftest import TOKEN, Signed, post
from tests.integration.words.desk import document
from wenhou.core.actors import SYSTEM
from wenhou.core.statuses import Status
from wenhou.services import lint_rules
from wenhou.services.campaign_files import read_campaigns
from wenhou.services.campaigns import apply_campaigns
from wenhou.services.context import Context

EDIT = "/words/birthday?tab=edit"
VERSIONS = "/words/birthday?tab=versions"
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'


@pytest.fixture
def context(context: Context) -> Context:
    return replace(context, fill_one=fill_one)


@pytest.fixture
def signed_in(console: Any, people: People, context: Context) -> Signed:
    """As the console's own, by session: compliance is no demo account there."""

    def _sign_in(who: str) -> FlaskClient:
        client: FlaskClient = console.test_client()
        with context.db.read() as session:
            user = session.merge(getattr(people, who))
            epoch, key = user.session_epoch, user.id
        with client.session_transaction() as kept:
            kept["_user_id"], kept["_fresh"] = f"{key}:{epoch}", True
        return client

    return _sign_in


def check(client: FlaskClient, path: str, **form: str) -> Any:
    """What the page's script asks while somebody types."""
    found = TOKEN.search(client.get(EDIT).text) or TOKEN.search(client.get("/queue").text)
    assert found is not None
    return client.post(path, data=form, headers={"X-CSRFToken": found[1]}).get_json()


def versions(context: Context) -> list[tuple[int, str]]:
    with context.db.read() as session:
        rows = session.scalars(select(TemplateVersion).order_by(TemplateVersion.number))
        return [(row.number, row.state) for row in rows if row.origin == "bank"]


def save(client: FlaskClient, text: str, act: str = "save") -> tuple[int, str]:
    seen = re.search(r'name="seen" value="([0-9a-f]*)"', client.get(EDIT).text)
    assert seen is not None
    return post(client, "/words/birthday/save", page=EDIT, text=text, act=act, seen=seen[1], locale="zh-CN")


@pytest.mark.parametrize(
    ("who", "list_", "edit", "readers", "rules"),
    [
        ("advisor", 200, False, False, 404),
        ("supervisor", 200, False, True, 404),
        ("operations", 200, True, True, 200),
        ("compliance", 200, True, True, 200),
    ],
)
def test_each_role_sees_its_part(
    signed_in: Signed,
    who: str,
    list_: int,
    edit: bool,
    readers: bool,
    rules: int,
) -> None:
    client = signed_in(who)
    assert client.get("/words").status_code == list_
    page = client.get("/words/birthday").text
    assert ("tab=edit" in page) is edit
    assert ("tab=readers" in page) is readers
    assert ('name="text"' in client.get(EDIT).text) is edit
    assert client.get("/words/rules").status_code == rules


def test_the_readers_are_not_told_to_an_advisor(signed_in: Signed) -> None:
    assert signed_in("advisor").get("/words/birthday?tab=readers").status_code == 404
    assert "还没有人读过" in signed_in("operations").get("/words/birthday?tab=readers").text


def test_without_signing_in_or_a_token_nothing_is_answered(console: Any, signed_in: Signed) -> None:
    assert console.test_client().get("/words").status_code == 302
    client = signed_in("operations")
    for path in ("/words/birthday/check", "/words/birthday/save", "/words/birthday/101/approve"):
        assert client.post(path, data={"text": document()}).status_code == 400


@pytest.mark.parametrize("who", ["advisor", "supervisor"])
def test_who_may_not_write_is_refused_whatever_the_page_shows(
    signed_in: Signed, context: Context, who: str
) -> None:
    client = signed_in(who)
    form = {"text": document(), "locale": "zh-CN", "act": "save", "seen": ""}
    assert post(client, "/words/birthday/save", page="/queue", **form)[0] == 404
    assert post(client, "/words/birthday/check", page="/queue", **form)[0] == 404
    assert versions(context) == []


def test_every_channel_is_shown_as_a_customer_would_read_it(signed_in: Signed) -> None:
    page = signed_in("advisor").get("/words/birthday?customer=C-1001").text
    assert page.count('class="wh-look ') == 4
    assert "王女士" in page
    assert "王芳" in page
    assert "条计费" in page
    assert "王*" in signed_in("operations").get("/words/birthday?customer=C-1001").text


def test_a_customer_out_of_sight_reads_like_one_that_is_not_there(signed_in: Signed) -> None:
    client = signed_in("other_advisor")
    hidden = client.get("/words/birthday?customer=C-1001").text
    nobody = client.get("/words/birthday?customer=C-9999").text
    assert "没有您能看到的客户 C-1001" in hidden
    assert "王芳" not in hidden
    tokens = re.compile(r'value="[^"]{40,}"|seen=[^"&]+')
    assert tokens.sub("", hidden.replace("C-1001", "-")) == tokens.sub("", nobody.replace("C-9999", "-"))


def test_a_mail_is_shown_locked_in(signed_in: Signed) -> None:
    answer = signed_in("operations").get("/words/birthday/mail?customer=C-1001")
    assert "王女士" in answer.text
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_broken_text_is_told_where_and_never_kept(signed_in: Signed, context: Context) -> None:
    client = signed_in("operations")
    found = check(client, "/words/birthday/check", text=document("这款理财保本。"), locale="zh-CN")
    assert found["is_sound"] is False
    assert found["faults"][0]["line"] == 10
    assert 'class="wh-hit is-block"' in found["html"]
    status, page = save(client, document("这款理财保本。"))
    assert status == 409
    assert "这款理财保本。" in page
    assert versions(context) == []
    assert check(client, "/words/birthday/check", text="key: [", locale="zh-CN")["is_sound"] is False


def test_what_a_rule_says_of_a_shared_turn_is_said_once_in_the_language_of_the_page(
    signed_in: Signed,
) -> None:
    client = signed_in("operations")
    turn = (
        'turns: {wish: ["这款理财保本", "愿您安康"]}\n'
        "variants:\n"
        '  - {id: a, sms: "{{ salutation }}，{{ wish }}。"}\n'
        '  - {id: b, sms: "{{ salutation }}，生日快乐，{{ wish }}。"}\n'
    )
    text = document("愿您今天开心。").partition("variants:")[0] + turn
    faults = check(client, "/words/birthday/check", text=text, locale="zh-CN")["faults"]
    said = [one["sentence"] for one in faults if "保本" in one["sentence"]]
    assert len(said) == 1
    assert "（短信 a.1，另有 1 处）" in said[0]
    assert "(" not in said[0]


def test_a_draft_is_kept_handed_in_and_approved_by_a_second_person(
    signed_in: Signed, context: Context
) -> None:
    writer, reviewer = signed_in("operations"), signed_in("compliance")
    assert save(writer, document("愿您今天开心。"))[0] == 303
    assert save(writer, document("愿您天天开心。"), "submit")[0] == 303
    assert versions(context) == [(101, "submitted")]
    status, _ = post(writer, "/words/birthday/101/approve", page=VERSIONS, locale="zh-CN")
    assert (status, versions(context)) == (404, [(101, "submitted")])
    assert "/words/birthday/101/approve" in reviewer.get(VERSIONS).text
    assert post(reviewer, "/words/birthday/101/approve", page=VERSIONS, locale="zh-CN")[0] == 303
    assert versions(context) == [(101, "approved")]
    shown = reviewer.get("/words/birthday?tab=versions&before=2&after=101").text
    assert "<del>" in shown
    assert "<ins>" in shown


def test_who_wrote_cannot_approve_and_is_told_why(signed_in: Signed, context: Context) -> None:
    client = signed_in("compliance")
    save(client, document("愿您今天开心。"), "submit")
    page = client.get(VERSIONS).text
    assert "请另一位合规同事决定" in page
    assert "/words/birthday/101/approve" not in page
    post(client, "/words/birthday/101/approve", page=VERSIONS, locale="zh-CN")
    assert versions(context) == [(101, "submitted")]


def test_a_rejection_needs_a_reason_that_the_writer_reads(signed_in: Signed, context: Context) -> None:
    save(signed_in("operations"), document("愿您今天开心。"), "submit")
    reviewer = signed_in("compliance")
    post(reviewer, "/words/birthday/101/reject", page=VERSIONS, locale="zh-CN")
    assert versions(context) == [(101, "submitted")]
    post(reviewer, "/words/birthday/101/reject", page=VERSIONS, locale="zh-CN", reason="太随便")
    assert versions(context) == [(101, "rejected")]
    assert "太随便" in signed_in("operations").get(VERSIONS).text


def test_a_version_is_retired_and_put_in_force_again(signed_in: Signed, context: Context) -> None:
    writer, reviewer = signed_in("operations"), signed_in("compliance")
    for words in ("愿您今天开心。", "愿您天天开心。"):
        save(writer, document(words), "submit")
        number = versions(context)[-1][0]
        post(reviewer, f"/words/birthday/{number}/approve", page=VERSIONS, locale="zh-CN")
    post(reviewer, "/words/birthday/101/roll-back", page=VERSIONS, locale="zh-CN", reason="新版反响不好")
    assert "愿您今天开心" in reviewer.get("/words/birthday").text
    post(reviewer, "/words/birthday/101/retire", page=VERSIONS, locale="zh-CN", reason="写错了")
    assert dict(versions(context))[101] == "retired"


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(signed_in: Signed) -> None:
    first, second = signed_in("operations"), signed_in("compliance")
    form = {"act": "save", "seen": "", "locale": "zh-CN"}
    save(first, document("愿您今天开心。"))
    status, page = post(second, "/words/birthday/save", page=EDIT, text=document("愿您顺心。"), **form)
    assert status == 409
    assert "愿您顺心" in page
    assert "愿您今天开心" in second.get(EDIT).text


# --- text stays text ----------------------------------------------------------------------------------------------------


def test_tags_in_a_template_in_a_name_and_in_a_mark_stay_text(signed_in: Signed, context: Context) -> None:
    client = signed_in("operations")
    hostile = document("保本" + HOSTILE.replace('"', '\\"'))
    found = check(client, "/words/birthday/check", text=hostile, locale="zh-CN")
    assert "<script" not in found["html"]
    assert "<img" not in found["html"]
    assert "&lt;script&gt;" in found["html"]
    _, page = save(client, hostile + "\n</textarea><script>x</script>")
    assert "<script>x" not in page
    with context.db.write() as session:
        session.query(Customer).filter_by(external_ref="C-1001").one().name = "<b>王</b>"
    assert "<b>王" not in signed_in("advisor").get("/words/birthday?customer=C-1001").text
    assert "<b>x" not in client.get("/words?q=<b>x").text


def test_tags_typed_into_a_message_stay_text(signed_in: Signed, context: Context) -> None:
    client = signed_in("advisor")
    with context.db.read() as session:
        message = session.scalars(select(Message).where(Message.status == Status.PROPOSED)).first()
    assert message is not None
    found = check(client, f"/queue/{message.id}/check", **{"text-wechat": f"保本{HOSTILE}"})
    assert found["is_sound"] is False
    assert "<script" not in found["channels"]["wechat"]
    assert "wh-hit is-block" in found["channels"]["wechat"]
    assert "<img" not in found["channels"]["wechat"]
    inside = check(client, f"/queue/{message.id}/check", **{"text-wechat": "保<本，快乐"})
    assert re.search(r"<mark[^>]*>保&lt;本</mark>", inside["channels"]["wechat"])


def test_an_address_that_makes_no_sense_is_answered_calmly(signed_in: Signed) -> None:
    client = signed_in("operations")
    for path in ("/words/no_such", "/words/birthday?number=999", "/words/media/sha256:0"):
        assert client.get(path).status_code == 404, path
    for query in ("on=yesterday", "wording=zz", "locale=fr", "tab=else", "number=x", "before=2&after=x"):
        assert client.get(f"/words/birthday?{query}").status_code == 200, query


# --- rules ----------------------------------------------------------------------------------------------------------------


def test_an_edition_of_the_rules_is_read_and_approved_by_a_second_person(
    signed_in: Signed, context: Context, people: People
) -> None:
    source = RULES_FILE.read_text(encoding="utf-8") + "\n# bank\n"
    with context.db.read() as session:
        writer = factories.actor_for(session, session.merge(people.operations))
    number = lint_rules.submit_rules(context, writer, source, file="rules.yaml", note="改一句")
    path = f"/words/rules/{number}/approve"
    assert "改一句" in signed_in("operations").get("/words/rules").text
    assert path not in signed_in("operations").get("/words/rules").text
    reviewer = signed_in("compliance")
    assert post(reviewer, path, page="/words/rules")[0] == 303
    assert lint_rules.list_editions(context)[0].is_in_force
    assert "在用" in reviewer.get("/words/rules").text


def test_looking_at_a_customers_preview_is_recorded(signed_in: Signed, context: Context) -> None:
    signed_in("operations").get("/words/birthday?customer=C-1001")
    with context.db.read() as session:
        rows = session.scalars(select(AuditRow).where(AuditRow.act == "template.preview")).all()
    assert len(rows) == 1


COMPARED = """
key: birthday_two
name: {zh-CN: 两种写法, en: Two wordings}
purpose: care
trigger: {type: personal_date, kind: birthday}
steps:
  - {key: first, template: birthday, alternative: {template: birthday_milestone, percent: 40}, channels: [sms]}
approval: advisor
"""


def test_a_campaign_with_two_wordings_shows_how_they_compare_to_who_sees_figures(
    signed_in: Signed, context: Context
) -> None:
    apply_campaigns(context, SYSTEM, read_campaigns(COMPARED, "two.yaml"))
    page = signed_in("operations").get("/campaigns/birthday_two").text
    assert "A birthday（60%），B birthday_milestone（40%）" in page
    assert "回复：人数太少，还看不出差别" in page
    assert "style=" not in page.partition('id="compared"')[2].partition("</section>")[0]
    assert 'id="compared"' not in signed_in("supervisor").get("/campaigns/birthday_two").text


def test_who_handed_in_rules_is_told_that_another_decides(
    signed_in: Signed, context: Context, people: People
) -> None:
    with context.db.read() as session:
        writer = factories.actor_for(session, session.merge(people.compliance))
    source = RULES_FILE.read_text(encoding="utf-8") + "\n# 注\n"
    number = lint_rules.submit_rules(context, writer, source, file="rules.yaml", note="加一行注")
    page = signed_in("compliance").get("/words/rules").text
    assert f"/words/rules/{number}/approve" not in page
    assert "自己送审的规则由另一位合规同事批准。" in page
