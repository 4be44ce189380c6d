"""From a document to a policy of the gate, or to the list of everything that is wrong with it."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import time, timedelta
from typing import TypeVar

from perennial.decide.assignment.model import Holdout
from perennial.decide.policies.hours import is_ever_open
from perennial.decide.policies.model import (
    PERIODS,
    TRANSACTIONAL,
    FrequencyCap,
    GatePolicy,
    Period,
    QuietHours,
    Rate,
    Reach,
)
from perennial.decide.policies.topics import read_topics
from perennial.kernel.conditions.problems import Problems, check_size
from perennial.kernel.conditions.spans import read_span
from perennial.kernel.errors import nearest
from perennial.kernel.values import Json

T = TypeVar("T")

KEYS = ("caps", "quiet_hours", "rates", "holdout", "best_hour", "topics")
CAP_KEYS = ("at_most", "per", "topics", "channels", "together")
QUIET_KEYS = ("from", "to", "topics", "channels", "spread")
RATE_KEYS = ("per_second", "burst")
DEFAULT_HOLDOUT = 0.05
LARGEST_HOLDOUT = 0.5
NONE = "none"
_WALL = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_PERCENT = re.compile(r"([0-9]{1,2}(?:\.[0-9]{1,4})?)%")


def parse_policy(document: Json, *, channels: Collection[str]) -> GatePolicy:
    """The policy a document describes. Raises InvalidDocument with every mistake."""
    check_size(document, "$")
    problems = Problems()
    found = problems.mapping(document, "$", what="A policy")
    if found is None:
        problems.raise_all()
    problems.unknown_keys(found, KEYS, "$")
    quiet = _listed(found, "quiet_hours", _quiet, problems)
    caps = _listed(found, "caps", _cap, problems)
    rates = _rates(found.get("rates", {}), problems)
    _check_channels(found, channels, problems)
    _check_openness(quiet, channels, problems)
    best = read_wall(found.get("best_hour", "10:00"), "$.best_hour", problems)
    policy = GatePolicy(
        caps=tuple(caps),
        quiet_hours=tuple(quiet),
        rates=rates,
        holdout=read_holdout(found.get("holdout", f"{DEFAULT_HOLDOUT:.0%}"), "$.holdout", problems),
        best_hour=best or time(10),
        topics=read_topics(found.get("topics", {}), problems),
        document=found,
    )
    if problems.found:
        problems.raise_all()
    return policy


def read_holdout(written: Json, path: str, problems: Problems) -> Holdout | None:
    """The share of people who are held out; `none` is none, noting a mistake where it is neither."""
    if written == NONE:
        return None
    share = _PERCENT.fullmatch(written) if isinstance(written, str) else None
    if share is None or not 0 < float(share[1]) / 100 <= LARGEST_HOLDOUT:
        message = f"A holdout is a percentage above 0% and up to {LARGEST_HOLDOUT:.0%}, or 'none'."
        problems.add(path, "bad_holdout", message, f"Write '{DEFAULT_HOLDOUT:.0%}'.")
        return None
    return Holdout(share=float(share[1]) / 100)


def _listed(
    found: Mapping[str, Json], key: str, read: Callable[[Json, str, Problems], T | None], problems: Problems
) -> Sequence[T]:
    written = found.get(key, [])
    if not isinstance(written, Sequence) or isinstance(written, str):
        problems.add(f"$.{key}", "wrong_type", f"`{key}` is a list.")
        return []
    rules = [read(one, f"$.{key}[{place}]", problems) for place, one in enumerate(written)]
    return [rule for rule in rules if rule is not None]


def _cap(written: Json, path: str, problems: Problems) -> FrequencyCap | None:
    cap = problems.mapping(written, path, what="A cap")
    if cap is None:
        return None
    problems.unknown_keys(cap, CAP_KEYS, path)
    limit = _count(cap.get("at_most"), f"{path}.at_most", problems, what="`at_most`")
    window = _window(cap.get("per"), f"{path}.per", problems)
    together = cap.get("together", False)
    if not isinstance(together, bool):
        problems.add(f"{path}.together", "wrong_type", "`together` is true or false.")
    reach = _reach(cap, path, problems)
    if limit is None or window is None:
        return None
    return FrequencyCap(limit=limit, window=window, reach=reach, together=together is True)


def _window(written: Json, path: str, problems: Problems) -> timedelta | Period | None:
    for period in PERIODS:
        if written == period:
            return period
    what = "`per`, where it is not day, week or month,"
    if written is None:
        problems.add(path, "missing", "A cap says in which time.", "Write `per: 7d` or `per: day`.")
        return None
    return read_span(written, path, problems, what=what)


def _quiet(written: Json, path: str, problems: Problems) -> QuietHours | None:
    quiet = problems.mapping(written, path, what="Quiet hours")
    if quiet is None:
        return None
    problems.unknown_keys(quiet, QUIET_KEYS, path)
    start = read_wall(quiet.get("from"), f"{path}.from", problems)
    end = read_wall(quiet.get("to"), f"{path}.to", problems)
    spread = timedelta(0)
    if "spread" in quiet:
        spread = read_span(quiet["spread"], f"{path}.spread", problems, what="`spread`") or spread
    if spread > timedelta(hours=12):
        problems.add(f"{path}.spread", "too_long", "What waited is spread over 12 hours at most.")
    reach = _reach(quiet, path, problems)
    if start is None or end is None:
        return None
    if start == end:
        problems.add(path, "never_open", "Quiet hours end at another time than they begin.")
        return None
    return QuietHours(start=start, end=end, reach=reach, spread=spread)


def _check_openness(quiet: Sequence[QuietHours], channels: Collection[str], problems: Problems) -> None:
    """Refuse quiet hours that together leave a message no minute of the day."""
    topics = {topic for one in quiet for topic in one.reach.topics} | {"a topic"}
    for channel in channels:
        for topic in sorted(topics):
            concerned = [one for one in quiet if one.reach.covers(channel, topic)]
            if concerned and not is_ever_open(concerned):
                message = f"Together they leave {topic} on {channel} no minute of the day."
                problems.add("$.quiet_hours", "never_open", message)
                return


def _check_channels(found: Mapping[str, Json], channels: Collection[str], problems: Problems) -> None:
    """Note every channel that there is not."""
    named = [(f"$.rates.{name}", name) for name in _mapping(found.get("rates"))]
    for key in ("caps", "quiet_hours"):
        for place, rule in enumerate(_sequence(found.get(key))):
            listed = enumerate(_sequence(_mapping(rule).get("channels")))
            named += [(f"$.{key}[{place}].channels[{at}]", one) for at, one in listed if isinstance(one, str)]
    for path, name in named:
        if name not in channels:
            problems.add(path, "unknown_channel", f"There is no channel {name!r}.", nearest(name, channels))


def _mapping(written: Json) -> Mapping[str, Json]:
    return written if isinstance(written, Mapping) else {}


def _sequence(written: Json) -> Sequence[Json]:
    return written if isinstance(written, Sequence) and not isinstance(written, str) else ()


def _reach(found: Mapping[str, Json], path: str, problems: Problems) -> Reach:
    topics = _names(found, "topics", path, problems)
    channels = _names(found, "channels", path, problems)
    if TRANSACTIONAL in topics:
        message = "What people wait for, such as a receipt, is neither capped nor held back."
        problems.add(f"{path}.topics", "transactional", message)
    return Reach(topics=topics, channels=channels)


def _names(found: Mapping[str, Json], key: str, path: str, problems: Problems) -> tuple[str, ...]:
    if key not in found:
        return ()
    listed = problems.sequence(found[key], f"{path}.{key}", what=f"`{key}`") or ()
    names = [problems.name(one, f"{path}.{key}[{place}]", what="A name") for place, one in enumerate(listed)]
    return tuple(name for name in names if name is not None)


def _rates(written: Json, problems: Problems) -> Mapping[str, Rate]:
    rates: dict[str, Rate] = {}
    for channel, one in (problems.mapping(written, "$.rates", what="`rates`") or {}).items():
        path = f"$.rates.{channel}"
        rate = problems.mapping(one, path, what="A rate")
        if rate is None:
            continue
        problems.unknown_keys(rate, RATE_KEYS, path)
        per_second = problems.number(rate.get("per_second"), f"{path}.per_second", what="`per_second`")
        if per_second is None:
            continue
        if per_second <= 0:
            problems.add(f"{path}.per_second", "bad_rate", "A rate is above 0.", "Pause the journey instead.")
            continue
        usual = max(1, round(2 * per_second))
        burst = _count(rate.get("burst", usual), f"{path}.burst", problems, what="`burst`")
        rates[channel] = Rate(per_second=per_second, burst=burst or usual)
    return rates


def _count(written: Json, path: str, problems: Problems, *, what: str) -> int | None:
    if isinstance(written, int) and not isinstance(written, bool) and 1 <= written <= 1_000_000:
        return written
    problems.add(path, "bad_count", f"{what} is a whole number from 1 on.")
    return None


def read_wall(written: Json, path: str, problems: Problems) -> time | None:
    """A time of day as `HH:MM`; None, noting the mistake, where it is none."""
    found = _WALL.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        hint = "Write it in quotes: '08:00', '22:30'."
        problems.add(path, "bad_time", "A time of day has the form HH:MM, from 00:00 to 23:59.", hint)
        return None
    return time(int(found[1]), int(found[2]))
