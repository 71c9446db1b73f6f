"""Whether a voice may be used at all: what an advisor may sign with and say, each fault with its field and sentence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from templates.compliance.about import About
from templates.compliance.lint import Level, LintHit, lint
from templates.compliance.rules import RuleBook
from templates.sms_body import refused_characters
from wenhou.core.purposes import Purpose
from wenhou.core.voices import MAX_PHRASE, MAX_PHRASES, MAX_SIGN_OFF, TONES, Phrase

_LINK = re.compile(r"(?i)https?[:：]|www\.|[a-z0-9-]+[.。](?:com|cn|net|org|top|vip|cc|io|me)\b")
_ENDS = re.compile(r"[。！？!?；;…\n]+")
_MARKS = re.compile(r"[{}<>\[\]【】|\\`~#$^*_=+@%％‰]")
_COUNTED = re.compile(r"[一二三四五六七八九十百千万亿两]+(?:元|万|亿|折|倍|成|个点|分之)")


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceDraft:
    """What an advisor wrote: a sign-off, a tone ("" leaves it open) and sentences of their own."""

    sign_off: str = ""
    tone: str = ""
    phrases: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceFault:
    """What is wrong with one field: `sign_off`, `tone`, `phrases`, or `phrases.3` (from 1). `start`, `end`: its place."""

    field: str
    sentence_zh: str
    sentence_en: str
    start: int = 0
    end: int = 0

    @property
    def sentence(self) -> str:
        """Both languages, as services say things."""
        return f"{self.sentence_zh} ({self.sentence_en})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What names may be used, and which may not be said: template keys, and the names of the bank's products.

    `rules`: the compliance rules in force; None: those that ship.
    """

    templates: frozenset[str]
    products: tuple[str, ...] = ()
    rules: RuleBook | None = None


def check_voice(draft: VoiceDraft, known: Known) -> tuple[VoiceFault, ...]:
    """Every fault of a voice, in the order of its fields; empty: it may be submitted."""
    faults = list(_sign_off(draft.sign_off, known))
    if draft.tone and draft.tone not in TONES:
        faults.append(_fault("tone", "没有这种语气", f"no such tone; there are {', '.join(TONES)}"))
    if len(draft.phrases) > MAX_PHRASES:
        faults.append(_fault("phrases", f"自己的话最多{MAX_PHRASES}句", f"at most {MAX_PHRASES} sentences"))
    texts = [one.text for one in draft.phrases]
    for number, phrase in enumerate(draft.phrases, 1):
        field = f"phrases.{number}"
        if phrase.text in texts[: number - 1]:
            faults.append(_fault(field, "这句话写了两遍", "this sentence stands twice"))
        faults += _phrase(field, phrase, known)
    return tuple(faults)


def _sign_off(text: str, known: Known) -> Iterator[VoiceFault]:
    if not text:
        return
    if len(text) > MAX_SIGN_OFF:
        yield _fault(
            "sign_off", f"落款最多{MAX_SIGN_OFF}个字", f"a sign-off has at most {MAX_SIGN_OFF} characters"
        )
    if _ENDS.search(text):
        yield _fault("sign_off", "落款是一个称呼，不是一句话", "a sign-off is a name, not a sentence")
    yield from _plain("sign_off", text, known)
    yield from _linted("sign_off", text, ("care",), known.rules, solemn=False)


def _phrase(field: str, phrase: Phrase, known: Known) -> Iterator[VoiceFault]:
    text = phrase.text
    if not text.strip():
        yield _fault(field, "内容不能为空", "the sentence is empty")
        return
    if len(text) > MAX_PHRASE:
        yield _fault(
            field, f"每句最多{MAX_PHRASE}个字", f"at most {MAX_PHRASE} characters", MAX_PHRASE, len(text)
        )
    inner = _ENDS.search(text.rstrip("。！？!?；;…"))
    if inner is not None:
        yield _fault(field, "只写一句话", "one sentence only", inner.start(), len(text))
    for name in sorted(phrase.templates - known.templates):
        yield _fault(field, f"没有模板“{name}”", f"there is no template {name!r}")
    for name in sorted(phrase.purposes - {one.value for one in Purpose}):
        yield _fault(field, f"没有用途“{name}”", f"there is no purpose {name!r}")
    yield from _plain(field, text, known)
    purposes = sorted(phrase.purposes & {one.value for one in Purpose}) or [one.value for one in Purpose]
    yield from _linted(field, text, purposes, known.rules, solemn=phrase.solemn)


def _plain(field: str, text: str, known: Known) -> Iterator[VoiceFault]:
    """What no lint need know: characters, links, numbers, names of products."""
    if not text.isprintable():
        yield _fault(field, "含不可见字符", "it holds invisible characters")
    if (link := _LINK.search(text)) is not None:
        yield _fault(field, "不能放链接", "no links", *link.span())
    number = next((at for at, char in enumerate(text) if unicodedata.category(char) in {"Nd", "No"}), None)
    counted = _COUNTED.search(text)
    if number is not None:
        yield _fault(field, "不能写数字", "no numbers", number, number + 1)
    elif counted is not None:
        yield _fault(field, "不能写数字和金额", "no numbers or amounts", *counted.span())
    if refused := refused_characters(text):
        at = text.index(refused[0])
        yield _fault(field, f"短信发不出“{refused}”", f"lines refuse {refused}", at, at + 1)
    elif (mark := _MARKS.search(text)) is not None:
        yield _fault(field, f"不能用“{mark[0]}”", f"no {mark[0]} here", *mark.span())
    for name in known.products:
        if (at := text.find(name)) >= 0:
            yield _fault(field, f"不能提产品“{name}”", f"no product: {name}", at, at + len(name))


def _linted(
    field: str, text: str, purposes: Sequence[str], book: RuleBook | None, *, solemn: bool
) -> Iterator[VoiceFault]:
    """Hits that stop words or lift their approval; both are too much for a sentence that goes to everybody."""
    seen: set[str] = set()
    tones = ("", "solemn") if solemn else ("",)
    for purpose in purposes:
        for tone in tones:
            for hit in lint(text, About(purpose=purpose, day_tone=tone), book):
                if hit.level is not Level.WARN and hit.rule not in seen:
                    seen.add(hit.rule)
                    yield _from_hit(field, hit)


def _from_hit(field: str, hit: LintHit) -> VoiceFault:
    return _fault(field, hit.sentence_zh, hit.sentence_en, hit.start, hit.end)


def _fault(field: str, zh: str, en: str, start: int = 0, end: int = 0) -> VoiceFault:
    return VoiceFault(field=field, sentence_zh=zh, sentence_en=en, start=start, end=end)
