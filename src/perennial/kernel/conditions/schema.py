"""The grammar as JSON Schema (2020-12): for editors, forms and other programs.

`schema.json` beside this file is `condition_schema()` written out; a test compares them. The schema says
what is well-formed; `parse` also judges what a schema cannot (patterns, ranges, names that exist).
"""

from perennial.kernel.conditions.aggregates import AGGREGATES, COMPARED_AGGREGATES
from perennial.kernel.conditions.comparisons import LIST_OPERATORS, TEXT_OPERATORS
from perennial.kernel.conditions.forms import MOST_WINDOWS
from perennial.kernel.conditions.model import NUMBER_OPERATORS, PROPERTY_AGGREGATES, AggregateKind
from perennial.kernel.conditions.orders import MOST_STEPS
from perennial.kernel.conditions.parse import FORMS
from perennial.kernel.conditions.problems import MAX_NAME
from perennial.kernel.conditions.ranking import SHARE, SIDES
from perennial.kernel.conditions.told import CONSENT_NAME, CONSENT_STATES, SEEN_ENDS
from perennial.kernel.values import INSTANT_PATTERN, Json
from perennial.kernel.windows import CALENDAR_WORDS

DURATION = r"^[1-9][0-9]{0,8}[smhdw]$"
_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?"
_OPERATOR = r"\s*(!=|>=|<=|=|>|<)\s*"
Schema = dict[str, Json]


