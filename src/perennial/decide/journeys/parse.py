"""From a document to a journey, or to the list of everything that is wrong with it."""

import re
from collections.abc import Mapping
from datetime import timedelta

from perennial.decide.journeys.chart import check_chart, check_matches
from perennial.decide.journeys.grammar import (
    CONDITION_FORMS,
    ENTRY_KEYS,
    GOAL_KEYS,
    IDENTIFIER,
    JOURNEY_KEYS,
    LATER_ENTRIES,
    MATCH_KEYS,
    JourneyVocabulary,
)
from perennial.decide.journeys.matches import event_part, read_match
from perennial.decide.journeys.model import (
    CALLED,
    DEFAULT_MAX_AGE,
    Entry,
    EventEntry,
    EventMatch,
    Goal,
    Journey,
    Reentry,
    SegmentEntry,
)
from perennial.decide.journeys.parse_nodes import NodeReader
from perennial.decide.journeys.reading import JourneyProblems
from perennial.kernel.conditions.comparisons import read_span
from perennial.kernel.conditions.model import Condition, EventPattern, PropertyTest, Test
from perennial.kernel.conditions.parse import parse_condition, parse_event_pattern
from perennial.kernel.conditions.problems import check_size, named_type
from perennial.kernel.ids import JourneyId, NodeId, SegmentId
from perennial.kernel.values import Json

_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?)\s*%")


def parse_journey(document: Json, *, known: JourneyVocabulary | None = None) -> Journey:
    """The journey a document describes. Raises InvalidDocument with every mistake and its path."""
    check_size(document, "$")
    reader = _Reader(known or JourneyVocabulary())
    journey = reader.journey(document)
    if journey is None or reader.problems.found:
        reader.problems.raise_all()
    return journey


