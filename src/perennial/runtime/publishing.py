"""Publishing journeys: over nothing, or over a version in which people stand."""

from collections.abc import Mapping, Sequence
from typing import cast

from perennial.compute.definitions.service import vocabulary
from perennial.decide import journeys
from perennial.decide.journeys import JourneyVocabulary, PublishedJourney
from perennial.decide.journeys.model import Journey, Zones
from perennial.decide.journeys.plans import (
    Plan,
    Standing,
    check_covered,
    fate_of,
    read_plan,
    suggested,
    written_plan,
)
from perennial.decide.rehearsals.changes import changes, sentences
from perennial.deliver.messages.rules import own_zones
from perennial.deliver.templates import list_templates
from perennial.kernel.documents import read_document
from perennial.kernel.errors import NotFound, Refused
from perennial.kernel.events import EmittedEvent
from perennial.kernel.ids import JourneyId, ProfileId
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone
from perennial.runtime import shown
from perennial.runtime.approval import entering_now
from perennial.runtime.ports import StateTransaction
from perennial.runtime.shown import Page, Shown
from perennial.runtime.tagging import Tagging

_TOLD_CHANGES = 5
"""Of what somebody else changed meanwhile, in a refusal; the diff shows all."""


class JourneyChanged(Refused):
    """Somebody published the journey after this change was begun."""

    code = "journey_changed"


class UnknownVersion(NotFound):
    """The journey has no such version."""

    code = "unknown_version"


class Publishing(Tagging):
    """A workspace as far as its journeys come to be published, and what was published before."""

    def publish_journey(
        self,
        text: str,
        *,
        approve: bool = False,
        plan: Json = None,
        base_version: int | None = None,
    ) -> Shown:
        """Publish a journey's document as its next version, live from now on.

        Who stands in an earlier version needs a `plan` (`journeys.plans`), which is carried out in the same
        transaction. `base_version` is the version the change was begun with.

        Raises PlanNeeded with the head-count per node; JourneyChanged where another version was published
        meanwhile, with what it changed; ApprovalNeeded, with their number, where present members would come
        in at once; InvalidDocument.
        """
        document = read_document(text, name="journey")
        with self._processor.turn:
            now = self._now()
            with self._stages.state.read() as transaction:
                journey = journeys.read_journey(document, known=self._journey_vocabulary(transaction))
            # Everyone may be asked: before the writer's turn, so that nobody waits for it meanwhile.
            self._processor.fill_for(journey, now=now)
            with self._stages.state.begin() as transaction:
                _check_base(journey, base_version, transaction)
                fates = _agreed(journey, plan, transaction)
                members = self._processor.present_members(journey, transaction)
                if members and not approve:
                    raise entering_now(len(members))
                published = journeys.publish(transaction.journeys, journey, now=now, plan=fates)
                if fates:
                    _carry_out(fates, published, transaction, self._stages.zone)
                self._processor.take_in(members, published, transaction, now=now)
                return self._journey_status(transaction, published.journey.journey_id)

    def plan_journey(self, text: str) -> Mapping[str, object]:
        """Whom publishing a draft would touch: who stands at which node of which version, and who comes in.

        `plan` is a plan to begin with: a node that is there again goes on in the new version.
        """
        document = read_document(text, name="journey")
        with self._processor.turn:
            with self._stages.state.read() as transaction:
                draft = journeys.read_journey(document, known=self._journey_vocabulary(transaction))
            self._processor.fill_for(draft, now=self._now())
            with self._stages.state.read() as transaction:
                newest = transaction.journeys.find(draft.journey_id)
                is_same = newest is not None and journeys.is_same(newest.journey, draft)
                members = self._processor.present_members(draft, transaction)
                standing = [] if is_same else _standing(draft, transaction)
                live = {one.version: _version(draft.journey_id, one.version, transaction) for one in standing}
        rows = [_row(one, live[one.version].journey, draft) for one in standing]
        return {
            "journey": draft.journey_id,
            "version": None if newest is None else newest.version,
            "same": is_same,
            "people": sum(one.people for one in standing),
            "entering": len(members),
            "standing": rows,
            "nodes": list(draft.nodes),
            "plan": {str(row["node"]): row["suggested"] for row in rows},
        }

    def list_journey_versions(self, journey_id: str, *, limit: int = 100, after: str | None = None) -> Page:
        """A journey's versions, the newest first, with what became of people when each was published."""
        named = JourneyId(journey_id)
        before = int(after) if after is not None and after.isdecimal() else None
        with self._stages.state.read() as transaction:
            newest = journeys.get_journey(transaction.journeys, named)
            found = transaction.journeys.history(named, limit=limit + 1, before=before)
            standing = transaction.enrollments.standing_before(named, newest.version + 1)
        people: dict[int, int] = {}
        for one in standing:
            people[one.version] = people.get(one.version, 0) + one.people
        rows = [_version_row(one, people.get(one.version, 0)) for one in found[:limit]]
        return Page(rows, str(found[limit - 1].version) if len(found) > limit else None)

    def show_journey_version(self, journey_id: str, version: int) -> Shown:
        """One version: its document, and what it changed of the one before, in words."""
        named = JourneyId(journey_id)
        with self._stages.state.read() as transaction:
            journeys.get_journey(transaction.journeys, named)
            found = _version(named, version, transaction)
            before = transaction.journeys.find(named, version - 1)
        told = () if before is None else _told(before, found)
        return {
            **_version_row(found, None),
            "document": journeys.journey_document(found.journey),
            "changes": list(told),
        }

    # --- shared -----------------------------------------------------------------------------------

    def _journey_vocabulary(self, transaction: StateTransaction) -> JourneyVocabulary:
        templates = [one.template.template_id for one in list_templates(transaction.templates)]
        return JourneyVocabulary(conditions=vocabulary(transaction), templates=templates)

    def _journey_status(self, transaction: StateTransaction, journey_id: str) -> Shown:
        status = journeys.get_status(transaction.journeys, JourneyId(journey_id))
        return shown.journey(
            status, journeys.get_journey(transaction.journeys, status.journey_id).journey.name
        )


