"""How people are scored and grouped: average ranks, cuts and the eight RFM groups. Pure."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from perennial.compute.profiles.ports import Quantities, Quantity
from perennial.compute.tags.columns import Coded
from perennial.compute.tags.columns import Numbers as NumberColumn
from perennial.compute.tags.model import (
    ClusterTag,
    Cuts,
    MeasureTag,
    RfmTag,
    ScorePart,
    TagColumn,
    ValuesTag,
)
from perennial.compute.tags.stages import steps_of
from perennial.kernel.conditions.model import ZERO_WHEN_EMPTY, Aggregate, All, Did, Measure, Test
from perennial.kernel.conditions.tagrule import (
    MeasureRule,
    ScoreGroup,
    ScoreRule,
    StoredRule,
    TagRule,
)
from perennial.kernel.conditions.tagrule import ScorePart as RulePart
from perennial.kernel.ids import ProfileId

Numbers = NDArray[np.float64]
Scores = NDArray[np.int64]
ProfileIds = NDArray[np.uint64]

_A_HAIR = 1e-9
"""How far below the least value a cut lies that everybody reaches, relative to the value."""
_ONCE = Test(operator=">=", literal=1.0)
_A_NUMBER = Test(operator=">=", literal=-sys.float_info.max)
"""What every number passes and a missing one does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RfmGroup:
    """One of the eight kinds of customer."""

    id: str
    zh: str
    """Its usual Chinese name."""


RFM_GROUPS: Mapping[tuple[bool, bool, bool], RfmGroup] = {
    (True, True, True): RfmGroup(id="champions", zh="重要价值"),
    (True, False, True): RfmGroup(id="big_spenders", zh="重要发展"),
    (False, True, True): RfmGroup(id="slipping_champions", zh="重要保持"),
    (False, False, True): RfmGroup(id="lost_big_spenders", zh="重要挽留"),
    (True, True, False): RfmGroup(id="regulars", zh="一般价值"),
    (True, False, False): RfmGroup(id="newcomers", zh="一般发展"),
    (False, True, False): RfmGroup(id="slipping_regulars", zh="一般保持"),
    (False, False, False): RfmGroup(id="lost", zh="一般挽留"),
}
"""By whether recency, frequency and money score high."""


def follow(column: TagColumn, became: Mapping[ProfileId, ProfileId]) -> TagColumn:
    """Values as they are after people were merged: a lost one's stands only where the kept one has none."""
    is_lost = np.isin(column.profile_ids, np.array(list(became), dtype=np.uint64))
    if not is_lost.any():
        return column
    ids = [became.get(ProfileId(one), ProfileId(one)) for one in column.profile_ids.tolist()]
    # Who was kept comes before who is lost, and the first of a person stays.
    order = sorted(range(len(ids)), key=lambda place: (ids[place], bool(is_lost[place])))
    places = [place for at, place in enumerate(order) if at == 0 or ids[order[at - 1]] != ids[place]]
    return TagColumn(
        profile_ids=np.array([ids[place] for place in places], dtype=np.uint64),
        values=tuple(column.values[place] for place in places),
        details=column.details and tuple(column.details[place] for place in places),
    )


def scores(values: Numbers, quantiles: int) -> Scores:
    """Score values from 1 to `quantiles` among themselves; equal values score the same.

    ceil(average rank / n * quantiles), in whole numbers so that no rounding decides (predictive-models, 3.3).
    """
    _, place, doubled = _doubled_average_ranks(values)
    return _ceil_share(doubled, len(values), quantiles)[place]


def cuts_between(values: Numbers, quantiles: int) -> tuple[float, ...]:
    """Where the score changes, ascending: reaching cut k lifts a value above score k.

    Halfway between the last value of one score and the first of the next, so that a sum added up in another
    order falls on the same side. Scores that nobody reaches, because too many are equal, leave no cut.
    """
    distinct, _, doubled = _doubled_average_ranks(values)
    reached = _ceil_share(doubled, len(values), quantiles)
    firsts = [int(np.searchsorted(reached, score, side="right")) for score in range(1, quantiles)]
    return tuple(_cut_before(distinct, first) for first in firsts if first < len(distinct))


