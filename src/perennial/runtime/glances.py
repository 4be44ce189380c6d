"""Reads that span the stages: how a workspace stands today, and one journey as a picture with its counts."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from perennial.decide.journeys import Journey, JourneyStatus, get_journey, get_status, list_journeys
from perennial.decide.journeys.words import sentences
from perennial.decide.journeys.write import journey_document
from perennial.evaluate import readouts
from perennial.evaluate.readouts import Comparison
from perennial.evaluate.today import JourneyRuns, TodayFacts, filled, last_days
from perennial.evaluate.today.model import NAMES_SHOWN, NO_RUNS
from perennial.kernel.ids import JourneyId
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone, start_of_day
from perennial.runtime.log_facts import FactsAt
from perennial.runtime.ports import StateTransaction
from perennial.runtime.processor import INTAKE, Stages

Glance = Mapping[str, object]
"""A document of plain values, dates and instants; its shape is the edge's response model."""


def today(stages: Stages, facts: FactsAt, transaction: StateTransaction, *, people: int) -> Glance:
    """How a workspace stands: its activity by day, its segments, journeys and messages, and what is behind.

    `people` is everyone known by now. Journeys are all there are, by id.
    """
    now = facts.now
    totals = facts.today.totals(now=now)
    fills = transaction.segments.fills()
    return {
        "as_of": now,
        "timezone": stages.zone.name,
        "people": people,
        "events": totals.events,
        "first_event_at": totals.first_event_at,
        "last_event_at": totals.last_event_at,
        "days": _days(facts.today, stages.zone, now),
        "counts_by_event": totals.by_name[:NAMES_SHOWN],
        "segments": [
            {
                "id": segment.segment_id,
                "name": segment.name,
                "people": fills[segment.segment_id].people if segment.segment_id in fills else None,
            }
            for segment in stages.segments.list(state=transaction)
        ],
        "tags": len(stages.tags.list(state=transaction)),
        "journeys": _journeys(facts, transaction),
        "messages": _messages(facts, transaction),
        "behind": max(0, stages.intake.position() - transaction.offsets.get(INTAKE)),
    }


def journey(stages: Stages, facts: FactsAt, transaction: StateTransaction, journey_id: JourneyId) -> Glance:
    """One journey's newest version as its document, and what the log counts at each node, all versions.

    Raises JourneyNotFound.
    """
    now = facts.now
    newest = get_journey(transaction.journeys, journey_id).journey
    comparison = readouts.comparisons([newest], facts.journeys, now=now)[journey_id]
    return {
        **_status(get_status(transaction.journeys, journey_id), newest),
        "as_of": now,
        "timezone": stages.zone.name,
        "document": journey_document(newest),
        "sentences": sentences(newest),
        "entered": comparison.people,
        "nodes": {node.node: node for node in readouts.node_counts(newest, facts.journeys, now=now)},
        "arms": {arm.arm: arm.people for arm in comparison.arms},
    }


def _days(facts: TodayFacts, zone: Zone, now: datetime) -> Sequence[object]:
    days = last_days(now, zone)
    return filled(facts.days(start=start_of_day(days[0], zone), now=now, zone=zone), days)


def _messages(facts: FactsAt, transaction: StateTransaction) -> Sequence[Glance]:
    # Controls' messages never come to the outbox: the log alone knows them, as a read-out counts them.
    counts: dict[str, int] = {**transaction.outbox.counts(), "withheld": facts.today.withheld(now=facts.now)}
    return [{"state": state, "count": count} for state, count in sorted(counts.items()) if count]


def _journeys(facts: FactsAt, transaction: StateTransaction) -> Sequence[Glance]:
    listed = list_journeys(transaction.journeys)
    if not listed:
        return []
    newest = transaction.journeys.versions([(status.journey_id, status.version) for status in listed])
    published = {one.journey.journey_id: one.journey for one in newest.values()}
    runs = facts.today.runs(now=facts.now)
    helped = readouts.comparisons(list(published.values()), facts.journeys, now=facts.now)
    return [
        {
            **_status(status, published[status.journey_id]),
            **_runs(runs.get(status.journey_id, NO_RUNS)),
            "effect": _effect(helped[status.journey_id]),
        }
        for status in listed
    ]


def _status(status: JourneyStatus, newest: Journey) -> Glance:
    return {
        "id": status.journey_id,
        "name": newest.name,
        "state": status.state,
        "version": status.version,
        "published_at": status.published_at,
    }


def _runs(runs: JourneyRuns) -> Mapping[str, int]:
    return {"entered": runs.entered, "in_progress": runs.in_progress, "goal": runs.reached}


def _effect(comparison: Comparison) -> Mapping[str, Json]:
    gap = comparison.difference
    return {
        "difference": None if gap is None else gap.value,
        "interval": None if gap is None else [gap.low, gap.high],
        "verdict": comparison.verdict,
        "obstacle": comparison.obstacle,
        "sentence": readouts.sentences(comparison),
    }
