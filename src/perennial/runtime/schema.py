"""The use cases of a workspace about what is sent: the catalogue, the tracking plan, cleaning."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from perennial.collect.catalogue import service as catalogue_service
from perennial.collect.catalogue.model import WHOLE_EVENT
from perennial.collect.catalogue.ports import CatalogueFacts
from perennial.collect.cleaning import parse_cleaning
from perennial.collect.plans import parse_plan, plan_schema
from perennial.collect.screening import Declaration, DeclarationKind, RefusalCounts, ScreeningFacts, Screens
from perennial.collect.screening.service import publish, report_cleaning, report_plan
from perennial.kernel.errors import InvalidDocument, NotFound, Problem
from perennial.kernel.values import Json
from perennial.runtime import schema_shown as shown
from perennial.runtime.consequences import Stages
from perennial.runtime.deciding import Deciding
from perennial.runtime.documents import with_lines
from perennial.runtime.ports import StateStore
from perennial.runtime.processor import Processor
from perennial.runtime.shown import Page, Shown


class NothingDeclared(NotFound):
    """The workspace has no such document yet."""

    code = "not_declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaFacts:
    """Where a workspace's use cases about what is sent find what they count, and what screens its calls."""

    catalogue: CatalogueFacts
    screening: ScreeningFacts
    refusals: RefusalCounts
    screens: Screens


class Knowing(Deciding):
    """A workspace as far as it knows what is sent to it, and says what should be."""

    def __init__(self, stages: Stages, processor: Processor, schema: SchemaFacts) -> None:
        super().__init__(stages, processor)
        self._schema = schema

    def look_up_declarations(self) -> None:
        """Screen by what another process declared meanwhile."""
        self._schema.screens.look_up()

    # --- catalogue --------------------------------------------------------------------------------

    def list_schema_events(self, *, limit: int = 100, after: str | None = None) -> Page:
        """Every event that was ever sent or described, with its numbers, by name."""
        with self._stages.state.read() as transaction:
            found = catalogue_service.list_events(self._schema.catalogue, transaction, now=self._now())
        return shown.by_key([shown.event(one) for one in found], "name", limit=limit, after=after)

    def list_schema_properties(
        self, event: str, *, reveal: bool = False, limit: int = 100, after: str | None = None
    ) -> Page:
        """Every property of an event, by path; samples of personal ones are masked unless revealed."""
        with self._stages.state.read() as transaction:
            found = catalogue_service.list_properties(
                self._schema.catalogue, transaction, event, now=self._now(), reveal=reveal
            )
        return shown.by_key([shown.property_(one) for one in found], "path", limit=limit, after=after)

    def describe_schema(self, event: str, path: str = WHOLE_EVENT, *, said: Mapping[str, Json]) -> Shown:
        """Write what people say of an event or property; what is not named stays as it was."""
        with self._stages.state.begin() as transaction:
            before = catalogue_service.said_of(transaction, event, path)
            after = shown.read_description(before, said)
            kept = catalogue_service.describe(transaction, after, now=self._now())
            return shown.description(kept)

    def schema_drift(self, *, days: int = 30, reveal: bool = False) -> Sequence[Shown]:
        """Events, properties and types that nobody planned or that are not as before, the latest first."""
        since = self._now() - timedelta(days=days)
        with self._stages.state.read() as transaction:
            found = catalogue_service.drift(
                self._schema.catalogue, transaction, self._schema.screens.plan, since=since, reveal=reveal
            )
        return [shown.drift(one) for one in found]

    def suggest_pii(self, *, days: int = 30) -> Sequence[Shown]:
        """Properties whose values look personal and that nobody flagged."""
        since = self._now() - timedelta(days=days)
        with self._stages.state.read() as transaction:
            found = catalogue_service.suggest(self._schema.catalogue, transaction, since=since)
        return [shown.suggestion(one) for one in found]

    def personal_paths(self) -> Mapping[str, frozenset[str]]:
        """The flagged properties of each event; `collect.catalogue.masked` hides them in a listing."""
        return flagged_paths(self._stages.state)

    # --- tracking plan ----------------------------------------------------------------------------

    def validate_plan(self, text: str) -> Sequence[Problem]:
        """Every mistake in a tracking plan."""
        return _mistakes(text, "plan", parse_plan)

    def publish_plan(self, text: str) -> Shown:
        """Make a tracking plan the live one: calls are held against it from now on."""
        return self._publish("plan", with_lines(text, "plan", lambda document: parse_plan(document).document))

    def show_plan(self) -> Shown:
        """The live tracking plan."""
        return self._live("plan")

    def plan_schema(self) -> Mapping[str, Json]:
        """What a tracking plan may look like, as JSON Schema."""
        return plan_schema()

    def report_plan(self, *, days: int = 30, reveal: bool = False) -> Mapping[str, object]:
        """How what was sent kept to the plan."""
        schema, since = self._schema, self._now() - timedelta(days=days)
        personal: Mapping[str, frozenset[str]] = {} if reveal else self.personal_paths()
        return shown.plan_report(report_plan(schema.screening, schema.refusals, personal, since=since))

    # --- cleaning ---------------------------------------------------------------------------------

    def validate_cleaning(self, text: str) -> Sequence[Problem]:
        """Every mistake in rules of cleaning."""
        return _mistakes(text, "cleaning", lambda document: parse_cleaning(document, zone=self.zone))

    def publish_cleaning(self, text: str) -> Shown:
        """Make rules of cleaning the live ones: calls are cleaned by them from now on."""
        document = with_lines(
            text, "cleaning", lambda document: parse_cleaning(document, zone=self.zone).document
        )
        return self._publish("cleaning", document)

    def show_cleaning(self) -> Shown:
        """The live rules of cleaning."""
        return self._live("cleaning")

    def report_cleaning(self, *, days: int = 30) -> Mapping[str, object]:
        """What each rule of cleaning did, day by day."""
        schema, since = self._schema, self._now() - timedelta(days=days)
        with self._stages.state.read() as transaction:
            live = transaction.declarations.latest("cleaning")
        rules = parse_cleaning(live.document, zone=self.zone) if live else None
        return shown.cleaning_report(
            report_cleaning(schema.screening, schema.refusals, rules, since=since, zone=self.zone)
        )

    # --- shared -----------------------------------------------------------------------------------

    def _publish(self, kind: DeclarationKind, document: Mapping[str, Json]) -> Shown:
        with self._stages.state.begin() as transaction:
            declared = publish(kind, document, transaction, now=self._now())
        self._schema.screens.look_up()
        return shown.declaration(declared)

    def _live(self, kind: DeclarationKind) -> Shown:
        with self._stages.state.read() as transaction:
            live: Declaration | None = transaction.declarations.latest(kind)
        if live is None:
            raise NothingDeclared(hint=f"`perennial {kind} publish FILE` declares one.")
        return shown.declaration(live)


def flagged_paths(state: StateStore) -> Mapping[str, frozenset[str]]:
    """The properties of each event that are flagged as personal."""
    with state.read() as transaction:
        return catalogue_service.personal_paths(transaction)


def _mistakes(text: str, kind: str, read: Callable[[Json], object]) -> Sequence[Problem]:
    try:
        with_lines(text, kind, read)
    except InvalidDocument as error:
        return error.problems
    return ()
