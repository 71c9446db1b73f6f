"""Whatever is wrong with a campaign is said with file, line, what was expected and the nearest legal word."""

from __future__ import annotations

from datetime import time

import pytest

from wenhou.core.errors import InputError
from wenhou.core.policy.rules import Policy
from wenhou.core.policy.windows import Window
from wenhou.core.purposes import Purpose
from wenhou.services.campaign_checks import NOTHING_KNOWN, Standing, Surroundings
from wenhou.services.campaign_files import read_all, read_campaigns
from wenhou.services.campaign_reading import SeveralFaults, faults_of
from wenhou.services.campaigns import bundled_campaigns

SOUND = """\
key: two_steps
name: {zh-CN: 两步, en: Two steps}
purpose: service
trigger: {type: business_event, event: account_opened}
audience:
  all:
    - {field: state, is: [active]}
steps:
  - key: ask
    template: callback_account_opened
    channels: [wechat, sms]
    send_at: "10:00"
    until: "19:00"
    valid_days: 2
    asks: csat
  - key: mend
    after: ask
    wait: 3 workdays
    when: [{rated_at_most: 2}]
    task: {kind: call, title: {zh-CN: 请致电, en: Call}}
late: {policy: send_late, days: 1}
"""
GREETING = """\
key: greeting
purpose: care
trigger: {type: festival, festival: spring_festival, days_before: 1}
template: spring_festival
channels: [wechat, sms]
send_at: "09:00"
until: "18:00"
"""


def _said(text: str, surroundings: Surroundings = NOTHING_KNOWN) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_campaigns(text, "bad.yaml", surroundings=surroundings)
    return [str(fault) for fault in faults_of(caught.value)]


def _one(old: str, new: str, *, text: str = SOUND, surroundings: Surroundings = NOTHING_KNOWN) -> str:
    assert old in text
    (said,) = _said(text.replace(old, new, 1), surroundings)
    return said


def test_the_texts_these_tests_break_are_sound() -> None:
    assert read_campaigns(SOUND, "sound.yaml")[0].remarks == ()
    assert read_campaigns(GREETING, "sound.yaml")[0].remarks == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("purpose: service", "purpose: servise", 3, "did you mean service?"),
        ("event: account_opened", "event: acount_opened", 4, "did you mean account_opened?"),
        ("type: business_event", "type: busines_event", 4, "did you mean business_event?"),
        ("field: state", "field: stat", 7, "did you mean state?"),
        ("is: [active]", "at_least: 3", 7, "state"),
        ("\nlate:", "\nlat:", 21, "did you mean late?"),
        ("template: callback_account_opened", "template: callback_acount_opened", 10, "did you mean"),
        ("channels: [wechat, sms]", "channels: [wechat, smss]", 11, "did you mean sms?"),
        ("channels: [wechat, sms]", "channels: []", 11, "give a list in the order to try"),
        ('until: "19:00"', 'until: "25:00"', 13, 'a time in quotes like "09:30"'),
        ("valid_days: 2", "valid_days: two", 14, "a whole number, not 'two'"),
        ("asks: csat", "asks: csatt", 15, "did you mean csat?"),
        ("key: mend", "key: ask", 16, "two steps have the key ask"),
        ("after: ask", "after: mend", 17, "waits for itself"),
        ("after: ask", "after: aks", 17, "did you mean ask?"),
        ("wait: 3 workdays", "wait: 3 weeks", 18, '"3d" or "2 workdays"'),
        ("wait: 3 workdays", "wait: 1d", 19, "comes 1 days after ask, which may leave until 19:00 2 days"),
        ("[{rated_at_most: 2}]", "[{rated_at_mots: 2}]", 19, "did you mean rated_at_most?"),
        ("[{rated_at_most: 2}]", "[{rated_at_most: 7}]", 19, "csat ends at 5"),
        ("[{rated_at_most: 2}]", "[done]", 19, "done is asked of ask, a message"),
        ("[{rated_at_most: 2}]", "[{event: product_buoght}]", 19, "did you mean product_bought?"),
        ("[{rated_at_most: 2}]", "[{not: {replied: aks}}]", 19, "did you mean ask?"),
        ("kind: call", "kind: cal", 20, "did you mean call?"),
        ("    task:", "    channels: [sms]\n    task:", 20, "a task has no channels"),
        ("policy: send_late", "policy: send_lat", 21, "did you mean send_late?"),
        ("days: 1}", "days: 0}", 21, "between 1 and 60"),
    ],
)
def test_a_fault_is_named_with_its_line_and_what_would_be_right(
    old: str, new: str, line: int, words: str
) -> None:
    said = _said(SOUND.replace(old, new, 1))
    assert any(one.startswith(f"bad.yaml:{line}:") and words in one for one in said), said


