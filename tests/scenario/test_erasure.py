"""The erasure proof (must-show 5 of Collect): whoever was erased is in no file of the home directory.

Random markers are planted by every way in and into every store, a person is erased, and every file is
searched byte by byte: journals, replaced parts and logs included. ClickHouse's files are compressed, so their
blocks are decompressed first, as the engine lays them out. Before the erasure the same search finds each
marker: a search that finds nothing anywhere proves nothing.

A store that comes later adds itself: it plants a marker in `plant`, and its tables in
`backends/sql/personal.py`, where `test_every_table_is_known...` asks for them.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pytest

from perennial.collect.events import Reception
from perennial.wiring import App, open_app

_CHECKSUM, _HEADER = 16, 9
_CODECS = {0x82: "lz4_raw", 0x90: "zstd"}
_MULTIPLE, _NONE = 0x91, 0x02


def blocks(content: bytes) -> Iterator[bytes]:
    """The decompressed blocks of a ClickHouse file: checksum, codec, both sizes, and then the bytes."""
    at = 0
    while at + _CHECKSUM + _HEADER <= len(content):
        start = at + _CHECKSUM
        method = content[start]
        size = int.from_bytes(content[start + 1 : start + 5], "little")
        length = int.from_bytes(content[start + 5 : start + 9], "little")
        if size < _HEADER or start + size > len(content):
            return
        body = content[start + _HEADER : start + size]
        if method in _CODECS and length:
            yield pa.Codec(_CODECS[method]).decompress(body, length).to_pybytes()
        elif method == _NONE:
            yield body
        at = start + size


def texts_of(file: Path) -> Iterator[bytes]:
    content = file.read_bytes()
    yield content
    if file.suffix in (".bin", ".cidx", ".cmrk", ".cmrk2", ".cmrk3"):
        yield from blocks(content)


def found_in(home: Path, markers: Mapping[str, str]) -> dict[str, set[str]]:
    """In which files each marker is."""
    found: dict[str, set[str]] = {}
    for file in sorted(home.rglob("*")):
        if file.is_file():
            for text in texts_of(file):
                for name, marker in markers.items():
                    if marker.encode() in text:
                        found.setdefault(name, set()).add(str(file.relative_to(home)))
    return found


def plant(app: App, folder: Path, marker: Mapping[str, str]) -> None:
    """One person, by every way in and into every store."""
    workspace = app.workspace()
    user, device = marker["user id"], marker["device"]
    workspace.save_segment('id: named\nname: Named\ncondition: {trait: name, "!=": nobody}\n')
    workspace.send(
        [
            {
                "type": "track",
                "anonymousId": device,
                "event": marker["event name"],
                "properties": {"note": marker["property"], marker["property name"]: 1},
                "context": {"page": {"title": marker["context"]}},
                "messageId": marker["message id"],
            },
            {
                "type": "identify",
                "userId": user,
                "anonymousId": device,
                "traits": {"name": marker["trait"], "email": f"{marker['address']}@example.com"},
            },
            {"type": "alias", "userId": user, "previousId": marker["former id"]},
        ]
    )
    consent = {"consent": "email/news", "state": "granted", "proof": marker["proof"]}
    workspace.record_consent(user, **consent)
    # Refused: it names the person and what was sent is kept.
    web = Reception(source="web", received_at=app.clock.now())
    workspace.submit_calls([{"type": "track", "userId": user, "text": marker["reject"]}], web).result()
    file = folder / "history.jsonl"
    row = {
        "type": "track",
        "userId": user,
        "event": "bought",
        "timestamp": "2026-01-02T03:04:05Z",
        "properties": {"note": marker["import"]},
    }
    file.write_text(json.dumps(row) + "\n")
    workspace.import_file(file)
    workspace.turn()


WAYS = (
    "user id",
    "device",
    "former id",
    "event name",
    "property",
    "property name",
    "context",
    "message id",
    "trait",
    "address",
    "proof",
    "reject",
    "import",
)


@pytest.fixture
def markers() -> dict[str, str]:
    return {way: secrets.token_hex(16) for way in WAYS}


def test_an_erased_person_is_in_no_file_and_what_is_searched_for_was_there(
    tmp_path: Path, markers: dict[str, str]
) -> None:
    home = tmp_path / "home"
    with open_app(home) as app:
        app.init()
        workspace = app.workspace()
        workspace.send([{"type": "track", "userId": "stays", "event": "seen", "properties": {"n": 1}}])
        plant(app, tmp_path, markers)
        before = found_in(home, markers)
        assert set(before) == set(markers)
        receipt = workspace.erase_person(markers["user id"], reason="asked for it", by="desk")
        assert found_in(home, markers) == {}
        assert receipt["state"] == "done"
        assert receipt["proof"] == {"event rows left": 0, "files searched": 6, "files found": 0}
        assert not any(marker in str(receipt) for marker in markers.values())
        assert workspace.count_events() == 1
        # Whoever comes late is turned away, and nothing of it is kept.
        late = {"type": "track", "userId": markers["user id"], "event": "seen"}
        assert workspace.send([late]).accepted == 0
        assert workspace.import_file(tmp_path / "history.jsonl").accepted == 0
        refused = workspace.show_erasure(str(receipt["erasure_id"]))["refused_since"]
        assert refused == 1
        workspace.turn()
        assert workspace.doctor().ok
    # A start looks for what a power cut took: it brings nothing back.
    with open_app(home) as app:
        workspace = app.workspace()
        workspace.turn()
        assert workspace.count_events() == 1
        assert found_in(home, markers) == {}
