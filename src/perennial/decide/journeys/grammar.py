"""The words of a journey document: what is built, and what the design has and is refused by name."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from perennial.kernel.conditions.parse import Vocabulary

JOURNEY_KEYS = ("id", "name", "entry", "reentry", "goal", "exit", "control", "start", "nodes", "examples")
ENTRY_KEYS = ("on", "key", "if", "max_age")
MATCH_KEYS = ("event", "where", "same", "message")
GOAL_KEYS = (*MATCH_KEYS, "for")
SEND_KEYS = ("channel", "template", "topic", "priority", "value", "at", "expires", "over_cap", "on_drop")

NODE_KEYS: Mapping[str, tuple[str, ...]] = {
    "wait": ("wait", "restart_on", "then"),
    "wait_until": ("wait_until", "at_most", "restart_on", "then", "on_timeout"),
    "branch": ("branch", "else"),
    "split": ("split",),
    "send": ("send", "then"),
    "join": ("join", "then"),
    "exit": ("exit",),
}
"""The kinds of nodes, and the keys each may have."""

LATER_NODES = ("set", "list", "webhook", "start", "reward", "task")
LATER_ENTRIES = ("schedule", "audience")
WAIT_KEYS = ("until", "zone", "on")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LATER_WAITS = ("until_trait", "before")
LATER_CHANNELS = ("sms", "push", "web_push", "in_app", "wechat", "apprise")
CONDITION_FORMS = (
    *("all", "any", "not", "did", "measure", "change", "sequence", "after", "rank"),
    *("trait", "tag", "segment", "seen", "consent", "assigned"),
)
"""Conditions, where an event match may stand as well; as goals and waits they are not built yet."""

IDENTIFIER = re.compile(r"\w[\w-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyVocabulary:
    """The names that exist in a workspace; a reference to any other is a mistake."""

    conditions: Vocabulary = field(default_factory=Vocabulary)
    templates: Collection[str] | None = None
    """None where any template may be named."""
