"""Taking a wrong merge back: recorded first, then told to the event store, then everything asked anew.

The record commits in one transaction of the state, whose writers take turns: every batch is settled either
before it or after it, and stays as it was settled. The event store is told afterwards, as of any merge; a
crash between the two is made good before the next batch writes a row, or at the next start.
"""

from datetime import datetime

from perennial.collect.acquisition import retell
from perennial.collect.identity.service import tell_merges
from perennial.kernel.conditions.moment import Moment
from perennial.kernel.errors import NotFound
from perennial.kernel.ids import ProfileId, profile_text
from perennial.runtime.consequences import Stages, effects_of, occurrence_of, record_effects


class NotMerged(NotFound):
    """Nothing is recorded that made this profile somebody else's."""

    code = "not_merged"


def part_people(stages: Stages, lost: ProfileId, *, now: datetime) -> None:
    """Make a merged profile one of its own again. Repeating it changes nothing.

    Raises NotMerged for one that was never merged.
    """
    with stages.state.begin() as transaction:
        became = transaction.identities.merged([lost])
        was_parted = transaction.identities.part(lost, at=now)
        known = transaction.identities.known(lost)
        former = [one.kept for one in known.unmerges if one.lost == lost] if known else []
        retell([lost, *became.values(), *former], transaction)
    if not was_parted and not former:
        raise NotMerged(
            f"{profile_text(lost)} was not merged into another profile.",
            hint="`perennial people identity ID` lists the merges of a person.",
        )
    with stages.state.begin() as transaction:
        tell_merges(transaction, stages.events)
        changes = stages.segments.refresh_touched(
            [lost, *became.values(), *former],
            at=Moment(as_of=now, zone=stages.zone),
            population=stages.population,
            state=transaction,
        )
        occurrences = [occurrence_of(one) for one in changes.events()]
        effects = effects_of(stages, transaction, occurrences, is_drained=True, now=now)
        record_effects(stages, transaction, changes, effects, now=now)
