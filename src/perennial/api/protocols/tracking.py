"""Every address that clients track to, told from everything else before any of it is asked.

Routing and its middleware cost as much as a whole batch of calls, so there is none on this way.
"""

from collections.abc import Sequence

from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from perennial.api.access import Edge
from perennial.api.intake import Intake
from perennial.api.protocols.entrance import Entrance
from perennial.api.protocols.sensors import SENSORS_PATHS, Sensors
from perennial.api.protocols.snippet import SNIPPET_PATH, show_snippet
from perennial.api.protocols.wire import allow, guarded, path_of

_ROOTS = ("/v1", "/beacon/v1")
_POINTS = (*SENSORS_PATHS, SNIPPET_PATH)
_PREFIXES = tuple(f"{root}/" for root in _ROOTS)


class Tracking:
    """Takes what clients of every protocol send."""

    def __init__(self, edge: Edge) -> None:
        entrance = Entrance(edge)
        self._intake = Intake(entrance)
        self._sensors = Sensors(entrance)

    @staticmethod
    def is_at(path: str) -> bool:
        """Whether an address is one of ours."""
        return path.startswith(_PREFIXES) or path.removesuffix("/") in _POINTS

    def routes(self) -> Sequence[BaseRoute]:
        """The same for a router, where an application is called without a server."""
        return [*(Mount(root, self) for root in _ROOTS), *(Route(point, self) for point in _POINTS)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] == "OPTIONS":
            await allow(scope, send)
        elif (path := path_of(scope)).endswith(SNIPPET_PATH):
            await show_snippet(scope, send)
        elif path.endswith(SENSORS_PATHS):
            await guarded(self._sensors, scope, receive, send)
        else:
            await guarded(self._intake, scope, receive, send)
