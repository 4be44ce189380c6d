"""A tracking plan's grammar as JSON Schema (2020-12): for editors and other programs.

The schema says what is well-formed; `parse` also judges what a schema cannot (patterns, parts that contradict
each other). A test compares the two.
"""

from collections.abc import Sequence

from perennial.collect.plans.model import MODES, VALUE_TYPES
from perennial.collect.plans.parse import ALLOWANCES
from perennial.kernel.conditions.problems import MAX_NAME
from perennial.kernel.values import Json

Schema = dict[str, Json]


def plan_schema() -> Schema:
    """The JSON Schema of a tracking plan's document."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tracking plan",
        "description": "What clients should send, and what becomes of what is not so.",
        **_object(
            {
                "name": {"type": "string", "minLength": 1, "maxLength": MAX_NAME},
                "mode": _words(MODES),
                "sources": {"type": "object", "additionalProperties": _words(MODES)},
                "unexpected_events": _words(ALLOWANCES),
                "unexpected_properties": _words(ALLOWANCES),
                "events": _named({"$ref": "#/$defs/event"}),
            },
            required=["events"],
        ),
        "$defs": {"event": _event(), "property": _property()},
    }


def _event() -> Schema:
    return {
        "oneOf": [
            {"type": "null"},
            _object(
                {
                    "description": {},
                    "unexpected_properties": _words(ALLOWANCES),
                    "properties": _named({"$ref": "#/$defs/property"}),
                }
            ),
        ]
    }


def _property() -> Schema:
    scalar: Json = {"type": ["string", "number", "boolean"]}
    detailed = _object(
        {
            "type": _words(VALUE_TYPES),
            "required": {"type": "boolean"},
            "allowed": {"type": "array", "minItems": 1, "items": scalar},
            "pattern": {"type": "string"},
            "min": {"type": "number"},
            "max": {"type": "number"},
            "description": {},
        }
    )
    return {"oneOf": [{"type": "null"}, _words(VALUE_TYPES), detailed]}


def _named(inner: Schema) -> Schema:
    names: Json = {"minLength": 1, "maxLength": MAX_NAME}
    return {"type": "object", "propertyNames": names, "additionalProperties": inner}


def _words(words: Sequence[str]) -> Schema:
    return {"enum": list(words)}


def _object(properties: Schema, *, required: Sequence[str] = ()) -> Schema:
    shape: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return {**shape, "required": list(required)} if required else shape
