"""A chunk of drafts against what stands: who is new, what changed, and what a file may not change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from typing import Any, Final

from store.consent_writes import GRANTED, WITHDRAWN, Act, Outcome, outcome_of
from store.vault import place
from wenhou.services.importing.contacts import Address, apply_contacts
from wenhou.services.importing.days import apply_days, birth_year_of
from wenhou.services.importing.drafts import Draft
from wenhou.services.importing.life_stages import apply_life_stage
from wenhou.services.importing.result import Refusal
from wenhou.services.importing.work import Subject, Work

_PLAIN: Final = {
    "name": "name",
    "salutation": "salutation",
    "gender": "gender",
    "locale": "locale",
    "time_zone": "time_zone",
    "state": "state",
    "tier": "tier",
    "assets": "assets_fen",
    "need": "need",
    "risk_appetite": "risk_appetite",
    "interests": "interests",
    "is_staff": "is_staff",
    "opened_on": "opened_on",
}
"""Field → column, for what is stored as it is read."""
_ORGS: Final = {"managing_org": "managing_org_id", "opening_org": "opening_org_id"}
_ADVISORS: Final = {"advisor": "main_advisor_id", "deputy_advisor": "deputy_advisor_id"}
_EMPTY: Final[dict[str, Any]] = {"gender": "unknown", "is_staff": False}
"""What clearing means where the column may not be null."""
_NEW: Final[dict[str, Any]] = {
    "salutation": None,
    "gender": "unknown",
    "locale": "zh-CN",
    "time_zone": None,
    "state": "active",
    "tier": None,
    "assets_fen": None,
    "need": None,
    "risk_appetite": None,
    "interests": None,
    "custom": None,
    "opening_org_id": None,
    "managing_org_id": None,
    "main_advisor_id": None,
    "deputy_advisor_id": None,
    "is_staff": False,
    "birth_year": None,
    "life_stage": None,
    "opened_on": None,
    "closed_on": None,
    "last_contact_at": None,
}


def apply_drafts(work: Work, drafts: Sequence[tuple[Draft, list[Address]]]) -> None:
    """Work out the whole chunk into `work.batch`, with its counts, warnings and refusals."""
    for draft, addresses in drafts:
        standing = work.known.customers.get(draft.ref)
        refusal = _refuse(work, draft, standing)
        if refusal is not None:
            work.refusals.append(refusal)
            continue
        subject = Subject(
            id=work.next_id() if standing is None else standing["id"], draft=draft, standing=standing
        )
        columns = _columns(work, draft)
        if subject.is_new:
            _create(work, subject, columns)
        else:
            _change(work, subject, columns)
        apply_contacts(work, subject, addresses)
        if apply_days(work, subject) or "birth_year" in work.batch.customer_changes.get(subject.id, ()):
            apply_life_stage(work, subject)
        _apply_tags(work, subject)
        _apply_household(work, subject)
        _apply_consents(work, subject)
        _count(work, subject)


def _count(work: Work, subject: Subject) -> None:
    if subject.is_new:
        work.created += 1
    elif subject.touched:
        work.changed += 1
        work.batch.customer_changes.setdefault(subject.id, {})["updated_at"] = work.at
    else:
        work.unchanged += 1


def _refuse(work: Work, draft: Draft, standing: Any) -> Refusal | None:
    findings = work.directory.check(draft)
    if standing is None and "name" not in draft.values:
        findings.append(
            draft.finding(
                "name", "缺少姓名；新客户必须有姓名", "the name is missing; a new customer needs one"
            )
        )
    if standing is not None and standing["state"] == "erased":
        findings.append(
            draft.finding(
                "external_ref",
                "该客户的资料已依法删除，不能再导入",
                "this customer's data was erased by law and is not imported again",
            )
        )
    return Refusal(line=draft.line, findings=tuple(findings), cells=tuple(draft.cells)) if findings else None


def _columns(work: Work, draft: Draft) -> dict[str, Any]:
    """The columns of `customers` this draft speaks of, cleared ones as they are stored."""
    values = draft.values
    found = {
        column: values[key] if values[key] is not None else _EMPTY.get(key)
        for key, column in _PLAIN.items()
        if key in values
    }
    for fields, known in ((_ORGS, work.directory.orgs), (_ADVISORS, work.directory.advisors)):
        for key, column in fields.items():
            if key in values:
                found[column] = None if values[key] is None else known[values[key]]
    if "state" in found:
        found["closed_on"] = work.today if found["state"] == "closed" else None
    return found


def _create(work: Work, subject: Subject, columns: dict[str, Any]) -> None:
    key, wrapped = work.vault.new_customer_key(subject.id)
    work.keys[subject.id] = key
    draft = subject.draft
    year = birth_year_of(draft.values)
    work.batch.customers.append(
        {"id": subject.id, "external_ref": draft.ref}
        | _NEW
        | columns
        | {
            "custom": {name: value for name, value in draft.custom.items() if value is not None} or None,
            "birth_year": None
            if year is None
            else key.seal(place("customers", "birth_year", subject.id), b"%d" % year),
            "created_at": work.at,
            "updated_at": work.at,
        }
    )
    work.batch.keys.append(
        {
            "customer_id": subject.id,
            "version": key.version,
            "data_key_id": work.vault.data_key_id,
            "wrapped": wrapped,
            "shredded_at": None,
        }
    )


def _change(work: Work, subject: Subject, columns: dict[str, Any]) -> None:
    standing = subject.standing or {}
    if "closed_on" in columns and columns["state"] == standing["state"]:
        del columns["closed_on"]
    changes = {name: value for name, value in columns.items() if standing[name] != value}
    custom = dict(standing["custom"] or {}) | subject.draft.custom
    custom = {name: value for name, value in custom.items() if value is not None}
    if custom != (standing["custom"] or {}):
        changes["custom"] = custom or None
    changes |= _changed_birth_year(work, subject)
    if changes:
        work.batch.customer_changes[subject.id] = changes
        subject.touched = True


def _changed_birth_year(work: Work, subject: Subject) -> dict[str, Any]:
    values = subject.draft.values
    stored = (subject.standing or {})["birth_year"]
    if "birth_year" in values and values["birth_year"] is None:
        return {"birth_year": None} if stored is not None else {}
    year = birth_year_of(values)
    if year is None:
        return {}
    aad, key = place("customers", "birth_year", subject.id), work.keys[subject.id]
    if stored is not None and int(key.open(aad, stored)) == year:
        return {}
    return {"birth_year": key.seal(aad, b"%d" % year)}


def _apply_tags(work: Work, subject: Subject) -> None:
    """The file's tags become the customer's file tags; tags from rules and people stay."""
    if "tags" not in subject.draft.values:
        return
    wanted = subject.draft.values["tags"] or []
    known = work.known.tags.get(subject.id, {})
    for tag in wanted:
        if tag not in known:
            work.batch.tags.append({"customer_id": subject.id, "tag": tag, "source": "file"})
            subject.touched = True
    for tag, source in known.items():
        if source == "file" and tag not in wanted:
            work.batch.dropped_tags.append((subject.id, tag))
            subject.touched = True


def _apply_household(work: Work, subject: Subject) -> None:
    values = subject.draft.values
    known = work.known.households.get(subject.id)
    if "household" not in values and ("household_role" not in values or known is None):
        return
    name = values.get("household", known[1] if known else None)
    role = values.get("household_role", known[2] if known else "other")
    if (known and known[1:]) == (name, role) or (known is None and name is None):
        return
    subject.touched = True
    if known is not None:
        work.batch.left_households.append((known[0], subject.id))
    if name is None:
        return
    household_id = work.households.get(name)
    if household_id is None:
        household_id = work.households[name] = work.next_id()
        work.batch.households.append({"id": household_id, "name": name, "created_at": work.at})
    work.batch.members.append({"household_id": household_id, "customer_id": subject.id, "role": role})


def _apply_consents(work: Work, subject: Subject) -> None:
    for act, key in _acts(work, subject):
        if subject.is_new:
            work.batch.first_acts.append(act)
            continue
        outcome = outcome_of(act, work.known.consents)
        if outcome is Outcome.RECORDED:
            work.batch.acts.append(act)
            subject.touched = True
        elif outcome is Outcome.KEPT_WITHDRAWN:
            work.warnings.append(
                subject.draft.finding(
                    key,
                    "客户本人已撤回此项同意，文件不能恢复；须由客户本人重新授权",
                    "the customer withdrew this consent; a file cannot restore it, only the customer can",
                )
            )


def _acts(work: Work, subject: Subject) -> Iterator[tuple[Act, str]]:
    """The acts a draft states, each with its field. An undated one that says what already holds states nothing."""
    values = subject.draft.values
    keys = [key for key in values if key.startswith("consent_")]
    if not keys:
        return
    signed = values.get("signed_on")
    at, evidence = _evidence(work, values)
    for key in keys:
        _, channel, purpose = key.split("_", 2)
        value = values[key]
        wanted = GRANTED if value else WITHDRAWN
        if not subject.is_new or value is None:
            now = work.known.consents.get((subject.id, channel, purpose))
            if (value is None and now is None) or (
                now is not None and now.state == wanted and signed is None
            ):
                continue
        act = Act(
            customer_id=subject.id,
            channel=channel,
            purpose=purpose,
            act=wanted,
            source="file",
            at=at,
            wording_version=values.get("agreement_version"),
            evidence=evidence,
        )
        yield act, key


def _evidence(work: Work, values: dict[str, Any]) -> tuple[datetime, dict[str, Any]]:
    """When it was agreed and what proves it: one object for all who signed the same paper on the same day."""
    signed, version, serial = (
        values.get(key) for key in ("signed_on", "agreement_version", "counter_serial")
    )
    found = work.evidence.get((signed, version, serial))
    if found is None:
        at = work.at if signed is None else datetime.combine(signed, time(), work.zone).astimezone(UTC)
        told = {
            "file": work.file_name,
            "agreement_version": version,
            "signed_on": None if signed is None else signed.isoformat(),
            "counter_serial": serial,
        }
        found = at, {name: value for name, value in told.items() if value is not None}
        work.evidence[signed, version, serial] = found
    return found
