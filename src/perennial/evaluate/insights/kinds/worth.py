"""What people are worth: value per cohort, and RFM."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from perennial.compute.profiles.ports import Quantity
from perennial.compute.tags.rules import RFM_GROUPS, scores, scores_by_cuts
from perennial.evaluate.insights.answers import Answer, Cell, number, rate_of
from perennial.evaluate.insights.facts import Contributors, Facts, chosen_cells
from perennial.evaluate.insights.model import Measured, Rfm, Value
from perennial.evaluate.insights.periods import Period, instant_at
from perennial.evaluate.insights.ports import Cells, Ids, Numbers, Presence
from perennial.kernel.conditions import parse_aggregate
from perennial.kernel.conditions.model import Aggregate
from perennial.kernel.values import Json
from perennial.kernel.windows import Between

_LOWER_IS_BETTER = ("last_ago", "first_ago")


class Worth:
    """Answers value: what cohorts brought in over time, per person and per payer."""

    def __init__(self, spec: Value, facts: Facts, period: Period) -> None:
        self._spec = spec
        self._facts = facts
        self._period = period

    def answer(self) -> Answer:
        """Cohorts by when people began, with revenue by interval; and each interval's revenue."""
        begun, paid = self._begun(), self._paid()
        starts = self._places(begun[0], begun[1], paid.people)
        cohorts: list[Json] = []
        sizes = np.bincount(begun[1][begun[1] >= 0], minlength=len(self._period))
        for cohort in range(len(self._period)):
            mine = starts == cohort
            revenue = self._revenue(paid, mine)
            cohorts.append(self._cohort(cohort, int(sizes[cohort]), revenue))
        present = self._facts.presence(self._spec.start, self._period)
        return {
            "cohorts": cohorts,
            "intervals": [self._interval(place, paid, present, sizes) for place in range(len(self._period))],
            "board": self._board(paid, present, sizes),
        }

    def people(self, cell: Cell) -> Contributors:
        """Who of a cohort paid k intervals later, and how much; without k everyone of it."""
        cell.known("cohort", "k", "at")
        paid = self._paid()
        if cell.get("at") is not None:
            chosen = paid.place == cell.interval("at", self._period)
            return Contributors(people=paid.people[chosen], amounts=paid.total[chosen])
        cohort = cell.interval("cohort", self._period)
        people, places = self._begun()
        if cell.get("k") is None:
            return Contributors(people=people[places == cohort])
        k = cell.whole("k", most=len(self._period) - cohort - 1)
        chosen = (self._places(people, places, paid.people) == cohort) & (paid.place == cohort + k)
        return Contributors(people=paid.people[chosen], amounts=paid.total[chosen])

    def _begun(self) -> tuple[Ids, NDArray[np.int64]]:
        """Who began when: everyone, with their interval, -1 before all of them."""
        firsts = self._facts.firsts(self._spec.start, until=self._period.until)
        return firsts.people, np.searchsorted(np.array(self._period.borders), firsts.at, side="right") - 1

    def _paid(self) -> Cells:
        """Who paid when; events without an amount are no payment."""
        cells = self._facts.cells(self._spec.event, self._period, value=self._spec.amount)
        return chosen_cells(cells, cells.numbers > 0)

    @staticmethod
    def _places(people: Ids, places: NDArray[np.int64], wanted: Ids) -> NDArray[np.int64]:
        if not len(people):
            return np.full(len(wanted), -1, dtype=np.int64)
        found = np.minimum(np.searchsorted(people, wanted), len(people) - 1)
        return np.where(people[found] == wanted, places[found], -1)

    def _revenue(self, paid: Cells, mine: NDArray[np.bool_]) -> Numbers:
        return np.bincount(paid.place[mine], weights=paid.total[mine], minlength=len(self._period)).astype(
            np.float64
        )

    def _cohort(self, cohort: int, size: int, revenue: Numbers) -> Answer:
        at = self._period.label(cohort)
        cells: list[Json] = []
        cumulative = 0.0
        for k in range(len(self._period) - cohort):
            cumulative += float(revenue[cohort + k])
            cells.append(
                {
                    "k": k,
                    "value": number(float(revenue[cohort + k])),
                    "cumulative": number(cumulative),
                    "per_person": rate_of(cumulative, size),
                    "incomplete": self._period.is_incomplete(cohort + k),
                    "cell": {"cohort": at, "k": k},
                }
            )
        return {"at": at, "size": size, "cells": cells, "cell": {"cohort": at}}

    def _interval(self, place: int, paid: Cells, present: Presence, sizes: NDArray[np.int64]) -> Answer:
        mine = paid.place == place
        revenue, payers = float(paid.total[mine].sum()), int(np.count_nonzero(mine))
        active = int(np.count_nonzero(present.at(place)))
        at = self._period.label(place)
        return {
            "at": at,
            "new": int(sizes[place]),
            "active": active,
            "payers": payers,
            "revenue": number(revenue),
            "arpu": rate_of(revenue, active),
            "arppu": rate_of(revenue, payers),
            "incomplete": self._period.is_incomplete(place),
            "cell": {"at": at},
        }

    def _board(self, paid: Cells, present: Presence, sizes: NDArray[np.int64]) -> Answer:
        """The five questions of AARRR over the whole range; referral is not in the log."""
        people = present.people[present.words.any(axis=1)]
        days = np.bitwise_count(present.words).sum(axis=1)
        payers = len(np.unique(paid.people))
        revenue = float(paid.total.sum())
        return {
            "acquisition": {"new": int(sizes.sum())},
            "activation": {"active": len(people)},
            "retention": {
                "came_back": int(np.count_nonzero(days > 1)),
                "rate": rate_of(float(np.count_nonzero(days > 1)), len(people)),
            },
            "revenue": {
                "revenue": number(revenue),
                "payers": payers,
                "arpu": rate_of(revenue, len(people)),
                "arppu": rate_of(revenue, payers),
            },
        }


