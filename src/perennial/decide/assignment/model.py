"""An assignment's nouns: which arm a unit got, and how probable that was."""

from dataclasses import dataclass
from typing import Literal

Arm = Literal["treated", "control"]
TREATED: Arm = "treated"
CONTROL: Arm = "control"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """The arm a unit falls into, for ever, under one salt; kept with its probability."""

    arm: str
    probability: float
    salt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdout:
    """The part of all people that gets no marketing, chosen anew each quarter."""

    share: float
