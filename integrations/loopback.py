"""Whether an address stays on this machine: outside production every provider's address must."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from wenhou.core.errors import ConfigurationError

_LOOPBACK_NAMES = {"localhost"}


def is_loopback(address: str) -> bool:
    """Whether a URL, `host:port` or host names the loopback interface; of names only localhost does.

    A name is not resolved: what resolves to loopback now may resolve elsewhere at the call.
    """
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        host = parts.hostname or ""
    except ValueError:
        return False
    if address.count(":") > 1 and "//" not in address and not address.startswith("["):
        host = address  # a bare IPv6 address
    if host in _LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_loopback(address: str, *, where: str) -> None:
    """Raise ConfigurationError, naming the setting `where`, unless the address stays on this machine."""
    if not is_loopback(address):
        problem = (
            f"{where}: outside production a provider's address must be loopback (127.0.0.1, ::1 or localhost)"
        )
        raise ConfigurationError(problem)
