"""Where forms that relate events to each other begin and cease to hold, each border from both sides.

Every reader that gives verdicts is asked all of them: a `<` for a `<=` anywhere changes one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from perennial.kernel.conditions import parse_condition
from perennial.kernel.conditions.model import Condition
from perennial.kernel.values import Json
from perennial.kernel.windows import MICROSECOND
from perennial.testing import HistoryEvent, an_event

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """Some events, a question at noon, and the answer."""

    says: str
    document: dict[str, Json]
    events: tuple[HistoryEvent, ...]
    holds: bool

    @property
    def condition(self) -> Condition:
        """The question."""
        return parse_condition(self.document)


def did(name: str, ago: timedelta, key: Json = None, **others: Json) -> HistoryEvent:
    """An event with a key."""
    return an_event(name, {"key": key, **others}, ago=ago)


def said(state: str, ago: timedelta, *, about: str = "email/marketing") -> HistoryEvent:
    """A call of consent."""
    channel, _, topic = about.partition("/")
    properties: dict[str, Json] = {"channel": channel, "topic": topic, "state": state, "proof": ""}
    return an_event("consent", properties, ago=ago, kind="consent")


def given(arm: str, ago: timedelta, *, journey: str = "winback") -> HistoryEvent:
    """An assignment."""
    return an_event("journey_entered", {"journey": journey, "arm": arm}, ago=ago, kind="perennial")


def seen(*day: int, earlier: timedelta = timedelta()) -> HistoryEvent:
    """Activity when a day begins, or a little earlier."""
    year, month, number = day
    return an_event("view", occurred_at=datetime(year, month, number, tzinfo=UTC) - earlier)


def border(says: str, document: dict[str, Json], *events: HistoryEvent, holds: bool) -> Border:
    return Border(says=says, document=document, events=events, holds=holds)


RUN: dict[str, Json] = {"sequence": ["view", "cart"], "span": "1d"}
KEYED: dict[str, Json] = {**RUN, "same": "key"}
RECENT: dict[str, Json] = {"sequence": ["view", "cart"], "within": "7d"}
TWICE: dict[str, Json] = {"sequence": ["view", "view"]}
ANY_CART: dict[str, Json] = {"sequence": ["*", "cart"]}
LATE: dict[str, Json] = {"after": "cart", "without": "paid", "for": "1d", "until": "7d"}
LATE_KEYED: dict[str, Json] = {**LATE, "same": {"cart": "key", "paid": "order.basket"}}
SILENT: dict[str, Json] = {"after": "*", "without": "paid", "for": "1d"}
NEW: dict[str, Json] = {"seen": "first", "within": "7d"}
LAST_MONTH: dict[str, Json] = {"seen": "last", "within": {"calendar": "last_month"}}
FIRST_MONTH: dict[str, Json] = {"seen": "first", "within": {"from": "2026-02-01", "to": "2026-02-28"}}
LAST_IN_DAYS: dict[str, Json] = {**FIRST_MONTH, "seen": "last"}
NOON_TO_NOON: dict[str, Json] = {"from": "2026-02-01T12:00:00Z", "to": "2026-02-02T12:00:00Z"}
LAST_IN_HOURS: dict[str, Json] = {"seen": "last", "within": NOON_TO_NOON}
AGREED: dict[str, Json] = {"consent": "email/marketing", "is": "granted"}
HELD_OUT: dict[str, Json] = {"assigned": "winback", "is": "control"}

SEQUENCES = (
    border("in order", RUN, did("view", 2 * HOUR), did("cart", HOUR), holds=True),
    border("the other way round", RUN, did("cart", 2 * HOUR), did("view", HOUR), holds=False),
    border("at one instant", RUN, did("cart", HOUR), did("view", HOUR), holds=True),
    border("a span after the first", RUN, did("view", DAY + HOUR), did("cart", HOUR), holds=True),
    border("just later", RUN, did("view", DAY + HOUR + MICROSECOND), did("cart", HOUR), holds=False),
    border(
        "the latest start counts",
        RUN,
        *(did("view", 3 * DAY), did("view", 2 * HOUR), did("cart", HOUR)),
        holds=True,
    ),
    border("one event fills one place", TWICE, did("view", HOUR), holds=False),
    border("two events fill two", TWICE, did("view", HOUR, 1), did("view", HOUR, 2), holds=True),
    border("what fits both fills one", ANY_CART, did("cart", HOUR), holds=False),
    border("something else fills the other", ANY_CART, did("cart", HOUR), did("view", HOUR), holds=True),
    border("two of what fits both", ANY_CART, did("cart", HOUR, 1), did("cart", HOUR, 2), holds=True),
    border(
        "just inside the window", RECENT, did("view", 7 * DAY - MICROSECOND), did("cart", HOUR), holds=True
    ),
    border("at the window's border", RECENT, did("view", 7 * DAY), did("cart", HOUR), holds=False),
    border("at the moment of asking", RUN, did("view", HOUR), did("cart", 0 * HOUR), holds=True),
    border("one key", KEYED, did("view", 2 * HOUR, "a"), did("cart", HOUR, "a"), holds=True),
    border("two keys", KEYED, did("view", 2 * HOUR, "a"), did("cart", HOUR, "b"), holds=False),
    border("no key", KEYED, did("view", 2 * HOUR), did("cart", HOUR), holds=False),
    border("one of a list", KEYED, did("view", 2 * HOUR, ["a", "b"]), did("cart", HOUR, "b"), holds=True),
    border("a number and its text", KEYED, did("view", 2 * HOUR, 5), did("cart", HOUR, "5"), holds=True),
    border(
        "keys between each other",
        KEYED,
        *(did("view", 3 * HOUR, "a"), did("view", 2 * HOUR, "b"), did("cart", HOUR, "a")),
        holds=True,
    ),
)
ABSENCES = (
    border("as soon as the wait is over", LATE, did("cart", DAY), holds=True),
    border("not before", LATE, did("cart", DAY - MICROSECOND), holds=False),
    border("as long as it matters", LATE, did("cart", 8 * DAY - MICROSECOND), holds=True),
    border("not longer", LATE, did("cart", 8 * DAY), holds=False),
    border("answered late", LATE, did("cart", 2 * DAY), did("paid", 0 * HOUR), holds=False),
    border("answered at its instant", LATE, did("cart", 2 * DAY), did("paid", 2 * DAY), holds=False),
    border(
        "answered just before", LATE, did("cart", 2 * DAY), did("paid", 2 * DAY + MICROSECOND), holds=True
    ),
    border("the latest counts", LATE, did("cart", 2 * DAY), did("cart", HOUR), holds=False),
    border("an earlier one was answered", LATE, *(did("cart", 4 * DAY), did("paid", 3 * DAY)), holds=False),
    border(
        "a later one was not",
        LATE,
        *(did("cart", 4 * DAY), did("paid", 3 * DAY), did("cart", 2 * DAY)),
        holds=True,
    ),
    border("nothing answers itself", SILENT, did("paid", 2 * DAY), holds=True),
    border("another one does", SILENT, did("paid", 2 * DAY, 1), did("paid", 2 * DAY, 2), holds=False),
    border("at its instant", SILENT, did("paid", 2 * DAY), did("view", 2 * DAY), holds=False),
    border(
        "of one key",
        LATE_KEYED,
        *(did("cart", 2 * DAY, "a"), did("paid", DAY, order={"basket": "b"})),
        holds=True,
    ),
    border(
        "of the same key",
        LATE_KEYED,
        *(did("cart", 2 * DAY, "a"), did("paid", DAY, order={"basket": "a"})),
        holds=False,
    ),
    border("without a key", LATE_KEYED, did("cart", 2 * DAY), holds=False),
    border(
        "any key will do",
        LATE_KEYED,
        *(did("cart", 2 * DAY, "a"), did("cart", HOUR, "b"), did("paid", HOUR, order={"basket": "b"})),
        holds=True,
    ),
)
TOLD = (
    border("first seen inside", NEW, did("view", 7 * DAY - MICROSECOND), holds=True),
    border("first seen at the border", NEW, did("view", 7 * DAY), holds=False),
    border("at the border and inside", NEW, did("view", 7 * DAY), did("view", HOUR), holds=False),
    border("seen before", NEW, did("view", 8 * DAY), did("view", HOUR), holds=False),
    border("never seen", NEW, an_event("identify", {}, kind="identify"), holds=False),
    border("last seen in February", LAST_MONTH, did("view", 40 * DAY), holds=True),
    border("and in March", LAST_MONTH, did("view", 40 * DAY), did("view", DAY), holds=False),
    border("on its last instant", FIRST_MONTH, seen(2026, 3, 1, earlier=MICROSECOND), holds=True),
    border("after it", FIRST_MONTH, seen(2026, 3, 1), holds=False),
    border("on its first", FIRST_MONTH, seen(2026, 2, 1), holds=True),
    border("before it", FIRST_MONTH, seen(2026, 2, 1, earlier=MICROSECOND), holds=False),
    border("last seen on the last day", LAST_IN_DAYS, seen(2026, 3, 1, earlier=MICROSECOND), holds=True),
    border("and a day later", LAST_IN_DAYS, seen(2026, 2, 28), seen(2026, 3, 1), holds=False),
    border(
        "just before its end", LAST_IN_HOURS, seen(2026, 2, 3, earlier=12 * HOUR + MICROSECOND), holds=True
    ),
    border("at its end", LAST_IN_HOURS, seen(2026, 2, 2), seen(2026, 2, 3, earlier=12 * HOUR), holds=False),
)
SAID = (
    border("agreed in the end", AGREED, said("withdrawn", 2 * DAY), said("granted", DAY), holds=True),
    border("withdrawn in the end", AGREED, said("granted", 2 * DAY), said("withdrawn", DAY), holds=False),
    border(
        "another topic",
        AGREED,
        said("granted", 2 * DAY),
        said("withdrawn", DAY, about="email/news"),
        holds=True,
    ),
    border(
        "another channel",
        AGREED,
        *(said("granted", 2 * DAY), said("withdrawn", DAY, about="sms/marketing")),
        holds=True,
    ),
    border("nothing said", AGREED, did("view", HOUR), holds=False),
    border("last held out", HELD_OUT, given("treated", 2 * DAY), given("control", DAY), holds=True),
    border("last treated", HELD_OUT, given("control", 2 * DAY), given("treated", DAY), holds=False),
    border(
        "treated elsewhere later",
        HELD_OUT,
        *(given("control", 2 * DAY), given("treated", DAY, journey="welcome")),
        holds=True,
    ),
    border("held out elsewhere", HELD_OUT, given("control", DAY, journey="welcome"), holds=False),
)
BORDERS = (*SEQUENCES, *ABSENCES, *TOLD, *SAID)
