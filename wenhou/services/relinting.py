"""A new edition of the compliance rules is run over everything that stands: templates, articles, unsent messages.

What a rule stops goes back to its approver without the approvals it had; what a rule lifts needs its second person
again. Done in small transactions behind a cursor: a process killed between two of them goes on where it was. Until the
run is over, hand-over judges every text itself, so nothing leaves that the new rules stop.
"""

from __future__ import annotations

import logging
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from store import approvals as votes
from store import lint_editions as editions
from store.articles import list_articles
from store.audit import record
from store.database import Session
from store.lint_editions import Found
from store.models.lint import LintEdition
from store.models.messages import Message
from store.mourning import is_solemn
from store.notices import notify
from store.orgs import paths_of
from store.transitions import Change, change_status
from store.vault import VaultError
from templates.compliance.levels import Level, LintHit
from templates.compliance.rules import RULES_FILE, bundled_rules
from templates.library import TemplateVersion
from templates.mail.card import Card
from templates.render import Footer, render
from wenhou.core.actors import SYSTEM
from wenhou.core.calendars.festivals import Tone
from wenhou.core.errors import Refused, TemplateError
from wenhou.core.statuses import Event, Status
from wenhou.services.calendars import calendar_in_force
from wenhou.services.context import Context
from wenhou.services.media import cards_in_force
from wenhou.services.word_rules import WordRules, word_rules
from wenhou.services.wording import complete
from wenhou.services.words_in_force import library_in_force

log = logging.getLogger("wenhou.words")
_CHUNK = 200
REASON = "rules_changed"
NOTICE = "rules_changed"
_SHIPPED = "随版本发布的规则 (the rules that ship with the release)"


@dataclass(slots=True, kw_only=True)
class Rerun:
    """What one go of a run came to."""

    judged: int = 0
    voided: int = 0
    findings: int = 0
    is_done: bool = True


def refuse_what_rules_stop(session: Session, context: Context, message: Message) -> None:
    """Refused with the rule's sentence when the rules in force stop a message that was worded under older ones."""
    if message.reason != REASON and not editions.rerun_is_open(session):
        return
    rules = word_rules(session, context.bank, message.planned_for)
    for hit in _hits(session, context, message, rules, _Tones(session).of(message)):
        if hit.level is Level.BLOCK:
            raise Refused(f"{hit.sentence_zh} ({hit.sentence_en})", code="content_blocked")


def judge_standing_words(context: Context, *, at_most: int | None = None) -> Rerun:
    """Go on with the open run, if there is one; `at_most` messages in this go. Nothing to do costs one small query."""
    result = Rerun()
    _note_shipped_rules(context)
    with context.db.read() as session:
        edition = editions.open_rerun(session)
    if edition is None:
        return result
    if edition.rerun_cursor is None:
        _judge_sources(context, edition.id, result)
    while at_most is None or result.judged < at_most:
        if not _judge_chunk(context, edition.id, result):
            return result
    result.is_done = False
    return result


def _note_shipped_rules(context: Context) -> None:
    """A release may bring other rules: they come into force as an edition of their own, unless the bank has its own."""
    book = bundled_rules()
    digest = bytes.fromhex(book.digest)
    with context.db.read() as session:
        if not _is_news(session, digest):
            return
    now = context.clock.now()
    with context.db.write() as session:
        editions.lock_rules(session)
        if _is_news(session, digest):
            source = RULES_FILE.read_text(encoding="utf-8")
            row = editions.add_edition(session, source=source, digest=digest, note=_SHIPPED, by=None, at=now)
            record(session, now, SYSTEM, "lint_rules.shipped", "lint_edition", row.id, {"number": row.number})


def _is_news(session: Session, digest: bytes) -> bool:
    """Rules that some release brought before are none: two releases side by side would bring back their own for ever."""
    found = editions.edition_in_force(session)
    if found is None:
        return True
    is_other = found[1] != digest and not editions.is_of_the_bank(session, found[0])
    return is_other and not editions.was_shipped(session, digest)


# --- templates and articles ---------------------------------------------------------------------------------------------


def _judge_sources(context: Context, edition_id: uuid.UUID, result: Rerun) -> None:
    """Templates in force and reviewed articles; an article that is stopped needs a new review."""
    now = context.clock.now()
    with context.db.read() as session:
        rules = word_rules(session, context.bank, now.astimezone(context.bank.zone).date())
        library = library_in_force(session, now)
        cards = cards_in_force(session)
    found = [
        one
        for version in library.versions.values()
        for one in _of_template(context, rules, version, cards.get(version.card))
    ]
    with context.db.write() as session:
        for article in (one for one in list_articles(session) if one.state == "approved"):
            hits = _worst(rules.judge_article(article.title, article.summary, article.body))
            stops = any(level is Level.BLOCK for level in hits.values())
            if stops:
                article.state, article.updated_at = "draft", now
                record(
                    session, now, SYSTEM, "article.review_void", "article", article.id, {"key": article.key}
                )
            found += [
                Found("article", article.key, rule, str(level), article.reviewer_id, stops)
                for rule, level in hits.items()
            ]
        editions.keep_findings(session, edition_id, found, now)
    result.findings += len(found)


