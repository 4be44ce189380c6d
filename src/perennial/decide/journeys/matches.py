"""Reading event matches: which events of the enrolled person a rule or a wait means."""

from collections.abc import Mapping, Sequence

from perennial.decide.journeys.grammar import CONDITION_FORMS
from perennial.decide.journeys.model import EventMatch
from perennial.decide.journeys.reading import JourneyProblems
from perennial.kernel.conditions.parse import parse_event_pattern
from perennial.kernel.ids import NodeId
from perennial.kernel.values import Json


def read_match(
    found: Mapping[str, Json], path: str, keys: Sequence[str], problems: JourneyProblems, *, what: str
) -> EventMatch | None:
    """The match an object says, of which these keys may be given; None where it is wrong."""
    forms = [key for key in found if key in CONDITION_FORMS]
    if "event" not in found and forms:
        problems.not_built_yet(f"{path}.{forms[0]}", f"{what} by a condition")
        return None
    problems.keys(found, keys, path)
    if not problems.required(found, "event", path, what=what):
        return None
    pattern = problems.take(lambda: parse_event_pattern(event_part(found), path=path))
    if isinstance(found.get("same"), Mapping):
        problems.not_built_yet(f"{path}.same", "A property for each event")
        return None
    same = _name(found, "same", path, problems, what="A property")
    message = _name(found, "message", path, problems, what="A node's id")
    if message is not None and pattern is not None and not pattern.event.startswith("message_"):
        hint = "It goes with events of messages, such as message_opened."
        problems.add(f"{path}.message", "no_message", f"{pattern.event!r} is about no message.", hint)
    if pattern is None or ("same" in found and same is None) or ("message" in found and message is None):
        return None
    return EventMatch(pattern=pattern, same=same, message=None if message is None else NodeId(message))


def event_part(found: Mapping[str, Json]) -> Json:
    """What of an object names the events."""
    return {key: found[key] for key in ("event", "where") if key in found}


def _name(
    found: Mapping[str, Json], key: str, path: str, problems: JourneyProblems, *, what: str
) -> str | None:
    return problems.name(found[key], f"{path}.{key}", what=what) if key in found else None
