"""How a person is addressed: 王先生, 欧阳女士, 王总, Mr Smith; and the full name whenever we cannot know.

A wrong guess hurts more than a plain one: no gender means the full name, a surname that is not listed means the full
name, and a name that is none gives "" (the renderer then blocks the message instead of writing to nobody). The same for
everybody: a tier changes neither word nor bow.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from templates import latin_names
from templates.surnames import (
    COMPOUND_SURNAMES,
    JAPANESE_SURNAMES,
    ONE_WORD_NAMES,
    PINYIN,
    SINGLE_SURNAMES,
    UNCLEAR_COMPOUNDS,
)

# Words a bank keeps in its 称谓 column that follow a surname; anything else there is taken as the whole address.
TITLES = frozenset(
    "先生 女士 小姐 太太 夫人 老师 总 董 工 医生 大夫 主任 教授 博士 律师 工程师 校长 院长 处长 局长 科长 所长 "
    "园长 经理 总经理 董事长 书记 院士 法官 警官 师傅 同志 阿姨 叔叔 大爷 大妈 爷爷 奶奶 大哥 大姐 哥 姐 "
    "老先生 老板 同学 小朋友".split()
)
ENGLISH_TITLES = {
    "先生": "Mr",
    "老先生": "Mr",
    "女士": "Ms",
    "小姐": "Ms",
    "太太": "Ms",
    "夫人": "Ms",
    "教授": "Prof",
    "博士": "Dr",
    "医生": "Dr",
    "大夫": "Dr",
}
ADULT_AGE = 18
CHILD_AGE = 12
LONGEST_ADDRESS = 20  # characters of a preferred address; more is a remark that got into the column
_MALE = frozenset({"m", "male", "男", "男性", "1"})
_FEMALE = frozenset({"f", "female", "女", "女性", "2"})
_OF_HUSBAND = frozenset({"太太", "夫人"})
_YOUNG = frozenset({"同学", "小朋友"})
_FROM_LATIN = {"Dr": "博士", "Prof": "教授", "Mr": "先生", "Sir": "先生", "Ms": "女士", "Mrs": "女士"}
# 尊敬的, Dear: said by nobody here, and cut off where a column brings it.
BOW = re.compile(
    r"^(?:最?(?:尊敬|尊贵|敬爱|敬重|亲爱|高贵)的?"
    r"|(?:(?:my )?dear(?:est)?|respected|honou?red|esteemed|valued)\b)\s*",
    re.IGNORECASE,
)
_GREETING = re.compile(r"[\s，,：:！!。.]*(?:您好|你好)?[\s，,：:！!。]*$")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af\u3007]+\Z")
_COMMON = re.compile(r"[\u4e00-\u9fff]+")  # letters that no normalising changes: nearly every name here
_DOTS = re.compile(r"\s*[·•‧∙⋅・･]\s*|(?<=[\u3400-\u9fff])[.．](?=[\u3400-\u9fff])")
_NOT_NAMES = frozenset(
    "none null nan nil n/a na undefined unknown test tester guest user customer client anonymous admin name abc asdf "
    "无 空 未知 不详 测试 无名 无名氏 暂无 匿名 姓名 名称 称谓 本人 户主 同上 待补 亲 宝贝 主人 大人 女神 男神".split()
)
_NO_PERSON = re.compile(
    "测试|客户|用户|会员|贵宾|某|匿名|未命名|默认|公司|有限|集团|工作室|经营部|合作社|事务所|委员会|支行|分行|银行|学校|医院|工厂|商行|尊贵|尊敬|大人|陛下|殿下|娘娘|主子"
)
_COMPANY = re.compile(
    r"\b(?:ltd|limited|inc|llc|corp|corporation|company|bank|gmbh|plc|test)\b", re.IGNORECASE
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
    name = _clean(person.name)
    if _is_odd(name):
        return ""
    preferred = _preferred(person.preferred) if person.preferred else ""
    if preferred and preferred not in TITLES and not (locale == "en" and not preferred.isascii()):
        return preferred
    compact = name.replace(" ", "") if " " in name else name
    if _HAN.match(compact):
        bare, title = _inner_title(compact)
        title = preferred or title
        return _english_for_han(bare, person, title) if locale == "en" else _chinese(bare, person, title)
    if "·" in compact and _HAN.match(compact.replace("·", "")):
        # 阿依古丽·买买提 has her own name first, 约翰·史密斯 his surname last: whole, whoever it is.
        title = preferred or _title_by(person)
        return compact if locale == "en" else compact + _polite(title)
    return _latin(name, person, preferred, locale)


def surname_of(name: str) -> str:
    """Return the surname of a Chinese name; two characters for 欧阳 and its like; the whole name where it is unclear.

    Unclear are four characters without a compound surname (钱林慧珍, a Japanese name), surnames that are not listed and
    names of one word (卓玛, 巴图).
    """
    length = len(name)
    if name[:2] in COMPOUND_SURNAMES:
        return name if length == 3 and name[:2] in UNCLEAR_COMPOUNDS else name[:2]
    if length > 3 or name[:1] not in SINGLE_SURNAMES:
        return name
    if length > 1 and name.startswith(ONE_WORD_NAMES):
        return name
    if length == 3 and name.startswith(JAPANESE_SURNAMES):
        return name
    return name[:1]


def _chinese(name: str, person: Addressee, title: str) -> str:
    title = _polite(title or _title_by(person))
    if title in _YOUNG:
        return name + title
    return surname_of(name) + title if title else name


def _polite(title: str) -> str:
    """太太 and 夫人 go with a husband's surname, which nobody told us."""
    return "女士" if title in _OF_HUSBAND else title


