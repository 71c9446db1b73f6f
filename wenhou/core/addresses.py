"""Phone numbers and mail addresses: one stored form, words for a wrong one, what may be shown of a right one.

Stored form: E.164 (`+8613800138000`); mail with its domain in lower case. Nothing here looks anything up.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from wenhou.core.errors import InputError

_MAINLAND: Final = re.compile(r"[\s\-().]*(?:(?:\+|00)?86)?[\s\-().]*(1[3-9](?:[ \-]?\d){9})\s*", re.ASCII)
_MAINLAND_TIGHT: Final = re.compile(r"(?:(?:\+|00)?86)?(1[3-9][0-9]{9})")
_E164_MAINLAND: Final = re.compile(r"\+861[3-9][0-9]{9}")
_ELEVEN_FROM_ONE: Final = re.compile(r"1\d{10}", re.ASCII)
_NOT_DIGITS: Final = re.compile(r"[^\d]", re.ASCII)
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_DASHES: Final = re.compile("[\u2010-\u2015\u2212\u30fc]")

# Dot-atom local part and host name labels of plain ASCII; everything else takes the slow, exact way.
_PLAIN_EMAIL: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
# email-validator refuses or unfolds these: special-use names, and labels that look like encoded ones.
_SLOW_DOMAIN: Final = re.compile(
    r"(?:^|\.)(?:..--|(?:arpa|invalid|local|localhost|onion|test)$)", re.IGNORECASE
)
_SERVICE: Final = re.compile(r"(?:(?:\+|00)?86)?(?:106\d{1,18}|9[56]\d{3,4}|1[02]\d{3}|1[12]\d)", re.ASCII)
"""Numbers of banks, carriers and platforms: 95588, 106…, 10086, 12345, 110 (SMS spec §1.4, §10)."""
_QQ_DIGITS: Final = re.compile(r"[1-9]\d{4,10}", re.ASCII)
DOMAIN_TYPOS: Final = {
    "qq.con": "qq.com",
    "qq.cn": "qq.com",
    "qq.cm": "qq.com",
    "qq.comm": "qq.com",
    "qq.co": "qq.com",
    "qqq.com": "qq.com",
    "136.com": "163.com",
    "163.cn": "163.com",
    "163.con": "163.com",
    "163.cm": "163.com",
    "126.con": "126.com",
    "126.cn": "126.com",
    "gmial.com": "gmail.com",
    "gmai.com": "gmail.com",
    "gamil.com": "gmail.com",
    "gmail.con": "gmail.com",
    "gmail.cn": "gmail.com",
    "hotmal.com": "hotmail.com",
    "hotmai.com": "hotmail.com",
    "hotmail.con": "hotmail.com",
    "outlok.com": "outlook.com",
    "outlook.con": "outlook.com",
    "sian.com": "sina.com",
    "sina.con": "sina.com",
    "foxmial.com": "foxmail.com",
    "foxmail.con": "foxmail.com",
    "yaho.com": "yahoo.com",
}
"""Domains at which no customer has a box, and what was meant (mail spec §11): suggested, never put right by us."""
ROLE_NAMES: Final = frozenset(
    "abuse admin administrator contact enquiries finance hello help hostmaster hr info mail mailer-daemon marketing "
    "no-reply noreply office postmaster root sales service support team webmaster".split()
)
_MAX_LOCAL: Final = 64
_MAX_DOMAIN: Final = 253
_MAX_EMAIL: Final = 254
_MAX_TYPED: Final = 320
_SHOWN_TAIL: Final = 4
_LONG_NUMBER: Final = 7


class AddressInvalid(InputError):
    """An address nobody can be reached on; `sentence` (Chinese) and `sentence_en` say what would be right.

    The address itself is in neither: sentences may be logged.
    """

    code = "address_invalid"

    def __init__(self, code: str, sentence_zh: str, sentence_en: str) -> None:
        super().__init__(sentence_zh, code=code)
        self.sentence_zh = sentence_zh
        self.sentence_en = sentence_en


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number. e164: `+` and digits. is_mainland_mobile: +86 1[3-9] and nine digits more."""

    e164: str
    is_mainland_mobile: bool


def normalise_phone(text: str) -> Phone:
    """Return the number as E.164; raise `AddressInvalid` (phone_empty, phone_mobile, phone_service, phone_invalid).

    Mainland mobiles may come with +86, 0086 or 86, blanks, hyphens and full-width digits. Which operator owns
    a prefix is not asked: numbers are ported and new prefixes open (SMS spec §1.4).
    """
    match = _MAINLAND_TIGHT.fullmatch(text)
    if match is not None:
        return Phone("+86" + match[1], is_mainland_mobile=True)
    if len(text) > _MAX_TYPED:
        raise _no_number()
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text[:_MAX_TYPED]))).strip()
    match = _MAINLAND.fullmatch(plain)
    if match is not None:
        return Phone("+86" + _NOT_DIGITS.sub("", match[1]), is_mainland_mobile=True)
    if not plain:
        raise AddressInvalid(
            "phone_empty", "电话号码为空：请填写手机号。", "The number is empty: give a mobile number."
        )
    return _parse_other(plain)


