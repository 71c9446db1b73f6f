"""Who acts: a person with roles and a place in the bank's tree, the system itself, a customer, a provider."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do (docs/access.md holds the whole table)."""

    ADVISOR = "advisor"
    SUPERVISOR = "supervisor"
    OPERATIONS = "operations"
    COMPLIANCE = "compliance"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The one who does it. `org_path` bounds what a supervisor, operations or compliance person sees.

    `covers`: users whose work this person does in their absence.
    """

    kind: str
    user_id: uuid.UUID | None = None
    name: str = ""
    roles: frozenset[str] = frozenset()
    org_path: str = ""
    covers: frozenset[uuid.UUID] = frozenset()

    def has(self, *roles: Role) -> bool:
        """Whether any of the roles is held."""
        return any(role in self.roles for role in roles)

    @property
    def sees_all(self) -> bool:
        """Whether every customer of the bank is in sight: the system, and the head office's who see their part."""
        if self.kind == "system":
            return True
        heads = self.has(Role.SUPERVISOR, Role.OPERATIONS, Role.COMPLIANCE)
        return heads and bool(self.org_path) and self.org_path.strip("/").count("/") == 0

    @property
    def label(self) -> str:
        """How events name the actor: `user:<id>` or the kind."""
        return f"user:{self.user_id.hex}" if self.user_id is not None else self.kind


SYSTEM = Actor(kind="system", name="system")
"""Planner, dispatcher and sweeps."""
CUSTOMER = Actor(kind="customer", name="customer")
"""A customer's own word."""
PROVIDER = Actor(kind="provider", name="provider")
"""A platform's report."""
