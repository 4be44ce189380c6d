"""A hundred conditions or more in one pass, beside the same ones as separate, hand-written queries.

    .venv/bin/python -m benchmarks.conditions [MILLIONS] [--questions 200] [--by-hand] [--runs 3]

Three baselines. `separate` runs on copies of the log in the orders that suit such queries, by event and
person and by event and time: each query runs in three ways and counts with its best. `typed` does the same
on copies that hold the asked properties as columns in place of maps, as the promoted log does. `same store`
runs the queries of `separate` on the log as it lies, which is what there is without copies. All bring back
only a count and a checksum, where the pass brings back who. Before anything is reported, count and checksum
of all hundred must agree in every way; where sums by hand are rounded otherwise than the pass's,
those in whole cents decide. Copies and rows are kept in `benchmarks/.cache`.

With 200 questions there are a hundred tags by rule beside them. `--by-hand` leaves out all but `separate`.
"""

import argparse
import json
import re
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import cast

import numpy as np

from benchmarks.history import DATABASE, NOW, ensure_history, folder_of
from benchmarks.measuring import Cost, cost_told, in_fresh_process, median, timed
from benchmarks.questions import Question, hundred, in_cents, questions_of
from perennial.backends.clickhouse import (
    ClickHousePopulation,
    EmbeddedClickHouse,
    Transport,
    prepare_database,
)
from perennial.backends.clickhouse.arrow import integers
from perennial.backends.clickhouse.parameters import Sql
from perennial.kernel.conditions import Moment, parse_condition
from perennial.kernel.conditions.walk import paths_most_asked

RUNS = 3
ORDERS = {
    "by_name_person": "name, profile_id, occurred_at",
    "by_name_time": "name, occurred_at, profile_id",
}
WAYS: Mapping[str, Sequence[tuple[str, int]]] = {
    "separate": (("by_name_person", 1), ("by_name_person", 0), ("by_name_time", 0)),
    "typed": (("by_name_person_typed", 1), ("by_name_person_typed", 0), ("by_name_time_typed", 0)),
    "same store": (("events", 1), ("events", 0)),
}
"""For each baseline, where a query may run, and whether aggregated in the order of the rows there."""

Answer = tuple[int, int]
"""How many people, and all their ids combined by exclusive or."""
Answers = list[Answer]
"""What a way says of a question: one answer, but where sums are rounded those that rounding may lead to."""


def main(asked: argparse.Namespace) -> None:
    millions, questions, runs = int(asked.millions), int(asked.questions), int(asked.runs)
    ensure_history(millions)
    size = [str(millions), "--questions", str(questions), "--way"]
    print("promotion:", in_fresh_process("benchmarks.conditions", *size, "promotion")["told"])
    baselines = ["separate"] if asked.by_hand or questions > 100 else ["separate", "typed"]
    last = [] if asked.by_hand else ["same store"]
    found: dict[str, list[Cost]] = {way: [] for way in (*baselines, "one pass", *last)}
    answers: list[Sequence[set[str]]] = []
    for way in (*[*baselines, "one pass"] * runs, *last):
        told = in_fresh_process("benchmarks.conditions", *size, way)
        found[way].append(cost_told(told["cost"]))
        answers.append(_told(told["answers"]))
        print(f"{way:<10} {found[way][-1]}", flush=True)
    agreed = [each[0].intersection(*each[1:]) for each in zip(*answers, strict=True)]
    if not all(agreed):
        sys.exit("wrong answer: the pass and the hand-written queries do not agree")
    print(f"{questions} conditions over {millions} million events: all answers agree")
    for way, costs in found.items():
        print(f"{way:<10} {median(costs)} (median of {len(costs)})")
    passes = found["one pass"]
    for way in baselines:
        walls = [separate.wall / one.wall for separate, one in zip(found[way], passes, strict=True)]
        cpus = [separate.cpu / one.cpu for separate, one in zip(found[way], passes, strict=True)]
        ratios = f"wall {statistics.median(walls):.2f}, cpu {statistics.median(cpus):.2f}"
        print(f"{way} / one pass, median of pairs: {ratios}")
    for way in last:
        print(f"{way} / one pass: {found[way][0].wall / median(passes).wall:.2f}")


def _told(answers: object) -> Sequence[set[str]]:
    """The answers to each question, as a process of this module told them."""
    return [{str(one) for one in each} for each in cast("list[list[object]]", answers)]


def separately(
    transport: Transport, baseline: str, questions: Sequence[Question]
) -> tuple[Cost, Sequence[Answers]]:
    """The questions one by one, each in its best way; the sum of those."""
    _prepare_copies(transport)
    best: list[Cost] = []
    answers: list[Answers] = []
    for question in questions:
        found: list[Answer] = []
        ways = [
            timed(partial(_by_hand, transport, question, place, in_order, found))
            for place, in_order in WAYS[baseline]
        ]
        if "sumKahan" in question.plain:
            exact = replace(question, plain=in_cents(question.plain))
            _by_hand(transport, exact, WAYS[baseline][-1][0], 0, found)
        answers.append(found)
        best.append(min(ways, key=lambda cost: cost.wall))
    summed = Cost(
        wall=sum(cost.wall for cost in best),
        cpu=sum(cost.cpu for cost in best),
        megabytes=max(cost.megabytes for cost in best),
    )
    return summed, answers


