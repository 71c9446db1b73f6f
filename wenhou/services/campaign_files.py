"""A campaign's YAML document read and checked: every fault names file, line, field and the nearest legal word.

Start here: `read_campaigns` for what a person wrote (all faults at once), `campaign_from_document` for what is kept.
The parts: `campaign_triggers`, `campaign_steps` (how it is written), `campaign_checks` (whether it can work),
`campaign_writing` (back to YAML). The fields, each explained: docs/examples/campaign-full.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wenhou.core.audience import EVERYBODY
from wenhou.core.campaigns import Approval, Campaign, FestivalTrigger, Late, Limits, Waves
from wenhou.core.errors import InputError
from wenhou.core.opinions import Opinion
from wenhou.core.purposes import Purpose
from wenhou.services.campaign_checks import NOTHING_KNOWN, Surroundings, check_campaign, check_together
from wenhou.services.campaign_reading import CampaignReader, faults_of, raise_faults
from wenhou.services.campaign_steps import SHORTHAND, WrittenStep, read_steps
from wenhou.services.campaign_triggers import read_trigger
from wenhou.services.campaign_writing import write_campaign
from wenhou.services.opinion_files import read_opinion
from wenhou.services.yaml_reading import load_documents, plain

KEY = re.compile(r"[a-z][a-z0-9_]{1,58}\Z")
_NEW_DOCUMENT = re.compile(r"^---[ \t]*(?:#.*)?(?:\n|\Z)", re.MULTILINE)
FIELDS = (
    *"key name purpose occasion trigger audience org channels steps approval late holdout limits waves statutory".split(),
    *"product refers seeds fallback_undelivered plan_ahead_workdays priority opinion".split(),
    *(name for name in SHORTHAND if name != "channels"),
)
_RATES = ("failure_percent", "opt_out_percent", "complaint_percent")
_SWITCHES = ("statutory", "refers", "seeds", "fallback_undelivered")
_NO_TRIGGER = FestivalTrigger(festival="")


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDocument:
    """A checked campaign, its document as plain data, and its own part of the text it was read from.

    `lines_above`: how many lines of the file stand before that part. `remarks`: what is allowed and probably not meant.
    """

    campaign: Campaign
    document: dict[str, Any]
    source: str
    file: str = ""
    lines_above: int = 0
    remarks: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One document on its way: what was read so far, and what it complained of."""

    top: Mapping[str, Any]
    reader: CampaignReader
    source: str
    lines_above: int
    campaign: Campaign | None = None
    steps: Sequence[WrittenStep] = field(default_factory=tuple)


def read_campaigns(
    text: str, file: str, *, surroundings: Surroundings = NOTHING_KNOWN
) -> list[CampaignDocument]:
    """Every campaign of a YAML file (`---` between several).

    Raises InputError with the one fault, or SeveralFaults with all of them.
    """
    return read_all([(text, file)], surroundings=surroundings)


def read_all(
    texts: Iterable[tuple[str, str]], *, surroundings: Surroundings = NOTHING_KNOWN
) -> list[CampaignDocument]:
    """Campaigns of several (text, file) that are to stand together; faults of all of them are raised at once."""
    readings: list[_Reading] = []
    faults: list[InputError] = []
    for text, file in texts:
        try:
            documents = load_documents(text, file)
        except InputError as error:
            faults.append(error)
            continue
        if not documents:
            faults.append(
                InputError("there is no campaign in this file; start with `key:` and `name:`", file=file)
            )
        readings += [
            _read(document, file, *source)
            for document, source in zip(documents, _sources(text, len(documents)), strict=True)
        ]
    for reading in readings:
        if reading.campaign is not None:
            check_campaign(reading.reader, reading.top, reading.campaign, reading.steps, surroundings)
    check_together([(one.reader, one.top, one.campaign) for one in readings], surroundings)
    raise_faults([*faults, *(fault for one in readings for fault in one.reader.faults)])
    return [_document(one, one.campaign) for one in readings if one.campaign is not None]


def campaign_from_document(document: Mapping[str, Any], key: str) -> Campaign:
    """A stored version as a value again. Its form is read, not judged anew: words may have changed since."""
    reader = CampaignReader(f"campaign {key}")
    campaign, _steps = _campaign(reader, document)
    raise_faults(reader.faults)
    return campaign


