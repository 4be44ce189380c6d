"""`/p.js`: the tracker for pages that have none yet. Its source is sent as it is written."""

import gzip
from functools import cache
from importlib.resources import files

from starlette.types import Scope, Send

from perennial.api.problems import write_problem
from perennial.api.protocols.wire import header, refuse, respond

SNIPPET_PATH = "/p.js"
_HEADERS = {
    "content-type": "text/javascript; charset=utf-8",
    # An hour: no change takes longer than that to be on every page.
    "cache-control": "public, max-age=3600",
    "vary": "accept-encoding",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
}


async def show_snippet(scope: Scope, send: Send) -> None:
    """Answer with the snippet, packed for whoever can unpack it."""
    if scope["method"] not in ("GET", "HEAD"):
        await refuse(send, write_problem(405, code="method_not_allowed", message="This is read with GET."))
    elif "gzip" in header(scope, b"accept-encoding"):
        await respond(send, 200, {**_HEADERS, "content-encoding": "gzip"}, packed_snippet())
    else:
        await respond(send, 200, _HEADERS, snippet())


@cache
def snippet() -> bytes:
    """The snippet as it is written."""
    return (files("perennial.api") / "static" / "p.js").read_bytes()


@cache
def packed_snippet() -> bytes:
    """The snippet as browsers are sent it."""
    return gzip.compress(snippet(), mtime=0)
