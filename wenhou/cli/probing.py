"""What a look at each account found, as rows: for `wenhou check` and `wenhou channels probe`."""

from __future__ import annotations

from wenhou.bootstrap import probe_accounts
from wenhou.settings import Settings

PROBED = ("channel", "provider", "account", "ok", "tried", "code", "what_to_do")


def probed_rows(settings: Settings) -> list[dict[str, object]]:
    """One row an account; `ok` None where its provider has nothing that could be tried."""
    rows: list[dict[str, object]] = []
    for one in probe_accounts(settings):
        row: dict[str, object] = {"channel": one.channel, "provider": one.provider, "account": one.account}
        if one.probe is None:
            rows.append(row | {"ok": None, "tried": "设置 (settings only)", "code": "", "what_to_do": ""})
            continue
        tried, advice = one.probe.tried, one.probe.advice
        what_to_do = f"{advice[0]} ({advice[1]})" if advice[0] else ""
        rows.append(
            row
            | {
                "ok": one.probe.ok,
                "tried": f"{tried[0]} ({tried[1]})",
                "code": one.probe.code,
                "what_to_do": what_to_do,
            }
        )
    return rows
