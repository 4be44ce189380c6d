"""The golden cases of the fact sheet as tables: events of few people, a question, and its numbers.

Conventions: `D(n)` is 2020-06-10 + n days at 05:00 UTC. Funnel sequences like `S P x` are one person's
events in that order, a second apart; x is an event that is no step.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from perennial.kernel.values import Json

START = datetime(2020, 6, 10, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One event of a case."""

    person: str
    event: str
    at: datetime
    page: str = ""
    alias: str = ""
    """Another id that the person was known by, merged later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What happened, what is asked, and what comes out."""

    name: str
    events: Sequence[Happened]
    spec: Mapping[str, Json]
    expected: object


def D(day: int) -> datetime:  # noqa: N802  the fact sheet's own name
    return START + timedelta(days=day)


def on(person: str, days: Sequence[datetime], event: str = "open") -> list[Happened]:
    return [Happened(person=person, event=event, at=day) for day in days]


def days(first: str, last: str) -> Json:
    return {"from": first, "to": last}


# --- retention ---------------------------------------------------------------------------------------

SET_X = [
    *on("p1", [D(0), D(1), D(2), D(5), D(6)]),
    Happened(person="p1", event="open", at=D(5) + timedelta(hours=4), alias="p1-phone"),
    *on("p2", [D(1), D(2), D(3), D(6)]),
]
ELEVEN_DAYS = days("2020-06-10", "2020-06-20")
RETAINED = {"kind": "retention", "start": "open", "range": ELEVEN_DAYS, "interval": "day"}


def triangle(text: str) -> Json:
    return [[int(number) for number in line.split()] for line in text.strip().splitlines()]


R1 = triangle("""
1 1 1 0 0 1 1 0 0 0 0
2 2 1 0 1 2 0 0 0 0
2 1 0 1 2 0 0 0 0
1 0 0 1 0 0 0 0
0 0 0 0 0 0 0
1 1 0 0 0 0
2 0 0 0 0
0 0 0 0
0 0 0
0 0
0
""")
R4 = triangle("""
1 0 0 0 0 1 0 0 0 0 0
2 0 0 0 1 0 0 0 0 0
2 0 0 1 0 0 0 0 0
1 0 0 0 0 0 0 0
0 0 0 0 0 0 0
1 0 0 0 0 0
2 0 0 0 0
0 0 0 0
0 0 0
0 0
0
""")
R5 = triangle("""
2 2 2 0 1 2 1 0 1 0 1
2 2 0 1 2 1 0 1 0 1
2 0 1 2 1 0 1 0 1
0 0 0 0 0 0 0 0
1 1 0 0 1 0 0
2 1 0 1 0 1
1 0 0 0 1
0 0 0 0
1 0 0
0 0
1
""")
R8 = triangle("""
2 2 1 2 2 0 1
2 1 2 2 0 1
1 1 1 0 0
2 2 0 1
2 0 1
0 0
1
""")
R10 = triangle("""
2 1 1 0 0
1 1 0 0
3 2 0
3 0
0
""")
R14 = triangle("""
2 0 0 0 0 2 1
2 0 0 0 2 1
2 0 0 2 1
2 0 2 1
0 0 0
1 0
0
""")


def months(*numbers: int) -> list[datetime]:
    return [datetime(2020, number, 10, 5, tzinfo=UTC) for number in numbers]


def june(*dates: str) -> list[datetime]:
    return [datetime.fromisoformat(f"2020-{one}T05:00:00+00:00") for one in dates]


RETENTION = [
    Case(name="R1", events=SET_X, spec=RETAINED, expected=R1),
    Case(name="R4", events=SET_X, spec={**RETAINED, "at_least": 2}, expected=R4),
    Case(
        name="R5",
        events=[*on("p1", months(1, 2, 3, 5, 6, 9)), *on("p2", months(1, 2, 3, 6, 7, 11))],
        spec={**RETAINED, "range": days("2020-01-01", "2020-11-30"), "interval": "month"},
        expected=R5,
    ),
    Case(
        name="R8",
        events=[
            *on("p1", june("06-10", "06-11", "06-17", "06-24", "07-04", "07-11")),
            *on("p2", june("06-10", "06-11", "06-17", "07-04", "07-11", "07-25")),
        ],
        spec={
            **RETAINED,
            "range": days("2020-06-07", "2020-07-25"),
            "interval": "week",
            "week_start": "sunday",
        },
        expected=R8,
    ),
    Case(
        name="R10",
        events=[
            *on("p1", [D(0), D(3), D(4)]),
            *on("p2", [D(0), D(1)]),
            *on("p3", [D(1), D(2), D(3)]),
            *on("p4", [D(3), D(4)]),
            *on("p5", [D(4)]),
        ],
        spec={**RETAINED, "range": days("2020-06-11", "2020-06-15"), "mode": "on_or_after"},
        expected=R10,
    ),
    Case(
        name="R14",
        events=[
            *on("p1", [D(0), D(1), D(2), D(3)], "start"),
            *on("p2", [D(0), D(1), D(2), D(3)], "start"),
            *on("p3", [D(5)], "start"),
            *on("p1", [D(5), D(6)], "return"),
            *on("p2", [D(5)], "return"),
        ],
        spec={
            **RETAINED,
            "start": "start",
            "return": "return",
            "range": days("2020-06-10", "2020-06-16"),
        },
        expected=R14,
    ),
]

