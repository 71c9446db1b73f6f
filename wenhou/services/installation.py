"""Making an installation: the schema, the data keys, the head office and the local operator."""

from __future__ import annotations

from dataclasses import dataclass

from store.database import Database
from store.installation import add_user, find_head_office, make_head_office
from store.keys import make_data_keys
from store.migrate import upgrade
from store.users import find_user
from store.vault import KeyService
from wenhou.core.actors import Role
from wenhou.core.clock import Clock

OPERATOR = "operator"
"""The login of the person at the shell outside production. One person: never both of a two-person level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What `wenhou init` did; a second run does nothing."""

    schema_changed: bool
    keys_made: int
    head_office_made: bool
    operator_made: bool


def prepare_installation(
    database: Database, keys: KeyService, clock: Clock, *, bank_name: str, with_operator: bool
) -> Prepared:
    """Bring schema, keys and the first rows to where this code needs them. Raises SchemaMismatch for a newer store.

    `with_operator`: outside production the person at the shell may approve; production gives everybody a token.
    """
    changed = upgrade(database)
    now = clock.now()
    with database.write() as session:
        made = make_data_keys(session, keys, clock.real())
        head = find_head_office(session)
        missing_head = head is None
        if head is None:
            head = make_head_office(session, name=f"{bank_name}总行", at=now)
        missing_operator = with_operator and find_user(session, OPERATOR) is None
        if missing_operator:
            roles = (Role.ADVISOR, Role.SUPERVISOR, Role.OPERATIONS, Role.COMPLIANCE)
            add_user(session, login=OPERATOR, name="本机操作员", roles=roles, org_id=head.id, at=now)
    return Prepared(
        schema_changed=changed,
        keys_made=made,
        head_office_made=missing_head,
        operator_made=missing_operator,
    )
