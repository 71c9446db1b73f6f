"""Entering what a provider has filed: a file of texts and signatures with their states, checked before anything is kept.

A filed text must be the very words of the wording it carries, with gaps where that has values: then what was approved
here, what was filed there and what the customer reads are one text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, combinations
from pathlib import Path
from typing import Any, NoReturn

from ruamel.yaml.comments import CommentedSeq

from store.audit import record
from store.database import Session
from store.filed_texts import KINDS, STATES, Filing, list_filings, write_filing
from store.orgs import get_org
from templates.compliance.about import About
from templates.compliance.levels import Level
from templates.library import Library, TemplateVersion
from templates.render import render
from templates.sms_body import suffix_for
from wenhou.core.actors import Actor, Role
from wenhou.core.channels import SMS
from wenhou.core.errors import AccessDenied, InputError, TemplateError
from wenhou.core.limits.dialects import dialect_of
from wenhou.core.limits.filed import FiledText, check_filed, find_fit
from wenhou.core.sms_text import SmsTextInvalid, check_signature_name
from wenhou.services.context import Context
from wenhou.services.text_files import read_text
from wenhou.services.word_rules import WordRules, word_rules
from wenhou.services.words_in_force import library_in_force
from wenhou.services.yaml_reading import YamlReader, load_documents

_FIELDS = (
    "provider account kind code org carrier state text variables template wording locale "
    "submitted decided withdrawn reason".split()
)
_LONGEST = {"provider": 30, "account": 60, "code": 80, "carrier": 30, "template": 80, "wording": 12}
_SAMPLE_SIGNATURE = "样本银行"
_MOST_OPTIONAL = 6
"""Optional values tried there and not there: 64 texts at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledEntry:
    """One filing of a file, and where it stands there."""

    filing: Filing
    file: str
    line: int


def read_filings(path: Path) -> list[FiledEntry]:
    """The filings of a file (YAML, `filed:` and a list); InputError names file, line and what would be right."""
    file = str(path)
    documents = load_documents(read_text(path), file)
    if len(documents) != 1 or not isinstance(documents[0], Mapping):
        raise InputError("one document that starts with `filed:`", file=file)
    reader, top = YamlReader(file), documents[0]
    reader.known(top, ("filed",))
    rows = top.get("filed")
    if not isinstance(rows, CommentedSeq) or not rows:
        reader.fail(top, "filed", "filed: give a list of {provider, account, kind, code, state …}")
    entries = [
        FiledEntry(filing=_filing(reader, rows, index), file=file, line=rows.lc.data[index][0] + 1)
        for index in range(len(rows))
    ]
    _refuse_twice(entries)
    return entries


def apply_filings(context: Context, actor: Actor, entries: Sequence[FiledEntry]) -> dict[str, int]:
    """Write the filings, all or none; one that stands under the same code, org and carrier is changed.

    InputError where a text is not the wording it says it carries, a provider would refuse it, or a rule stops it.
    """
    _check_right(actor)
    now = context.clock.now()
    figures = {"created": 0, "changed": 0, "unchanged": 0}
    with context.db.write() as session:
        library = library_in_force(session, now)
        rules = word_rules(session, context.bank, now.astimezone(context.bank.zone).date())
        standing = {one.key: one for one in list_filings(session)}
        for entry in entries:
            _check_text(library, entry, context.bank.signature, rules)
            before = standing.get(entry.filing.key)
            if before == replace(entry.filing, org_path=before.org_path) if before else False:
                figures["unchanged"] += 1
                continue
            _write(session, actor, entry, now)
            figures["changed" if before else "created"] += 1
        _refuse_two_texts(session, entries)
    context.submit("planning")
    return figures


def list_all(context: Context, *, provider: str | None = None, account: str | None = None) -> list[Filing]:
    """Every filing, or those of a provider or account."""
    with context.db.read() as session:
        return list_filings(session, provider=provider, account=account)


def show(context: Context, code: str) -> list[Filing]:
    """The filings of one code; InputError when there is none."""
    with context.db.read() as session:
        found = list_filings(session, code=code)
    if not found:
        raise InputError(f"nothing is filed under {code}; `wenhou filed list` names what is")
    return found


