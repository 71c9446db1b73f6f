"""`wenhou templates preview` and `test`: what a customer would read, and the same words on one's own phone."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from wenhou.bootstrap import open_carriers, using_context
from wenhou.cli.output import AsJson, note, print_json, print_rows
from wenhou.cli.people import As, acting, acting_or_system
from wenhou.cli.template_options import Key, Version, read_day
from wenhou.core.channels import CHANNEL_NAMES
from wenhou.core.errors import InputError
from wenhou.services.preview_types import ChannelLook, Preview, Wanted
from wenhou.services.template_checks import read_template_file
from wenhou.services.template_preview import preview
from wenhou.services.template_tests import send_test
from wenhou.settings import load_settings

app = typer.Typer()
_NOTHING_MAY_GO = 1
_MARKS = {"block": ("⟦", "⟧"), "raise": ("⟨", "⟩"), "warn": ("‹", "›")}
_STATES = {"default": "(default)", "sample": "(sample)", "missing": "(missing)"}

Variant = Annotated[
    str | None, typer.Option("--variant", metavar="ID", help="A variant (a) or one wording (a.2.5).")
]
WantedLocale = Annotated[
    str | None, typer.Option("--locale", help="zh-CN or en; else the customer's language.")
]


@app.command("preview")
def run_preview(
    key: Key,
    *,
    customer: Annotated[
        str | None, typer.Option("--customer", metavar="REF", help="As this customer; else with samples.")
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="For this day; else the occasion's next.")
    ] = None,
    version: Version = None,
    variant: Variant = None,
    locale: WantedLocale = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", readable=False, help="An unsaved document instead."),
    ] = None,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Show every channel as a customer would read it: units, SMS parts, lint marks; exit 1 when nothing could be sent."""
    given = read_template_file(file, locale) if file is not None else None
    if given is not None and version is not None:
        raise InputError("give either --file or --version")
    wanted = Wanted(
        key=key,
        locale=given.locale if given else locale,
        number=version,
        text=given.text if given else None,
        customer=customer,
        on=read_day(on, "--on"),
        wording=variant,
    )
    with using_context() as context:
        shown = preview(context, acting_or_system(context, login), wanted)
    if as_json:
        print_json(_as_json(shown))
    else:
        _print(shown)
    if not shown.may_go:
        raise typer.Exit(_NOTHING_MAY_GO)


@app.command("test")
def run_test(
    key: Key,
    *,
    to_me: Annotated[
        bool, typer.Option("--to-me", help="To your own phone; there is nobody else to send to.")
    ],
    channel: Annotated[
        str, typer.Option("--channel", help="sms, the one a user's record has an address for.")
    ] = "sms",
    version: Version = None,
    variant: Variant = None,
    locale: WantedLocale = None,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Send a template's sample words, marked as a test, to your own phone through the real line."""
    if not to_me:
        raise InputError("a test goes to yourself: say --to-me")
    if channel not in CHANNEL_NAMES:
        raise InputError(
            f"{channel!r} is no channel; there are {', '.join(CHANNEL_NAMES)}", column="--channel"
        )
    settings = load_settings()
    wanted = Wanted(key=key, locale=locale, number=version, wording=variant)
    with using_context(settings) as context:
        actor = acting(context, login)
        carriers = open_carriers(context, settings)
        try:
            sender = carriers.senders.get(channel)
            if sender is None:
                raise InputError(f"no account carries {channel} here", column="--channel")
            done = send_test(context, actor, wanted, channel, sender)
        finally:
            carriers.close()
    if as_json:
        print_json(asdict(done))
    else:
        note(
            f"{done.template} {done.version} ({done.wording}) by {done.channel} to {done.to}: {done.outcome}"
        )
        note(f"{done.left_today} more tests today.")
    if done.outcome != "accepted":
        raise typer.Exit(_NOTHING_MAY_GO)


def _as_json(shown: Preview) -> dict[str, Any]:
    return {
        **{
            name: value
            for name, value in asdict(shown).items()
            if name not in {"channels", "variants", "on", "customer"}
        },
        "on": shown.on.isoformat(),
        "customer": shown.customer[0] if shown.customer else None,
        "may_go": shown.may_go,
        "variants": [one.id for one in shown.variants],
        "channels": [_channel_json(one) for one in shown.channels],
    }


def _channel_json(look: ChannelLook) -> dict[str, Any]:
    left_out = {"words", "html", "price"}
    return {
        **{name: value for name, value in asdict(look).items() if name not in left_out},
        "price": look.price[1],
        "may_go": look.may_go,
    }


def _print(shown: Preview) -> None:
    who = f"customer {shown.customer[0]}" if shown.customer else "samples"
    typer.echo(
        f"{shown.key} ({shown.locale}) version {shown.number}, wording {shown.wording}, {who}, {shown.on}"
    )
    for look in shown.channels:
        typer.echo(f"\n{look.channel}: {_measure(look)}")
        typer.echo("".join(_marked(one.level, one.text) for one in look.words))
        for fault in look.faults:
            typer.echo(f"  ! {fault.code}: {fault.zh} ({fault.en})")
        for hit in look.hits:
            found = f" “{hit.found}”" if hit.found else ""
            typer.echo(f"  {hit.level.value} {hit.rule}{found}: {hit.sentence_zh} ({hit.sentence_en})")
    typer.echo()
    rows = [
        {
            "name": one.name,
            "value": one.value or _STATES.get(one.state, ""),
            "source": one.source,
            "state": one.state,
            "to_do": " / ".join(part for part in one.to_do if part),
        }
        for one in shown.values
    ]
    print_rows(rows, ("name", "value", "source", "state", "to_do"), as_json=False, empty="No values.")


def _measure(look: ChannelLook) -> str:
    if look.channel == "sms":
        return f"{look.units} units, {look.parts} part{'' if look.parts == 1 else 's'}, {look.price[1]}"
    return f"{look.units} bytes, {look.price[1]}"


def _marked(level: str, text: str) -> str:
    before, after = _MARKS.get(level, ("", ""))
    return f"{before}{text}{after}"