def _check_base(journey: Journey, base_version: int | None, transaction: StateTransaction) -> None:
    """Refuse a change that was begun with another version than the newest, and say what came between."""
    newest = transaction.journeys.find(journey.journey_id)
    if base_version is None or (0 if newest is None else newest.version) == base_version:
        return
    if newest is None:
        message = f"The journey {journey.journey_id!r} has no version yet, so none to begin with."
        raise JourneyChanged(message, hint="Leave the base version out.", path="$.base_version")
    if journeys.is_same(newest.journey, journey):
        return  # somebody published just this
    base = transaction.journeys.find(journey.journey_id, base_version)
    told = [] if base is None else [one["en"] for one in _told(base, newest)]
    more = f" And {len(told) - _TOLD_CHANGES} more." if len(told) > _TOLD_CHANGES else ""
    raise JourneyChanged(
        f"Version {newest.version} was published at {newest.published_at:%Y-%m-%d %H:%M} UTC, after version "
        f"{base_version}, with which this change began. {' '.join(told[:_TOLD_CHANGES])}{more}".strip(),
        hint="Look at what changed (`perennial journey versions ID`), and publish again on top of it.",
        path="$.base_version",
    )


def _agreed(journey: Journey, plan: Json, transaction: StateTransaction) -> Plan:
    """The plan for everybody in earlier versions; empty where the document is the newest version already."""
    fates: Plan = {} if plan is None else read_plan(plan, journey)
    newest = transaction.journeys.find(journey.journey_id)
    if newest is None or journeys.is_same(newest.journey, journey):
        return {}
    standing = _standing(journey, transaction)
    check_covered(fates, standing)
    return {one.node: fate for one in standing if (fate := fate_of(fates, one.node)) is not None}


def _standing(journey: Journey, transaction: StateTransaction) -> list[Standing]:
    newest = transaction.journeys.find(journey.journey_id)
    if newest is None:
        return []
    return list(transaction.enrollments.standing_before(journey.journey_id, newest.version + 1))


def _carry_out(fates: Plan, published: PublishedJourney, transaction: StateTransaction, zone: Zone) -> None:
    def zones(people: Sequence[ProfileId]) -> Mapping[ProfileId, Zones]:
        own = own_zones(transaction.traits.of(people), zone)
        return {one: Zones(workspace=zone, person=own.get(one)) for one in people}

    steps = journeys.carry_over(transaction.journeys, transaction.enrollments, published, fates, zones=zones)
    transaction.emitted.record(
        [effect for step in steps for effect in step.effects if isinstance(effect, EmittedEvent)]
    )


def _version(journey_id: JourneyId, version: int, transaction: StateTransaction) -> PublishedJourney:
    found = transaction.journeys.find(journey_id, version)
    if found is None:
        raise UnknownVersion(f"{journey_id!r} has no version {version}.", path="$.version")
    return found


def _row(one: Standing, live: Journey, draft: Journey) -> dict[str, object]:
    node = live.nodes.get(one.node)
    begin = written_plan({one.node: suggested(one.node, live, draft)})
    return {
        "version": one.version,
        "node": one.node,
        "kind": "" if node is None else node.kind,
        "people": one.people,
        "in_draft": one.node in draft.nodes,
        "suggested": begin[one.node],
    }


def _version_row(one: PublishedJourney, people: int | None) -> dict[str, Json]:
    row: dict[str, Json] = {
        "journey": one.journey.journey_id,
        "version": one.version,
        "published_at": cast("Json", one.published_at),
        "plan": dict(one.plan),
    }
    return row if people is None else {**row, "people": people}


def _told(before: PublishedJourney, after: PublishedJourney) -> tuple[dict[str, str], ...]:
    """What a version changed of one before it, in words, by language."""
    first, second = before.journey, after.journey
    return tuple(
        sentences(one, first, second, people=0, version=before.version) for one in changes(first, second)
    )
