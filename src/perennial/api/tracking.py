"""How OpenAPI shows the tracking calls: they are taken by a plain ASGI application, which it cannot see."""

from collections.abc import Mapping

from perennial.api.intake import TRACKING_PATHS
from perennial.api.problems import PROBLEM_TYPE
from perennial.kernel.values import Json

WRITE_KEY_SCHEMES: Mapping[str, Json] = {
    "WriteKey": {"type": "http", "scheme": "basic", "description": "The write key as the user; no password."}
}
_TEXT: Json = {"type": "string"}
_OBJECT: Json = {"type": "object", "additionalProperties": True}
_CALL: Json = {
    "type": "object",
    "description": "One call as a Segment client sends it.",
    "properties": {
        "type": _TEXT,
        "userId": _TEXT,
        "anonymousId": _TEXT,
        "previousId": _TEXT,
        "groupId": _TEXT,
        "event": _TEXT,
        "name": _TEXT,
        "messageId": _TEXT,
        "timestamp": _TEXT,
        "sentAt": _TEXT,
        "properties": _OBJECT,
        "traits": _OBJECT,
        "context": _OBJECT,
    },
}
_BATCH: Json = {
    "type": "object",
    "required": ["batch"],
    "properties": {
        "batch": {"type": "array", "items": _CALL},
        "context": _OBJECT,
        "sentAt": _TEXT,
        "writeKey": _TEXT,
    },
}
_REJECTED: Json = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "index": {"type": "integer"},
            **dict.fromkeys(("messageId", "path", "code", "message", "hint"), _TEXT),
        },
    },
}
_TAKEN: Json = {
    "type": "object",
    "required": ["success"],
    "properties": {"success": {"type": "boolean"}, "rejected": _REJECTED},
}
_REFUSALS: Mapping[str, str] = {
    "400": "Not a call, or too large; a malformed single call is kept as a reject.",
    "401": "No write key, or an unknown one; nothing is stored.",
    "429": "Not now; `Retry-After` says when.",
    "503": "Not now; `Retry-After` says when.",
}


def tracking_paths() -> Mapping[str, Json]:
    """The path items of the tracking calls."""
    return {path: {"post": _operation(path.removeprefix("/v1/"))} for path in TRACKING_PATHS}


def _operation(word: str) -> Json:
    what = "A list of calls, each naming its type" if word == "batch" else f"One {word} call"
    body = _BATCH if word == "batch" else _CALL
    problem: Json = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
    refusals = {status: {"description": meaning, "content": problem} for status, meaning in _REFUSALS.items()}
    return {
        "tags": ["tracking"],
        "operationId": f"send_{word}",
        "summary": f"Send {word}",
        "description": f"{what}; answered once it is durable.",
        "security": [{name: []} for name in WRITE_KEY_SCHEMES],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "200": {
                "description": "Durable; of a batch, what was refused is listed.",
                "content": {"application/json": {"schema": _TAKEN}},
            },
            **refusals,
        },
    }