def scores_by_cuts(values: Numbers, cuts: tuple[float, ...], *, lower_is_better: bool) -> Scores:
    """Score values against cuts that were found earlier, or written in the document, ascending.

    1 + the number of cuts at or below the value; where lower is better, 1 + the number at or above it.
    """
    edges = np.asarray(cuts, dtype=np.float64)
    if lower_is_better:
        return 1 + len(cuts) - np.searchsorted(edges, values, side="left").astype(np.int64)
    return 1 + np.searchsorted(edges, values, side="right").astype(np.int64)


def part_cuts(part: ScorePart, values: Numbers, quantiles: int) -> tuple[float, ...]:
    """The cuts of one part, ascending: those of its document, or else the quantiles of the people scored."""
    if part.cuts is not None:
        return part.cuts
    if part.lower_is_better:
        return tuple(-cut for cut in reversed(cuts_between(-values, quantiles)))
    return cuts_between(values, quantiles)


def high_from(part: ScorePart, quantiles: int) -> int:
    """The least score above the midpoint of a part's scale: 4 of five, 3 of four, 2 of two."""
    highest = quantiles if part.cuts is None else len(part.cuts) + 1
    return (highest + 1) // 2 + 1


def rfm_quantities(tag: RfmTag | ClusterTag) -> tuple[Quantity, ...]:
    """What must be known of everyone to score them: the three measures, then how often each was done."""
    asked = tuple(part.quantity for part in tag.parts)
    count = Aggregate(kind="count")
    return asked + tuple(Quantity(aggregate=count, pattern=it.pattern, window=it.window) for it in asked)


def scored_people(found: Quantities) -> Quantities:
    """The people who did every part's event at least once and have all three numbers; nobody else is scored.

    Takes the columns of `rfm_quantities`, gives the first three of them.
    """
    measures, counts = found.values[:, :3], found.values[:, 3:]
    known = (counts >= 1).all(axis=1) & ~np.isnan(measures).any(axis=1)
    return Quantities(profile_ids=found.profile_ids[known], values=measures[known])


def cuts_for(tag: RfmTag, scored: Quantities, *, at: datetime) -> Cuts:
    """The cuts of everyone scored now."""
    columns = scored.values.T
    r, f, m = (
        part_cuts(part, column, tag.quantiles) for part, column in zip(tag.parts, columns, strict=True)
    )
    return Cuts(computed_at=at, people=len(scored.profile_ids), r=r, f=f, m=m)


def rfm_column(tag: RfmTag, scored: Quantities, cuts: Cuts) -> TagColumn:
    """Everyone's group; the details hold the three scores as a cell, `543`."""
    by_part = [
        scores_by_cuts(column, cuts.of(part.name), lower_is_better=part.lower_is_better)
        for part, column in zip(tag.parts, scored.values.T, strict=True)
    ]
    # Few cells, many people: each cell is worked out once.
    distinct, codes = np.unique(np.column_stack(by_part), axis=0, return_inverse=True)
    cells = [(int(r), int(f), int(m)) for r, f, m in distinct]
    return TagColumn(
        profile_ids=scored.profile_ids,
        values=Coded([rfm_group(tag, cell).id for cell in cells], codes),
        details=Coded([_cell_details(cell) for cell in cells], codes),
    )


def rfm_group(tag: RfmTag, cell: tuple[int, int, int]) -> RfmGroup:
    """The group that three scores fall into."""
    r, f, m = (score >= high_from(part, tag.quantiles) for part, score in zip(tag.parts, cell, strict=True))
    return RFM_GROUPS[r, f, m]


