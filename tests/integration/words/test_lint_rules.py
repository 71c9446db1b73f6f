"""The bank's own compliance rules: two people, then everything that stands is judged by them before anything leaves."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from store import lint_editions as editions
from store.models.campaigns import Article
from store.models.lint import LintEdition, LintFinding
from store.models.messages import Approval, Message
from store.models.records import StaffNotice
from templates.compliance.rules import RULES_FILE
from tests import factories
from tests.integration.planning.town import Town, make_town
from wenhou.core.actors import Actor, Role
from wenhou.core.clock import ShiftedClock
from wenhou.core.errors import AccessDenied, InputError, Refused, TemplateError
from wenhou.services import approvals, lint_rules
from wenhou.services.approvals import AllFilter
from wenhou.services.context import Context
from wenhou.services.relinting import judge_standing_words
from wenhou.services.wording import Edit

DAY = date(2027, 3, 1)
BIRTHDAY = """
key: birthday
name: {zh-CN: 生日问候, en: Birthday greeting}
purpose: care
trigger: {type: personal_date, kind: birthday}
audience:
  all:
    - {field: state, is: [active]}
template: birthday
channels: [sms]
approval: advisor
send_at: "09:30"
until: "20:00"
"""
SHIPPED = RULES_FILE.read_text(encoding="utf-8")
NO_BIRTHDAY = """
- id: no_birthday
  level: LEVEL
  patterns: ['生日']
  sentence_zh: 今年不提生日。
  sentence_en: No word of birthdays this year.
  source: 本行规定
  confirmed: true
