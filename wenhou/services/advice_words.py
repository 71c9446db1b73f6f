"""The lint on an advice card: the four blocks judged as one text, as a customer reads them, each hit put to its block."""

from __future__ import annotations

from store.models.products import Product
from templates.compliance.about import About, ProductFacts
from templates.compliance.lint import Level, lint
from templates.compliance.rules import RuleBook
from wenhou.core.advice import BLOCK_NAMES, Blocks
from wenhou.core.purposes import Purpose
from wenhou.services.offer_words import suits_levels


def blocked_words(
    blocks: Blocks, product: Product, locale: str, book: RuleBook | None = None
) -> list[tuple[str, str, str]]:
    """(block, Chinese, English sentence) of every rule of a book (None: as it ships) that stops the card's words.

    A hit outside the blocks (the product's own name or risk sentence) is put to the advantages: they name the product.
    """
    text, starts = _composed(blocks, product, locale)
    about = About(
        purpose=Purpose.MARKETING,
        locale=locale,
        product=ProductFacts(
            name=product.name,
            risk_level=product.risk_level,
            risk_sentence=product.risk_sentence or "",
            suitable_for=suits_levels(product.risk_level, in_chinese=locale.startswith("zh")),
        ),
    )
    found = []
    for hit in lint(text, about, book):
        if hit.level is not Level.BLOCK:
            continue
        block = next(
            (name for name, (begins, ends) in starts.items() if begins <= hit.start < ends), "advantages"
        )
        words = f"“{hit.found}”" if hit.found else ""
        found.append((block, f"{words}{hit.sentence_zh}", f"{words}{hit.sentence_en}"))
    return found


def _composed(blocks: Blocks, product: Product, locale: str) -> tuple[str, dict[str, tuple[int, int]]]:
    """The card as one text, and where each block stands in it."""
    in_chinese = locale.startswith("zh")
    levels = suits_levels(product.risk_level, in_chinese=in_chinese)
    head = (
        f"{product.name}（R{product.risk_level}，{levels}）。"
        if in_chinese
        else (f"{product.name} (R{product.risk_level}, {levels}). ")
    )
    text, starts = f"{head}{product.risk_sentence or ''}\n", {}
    for name, said in blocks.each():
        text += f"{BLOCK_NAMES[name][0 if in_chinese else 1]}\n"
        starts[name] = (len(text), len(text) + len(said))
        text += f"{said}\n"
    return text, starts