# --- lifecycle and stickiness ------------------------------------------------------------------------


def january(person: str, *dates: int) -> list[Happened]:
    return on(person, [datetime(2020, 1, day, 12, tzinfo=UTC) for day in dates])


LIVED = [
    *january("p1", 11, 12, 13, 15, 17, 19),
    *january("p2", 9, 12),
    *january("p3", 12),
    *january("p4", 15),
]
LIFECYCLE = [
    Case(
        name="L1",
        events=LIVED,
        spec={"kind": "lifecycle", "event": "open", "range": days("2020-01-12", "2020-01-19")},
        expected={
            "new": [1, 0, 0, 1, 0, 0, 0, 0],
            "returning": [1, 1, 0, 0, 0, 0, 0, 0],
            "resurrecting": [1, 0, 0, 1, 0, 1, 0, 1],
            "dormant": [0, -2, -1, 0, -2, 0, -1, 0],
        },
    ),
    Case(
        name="L4",
        events=LIVED,
        spec={"kind": "lifecycle", "event": "open", "range": days("2020-01-09", "2020-01-20")},
        expected={
            "new": [1, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0],
            "returning": [0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0],
            "resurrecting": [0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0],
            "dormant": [0, -1, 0, 0, -2, -1, 0, -2, 0, -1, 0, -1],
        },
    ),
]
STUCK = [*january("p1", *range(11, 20)), *january("p2", 11, 13, 15, 17, 19)]
STICKINESS = [
    Case(
        name="S1",
        events=STUCK,
        spec={"kind": "stickiness", "event": "open", "range": days("2020-01-11", "2020-01-19")},
        expected={5: 1, 9: 1},
    ),
    Case(
        name="S3",
        events=STUCK,
        spec={
            "kind": "stickiness",
            "event": "open",
            "range": days("2020-01-11", "2020-01-19"),
            "interval": "month",
        },
        expected={1: 2},
    ),
]

# --- funnels -----------------------------------------------------------------------------------------

FUNNEL_START = datetime(2020, 6, 14, tzinfo=UTC)
FUNNEL_RANGE = days("2020-06-14", "2020-06-30")


def walks(*people: str) -> list[Happened]:
    return [
        Happened(person=f"p{number}", event=event, at=FUNNEL_START + timedelta(seconds=second))
        for number, one in enumerate(people, start=1)
        for second, event in enumerate(one.split())
    ]


def timed(**people: Sequence[tuple[str, float]]) -> list[Happened]:
    return [
        Happened(person=person, event=event, at=FUNNEL_START + timedelta(seconds=second))
        for person, events in people.items()
        for event, second in events
    ]


def funnel(steps: str, **fields: Json) -> Mapping[str, Json]:
    return {"kind": "funnel", "steps": [*steps], "range": FUNNEL_RANGE, "window": "14d", **fields}


