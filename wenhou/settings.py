"""Every setting with its sentence: environment `WENHOU_*`, or one TOML file named by WENHOU_CONFIG.

The environment wins over the file. Secrets mask themselves. `load_settings` reports all problems at once, by the
name a person would set, and never shows a value.
"""

from __future__ import annotations

import os
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from wenhou.core.errors import ConfigurationError

Mode = Literal["development", "test", "demo", "production"]
PREFIX = "WENHOU_"
CONFIG = "WENHOU_CONFIG"
SHORTEST_SECRET = 32
_TREE = Path(__file__).resolve().parent.parent


def default_data_dir() -> Path:
    """`var/` beside the code in a work tree, else the user's data folder (XDG)."""
    if (_TREE / "pyproject.toml").is_file():
        return _TREE / "var"
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "wenhou"


class Settings(BaseSettings):
    """What an installation may set. The description of a field is what `wenhou check` prints beside it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", hide_input_in_errors=True, frozen=True, env_ignore_empty=True
    )

    mode: Mode = Field(
        default="development",
        description="What this installation is: production sends for real, everything else stays on this machine.",
    )
    database_url: SecretStr = Field(
        default=SecretStr(""),
        description="Where the customer store is: sqlite:///file or postgresql://; may pass a transaction pooler.",
    )
    database_direct_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL without the pooler, for migrations and the leader's lock; the same when unset.",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="Opens the data keys; 32 characters or more. Required in production, else made beside the data.",
    )
    data_dir: Path = Field(
        default_factory=default_data_dir,
        description="Where files of this installation are kept: the SQLite store, the made-up secret, exports.",
    )
    audit_anchors: Path | None = Field(
        default=None,
        description="Where the audit's end is signed each hour: best on another machine. Unset: in the data folder.",
    )
    now: datetime | None = Field(
        default=None,
        description="Business time at start, with its zone; it then runs on. Refused in production.",
    )
    freeze: bool = Field(
        default=False, description="Whether the business clock stands still. Refused in production."
    )
    bank_name: str = Field(default="江城银行", description="The bank's name as customers read it.")
    bank_signature: str = Field(
        default="江城银行", description="The filed SMS signature, without its brackets."
    )
    bank_zone: str = Field(
        default="Asia/Shanghai", description="The bank's time zone: quiet hours, days, workdays."
    )
    bank_hotline: str = Field(default="027-5550-0100", description="The number customers may call.")
    opt_out_suffix: str = Field(
        default="拒收请回复R", description="The words that end every SMS that may be refused."
    )
    public_url: str = Field(
        default="",
        pattern=r"^(https?://[^?#\s]+)?$",
        description="Where customers' links lead, as seen from outside.",
    )
    link_domains: str = Field(
        default="",
        description="Hosts that messages may link to, with commas between; unset: the host of the public address.",
    )
    host: str = Field(default="127.0.0.1", description="The address the web side listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="The port the web side listens on.")
    threads: int = Field(default=16, ge=4, le=128, description="How many requests are answered at once.")
    accounts: list[dict[str, Any]] = Field(
        default_factory=list,
        description="Providers' accounts, one block each; without any, the simulator carries every channel.",
    )
    allow_simulator: bool = Field(
        default=False, description="Whether production may use the simulator, which sends to nobody."
    )
    allow_loopback_providers: bool = Field(
        default=False,
        description="Whether outside production real providers' protocols may be spoken to servers on this machine.",
    )
    lease_seconds: int = Field(
        default=60,
        ge=5,
        le=3600,
        description="How long a worker owns what it claimed, unless it says it is alive.",
    )
    stop_seconds: int = Field(
        default=20, ge=1, le=300, description="How long a stopping process waits for calls in flight."
    )
    campaign_approval: Literal["auto", "none", "second_person"] = Field(
        default="auto",
        description="Whether a second person approves a campaign before it goes live; auto: in production only.",
    )
    alerts: SecretStr = Field(
        default=SecretStr(""),
        description="Where staff are told of ill channels: Apprise addresses with blanks between, dingtalk://… and others.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="The least important event that is logged."
    )
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto", description="json for machines, text for people, auto: text on a terminal."
    )

    @field_validator("now")
    @classmethod
    def _must_name_its_zone(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            msg = "an instant needs its zone, such as 2027-01-30T08:30:00+08:00"
            raise ValueError(msg)
        return value

    @field_validator("bank_zone")
    @classmethod
    def _must_be_a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            msg = "not a time zone; write one such as Asia/Shanghai"
            raise ValueError(msg) from error
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic names it
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the code says, then the environment, then the file."""
        named = os.environ.get(CONFIG)
        if not named:
            return init_settings, env_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=Path(named))

    @property
    def anchors_file(self) -> Path:
        """The anchors' file."""
        return self.audit_anchors or self.data_dir / "audit.anchors"

    @property
    def is_production(self) -> bool:
        """Whether messages may leave this machine."""
        return self.mode == "production"

    @property
    def campaigns_need_two(self) -> bool:
        """Whether a campaign goes live only after a second person approved it."""
        if self.campaign_approval == "auto":
            return self.is_production
        return self.campaign_approval == "second_person"

    @property
    def store_url(self) -> str:
        """The database's URL; without the setting a SQLite file in the data folder."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir / 'wenhou.sqlite3'}"

    @property
    def bank_domains(self) -> frozenset[str]:
        """The hosts that messages may link to; empty when neither they nor the public address are set."""
        named = [part.strip().lower() for part in self.link_domains.split(",") if part.strip()]
        public = urlsplit(self.public_url).hostname
        return frozenset(named or ([public] if public else []))

    @property
    def web_url(self) -> str:
        """Where the web side is reached from this machine."""
        return f"http://{'127.0.0.1' if self.host in {'0.0.0.0', '::', ''} else self.host}:{self.port}"  # noqa: S104 - recognised, not bound

    @property
    def links_url(self) -> str:
        """What customers' links begin with, without a closing slash."""
        return (self.public_url or self.web_url).rstrip("/")


