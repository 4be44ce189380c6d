"""The reckoning of a campaign can fail: it names who was not united, and who was without a word of theirs."""

import json
from pathlib import Path

from tests.crash.campaign import not_one
from tests.crash.load import Load
from tests.crash.parcels import parcels_of

import perennial


def test_whoever_is_not_one_with_who_they_were_is_named_and_so_is_a_stranger(tmp_path: Path) -> None:
    load, parcels = Load(), parcels_of(0, 0, [f"p{place}" for place in range(10)], "key")
    for parcel in parcels:
        load.send(parcel)
    calls = [call for parcel in parcels for call in json.loads(parcel.body)["batch"]]
    file = tmp_path / "calls.jsonl"
    kept = [
        {**call, "timestamp": "2026-01-01T00:00:00Z"} for call in calls if call["messageId"] != "p4-alias"
    ]
    file.write_text("\n".join(map(json.dumps, kept)), encoding="utf-8")
    with perennial.open(tmp_path / "home") as app:
        app.init()
        workspace = app.workspace()
        workspace.import_file(file)
        stored = set(workspace.message_ids())
        assert not_one(workspace, load, stored) == ([], [])
        assert not_one(workspace, load, stored | {"p4-alias"}) == (["p4"], ["was-p4"])
        assert not_one(workspace, load, stored - {"p7-alias"}) == ([], ["p7"])
