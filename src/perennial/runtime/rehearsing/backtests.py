"""Running a backtest: one journey over a span of what was recorded, and the report of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from perennial.decide.journeys import Journey, PublishedJourney
from perennial.decide.journeys.model import SegmentEntry
from perennial.decide.policies import GatePolicy
from perennial.decide.rehearsals import Reach, Setting, Tally, reach_of, report_document
from perennial.decide.rehearsals.backtests import BacktestCancelled, step_for
from perennial.evaluate.readouts.rules import people_needed, smallest_visible
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.ids import SegmentId
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone
from perennial.runtime.rehearsing.engine import Rehearsal, Watch, Witness
from perennial.runtime.rehearsing.ports import Facts, Past

_SHARES = (0.05, 0.1, 0.2, 0.5)
"""Shares of control that a report reckons with, beside the journey's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The part of the past that is rehearsed."""

    start: datetime
    end: datetime
    step: timedelta | None = None
    """None chooses one by the length."""

    @property
    def step_taken(self) -> timedelta:
        """How far the clock moves at once."""
        return self.step or step_for(self.end - self.start)

    def check(self, *, now: datetime) -> None:
        """Raise InvalidDocument unless there is something between the two, and it is past."""
        if self.start >= self.end:
            raise _refused("$.from", "It begins where it ends, or later.", "`from` is before `to`.")
        if self.end > now:
            raise _refused("$.to", "The future is not recorded.", "End it now, or earlier.")
        if self.step is not None and self.step < timedelta(seconds=1):
            raise _refused("$.step", "A step is a second or longer.", "Leave it out.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a backtest runs in."""

    past: Past
    facts: Facts
    policy: GatePolicy
    zone: Zone
    recorded: Mapping[SegmentId, datetime] = field(default_factory=dict[SegmentId, datetime])
    """Since when each segment has been as it is today: from then on its comings and goings are recorded."""


def backtest(
    journey: Journey, span: Span, stage: Stage, watch: Watch, witnesses: Sequence[Witness] = ()
) -> dict[str, Json]:
    """What a journey would have done. Raises BacktestCancelled."""
    followed = frozenset(_followed(journey, span, stage))
    setting = Setting(
        journeys=(PublishedJourney(journey=journey, version=1, published_at=span.start),),
        start=span.start,
        end=span.end,
        step=span.step_taken,
        policy=stage.policy,
        zone=stage.zone,
        followed=followed,
    )
    tally = Tally(journey)
    rehearsal = Rehearsal(setting, stage.past, stage.facts, [tally, *witnesses], watch)
    if not rehearsal.run():
        raise BacktestCancelled
    reach = reach_of(rehearsal.runs.all(), journey.journey_id, end=span.end)
    return {
        **report_document(tally, reach, waiting=rehearsal.gate.waiting),
        "from": span.start.isoformat(),
        "to": span.end.isoformat(),
        "step_seconds": int(span.step_taken.total_seconds()),
        "events": rehearsal.taken,
        "control": control_document(journey, reach, entered=tally.entered.total(), span=span),
        "segments": dict.fromkeys(sorted(followed), "counted daily"),
    }


def control_document(journey: Journey, reach: Reach, *, entered: int, span: Span) -> dict[str, Json]:
    """How many people a control needs, by its share, at the base rate found, and how long that takes."""
    base = reach.base_rate
    per_day = entered / ((span.end - span.start) / timedelta(days=1))
    shares = sorted({*_SHARES, *((journey.control,) if journey.control else ())})
    return {
        "share": journey.control,
        "base_rate": base,
        "entered_per_day": per_day,
        "needed": [_needed(share, base, per_day) for share in shares],
    }


def _needed(share: float, base: float | None, per_day: float) -> dict[str, Json]:
    people = people_needed(base or 0.0, control_share=share)
    control = round(per_day * 30 * share)
    visible = smallest_visible(base, round(per_day * 30) - control, control)
    return {
        "share": share,
        "people": people,
        "days": None if people is None or not per_day else people / per_day,
        "visible_in_30_days": None if visible is None or not base else visible / base,
    }


def _followed(journey: Journey, span: Span, stage: Stage) -> Sequence[SegmentId]:
    on = journey.entry.on
    if not isinstance(on, SegmentEntry):
        return ()
    since = stage.recorded.get(on.segment)
    return () if since is not None and since <= span.start else (on.segment,)


def _refused(path: str, message: str, hint: str) -> InvalidDocument:
    return InvalidDocument([Problem(path=path, code="bad_span", message=message, hint=hint)])