def condition_schema() -> Schema:
    """The JSON Schema of a condition's document."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Condition",
        "description": "A question about one person that is true or false at any instant.",
        "$ref": "#/$defs/condition",
        "$defs": {**_definitions(), **_tests()},
    }


def _definitions() -> Schema:
    conditions: Schema = {"type": "array", "minItems": 1, "items": _ref("condition")}
    return {
        "condition": {"oneOf": [_ref(form) for form in FORMS]},
        "all": _object({"all": conditions}),
        "any": _object({"any": conditions}),
        "not": _object({"not": _ref("condition")}),
        "did": _object(
            {
                "did": _ref("event"),
                "where": _ref("where"),
                "times": _ref("is_number"),
                "within": _ref("window"),
            },
            required=("did",),
        ),
        "measure": _measure(),
        "change": _change(),
        "trait": _tested("trait"),
        "tag": _tested("tag"),
        "segment": _object({"segment": _ref("name")}),
        **_orders(),
        "rank": _rank(),
        **_told(),
        "event": {
            "oneOf": [
                _ref("name"),
                _object({"event": _ref("name"), "where": _ref("where")}, required=("event",)),
            ]
        },
        "where": {"type": "array", "minItems": 1, "items": _tested("property")},
        "window": _window(),
        "name": {"type": "string", "minLength": 1, "maxLength": MAX_NAME},
        "duration": {"type": "string", "pattern": DURATION},
        "moment": {"type": "string", "pattern": INSTANT_PATTERN},
    }


def _measure() -> Schema:
    keys: Schema = {
        "measure": _aggregate(AGGREGATES),
        "of": _ref("event"),
        "where": _ref("where"),
        "within": _ref("window"),
    }
    return _with_test(keys, "number_test", required=("measure", "of"))


def _change() -> Schema:
    average: Schema = {"type": "integer", "minimum": 1, "maximum": MOST_WINDOWS}
    against: Schema = {
        "oneOf": [
            {"const": "previous"},
            _object({"average_of": average}),
            _object({"same_time": _ref("duration")}),
        ]
    }
    keys: Schema = {
        "change": _aggregate(COMPARED_AGGREGATES),
        "of": _ref("event"),
        "where": _ref("where"),
        "over": _ref("duration"),
        "against": against,
        "floor": {"type": "number"},
        "new": {"const": "include"},
    }
    return _with_test(keys, "change_test", required=("change", "of", "over", "against"))


def _orders() -> Schema:
    steps: Schema = {"type": "array", "minItems": 2, "maxItems": MOST_STEPS, "items": _ref("event")}
    by_event: Schema = {"type": "object", "minProperties": 1, "additionalProperties": _ref("name")}
    span, same = _ref("duration"), {"oneOf": [_ref("name"), by_event]}
    return {
        "sequence": _object(
            {"sequence": steps, "span": span, "within": _ref("window"), "same": same}, required=("sequence",)
        ),
        "after": _object(
            {
                "after": _ref("event"),
                "without": _ref("event"),
                "for": span,
                "until": span,
                "same": same,
            },
            required=("after", "without", "for"),
        ),
    }


def _rank() -> Schema:
    share: Schema = {"type": "string", "pattern": f"^{SHARE}$"}
    keys: Schema = {
        "rank": _aggregate(AGGREGATES),
        "of": _ref("event"),
        "where": _ref("where"),
        "within": _ref("window"),
        "among": _ref("condition"),
        **dict.fromkeys(SIDES, share),
    }
    schema = _object(keys, required=("rank", "of"))
    schema["oneOf"] = [{"required": [side]} for side in SIDES]
    return schema


def _told() -> Schema:
    consent: Schema = {"type": "string", "pattern": f"^{CONSENT_NAME}$"}
    return {
        "seen": _object({"seen": {"enum": list(SEEN_ENDS)}, "within": _ref("window")}, required=("seen",)),
        "consent": _with_test({"consent": consent}, "consent_test", required=("consent",)),
        "assigned": _with_test({"assigned": _ref("name")}, "word_test", required=("assigned",)),
    }


def _word_test(word: Schema) -> Schema:
    several: Schema = {"type": "array", "minItems": 1, "items": word}
    keys: Schema = {"is": word, "=": word, "!=": word, "in": several, "not_in": several}
    return _one_of_keys({**keys, "set": {"type": "boolean"}})


def _tested(key: str) -> Schema:
    return _with_test({key: _ref("name"), "ignore_case": {"type": "boolean"}}, "value_test", required=(key,))


def _with_test(keys: Schema, test: str, *, required: tuple[str, ...]) -> Schema:
    return {
        "type": "object",
        "properties": keys,
        "required": list(required),
        "$ref": f"#/$defs/{test}",
        "unevaluatedProperties": False,
    }


def _window() -> Schema:
    between = _object({"from": _ref("moment"), "to": _ref("moment")}, required=())
    between["minProperties"] = 1
    return {"oneOf": [_ref("duration"), _object({"calendar": {"enum": list(CALENDAR_WORDS)}}), between]}


def _aggregate(kinds: tuple[AggregateKind, ...]) -> Schema:
    plain = [kind for kind in kinds if kind not in PROPERTY_AGGREGATES]
    with_property = "|".join(kind for kind in kinds if kind in PROPERTY_AGGREGATES)
    return {"type": "string", "pattern": rf"^(({'|'.join(plain)})|({with_property})\(.+\))$"}


def _tests() -> Schema:
    """Each kind of test: an object with exactly one of some keys."""
    number: Schema = {"type": "number"}
    scalar: Schema = {"type": ["number", "string", "boolean"]}
    ordered: Schema = {"type": ["number", "string"]}
    values: Schema = {
        "is": scalar,
        **{operator: scalar if operator in ("=", "!=") else ordered for operator in NUMBER_OPERATORS},
        "between": {"anyOf": [_pair(number), _pair({"type": "string"})]},
        **{operator: _several() for operator in LIST_OPERATORS},
        **{operator: {"type": "string", "minLength": 1} for operator in TEXT_OPERATORS},
        "set": {"type": "boolean"},
        **{operator: _ref("moment") for operator in ("before", "after")},
        **{operator: _ref("duration") for operator in ("in_last", "in_next")},
    }
    is_number: Schema = {
        "anyOf": [number, {"type": "string", "pattern": rf"^{_OPERATOR}({_NUMBER}|{DURATION[1:-1]})\s*$"}]
    }
    limit: Schema = {"anyOf": [number, _ref("duration")]}
    limits: Schema = {
        **dict.fromkeys(NUMBER_OPERATORS, limit),
        "between": _pair(limit),
        **{operator: {"type": "array", "minItems": 1, "items": limit} for operator in ("in", "not_in")},
    }
    percent: Schema = {"type": "string", "pattern": rf"^{_OPERATOR}{_NUMBER}\s*%?\s*$"}
    return {
        "is_number": is_number,
        "value_test": _one_of_keys(values),
        "number_test": _one_of_keys({"is": _ref("is_number"), **limits}),
        "word_test": _word_test({"type": "string"}),
        "consent_test": _word_test({"enum": list(CONSENT_STATES)}),
        "change_test": _one_of_keys({"is": {"anyOf": [number, percent]}, **limits}),
    }


def _several() -> Schema:
    kinds = ("number", "string", "boolean")
    return {"anyOf": [{"type": "array", "minItems": 1, "items": {"type": kind}} for kind in kinds]}


def _pair(item: Schema) -> Schema:
    return {"type": "array", "minItems": 2, "maxItems": 2, "items": item}


def _one_of_keys(keys: Schema) -> Schema:
    return {"oneOf": [{"properties": {key: schema}, "required": [key]} for key, schema in keys.items()]}


def _object(properties: Schema, *, required: tuple[str, ...] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties if required is None else required),
        "additionalProperties": False,
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}
