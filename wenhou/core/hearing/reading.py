"""How a reply is read: one normal form, cut into clauses, with the views that the rules look at."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

MAX_CHARACTERS: Final = 10_000

# Traditional characters (Hong Kong and Taiwan keyboards) of the words our rules know; not a converter.
_SIMPLIFIED: Final = str.maketrans(
    "訂訴舉報發麼嗎這給電話聯繫謝銀監會過來還個類財廣貸險產務間時進結處誰換錯滿評請問為幾現線騷擾煩斷"
    "親媽爺錢轉騙盜殺輕樓體訪貓師絕復繼續樣總號碼機節賀資訊聞樂點開關閉將嚴態懶氣憤傷離後喪證國紅詐紹"
    "薦銷對應說寫鐘萬億員經營業儲戶壞滾別裡",
    "订诉举报发么吗这给电话联系谢银监会过来还个类财广贷险产务间时进结处谁换错满评请问为几现线骚扰烦断"
    "亲妈爷钱转骗盗杀轻楼体访猫师绝复继续样总号码机节贺资讯闻乐点开关闭将严态懒气愤伤离后丧证国红诈绍"
    "荐销对应说写钟万亿员经营业储户坏滚别里",
)
_QUOTES: Final = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"'})
# A dot or colon between digits belongs to the number (4.5, 10:30) and cuts nothing.
_CUT: Final = re.compile(r"[,，。;；!！?？、\n\r~～…｡·|]|(?<!\d)[.．:：]|[.．:：](?!\d)")
_SPACE_OUTSIDE_ASCII: Final = re.compile(r"(?<![a-z0-9]) | (?![a-z0-9])")
# Bridges and chat programs repeat our own message; its last words, "拒收请回复R", are not the customer's.
_QUOTED_LINE: Final = re.compile(r"^[ \t]{0,8}[>＞][^\n]*$", re.MULTILINE)
_QUOTED_CHAT: Final = re.compile(r"「[^」]{0,800}」[ \t]{0,4}\n?[ \t]{0,4}(?:[-—–] ?){3,40}")
_QUOTED_SMS: Final = re.compile(
    r"【[^】\n]{2,20}】[^\n]{0,600}?(?:拒收请?回复?[RrＲ]|退订请?回复?(?:TD|T|N|R|td|t)|回复?(?:TD|T|N|R|"
    r"td|t)退订)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A stretch between two separators: raw as typed, text in normal form, start its offset in `text`."""

    raw: str
    cut: str
    text: str
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reply in the views the rules need.

    raw: as typed, capped, quotations removed. text: normal form with separators. tight: letters, digits and
    Chinese characters only, which is what makes "T.D", "退 订" and "Ｒ。" the codes they are.
    """

    raw: str
    text: str
    tight: str
    clauses: tuple[Clause, ...]

    def clause_at(self, offset: int) -> int:
        """Return the index of the clause that holds this offset of `text`."""
        found = 0
        for index, clause in enumerate(self.clauses):
            if clause.start <= offset:
                found = index
        return found


def read(text: str) -> Reading:
    """Read a reply; only its first 10,000 characters count."""
    raw = _without_quotations(text[:MAX_CHARACTERS])
    clauses: list[Clause] = []
    offset = position = 0
    for match in (*_CUT.finditer(raw), None):
        end, after = (match.start(), match.end()) if match else (len(raw), len(raw))
        piece, cut = raw[position:end], raw[end:after]
        normal = normalise(piece)
        clauses.append(Clause(raw=piece, cut=cut, text=normal, start=offset))
        offset += len(normal) + len(cut)
        position = after
    whole = "".join(clause.text + _plain_cut(clause.cut) for clause in clauses)
    tight = "".join(character for character in whole if character.isalnum())
    return Reading(
        raw=raw, text=whole, tight=tight, clauses=tuple(clause for clause in clauses if clause.text)
    )


def normalise(piece: str) -> str:
    """Return the normal form: NFKC, lower case, simplified, no invisible characters, no emoji, few blanks."""
    if piece.isascii():
        folded = piece.lower()
    else:
        folded = unicodedata.normalize("NFKC", piece).lower().translate(_SIMPLIFIED).translate(_QUOTES)
    kept = "".join(_visible(character) for character in folded)
    return _SPACE_OUTSIDE_ASCII.sub("", " ".join(kept.split()))


def blank(text: str, pattern: re.Pattern[str]) -> str:
    """Hide what a guard matches behind characters no rule knows, keeping every offset."""
    return pattern.sub(lambda match: "\0" * len(match.group()), text)


def _visible(character: str) -> str:
    if character.isalnum():
        return character
    category = unicodedata.category(character)
    if category in {"Cc", "Zs", "Zl", "Zp"}:
        return " "
    # Format characters (zero-width, direction marks), marks of keycap emoji and pictures carry no words.
    return "" if category in {"Cf", "Cn", "Co", "Cs", "Me", "Mn", "So", "Sk"} else character


def _plain_cut(cut: str) -> str:
    return unicodedata.normalize("NFKC", cut)[:1].replace("\r", "\n") if cut else ""


def _without_quotations(raw: str) -> str:
    for pattern in (_QUOTED_LINE, _QUOTED_CHAT, _QUOTED_SMS):
        raw = pattern.sub("\n", raw)
    return raw
