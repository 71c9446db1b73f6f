"""Refuses to run when another distribution has taken one of our top-level names.

The flat packages (docs/adr/0001) are called ``api``, ``store`` and the like; a foreign package of that name
earlier on the path would be imported in place of ours, silently. So each name is looked up before anything is
imported, without importing it, and must be found beside this package.
"""

from importlib.util import find_spec
from pathlib import Path

FLAT_PACKAGES = ("integrations", "scheduler", "templates", "store", "webhooks", "console", "api")
"""Every top-level name of ours except ``wenhou`` itself."""

HOME = Path(__file__).resolve().parent.parent
"""The folder all our packages live in: the work tree, or site-packages."""


def find_shadowed(names: tuple[str, ...] = FLAT_PACKAGES, home: Path = HOME) -> list[str]:
    """Say in a sentence which names are missing or come from elsewhere; empty when all is well."""
    complaints = []
    for name in names:
        spec = find_spec(name)
        if spec is None:
            complaints.append(f"the package '{name}' is missing beside wenhou in {home}")
            continue
        places = [Path(place).resolve() for place in spec.submodule_search_locations or []]
        if places != [home / name] or spec.origin is None:
            origin = spec.origin or (places[0] if places else "an unknown place")
            complaints.append(f"the name '{name}' is taken by {origin}")
    return complaints
