"""Which commands there are. A table rather than imports, so that `wenhou --help` need not load the whole product."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from typer.core import TyperCommand, TyperGroup
from typer.main import get_command as build_command


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Where a command is (`module:name` of its Typer) and its sentence, the same as its own help's first line."""

    place: str
    sentence: str


def _at(place: str, sentence: str) -> Entry:
    return Entry(place=f"wenhou.cli.{place}", sentence=sentence)


_ROOTS_OWN = {"install_completion", "show_completion"}
"""Options Typer gives every application; here only the root offers them."""

COMMANDS: dict[str, Entry] = {
    "demo": _at("demo:app", "Start a pretend bank with customers, staff and phones you can answer from."),
    "init": _at(
        "setup:init", "Make the store, its keys and the head office, or bring an older store up to date."
    ),
    "check": _at(
        "setup:check",
        "Print every setting with its meaning and test store, keys and accounts; no customer is written to.",
    ),
    "serve": _at("serving:serve", "Run everything in one process: web, scheduler and workers."),
    "web": _at("serving:web", "Run the web side alone: console, callbacks and customers' pages."),
    "scheduler": _at("serving:scheduler", "Run the clock alone: planning, hand-over, answers and sweeps."),
    "worker": _at(
        "serving:worker", "Run one more pair of hands: hand over what is released, apply what was heard."
    ),
    "mourning": _at("mourning:app", "Let festive, birthday and marketing words rest for some days."),
    "stop": _at("stopping:stop", "Stop sending before the next call: everything, or a part."),
    "resume": _at("stopping:resume", "Ask to lift a stop or, as the second person, lift it."),
    "customers": _at("customers:app", "Import customers and look at their data."),
    "events": _at(
        "events:app", "Take in business events: account opened, loan granted, service done and others."
    ),
    "contacts": _at("contacts:app", "Take in contacts other systems made; verify addresses."),
    "feeds": _at("feeds:app", "Declare data expected daily and note its arrival."),
    "articles": _at("articles:app", "Take in policy news and know-how."),
    "media": _at("media:app", "Keep greeting cards: images that go with words."),
    "products": _at("products:app", "Keep the list of products that may be spoken of."),
    "advice": _at("advice:app", "Keep product advice cards (产品建议卡) and see whom they suit."),
    "rates": _at("rates:app", "Keep the bank's published rates: the only ones words quote."),
    "lint": _at(
        "lint:app",
        "Judge texts by the compliance rules: rule, level, place, sentence, source; exit 1 on a block.",
    ),
    "opinions": _at("opinions:app", "Keep the opinions of consumer protection on campaigns (消保审查)."),
    "campaigns": _at("campaigns:app", "Campaigns: files, versions, approval, pausing and ending."),
    "templates": _at("templates:app", "Templates: the bank's own versions, their review, who read what."),
    "policy": _at("policy:app", "See and change the bank's send windows and contact caps."),
    "quotas": _at("quotas:app", "See and enter platforms' limits."),
    "audience": _at("audience:app", "Count and list audiences, see how they drift."),
    "lint-rules": _at("lint_rules:app", "The bank's own compliance rules: editions, decisions, findings."),
    "tiers": _at("rules:tiers_app", "Sort customers into tiers by the bank's rules."),
    "tags": _at("rules:tags_app", "Hang tags on customers by rule."),
    "calendar": _at(
        "calendar:app",
        "Print the festivals, lunar dates and workdays of a year; enter what no rule knows.",
    ),
    "plan": _at("planning:plan", "Plan messages for a day or some days; planning twice plans once."),
    "forecast": _at(
        "forecast:app",
        "Say who would get what, when and by which channel, what would collide and which quotas would run out.",
    ),
    "funnel": _at(
        "funnel:app",
        "Count a run's audience by the first gate that said no; with and without an advisor apart.",
    ),
    "explain": _at("planning:explain", "Say gate by gate why a customer gets a message or does not."),
    "queue": _at("queue:app", "See and decide what waits for approval."),
    "dispatch": _at("dispatching:app", "Hand over what is due now."),
    "tasks": _at("tasks:app", "See your to-dos and say what came of them."),
    "runs": _at("runs:app", "See runs, their waves and figures; let a wave go."),
    "seeds": _at("seeds:app", "Keep the list of staff who read every real run."),
    "service-plans": _at("service_plans:app", "Promise each tier its contacts and see where they lack."),
    "late": _at(
        "late:app", "Report what was sent late, skipped, asked again or never planned, and the outages."
    ),
    "voices": _at("voices:app", "See and approve how advisors sign and speak."),
    "filed": _at("filed:app", "Keep the texts and signatures filed with providers."),
    "messages": _at("messages:app", "See messages and what happened to them."),
    "receipts": _at("receipts:app", "See outcomes nobody knows, and receipts that match nothing."),
    "channels": _at("channels:app", "See the accounts that carry messages and resume a paused one."),
    "cases": _at("cases:app", "See complaints and questions and their clocks."),
    "users": _at("users:app", "Add people, set their passwords and tokens."),
    "audit": _at("audit:app", "Prove that the record of acts is whole."),
    "bench": _at("bench:app", "Measure this machine: import, words, planning, hand-over."),
    "version": _at("setup:version", "Print the installed version."),
}


class Commands(TyperGroup):
    """The root: lists the table, loads only the command that is called."""

    _is_listing = False

    def list_commands(self, ctx: Any) -> list[str]:
        """Every name, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, loaded; while help is printed only its name and sentence."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        return TyperCommand(cmd_name, help=entry.sentence) if self._is_listing else load(cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help without loading anything."""
        self._is_listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._is_listing = False


def load(name: str) -> Any:
    """The command of that name, ready to run."""
    module, attribute = COMMANDS[name].place.split(":")
    command = build_command(getattr(importlib.import_module(module), attribute))
    command.name = name
    command.params = [option for option in command.params if option.name not in _ROOTS_OWN]
    return command
