"""Merges in the event store: which profile's rows count as whose.

An override always names the profile that is kept in the end, so that queries follow no chains.
"""

from collections.abc import Mapping, Sequence

from perennial.backends.clickhouse.arrow import integers
from perennial.backends.clickhouse.parameters import Parameter
from perennial.backends.clickhouse.statements import statement
from perennial.backends.clickhouse.transport import Transport
from perennial.kernel.ids import ProfileId


def planned_overrides(
    present: Mapping[ProfileId, ProfileId], merges: Mapping[ProfileId, ProfileId]
) -> dict[ProfileId, ProfileId]:
    """The overrides to write so that `merges` hold on top of those present: chains are followed."""
    united = dict(present)
    for profile_id, kept in merges.items():
        source, target = united.get(profile_id, profile_id), united.get(kept, kept)
        if source == target:
            continue
        for moved in [source, *(row for row, canonical in united.items() if canonical == source)]:
            united[moved] = target
    return {row: canonical for row, canonical in united.items() if present.get(row) != canonical}


def record_overrides(transport: Transport, merges: Mapping[ProfileId, ProfileId]) -> None:
    """Make every query count rows of each first profile as the second's. One writer at a time."""
    found = transport.query(statement("overrides"))
    profiles, canonicals = integers(found, "profile_id"), integers(found, "canonical_id")
    present = {ProfileId(row): ProfileId(kept) for row, kept in zip(profiles, canonicals, strict=True)}
    changed = planned_overrides(present, merges)
    if not changed:
        return
    transport.command(
        statement("add_overrides"),
        {
            "profiles": Parameter(type="Array(UInt64)", value=list(changed)),
            "canonicals": Parameter(type="Array(UInt64)", value=list(changed.values())),
            "version": Parameter(type="UInt64", value=1 + max(integers(found, "version"), default=0)),
        },
    )


def has_overrides(transport: Transport) -> bool:
    """Whether anybody was merged."""
    return bool(integers(transport.query(statement("has_overrides")), "merged")[0])


def profiles_of(transport: Transport, people: Sequence[ProfileId]) -> dict[ProfileId, tuple[ProfileId, ...]]:
    """For each profile asked for, every profile whose rows count as the same person's, itself included."""
    asked = Parameter(type="Array(UInt64)", value=sorted(set(people)))
    found = transport.query(statement("overrides_of"), {"profiles": asked})
    canonical_of = dict(zip(integers(found, "profile_id"), integers(found, "canonical_id"), strict=True))
    rows_of: dict[int, list[int]] = {}
    for row, canonical in canonical_of.items():
        rows_of.setdefault(canonical, [canonical]).append(row)
    united: dict[ProfileId, tuple[ProfileId, ...]] = {}
    for person in people:
        canonical = canonical_of.get(person, person)
        united[person] = tuple(ProfileId(row) for row in rows_of.get(canonical, [canonical]))
    return united
