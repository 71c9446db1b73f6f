"""What words are judged by today: the rules in force, the hosts the bank may link to, the rates it has published.

One place asks, so that planning, an advisor's edit, an approval and a new edition's run judge the same words alike.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from urllib.parse import urlsplit

from store.database import Session
from store.lint_editions import edition_in_force, edition_source
from templates.compliance.about import About, ProductFacts
from templates.compliance.levels import LintHit
from templates.compliance.lint import lint
from templates.compliance.rules import RuleBook, bundled_rules, read_rules
from templates.compliance.values import Wording, mark, prepare, value_hits
from wenhou.core.channels import EMAIL, SMS, Content
from wenhou.core.published_rates import PublishedRates
from wenhou.services.context import Bank
from wenhou.services.published_rates import rates_in_force

_MOST_BOOKS = 16
_MOST_ABOUTS = 1_024
_NAMES = tuple(f"v{number}" for number in range(64))
"""What inserted values are called among themselves."""
_lock = threading.Lock()
_books: dict[bytes, RuleBook] = {}
"""Rule books by the digest of their file, which never changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRules:
    """Everything but the words themselves. `rates` None: no rate may be quoted."""

    book: RuleBook = field(default_factory=bundled_rules)
    domains: frozenset[str] = frozenset()
    rates: PublishedRates | None = None
    _abouts: dict[tuple[object, ...], About] = field(default_factory=dict, repr=False, compare=False)

    def about(
        self,
        *,
        purpose: str,
        channel: str,
        tone: str = "",
        locale: str = "zh-CN",
        signature: str = "",
        template: str = "",
        product: ProductFacts | None = None,
        festival: str = "",
        gender: str = "",
    ) -> About:
        """What the lint is told beside a finished text of a channel. `gender`: female, male or "" for nobody knows."""
        key = (purpose, channel, tone, locale, signature, template, product, festival, gender)
        known = self._abouts.get(key)
        if known is None:  # a million messages share a few: each is made, and hashed, once
            if len(self._abouts) >= _MOST_ABOUTS:
                self._abouts.clear()
            is_sms = channel == SMS
            known = self._abouts[key] = About(
                purpose=purpose,
                day_tone=tone,
                channel=channel,
                locale=locale,
                is_finished=is_sms,
                signature=signature if is_sms else "",
                template=template,
                domains=self.domains,
                rates=self.rates,
                product=product,
                festival=festival,
                gender=gender,
            )
        return known

    def lint(self, text: str, about: About) -> tuple[LintHit, ...]:
        """Every rule in force that a text breaks."""
        return lint(text, about, self.book)

    def lint_values(self, text: str, inserted: Sequence[str], about: About) -> tuple[LintHit, ...]:
        """The same as `lint`, for texts that differ in their values: the words around them are judged once.

        `inserted`: values as they stand in the text, wherever they do; one that does not stand there is no matter.
        """
        words, marks, values = [text], list[str](), dict[str, str]()
        for number, value in enumerate(sorted(inserted, key=len, reverse=True)):
            if value not in text:
                continue
            name = _NAMES[number]
            values[name] = value
            apart: list[str] = []
            between: list[str] = []
            for place, piece in enumerate(words):  # a mark stands after each piece of words but the last
                parts = piece.split(value)
                apart += parts
                between += [mark(name)] * (len(parts) - 1) + marks[place : place + 1]
            words, marks = apart, between
        source = "".join([one for pair in zip(words, [*marks, ""], strict=True) for one in pair])
        return value_hits(_prepared(source, about, self.book), values)

    def judge(
        self, content: Content, *, purpose: str, tone: str = "", locale: str = "zh-CN"
    ) -> tuple[LintHit, ...]:
        """Every rule a finished text breaks; places are in `words_of`."""
        about = self.about(
            purpose=purpose, channel=content.channel, tone=tone, locale=locale, signature=content.sender
        )
        return self.lint(words_of(content), about)

    def judge_article(self, title: str, summary: str, body: str) -> tuple[LintHit, ...]:
        """Every rule that policy news breaks, its headline and summary too; places are in the three, one a line."""
        about = self.about(purpose="information", channel="wechat")
        return self.lint(f"{title}\n{summary}\n{body}", about)


@lru_cache(maxsize=16_384)
def _prepared(source: str, about: About, book: RuleBook) -> Wording:
    return prepare(source, about, book)


def words_of(content: Content) -> str:
    """What is judged of a text: the subject's line, then the body; of a mail its paragraphs, without the frame."""
    if content.channel != EMAIL or "paragraphs" not in content.parameters:
        return f"{content.subject}\n{content.text}" if content.subject else content.text
    parts = (content.parameters.get(name, "") for name in ("paragraphs", "action_label", "action_url"))
    return "\n".join(one for one in (content.subject or "", *parts) if one)


def rules_in_force(session: Session) -> RuleBook:
    """The bank's newest approved edition, else the rules that ship. One small query."""
    found = edition_in_force(session)
    if found is None:
        return bundled_rules()
    edition_id, digest = found
    with _lock:
        known = _books.get(digest)
    if known is None:
        known = read_rules(edition_source(session, edition_id), "compliance rules")
        with _lock:
            if len(_books) >= _MOST_BOOKS:
                _books.clear()
            _books[digest] = known
    return known


def word_rules(session: Session, bank: Bank, day: date) -> WordRules:
    """What words for a day are judged by."""
    host = urlsplit(bank.public_url).hostname or ""
    return WordRules(
        book=rules_in_force(session),
        domains=frozenset({host, *bank.link_domains}),
        rates=rates_in_force(session, day),
    )
