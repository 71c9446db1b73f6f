"""Rates and yields: with the day they hold from and where they are published, and as published."""

from __future__ import annotations

import re
from collections.abc import Iterator

from templates.compliance.reading import Reading, Span

_NUMBER = r"(?:\d{1,6}(?:\.\d{1,6})?)"
_FIGURE = re.compile(
    rf"({_NUMBER})(?:%|‰)|百分之[零一二三四五六七八九十百两点\d]{{1,8}}|({_NUMBER})个?(?:bp|基点)(?![a-z])|"
    rf"千分之[零一二三四五六七八九十点\d]{{1,6}}|"
    r"[零一二三四五六七八九十\d]{1,4}(?:点[零一二三四五六七八九\d]{1,3})?个(?:百分)?点|年息[零一二三四五六七八九十\d点]{1,6}|"
    r"[一二三四五六七八九]厘[一二三四五六七八九]?|"
    r"[率化益息][^，。]{0,6}?(?:[一二三四五六七八九]点[零一二三四五六七八九]{1,2}|\d\.\d{1,3})(?![\d%‰版万元个折])"
)
_ABOUT_MONEY = re.compile(
    r"利率|年化|收益|利息|息|回报|基准|lpr|上浮|下浮|下调|上调|加点|基点|定期|存款|大额存单|贷款|存单|净值|理财|基金|按揭|房贷|公积金|个月|年期|活期"
)
_ABOUT_MONEY_ENGLISH = re.compile(
    r"\b(?:rates?|yields?|return(?:s|ed)?|funds?|interest|apr|apy|annuali[sz]ed|deposits?|"
    r"loans?|mortgage|basis points?|p\.?a\.?)\b"
)
_FIGURE_ENGLISH = re.compile(r"(\d{1,3}(?:\.\d{1,4})?) ?(?:%|per ?cent|percent|basis points?|bps?\b)")
_DATE = re.compile(
    r"\d{4}年\d{1,2}月|\d{1,2}月\d{1,2}[日号]|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|"
    r"[一二三四五六七八九十]{1,3}月[一二三四五六七八九十]{1,3}[日号]"
)
_DATE_ENGLISH = re.compile(
    r"\b\d{1,2} (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\b|\b(?:jan|"
    r"feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6} \d{1,2}\b|"
    r"\d{4}[-/]\d{1,2}[-/]\d{1,2}"
)
_SOURCE = re.compile(
    r"公告|公示|官网|挂牌(?:利率)?表|利率表|牌价表|第[一二三四五六七八九十\d]{1,6}号|号文|表号|编号|来源|依据|人民银行|央行|同业拆借|公布|发布|说明书|价目表|执行表|表\d"
)
_SOURCE_ENGLISH = re.compile(
    r"\b(?:notice|published|website|table|source|no\.? ?\d|announce\w{0,6}|rate sheet)\b"
)
_NEAR = 24  # characters around a figure that say what it is a figure of


def rate_without_source(reading: Reading) -> Iterator[Span]:
    """A rate or yield in a text without a date, or without the table or notice it comes from."""
    places = list(_rates(reading))
    if not places:
        return
    dated = reading.holds(_DATE) or reading.holds_english(_DATE_ENGLISH)
    rates = reading.about.rates
    sourced = reading.holds(_SOURCE) or reading.holds_english(_SOURCE_ENGLISH)
    if rates is not None:
        sourced = sourced or rates.number in reading.text
    if not (dated and sourced):
        yield from (span for span, _ in places)


def rate_not_published(reading: Reading) -> Iterator[Span]:
    """A rate that does not stand in the bank's published table."""
    rates = reading.about.rates
    if rates is None:
        return
    for span, figure in _rates(reading):
        if figure and not rates.holds(figure):
            yield span


def _rates(reading: Reading) -> Iterator[tuple[Span, str]]:
    """Places of rates and their figures as digits, "" where they are written in words."""
    text = reading.folded.text
    seen: set[int] = set()
    for found in _FIGURE.finditer(text):
        around = text[max(0, found.start() - _NEAR) : found.end() + _NEAR // 2]
        if _ABOUT_MONEY.search(around):
            seen.add(reading.folded.place(*found.span())[0])
            yield reading.folded.place(*found.span()), found[1] or ""
    words = reading.english
    if words is not None:
        for found in _FIGURE_ENGLISH.finditer(words.text):
            around = words.text[max(0, found.start() - 60) : found.end() + 40]
            if words.place(*found.span())[0] not in seen and _ABOUT_MONEY_ENGLISH.search(around):
                yield words.place(*found.span()), found[1]
