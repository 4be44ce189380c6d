"""Whether shares of two periods differ by more than chance: only where a share is what a kind is about."""

from collections.abc import Iterator, Mapping, Sequence

from perennial.evaluate.insights.answers import Answer, compared_rates
from perennial.kernel.values import Json


def differences(kind: str, now: Answer, before: Answer) -> Iterator[Json]:
    """A two-sided test of two proportions for each step of a funnel, and each column of retention.

    Retention's columns are taken over all cohorts that are whole in that column, in either period.
    """
    if kind == "funnel":
        yield from _of_steps(_rows(now, "steps"), _rows(before, "steps"))
    elif kind == "retention":
        yield from _of_columns(_columns(now), _columns(before))


def _of_steps(now: Sequence[Answer], before: Sequence[Answer]) -> Iterator[Json]:
    """Each step against the first one of its part of the breakdown."""
    earlier = {(one["breakdown"], one["step"]): _whole(one["people"]) for one in before}
    later = {(one["breakdown"], one["step"]): _whole(one["people"]) for one in now}
    for (part, step), people in later.items():
        if step == 0 or (part, step) not in earlier:
            continue
        reached = (people, earlier[part, step])
        begun = (later[part, 0], earlier[part, 0])
        found = compared_rates(reached, begun)
        yield {"step": step, "breakdown": part, **(found if isinstance(found, Mapping) else {})}


def _of_columns(now: Mapping[int, tuple[int, int]], before: Mapping[int, tuple[int, int]]) -> Iterator[Json]:
    for k in sorted(now.keys() & before.keys()):
        (came, of), (former, of_former) = now[k], before[k]
        found = compared_rates((came, former), (of, of_former))
        yield {"k": k, **(found if isinstance(found, Mapping) else {})}


def _columns(answer: Answer) -> Mapping[int, tuple[int, int]]:
    """How many came back in each column, of how many, over whole cells of all cohorts."""
    found: dict[int, tuple[int, int]] = {}
    for cohort in _rows(answer, "cohorts"):
        for cell in _rows(cohort, "cells"):
            k, value = _whole(cell["k"]), cell["value"]
            if k == 0 or cell["incomplete"] or not isinstance(value, int):
                continue
            came, of = found.get(k, (0, 0))
            found[k] = (came + value, of + _whole(cohort["size"]))
    return found


def _rows(answer: Mapping[str, Json], key: str) -> Sequence[Answer]:
    found = answer[key]
    listed = found if isinstance(found, Sequence) and not isinstance(found, str) else ()
    return [dict(one) for one in listed if isinstance(one, Mapping)]


def _whole(value: Json) -> int:
    return value if isinstance(value, int) else 0
