"""A person's own words out of the layouts that mail programs write."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.email_in.html_text import html_to_text
from integrations.email_in.reply_text import extract

_FILE = Path(__file__).parents[2] / "data" / "mail" / "answers.txt"
_SEPARATORS = [
    "------------------ 原始邮件 ------------------",
    "发件人: a <a@b.example>",
    "主题: x",
    "> q",
    ">> r",
    "",
]
_TEXTS = st.lists(
    st.sampled_from([*_SEPARATORS, "在 2026-09-25 10:12，a <a@b.example> 写道：", "-- ", "| |", "好的", "发自我的iPhone"])
    | st.text(max_size=30),
    max_size=30,
)  # fmt: skip


def _layouts() -> Iterator[tuple[str, str, str]]:
    name, text, expected = "", [""], [""]
    into = text
    for line in [*_FILE.read_text(encoding="utf-8").split("\n")[:-1], "#### end"]:
        if line == "#### =":
            into = expected
        elif line.startswith("#### "):
            if name:
                yield name, "\n".join(text), "\n".join(expected)
            name, text, expected = line.removeprefix("#### "), [], []
            into = text
        else:
            into.append(line)


LAYOUTS = {name: (text, expected) for name, text, expected in _layouts()}
_FORMS = {
    "lf": lambda text: text,
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "nbsp": lambda text: text.replace(" ", "\u00a0").replace("--\u00a0\n", "-- \n"),
    "bom": lambda text: text.replace("发件人", "\ufeff发件人\u200b"),
    "wide colon": lambda text: text.replace("人:", "人：").replace("题:", "题：").replace("写道:", "写道："),
}


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\ufeff", "").replace("\u200b", "").replace("：", ":").strip()


def test_there_are_forty_layouts_and_more() -> None:
    assert len(LAYOUTS) >= 50


@pytest.mark.parametrize("form", _FORMS)
@pytest.mark.parametrize("name", LAYOUTS)
def test_the_customers_own_words_are_found(name: str, form: str) -> None:
    text, expected = LAYOUTS[name]
    assert _plain(extract(_FORMS[form](text)).reply) == _plain(expected)


@pytest.mark.parametrize("name", LAYOUTS)
def test_no_line_of_a_layout_is_lost(name: str) -> None:
    text = LAYOUTS[name][0]
    assert "\n".join(extract(text).lines) == text


@given(_TEXTS)
def test_no_text_is_lost_and_every_line_is_somebodys(lines: list[str]) -> None:
    text = "\n".join(lines)
    found = extract(text)
    assert "\n".join(found.lines) == text.replace("\r\n", "\n").replace("\r", "\n")
    assert len(found.marks) == len(found.lines)
    assert {*found.marks} <= {"reply", "quoted", "signature"}


_NASTY = ["\n", ">", "> ", ">\n", "-", "- ", "<", "<a ", "<!--", "<![", "</", "&", "&#", "=?", "在 2026 ", "在2026\n",
    "发件人:", "发件人:\n", "于2026年\n", "a@b ", "<a@b>\n", "写道：", " ", "\u00a0", "<div>", "<blockquote>", "'<a b=\"",
    "<style>", "x\n> y\n", "| |\n", "-- \n", "1 ", "电话:\n"]  # fmt: skip


@pytest.mark.parametrize("piece", _NASTY)
def test_a_megabyte_of_anything_takes_bounded_time(piece: str) -> None:
    text = (piece * (1_000_000 // len(piece)))[:1_000_000]
    begin = time.process_time()
    extract(text)
    extract(html_to_text(text))
    # Far above what it takes (a second at most) and far below what anything quadratic would.
    assert time.process_time() - begin < 30


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>好的</p><p>谢谢</p>", "好的\n\n谢谢"),
        ("<div>a<br>b</div>", "a\nb"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("<style>x{}</style><title>t</title><script>1<2</script>ok", "ok"),
        ('<span style="display:none">secret</span>seen', "seen"),
        ('<span style="font-size:0">secret</span>seen', "seen"),
        ("&lt;b&gt; &amp; &nbsp;x", "<b> & \u00a0x"),
        (
            "mine<blockquote>theirs<blockquote>mine too</blockquote></blockquote>",
            "mine\n> theirs\n> > mine too",
        ),
        ('<a title="a>b">x</a>', "x"),
        ("1 < 2 and <3", "1 < 2 and <3"),
        ("<!-- gone -->left<!-- open", "left<!-- open"),
        ("<style>open", "open"),
    ],
)
def test_html_becomes_text(source: str, text: str) -> None:
    assert html_to_text(source) == text


_HTML = {
    "gmail": '<div dir="ltr">可以</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">江城银行 &lt;<a '
    'href="mailto:c@b.example">c@b.example</a>&gt; 于2026年9月25日周五 10:12写道：<br></div><blockquote '
    'class="gmail_quote">退订</blockquote></div>',
    "outlook web": '<div>可以</div><div id="appendonsend"></div><hr style="display:inline-block"><div id="divRplyFwdMsg">'
    "<b>发件人:</b> bank<br><b>主题:</b> 退订</div><div>退订</div>",
    "outlook": '<p>可以</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p>'
    "<b>发件人:</b> bank</p></div></div><p>退订</p>",
    "qq box": '<div class="qmbox"><div>可以</div><div>------------------&nbsp;原始邮件&nbsp;------------------</div>'
    "<div><b>发件人:</b>&nbsp;bank</div><div>退订</div></div>",
    "netease": '<div>可以</div><div id="isReplyContent">退订</div>',
    "netease master": '<p>可以</p><div class="ntes-mailmaster-quote"><div>---- 回复的原邮件 ----</div>退订</div>',
    "yahoo": '<div>可以</div><div class="yahoo_quoted"><div>On Friday, bank wrote:</div>退订</div>',
    "apple": '<div>可以</div><blockquote type="cite"><div>在 2026年9月25日，上午10:12，bank 写道：</div>退订</blockquote>',
    "foxmail": "<div>可以</div><div><hr></div><div><div><b>发件人：</b>&nbsp;bank</div><div><b>发送时间：</b>&nbsp;2026-"
    "09-25&nbsp;10:12</div><div><b>主题：</b>&nbsp;退订</div></div><div>退订</div>",
    "thunderbird": '<p>可以</p><div class="moz-cite-prefix">在 2026/9/25 10:12, bank 写道:<br></div><blockquote>退订'
    "</blockquote>",
    "below": "<blockquote>退订</blockquote><p>可以</p>",
}  # fmt: skip


@pytest.mark.parametrize("name", _HTML)
def test_the_customers_own_words_are_found_in_html(name: str) -> None:
    found = extract(html_to_text(_HTML[name]))
    assert found.reply == "可以"
    assert "退订" in found.part("quoted")


def test_a_forward_is_known_as_one() -> None:
    assert extract(LAYOUTS["forward with a comment"][0]).is_forward
    assert not extract(LAYOUTS["qq"][0]).is_forward


def test_a_long_answer_without_a_quotation_is_doubtful() -> None:
    assert not extract("好" * 3000, is_answer=True).is_sure
    assert extract("好" * 3000).is_sure
