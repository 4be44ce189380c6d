"""How a unit falls into an arm: by its place on a salted circle, never by dice."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from perennial.decide.assignment.model import Assignment, Holdout
from perennial.kernel.ids import ProfileId, bucket, profile_text
from perennial.kernel.windows import Zone


def assign(unit: str, *, salt: str, weights: Sequence[tuple[str, float]]) -> Assignment:
    """Place a unit into one of the arms by their shares of the weights' sum.

    Arms take half-open ranges of [0, 1) in the order given, so changing weights moves the fewest
    people when arms keep their order. An arm of weight 0 is never assigned.
    Raises ValueError where no arm has a positive weight or one is negative.
    """
    total = sum(weight for _, weight in weights)
    if total <= 0 or any(weight < 0 for _, weight in weights):
        raise ValueError(f"weights must be positive, got {list(weights)}")
    place = bucket(unit, salt=salt)
    open_arms = [(arm, weight / total) for arm, weight in weights if weight > 0]
    end = 0.0
    for arm, share in open_arms:
        end += share
        if place < end:
            return Assignment(arm=arm, probability=share, salt=salt)
    # Shares may add up to a hair less than 1; what lies beyond belongs to the last arm.
    arm, share = open_arms[-1]
    return Assignment(arm=arm, probability=share, salt=salt)


@lru_cache(maxsize=64)
def holdout_salt(now: datetime, zone: Zone) -> str:
    """The salt of the global holdout at an instant: another each local quarter, such as `holdout:2026-Q4`."""
    today = now.astimezone(zone.rules).date()
    return f"holdout:{today.year}-Q{(today.month + 2) // 3}"


def is_held_out(profile_id: ProfileId, holdout: Holdout | None, *, now: datetime, zone: Zone) -> bool:
    """Whether a person gets no marketing this quarter; a larger share keeps everyone who was in."""
    return (
        holdout is not None and bucket(profile_text(profile_id), salt=holdout_salt(now, zone)) < holdout.share
    )
