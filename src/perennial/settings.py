"""What an installation is told by `settings.toml` in its directory."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from perennial.kernel.errors import InvalidDocument, Problem, nearest
from perennial.kernel.windows import parse_duration

__all__ = ["Settings", "read_settings_file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an installation is told by `settings.toml` in its directory; the command line wins over it."""

    events_url: str = field(default="chdb:///", repr=False)
    """The event store (`events`, `--events`, `PERENNIAL_EVENTS`): `chdb:///` is embedded,
    `clickhouse://user:password@host:8123/` a server; with every host and `?cluster=NAME`, shards."""
    state_url: str = field(default="sqlite:///", repr=False)
    """The state store (`state`, `--state`, `PERENNIAL_STATE`): `sqlite:///` is files inside the directory,
    `postgresql://user:password@host:5432/database` is a server that several processes share."""
    smtp_url: str = field(default="", repr=False)
    """The mail server (`[smtp] url`): `smtp://user:password@host:port?from=a@b.example`; empty is none."""
    smtp_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    """Mail servers that are tried in this order where the first cannot be reached (`[smtp] fallbacks`)."""
    smtp_bounces: str = ""
    """The mailbox that failures are reported to (`[smtp] bounces`, such as `bounce@example.com`)."""
    dkim_domain: str = ""
    """The domain that mail is signed for (`[smtp.dkim] domain`); empty is no signature."""
    dkim_selector: str = ""
    """Under which the public key is in the DNS (`[smtp.dkim] selector`)."""
    dkim_key_file: str = ""
    """The PEM file with the private key, RSA or Ed25519 (`[smtp.dkim] key_file`)."""
    webhook_hosts: tuple[str, ...] = ()
    """Hosts that webhooks may reach although they are not public (`[webhooks] allowed_hosts`)."""
    public_url: str = ""
    """Where people reach this server (`public_url`, such as `https://crm.example.com`), for the links of
    messages: without it only a server on loopback links to itself, others send neither tracked links nor a
    way to unsubscribe."""
    links_url: str = ""
    """A shorter domain that leads here, for clicks and opens (`links_url`); empty is `public_url`."""
    s3_endpoint: str = ""
    """Of an object storage that speaks S3 (`[object_storage] endpoint`, `PERENNIAL_S3_ENDPOINT`)."""
    s3_region: str = ""
    """Its region (`[object_storage] region`, `PERENNIAL_S3_REGION`)."""
    s3_access_key: str = field(default="", repr=False)
    """Its key (`[object_storage] access_key`, `PERENNIAL_S3_ACCESS_KEY`); the machine's own without."""
    s3_secret_key: str = field(default="", repr=False)
    """The key's secret (`[object_storage] secret_key`, `PERENNIAL_S3_SECRET_KEY`)."""
    max_fetched_bytes: int = 100 * 2**30
    """The most that one import fetches from object storage (`[object_storage] max_bytes`)."""
    max_upload_bytes: int = 2**30
    """The largest file that may be uploaded to be imported (`[imports] max_upload_bytes`)."""
    cap_limit: int = 3
    """Marketing messages a person gets per window, over all journeys (`[frequency_cap] limit`)."""
    cap_window: timedelta = timedelta(days=7)
    """The window of that cap (`[frequency_cap] window`, such as `7d`)."""
    cap_topics: tuple[str, ...] = ("marketing",)
    """The topics that are counted, each by itself (`[frequency_cap] topics`)."""
    holdout: float = 0.05
    """The part of all people that gets no marketing while no policy is published (`holdout`, 0 is nobody)."""
    refresh_every: timedelta = timedelta(hours=1)
    """How often segments and tags are answered for everyone (`refresh_every`, such as `1h`)."""