@pytest.mark.parametrize(
    ("more", "line", "words"),
    [
        ("holdout: 5\n", 22, "nobody is held out of service"),
        ("statutory: true\nholdout: 5\n", 23, "nobody is held out of a statutory notice"),
        ("waves: {percents: [10, 1]}\n", 22, "rise from wave to wave"),
        ("waves: {percents: [1, 10]}\n", 22, "a business event comes for one customer at a time"),
        ("limits: {failure_percent: 120}\n", 22, "up to 100"),
        ("limits: {failures: 3}\n", 22, "did you mean failure_percent?"),
        ("priority: 100\n", 22, "between 1 and 99"),
        ("template: birthday\n", 22, "belongs inside a step"),
    ],
)
def test_a_field_that_does_not_fit_is_refused(more: str, line: int, words: str) -> None:
    said = _said(SOUND + more)
    assert any(one.startswith(f"bad.yaml:{line}:") and words in one for one in said), said


def test_other_words_for_some_are_refused_where_the_words_are_owed() -> None:
    more = "    alternative: {template: callback_account_opened, percent: 20}\n    asks: csat\n"
    assert "no A/B" in _one("    asks: csat\n", more)
    closed = SOUND.replace("account_opened}", "case_closed}").replace(
        "template: callback_account_opened", "template: callback_case_closed"
    )
    assert "what follows a complaint" in _one("\nlate:", "\nholdout: 5\nlate:", text=closed)


def test_a_festival_that_does_not_exist_names_the_nearest() -> None:
    said = _one("festival: spring_festival,", "festival: sprng_festival,", text=GREETING)
    assert said.startswith("bad.yaml:3:")
    assert "did you mean spring_festival?" in said


def test_steps_that_wait_for_each_other_are_shown_as_a_circle() -> None:
    circle = SOUND.replace("  - key: ask\n", "  - key: ask\n    after: mend\n")
    said = _said(circle)
    assert any("ask → mend → ask" in one for one in said)
    assert any("mend → ask → mend" in one for one in said)


def test_a_step_cannot_ask_of_one_that_comes_after_it() -> None:
    text = SOUND.replace("[{rated_at_most: 2}]", "[{done: third}]")
    third = "\n  - {key: third, after: mend, task: {kind: call, title: {zh-CN: 再致电, en: Call}}}\nlate:"
    assert "ask of an earlier step" in _one("\nlate:", third, text=text)


def test_what_a_channel_can_never_tell_is_refused() -> None:
    deaf = SOUND.replace("[wechat, sms]", "[sms]").replace("[{rated_at_most: 2}]", "[read]")
    (said,) = _said(deaf)
    assert said.startswith("bad.yaml:19:")
    assert "read is never known of ask, which goes by SMS only" in said


def test_what_only_some_channels_can_tell_is_remarked() -> None:
    (document,) = read_campaigns(SOUND.replace("[{rated_at_most: 2}]", "[{not: read}]"), "some.yaml")
    (remark,) = document.remarks
    assert "some.yaml:19:" in remark
    assert "by SMS it is never known" in remark


def test_a_send_time_that_never_meets_the_window_is_refused_and_one_before_it_remarked() -> None:
    never = _one('send_at: "09:00"\nuntil: "18:00"', 'send_at: "20:30"\nuntil: "22:00"', text=GREETING)
    assert "never meets the window of care, 08:00–20:00" in never
    (early,) = read_campaigns(GREETING.replace('"09:00"', '"07:00"'), "early.yaml")
    assert "leaves when that opens" in early.remarks[0]
    late = Surroundings(policy=Policy(windows={Purpose.CARE: Window(opens=time(18), closes=time(20))}))
    assert "never meets" in _said(GREETING, late)[0]


def test_a_day_that_is_never_a_workday_is_refused_for_what_leaves_on_workdays_only() -> None:
    window = Window(opens=time(8), closes=time(20), workdays_only=True)
    policy = Policy(windows={Purpose.CARE: window})
    on_the_day = GREETING.replace(", days_before: 1", "")
    assert "leaves on workdays only" in _said(on_the_day, Surroundings(policy=policy))[0]
    assert read_campaigns(on_the_day + "valid_days: 20\n", "x.yaml", surroundings=Surroundings(policy=policy))


def test_until_before_send_at_is_refused() -> None:
    assert "17:00 is not after send_at 18:00" in _one(
        'send_at: "09:00"\nuntil: "18:00"', 'send_at: "18:00"\nuntil: "17:00"', text=GREETING
    )


