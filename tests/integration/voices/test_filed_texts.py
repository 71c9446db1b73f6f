"""On a line that carries only filed texts, what is planned, edited and sent is exactly what was filed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from store.models.messages import Message
from store.models.organisation import Org
from templates.compliance.rules import RULES_FILE
from tests import factories
from tests.integration.planning.town import Town, make_town
from tests.integration.scheduler.world import CountingSender
from wenhou.core.actors import SYSTEM, Role
from wenhou.core.channels import SMS
from wenhou.core.clock import ShiftedClock
from wenhou.core.errors import InputError, Refused
from wenhou.services import approvals, filed_files, lint_rules, queue_items
from wenhou.services.approvals import Edit
from wenhou.services.context import Context
from wenhou.services.edit_faults import EditRefused

NAMELESS = "今天是您的生日，给您道声贺。愿您新岁平安，诸事顺手，今天只管高兴。拒收请回复R"
OTHER = "今天是您的生日，谨致祝贺。愿您新岁平安，诸事顺手。谨祝生辰安康。拒收请回复R"
BIRTHDAY = """
key: birthday
name: {zh-CN: 生日, en: Birthday}
purpose: care
trigger: {type: personal_date, kind: birthday}
audience:
  all:
    - {field: tier, is: [普通]}
template: birthday
channels: [sms]
approval: advisor
send_at: "09:30"
until: "20:00"
late: skip
"""
SIGNATURE = """
  - {provider: counting, account: sms, kind: signature, code: 江城银行, state: approved, decided: 2027-01-09}
