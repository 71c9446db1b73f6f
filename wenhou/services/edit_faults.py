"""What is wrong with an advisor's changes, and where: a limit or a rule, the channel, the field and the place in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wenhou.core.channels import CHANNEL_NAMES
from wenhou.core.errors import Refused

_MOST_SAID = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class EditFault:
    """One broken rule or limit. `start`, `end`: characters of the field as a person typed it; both 0: the whole.

    `field`: `text`, `subject`, or the name of a filed text's variable.
    """

    channel: str
    rule: str
    sentence_zh: str
    sentence_en: str
    field: str = "text"
    start: int = 0
    end: int = 0
    found: str = ""

    @property
    def said_zh(self) -> str:
        """短信第3至4字“保本”：不得承诺保本。."""
        where = CHANNEL_NAMES.get(self.channel, (self.channel, self.channel))[0]
        if self.field == "subject":
            where += "主题"
        if self.end:
            last = f"至{self.end}" if self.end > self.start + 1 else ""
            where += f"第{self.start + 1}{last}字"
        quoted = f"“{self.found}”" if self.found else ""
        return f"{where}{quoted}：{self.sentence_zh}"

    @property
    def said_en(self) -> str:
        """SMS, characters 3-4 “保本”: must not promise …."""
        where = CHANNEL_NAMES.get(self.channel, (self.channel, self.channel))[1]
        if self.field == "subject":
            where += " subject"
        if self.end:
            last = f"-{self.end}" if self.end > self.start + 1 else ""
            where += f", character{'s' if last else ''} {self.start + 1}{last}"
        quoted = f" “{self.found}”" if self.found else ""
        return f"{where}{quoted}: {self.sentence_en}"


class EditRefused(Refused):
    """Changes that cannot be kept; nothing was. `faults` in the order of channels and places."""

    def __init__(self, faults: Sequence[EditFault], code: str = "") -> None:
        said = tuple(faults)[:_MOST_SAID]
        zh = "；".join(one.said_zh.rstrip("。") for one in said)
        en = "; ".join(one.said_en.rstrip(".") for one in said).replace("(", "").replace(")", "")
        super().__init__(f"{zh} ({en})", code=code or faults[0].rule)
        self.faults = tuple(faults)
