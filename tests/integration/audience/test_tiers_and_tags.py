"""Tiers and tags by rule: worked out set-based, once, and never over what the bank's file or a person said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from store.models.customers import Customer, CustomerTag
from store.models.products import Assessment, Holding
from store.recomputing import between, window_after
from tests.factories import AT, make_customer
from wenhou.core.actors import SYSTEM, Actor
from wenhou.core.errors import AccessDenied
from wenhou.services.context import Context
from wenhou.services.rule_files import bundled_tiers, read_tags, read_tiers
from wenhou.services.tagging import Tagged, apply_tags, recompute_tags
from wenhou.services.tiers import apply_tiers, recompute_tiers

_YUAN = 100
_BEFORE = AT - timedelta(days=1)


def _customer(context: Context, ref: str, *, yuan: int | None, tier: str | None = None) -> None:
    with context.db.write() as session:
        row = make_customer(session, context.vault, ref=ref)
        row.tier, row.assets_fen = tier, None if yuan is None else yuan * _YUAN
        row.updated_at = _BEFORE


def _set_assets(context: Context, ref: str, yuan: int | None) -> None:
    with context.db.write() as session:
        row = session.scalars(select(Customer).where(Customer.external_ref == ref)).one()
        row.assets_fen = None if yuan is None else yuan * _YUAN


def _row(context: Context, ref: str) -> Customer:
    with context.db.read() as session:
        return session.scalars(select(Customer).where(Customer.external_ref == ref)).one()


def _bundled(context: Context) -> None:
    apply_tiers(context, SYSTEM, read_tiers(bundled_tiers(), "tiers.yaml"))


def test_customers_are_sorted_by_their_assets_and_nobody_is_guessed(context: Context) -> None:
    for ref, yuan in (("V", 6_000_000), ("H", 1_000_000), ("P", 999_999), ("?", None)):
        _customer(context, ref, yuan=yuan)
    _bundled(context)
    counts = recompute_tiers(context)
    assert {ref: _row(context, ref).tier for ref in "VHP?"} == {
        "V": "VIP",
        "H": "高净值",
        "P": "普通",
        "?": None,
    }
    assert counts["tier"] == {"VIP": 1, "高净值": 1, "普通": 1, "": 0}


def test_need_and_appetite_follow_holdings_and_the_valid_assessment(context: Context) -> None:
    _customer(context, "C", yuan=None)
    customer = _row(context, "C").id
    with context.db.write() as session:
        session.add(Holding(customer_id=customer, kind="fund", source="x", source_ref="1", updated_at=AT))
        for level, days in ((2, 10), (5, 300)):
            until = AT.date() + timedelta(days=days)
            session.add(
                Assessment(
                    customer_id=customer, level=level, assessed_on=AT.date(), valid_until=until, source="x"
                )
            )
    _bundled(context)
    recompute_tiers(context)
    row = _row(context, "C")
    assert (row.need, row.risk_appetite) == ("投资", "激进")


def test_a_tier_of_the_banks_file_is_never_overwritten(context: Context) -> None:
    _customer(context, "C", yuan=10_000_000, tier="普通")
    _bundled(context)
    recompute_tiers(context)
    assert (_row(context, "C").tier, _row(context, "C").updated_at) == ("普通", _BEFORE)


def test_a_tier_of_the_file_gives_way_where_the_bank_says_so(context: Context) -> None:
    _customer(context, "C", yuan=10_000_000, tier="普通")
    apply_tiers(context, SYSTEM, read_tiers("overrides_file: true\n" + _only_tier(), "tiers.yaml"))
    recompute_tiers(context)
    assert _row(context, "C").tier == "VIP"


def _only_tier() -> str:
    return "tier:\n  - {name: VIP, when: {field: assets_yuan, at_least: 6000000}}\n"


def test_who_falls_a_little_below_the_threshold_keeps_the_tier_and_who_falls_far_loses_it(
    context: Context,
) -> None:
    _customer(context, "C", yuan=6_000_000)
    _bundled(context)
    seen = []
    for yuan in (6_000_000, 5_400_000, 5_399_999, 5_900_000, 6_000_000, 800_000, None):
        _set_assets(context, "C", yuan)
        recompute_tiers(context)
        seen.append(_row(context, "C").tier)
    assert seen == ["VIP", "VIP", "高净值", "高净值", "VIP", "普通", None]


def test_only_a_changed_value_moves_updated_at(context: Context) -> None:
    _customer(context, "C", yuan=2_000_000)
    _bundled(context)
    recompute_tiers(context)
    first = _row(context, "C").updated_at
    assert first == context.clock.now()
    with context.db.write() as session:
        session.scalars(select(Customer)).one().updated_at = _BEFORE
    assert sum(recompute_tiers(context)["tier"].values()) == 0
    assert _row(context, "C").updated_at == _BEFORE


def test_only_named_customers_are_worked_out_when_ids_are_given(context: Context) -> None:
    _customer(context, "A", yuan=2_000_000)
    _customer(context, "B", yuan=2_000_000)
    _bundled(context)
    assert recompute_tiers(context, [_row(context, "B").id])["tier"]["高净值"] == 1
    assert (_row(context, "A").tier, _row(context, "B").tier) == (None, "高净值")


def test_windows_together_meet_every_customer_once(context: Context) -> None:
    for ref in "ABCDE":
        _customer(context, ref, yuan=None)
    met: list[str] = []
    after = None
    with context.db.read() as session:
        while ends := window_after(session, after, size=2):
            rows = session.scalars(select(Customer.external_ref).where(between(*ends)))
            met += rows.all()
            after = ends[1]
    assert sorted(met) == list("ABCDE")


def test_without_rules_of_its_own_the_bank_keeps_every_tier(context: Context) -> None:
    _customer(context, "C", yuan=10_000_000)
    assert recompute_tiers(context) == {}
    assert _row(context, "C").tier is None


def test_the_same_rules_again_are_no_new_edition(context: Context) -> None:
    sheet = read_tiers(bundled_tiers(), "tiers.yaml")
    assert [apply_tiers(context, SYSTEM, sheet) for _ in range(2)] == [True, False]


def test_only_operations_sets_rules(context: Context) -> None:
    with pytest.raises(AccessDenied, match="only operations"):
        apply_tiers(context, Actor(kind="user", roles=frozenset({"advisor"})), read_tiers(_only_tier(), "x"))


_TAGS = "tags:\n  - {tag: 大额, when: {field: assets_yuan, at_least: 1000000}}\n"


def _tags(context: Context) -> set[tuple[str, str, str]]:
    with context.db.read() as session:
        rows = session.execute(
            select(Customer.external_ref, CustomerTag.tag, CustomerTag.source).join(
                CustomerTag, CustomerTag.customer_id == Customer.id
            )
        )
        return {(row[0], row[1], row[2]) for row in rows}


def test_a_tag_comes_and_goes_with_its_rule(context: Context) -> None:
    _customer(context, "A", yuan=1_000_000)
    _customer(context, "B", yuan=None)
    apply_tags(context, SYSTEM, read_tags(_TAGS, "tags.yaml"))
    assert recompute_tags(context) == [Tagged(tag="大额", added=1, removed=0)]
    assert _tags(context) == {("A", "大额", "rule")}
    _set_assets(context, "A", 5)
    assert recompute_tags(context) == [Tagged(tag="大额", added=0, removed=1)]
    assert _tags(context) == set()


def test_a_tag_of_a_file_or_person_is_neither_taken_nor_turned_into_one_of_a_rule(context: Context) -> None:
    _customer(context, "A", yuan=1_000_000)
    _customer(context, "B", yuan=1)
    with context.db.write() as session:
        for row in session.scalars(select(Customer)):
            session.add(CustomerTag(customer_id=row.id, tag="大额", source="file"))
    apply_tags(context, SYSTEM, read_tags(_TAGS, "tags.yaml"))
    recompute_tags(context)
    assert _tags(context) == {("A", "大额", "file"), ("B", "大额", "file")}


def test_a_tag_no_rule_names_any_more_is_taken_off(context: Context) -> None:
    _customer(context, "A", yuan=1_000_000)
    apply_tags(context, SYSTEM, read_tags(_TAGS, "tags.yaml"))
    recompute_tags(context)
    apply_tags(context, SYSTEM, read_tags(_TAGS.replace("大额", "富裕"), "tags.yaml"))
    recompute_tags(context)
    assert _tags(context) == {("A", "富裕", "rule")}
