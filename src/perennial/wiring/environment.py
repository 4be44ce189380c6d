"""The one place that reads the environment, which wins over the settings' file."""

import os
from dataclasses import replace
from pathlib import Path

from perennial.backends.objects import ObjectStorageSettings
from perennial.settings import Settings, read_settings_file


def read_settings(home: Path, *, events: str | None = None, state: str | None = None) -> Settings:
    """The settings of a directory. Raises InvalidDocument with every mistake in the file."""
    told = read_settings_file(home / "settings.toml")
    return replace(
        told,
        events_url=events or os.environ.get("PERENNIAL_EVENTS") or told.events_url,
        state_url=state or os.environ.get("PERENNIAL_STATE") or told.state_url,
    )


def object_storage(settings: Settings) -> ObjectStorageSettings:
    """How object storage is reached; keys of the environment win over those of the file."""
    return ObjectStorageSettings(
        endpoint=os.environ.get("PERENNIAL_S3_ENDPOINT") or settings.s3_endpoint,
        region=os.environ.get("PERENNIAL_S3_REGION") or settings.s3_region,
        access_key=os.environ.get("PERENNIAL_S3_ACCESS_KEY") or settings.s3_access_key,
        secret_key=os.environ.get("PERENNIAL_S3_SECRET_KEY") or settings.s3_secret_key,
        max_bytes=settings.max_fetched_bytes,
    )


def read_secret(name: str) -> str | None:
    """A secret that a document names: nothing but what was put there for documents can be asked for."""
    return os.environ.get(f"PERENNIAL_SECRET_{name}")
