"""How numbers, texts and instants are written in the state stores."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Integer, Text

BIG = BigInteger().with_variant(Integer, "sqlite")
"""A whole number of 64 bits."""
TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Text, ordered by code point on every engine."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(instant: datetime) -> int:
    """An aware instant as microseconds since 1970-01-01 UTC."""
    return (instant - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC instant of microseconds since 1970-01-01 UTC."""
    return _EPOCH + timedelta(microseconds=micros)
