"""How a person is addressed: 王先生, 欧阳女士, 王总, Mr Smith; and the full name whenever we cannot know.

A wrong guess hurts more than a plain one: no gender means the full name, and a name that is none gives ""
(the renderer then blocks the message instead of writing to nobody).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from templates.surnames import COMPOUND_SURNAMES, PINYIN

# Words a bank keeps in its 称谓 column that follow a surname; anything else there is taken as the whole address.
TITLES = frozenset(
    "先生 女士 小姐 太太 老师 总 董 医生 大夫 主任 教授 博士 律师 工程师 校长 院长 处长 "
    "局长 科长 经理 师傅 阿姨 叔叔 大爷 大哥 大姐 哥 姐 老先生 同学 小朋友".split()
)
ENGLISH_TITLES = {
    "先生": "Mr",
    "女士": "Ms",
    "小姐": "Ms",
    "太太": "Mrs",
    "教授": "Prof",
    "博士": "Dr",
    "医生": "Dr",
}
ADULT_AGE = 18
CHILD_AGE = 12
_MALE = frozenset({"m", "male", "男", "男性", "1"})
_FEMALE = frozenset({"f", "female", "女", "女性", "2"})
_SERVILE = re.compile(r"^(?:尊敬的|尊贵的|亲爱的|dear\s+)+", re.IGNORECASE)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af\u3007]+\Z")
_COMMON = re.compile(r"[\u4e00-\u9fff]+")  # letters that no normalising changes: nearly every name here
_WORD = re.compile(r"[^\W\d_][^\W\d_.'’\-]*(?:[.'’\-][^\W\d_]*)*\Z")
_PREFIXES = {"mr": "Mr", "mrs": "Mrs", "ms": "Ms", "miss": "Ms", "dr": "Dr", "prof": "Prof", "sir": "Sir"}
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md"})
_PARTICLES = frozenset("van von der den de la le da dos del di du bin ibn al el ter ten zu".split())
_NOT_NAMES = frozenset(
    "none null nan nil n/a na undefined unknown test 无 空 未知 不详 测试 无名 暂无 客户 先生 女士".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """What the store knows of whom we address. `preferred` is the 称谓 column; `age` in full years, if known."""

    name: str
    gender: str | None = None
    preferred: str | None = None
    age: int | None = None


def salutation(person: Addressee, locale: str = "zh-CN") -> str:
    """Return the words that open a message, without 尊敬的 or Dear; "" when the name is not one."""
    preferred = _SERVILE.sub("", _clean(person.preferred or ""))
    name = _clean(person.name)
    if _is_odd(name):
        return ""
    compact = name.replace(" ", "")
    if _HAN.match(compact):
        return (
            _english_for_han(compact, person, preferred)
            if locale == "en"
            else _chinese(compact, person, preferred)
        )
    if "·" in compact and _HAN.match(compact.replace("·", "")):
        return _with_title(compact.split("·")[0], compact, person, preferred)
    return _western(name, person, preferred, locale)


def surname_of(name: str) -> str:
    """Return the surname of a Chinese name; two characters for 欧阳 and its like; the whole name where it is unclear.

    Four characters without a compound surname (a double surname, a Japanese name) cannot be split safely.
    """
    if name[:2] in COMPOUND_SURNAMES:
        return name[:2]
    return name[:1] if len(name) <= 3 else name


def _chinese(name: str, person: Addressee, preferred: str) -> str:
    return _with_title(surname_of(name), name, person, preferred)


def _with_title(surname: str, name: str, person: Addressee, preferred: str) -> str:
    if preferred and preferred not in TITLES:
        return "" if _is_odd(preferred) else preferred
    title = preferred or _title_by(person)
    if title in {"同学", "小朋友"}:
        return name + title
    return surname + title if title else name


def _title_by(person: Addressee) -> str:
    if person.age is not None and person.age < CHILD_AGE:
        return "小朋友"
    if person.age is not None and person.age < ADULT_AGE:
        return "同学"
    gender = (person.gender or "").strip().lower()
    return "先生" if gender in _MALE else "女士" if gender in _FEMALE else ""


def _english_for_han(name: str, person: Addressee, preferred: str) -> str:
    if preferred.isascii() and not _is_odd(preferred):
        return preferred
    surname = PINYIN.get(surname_of(name))
    title = _english_title(person, preferred)
    return f"{title} {surname}" if surname and title else name


def _english_title(person: Addressee, preferred: str) -> str:
    if preferred in ENGLISH_TITLES:
        return ENGLISH_TITLES[preferred]
    if person.age is not None and person.age < ADULT_AGE:
        return ""
    gender = (person.gender or "").strip().lower()
    return "Mr" if gender in _MALE else "Ms" if gender in _FEMALE else ""


def _western(name: str, person: Addressee, preferred: str, locale: str) -> str:
    prefix, words = _western_words(name)
    if not words or not all(_WORD.match(word) for word in words):
        return ""
    full = " ".join(words)
    if preferred and preferred not in TITLES:
        return "" if _is_odd(preferred) else preferred
    if len(words) == 1:
        return full
    surname = _western_surname(words)
    if locale == "en":
        title = prefix or _english_title(person, preferred)
        return f"{title} {surname}" if title else full
    title = preferred or ({"Dr": "博士", "Prof": "教授"}.get(prefix) or _title_by(person))
    if title in {"同学", "小朋友"}:
        return full + title
    return surname + title if title else full


def _western_words(name: str) -> tuple[str, list[str]]:
    """Split into an academic or polite prefix and the name's words, surname last."""
    if "," in name:
        last, _, first = name.partition(",")
        name = f"{first.strip()} {last.strip()}"
    words = name.split()
    prefix = _PREFIXES.get(words[0].rstrip(".").lower(), "") if len(words) > 1 else ""
    words = words[1:] if prefix else words
    while len(words) > 1 and words[-1].rstrip(".").lower() in _SUFFIXES:
        words = words[:-1]
    return prefix, words


def _western_surname(words: list[str]) -> str:
    capitals = [word for word in words if len(word) > 1 and word.isupper()]
    if len(capitals) == 1:  # "WANG Wei", "John SMITH": passports mark the surname so
        return capitals[0].capitalize()
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return " ".join(words[start:])


def _clean(value: str) -> str:
    if _COMMON.fullmatch(value):
        return value
    text = unicodedata.normalize("NFKC", value).replace("•", "·").replace("・", "·").replace("\u30fb", "·")
    return " ".join(text.split())


def _is_odd(text: str) -> bool:
    if not text or text.lower() in _NOT_NAMES:
        return True
    if _COMMON.fullmatch(text):
        return False
    return any(not (ch.isalpha() or ch in " ·.,'’-〇") for ch in text if not unicodedata.combining(ch))
