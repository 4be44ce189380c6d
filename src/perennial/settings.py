"""What an installation is told by `settings.toml` in its directory."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

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
    refresh_every: timedelta = timedelta(hours=1)
    """How often segments and tags are answered for everyone (`refresh_every`, such as `1h`)."""


class _FrequencyCap(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    limit: int = Field(default=3, gt=0)
    window: str = "7d"
    topics: list[str] = ["marketing"]


class _Smtp(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    url: str = ""


class _ObjectStorage(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    endpoint: str = ""
    region: str = ""
    access_key: str = ""
    secret_key: str = ""
    max_bytes: int = Field(default=100 * 2**30, gt=0)


class _Imports(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    max_upload_bytes: int = Field(default=2**30, gt=0)


class _SettingsFile(BaseModel):
    """`settings.toml` as it may be written."""

    model_config = ConfigDict(extra="forbid", strict=True)
    events: str = "chdb:///"
    state: str = "sqlite:///"
    refresh_every: str = "1h"
    smtp: _Smtp = _Smtp()
    object_storage: _ObjectStorage = _ObjectStorage()
    imports: _Imports = _Imports()
    frequency_cap: _FrequencyCap = _FrequencyCap()


def read_settings_file(file: Path) -> Settings:
    """What a file says, or what stands without one. Raises InvalidDocument with every mistake."""
    told = _parse(file)
    return Settings(
        events_url=told.events,
        state_url=told.state,
        smtp_url=told.smtp.url,
        s3_endpoint=told.object_storage.endpoint,
        s3_region=told.object_storage.region,
        s3_access_key=told.object_storage.access_key,
        s3_secret_key=told.object_storage.secret_key,
        max_fetched_bytes=told.object_storage.max_bytes,
        max_upload_bytes=told.imports.max_upload_bytes,
        cap_limit=told.frequency_cap.limit,
        cap_window=_span(file, "$.frequency_cap.window", told.frequency_cap.window),
        cap_topics=tuple(told.frequency_cap.topics),
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
