"""Topics as a policy declares them: what people may choose to hear of, and how that is called."""

import re
from collections.abc import Mapping

from perennial.decide.policies.model import TopicWords
from perennial.kernel.conditions.problems import Problems
from perennial.kernel.values import Json

TOPIC_KEYS = ("name", "description")
MAX_WORDS = 300
EVERYONE = ""
"""The language of words that are not in any: who reads none of the others gets these."""

_TOPIC = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def read_topics(written: Json, problems: Problems) -> Mapping[str, TopicWords]:
    """The topics of a policy's document, noting every mistake."""
    topics: dict[str, TopicWords] = {}
    for topic, inner in (problems.mapping(written, "$.topics", what="The topics") or {}).items():
        path = f"$.topics.{topic}"
        if not _TOPIC.fullmatch(topic):
            problems.add(
                path, "bad_topic", f"{topic!r} is no topic.", "Write letters, digits, '_', '-' or '.'."
            )
        found = problems.mapping(inner, path, what="A topic")
        if found is not None:
            problems.unknown_keys(found, TOPIC_KEYS, path)
            words = {key: _words(found.get(key, {}), f"{path}.{key}", problems) for key in TOPIC_KEYS}
            topics[topic] = TopicWords(name=words["name"], description=words["description"])
    return topics


def words_in(words: Mapping[str, str], language: str, *, otherwise: str = "") -> str:
    """Words in a language, or in everyone's, or in any there is."""
    for key, text in words.items():
        if key.partition("-")[0] == language:
            return text
    return words.get(EVERYONE) or next(iter(words.values()), otherwise)


def topic_document(words: TopicWords) -> Json:
    """The document of a topic: what `read_topics` reads as the same."""
    told = {"name": words.name, "description": words.description}
    return {key: found.get(EVERYONE) or {**found} for key, found in told.items() if found}


def _words(written: Json, path: str, problems: Problems) -> Mapping[str, str]:
    if isinstance(written, str):
        written = {EVERYONE: written}
    found = problems.mapping(written, path, what="What a topic is called")
    words: dict[str, str] = {}
    for language, text in (found or {}).items():
        if language != EVERYONE and not _LANGUAGE.fullmatch(language):
            problems.add(
                f"{path}.{language}", "bad_locale", f"{language!r} is no language.", 'Write "zh-CN".'
            )
        if isinstance(text, str) and 0 < len(text.strip()) <= MAX_WORDS:
            words[language] = text.strip()
        else:
            message = f"That is a text of at most {MAX_WORDS} characters, and not an empty one."
            problems.add(f"{path}.{language}" if language else path, "wrong_type", message)
    return words
