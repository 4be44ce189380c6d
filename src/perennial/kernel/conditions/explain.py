"""A condition in one plain sentence, in English or 简体中文."""

from typing import Literal

from perennial.kernel.conditions import words_en, words_zh
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.wording import NameKind, Names

Language = Literal["en", "zh-CN"]
LANGUAGES: tuple[Language, ...] = ("en", "zh-CN")


def explain(condition: Condition, language: Language = "en", *, names: Names | None = None) -> str:
    """One sentence that says what the condition asks of a person."""
    called = names or _own_name
    if language == "zh-CN":
        return words_zh.sentence(condition, called)
    return words_en.sentence(condition, called)


def _own_name(_kind: NameKind, name: str) -> str:
    return name
