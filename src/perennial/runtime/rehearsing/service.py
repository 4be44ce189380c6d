"""What a workspace is asked about journeys before they are live: their examples, and the past."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from perennial.decide import journeys
from perennial.decide.journeys import Journey
from perennial.decide.journeys.model import EventEntry
from perennial.decide.playbook import PLAYS, Play, play
from perennial.decide.policies import GatePolicy
from perennial.decide.rehearsals import lint
from perennial.decide.rehearsals.backtests import Backtest, BacktestNotFound, difference
from perennial.decide.rehearsals.changes import Change, changes, sentences
from perennial.decide.rehearsals.examples import parse_examples
from perennial.deliver.templates import list_templates
from perennial.kernel.documents import read_document
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.events import ANY_EVENT
from perennial.kernel.ids import NodeId, SegmentId
from perennial.kernel.values import Json
from perennial.runtime.deciding import Deciding
from perennial.runtime.exports import Watching
from perennial.runtime.rehearsing.backtests import Span, Stage, backtest
from perennial.runtime.rehearsing.engine import Watch, Witness
from perennial.runtime.rehearsing.examples import Surroundings, run_examples
from perennial.runtime.rehearsing.ports import Past
from perennial.runtime.rehearsing.recorded import Recorded
from perennial.runtime.shown import Page, Shown

KEPT_BACKTESTS = 200
"""Reports that are kept; the oldest go."""

_NO_EXAMPLES = Problem(
    path="$.examples",
    code="no_examples",
    message="The file has no examples.",
    hint="Give `examples`, each with what is `given` and what to `expect`.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestOrder:
    """A backtest that somebody asks for."""

    backtest_id: str
    text: str
    start: datetime
    end: datetime
    against: str | None = None
    """Another draft, to be compared with."""


class Rehearsing(Deciding):
    """A workspace as far as journeys are rehearsed in it. Nothing here touches what is live."""

    _rehearsed: Past

    def test_journey(self, text: str) -> Shown:
        """Run the examples of a journey's file. Raises InvalidDocument where it has mistakes, or none."""
        journey, document = self._draft(text), read_document(text, name="journey")
        if not journey.examples:
            raise InvalidDocument([_NO_EXAMPLES])
        try:
            examples = parse_examples(journey.examples, zone=self._stages.zone)
        except InvalidDocument as refused:
            raise document.placed(refused) from refused
        facts = Recorded(self._stages, self._now())
        around = Surroundings(policy=self._policy(), zone=self._stages.zone, resolve=facts.resolve)
        found = run_examples(journey, examples, around)
        passed = sum(one["ok"] is True for one in found)
        return {
            "journey": journey.journey_id,
            "ok": passed == len(found),
            "passed": passed,
            "failed": len(found) - passed,
            "examples": list[Json](found),
        }

    def lint_journey(self, text: str) -> Sequence[Problem]:
        """What is allowed in a journey's document and probably not meant; nothing where it has mistakes."""
        document, now = read_document(text, name="journey"), self._now()
        try:
            journey = self._draft(text)
        except InvalidDocument:
            return ()
        with self._stages.state.read() as transaction:
            templates = [one.template for one in list_templates(transaction.templates)]
            topics = self._stages.delivery.gate(transaction).policy.topics
        on, events = journey.entry.on, self._stages.events
        is_counted = isinstance(on, EventEntry) and on.pattern.event != ANY_EVENT
        around = lint.Surroundings(
            events=events.counts_by_event(),
            entries_a_month=events.count(event=on.pattern.event, start=now - lint.MONTH, end=now)
            if isinstance(on, EventEntry) and is_counted
            else None,
            topics=topics,
            locales={one.template_id: frozenset(one.locales) for one in templates},
        )
        found = lint.lint(journey, around)
        return document.placed(InvalidDocument(found)).problems if found else ()

    def list_plays(self) -> Sequence[str]:
        """The playbook: ready journeys that we ship."""
        return PLAYS

    def show_play(self, name: str) -> Play:
        """One of them, with its files as texts. Raises NotFound."""
        return play(name)

    def diff_journey(self, text: str) -> Mapping[str, object]:
        """What a draft changes of the newest version, in words, and how many people stand where."""
        draft = self._draft(text)
        with self._stages.state.read() as transaction:
            published = transaction.journeys.find(draft.journey_id)
            heads = transaction.enrollments.standing(draft.journey_id)
        about: dict[str, object] = {"journey": draft.journey_id, "active": sum(heads.values())}
        if published is None:
            return {**about, "version": None, "same": False, "changes": []}
        live, version = published.journey, published.version
        rows = [_change(one, live, draft, heads, version) for one in changes(live, draft)]
        return {**about, "version": version, "same": not rows, "changes": rows}

    def backtest_journey(
        self, order: BacktestOrder, *, watching: Watching | None = None, witnesses: Sequence[Witness] = ()
    ) -> Shown:
        """Run a draft over the recorded past, keep the report, and return it.

        Witnesses are told of every step and of what became of each message. Raises InvalidDocument,
        BacktestCancelled.
        """
        span, now = Span(start=order.start, end=order.end), self._now()
        span.check(now=now)
        drafts = [self._draft(one) for one in (order.text, order.against) if one is not None]
        stage = Stage(
            past=self._rehearsed,
            facts=Recorded(self._stages, now),
            policy=self._policy(),
            zone=self._stages.zone,
            recorded=self._recorded_since(),
        )
        watch = _watch(watching or Watching())
        reports = [backtest(one, span, stage, watch, witnesses) for one in drafts]
        report: dict[str, Json] = {**reports[0], "backtest": order.backtest_id}
        if len(reports) > 1:
            report |= {"against": reports[1], "difference": difference(reports[0], reports[1])}
        self._keep(order, drafts[0], report)
        return report

    def show_backtest(self, backtest_id: str) -> Shown:
        """A report that is kept. Raises BacktestNotFound."""
        with self._stages.state.read() as transaction:
            found = transaction.backtests.find(backtest_id)
        if found is None:
            raise BacktestNotFound(hint="`perennial journey backtests` lists those that are kept.")
        return found.report

    def list_backtests(self, *, limit: int = 100, after: str | None = None) -> Page:
        """Reports that are kept, the newest first."""
        with self._stages.state.read() as transaction:
            found = transaction.backtests.page(limit=limit + 1, after=after)
        rows = [_row(one) for one in found[:limit]]
        return Page(rows, found[limit - 1].backtest_id if len(found) > limit else None)

    def _draft(self, text: str) -> Journey:
        document = read_document(text, name="journey")
        with self._stages.state.read() as transaction:
            return journeys.read_journey(document, known=self._journey_vocabulary(transaction))

    def _policy(self) -> GatePolicy:
        with self._stages.state.read() as transaction:
            return self._stages.delivery.gate(transaction).policy

    def _recorded_since(self) -> dict[SegmentId, datetime]:
        with self._stages.state.read() as transaction:
            live = transaction.segments.definitions.live()
            return {SegmentId(one.id): one.created_at for one in live}

    def _keep(self, order: BacktestOrder, journey: Journey, report: Mapping[str, Json]) -> None:
        kept = Backtest(
            backtest_id=order.backtest_id,
            journey_id=journey.journey_id,
            start=order.start,
            end=order.end,
            ran_at=self._now(),
            report=report,
        )
        with self._stages.state.begin() as transaction:
            transaction.backtests.add(kept)
            transaction.backtests.forget(kept=KEPT_BACKTESTS)


def _change(
    change: Change, live: Journey, draft: Journey, heads: Mapping[NodeId, int], version: int
) -> dict[str, object]:
    people = 0 if change.node is None else heads.get(change.node, 0)
    return {
        "path": change.path,
        "kind": change.kind,
        "node": change.node,
        "before": change.before,
        "after": change.after,
        "people": people,
        "reading": sentences(change, live, draft, people=people, version=version),
    }


def _watch(watching: Watching) -> Watch:
    return Watch(advance=lambda taken: watching.progress(taken, None), is_cancelled=watching.is_cancelled)


def _row(kept: Backtest) -> Shown:
    return {
        "backtest": kept.backtest_id,
        "journey": kept.journey_id,
        "from": kept.start,
        "to": kept.end,
        "ran_at": kept.ran_at,
        "entered": kept.report["entered"],
    }
