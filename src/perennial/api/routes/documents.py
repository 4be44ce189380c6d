"""Routes that take a document as it was written, so that mistakes are told with the file's own lines."""

from typing import Annotated

from fastapi import Depends, Request

from perennial.api.problems import Unreadable

_OBJECT = {"schema": {"type": "object"}}
_TEXT = {"schema": {"type": "string"}}
DOCUMENT_BODY = {
    "requestBody": {"required": True, "content": {"application/json": _OBJECT, "application/yaml": _TEXT}}
}
"""How OpenAPI shows such a body: a JSON object or YAML text."""


async def document_text(request: Request) -> str:
    """The body as text, bounded as every body is (`api.bounded`); raises TooLarge or Unreadable."""
    try:
        return (await request.body()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("The document is not UTF-8 text.", path="$") from error


DocumentText = Annotated[str, Depends(document_text)]
