"""The catalogue as it is asked for and written in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from perennial.collect.catalogue.model import (
    WHOLE_EVENT,
    Description,
    Drift,
    EventEntry,
    LeafFacts,
    PropertyEntry,
    Suggestion,
)
from perennial.collect.catalogue.ports import CatalogueFacts, Descriptions
from perennial.collect.catalogue.rules import Expected, drift_of, masked_text, suggestions_of
from perennial.kernel.errors import NotFound, nearest

RECENT = timedelta(days=7)
"""What `recent_events` counts."""


class EventUnknown(NotFound):
    """No such event was ever sent or described."""

    code = "event_not_found"


class CatalogueState(Protocol):
    """The part of a state transaction that the catalogue lives in."""

    @property
    def descriptions(self) -> Descriptions:
        """What people wrote of events and properties."""
        ...


def list_events(facts: CatalogueFacts, state: CatalogueState, *, now: datetime) -> Sequence[EventEntry]:
    """Every event that was sent or described, by name."""
    counted = {one.name: one for one in facts.events(recent_since=now - RECENT)}
    said = {one.event: one for one in state.descriptions.of_events()}
    return [
        EventEntry(name=name, facts=counted.get(name), said=said.get(name, Description(event=name)))
        for name in sorted({*counted, *said})
    ]


def list_properties(
    facts: CatalogueFacts, state: CatalogueState, event: str, *, now: datetime, reveal: bool = False
) -> Sequence[PropertyEntry]:
    """Every property of an event, by path; samples of flagged ones are masked. Raises EventUnknown."""
    entry = _find(list_events(facts, state, now=now), event)
    by_path: dict[str, list[LeafFacts]] = {}
    for leaf in facts.properties(event):
        by_path.setdefault(leaf.path, []).append(leaf)
    said = {one.path: one for one in state.descriptions.of_properties(event)}
    return [
        PropertyEntry(
            path=path,
            leaves=_shown(by_path.get(path, ()), said.get(path), reveal=reveal),
            event_count=0 if entry.facts is None else entry.facts.events,
            said=said.get(path, Description(event=event, path=path)),
        )
        for path in sorted({*by_path, *said})
    ]


def describe(state: CatalogueState, said: Description, *, now: datetime) -> Description:
    """Keep what somebody says of an event or property; the same words again are the same version."""
    before = state.descriptions.find(said.event, said.path)
    kept = Description(event=said.event, path=said.path) if before is None else before
    after = replace(said, version=kept.version, changed_at=kept.changed_at)
    if after == kept and before is not None:
        return kept
    after = replace(said, version=kept.version + 1, changed_at=now)
    state.descriptions.add(after)
    return after


def said_of(state: CatalogueState, event: str, path: str = WHOLE_EVENT) -> Description:
    """What people say of an event or property; an empty description where nobody does."""
    return state.descriptions.find(event, path) or Description(event=event, path=path)


def personal_paths(state: CatalogueState) -> Mapping[str, frozenset[str]]:
    """The flagged properties of each event that has some."""
    flagged: dict[str, set[str]] = {}
    for one in state.descriptions.of_properties():
        if one.is_pii:
            flagged.setdefault(one.event, set()).add(one.path)
    return {event: frozenset(paths) for event, paths in flagged.items()}


def suggest(facts: CatalogueFacts, state: CatalogueState, *, since: datetime) -> Sequence[Suggestion]:
    """Properties that look personal and are not flagged, of what happened from an instant on."""
    flagged = {(one.event, one.path) for one in state.descriptions.of_properties() if one.is_pii}
    return suggestions_of(facts.types(since=since), flagged)


def drift(
    facts: CatalogueFacts,
    state: CatalogueState,
    expected: Expected | None,
    *,
    since: datetime,
    reveal: bool = False,
) -> Sequence[Drift]:
    """What is not as planned or as usual, of what happened from an instant on; flagged samples masked."""
    personal: Mapping[str, frozenset[str]] = {} if reveal else personal_paths(state)
    return [
        replace(one, sample=masked_text(one.sample)) if one.path in personal.get(one.event, ()) else one
        for one in drift_of(facts.types(since=since), expected)
    ]


def _find(entries: Sequence[EventEntry], event: str) -> EventEntry:
    names = {entry.name: entry for entry in entries}
    if event not in names:
        raise EventUnknown(f"There is no event {event!r}.", hint=nearest(event, names), path="$.event")
    return names[event]


def _shown(leaves: Sequence[LeafFacts], said: Description | None, *, reveal: bool) -> Sequence[LeafFacts]:
    ordered = sorted(leaves, key=lambda leaf: (-leaf.events, leaf.type))
    if reveal or said is None or not said.is_pii:
        return ordered
    return [replace(leaf, samples=sorted({masked_text(one) for one in leaf.samples})) for leaf in ordered]
