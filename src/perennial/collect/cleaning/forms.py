"""Values in their one form: phones, e-mail addresses, numbers in another unit. Pure."""

from decimal import Decimal
from functools import lru_cache

_KEPT = 16_384
"""Verdicts that are remembered: people come again."""


@lru_cache(_KEPT)
def e164(text: str, region: str = "") -> str | None:
    """A phone number as E.164 (`+8613800138000`); None where it cannot be one.

    `region` is the country (`CN`) of numbers that do not say theirs; without, only numbers that do are read.
    """
    # Loading its tables takes longer than most commands, which need none of them.
    import phonenumbers  # noqa: PLC0415

    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def plain_email(text: str) -> str | None:
    """An e-mail address without spaces around it, in small letters; None where it is none."""
    plain = text.strip().lower()
    before, at, domain = plain.rpartition("@")
    return plain if before and at and "." in domain and not any(map(str.isspace, plain)) else None


@lru_cache(_KEPT)
def is_crawler(user_agent: str) -> bool:
    """Whether a user agent is one of the crawlers on the list of crawler-user-agents."""
    import crawleruseragents  # noqa: PLC0415  as above

    return crawleruseragents.is_crawler(user_agent)


def scaled(number: int | float, by: float) -> int | float:
    """A number in another unit, as one would write the product by hand: 1999 times 0.01 is 19.99."""
    product = Decimal(str(number)) * Decimal(str(by))
    return int(product) if product == product.to_integral_value() else float(product)
