"""What a file changes, what it may not change, and what it leaves behind."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from store.consent_writes import Act, Outcome, record_consent
from store.customer_export import load_whole
from store.models.customers import Consent, ContactPoint, Customer, CustomerContact, PersonalDate
from store.models.records import AuditRow, Import
from tests.factories import actor_for, make_people, make_tree
from tests.integration.importing.conftest import Importer
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.demo.sample import make_sample, write_sample
from wenhou.services.context import Context
from wenhou.services.importing.coverage import consent_coverage
from wenhou.services.importing.mapping import Mapping
from wenhou.services.importing.run import Request, import_customers

HEAD = "客户号,姓名,公历生日,农历生日,手机,邮箱,标签,短信关怀同意,签署日期\n"
WANG = "C1,王芳,1980-02-01,,13800000001,Wang@Example.com,教师;退休,是,2024-03-01\n"


def _whole(context: Context, ref: str) -> dict[str, Any]:
    with context.db.read() as session:
        customer = session.scalars(select(Customer).where(Customer.external_ref == ref)).one()
        return load_whole(session, context.vault, customer.id)


def _counts(result: Any) -> tuple[int, int, int, int]:
    return result.created, result.changed, result.unchanged, len(result.refusals)


def test_a_customer_comes_in_whole(bring: Importer, context: Context) -> None:
    assert _counts(bring(HEAD + WANG)) == (1, 0, 0, 0)
    whole = _whole(context, "C1")
    assert whole["customer"]["birth_year"] == 1980
    assert {(found["channel"], found["address"]) for found in whole["contacts"]} == {
        ("sms", "+8613800000001"),
        ("email", "Wang@example.com"),
    }
    assert [(day["month"], day["day"], day["year"]) for day in whole["dates"]] == [(2, 1, 1980)]
    assert whole["tags"] == ["教师", "退休"]
    assert whole["consents"][0]["evidence"] == {"file": "f.csv", "signed_on": "2024-03-01"}


def test_importing_twice_changes_nothing(bring: Importer, context: Context, tmp_path: Path) -> None:
    write_sample(tmp_path / "sample.csv", make_sample(200))
    text = (tmp_path / "sample.csv").read_text(encoding="utf-8-sig")
    assert _counts(bring(text, create_orgs=True)) == (200, 0, 0, 0)
    with context.db.read() as session:
        before = session.scalar(select(func.max(Customer.updated_at)))
    assert _counts(bring(text)) == (0, 0, 200, 0)
    with context.db.read() as session:
        assert session.scalar(select(func.max(Customer.updated_at))) == before
        assert session.scalar(select(func.count()).select_from(Import)) == 2


def test_a_blank_cell_leaves_and_a_clearing_mark_clears_and_an_absent_column_leaves(
    bring: Importer, context: Context
) -> None:
    bring(HEAD + WANG)
    assert _counts(bring("客户号,邮箱,标签\nC1,,\n")) == (0, 0, 1, 0)
    assert _counts(bring("客户号,手机,标签,公历生日,短信关怀同意\nC1,\\N,\\N,\\N,\\N\n")) == (0, 1, 0, 0)
    whole = _whole(context, "C1")
    assert [found["channel"] for found in whole["contacts"]] == ["email"]
    assert (whole["tags"], whole["dates"]) == ([], [])
    assert whole["consent_state"][0]["state"] == "withdrawn"
    assert bring("客户号,姓名\nC1,\\N\n").refusals[0].findings[0].column == "姓名"


def test_every_kind_of_change_is_written_once(bring: Importer, context: Context) -> None:
    head = "客户号,姓名,性别,层级,资产,公历生日,农历生日,手机,兴趣,标签,家庭编号,家庭关系,是否员工,状态,开户日期\n"
    bring(head + "C1,王芳,女,普通,100,1980-02-01,,13800000001,书法,教师,F1,户主,否,正常,2019-03-08\n")
    changed = (
        head
        + "C1,王芳芳,未知,VIP,-5.5,1980-02-02,八月十五,13800000002,钓鱼,退休,F2,配偶,是,销户,2019-03-09\n"
    )
    assert _counts(bring(changed)) == (0, 1, 0, 0)
    assert _counts(bring(changed)) == (0, 0, 1, 0)
    whole = _whole(context, "C1")
    customer = whole["customer"]
    assert (customer["name"], customer["assets_fen"], customer["state"]) == ("王芳芳", -550, "closed")
    assert customer["closed_on"] == date(2027, 1, 30)
    assert [found["address"] for found in whole["contacts"]] == ["+8613800000002"]
    assert whole["households"] == [{"household": "F2", "role": "spouse"}]
    kept = {
        (day["kind"], day["calendar"]): (day["month"], day["day"], day["celebrated"])
        for day in whole["dates"]
    }
    assert kept == {
        ("birthday", "solar"): (2, 2, False),
        ("birthday", "lunar"): (8, 15, True),
        ("account_opening", "solar"): (3, 9, True),
    }


def test_refused_rows_go_to_a_file_that_is_mended_and_imported_again(
    bring: Importer, context: Context, tmp_path: Path
) -> None:
    bad = "C2,李静,1980-02-30,,12345,,,,\nC1,又一个,,,,,,,\n,无号,,,,,,,\nC3,,,,,,,,\nC4,赵强,,八月三十一,,,,,\n"
    result = bring(HEAD + WANG + bad)
    assert _counts(result) == (1, 0, 0, 5)
    assert result.rows == 6
    told = {(r.line, r.findings[0].column, r.findings[0].value) for r in result.refusals}
    assert told == {
        (3, "公历生日", "1980-02-30"),
        (4, "客户号", "C1"),
        (5, "客户号", ""),
        (6, "姓名", ""),
        (7, "农历生日", "八月三十一"),
    }
    rejected = tmp_path / "f.rejected.csv"
    rows = list(csv.reader(rejected.read_text(encoding="utf-8-sig").splitlines()))
    assert rows[0][-2:] == ["原因", "原行号"]
    assert "30 日" in rows[1][-2]
    assert "11位" in rows[1][-2], "everything wrong with the row is told at once"
    mended = rejected.read_text(encoding="utf-8-sig")
    for wrong, right in (
        ("1980-02-30", "1980-02-28"),
        (",12345,", ",13800000003,"),
        ("八月三十一", "八月三十"),
    ):
        mended = mended.replace(wrong, right)
    again = bring(mended, name="f.rejected.csv")
    assert _counts(again) == (2, 1, 0, 2)
    assert _whole(context, "C2")["contacts"][0]["address"] == "+8613800000003"


def test_a_shared_phone_is_kept_and_flagged(bring: Importer, context: Context) -> None:
    result = bring("客户号,姓名,手机,手机关系\nA,王芳,13800000001,\nB,王小明,138 0000 0001,家属\n")
    assert _counts(result) == (2, 0, 0, 0)
    assert [(found.line, found.column) for found in result.warnings] == [(3, "手机")]
    with context.db.read() as session:
        assert session.scalar(select(func.count()).select_from(ContactPoint)) == 1
        relations = session.scalars(
            select(CustomerContact.relation).order_by(CustomerContact.customer_id)
        ).all()
    assert relations == ["own", "family"]


def test_a_file_never_restores_what_the_customer_withdrew(bring: Importer, context: Context) -> None:
    bring(HEAD + WANG)
    with context.db.write() as session:
        customer = session.scalars(select(Customer)).one()
        word = Act(
            customer_id=customer.id,
            channel="any",
            purpose="care",
            act="withdrawn",
            source="customer",
            at=context.clock.now(),
        )
        assert record_consent(session, word) is Outcome.RECORDED
        for channel in ("sms", "email"):
            click = Act(
                customer_id=customer.id,
                channel=channel,
                purpose="care",
                act="granted",
                source="staff",
                at=context.clock.now(),
            )
            assert record_consent(session, click) is Outcome.KEPT_WITHDRAWN
    later = WANG.replace("2024-03-01", "2027-01-30").replace("C1,王芳", "C1,王芳").replace(",是,", ",否,")
    bring(HEAD + later)
    result = bring(HEAD + WANG.replace("2024-03-01", "2027-01-30"))
    assert _counts(result) == (0, 0, 1, 0)
    assert [found.column for found in result.warnings] == ["短信关怀同意"]


def test_the_customers_own_later_word_grants_again(bring: Importer, context: Context) -> None:
    bring("客户号,姓名\nC1,王芳\n")
    with context.db.write() as session:
        customer_id = session.scalars(select(Customer.id)).one()
        at = context.clock.now()
        for act in ("withdrawn", "granted"):
            said = Act(
                customer_id=customer_id, channel="sms", purpose="care", act=act, source="customer", at=at
            )
            assert record_consent(session, said) is Outcome.RECORDED
        assert session.scalar(select(func.count()).select_from(Consent)) == 2


def test_a_date_the_customer_told_us_outweighs_a_file(bring: Importer, context: Context) -> None:
    bring("客户号,姓名,公历生日,生日来源\nC1,王芳,1980-02-01,本人\n")
    result = bring("客户号,姓名,公历生日,生日来源\nC1,王芳,1980-03-01,证件\n")
    assert [found.column for found in result.warnings] == ["公历生日"]
    with context.db.read() as session:
        assert session.scalars(select(PersonalDate.month)).one() == 2


def test_certainty_follows_the_source(bring: Importer, context: Context) -> None:
    bring(
        "客户号,姓名,公历生日,生日来源\n"
        "A,甲,1950-03-12,证件\nB,乙,1990-03-12,证件\nC,丙,1950-03-12,本人\nD,丁,1970-01-01,证件\nE,戊,1990-03-12,\n"
    )
    with context.db.read() as session:
        rows = session.execute(
            select(Customer.external_ref, PersonalDate.source, PersonalDate.certainty)
            .join(PersonalDate, PersonalDate.customer_id == Customer.id)
            .order_by(Customer.external_ref)
        )
        assert [tuple(row) for row in rows] == [
            ("A", "certificate", "questioned"),
            ("B", "certificate", "certain"),
            ("C", "customer", "certain"),
            ("D", "certificate", "questioned"),
            ("E", "file", "assumed"),
        ]


def test_a_dry_run_says_the_same_and_keeps_nothing(bring: Importer, context: Context, tmp_path: Path) -> None:
    rows = "".join(f"C{n},客户,{13800000000 + n},WH9\n" for n in range(1200))
    text = "客户号,姓名,手机,管户机构\n" + rows + "D,共用,13800000001,WH9\nC1,重复,,\n"
    dry = bring(text, dry_run=True, create_orgs=True)
    with context.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Customer)) == 0
        assert session.scalar(select(func.count()).select_from(Import)) == 0
    real = bring(text, create_orgs=True)
    assert _counts(dry) == _counts(real) == (1201, 0, 0, 1)
    assert [w.line for w in dry.warnings] == [w.line for w in real.warnings] == [1202]


def test_unknown_orgs_and_advisors_are_refused_unless_they_may_be_made(
    bring: Importer, context: Context
) -> None:
    text = "客户号,姓名,管户机构,客户经理\nC1,王芳,WH9,A77\n"
    assert [found.column for found in bring(text).refusals[0].findings] == ["管户机构", "客户经理"]
    assert _counts(bring(text, create_orgs=True)) == (1, 0, 0, 0)
    assert _whole(context, "C1")["customer"]["main_advisor"] == "A77"


def test_a_snapshot_proposes_closures_and_refuses_above_one_percent(
    bring: Importer, context: Context, tmp_path: Path
) -> None:
    rows = [f"C{n:03d},客户\n" for n in range(200)]
    bring("客户号,姓名\n" + "".join(rows))
    result = bring("客户号,姓名\n" + "".join(rows[:198]), snapshot=True)
    assert result.proposed_closures == ["C198", "C199"]
    closures = (tmp_path / "f.closures.csv").read_text(encoding="utf-8-sig")
    with pytest.raises(Refused, match="lacks 3 of 200"):
        bring("客户号,姓名\n新,客户\n" + "".join(rows[:197]), snapshot=True)
    with context.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Customer)) == 200, "nothing was imported"
    assert _counts(bring(closures, name="c.csv")) == (0, 2, 0, 0)
    assert _whole(context, "C199")["customer"]["state"] == "closed"


def test_a_file_that_breaks_off_imports_nothing(bring: Importer, context: Context) -> None:
    text = "客户号,姓名\n" + "".join(f"C{n},客户\n" for n in range(1200)) + 'X,"开'
    with pytest.raises(InputError, match="never closed"):
        bring(text)
    with context.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Customer)) == 0


def test_an_import_is_on_record_without_anybodys_data(bring: Importer, context: Context) -> None:
    bring(HEAD + WANG)
    with context.db.read() as session:
        row = session.scalars(select(Import)).one()
        assert (row.rows, row.created, row.finished_at is not None) == (1, 1, True)
        audit = session.scalars(select(AuditRow).where(AuditRow.act == "customers.import")).one()
        assert audit.subject_id == row.id
        assert "王" not in str(audit.details)
        assert "138" not in str(audit.details["rows"] if audit.details else "")


def test_only_operations_and_administrators_import(bring: Importer, context: Context) -> None:
    with context.db.write() as session:
        people = make_people(session, make_tree(session))
        advisor, operations = actor_for(session, people.advisor), actor_for(session, people.operations)
    with pytest.raises(AccessDenied):
        bring(HEAD + WANG, actor=advisor)
    assert _counts(bring(HEAD + WANG, actor=operations)) == (1, 0, 0, 0)


def test_a_replaced_number_belongs_to_nobody_and_may_come_back(bring: Importer, context: Context) -> None:
    bring("客户号,姓名,手机\nC1,王芳,13800000001\n")
    bring("客户号,手机\nC1,13800000002\n")
    with context.db.read() as session:
        assert session.scalars(select(ContactPoint.retired_reason).order_by(ContactPoint.id)).all() == [
            "replaced",
            None,
        ]
    bring("客户号,姓名,手机\nC2,李静,13800000001\n")
    with context.db.read() as session:
        assert session.scalars(select(ContactPoint.retired_reason)).all() == [None, None]


def test_coverage_counts_who_agreed_refused_and_never_said(bring: Importer, context: Context) -> None:
    bring(
        "客户号,姓名,管户机构,客户经理,短信关怀同意\nA,甲,WH9,A1,是\nB,乙,WH9,A1,否\nC,丙,WH9,A1,\nD,丁,WH9,,\nE,戊,,,是\n",
        create_orgs=True,
    )
    found = {
        (row["org"], row["advisor"]): (row["customers"], row["granted"], row["withdrawn"], row["silent"])
        for row in consent_coverage(context)
    }
    assert found == {("WH9", "A1"): (3, 1, 1, 1), ("WH9", None): (1, 0, 0, 1), (None, None): (1, 1, 0, 0)}


def test_progress_hears_every_chunk(context: Context, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("客户号,姓名\n" + "".join(f"C{n},客户\n" for n in range(1100)), encoding="utf-8")
    heard: list[tuple[int, int]] = []
    import_customers(
        context, Request(path=path, mapping=Mapping()), lambda done, all_: heard.append((done, all_))
    )
    assert heard == [(500, 1100), (1000, 1100), (1100, 1100)]
