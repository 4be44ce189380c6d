"""What we say ourselves to those who get messages, in their language."""

from collections.abc import Mapping
from typing import Literal

Language = Literal["en", "zh"]

WAY_OUT: Mapping[Language, str] = {
    "en": "Unsubscribe or choose what you hear of",
    "zh": "退订或选择想收到的内容",
}


def language_of(locale: str | None) -> Language:
    """The language of ours that a person reads: Chinese for any Chinese locale, English otherwise."""
    return "zh" if locale and locale.lower().startswith("zh") else "en"
