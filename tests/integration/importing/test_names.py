"""Orgs and advisors that an import makes are called what the mapping says."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from store.models.organisation import Org, User
from wenhou.services.context import Context
from wenhou.services.importing.mapping import read_mapping
from wenhou.services.importing.run import Request, import_customers

FILE = "客户号,姓名,手机,客户经理,管户机构\nN1,王芳,13800000001,A1,BM01\nN2,李静,13800000002,A2,BM01\n"
MAPPING = "create_orgs: true\nnames: {A1: 周敏, BM01: 示范网点}\nfields: {}\n"


def test_a_made_advisor_has_the_name_the_mapping_gives_or_their_number(
    context: Context, tmp_path: Path
) -> None:
    file, mapping = tmp_path / "branch.csv", tmp_path / "map.yaml"
    file.write_text(FILE, encoding="utf-8")
    mapping.write_text(MAPPING, encoding="utf-8")
    assert import_customers(context, Request(path=file, mapping=read_mapping(mapping))).created == 2
    with context.db.read() as session:
        staff = {row.employee_no: row.name for row in session.scalars(select(User))}
        orgs = {row.code: row.name for row in session.scalars(select(Org))}
    assert staff == {"A1": "周敏", "A2": "A2"}
    assert orgs["BM01"] == "示范网点"
