"""How a call to the gateway is written: fields, digests, authentication, several messages at once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue, model_validator

from integrations.sms_http.expressions import names_in
from integrations.sms_http.parts import Charset, Part

COMMON_NAMES = frozenset(
    "ts nonce date body method path query fields:sorted fields:encoded fields:joined fields:values".split()
)
MESSAGE_NAMES = frozenset("phone text sender reference attempt_id ext template parameters deadline".split())
BATCH_NAMES = frozenset("items phones texts references count".split())


class Digest(Part):
    """A signature over an expression, used as `{digest:name}`; the hmac kinds take their key from `secrets`.

    `key_suffix`: what some platforms append to the key.
    """

    algorithm: Literal[
        "md5", "sha1", "sha256", "sha512", "hmac-md5", "hmac-sha1", "hmac-sha256", "hmac-sha512"
    ]
    over: str
    key: str | None = None
    key_suffix: str = ""
    encoding: Literal["hex", "HEX", "base64"] = "hex"

    @model_validator(mode="after")
    def _has_key(self) -> Digest:
        if self.algorithm.startswith("hmac") != (self.key is not None):
            msg = "an hmac digest needs `key`, a name in `secrets`; the others take none"
            raise ValueError(msg)
        return self


class BasicAuth(Part):
    """HTTP basic authentication."""

    kind: Literal["basic"] = "basic"
    user: str = Field(pattern=r"^[^:]+$")
    key: str


class BearerAuth(Part):
    """A token in the header Authorization, or in another one; `scheme` stands before it."""

    kind: Literal["bearer"] = "bearer"
    key: str
    header: str = Field(default="Authorization", pattern=r"^[A-Za-z][A-Za-z0-9-]*$")
    scheme: str = "Bearer "


Auth = Annotated[BasicAuth | BearerAuth, Field(discriminator="kind")]


class Call(Part):
    """One HTTP request. `fields` may be nested for JSON; its texts are expressions."""

    method: Literal["POST", "GET", "PUT"] = "POST"
    url: str = Field(pattern=r"^https?://[^{}#@\s]+$")
    body: Literal["form", "json", "query"] = "form"
    fields: dict[str, JsonValue] = Field(default_factory=dict)
    query: dict[str, str] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    charset: Charset = "utf-8"
    ts: str = "epoch"
    digests: dict[str, Digest] = Field(default_factory=dict)
    auth: Auth | None = None

    @model_validator(mode="after")
    def _digests_end(self) -> Call:
        for name in self.digests:
            _follow(self, name, ())
        return self

    def names(self) -> set[str]:
        """Every name its expressions use."""
        used = names_in([self.fields, self.query, self.headers])
        return used | names_in([digest.over for digest in self.digests.values()])

    def keys(self) -> set[str]:
        """The secrets it takes keys from."""
        found = {digest.key for digest in self.digests.values() if digest.key}
        return found | ({self.auth.key} if self.auth else set())


class Batch(Part):
    """Several messages in one request.

    `form`: `each`: `{items}` in the fields is the list of `item`s, one a message, each with its own text. `same_text`:
    one text and `{phones}`; messages whose texts differ go in calls of their own. `separator`: between `{phones}`,
    `{texts}` and `{references}`, where they are no JSON lists.
    """

    size: int = Field(ge=2, le=1000)
    form: Literal["each", "same_text"] = "each"
    item: dict[str, JsonValue] = Field(default_factory=dict)
    separator: str = ","

    @model_validator(mode="after")
    def _has_items(self) -> Batch:
        if (self.form == "each") and names_in([self.item]) & BATCH_NAMES:
            msg = "`item` is one message; names of the whole batch stand in `fields`"
            raise ValueError(msg)
        return self


class Request(Call):
    """How messages become a request. `batch` None: one a call."""

    phone: Literal["e164", "national", "86"] = "national"
    signature: Literal["in_text", "at_end", "stripped"] = "in_text"
    ext: str = Field(default="", pattern=r"^\d{0,12}$")
    batch: Batch | None = None

    def names(self) -> set[str]:
        """See the base; the items' own as well."""
        return super().names() | (names_in([self.batch.item]) if self.batch else set())


def _follow(call: Call, name: str, above: tuple[str, ...]) -> None:
    """Raise ValueError for a digest over itself, however far around."""
    if name in above:
        msg = f"digest {name} is made over itself"
        raise ValueError(msg)
    recipe = call.digests.get(name)
    for used in names_in([recipe.over]) if recipe else ():
        kind, _, which = used.partition(":")
        if kind == "digest":
            _follow(call, which, (*above, name))
