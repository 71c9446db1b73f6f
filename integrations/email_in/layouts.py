"""What mail programs write between an answer and what it answers: one table of patterns (mail specification §7.4).

Every pattern is anchored to one line of at most `LONGEST_LINE` characters and has no nested quantifier.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST_LINE: Final = 1000
CUT_MARK: Final = "\ue000"
"""A line that HTML puts where its markup says that the quotation begins."""

_SENDER: Final = r"发\s?件\s?人|发送者|寄件者|寄件人|发自|自|从|from|von|de"
_OTHER: Final = (
    r"发送时间|发送日期|发件时间|日\s?期|时\s?间|收\s?件\s?人|收信人|抄\s?送|密送|至|主\s?题|主\s?旨|标题|寄件日期|收件者|副本"
    r"|sent|date|to|cc|bcc|subject|reply-to|importance|回复"
)
LABEL: Final = re.compile(rf"[|*\s]{{0,8}}({_SENDER}|{_OTHER})[*\s]{{0,8}}[:：|]", re.IGNORECASE)
SENDER_LABEL: Final = re.compile(rf"[|*\s]{{0,8}}({_SENDER})[*\s]{{0,8}}[:：|]", re.IGNORECASE)

_NAMES: Final = (
    r"原始邮件|原始郵件|回复的原邮件|回复的邮件|邮件原件|原邮件|转发的邮件|转发邮件|转发邮件信息|轉寄郵件|已转发邮件"
    r"|original(?: message| mail| email)?|forwarded (?:message|mail|email)(?: from .{1,60})?|forwarded by .{1,60}"
    r"|ursprüngliche nachricht|reply to original message"
)
NAMED_LINE: Final = re.compile(
    rf"[-_*=—－]{{2,80}}(?:\s|&nbsp;){{0,8}}(?:{_NAMES})\s{{0,4}}[:：]?(?:\s|&nbsp;){{0,8}}[-_*=—－]{{2,80}}",
    re.IGNORECASE,
)
"""A separator that says what it is."""
BEGIN_FORWARD: Final = re.compile(
    r"(?:begin forwarded message|下面是被转发的邮件|开始转发的邮件|开始转发邮件)\s*[:：]", re.IGNORECASE
)
BARE_LINE: Final = re.compile(r"[-_—－=*]{5,400}")
"""A line that separates only where header labels follow."""
FORWARD_WORDS: Final = re.compile(r"转发|轉寄|forward", re.IGNORECASE)

ENDS_ATTRIBUTION: Final = re.compile(
    r"(?:写道|寫道|编写|撰写|写到|来信|wrote|writes|schrieb|a écrit|escribió)\s{0,4}[:：]$|于.{4,40}(?:写道|編寫|编写)$",
    re.IGNORECASE,
)
BEGINS_ATTRIBUTION: Final = re.compile(
    r"(?:在|於|于|on|at|am|le|el)[\s\d\"“].{0,200}\d|.{0,120}[于於]\s?\d{4}\s?年|.{0,120}<[^<>\s]{1,128}@[^<>\s]{1,128}>"
    r"|\d{4}[-/年.]\s?\d{1,2}",
    re.IGNORECASE,
)
EVIDENCE: Final = re.compile(
    r"[^\s@]@[^\s@]|\d{4}\s?[-/年.]\s?\d{1,2}|\d{1,2}[:：]\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
)
"""A date, a time of day or an address."""

PHONE_SIGNATURE: Final = re.compile(
    r"发自(?:我的|于我的)?\s?.{1,40}|(?:由|从|從|來自|从我的|來自我的)我?的?.{1,30}(?:发送|發送|寄出)|来自.{0,12}(?:邮箱|手机).{0,12}"
    r"|从我的.{1,20}发送|[从由]\s?.{0,12}(?:outlook|windows).{0,24}发送|sent from .{1,60}|sent via .{1,60}|sent with .{1,40}"
    r"|获取\s?outlook.{0,60}|下载\s?outlook.{0,60}|get outlook for .{1,60}|取得 outlook.{0,40}|發自我的.{1,40}"
    r"|从 网易邮箱.{0,30}|使用.{1,12}邮箱.{0,10}发送",
    re.IGNORECASE,
)
DISCLAIMER: Final = re.compile(
    r"(?:此邮件|本邮件|本电子邮件|本郵件)(?:及|和|所|包|內|内|可能|中).{0,60}(?:保密|机密|附件|機密)"
    r"|this (?:e-?mail|message) (?:and any|is|may)"
    r".{0,80}(?:confidential|attachments|privileged|intended)|confidentiality notice",
    re.IGNORECASE,
)
CONTACT: Final = re.compile(
    r"(?:电话|手机|邮箱|传真|地址|微信|邮编|电邮|網址|网址|tel|mobile|mob|fax|e-?mail|phone|addr(?:ess)?|mail|web)\s{0,3}[.:：]"
    r"|[|\s]{0,4}(?:https?://|www\.)\S{3,100}|\+?\d[\d\s()-]{9,20}$|[|\s]{0,4}<?[^\s@<>]{1,64}@[^\s@<>]{3,100}>?[|\s]{0,4}$",
    re.IGNORECASE,
)
ADDRESS_ALONE: Final = re.compile(r"<?[^\s@<>]{1,64}@[^\s@<>]{3,100}>?")
POINTS_BELOW: Final = re.compile(r"见下|如下|下面|下文|以下|below|inline|in line", re.IGNORECASE)
INVISIBLE: Final = dict.fromkeys([*range(0x200B, 0x2010), 0xFEFF, 0x2060, 0x00AD]) | {
    0xA0: " ",
    0x3000: " ",
    0x202F: " ",
}
