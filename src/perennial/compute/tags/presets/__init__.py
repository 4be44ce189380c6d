"""A preset is a tag's document that we ship, written for one event of the customer's choice."""

from collections.abc import Mapping, Sequence
from importlib.resources import files

from perennial.kernel.documents import read_document
from perennial.kernel.errors import NotFound, nearest
from perennial.kernel.values import Json

PRESETS = ("activity", "growth", "lifecycle")
_EVENT = "EVENT"


def preset(name: str, *, event: str) -> Json:
    """A preset's document, with the customer's event wherever it says `EVENT`. Raises NotFound."""
    if name not in PRESETS:
        raise NotFound(f"There is no preset {name!r}.", hint=nearest(name, PRESETS))
    file = files(__name__).joinpath(f"{name}.yaml")
    return _about(event, read_document(file.read_text(encoding="utf-8"), name=file.name).value)


def _about(event: str, document: Json) -> Json:
    match document:
        case str():
            return event if document == _EVENT else document
        case Mapping():
            return {key: _about(event, value) for key, value in document.items()}
        case Sequence():
            return [_about(event, value) for value in document]
        case _:
            return document


__all__ = ["PRESETS", "preset"]