class _FrequencyCap(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    limit: int = Field(default=3, gt=0)
    window: str = "7d"
    topics: list[str] = ["marketing"]


class _Dkim(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    domain: str
    selector: str
    key_file: str


class _Smtp(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    url: str = ""
    fallbacks: list[str] = []
    bounces: str = Field(default="", pattern=r"^([A-Za-z0-9._-]+@[A-Za-z0-9.-]+)?$")
    dkim: _Dkim | None = None


class _ObjectStorage(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    endpoint: str = ""
    region: str = ""
    access_key: str = ""
    secret_key: str = ""
    max_bytes: int = Field(default=100 * 2**30, gt=0)


class _Webhooks(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    allowed_hosts: list[str] = []


class _Imports(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    max_upload_bytes: int = Field(default=2**30, gt=0)


class _SettingsFile(BaseModel):
    """`settings.toml` as it may be written."""

    model_config = ConfigDict(extra="forbid", strict=True)
    events: str = "chdb:///"
    state: str = "sqlite:///"
    holdout: float = Field(default=0.05, ge=0, le=0.5)
    refresh_every: str = "1h"
    public_url: str = ""
    links_url: str = ""
    smtp: _Smtp = _Smtp()
    object_storage: _ObjectStorage = _ObjectStorage()
    imports: _Imports = _Imports()
    webhooks: _Webhooks = _Webhooks()
    frequency_cap: _FrequencyCap = _FrequencyCap()


def read_settings_file(file: Path) -> Settings:
    """What a file says, or what stands without one. Raises InvalidDocument with every mistake."""
    told = _parse(file)
    return Settings(
        events_url=told.events,
        state_url=told.state,
        smtp_url=told.smtp.url,
        smtp_fallbacks=tuple(told.smtp.fallbacks),
        smtp_bounces=told.smtp.bounces,
        dkim_domain=told.smtp.dkim.domain if told.smtp.dkim else "",
        dkim_selector=told.smtp.dkim.selector if told.smtp.dkim else "",
        dkim_key_file=told.smtp.dkim.key_file if told.smtp.dkim else "",
        webhook_hosts=tuple(told.webhooks.allowed_hosts),
        public_url=_address(file, "public_url", told.public_url),
        links_url=_address(file, "links_url", told.links_url),
        s3_endpoint=told.object_storage.endpoint,
        s3_region=told.object_storage.region,
        s3_access_key=told.object_storage.access_key,
        s3_secret_key=told.object_storage.secret_key,
        max_fetched_bytes=told.object_storage.max_bytes,
        max_upload_bytes=told.imports.max_upload_bytes,
        cap_limit=told.frequency_cap.limit,
        cap_window=_span(file, "$.frequency_cap.window", told.frequency_cap.window),
        cap_topics=tuple(told.frequency_cap.topics),
        holdout=told.holdout,
        refresh_every=_span(file, "$.refresh_every", told.refresh_every),
    )


def _parse(file: Path) -> _SettingsFile:
    if not file.is_file():
        return _SettingsFile()
    try:
        return _SettingsFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad_settings(
            file, [Problem(path="$", code="syntax", message=f"This is not TOML: {error}.")]
        ) from error
    except ValidationError as error:
        raise _bad_settings(file, [_problem(detail) for detail in error.errors()]) from None


def _problem(detail: ErrorDetails) -> Problem:
    """A mistake in the settings; what was written there is not repeated, since it may be a password."""
    place = [str(part) for part in detail["loc"]]
    known = [*_SettingsFile.model_fields, *_FrequencyCap.model_fields, *_Smtp.model_fields]
    hint = nearest(place[-1], known) if detail["type"] == "extra_forbidden" else ""
    return Problem(path=".".join(["$", *place]), code="bad_setting", message=f"{detail['msg']}.", hint=hint)


def _address(file: Path, name: str, text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment):
        hint = "Write https://crm.example.com."
        problem = Problem(path=f"$.{name}", code="bad_setting", message="This is no address.", hint=hint)
        raise _bad_settings(file, [problem])
    return text.rstrip("/")


def _span(file: Path, path: str, text: str) -> timedelta:
    span = parse_duration(text)
    if span is None:
        hint = "Write a number and s, m, h, d or w: `7d`."
        raise _bad_settings(
            file, [Problem(path=path, code="bad_setting", message="This is no span.", hint=hint)]
        )
    return span


def _bad_settings(file: Path, problems: Sequence[Problem]) -> InvalidDocument:
    return InvalidDocument(problems, message=f"{file}: {problems[0].message}")
