"""Signing in, people, the tree, tokens: the services on real databases."""

import time
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from store.models.organisation import ApiToken, Org, User
from store.models.records import AuditRow
from store.orgs import list_orgs
from store.users import list_users
from tests.factories import People, make_people, make_tree
from tests.factories import actor_for as make_actor
from wenhou.core.actors import SYSTEM, Actor, Role
from wenhou.core.clock import ShiftedClock
from wenhou.core.errors import AccessDenied, InputError
from wenhou.services import orgs, users
from wenhou.services.audit import anchor_audit, seal_audit, verify_audit
from wenhou.services.context import Context
from wenhou.services.sign_in import (
    SignInRefused,
    actor_of,
    actor_of_token,
    issue_token,
    revoke_token,
    session_epoch,
    sign_in,
)

PASSWORD = "correct horse battery"


@pytest.fixture
def people(context: Context) -> People:
    with context.db.write() as session:
        people = make_people(session, make_tree(session))
    users.set_password(context, SYSTEM, people.advisor.id, PASSWORD)
    return people


def _acts(context: Context) -> list[str]:
    with context.db.read() as session:
        return list(session.scalars(select(AuditRow.act).order_by(AuditRow.id)))


def _actor(context: Context, user: User) -> Actor:
    with context.db.read() as session:
        return make_actor(session, user)


def test_the_right_password_gives_the_person_with_roles_and_place(context: Context, people: People) -> None:
    actor = sign_in(context, "liwei", PASSWORD)
    assert (actor.user_id, actor.roles, actor.org_path) == (
        people.advisor.id,
        frozenset({"advisor"}),
        "/HQ/WH/WH01/WH0101/",
    )
    assert _acts(context)[-1] == "sign_in.done"


def test_wrong_password_unknown_login_and_no_password_are_refused_alike(
    context: Context, people: People
) -> None:
    said = set()
    for login in ("liwei", "nobody", "chenjing"):
        with pytest.raises(SignInRefused) as refused:
            sign_in(context, login, "wrong password")
        said.add(str(refused.value))
    assert len(said) == 1
    assert _acts(context)[-3:] == ["sign_in.failed", "sign_in.unknown", "sign_in.failed"]


def test_an_unknown_login_takes_as_long_as_a_wrong_password(context: Context, people: People) -> None:
    def spent(login: str) -> float:
        start = time.process_time()
        with pytest.raises(SignInRefused):
            sign_in(context, login, "wrong password")
        return time.process_time() - start

    spent("nobody")  # makes the hash that unknown logins are compared with
    assert spent("nobody") > 0.3 * spent("liwei")


def test_five_wrong_passwords_lock_the_login_even_for_the_right_one(context: Context, people: People) -> None:
    for _ in range(5):
        with pytest.raises(SignInRefused, match="wrong"):
            sign_in(context, "liwei", "wrong password")
    with pytest.raises(SignInRefused, match="too many wrong passwords; try again in 10 minutes"):
        sign_in(context, "liwei", PASSWORD)
    with context.db.write() as session:
        user = session.get_one(User, people.advisor.id)
        assert user.locked_until is not None
        user.locked_until -= timedelta(minutes=10)
    assert sign_in(context, "liwei", PASSWORD).user_id == people.advisor.id


def test_a_right_password_in_between_starts_the_count_anew(context: Context, people: People) -> None:
    for _ in range(2):
        for _ in range(4):
            with pytest.raises(SignInRefused):
                sign_in(context, "liwei", "wrong password")
        sign_in(context, "liwei", PASSWORD)


def test_a_new_password_or_new_roles_end_every_session(context: Context, people: People) -> None:
    epoch = session_epoch(context, people.advisor.id)
    assert actor_of(context, people.advisor.id, epoch=epoch).name == "李伟"
    users.set_password(context, SYSTEM, people.advisor.id, "another long password")
    with pytest.raises(AccessDenied, match="sign in again"):
        actor_of(context, people.advisor.id, epoch=epoch)
    epoch = session_epoch(context, people.advisor.id)
    users.set_roles(context, SYSTEM, people.advisor.id, [Role.ADVISOR, Role.SUPERVISOR])
    with pytest.raises(AccessDenied):
        actor_of(context, people.advisor.id, epoch=epoch)


def test_who_left_neither_signs_in_nor_uses_a_token(context: Context, people: People) -> None:
    token = issue_token(context, SYSTEM, people.advisor.id, "scripts")
    users.deactivate(context, SYSTEM, people.advisor.id)
    with pytest.raises(SignInRefused):
        sign_in(context, "liwei", PASSWORD)
    with pytest.raises(AccessDenied):
        actor_of_token(context, token)
    with pytest.raises(AccessDenied):
        actor_of(context, people.advisor.id)


def test_a_token_acts_as_its_owner_and_only_its_hash_is_kept(context: Context, people: People) -> None:
    owner = _actor(context, people.advisor)
    token = issue_token(context, owner, people.advisor.id, "scripts", scopes=["queue"])
    actor, scopes = actor_of_token(context, token)
    assert (actor.user_id, scopes) == (people.advisor.id, frozenset({"queue"}))
    with context.db.read() as session:
        row = session.scalars(select(ApiToken)).one()
    assert token.encode() not in row.token_hash
    assert row.last_used_at == context.clock.now()
    with pytest.raises(AccessDenied):
        actor_of_token(context, token + "x")


