"""`wenhou media …`: greeting cards."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_facts, print_json, print_rows
from wenhou.cli.people import As, acting
from wenhou.core.actors import Role
from wenhou.core.errors import InputError
from wenhou.core.images import MOST_BYTES
from wenhou.services import media

app = typer.Typer(no_args_is_help=True, help="Keep greeting cards: images that go with words.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The card's key, or sha256:… of its bytes.")]


@app.command("add")
def run_add(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", readable=False, help="A still PNG, JPEG or GIF, at most 200 KB.")
    ],
    *,
    alt_zh: Annotated[str, typer.Option("--alt-zh", help="What is to be seen, in Chinese.")],
    alt_en: Annotated[str, typer.Option("--alt-en", help="What is to be seen, in English.")],
    key: Annotated[
        str | None, typer.Option(help="What templates call it; by default the file's name.")
    ] = None,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Take in a card; words may take it once compliance has approved it."""
    draft = media.CardDraft(key=key or file.stem, body=_read(file), alt_zh=alt_zh, alt_en=alt_en)
    with using_context() as context:
        try:
            row, outcome = media.add_media(context, acting(context, login), draft)
        except InputError as error:
            if error.column is not None:
                raise
            raise InputError(error.sentence, file=str(file), code=error.code) from error
    print_facts({**asdict(row), "outcome": outcome}, as_json=as_json)
    if row.state == "waiting":
        note(f"Not used before {Role.COMPLIANCE} has run `wenhou media approve {row.key}`.")


@app.command("approve")
def run_approve(name: Name, *, login: As = None, as_json: AsJson = False) -> None:
    """Agree to a card; compliance only, and never who added it."""
    with using_context() as context:
        row = media.approve_media(context, acting(context, login), name)
    print_facts(asdict(row), as_json=as_json)


@app.command("retire")
def run_retire(name: Name, *, login: As = None, as_json: AsJson = False) -> None:
    """Take a card back; messages that wait with it go back to their approvers."""
    with using_context() as context:
        row = media.retire_media(context, acting(context, login), name)
    print_facts(asdict(row), as_json=as_json)


@app.command("list")
def run_list(*, as_json: AsJson = False) -> None:
    """List the cards."""
    with using_context() as context:
        rows = [asdict(row) for row in media.list_media(context)]
    columns = ("key", "state", "digest", "mime", "width", "height", "size", "alt_zh")
    print_rows(rows, columns, as_json=as_json, empty="There are no cards.")


@app.command("show")
def run_show(name: Name, *, as_json: AsJson = False) -> None:
    """Show one card, and which accounts hold it until when."""
    with using_context() as context:
        row, _ = media.get_media(context, name)
        uploads = media.uploads_of(context, name)
    if as_json:
        print_json({**asdict(row), "uploads": uploads})
        return
    print_facts(asdict(row), as_json=False)
    columns = ("provider", "account", "uploaded_at", "expires_at")
    print_rows(uploads, columns, as_json=False, empty="No account holds it.")


@app.command("export")
def run_export(
    name: Name,
    out: Annotated[Path, typer.Argument(metavar="FILE", help="Where its bytes go; it must not exist.")],
) -> None:
    """Write a card's bytes to a file."""
    with using_context() as context:
        row, body = media.get_media(context, name)
    try:
        with out.open("xb") as file:
            file.write(body)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", file=str(out)) from error
    note(f"{out}: {row.mime}, {row.size:,} bytes.")


def _read(file: Path) -> bytes:
    """The bytes, one more than allowed at most: what is larger is refused without being held."""
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(file)) from error
