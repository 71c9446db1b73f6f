"""`plain/1`: the first letter. Used since the first release, so it stays as it is, byte for byte."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import escape

from templates.mail.shared import PARAGRAPH_BREAK, MailParts, footer_lines, text_ending, words_of

PARAMETERS = frozenset(
    "locale subject paragraphs bank branch hotline reason preferences_url action_label action_url".split()
)
_FONT = "font-family:-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',Arial,sans-serif;"
_HEAD = (
    '<!DOCTYPE html>\n<html lang="{locale}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
    "<title>{subject}</title><style>:root{{color-scheme:light dark}}"
    "@media (prefers-color-scheme:dark){{.page{{background-color:#16191d!important}}"
    ".card{{background-color:#22262b!important}}.ink{{color:#e8e6e3!important}}.soft{{color:#a8a6a2!important}}"
    ".link{{color:#8ab4f8!important}}}}</style></head>\n"
    '<body class="page" style="margin:0;padding:0;background-color:#f4f2ee;">'
    '<div style="display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;overflow:hidden;">{preheader}</div>'
    '<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#f4f2ee"'
    ' style="background-color:#f4f2ee;"><tr><td align="center" style="padding:24px 12px;">\n'
    '<table role="presentation" class="card" width="600" cellpadding="0" cellspacing="0" border="0" bgcolor="#ffffff"'
    ' style="width:100%;max-width:600px;background-color:#ffffff;border-top:4px solid #8c3b2e;">\n'
    '<tr><td class="soft" style="padding:20px 28px 0 28px;'
    + _FONT
    + 'font-size:14px;line-height:20px;color:#6b6660;">'
    "{bank}</td></tr>\n"
    '<tr><td style="padding:16px 28px 8px 28px;">\n'
)
_PARAGRAPH = (
    '<p class="ink" style="margin:0 0 16px 0;'
    + _FONT
    + 'font-size:16px;line-height:27px;color:#2b2926;">{words}</p>\n'
)
_ACTION = (
    '<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 16px 0;"><tr>'
    '<td bgcolor="#8c3b2e" style="background-color:#8c3b2e;padding:11px 22px;">'
    '<a href="{url}" style="'
    + _FONT
    + 'font-size:16px;line-height:22px;color:#ffffff;text-decoration:none;">'
    "{label}</a></td></tr></table>\n"
)
_FOOT = (
    "</td></tr>\n"
    '<tr><td class="soft" style="padding:16px 28px 24px 28px;border-top:1px solid #d9d5cf;'
    + _FONT
    + 'font-size:13px;line-height:21px;color:#6b6660;">{lines}</td></tr>\n'
    "</table>\n</td></tr></table></body></html>\n"
)


def build(parameters: Mapping[str, str]) -> MailParts:
    """Both parts; the parameters are checked by the caller."""
    return MailParts(text=_text(parameters), html=_html(parameters))


def _text(parameters: Mapping[str, str]) -> str:
    blocks = parameters["paragraphs"].split(PARAGRAPH_BREAK)
    if parameters.get("action_url"):
        blocks.append(f"{parameters.get('action_label', '')}: {parameters['action_url']}")
    return PARAGRAPH_BREAK.join([*blocks, text_ending(parameters)]) + "\n"


def _html(parameters: Mapping[str, str]) -> str:
    words = words_of(parameters)
    blocks = parameters["paragraphs"].split(PARAGRAPH_BREAK)
    preheader = blocks[min(1, len(blocks) - 1)].replace("\n", " ")[:90]
    pieces = [
        _HEAD.format(
            locale=escape(parameters["locale"]),
            subject=escape(parameters["subject"]),
            preheader=escape(preheader),
            bank=escape(parameters["bank"]),
        )
    ]
    pieces += [_PARAGRAPH.format(words=str(escape(block)).replace("\n", "<br>")) for block in blocks]
    if parameters.get("action_url"):
        label = escape(parameters.get("action_label") or parameters["action_url"])
        pieces.append(_ACTION.format(url=escape(parameters["action_url"]), label=label))
    lines = [str(escape(line)) for line in footer_lines(parameters)]
    url = parameters.get("preferences_url", "")
    if url:
        link = f'<a class="link" href="{escape(url)}" style="color:#3a5a8c;">{words["preferences"]}</a>'
        lines.append(link)
    else:
        lines.append(words["opt_out"])
    pieces.append(_FOOT.format(lines="<br>".join(lines)))
    return "".join(pieces)
