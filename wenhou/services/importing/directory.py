"""The bank's own orgs and people as a file names them: by code or name, by employee number or login."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from wenhou.services.importing.drafts import Draft
from wenhou.services.importing.result import Finding

ORG_FIELDS: Final = ("managing_org", "opening_org")
ADVISOR_FIELDS: Final = ("advisor", "deputy_advisor")


_CODE: Final = re.compile(r"[\w.-]{1,40}")
"""What may become a code of ours: it stands in paths and logins."""


def _may_be_new(word: str, known: Mapping[str, uuid.UUID]) -> bool:
    return word not in known and _CODE.fullmatch(word) is not None


@dataclass(slots=True, kw_only=True)
class Directory:
    """Look-ups in memory: a bank has some thousands of outlets and advisors. `may_create`: unknown ones are made."""

    orgs: dict[str, uuid.UUID] = field(default_factory=dict)
    advisors: dict[str, uuid.UUID] = field(default_factory=dict)
    inactive: set[str] = field(default_factory=set)
    may_create: bool = False
    _new: list[tuple[dict[str, uuid.UUID], str]] = field(default_factory=list)

    def learn_orgs(self, rows: Iterable[tuple[uuid.UUID, str, str, str]]) -> None:
        """Take the tree; a name that two orgs share finds neither, a code always wins over a name."""
        listed = list(rows)
        names: dict[str, list[uuid.UUID]] = {}
        for org_id, _, name, _ in listed:
            names.setdefault(name, []).append(org_id)
        self.orgs.update({name: found[0] for name, found in names.items() if len(found) == 1})
        self.orgs.update({code: org_id for org_id, code, _, _ in listed})

    def learn_staff(self, rows: Iterable[tuple[uuid.UUID, str, str | None, bool]]) -> None:
        """Take the staff; an employee number wins over a login."""
        listed = list(rows)
        for column in (1, 2):
            for row in listed:
                word = row[column]
                if isinstance(word, str):
                    self.advisors[word] = row[0]
                    (self.inactive.discard if row[3] else self.inactive.add)(word)

    def missing_orgs(self, drafts: Iterable[Draft]) -> list[str]:
        """Orgs these drafts name that nobody knows, each once."""
        named = (draft.values.get(key) for draft in drafts for key in ORG_FIELDS)
        return list(dict.fromkeys(word for word in named if word and _may_be_new(word, self.orgs)))

    def missing_advisors(self, drafts: Iterable[Draft]) -> dict[str, str | None]:
        """Advisors nobody knows, each with the managing org of the first customer that names them."""
        found: dict[str, str | None] = {}
        for draft in drafts:
            for key in ADVISOR_FIELDS:
                word = draft.values.get(key)
                if word and _may_be_new(word, self.advisors):
                    found.setdefault(word, draft.values.get("managing_org"))
        return found

    def add_org(self, code: str, org_id: uuid.UUID) -> None:
        """Remember an org made in the open transaction."""
        self.orgs[code] = org_id
        self._new.append((self.orgs, code))

    def add_advisor(self, employee_no: str, user_id: uuid.UUID) -> None:
        """Remember an advisor made in the open transaction."""
        self.advisors[employee_no] = user_id
        self._new.append((self.advisors, employee_no))

    def settle(self, *, committed: bool) -> None:
        """Keep what the transaction made, or forget it when it was rolled back."""
        if not committed:
            for known, word in self._new:
                del known[word]
        self._new.clear()

    def check(self, draft: Draft) -> list[Finding]:
        """What the draft names that does not exist."""
        findings = []
        for key in ORG_FIELDS:
            word = draft.values.get(key)
            if word and word not in self.orgs:
                findings.append(
                    draft.finding(
                        key,
                        "没有这个机构号（或名称不唯一）；请先建立机构，或导入时加 --create-orgs",
                        "no org has this code (or several this name); add it first, or import with --create-orgs",
                    )
                )
        for key in ADVISOR_FIELDS:
            word = draft.values.get(key)
            if word and word not in self.advisors:
                findings.append(
                    draft.finding(
                        key,
                        "没有这个工号；请先建立客户经理，或导入时加 --create-orgs",
                        "no advisor has this employee number; add them first, or import with --create-orgs",
                    )
                )
            elif word in self.inactive:
                findings.append(
                    draft.finding(
                        key,
                        "该客户经理已停用；应填在岗的客户经理",
                        "this advisor is no longer active; name one who is",
                    )
                )
        return findings
