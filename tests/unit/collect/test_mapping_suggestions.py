"""A mapping is suggested from a file's header and first rows, with how sure it is and why."""

import gzip
import json
from pathlib import Path

import pytest

from perennial.collect.imports import FileNotReadable
from perennial.collect.imports.suggesting import Suggestion, suggest
from perennial.kernel.documents import read_document
from perennial.kernel.windows import Zone


def suggested(folder: Path, name: str, text: str) -> Suggestion:
    (folder / name).write_text(text, encoding="utf-8")
    return suggest(folder / name, zone=Zone())


def sureness(found: Suggestion) -> dict[str, tuple[str, str]]:
    return {one.part: (one.column, one.sure) for one in found.readings}


def test_chinese_headers_are_known(tmp_path: Path) -> None:
    found = suggested(
        tmp_path, "订单.csv", "会员号,下单时间,订单号,金额,手机号\nA1,2026-01-03 05:00:00,o1,12.5,138\n"
    )
    assert found.mapping == {
        "type": "track",
        "event": {"value": "订单"},
        "user_id": "会员号",
        "timestamp": "下单时间",
        "message_id": "订单号",
        "properties": {"amount": "金额", "phone": "手机号"},
    }
    assert sureness(found)["user_id"] == ("会员号", "sure")
    assert found.rows == [
        {
            "row": 0,
            "type": "track",
            "event": "订单",
            "userId": "A1",
            "timestamp": "2026-01-03 05:00:00",
            "messageId": "o1",
            "properties": {"amount": 12.5, "phone": 138.0},
        }
    ]


def test_what_is_printed_is_the_mapping(tmp_path: Path) -> None:
    found = suggested(tmp_path, "a.csv", "uid,event,time,order no,yes\n1,paid,2026-01-03T05:00:00Z,o1,x\n")
    assert read_document(found.yaml, name="map").value == found.mapping


@pytest.mark.parametrize(
    ("header", "row", "form", "unit"),
    [
        (
            "event_name,event_timestamp,user_pseudo_id,user_id",
            "buy,1767416400000000,c1,u1",
            "GA4 (BigQuery)",
            "us",
        ),
        ("event,distinct_id,time,$insert_id", "buy,u1,1767416400,i1", "Mixpanel", "s"),
        ("event,distinct_id,time,$lib", "buy,u1,1767416400000,js", "Sensors Analytics (神策)", None),
        (
            "id,event,user_id,anonymous_id,timestamp,original_timestamp",
            "m1,buy,u1,a1,2026-01-03T05:00:00Z,x",
            "Segment",
            None,
        ),
    ],
)
def test_exports_of_other_systems_are_known(
    tmp_path: Path, header: str, row: str, form: str, unit: str | None
) -> None:
    found = suggested(tmp_path, "export.csv", f"{header}\n{row}\n")
    assert found.form == form
    assert found.mapping is not None
    assert found.mapping.get("time_unit") == unit
    assert found.rows[0] == {**found.rows[0], "event": "buy"}  # pyright: ignore[reportGeneralTypeIssues]
    assert "code" not in json.dumps(found.rows)


def test_a_phone_number_is_only_a_guess_for_who_it_is(tmp_path: Path) -> None:
    found = suggested(tmp_path, "a.csv", "手机号,时间,金额\n138,2026-01-03T05:00:00Z,1\n")
    assert sureness(found)["user_id"] == ("手机号", "guess")


def test_an_id_that_comes_twice_is_not_taken_for_the_row_s_own(tmp_path: Path) -> None:
    rows = "u1,2026-01-03T05:00:00Z,o1\nu1,2026-01-03T05:00:00Z,o1\n"
    found = suggested(tmp_path, "a.csv", f"uid,time,order_id\n{rows}")
    assert "message_id" not in sureness(found)


def test_a_list_of_people_becomes_identify_calls(tmp_path: Path) -> None:
    found = suggested(tmp_path, "members.csv", "会员编号,姓名,城市,注册时间\nA1,王,上海,2026-01-03\n")
    assert found.mapping is not None
    assert (found.mapping["type"], found.mapping["traits"]) == ("identify", {"name": "姓名", "city": "城市"})


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    found = suggested(tmp_path, "a.csv", "uid,amount\nu1,3\n")
    assert "# timestamp: COLUMN  # missing" in found.yaml
    assert found.rows[0] == {**found.rows[0], "code": "missing_timestamp"}  # pyright: ignore[reportGeneralTypeIssues]


def test_lines_that_are_calls_need_no_mapping(tmp_path: Path) -> None:
    call = '{"type":"track","userId":"p1","event":"seen","timestamp":"2026-01-03T06:00:00Z"}\n'
    with gzip.open(tmp_path / "calls.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(call)
    found = suggest(tmp_path / "calls.jsonl.gz", zone=Zone())
    assert (found.mapping, found.form) == (None, "calls")


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotReadable):
        suggested(tmp_path, "empty.jsonl", "")


def test_the_only_column_of_times_is_guessed_and_of_two_none_is(tmp_path: Path) -> None:
    one = suggested(tmp_path, "a.csv", "user,when,n\nli,2026-01-03T05:00:00Z,3\nwang,2026-01-04,4\n")
    assert sureness(one)["timestamp"] == ("when", "guess")
    both = suggested(tmp_path, "b.csv", "user,when,then\nli,2026-01-03T05:00:00Z,2026-01-04\n")
    assert "timestamp" not in sureness(both)


def test_whole_numbers_are_shown_as_they_are_written(tmp_path: Path) -> None:
    found = suggested(tmp_path, "a.csv", "user,time,order_id,n\nli,2026-01-03T05:00:00Z,1001,2.5\n")
    [row] = found.rows
    assert isinstance(row, dict)
    assert repr(row["messageId"]) == "1001"
    assert row["properties"] == {"n": 2.5}
