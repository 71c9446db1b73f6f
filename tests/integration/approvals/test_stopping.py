"""One person stops at once; letting go again takes two."""

from __future__ import annotations

import pytest

from store.stops import current_stops
from tests.integration.approvals.conftest import Branch
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.services import stopping
from wenhou.services.context import Context


def test_a_stop_is_in_force_at_once_and_lifted_only_by_a_second_person(
    context: Context, branch: Branch
) -> None:
    operations, supervisor = branch.actors["operations"], branch.actors["supervisor"]
    order = stopping.stop(context, operations, "all", "", "词句有误")

    with context.db.read() as session:
        assert current_stops(session).everything
    assert stopping.resume(context, operations, order.id) is False
    with pytest.raises(Refused, match="另一位"):
        stopping.resume(context, operations, order.id)
    assert stopping.resume(context, supervisor, order.id) is True
    with context.db.read() as session:
        assert not current_stops(session).everything


def test_a_stop_of_an_org_reaches_everything_below_it(context: Context, branch: Branch) -> None:
    stopping.stop(context, branch.actors["operations"], "org", "WH", "演练")

    with context.db.read() as session:
        assert branch.tree.outlet.id in current_stops(session).orgs
    assert stopping.list_stops(context)[0].value == "武汉分行"


def test_an_advisor_stops_nothing(context: Context, branch: Branch) -> None:
    with pytest.raises(AccessDenied):
        stopping.stop(context, branch.actors["advisor"], "all", "", "")


@pytest.mark.parametrize(("scope", "value"), [("org", "XX"), ("purpose", "fun"), ("planet", "")])
def test_an_unknown_thing_to_stop_is_named(context: Context, branch: Branch, scope: str, value: str) -> None:
    with pytest.raises(InputError):
        stopping.stop(context, branch.actors["operations"], scope, value, "")
