"""How a workspace shows its tags: plain documents with the names that stay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from perennial.compute.definitions.lineage import Lineage
from perennial.compute.profiles import Person
from perennial.compute.tags import Tag, TagColumn, TagFill
from perennial.compute.tags.grouping import typical
from perennial.compute.tags.model import ClusterTag, Dispute, RecordedChange, TagFailure, ValueChange
from perennial.compute.tags.ports import GroupsShelf
from perennial.compute.tags.shifts import Shift, sizes, value_shifts
from perennial.kernel.ids import ProfileId, TagId, UserId, profile_text
from perennial.kernel.values import Json
from perennial.runtime.glances import Glance
from perennial.runtime.ports import StateTransaction
from perennial.runtime.shown import Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How all tags stand: how far they are filled, which failed, and of how many people each is disputed."""

    fills: Mapping[TagId, TagFill]
    failures: Mapping[TagId, TagFailure]
    disputed: Mapping[TagId, int]
    groups: GroupsShelf


def standing(transaction: StateTransaction) -> Standing:
    """How all tags stand."""
    tags = transaction.tags
    return Standing(
        fills=tags.fills(),
        failures=tags.failures(),
        disputed=tags.history.disputed(),
        groups=tags.groups,
    )


def tag(found: Tag, stands: Standing) -> Shown:
    """A tag's live version, how many had a value at its last refresh, and of how many it is disputed."""
    upkeep, fill = found.upkeep, stands.fills.get(found.tag_id)
    failed = stands.failures.get(found.tag_id)
    return {
        "id": found.tag_id,
        "name": found.name,
        "dimension": found.document.get("dimension", ""),
        "layer": upkeep.layer,
        "owner": upkeep.owner,
        "weight": upkeep.weight,
        "exclusive": upkeep.is_exclusive,
        "description": upkeep.description,
        "definition": found.document,
        "version": found.version,
        "people": None if fill is None else fill.people,
        "disputed": stands.disputed.get(found.tag_id, 0),
        "refreshed_at": None if fill is None else fill.refreshed_at,
        "expires_at": None if fill is None or upkeep.expires is None else fill.refreshed_at + upkeep.expires,
        "failed_at": None if failed is None else failed.failed_at,
        "problem": None if failed is None else failed.problem,
        "grouping": _grouping(found, fill, stands.groups),
    }


def _grouping(found: Tag, fill: TagFill | None, shelf: GroupsShelf) -> Json:
    """Of a tag that makes groups: where they lie, and how well they are separated."""
    if fill is None or not isinstance(found.recipe, ClusterTag):
        return None
    groups = shelf.at(found.tag_id, found.version, fill.refreshed_at)
    if groups is None:
        return None
    centers = zip(groups.names, typical(found.recipe, groups), strict=True)
    shown: list[Json] = [{"value": name, "r": r, "f": f, "m": m} for name, (r, f, m) in centers]
    return {
        "silhouette": groups.silhouette,
        "by_chance": groups.by_chance,
        "structure": "clear" if groups.has_structure else "none",
        "groups": shown,
    }


def person(profile_id: ProfileId, users: Mapping[ProfileId, UserId]) -> Person:
    """A profile with the customer's id, where it has one."""
    return Person(profile_id=profile_id, user_id=users.get(profile_id))


def shifts(found: Sequence[Shift]) -> list[Shown]:
    """How many went from value to value."""
    return [{"before": one.before, "after": one.after, "people": one.people} for one in found]


def change(found: ValueChange, users: Mapping[ProfileId, UserId]) -> Shown:
    """One person's value before and after."""
    return {
        "profile_id": profile_text(found.profile_id),
        "user_id": users.get(found.profile_id),
        "before": found.before,
        "after": found.after,
    }


def recorded(found: RecordedChange) -> Shown:
    """A change of a person's value as it was kept."""
    return {
        "tag": found.tag_id,
        "version": found.version,
        "before": found.change.before,
        "after": found.change.after,
        "cause": found.cause,
        "changed_at": found.changed_at,
    }


def dispute(found: Dispute) -> Shown:
    """What somebody says is wrong."""
    return {
        "tag": found.tag_id,
        "profile_id": profile_text(found.person.profile_id),
        "user_id": found.person.user_id,
        "value": found.value,
        "version": found.version,
        "by": found.by,
        "note": found.note,
        "disputed_at": found.disputed_at,
    }


def transitions(tag_id: str, moments: Sequence[datetime], columns: Sequence[TagColumn]) -> Glance:
    """How many had each value at each moment, and how many went from each to each in between."""
    steps = zip(pairwise(moments), pairwise(columns), strict=True)
    return {
        "id": tag_id,
        "moments": [
            {"as_of": at, "values": {str(value): number for value, number in sizes(column).items()}}
            for at, column in zip(moments, columns, strict=True)
        ],
        "steps": [
            {"start": start, "end": end, "shifts": shifts(value_shifts(before, after))}
            for (start, end), (before, after) in steps
        ],
    }


def lineage(tag_id: str, found: Lineage, used_by: Mapping[str, Sequence[str]]) -> Glance:
    """What a tag is made of, and what rests on it."""
    return {
        "id": tag_id,
        "events": [{"name": name, "properties": list(paths)} for name, paths in found.events.items()],
        "traits": list(found.traits),
        "tags": list(found.tags),
        "segments": list(found.segments),
        "used_by": {kind: list(names) for kind, names in used_by.items()},
    }
