"""Money is integer fen everywhere inside; only here is it read from text or written as text. Pure."""

import re
import unicodedata
from typing import Final

from wenhou.core.errors import InputError

FEN_PER_YUAN: Final = 100
FEN_PER_WAN: Final = 1_000_000
FEN_PER_YI: Final = 10_000_000_000
# A signed 64-bit column holds it; nobody's balance comes near.
MAX_FEN: Final = 10**17

_AMOUNT: Final = re.compile(
    r"(?P<open>\()?(?P<sign>[+-])?(?:(?:RMB|CNY|CN¥|"
    r"¥) ?)?(?P<sign2>[+-])?(?P<whole>\d{1,3}(?:,\d{3}){1,6}|\d{1,20})"
    r"(?:\.(?P<part>\d{1,8}))? ?(?P<unit>亿|万|千|w)?(?:元|块钱|块|圆|RMB|CNY)?(?P<close>\))?整?",
    re.ASCII | re.IGNORECASE,
)
_UNITS: Final = {"": FEN_PER_YUAN, "千": 100_000, "万": FEN_PER_WAN, "w": FEN_PER_WAN, "亿": FEN_PER_YI}
_DASHES: Final = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "、": ",", "，": ",", "￥": "¥"}
)
_MAX_TYPED: Final = 60


class MoneyInvalid(InputError):
    """A text that is no amount, or one no account holds; says what would be right."""

    code = "money_invalid"

    def __init__(self, code: str, sentence_zh: str, sentence_en: str) -> None:
        super().__init__(sentence_zh, code=code)
        self.sentence_zh = sentence_zh
        self.sentence_en = sentence_en


def parse_money(text: str) -> int:
    """Return fen of an amount in yuan: 1,234.56 · 12.5万 · ¥-8,019 · (8,019) · 1.2亿元 · full-width digits.

    Nothing is rounded. Raises `MoneyInvalid`: money_empty, money_invalid (no amount), money_fraction (parts
    of a fen), money_too_large.
    """
    plain = unicodedata.normalize("NFKC", text[:_MAX_TYPED]).translate(_DASHES).strip()
    if not plain:
        raise MoneyInvalid("money_empty", "金额为空：应如1234.56或12.5万。", "Empty: give 1234.56 or 12.5万.")
    match = _AMOUNT.fullmatch(plain) if len(text.strip()) <= _MAX_TYPED else None
    if match is None or bool(match["open"]) != bool(match["close"]) or (match["sign"] and match["sign2"]):
        raise MoneyInvalid(
            "money_invalid",
            "不是有效的金额：应如1234.56、1,234.56、-8,019或12.5万（单位元，千分位逗号须三位一组）。",
            "Not an amount: give 1234.56, 1,234.56, -8,019 or 12.5万 (in yuan; commas group three digits).",
        )
    part = (match["part"] or "").rstrip("0")
    scaled: int = int(match["whole"].replace(",", "") + part) * _UNITS[(match["unit"] or "").lower()]
    divisor: int = 10 ** len(part)
    fen, rest = divmod(scaled, divisor)
    if rest:
        raise MoneyInvalid(
            "money_fraction",
            "金额小于一分的部分无法入账：元后最多两位小数。",
            "Parts of a fen: two decimals of a yuan at most.",
        )
    if fen > MAX_FEN:
        raise MoneyInvalid(
            "money_too_large", "金额过大：请核对单位（元或万元）。", "Too large: is it in yuan or in 万?"
        )
    negative = "-" in {match["sign"], match["sign2"]} or match["open"]
    return -fen if negative else fen


def format_yuan(fen: int) -> str:
    """Return `1,234.56`: yuan with grouping and two decimals, as statements print it."""
    whole, part = divmod(abs(fen), FEN_PER_YUAN)
    return f"{'-' if fen < 0 else ''}{whole:,}.{part:02d}"


def format_money(fen: int) -> str:
    """Return an exact amount people read easily: `800元`, `1,234.56元`, `12.5万元`, `1.2亿元`.

    万 and 亿 are used only where at most four decimals make the amount exact; otherwise it stays in yuan.
    """
    for unit, name in ((FEN_PER_YI, "亿元"), (FEN_PER_WAN, "万元")):
        if abs(fen) >= unit and fen % (unit // 10_000) == 0:
            return _decimal(fen, unit) + name
    return _decimal(fen, FEN_PER_YUAN, fixed=bool(fen % FEN_PER_YUAN)) + "元"


def format_wan(fen: int) -> str:
    """Return the amount in 万元 with two decimals, rounded half away from zero, for lists: `12.35万`."""
    hundredths = (abs(fen) + FEN_PER_WAN // 200) // (FEN_PER_WAN // 100)
    sign = "-" if fen < 0 and hundredths else ""
    return f"{sign}{hundredths // 100:,}.{hundredths % 100:02d}万"


def _decimal(fen: int, unit: int, *, fixed: bool = False) -> str:
    whole, part = divmod(abs(fen), unit)
    places = len(str(unit)) - 1
    digits = f"{part:0{places}d}"
    shown = digits if fixed else digits.rstrip("0")
    return f"{'-' if fen < 0 else ''}{whole:,}" + (f".{shown}" if shown else "")
