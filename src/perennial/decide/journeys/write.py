"""From a journey back to its document: what is stored, shown and compared."""

from datetime import timedelta
from typing import assert_never

from perennial.decide.journeys.clocks import clock_document
from perennial.decide.journeys.model import (
    DEFAULT_MAX_AGE,
    DEFAULT_PRIORITY,
    Branch,
    Entry,
    EventEntry,
    EventMatch,
    Exit,
    Join,
    Journey,
    Node,
    SegmentEntry,
    Send,
    Split,
    Wait,
    WaitClock,
    Waiting,
    WaitUntil,
)
from perennial.decide.policies.hours import timing_text
from perennial.kernel.conditions.model import EventPattern
from perennial.kernel.conditions.write import comparison_document, to_document
from perennial.kernel.values import Json
from perennial.kernel.windows import format_duration


def journey_document(journey: Journey) -> dict[str, Json]:
    """The document that parses to this journey; what is at its default is left out."""
    document: dict[str, Json] = {"id": journey.journey_id}
    if journey.name:
        document["name"] = journey.name
    document["entry"] = _entry(journey.entry)
    reentry = journey.reentry
    document["reentry"] = {"after": format_duration(reentry)} if isinstance(reentry, timedelta) else reentry
    if journey.goal is not None:
        document["goal"] = {**_match(journey.goal.match), "for": format_duration(journey.goal.within)}
    if journey.exits or journey.leaving:
        by_events: list[Json] = [_match(match) for match in journey.exits]
        document["exit"] = [*by_events, *(to_document(condition) for condition in journey.leaving)]
    document["control"] = "none" if journey.control is None else _percent(journey.control)
    document["start"] = journey.start
    document["nodes"] = {node_id: _node(node) for node_id, node in journey.nodes.items()}
    if journey.examples:
        document["examples"] = list(journey.examples)
    return document


def _entry(entry: Entry) -> dict[str, Json]:
    document: dict[str, Json] = {"on": _on(entry.on)}
    if entry.key is not None:
        document["key"] = entry.key
    if entry.condition is not None:
        document["if"] = to_document(entry.condition)
    if entry.max_age != DEFAULT_MAX_AGE:
        document["max_age"] = format_duration(entry.max_age)
    return document


def _on(on: EventEntry | SegmentEntry) -> Json:
    if isinstance(on, SegmentEntry):
        return _segment(on)
    return "api" if on.is_called else _event(on.pattern)


def _segment(on: SegmentEntry) -> dict[str, Json]:
    document: dict[str, Json] = {"segment": on.segment, "change": on.change}
    return {**document, "include_current": True} if on.include_current else document


def _match(match: EventMatch) -> dict[str, Json]:
    document = _event(match.pattern)
    if match.same is not None:
        document["same"] = match.same
    if match.message is not None:
        document["message"] = match.message
    return document


def _restart(node: Waiting) -> dict[str, Json]:
    return {} if node.restart_on is None else {"restart_on": _match(node.restart_on)}


def _event(pattern: EventPattern) -> dict[str, Json]:
    if not pattern.where:
        return {"event": pattern.event}
    where: list[Json] = [{"property": it.property, **comparison_document(it.test)} for it in pattern.where]
    return {"event": pattern.event, "where": where}


def _node(node: Node) -> dict[str, Json]:
    match node:
        case Wait():
            return {"wait": format_duration(node.duration), **_restart(node), "then": node.then}
        case WaitClock():
            return {"wait": clock_document(node), **_restart(node), "then": node.then}
        case WaitUntil():
            return {
                "wait_until": _match(node.match),
                "at_most": format_duration(node.at_most),
                **_restart(node),
                "then": node.then,
                "on_timeout": node.on_timeout,
            }
        case Branch():
            arms: list[Json] = [{"if": to_document(arm.condition), "then": arm.then} for arm in node.arms]
            return {"branch": arms, "else": node.otherwise}
        case Split():
            ways: list[Json] = [
                {"id": arm.arm_id, "weight": arm.weight, "then": arm.then} for arm in node.arms
            ]
            return {"split": {"arms": ways}}
        case Send():
            return {"send": _send(node), "then": node.then}
        case Join():
            return {"join": True, "then": node.then}
        case Exit():
            return {"exit": {"outcome": node.outcome}}
        case _:
            assert_never(node)


def _send(send: Send) -> dict[str, Json]:
    document: dict[str, Json] = {"channel": send.channel, "template": send.template, "topic": send.topic}
    if send.priority != DEFAULT_PRIORITY:
        document["priority"] = send.priority
    if send.value:
        document["value"] = send.value
    if send.at is not None:
        document["at"] = timing_text(send.at)
    if send.expires is not None:
        document["expires"] = format_duration(send.expires)
    if send.over_cap != "hold":
        document["over_cap"] = send.over_cap
    return document


def _percent(share: float) -> str:
    # At most four decimals of a percent can be written, so rounding gives back what was read.
    return f"{round(share * 100, 4):g}%"
