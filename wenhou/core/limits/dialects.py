"""How providers write variables in the texts filed with them, and what they refuse (SMS spec §1.6)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from wenhou.core.sms_text import REFUSAL_SUFFIX


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One provider's rules. `variable` has one group: the name. `suspect` finds what was meant as a variable.

    `max_value`: characters of a value, 0 where the provider names none. `by_order`: values go by position, so names
    are 1 … n in the order of standing. `numbered`: the filed text itself must number them so. `kinds`: typed names.
    `in_notices`, `in_promotions`: whether such texts may hold variables at all. `suffix`: how promotions must end.
    """

    name: str
    variable: re.Pattern[str]
    suspect: re.Pattern[str]
    max_value: int
    max_variables: int = 20
    by_order: bool = False
    numbered: bool = False
    may_repeat: bool = False
    in_notices: bool = True
    in_promotions: bool = True
    suffix: str = REFUSAL_SUFFIX
    kinds: frozenset[str] = field(default_factory=frozenset)


_SUSPECT: Final = re.compile(r"\$\{?|[{}]")
ALIYUN: Final = Dialect(
    name="aliyun",
    variable=re.compile(r"\$\{([A-Za-z][A-Za-z0-9_]{0,39})\}"),
    suspect=_SUSPECT,
    max_value=35,
)
_TENCENT_VARIABLE: Final = re.compile(r"\{([1-9][0-9]?)\}")
# Accounts opened before 25 January 2024; no figure is published for them.
TENCENT_OLD: Final = Dialect(
    name="tencent",
    variable=_TENCENT_VARIABLE,
    suspect=_SUSPECT,
    max_value=0,
    numbered=True,
)
# Accounts since then. Some of them may not use variables in notices and promotions at all:
# `dataclasses.replace(TENCENT, in_notices=False, in_promotions=False)`.
TENCENT: Final = Dialect(
    name="tencent",
    variable=_TENCENT_VARIABLE,
    suspect=_SUSPECT,
    max_value=6,
    numbered=True,
)
HUAWEI: Final = Dialect(
    name="huawei",
    variable=re.compile(r"\$\{([1-9][0-9]?|PHONE|DATETIME|MONEY|TEXT)\}"),
    suspect=_SUSPECT,
    max_value=0,
    by_order=True,
    may_repeat=True,
    in_promotions=False,
    kinds=frozenset({"PHONE", "DATETIME", "MONEY", "TEXT"}),
)
DIALECTS: Final = MappingProxyType({one.name: one for one in (ALIYUN, TENCENT, HUAWEI)})
KINDS: Final = MappingProxyType(
    {
        "PHONE": re.compile(r"\+?[0-9][0-9 -]{1,19}"),
        "DATETIME": re.compile(r"(?=.*[0-9])[0-9年月日时分秒点上下午:：/. \-]+"),
        "MONEY": re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?(?:元|万元)?"),
        "TEXT": re.compile(r".+"),
    }
)
"""What a typed value may look like. The providers' own checks are not published; these are the plain readings."""


def dialect_of(text: str) -> Dialect:
    """Return the dialect a filed text is written in, by its first variable; one without variables fits all (Aliyun's)."""
    for dialect in (HUAWEI, ALIYUN, TENCENT):
        found = dialect.variable.search(text)
        if found and not text[: found.start()].endswith("$"):
            return dialect
    return ALIYUN
