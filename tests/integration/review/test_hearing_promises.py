"""What hearing promises about shared numbers, each once broken."""

from __future__ import annotations

from store.facts import Question, load_facts
from store.models.customers import Suppression
from store.models.messages import Message
from store.pending import sweep_held
from tests import factories
from tests.integration.hearing.test_opt_out import ALL, share_phone
from tests.integration.hearing.world import World as Hearing
from wenhou.core.ids import new_id
from wenhou.core.policy.rules import Policy
from wenhou.core.purposes import Purpose
from wenhou.services import cases


def test_an_answer_to_one_of_a_family_silences_the_phone_for_all(hearing: Hearing) -> None:
    other = share_phone(hearing)
    theirs = hearing.planned(whose=other)
    _message, attempt = hearing.sent()
    reference = hearing.context.vault.reference_of(attempt.id)
    hearing.hear(hearing.says("退订", reference=reference))
    assert {ban.purpose for ban in hearing.rows(Suppression)} == ALL
    assert hearing.message(theirs).reason == "suppressed"


def test_a_carriers_opt_out_silences_a_shared_phone_for_all(hearing: Hearing) -> None:
    other = share_phone(hearing)
    theirs = hearing.planned(whose=other)
    _message, attempt = hearing.sent()
    hearing.hear(hearing.receipt(attempt, "undelivered", suppress="opted_out", definite=True))
    assert {ban.purpose for ban in hearing.rows(Suppression)} == ALL
    assert hearing.message(theirs).reason == "suppressed"


def test_a_complaint_of_nobody_yet_holds_what_is_planned_later(hearing: Hearing) -> None:
    other = share_phone(hearing)
    hearing.hear(hearing.says("我要投诉你们"))
    now = hearing.clock.now()
    questions = [
        Question(
            message_id=new_id(),
            customer_id=one.id,
            purpose=Purpose.CARE,
            origin="campaign",
            channels=("email",),
            planned_for=now.date(),
            planned_at=now,
            expires_at=now,
        )
        for one in (hearing.customer, other)
    ]
    with hearing.context.db.read() as session:
        facts = load_facts(
            session, questions, policy=Policy(), zone=hearing.context.bank.zone, now=now, platform={}
        )
    (case,) = hearing.cases()
    assert {one.open_case for one in facts.values()} == {case.id}


def test_what_a_closed_case_still_holds_is_let_go_by_the_sweep(hearing: Hearing) -> None:
    """A gate may read a case as open in the very moment it is closed, and hold after everything was let go."""
    open_too = hearing.planned()
    hearing.hear(hearing.says("我要投诉你们"))
    (case,) = hearing.cases()
    with hearing.context.db.read() as session:
        actor = factories.actor_for(session, hearing.people.supervisor)
    cases.close_case(hearing.context, actor, case.id, "已解决")
    late = hearing.planned()
    with hearing.context.db.write() as session:
        session.get_one(Message, late.id).hold_key = f"case:{case.id}"
        session.get_one(Message, open_too.id).hold_key = None
    with hearing.context.db.write() as session:
        assert sweep_held(session, hearing.clock.now()) == 1
        assert sweep_held(session, hearing.clock.now()) == 0
    assert hearing.message(late).hold_key is None


def test_a_gateways_token_may_be_the_last_part_of_the_path(hearing: Hearing) -> None:
    """The route is there; whether the token is right is the parser's to say, and here the signature is missing."""
    assert hearing.client.post("/hooks/simulator/sms/a-token", data=b"{}").status_code == 401
    assert hearing.client.post("/hooks/simulator/nobody/a-token", data=b"{}").status_code == 404