def in_one_pass(transport: Transport, questions: Sequence[Question]) -> tuple[Cost, Sequence[Answers]]:
    """The questions from their documents to the ids of everyone who meets each."""
    found: list[Answers] = []

    def ask() -> None:
        conditions = [parse_condition(question.document) for question in questions]
        for ids in ClickHousePopulation(transport).members(conditions, at=Moment(as_of=NOW)):
            found.append([(len(ids), int(np.bitwise_xor.reduce(ids)) if len(ids) else 0)])

    return timed(ask), found


def _by_hand(
    transport: Transport, question: Question, place: str, in_order: int, found: list[Answer]
) -> None:
    plain = typed(question.plain) if place.endswith("_typed") else question.plain
    people = plain.replace("{table}", f"{DATABASE}.{place}").replace("{people}", f"{DATABASE}.people")
    answer = transport.query(
        Sql(
            f"SELECT count() AS people, groupBitXor(profile_id) AS ids FROM ({people})"  # noqa: S608 - our own
            f" SETTINGS aggregate_functions_null_for_empty = 0, optimize_aggregation_in_order = {in_order}"
        )
    )
    found.append((integers(answer, "people")[0], integers(answer, "ids")[0]))


def typed(plain: str) -> str:
    """A hand-written query with columns in place of maps."""
    plain = re.sub(r"mapContains\(texts, '([^']+)'\)", lambda it: f"text_{it[1].encode().hex()} != ''", plain)
    return re.sub(r"(number|text|list)s\['([^']+)'\]", lambda it: f"{it[1]}_{it[2].encode().hex()}", plain)


def promoted(transport: Transport, questions: Sequence[Question] | None = None) -> str:
    """The paths of the questions promoted as the product does it, and what that took; done once."""
    prepare_database(transport)
    begun, before = time.perf_counter(), _bytes(transport)
    paths = paths_most_asked([parse_condition(question.document) for question in questions or hundred()])
    cpu = time.process_time()
    ClickHousePopulation(transport).promote(paths, wait=True)
    took = f"{time.perf_counter() - begun:.1f} s wall, {time.process_time() - cpu:.1f} s cpu"
    return f"{len(paths)} paths, {took}, {before / 1e6:.0f} MB before, {_bytes(transport) / 1e6:.0f} MB after"


def _bytes(transport: Transport) -> int:
    size = "SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND table = 'events'"
    return integers(transport.query(Sql(f"{size} AND database = '{DATABASE}'")), "bytes")[0]


def _prepare_copies(transport: Transport) -> None:
    """The log in other orders, and a list of people; made once."""
    columns = "profile_id, occurred_at, name, kind"
    asked = transport.query(
        Sql(
            f"SELECT name FROM system.columns WHERE database = '{DATABASE}' AND table = 'events'"  # noqa: S608
            " AND match(name, '^(number|text|list)_[0-9a-f]+$')"
        )
    )
    in_columns = ", ".join([columns, *(str(name) for name in asked["name"].to_pylist())])
    in_maps = f"{columns}, numbers, texts, lists"
    for copy, order in ORDERS.items():
        _make_once(transport, copy, f"({order})", f"SELECT {in_maps} FROM {DATABASE}.events")  # noqa: S608
        rows = f"SELECT {in_columns} FROM {DATABASE}.events"  # noqa: S608
        _make_once(transport, f"{copy}_typed", f"({order})", rows)
    seen = "SELECT profile_id, minIf(occurred_at, is_activity) AS first_seen"
    _make_once(
        transport,
        "people",
        "profile_id",
        f"{seen} FROM {DATABASE}.events GROUP BY profile_id",
    )


def _make_once(transport: Transport, table: str, order: str, rows: str) -> None:
    if integers(transport.query(Sql(f"EXISTS TABLE {DATABASE}.{table}_done")), "result") == [1]:
        return
    for text in (
        f"DROP TABLE IF EXISTS {DATABASE}.{table}",
        f"CREATE TABLE {DATABASE}.{table} ENGINE = MergeTree ORDER BY {order} AS {rows}",
        f"OPTIMIZE TABLE {DATABASE}.{table} FINAL",
        f"CREATE TABLE {DATABASE}.{table}_done (at DateTime) ENGINE = MergeTree ORDER BY at",
    ):
        transport.command(Sql(text))


def measure_one(millions: int, way: str, questions: Sequence[Question]) -> None:
    """One way, in this process, as JSON."""
    with EmbeddedClickHouse(folder_of(millions) / "events") as engine:
        transport = engine.database(DATABASE)
        if way == "promotion":
            print(json.dumps({"told": promoted(transport, questions)}))
            return
        if way == "one pass":
            cost, answers = in_one_pass(transport, questions)
        else:
            cost, answers = separately(transport, way, questions)
    print(json.dumps({"cost": asdict(cost), "answers": answers}))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("millions", nargs="?", type=int, default=10)
    parser.add_argument("--questions", type=int, choices=(100, 200), default=100)
    parser.add_argument("--by-hand", action="store_true")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--way")
    return parser.parse_args()


if __name__ == "__main__":
    chosen = _arguments()
    if chosen.way:
        measure_one(chosen.millions, chosen.way, questions_of(chosen.questions))
    else:
        main(chosen)
