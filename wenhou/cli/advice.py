"""`wenhou advice …`: product cards (产品建议卡), written by one person and approved by another."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_facts, print_json, print_rows
from wenhou.cli.people import As, acting
from wenhou.core.advice import BLOCK_NAMES
from wenhou.services import advice_cards
from wenhou.services.advice_cards import Card
from wenhou.services.advice_files import read_card

app = typer.Typer(no_args_is_help=True, help="Keep product advice cards (产品建议卡) and see whom they suit.")
_VERDICTS = {"suitable": "适合", "unsuitable": "不适合", "unassessed": "测评过期或未测评"}
Product = Annotated[str, typer.Argument(metavar="PRODUCT", help="The product's code.")]
Customer = Annotated[
    str | None,
    typer.Option("--customer", metavar="REF", help="Say whether it suits this customer (the bank's number)."),
]


@app.command("list")
def run_list(*, customer: Customer = None, login: As = None, as_json: AsJson = False) -> None:
    """List the cards; with a customer the approved ones and whether each suits."""
    with using_context() as context:
        found = advice_cards.list_cards(context, acting(context, login), customer=customer)
    columns = ["product", "name", "risk", "version", "state", "source_on"]
    rows = [_row(one) for one in found]
    print_rows(
        rows, [*columns, "suits"] if customer else columns, as_json=as_json, empty="There are no cards."
    )


@app.command("show")
def run_show(
    product: Product, *, customer: Customer = None, login: As = None, as_json: AsJson = False
) -> None:
    """Show a card's four blocks; with a customer first whether it suits."""
    with using_context() as context:
        card = advice_cards.show_card(context, acting(context, login), product, customer=customer)
    facts = {**_row(card), "source": card.source, "author": card.author, "approver": card.approver}
    if as_json:
        blocks = {locale: asdict(one) for locale, one in card.blocks.items()}
        print_json({**facts, "risk_sentence": card.risk_sentence, "blocks": blocks})
        return
    if card.fit is not None:
        typer.echo(f"{_VERDICTS[card.fit.verdict]}：{card.fit.words[0]}\n")
    else:
        facts.pop("suits")
        facts.pop("reason")
    print_facts(facts, as_json=False)
    for block, text in card.said("zh-CN").each():
        typer.echo(f"\n{BLOCK_NAMES[block][0]}\n{text}")
    typer.echo(f"\n{card.risk_sentence}")


@app.command("apply")
def run_apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="The card (YAML).")],
    *,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Save a card as a draft; what was submitted before stays as it is."""
    draft = read_card(file)
    with using_context() as context:
        version, outcome = advice_cards.apply_card(context, acting(context, login), draft)
    print_facts({"product": draft.product, "version": version, "outcome": outcome}, as_json=as_json)


@app.command("submit")
def run_submit(product: Product, *, login: As = None) -> None:
    """Ask for the draft's approval; refused where the lint stops its words."""
    with using_context() as context:
        version = advice_cards.submit_card(context, acting(context, login), product)
    note(
        f"Version {version} of the card for {product} waits for compliance: `wenhou advice approve {product}`."
    )


@app.command("approve")
def run_approve(product: Product, *, login: As = None) -> None:
    """Agree, as compliance and as the second person, to the submitted version."""
    with using_context() as context:
        version = advice_cards.approve_card(context, acting(context, login), product)
    note(f"Version {version} of the card for {product} may be shown and sent.")


@app.command("retire")
def run_retire(product: Product, *, login: As = None) -> None:
    """Take the card back and cancel what waits of it."""
    with using_context() as context:
        gone = advice_cards.retire_card(context, acting(context, login), product)
    note(f"The card for {product} is retired; {gone} messages were cancelled.")


def _row(card: Card) -> dict[str, Any]:
    return {
        "product": card.product,
        "name": card.name,
        "issuer": card.issuer,
        "risk": f"R{card.risk_level}",
        "version": card.version,
        "state": card.state,
        "source_on": card.source_on.isoformat(),
        "suits": card.fit.verdict if card.fit else None,
        "reason": card.fit.reason if card.fit else None,
    }
