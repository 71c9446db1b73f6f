"""The content library: templates as data, one file a campaign and locale under `templates/content/`.

`bundled()` gives what ships; `parse()` reads one document (a file, or a version kept in the store). Every
error names file, line and column. A loaded version is complete and checked: it renders, or says which
value is missing.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from templates import documents
from templates.engine import LOCALES, Compiled, compile_body
from templates.placeholders import Placeholder, PlaceholderType, Value
from wenhou.core.errors import TemplateError

CONTENT = Path(__file__).parent / "content"
CHANNELS = ("wechat", "wecom", "sms", "email")
_DETAILS = frozenset({PlaceholderType.DATE, PlaceholderType.MONEY})
_DETAIL_SOURCES = frozenset("event.product event.step event.next event.reference customer.card".split())
_OWN_DAYS = frozenset({"occasion.solar_day"})  # the customer's own birthday is no business


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What one channel says. Text channels have `text` only; email has subject and paragraphs (plain text)."""

    text: Compiled | None = None
    subject: Compiled | None = None
    paragraphs: tuple[Compiled, ...] = ()
    action_label: Compiled | None = None
    action_url: Compiled | None = None
    uses: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One wording. `quiet` ones are for solemn days (a birthday on 清明): no joy, no exclamation."""

    id: str
    quiet: bool
    bodies: Mapping[str, Body]


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateVersion:
    """A template as it stands for ever: same key and version, same digest, same words.

    `sms_units` is the promise for SMS (UTF-16 units with signature and opt-out line) for an ordinary
    customer. `source` is the document itself, so that the store can keep and re-read what was used.
    """

    key: str
    version: int
    locale: str
    name: str
    purpose: str
    sms_units: int
    placeholders: Mapping[str, Placeholder]
    channels: tuple[str, ...]
    variants: tuple[Variant, ...]
    source: str
    digest: str

    def variants_for(self, day_tone: str = "") -> tuple[Variant, ...]:
        """Return the wordings that suit a day: on a solemn one the quiet ones, where there are any."""
        quiet = tuple(variant for variant in self.variants if variant.quiet)
        if day_tone == "solemn" and quiet:
            return quiet
        return tuple(variant for variant in self.variants if not variant.quiet)

    def get_variant(self, variant_id: str) -> Variant:
        """Return a wording by id; TemplateError when there is none."""
        for variant in self.variants:
            if variant.id == variant_id:
                return variant
        known = ", ".join(variant.id for variant in self.variants)
        sentence = f"template {self.key!r} has no variant {variant_id!r}; there are: {known}"
        raise TemplateError(sentence, code="template_unknown")

    def uses(self, channel: str) -> frozenset[str]:
        """Return the names of all placeholders that some wording for a channel holds."""
        return frozenset(
            name
            for variant in self.variants
            if channel in variant.bodies
            for name in variant.bodies[channel].uses
        )

    @property
    def names_details(self) -> bool:
        """Whether the words hold an amount, a product or a day of business: never written to a shared number (DESIGN §5)."""
        return any(
            one.source in _DETAIL_SOURCES or (one.type in _DETAILS and one.source not in _OWN_DAYS)
            for one in self.placeholders.values()
        )

    def values_from(self, facts: Mapping[str, Value | None]) -> dict[str, Value | None]:
        """Return each placeholder's value from facts by source name (`customer.salutation`, `event.on` …)."""
        return {name: facts.get(placeholder.source) for name, placeholder in self.placeholders.items()}

    def samples(self) -> dict[str, str]:
        """Return each placeholder's sample value, for previews."""
        return {name: placeholder.sample for name, placeholder in self.placeholders.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Templates by key and locale."""

    versions: Mapping[tuple[str, str], TemplateVersion]

    def get(self, key: str, locale: str = "zh-CN") -> TemplateVersion:
        """Return the template in the locale, else in zh-CN; TemplateError when there is no such key."""
        found = self.versions.get((key, locale)) or self.versions.get((key, "zh-CN"))
        if found is None:
            known = ", ".join(sorted({known_key for known_key, _ in self.versions}))
            sentence = f"there is no template {key!r}; there are: {known}"
            raise TemplateError(sentence, code="template_unknown")
        return found

    def keys(self) -> tuple[str, ...]:
        """Return the template keys in order."""
        return tuple(sorted({key for key, _ in self.versions}))


def parse(source: str, *, locale: str, file: str | None = None) -> TemplateVersion:
    """Read one document; TemplateError with file, line and column for anything wrong in it."""
    if locale not in LOCALES:
        sentence = f"unknown locale {locale!r}; there are: {', '.join(LOCALES)}"
        raise TemplateError(sentence, file=file)
    document = documents.read(source, file)
    return TemplateVersion(
        key=document.key,
        version=document.version,
        locale=locale,
        name=document.name,
        purpose=document.purpose,
        sms_units=document.sms_units,
        placeholders=document.placeholders,
        channels=document.channels,
        variants=tuple(_variant(variant, document, locale) for variant in document.variants),
        source=source,
        digest=hashlib.sha256(source.encode()).hexdigest(),
    )


def load(folder: Path = CONTENT) -> Library:
    """Read every `<key>/<locale>.yaml` below a folder; the key inside must be the folder's name."""
    versions: dict[tuple[str, str], TemplateVersion] = {}
    for path in sorted(folder.glob("*/*.yaml")):
        file = path.relative_to(folder).as_posix()
        version = parse(_text(path, file), locale=path.stem, file=file)
        if version.key != path.parent.name:
            sentence = f"the key is {version.key!r} but the folder is {path.parent.name!r}"
            raise TemplateError(sentence, file=file, line=1, column=1)
        versions[version.key, version.locale] = version
    return Library(versions=versions)


@functools.lru_cache(maxsize=1)
def bundled() -> Library:
    """Return the library that ships with Wenhou, read and compiled once a process."""
    return load()


def _text(path: Path, file: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        sentence = f"not UTF-8 text (byte {error.start})"
        raise TemplateError(sentence, file=file, line=1, column=1) from None


def _variant(raw: documents.RawVariant, document: documents.Document, locale: str) -> Variant:
    bodies = {channel: _body(parts, document, locale) for channel, parts in raw.bodies.items()}
    return Variant(id=raw.id, quiet=raw.quiet, bodies=bodies)


def _body(parts: Mapping[str, tuple[documents.Text, ...]], document: documents.Document, locale: str) -> Body:
    compiled = {
        part: tuple(compile_body(text.value, document.placeholders, locale, text.faults) for text in texts)
        for part, texts in parts.items()
    }
    uses: dict[str, frozenset[str]] = {}
    for one in (one for several in compiled.values() for one in several):
        for name, filters in one.uses.items():
            uses[name] = uses.get(name, frozenset()) | filters
    first = {part: several[0] for part, several in compiled.items() if several}
    return Body(
        text=first.get("text"),
        subject=first.get("subject"),
        paragraphs=compiled.get("paragraphs", ()),
        action_label=first.get("action_label"),
        action_url=first.get("action_url"),
        uses=uses,
    )
