"""The HTTP application: the tracking calls under `/v1`, the verbs of the interface under `/api`."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import version
from typing import cast

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute

from perennial.api import member_pages
from perennial.api.access import Edge, workspace_of
from perennial.api.bounded import BoundedBodies
from perennial.api.console_files import ConsoleFiles
from perennial.api.listing import list_calls
from perennial.api.ports import Application
from perennial.api.problems import PROBLEM_TYPE, install_problem_answers
from perennial.api.protocols.tracking import Tracking
from perennial.api.recording import recorded, recorded_outside
from perennial.api.routes import (
    approvals,
    audit,
    boards,
    channels,
    console,
    databases,
    debugger,
    definitions,
    doctor,
    exports,
    identity,
    imports,
    insights,
    installation,
    journeys,
    members,
    messages,
    people,
    persons,
    policies,
    privacy,
    rehearsals,
    rejects,
    retention,
    schema,
    segments,
    sessions,
    single_messages,
    sources,
    tags,
    why,
    workspaces,
)
from perennial.api.routes.redirects import Redirects
from perennial.api.routes.tracked import Tracked
from perennial.api.schemas import ProblemDocument
from perennial.api.tracking import WRITE_KEY_SCHEMES, tracking_paths

_PROBLEM: Mapping[str, object] = {"model": ProblemDocument, "content": {PROBLEM_TYPE: {}}}
_REFUSALS: Mapping[int | str, dict[str, object]] = {
    400: {"description": "The body or the cursor cannot be read.", **_PROBLEM},
    401: {"description": "No token, or an unknown one.", **_PROBLEM},
    403: {"description": "The token does not open this.", **_PROBLEM},
    404: {"description": "There is nothing by this name.", **_PROBLEM},
    409: {"description": "Not possible as things stand.", **_PROBLEM},
    422: {"description": "The document has mistakes, each listed with its place.", **_PROBLEM},
    503: {"description": "Try again.", **_PROBLEM},
}


_GUARDED = (
    people.router,
    persons.router,
    definitions.router,
    tags.router,
    rehearsals.router,  # before journeys by their id
    journeys.router,
    insights.router,
    boards.router,
    messages.router,
    single_messages.router,
    rejects.router,
    imports.router,
    exports.router,
    databases.router,
    console.pages,
    doctor.router,
    workspaces.own,
    schema.router,
    segments.router,
    why.router,
    channels.router,
    sources.router,
    members.router,
    approvals.router,
    audit.router,
    identity.router,
    privacy.router,
    retention.router,
    policies.router,
    debugger.router,
    persons.whole,
)
"""What opens with a permission in a workspace, in the order in which paths are compared."""


class _Api(FastAPI):
    """An application whose OpenAPI document shows the tracking calls too."""

    def openapi(self) -> dict[str, object]:
        """The OpenAPI document."""
        document: dict[str, dict[str, object]] = super().openapi()
        components = document["components"]
        schemes = cast("dict[str, object]", components["securitySchemes"])  # the framework types it as Any
        schemes.update(WRITE_KEY_SCHEMES)
        document["paths"].update(tracking_paths())
        return {**document}


def create_app(application: Application, *, local_token: str | None = None) -> FastAPI:
    """The HTTP application over one installation.

    `local_token` opens every workspace; it is known only to processes that can read the data directory.
    """
    edge = Edge(application, local_token=local_token)

    @asynccontextmanager
    async def lifespan(_api: FastAPI) -> AsyncGenerator[None, None]:
        yield
        edge.debugger.close()
        edge.imports.close()
        edge.exports.close()
        edge.backtests.close()

    api = _Api(
        title="Perennial",
        version=version("perennial"),
        summary="What happened, who it was, what should happen now, once, and did it help?",
        openapi_url="/api/openapi.json",
        # The usual pages run scripts of other hosts under the console's own name; ours has none (`listing`).
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        separate_input_output_schemas=False,
    )
    api.state.edge = edge
    api.add_route("/api", lambda _request: list_calls(api), include_in_schema=False)
    install_problem_answers(api)
    api.add_middleware(BoundedBodies)
    api.router.routes.extend(_verbs().routes)
    api.router.routes.extend(Tracking(edge).routes())
    api.router.routes.extend(Redirects(edge).routes())
    api.router.routes.extend(Tracked(edge).routes())
    # Only what nothing else answers is a page of the console.
    api.router.default = ConsoleFiles(edge.console)
    return api


@cache
def _verbs() -> APIRouter:
    """Every route of the interface. They find their edge in the request, so all applications share them.

    Building them is most of the work of making an application.
    """
    verbs = APIRouter(generate_unique_id_function=_operation_id)
    outside = APIRouter(
        prefix="/api",
        dependencies=[Depends(recorded_outside, scope="function")],
        responses={**_REFUSALS},
    )
    for router in (
        installation.router,
        workspaces.router,
        console.session,
        sessions.router,
        members.first,
        boards.shared,
    ):
        outside.include_router(router)
    verbs.include_router(outside)
    verbs.include_router(console.entrance)
    verbs.include_router(member_pages.entrance)
    guarded = APIRouter(
        prefix="/api",
        dependencies=[Depends(workspace_of), Depends(recorded, scope="function")],
        responses={**_REFUSALS},
    )
    for router in _GUARDED:
        guarded.include_router(router)
    verbs.include_router(guarded)
    return verbs


def edge_behind(api: FastAPI) -> Edge:
    """The edge of an application made by `create_app`."""
    edge = api.state.edge
    if not isinstance(edge, Edge):
        raise TypeError("the API was not made by create_app")
    return edge


def _operation_id(route: APIRoute) -> str:
    """Operations are called by the verb's own name in generated clients."""
    return route.name
