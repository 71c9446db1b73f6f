"""New compliance rules hold for every message that has not left, whatever it was doing when they came."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from scheduler.planning import Planner
from store import lint_editions as editions
from store.models.customers import CustomerKey
from store.models.lint import LintEdition
from store.models.messages import Message
from templates.compliance.rules import bundled_rules, read_rules
from templates.wordings import Turn, Variant, get_wording
from tests.integration.planning.town import Town
from tests.integration.words.desk import Desk
from tests.integration.words.test_lint_rules import (
    BIRTHDAY,
    DAY,
    SHIPPED,
    STRICT,
    _agree,
    _in_force,
    _waiting,
)
from wenhou.core.errors import InputError, Refused, TemplateError
from wenhou.core.voices import Phrase
from wenhou.services import lint_rules, template_life, voices
from wenhou.services.relinting import judge_standing_words
from wenhou.services.template_standing import VersionRef
from wenhou.services.voice_checks import VoiceDraft


def test_a_message_in_a_workers_hands_is_not_forgotten_by_the_run(town: Town) -> None:
    """The worker dies with its claim after the run came past: what it held is judged once it is free again."""
    (message,) = _waiting(town, 1)
    _agree(town, message)
    with town.context.db.write() as session:
        session.execute(
            update(Message).values(
                claim_owner="gone", claim_until=town.clock.now() + timedelta(minutes=2), claim_fence=7
            )
        )
    _in_force(town, STRICT)

    judge_standing_words(town.context)
    with town.context.db.write() as session:  # the lease ends
        session.execute(update(Message).values(claim_owner=None, claim_until=None))
    judge_standing_words(town.context)
    town.at(DAY, 10)

    assert town.dispatch() == 0
    assert town.standing() == [("proposed", "rules_changed")]


def test_rules_that_come_while_a_run_is_planned_hold_for_what_it_writes_next(town: Town) -> None:
    """The standing words are judged at once, while the planner still writes with the rules it read."""
    town.go_live(BIRTHDAY.replace("approval: advisor", "approval: none"))
    town.customer(birthday=("solar", 3, 1))
    town.at(DAY, 7)

    def _rules_come(point: str) -> None:
        if point == "planning.judged" and len(lint_rules.list_editions(town.context)) == 1:
            _in_force(town, STRICT)
            judge_standing_words(town.context)

    planner = Planner(replace(town.context, passed=_rules_come), town.carriers)
    planner.plan_horizon(everything=True)
    judge_standing_words(town.context)
    town.at(DAY, 10)

    assert len(lint_rules.list_editions(town.context)) == 2
    assert town.dispatch() == 0


def test_an_erased_customers_words_do_not_stop_the_run(town: Town) -> None:
    first, *_ = _waiting(town, 2)
    with town.context.db.write() as session:
        session.execute(delete(CustomerKey).where(CustomerKey.customer_id == first.customer_id))
    _in_force(town, STRICT)

    done = judge_standing_words(town.context)

    assert done.is_done
    assert [one.reason for one in town.messages() if one.id != first.id] == ["rules_changed"]
    with town.context.db.read() as session:
        assert not editions.rerun_is_open(session)


def test_two_releases_side_by_side_do_not_take_turns_with_their_rules(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one process is upgraded and the other is not yet, each would find the other's rules news for ever."""
    newer = SHIPPED + "\n# a newer release\n"
    book = read_rules(newer, "rules.yaml")
    older = bundled_rules()
    found = []
    for release in (book, older, book, older):
        monkeypatch.setattr("wenhou.services.relinting.bundled_rules", lambda release=release: release)
        judge_standing_words(town.context)
        with town.context.db.read() as session:
            found.append(session.scalar(select(func.count()).select_from(LintEdition)))

    assert found == [2, 2, 2, 2]


def test_a_template_is_judged_by_the_banks_own_rules(desk: Desk) -> None:
    """What the rules in force stop is refused when it is written, not at a million drafts."""
    _in_force(desk.town, STRICT)

    with pytest.raises(InputError, match="今年不提生日"):
        desk.draft("祝您生日快乐。")


def test_a_text_that_new_rules_stop_is_not_approved(desk: Desk) -> None:
    acted = desk.draft("祝您生日快乐。")
    ref = VersionRef(key="birthday", number=acted.version)
    template_life.submit(desk.town.context, desk.writer, ref)
    _in_force(desk.town, STRICT)

    with pytest.raises(InputError, match="今年不提生日"):
        template_life.approve(desk.town.context, desk.reviewer, ref)


def test_macros_that_grow_are_refused(town: Town) -> None:
    """Each of twelve macros ten times the one before: a file of a kilobyte would be a text of a terabyte."""
    lines = ["  m_a: 'xxxxxxxxxx'"]
    names = [f"m_{letter}" for letter in "abcdefghijkl"]
    lines += [f"  {name}: '{f'<{before}>' * 10}'" for before, name in itertools.pairwise(names)]
    source = "macros:\n" + "\n".join(lines) + "\n" + SHIPPED.partition("macros:\n")[2]

    with pytest.raises(TemplateError, match="longer"):
        lint_rules.submit_rules(town.context, town.actors["compliance"], source, file="rules.yaml", note="x")


def test_own_words_are_judged_by_the_banks_own_rules(town: Town) -> None:
    _in_force(town, STRICT)

    with pytest.raises(Refused, match="今年不提生日"):
        voices.save_draft(
            town.context, town.actors["advisor"], VoiceDraft(phrases=(Phrase(text="生日这天，多歇一会儿。"),))
        )


@pytest.mark.parametrize("wording", ["a.²", "a.01", "a.0", "a.x", "a.٣"])
def test_a_wording_has_one_id(wording: str) -> None:
    turn = Turn(name="wish", pieces=("一", "二", "三"), sms=("一", "二", "三"))
    variants = (Variant(id="a", quiet=False, bodies={}, turns=(turn,)),)

    with pytest.raises(TemplateError, match="no wording"):
        get_wording(variants, wording)


def test_a_new_rule_finds_a_piece_that_is_not_the_first_of_its_turn(town: Town) -> None:
    """喝茶看云 stands in the last of twelve wishes only: the template is a finding all the same."""
    number = _in_force(town, STRICT.replace("['生日']", "['喝茶看云']"))

    judge_standing_words(town.context)

    found = {
        one.subject for one in lint_rules.list_findings(town.context, number) if one.rule == "no_birthday"
    }
    assert "birthday/zh-CN" in found
