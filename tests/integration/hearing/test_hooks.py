"""Taking callbacks in: verified, stored once, acknowledged, applied once, never lost."""

import json

import pytest

from integrations.signing import signed_headers
from store.models.customers import Consent
from store.models.hearing import Callback, CallbackKey, Feedback
from store.models.records import StaffNotice
from tests.integration.hearing.world import SECRET, World
from wenhou.core.errors import PayloadInvalid
from wenhou.services import effects, intake


def test_a_signed_callback_is_stored_and_acknowledged_before_it_has_any_effect(world: World) -> None:
    answer = world.post(world.says("谢谢你们"))
    assert (answer.status_code, answer.data) == (200, b"ok")
    assert world.callbacks() == ["new"]
    assert world.entries() == []
    assert world.woken == ["callbacks"]


def test_an_unsigned_callback_is_refused_and_nothing_is_stored(world: World) -> None:
    body = json.dumps({"events": [world.says("退订")]}).encode()
    assert world.client.post("/hooks/simulator/sms", data=body).status_code == 401
    assert world.rows(Callback) == []
    assert world.rows(CallbackKey) == []


def test_an_altered_callback_is_refused_and_nothing_is_stored(world: World) -> None:
    body = json.dumps({"events": [world.says("谢谢")]}).encode()
    headers = signed_headers(SECRET, "sms", world.context.clock.real(), body)
    assert world.client.post("/hooks/simulator/sms", data=body + b" ", headers=headers).status_code == 401
    assert world.rows(Callback) == []


def test_a_callback_to_another_account_is_worth_nothing(world: World) -> None:
    body = json.dumps({"events": [world.says("谢谢")]}).encode()
    headers = signed_headers(SECRET, "sms", world.context.clock.real(), body)
    assert world.client.post("/hooks/simulator/wechat", data=body, headers=headers).status_code == 401


def test_an_unknown_account_is_not_found(world: World) -> None:
    assert world.client.post("/hooks/simulator/nobody", data=b"{}").status_code == 404


def test_a_signed_payload_nobody_understands_is_kept_for_a_person(world: World) -> None:
    body = b"no json at all"
    headers = signed_headers(SECRET, "sms", world.context.clock.real(), body)
    assert world.client.post("/hooks/simulator/sms", data=body, headers=headers).status_code == 400
    (row,) = world.rows(Callback)
    assert (row.state, row.verified, row.error) == ("failed", True, "payload_invalid")


def test_an_enormous_body_is_refused(world: World) -> None:
    body = b"x" * (1024 * 1024 + 1)
    assert world.client.post("/hooks/simulator/sms", data=body).status_code == 413
    assert world.rows(Callback) == []


def test_the_raw_payload_is_not_readable_in_the_database(world: World) -> None:
    world.post(world.says("我的秘密"))
    (row,) = world.rows(Callback)
    assert "我的秘密".encode() not in row.payload


def test_the_same_callback_a_thousand_times_has_one_effect(world: World) -> None:
    event = world.says("退订")
    for _ in range(10):
        world.post(*[event] * 100)
    intake.apply_pending(world.context, world.parsers)
    world.hear(event)
    assert world.callbacks() == ["done"]
    assert len(world.entries()) == 1
    assert len(world.rows(Consent)) == 4 + 3  # four granted at the counter, three purposes withdrawn
    assert len(world.answers("confirmation")) == 1


def test_the_same_event_spelt_differently_has_one_effect(world: World) -> None:
    event = world.says("谢谢你们")
    world.hear(event)
    world.hear(event | {"extra": "a proxy added this"})
    assert world.callbacks() == ["done", "done"]
    assert len(world.entries()) == 1


def test_a_crash_between_storing_and_applying_loses_nothing(world: World) -> None:
    world.post(world.says("退订"))
    # The process dies here; another one finds the row.
    assert intake.apply_pending(world.context, world.parsers) == 1
    assert len(world.entries()) == 1
    assert intake.apply_pending(world.context, world.parsers) == 0


def test_a_crash_in_the_middle_of_applying_leaves_no_half_effect(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    world.post(world.says("退订"))
    with monkeypatch.context() as patched:
        patched.setitem(effects._EFFECTS, "opt_out", die)  # noqa: SLF001 - the point at which the process dies
        with pytest.raises(Killed):
            intake.apply_pending(world.context, world.parsers)
    assert world.entries() == []
    assert world.callbacks() == ["new"]
    assert intake.apply_pending(world.context, world.parsers) == 1
    assert len(world.entries()) == 1
    assert len(world.answers("confirmation")) == 1


def test_a_poisonous_item_does_not_stop_the_others_and_is_given_up_with_a_notice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PayloadInvalid("unreadable")

    world.post(world.says("退订"), world.says("谢谢你们"))
    with monkeypatch.context() as patched:
        patched.setitem(effects._EFFECTS, "opt_out", refuse)  # noqa: SLF001 - a poisonous effect
        assert intake.apply_pending(world.context, world.parsers) == 1
    assert sorted(world.callbacks()) == ["done", "failed"]
    assert [notice.kind for notice in world.rows(StaffNotice)] == ["callback_failed"]
    assert world.rows(Feedback) == []
