"""我的落款 and compliance's list, as a browser without scripts sees them."""

from __future__ import annotations

from tests.integration.console.conftest import Signed, post


def test_an_advisor_writes_previews_and_hands_in_a_voice(signed_in: Signed) -> None:
    client = signed_in("advisor")
    form = {"sign_off": "汉正街支行小陈", "tone": "warm", "phrase-1": "有事随时叫我。", "solemn-1": "on"}

    assert post(client, "/voice", page="/voice", act="submit", **form)[0] == 303

    page = client.get("/voice").text
    assert "等合规审批" in page
    assert "有事随时叫我。" in page
    assert "汉正街支行小陈" in page


def test_a_voice_with_a_fault_is_not_kept_and_the_page_keeps_what_was_typed(
    signed_in: Signed,
) -> None:
    client = signed_in("advisor")
    status, page = post(
        client, "/voice", page="/voice", act="draft", sign_off="小陈", **{"phrase-1": "点www.example.com"}
    )
    assert status == 409
    assert "不能放链接" in page
    assert 'value="点www.example.com"' in page
    assert 'value="小陈"' not in client.get("/voice").text


def test_an_advisor_sees_no_other_advisors_voice(signed_in: Signed) -> None:
    assert signed_in("advisor").get("/voices/chenjing").status_code == 404


def test_who_is_no_advisor_is_led_to_the_list(signed_in: Signed) -> None:
    answer = signed_in("operations").get("/voice")
    assert (answer.status_code, answer.location) == (302, "/voices")
