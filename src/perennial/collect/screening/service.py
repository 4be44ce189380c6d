"""Which screening the calls of each source get, kept ready; and what it came to."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from datetime import date, datetime

from msgspec.structs import replace

from perennial.collect.catalogue.rules import masked_text
from perennial.collect.cleaning import Cleaning, CleaningRules, RecentCalls, dropped_message, parse_cleaning
from perennial.collect.cleaning.hashing import Hashing
from perennial.collect.cleaning.model import Hash
from perennial.collect.events.call import Call
from perennial.collect.events.model import Refusal, Screening
from perennial.collect.plans import VIOLATION_CODES, CompiledPlan, Violation, mode_of, parse_plan
from perennial.collect.screening.model import (
    CLEANED,
    NOTES,
    VIOLATIONS,
    WAS,
    CleaningCount,
    CleaningReport,
    Declaration,
    DeclarationKind,
    PlanReport,
    RefusalCount,
    ViolationCount,
)
from perennial.collect.screening.ports import (
    DeclarationState,
    DeclarationStore,
    RefusalCounts,
    ScreeningFacts,
)
from perennial.kernel.events import EVENT_KINDS
from perennial.kernel.ids import derive_text
from perennial.kernel.values import Json, canonical
from perennial.kernel.windows import Zone

_IN_FILE = re.compile(r"^\$\[[0-9]+\]")
"""The row in the path of what was refused of a file."""
_MOST_NOTES = 20
"""Violations that one call carries: more of them tell nobody more."""


@dataclass(frozen=True, slots=True)
class _Declared:
    """The live documents, read, and what they come to for each source that asked."""

    versions: tuple[int, int]
    plan: CompiledPlan | None
    cleaning: CleaningRules | None
    by_source: dict[str, "SourceScreening | None"]

    @property
    def is_empty(self) -> bool:
        return self.plan is None and (self.cleaning is None or not self.cleaning.rules)


_NOTHING = _Declared((0, 0), None, None, {})


class SourceScreening:
    """`collect.events.model.Screening` of one source: clean it, then look whether it is as planned."""

    def __init__(self, plan: CompiledPlan | None, cleaning: Cleaning | None, *, blocks: bool) -> None:
        self._plan = plan
        self._cleaning = cleaning
        self._blocks = blocks
        self.judges_clocks = cleaning is not None and cleaning.judges_clocks

    def concerns(self, events: Iterable[str]) -> bool:
        """Whether it may change or refuse any call of these names."""
        plan = self._plan
        if self._cleaning is not None or plan is None:
            return self._cleaning is not None
        return plan.plan.refuses_other_events or any(map(plan.knows_event, events))

    def conceal(self, payload: str) -> str:
        """What was refused, as it may be kept."""
        hashing = self._cleaning.hashing if self._cleaning is not None else None
        return payload if hashing is None else hashing.payload(payload)

    def __call__(self, call: Call, /) -> Call | Refusal:
        """The call as it is to be logged, or why it is not taken."""
        if call.kind == "consent":
            return call  # what somebody agreed to is kept as it was said, whoever said it
        notes: dict[str, Json] = {}
        is_aside = False
        if self._cleaning is not None:
            cleaned = self._cleaning.clean(call)
            if cleaned.refusal is not None:
                return cleaned.refusal
            call, is_aside = cleaned.call, cleaned.is_aside
            if cleaned.rules:
                notes[CLEANED] = list(dict.fromkeys(cleaned.rules))
            if cleaned.was:
                notes[WAS] = cleaned.was
        if self._plan is not None and not is_aside and (found := self._plan.violations(call)):
            if self._blocks:
                return _refusal(found)
            notes[VIOLATIONS] = [f"{one.code} ${one.path}" for one in found[:_MOST_NOTES]]
        return _noted(call, notes, is_aside=is_aside)


class Screens:
    """What one workspace makes of calls before they are logged; nothing until it declares something."""

    def __init__(self, store: DeclarationStore, *, zone: Zone, key: bytes = b"") -> None:
        self._store = store
        self._key = key
        self._zone = zone
        self._recent = RecentCalls()
        self._declared = _NOTHING
        self.look_up()

    def look_up(self) -> None:
        """Read the live documents: another process may have declared others."""
        with self._store.read() as state:
            plan, cleaning = state.declarations.latest("plan"), state.declarations.latest("cleaning")
        versions = (plan.version if plan else 0, cleaning.version if cleaning else 0)
        if versions == self._declared.versions:
            return
        self._declared = _Declared(
            versions,
            CompiledPlan(parse_plan(plan.document)) if plan else None,
            parse_cleaning(cleaning.document, zone=self._zone) if cleaning else None,
            {},
        )

    def of(self, source: str) -> Screening | None:
        """What the calls of a source are screened by; None where nothing concerns them."""
        declared = self._declared
        if declared.is_empty:
            return None
        if source not in declared.by_source:
            declared.by_source[source] = _screening(declared, source, self._recent, self._key)
        return declared.by_source[source]

    def of_import(self, source: str) -> tuple[Screening | None, str]:
        """The same for a file, which is read again after an interruption; and what it is known by.

        It remembers nothing of other calls, so that reading the file again comes to the same.
        """
        declared = self._declared
        screening = None if declared.is_empty else _screening(declared, source, RecentCalls(), self._key)
        return screening, derive_text("", *map(str, declared.versions)) if screening else ""

    def kept_of(self, path: str, values: Iterable[Json]) -> Sequence[Json]:
        """What is kept instead of values that a rule hashes at a path; nothing where no rule does."""
        cleaning = self._declared.cleaning
        rules = cleaning.rules if cleaning is not None else ()
        if not any(isinstance(rule.deed, Hash) and path in rule.deed.at for rule in rules):
            return []
        hashing = Hashing([path], key=self._key)
        return [hashing.value(value) for value in values]

    @property
    def plan(self) -> CompiledPlan | None:
        """The live tracking plan."""
        return self._declared.plan


def publish(
    kind: DeclarationKind, document: Mapping[str, Json], state: DeclarationState, *, now: datetime
) -> Declaration:
    """Keep a document as the live one; the same again is the same version. It was read without mistakes."""
    live = state.declarations.latest(kind)
    if live is not None and canonical(live.document) == canonical(document):
        return live
    version = 1 if live is None else live.version + 1
    declaration = Declaration(kind=kind, version=version, document=document, created_at=now)
    state.declarations.add(declaration)
    return declaration


def report_plan(
    facts: ScreeningFacts,
    refusals: RefusalCounts,
    personal: Mapping[str, Collection[str]],
    *,
    since: datetime,
) -> PlanReport:
    """How calls kept to the plan since an instant; samples of the `personal` paths of events are masked.

    What was warned of is counted in the log, what was refused among the rejects.
    """
    found = [*facts.violations(since=since), *_blocked(refusals.by_code(VIOLATION_CODES, since=since))]
    everywhere = frozenset(path for paths in personal.values() for path in paths)
    violations = [
        replace_fields(one, sample=masked_text(one.sample))
        if _property(one.path) in (personal.get(one.event, ()) if one.event else everywhere)
        else one
        for one in found
    ]
    violations.sort(key=lambda one: (-one.events, one.code, one.event, one.path, one.source))
    return PlanReport(since=since, violations=violations)


def report_cleaning(
    facts: ScreeningFacts,
    refusals: RefusalCounts,
    rules: CleaningRules | None,
    *,
    since: datetime,
    zone: Zone,
) -> CleaningReport:
    """What each rule did on each day since an instant."""
    messages = {dropped_message(rule.id): rule.id for rule in rules.rules} if rules else {}
    dropped = [
        CleaningCount(rule=messages[message], day=date.fromisoformat(day), outcome="dropped", events=events)
        for message, day, events in refusals.by_day(list(messages), since=since, zone=zone)
    ]
    counts = [*facts.cleaned(since=since, zone=zone), *dropped]
    return CleaningReport(
        since=since, counts=sorted(counts, key=lambda one: (one.day, one.rule, one.outcome))
    )


def _screening(declared: _Declared, source: str, recent: RecentCalls, key: bytes) -> SourceScreening | None:
    cleaning = Cleaning(declared.cleaning, source, recent, key=key) if declared.cleaning else None
    mode = mode_of(declared.plan.plan, source) if declared.plan else "off"
    plan = None if mode == "off" else declared.plan
    if plan is None and not cleaning:
        return None
    return SourceScreening(plan, cleaning or None, blocks=mode == "block")


def _noted(call: Call, notes: Mapping[str, Json], *, is_aside: bool) -> Call:
    """The call with what was found; notes that a client wrote there itself are taken away."""
    if not notes and NOTES not in call.context:
        return call
    context = {key: value for key, value in call.context.items() if key != NOTES}
    if notes:
        context[NOTES] = notes
    # Only events are set aside: what tells who somebody is stays, and says that it was marked.
    kind = "aside" if is_aside and call.kind in EVENT_KINDS else call.kind
    return replace(call, context=context, kind=kind)


def _refusal(found: Sequence[Violation]) -> Refusal:
    first = found[0]
    more = f" {len(found) - 1} more: {', '.join(one.path[1:] for one in found[1:4])}." if found[1:] else ""
    return Refusal(path=first.path, code=first.code, message=first.message, hint=(first.hint + more).strip())


def _property(path: str) -> str:
    """The dotted path among the properties or traits that a JSON path leads to."""
    return path.removeprefix("$").removeprefix(".properties.").removeprefix(".traits.")


def _blocked(refused: Sequence[RefusalCount]) -> Iterator[ViolationCount]:
    """Refusals of one place in a call, in whichever rows of a file it was, as one."""
    places: dict[tuple[str, str, str, str], list[RefusalCount]] = {}
    for one in refused:
        place = (one.code, one.event, _IN_FILE.sub("$", one.path), one.source)
        places.setdefault(place, []).append(one)
    for (code, event, path, source), there in places.items():
        last = max(there, key=lambda one: one.last_at)
        yield ViolationCount(
            outcome="blocked",
            code=code,
            event=event,
            path=path,
            source=source,
            events=sum(one.events for one in there),
            first_at=min(one.first_at for one in there),
            last_at=last.last_at,
            message_id=last.message_id,
            sample=last.message,
        )
