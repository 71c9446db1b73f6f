"""Links that lead away from the bank: addresses in any writing, short links, bare numbers, look-alikes.

With a list of hosts (`About.domains`) every other host is off it. Without one only what no bank writes is judged:
numeric hosts, punycode, hosts with letters of other alphabets, short links, a name before an @, odd schemes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from templates.compliance.reading import Reading, Span

_TLD = (
    r"(?:com|cn|net|org|io|top|xyz|vip|cc|info|biz|me|co|app|site|online|shop|club|link|"
    r"ltd|tk|ru|example|gov|edu|mobi|"
    r"asia|tv|ws|work|fun|live|pro|xin|wang|ren|tech|im|ly|gl|hk|us|uk|la|pw|icu|win|bid|"
    r"test|tel|gd|so|to|at|is)"
)
_L = r"[^\W\u3400-\u9fff_]"  # a letter or digit of any alphabet but Chinese
_LABEL = rf"{_L}(?:(?:{_L}|-){{0,62}})"
_SCHEME = re.compile(
    r"(?:https?|ftp|hxxps?)[:：]\s{0,2}(?://|\\\\|／／)\s{0,2}([^\s/?#，。；、（）《》“”\"<>】\\]{1,255})"
)
_ODD_SCHEME = re.compile(r"(?:javascript|data|vbscript|weixin|alipays?|intent):(?=[^\s，。])")
_WWW = re.compile(rf"(?<!{_L})(?<![@./-])www\.((?:{_LABEL}\.){{1,6}}{_L}{{2,24}})")
_BARE = re.compile(rf"(?<!{_L})(?<![@./-])((?:{_LABEL}\.){{1,6}}{_TLD})(?![^\W\u3400-\u9fff_]|-|\.{_L}|@)")
_MAIL = re.compile(rf"(?<!{_L})[a-z0-9._%+-]{{1,64}}@((?:{_LABEL}\.){{1,6}}{_L}{{2,24}})")
_NUMERIC = re.compile(
    r"(?<![\d.])((?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3})(?![\d.]|年)"
)
_SPELT = re.compile(
    rf"(?<!{_L})({_LABEL})\s{{0,2}}(?:点|。|\[\.\]|\(\.\)|【\.】|\[dot\]|\(dot\)|\sdot\s|"
    rf"\s\.\s{{0,1}}|\.\s)\s{{0,2}}(com|cn|net|org|top|xyz|vip)(?!{_L})"
)
_TOLD_TO_OPEN = re.compile(
    rf"(?:登[录入陆]|访问|打开|网址|链接|官网|点击?|进入|浏览|"
    rf"搜索)[^，。a-z0-9]{{0,6}}((?:{_LABEL}\.){{1,6}}[a-z][a-z0-9]{{1,23}})(?!\.?{_L})"
)
_MAY_LINK = re.compile(
    rf"{_L}[\W\u200b-\u206f_]{{0,6}}[.．。｡点:：@＠\[(【（…‥․][\W_]{{0,6}}{_L}|dot", re.IGNORECASE
)
_SHORT = frozenset(
    (
        "t.cn url.cn dwz.cn suo.im bit.ly tinyurl.com goo.gl t.co is.gd "
        "ow.ly mrw.so u6.gg 0x9.me c-n.top dwz.mk sourl.cn w.url.cn"
    ).split()
)
_ONLY_NUMBERS = re.compile(r"(?:0x[0-9a-f]{1,8}|\d{1,10})(?:\.(?:0x[0-9a-f]{1,4}|\d{1,4})){0,3}")


def link_off_list(reading: Reading) -> Iterator[Span]:
    """Links and mail addresses to hosts that are not the bank's."""
    if _MAY_LINK.search(reading.text) is None:
        return
    plain, places = _plain(reading.text)
    domains = frozenset(domain.lower().strip(".") for domain in reading.about.domains)
    seen: list[Span] = []
    for start, end, host in _hosts(plain):
        if _is_off(host, domains) and not any(start < other[1] and other[0] < end for other in seen):
            seen.append((start, end))
            yield places[start], places[end - 1] + 1


def _hosts(plain: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and host of everything that may be opened; an empty host is off every list."""
    for found in _SCHEME.finditer(plain):
        yield (
            found.start(),
            found.end(),
            found[1].rpartition("@")[2] if "@" not in found[1] else f"@{found[1]}",
        )
    for found in _ODD_SCHEME.finditer(plain):
        yield found.start(), found.end(), ""
    for pattern in (_MAIL, _WWW, _BARE, _TOLD_TO_OPEN, _NUMERIC):
        for found in pattern.finditer(plain):
            yield found.start(), found.end(), found[1]
    for found in _SPELT.finditer(plain):
        yield found.start(), found.end(), f"{found[1]}.{found[2]}"


def _is_off(host: str, domains: frozenset[str]) -> bool:
    name = re.sub(r"[:：]\d{0,6}\Z", "", host).strip(".").lower()
    if name in domains:  # the bank said so itself: a trial on the machine's own address
        return False
    if (
        not name
        or name.startswith("@")
        or not name.isascii()
        or "xn--" in name
        or name in _SHORT
        or name.removeprefix("www.") in _SHORT
        or _ONLY_NUMBERS.fullmatch(name)
    ):
        return True
    if not domains:
        return False
    return not any(name == domain or name.endswith(f".{domain}") for domain in domains)


def _plain(text: str) -> tuple[str, list[int]]:
    """Lower case, no invisible signs, full-width letters and dots made plain; with each character's place."""
    kept: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        if char.isascii():
            kept.append(char.lower())
            places.append(place)
        elif unicodedata.category(char) not in ("Cf", "Mn"):
            for one in _wide(char):
                kept.append(one)
                places.append(place)
    return "".join(kept), places


def _wide(char: str) -> str:
    """The plain form of one character; marks of Chinese sentences stay, so that they end an address."""
    if char in "，。；：、（）！？":
        return char
    return unicodedata.normalize("NFKC", char).lower()
