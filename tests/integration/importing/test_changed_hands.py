"""A number that changes hands by a file, a to-do that a file answers, and addresses a file mistyped."""

from __future__ import annotations

from sqlalchemy import select

from store.contact_quality import lock_point
from store.models.customers import ContactPoint
from store.models.hearing import Task
from tests.integration.importing.conftest import Importer
from wenhou.core.contact_quality import Cause, Evidence
from wenhou.services.contact_quality import ASK, Told, learn
from wenhou.services.context import Context

TWO = "客户号,姓名,手机\nC1,王芳,13800000001\nC2,李静,13800000002\n"


def _points(context: Context) -> dict[str | None, int]:
    with context.db.read() as session:
        found: dict[str | None, int] = {}
        for reason in session.scalars(select(ContactPoint.retired_reason)):
            found[reason] = found.get(reason, 0) + 1
        return found


def _asks(context: Context) -> list[str]:
    with context.db.read() as session:
        return sorted(session.scalars(select(Task.state).where(Task.kind == ASK)))


def _kill(context: Context) -> None:
    """Every number turns out to be empty."""
    with context.db.write() as session:
        for point_id in session.scalars(select(ContactPoint.id)).all():
            point = lock_point(session, point_id)
            assert point is not None
            told = Told(evidence=Evidence.GONE, by="test", at=context.clock.now(), cause=Cause.NUMBER_INVALID)
            learn(session, context, point, told)


def test_a_number_that_a_stranger_changes_to_is_doubted(bring: Importer, context: Context) -> None:
    bring(TWO)
    bring("客户号,手机\nC2,13800000001\n")
    assert _points(context) == {"two_owners": 1, "replaced": 1}
    assert _asks(context) == ["open", "open"]
    bring("客户号,手机\nC2,13800000001\n")
    assert _asks(context) == ["open", "open"]


def test_a_family_may_come_to_share_a_number(bring: Importer, context: Context) -> None:
    bring("客户号,姓名,手机,家庭编号\nC1,王芳,13800000001,H1\nC2,李静,13800000002,H1\n")
    bring("客户号,手机\nC2,13800000001\n")
    assert _points(context) == {None: 1, "replaced": 1}
    assert _asks(context) == []


def test_a_new_customer_may_come_with_a_number_of_the_family(bring: Importer, context: Context) -> None:
    bring(TWO)
    bring("客户号,姓名,手机\nC3,王小芳,13800000001\n")
    assert _points(context) == {None: 2}


def test_a_file_with_a_working_number_closes_the_to_do(bring: Importer, context: Context) -> None:
    bring(TWO)
    _kill(context)
    assert _asks(context) == ["open", "open"]
    bring("客户号,手机\nC1,13800000009\n")
    assert _asks(context) == ["done", "open"]


def test_a_dead_number_in_a_file_is_told_and_stays_dead(bring: Importer, context: Context) -> None:
    bring(TWO)
    _kill(context)
    result = bring("客户号,姓名,手机\nC3,赵六,13800000001\n")
    assert "停用" in " ".join(found.zh for found in result.warnings)
    assert _asks(context) == ["open", "open"]


def test_a_mistyped_domain_refuses_the_row_with_the_suggestion(bring: Importer) -> None:
    result = bring("客户号,姓名,邮箱\nC1,王芳,wang@qq.con\nC2,李静,info@example.com\n")
    (refusal,) = result.refusals
    assert "qq.com" in refusal.findings[0].zh
    assert result.created == 1
    assert "公用邮箱" in " ".join(found.zh for found in result.warnings)
