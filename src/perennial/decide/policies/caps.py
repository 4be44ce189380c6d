"""Frequency caps: from when on one more message fits. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from perennial.decide.policies.model import Candidate, FrequencyCap, Period, Taken
from perennial.kernel.windows import CalendarWord, Zone, calendar_days, start_of_day

_WORDS: dict[Period, CalendarWord] = {"day": "today", "week": "this_week", "month": "this_month"}


def free_from(
    candidate: Candidate, caps: Sequence[FrequencyCap], taken: Sequence[Taken], *, at: datetime, zone: Zone
) -> datetime:
    """The first instant from `at` on at which every cap has room for one more."""
    concerned = [
        (cap, counted)
        for cap in caps
        if cap.reach.covers(candidate.channel, candidate.topic)
        and len(counted := _counted(cap, candidate, taken)) >= cap.limit
    ]
    ready = at
    # What is free under one cap may still be full under another then; each step passes a message or a period.
    while (
        later := max((_free(cap, instants, ready, zone) for cap, instants in concerned), default=ready)
    ) > ready:
        ready = later
    return ready


def _counted(cap: FrequencyCap, candidate: Candidate, taken: Sequence[Taken]) -> list[datetime]:
    """When the messages went that share the candidate's room under a cap, in order."""
    return sorted(
        one.at
        for one in taken
        if cap.reach.covers(one.channel, one.topic)
        and (cap.together or (one.channel, one.topic) == (candidate.channel, candidate.topic))
    )


def _free(cap: FrequencyCap, instants: Sequence[datetime], at: datetime, zone: Zone) -> datetime:
    if isinstance(cap.window, timedelta):
        recent = [one for one in instants if one > at - cap.window]
        return at if len(recent) < cap.limit else recent[-cap.limit] + cap.window
    today = at.astimezone(zone.rules).date()
    first, following = calendar_days(_WORDS[cap.window], today=today, zone=zone)
    begin, end = start_of_day(first, zone), start_of_day(following, zone)
    return at if sum(begin <= one < end for one in instants) < cap.limit else end