class Scoring:
    """Answers RFM: cells of scores and eight named groups."""

    def __init__(self, spec: Rfm, facts: Facts, period: Period) -> None:
        self._spec = spec
        self._facts = facts
        self._period = period

    def answer(self) -> Answer:
        """Every cell and every group, with people and their value, which is what `m` measures."""
        people, scored, money = self._scored()
        keys, places = np.unique(scored, axis=0, return_inverse=True)
        count = np.bincount(places, minlength=len(keys))
        value = np.bincount(places, weights=money, minlength=len(keys))
        cells: list[Json] = [
            {
                **(cell := {"r": int(key[0]), "f": int(key[1]), "m": int(key[2])}),
                "people": int(count[place]),
                "value": number(float(value[place])),
                "cell": cell,
            }
            for place, key in enumerate(keys)
        ]
        groups: list[Json] = []
        named = self._groups(scored)
        for group in RFM_GROUPS.values():
            mine = named == group.id
            groups.append(
                {
                    "group": group.id,
                    "name_zh": group.zh,
                    "people": int(np.count_nonzero(mine)),
                    "value": number(float(money[mine].sum())),
                    "cell": {"group": group.id},
                }
            )
        return {"people": len(people), "cells": cells, "groups": groups}

    def people(self, cell: Cell) -> Contributors:
        """Who is in a cell or group, with their value."""
        cell.known("r", "f", "m", "group")
        people, scored, money = self._scored()
        if cell.get("group") is not None:
            group = cell.word("group", [one.id for one in RFM_GROUPS.values()])
            chosen = self._groups(scored) == group
        else:
            wanted = [cell.whole(key, least=1, most=1_000) for key in ("r", "f", "m")]
            chosen = (scored == np.array(wanted)).all(axis=1)
        return Contributors(people=people[chosen], amounts=money[chosen])

    def _scored(self) -> tuple[Ids, NDArray[np.int64], Numbers]:
        """Everyone who did all three, ascending, their scores, and the third measure."""
        parts = (self._spec.r, self._spec.f, self._spec.m)
        window = Between(start=instant_at(self._period.start), end=instant_at(self._period.end))
        measures = [parse_aggregate(part.measure) for part in parts]
        count = Aggregate(kind="count")
        asked = [
            Quantity(aggregate=aggregate, pattern=part.event, window=window)
            for aggregate, part in [*zip(measures, parts, strict=True), *((count, part) for part in parts)]
        ]
        found = self._facts.known.quantities(asked, self._facts.at)
        values = found.values
        counted = np.nan_to_num(values[:, 3:]) > 0
        chosen = counted.all(axis=1) & ~np.isnan(values[:, :3]).any(axis=1)
        chosen &= self._facts.is_about(found.profile_ids)
        people, values = found.profile_ids[chosen], values[chosen, :3]
        columns = [self._scores(values[:, place], measures[place], parts[place], place) for place in range(3)]
        return people, np.column_stack(columns), values[:, 2]

    def _scores(self, values: Numbers, aggregate: Aggregate, part: Measured, place: int) -> NDArray[np.int64]:
        del part
        lower = aggregate.kind in _LOWER_IS_BETTER
        if self._spec.cuts is not None and self._spec.cuts[place]:
            return scores_by_cuts(values, self._spec.cuts[place], lower_is_better=lower)
        return scores(-values if lower else values, self._spec.quantiles)

    def _groups(self, scored: NDArray[np.int64]) -> NDArray[np.str_]:
        highs: list[NDArray[np.bool_]] = []
        for place in range(3):
            cuts = self._spec.cuts[place] if self._spec.cuts else ()
            scale = len(cuts) + 1 if cuts else self._spec.quantiles
            highs.append(scored[:, place] >= (scale + 1) // 2 + 1)
        named = np.empty(len(scored), dtype="U32")
        for (r, f, m), group in RFM_GROUPS.items():
            named[(highs[0] == r) & (highs[1] == f) & (highs[2] == m)] = group.id
        return named


def parts_of(names: Sequence[str], members: Sequence[Ids]) -> list[tuple[tuple[str, ...], Ids]]:
    """Who is in exactly which of some groups, for every combination that anyone is in."""
    everyone = np.unique(np.concatenate([*members])) if members else np.empty(0, dtype=np.uint64)
    bits = np.zeros(len(everyone), dtype=np.int64)
    for place, theirs in enumerate(members):
        bits[np.searchsorted(everyone, theirs)] |= 1 << place
    return [
        (tuple(name for place, name in enumerate(names) if code >> place & 1), everyone[bits == code])
        for code in sorted(set(bits.tolist()))
    ]
