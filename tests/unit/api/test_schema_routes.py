"""What the routes about what is sent take, ask and answer."""

import httpx
import pytest

from perennial.testing.installation import API_TOKEN, FakeInstallation

HEADERS = {"authorization": f"Bearer {API_TOKEN}"}


def test_what_is_left_out_of_a_description_is_not_said(
    client: httpx.Client, installation: FakeInstallation
) -> None:
    given = {"event": "order_paid", "path": "items.sku", "owner": "ada", "status": ""}
    answer = client.put("/api/schema/descriptions", headers=HEADERS, json=given)
    assert answer.status_code == 200
    [(method, asked)] = installation.workspaces["default"].asked
    assert (method, asked) == (
        "describe_schema",
        ("order_paid", "items.sku", {"owner": "ada", "status": None}),
    )


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"event": ""}, "$.event"),
        ({"event": "e", "status": "done"}, "$.status"),
        ({"event": "e", "ownr": "ada"}, "$.ownr"),
        ({"event": "e", "pii": "very"}, "$.pii"),
    ],
)
def test_a_bad_description_is_refused_at_its_place(
    client: httpx.Client, given: dict[str, str], path: str
) -> None:
    answer = client.put("/api/schema/descriptions", headers=HEADERS, json=given)
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["path"].startswith(path)


def test_values_are_revealed_only_where_somebody_asks(
    client: httpx.Client, installation: FakeInstallation
) -> None:
    client.get("/api/schema/properties", headers=HEADERS, params={"event": "a/b"})
    client.get("/api/schema/properties", headers=HEADERS, params={"event": "a/b", "reveal": "true"})
    asked = [given for _, given in installation.workspaces["default"].asked]
    assert asked == [("a/b", False, 100, None), ("a/b", True, 100, None)]


@pytest.mark.parametrize("days", ["0", "4000", "week"])
def test_a_report_looks_back_a_number_of_days(client: httpx.Client, days: str) -> None:
    answer = client.get("/api/plan/report", headers=HEADERS, params={"days": days})
    assert answer.status_code == 422


@pytest.mark.parametrize(("kind", "key"), [("plan", "events"), ("cleaning", "rules")])
def test_a_document_is_checked_and_published_as_it_was_written(
    client: httpx.Client, kind: str, key: str
) -> None:
    checked = client.post(f"/api/{kind}/validate", headers=HEADERS, content="{}").json()
    published = client.post(f"/api/{kind}", headers=HEADERS, content=f"{key}: {{}}").json()
    assert (checked["ok"], checked["problems"][0]["code"]) == (False, "missing_key")
    assert (published["version"], published["document"]) == (1, {key: {}})


def test_the_grammar_of_plans_is_published(client: httpx.Client) -> None:
    assert client.get("/api/plan/schema", headers=HEADERS).json() == {"title": "Tracking plan"}
