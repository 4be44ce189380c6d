"""The API keeps to its own document, whatever is asked of it: schemathesis asks, of a real server.

Every operation of the document is tried, those that are added later by themselves.
"""

# Its cases are generic in what nobody names, so that strict typing knows them only in part.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeArgument=false

import json
import os
from base64 import b64encode
from collections.abc import Generator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.scenario.test_http_server import Server, installed

from perennial.api import create_app
from perennial.api.access import WORKSPACE_HEADER
from perennial.testing.installation import FakeInstallation

EXAMPLES = int(os.environ.get("OPENAPI_EXAMPLES", "12"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
SLOWNESS = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
ENDLESS = {"GET /api/debugger/stream"}
"""What answers until somebody hangs up is asked in a test of its own: test_debugger."""
VERBS = [
    verb
    for path, methods in create_app(FakeInstallation()).openapi()["paths"].items()
    for method in methods
    if (verb := f"{method.upper()} {path}") not in ENDLESS
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """A new installation that serves, without anybody in it."""
    with installed(tmp_path_factory.mktemp("openapi") / "home") as serving:
        yield serving


@pytest.fixture(scope="module")
def document(server: Server) -> "schemathesis.BaseSchema":
    """The document as the server gives it."""
    return schemathesis.openapi.from_url(f"{server.address}/api/openapi.json")


def authorization(server: Server, path: str, caller: str) -> str:
    """Who asks: a client with its write key, a script with its token, or this machine's own commands."""
    if not path.startswith("/api/"):
        return "Basic " + b64encode(f"{server.write_key}:".encode()).decode()
    if caller == "a script":
        return f"Bearer {server.api_token}"
    return "Bearer " + json.loads((server.home / "server.json").read_text(encoding="utf-8"))["token"]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("caller", ["a script", "this machine"])
def test_every_operation_answers_as_the_document_says(
    verb: str, caller: str, document: "schemathesis.BaseSchema", server: Server
) -> None:
    method, path = verb.split()
    operation = document[path][method]
    headers = {"authorization": authorization(server, path, caller)}

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=SLOWNESS, derandomize=True)
    @given(case=operation.as_strategy())
    def ask(case: schemathesis.Case) -> None:
        # Random names of workspaces would be the end of nearly every question.
        case.headers.pop(WORKSPACE_HEADER, None)
        case.call_and_validate(headers=headers, checks=CHECKS, timeout=60)

    ask()
