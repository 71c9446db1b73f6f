"""docs/channels.md says of every provider what the code says, how it was tested, and what nobody has proven."""

from integrations.registry import PROVIDERS
from tests.contract.abilities_table import ACCOUNTS, PAGE, make_table, written


def test_the_table_of_abilities_is_what_the_code_says() -> None:
    assert written() == make_table(), "run python -m tests.contract.abilities_table"


def test_every_provider_has_its_column_and_its_row_of_proof() -> None:
    proof = PAGE.read_text(encoding="utf-8").partition("## How far it was proven")[2].partition("\n## ")[0]
    for provider in PROVIDERS:
        assert any(f"`{provider}`" in column for column in ACCOUNTS)
        assert f"| `{provider}`" in proof


def test_what_met_only_an_emulator_says_so() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert "unproven against a carrier" in page
    rows = [row for row in page.splitlines() if row.startswith("| `sms_http`")]
    assert any("unproven against a carrier" in row for row in rows)
