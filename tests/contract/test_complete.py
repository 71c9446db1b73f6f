"""No provider without its contract: whoever an account may name goes through every suite here."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations import registry
from integrations.registry import Provider, get_provider, provider_names
from tests.architecture.sources import ROOT
from tests.contract.dialects import DIALECTS
from tests.contract.provided import OFFERS, WORLDS
from wenhou.core.channels import CallbackParser, Prober, Sender
from wenhou.core.errors import ConfigurationError

PROBES_NOTHING = {"simulator"}


def _providers_of_worlds() -> set[str]:
    found = set()
    for make in WORLDS.values():
        world = make()
        found.add(world.provider)
        world.close()
    return found


def test_every_provider_has_a_world_and_a_dialect() -> None:
    assert _providers_of_worlds() == set(provider_names())
    assert set(DIALECTS) == set(provider_names())


def test_every_provider_that_fetches_has_something_to_fetch_here() -> None:
    fetching = {name for name in provider_names() if get_provider(name).listeners is not None}
    offered = set()
    for make in OFFERS.values():
        offers = make()
        offered.add(offers.provider)
        offers.close()
    assert offered == fetching


def test_every_sender_says_who_it_is_and_can_be_probed() -> None:
    for make in WORLDS.values():
        world = make()
        sender: Sender = world.sender()
        try:
            assert sender.provider == world.provider
            assert sender.capabilities.channel == world.channel
            assert sender.capabilities.batch_size >= 1
            assert isinstance(sender, Prober) or world.provider in PROBES_NOTHING
        finally:
            sender.close()
            world.close()


def test_every_parser_says_whom_it_hears() -> None:
    for name, make in DIALECTS.items():
        parser: CallbackParser = make().parser
        assert parser.provider == name
        assert parser.account
        assert parser.channel in {"sms", "email", "wechat", "wecom"}


def test_a_provider_without_a_world_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.PROVIDERS, "pigeon", registry.PROVIDERS["simulator"])
    with pytest.raises(AssertionError):
        test_every_provider_has_a_world_and_a_dialect()


def test_an_installed_package_is_a_provider_by_its_entry_point(example_package: Path) -> None:
    assert (example_package / "wenhou_channel_example").is_dir()
    assert isinstance(get_provider("relay"), Provider)


@pytest.mark.parametrize(
    ("value", "says"),
    [("no_such_module_at_all:X", "ModuleNotFoundError"), ("json:loads", "no integrations.registry.Provider")],
)
def test_a_broken_package_is_a_fault_of_the_settings_that_name_it(
    value: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[wenhou.channels]\nbroken = {value}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigurationError, match=says):
        get_provider("broken")


def test_the_page_about_adding_a_channel_names_every_file_of_the_package(example_package: Path) -> None:
    page = (ROOT / "docs" / "adding-a-channel.md").read_text(encoding="utf-8")
    for module in sorted((example_package / "wenhou_channel_example").glob("*.py")):
        assert module.name == "__init__.py" or f"`{module.name}`" in page
    assert get_provider("relay").listeners is not None
