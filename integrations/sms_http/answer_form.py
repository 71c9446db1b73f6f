"""How an answer is read: its code, the provider's id, and in a batch what became of each message."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from integrations.sms_http.parts import Body, CodeMeaning, Meaning, Part


class Rows(Part):
    """Where a batch's answer tells of each message: `by` its place, its phone, our reference or attempt id.

    `key`: the path of that value in a row (`index`: its number, counted from `base`; None: rows stand in our order).
    `only_failures`: what has no row was accepted. Else it is unknown.
    """

    array: str
    by: Literal["index", "phone", "reference", "attempt_id"]
    key: str | None = None
    base: int = Field(default=0, ge=0, le=1)
    code: str | None = None
    id: str | None = None
    success: frozenset[str] = frozenset()
    only_failures: bool = False

    @model_validator(mode="after")
    def _can_be_matched(self) -> Rows:
        if self.by != "index" and self.key is None:
            msg = "`key` must say where a row names its message"
            raise ValueError(msg)
        if self.code is not None and not self.success and not self.only_failures:
            msg = "`success` must say which codes of a row mean accepted"
            raise ValueError(msg)
        if self.only_failures and self.by == "index" and self.key is None:
            msg = "a list of failures needs `key`, the path of each one's number"
            raise ValueError(msg)
        return self


class AnswerForm(Body):
    """How the answer is read: values by dotted paths, or text by a pattern with groups `code` and perhaps `id`.

    A code that is neither success nor in `codes` means `other`, permanent and logged: never an endless retry.
    `http`: statuses that mean something else here than everywhere. `partial`: codes of the whole that say "look at the
    rows". `id_covers_call`: one id for all messages of a call; receipts then name id and phone.
    """

    pattern: str | None = None
    code: str = "code"
    id: str | None = None
    success: frozenset[str]
    partial: frozenset[str] = frozenset()
    codes: dict[str, Meaning] = Field(default_factory=dict)
    http: dict[str, Meaning] = Field(default_factory=dict)
    other: Meaning = CodeMeaning(outcome="permanent")
    rows: Rows | None = None
    id_covers_call: bool = False

    @field_validator("pattern")
    @classmethod
    def _has_a_code(cls, value: str | None) -> str | None:
        try:
            usable = value is None or "code" in re.compile(value).groupindex
        except re.error:
            usable = False
        if usable:
            return value
        msg = "must be a regular expression with a group named code"
        raise ValueError(msg)
