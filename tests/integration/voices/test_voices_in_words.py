"""What an approved voice does to the words that are planned and to those that wait."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from store.models.messages import Approval
from tests.factories import Reach
from tests.integration.planning.town import Town, make_town
from tests.integration.scheduler.world import CountingSender
from wenhou.core.channels import WECHAT
from wenhou.core.clock import ShiftedClock
from wenhou.core.voices import Phrase
from wenhou.services import approvals, voices
from wenhou.services.approvals import Edit
from wenhou.services.context import Context
from wenhou.services.edit_faults import EditRefused
from wenhou.services.voice_checks import VoiceDraft

GREETING = """
key: birthday
name: {zh-CN: 生日, en: Birthday}
purpose: care
trigger: {type: personal_date, kind: birthday}
audience:
  all:
    - {field: tier, is: [普通]}
template: birthday
channels: [CHANNEL]
approval: advisor
send_at: "09:30"
until: "20:00"
late: skip
"""


@pytest.fixture
def town(context: Context, clock: ShiftedClock) -> Town:
    made = make_town(context, clock)
    made.go_live(GREETING.replace("CHANNEL", "sms"))
    return made


def _approve(town: Town, draft: VoiceDraft) -> None:
    voices.save_draft(town.context, town.actors["advisor"], draft)
    waiting = voices.submit(town.context, town.actors["advisor"]).open
    assert waiting is not None
    voices.approve(town.context, town.actors["compliance"], waiting.id, waiting.digest)


def test_an_approved_voice_makes_waiting_words_new_and_voids_their_approval(
    context: Context, clock: ShiftedClock
) -> None:
    town = make_town(context, clock)
    town.carriers.senders[WECHAT] = CountingSender(WECHAT)  # type: ignore[index]
    town.go_live(GREETING.replace("CHANNEL", WECHAT))
    town.customer(birthday=("solar", 2, 1), reach=Reach(openid="o-1"), consents=((WECHAT, "care"),))
    town.plan(date(2027, 2, 1))
    (before,) = town.messages()
    approvals.approve(context, town.actors["advisor"], before.id, before.content_hash or b"")
    town.at(date(2027, 1, 30), 11)

    _approve(town, VoiceDraft(sign_off="江汉路小李", phrases=(Phrase(text="有事请找我。"),)))
    town.plan(date(2027, 2, 1))

    (after,) = town.messages()
    assert (after.id, after.status) == (before.id, "proposed")
    assert "江汉路小李" in town.words(after, WECHAT)
    with context.db.read() as session:
        assert session.scalars(select(Approval.void_reason)).one() == "input_changed"

    town.at(date(2027, 1, 30), 12)
    voices.withdraw(context, town.actors["compliance"], town.people.advisor.id, "不再使用")
    town.plan(date(2027, 2, 1))
    assert "江汉路小李" not in town.words(after, WECHAT)


def test_planning_again_with_the_same_voice_changes_nothing(town: Town) -> None:
    _approve(town, VoiceDraft(sign_off="江汉路小李", tone="warm"))
    town.customer(birthday=("solar", 2, 1))
    town.plan(date(2027, 2, 1))
    (before,) = town.messages()
    town.at(date(2027, 1, 30), 12)
    town.plan(date(2027, 2, 1))
    (after,) = town.messages()
    assert after.content_hash == before.content_hash


def test_an_edit_that_breaks_a_rule_says_which_one_and_where(town: Town) -> None:
    town.customer(birthday=("solar", 2, 1))
    town.plan(date(2027, 2, 1))
    (message,) = town.messages()
    typed = "祝您生日快乐，我们的理财保本保收益。"

    with pytest.raises(EditRefused) as refused:
        approvals.edit(
            town.context, town.actors["advisor"], message.id, {"sms": Edit(text=typed)},
            message.content_hash or b"",
        )  # fmt: skip

    assert refused.value.code == "content_blocked"
    fault = next(one for one in refused.value.faults if "本" in one.found)
    assert typed[fault.start : fault.end] == fault.found
    assert f"第{fault.start + 1}" in str(refused.value)
    assert "character" in str(refused.value)
    assert town.messages()[0].content_hash == message.content_hash


def test_too_many_characters_are_shown_from_where_they_are_too_many(town: Town) -> None:
    town.customer(birthday=("solar", 2, 1))
    town.plan(date(2027, 2, 1))
    (message,) = town.messages()
    with pytest.raises(EditRefused) as refused:
        approvals.edit(
            town.context, town.actors["advisor"], message.id, {"sms": Edit(text="祝您安康，" * 110)},
            message.content_hash or b"",
        )  # fmt: skip
    (fault,) = refused.value.faults
    assert fault.rule == "too_long"
    assert 0 < fault.start < fault.end == 550