def tag_rule(recipe: MeasureTag | RfmTag | ClusterTag, cuts: Cuts | None) -> TagRule:
    """A tag of numbers, scores or groups as the condition language understands it.

    `cuts` are those in force; without them (nobody scored yet) no score is above 1.
    """
    match recipe:
        case MeasureTag(quantity=asked):
            return MeasureRule(aggregate=asked.aggregate, pattern=asked.pattern, window=asked.window)
        case RfmTag():
            return _score_rule(recipe, cuts)
        case ClusterTag():
            return StoredRule()
        case _:
            assert_never(recipe)


def _score_rule(tag: RfmTag, cuts: Cuts | None) -> ScoreRule:
    quantities = [part.quantity for part in tag.parts]
    did = {Did(pattern=it.pattern, times=_ONCE, window=it.window): None for it in quantities}
    known = {
        Measure(aggregate=it.aggregate, pattern=it.pattern, window=it.window, test=_A_NUMBER): None
        for it in quantities
        if it.aggregate.kind not in ZERO_WHEN_EMPTY
    }
    return ScoreRule(
        population=All(of=(*did, *known)),
        parts=tuple(_rule_part(tag, part, cuts) for part in tag.parts),
        groups=tuple(ScoreGroup(name=group.id, high=high) for high, group in RFM_GROUPS.items()),
    )


def _rule_part(tag: RfmTag, part: ScorePart, cuts: Cuts | None) -> RulePart:
    edges = part.cuts or (cuts.of(part.name) if cuts else ())
    return RulePart(
        name=part.name,
        aggregate=part.quantity.aggregate,
        pattern=part.quantity.pattern,
        window=part.quantity.window,
        cuts=tuple(reversed(edges)) if part.lower_is_better else edges,
        low_is_good=part.lower_is_better,
        high_from=high_from(part, tag.quantiles),
    )


def values_column(tag: ValuesTag, holding: list[ProfileIds], everyone: ProfileIds) -> TagColumn:
    """Everyone's value: of the first step (`steps_of`) that holds, or else the tag's `otherwise`.

    `holding` is who meets each step, `everyone` all people, both ascending.
    """
    values = [step.value for step in steps_of("", tag)]
    undecided = len(values)
    first = np.full(len(everyone), undecided, dtype=np.int64)
    for step in reversed(range(undecided)):
        first[np.searchsorted(everyone, holding[step])] = step
    if tag.otherwise is None:
        everyone, first = everyone[first < undecided], first[first < undecided]
    names = list(dict.fromkeys([*values, tag.otherwise or ""]))
    codes = np.array([names.index(value) for value in [*values, tag.otherwise or ""]], dtype=np.int64)
    return TagColumn(profile_ids=everyone, values=Coded(names, codes[first]))


def measure_column(profile_ids: ProfileIds, numbers: Numbers) -> TagColumn:
    """Everyone's number; people whose number is missing have no value."""
    known = ~np.isnan(numbers)
    return TagColumn(profile_ids=profile_ids[known], values=NumberColumn(numbers[known]))


def _cell_details(cell: tuple[int, int, int]) -> dict[str, str]:
    # Explicit cuts may give scores of two digits, which would run together.
    return {"cell": ("" if max(cell) < 10 else "-").join(map(str, cell))}


def _doubled_average_ranks(values: Numbers) -> tuple[Numbers, NDArray[np.intp], Scores]:
    """Distinct values ascending, each value's place among them, twice the average rank of each distinct."""
    distinct, place, times = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(times)
    return distinct, place, (2 * last - times + 1).astype(np.int64)


def _ceil_share(doubled_rank: Scores, people: int, quantiles: int) -> Scores:
    return -(-doubled_rank * quantiles // (2 * people))


def _cut_before(distinct: Numbers, first: int) -> float:
    """The cut that the value at a place reaches and the value before it does not."""
    value = float(distinct[first])
    if first == 0:
        return value - _A_HAIR * max(1.0, abs(value))
    middle = float(distinct[first - 1]) / 2 + value / 2
    return middle if middle > distinct[first - 1] else value