def set_state(
    context: Context,
    actor: Actor,
    code: str,
    state: str,
    *,
    on: date,
    org: str | None = None,
    carrier: str | None = None,
    reason: str = "",
) -> list[Filing]:
    """Note what a provider or carrier decided of one code: of all its filings, or of an org's or a carrier's."""
    _check_right(actor)
    if state not in STATES:
        raise InputError(f"{state!r} is no state; there are {', '.join(STATES)}", column="STATE")
    now = context.clock.now()
    with context.db.write() as session:
        chosen = [
            one
            for one in list_filings(session, code=code)
            if (org is None or one.org == org) and (carrier is None or one.carrier == carrier)
        ]
        if not chosen:
            raise InputError(
                f"nothing like that is filed under {code}; `wenhou filed show {code}` says what is"
            )
        for one in chosen:
            day = {"submitted": "submitted_on", "withdrawn": "withdrawn_on"}.get(state, "decided_on")
            changed = replace(one, state=state, reason=reason, **{day: on})  # type: ignore[arg-type]
            org_id = get_org(session, one.org).id if one.org else None
            row = write_filing(session, changed, org_id, now)
            record(session, now, actor, "filed.state", "filed", row.id, {"code": code, "state": state})
        found = list_filings(session, code=code)
    context.submit("planning")
    return found


def _write(session: Session, actor: Actor, entry: FiledEntry, now: Any) -> None:
    filing = entry.filing
    try:
        org_id = get_org(session, filing.org).id if filing.org else None
    except InputError as error:
        raise InputError(error.sentence, file=entry.file, line=entry.line) from error
    row = write_filing(session, filing, org_id, now)
    details = {"code": filing.code, "state": filing.state, "org": filing.org, "carrier": filing.carrier}
    record(session, now, actor, "filed.written", "filed", row.id, details)


def _check_right(actor: Actor) -> None:
    if actor.kind != "system" and not actor.has(Role.OPERATIONS, Role.COMPLIANCE):
        raise AccessDenied("报备状态由运营或合规维护 (operations or compliance keeps what is filed)")


# --- whether a text may stand ---------------------------------------------------------------------------------------


def _check_text(library: Library, entry: FiledEntry, signature: str, rules: WordRules) -> None:
    filing = entry.filing
    if filing.kind == "signature":
        try:
            check_signature_name(filing.code)
        except SmsTextInvalid as error:
            _fail(entry, error.sentence_en)
        return
    try:
        version = library.get(filing.template_key, filing.locale)
        if version.locale != filing.locale:
            _fail(entry, f"{filing.template_key} has no words in {filing.locale}")
        words = _sample_words(version, filing.wording, signature)
    except TemplateError as error:
        _fail(entry, error.sentence)
    _check_filed(entry, version, words, rules)


def _check_filed(
    entry: FiledEntry, version: TemplateVersion, several: Sequence[str], rules: WordRules
) -> None:
    filing = entry.filing
    filed = as_filed(filing, promotional=bool(suffix_for(version.purpose)))
    if faults := check_filed(filed):
        _fail(entry, f"{filing.code}: {faults[0].sentence_en} ({faults[0].sentence_zh})")
    for name, _ in (*filing.longest, *filing.labels):
        if name not in filed.names:
            _fail(entry, f"{filing.code} has no variable {name!r}; it has {', '.join(filed.names) or 'none'}")
    if filing.state == "withdrawn":
        return  # what is given up may differ from the words of today
    words = next((one for one in several if find_fit(one, [replace(filed, longest={})])), None)
    if words is None:
        _fail(entry, f"{filing.code} is not the wording {filing.wording}, which reads: {several[0]}")
    hits = rules.lint(
        words, About(purpose=version.purpose, channel=SMS, locale=filing.locale, domains=rules.domains)
    )
    if block := next((hit for hit in hits if hit.level is Level.BLOCK), None):
        _fail(entry, f"{filing.code}: {block.sentence_en} ({block.sentence_zh})")


def as_filed(filing: Filing, *, promotional: bool) -> FiledText:
    """A filing as the pure checks take it."""
    return FiledText(
        code=filing.code,
        text=filing.text,
        dialect=dialect_of(filing.text),
        promotional=promotional,
        longest=dict(filing.longest),
    )


def _sample_words(version: TemplateVersion, wording: str, signature: str) -> list[str]:
    """What the wording may read for the samples, without signature: optional values there and not there, all first."""
    bare = signature or _SAMPLE_SIGNATURE
    bodies = version.get_wording(wording).variant.bodies
    if "sms" not in bodies:
        raise TemplateError(f"{version.key} {wording} has no words for a text message")
    optional = [name for name in sorted(bodies["sms"].uses) if version.placeholders[name].default == ""]
    found: dict[str, None] = {}
    for left_out in chain.from_iterable(
        combinations(optional[:_MOST_OPTIONAL], n) for n in range(len(optional) + 1)
    ):
        values = dict(version.samples()) | dict.fromkeys(left_out, "")
        made = render(version, "sms", dict(values), variant=wording, signature=bare)
        if made.ok:
            found[made.text.removeprefix(f"【{bare}】")] = None
    if not found:
        raise TemplateError(f"{version.key} {wording} cannot be written for its samples")
    return list(found)