def test_a_token_ends_when_revoked_or_expired(context: Context, people: People, clock: ShiftedClock) -> None:
    soon = clock.now() + timedelta(hours=1)
    first = issue_token(context, SYSTEM, people.advisor.id, "first", expires_at=soon)
    second = issue_token(context, SYSTEM, people.advisor.id, "second")
    with context.db.read() as session:
        second_id = session.scalars(select(ApiToken.id).where(ApiToken.name == "second")).one()
    with pytest.raises(AccessDenied):
        revoke_token(context, _actor(context, people.deputy), second_id)
    revoke_token(context, _actor(context, people.advisor), second_id)
    clock.advance(timedelta(hours=1))
    for token in (first, second):
        with pytest.raises(AccessDenied, match="not valid"):
            actor_of_token(context, token)


def test_a_token_of_somebody_else_is_made_by_an_administrator_only(context: Context, people: People) -> None:
    with pytest.raises(AccessDenied):
        issue_token(context, _actor(context, people.supervisor), people.advisor.id, "no")
    assert issue_token(context, _actor(context, people.administrator), people.advisor.id, "yes")


def test_people_are_made_by_administrators_with_known_roles_and_long_passwords(
    context: Context, people: People
) -> None:
    administrator = _actor(context, people.administrator)
    made = users.create_user(
        context,
        administrator,
        login="new",
        name="新人",
        org_code="WH",
        roles=["advisor"],
        password=PASSWORD,
    )
    assert sign_in(context, "new", PASSWORD).user_id == made
    wrong: list[tuple[dict[str, object], str]] = [
        ({"login": "new"}, "taken"),
        ({"org_code": "XX"}, "no org with the code XX"),
        ({"roles": ["king"]}, "unknown role king"),
        ({"password": "short"}, "at least 10"),
    ]
    good = {"login": "newer", "name": "新", "org_code": "WH", "roles": ["advisor"], "password": PASSWORD}
    for change, said in wrong:
        with pytest.raises(InputError, match=said):
            users.create_user(context, administrator, **{**good, **change})  # type: ignore[arg-type]
    with pytest.raises(AccessDenied):
        users.create_user(context, _actor(context, people.supervisor), **good)  # type: ignore[arg-type]


def test_nobody_changes_their_own_roles(context: Context, people: People) -> None:
    with pytest.raises(AccessDenied, match="their own roles"):
        users.set_roles(
            context, _actor(context, people.administrator), people.administrator.id, ["compliance"]
        )


def test_a_cover_begins_and_ends_with_its_dates(
    context: Context, people: People, clock: ShiftedClock
) -> None:
    users.delegate(
        context,
        _actor(context, people.supervisor),
        absent_id=people.advisor.id,
        deputy_id=people.deputy.id,
        starts_at=clock.now() + timedelta(days=1),
        ends_at=clock.now() + timedelta(days=2),
        reason="leave",
    )
    covered = []
    for _ in range(3):
        covered.append(actor_of(context, people.deputy.id).covers)
        clock.advance(timedelta(days=1))
    assert covered == [frozenset(), frozenset({people.advisor.id}), frozenset()]


def test_a_supervisor_enters_no_absence_of_another_branch(context: Context, people: People) -> None:
    now = context.clock.now()
    with pytest.raises(AccessDenied, match="no such person"):
        users.delegate(
            context,
            _actor(context, people.supervisor),
            absent_id=people.other_advisor.id,
            deputy_id=people.deputy.id,
            starts_at=now,
            ends_at=now + timedelta(days=1),
            reason="leave",
        )


def test_the_tree_grows_by_paths_and_refuses_codes_that_would_break_them(
    context: Context, people: People
) -> None:
    administrator = _actor(context, people.administrator)
    orgs.create_org(context, administrator, code="WH0102", name="新网点", kind="outlet", parent_code="WH01")
    orgs.set_pool_approver(context, administrator, "WH0102", people.deputy.id)
    with context.db.read() as session:
        below = [org.code for org in list_orgs(session, "/HQ/WH/WH01/")]
        made = session.scalars(select(Org).where(Org.code == "WH0102")).one()
        assert {user.login for user in list_users(session, org_path="/HQ/YC/")} == {"zhouyi"}
    assert below == ["WH01", "WH0101", "WH0102"]
    assert made.pool_approver_id == people.deputy.id
    for code, said in (("A/B", "letters, digits"), ("WH0102", "taken")):
        with pytest.raises(InputError, match=said):
            orgs.create_org(context, administrator, code=code, name="x", kind="outlet", parent_code="WH01")
    with pytest.raises(AccessDenied):
        orgs.set_pool_approver(context, administrator, "WH0102", uuid.uuid4())


def test_the_audit_is_sealed_anchored_and_verified_as_acts(
    context: Context, people: People, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("outside") / "anchors"
    assert seal_audit(context) > 0
    assert anchor_audit(context, path) is True
    assert anchor_audit(context, path) is False
    assert verify_audit(context, _actor(context, people.compliance), path).is_sound
    with pytest.raises(AccessDenied):
        verify_audit(context, _actor(context, people.advisor), path)
