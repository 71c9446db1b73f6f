"""A line that carries filed texts without variables: filed, planned, approved, sent and received, word for word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from integrations.simulator.sender import SimulatorSender
from tests import factories
from tests.acceptance.stage import open_stage
from wenhou.core.actors import SYSTEM
from wenhou.core.clock import ShiftedClock
from wenhou.services import filed_files
from wenhou.services.approvals import approve_all
from wenhou.services.campaigns import apply_campaigns, bundled_campaigns
from wenhou.services.context import Context

TEXT = "今天是您的生日，给您道声贺。愿您新岁平安，诸事顺手，今天只管高兴。拒收请回复R"
FILED = f"""filed:
  - {{provider: simulator, account: sms, kind: signature, code: 江城银行, state: approved, decided: 2027-01-09}}
  - {{provider: simulator, account: sms, code: SMS_1, template: birthday, wording: n.1.1, text: "{TEXT}",
     state: approved, submitted: 2027-01-04, decided: 2027-01-09}}
"""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_customer_receives_the_filed_text_without_a_name(
    context: Context, clock: ShiftedClock, tmp_path: Path
) -> None:
    with context.db.write() as session:
        tree = factories.make_tree(session)
        people = factories.make_people(session, tree)
        factories.make_customer(
            session, context.vault, org=tree.outlet, advisor=people.advisor, birthday=("solar", 2, 1),
            reach=factories.Reach(phone="+8613800000001"),
        )  # fmt: skip
        advisor = factories.actor_for(session, people.advisor)
    apply_campaigns(context, SYSTEM, bundled_campaigns())
    file = tmp_path / "filed.yaml"
    file.write_text(FILED, encoding="utf-8")
    with open_stage(context) as stage:
        line = stage.carriers.senders["sms"]
        assert isinstance(line, SimulatorSender)
        line.capabilities = replace(line.capabilities, carries_filed_only=True, allows_variables=False)
        filed_files.apply_filings(context, SYSTEM, filed_files.read_filings(file))

        stage.planner.plan(date(2027, 2, 1), date(2027, 2, 1), campaign="birthday")
        assert approve_all(context, advisor, undo_seconds=0).approved == 1
        clock.move_to(datetime(2027, 2, 1, 9, 31, tzinfo=ZoneInfo("Asia/Shanghai")))
        assert stage.dispatch().sent == 1

        phone = stage.provider.state
        assert stage.wait(lambda: bool(phone.thread("sms", "+8613800000001")))
        (received,) = phone.thread("sms", "+8613800000001")
    assert received.text == f"【江城银行】{TEXT}"
