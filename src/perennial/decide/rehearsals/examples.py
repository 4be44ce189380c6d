"""Examples: what an author says should come of a few events, as the journey's file carries it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from perennial.decide.assignment import TREATED, Arm
from perennial.kernel.conditions.comparisons import read_span
from perennial.kernel.conditions.evaluator import HistoryEvent
from perennial.kernel.conditions.problems import Problems, named_type
from perennial.kernel.errors import nearest
from perennial.kernel.events import RowKind
from perennial.kernel.ids import NodeId
from perennial.kernel.values import Json, instant_of
from perennial.kernel.windows import Zone, parse_duration

EXAMPLE_KEYS = ("name", "start", "given", "until", "key", "arm", "arms", "reachable", "expect")
GIVEN_KEYS = ("at", "received", "event", "page", "screen", "properties", "traits", "consent", "state")
EXPECT_KEYS = ("entered", "path", "messages", "outcome", "goal", "waiting")
MESSAGE_KEYS = ("node", "channel", "template", "topic", "state", "reason", "at")
MESSAGE_STATES = ("sent", "dropped", "withheld", "held")

_AT_ONCE = ("0", "0s", "0m", "0h", "0d", 0)
DEFAULT_START = datetime(2026, 1, 5, 9, tzinfo=UTC)
"""A Monday, nine in the morning: of the workspace's own zone."""
LONGEST = timedelta(days=400)
"""For how long an example goes on, unless it says `until`: until nothing waits, but no longer."""

