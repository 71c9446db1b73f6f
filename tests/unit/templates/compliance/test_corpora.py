"""What the rules catch and let pass of corpora written by a hand that has not seen them."""

from __future__ import annotations

from pathlib import Path

from templates.compliance.lint import lint
from templates.compliance.measure import Count, families, is_caught, is_let_pass, measure, read_items

CORPORA = Path(__file__).parents[3] / "data" / "lint"
# Sentences that the rules get wrong, each with the reason why that stands.
EXCEPTIONS = {
    "袁阿姨，大额存单这个月又放了额度，二十万起，您那笔到期的钱正好可以接上，我帮您约周三？": (
        "a certificate of deposit is a deposit: it owes no risk sentence"
    )
}
LOOKED_AT = ("dev", "held_out")
COUNTED = {"caught, at the level it deserves or above", "let pass (nothing stops it)"}
# A little below what was measured, so that a change that loses more than two sentences in a hundred is seen.
FLOORS = {
    ("caught, at the level it deserves or above", "fresh"): 0.83,
    ("let pass (nothing stops it)", "fresh"): 0.87,
    ("let pass without any remark", "fresh"): 0.79,
}


def test_the_corpora_are_as_large_as_promised() -> None:
    for corpus in ("caught", "pass"):
        assert len(read_items(CORPORA / f"{corpus}.yaml")) >= 300
        fresh = read_items(CORPORA / f"{corpus}_fresh.yaml")
        assert len(fresh) >= 150
        assert {one.part for one in fresh} == {"fresh"}


def test_every_sentence_that_may_be_looked_at_is_caught() -> None:
    items = [one for one in read_items(CORPORA / "caught.yaml") if one.part in LOOKED_AT]

    missed = [
        one.text
        for one in items
        if one.text not in EXCEPTIONS and not is_caught(one, lint(one.text, one.about))
    ]

    assert missed == []


def test_every_ordinary_sentence_that_may_be_looked_at_passes() -> None:
    items = [one for one in read_items(CORPORA / "pass.yaml") if one.part in LOOKED_AT]

    stopped = [
        (one.text, [hit.rule for hit in hits])
        for one in items
        if one.text not in EXCEPTIONS and not is_let_pass(one, hits := lint(one.text, one.about))
    ]

    assert stopped == []


def test_sentences_nobody_has_seen_fare_no_worse_than_measured() -> None:
    counts = {(what, part): count for _, what, part, count in measure(CORPORA)}

    for (what, part), floor in FLOORS.items():
        count = counts[what, part]
        low, high = count.interval()
        print(f"{what} [{part}]: {count.right} of {count.n}, {low:.1%} to {high:.1%}")  # noqa: T201 - the figure is the point
        assert count.share >= floor, f"{what}: {count.right} of {count.n}"


def test_families_count_every_sentence_once() -> None:
    whole = {(corpus, part): count for corpus, what, part, count in measure(CORPORA) if what in COUNTED}

    for corpus in ("caught", "pass"):
        rows = [row for row in families(CORPORA) if row[0] == corpus]
        learned = [whole[corpus, part] for part in LOOKED_AT]
        assert sum(one.n for _, _, one, _ in rows) == sum(one.n for one in learned)
        assert sum(one.right for _, _, one, _ in rows) == sum(one.right for one in learned)
        assert sum(one.n for _, _, _, one in rows) == whole[corpus, "fresh"].n
        assert sum(one.right for _, _, _, one in rows) == whole[corpus, "fresh"].right


def test_intervals_are_wilsons() -> None:
    low, high = Count(right=8, n=10).interval()

    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert Count(right=10, n=10).interval()[0] < 1
