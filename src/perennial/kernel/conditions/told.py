"""The forms that ask when a person was seen, what they agreed to, and where they were assigned."""

import re
from collections.abc import Collection, Mapping

from perennial.kernel.conditions.comparisons import TEST_KEYS, read_test
from perennial.kernel.conditions.model import AssignedIs, Condition, ConsentIs, Operator, Seen, SeenEnd, Test
from perennial.kernel.conditions.reader import Reader
from perennial.kernel.errors import nearest
from perennial.kernel.values import Json

SEEN_ENDS: tuple[SeenEnd, ...] = ("first", "last")
CONSENT_STATES = ("granted", "withdrawn")
CONSENT_NAME = r"[a-z][a-z0-9_]{0,39}/[a-z][a-z0-9_.-]{0,99}"
"""A channel and a topic, as calls of consent name them."""
WORD_OPERATORS: tuple[Operator, ...] = ("=", "!=", "in", "not_in", "set")
"""What a value that is one of a few words can be asked."""


def seen(reader: Reader, found: Mapping[str, Json], path: str) -> Condition | None:
    """The first or last activity."""
    reader.problems.unknown_keys(found, ("seen", "within"), path)
    window = reader.window_of(found, path)
    for end in SEEN_ENDS:
        if found["seen"] == end:
            return Seen(end=end, window=window)
    message = f"A person is seen first or last, not {found['seen']!r}."
    reader.problems.add(f"{path}.seen", "bad_word", message, nearest(str(found["seen"]), SEEN_ENDS))
    return None


def consent(reader: Reader, found: Mapping[str, Json], path: str) -> Condition | None:
    """What was said of a topic on a channel."""
    reader.problems.unknown_keys(found, ("consent", *TEST_KEYS), path)
    name = reader.problems.name(found["consent"], f"{path}.consent", what="A consent's name")
    if name is not None and not re.fullmatch(CONSENT_NAME, name):
        message = f"{name!r} names no channel and topic."
        hint = "Write channel/topic, such as email/marketing."
        reader.problems.add(f"{path}.consent", "bad_consent", message, hint)
        name = None
    test = _word_test(reader, found, path, known=CONSENT_STATES)
    if name is None or test is None:
        return None
    channel, _, topic = name.partition("/")
    return ConsentIs(channel=channel, topic=topic, test=test)


def assigned(reader: Reader, found: Mapping[str, Json], path: str) -> Condition | None:
    """The arm of a journey that somebody was assigned to."""
    reader.problems.unknown_keys(found, ("assigned", *TEST_KEYS), path)
    name = reader.problems.name(found["assigned"], f"{path}.assigned", what="A journey's id")
    test = _word_test(reader, found, path, known=None)
    return None if name is None or test is None else AssignedIs(journey=name, test=test)


def _word_test(
    reader: Reader, found: Mapping[str, Json], path: str, *, known: Collection[str] | None
) -> Test | None:
    """A test whose values are words, where `known` are all that there can be."""
    test = read_test(found, path, reader.problems)
    if test is None:
        return None
    key = next(key for key in found if key in TEST_KEYS)
    place = f"{path}.{key}"
    if test.operator not in WORD_OPERATORS:
        hint = f"Use one of is, {', '.join(WORD_OPERATORS)}."
        reader.problems.add(place, "wrong_operator", f"{key!r} does not compare a word.", hint)
        return None
    literals = test.literal if isinstance(test.literal, tuple) else (test.literal,)
    if test.operator == "set":
        return test
    for literal in literals:
        if not isinstance(literal, str):
            reader.problems.add(place, "wrong_type", f"It is compared with a word, not {literal!r}.")
            return None
        if known is not None and literal not in known:
            message = f"{literal!r} is never said."
            reader.problems.add(place, "unknown_value", message, nearest(literal, known))
            return None
    return test
