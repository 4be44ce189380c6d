"""The forms of a condition that ask about events one kind at a time, about people, and what combines them."""

from collections.abc import Mapping

from perennial.kernel.conditions.aggregates import AGGREGATES, COMPARED_AGGREGATES, read_aggregate
from perennial.kernel.conditions.comparisons import (
    TEST_KEYS,
    read_change_test,
    read_is_number,
    read_number_test,
    read_test,
)
from perennial.kernel.conditions.model import (
    All,
    AnyOf,
    Baseline,
    Change,
    Condition,
    Did,
    InSegment,
    Measure,
    Not,
    TagIs,
    Test,
    Trait,
)
from perennial.kernel.conditions.problems import named_type
from perennial.kernel.conditions.reader import Reader
from perennial.kernel.conditions.spans import read_span
from perennial.kernel.values import Json
from perennial.kernel.windows import LONGEST_SPAN

MOST_WINDOWS = 366
_AT_LEAST_ONCE = Test(operator=">=", literal=1.0)


def all_of(reader: Reader, found: Mapping[str, Json], path: str) -> Condition | None:
    """Every part."""
    reader.problems.unknown_keys(found, ("all",), path)
    parts = reader.several(found["all"], f"{path}.all")
    return None if parts is None else All(of=parts)


def any_of(reader: Reader, found: Mapping[str, Json], path: str) -> Condition | None:
    """One part."""
    reader.problems.unknown_keys(found, ("any",), path)
    parts = reader.several(found["any"], f"{path}.any")
    return None if parts is None else AnyOf(of=parts)


def negation(reader: Reader, found: Mapping[str, Json], path: str) -> Condition | None:
    """The part does not hold."""
    reader.problems.unknown_keys(found, ("not",), path)
    part = reader.condition(found["not"], f"{path}.not")
    return None if part is None else Not(of=part)


def did(reader: Reader, found: Mapping[str, Json], path: str) -> Condition | None:
    """An event, counted."""
    reader.problems.unknown_keys(found, ("did", "where", "times", "within"), path)
    pattern = reader.pattern_of(found, "did", path)
    times: Test | None = _AT_LEAST_ONCE
    if "times" in found:
        times = read_is_number(found["times"], f"{path}.times", reader.problems)
    window = reader.window_of(found, path)
    return None if pattern is None or times is None else Did(pattern=pattern, times=times, window=window)


def measure(reader: Reader, found: Mapping[str, Json], path: str) -> Condition | None:
    """An aggregate compared with a number."""
    reader.problems.unknown_keys(found, ("measure", "of", "where", "within", *TEST_KEYS), path)
    aggregate = read_aggregate(found["measure"], f"{path}.measure", reader.problems, allowed=AGGREGATES)
    pattern = reader.pattern_of(found, "of", path)
    window = reader.window_of(found, path)
    is_age = aggregate is not None and aggregate.kind in ("first_ago", "last_ago")
    test = read_number_test(found, path, reader.problems, measured="days" if is_age else "number")
    if aggregate is None or pattern is None or test is None:
        return None
    return Measure(aggregate=aggregate, pattern=pattern, test=test, window=window)


def change(reader: Reader, found: Mapping[str, Json], path: str) -> Condition | None:
    """A measure against its own past."""
    keys = ("change", "of", "where", "over", "against", "floor", "new", *TEST_KEYS)
    reader.problems.unknown_keys(found, keys, path)
    aggregate = read_aggregate(
        found["change"], f"{path}.change", reader.problems, allowed=COMPARED_AGGREGATES
    )
    pattern = reader.pattern_of(found, "of", path)
    over = reader.required_span(found, "over", path)
    against = _baseline(reader, found.get("against"), f"{path}.against")
    if over is not None and against is not None and over * against.windows > LONGEST_SPAN:
        reader.problems.add(f"{path}.against", "bad_baseline", "The windows reach back more than 100 years.")
    tested = read_change_test(found, path, reader.problems)
    floor = None
    if "floor" in found:
        floor = reader.problems.number(found["floor"], f"{path}.floor", what="`floor`")
    include_new = _includes_new(reader, found, path)
    if aggregate is None or pattern is None or over is None or against is None or tested is None:
        return None
    test, percent = tested
    return Change(
        aggregate=aggregate,
        pattern=pattern,
        over=over,
        against=against,
        test=test,
        percent=percent,
        floor=floor,
        include_new=include_new,
    )


def trait(reader: Reader, found: Mapping[str, Json], path: str) -> Condition | None:
    """What we were told."""
    reader.problems.unknown_keys(found, ("trait", "ignore_case", *TEST_KEYS), path)
    trait = reader.problems.name(found["trait"], f"{path}.trait", what="A trait's name")
    test = read_test(found, path, reader.problems)
    return None if trait is None or test is None else Trait(trait=trait, test=test)


def tag(reader: Reader, found: Mapping[str, Json], path: str) -> Condition | None:
    """What we computed."""
    reader.problems.unknown_keys(found, ("tag", "ignore_case", *TEST_KEYS), path)
    tag = reader.known_name(found["tag"], f"{path}.tag", "tag", reader.known.tags)
    test = read_test(found, path, reader.problems)
    return None if tag is None or test is None else TagIs(tag=tag, test=test)


def segment(reader: Reader, found: Mapping[str, Json], path: str) -> Condition | None:
    """Another segment."""
    reader.problems.unknown_keys(found, ("segment",), path)
    segment = reader.known_name(found["segment"], f"{path}.segment", "segment", reader.known.segments)
    return None if segment is None else InSegment(segment=segment)


def _baseline(reader: Reader, value: Json, path: str) -> Baseline | None:
    if value == "previous":
        return Baseline()
    if isinstance(value, Mapping) and len(value) == 1:
        if "average_of" in value:
            return _average(reader, value["average_of"], f"{path}.average_of")
        if "same_time" in value:
            shift = read_span(value["same_time"], f"{path}.same_time", reader.problems, what="`same_time`")
            return None if shift is None else Baseline(shift=shift)
    hint = 'Write "previous", {"average_of": 4} or {"same_time": "1w"}.'
    reader.problems.add(
        path, "bad_baseline", f"A change is not measured against {named_type(value)} like this.", hint
    )
    return None


def _average(reader: Reader, value: Json, path: str) -> Baseline | None:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_WINDOWS:
        return Baseline(windows=value)
    message = f"`average_of` is a whole number of windows from 1 to {MOST_WINDOWS}, not {value!r}."
    reader.problems.add(path, "bad_baseline", message)
    return None


def _includes_new(reader: Reader, found: Mapping[str, Json], path: str) -> bool:
    if "new" not in found:
        return False
    if found["new"] != "include":
        reader.problems.add(f"{path}.new", "bad_word", f"`new` is 'include' or absent, not {found['new']!r}.")
    return True
