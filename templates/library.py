"""The content library: templates as data, one file a campaign and locale under `templates/content/`.

`bundled()` gives what ships; `parse()` reads one document (a file, or a version kept in the store). Every
error names file, line and column. A loaded version is complete and checked: it renders, or says which
value is missing.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from templates import documents
from templates.engine import LOCALES, compile_body
from templates.placeholders import Placeholder, PlaceholderType, Value
from templates.sms_amounts import refuse_amounts
from templates.wordings import MAX_ID, MAX_WORDINGS, Body, Turn, Variant, Wording, Wordings, get_wording
from wenhou.core.errors import TemplateError

CONTENT = Path(__file__).parent / "content"
CHANNELS = ("wechat", "wecom", "sms", "email")
_DETAILS = frozenset({PlaceholderType.DATE, PlaceholderType.MONEY})
_DETAIL_SOURCES = frozenset("event.product event.step event.next event.reference customer.card".split())
_OWN_DAYS = frozenset({"occasion.solar_day"})  # the customer's own birthday is no business


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
    card: str = ""

    def variants_for(self, day_tone: str = "") -> tuple[Variant, ...]:
        """Return the wordings that suit a day: on a solemn one the quiet ones, where there are any."""
        quiet = tuple(variant for variant in self.variants if variant.quiet)
        if day_tone == "solemn" and quiet:
            return quiet
        return tuple(variant for variant in self.variants if not variant.quiet)

    def wordings_for(
        self, day_tone: str = "", *, tier: str = "", voice: str = "", nameless: bool = False
    ) -> Wordings:
        """Return the wordings that suit a day, a customer's tier, an advisor's voice and a line; empty: none does.

        `nameless`: the line allows no variables, so only wordings without any; else those with a name come first.
        """
        key = (self.digest, self.locale, day_tone == "solemn", tier, voice, nameless)
        known = _WORDINGS.get(key)
        if known is None:
            if len(_WORDINGS) >= _MOST_WORDINGS:
                _WORDINGS.clear()
            suited = _suited(self.variants_for(day_tone), tier=tier, voice=voice, nameless=nameless)
            known = _WORDINGS[key] = Wordings(suited)
        return known

    def get_wording(self, wording_id: str) -> Wording:
        """Return a wording by the id a message keeps (`a`, `a.2.5`); TemplateError when there is none."""
        return get_wording(self.variants, wording_id)

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
    variants = tuple(_variant(variant, document, locale) for variant in document.variants)
    count = sum(variant.count for variant in variants)
    if count > MAX_WORDINGS:
        sentence = f"the turns make {count} wordings; at most {MAX_WORDINGS}: take some pieces away"
        raise TemplateError(sentence, file=file, line=1, column=1)
    return TemplateVersion(
        key=document.key,
        version=document.version,
        locale=locale,
        name=document.name,
        purpose=document.purpose,
        sms_units=document.sms_units,
        placeholders=document.placeholders,
        channels=document.channels,
        variants=variants,
        source=source,
        digest=hashlib.sha256(source.encode()).hexdigest(),
        card=document.card,
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


def _suited(variants: Sequence[Variant], *, tier: str, voice: str, nameless: bool) -> tuple[Variant, ...]:
    """Those for a line, a tier and a voice; tier and voice are wishes: where nothing answers them, the rest serves."""
    if nameless:
        found = [one for one in variants if one.nameless]
    else:
        found = [one for one in variants if not one.nameless] or list(variants)
    for_tier = [one for one in found if tier in one.tiers] or [one for one in found if not one.tiers]
    return tuple([one for one in for_tier if voice and one.voice == voice] or for_tier)


def _variant(raw: documents.RawVariant, document: documents.Document, locale: str) -> Variant:
    bodies: dict[str, Body] = {}
    held: dict[str, frozenset[str]] = {}
    for channel, parts in raw.bodies.items():
        if channel == "sms":
            refuse_amounts(parts["text"], document.placeholders)
        bodies[channel], held[channel] = _body(parts, document, locale)
    turns = tuple(turn for turn in document.turns if any(turn.name in names for names in held.values()))
    _check_turns(raw, turns, held)
    if raw.nameless:
        _check_nameless(raw, bodies)
    return Variant(
        id=raw.id,
        quiet=raw.quiet,
        nameless=raw.nameless,
        tiers=raw.tiers,
        voice=raw.voice,
        turns=turns,
        bodies=bodies,
    )


def _check_turns(
    raw: documents.RawVariant, turns: Sequence[Turn], held: Mapping[str, frozenset[str]]
) -> None:
    """A turn stands on every channel of its variant: else two wordings would read the same on one of them."""
    for turn in turns:
        for channel, names in held.items():
            if turn.name not in names:
                sentence = (
                    f"variant {raw.id!r} uses the turn {turn.name!r} on some channels, but not on {channel}"
                )
                raise raw.place.at("", 1, sentence)
    longest = len(raw.id) + sum(1 + len(str(len(turn.pieces))) for turn in turns)
    if longest > MAX_ID:
        sentence = f"the wordings of {raw.id!r} would have ids of {longest} characters; at most {MAX_ID}"
        raise raw.place.at("", 1, sentence)


def _check_nameless(raw: documents.RawVariant, bodies: Mapping[str, Body]) -> None:
    for channel, body in bodies.items():
        if body.uses:
            named = ", ".join(sorted(body.uses))
            sentence = f"variant {raw.id!r} says it is nameless, but its {channel} text holds {named}"
            raise raw.place.at("", 1, sentence)


def _body(
    parts: Mapping[str, tuple[documents.Text, ...]], document: documents.Document, locale: str
) -> tuple[Body, frozenset[str]]:
    """The compiled body, and the names of the turns it holds."""
    declared = {**document.placeholders, **{turn.name: _stand_in(turn) for turn in document.turns}}
    compiled = {
        part: tuple(compile_body(text.value, declared, locale, text.faults) for text in texts)
        for part, texts in parts.items()
    }
    uses: dict[str, frozenset[str]] = {}
    for one in (one for several in compiled.values() for one in several):
        for name, filters in one.uses.items():
            uses[name] = uses.get(name, frozenset()) | filters
    turns = frozenset(uses) - frozenset(document.placeholders)
    first = {part: several[0] for part, several in compiled.items() if several}
    body = Body(
        text=first.get("text"),
        subject=first.get("subject"),
        paragraphs=compiled.get("paragraphs", ()),
        action_label=first.get("action_label"),
        action_url=first.get("action_url"),
        uses={name: filters for name, filters in uses.items() if name not in turns},
    )
    return body, turns


def _stand_in(turn: Turn) -> Placeholder:
    """A turn as the syntax check sees it: a text that may be printed, and no filter fits."""
    return Placeholder(name=turn.name, type=PlaceholderType.TURN, source="", sample=turn.pieces[0])


_WORDINGS: dict[tuple[object, ...], Wordings] = {}
_MOST_WORDINGS = 512