def recheck(documents: Sequence[CampaignDocument], surroundings: Surroundings) -> list[InputError]:
    """What is wrong with checked documents in other surroundings; without places, and cheap."""
    found = [(CampaignReader(one.file), one) for one in documents]
    for reader, one in found:
        specs = one.document.get("steps") or [one.document]
        steps = [
            WrittenStep(step=step, spec=spec) for step, spec in zip(one.campaign.steps, specs, strict=True)
        ]
        check_campaign(reader, one.document, one.campaign, steps, surroundings)
    check_together([(reader, one.document, one.campaign) for reader, one in found], surroundings)
    return [fault for reader, _ in found for fault in reader.faults]


def _document(reading: _Reading, campaign: Campaign) -> CampaignDocument:
    return CampaignDocument(
        campaign=campaign,
        document=plain(reading.top),
        source=reading.source or write_campaign(campaign),
        file=reading.reader.file,
        lines_above=reading.lines_above,
        remarks=tuple(reading.reader.remarks),
    )


def _sources(text: str, count: int) -> list[tuple[str, int]]:
    """Each document's own text and the lines above it; `---` at the start of a line divides, wherever it stands.

    Where that does not give as many as there are documents (`--- {key: …}` on one line), the texts are empty.
    """
    parts: list[tuple[str, int]] = []
    begins = 0
    for mark in [*_NEW_DOCUMENT.finditer(text), None]:
        ends = mark.start() if mark else len(text)
        part = text[begins:ends]
        if _says_something(part):
            parts.append((part, text.count("\n", 0, begins)))
        begins = mark.end() if mark else ends
    return parts if len(parts) == count else [("", 0)] * count


def _says_something(part: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith(("#", "%")) for line in part.splitlines())


def _read(document: Any, file: str, source: str, lines_above: int) -> _Reading:
    reader = CampaignReader(file)
    if not isinstance(document, Mapping):
        reader.complain(
            None, None, "a campaign is a block of `field: value` lines; start with `key:` and `name:`"
        )
        return _Reading(top={}, reader=reader, source=source, lines_above=lines_above)
    found = _Reading(top=document, reader=reader, source=source, lines_above=lines_above)
    try:
        found.campaign, found.steps = _campaign(reader, document)
    except InputError as error:
        reader.faults.extend(faults_of(error))
    return found


def _campaign(reader: CampaignReader, top: Mapping[str, Any]) -> tuple[Campaign, tuple[WrittenStep, ...]]:
    """The value of a document. Where the reader complained, the fields concerned hold defaults."""
    reader.known(top, FIELDS)
    key = reader.take("key", lambda: _key(reader, top), "unnamed")
    name_zh, name_en = reader.take("name", lambda: _names(reader, top, key), (key, key))
    steps: tuple[WrittenStep, ...] = reader.take("steps", lambda: read_steps(reader, top, key), ())
    late, late_days = reader.take("late", lambda: _late(reader, top), (Late.SKIP, 0))
    purposes, levels = [one.value for one in Purpose], [one.value for one in Approval]
    campaign = Campaign(
        key=key,
        name_zh=name_zh,
        name_en=name_en,
        purpose=Purpose(reader.take("purpose", lambda: reader.word(top, "purpose", purposes), "service")),
        trigger=reader.take("trigger", lambda: read_trigger(reader, top), _NO_TRIGGER),
        steps=tuple(one.step for one in steps),
        audience=reader.take("audience", lambda: reader.rule(top, "audience", "audience"), EVERYBODY),
        approval=Approval(
            reader.take("approval", lambda: reader.word(top, "approval", levels, "advisor"), "advisor")
        ),
        plan_ahead_workdays=reader.take(
            "plan_ahead_workdays", lambda: reader.number(top, "plan_ahead_workdays", 3, least=0, most=30), 3
        ),
        priority=reader.take("priority", lambda: _priority(reader, top), None),
        occasion=reader.take("occasion", lambda: _occasion(reader, top), ""),
        late=late,
        late_days=late_days,
        holdout_percent=reader.take("holdout", lambda: _holdout(reader, top), 0.0),
        limits=reader.take("limits", lambda: _limits(reader, top), Limits()),
        waves=reader.take("waves", lambda: _waves(reader, top), None),
        product=reader.take("product", lambda: _text_or_none(reader, top, "product"), None),
        org=reader.take("org", lambda: _text_or_none(reader, top, "org"), None),
        opinion=reader.take("opinion", lambda: _opinion(reader, top), None),
        **{name: _switch(reader, top, name) for name in _SWITCHES},
    )
    return campaign, steps


