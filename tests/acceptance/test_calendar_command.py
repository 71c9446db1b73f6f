"""`wenhou calendar` as a person at a shell uses it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.commands import EVE, ROOT, Shell
from wenhou.core.calendars.festivals import FESTIVALS

EXAMPLE = str(ROOT / "docs" / "examples" / "calendar.yaml")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(folder=tmp_path / "bank", settings={"WENHOU_NOW": EVE})


def test_2033_has_every_key_and_its_leap_month_is_the_eleventh(shell: Shell) -> None:
    found = shell.run("calendar", "2033", "--json").json

    days = {day["key"]: day for day in found["days"]}
    assert found["year"] == 2033
    assert set(days) == set(FESTIVALS)
    assert {"on", "key", "name", "lunar", "tone"} <= set(days["mid_autumn"])
    assert days["mid_autumn"]["on"] == "2033-09-08"  # not 7 October, as by a leap seventh month
    assert (days["dongzhi"]["on"], days["dongzhi"]["lunar"]) == ("2033-12-21", "十一月三十")
    leap = next(month for month in found["lunar_months"] if month["leap"])
    assert leap == {
        "lunar_year": 2033,
        "month": 11,
        "leap": True,
        "name": "闰十一月",
        "first_day": "2033-12-22",
        "days": 29,
    }
    assert [month["name"] for month in found["lunar_months"]][-3:] == ["十月", "十一月", "闰十一月"]
    after = {day["key"]: day for day in shell.run("calendar", "--json", "2034").json["days"]}
    assert (after["new_year"]["lunar"], after["laba"]["on"]) == ("闰十一月十一", "2034-01-27")
    assert after["spring_festival"]["on"] == "2034-02-19"


def test_looking_at_a_year_makes_no_store(shell: Shell) -> None:
    shell.run("calendar", "2027")

    assert not list(shell.folder.glob("*.db"))


def test_what_is_applied_is_printed_exported_and_subscribed_to(shell: Shell) -> None:
    shell.run("init")
    assert shell.run("calendar", "apply", EXAMPLE, "--json").json["outcome"] == "created"
    assert shell.run("calendar", "apply", EXAMPLE, "--json").json["outcome"] == "unchanged"

    days = {day["key"]: day for day in shell.run("calendar", "2027", "--json").json["days"]}
    assert (days["eid_al_fitr"]["on"], days["eid_al_fitr"]["chosen_only"]) == ("2027-03-10", True)
    assert "losar" in shell.run("calendar", "export").out
    assert "开斋节" in shell.run("calendar", "2027", "--ics").out
    assert shell.run("calendar", "2027", "--org", "HQ").code == 0
    assert shell.run("calendar", "--feed-url").out.startswith("http")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source: x\nworkday: []\n", ":2:1: workday: no such field; did you mean workdays?"),
        (
            "source: x\ncorrections:\n- {festival: mid_autum, year: 2057, on: 2057-09-13}\n",
            "did you mean mid_autumn?",
        ),
        ("source: x\nworkdays:\n- {year: 2027, off: [2027-02-08], work: [2027-02-08]}\n", "keep one"),
    ],
)
@pytest.mark.parametrize("command", ["apply", "validate"])
def test_a_broken_file_is_exit_code_two_with_file_and_line(
    shell: Shell, tmp_path: Path, command: str, text: str, said: str
) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(text, encoding="utf-8")

    answer = shell.run("calendar", command, str(file))

    assert answer.code == 2
    assert f"{file}:" in answer.err
    assert said in answer.err
    assert answer.out == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("calendar", "1900"), "1900 is outside the calendar; give a year from 1901 to 2100"),
        (("calendar", "--json"), "there is no year"),
        (("calendar", "2027", "--org", "HX"), "did you mean HQ?"),
        (("calendar", "export"), "docs/examples/calendar.yaml"),
        (("calendar", "validate", "nowhere.yaml"), "nowhere.yaml: there is no such file"),
    ],
)
def test_bad_input_says_what_would_be_right(shell: Shell, words: tuple[str, ...], said: str) -> None:
    answer = shell.run(*words)

    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
