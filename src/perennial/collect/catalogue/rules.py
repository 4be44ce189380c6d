"""What the counted types mean: drift, what looks personal, and how it is masked. Pure."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Protocol, cast

from perennial.collect.catalogue.model import Drift, DriftCode, PiiKind, Suggestion, TypeFacts
from perennial.kernel.values import Json, path_and_parents

PII_PATTERNS: Mapping[PiiKind, str] = {
    "e-mail": r"^[^@\s]{1,64}@[^@\s]+\.[A-Za-z]{2,}$",
    "phone": r"^(\+?86[- ]?)?1[3-9][0-9]{9}$|^\+[1-9][0-9]{7,14}$",
    "id_card": r"^[1-9][0-9]{5}(18|19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]$",
}
"""How whole values of personal data are written; RE2 and Python read these alike."""

SUGGESTED_FROM = 0.2
"""The part of a property's values that has to look personal before it is suggested."""
SETTLED_AFTER = timedelta(days=1)
"""So long after an event was first sent its properties count as known; later ones are new."""
_SHOWN_LETTERS = 2
_MASK = "***"

_Key = tuple[str, str]


class Expected(Protocol):
    """What somebody said that events and properties should be: a tracking plan, mostly."""

    def knows_event(self, event: str) -> bool:
        """Whether the event was planned."""
        ...

    def type_of(self, event: str, path: str) -> str | None:
        """The planned type of a property; None where nobody planned it."""
        ...

    def agrees(self, event: str, path: str, found: str) -> bool:
        """Whether values of a type are what was planned there."""
        ...


def masked_text(text: str) -> str:
    """A value of which only the beginning is shown, enough to tell two apart and too little to use."""
    return text[: min(_SHOWN_LETTERS, len(text) // 3)] + _MASK


def masked(document: Mapping[str, Json], paths: Collection[str]) -> dict[str, Json]:
    """A document of properties with the values at these dotted paths, and all below them, masked."""
    return cast("dict[str, Json]", _masked(document, frozenset(paths), ""))  # an object stays one


def in_context(paths: Collection[str]) -> list[str]:
    """Where in a call's context the values of its properties stand too: its traits, and as they were sent."""
    return [f"{place}.{path}" for place in ("traits", "perennial.was") for path in paths]


def _masked(value: Json, paths: frozenset[str], path: str) -> Json:
    if isinstance(value, Mapping):
        return {key: _masked(inner, paths, f"{path}.{key}" if path else key) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_masked(inner, paths, path) for inner in value]
    if value is None or not paths.intersection(path_and_parents(path)):
        return value
    return masked_text(str(value))


def looks_personal(text: str) -> PiiKind | None:
    """What kind of personal data a whole value looks like."""
    return next((kind for kind, pattern in PII_PATTERNS.items() if re.search(pattern, text)), None)


def suggestions_of(found: Sequence[TypeFacts], flagged: Collection[_Key]) -> list[Suggestion]:
    """Properties whose values look personal often enough and which nobody flagged, most frequent first."""
    totals: dict[_Key, int] = defaultdict(int)
    matching: dict[tuple[_Key, PiiKind], int] = defaultdict(int)
    samples: dict[tuple[_Key, PiiKind], str] = {}
    for one in found:
        key = (one.event, one.path)
        totals[key] += one.events
        for kind, events in one.looks_like:
            matching[key, kind] += events
            samples.setdefault((key, kind), one.sample)
    suggested = [
        Suggestion(
            event=key[0],
            path=key[1],
            kind=kind,
            matching=events,
            events=totals[key],
            sample=masked_text(samples[key, kind]),
        )
        for (key, kind), events in matching.items()
        if key not in flagged and events >= SUGGESTED_FROM * totals[key]
    ]
    return sorted(suggested, key=lambda one: (-one.matching, one.event, one.path, one.kind))


def drift_of(found: Sequence[TypeFacts], expected: Expected | None) -> list[Drift]:
    """What is not as planned, or, where there is no plan, not as it mostly is; the latest first."""
    by_event: dict[str, list[TypeFacts]] = defaultdict(list)
    for one in found:
        by_event[one.event].append(one)
    drifts = [drift for event, facts in by_event.items() for drift in _drifts_of(event, facts, expected)]
    return sorted(drifts, key=lambda one: (one.first_at, one.event, one.path), reverse=True)


def _drifts_of(event: str, facts: Sequence[TypeFacts], expected: Expected | None) -> list[Drift]:
    by_path: dict[str, list[TypeFacts]] = defaultdict(list)
    for one in facts:
        by_path[one.path].append(one)
    if expected is not None and expected.knows_event(event):
        return [drift for path, there in by_path.items() for drift in _against_plan(path, there, expected)]
    drifts = [] if expected is None else [_joined("new_event", "", "not in the plan", "event", facts)]
    settled_at = min(one.first_at for one in facts) + SETTLED_AFTER
    for path, there in by_path.items():
        if min(one.first_at for one in there) > settled_at:
            drifts.append(_joined("new_property", path, "absent before", _usual(there), there))
        drifts += _against(path, there, _usual(there))
    return drifts


def _against_plan(path: str, there: Sequence[TypeFacts], expected: Expected) -> list[Drift]:
    event = there[0].event
    planned = expected.type_of(event, path)
    if planned is None:
        return [_joined("new_property", path, "not in the plan", _usual(there), there)]
    wrong = [one for one in there if one.type != "empty" and not expected.agrees(event, path, one.type)]
    return [
        _joined("type_drift", path, planned, kind, [one for one in wrong if one.type == kind])
        for kind in dict.fromkeys(one.type for one in wrong)
    ]


def _against(path: str, there: Sequence[TypeFacts], usual: str) -> list[Drift]:
    kinds = dict.fromkeys(one.type for one in there if one.type not in (usual, "empty"))
    return [
        _joined("type_drift", path, usual, kind, [one for one in there if one.type == kind]) for kind in kinds
    ]


def _usual(there: Sequence[TypeFacts]) -> str:
    """The type that most values have; the empty ones say nothing."""
    counted: dict[str, int] = defaultdict(int)
    for one in there:
        counted[one.type] += 0 if one.type == "empty" else one.events
    return max(sorted(counted), key=lambda kind: counted[kind])


def _joined(code: DriftCode, path: str, expected: str, found: str, there: Sequence[TypeFacts]) -> Drift:
    # Of a whole event each of its properties says how often it came: the most frequent one says it best.
    per_path: dict[str, int] = defaultdict(int)
    for one in there:
        per_path[one.path] += one.events
    return Drift(
        event=there[0].event,
        path=path,
        code=code,
        expected=expected,
        found=found,
        events=max(per_path.values()),
        first_at=min(one.first_at for one in there),
        last_at=max(one.last_at for one in there),
        sources=sorted({one.source for one in there}),
        sample=there[0].sample if path else "",
    )
