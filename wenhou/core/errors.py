"""The errors of Wenhou: one tree, stable codes, sentences that say what to do.

A class exists only where somebody handles it differently. A refusal by policy is a value
(`wenhou.core.policy.Decision`), never an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


class WenhouError(Exception):
    """Base of all our errors; `code` is stable snake_case, `str(error)` a sentence for a person."""

    code = "error"

    def __init__(self, sentence: str, *, code: str | None = None) -> None:
        super().__init__(sentence)
        if code is not None:
            self.code = code


class ConfigurationError(WenhouError):
    """The settings cannot be used; raised at start with every problem at once; the process exits with 1."""

    code = "configuration"

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class InputError(WenhouError):
    """Something a person gave us is wrong; names the place and what would be right; exit code 2."""

    code = "input"

    def __init__(
        self,
        sentence: str,
        *,
        file: str | None = None,
        line: int | None = None,
        column: str | int | None = None,
        code: str | None = None,
    ) -> None:
        place = ":".join(str(part) for part in (file, line, column) if part is not None)
        super().__init__(f"{place}: {sentence}" if place else sentence, code=code)
        self.sentence = sentence
        self.file = file
        self.line = line
        self.column = column


class TemplateError(InputError):
    """A template is not usable: unclosed tag, undeclared placeholder, too long; names line and column."""

    code = "template"


class AccessDenied(WenhouError):
    """The person may not do this, or may not know that the thing exists; shown as 404, audited."""

    code = "access_denied"


class Refused(WenhouError):
    """An act is not allowed in the present state (already approved, hash changed …); exit code 1, HTTP 409."""

    code = "refused"


class StoreError(WenhouError):
    """The store cannot do it: see the subclasses."""

    code = "store"


class InvalidTransition(StoreError):
    """A status change that the transition table does not know."""

    code = "invalid_transition"


class ClaimLost(StoreError):
    """Another worker holds the message now; what we were about to record must be recorded by the attempt only."""

    code = "claim_lost"


class SchemaMismatch(StoreError):
    """The database is older or newer than this code; says which command mends it."""

    code = "schema_mismatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryHint:
    """What a provider said about when to come back: after a while, or at an instant."""

    after: timedelta | None = None
    at: datetime | None = None


class SendError(WenhouError):
    """A hand-over call failed as a whole; the subclass says what may follow. `provider_code` is verbatim."""

    code = "send"

    def __init__(self, sentence: str, *, provider_code: str = "", retry: RetryHint | None = None) -> None:
        super().__init__(sentence)
        self.provider_code = provider_code
        self.retry = retry or RetryHint()


class TransientSendError(SendError):
    """Not accepted, may be tried again later (throttled, refused connection, 4xx of SMTP)."""

    code = "transient"


class PermanentSendError(SendError):
    """Never accepted and never will be: the next channel of the plan, or failed."""

    code = "permanent"


class ChannelFaultError(SendError):
    """The account is at fault (credentials, balance, permission): the channel pauses, messages stay."""

    code = "channel_fault"


class UnknownOutcomeError(SendError):
    """The request left and no answer came: never sent again blindly."""

    code = "unknown_outcome"


class CallbackError(WenhouError):
    """A provider's callback is not acceptable."""

    code = "callback"


class SignatureInvalid(CallbackError):
    """Unsigned, altered, stale or replayed: HTTP 401, nothing stored as true."""

    code = "signature_invalid"


class PayloadInvalid(CallbackError):
    """Signed, but not what the provider's contract says: HTTP 400, kept raw for a person."""

    code = "payload_invalid"
