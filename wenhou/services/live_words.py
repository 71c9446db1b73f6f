"""Words looked at while somebody types them: a template's document, or one message's channels. Nothing is stored.

Says exactly what saving would say, so that nobody learns it only then.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from store import approvals as votes
from templates.compliance.levels import Level, LintHit
from wenhou.core import sms_text
from wenhou.core.actors import Actor
from wenhou.core.channels import SMS, Content
from wenhou.core.errors import InputError, Refused
from wenhou.core.limits.prices import NAMES, price_class
from wenhou.services import template_life as life
from wenhou.services import wording
from wenhou.services.campaign_reading import faults_of
from wenhou.services.context import Context
from wenhou.services.deciding import load_standing, waiting
from wenhou.services.edit_faults import EditFault, EditRefused
from wenhou.services.editing import filed_choices, tone_of
from wenhou.services.filed_texts import FiledWording
from wenhou.services.preview_types import Preview, Wanted
from wenhou.services.template_checks import TemplateText
from wenhou.services.template_preview import preview
from wenhou.services.template_standing import check_may_write
from wenhou.services.word_marks import Run, runs, sorted_hits
from wenhou.services.word_rules import WordRules, word_rules

_MOST = 400_000
"""Characters of a document that are looked at while typing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftCheck:
    """A document as it stands. `faults`: why it cannot be kept, with places; `remarks`: what is better otherwise.

    `preview` None: it cannot be read yet.
    """

    faults: tuple[InputError, ...]
    remarks: tuple[str, ...]
    preview: Preview | None

    @property
    def is_sound(self) -> bool:
        """Whether it may be kept."""
        return not self.faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A rule or limit that typed words break, placed in the field they were typed in."""

    level: str
    fault: EditFault


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCheck:
    """One channel as typed. `units`, `parts` of an SMS as it would leave, 0 while it cannot; `words`: the typed text."""

    channel: str
    units: int
    parts: int
    price: tuple[str, str]
    words: tuple[Run, ...]
    hits: tuple[Hit, ...]

    @property
    def may_save(self) -> bool:
        """Whether nothing stops these words."""
        return all(one.level != Level.BLOCK for one in self.hits)


def check_draft(context: Context, actor: Actor, wanted: Wanted) -> DraftCheck:
    """A document that is being written: faults with places, remarks, and the preview as far as it can be read."""
    check_may_write(actor)
    text, locale = wanted.text or "", wanted.locale or "zh-CN"
    if len(text) > _MOST:
        error = InputError(f"文本太长，最多{_MOST}字 (longer than any template: at most {_MOST})", line=1)
        return DraftCheck(faults=(error,), remarks=(), preview=None)
    faults: tuple[InputError, ...] = ()
    remarks: tuple[str, ...] = ()
    try:
        (found,) = life.validate(context, [TemplateText(text=text, locale=locale, file="")])
        remarks = found.remarks
        if wanted.key and found.version.key != wanted.key:
            faults = (
                InputError(
                    f"key 应为 {wanted.key} (the key of this template is {wanted.key})", line=1, column=1
                ),
            )
    except InputError as error:
        faults = faults_of(error)
    try:
        made = preview(context, actor, replace(wanted, number=None, locale=locale))
    except InputError as error:
        return DraftCheck(faults=faults or faults_of(error), remarks=remarks, preview=None)
    return DraftCheck(faults=faults, remarks=remarks, preview=made)


def check_edit(
    context: Context, actor: Actor, message_id: uuid.UUID, edits: Mapping[str, wording.Edit]
) -> tuple[ChannelCheck, ...]:
    """A waiting message's words while they are changed; AccessDenied or Refused as saving them would."""
    with context.db.read() as session:
        message = waiting(session, load_standing(session, actor, message_id, lock=False))
        stored = votes.load_contents(session, context.vault, message)
        rules = word_rules(session, context.bank, message.planned_for)
        tone, purpose = tone_of(session, message), message.purpose
        is_shared = votes.is_shared(session, message)
        filed = {
            channel: filed_choices(session, stored[channel], message)
            for channel in edits
            if channel in stored and wording.is_filed(stored[channel])
        }
    found = []
    for channel, edit in edits.items():
        if channel in stored:
            desk = _Desk(rules=rules, purpose=purpose, tone=tone, is_shared=is_shared)
            found.append(desk.check(stored[channel], edit, filed.get(channel)))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What all channels of one message share."""

    rules: WordRules
    purpose: str
    tone: str
    is_shared: bool

    def check(
        self, content: Content, edit: wording.Edit, filed: Mapping[str, FiledWording] | None
    ) -> ChannelCheck:
        """One channel."""
        try:
            made = wording.apply_edit(content, edit, self.purpose, filed)
        except Refused as error:
            hits = [*_limits(content, error), *self._raw(content, edit)]
            return _checked(content.channel, edit, hits, None)
        hits = [_placed(made, self.purpose, one) for one in sorted_hits(self._judged(made))]
        if self.is_shared:
            try:
                wording.refuse_details({made.channel: made})
            except Refused as error:
                hits = [*_limits(made, error), *hits]
        return _checked(content.channel, edit, hits, made)

    def _judged(self, made: Content) -> tuple[LintHit, ...]:
        return self.rules.judge(made, purpose=self.purpose, tone=self.tone)

    def _raw(self, content: Content, edit: wording.Edit) -> Iterator[Hit]:
        """What the typed words break although no channel could carry them yet."""
        about = self.rules.about(purpose=self.purpose, channel=content.channel, tone=self.tone)
        about = replace(about, is_finished=False)
        for one in sorted_hits(self.rules.lint(edit.text, about)):
            if one.end > one.start:
                yield Hit(
                    level=one.level.value,
                    fault=EditFault(
                        channel=content.channel,
                        rule=one.rule,
                        sentence_zh=one.sentence_zh,
                        sentence_en=one.sentence_en,
                        start=one.start,
                        end=one.end,
                        found=one.found,
                    ),
                )


def _placed(made: Content, purpose: str, hit: LintHit) -> Hit:
    return Hit(level=hit.level.value, fault=wording.placed(made, purpose, hit))


def _limits(content: Content, error: Refused) -> list[Hit]:
    if isinstance(error, EditRefused):
        return [Hit(level=Level.BLOCK.value, fault=one) for one in error.faults]
    zh, _, en = str(error).rstrip(")").partition(" (")
    fault = EditFault(channel=content.channel, rule=error.code, sentence_zh=zh, sentence_en=en or zh)
    return [Hit(level=Level.BLOCK.value, fault=fault)]


def _checked(channel: str, edit: wording.Edit, hits: list[Hit], made: Content | None) -> ChannelCheck:
    units = parts = 0
    if channel == SMS and made is not None:
        segments = sms_text.split_text(made.text)
        units, parts = segments.units, len(segments.parts)
    return ChannelCheck(
        channel=channel,
        units=units,
        parts=parts,
        price=NAMES[price_class(parts)],
        words=runs(edit.text, [_as_lint(one) for one in hits if one.fault.field == "text"]),
        hits=tuple(hits),
    )


def _as_lint(one: Hit) -> LintHit:
    fault = one.fault
    return LintHit(
        rule=fault.rule,
        level=Level(one.level),
        start=fault.start,
        end=fault.end,
        found=fault.found,
        sentence_zh=fault.sentence_zh,
        sentence_en=fault.sentence_en,
        source="",
    )
