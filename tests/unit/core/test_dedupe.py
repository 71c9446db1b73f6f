"""Keys that make a second message for one occasion impossible."""

from __future__ import annotations

import uuid

from wenhou.core.dedupe import (
    article_key,
    campaign_key,
    event_key,
    festival_key,
    origin_key,
    personal_key,
)

ARTICLE = uuid.UUID(int=5)


def test_keys_have_the_form_the_design_names() -> None:
    assert personal_key("birthday", "lunar", 2026) == "birthday:lunar:2026/1"
    assert festival_key("spring_festival", 2027) == "spring_festival:2027/1"
    assert event_key("core", "881", 2) == "event:core:881/2"
    assert article_key(ARTICLE) == f"article:{ARTICLE}/1"
    assert origin_key("reply", ARTICLE) == f"reply:{ARTICLE}"


def test_two_campaigns_for_one_day_are_two_occasions() -> None:
    key = personal_key("birthday", "solar", 2027)

    assert campaign_key("birthday", key) != campaign_key("birthday_call", key)


def test_steps_and_years_are_occasions_of_their_own() -> None:
    keys = {personal_key("birthday", "solar", year, step) for year in (2026, 2027) for step in (1, 2)}

    assert len(keys) == 4


def test_the_solar_and_the_lunar_birthday_are_two() -> None:
    assert personal_key("birthday", "solar", 2027) != personal_key("birthday", "lunar", 2027)
