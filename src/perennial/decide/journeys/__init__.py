"""A journey is a flowchart that runs: it takes people in, walks each through, and says what to do."""

from perennial.decide.journeys.admission import admit, current_member
from perennial.decide.journeys.grammar import JourneyVocabulary
from perennial.decide.journeys.model import (
    Decision,
    Effect,
    Enrollment,
    Journey,
    JourneyStatus,
    NotAdmitted,
    Occurrence,
    PublishedJourney,
    Question,
    SendMessage,
    Step,
)
from perennial.decide.journeys.parse import parse_journey
from perennial.decide.journeys.ports import Enrollments, JourneyShelf, Verdicts
from perennial.decide.journeys.rules import advance, observe, quarantine
from perennial.decide.journeys.service import (
    JourneyEnded,
    JourneyNotFound,
    carry_over,
    end,
    get_journey,
    get_status,
    is_same,
    list_journeys,
    pause,
    publish,
    read_journey,
    resume,
    validate,
)
from perennial.decide.journeys.write import journey_document

__all__ = [
    "Decision",
    "Effect",
    "Enrollment",
    "Enrollments",
    "Journey",
    "JourneyEnded",
    "JourneyNotFound",
    "JourneyShelf",
    "JourneyStatus",
    "JourneyVocabulary",
    "NotAdmitted",
    "Occurrence",
    "PublishedJourney",
    "Question",
    "SendMessage",
    "Step",
    "Verdicts",
    "admit",
    "advance",
    "carry_over",
    "current_member",
    "end",
    "get_journey",
    "get_status",
    "is_same",
    "journey_document",
    "list_journeys",
    "observe",
    "parse_journey",
    "pause",
    "publish",
    "quarantine",
    "read_journey",
    "resume",
    "validate",
]
