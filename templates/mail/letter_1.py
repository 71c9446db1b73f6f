"""`letter/1`: a quiet letter of the bank: its name, the words, perhaps a greeting card, who writes, why you get this.

Tables and inline styles only; the <style> holds nothing but dark colours and Outlook's fonts, so that a program
that drops it loses neither shape nor reading. Every static piece is a constant: a mail is one join. Once a mail
of it was sent it never changes; the next one is `letter/2`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import escape

from templates.mail.shared import PARAGRAPH_BREAK, MailParts, footer_lines, text_ending, words_of
from wenhou.core.errors import TemplateError

PARAMETERS = frozenset(
    "locale subject paragraphs bank branch hotline reason preferences_url action_label action_url"
    " advisor phone card card_alt card_width card_height".split()
)
CARD_WIDTH = 536
"""Pixels between the margins of the letter."""
_CARD = frozenset(("card", "card_alt", "card_width", "card_height"))
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_PIXELS = re.compile(r"[1-9][0-9]{0,3}\Z")
_PREHEADER = 90  # characters; lists of mails show less
_SIGN_OFF_LINES, _SIGN_OFF_LENGTH = 3, 60
_SENTENCE = re.compile(r"[。！？!?；;：:，,]|\.\s|\.\Z")
_FONT = "font-family:-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',Arial,sans-serif;"
_TABLE = '<table role="presentation" cellpadding="0" cellspacing="0" border="0" '
_DARK = (
    ".page{background-color:#16191d!important}.letter{background-color:#22262b!important}"
    ".ink{color:#eceae6!important}.soft{color:#b6b3ae!important}.link{color:#9cc0fa!important}"
    ".rule{border-color:#3d434b!important}"
)
_HEAD = (
    '">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width,initial-scale=1">\n'
    '<meta name="color-scheme" content="light dark">\n<meta name="supported-color-schemes" content="light dark">\n'
    '<meta name="format-detection" content="telephone=no,date=no,address=no">\n<title>'
)
_STYLE = (
    "</title>\n<style>\n:root{color-scheme:light dark}\n"
    "@media (prefers-color-scheme:dark){" + _DARK + "}\n</style>\n"
    "<!--[if mso]><style>td,p,a{font-family:'Microsoft YaHei',Arial,sans-serif!important}</style><![endif]-->\n"
    '</head>\n<body class="page" style="margin:0;padding:0;background-color:#f3f1ed;">\n'
    '<div style="display:none;font-size:1px;line-height:1px;color:#f3f1ed;max-height:0;max-width:0;'
    'overflow:hidden;mso-hide:all;">'
)
_NAMEPLATE = (
    "</div>\n" + _TABLE + 'width="100%" class="page" bgcolor="#f3f1ed" style="background-color:#f3f1ed;">\n'
    '<tr><td align="center" style="padding:20px 8px;">\n'
    + _TABLE
    + 'width="600" class="letter" bgcolor="#ffffff" style="width:100%;max-width:600px;background-color:#ffffff;'
    'border-top:3px solid #8c3b2e;">\n'
    '<tr><td class="ink rule" style="padding:22px 32px 18px 32px;border-bottom:1px solid #e4e0da;'
    + _FONT
    + 'font-size:17px;line-height:24px;font-weight:bold;letter-spacing:1px;color:#2b2926;">'
)
_TOP = ('<!DOCTYPE html>\n<html lang="', _HEAD, _STYLE, _NAMEPLATE, "</td></tr>\n")
_IMAGE = (
    '<tr><td align="center" class="soft" style="padding:28px 32px 0 32px;'
    + _FONT
    + 'font-size:15px;line-height:24px;color:#5f5a54;"><img class="soft" src="cid:',
    '" width="',
    '" height="',
    '" alt="',
    '" style="display:block;width:100%;max-width:',
    "px;height:auto;border:0;outline:none;text-decoration:none;"
    + _FONT
    + 'font-size:15px;line-height:24px;color:#5f5a54;"></td></tr>\n',
)
_BODY = '<tr><td style="padding:28px 32px 20px 32px;">\n'
_PARAGRAPH = (
    '<p class="ink" style="margin:0 0 18px 0;' + _FONT + 'font-size:17px;line-height:30px;color:#2b2926;">',
    "</p>\n",
)
_SIGNED = (
    '<p class="ink" style="margin:28px 0 2px 0;'
    + _FONT
    + 'font-size:17px;line-height:28px;font-weight:bold;color:#2b2926;">',
    '</p>\n<p class="soft" style="margin:0 0 6px 0;'
    + _FONT
    + 'font-size:15px;line-height:24px;color:#5f5a54;">',
)
_ACTION = (
    _TABLE
    + 'width="264" style="width:264px;max-width:100%;margin:10px 0 22px 0;">\n<tr><td align="center" bgcolor="#8c3b2e"'
    ' style="background-color:#8c3b2e;padding:12px 18px;"><a href="',
    '" style="display:block;'
    + _FONT
    + 'font-size:17px;line-height:24px;color:#ffffff;text-decoration:none;">',
    "</a></td></tr>\n</table>\n",
)
_FOOT = (
    "</td></tr>\n"
    '<tr><td class="soft rule" style="padding:18px 32px 26px 32px;border-top:1px solid #e4e0da;'
    + _FONT
    + 'font-size:14px;line-height:23px;color:#5f5a54;">',
    "</td></tr>\n</table>\n</td></tr>\n</table>\n</body>\n</html>\n",
)
_LINK = ('<a class="link" href="', '" style="color:#2f5288;text-decoration:underline;">', "</a>")


def build(parameters: Mapping[str, str]) -> MailParts:
    """Both parts; TemplateError when the card is not described whole."""
    _check_card(parameters)
    blocks = parameters["paragraphs"].split(PARAGRAPH_BREAK)
    signed = _sign_off(blocks, parameters)
    return MailParts(text=_text(parameters, blocks, signed), html=_html(parameters, blocks, signed))


def content_id(digest: str) -> str:
    """How the HTML names an image that rides in the mail: `sha256:…` → the Content-ID without brackets."""
    return f"{digest.removeprefix('sha256:')[:32]}@card"


def _check_card(parameters: Mapping[str, str]) -> None:
    given = parameters.keys() & _CARD
    if not given:
        return
    whole = given == _CARD and parameters["card_alt"].strip()
    if not (
        whole
        and _DIGEST.match(parameters["card"])
        and _PIXELS.match(parameters["card_width"])
        and _PIXELS.match(parameters["card_height"])
    ):
        sentence = "a card needs card (sha256:…), card_alt, card_width and card_height in pixels"
        raise TemplateError(sentence, code="skeleton_parameters")


def _sign_off(blocks: list[str], parameters: Mapping[str, str]) -> list[str]:
    """The lines under the letter, taken off `blocks` where the words end with them; a phone is added once.

    Words of the library end with the advisor and the branch, and an advisor may have changed that: a last paragraph
    of a few short lines that hold no sentence is the sign-off. Otherwise the advisor's own lines are added.
    """
    lines: list[str] = []
    if len(blocks) > 1:
        last = blocks[-1].split("\n")
        if len(last) <= _SIGN_OFF_LINES and not any(
            len(line) > _SIGN_OFF_LENGTH or _SENTENCE.search(line) for line in last
        ):
            del blocks[-1]
            lines = last
    advisor, phone = parameters.get("advisor", ""), parameters.get("phone", "")
    if not lines and advisor:
        lines = [line for line in (advisor, parameters.get("branch", "")) if line]
    if phone and lines and not any(phone in line for line in lines):
        lines = [*lines, phone]
    return lines


def _text(parameters: Mapping[str, str], blocks: list[str], signed: list[str]) -> str:
    parts = list(blocks)
    if "card" in parameters:
        is_english = parameters["locale"] == "en"
        parts.insert(
            0, f"[Card: {parameters['card_alt']}]" if is_english else f"〔贺卡：{parameters['card_alt']}〕"
        )
    if parameters.get("action_url"):
        label = parameters.get("action_label", "")
        parts.append(f"{label}\n{parameters['action_url']}" if label else parameters["action_url"])
    if signed:
        parts.append("\n".join(signed))
    return PARAGRAPH_BREAK.join([*parts, text_ending(parameters)]) + "\n"


def _html(parameters: Mapping[str, str], blocks: list[str], signed: list[str]) -> str:
    preheader = blocks[min(1, len(blocks) - 1)].replace("\n", " ")[:_PREHEADER]
    pieces = [
        _TOP[0],
        _safe(parameters["locale"]),
        _TOP[1],
        _safe(parameters["subject"]),
        _TOP[2],
        _safe(preheader),
        _TOP[3],
        _safe(parameters["bank"]),
        _TOP[4],
    ]
    if "card" in parameters:
        pieces += _card(parameters)
    pieces.append(_BODY)
    for block in blocks:
        pieces += (_PARAGRAPH[0], _lines(block), _PARAGRAPH[1])
    if parameters.get("action_url"):
        label = parameters.get("action_label") or parameters["action_url"]
        pieces += (_ACTION[0], _safe(parameters["action_url"]), _ACTION[1], _safe(label), _ACTION[2])
    if signed:
        pieces += (_SIGNED[0], _safe(signed[0]))
        if len(signed) > 1:
            pieces += (_SIGNED[1], "<br>".join(_safe(line) for line in signed[1:]))
        pieces.append(_PARAGRAPH[1])
    pieces += (
        _FOOT[0],
        "<br>".join([*map(_safe, footer_lines(parameters)), _choice(parameters)]),
        _FOOT[1],
    )
    return "".join(pieces)


def _card(parameters: Mapping[str, str]) -> tuple[str, ...]:
    width, height = int(parameters["card_width"]), int(parameters["card_height"])
    if width > CARD_WIDTH:
        width, height = CARD_WIDTH, max(1, round(height * CARD_WIDTH / width))
    return (
        _IMAGE[0],
        content_id(parameters["card"]),
        _IMAGE[1],
        str(width),
        _IMAGE[2],
        str(height),
        _IMAGE[3],
        _safe(parameters["card_alt"]),
        _IMAGE[4],
        str(width),
        _IMAGE[5],
    )


def _choice(parameters: Mapping[str, str]) -> str:
    words = words_of(parameters)
    url = parameters.get("preferences_url", "")
    if not url:
        return words["opt_out"]
    return "".join((_LINK[0], _safe(url), _LINK[1], words["preferences"], _LINK[2]))


def _lines(block: str) -> str:
    return _safe(block).replace("\n", "<br>")


def _safe(text: str) -> str:
    return str(escape(text))
