"""The feed over HTTP: what a calendar program subscribes to, with conditional requests and a token that must be ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webhooks.blueprint import make_blueprint
from wenhou.core.actors import Actor
from wenhou.core.clock import ShiftedClock
from wenhou.services.calendar_feed import feed_url
from wenhou.services.calendars import apply_calendar
from wenhou.services.context import Context

FILE = "source: x\nfestivals:\n- {key: losar, days: [2027-02-07, {on: 2027-02-08, org: YC}]}\n"


@pytest.fixture
def client(context: Context) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(make_blueprint({}, context))
    return app.test_client()


def path(context: Context) -> str:
    return feed_url(context).removeprefix(context.bank.public_url)


def test_the_feed_holds_this_year_and_the_next_two(context: Context, client: FlaskClient) -> None:
    answer = client.get(path(context))

    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    for uid in ("spring_festival-2027", "spring_festival-2029", "off-2027-02-08"):
        assert f"UID:{uid}@wenhou\r\n" in answer.text
    assert "2030" not in answer.text
    assert "losar" not in answer.text


def test_the_operators_days_are_in_it_with_their_part_of_the_bank(
    context: Context, client: FlaskClient, people: dict[str, Actor]
) -> None:
    before = client.get(path(context))
    apply_calendar(context, people["operations"], FILE, "c.yaml")

    after = client.get(path(context))

    assert "UID:losar-2027@wenhou\r\nDTSTAMP:" in after.text
    assert "UID:losar-2027-YC@wenhou\r\n" in after.text
    assert "SUMMARY:藏历新年（YC）\r\n" in after.text
    assert before.headers["ETag"] != after.headers["ETag"]


def test_an_unchanged_feed_is_not_sent_again(
    context: Context, client: FlaskClient, clock: ShiftedClock, people: dict[str, Actor]
) -> None:
    apply_calendar(context, people["operations"], FILE, "c.yaml")
    first = client.get(path(context))
    clock.advance(timedelta(days=40))

    same = client.get(path(context), headers={"If-None-Match": first.headers["ETag"]})
    since = client.get(path(context), headers={"If-Modified-Since": first.headers["Last-Modified"]})
    older = format_datetime(datetime(2027, 1, 2, tzinfo=UTC), usegmt=True)
    changed = client.get(path(context), headers={"If-Modified-Since": older})

    assert client.get(path(context)).data == first.data
    assert (same.status_code, same.data) == (304, b"")
    assert since.status_code == 304
    assert changed.status_code == 200


@pytest.mark.parametrize("token", ["nonsense", "ImJhbmsi.AAAA", "", "ImJhbmsi"])
def test_a_token_that_is_not_ours_opens_nothing(context: Context, client: FlaskClient, token: str) -> None:
    assert client.get(f"/calendar/{token}.ics").status_code == 404


def test_an_altered_or_foreign_token_opens_nothing(context: Context, client: FlaskClient) -> None:
    address = path(context)

    assert client.get(address.replace(".ics", "x.ics")).status_code == 404
    assert client.get(address.replace("/calendar/", "/p/").removesuffix(".ics")).text.count("藏历") == 0
    assert client.post(address).status_code == 405
    assert client.get(address).headers["Cache-Control"] == "private, max-age=3600"
