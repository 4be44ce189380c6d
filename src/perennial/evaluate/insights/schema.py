"""The specifications of insights as JSON Schema (2020-12): for editors, forms and other programs.

`schema.json` beside this file is `insight_schema()` written out; a test compares them. The schema says what
is well-formed; `parse` also judges what a schema cannot (names that exist, steps and exclusions that fit).
"""

from collections.abc import Mapping, Sequence

from perennial.evaluate.insights.fields import WEEK_DAYS
from perennial.evaluate.insights.model import COUNTS, UNITS
from perennial.evaluate.insights.parse import BROKEN_DOWN, KEYS
from perennial.kernel.conditions import condition_schema
from perennial.kernel.values import Json

Schema = dict[str, Json]

_LAST = r"^[1-9][0-9]{0,3}(h|d|w|mo|y)$"
_DURATION = r"^[1-9][0-9]{0,8}[smhdw]$"
_WITHOUT_PROPERTY = 3
"""So many of the counts are about events themselves."""


def insight_schema() -> Schema:
    """The JSON Schema of a specification."""
    kinds: list[Json] = [_kind(kind) for kind in KEYS]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Insight",
        "description": "A question about what people did, answered in numbers of people.",
        "oneOf": kinds,
        "$defs": _definitions(),
    }


def _kind(kind: str) -> Schema:
    fields = _FIELDS[kind]
    shared = {key: schema for key, schema in _SHARED.items() if key != "breakdown" or kind in BROKEN_DOWN}
    return {
        "title": kind,
        "type": "object",
        "properties": {"kind": {"const": kind}, **shared, **{key: fields[key] for key in KEYS[kind]}},
        "required": ["kind", *_REQUIRED.get(kind, ())],
        "additionalProperties": False,
    }


def _definitions() -> Schema:
    conditions = condition_schema()["$defs"]
    return {
        **(conditions if isinstance(conditions, Mapping) else Schema()),
        "count": _count(COUNTS),
        "range": {
            "oneOf": [
                _object({"last": {"type": "string", "pattern": _LAST}}, required=("last",)),
                _object({"from": _ref("moment"), "to": _ref("moment")}, required=("from", "to")),
            ]
        },
        "breakdown": {
            "oneOf": [
                _ref("name"),
                *(
                    _object({by: _ref("name"), "first_touch": {"type": "boolean"}}, required=(by,))
                    for by in ("property", "trait", "tag")
                ),
            ]
        },
        "series": _object(
            {
                "event": _ref("event"),
                "where": _ref("where"),
                "count": _ref("count"),
                "first_time": {"type": "boolean"},
                "name": _ref("name"),
            },
            required=("event",),
        ),
        "measured": _object({"measure": _ref("name"), "of": _ref("event")}, required=("of",)),
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _object(properties: Schema, *, required: Sequence[str] = ()) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": [*required],
        "additionalProperties": False,
    }


def _list(items: Schema, *, least: int = 1, most: int | None = None) -> Schema:
    listed: Schema = {"type": "array", "items": items, "minItems": least}
    return listed if most is None else {**listed, "maxItems": most}


def _words(*words: str) -> Schema:
    return {"enum": [*words]}


def _whole(least: int, most: int | None = None) -> Schema:
    number: Schema = {"type": "integer", "minimum": least}
    return number if most is None else {**number, "maximum": most}


def _count(kinds: Sequence[str]) -> Schema:
    plain, about = kinds[:_WITHOUT_PROPERTY], kinds[_WITHOUT_PROPERTY:]
    return {"type": "string", "pattern": rf"^({'|'.join(plain)}|({'|'.join(about)})\(.+\))$"}


