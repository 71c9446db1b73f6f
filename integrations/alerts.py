"""Alerts to staff by Apprise: DingTalk, Feishu, WeCom bots, mail, webhooks. It reads no configuration of its own.

The only module that speaks HTTP past `http_edge`: each service has a protocol of its own, and nothing of a customer's goes
there.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from urllib.parse import urlsplit

import apprise
import structlog

from integrations.loopback import is_loopback
from wenhou.core.errors import ConfigurationError

# Its own log lines hold the addresses, which are secrets.
logging.getLogger("apprise").setLevel(logging.CRITICAL)
log = structlog.get_logger(__name__)


class AppriseAlerter:
    """See `wenhou.core.alerts.Alerter`. Raises ConfigurationError, without the address, for one it cannot use."""

    def __init__(self, addresses: Sequence[str], *, loopback_only: bool) -> None:
        asset = apprise.AppriseAsset(
            app_id="wenhou",
            app_desc="Wenhou",
            app_url="",
            async_mode=False,
            secure_logging=True,
            storage_mode=apprise.PersistentStoreMode.MEMORY,
        )
        self._apprise = apprise.Apprise(asset=asset)
        problems = []
        for number, address in enumerate(addresses, start=1):
            if loopback_only and not is_loopback(urlsplit(address).hostname or ""):
                problems.append(f"WENHOU_ALERTS: address {number} leaves this machine; only production may")
            elif not self._apprise.add(address):
                problems.append(f"WENHOU_ALERTS: address {number} is none that alerts can go to")
        if problems:
            raise ConfigurationError(*problems)

    def alert(self, title: str, body: str) -> bool:
        """Tell every address; one that fails does not keep the others from hearing."""
        try:
            told = self._apprise.notify(title=title, body=body)
        except Exception as error:  # noqa: BLE001 - a library of a hundred services; none may stop us
            log.warning("alert_failed", error=type(error).__name__)
            return False
        if not told:
            log.warning("alert_failed", error="refused")
        return bool(told)
