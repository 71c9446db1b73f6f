"""Which listener an account's block `inbound` asks for."""

from __future__ import annotations

from collections.abc import Sequence

from integrations.email_in.imap import ImapListener
from integrations.email_in.lmtp import LmtpListener
from integrations.email_in.settings import InboundSettings
from integrations.email_in.verdicts import Ours
from wenhou.core.channels import Listener


def make_listeners(
    inbound: InboundSettings | None, ours: Ours, *, provider: str, account: str
) -> Sequence[Listener]:
    """One, or none where mails are pushed."""
    if inbound is None:
        return ()
    if inbound.mode == "imap":
        return (ImapListener(inbound, provider=provider, account=account),)
    return (LmtpListener(inbound, ours, provider=provider, account=account),)
