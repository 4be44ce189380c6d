"""Why a condition holds for a person or not: the use case."""

from functools import partial

from perennial.compute.reasons.model import Findings, Reason
from perennial.compute.reasons.ports import Witnesses
from perennial.compute.reasons.rules import WithCuts, every, inquire, reason
from perennial.kernel.conditions.model import Condition
from perennial.kernel.conditions.moment import Ask, Moment
from perennial.kernel.conditions.resolve import Definitions
from perennial.kernel.ids import ProfileId


def why(
    condition: Condition,
    profile_id: ProfileId,
    *,
    at: Moment,
    definitions: Definitions,
    witnesses: Witnesses,
) -> Reason:
    """The verdict on every part of a condition for one person, and the values that decided it.

    Verdicts are the engines' own, those that segments and journeys go by; none is worked out a second time.
    Raises InvalidDocument where the condition refers to what does not exist.
    """
    with_cuts = WithCuts(definitions, partial(witnesses.cut_of, at=at), at=at)
    inquiry = inquire(condition, with_cuts, at=at)
    asked = list(every(inquiry))
    conditions = list(dict.fromkeys(one.meant for one in asked))
    wanted = list(dict.fromkeys(quantity for one in asked for quantity in one.wanted))
    ask = Ask(profile_id=profile_id, as_of=at.as_of)
    verdicts = witnesses.verdicts(conditions, [ask], at=at)[0]
    numbers = witnesses.numbers_of(profile_id, wanted, at=at)
    found = Findings(
        verdicts=dict(zip(conditions, verdicts, strict=True)),
        numbers=dict(zip(wanted, numbers, strict=True)),
        cuts=with_cuts.cuts,
        told=witnesses.told_of(profile_id, {one.told for one in asked if one.told}, at=at),
        kept=witnesses.kept_of(profile_id, {one.kept for one in asked if one.kept}, at=at),
        stored=witnesses.stored_of(profile_id, {one.stored for one in asked if one.stored}, at=at),
    )
    return reason(inquiry, found, at=at)
