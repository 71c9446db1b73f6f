"""The bank's list of products, as its product system tells it: what may be spoken of, by whom issued, how risky."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from store.audit import record
from store.models.products import Product
from store.opinions import find_product, list_products
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import AccessDenied, InputError
from wenhou.core.ids import new_id
from wenhou.services.context import Context
from wenhou.services.text_files import read_text
from wenhou.services.yaml_reading import YamlReader, load_documents

_LENGTHS = {"code": 40, "name": 120, "issuer": 120, "approval_number": 60, "approved_wording": 2_000}
_LENGTHS["risk_sentence"] = 300
_MOST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductLine:
    """A product on the list. `risk_level` 1 to 5 (R1–R5); `approval_number`: the issuer's, for one the bank only sells."""

    code: str
    name: str
    issuer: str
    risk_level: int
    on_sale_from: date | None = None
    on_sale_until: date | None = None
    risk_sentence: str | None = None
    approved_wording: str | None = None
    approval_number: str | None = None


_FIELDS = tuple(one.name for one in fields(ProductLine))


def read_products(path: Path) -> list[ProductLine]:
    """The products a YAML file lists under `products:`; InputError names file, line, column and what would be right."""
    file = str(path)
    documents = load_documents(read_text(path), file)
    if len(documents) != 1 or not isinstance(documents[0], Mapping):
        raise InputError("start with `products:` and a list of them", file=file)
    reader, top = YamlReader(file), documents[0]
    reader.known(top, ("products",))
    specs = top.get("products")
    if not isinstance(specs, list) or not specs or len(specs) > _MOST:
        reader.fail(top, "products", "products: give a list of {code, name, issuer, risk_level, …}")
    found = [_line(reader, specs, index) for index in range(len(specs))]
    codes = [one.code for one in found]
    for index, code in enumerate(codes):
        if code in codes[:index]:
            reader.fail(specs, index, f"products[{index}]: {code} stands twice")
    return found


def apply_products(context: Context, actor: Actor, lines: list[ProductLine]) -> dict[str, str]:
    """Enter products; code → `created`, `changed` or `unchanged`. Those not named stay as they are."""
    if not actor.has(Role.OPERATIONS, Role.COMPLIANCE):
        raise AccessDenied("only operations or compliance keeps the list of products")
    now = context.clock.now()
    outcomes: dict[str, str] = {}
    with context.db.write() as session:
        for line in lines:
            row, values = find_product(session, line.code), asdict(line)
            if row is None:
                session.add(Product(id=new_id(), updated_at=now, **values))
                outcomes[line.code] = "created"
            elif all(getattr(row, name) == value for name, value in values.items()):
                outcomes[line.code] = "unchanged"
            else:
                for name, value in {**values, "updated_at": now}.items():
                    setattr(row, name, value)
                outcomes[line.code] = "changed"
        session.flush()
        changed = {code: outcome for code, outcome in outcomes.items() if outcome != "unchanged"}
        if changed:
            record(session, now, actor, "products.apply", "product", None, changed)
    context.submit("planning")
    return outcomes


def list_all(context: Context) -> list[dict[str, Any]]:
    """Every product of the list, by code."""
    with context.db.read() as session:
        return [{name: getattr(row, name) for name in _FIELDS} for row in list_products(session)]


def _line(reader: YamlReader, specs: Any, index: int) -> ProductLine:
    spec = reader.mapping(specs[index], f"products[{index}]", parent=specs, name=index)
    reader.known(spec, _FIELDS, f"products[{index}].")
    begins = reader.date(spec, "on_sale_from") if spec.get("on_sale_from") is not None else None
    ends = reader.date(spec, "on_sale_until") if spec.get("on_sale_until") is not None else None
    if begins is not None and ends is not None and ends < begins:
        reader.fail(spec, "on_sale_until", f"on_sale_until is before on_sale_from ({begins})")
    return ProductLine(
        code=_text(reader, spec, "code"),
        name=_text(reader, spec, "name"),
        issuer=_text(reader, spec, "issuer"),
        risk_level=reader.number(spec, "risk_level", least=1, most=5),
        on_sale_from=begins,
        on_sale_until=ends,
        risk_sentence=_text_or_none(reader, spec, "risk_sentence"),
        approved_wording=_text_or_none(reader, spec, "approved_wording"),
        approval_number=_text_or_none(reader, spec, "approval_number"),
    )


def _text_or_none(reader: YamlReader, spec: Mapping[str, Any], name: str) -> str | None:
    return _text(reader, spec, name) if spec.get(name) is not None else None


def _text(reader: YamlReader, spec: Mapping[str, Any], name: str) -> str:
    text = reader.text(spec, name).strip()
    if len(text) > _LENGTHS[name]:
        reader.fail(spec, name, f"{name} is longer than {_LENGTHS[name]} characters")
    return text
