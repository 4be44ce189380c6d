"""Cleaning carried out: the rules of a workspace, in order, on the calls of one source."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from perennial.collect.cleaning.hashing import Hashing
from perennial.collect.cleaning.model import (
    Bots,
    CleaningRule,
    CleaningRules,
    ClockOutliers,
    Hash,
    Multiply,
    NearDuplicates,
    Normalise,
    Rename,
    TestAccounts,
)
from perennial.collect.cleaning.recent import RecentCalls
from perennial.collect.cleaning.rules import Find, Rewrite, finder_of, is_named, rewriter_of
from perennial.collect.events.call import Call
from perennial.collect.events.model import Refusal
from perennial.kernel.events import EVENT_KINDS
from perennial.kernel.values import Json

_REFUSED: Mapping[type, tuple[str, str, str]] = {
    Bots: (".context.userAgent", "bot", "This comes from a bot."),
    TestAccounts: ("", "test_account", "This comes from somebody who tests."),
    ClockOutliers: (".timestamp", "clock_outlier", "This happened ahead of its reception, or too long ago."),
    NearDuplicates: ("", "near_duplicate", "The same came a moment ago under another id."),
}
"""What a dropped call is refused with, by what found it: place, code, and why."""


@dataclass(slots=True)
class Cleaned:
    """A call on its way through the rules, with what they did to it."""

    call: Call
    rules: list[str] = field(default_factory=list[str])
    was: dict[str, Json] = field(default_factory=dict[str, Json])
    is_aside: bool = False
    refusal: Refusal | None = None


_Step = Callable[[Cleaned], None]


class Cleaning:
    """The rules for the calls of one source."""

    def __init__(self, rules: CleaningRules, source: str, recent: RecentCalls, *, key: bytes = b"") -> None:
        chosen = [rule for rule in rules.rules if not rule.sources or is_named(source, rule.sources)]
        self._steps = [_step_of(rule, recent, key) for rule in chosen]
        hashed = [path for rule in chosen if isinstance(rule.deed, Hash) for path in rule.deed.at]
        self.hashing = Hashing(hashed, key=key) if hashed else None
        """What hides values of refused calls too; None where nothing is hashed."""
        self.judges_clocks = any(
            isinstance(rule.deed, ClockOutliers) and rule.deed.ahead is not None for rule in chosen
        )
        """Whether a rule says what becomes of calls that have not happened yet."""

    def __bool__(self) -> bool:
        return bool(self._steps)

    def clean(self, call: Call) -> Cleaned:
        """A call after every rule, up to the first that drops it."""
        cleaned = Cleaned(call)
        for step in self._steps:
            step(cleaned)
            if cleaned.refusal is not None:
                break
        if self.hashing is not None:
            # What another rule changed may have been the very value, under another name too.
            cleaned.was.clear()
        return cleaned


def dropped_message(rule_id: str) -> str:
    """What a call that a rule drops is refused with: drops are counted by it."""
    return f"The rule of cleaning {rule_id!r} drops this."


def _step_of(rule: CleaningRule, recent: RecentCalls, key: bytes) -> _Step:
    deed = rule.deed
    if isinstance(deed, Hash):
        return _hashing(rule.id, Hashing(deed.at, key=key))
    if isinstance(deed, Normalise | Multiply | Rename):
        return _for_events(rule.events, _rewriting(rule.id, rewriter_of(deed)))
    if isinstance(deed, NearDuplicates):
        within = deed.within
        find: Find = lambda call: call.kind in EVENT_KINDS and recent.is_repeat(call, within=within)  # noqa: E731
    else:
        find = finder_of(deed)
    return _for_events(rule.events, _finding(rule, deed.outcome, find))


def _for_events(events: Sequence[str], step: _Step) -> _Step:
    if not events:
        return step
    named = frozenset(events)

    def only(cleaned: Cleaned) -> None:
        if cleaned.call.name in named:
            step(cleaned)

    return only


def _rewriting(rule_id: str, rewrite: Rewrite) -> _Step:
    def step(cleaned: Cleaned) -> None:
        properties, was = rewrite(cleaned.call.properties)
        if was:
            cleaned.call = replace(cleaned.call, properties=properties)
            cleaned.rules.append(rule_id)
            # Of several changes of one value the first says what was sent.
            cleaned.was = {**was, **cleaned.was}

    return step


def _hashing(rule_id: str, hashing: Hashing) -> _Step:
    def step(cleaned: Cleaned) -> None:
        hashed = hashing.call(cleaned.call)
        if hashed is not cleaned.call:
            cleaned.call = hashed
            cleaned.rules.append(rule_id)

    return step


def _finding(rule: CleaningRule, outcome: str, find: Find) -> _Step:
    path, code, reason = _REFUSED[type(rule.deed)]
    refusal = Refusal(path=path, code=code, message=dropped_message(rule.id), hint=reason)

    def step(cleaned: Cleaned) -> None:
        if not find(cleaned.call):
            return
        if outcome == "drop":
            cleaned.refusal = refusal
            return
        cleaned.rules.append(rule.id)
        cleaned.is_aside |= outcome == "exclude"
        if outcome == "clamp" and cleaned.call.occurred_at != cleaned.call.received_at:
            cleaned.was["timestamp"] = cleaned.call.occurred_at.isoformat()
            cleaned.call = replace(cleaned.call, occurred_at=cleaned.call.received_at)

    return step
