"""Looking on while clients call: who is shown what, what is never shown, and how a stream ends."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

import httpx
import pytest
from starlette.types import Message, Scope

from perennial.api import create_app
from perennial.api.access import Edge
from perennial.api.app import edge_behind
from perennial.api.debugger import (
    MOST_KEPT,
    MOST_WATCHERS,
    Arrival,
    Debugger,
    TooManyWatchers,
    Wanted,
    seen_calls,
)
from perennial.api.decoding import Key
from perennial.api.protocols.entrance import Entrance
from perennial.collect.events import Overloaded, Receipt, Reception, Reject, Stopping
from perennial.kernel.errors import PerennialError
from perennial.kernel.values import Json
from perennial.testing.installation import API_TOKEN, WRITE_KEY, FakeInstallation, FakeWorkspace

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PAID: dict[str, Json] = {
    "userId": "p1",
    "anonymousId": "a1",
    "event": "order_paid",
    "messageId": "m1",
    "writeKey": WRITE_KEY,
    "properties": {
        "amount": 12.5,
        "note": "li@example.com",
        "gift": True,
        "items": [1],
        "to": {"city": "上海"},
        "by": None,
    },
}
REJECT = Reject(index=0, path="$.event", code="missing_event", message="…", hint="Name it.")


def arrival(
    *calls: Json,
    outcome: Receipt | PerennialError | None = None,
    kind: str | None = "track",
    workspace: str = "default",
) -> Arrival:
    return Arrival(
        workspace=workspace,
        source="web",
        kind=kind,
        received_at=NOW,
        calls=calls,
        outcome=outcome or Receipt(accepted=len(calls), duplicates=0),
    )


def events_in(frames: str) -> list[tuple[str, dict[str, Json]]]:
    """The events of a piece of the stream, read as a browser would."""
    found: list[tuple[str, dict[str, Json]]] = []
    for frame in frames.split("\n\n"):
        if frame and not frame.startswith(":"):
            name, data = frame.split("\n")
            found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_of_a_property_its_name_and_kind_are_shown_and_never_its_value_nor_a_write_key() -> None:
    (seen,) = seen_calls(arrival(PAID))

    assert (seen.event, seen.user_id, seen.anonymous_id, seen.message_id) == ("order_paid", "p1", "a1", "m1")
    assert seen.properties == {
        "amount": "number",
        "note": "text",
        "gift": "boolean",
        "items": "list",
        "to": "object",
        "by": "empty",
    }
    told = json.dumps({**asdict(seen), "received_at": ""}, ensure_ascii=False)
    assert [text for text in ("li@example.com", "上海", "12.5", WRITE_KEY) if text in told] == []


def test_a_name_that_is_itself_personal_is_masked() -> None:
    (seen,) = seen_calls(arrival({**PAID, "properties": {"li@example.com": 1}}))
    assert seen.properties == {"li***": "number"}


def test_a_refused_call_says_where_and_why_and_its_neighbour_was_taken() -> None:
    receipt = Receipt(accepted=1, duplicates=0, rejected=(REJECT,))
    bad, good = seen_calls(arrival({"userId": "p1"}, PAID, outcome=receipt))

    assert (bad.outcome, bad.code, bad.path, bad.hint) == ("refused", "missing_event", "$.event", "Name it.")
    assert (good.outcome, good.code) == ("accepted", "")


def test_a_request_that_is_refused_as_a_whole_is_one_line_for_all_of_its_calls() -> None:
    (seen,) = seen_calls(arrival(PAID, PAID, outcome=Overloaded()))
    assert (seen.outcome, seen.code, seen.calls, seen.user_id) == ("refused", "overloaded", 2, "")


@pytest.mark.parametrize(
    "call", [None, 7, "x", [], {"event": {}, "userId": True, "properties": 1}, {"userId": 10**5000}]
)
def test_whatever_was_sent_can_be_shown(call: Json) -> None:
    (seen,) = seen_calls(arrival(call))
    assert (seen.event, seen.user_id, seen.properties) == ("", "", {})


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        (Wanted(), ["m1", "m2", "m3"]),
        (Wanted(source="web", event="order_paid", user="p1"), ["m1"]),
        (Wanted(source="app"), []),
        (Wanted(user="a1"), ["m1", "m3"]),
        (Wanted(only_refused=True), ["m3"]),
    ],
)
def test_only_what_was_asked_for_is_told(wanted: Wanted, shown: list[str]) -> None:
    async def told() -> list[Json]:
        debugger = Debugger()
        stream = debugger.stream("default", wanted, seconds=3600)
        await anext(stream)
        other: dict[str, Json] = {"userId": "p2", "event": "seen", "messageId": "m2"}
        debugger.tell(arrival(PAID, other))
        bad: dict[str, Json] = {**PAID, "event": "", "messageId": "m3"}
        receipt = Receipt(accepted=0, duplicates=0, rejected=(REJECT,))
        debugger.tell(arrival(bad, outcome=receipt))
        debugger.tell(arrival(PAID, workspace="other"))
        debugger.close()
        return [document["message_id"] async for document in calls_of(stream)]

    assert asyncio.run(told()) == shown


async def calls_of(stream: AsyncGenerator[str]) -> AsyncGenerator[dict[str, Json]]:
    async for frames in stream:
        for name, document in events_in(frames):
            if name == "call":
                yield document


def test_who_reads_too_slowly_hears_how_many_of_the_oldest_were_dropped() -> None:
    async def told() -> Sequence[tuple[str, dict[str, Json]]]:
        debugger = Debugger()
        stream = debugger.stream("default", Wanted())
        await anext(stream)
        for number in range(MOST_KEPT + 3):
            debugger.tell(arrival({**PAID, "messageId": f"m{number}"}))
        frames = await anext(stream)
        await stream.aclose()
        return events_in(frames)

    (dropped, first, *others) = asyncio.run(told())
    assert dropped == ("dropped", {"calls": 3})
    assert (first[1]["message_id"], len(others)) == ("m3", MOST_KEPT - 1)


def test_a_silent_stream_says_that_it_is_still_there() -> None:
    async def first() -> tuple[str, str]:
        stream = Debugger().stream("default", Wanted(), heartbeat_seconds=0)
        opened, silent = await anext(stream), await anext(stream)
        await stream.aclose()
        return opened, silent

    opened, silent = asyncio.run(first())
    ((name, document),) = events_in(opened)
    assert (name, document["workspace"]) == ("open", "default")
    assert "this process" in str(document["scope"])
    assert silent.startswith(":")


def test_streams_end_when_the_server_stops_and_no_other_begins() -> None:
    async def ended() -> list[tuple[str, dict[str, Json]]]:
        debugger = Debugger()
        stream = debugger.stream("default", Wanted())
        await anext(stream)
        debugger.close()
        last = "".join([frames async for frames in stream])
        with pytest.raises(Stopping):
            debugger.require_room()
        assert not debugger.is_watched
        return events_in(last)

    assert asyncio.run(ended()) == [("end", {"reason": "stopping"})]


def test_more_than_may_at_once_cannot_look_on_until_somebody_leaves() -> None:
    async def fill() -> None:
        debugger = Debugger()
        streams = [debugger.stream("default", Wanted()) for _ in range(MOST_WATCHERS)]
        for stream in streams:
            await anext(stream)
        with pytest.raises(TooManyWatchers):
            debugger.require_room()
        await streams.pop().aclose()
        debugger.require_room()
        for stream in streams:
            await stream.aclose()
        assert not debugger.is_watched

    asyncio.run(fill())


class NobodyIsTold(Debugger):
    """One that may not be told anything."""

    def tell(self, arrival: Arrival) -> None:
        raise AssertionError(arrival)


def test_while_nobody_looks_on_the_way_in_tells_nobody(installation: FakeInstallation) -> None:
    async def send() -> Receipt:
        edge = Edge(installation, local_token=None)
        edge.debugger = NobodyIsTold()
        entrance = Entrance(edge)
        owner = await entrance.owner([Key(value=WRITE_KEY, scheme="basic")])
        return await entrance.submit(owner, [PAID], Reception(source="", received_at=None, kind="track"))

    assert asyncio.run(send()).accepted == 1


@pytest.mark.parametrize("failure", [None, Overloaded()])
def test_whoever_looks_on_changes_nothing_for_the_client(
    installation: FakeInstallation, workspace: FakeWorkspace, failure: PerennialError | None
) -> None:
    async def send() -> tuple[Receipt | PerennialError, str]:
        edge = Edge(installation, local_token=None)
        stream = edge.debugger.stream("default", Wanted())
        await anext(stream)
        entrance = Entrance(edge)
        owner = await entrance.owner([Key(value=WRITE_KEY, scheme="basic")])
        reception = Reception(source="", received_at=None, kind="track")
        try:
            workspace.failure = failure
            outcome: Receipt | PerennialError = await entrance.submit(owner, [PAID], reception)
        except PerennialError as refusal:
            outcome = refusal
        frames = await anext(stream)
        await stream.aclose()
        return outcome, frames

    outcome, frames = asyncio.run(send())
    ((_, told),) = events_in(frames)
    if failure is None:
        assert isinstance(outcome, Receipt)
        assert told["outcome"] == "accepted"
    else:
        assert outcome is failure
        assert (told["outcome"], told["code"]) == ("refused", "overloaded")


def test_a_stream_that_was_asked_for_some_seconds_ends(client: httpx.Client) -> None:
    answer = client.get(
        "/api/debugger/stream", params={"seconds": 1}, headers={"authorization": f"Bearer {API_TOKEN}"}
    )
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [name for name, _ in events_in(answer.text)] == ["open", "end"]


@pytest.mark.parametrize(("query", "status"), [("", 401), ("seconds=0", 401)])
def test_without_a_token_nobody_looks_on(client: httpx.Client, query: str, status: int) -> None:
    assert client.get(f"/api/debugger/stream?{query}").status_code == status


def test_who_hangs_up_is_told_nothing_more(installation: FakeInstallation) -> None:
    async def watched_after() -> tuple[bool, bool]:
        api = create_app(installation)
        heard, hung_up = asyncio.Event(), asyncio.Event()
        during: list[bool] = []

        async def receive() -> Message:
            if not hung_up.is_set():
                hung_up.set()
                return {"type": "http.request", "body": b"", "more_body": False}
            await heard.wait()
            during.append(edge_behind(api).debugger.is_watched)
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message.get("body"):
                heard.set()

        await api(scope_of("/api/debugger/stream"), receive, send)
        return during[0], edge_behind(api).debugger.is_watched

    assert asyncio.run(watched_after()) == (True, False)


def scope_of(path: str) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"authorization", f"Bearer {API_TOKEN}".encode())],
    }