def normalise_email(text: str) -> str:
    """Return the address, its domain in lower case; raise `AddressInvalid` (email_empty, email_invalid …).

    The local part keeps its case: only its own server may say that case means nothing. No DNS is asked.
    """
    plain = text.strip()
    if len(plain) <= _MAX_EMAIL and _PLAIN_EMAIL.fullmatch(plain) is not None:
        local, _, domain = plain.partition("@")
        if len(local) <= _MAX_LOCAL and len(domain) <= _MAX_DOMAIN and _SLOW_DOMAIN.search(domain) is None:
            return f"{local}@{domain.lower()}"
    return _parse_email(
        _INVISIBLE.sub("", plain[: _MAX_TYPED + 1]).replace("＠", "@").replace("．", ".").strip()
    )


def customer_email(text: str) -> str:
    """As `normalise_email` for an address a customer is said to have; also raises email_typo, email_qq.

    What a customer writes from is `normalise_email`'s: whoever wrote has a box there.
    """
    address = normalise_email(text)
    local, _, domain = address.rpartition("@")
    meant = DOMAIN_TYPOS.get(domain)
    if meant is not None:
        raise AddressInvalid(
            "email_typo",
            f"邮箱域名像是写错了：{domain}，是不是 {meant}？请向客户核对后改正。",
            f"The domain looks mistyped: {domain}; is it {meant}? Ask the customer, then correct it.",
        )
    if domain == "qq.com" and local.isdecimal() and _QQ_DIGITS.fullmatch(local) is None:
        raise AddressInvalid(
            "email_qq",
            "QQ号应为5至11位数字且不以0开头，请核对。",
            "A QQ number has 5 to 11 digits and no leading 0; check it.",
        )
    return address


def is_role_address(address: str) -> bool:
    """Whether several people probably read it (info@, service@): care for one person does not belong there."""
    return address.partition("@")[0].partition("+")[0].casefold() in ROLE_NAMES


def mask_phone(e164: str) -> str:
    """Return what screens may show: `138****8000`; abroad the first two digits and the last four."""
    if _E164_MAINLAND.fullmatch(e164) is not None:
        return f"{e164[3:6]}****{e164[-_SHOWN_TAIL:]}"
    digits = _NOT_DIGITS.sub("", e164)
    if len(digits) < _LONG_NUMBER:
        return "****"
    return f"+{digits[:2]}****{digits[-_SHOWN_TAIL:]}" if len(digits) > _LONG_NUMBER else f"****{digits[-2:]}"


def mask_email(address: str) -> str:
    """Return `w***@example.com`: how long the name is stays hidden too."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}" if at and local else "***"


def mask_name(name: str) -> str:
    """Return the first character and a star for each hidden one, at most three: 王小明 → 王**."""
    stripped = name.strip()
    if not stripped:
        return ""
    return stripped[0] + "*" * min(max(len(stripped) - 1, 1), 3)


def last_four(e164: str) -> str:
    """Return the last four digits, which customers give and staff search by (inside their own scope only)."""
    return _NOT_DIGITS.sub("", e164)[-_SHOWN_TAIL:]


def _parse_other(plain: str) -> Phone:
    """Parse landlines and foreign numbers by the numbering plans of `phonenumbers`."""
    digits = _NOT_DIGITS.sub("", plain)
    sign = "+" if plain.startswith("+") else ""
    if _SERVICE.fullmatch(sign + digits) is not None:
        raise _of_a_service()
    looks_mobile = digits.startswith("1") and not plain.startswith("+")
    try:
        # 00 is how one dials out of China, and the default region understands it.
        number = phonenumbers.parse(plain, "CN")
    except phonenumbers.NumberParseException:
        raise _no_mobile(len(digits)) if looks_mobile else _no_number() from None
    if number.extension or not phonenumbers.is_valid_number(number):
        raise _no_mobile(len(digits)) if looks_mobile else _no_number()
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Phone(e164, is_mainland_mobile=_E164_MAINLAND.fullmatch(e164) is not None)


def _no_mobile(length: int) -> AddressInvalid:
    return AddressInvalid(
        "phone_mobile",
        f"不是有效的手机号（{length}位数字）：应为1开头、第二位3至9的11位数字，可带+86，如13800138000。",
        f"Not a mobile number ({length} digits): give 11 digits, 1 then 3–9, with or without +86, as "
        "13800138000.",
    )


def _of_a_service() -> AddressInvalid:
    return AddressInvalid(
        "phone_service",
        "这是银行、运营商或平台的服务号码，不是客户的号码：请填写客户的11位手机号，如13800138000。",
        "A service number of a bank, carrier or platform, nobody's own: give a mobile number such as 13800138000.",
    )


def _no_number() -> AddressInvalid:
    return AddressInvalid(
        "phone_invalid",
        "不是有效的电话号码：手机号如13800138000；固定电话须带区号，如027-85558888；"
        "境外号码须带+和国家代码，如+85261234567。",
        "Not a telephone number: a mobile as 13800138000, a landline with its area code as 027-85558888, "
        "abroad with + and the country code as +85261234567.",
    )


def _parse_email(plain: str) -> str:
    if not plain:
        raise AddressInvalid(
            "email_empty", "邮箱地址为空：应如 name@example.com。", "Empty: give name@example.com."
        )
    if len(plain) > _MAX_EMAIL:
        raise AddressInvalid(
            "email_too_long", "邮箱地址过长：最多254个字符。", "Too long: 254 characters at most."
        )
    try:
        found = validate_email(plain, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError:
        raise AddressInvalid(
            "email_invalid",
            "不是有效的邮箱地址：应有一个@，前面是用户名，后面是完整域名，如 name@example.com。",
            "Not a mail address: one @ between a name and a whole domain, as name@example.com.",
        ) from None
    return found.normalized.rpartition("@")[0] + "@" + (found.ascii_domain or found.domain).lower()
