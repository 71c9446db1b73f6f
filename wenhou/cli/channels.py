"""`wenhou channels …`: accounts and their health; letting a paused one carry messages again."""

from __future__ import annotations

from typing import Annotated

import typer

from store.accounts import list_accounts
from wenhou.bootstrap import using_context
from wenhou.cli.channels_can import run_can
from wenhou.cli.output import AsJson, note, print_rows
from wenhou.cli.people import As, acting
from wenhou.services.reconciling import resume_channel

app = typer.Typer(no_args_is_help=True, help="See the accounts that carry messages and resume a paused one.")
app.command("can")(run_can)
_COLUMNS = ("channel", "provider", "account", "state", "reason", "paused_at", "last_success_at")


@app.command("list")
def run_list(*, as_json: AsJson = False) -> None:
    """List accounts, whether they are paused, and why."""
    with using_context() as context, context.db.read() as session:
        zone = context.bank.zone
        rows = [
            {
                "channel": account.channel,
                "provider": account.provider,
                "account": account.account,
                "state": "paused" if account.paused_at else "running",
                "reason": account.paused_reason,
                "paused_at": account.paused_at.astimezone(zone).isoformat() if account.paused_at else None,
                "last_success_at": account.last_success_at.astimezone(zone).isoformat()
                if account.last_success_at
                else None,
            }
            for account in list_accounts(session)
        ]
    print_rows(rows, _COLUMNS, as_json=as_json, empty="No account has been used yet.")


@app.command("resume")
def run_resume(
    provider: Annotated[str, typer.Argument(metavar="PROVIDER", help="As `channels list` names it.")],
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="As `channels list` names it.")],
    *,
    login: As = None,
) -> None:
    """Let a paused account carry messages again, when what was wrong is mended."""
    with using_context() as context:
        resume_channel(context, acting(context, login), provider, account)
    note(f"{provider}/{account} carries messages again.")
