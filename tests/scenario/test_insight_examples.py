"""Every kind of insight by the front door: the reference page's own examples, run as they stand."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import httpx
import pyarrow.parquet as pq
import pytest

from perennial.api import create_app
from perennial.cli.local_transport import LocalTransport
from perennial.evaluate.insights import KEYS
from perennial.kernel.clock import VirtualClock
from perennial.kernel.documents import read_document
from perennial.kernel.values import Json
from perennial.wiring import open_app

PAGE = (Path(__file__).parents[2] / "docs/reference/insights.md").read_text()
BLOCK = re.compile(r"```(\w+) (\w+)\n(.*?)```", re.DOTALL)
NOW = datetime(2026, 3, 20, tzinfo=UTC)
SEGMENTS = (
    "{id: visitors, condition: {did: visit}}",
    "{id: buyers, condition: {did: order_paid}}",
)


def blocks(label: str) -> list[str]:
    return [text for _, named, text in BLOCK.findall(PAGE) if named == label]


def examples() -> Iterator[tuple[str, Json, Mapping[str, Json]]]:
    for example, result in zip(blocks("example"), blocks("result"), strict=True):
        spec = read_document(example, name="example").value
        expected = read_document(result, name="result").value
        assert isinstance(spec, Mapping)
        assert isinstance(expected, Mapping)
        yield str(spec["kind"]), spec, expected


EXAMPLES = list(examples())


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    clock = VirtualClock(NOW)
    with open_app(tmp_path_factory.mktemp("home"), clock=clock) as app:
        token = app.init().api_token
        workspace = app.workspace()
        calls: list[Json] = []
        for number, row in enumerate(csv.DictReader(io.StringIO(blocks("events")[0]))):
            told = {key: row[key] for key in ("page", "sku", "channel") if row[key]}
            properties: dict[str, Json] = {**told}
            if row["amount"]:
                properties["amount"] = float(row["amount"])
            if "sku" in properties:
                properties["sku"] = str(properties["sku"]).split(", ")
            calls.append(
                {
                    "type": "track",
                    "userId": row["user"],
                    "event": row["event"],
                    "timestamp": row["at"],
                    "messageId": f"m{number}",
                    "properties": properties,
                }
            )
        workspace.send(calls)
        workspace.turn()
        for segment in SEGMENTS:
            workspace.save_segment(segment)
        transport = LocalTransport(create_app(app, local_token=None))
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(transport=transport, base_url="http://here", headers=headers) as client:
            yield client


def test_every_kind_has_an_example() -> None:
    assert {kind for kind, _, _ in EXAMPLES} == set(KEYS)


@pytest.mark.parametrize(("kind", "spec", "expected"), EXAMPLES, ids=[kind for kind, _, _ in EXAMPLES])
def test_example(client: httpx.Client, kind: str, spec: Json, expected: Mapping[str, Json]) -> None:
    answer = client.post("/api/insights/run", json=spec, params={"wait": "accepted"})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert {path: value_at(found, path) for path in expected} == expected
    assert found["kind"] == kind
    for count, cell in numbered_cells({key: found[key] for key in found if key != "spec"}):
        people = client.post("/api/insights/people", json={"spec": spec, "cell": cell}).json()
        assert people["count"] == count, cell
        assert len(people["people"]) == count


@pytest.mark.parametrize(("kind", "spec"), [one[:2] for one in EXAMPLES], ids=[one[0] for one in EXAMPLES])
def test_every_kind_is_written_to_files(client: httpx.Client, kind: str, spec: Json) -> None:
    text = client.post("/api/insights/export", json=spec).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    written = client.post("/api/insights/export", json=spec, params={"format": "parquet"}).content
    table = pq.read_table(io.BytesIO(written))
    assert table.num_rows == len(rows) > 0, kind
    assert table.column_names == list(rows[0])
    assert not [name for name in table.column_names if name == "cell" or name.endswith("_cell")]
    for name in ("people", "size", "sessions", "dormant"):
        if name in table.column_names:
            assert [str(one) for one in table.column(name).to_pylist()] == [row[name] for row in rows]


def value_at(found: Json, path: str) -> Json:
    """The value at `a.b[0].c`; `[*]` gathers those of all elements."""
    step, _, rest = path.partition(".")
    name, _, place = step.partition("[")
    assert isinstance(found, Mapping)
    value = found[name]
    if place == "*]":
        return [value_at(one, rest) if rest else one for one in cast("Sequence[Json]", value)]
    if place:
        value = cast("Sequence[Json]", value)[int(place[:-1])]
    return value_at(value, rest) if rest else value


def numbered_cells(found: Json) -> Iterator[tuple[int, Json]]:
    """Every count of people with its cell."""
    if isinstance(found, Mapping):
        if "cell" in found and isinstance(found.get("people"), int):
            yield cast("int", found["people"]), found["cell"]
        for key, value in found.items():
            if not key.endswith("cell"):
                yield from numbered_cells(value)
    elif isinstance(found, Sequence) and not isinstance(found, str):
        for one in found:
            yield from numbered_cells(one)


def test_a_number_is_kept_as_a_segment(client: httpx.Client) -> None:
    spec: Json = {"kind": "funnel", "steps": ["visit", "order_paid"], "range": {"last": "30d"}}
    asked: Json = {"spec": spec, "cell": {"step": 1, "reached": True}, "segment_id": "converted"}
    for _ in range(2):
        answer = client.post("/api/insights/segment", json=asked)
        assert answer.json() == {"segment": "converted", "people": 2}, answer.text
    counted = client.post("/api/people/count", json={"condition": {"segment": "converted"}})
    assert counted.json() == {"people": 2}


def test_mistakes_are_named_with_their_place(client: httpx.Client) -> None:
    spec: Json = {
        "kind": "funnel",
        "steps": [{"event": "visit", "whre": []}],
        "window": "soon",
        "order": "orderd",
        "range": {"last": "30 days"},
    }
    answer = client.post("/api/insights/run", json=spec)
    assert answer.status_code == 422
    problems = {one["path"]: (one["code"], one["hint"]) for one in answer.json()["problems"]}
    assert problems["$.steps[0].whre"] == ("unknown_key", "Did you mean 'where'?")
    assert problems["$.order"] == ("unknown_word", "Did you mean 'ordered'?")
    assert problems["$.steps"][0] == "bad_steps"
    assert {"$.window", "$.range.last"} <= problems.keys()
