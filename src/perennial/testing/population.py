"""A population held in memory and judged by the reference evaluator: the `Population` of small tests."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from perennial.compute.profiles.ports import Cut, Quantities, Quantity
from perennial.kernel.conditions.evaluator import (
    HistoryEvent,
    PersonHistory,
    evaluate,
    exists,
    measure_value,
    ranked_inside,
)
from perennial.kernel.conditions.model import Condition, Rank
from perennial.kernel.conditions.moment import Ask, Moment
from perennial.kernel.ids import ProfileId


class MemoryPopulation:
    """`Population` over a few people's histories. Slow and obvious; events can be added as a test goes on."""

    def __init__(self, people: Iterable[PersonHistory] = ()) -> None:
        self._people = {person.profile_id: person for person in people}
        self.passes = 0
        """How many passes over everyone were asked for."""
        self.promoted: tuple[str, ...] = ()
        """The paths that were last to become cheap."""

    def add(self, profile_id: int, *events: HistoryEvent) -> None:
        """Let more happen to a person; an unknown person comes into being."""
        known = self._people.get(ProfileId(profile_id), PersonHistory(profile_id=ProfileId(profile_id)))
        self._people[known.profile_id] = PersonHistory(
            profile_id=known.profile_id, events=(*known.events, *events)
        )

    def count(self, condition: Condition, *, at: Moment) -> int:
        """How many people meet the condition, exactly."""
        return len(self.members([condition], at=at)[0])

    def members(self, conditions: Sequence[Condition], *, at: Moment) -> list[NDArray[np.uint64]]:
        """Who meets each condition, ascending ids."""
        self.passes += 1
        known = self._known(at)
        return [
            np.array(
                [person.profile_id for person in known if evaluate(condition, person, at)], dtype=np.uint64
            )
            for condition in conditions
        ]

    def verdicts(
        self, conditions: Sequence[Condition], asks: Sequence[Ask], *, at: Moment
    ) -> list[tuple[bool, ...]]:
        """Each ask's verdict on each condition, as of the ask's own instant."""
        found: list[tuple[bool, ...]] = []
        for ask in asks:
            then = Moment(as_of=ask.as_of, zone=at.zone, known_by=at.known_by)
            person = self._people.get(ask.profile_id, PersonHistory(profile_id=ask.profile_id))
            found.append(tuple(evaluate(condition, person, then) for condition in conditions))
        return found

    def promote(self, paths: Sequence[str]) -> None:
        """Note the paths; every path costs the same here."""
        self.promoted = tuple(paths)

    def quantities(self, wanted: Sequence[Quantity], *, at: Moment) -> Quantities:
        """The numbers of everyone known by the moment."""
        self.passes += 1
        known = self._known(at)
        rows = [[_number(quantity, person, at) for quantity in wanted] for person in known]
        return Quantities(
            profile_ids=np.array([person.profile_id for person in known], dtype=np.uint64),
            values=np.array(rows, dtype=np.float64).reshape(len(known), len(wanted)),
        )

    def cut(self, rank: Rank, *, at: Moment) -> float | None:
        """The border of a share, found anew each time."""
        return self.cut_of(rank, at=at).value

    def cut_of(self, rank: Rank, *, at: Moment) -> Cut:
        """The same, and among how many people."""
        inside = ranked_inside(rank, self._known(at), at)
        values = [measure_value(rank.aggregate, rank.pattern, rank.window, one, at) for one in inside]
        reached = [value for value in values if value is not None]
        ranked = ranked_inside(replace(rank, percent=100.0), self._known(at), at)
        value = (min if rank.side == "top" else max)(reached, default=None)
        return Cut(value=value, people=len(ranked), at=at.as_of)

    def numbers_of(
        self, profile_id: ProfileId, wanted: Sequence[Quantity], *, at: Moment
    ) -> Sequence[float | None]:
        """One person's numbers."""
        person = self._people.get(profile_id, PersonHistory(profile_id=profile_id))
        return [measure_value(it.aggregate, it.pattern, it.window, person, at) for it in wanted]

    def _known(self, at: Moment) -> list[PersonHistory]:
        return [person for _, person in sorted(self._people.items()) if exists(person, at)]


def _number(quantity: Quantity, person: PersonHistory, at: Moment) -> float:
    value = measure_value(quantity.aggregate, quantity.pattern, quantity.window, person, at)
    return np.nan if value is None else value
