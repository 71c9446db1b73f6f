"""Pages over HTTP: who gets in, who sees what, what every answer carries, what a forged form does."""

from __future__ import annotations

import pytest
from flask import Flask

from console.app import create_console
from console.settings import ConsoleSettings
from store.models.messages import Message
from tests.integration.console.conftest import Signed, post
from wenhou.core.statuses import Status
from wenhou.services.context import Context

EVERY_PAGE = (
    "/",
    "/queue",
    "/queue/approve-all",
    "/conversations",
    "/cases",
    "/tasks",
    "/customers",
    "/customers/C-1001",
    "/why",
    "/delivery",
    "/delivery/stop",
)


def first_waiting(context: Context) -> Message:
    with context.db.read() as session:
        return (
            session.query(Message).filter_by(status=Status.PROPOSED).order_by(Message.id).first() or Message()
        )


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_a_page_sends_a_stranger_to_the_door(console: Flask, path: str) -> None:
    answer = console.test_client().get(path)

    assert answer.status_code == 302
    assert "/sign-in" in answer.headers["Location"]


@pytest.mark.parametrize("path", EVERY_PAGE)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_opens_in_both_languages(signed_in: Signed, path: str, language: str) -> None:
    client = signed_in("supervisor" if path == "/delivery/stop" else "advisor")
    client.get(f"/language/{language}?next=/")

    assert client.get(path).status_code == 200


def test_another_advisors_message_and_customer_do_not_exist(signed_in: Signed, context: Context) -> None:
    client = signed_in("other_advisor")
    message = first_waiting(context)

    assert client.get(f"/queue/{message.id}").status_code == 404
    assert client.get(f"/queue/{message.id}/mail").status_code == 404
    assert client.get("/customers/C-1001").status_code == 404
    assert post(client, f"/queue/{message.id}/approve", page="/", hash="00")[0] == 404


def test_a_form_without_its_token_changes_nothing(signed_in: Signed, context: Context) -> None:
    client = signed_in("advisor")
    message = first_waiting(context)
    digest = (message.content_hash or b"").hex()

    answer = client.post(f"/queue/{message.id}/approve", data={"hash": digest})

    assert answer.status_code == 400
    assert first_waiting(context).id == message.id


def test_an_approval_of_words_that_changed_is_told_so(signed_in: Signed, context: Context) -> None:
    client = signed_in("advisor")
    message = first_waiting(context)

    status, _ = post(client, f"/queue/{message.id}/approve", page="/queue", hash="00" * 32)

    assert status == 303
    assert "重新查看" in client.get("/queue").text


def test_every_answer_carries_the_strict_policy(console: Flask) -> None:
    headers = console.test_client().get("/sign-in").headers

    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_files_are_kept_by_caches_and_a_missing_one_is_not(console: Flask) -> None:
    client = console.test_client()

    with client.get("/static/console.css") as found:
        assert "public" in found.headers["Cache-Control"]
    assert client.get("/static/vendor/none.js").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example/", "/%5Cevil.example", "/%09/evil.example", "/%0A/evil.example", "/%0D%0AX-A:b"],
)
def test_after_the_door_nobody_is_led_to_another_host(console: Flask, wanted: str) -> None:
    answer = console.test_client().get(f"/language/en?next={wanted}")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"


def test_a_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    console: Flask, signed_in: Signed
) -> None:
    client = signed_in("advisor")
    cookie = client.get_cookie("wenhou_session")

    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"


def test_a_session_keeps_nothing_of_whoever_sat_here_before(console: Flask, signed_in: Signed) -> None:
    client = signed_in("advisor")
    client.get("/")
    with client.session_transaction() as kept:
        kept["undo"] = ["an approval of the advisor"]
        before = kept["csrf_token"]

    post(client, "/sign-out", page="/")
    with client.session_transaction() as kept:
        assert not kept

    client.get("/sign-in")
    with client.session_transaction() as kept:
        assert kept["csrf_token"] != before


