"""The examples of these pages are whole, and about customers of the sample."""

from __future__ import annotations

from pathlib import Path

from tests.integration.bank_in.conftest import SHANGHAI
from wenhou.services.feeds import read_feeds
from wenhou.services.foreign_contacts import read_contacts

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"


def test_the_feeds_example_is_read() -> None:
    assert [spec.key for spec in read_feeds(EXAMPLES / "feeds.yaml")] == ["deaths", "overdue", "opt_outs"]


def test_the_contacts_example_is_whole_and_takes_one_back() -> None:
    contacts, refusals = read_contacts(EXAMPLES / "contacts.csv", SHANGHAI)
    assert refusals == []
    assert [one.cancelled for one in contacts] == [False, False, False, True]
