"""What a preview is asked for and what it shows; made by `wenhou.services.template_preview`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from templates.compliance.levels import Level, LintHit
from wenhou.services.preview_values import ValueUsed
from wenhou.services.word_marks import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be shown. `number` None: in force. `text`: an unsaved document instead. `customer` None: samples.

    `on`: the day, None for the occasion's next. `wording`: a variant (a) or one wording (a.2.5), None for the
    customer's own. `locale` None: the customer's language.
    """

    key: str
    locale: str | None = None
    number: int | None = None
    text: str | None = None
    customer: str | None = None
    on: date | None = None
    wording: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A broken limit or a missing value, in both languages."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLook:
    """One channel. `words`: what is judged (a mail's subject and paragraphs); `text` what is read, "" if nothing is.

    `units`: UTF-16 units of an SMS with signature and opt-out line, else bytes of UTF-8. `parts` 0: not billed by parts.
    """

    channel: str
    sender: str
    subject: str | None
    text: str
    html: str | None
    words: tuple[Run, ...]
    units: int
    parts: int
    price: tuple[str, str]
    media: tuple[str, ...]
    faults: tuple[Said, ...]
    hits: tuple[LintHit, ...]

    @property
    def may_go(self) -> bool:
        """Whether these words could be sent: made, within the limits, stopped by no rule."""
        return bool(self.text) and not self.faults and not any(one.level is Level.BLOCK for one in self.hits)


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantLine:
    """A variant to choose: how many wordings it has and for whom it is."""

    id: str
    wordings: int
    notes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A template looked at. `customer`: (number, name), None for samples. `before`, `after`: wordings beside this one."""

    key: str
    locale: str
    number: int
    name: str
    purpose: str
    wording: str
    before: str
    after: str
    variants: tuple[VariantLine, ...]
    on: date
    tone: str
    campaign: tuple[str, str]
    customer: tuple[str, str] | None
    channels: tuple[ChannelLook, ...]
    values: tuple[ValueUsed, ...]

    @property
    def may_go(self) -> bool:
        """Whether any channel could carry it."""
        return any(one.may_go for one in self.channels)
