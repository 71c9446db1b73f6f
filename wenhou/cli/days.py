"""Days as people write them at the shell."""

from __future__ import annotations

from datetime import date

from wenhou.core.errors import InputError
from wenhou.services.context import Context


def read_day(text: str, option: str) -> date:
    """A day as 2027-03-01; raises InputError naming the option."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{text!r} is no day; write it as 2027-03-01", column=option) from error


def bank_today(context: Context) -> date:
    """The day it is at the bank."""
    return context.clock.now().astimezone(context.bank.zone).date()