"""
STRICT = SHIPPED.rstrip() + NO_BIRTHDAY.replace("LEVEL", "block")
LIFTS = SHIPPED.rstrip() + NO_BIRTHDAY.replace("LEVEL", "raise")


@pytest.fixture
def town(context: Context, clock: ShiftedClock) -> Town:
    town = make_town(context, clock)
    with context.db.write() as session:
        other = factories.make_user(session, "hegui2", "何规", town.tree.head_office, Role.COMPLIANCE)
        town.actors["second"] = factories.actor_for(session, other)
    judge_standing_words(context)
    return town


def _in_force(town: Town, source: str) -> int:
    number = lint_rules.submit_rules(
        town.context, town.actors["compliance"], source, file="rules.yaml", note="今年不提生日"
    )
    lint_rules.approve_rules(town.context, town.actors["second"], number)
    return number


def _waiting(town: Town, people: int = 3) -> list[Message]:
    """Birthdays of tomorrow: planned, waiting for the advisor."""
    town.go_live(BIRTHDAY)
    for _ in range(people):
        town.customer(birthday=("solar", 3, 1))
    town.at(DAY, 7)
    town.plan(DAY)
    return town.messages()


def _agree(town: Town, message: Message, who: Actor | None = None) -> None:
    actor = who or town.actors["advisor"]
    approvals.approve(
        town.context,
        actor,
        message.id,
        approvals.current_hash(town.context, actor, message.id),
        undo_seconds=0,
    )


def test_the_rules_that_ship_are_the_first_edition(town: Town) -> None:
    (line,) = lint_rules.list_editions(town.context)

    assert (line.number, line.state, line.is_in_force, line.is_running) == (1, "approved", True, False)
    assert line.submitted_by == ""


def test_an_edition_needs_a_second_person_of_compliance(town: Town) -> None:
    first, second = town.actors["compliance"], town.actors["second"]
    number = lint_rules.submit_rules(town.context, first, STRICT, file="rules.yaml", note="今年不提生日")

    with pytest.raises(AccessDenied, match="另一位"):
        lint_rules.approve_rules(town.context, first, number)
    with pytest.raises(AccessDenied):
        lint_rules.approve_rules(town.context, town.actors["operations"], number)
    lint_rules.approve_rules(town.context, second, number)
    with pytest.raises(Refused, match="approved already"):
        lint_rules.approve_rules(town.context, second, number)


def test_a_rejected_edition_never_counts(town: Town) -> None:
    number = lint_rules.submit_rules(
        town.context, town.actors["compliance"], STRICT, file="rules.yaml", note="今年不提生日"
    )
    lint_rules.reject_rules(town.context, town.actors["second"], number, "太严")

    newest, shipped = lint_rules.list_editions(town.context)
    assert (newest.state, newest.is_in_force, shipped.is_in_force) == ("rejected", False, True)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("rules: [", TemplateError),
        (SHIPPED.replace("level: block", "level: warn").replace("level: raise", "level: warn"), InputError),
        (STRICT.replace("['生日']", "['(生日']"), TemplateError),
        (STRICT.replace("id: no_birthday", "id: promise_return"), TemplateError),
    ],
)
def test_a_broken_file_is_refused_and_nothing_is_kept(
    town: Town, source: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        lint_rules.submit_rules(town.context, town.actors["compliance"], source, file="rules.yaml", note="x")

    assert len(lint_rules.list_editions(town.context)) == 1


def test_the_difference_is_told_rule_by_rule(town: Town) -> None:
    changed = STRICT.replace("sentence_zh: 今年不提生日。", "sentence_zh: 今年不提生日。", 1)
    number = lint_rules.submit_rules(
        town.context, town.actors["compliance"], changed, file="rules.yaml", note="今年不提生日"
    )

    (change,) = lint_rules.compare_rules(town.context, number)

    assert (change.rule, change.change) == ("no_birthday", "added")


def test_what_a_new_rule_stops_comes_back_without_its_approvals(town: Town) -> None:
    first, *rest = _waiting(town)
    _agree(town, first)
    number = _in_force(town, STRICT)

    done = judge_standing_words(town.context)

    assert (done.judged, done.voided) == (3, 3)
    assert town.standing() == [("proposed", "rules_changed")] * 3
    with town.context.db.read() as session:
        (vote,) = session.scalars(select(Approval))
        notices = session.scalars(select(StaffNotice).where(StaffNotice.kind == "rules_changed")).all()
    assert vote.void_reason == "rules_changed"
    assert {one.user_id for one in notices} == {None, town.people.advisor.id}
    found = lint_rules.list_findings(town.context, number)
    assert {one.subject for one in found if one.kind == "message"} == {str(one.id) for one in (first, *rest)}
    assert "birthday/zh-CN" in {one.subject for one in found if one.kind == "template"}
    assert {one.owner for one in found if one.kind == "message"} == {town.people.advisor.name}


def test_what_the_rules_stop_cannot_be_agreed_to_until_it_says_something_else(town: Town) -> None:
    (message,) = _waiting(town, 1)
    _in_force(town, STRICT)
    judge_standing_words(town.context)
    advisor = town.actors["advisor"]

    with pytest.raises(Refused, match="今年不提生日"):
        _agree(town, message)
    everybody = approvals.approve_all(town.context, advisor, AllFilter(), undo_seconds=0)
    assert everybody.approved == 0
    seen = approvals.current_hash(town.context, advisor, message.id)
    approvals.edit(
        town.context, advisor, message.id, {"sms": Edit(text="王芳女士，愿您今天一切都好。李伟")}, seen
    )
    _agree(town, message, town.actors["supervisor"])

    assert town.messages()[0].status in {"scheduled", "proposed"}
    assert town.messages()[0].approvals == 1


def test_a_rule_that_lifts_asks_for_the_second_person(town: Town) -> None:
    (message,) = _waiting(town, 1)
    _agree(town, message)
    _in_force(town, LIFTS)

    judge_standing_words(town.context)

    (now,) = town.messages()
    assert (now.status, now.level, now.approvals) == ("proposed", 2, 0)


def test_nothing_leaves_while_the_run_has_not_come_to_it(town: Town) -> None:
    """The process that put the rules in force was killed before it judged anything."""
    (message,) = _waiting(town, 1)
    _agree(town, message)
    _in_force(town, STRICT)
    town.at(DAY, 10)

    assert town.dispatch() == 0
    assert town.standing() == [("proposed", "rules_changed")]


def test_new_words_are_judged_by_the_new_rules(town: Town) -> None:
    _in_force(town, STRICT)
    judge_standing_words(town.context)

    messages = _waiting(town, 1)

    assert [(one.status, one.reason) for one in messages] == [("skipped", "content_blocked")]


def test_a_run_that_was_cut_short_goes_on_and_writes_nothing_twice(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wenhou.services.relinting._CHUNK", 2)
    _waiting(town, 5)
    number = _in_force(town, STRICT)

    first = judge_standing_words(town.context, at_most=2)
    second = judge_standing_words(town.context)

    assert (first.judged, first.is_done, second.judged, second.is_done) == (2, False, 3, True)
    with town.context.db.read() as session:
        edition = session.scalars(select(LintEdition).where(LintEdition.number == number)).one()
        found = session.scalars(select(LintFinding.subject).where(LintFinding.kind == "message")).all()
        assert not editions.rerun_is_open(session)
    assert edition.judged == 5
    assert len(found) == len(set(found)) == 5
    assert judge_standing_words(town.context).judged == 0


def test_a_reviewed_article_that_the_rules_stop_needs_a_new_review(town: Town) -> None:
    now = town.clock.now()
    with town.context.db.write() as session:
        session.add(
            Article(
                key="news", title="新规", summary="关于生日的通知。", body="正文。", topics=["存款"], source="公告",
                state="approved", reviewer_id=town.people.compliance.id, effective_on=DAY, created_at=now,
                updated_at=now,
            )
        )  # fmt: skip
    number = _in_force(town, STRICT)

    judge_standing_words(town.context)

    with town.context.db.read() as session:
        assert session.scalars(select(Article.state)).all() == ["draft"]
    (found,) = (one for one in lint_rules.list_findings(town.context, number) if one.kind == "article")
    assert (found.subject, found.owner, found.has_voided) == ("news", town.people.compliance.name, True)