MessageState = Literal["sent", "dropped", "withheld", "held"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WishedMessage:
    """A message that is expected; what is not said may be anything."""

    node: NodeId | None = None
    channel: str | None = None
    template: str | None = None
    topic: str | None = None
    state: str = "sent"
    reason: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What should come of an example; what is None is not looked at."""

    entered: bool | None = None
    path: tuple[NodeId, ...] | None = None
    messages: tuple[WishedMessage, ...] | None = None
    outcome: str | None = None
    goal: bool | None = None
    waiting: NodeId | None = None
    """The node it should still stand at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One person's story: what is given, and what should come of it."""

    name: str
    start: datetime
    given: tuple[HistoryEvent, ...]
    until: datetime
    key: str | None = None
    """The run that is meant, where there are several; the first unless told."""
    arm: Arm = TREATED
    arms: Mapping[NodeId, str] = field(default_factory=dict[NodeId, str])
    """The ways the person takes at splits."""
    is_reachable: bool = True
    """Whether they have an address and agreed to everything, beside what is given."""
    expected: Expected


def parse_examples(documents: Sequence[Json], *, zone: Zone) -> Sequence[Example]:
    """The examples of a journey's file. Raises InvalidDocument with every mistake and its path."""
    reader = _Reader(zone)
    found = [reader.example(one, f"$.examples[{place}]", place) for place, one in enumerate(documents)]
    if reader.problems.found:
        reader.problems.raise_all()
    return [one for one in found if one is not None]


class _Reader:
    def __init__(self, zone: Zone) -> None:
        self.problems = Problems()
        self._zone = zone
        self._start = DEFAULT_START

    def example(self, written: Json, path: str, place: int) -> Example | None:
        found = self.problems.mapping(written, path, what="An example")
        if found is None:
            return None
        self.problems.unknown_keys(found, EXAMPLE_KEYS, path)
        self._start = DEFAULT_START.replace(tzinfo=self._zone.rules).astimezone(UTC)
        self._start = self._instant(found["start"], f"{path}.start") if "start" in found else self._start
        listed = self.problems.sequence(found.get("given"), f"{path}.given", what="What is given")
        given = [self._given(one, f"{path}.given[{at}]", at) for at, one in enumerate(listed or ())]
        events = tuple(one for one in given if one is not None)
        last = max((one.received_at for one in events), default=self._start)
        until = self._instant(found["until"], f"{path}.until") if "until" in found else last + LONGEST
        return Example(
            name=str(found.get("name") or f"example {place + 1}"),
            start=min([self._start, *(one.occurred_at for one in events)]),
            given=events,
            until=until,
            key=self._text(found, "key", path),
            arm="control" if self._word(found, "arm", path, ("treated", "control")) == "control" else TREATED,
            arms=self._arms(found, path),
            is_reachable=self._flag(found, "reachable", path) is not False,
            expected=self._expected(found.get("expect"), f"{path}.expect"),
        )

    def _given(self, written: Json, path: str, place: int) -> HistoryEvent | None:
        found = self.problems.mapping(written, path, what="What is given")
        if found is None:
            return None
        self.problems.unknown_keys(found, GIVEN_KEYS, path)
        at = self._instant(found.get("at", "0s"), f"{path}.at")
        received = at
        if "received" in found:
            span = read_span(found["received"], f"{path}.received", self.problems, what="`received`")
            received = at + (span or timedelta(0))
        said = self._said(found, path)
        if said is None:
            return None
        kind, name, properties = said
        return HistoryEvent(
            name=name,
            kind=kind,
            origin="perennial" if kind == "perennial" else "source",
            occurred_at=at,
            received_at=received,
            message_id=f"given-{place}",
            properties=properties,
        )

    def _said(self, found: Mapping[str, Json], path: str) -> tuple[RowKind, str, dict[str, Json]] | None:
        properties = found.get("properties", {})
        named = {} if not isinstance(properties, Mapping) else dict(properties)
        if "event" in found:
            name = self.problems.name(found["event"], f"{path}.event", what="An event")
            is_ours = name is not None and name.startswith(("segment_", "message_", "journey_"))
            return None if name is None else ("perennial" if is_ours else "track", name, named)
        if "traits" in found:
            traits = self.problems.mapping(found["traits"], f"{path}.traits", what="Traits")
            return None if traits is None else ("identify", "identify", dict(traits))
        if "consent" in found:
            channel, _, topic = str(found["consent"]).partition("/")
            state = self._word(found, "state", path, ("granted", "withdrawn")) or "granted"
            return (
                "consent",
                "consent",
                {"channel": channel, "topic": topic, "state": state, "proof": "given"},
            )
        for kind in ("page", "screen"):
            if kind in found:
                return kind, kind, {"name": found[kind], **named}
        message = "What is given is an event, traits, or a consent."
        self.problems.add(path, "missing_key", message, "Write `event: add_to_cart`.")
        return None

    def _expected(self, written: Json, path: str) -> Expected:
        found = self.problems.mapping(written, path, what="What is expected")
        if found is None:
            return Expected()
        self.problems.unknown_keys(found, EXPECT_KEYS, path)
        if not found:
            self.problems.add(path, "empty_example", "Nothing is expected.", "Say a `path` or `messages`.")
        way = self._list(found, "path", path)
        wished = self._list(found, "messages", path)
        goal = found.get("goal")
        if goal in ("reached", "missed"):
            goal = goal == "reached"
        elif goal is not None and not isinstance(goal, bool):
            message = f"A goal is reached or missed, not {goal!r}."
            self.problems.add(f"{path}.goal", "unknown_word", message)
        waiting = self._text(found, "waiting", path)
        return Expected(
            entered=self._flag(found, "entered", path),
            path=None if way is None else tuple(NodeId(str(one)) for one in way),
            messages=None
            if wished is None
            else tuple(self._message(one, f"{path}.messages[{at}]") for at, one in enumerate(wished)),
            outcome=self._text(found, "outcome", path),
            goal=goal if isinstance(goal, bool) else None,
            waiting=None if waiting is None else NodeId(waiting),
        )

    def _message(self, written: Json, path: str) -> WishedMessage:
        if isinstance(written, str):
            return WishedMessage(node=NodeId(written))
        found = self.problems.mapping(written, path, what="A message")
        if found is None:
            return WishedMessage()
        self.problems.unknown_keys(found, MESSAGE_KEYS, path)
        node = self._text(found, "node", path)
        return WishedMessage(
            node=None if node is None else NodeId(node),
            channel=self._text(found, "channel", path),
            template=self._text(found, "template", path),
            topic=self._text(found, "topic", path),
            state=self._word(found, "state", path, MESSAGE_STATES) or "sent",
            reason=self._text(found, "reason", path),
            at=self._instant(found["at"], f"{path}.at") if "at" in found else None,
        )

    def _arms(self, found: Mapping[str, Json], path: str) -> Mapping[NodeId, str]:
        if "arms" not in found:
            return {}
        arms = self.problems.mapping(found["arms"], f"{path}.arms", what="The arms")
        return {NodeId(node): str(arm) for node, arm in (arms or {}).items()}

    def _instant(self, written: Json, path: str) -> datetime:
        """An instant, or a span after the beginning."""
        if written in _AT_ONCE:
            return self._start
        if isinstance(written, str):
            if (span := parse_duration(written.removeprefix("+"))) is not None:
                return self._start + span
            if (instant := instant_of(written, self._zone)) is not None:
                return instant
        message = f"{written!r} is no time."
        self.problems.add(path, "bad_instant", message, "Write `2h` after the beginning, or an instant.")
        return self._start

    def _list(self, found: Mapping[str, Json], key: str, path: str) -> Sequence[Json] | None:
        written = found.get(key)
        if written is None:
            return None
        if isinstance(written, Sequence) and not isinstance(written, str):
            return written
        self.problems.add(f"{path}.{key}", "wrong_type", f"`{key}` is a list, not {named_type(written)}.")
        return None

    def _text(self, found: Mapping[str, Json], key: str, path: str) -> str | None:
        return self.problems.name(found[key], f"{path}.{key}", what=f"`{key}`") if key in found else None

    def _flag(self, found: Mapping[str, Json], key: str, path: str) -> bool | None:
        written = found.get(key)
        if written is None or isinstance(written, bool):
            return written
        self.problems.add(f"{path}.{key}", "wrong_type", f"`{key}` is true or false.")
        return None

    def _word(self, found: Mapping[str, Json], key: str, path: str, allowed: Sequence[str]) -> str | None:
        written = found.get(key)
        if written is None or written in allowed:
            return None if written is None else str(written)
        message = f"{written!r} means nothing here."
        self.problems.add(f"{path}.{key}", "unknown_word", message, nearest(str(written), allowed))
        return None