def load_settings(**given: Any) -> Settings:
    """Read and check the settings; raises ConfigurationError with every problem."""
    _require_readable(os.environ.get(CONFIG))
    try:
        settings = Settings(**given)
    except ValidationError as error:
        problems = [
            f"{PREFIX}{'_'.join(map(str, detail['loc'])).upper()}: {detail['msg'].removeprefix('Value error, ')}"
            for detail in error.errors(include_input=False, include_context=False, include_url=False)
        ]
        raise ConfigurationError(*problems) from None
    except SettingsError as error:
        problem = f"{error}; lists are written as JSON in the environment"
        raise ConfigurationError(problem) from None
    problems = list_problems(settings)
    if problems:
        raise ConfigurationError(*problems)
    return settings


def list_problems(settings: Settings) -> list[str]:
    """What does not fit together, a sentence each; empty when all is well."""
    found = []
    if settings.is_production:
        if settings.secret_key is None:
            found.append("WENHOU_SECRET_KEY is missing; production needs one (openssl rand -base64 48)")
        if settings.now is not None or settings.freeze:
            found.append(
                "WENHOU_NOW and WENHOU_FREEZE shift the clock and are refused in production; unset them"
            )
        if not settings.accounts:
            found.append("accounts: production names its providers' accounts; the simulator sends to nobody")
        if not settings.public_url.startswith("https://"):
            found.append("WENHOU_PUBLIC_URL: production needs the https:// address customers' links lead to")
    if settings.secret_key is not None and len(settings.secret_key.get_secret_value()) < SHORTEST_SECRET:
        found.append(f"WENHOU_SECRET_KEY is too short; use {SHORTEST_SECRET} characters or more")
    return found


def describe(settings: Settings) -> list[dict[str, str]]:
    """Each setting with its variable, its value (secrets masked) and its sentence."""
    return [
        {
            "setting": f"{PREFIX}{name.upper()}",
            "value": _shown(name, getattr(settings, name)),
            "meaning": field.description or "",
        }
        for name, field in Settings.model_fields.items()
    ]


def _shown(name: str, value: object) -> str:
    if value is None or value == []:
        return "-"
    if isinstance(value, SecretStr):
        return "********" if value.get_secret_value() else "-"
    if name == "accounts" and isinstance(value, list):
        return ", ".join(
            f"{block.get('channel')}: {block.get('provider')}/{block.get('account')}" for block in value
        )
    return str(value)


def _require_readable(named: str | None) -> None:
    """The TOML file, when one is named, can be read; raises ConfigurationError."""
    if not named:
        return
    try:
        tomllib.loads(Path(named).read_text(encoding="utf-8"))
    except OSError as error:
        problem = f"{CONFIG}: {named} cannot be read ({error.strerror}); name a readable TOML file"
        raise ConfigurationError(problem) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = f"{CONFIG}: {named} is not TOML: {error}"
        raise ConfigurationError(problem) from error