def _inner_title(name: str) -> tuple[str, str]:
    """The name without a title that stands in it already: 王总, 李女士, 王小明先生; the title is "" when none does."""
    for size in (3, 2, 1):
        bare, title = name[:-size], name[-size:]
        if not bare or title not in TITLES:
            continue
        is_surname = bare in COMPOUND_SURNAMES or (len(bare) == 1 and bare in SINGLE_SURNAMES)
        # A given name may end in 工 or 哥, but not in 先生.
        if is_surname or (size > 1 and surname_of(bare) != bare):
            return bare, title
    return name, ""


def _preferred(told: str) -> str:
    """The 称谓 column without bows and greetings; "" where it holds no address (a dash, 贵宾, a remark)."""
    text = _GREETING.sub("", _clean(told))
    before = None
    while text != before:
        before, text = text, BOW.sub("", text)
    text = text.strip()
    if text in TITLES:
        return text
    return "" if _is_odd(text) or len(text) > LONGEST_ADDRESS else text


def _title_by(person: Addressee) -> str:
    if person.age is not None and person.age < CHILD_AGE:
        return "小朋友"
    if person.age is not None and person.age < ADULT_AGE:
        return "同学"
    gender = (person.gender or "").strip().lower()
    return "先生" if gender in _MALE else "女士" if gender in _FEMALE else ""


def _english_for_han(name: str, person: Addressee, title: str) -> str:
    surname = PINYIN.get(surname_of(name))
    english = _english_title(person, title)
    return f"{english} {surname}" if surname and english else name


def _english_title(person: Addressee, title: str) -> str:
    if title in ENGLISH_TITLES:
        return ENGLISH_TITLES[title]
    if person.age is not None and person.age < ADULT_AGE:
        return ""
    gender = (person.gender or "").strip().lower()
    return "Mr" if gender in _MALE else "Ms" if gender in _FEMALE else ""


def _latin(name: str, person: Addressee, preferred: str, locale: str) -> str:
    found = latin_names.read(name)
    if found is None:
        return ""
    if locale == "en":
        english = found.prefix or _english_title(person, preferred)
        certain = english and found.surname and not _COMMON.search(found.surname)
        return f"{english} {found.surname}" if certain else found.full
    academic = _FROM_LATIN[found.prefix] if found.prefix in {"Dr", "Prof"} else ""
    title = _polite(preferred or academic or _title_by(person) or _FROM_LATIN.get(found.prefix, ""))
    if title in _YOUNG:
        return found.full + title
    is_one_word = " " not in found.full and not found.prefix and not preferred
    return found.full if is_one_word or not title else (found.surname or found.full) + title


def _clean(value: str) -> str:
    if _COMMON.fullmatch(value):
        return value
    text = " ".join(unicodedata.normalize("NFKC", value).split())
    return _DOTS.sub("·", text)


def _is_odd(text: str) -> bool:
    if not text or text.lower() in _NOT_NAMES or text in TITLES or _NO_PERSON.search(text):
        return True
    if _COMMON.fullmatch(text):
        return False
    if _COMPANY.search(text) or not any(char.isalpha() for char in text):
        return True
    return any(not (ch.isalpha() or ch in " ·.,'’-〇") for ch in text if not unicodedata.combining(ch))
