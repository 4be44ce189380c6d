"""Which segments an event can move somebody into or out of: of the others nobody need be asked."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from perennial.compute.profiles.ports import Population
from perennial.kernel.conditions.model import (
    All,
    AnyOf,
    Change,
    Condition,
    Constant,
    Did,
    DidInOrder,
    DidWithout,
    InSegment,
    Measure,
    Not,
    TagIs,
    Trait,
)
from perennial.kernel.conditions.moment import Ask, Moment
from perennial.kernel.conditions.walk import parts, patterns_of
from perennial.kernel.ids import ProfileId

ANY = "*"
MOST_GROUPS = 12
"""Each is a question of its own: with more of them, what is spared is spent."""
FEW = 50
"""People who are quicker asked everything together."""
Happened = Mapping[ProfileId, AbstractSet[str]]
"""The names of each person's new events; who is absent may have changed in any way."""


def concerning(condition: Condition) -> frozenset[str] | None:
    """The events that may change the condition for somebody who is known; None where any may.

    Time is not among them, nor is what people say of themselves. The condition is resolved.
    """
    names: set[str] = set()
    for part in parts(condition):
        match part:
            case Did() | Measure() | DidInOrder() | DidWithout():
                names.update(pattern.event for pattern in patterns_of(part))
            case Change(include_new=True):
                names.add(part.pattern.event)
            case All() | AnyOf() | Not() | Constant() | InSegment() | TagIs() | Trait():
                continue
            case _:
                return None
    return None if ANY in names else frozenset(names)


def asked_together(
    people: Sequence[ProfileId], conditions: Sequence[Condition], happened: Happened
) -> Sequence[tuple[Sequence[ProfileId], Sequence[int]]]:
    """Whom to ask about which conditions (by place), so that nobody is asked what cannot have changed.

    Somebody may be in several groups, and be asked the same in two.
    """
    everything = tuple(range(len(conditions)))
    if len(people) < FEW:
        return [(people, everything)]
    concerns = [concerning(condition) for condition in conditions]
    of_name: dict[str, tuple[int, ...]] = {}
    groups: dict[tuple[int, ...], dict[ProfileId, None]] = {}
    for person in people:
        names = happened.get(person)
        if names is None:
            groups.setdefault(everything, {})[person] = None
            continue
        for name in names:
            if name not in of_name:
                places = (place for place, one in enumerate(concerns) if one is None or name in one)
                of_name[name] = tuple(places)
            groups.setdefault(of_name[name], {})[person] = None
    found = {places: list(theirs) for places, theirs in groups.items() if places}
    if len(found) > MOST_GROUPS:
        return [(people, everything)]
    return [(sorted(theirs), places) for places, theirs in found.items()]


def judge_touched(
    people: Sequence[ProfileId],
    conditions: Sequence[Condition],
    happened: Happened,
    *,
    at: Moment,
    population: Population,
) -> Sequence[Mapping[ProfileId, bool]]:
    """For each condition, whether those meet it for whom it may have changed."""
    verdicts: list[dict[ProfileId, bool]] = [{} for _ in conditions]
    for asked, places in asked_together(people, conditions, happened):
        asks = [Ask(profile_id=profile_id, as_of=at.as_of) for profile_id in asked]
        found = population.verdicts([conditions[place] for place in places], asks, at=at)
        for column, place in enumerate(places):
            answers = (verdict[column] for verdict in found)
            verdicts[place].update(zip(asked, answers, strict=True))
    return verdicts
