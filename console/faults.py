"""What is wrong with a campaign's text, said in Chinese: the readers' English sentences by their patterns."""

from __future__ import annotations

import re
from typing import Final

_PATTERNS: Final[tuple[tuple[str, str], ...]] = (
    (r"(?:(.*): )?(.+) is not known here; did you mean (.+)\?", r"\1 不认识 \2；是不是 \3？"),
    (r"(?:(.*): )?(.+) is not known here; known: (.+)", r"\1 不认识 \2；可以写 \3"),
    (r"(.+) is missing: one of (.+)", r"缺少 \1；可以写 \2"),
    (r"(.+) is missing: give a text", r"缺少 \1，请写文字"),
    (r"(.+) is missing: a whole number from (\S+) to (\S+)", r"缺少 \1，请写 \2 到 \3 的整数"),
    (r"(.+) is between (\S+) and (\S+), not (.+)", r"\1 应在 \2 到 \3 之间，而不是 \4"),
    (r"(.+) is a whole number, not (.+)", r"\1 应为整数，而不是 \2"),
    (r"(.+) is a time in quotes like (\S+), not (.+)", r"\1 应为带引号的时间，如 \2，而不是 \3"),
    (r"(.+) is a date like (\S+), not (.+)", r"\1 应为日期，如 \2，而不是 \3"),
    (r"(.+) is true or false, not (.+)", r"\1 应为 true 或 false，而不是 \2"),
    (
        r"(.+) is a percentage above 0 and up to (\S+), not (.+)",
        r"\1 应为大于 0、不超过 \2 的百分数，而不是 \3",
    ),
    (r"(.+) is no day of the calendar", r"\1 不是日历上的日子"),
    (r"(.+) must be a block of `field: value` lines", r"\1 应是一组“字段: 值”"),
    (r"no valid YAML: (.+)", r"不是有效的 YAML：\1"),
    (r"(.+) stands twice", r"\1 写了两遍"),
    (r"(.+) is compared with a number, not (.+)", r"\1 应与数字比较，而不是 \2"),
    (r"(.+) is compared with words, not (.+?);? .*", r"\1 应与文字比较，而不是 \2"),
    (r"two steps have the key (.+); give each its own", r"两个步骤的代码都是 \1，请各用各的"),
    (r"step (.+) waits for itself; name an earlier step", r"步骤 \1 在等自己，请写更早的步骤"),
    (r"steps wait for each other in a circle: (.+); break it", r"步骤互相等待：\1"),
    (r"a wait needs `after:`.*", "写了 wait，还要用 after 写明在哪一步之后"),
    (
        r'wait is "3d" or "2 workdays", at most (\d+), not (.+)',
        r"wait 应写成 3d 或 2 workdays，最多 \1，而不是 \2",
    ),
    (r"(\S+) is not after send_at (\S+); .*", r"截止 \1 不晚于 send_at \2；请写更晚的时间，或 valid_days: 1"),
    (r"(\S+) to (\S+) never meets the window of (\S+), (.+)", r"\1 至 \2 不在 \3 的可发送时段 \4 之内"),
    (r"(\S+) is outside the window of (\S+) \((.+)\): .*", r"\1 不在 \2 的时段（\3）之内，会等到开窗才发"),
    (r"template (\S+) is (\S+), the campaign (\S+)", r"模板 \1 的用途是 \2，活动是 \3"),
    (r"template (\S+) \((\S+)\) has no words for (.+); it has (.+)", r"模板 \1（\2）没有 \3 的文字，只有 \4"),
    (
        r"template (\S+) \((\S+)\) needs (.+) from (\S+), which.*",
        r"模板 \1（\2）要用 \3（\4），这种触发给不出；请换模板或触发",
    ),
    (
        r"template (\S+) speaks of a product or a rate \((.+)\): say product: CODE",
        r"模板 \1 写到产品或利率（\2），请写明 product",
    ),
    (r"nobody is held out of .+; leave holdout away", "服务、投诉后续和法定通知不设对照组，请去掉 holdout"),
    (
        r".+ is said to everybody in the same words: no A/B",
        "服务、投诉后续和法定通知对每位客户说同样的话，不做 A/B",
    ),
    (r"(\S+) never leaves unread: .*", r"\1 一定要有人审批：advisor、two_persons 或 by_risk"),
    (
        r"(\S+) is never known of (\S+), which goes by (.+) only; .*",
        r"\2 只走 \3，永远不会知道 \1，请问别的",
    ),
    (
        r"by (.+) it is never known whether (\S+) was (\S+): .*",
        r"走 \1 时不会知道 \2 是否 \3，那里这一步不做",
    ),
    (r"step (\S+) asks for no rating; .*", r"步骤 \1 没有请客户打分，请写 asks: csat"),
    (r"step (\S+) falls on the occasion's own day, .*", r"步骤 \1 就在当天，之前没有可问的；请写 after"),
    (
        r"(\S+) comes (\d+) days after (\S+), which may leave .*",
        r"\1 在 \3 之后 \2 天，那时 \3 可能还没发完，请等久一点",
    ),
    (
        r"step (\S+) was message (\d+) in the version before .*",
        r"步骤 \1 在上一版是第 \2 条消息，换号会重复发给同一批客户；请写 number: \2",
    ),
    (
        r"campaign (\S+) shares the occasion (\S+) and has another trigger; .*",
        r"活动 \1 也用 occasion \2，但触发不同；同一件事须在同一天",
    ),
    (r"two campaigns have the key (\S+); .*", r"两个活动的代码都是 \1，一个代码只能是一个活动"),
    (r"say until when: (.+)", r"请写明到什么时候：\1"),
    (r"title: give .*", "title 写成 {zh-CN: …, en: …}，说明要做什么"),
    (r"a campaign is a block of .*", "活动是一组“字段: 值”，从 key 和 name 写起"),
    (r"(.+) is no key.*: use lower-case .*", r"\1 不能作代码：用小写字母、数字和下划线"),
    (r"percents rise from wave to wave .*, not (.+)", r"分批的百分比要逐批升高且小于 100，而不是 \1"),
    (r"channels: give a list .*", "channels 写成列表，按先后尝试，如 [wecom, sms]"),
    (r"a task has no (\S+); .*", r"待办步骤没有 \1；待办与模板只写一个"),
    (r"(\S+) belongs inside a step here, .*", r"活动写了 steps，\1 要写在步骤里"),
    (r"there is no campaign in this file; .*", "这里没有活动；从 key 和 name 写起"),
    (r"give the campaign a key first: .*", "请先写 key：小写字母、数字和下划线"),
    (r"a draft is one campaign: .*|give one campaign at a time", "一次只写一个活动"),
    (r"the draft of (\S+) names itself (\S+)", r"\1 的草稿里 key 写成了 \2"),
)
_COMPILED: Final = tuple((re.compile(pattern, re.DOTALL), words) for pattern, words in _PATTERNS)
_PLACE: Final = re.compile(r"^(?:[^:\s]*:)?(\d+):(\d+): ")


def in_chinese(sentence: str) -> str:
    """The sentence in Chinese; one that no pattern knows stays as it is."""
    field, missing, hint = sentence.partition(": no such field")
    if missing:
        if hint.startswith(":"):  # of a rule: what stands before is the rule's place, not the field
            return f"{field}：{in_chinese(hint.lstrip(': '))}"
        hint = hint.lstrip("; ")
        return f"没有字段 {field.rpartition(': ')[2]}；{in_chinese(hint)}"
    for pattern, words in _COMPILED:
        found = pattern.fullmatch(sentence)
        if found is not None:
            return re.sub(r"\s+", " ", found.expand(words)).strip()
    return sentence


def divided(remark: str) -> tuple[int | None, int | None, str]:
    """(line, column, sentence) of a remark, which has its place in front."""
    found = _PLACE.match(remark)
    if found is None:
        return None, None, remark
    return int(found[1]), int(found[2]), remark[found.end() :]
