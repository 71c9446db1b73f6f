"""RFC 8058 as mail programs do it: a POST in either form acts, once or often; a look never does."""

from __future__ import annotations

import pytest

from store.models.customers import ConsentState
from tests.integration.hearing.world import World
from wenhou.core.purposes import Purpose
from wenhou.services import links

FIELD = {"List-Unsubscribe": "One-Click"}


def withdrawn(world: World) -> set[str]:
    return {row.purpose for row in world.rows(ConsentState) if row.state == "withdrawn"}


def place(world: World) -> str:
    url = links.preferences_url(world.context, world.customer.id, Purpose.MARKETING)
    return url.removeprefix("http://127.0.0.1:8000")


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_post_in_either_form_acts_without_cookie_or_redirect_and_may_be_repeated(
    world: World, kind: str
) -> None:
    for _ in range(2):
        answer = world.client.post(place(world), data=FIELD, content_type=kind)
        assert (answer.status_code, answer.text) == (200, "ok")
        assert "Set-Cookie" not in answer.headers
    assert withdrawn(world) == {"marketing"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_look_changes_nothing_even_with_the_words_in_the_address(world: World, method: str) -> None:
    answer = world.client.open(place(world), method=method, query_string=FIELD)
    assert answer.status_code == 200
    assert withdrawn(world) == set()


@pytest.mark.parametrize("token", ["nonsense", "x" * 3000, "%00", "..%2f"])
def test_an_unknown_token_is_answered_like_any_other_and_stops_nothing(world: World, token: str) -> None:
    answer = world.client.post(f"/p/{token}", data=FIELD)
    assert answer.status_code in {200, 404}
    assert answer.status_code == 404 or answer.text == "ok"
    assert withdrawn(world) == set()
