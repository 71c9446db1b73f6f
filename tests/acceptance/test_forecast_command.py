"""`wenhou forecast`, `wenhou funnel` and `wenhou explain` as a person at a shell uses them."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.commands import EVE, SAMPLE, Shell


def test_a_forecast_is_what_the_days_then_become_and_the_funnel_adds_up(tmp_path: Path) -> None:
    shell = Shell(folder=tmp_path, settings={"WENHOU_NOW": EVE, "WENHOU_FREEZE": "1"})
    assert shell.run("init").code == 0
    assert shell.run("customers", "import", str(SAMPLE), "--create-orgs").code == 0
    assert shell.run("campaigns", "apply", "--bundled").code == 0
    foreseen = shell.run("forecast", "--days", "4", "--json").json
    assert shell.run("messages", "list", "--json").json == []
    assert foreseen["messages_left_out"] == 0
    later = shell.run("explain", "C100001", "--campaign", "birthday", "--on", "2027-03-01")
    assert later.out.startswith("没有发给宋女士")
    planned = []
    for day in ("2027-02-05", "2027-02-06", "2027-02-07", "2027-02-08"):
        shell.settings["WENHOU_NOW"] = f"{day}T08:00:00+08:00"
        planned += [
            one for one in shell.run("plan", "--on", day, "--json").json["occurrences"] if one["audience"]
        ]
    kept = ("campaign", "key", "step", "audience", "proposed", "scheduled", "tasks", "skipped")
    assert sorted(([one[name] for name in kept] for one in foreseen["occurrences"]), key=str) == sorted(
        ([one[name] for name in kept] for one in planned), key=str
    )
    funnel = shell.run("funnel", "spring_festival", "--on", "2027-02-05", "--json").json
    assert funnel["audience"] == sum(box["customers"] for box in funnel["boxes"]) > 150
    refused = shell.run("funnel", "spring_festival", "--on", "2027-05-05")
    assert refused.code == 2
    assert "没有活动" in refused.err
