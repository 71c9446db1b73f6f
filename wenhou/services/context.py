"""What every act needs: the open store and vault, the clock, the bank's facts, and a way to wake work."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from store.database import Database
from store.vault import Vault
from templates.library import TemplateVersion
from wenhou.core.clock import Clock
from wenhou.core.judged_now import JudgedNow
from wenhou.services.filled_words import Filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """The facts of the bank that words and windows need.

    `public_url` is where customers' links lead; `link_domains`: the hosts words may link to beside it.
    """

    name: str = "江城银行"
    signature: str = "江城银行"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    hotline: str = "027-5550-0100"
    public_url: str = "http://127.0.0.1:8000"
    opt_out_suffix: str = "拒收请回复R"
    link_domains: frozenset[str] = frozenset()


def nothing_to_wake(_work: str) -> None:
    """The submit port of a process without a scheduler: the next tick finds the work in the database."""


def nothing_to_note(_point: str) -> None:
    """Passing a labelled point of work means nothing, except to the harness that kills the process there."""


JudgeOne = Callable[["Context", uuid.UUID, str, date], JudgedNow | None]
"""The planner asked about one customer, one campaign and one day; None for a campaign it cannot read."""
FillOne = Callable[["Context", uuid.UUID, TemplateVersion, date | None], Filled]
"""The planner asked what stands in a template's gaps for one customer on a day; None: the occasion's next day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Built once by the composition root and passed to every service.

    `submit` wakes work (`callbacks`, `dispatch`, `planning`) without anybody importing the scheduler; losing a wake
    loses nothing, because what is due is decided in the database. `campaigns_need_two`: a campaign goes live only
    after a second person approved it.
    """

    db: Database
    vault: Vault
    clock: Clock
    bank: Bank
    submit: Callable[[str], None] = nothing_to_wake
    passed: Callable[[str], None] = nothing_to_note
    production: bool = False
    campaigns_need_two: bool = False
    judge_one: JudgeOne | None = None
    fill_one: FillOne | None = None