def test_a_lead_longer_than_the_gap_between_two_runs_is_refused() -> None:
    weekly = GREETING.replace(
        "{type: festival, festival: spring_festival, days_before: 1}",
        "{type: recurring, every: week, day: 1}",
    ).replace("template: spring_festival", "template: birthday")
    assert read_campaigns(weekly, "weekly.yaml")
    assert "about 5 workdays apart" in _one(
        "purpose: care", "purpose: care\nplan_ahead_workdays: 10", text=weekly
    )


def test_nothing_that_sells_or_informs_leaves_unread() -> None:
    news = next(one for one in bundled_campaigns() if one.campaign.key == "policy_news").source
    assert "never leaves unread" in _one("approval: two_persons", "approval: none", text=news)


def test_words_are_checked_for_every_step_in_every_language() -> None:
    said = _said(GREETING.replace("template: spring_festival", "template: callback_account_opened"))
    assert any("the campaign care" in one for one in said)
    assert any("(zh-CN) needs" in one for one in said)
    assert any("(en) needs" in one for one in said)


def test_two_campaigns_with_one_key_are_refused_in_one_file_and_across_files() -> None:
    (said,) = _said(f"{GREETING}---\n{GREETING}")
    assert said == (
        "bad.yaml:9:1: two campaigns have the key greeting; the other stands at bad.yaml:1:1; a key names one campaign"
    )
    with pytest.raises(InputError, match=r"^b\.yaml:1:1: two campaigns .* a\.yaml:1:1"):
        read_all([(GREETING, "a.yaml"), (GREETING, "b.yaml")])


def test_campaigns_of_one_occasion_must_come_on_the_same_day() -> None:
    other = GREETING.replace("key: greeting", "key: other\noccasion: greeting")
    assert read_campaigns(f"{GREETING}---\n{other}", "together.yaml")
    moved = other.replace("spring_festival,", "mid_autumn,")
    assert (
        "greeting shares the occasion greeting and has another trigger" in _said(f"{GREETING}---\n{moved}")[0]
    )
    standing = Standing(
        key="old", occasion="greeting", trigger=read_campaigns(GREETING, "x")[0].campaign.trigger
    )
    assert "old shares the occasion" in _said(moved, Surroundings(campaigns=(standing,)))[0]


def test_a_product_an_org_or_a_moved_message_number_that_does_not_fit_the_store_is_refused() -> None:
    known = Surroundings(
        products=frozenset({"WH-FD-001"}),
        orgs=frozenset({"WH01"}),
        campaigns=(
            Standing(
                key="greeting",
                occasion="greeting",
                trigger=read_campaigns(GREETING, "x")[0].campaign.trigger,
                numbers={"message": 2},
            ),
        ),
    )
    said = _said(GREETING + "product: WH-FD-01\norg: WH1\n", known)
    assert any(one.startswith("bad.yaml:8:") and "did you mean WH-FD-001?" in one for one in said)
    assert any(one.startswith("bad.yaml:9:") and "did you mean WH01?" in one for one in said)
    assert any("was message 2 in the version before" in one for one in said)


def test_vips_are_never_held_out_and_a_holdout_of_vips_alone_says_so() -> None:
    vips = GREETING + "audience: {all: [{field: tier, is: [VIP]}]}\nholdout: 5\n"
    assert "never held out" in read_campaigns(vips, "vips.yaml")[0].remarks[0]


def test_every_fault_of_a_file_is_named_at_once_in_the_order_of_lines() -> None:
    broken = (
        SOUND.replace("purpose: service", "purpose: servise")
        .replace("field: state", "field: stat")
        .replace('"10:00"', '"10:60"')
        .replace("wait: 3 workdays", "wait: 3")
        .replace("\nlate:", "\nlat:")
    )
    with pytest.raises(SeveralFaults) as caught:
        read_campaigns(broken, "bad.yaml")
    assert [fault.line for fault in caught.value.faults] == [3, 7, 12, 18, 21]
    assert str(caught.value).count("\n") == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "there is no campaign in this file"),
        ("- a list\n", "a campaign is a block"),
        ("key: [unclosed\n", "no valid YAML"),
        ("key: a\nkey: b\n", "duplicate key"),
        (
            GREETING.replace(
                "{type: festival, festival: spring_festival, days_before: 1}", "{type: once, on: 2027-02-30}"
            ),
            "bad.yaml:3:27: 2027-02-30 is no day of the calendar",
        ),
        ("x" * 200_001, "200 kB"),
        (GREETING.replace("key: greeting", "key: Greeting"), "use lower-case letters"),
        (GREETING.replace("key: greeting\n", ""), "key is missing"),
        (GREETING.replace("purpose: care\n", ""), "purpose is missing"),
    ],
)
def test_what_is_no_campaign_at_all_is_refused(text: str, words: str) -> None:
    assert any(words in one for one in _said(text))
