"""`wenhou products …`: the bank's list of products."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, print_facts, print_rows
from wenhou.cli.people import As, acting
from wenhou.services import products

app = typer.Typer(no_args_is_help=True, help="Keep the list of products that may be spoken of.")


@app.command("apply")
def run_apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="The products (YAML).")],
    *,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Enter products or change them; those the file does not name stay as they are."""
    lines = products.read_products(file)
    with using_context() as context:
        print_facts(products.apply_products(context, acting(context, login), lines), as_json=as_json)


@app.command("list")
def run_list(*, as_json: AsJson = False) -> None:
    """List the products with issuer, risk level and sale window."""
    with using_context() as context:
        rows = products.list_all(context)
    columns = ("code", "name", "issuer", "risk_level", "on_sale_from", "on_sale_until", "approval_number")
    print_rows(rows, columns, as_json=as_json, empty="The list is empty.")
