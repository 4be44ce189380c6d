"""The gate against plain arithmetic: random people, policies and candidates, in zones with odd clocks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from perennial.decide.policies import (
    BEST_HOUR,
    TRANSACTIONAL,
    Candidate,
    Circumstances,
    Drop,
    FrequencyCap,
    GatePolicy,
    Hold,
    Pass,
    QuietHours,
    Reach,
    Taken,
    decide_many,
    decide_send,
)
from perennial.decide.policies.hours import is_ever_open
from perennial.kernel.windows import Zone

HOUR = timedelta(hours=1)
DAY = 24 * HOUR
MINUTE = timedelta(minutes=1)
TOPICS = ("marketing", "service", TRANSACTIONAL)
CHANNELS = ("email", "sms")
# Half hours, three quarters, a summer time of half an hour, a day that never was, and no summer time at all.
ZONES = (
    *("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu"),
    *("Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo", "Asia/Shanghai"),
)
# Around changes of clocks: of Europe, of America, of Lord Howe; and the day that Apia left out.
JUMPS = (
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 3, 8, 7, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2011, 12, 30, 10, tzinfo=UTC),
)


def shifted(jump: datetime, minutes: int) -> datetime:
    return jump + minutes * MINUTE


instants = st.builds(shifted, st.sampled_from(JUMPS), st.integers(-2_880, 2_880))
walls = st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30)))
reaches = st.builds(
    Reach,
    topics=st.sampled_from(((), ("marketing",), ("marketing", "service"))),
    channels=st.sampled_from(((), ("email",), ("sms",))),
)
caps = st.builds(
    FrequencyCap,
    limit=st.integers(1, 3),
    window=st.one_of(
        st.sampled_from(("day", "week", "month")), st.sampled_from((HOUR, 5 * HOUR, DAY, 7 * DAY))
    ),
    reach=reaches,
    together=st.booleans(),
)


@st.composite
def quiet_hours(draw: st.DrawFn) -> QuietHours:
    start, end = draw(walls), draw(walls)
    assume(start != end)
    return QuietHours(start=start, end=end, reach=draw(reaches))


@st.composite
def policies(draw: st.DrawFn) -> GatePolicy:
    quiet = draw(st.lists(quiet_hours(), max_size=2))
    assume(is_ever_open(quiet))
    return GatePolicy(caps=tuple(draw(st.lists(caps, max_size=3))), quiet_hours=tuple(quiet))


@st.composite
def people(draw: st.DrawFn, now: datetime) -> Circumstances:
    ways = st.tuples(st.sampled_from(CHANNELS), st.sampled_from(TOPICS[:2]))
    taken = st.builds(
        Taken,
        channel=st.sampled_from(CHANNELS),
        topic=st.sampled_from(TOPICS),
        at=st.integers(-10_000, 0).map(partial(shifted, now)),
    )
    return Circumstances(
        addresses=dict.fromkeys(draw(st.sets(st.sampled_from(CHANNELS))), "a@example.com"),
        consented=draw(st.frozensets(ways)),
        suppressed=draw(st.frozensets(st.sampled_from(CHANNELS), max_size=1)),
        taken=draw(st.lists(taken, max_size=6)),
        zone=Zone(name=draw(st.sampled_from(ZONES))),
        is_held_out=draw(st.booleans()),
    )


@st.composite
def wishes(draw: st.DrawFn, now: datetime) -> Sequence[Candidate]:
    one = st.builds(
        Candidate,
        message_id=st.just(""),
        channel=st.sampled_from(CHANNELS),
        topic=st.sampled_from(TOPICS),
        priority=st.integers(0, 2),
        value=st.sampled_from((0.0, 1.5)),
        created_at=st.integers(-300, 0).map(partial(shifted, now)),
        expires_at=st.one_of(st.none(), st.integers(-60, 6_000).map(partial(shifted, now))),
        over_cap=st.sampled_from(("hold", "drop")),
        at=st.one_of(st.none(), st.none(), walls, st.just(BEST_HOUR)),
    )
    found = draw(st.lists(one, min_size=1, max_size=5))
    return [replace(each, message_id=f"m{place}") for place, each in enumerate(found)]


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Sequence[Candidate], Circumstances, GatePolicy, datetime]:
    now = draw(instants)
    return draw(wishes(now)), draw(people(now)), draw(policies()), now


# --- what must hold, in plain arithmetic ------------------------------------------------------------


def is_covered(reach: Reach, channel: str, topic: str) -> bool:
    by_topic = topic in reach.topics if reach.topics else topic != TRANSACTIONAL
    return by_topic and (channel in reach.channels if reach.channels else True)


def is_quiet(candidate: Candidate, policy: GatePolicy, zone: Zone, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(zone.name))
    minute = local.hour * 60 + local.minute
    for hours in policy.quiet_hours:
        begin = hours.start.hour * 60 + hours.start.minute
        length = (hours.end.hour * 60 + hours.end.minute - begin) % 1_440
        if is_covered(hours.reach, candidate.channel, candidate.topic) and (minute - begin) % 1_440 < length:
            return True
    return False


def period(word: str, zone: Zone, at: datetime) -> tuple[int, ...]:
    day = at.astimezone(ZoneInfo(zone.name)).date()
    return {
        "day": (day.toordinal(),),
        "week": tuple(day.isocalendar()[:2]),
        "month": (day.year, day.month),
    }[word]


def is_over(
    cap: FrequencyCap, candidate: Candidate, taken: Sequence[Taken], zone: Zone, at: datetime
) -> bool:
    """Whether one more message now is one too many."""
    if not is_covered(cap.reach, candidate.channel, candidate.topic):
        return False
    counted = [
        one.at
        for one in taken
        if is_covered(cap.reach, one.channel, one.topic)
        and (cap.together or (one.channel, one.topic) == (candidate.channel, candidate.topic))
    ]
    if isinstance(cap.window, timedelta):
        return sum(at - cap.window < one <= at for one in counted) >= cap.limit
    word: str = cap.window
    return sum(period(word, zone, one) == period(word, zone, at) for one in counted) >= cap.limit


def is_allowed(candidate: Candidate, person: Circumstances) -> bool:
    if candidate.channel not in person.addresses or candidate.channel in person.suppressed:
        return False
    if candidate.topic == TRANSACTIONAL:
        return True
    return (candidate.channel, candidate.topic) in person.consented and not person.is_held_out


@given(scene=scenes())
def test_whatever_passes_breaks_no_rule_and_the_highest_priority_goes_first(
    scene: tuple[Sequence[Candidate], Circumstances, GatePolicy, datetime],
) -> None:
    candidates, person, policy, now = scene
    verdicts = decide_many(candidates, person, policy, now=now)
    taken = list(person.taken)
    by_rank = sorted(candidates, key=lambda one: (-one.priority, -one.value, one.created_at, one.message_id))
    for candidate in by_rank:
        fits = not any(is_over(cap, candidate, taken, person.zone, now) for cap in policy.caps)
        awake = not is_quiet(candidate, policy, person.zone, now)
        verdict = verdicts[candidate.message_id]
        is_late = candidate.expires_at is not None and candidate.expires_at <= now
        if is_late or not is_allowed(candidate, person):
            assert isinstance(verdict, Drop)
        elif isinstance(verdict, Pass):
            assert fits
            assert awake
            taken.append(Taken(channel=candidate.channel, topic=candidate.topic, at=now))
        else:
            # Whoever lost lost for a reason: what outranks it has taken the room, or the hour is wrong.
            assert not fits or not awake or candidate.at is not None


@given(scene=scenes(), share=st.floats(0, 0.99))
def test_a_held_message_waits_as_long_as_it_must_and_no_longer(
    scene: tuple[Sequence[Candidate], Circumstances, GatePolicy, datetime], share: float
) -> None:
    candidates, person, policy, now = scene
    open_to_all = replace(
        person,
        addresses=dict.fromkeys(CHANNELS, "a@example.com"),
        consented=frozenset((channel, topic) for channel in CHANNELS for topic in TOPICS),
        suppressed=frozenset(),
        is_held_out=False,
    )
    lasting = replace(candidates[0], expires_at=None, over_cap="hold")
    verdict = decide_send(lasting, open_to_all, policy, now=now)
    if not isinstance(verdict, Hold):
        assert verdict == Pass()
        return
    assert verdict.until > now
    assert decide_send(lasting, open_to_all, policy, now=verdict.until) == Pass()
    between = now + share * (verdict.until - now)
    assert isinstance(decide_send(lasting, open_to_all, policy, now=between), Hold)
    short = replace(lasting, expires_at=verdict.until)
    assert decide_send(short, open_to_all, policy, now=now) == Drop(reason=verdict.reason)
