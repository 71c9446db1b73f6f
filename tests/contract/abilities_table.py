"""The table of docs/channels.md, from the code: `python -m tests.contract.abilities_table` writes it anew."""

from __future__ import annotations

from integrations.registry import read_account
from tests.architecture.sources import ROOT
from tests.contract.dialects import INTAKE
from tests.contract.messages import SECRET_CANARY
from tests.contract.worlds import SMS_BLOCK
from wenhou.core.channel_abilities import abilities_of

PAGE = ROOT / "docs" / "channels.md"
BEGIN, END = "<!-- abilities: written by python -m tests.contract.abilities_table -->", "<!-- /abilities -->"
_MAIL = {
    "channel": "email",
    "provider": "email_smtp",
    "account": "mail",
    "host": "127.0.0.1",
    "from_address": "care@bank.example",
    "domain": "mail.bank.example",
    "inbound_secret": SECRET_CANARY,
}
_SIMULATOR = {"provider": "simulator", "base_url": "http://127.0.0.1:1", "secret": SECRET_CANARY}
ACCOUNTS: dict[str, dict[str, object]] = {
    "`email_smtp`": dict(_MAIL),
    "`sms_http`": SMS_BLOCK | {"intake": INTAKE},
    **{
        f"`simulator` {channel}": {**_SIMULATOR, "channel": channel, "account": channel}
        for channel in ("email", "sms", "wechat", "wecom")
    },
}
"""Plain accounts that hear, with every other setting at its default."""


def make_table() -> str:
    """One row a fact, one column a provider."""
    columns = {name: abilities_of(read_account(block).capabilities()) for name, block in ACCOUNTS.items()}
    facts = next(iter(columns.values()))
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for place, fact in enumerate(facts):
        said = " | ".join(column[place].said[1] for column in columns.values())
        lines.append(f"| {fact.label[1]} | {said} |")
    return "\n".join(lines)


def written() -> str:
    """The table that stands in the page."""
    return PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].strip()


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{make_table()}\n{END}{after}", encoding="utf-8")
