"""From an operator's text to a use case, with every mistake placed on its line."""

from collections.abc import Callable
from typing import TypeVar

from perennial.kernel.documents import read_document
from perennial.kernel.errors import InvalidDocument
from perennial.kernel.values import Json

Result = TypeVar("Result")


def with_lines(text: str, kind: str, use: Callable[[Json], Result]) -> Result:
    """Read a document and use it; mistakes found in it carry the line they stand on."""
    document = read_document(text, name=kind)
    try:
        return use(document.value)
    except InvalidDocument as error:
        raise document.placed(error) from error
