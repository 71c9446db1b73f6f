"""What the sections of a gateway's description share: their base, how a body is read, what a code means."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Charset = Literal["utf-8", "gb18030"]


class Part(BaseModel):
    """A section of a description: frozen, no unknown keys, problems told without values."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Body(Part):
    """How a body is read. `rows`: a line an item, cells between `separator`s, named by `columns`.

    The last column takes what is left of its line, separators too. `head`: the columns of a first line of another
    kind. XML is read without document types and entities; `pairs` are `key=value`, one a line or between `&`.
    """

    format: Literal["json", "xml", "pairs", "rows", "form", "query"] = "json"
    charset: Charset | None = None
    separator: str = Field(default=",", min_length=1, max_length=4)
    row_separator: str = Field(default="\n", min_length=1, max_length=4)
    columns: tuple[str, ...] = ()
    head: tuple[str, ...] = ()


_CLASSES: Final[dict[str, dict[str, Any]]] = {
    "accepted": {"outcome": "accepted"},
    "retry_now": {"outcome": "transient", "retry_after_seconds": 1},
    "retry_backoff": {"outcome": "transient"},
    "unknown": {"outcome": "unknown"},
    "permanent_msg": {"outcome": "permanent"},
    "number_invalid": {"outcome": "permanent", "suppress": "number_invalid"},
    "soft_fail": {"outcome": "transient", "retry_after_seconds": 4 * 3600},
    "opt_out": {"outcome": "permanent", "suppress": "opted_out"},
    "template_stop": {"outcome": "permanent"},
    "channel_stop": {"outcome": "channel_fault"},
    "bug": {"outcome": "permanent"},
}
"""The error classes of the SMS specification §11 by one word; `retry_at` needs its hour and so its own table."""


def _by_class(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value in _CLASSES:
        return _CLASSES[value]
    msg = f"must be a table with `outcome`, or one of {', '.join(_CLASSES)}"
    raise ValueError(msg)


class CodeMeaning(Part):
    """What an answer's code means for the message. `reason` is why a channel fault pauses the account.

    `retry_at`: the wall time (HH:MM, the account's zone) from which a transient refusal may be tried again.
    """

    outcome: Literal["accepted", "transient", "permanent", "channel_fault", "unknown"]
    suppress: Literal["number_invalid", "opted_out", "address_invalid"] | None = None
    reason: str | None = None
    retry_after_seconds: int | None = Field(default=None, ge=0)
    retry_at: str | None = Field(default=None, pattern=r"^([01]\d|2[0-3]):[0-5]\d$")


Meaning = Annotated[CodeMeaning, BeforeValidator(_by_class)]
