"""Campaigns in the console: what each does is said in words, a text is checked and kept, a second person approves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from store.campaigns import list_campaigns
from tests.factories import People
from tests.integration.console.conftest import Signed, post
from wenhou.core.actors import SYSTEM
from wenhou.services.campaigns import apply_campaigns, bundled_campaigns
from wenhou.services.context import Context

TEXT = """\
# 写给同事的说明
key: autumn_note
name: {zh-CN: 中秋短问候, en: Mid-Autumn note}
purpose: care
trigger: {type: festival, festival: mid_autumn, days_before: 1}
template: mid_autumn
channels: [wechat, sms]
"""


@pytest.fixture
def bundled(context: Context, people: People) -> None:
    # `people`: the seeded bank has a birthday campaign of its own, which these replace.
    apply_campaigns(context, SYSTEM, bundled_campaigns())


@pytest.fixture
def strict(console: Flask, context: Context) -> Iterator[None]:
    """A bank that asks for a second person."""
    console.extensions["wenhou"] = replace(context, campaigns_need_two=True)
    yield
    console.extensions["wenhou"] = context


@pytest.mark.usefixtures("bundled")
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ("生日当天", "打电话", "客户经理审批")),
        ("en", ("on the birthday", "task (call)", "approved by the advisor")),
    ],
)
def test_a_campaign_is_said_in_words_in_both_languages(
    signed_in: Signed, language: str, words: tuple[str, ...]
) -> None:
    client = signed_in("operations")
    client.get(f"/language/{language}?next=/")
    assert "birthday_vip" in client.get("/campaigns").text
    page = client.get("/campaigns/birthday_vip").text
    for word in words:
        assert word in page


def test_advisors_do_not_see_how_campaigns_are_made(signed_in: Signed) -> None:
    client = signed_in("advisor")
    assert client.get("/campaigns").status_code == 404
    assert client.get("/campaigns/new").status_code == 404
    assert "/campaigns" not in client.get("/").text


def test_a_text_is_checked_without_being_kept_and_every_fault_has_its_line(
    signed_in: Signed, context: Context
) -> None:
    client = signed_in("operations")
    broken = TEXT.replace("purpose: care", "purpose: car").replace("[wechat, sms]", "[wechat, smss]")
    status, page = post(client, "/campaigns/text", page="/campaigns/new", text=broken, act="submit")
    assert status == 200
    assert "第 4 行" in page
    assert "是不是 care？" in page
    assert "是不是 sms？" in page
    assert "写给同事的说明" in page
    status, page = post(client, "/campaigns/text", page="/campaigns/new", text=TEXT, act="check")
    assert "没有错误" in page
    with context.db.read() as session:
        assert "autumn_note" not in {row.key for row in list_campaigns(session)}


def test_a_draft_goes_live_and_its_text_comes_back_as_written(signed_in: Signed, context: Context) -> None:
    client = signed_in("operations")
    broken = TEXT.replace("purpose: care", "purpose: car")
    assert post(client, "/campaigns/text", page="/campaigns/new", text=broken, act="draft")[0] == 303
    assert "这一版的文件还有错" in client.get("/campaigns/autumn_note").text
    post(client, "/campaigns/autumn_note/check", page="/campaigns/autumn_note")
    assert "是不是 care？" in client.get("/campaigns/autumn_note").text
    windows = TEXT.replace("\n", "\r\n")
    post(client, "/campaigns/text", page="/campaigns/new", text=windows, act="submit", key="autumn_note")
    post(client, "/campaigns/autumn_note/live", page="/campaigns/autumn_note")
    page = client.get("/campaigns/autumn_note").text
    assert "进行中" in page
    assert "# 写给同事的说明" in page
    post(client, "/campaigns/autumn_note/pause", page="/campaigns/autumn_note", reason="文案待核")
    assert "文案待核" in client.get("/campaigns/autumn_note").text
    post(client, "/campaigns/autumn_note/finish", page="/campaigns/autumn_note")
    with context.db.read() as session:
        (row,) = [one for one in list_campaigns(session) if one.key == "autumn_note"]
    assert (row.state, row.source) == ("finished", TEXT)


@pytest.mark.usefixtures("strict", "people")
def test_a_second_person_approves_in_the_console(signed_in: Signed, people: People) -> None:
    writer, second = signed_in("operations"), signed_in("supervisor")
    post(writer, "/campaigns/text", page="/campaigns/new", text=TEXT, act="submit")
    page = "/campaigns/autumn_note"
    assert "等合规或主管批准" in writer.get(page).text
    assert post(writer, f"{page}/approve", page=page)[0] == 404
    assert "批准第 1 版" in second.get(page).text
    post(second, f"{page}/approve", page=page)
    assert people.supervisor.name in second.get(page).text
    post(writer, f"{page}/live", page=page)
    assert "进行中" in writer.get(page).text


@pytest.mark.usefixtures("bundled")
def test_two_versions_are_told_apart(signed_in: Signed) -> None:
    client = signed_in("operations")
    for text in (TEXT, TEXT.replace("days_before: 1", "days_before: 2")):
        post(client, "/campaigns/text", page="/campaigns/new", text=text, act="submit")
        post(client, "/campaigns/autumn_note/live", page="/campaigns/autumn_note")
    page = client.get("/campaigns/autumn_note/versions/1/2").text
    assert "days_before: 2" in page
    assert "第 1 版与第 2 版的差别" in page
    assert client.get("/campaigns/autumn_note/versions/1/9").status_code == 404
    assert client.get("/campaigns/none_such").status_code == 404