"""


def filed(code: str, wording: str, text: str, more: str = "", state: str = "approved") -> str:
    return f"""
  - provider: counting
    account: sms
    code: {code}
    template: birthday
    wording: {wording}
    text: "{text}"
    state: {state}
    decided: 2027-01-09
{more}"""


@pytest.fixture
def line() -> CountingSender:
    sender = CountingSender(SMS, batch_size=100, rate_per_second=100_000.0)
    sender.capabilities = replace(
        sender.capabilities, carries_filed_only=True, allows_variables=False, max_variable=6
    )
    return sender


@pytest.fixture
def town(context: Context, clock: ShiftedClock, line: CountingSender) -> Town:
    made = make_town(context, clock, capable=line)
    made.go_live(BIRTHDAY)
    return made


def file_in(town: Town, tmp_path: Path, *rows: str) -> Mapping[str, int]:
    file = tmp_path / "filed.yaml"
    file.write_text("filed:" + "".join(rows), encoding="utf-8")
    return filed_files.apply_filings(town.context, SYSTEM, filed_files.read_filings(file))


def planned(town: Town) -> Message:
    town.plan(date(2027, 2, 1))
    (message,) = town.messages()
    return message


def test_a_greeting_without_a_name_is_planned_approved_and_sent_exactly_as_filed(
    town: Town, line: CountingSender, tmp_path: Path
) -> None:
    file_in(town, tmp_path, SIGNATURE, filed("SMS_1", "n.1.1", NAMELESS))
    town.customer(birthday=("solar", 2, 1))

    message = planned(town)
    assert (message.status, message.variant) == ("proposed", "n.1.1")
    approvals.approve(
        town.context, town.actors["advisor"], message.id, message.content_hash or b"", undo_seconds=0
    )
    town.at(date(2027, 2, 1), 10)

    assert town.dispatch() == 1
    (sent,) = line.taken
    assert sent.content.text == f"【江城银行】{NAMELESS}"
    assert (sent.content.provider_template, dict(sent.content.parameters)) == ("SMS_1", {})


def test_a_template_that_is_not_filed_is_not_planned_on_such_a_line(town: Town, tmp_path: Path) -> None:
    file_in(town, tmp_path, SIGNATURE)
    town.customer(birthday=("solar", 2, 1))
    message = planned(town)
    assert (message.status, message.reason) == ("skipped", "template_not_filed")


def test_a_text_still_in_review_is_as_good_as_none(town: Town, tmp_path: Path) -> None:
    file_in(
        town, tmp_path, SIGNATURE, filed("SMS_1", "n.1.1", NAMELESS),
        filed("SMS_1", "n.1.1", NAMELESS, "    carrier: 移动\n", state="refused"),
    )  # fmt: skip
    town.customer(birthday=("solar", 2, 1))
    message = planned(town)
    assert message.reason == "template_not_filed"


def test_a_signature_that_is_not_filed_stops_the_line(town: Town, tmp_path: Path) -> None:
    file_in(town, tmp_path, filed("SMS_1", "n.1.1", NAMELESS))
    town.customer(birthday=("solar", 2, 1))
    message = planned(town)
    assert (message.status, message.reason) == ("skipped", "signature_not_filed")


def test_an_orgs_own_filing_decides_over_the_banks(town: Town, tmp_path: Path) -> None:
    refused = filed("SMS_1", "n.1.1", NAMELESS, "    org: WH01\n", state="refused")
    file_in(town, tmp_path, SIGNATURE, filed("SMS_1", "n.1.1", NAMELESS), refused)
    town.customer(birthday=("solar", 2, 1))
    with town.context.db.read() as session:
        elsewhere = session.scalars(select(Org).where(Org.code == "YC")).one()
    town.customer(birthday=("solar", 2, 1), org=elsewhere)
    town.plan(date(2027, 2, 1))
    assert sorted(town.standing(), key=str) == [("proposed", None), ("skipped", "template_not_filed")]


def test_what_is_withdrawn_after_approval_does_not_leave(
    town: Town, line: CountingSender, tmp_path: Path
) -> None:
    file_in(town, tmp_path, SIGNATURE, filed("SMS_1", "n.1.1", NAMELESS))
    town.customer(birthday=("solar", 2, 1))
    message = planned(town)
    approvals.approve(
        town.context, town.actors["advisor"], message.id, message.content_hash or b"", undo_seconds=0
    )
    filed_files.set_state(town.context, SYSTEM, "SMS_1", "withdrawn", on=date(2027, 1, 31))
    town.at(date(2027, 2, 1), 10)
    assert town.dispatch() == 0
    assert town.standing() == [("skipped", "template_not_filed")]
    assert line.taken == []


def test_a_line_with_variables_is_given_code_and_values(
    context: Context, clock: ShiftedClock, line: CountingSender, tmp_path: Path
) -> None:
    line.capabilities = replace(line.capabilities, allows_variables=True, max_variable=20)
    town = make_town(context, clock, capable=line)
    town.go_live(BIRTHDAY)
    words = _named_words()
    file_in(town, tmp_path, SIGNATURE, words)
    town.customer("王芳", birthday=("solar", 2, 1))
    message = planned(town)
    item = queue_items.read_item(context, town.actors["advisor"], message.id)
    (option,) = item.previews[0].choices
    assert {gap.label: gap.value for gap in option.gaps}["称呼"] == "王女士"
    assert "王女士" in item.previews[0].text


def _named_words() -> str:
    """The first wording of the variant that begins with the name and holds the advisor's, as it would be filed."""
    text = "${name}，今天是您的生日。愿您新岁平安，诸事顺手，今天只管高兴。${advisor}。拒收请回复R"
    return filed("SMS_9", "a.1.1", text, "    variables: {name: {max: 10, label: 称呼}}\n")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (filed("X1", "n.1.1", "祝您生日快乐。拒收请回复R"), "is not the wording"),
        (filed("X1", "n.99.1", NAMELESS), "no wording"),
        (filed("X1", "n.1.1", "【江城银行】" + NAMELESS), "no 【】"),
        (filed("X1", "n.1.1", NAMELESS.removesuffix("拒收请回复R")), "must end with"),
        (filed("X1", "n.1.1", NAMELESS, "    org: NOWHERE\n"), "no org"),
        (filed("X1", "n.1.1", NAMELESS, "    variables: {name: {max: 6}}\n"), "no variable"),
    ],
)
def test_a_filing_that_is_not_the_wording_is_refused_whole(
    town: Town, tmp_path: Path, row: str, said: str
) -> None:
    with pytest.raises(InputError, match=said) as refused:
        file_in(town, tmp_path, SIGNATURE, row)
    assert refused.value.line is not None
    assert filed_files.list_all(town.context) == []


