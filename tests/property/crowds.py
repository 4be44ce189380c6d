"""Crowded logs: several people do a few things at the same few instants with the same few keys.

So borders, ties and events that fit several places are the rule.
"""

from datetime import timedelta

from hypothesis import Phase
from hypothesis import strategies as st
from tests.property.questioned_logs import Log
from tests.property.strategies import (
    ARMS,
    CHANNELS,
    EVENTS,
    JOURNEYS,
    SPANS,
    TOPICS,
    moments,
    related,
    told_conditions,
)

from perennial.kernel.conditions.model import Condition, Not
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json
from perennial.kernel.windows import MICROSECOND
from perennial.testing import HistoryEvent, PersonHistory

PEOPLE, QUESTIONS = 12, 16
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""A log that fails is told as it is: making one of this size smaller takes longer than finding it."""


@st.composite
def crowded_events(draw: st.DrawFn, moment: Moment, number: int) -> HistoryEvent:
    """One row at one of few instants, with one of few keys."""
    ages = (timedelta(), timedelta(minutes=1), *SPANS, *(one + another for one in SPANS for another in SPANS))
    nudge = draw(st.sampled_from((timedelta(), timedelta(), MICROSECOND, -MICROSECOND)))
    occurred_at = moment.as_of - draw(st.sampled_from(ages)) + nudge
    kind = draw(
        st.sampled_from(("track", "track", "track", "track", "track", "page", "consent", "perennial"))
    )
    key: Json = draw(st.sampled_from(("a", "b", 5, "5", None, ["a", "b"], [])))
    properties: dict[str, Json] = {"code": key, "items": [{"sku": key}], "amount": draw(st.integers(0, 2))}
    name = draw(st.sampled_from(EVENTS)) if kind == "track" else kind
    if kind == "consent":
        properties = {
            "channel": draw(st.sampled_from(CHANNELS)),
            "topic": draw(st.sampled_from(TOPICS)),
            "state": draw(st.sampled_from(("granted", "withdrawn"))),
        }
    if kind == "perennial":
        name = "journey_entered"
        properties = {"journey": draw(st.sampled_from(JOURNEYS)), "arm": draw(st.sampled_from(ARMS))}
    return HistoryEvent(
        name=name,
        kind=kind,
        origin="perennial" if kind == "perennial" else "source",
        occurred_at=occurred_at,
        received_at=occurred_at,
        message_id=f"m-{number:04d}",
        properties=properties,
    )


@st.composite
def crowds(draw: st.DrawFn, *, asked: st.SearchStrategy[Condition] | None = None) -> Log:
    """People who did much alike, and what is asked about them."""
    moment = draw(moments())
    people = [
        PersonHistory(
            profile_id=ProfileId(1000 + person),
            events=tuple(
                draw(crowded_events(moment, person * 100 + place)) for place in range(draw(st.integers(1, 8)))
            ),
        )
        for person in range(PEOPLE)
    ]
    one = asked or st.one_of(related(), related(), related(), told_conditions())
    questions: st.SearchStrategy[Condition] = st.one_of(one, one, one, st.builds(Not, of=one))
    merged = draw(st.booleans())
    return Log(
        moment=moment,
        people=tuple(people),
        conditions=tuple(draw(st.lists(questions, min_size=QUESTIONS, max_size=QUESTIONS))),
        merges={ProfileId(1000): ProfileId(1001), ProfileId(1001): ProfileId(1005)} if merged else {},
        back=tuple(draw(st.lists(st.sampled_from((timedelta(), *SPANS)), min_size=PEOPLE + 1, max_size=20))),
    )
