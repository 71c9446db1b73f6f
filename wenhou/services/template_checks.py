"""Whether a template's text may be kept: it parses, every wording renders within its limits, the lint lets it pass.

Everything is told with file, line and column; nothing is stored here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from templates import documents
from templates.compliance.about import About
from templates.compliance.lint import Level, lint
from templates.compliance.rules import RuleBook
from templates.engine import LOCALES
from templates.library import Library, TemplateVersion, parse
from templates.mail.card import Card
from templates.render import PROBLEMS, Footer, Rendered, render
from templates.wordings import Variant, Wording
from wenhou.core.campaigns import Campaign
from wenhou.core.errors import InputError, TemplateError
from wenhou.services.campaign_reading import raise_faults
from wenhou.services.campaign_words import misfits
from wenhou.services.context import Bank
from wenhou.services.text_files import read_text

_MOST_BYTES = 600_000
"""Nobody means a longer file; it is not even read."""
_LINK = "https://example.com/p"
_CARD = Card(digest="sha256:" + "0" * 64, width=600, height=300, alt_zh="贺卡", alt_en="Greeting card")


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateText:
    """A document as it was given: its text, its locale and where it came from."""

    text: str
    locale: str
    file: str = "template"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A document without faults. `remarks`: what the lint would rather have otherwise. `parts`: SMS parts by wording."""

    version: TemplateVersion
    file: str
    remarks: tuple[str, ...]
    parts: Mapping[str, int]


def read_template_file(path: Path, locale: str | None = None) -> TemplateText:
    """A file from disk; InputError when it cannot be text. The locale is the file's name (`en.yaml`) unless given."""
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    if size > _MOST_BYTES:
        raise InputError(f"the file is larger than any template ({_MOST_BYTES // 1000} kB)", file=str(path))
    text = read_text(path)
    if "\x00" in text:
        raise InputError("this is no text but binary", file=str(path), line=1, column=1)
    named = path.stem if path.stem in LOCALES else "zh-CN"
    return TemplateText(text=text, locale=locale or named, file=str(path))


def check_text(given: TemplateText, bank: Bank, book: RuleBook | None = None) -> Checked:
    """Read, render with samples, measure and lint a document; InputError with every fault and its place.

    `book`: the rules in force; None, where there is no store to ask: those that ship.
    """
    if given.locale not in LOCALES:
        raise InputError(f"{given.locale!r} is no locale; there are {', '.join(LOCALES)}", column="--locale")
    version = parse(given.text, locale=given.locale, file=given.file)
    places = _Places(given)
    faults: list[InputError] = []
    remarks: list[str] = []
    parts: dict[str, int] = {}
    for variant in version.variants:
        for wording in _samples_of(variant):
            for made in _rendered(version, wording, bank):
                faults += _limits(version, made, places)
                parts |= {made.variant: made.parts} if made.channel == "sms" and made.ok else {}
                for level, said in _linted(version, made, book):
                    if level is Level.BLOCK:
                        faults.append(places.fault(made, said))
                    else:
                        remarks.append(f"{version.key} {made.variant} {made.channel}: {said}")
    raise_faults(faults)
    return Checked(version=version, file=given.file, remarks=tuple(dict.fromkeys(remarks)), parts=parts)


def check_purposes(found: Checked, others: Mapping[str, str]) -> None:
    """InputError unless the purpose is that of the template's other versions (`others`: which → its purpose)."""
    for which, purpose in others.items():
        if purpose != found.version.purpose:
            raise TemplateError(
                f"{found.version.key} is {found.version.purpose} here and {purpose} in {which}; a template has one "
                "purpose in all its locales and versions",
                file=found.file,
                line=_line_of(found.version.source, "purpose:"),
                column=1,
            )


def check_campaigns(version: TemplateVersion, live: list[Campaign], file: str | None = None) -> None:
    """InputError, naming the campaign, where a live one would lack a channel or a value."""
    for campaign in live:
        lacks = misfits(campaign, version)
        if lacks:
            raise TemplateError(
                f"campaign {campaign.key}（{campaign.name_zh}）uses this template: {'; '.join(lacks)}",
                file=file,
                line=1 if file else None,
                column=1 if file else None,
                code="template_in_use",
            )


