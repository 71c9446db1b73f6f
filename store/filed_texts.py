"""Texts and signatures filed with providers: one row a code, org and carrier, with the state its filing is in."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models.handover import ProviderTemplate
from store.models.organisation import Org

STATES = ("submitted", "approved", "refused", "withdrawn")
KINDS = ("template", "signature")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """One filing as it stands. `org` None: the whole bank; `carrier` "": every one. `text` of a signature is "".

    `longest`: variable → characters of its longest value, where it was filed with a figure of its own.
    """

    provider: str
    account: str
    kind: str
    code: str
    state: str
    org: str | None = None
    org_path: str = ""
    carrier: str = ""
    text: str = ""
    longest: tuple[tuple[str, int], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    template_key: str = ""
    wording: str = ""
    locale: str = "zh-CN"
    submitted_on: date | None = None
    decided_on: date | None = None
    withdrawn_on: date | None = None
    reason: str = ""
    id: uuid.UUID | None = field(default=None, compare=False)

    @property
    def key(self) -> tuple[str, str, str, str, str | None, str]:
        """What makes it one filing."""
        return (self.provider, self.account, self.kind, self.code, self.org, self.carrier)


def list_filings(
    session: Session,
    *,
    provider: str | None = None,
    account: str | None = None,
    code: str | None = None,
) -> list[Filing]:
    """Filings, by account, kind, code, org and carrier."""
    statement = select(ProviderTemplate, Org.code, Org.path).outerjoin(Org, Org.id == ProviderTemplate.org_id)
    wanted = (
        (ProviderTemplate.provider, provider),
        (ProviderTemplate.account, account),
        (ProviderTemplate.code, code),
    )
    for column, value in wanted:
        if value is not None:
            statement = statement.where(column == value)
    rows = session.execute(
        statement.order_by(
            ProviderTemplate.provider,
            ProviderTemplate.account,
            ProviderTemplate.kind,
            ProviderTemplate.code,
            Org.path,
            ProviderTemplate.carrier,
        )
    )
    return [_filing(row, org, path) for row, org, path in rows]


def write_filing(
    session: Session, filing: Filing, org_id: uuid.UUID | None, at: datetime
) -> ProviderTemplate:
    """Write one filing over what stands under its key."""
    place = ProviderTemplate.org_id.is_(None) if org_id is None else ProviderTemplate.org_id == org_id
    row = session.scalars(
        select(ProviderTemplate).where(
            ProviderTemplate.provider == filing.provider,
            ProviderTemplate.account == filing.account,
            ProviderTemplate.kind == filing.kind,
            ProviderTemplate.code == filing.code,
            ProviderTemplate.carrier == filing.carrier,
            place,
        )
    ).one_or_none()
    if row is None:
        row = ProviderTemplate(
            provider=filing.provider,
            account=filing.account,
            kind=filing.kind,
            code=filing.code,
            org_id=org_id,
            carrier=filing.carrier,
        )
        session.add(row)
    row.state, row.locale = filing.state, filing.locale
    row.approved_text = filing.text or None
    row.variables = _variables(filing)
    row.template_key, row.wording = filing.template_key or None, filing.wording or None
    row.submitted_on, row.decided_on = filing.submitted_on, filing.decided_on
    row.withdrawn_on, row.reason = filing.withdrawn_on, filing.reason or None
    row.checked_at = at
    session.flush()
    return row


def _variables(filing: Filing) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for name, most in filing.longest:
        found.setdefault(name, {})["max"] = most
    for name, label in filing.labels:
        found.setdefault(name, {})["label"] = label
    return found or None


def _filing(row: ProviderTemplate, org: str | None, path: str | None) -> Filing:
    variables = row.variables or {}
    return Filing(
        id=row.id,
        provider=row.provider,
        account=row.account,
        kind=row.kind,
        code=row.code,
        state=row.state,
        org=org,
        org_path=path or "",
        carrier=row.carrier,
        text=row.approved_text or "",
        longest=_each(variables, "max"),
        labels=_each(variables, "label"),
        template_key=row.template_key or "",
        wording=row.wording or "",
        locale=row.locale,
        submitted_on=row.submitted_on,
        decided_on=row.decided_on,
        withdrawn_on=row.withdrawn_on,
        reason=row.reason or "",
    )


def _each(variables: dict[str, Any], word: str) -> Any:
    return tuple((name, one[word]) for name, one in sorted(variables.items()) if one.get(word))
