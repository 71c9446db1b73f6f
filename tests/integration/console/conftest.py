"""A console over the seeded bank, spoken to as a browser without scripts would."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from console.app import create_console
from console.settings import ConsoleSettings, DemoAccount, ExtraLink
from store.models.organisation import User
from tests.browser import bank
from tests.factories import People
from wenhou.services.context import Context

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
Signed = Callable[[str], FlaskClient]


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Pages are the same on both databases; what they call is tested on both."""
    path = tmp_path / "wenhou.db"
    shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
    return f"sqlite:///{path}"


@pytest.fixture
def people(context: Context) -> People:
    with context.db.write() as session:
        return bank.seed(session, context.vault, 4)


@pytest.fixture
def console(context: Context, people: People) -> Flask:
    accounts = tuple(_account(user) for user in (people.advisor, people.other_advisor, people.supervisor))
    settings = ConsoleSettings(
        secret_key=b"s" * 32,
        secure_cookies=False,
        demo_accounts=(*accounts, _account(people.administrator), _account(people.operations)),
        extra_links=(ExtraLink(href="/phones", zh="客户手机", en="Phones", icon="phone"),),
    )
    return create_console(context, settings)


@pytest.fixture
def signed_in(console: Flask, people: People) -> Signed:
    def _sign_in(who: str) -> FlaskClient:
        client = console.test_client()
        person: User = getattr(people, who)
        post(client, f"/sign-in/as/{person.id}", page="/sign-in")
        return client

    return _sign_in


def post(client: FlaskClient, path: str, *, page: str, **form: str) -> tuple[int, str]:
    """Send a form as a page of ours would; (status, body)."""
    found = TOKEN.search(client.get(page).text)
    assert found is not None, f"{page} holds no form"
    answer = client.post(path, data={"csrf_token": found[1], **form})
    return answer.status_code, answer.text


def _account(user: User) -> DemoAccount:
    return DemoAccount(user_id=uuid.UUID(str(user.id)), name=user.name, role_zh="角色", role_en="role")
