"""Hears the bank's mail: pushed raw in a request signed by us both, or brought by one of the account's listeners.

What a mail is, and what it says: `integrations.email_in`.
"""

from __future__ import annotations

from collections.abc import Sequence

from integrations.email_in.events import events_of
from integrations.email_in.listeners import make_listeners
from integrations.email_in.mime import read_mail
from integrations.email_in.verdicts import Ours
from integrations.email_smtp.settings import SmtpSettings
from integrations.signing import verify_signed
from wenhou.core.channels import EMAIL, CallbackAnswer, Listener, ProviderEvent, RawCallback
from wenhou.core.errors import ConfigurationError, PayloadInvalid, SignatureInvalid

MAX_MAIL_BYTES = 25 << 20


class SmtpParser:
    """See `wenhou.core.channels.CallbackParser`."""

    provider = "email_smtp"
    channel = EMAIL
    largest_body = MAX_MAIL_BYTES
    """A mail with the bounced original inside is larger than any other provider's callback."""

    def __init__(self, settings: SmtpSettings) -> None:
        if not settings.hears:
            problem = f"account {settings.account}: inbound_secret or inbound: one is needed to hear mails"
            raise ConfigurationError(problem)
        self.account = settings.account
        self._secret = settings.inbound_secret
        self._is_tagged = settings.tagged
        self._ours = ours_of(settings)

    def verify(self, callback: RawCallback) -> None:
        """Raise SignatureInvalid unless signed with the account's inbound secret, within five minutes."""
        if self._secret is None:
            msg = "this account takes no pushes"
            raise SignatureInvalid(msg)
        verify_signed(callback, self._secret.get_secret_value(), self.account)

    def split(self, callback: RawCallback) -> Sequence[bytes]:
        """The mail is the item."""
        if len(callback.body) > MAX_MAIL_BYTES:
            msg = "the mail is too big"
            raise PayloadInvalid(msg)
        read_mail(callback.body)
        return [callback.body]

    def parse(self, item: bytes) -> Sequence[ProviderEvent]:
        """A receipt for each recipient of a bounce, an opt-out, or one reply."""
        return events_of(item, self._ours, is_tagged=self._is_tagged)

    def answer(self) -> CallbackAnswer:
        """The mail server reads nothing but the status."""
        return CallbackAnswer()


def ours_of(settings: SmtpSettings) -> Ours:
    """How this account's own addresses look."""
    domain = settings.domain.lower()
    bounce, care = settings.bounce_local.lower(), settings.reply_local.lower()
    own = {settings.from_address.lower(), f"{bounce}@{domain}", f"{care}@{domain}"}
    return Ours(domain=domain, separator=settings.separator, bounce=bounce, care=care, own=frozenset(own))


def open_listeners(settings: SmtpSettings) -> Sequence[Listener]:
    """What fetches this account's mail; none where it is pushed."""
    return make_listeners(
        settings.inbound, ours_of(settings), provider=settings.provider, account=settings.account
    )
