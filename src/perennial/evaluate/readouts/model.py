"""A read-out's nouns: what was counted, what it estimates, and the verdict in one word."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from perennial.decide.assignment import Arm
from perennial.kernel.ids import JourneyId, NodeId

ALPHA = 0.05
POWER = 0.8
PLANNED_SAMPLE = 1_000
"""N* of the confidence sequence, in people of both arms: where the interval is narrowest.

Fixed beforehand, as it must be; the interval is valid at every other size too, and only a little wider.
"""
TARGET_LIFT = 0.10
"""The relative effect a journey should be able to show; the design's default."""
LEAST_PEOPLE = 30
"""Matured people per arm below which the interval's normal approximation means nothing."""
LEAST_OUTCOMES = 10
"""People with and people without the goal, both arms together, that the approximation needs."""
SRM_ALARM = 0.001
"""Below this the shares of the arms are no accident, and the read-out gives no verdict."""

VerdictWord = Literal["effect_shown", "no_effect_shown", "cannot_be_measured", "srm_failed"]
Obstacle = Literal["no_goal", "no_control", "nobody_matured", "too_few_people", "too_few_outcomes"]
"""Why an effect cannot be measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmGroup:
    """People (by their first entry) of one arm who met the same chance of being control.

    People who were seen in both arms belong to no group.
    """

    arm: Arm
    control_share: float
    """The probability of `control` at their entry; 0 where the version had none."""
    people: int
    matured: int
    """Those whose goal window has ended; only they are compared."""
    reached: int
    """Matured people who reached the goal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCounts:
    """How often a node was entered and left by each edge; `ended_here` were taken out there."""

    node: NodeId
    entered: int
    left: Mapping[str, int]
    ended_here: int = 0

    @property
    def waiting(self) -> int:
        """Runs that stand there now."""
        return self.entered - sum(self.left.values()) - self.ended_here


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmResult:
    """One arm's side of the comparison."""

    arm: Arm
    people: int
    matured: int
    reached: int

    @property
    def goal_rate(self) -> float | None:
        """Share of matured people who reached the goal; None where nobody's window has ended."""
        return self.reached / self.matured if self.matured else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioCheck:
    """Whether the arms have the sizes that chance should have given them (sample-ratio mismatch)."""

    p_value: float

    @property
    def is_alarming(self) -> bool:
        """Whether the shares are no accident."""
        return self.p_value < SRM_ALARM


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Intent to treat: everyone assigned counts, whether or not a message reached them."""

    arms: tuple[ArmResult, ...]
    """Treated, then control."""
    difference: Estimate | None
    """Goal rate of treated minus control, in shares of 1, with an always-valid interval."""
    relative: Estimate | None
    """The same as a share of the control's rate, by the log-ratio; None where a rate is 0."""
    srm: RatioCheck | None
    verdict: VerdictWord
    obstacle: Obstacle | None = None
    people_needed: int | None = None
    """Matured people, both arms together, that would show a relative effect of 10 % in 4 of 5 cases."""
    smallest_visible: float | None = None
    """The smallest difference (in shares of 1) that these numbers would show in 4 of 5 cases."""
    left_out: int = 0
    """People who came in under another control share; they are not compared."""

    @property
    def people(self) -> int:
        """Everyone who ever came in."""
        return sum(arm.people for arm in self.arms) + self.left_out

    @property
    def matured_share(self) -> float | None:
        """Share of people whose goal window has ended."""
        people = sum(arm.people for arm in self.arms)
        return sum(arm.matured for arm in self.arms) / people if people else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readout:
    """What came of a journey: its numbers, and whether it did any good."""

    journey_id: JourneyId
    version: int
    nodes: tuple[NodeCounts, ...]
    messages: Mapping[str, int]
    """Messages by where they stand: sent, withheld, held, dropped …"""
    comparison: Comparison
