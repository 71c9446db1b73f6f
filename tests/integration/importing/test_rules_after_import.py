"""After an import the bank's own tiers and tags are those of the new data."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from store.models.customers import Customer
from tests.factories import make_people, make_tree
from wenhou.core.actors import SYSTEM
from wenhou.services.context import Context
from wenhou.services.importing.mapping import Mapping
from wenhou.services.importing.run import Request, import_customers
from wenhou.services.rule_files import bundled_tiers, read_tiers
from wenhou.services.tiers import apply_tiers


def test_an_import_of_other_assets_moves_the_tier_of_those_it_names(context: Context, tmp_path: Path) -> None:
    with context.db.write() as session:
        make_people(session, make_tree(session))
    apply_tiers(context, SYSTEM, read_tiers(bundled_tiers(), "tiers.yaml"))
    for assets, tier in (("100", "普通"), ("90000000", "VIP")):
        file = tmp_path / f"{assets}.csv"
        file.write_text(f"客户号,姓名,资产(元),管户机构\nT001,王芳,{assets},WH0101\n", encoding="utf-8")
        import_customers(context, Request(path=file, mapping=Mapping()))
        with context.db.read() as session:
            found = session.scalars(select(Customer.tier)).one()
        assert found == tier