def test_filing_the_same_again_changes_nothing(town: Town, tmp_path: Path) -> None:
    rows = (SIGNATURE, filed("SMS_1", "n.1.1", NAMELESS))
    assert file_in(town, tmp_path, *rows) == {"created": 2, "changed": 0, "unchanged": 0}
    assert file_in(town, tmp_path, *rows) == {"created": 0, "changed": 0, "unchanged": 2}


def test_the_editor_offers_other_filed_texts_and_nothing_else(town: Town, tmp_path: Path) -> None:
    file_in(town, tmp_path, SIGNATURE, filed("SMS_1", "n.1.1", NAMELESS), filed("SMS_2", "m.1.1", OTHER))
    town.customer(birthday=("solar", 2, 1))
    message = planned(town)
    advisor, seen = town.actors["advisor"], message.content_hash or b""
    item = queue_items.read_item(town.context, advisor, message.id)
    assert {one.code for one in item.previews[0].choices} == {"SMS_1", "SMS_2"}
    assert not item.previews[0].may_edit

    with pytest.raises(Refused, match="filed texts only") as refused:
        approvals.edit(town.context, advisor, message.id, {"sms": Edit(text="祝您生日快乐")}, seen)
    assert refused.value.code == "filed_only"
    other = {"SMS_1": "SMS_2", "SMS_2": "SMS_1"}[
        next(one.code for one in item.previews[0].choices if one.is_now)
    ]
    approvals.edit(town.context, advisor, message.id, {"sms": Edit(filed=other)}, seen)

    (changed,) = town.messages()
    assert town.words(changed) == f"【江城银行】{OTHER if other == 'SMS_2' else NAMELESS}"
    assert changed.variant == {"SMS_1": "n.1.1", "SMS_2": "m.1.1"}[other]
    with pytest.raises(Refused, match="the words changed"):
        approvals.edit(town.context, advisor, message.id, {"sms": Edit(filed="SMS_1")}, seen)


def test_a_value_that_the_provider_would_refuse_is_said_by_its_name(
    context: Context, clock: ShiftedClock, line: CountingSender, tmp_path: Path
) -> None:
    line.capabilities = replace(line.capabilities, allows_variables=True, max_variable=20)
    town = make_town(context, clock, capable=line)
    town.go_live(BIRTHDAY)
    file_in(town, tmp_path, SIGNATURE, _named_words())
    town.customer("王芳", birthday=("solar", 2, 1))
    message = planned(town)
    advisor = town.actors["advisor"]
    (option,) = queue_items.read_item(context, advisor, message.id).previews[0].choices
    values = {gap.name: gap.value for gap in option.gaps} | {"name": "看www.example.com"}
    with pytest.raises(EditRefused) as refused:
        approvals.edit(
            context, advisor, message.id, {"sms": Edit(filed=option.code, values=values)},
            message.content_hash or b"",
        )  # fmt: skip
    assert {one.rule for one in refused.value.faults} >= {"value_link"}
    assert "称呼" in str(refused.value)
    assert town.messages()[0].content_hash == message.content_hash


def test_a_filing_that_the_banks_own_rules_stop_is_refused(town: Town, tmp_path: Path) -> None:
    """Not the rules that ship: those in force."""
    with town.context.db.write() as session:
        other = factories.make_user(session, "hegui3", "何规", town.tree.head_office, Role.COMPLIANCE)
        second = factories.actor_for(session, other)
    source = RULES_FILE.read_text(encoding="utf-8").rstrip() + (
        "\n- id: no_birthday\n  level: block\n  patterns: ['生日']\n  sentence_zh: 今年不提生日。\n"
        "  sentence_en: No word of birthdays this year.\n  source: 本行规定\n  confirmed: true\n"
    )
    number = lint_rules.submit_rules(
        town.context, town.actors["compliance"], source, file="rules.yaml", note="今年不提生日"
    )
    lint_rules.approve_rules(town.context, second, number)

    with pytest.raises(InputError, match="No word of birthdays"):
        file_in(town, tmp_path, SIGNATURE, filed("SMS_1", "n.1.1", NAMELESS))