def _switch(reader: CampaignReader, top: Mapping[str, Any], name: str) -> bool:
    return reader.take(name, lambda: reader.truth(top, name, default=False), False)


def _key(reader: CampaignReader, top: Mapping[str, Any]) -> str:
    key = reader.text(top, "key")
    if not KEY.match(key):
        reader.fail(
            top, "key", f"{key!r} is no key: use lower-case letters, digits and _, e.g. spring_festival"
        )
    return key


def _names(reader: CampaignReader, top: Mapping[str, Any], key: str) -> tuple[str, str]:
    name = top.get("name", key)
    if not isinstance(name, Mapping):
        said = (
            reader.text({"name": name}, "name") if "name" in top and not isinstance(name, str) else str(name)
        )
        return said, said
    reader.known(name, ("zh-CN", "en"), "name.")
    for locale in ("zh-CN", "en"):
        if locale in name:
            reader.text(name, locale)
    return str(name.get("zh-CN", key)), str(name.get("en", name.get("zh-CN", key)))


def _occasion(reader: CampaignReader, top: Mapping[str, Any]) -> str:
    if top.get("occasion") is None:
        return ""
    occasion = reader.text(top, "occasion")
    if not KEY.match(occasion):
        reader.fail(
            top,
            "occasion",
            f"{occasion!r} is no occasion: use lower-case letters, digits and _, e.g. birthday",
        )
    return occasion


def _priority(reader: CampaignReader, top: Mapping[str, Any]) -> int | None:
    return reader.number(top, "priority", least=1, most=99) if top.get("priority") is not None else None


def _text_or_none(reader: CampaignReader, top: Mapping[str, Any], name: str) -> str | None:
    return reader.text(top, name) if top.get(name) is not None else None


def _opinion(reader: CampaignReader, top: Mapping[str, Any]) -> Opinion | None:
    if top.get("opinion") is None:
        return None
    return read_opinion(
        reader, reader.mapping(top["opinion"], "opinion", parent=top, name="opinion"), "opinion."
    )


def _late(reader: CampaignReader, top: Mapping[str, Any]) -> tuple[Late, int]:
    words = [one.value for one in Late]
    spec = top.get("late", Late.SKIP.value)
    if not isinstance(spec, Mapping):
        late = Late(reader.word(top, "late", words, Late.SKIP.value))
        if late is not Late.SKIP:
            reader.fail(top, "late", f"say until when: late: {{policy: {late}, days: 2}}")
        return late, 0
    reader.known(spec, ("policy", "days"), "late.")
    late = Late(reader.word(spec, "policy", words))
    if late is Late.SKIP:
        if "days" in spec:
            reader.fail(spec, "days", "skip is never sent late: leave days away")
        return late, 0
    return late, reader.number(spec, "days", least=1, most=60)


def _holdout(reader: CampaignReader, top: Mapping[str, Any]) -> float:
    value = top.get("holdout", 0)
    if isinstance(value, int) and not isinstance(value, bool) and value == 0:
        return 0.0
    return reader.percent(top, "holdout", most=50)


def _limits(reader: CampaignReader, top: Mapping[str, Any]) -> Limits:
    if top.get("limits") is None:
        return Limits()
    spec = reader.mapping(top["limits"], "limits", parent=top, name="limits")
    reader.known(spec, ("messages_a_day", *_RATES), "limits.")
    most = (
        reader.number(spec, "messages_a_day", least=1, most=100_000_000) if "messages_a_day" in spec else None
    )
    rates = {name: reader.percent(spec, name, most=100) if name in spec else None for name in _RATES}
    return Limits(messages_a_day=most, **rates)


def _waves(reader: CampaignReader, top: Mapping[str, Any]) -> Waves | None:
    if top.get("waves") is None:
        return None
    spec = reader.mapping(top["waves"], "waves", parent=top, name="waves")
    reader.known(spec, ("percents", "observe_minutes"), "waves.")
    percents = spec.get("percents")
    whole = isinstance(percents, list) and all(
        isinstance(one, int) and not isinstance(one, bool) and 1 <= one <= 99 for one in percents
    )
    if not whole or not percents or sorted(set(percents)) != list(percents):
        reader.fail(
            spec,
            "percents",
            f"percents rise from wave to wave and stay below 100, e.g. [1, 10], not {percents!r}",
        )
    return Waves(
        percents=tuple(int(one) for one in percents),
        observe_minutes=reader.number(spec, "observe_minutes", 60, least=1, most=10_080),
    )