def _of_template(
    context: Context, rules: WordRules, version: TemplateVersion, card: Card | None
) -> Iterable[Found]:
    """Every variant on every channel with its samples, in the day's tone it is written for; then each piece of its turns."""
    worst: dict[str, Level] = {}
    for variant in version.variants:
        for channel in version.channels:
            words = render(
                version,
                channel,
                version.samples(),
                variant=variant,
                signature=context.bank.signature,
                footer=Footer(),
                card=card,
            )
            about = rules.about(
                purpose=version.purpose,
                channel=channel,
                tone=Tone.SOLEMN if variant.quiet else "",
                locale=version.locale,
                signature=context.bank.signature,
                template=version.key,
            )
            text = f"{words.subject}\n{words.text}" if words.subject else words.text
            worst |= _worst(rules.lint(text, about))
        plain = rules.about(
            purpose=version.purpose,
            channel="wechat",
            tone=Tone.SOLEMN if variant.quiet else "",
            locale=version.locale,
            template=version.key,
        )
        for piece in {one for turn in variant.turns for one in (*turn.pieces, *turn.sms)}:
            worst |= _worst(rules.lint(piece, plain))
    subject = f"{version.key}/{version.locale}"
    return [Found("template", subject, rule, str(level), None, False) for rule, level in worst.items()]


# --- messages that have not left ------------------------------------------------------------------------------------------


def _judge_chunk(context: Context, edition_id: uuid.UUID, result: Rerun) -> bool:
    """The next messages behind the cursor; False when there are none and the run is over, or a worker holds the next.

    What a worker holds may come back unsent after the run: the run waits for it, and hand-over judges meanwhile.
    """
    now = context.clock.now()
    with context.db.write() as session:
        edition = session.get_one(LintEdition, edition_id, with_for_update=True)
        if edition.rerun_done_at is not None:  # another process went on with it
            return False
        messages = editions.unsent_after(session, edition.rerun_cursor, _CHUNK)
        if not messages:
            edition.rerun_done_at = now
            _tell_owners(session, edition, now)
            record(
                session,
                now,
                SYSTEM,
                "lint_rules.rerun",
                "lint_edition",
                edition_id,
                {"judged": edition.judged},
            )
            return False
        rules = word_rules(session, context.bank, now.astimezone(context.bank.zone).date())
        tones = _Tones(session)
        found: list[Found] = []
        judged: list[Message] = []
        for message in messages:
            try:
                hits = _worst(_hits(session, context, message, rules, tones.of(message)))
            except (VaultError, TemplateError):  # erased, or broken at rest: hand-over cannot open it either
                log.warning("words_unreadable", extra={"message_id": str(message.id)})
                hits = {}
            void = _must_be_agreed_anew(message, hits)
            if void and not _send_back(session, message, hits, now):
                result.is_done = False
                break
            judged.append(message)
            result.voided += void
            owner = message.advisor_id
            found += [
                Found("message", str(message.id), rule, str(level), owner, void)
                for rule, level in hits.items()
            ]
        editions.keep_findings(session, edition_id, found, now)
        edition.rerun_cursor = judged[-1].id if judged else edition.rerun_cursor
        edition.judged += len(judged)
        result.judged += len(judged)
        result.findings += len(found)
    return result.is_done


def _hits(session: Session, context: Context, message: Message, rules: WordRules, tone: str) -> list[LintHit]:
    stored = votes.load_contents(session, context.vault, message)
    return [
        hit
        for content in stored.values()
        for hit in rules.judge(complete(content), purpose=message.purpose, tone=tone)
    ]


def _worst(hits: Iterable[LintHit]) -> dict[str, Level]:
    """Rule → level, of what stops or lifts; what is only unwise concerns nobody here."""
    return {hit.rule: hit.level for hit in hits if hit.level is not Level.WARN}


def _must_be_agreed_anew(message: Message, hits: Mapping[str, Level]) -> bool:
    """What is stopped, and what two people would have to agree to and one did or nobody needed to."""
    if any(level is Level.BLOCK for level in hits.values()):
        return True
    return bool(hits) and message.level < 2


def _send_back(session: Session, message: Message, hits: Mapping[str, Level], now: datetime) -> bool:
    """Back to the approver. False: it changed this very moment, or a worker holds it, and hand-over judges it itself."""
    stops = any(level is Level.BLOCK for level in hits.values())
    change = Change(
        message_id=message.id,
        was=Status(message.status),
        event=Event.REVISE,
        actor="system",
        reason=REASON,
        sets={"approvals": 0, "level": max(message.level, 1 if stops else 2), "risk": "high"},
        requires={"content_hash": message.content_hash, "claim_until": None},
    )
    if not change_status(session, [change], now):
        return False
    votes.void_votes(session, message.id, REASON, now)
    return True


class _Tones:
    """The tone of each message's day where its customer is; read once a chunk."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._calendar = calendar_in_force(session)
        self._known: dict[tuple[object, object], str] = {}

    def of(self, message: Message) -> str:
        key = (message.planned_for, message.org_id)
        if key not in self._known:
            path = paths_of(self._session, [message.org_id]).get(message.org_id) if message.org_id else None
            festivals = self._calendar.festivals_on(message.planned_for, path)
            solemn = any(one.tone is Tone.SOLEMN for one in festivals)
            self._known[key] = (
                Tone.SOLEMN if solemn or is_solemn(self._session, path, message.planned_for) else ""
            )
        return self._known[key]


def _tell_owners(session: Session, edition: LintEdition, now: datetime) -> None:
    """One notice each: to the advisors whose messages came back, and to operations for templates and articles."""
    counted: dict[uuid.UUID | None, Counter[str]] = {}
    for one in editions.list_findings(session, edition.id):
        mine = counted.setdefault(one.owner_id, Counter())
        mine[one.kind] += 1
        mine["voided"] += one.has_voided
    for owner, mine in counted.items():
        notify(session, kind=NOTICE, body={"edition": edition.number, **mine}, at=now, user_id=owner)
