"""An assignment is the arm a person falls into by a salted hash: the same person, the same arm, for ever."""

from perennial.decide.assignment.model import CONTROL, TREATED, Arm, Assignment, Holdout
from perennial.decide.assignment.rules import assign, holdout_salt, is_held_out

__all__ = ["CONTROL", "TREATED", "Arm", "Assignment", "Holdout", "assign", "holdout_salt", "is_held_out"]
