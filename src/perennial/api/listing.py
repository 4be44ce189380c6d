"""What `/api` shows to whoever opens it: every call there is, in one page without scripts.

It is served beside the console, under the same name: a script in it could do whatever the operator can, so
there is none, and nothing is fetched from anywhere.
"""

from collections.abc import Iterator, Mapping
from html import escape
from typing import cast

from fastapi import FastAPI
from starlette.responses import HTMLResponse

from perennial.api.console_files import HEADERS

_METHODS = ("get", "post", "put", "patch", "delete")
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>Perennial API</title>
<style>body{{font:15px/1.6 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem}}
table{{border-collapse:collapse;width:100%}}td{{padding:.25rem 1rem .25rem 0;vertical-align:top}}
code{{font-size:1em;white-space:nowrap}}</style>
<main><h1>Perennial API</h1>
<p>Every call, as its <a href="/api/openapi.json">OpenAPI document</a> describes it with its fields.</p>
<table>{rows}</table></main></html>
"""


def list_calls(api: FastAPI) -> HTMLResponse:
    """The page of every call, from the OpenAPI document."""
    paths = cast("Mapping[str, Mapping[str, Mapping[str, object]]]", api.openapi()["paths"])  # typed as Any
    rows = "".join(
        f"<tr><td><code>{method.upper()} {escape(path)}</code><td>{escape(words)}"
        for path, method, words in _calls(paths)
    )
    return HTMLResponse(_PAGE.format(rows=rows), headers={**HEADERS, "cache-control": "no-cache"})


def _calls(paths: Mapping[str, Mapping[str, Mapping[str, object]]]) -> Iterator[tuple[str, str, str]]:
    for path, operations in sorted(paths.items()):
        for method in _METHODS:
            if method in operations:
                yield path, method, str(operations[method].get("description", ""))
