"""Scores, heard only while one is asked: digits, Chinese numerals, stars, praise; and the comment."""

import re
from typing import Final

from wenhou.core.hearing.intents import SCALES, Asked, Finding, RatingScale
from wenhou.core.hearing.optout import is_code
from wenhou.core.hearing.reading import Reading, normalise

_NUMERALS: Final = {numeral: value for value, numeral in enumerate("零一二三四五六七八九十")} | {
    "两": 2,
    "满": -1,
}
_LEAD: Final = (
    r"(?:我|给|你们|您|打|评|评分|评价|回复|回|总体|满意度|分数|选|"
    r"是|就|这次|服务|本次|的|对|:| ){0,5}"
)
# After a bare number these make it an amount, a date or a count: 5万, 5号, 5天 are never a score.
_UNIT: Final = (
    r"万元块点号月年天日次个百千亿人名位笔张折倍期栋室楼岁%.:/\-"
    r"时小秒刻周层米公里斤角分份件条趟遍种家处户成股手多几来"
)
_WHOLE: Final = re.compile(
    rf"^{_LEAD}(?P<score>0|[1-9]\d{{0,3}}|[零一二两三四五六七八九十满])(?:(?:分|颗?星)(?:好评)?)?(?:吧|"
    rf"啊|哦|啦|哈|呀|了)?$"
)
_FIRST: Final = re.compile(
    rf"^{_LEAD}(?:(?P<marked>0|[1-9]\d{{0,3}}|[零一二两三四五六七八九满])(?:分(?!钟|期|之|行|店|公司|析|"
    rf"别|红|批)|颗?星(?!期|级))(?:好评)?|"
    rf"(?P<bare>0|[1-9]\d{{0,3}})(?![{_UNIT}\d]))"
)
_INSIDE: Final = re.compile(
    r"(?:给|打|评|服务|态度|满意度|总体)[^,。\d]{0,4}?(?P<score>\d{1,4}|"
    r"[零一二两三四五六七八九满])(?:分(?!钟|期|之|行)|颗?星(?!期))|"
    r"(?<![\d.])(?P<marked>\d{1,3})(?:分(?!钟|期|之|行|店|公司|析|别|红|批|钱)|颗?星(?!期|级))"
)
_WORDS: Final[tuple[tuple[int, re.Pattern[str]], ...]] = (
    (1, re.compile(r"(?:非常|很|极|十分|太|特别|极其)不满意?|差评|极差|👎")),
    (2, re.compile(r"不太?满意|不够满意|不怎么满意")),
    (
        5,
        re.compile(
            r"(?:非常|很|十分|特别|超级|超|太|挺|相当|最)(?:地|的)?满意|好评|点赞|完美|👍|很好$|"
            r"非常好"
        ),
    ),
    (4, re.compile(r"^(?:比较|基本|还算)?满意|还不错|不错|good")),
    (3, re.compile(r"^(?:一般|还行|还可以|凑合|马马虎虎|一般般)")),
)
_LONGEST_SCORE: Final = 60
_STARS: Final = re.compile(r"^[⭐★🌟\ufe0f\s]{1,20}$")
_WRAPPING: Final = "()[]{}\"'【】「」『』《》<> "
_EDGES: Final = " \t\r\n,，。.;；!！:：、~～-—…"


def find_rating(reading: Reading, asked: Asked) -> list[Finding]:
    """Return the score heard, or a doubtful plain finding for a score off the scale or two that disagree."""
    if asked.rating is None:
        return []
    heard = _scores(reading, asked.rating)
    scores = {score for score, _, _ in heard}
    if not scores:
        return []
    score, hit, comment = heard[0]
    if len(scores) > 1:
        return [Finding(kind="plain", rule="plain.rating_ambiguous", hit=hit, doubtful=True)]
    if score not in SCALES[asked.rating]:
        return [Finding(kind="plain", rule="plain.rating_off_scale", hit=hit, doubtful=True)]
    return [Finding(kind="rating", rule=f"rating.{asked.rating}", hit=hit, score=score, comment=comment)]


def _scores(reading: Reading, scale: RatingScale) -> list[tuple[int, str, str]]:
    heard: list[tuple[int, str, str]] = []
    for index, clause in enumerate(reading.clauses):
        text = clause.text.strip(_WRAPPING)
        whole = _WHOLE.match(text)
        match = whole or (_FIRST.match(text) if index == 0 else None) or _INSIDE.search(text)
        if match is None:
            continue
        groups = match.groupdict()
        word = groups.get("score") or groups.get("marked") or groups.get("bare") or ""
        rest = "" if whole else _after(clause.raw, match.group()) if match.start() == 0 else clause.raw
        # Only the first score's comment is ever used; joining it for each would be quadratic.
        comment = "" if heard else _comment(reading, index, rest)
        heard.append((_value(word, scale), match.group(), comment))
    return heard or _worded(reading, scale)


def _value(word: str, scale: RatingScale) -> int:
    if word == "满":
        return SCALES[scale][-1]
    return int(word) if word.isdigit() else _NUMERALS[word]


def _worded(reading: Reading, scale: RatingScale) -> list[tuple[int, str, str]]:
    """Stars and words; on the 0–10 scale words name no number, so they stay words."""
    if scale == "nps":
        return []
    if _STARS.match(reading.raw) and (stars := sum(reading.raw.count(star) for star in "⭐★🌟")):
        return [(stars, reading.raw.strip(), "")]
    text = normalise(reading.raw) or reading.raw
    for score, pattern in _WORDS:
        match = pattern.search(text) or (pattern.search(reading.raw) if score in {1, 5} else None)
        if match is not None:
            alone = len(text) <= len(match.group()) + 1
            return [(score, match.group(), "" if alone else reading.raw.strip(_EDGES))]
    return []


def _after(raw: str, heard: str) -> str:
    """Return what was typed after the score, as typed."""
    for end in range(1, min(len(raw), _LONGEST_SCORE) + 1):
        if normalise(raw[:end]).strip(_WRAPPING) == heard.strip():
            return raw[end:]
    return raw


def _comment(reading: Reading, index: int, rest: str) -> str:
    """Join what stands beside the score, as typed wherever the clause is not the score's own."""
    rest = "" if is_code(normalise(rest)) else rest
    parts = [
        (rest if position == index else clause.raw) + clause.cut
        for position, clause in enumerate(reading.clauses)
    ]
    if not rest:
        parts[index] = ""
    return "".join(parts).strip(_EDGES)