def check_gone(key: str, library: Library, live: list[Campaign]) -> None:
    """InputError, naming the campaign, where a live one uses a template that would be there no more."""
    if any(known == key for known, _ in library.versions):
        return
    for campaign in live:
        for step in campaign.message_steps:
            if key in (step.template, step.alternative.template if step.alternative else key + "?"):
                raise TemplateError(
                    f"campaign {campaign.key}（{campaign.name_zh}）uses template {key}; without this version there "
                    "would be none",
                    code="template_in_use",
                )


class _Places:
    """Where the words of a rendering stand in the document."""

    def __init__(self, given: TemplateText) -> None:
        self._file = given.file
        self._variants = {one.id: one for one in documents.read(given.text, given.file).variants}

    def fault(self, made: Rendered, sentence: str) -> TemplateError:
        variant = self._variants[made.variant.partition(".")[0]]
        texts = next(iter(variant.bodies[made.channel].values()))
        place = texts[0].faults if texts else variant.place
        said = f"variant {made.variant}, {made.channel}: {sentence}"
        return TemplateError(said, file=self._file, line=place.line, column=place.column)


def _samples_of(variant: Variant) -> Iterator[Wording]:
    """Wordings that hold every piece of every turn at least once, and the longest of each together."""
    most = max((len(turn.pieces) for turn in variant.turns), default=1)
    for number in range(most):
        yield Wording(variant=variant, picks=tuple(number % len(turn.pieces) for turn in variant.turns))
    if variant.turns:
        longest = (max(range(len(turn.sms)), key=lambda at: len(turn.sms[at])) for turn in variant.turns)
        yield Wording(variant=variant, picks=tuple(longest))


def _rendered(version: TemplateVersion, wording: Wording, bank: Bank) -> Iterator[Rendered]:
    """Each channel with every value given, and with none but the required ones."""
    samples = version.samples()
    needed = {
        name: None if version.placeholders[name].default is not None else value
        for name, value in samples.items()
    }
    footer = Footer(branch=bank.name, hotline=bank.hotline, preferences_url=_LINK)
    for channel in version.channels:
        for values in (samples, needed) if needed != samples else (samples,):
            yield render(
                version,
                channel,
                dict(values),
                variant=wording,
                signature=bank.signature,
                footer=footer,
                card=_CARD if version.card else None,
            )


def _limits(version: TemplateVersion, made: Rendered, places: _Places) -> Iterator[InputError]:
    for problem in made.problems:
        zh, en = PROBLEMS.get(problem.code, (problem.code, problem.code))
        which = " ".join(part for part in (problem.placeholder, problem.detail) if part)
        yield places.fault(made, f"{zh} ({en}{': ' + which if which else ''})")
    if made.channel == "sms" and made.units > version.sms_units:
        yield places.fault(
            made,
            f"{made.units} units with signature and opt-out line, the document promises {version.sms_units}; "
            "shorten it or say sms_units",
        )


def _linted(version: TemplateVersion, made: Rendered, book: RuleBook | None) -> Iterator[tuple[Level, str]]:
    if not made.ok:
        return
    body = made.parameters.get("paragraphs", made.text) if made.channel == "email" else made.text
    words = "\n".join(part for part in (made.subject or "", body) if part)
    for hit in lint(words, _about(version, made), book):
        yield hit.level, f"{hit.rule}: {hit.sentence_zh} ({hit.sentence_en}) “{hit.found}”"


def _about(version: TemplateVersion, made: Rendered) -> About:
    is_sms = made.channel == "sms"
    quiet = version.get_wording(made.variant).variant.quiet
    return About(
        purpose=version.purpose,
        day_tone="solemn" if quiet else "",
        channel=made.channel,
        locale=version.locale,
        is_finished=is_sms,
        template=version.key,
    )


def _line_of(source: str, start: str) -> int:
    lines = source.splitlines()
    return next((at for at, line in enumerate(lines, 1) if line.startswith(start)), 1)
