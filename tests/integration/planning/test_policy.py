"""The bank's own windows and caps: applied, in force at once, judged at planning; a broken file changes nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.factories import actor_for, make_people, make_tree
from wenhou.core.errors import AccessDenied, InputError
from wenhou.core.purposes import Purpose
from wenhou.services.context import Context
from wenhou.services.policies import apply_policy, describe_policy, policy_in_force, read_policy

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "policy.yaml"
SUNDAY = datetime(2027, 1, 31, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_the_example_is_in_force_once_operations_has_applied_it(context: Context) -> None:
    with context.db.write() as session:
        people = make_people(session, make_tree(session))
        operations, advisor = actor_for(session, people.operations), actor_for(session, people.advisor)
    assert describe_policy(context)["number"] == 0
    with pytest.raises(AccessDenied):
        apply_policy(context, advisor, read_policy(EXAMPLE))
    assert apply_policy(context, operations, read_policy(EXAMPLE)) == 1
    with context.db.read() as session:
        policy = policy_in_force(session, context.clock.now())
    assert (policy.number, f"{policy.windows[Purpose.CARE].opens:%H:%M}") == (1, "08:30")
    assert [cap.most for cap in policy.caps] == [1, 2, 1]
    news = policy.windows[Purpose.INFORMATION]
    assert not news.contains(SUNDAY, context.bank.zone, policy.days_off)
    assert apply_policy(context, operations, {"caps": [{"purposes": ["care"], "days": 1, "most": 1}]}) == 2
    assert describe_policy(context)["windows"]["care"]["opens"] == "08:00"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("windws: {}", "windws"),
        ("windows: {care: {opens: 8}}", "windows.care"),
        ("windows: {gifts: {opens: '08:00', closes: '20:00'}}", "gifts"),
        ("caps: [{purposes: [care], days: 0, most: 1}]", "caps[0]"),
        ("- a", "windows:"),
        ("a: [", "YAML"),
    ],
)
def test_a_broken_policy_is_refused_by_field(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        read_policy(file)
    assert said in str(refusal.value)
