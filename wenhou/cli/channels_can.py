"""`wenhou channels can`: what each configured account can do and hear, and which platform figures are still owed."""

from __future__ import annotations

from datetime import date

from store.quota_rows import list_quotas
from wenhou.bootstrap import open_accounts, using_context
from wenhou.cli.output import AsJson, print_rows
from wenhou.core.channel_abilities import abilities_of
from wenhou.core.channels import Capabilities
from wenhou.settings import load_settings

_COLUMNS = ("channel", "provider", "account", "what", "said", "said_zh")


def run_can(*, as_json: AsJson = False) -> None:
    """Say what each account can do and hear; quotas whose figures the bank has not given are named."""
    settings = load_settings()
    with using_context(settings) as context, context.db.read() as session:
        today = context.clock.now().astimezone(context.bank.zone).date()
        known = {
            (row.provider, row.kind)
            for row in list_quotas(session)
            if row.from_on <= today <= (row.until_on or date.max)
        }
    rows = [
        row
        for one in open_accounts(settings)
        for row in _rows(one.provider, one.account, one.capabilities(), known)
    ]
    print_rows(rows, _COLUMNS, as_json=as_json, empty="No account is set up.")


def _rows(
    provider: str, account: str, of: Capabilities, known: set[tuple[str, str]]
) -> list[dict[str, object]]:
    """One row a fact; a quota the account names and nobody gave a figure for is a fact of its own."""
    facts = [(one.code, one.said) for one in abilities_of(of)]
    owed = ", ".join(sorted(kind for kind in of.quota_kinds if (provider, kind) not in known))
    if owed:
        facts.append(
            ("quotas_owed", (f"缺少额度数字：{owed}", f"no figures yet for {owed}: wenhou quotas apply"))
        )
    return [
        {
            "channel": of.channel,
            "provider": provider,
            "account": account,
            "what": code,
            "said": said[1],
            "said_zh": said[0],
        }
        for code, said in facts
    ]
