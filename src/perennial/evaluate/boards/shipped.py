"""The boards that we ship, in two languages: to be taken, fitted to one's own events, and kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from perennial.evaluate.boards.rules import named_events
from perennial.evaluate.insights import parse_insight
from perennial.kernel.documents import read_document
from perennial.kernel.errors import InvalidDocument, NotFound, Problem, nearest
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone

TEMPLATES = ("aarrr", "ecommerce", "content", "education", "games")
LANGUAGES = ("en", "zh-CN")
_TITLES = ("name", "description", "title")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedBoard:
    """One of them, in one language."""

    template_id: str
    board: Mapping[str, Json]
    """The document, ready to be saved."""
    events: Sequence[str]
    """What it counts; of those that are called otherwise, other names can be told."""


def shipped_board(
    template_id: str, *, language: str = "en", events: Mapping[str, str] | None = None
) -> ShippedBoard:
    """A board that we ship, its events under one's own names. Raises NotFound, InvalidDocument."""
    if template_id not in TEMPLATES:
        message = f"There is no template {template_id!r} of boards."
        raise NotFound(message, hint=nearest(template_id, TEMPLATES))
    if language not in LANGUAGES:
        message = f"Templates are not written in {language!r}."
        problem = Problem(path="$.language", code="unknown_word", message=message, hint="Take en or zh-CN.")
        raise InvalidDocument([problem])
    names = events or {}
    document = _read(template_id)
    known = _events(_in(document, "en"))
    unknown = [
        Problem(
            path=f"$.events.{name}",
            code="unknown_event",
            message=f"The template counts no {name!r}.",
            hint=nearest(name, known),
        )
        for name in names
        if name not in known
    ]
    if unknown:
        raise InvalidDocument(unknown)
    spoken = _in(document, language)
    board = _renamed(spoken, names)
    told = dict(board) if isinstance(board, Mapping) else {}
    return ShippedBoard(
        template_id=template_id,
        board={"id": template_id, **told},
        events=tuple(sorted(names.get(one, one) for one in known)),
    )


@cache
def _read(template_id: str) -> Json:
    file = files(__package__ or "perennial.evaluate.boards").joinpath("templates", f"{template_id}.yaml")
    return read_document(file.read_text(encoding="utf-8"), name=template_id).value


def _events(document: Json) -> frozenset[str]:
    tiles = document.get("tiles") if isinstance(document, Mapping) else None
    listed = tiles if isinstance(tiles, Sequence) and not isinstance(tiles, str) else ()
    specs = [one.get("spec") for one in listed if isinstance(one, Mapping)]
    return frozenset(name for spec in specs for name in named_events(parse_insight(spec, zone=Zone())))


def _in(value: Json, language: str) -> Json:
    """A document whose names and titles are of one language."""
    if isinstance(value, Mapping):
        return {
            key: one[language] if key in _TITLES and isinstance(one, Mapping) else _in(one, language)
            for key, one in value.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_in(one, language) for one in value]
    return value


def _renamed(value: Json, names: Mapping[str, str]) -> Json:
    """A document whose events have other names. No word of the grammar is an event of a template."""
    if isinstance(value, Mapping):
        return {key: one if key in _TITLES else _renamed(one, names) for key, one in value.items()}
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, Sequence):
        return [_renamed(one, names) for one in value]
    return value