_SPAN: Schema = {"type": "string", "pattern": _DURATION}
_FLAG: Schema = {"type": "boolean"}
_NUMBERS = _list({"type": "number"})
_STEP = _object(
    {"event": _ref("event"), "where": _ref("where"), "optional": _FLAG, "name": _ref("name")},
    required=("event",),
)
_SHARED: Mapping[str, Schema] = {
    "name": _ref("name"),
    "range": _ref("range"),
    "interval": _words(*UNITS),
    "week_start": _words(*WEEK_DAYS),
    "timezone": _ref("name"),
    "where": _ref("where"),
    "among": {"oneOf": [_ref("name"), _ref("condition")]},
    "breakdown": _ref("breakdown"),
    "compare": {"oneOf": [{"const": "previous"}, _ref("range")]},
    "as_of": _ref("moment"),
    "raw": _FLAG,
}
_EVENTS = _list(_ref("event"))
_FIELDS: Mapping[str, Mapping[str, Schema]] = {
    "trend": {
        "series": _list(_ref("series")),
        "formula": _ref("name"),
        "rolling": {"type": "string", "pattern": r"^[1-9][0-9]{0,2}d$"},
    },
    "funnel": {
        "steps": _list({"oneOf": [_ref("name"), _STEP]}, least=2, most=32),
        "window": _SPAN,
        "order": _words("ordered", "strict", "any"),
        "exclude": _list(
            _object(
                {"event": _ref("event"), "where": _ref("where"), "from": _whole(0, 32), "to": _whole(0, 32)},
                required=("event",),
            )
        ),
        "same": _ref("name"),
        "count": _words("people", "totals"),
    },
    "retention": {
        "start": _ref("event"),
        "return": _ref("event"),
        "cohort": _words("recurring", "first_time", "first_ever"),
        "mode": _words("exact", "on_or_after"),
        "brackets": _list(_whole(1)),
        "at_least": _whole(1, 10_000),
        "clock": _words("calendar", "24h"),
        "value": {"type": "string", "pattern": r"^(people|sum\(.+\))$"},
    },
    "lifecycle": {"event": _ref("event")},
    "stickiness": {"event": _ref("event")},
    "distribution": {
        "event": _ref("event"),
        "measure": {"type": "string", "pattern": r"^(total|(sum|avg|min|max)\(.+\))$"},
        "buckets": _NUMBERS,
    },
    "interval": {"from": _ref("event"), "to": _ref("event"), "same": _ref("name")},
    "paths": {
        "events": _EVENTS,
        "start": _ref("name"),
        "end": _ref("name"),
        "depth": _whole(2, 20),
        "session_gap": _SPAN,
        "collapse_repeats": _FLAG,
        "min_people": _whole(1),
        "item": _ref("name"),
    },
    "attribution": {
        "goal": _ref("event"),
        "touches": _EVENTS,
        "model": _words("first", "last", "linear", "position", "decay"),
        "lookback": _SPAN,
        "half_life": _SPAN,
        "item": _ref("name"),
    },
    "sessions": {"events": _EVENTS, "gap": _SPAN},
    "value": {"event": _ref("event"), "amount": _ref("name"), "start": _ref("event")},
    "rfm": {
        "r": _ref("measured"),
        "f": _ref("measured"),
        "m": _ref("measured"),
        "quantiles": _whole(2, 10),
        "cuts": _object({"r": _NUMBERS, "f": _NUMBERS, "m": _NUMBERS}),
    },
    "overlap": {"segments": _list(_ref("name"), least=2, most=6)},
    "journey_map": {
        "stages": _list(_object({"name": _ref("name"), "events": _EVENTS}, required=("events",)))
    },
    "basket": {
        "event": _ref("event"),
        "item": _ref("name"),
        "basket": _ref("name"),
        "min_support": {"type": "number", "minimum": 0, "maximum": 1},
    },
    "metric_tree": {
        "formula": _ref("name"),
        "metrics": {"type": "object", "additionalProperties": _ref("series"), "minProperties": 1},
    },
}
_REQUIRED: Mapping[str, Sequence[str]] = {
    "trend": ("series",),
    "funnel": ("steps",),
    "distribution": ("event",),
    "interval": ("from", "to"),
    "attribution": ("goal", "touches"),
    "value": ("event", "amount"),
    "rfm": ("r", "f", "m"),
    "overlap": ("segments",),
    "journey_map": ("stages",),
    "basket": ("event", "item"),
    "metric_tree": ("formula", "metrics"),
}
