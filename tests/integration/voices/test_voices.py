"""A voice is the advisor's, approved by somebody else, and in force until the next one is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from store.models.products import Product
from store.models.records import AuditRow
from store.voices import voices_in_force
from tests.integration.voices.conftest import Staff
from wenhou.core.actors import Role
from wenhou.core.errors import AccessDenied, Refused
from wenhou.core.voices import Phrase
from wenhou.services import voices
from wenhou.services.context import Context
from wenhou.services.voice_checks import VoiceDraft
from wenhou.services.voices import VoiceRefused

CHEN = VoiceDraft(
    sign_off="汉正街支行小陈",
    tone="warm",
    phrases=(Phrase(text="有事随时叫我，我就在汉正街。", solemn=True), Phrase(text="祝您天天好心情！")),
)


def approved(context: Context, staff: Staff, draft: VoiceDraft = CHEN, who: str = "advisor") -> None:
    voices.save_draft(context, staff.actors[who], draft)
    view = voices.submit(context, staff.actors[who])
    assert view.open is not None
    voices.approve(context, staff.actors["compliance"], view.open.id, view.open.digest)


def test_an_approved_voice_is_in_force_and_its_steps_are_recorded(context: Context, staff: Staff) -> None:
    approved(context, staff)

    with context.db.read() as session:
        (found,) = voices_in_force(session, context.bank.zone).values()
        acts = list(session.scalars(select(AuditRow.act).order_by(AuditRow.id)))
    assert (found.sign_off, found.tone, found.phrases) == (CHEN.sign_off, CHEN.tone, CHEN.phrases)
    assert acts == ["voice.written", "voice.submitted", "voice.approved"]


def test_a_change_waits_while_the_old_version_stays_in_force(context: Context, staff: Staff) -> None:
    approved(context, staff)
    voices.save_draft(context, staff.actors["advisor"], replace(CHEN, sign_off="陈经理"))
    view = voices.submit(context, staff.actors["advisor"])
    assert view.in_force is not None
    assert view.open is not None
    assert (view.in_force.words.sign_off, view.open.words.sign_off) == ("汉正街支行小陈", "陈经理")

    after = voices.approve(context, staff.actors["compliance"], view.open.id, view.open.digest)

    assert after.in_force is not None
    assert after.in_force.words.sign_off == "陈经理"
    assert [one.state for one in after.versions] == ["approved", "replaced"]


def test_nobody_approves_their_own_voice(context: Context, staff: Staff) -> None:
    both = replace(staff.actors["advisor"], roles=frozenset({Role.ADVISOR, Role.COMPLIANCE}))
    voices.save_draft(context, both, CHEN)
    view = voices.submit(context, both)
    assert view.open is not None
    with pytest.raises(Refused, match="nobody approves their own voice"):
        voices.approve(context, both, view.open.id, view.open.digest)


@pytest.mark.parametrize("who", ["deputy", "supervisor", "operations", "administrator"])
def test_only_compliance_approves(context: Context, staff: Staff, who: str) -> None:
    voices.save_draft(context, staff.actors["advisor"], CHEN)
    view = voices.submit(context, staff.actors["advisor"])
    assert view.open is not None
    with pytest.raises(AccessDenied):
        voices.approve(context, staff.actors[who], view.open.id, view.open.digest)


def test_compliance_of_another_branch_does_not_see_it(context: Context, staff: Staff) -> None:
    voices.save_draft(context, staff.actors["advisor"], CHEN)
    elsewhere = replace(staff.actors["compliance"], org_path="/HQ/YC/")
    with pytest.raises(AccessDenied):
        voices.read_voice(context, elsewhere, "liwei")
    assert voices.list_voices(context, elsewhere) == []


def test_an_approval_of_words_that_changed_meanwhile_is_refused(context: Context, staff: Staff) -> None:
    voices.save_draft(context, staff.actors["advisor"], CHEN)
    seen = voices.submit(context, staff.actors["advisor"]).open
    assert seen is not None
    voices.save_draft(context, staff.actors["advisor"], replace(CHEN, sign_off="陈经理"))
    voices.submit(context, staff.actors["advisor"])
    with pytest.raises(Refused, match="the words changed"):
        voices.approve(context, staff.actors["compliance"], seen.id, seen.digest)


def test_a_version_sent_back_says_why_and_the_old_one_stays(context: Context, staff: Staff) -> None:
    approved(context, staff)
    voices.save_draft(context, staff.actors["advisor"], replace(CHEN, sign_off="小陈"))
    waiting = voices.submit(context, staff.actors["advisor"]).open
    assert waiting is not None

    view = voices.send_back(context, staff.actors["compliance"], waiting.id, "请写支行名")

    assert view.last_no is not None
    assert view.last_no.reason == "请写支行名"
    assert view.in_force is not None
    assert view.in_force.words.sign_off == "汉正街支行小陈"


def test_a_withdrawn_voice_is_used_no_longer(context: Context, staff: Staff) -> None:
    approved(context, staff)
    advisor = staff.people.advisor.id
    view = voices.withdraw(context, staff.actors["compliance"], advisor, "客户投诉")
    assert view.in_force is None
    with context.db.read() as session:
        assert voices_in_force(session, context.bank.zone) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("点这里看看 www.example.com", "no links"),
        ("请拨13800138000找我。", "no numbers"),
        ("我们的理财保本保收益。", "sentence 1"),
        ("一句话写得很长很长" * 5, "at most 40 characters"),
        ("祝您好★", "lines refuse"),
        ("【江城银行】祝您好", "no 【"),
        ("祝您好。有事找我。", "one sentence only"),
        ("您好{{ salutation }}", "no {"),
        ("", "empty"),
    ],
)
def test_a_sentence_that_may_not_be_said_is_refused_and_nothing_is_kept(
    context: Context, staff: Staff, text: str, said: str
) -> None:
    draft = VoiceDraft(sign_off="小陈", phrases=(Phrase(text=text),))
    with pytest.raises(VoiceRefused, match=said.replace("{", "\\{")):
        voices.save_draft(context, staff.actors["advisor"], draft)
    assert voices.read_voice(context, staff.actors["advisor"]).versions == ()


def test_a_festive_sentence_cannot_be_marked_for_solemn_days(context: Context, staff: Staff) -> None:
    draft = VoiceDraft(phrases=(Phrase(text="祝您快乐！", solemn=True),))
    with pytest.raises(VoiceRefused):
        voices.save_draft(context, staff.actors["advisor"], draft)


def test_eleven_sentences_are_too_many(context: Context, staff: Staff) -> None:
    many = tuple(
        Phrase(text=f"祝您{word}。")
        for word in "平安 健康 顺利 安好 如意 顺心 舒心 安康 顺遂 康健 喜乐".split()
    )
    with pytest.raises(VoiceRefused, match="at most 10"):
        voices.save_draft(context, staff.actors["advisor"], VoiceDraft(phrases=many))


def test_a_product_of_the_bank_is_not_named(context: Context, staff: Staff) -> None:

    with context.db.write() as session:
        session.add(
            Product(
                code="P1", name="江城安心", issuer="江城银行", risk_level=1, updated_at=context.clock.now()
            )
        )
    with pytest.raises(VoiceRefused, match="no product: 江城安心"):
        voices.save_draft(
            context, staff.actors["advisor"], VoiceDraft(phrases=(Phrase(text="江城安心陪着您。"),))
        )


def test_only_advisors_have_a_voice(context: Context, staff: Staff) -> None:
    with pytest.raises(AccessDenied):
        voices.save_draft(context, staff.actors["operations"], CHEN)


def test_the_same_words_need_no_second_approval(context: Context, staff: Staff) -> None:
    approved(context, staff)
    voices.save_draft(context, staff.actors["advisor"], CHEN)
    with pytest.raises(Refused, match="the same as what is in force"):
        voices.submit(context, staff.actors["advisor"])