class _Reader:
    """Reads one document and goes on after a mistake, so that a person fixes them in one go."""

    def __init__(self, known: JourneyVocabulary) -> None:
        self.problems = JourneyProblems()
        self._known = known

    def journey(self, document: Json) -> Journey | None:
        """The whole document."""
        found = self.problems.mapping(document, "$", what="A journey")
        if found is None:
            return None
        self.problems.keys(found, JOURNEY_KEYS, "$", later=("control_target",))
        journey_id = self._identifier(found)
        entry = self._entry(found)
        goal = self._goal(found)
        exits, leaving = self._exits(found)
        reentry = self._reentry(found.get("reentry", "never"))
        control = self._control(found.get("control", "none"))
        nodes = NodeReader(self.problems, self._known).nodes(found)
        start = self._start(found)
        examples = self._examples(found)
        if entry is not None:
            self._check_keys(entry, reentry)
        if nodes is not None and start is not None:
            check_chart(start, nodes, self.problems)
            has_key = entry is None or entry.key is not None
            check_matches(goal, exits, nodes, self.problems, has_key=has_key)
        if journey_id is None or entry is None or nodes is None or start is None:
            return None
        return Journey(
            journey_id=journey_id,
            name=self._name(found),
            entry=entry,
            reentry=reentry,
            goal=goal,
            exits=exits,
            leaving=leaving,
            control=control,
            start=start,
            nodes=nodes.known,
            examples=examples,
        )

    def _identifier(self, found: Mapping[str, Json]) -> JourneyId | None:
        if not self.problems.required(found, "id", "$", what="A journey"):
            return None
        name = self.problems.name(found["id"], "$.id", what="A journey's id")
        if name is None:
            return None
        if IDENTIFIER.fullmatch(name):
            return JourneyId(name)
        self.problems.add(
            "$.id", "bad_id", f"{name!r} is no id.", "Use letters, digits, _ and -, at most 64."
        )
        return None

    def _name(self, found: Mapping[str, Json]) -> str:
        name = found.get("name", "")
        return (self.problems.name(name, "$.name", what="A journey's name") or "") if name != "" else ""

    def _examples(self, found: Mapping[str, Json]) -> tuple[Json, ...]:
        """As they are written: who runs them reads them."""
        if "examples" not in found:
            return ()
        return tuple(self.problems.sequence(found["examples"], "$.examples", what="The examples") or ())

    def _start(self, found: Mapping[str, Json]) -> NodeId | None:
        if not self.problems.required(found, "start", "$", what="A journey"):
            return None
        start = self.problems.name(found["start"], "$.start", what="A node's id")
        return None if start is None else NodeId(start)

    def _entry(self, found: Mapping[str, Json]) -> Entry | None:
        if not self.problems.required(found, "entry", "$", what="A journey"):
            return None
        path = "$.entry"
        entry = self.problems.mapping(found["entry"], path, what="An entry")
        if entry is None:
            return None
        self.problems.keys(entry, ENTRY_KEYS, path)
        on = self._on(entry, path, found.get("id"))
        key = self.problems.name(entry["key"], f"{path}.key", what="A property") if "key" in entry else None
        condition = None
        if "if" in entry:
            known = self._known.conditions
            condition = self.problems.take(
                lambda: parse_condition(entry["if"], path=f"{path}.if", known=known)
            )
        max_age = self._span(entry, "max_age", path, default=DEFAULT_MAX_AGE)
        return None if on is None else Entry(on=on, key=key, condition=condition, max_age=max_age)

    def _on(self, entry: Mapping[str, Json], path: str, journey_id: Json) -> EventEntry | SegmentEntry | None:
        if not self.problems.required(entry, "on", path, what="An entry"):
            return None
        path = f"{path}.on"
        if entry["on"] == "api":
            return self._on_call(journey_id)
        if entry["on"] in LATER_ENTRIES:
            self.problems.not_built_yet(path, f"An entry by {entry['on']!r}")
            return None
        on = self.problems.mapping(entry["on"], path, what="What starts a journey")
        if on is None:
            return None
        later = [key for key in on if key in LATER_ENTRIES]
        if later:
            self.problems.not_built_yet(f"{path}.{later[0]}", f"An entry by `{later[0]}`")
            return None
        if "segment" in on:
            return self._on_segment(on, path)
        self.problems.keys(on, ("event", "where", "segment", "change", "include_current"), path)
        if not self.problems.required(on, "event", path, what="What starts a journey"):
            return None
        pattern = self.problems.take(lambda: parse_event_pattern(event_part(on), path=path))
        return None if pattern is None else EventEntry(pattern=pattern)

    def _on_call(self, journey_id: Json) -> EventEntry:
        """By a call that names this journey; a wrong id is noted elsewhere."""
        named = Test(operator="=", literal=str(journey_id))
        where = (PropertyTest(property="journey", test=named),)
        return EventEntry(pattern=EventPattern(event=CALLED, where=where), is_called=True)

    def _on_segment(self, on: Mapping[str, Json], path: str) -> SegmentEntry | None:
        self.problems.keys(on, ("segment", "change", "include_current"), path)
        known = self._known.conditions.segments
        segment = self.problems.reference(on["segment"], f"{path}.segment", known, what="segment")
        change = self.problems.word(on.get("change", "entered"), f"{path}.change", ("entered", "left"))
        current = on.get("include_current", False)
        if not isinstance(current, bool):
            message = f"`include_current` is true or false, not {named_type(current)}."
            self.problems.add(f"{path}.include_current", "wrong_type", message)
            return None
        if current and change == "left":
            message = "Present members have not left the segment."
            hint = "`include_current` goes with `change: entered`."
            self.problems.add(f"{path}.include_current", "contradiction", message, hint)
        if segment is None or change is None:
            return None
        return SegmentEntry(
            segment=SegmentId(segment),
            change="left" if change == "left" else "entered",
            include_current=current,
        )

    def _goal(self, found: Mapping[str, Json]) -> Goal | None:
        if "goal" not in found:
            return None
        goal = self.problems.mapping(found["goal"], "$.goal", what="A goal")
        if goal is None:
            return None
        match = read_match(goal, "$.goal", GOAL_KEYS, self.problems, what="A goal")
        if not self.problems.required(goal, "for", "$.goal", what="A goal"):
            return None
        within = read_span(goal["for"], "$.goal.for", self.problems, what="`for`")
        return None if match is None or within is None else Goal(match=match, within=within)

    def _exits(self, found: Mapping[str, Json]) -> tuple[tuple[EventMatch, ...], tuple[Condition, ...]]:
        """Rules by events, and rules by conditions."""
        if "exit" not in found:
            return (), ()
        listed = self.problems.sequence(found["exit"], "$.exit", what="The exit rules")
        matches: list[EventMatch] = []
        conditions: list[Condition] = []
        for place, each in enumerate(listed or ()):
            path = f"$.exit[{place}]"
            rule = self.problems.mapping(each, path, what="An exit rule")
            if rule is not None and "event" not in rule and any(key in CONDITION_FORMS for key in rule):
                condition = self._condition(each, path)
                conditions += [] if condition is None else [condition]
                continue
            match = (
                None
                if rule is None
                else read_match(rule, path, MATCH_KEYS, self.problems, what="An exit rule")
            )
            if match is not None:
                matches.append(match)
        return tuple(matches), tuple(conditions)

    def _condition(self, written: Json, path: str) -> Condition | None:
        known = self._known.conditions
        return self.problems.take(lambda: parse_condition(written, path=path, known=known))

    def _reentry(self, value: Json) -> Reentry:
        path = "$.reentry"
        if isinstance(value, Mapping):
            self.problems.keys(value, ("after",), path)
            if self.problems.required(value, "after", path, what="This reentry"):
                return read_span(value["after"], f"{path}.after", self.problems, what="`after`") or "never"
            return "never"
        match self.problems.word(value, path, ("never", "per_key", "always", "after")):
            case "per_key":
                return "per_key"
            case "always":
                return "always"
            case "after":
                self.problems.add(path, "missing_key", "After how long?", "Write `{after: 30d}`.")
                return "never"
            case _:
                return "never"

    def _control(self, value: Json) -> float | None:
        path = "$.control"
        if value == "none":
            return None
        if value == "auto":
            self.problems.not_built_yet(path, "`control: auto`")
            return None
        written = _PERCENT.fullmatch(value) if isinstance(value, str) else None
        if written is None:
            hint = 'Write "10%", or none.'
            self.problems.add(path, "bad_control", f"{value!r} is no share of people.", hint)
            return None
        share = float(written[1]) / 100
        if 0 < share < 1:
            return share
        message = "A control needs people in both arms."
        self.problems.add(path, "bad_control", message, "Write a share between 0% and 100%, or none.")
        return None

    def _span(self, found: Mapping[str, Json], key: str, path: str, *, default: timedelta) -> timedelta:
        if key not in found:
            return default
        return read_span(found[key], f"{path}.{key}", self.problems, what=f"`{key}`") or default

    def _check_keys(self, entry: Entry, reentry: Reentry) -> None:
        if entry.key is not None and isinstance(entry.on, SegmentEntry):
            message = "A change of a segment has no properties, so it has no key."
            self.problems.add("$.entry.key", "no_key", message, "Enter by an event, or leave `key` out.")
        if entry.key is None and reentry == "per_key":
            hint = "Add `key` to the entry."
            self.problems.add("$.reentry", "needs_key", "`per_key` needs a key.", hint)