def _refuse_two_texts(session: Session, entries: Sequence[FiledEntry]) -> None:
    """One code is one text at a provider, whatever org or carrier it was filed for."""
    for entry in entries:
        filing = entry.filing
        same = list_filings(session, provider=filing.provider, account=filing.account, code=filing.code)
        texts = {(one.text, one.template_key, one.wording) for one in same if one.kind == filing.kind}
        if len(texts) > 1:
            _fail(
                entry,
                f"{filing.code} would stand for two texts; a code is one text for every org and carrier",
            )


def _refuse_twice(entries: Sequence[FiledEntry]) -> None:
    seen: dict[object, int] = {}
    for entry in entries:
        first = seen.setdefault(entry.filing.key, entry.line)
        if first != entry.line:
            _fail(entry, f"{entry.filing.code} stands here twice; the first is on line {first}")


def _fail(entry: FiledEntry, sentence: str) -> NoReturn:
    raise InputError(sentence, file=entry.file, line=entry.line)


# --- reading --------------------------------------------------------------------------------------------------------


def _filing(reader: YamlReader, rows: CommentedSeq, index: int) -> Filing:
    top = reader.mapping(rows[index], "each filing", parent=rows, name=index)
    reader.known(top, _FIELDS)
    kind = reader.word(top, "kind", KINDS, "template")
    state = reader.word(top, "state", STATES)
    filing = Filing(
        provider=_short(reader, top, "provider"),
        account=_short(reader, top, "account"),
        kind=kind,
        code=_short(reader, top, "code"),
        state=state,
        org=reader.text(top, "org") if "org" in top else None,
        carrier=_short(reader, top, "carrier") if "carrier" in top else "",
        submitted_on=reader.date(top, "submitted") if "submitted" in top else None,
        decided_on=reader.date(top, "decided") if "decided" in top else None,
        withdrawn_on=reader.date(top, "withdrawn") if "withdrawn" in top else None,
        reason=reader.text(top, "reason") if "reason" in top else "",
    )
    _check_days(reader, top, filing)
    if kind == "signature":
        for name in ("text", "variables", "template", "wording", "locale"):
            if name in top:
                reader.fail(top, name, f"{name}: a signature has none; its code is the signature itself")
        return filing
    longest, labels = _variables(reader, top)
    return replace(
        filing,
        text=" ".join(reader.text(top, "text").split()),
        template_key=_short(reader, top, "template"),
        wording=_short(reader, top, "wording"),
        locale=reader.word(top, "locale", ("zh-CN", "en"), "zh-CN"),
        longest=longest,
        labels=labels,
    )


def _variables(
    reader: YamlReader, top: Mapping[str, Any]
) -> tuple[tuple[tuple[str, int], ...], tuple[tuple[str, str], ...]]:
    if "variables" not in top:
        return (), ()
    block = reader.mapping(top["variables"], "variables", parent=top, name="variables")
    longest, labels = [], []
    for name in block:
        one = reader.mapping(block[name], f"variable {name}", parent=block, name=name)
        reader.known(one, ("max", "label"), f"variables.{name}.")
        if "max" in one:
            longest.append((str(name), reader.number(one, "max", least=1, most=200)))
        if "label" in one:
            labels.append((str(name), reader.text(one, "label")))
    return tuple(sorted(longest)), tuple(sorted(labels))


def _short(reader: YamlReader, top: Mapping[str, Any], name: str) -> str:
    value = top.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # codes of some providers are plain numbers
    if not isinstance(value, str) or not value.strip():
        reader.fail(top, name, f"{name} is missing: give a text")
    if len(value.strip()) > _LONGEST[name]:
        reader.fail(top, name, f"{name} has at most {_LONGEST[name]} characters")
    return str(value.strip())


def _check_days(reader: YamlReader, top: Mapping[str, Any], filing: Filing) -> None:
    if filing.state in {"approved", "refused"} and filing.decided_on is None:
        reader.fail(top, "state", f"{filing.state}: say when (decided: 2027-01-09)")
    if filing.state == "withdrawn" and filing.withdrawn_on is None:
        reader.fail(top, "state", "withdrawn: say when (withdrawn: 2027-01-09)")
    days = [one for one in (filing.submitted_on, filing.decided_on, filing.withdrawn_on) if one]
    if days != sorted(days):
        reader.fail(top, "state", "the days go back in time: submitted, then decided, then withdrawn")