@pytest.mark.parametrize(
    "path",
    [
        "/customers?q=%00",
        "/customers/%00",
        "/queue?campaign=a%00",
        "/why?ref=%00&campaign=spring_festival",
        "/delivery/stop?what=org:%00",
    ],
)
def test_a_zero_byte_is_refused_before_any_database_sees_it(signed_in: Signed, path: str) -> None:
    assert signed_in("supervisor").get(path).status_code == 400


def test_a_zero_byte_in_a_form_is_refused(console: Flask) -> None:
    status, _ = post(console.test_client(), "/sign-in", page="/sign-in", login="a\0", password="b")

    assert status == 400


@pytest.mark.parametrize(
    "path",
    [
        "/queue?id=00000000-0000-0000-0000-000000000000&after=2026-01-01",
        "/queue?id=00000000-0000-0000-0000-000000000000&after=0001-01-01T00:00:00%2B14:00",
        "/queue?id=00000000-0000-0000-0000-000000000000&after=9999-12-31T23:59:59-14:00",
        "/why?ref=C-1001&campaign=spring_festival&on=0001-01-01",
        "/why?ref=C-1001&campaign=spring_festival&on=1901-01-01",
        "/why?ref=C-1001&campaign=spring_festival&on=2099-12-31",
        "/why?ref=C-1001&campaign=spring_festival&on=9999-12-31",
    ],
)
def test_an_address_with_an_impossible_instant_still_opens_a_page(signed_in: Signed, path: str) -> None:
    assert signed_in("supervisor").get(path).status_code == 200


def test_one_click_opens_the_named_accounts_only(console: Flask, context: Context) -> None:
    client = console.test_client()

    status, _ = post(client, f"/sign-in/as/{first_waiting(context).id}", page="/sign-in")

    assert status == 404


def test_no_full_address_stands_in_a_customers_page(signed_in: Signed) -> None:
    page = signed_in("advisor").get("/customers/C-1001").text

    assert "139****0000" in page
    assert "13900000000" not in page
    assert "client0@example.com" not in page


def test_an_administrator_sees_no_customer_and_may_stop_everything(signed_in: Signed) -> None:
    client = signed_in("administrator")

    assert client.get("/").status_code == 200
    assert client.get("/customers").status_code == 404
    assert post(client, "/delivery/stop", page="/delivery/stop", scope="all", reason="演练")[0] == 303
    assert "停发中" in client.get("/delivery").text


def test_the_navigation_answers_nothing_when_nothing_moved(signed_in: Signed) -> None:
    client = signed_in("advisor")
    page = client.get("/").text
    seen = page.split("seen=")[1].split("&")[0].split('"')[0]

    assert client.get(f"/fragments/nav?seen={seen}").status_code == 204
    assert client.get("/fragments/nav?seen=0-0-0-0").status_code == 200


def test_the_demos_links_join_the_navigation(signed_in: Signed) -> None:
    assert "客户手机" in signed_in("advisor").get("/").text


def test_scripts_in_a_reply_are_shown_as_words(signed_in: Signed, context: Context) -> None:
    client = signed_in("advisor")
    thread = client.get("/conversations").text.split("/conversations/")[1].split('"')[0]
    post(
        client,
        f"/conversations/{thread}/reply",
        page=f"/conversations/{thread}",
        text="<script>alert(1)</script>",
        **{"as": "note"},
    )

    page = client.get(f"/conversations/{thread}").text

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_while_the_demo_is_being_set_up_the_door_says_so_and_looks_again_by_itself(context: Context) -> None:
    settings = ConsoleSettings(secret_key=b"s" * 32, secure_cookies=False, is_preparing=True)

    page = create_console(context, settings).test_client().get("/sign-in").text

    assert "正在布置示范银行…" in page
    assert '<meta http-equiv="refresh" content="2">' in page
    assert "password" not in page
