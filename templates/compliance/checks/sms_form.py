"""What a finished message owes: one right signature at its place, and a way to refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator

from templates.compliance.reading import Reading, Span

_SIGNATURE = re.compile(r"【([^【】]{0,60})】")
_BRACKET = re.compile(r"[【】]")
_OPT_OUT = re.compile(
    r"(?:拒收|退订|取消|谢绝)(?:短信)?请?(?:回复?|发送?|按)[“”\"']?(?:[trndTRND]{1,2}|退订|拒收|取消)[“”\"']?[。.]?\s*\Z"
    r"|回复?[“”\"']?(?:[trndTRND]{1,2}|退订|拒收)[“”\"']?(?:即可|可)?(?:退订|拒收|取消)?[。.]?\s*\Z"
    r"|(?:reply|text|send)\s+[\"'“]?(?:stop|td|t|r|n)[\"'”]?\s+to\s+(?:stop|opt[ -]?out|"
    r"unsubscribe|\bstop (?:them|these|this)\b|end|cancel)[.]?\s*\Z",
    re.IGNORECASE,
)
_WAY_OUT = re.compile(
    r"退订|拒收|不(?:想|愿)?再(?:接)?收|停止接收|取消订阅|订阅设置|接收偏好|偏好设置|管理(?:您的)?(?:订阅|偏好)|选择(?:接收|收到)|"
    r"unsubscribe|\bstop (?:them|these|this)\b|opt[ -]?out|preferences|stop receiving|no longer wish",
    re.IGNORECASE,
)


def signature(reading: Reading) -> Iterator[Span]:
    """A finished SMS begins with the one signature that is filed; an unfinished one never holds two."""
    if reading.about.channel not in ("sms", ""):
        return
    brackets = list(_BRACKET.finditer(reading.text))
    if not reading.about.is_finished:
        if len(brackets) > 2:
            yield brackets[2].start(), brackets[-1].end()
        return
    if reading.about.channel != "sms":
        return
    found = _SIGNATURE.match(reading.text)
    wanted = reading.about.signature.strip("【】 ")
    if found is None:
        yield (brackets[0].start(), brackets[-1].end()) if brackets else (0, 0)
    elif not found[1].strip() or (wanted and found[1].strip() != wanted):
        yield found.span()
    if found is not None and len(brackets) > 2:
        yield brackets[2].start(), brackets[-1].end()


def opt_out_missing(reading: Reading) -> Iterator[Span]:
    """A finished promotional SMS ends with the line that refuses further ones; a mail names a way out."""
    about = reading.about
    if not (about.is_finished and about.is_promotional):
        return
    if about.channel == "sms" and _OPT_OUT.search(reading.text[-60:]) is None:
        yield reading.missing
    if about.channel == "email" and _WAY_OUT.search(reading.text) is None:
        yield reading.missing
