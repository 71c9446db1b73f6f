"""`wenhou channels …`: accounts and their health; letting a paused one carry messages again."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Annotated

import typer

from store.accounts import list_accounts
from store.listener_states import list_listeners
from store.models.handover import ChannelAccount
from store.models.hearing import ListenerState
from wenhou.bootstrap import using_context
from wenhou.cli.channels_can import run_can
from wenhou.cli.output import AsJson, note, print_rows
from wenhou.cli.people import As, acting
from wenhou.cli.probing import PROBED, probed_rows
from wenhou.core.account_health import ill_of
from wenhou.services.reconciling import pause_channel, resume_channel
from wenhou.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="See the accounts that carry messages and resume a paused one.")
app.command("can")(run_can)
_COLUMNS = (
    "channel",
    "provider",
    "account",
    "state",
    "why",
    "what_to_do",
    "last_success_at",
    "last_error_code",
)
_PROVIDER = Annotated[str, typer.Argument(metavar="PROVIDER", help="As `channels list` names it.")]
_ACCOUNT = Annotated[str, typer.Argument(metavar="ACCOUNT", help="As `channels list` names it.")]


@app.command("list")
def run_list(*, as_json: AsJson = False) -> None:
    """List accounts, whether they are paused, and why."""
    with using_context() as context, context.db.read() as session:
        zone = context.bank.zone
        ears = {(ear.provider, ear.account): ear for ear in list_listeners(session)}
        rows = [
            _row(account, zone) | _ear(ears.get((account.provider, account.account)), zone)
            for account in list_accounts(session)
        ]
    print_rows(rows, _COLUMNS, as_json=as_json, empty="No account has been used yet.")


def _ear(ear: ListenerState | None, zone: tzinfo) -> dict[str, object]:
    """How the account's listener does; all None where its provider pushes."""
    return {
        "listener_alive_at": _at(ear.alive_at, zone) if ear else None,
        "listener_heard_at": _at(ear.heard_at, zone) if ear else None,
        "listener_failures": ear.failures if ear else None,
        "listener_code": ear.code if ear else None,
    }


def _at(instant: datetime | None, zone: tzinfo) -> str | None:
    return instant.astimezone(zone).isoformat() if instant else None


def _row(account: ChannelAccount, zone: tzinfo) -> dict[str, object]:
    ill = ill_of(account.paused_reason) if account.paused_at else None
    state = "paused" if ill else "starting" if account.resumed_at else "running"
    return {
        "channel": account.channel,
        "provider": account.provider,
        "account": account.account,
        "state": state,
        "reason": account.paused_reason,
        "code": account.paused_code,
        "why": f"{ill.zh} ({ill.en})" if ill else None,
        "what_to_do": f"{ill.advice_zh} ({ill.advice_en})" if ill else None,
        "paused_at": _at(account.paused_at, zone),
        "next_look_at": _at(account.next_look_at, zone),
        "last_success_at": _at(account.last_success_at, zone),
        "last_error_at": _at(account.last_error_at, zone),
        "last_error_code": account.last_error_code,
        "errors_in_row": account.errors_in_row,
        "unknown_in_row": account.unknown_in_row,
    }


@app.command("pause")
def run_pause(
    provider: _PROVIDER,
    account: _ACCOUNT,
    *,
    why: Annotated[str, typer.Option(metavar="TEXT", help="Kept in the record of acts.")] = "",
    login: As = None,
) -> None:
    """Let an account carry nothing until somebody resumes it; what is planned for it waits."""
    with using_context() as context:
        pause_channel(context, acting(context, login), provider, account, why)
    note(f"{provider}/{account} is paused; what did not leave waits.")


@app.command("probe")
def run_probe(*, as_json: AsJson = False) -> None:
    """Try each account's way to its provider and its credentials; nobody is written to; exit 1 on a fault."""
    rows = probed_rows(load_settings())
    print_rows(rows, PROBED, as_json=as_json, empty="No account is set.")
    if any(row["ok"] is False for row in rows):
        raise typer.Exit(1)


@app.command("resume")
def run_resume(
    provider: _PROVIDER,
    account: _ACCOUNT,
    *,
    login: As = None,
) -> None:
    """Let a paused account carry messages again, when what was wrong is mended."""
    with using_context() as context:
        resume_channel(context, acting(context, login), provider, account)
    note(f"{provider}/{account} carries messages again.")