WITHOUT_X: Json = [{"event": "x", "from": 0, "to": 1}]
DAY = 86_400.0
F5 = {
    **{f"a{number}": [("S", 0.0), ("P", DAY)] for number in range(10)},
    **{f"b{number}": [("S", 0.0), ("P", 9 * DAY)] for number in range(15)},
}
FUNNELS = [
    *(
        Case(
            name=f"F1 {window}",
            events=timed(p1=[("S", 0), ("S", 600)], p2=[("S", 0)]),
            spec=funnel("SS", window=window),
            expected=[2, 1],
        )
        for window in ("14d", "2w", "1h")
    ),
    Case(
        name="F2",
        events=walks("S", "S P", "S P x P", "S P x P P x", "S P P P P"),
        spec=funnel("SPPPP"),
        expected=[5, 4, 3, 2, 1],
    ),
    Case(
        name="F3",
        events=walks("P S", "S P", "P S x P", "x P x P S P", "S P x P P P", "P x P P P"),
        spec=funnel("SPPPP"),
        expected=[5, 4, 1, 1, 1],
    ),
    Case(name="F5", events=timed(**F5), spec=funnel("SPR", window="7d"), expected=[25, 10, 0]),
    Case(
        name="F7",
        events=timed(
            p1=[("S", 0), ("P", 3600)],
            p2=[("S", 0), ("x", 1800), ("P", 3600)],
            p3=[("S", 0), ("x", 3600)],
            p4=[("S", 0), ("x", 90_000)],
        ),
        spec=funnel("SP", window="1d", exclude=WITHOUT_X),
        expected=[2, 1],
    ),
    Case(
        name="F8",
        events=timed(p1=[("A", 1), ("x", 2), ("A", 32)]),
        spec=funnel("AB", window="10s", exclude=WITHOUT_X),
        expected=[1, 0],
    ),
    Case(
        name="F9",
        events=timed(p1=[("A", 1), ("A", 32), ("x", 33)]),
        spec=funnel("AB", window="10s", exclude=WITHOUT_X),
        expected=[1, 0],
    ),
    Case(
        name="F14",
        events=walks("S", "P S", "S P x V", "V x P S", "P S x P V", "x S x P", "x S P V x", "V P"),
        spec=funnel("SPV", order="strict"),
        expected=[7, 2, 1],
    ),
    Case(
        name="F16",
        events=walks("S", "P S", "S P x V", "V P S", "P S x V", "x V", "P x", "V P"),
        spec=funnel("SPV", order="any"),
        expected=[8, 5, 3],
    ),
]

LEVELS: Sequence[tuple[str, Sequence[tuple[str, float]], str, int]] = [
    ("W1", [("B", 1), ("A", 1)], "ordered", 2),
    ("W3", [("A", 0), ("B", 10)], "ordered", 2),
    ("W3 late", [("A", 0), ("B", 11)], "ordered", 1),
    ("W4", [("A", 0), ("A", 8), ("B", 15)], "ordered", 2),
    ("W5", [("A", 0), ("B", 1), ("A", 5), ("C", 9)], "ordered", 3),
    ("W6", [("A", 0), ("B", 1), ("A", 6), ("B", 7), ("C", 14)], "ordered", 3),
    ("W7", [("A", 0), ("x", 1), ("B", 2)], "strict", 1),
    # ClickHouse says 1: it gives the person up at the first break; a second attempt counts (section 1.2).
    ("W8", [("A", 0), ("x", 1), ("A", 2), ("B", 3)], "strict", 2),
    ("W9", [("A", 0), ("A", 1), ("B", 2)], "strict", 2),
    # ClickHouse says 3: a later A is no break to it; here it begins a new attempt, which B has not followed.
    ("W10", [("A", 0), ("B", 1), ("A", 2), ("C", 3)], "strict", 2),
    ("W11", [("A", 0), ("C", 1), ("B", 2), ("C", 3)], "strict", 1),
    ("W17", [("B", 0), ("A", 1)], "ordered", 1),
    ("W18", [("A", 0), ("B", 5), ("A", 20), ("B", 22), ("C", 29)], "ordered", 3),
]
"""Of `windowFunnel`, window 10 s: the deepest step, in our semantics; where the two differ it is said."""
WINDOW_FUNNELS = [
    Case(
        name=name,
        events=timed(p1=events),
        spec=funnel("ABC", window="10s", order=order),
        expected=[1 if level > step else 0 for step in range(3)],
    )
    for name, events, order, level in LEVELS
]

# --- paths -------------------------------------------------------------------------------------------


def views(person: str, *pages: str) -> list[Happened]:
    return [
        Happened(
            person=person,
            event="view",
            at=FUNNEL_START + timedelta(minutes=minute),
            page=page.removeprefix("2:").removeprefix("3:"),
            alias=f"{person}-{page[0]}" if page[0] in "23" else "",
        )
        for minute, page in enumerate(pages)
    ]


PATHS = [
    Case(
        name="P1",
        events=[
            *views("p1", "/", "/about"),
            *views("p2", "/", "2:/pricing", "3:/about"),
            *views("p3", "/pricing", "/"),
            *views("p4", "/", "/pricing"),
        ],
        spec={"kind": "paths", "events": ["view"], "item": "page", "range": FUNNEL_RANGE},
        expected={
            ("1_/", "2_/pricing"): 2,
            ("1_/", "2_/about"): 1,
            ("1_/pricing", "2_/"): 1,
            ("2_/pricing", "3_/about"): 1,
        },
    )
]
