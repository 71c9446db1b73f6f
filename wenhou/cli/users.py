"""`wenhou users …`: people, their passwords and tokens. The shell of the machine is an administrator's."""

from __future__ import annotations

import getpass
import sys
from datetime import timedelta
from typing import Annotated, Any

import typer

from store.orgs import list_orgs
from store.users import list_users
from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_facts, print_rows
from wenhou.cli.people import find_person
from wenhou.core.actors import SYSTEM
from wenhou.services import users
from wenhou.services.sign_in import issue_token

app = typer.Typer(no_args_is_help=True, help="Add people, set their passwords and tokens.")
Login = Annotated[str, typer.Argument(metavar="LOGIN", help="The person's login.")]


@app.command("list")
def run_list(*, as_json: AsJson = False) -> None:
    """List people with their roles."""
    with using_context() as context, context.db.read() as session:
        codes = {org.id: org.code for org in list_orgs(session)}
        rows: list[dict[str, Any]] = [
            {
                "login": user.login,
                "name": user.name,
                "roles": user.roles if as_json else ", ".join(user.roles),
                "org": codes.get(user.org_id),
                "active": user.is_active,
            }
            for user in list_users(session)
        ]
    print_rows(rows, ("login", "name", "roles", "org", "active"), as_json=as_json)


@app.command("add")
def run_add(
    login: Login,
    *,
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[
        list[str],
        typer.Option(help="advisor, supervisor, operations, compliance or administrator; repeatable."),
    ],
    org: Annotated[str, typer.Option(help="The code of their place in the bank's tree.")] = "HQ",
    employee_no: Annotated[str | None, typer.Option(help="Their employee number.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add a person; they sign in once they have a password."""
    with using_context() as context:
        user_id = users.create_user(
            context, SYSTEM, login=login, name=name, org_code=org, roles=role, employee_no=employee_no
        )
    print_facts({"id": str(user_id), "login": login}, as_json=as_json)


@app.command("password")
def run_password(login: Login) -> None:
    """Set a person's password: asked for at the terminal, or one line on the standard input."""
    with using_context() as context:
        person = find_person(context, login)
        password = (
            getpass.getpass("New password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        )
        users.set_password(context, SYSTEM, person.id, password)
    note(f"The password of {login} is set; their sessions are over.")


@app.command("token")
def run_token(
    login: Login,
    *,
    name: Annotated[str, typer.Option(help="What it is for.")] = "shell",
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days it is good for.")] = 90,
) -> None:
    """Make a token for WENHOU_TOKEN; it is printed this once."""
    with using_context() as context:
        person = find_person(context, login)
        expires = context.clock.now() + timedelta(days=days)
        token = issue_token(context, SYSTEM, person.id, name, scopes=("shell",), expires_at=expires)
    typer.echo(token)
