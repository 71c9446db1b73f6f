"""The pretend bank's own people: each role once, and the advisors the sample's customers belong to."""

from __future__ import annotations

from dataclasses import dataclass

from store.orgs import find_org
from store.users import find_user
from wenhou.core.actors import SYSTEM, Role
from wenhou.demo.sample import ADVISORS, ORGS
from wenhou.services.context import Context
from wenhou.services.orgs import create_org, set_pool_approver
from wenhou.services.users import create_user

PASSWORD = "wenhou-demo-2027"  # noqa: S105 - the demo's, printed at its start; the demo listens on this machine only


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody to sign in as."""

    login: str
    name: str
    role: Role
    org: str
    employee_no: str | None = None


_LOGINS = ("liwei", "zhoujianming", "chenxiaolan", "wuhao")
ADVISOR_LOGIN = _LOGINS[0]
PEOPLE = (
    *(
        Person(login=login, name=one.name, role=Role.ADVISOR, org=one.org, employee_no=one.employee_no)
        for login, one in zip(_LOGINS, ADVISORS, strict=True)
    ),
    Person(login="zhangmin", name="张敏", role=Role.SUPERVISOR, org="WH", employee_no="S1001"),
    Person(login="wuyun", name="吴云", role=Role.OPERATIONS, org="HQ", employee_no="Y1001"),
    Person(login="heqing", name="何清", role=Role.COMPLIANCE, org="HQ", employee_no="H1001"),
    Person(login="admin", name="管理员", role=Role.ADMINISTRATOR, org="HQ", employee_no="X1001"),
)


def settle_people(context: Context) -> None:
    """The tree, the people, and who approves for customers without an advisor. A second call changes nothing."""
    with context.db.read() as session:
        known_orgs = {org.code for org in ORGS if find_org(session, org.code) is not None}
        known = {person.login for person in PEOPLE if find_user(session, person.login) is not None}
    for org in ORGS:
        if org.code not in known_orgs:
            create_org(
                context, SYSTEM, code=org.code, name=org.name, kind=org.kind, parent_code=org.parent or "HQ"
            )
    for person in PEOPLE:
        if person.login not in known:
            create_user(
                context,
                SYSTEM,
                login=person.login,
                name=person.name,
                org_code=person.org,
                roles=[person.role],
                password=PASSWORD,
                employee_no=person.employee_no,
            )
    with context.db.read() as session:
        found = {person.login: find_user(session, person.login) for person in PEOPLE[:4]}
    for code, login in (("WH0101", _LOGINS[0]), ("WH0201", _LOGINS[2])):
        approver = found[login]
        if approver is not None:
            set_pool_approver(context, SYSTEM, code, approver.id)
