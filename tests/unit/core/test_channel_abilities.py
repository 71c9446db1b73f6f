"""What an account can do is said whole: every field of Capabilities, in words, and nothing unknown called no."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields

from wenhou.core.channel_abilities import abilities_of
from wenhou.core.channels import Capabilities
from wenhou.core.limits.terms import terms_of

MAIL = Capabilities(channel="email", purposes=frozenset({"care"}), reports_delivery=False, bounces_late=True)


def test_every_field_is_told_exactly_once() -> None:
    told = Counter(name for one in abilities_of(MAIL) for name in one.fields)
    assert told == Counter(field.name for field in fields(Capabilities))


def test_what_a_provider_cannot_tell_is_unknown_and_never_no() -> None:
    said = {one.code: one.said for one in abilities_of(MAIL)}
    assert "unknown" in said["receipts"][1]
    assert said["reads"] == ("不可知", "unknown")
    mute = Capabilities(channel="wecom", purposes=frozenset(), hears_replies=False, reports_delivery=False)
    deaf = {one.code: one.said for one in abilities_of(mute)}
    assert "unknown" in deaf["replies"][1]
    assert deaf["purposes"] == ("无", "none")


def test_an_accounts_own_lengths_take_the_place_of_its_channels() -> None:
    strict = Capabilities(channel="sms", purposes=frozenset(), max_units=300, max_parts=2, max_bytes=900)
    terms = terms_of(strict)
    assert (terms.max_units, terms.max_parts, terms.max_bytes) == (300, 2, 900)
    assert {one.code: one.said[1] for one in abilities_of(strict)}["lengths"] == (
        "300 characters, 2 parts, 900 bytes"
    )
    common = terms_of(Capabilities(channel="sms", purposes=frozenset()))
    assert common.max_units == 500


def test_both_languages_stand_for_every_fact() -> None:
    odd = Capabilities(
        channel="wechat",
        purposes=frozenset({"care", "service"}),
        needs_tap=True,
        idempotent=True,
        reply_window_hours=48,
        carries_filed_only=True,
        max_variable=20,
        quota_kinds=frozenset({"template_message"}),
    )
    for one in (*abilities_of(odd), *abilities_of(MAIL)):
        assert all(one.said)
        assert all(one.label)
    assert {one.code: one.said[1] for one in abilities_of(odd)}["window"].startswith("within 48 hours")
