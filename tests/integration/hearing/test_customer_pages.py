"""Customers' pages: preferences, one click, rating; a GET changes nothing and an altered link reveals nothing."""

from store.models.customers import ConsentState
from store.models.hearing import Feedback
from tests.integration.hearing.world import World
from wenhou.core.ids import new_id
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import Status
from wenhou.services import links


def path(url: str) -> str:
    return url.removeprefix("http://127.0.0.1:8000")


def withdrawn(world: World) -> set[str]:
    return {row.purpose for row in world.rows(ConsentState) if row.state == "withdrawn" and row.by_customer}


def test_opening_the_preferences_changes_nothing(world: World) -> None:
    page = world.client.get(path(links.preferences_url(world.context, world.customer.id)))
    assert page.status_code == 200
    assert "您想收到哪些消息" in page.text
    assert withdrawn(world) == set()


def test_one_click_stops_at_once_what_the_mail_was_about(world: World) -> None:
    offer, birthday = world.planned("marketing"), world.planned("care")
    url = path(links.preferences_url(world.context, world.customer.id, Purpose.MARKETING))
    answer = world.client.post(url, data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.text) == (200, "ok")
    assert withdrawn(world) == {"marketing"}
    assert (world.status(offer), world.status(birthday)) == (Status.SKIPPED, Status.SCHEDULED)


def test_one_click_with_an_unknown_token_is_answered_the_same(world: World) -> None:
    answer = world.client.post("/p/nonsense", data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.text) == (200, "ok")
    assert withdrawn(world) == set()


def test_the_page_keeps_what_is_ticked_and_stops_the_rest(world: World) -> None:
    url = path(links.preferences_url(world.context, world.customer.id))
    page = world.client.post(url, data={"purpose": ["care"]})
    assert "已保存" in page.text
    assert withdrawn(world) == {"information", "marketing"}


def test_ticking_again_is_the_customers_own_later_word(world: World) -> None:
    url = path(links.preferences_url(world.context, world.customer.id))
    world.client.post(url, data={"stop_all": "1"})
    assert withdrawn(world) == {"care", "information", "marketing"}
    world.client.post(url, data={"purpose": ["care", "marketing"]})
    assert withdrawn(world) == {"information"}


def test_an_altered_link_reveals_nothing(world: World) -> None:
    url = path(links.preferences_url(world.context, world.customer.id))
    altered, unknown = world.client.get(url + "x"), world.client.get("/p/unknown")
    nobody = world.client.get(path(links.preferences_url(world.context, new_id())))
    assert altered.text == unknown.text == nobody.text
    assert "王芳" not in altered.text


def test_a_rating_link_opens_no_preferences(world: World) -> None:
    message, _ = world.sent(asks="csat")
    token = links.rating_url(world.context, message.id).rsplit("/", 1)[1]
    assert "链接已失效" in world.client.get(f"/p/{token}").text


def test_a_rating_takes_one_tap_and_counts_once(world: World) -> None:
    message, _ = world.sent(asks="csat")
    url = path(links.rating_url(world.context, message.id))
    assert 'value="5"' in world.client.get(url).text
    assert world.rows(Feedback) == []
    assert "收到了" in world.client.post(url, data={"score": "5"}).text
    assert "链接已失效" in world.client.post(url, data={"score": "1"}).text
    assert [rating.score for rating in world.rows(Feedback)] == [5]


def test_a_score_off_the_scale_is_no_rating(world: World) -> None:
    message, _ = world.sent(asks="csat")
    url = path(links.rating_url(world.context, message.id))
    for score in ("6", "0", "²", "-1", "999999999", ""):
        world.client.post(url, data={"score": score})
    assert world.rows(Feedback) == []


def test_a_low_tap_makes_a_call(world: World) -> None:
    message, _ = world.sent(asks="csat")
    page = world.client.post(path(links.rating_url(world.context, message.id)), data={"score": "2"})
    assert "打电话给您" in page.text
    assert world.tasks() == ["call_after_rating"]


def test_pages_speak_english_too(world: World) -> None:
    url = path(links.preferences_url(world.context, world.customer.id))
    page = world.client.get(f"{url}?lang=en").text
    assert "What would you like to receive?" in page
    assert "您" not in page


def test_pages_are_not_cached_and_leak_no_referrer(world: World) -> None:
    headers = world.client.get(path(links.preferences_url(world.context, world.customer.id))).headers
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
