"""The use cases of a workspace about tags: what they say, what a change would do, and where they err."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from perennial.compute.definitions.lineage import lineage_of, tag_lineage
from perennial.compute.profiles import Population
from perennial.compute.segments.kept import WithKeptMembers
from perennial.compute.tags import Tag, TagColumn
from perennial.compute.tags.answering import TagQuestions, answer_tags
from perennial.compute.tags.model import Dispute, MeasureTag
from perennial.compute.tags.presets import PRESETS, preset
from perennial.compute.tags.shifts import NOBODY, Shift, value_changes, value_shifts
from perennial.decide.journeys.words import conditions_in
from perennial.kernel.conditions.moment import Moment, moment_asked
from perennial.kernel.conditions.walk import references
from perennial.kernel.errors import Refused
from perennial.kernel.ids import TagId
from perennial.kernel.values import Json
from perennial.runtime import tags_shown
from perennial.runtime.asking import Asking
from perennial.runtime.documents import with_lines
from perennial.runtime.glances import Glance
from perennial.runtime.kept import Remembering, StoredMembers
from perennial.runtime.persons import profile_named
from perennial.runtime.ports import StateTransaction
from perennial.runtime.refreshing import refresh_tags
from perennial.runtime.shown import Page, Shown, by_id, read_position

MOST_MOMENTS = 61
"""Two months by day, or fourteen by week."""


class Tagging(Asking):
    """A workspace as far as it computes tags."""

    def save_tag(self, text: str) -> Shown:
        """Save a tag's document as its newest version."""
        with self._stages.state.begin() as transaction:
            saved = with_lines(
                text,
                "tag",
                lambda document: self._stages.tags.create(document, state=transaction, now=self._now()),
            )
            return tags_shown.tag(saved, tags_shown.standing(transaction))

    def list_tags(self, *, limit: int = 100, after: str | None = None) -> Page:
        """Every tag's live version."""
        with self._stages.state.read() as transaction:
            standing = tags_shown.standing(transaction)
            rows = [tags_shown.tag(one, standing) for one in self._stages.tags.list(state=transaction)]
            return by_id(rows, limit=limit, after=after)

    def refresh_tags(self, ids: Sequence[str] | None = None) -> Mapping[str, int]:
        """Compute tags anew (all unless named); how many people have a value of each."""
        with self._processor.turn:
            fills = refresh_tags(self._stages, ids, now=self._now())
            return {fill.tag_id: fill.people for fill in fills}

    def tag_values(
        self, tag_id: str, *, limit: int = 100, after: str | None = None
    ) -> tuple[Mapping[str, Json], str | None]:
        """People's values by user id (`prf_…` for the anonymous), and the next page's cursor."""
        with self._stages.state.read() as transaction:
            page = self._stages.tags.values(
                TagId(tag_id), limit=limit, after=after, now=self._now(), state=transaction
            )
            return dict(page.by_user()), page.next

    def tag_preset(self, name: str, *, event: str) -> Json:
        """A document that we ship, written for one event. Raises NotFound."""
        return preset(name, event=event)

    def tag_presets(self) -> Sequence[str]:
        """Which documents we ship."""
        return PRESETS

    def diff_tag(
        self, text: str, *, as_of: datetime | None = None, limit: int = 100, after: str | None = None
    ) -> Glance:
        """Whose value a document would change if it were saved, and from what to what.

        Both rules are asked anew as of the same moment, so that nothing but the rule makes a difference.
        """
        at = moment_asked(as_of or self._now(), zone=self.zone)
        with self._stages.state.read() as transaction:
            drafted = with_lines(
                text,
                "tag",
                lambda document: self._stages.tags.draft(document, state=transaction, now=self._now()),
            )
            new = self._questions(drafted, at, transaction)
            found = transaction.tags.definitions.latest(drafted.tag_id)
            live = None if found is None else self._stages.tags.get(drafted.tag_id, state=transaction)
            old = None if live is None else self._questions(live, at, transaction)
        before, later = NOBODY if old is None else self._column(old), self._column(new)
        changes = value_changes(before, later)
        start = 0 if after is None else read_position(after)
        page = changes[start : start + limit]
        with self._stages.state.read() as transaction:
            users = transaction.people.user_ids([change.profile_id for change in page])
        following = start + len(page)
        return {
            "id": drafted.tag_id,
            "live_version": None if live is None else live.version,
            "as_of": at.as_of,
            "people": len(later.profile_ids),
            "changed": len(changes),
            "shifts": tags_shown.shifts(_named_shifts(drafted, live, before, later)),
            "changes": [tags_shown.change(change, users) for change in page],
            "next": str(following) if following < len(changes) else None,
        }

    def tag_transitions(
        self, tag_id: str, *, start: datetime, end: datetime | None = None, every: timedelta
    ) -> Glance:
        """How people went from value to value, at moments of equal distance; each by the version live then.

        Where people stay in values, each moment goes on from what was stored by then; before anything was,
        from the moment before.

        Raises TagNotFound, and Refused for numbers or for too many moments.
        """
        moments = _moments(start, end or self._now(), every)
        columns: list[TagColumn] = []
        for instant in moments:
            at = moment_asked(instant, zone=self.zone)
            with self._stages.state.read() as transaction:
                self._stages.tags.get(TagId(tag_id), state=transaction)
                asked = self._stages.tags.questions(
                    [TagId(tag_id)], at=at, population=self._stages.population, state=transaction
                )
            _check_named(asked.tags[0])
            before = columns[-1] if columns else NOBODY
            columns.append(self._column(asked, self._remembering(TagId(tag_id), before)))
        return tags_shown.transitions(tag_id, moments, columns)

    def tag_lineage(self, tag_id: str) -> Glance:
        """What a tag is made of, and what rests on it."""
        with self._stages.state.read() as transaction:
            found = self._stages.tags.get(TagId(tag_id), state=transaction)
            used = self._users_of(TagId(tag_id), transaction)
        return tags_shown.lineage(tag_id, tag_lineage(found.recipe), used)

    def person_tags(self, user_id: str, *, limit: int = 100, after: str | None = None) -> Glance:
        """A person's tags now, and how their values changed, the latest first."""
        before = None if after is None else read_position(after)
        with self._stages.state.read() as transaction:
            profile_id = profile_named(user_id, transaction)
            values = transaction.tags.values_of([profile_id]).get(profile_id, {})
            found = transaction.tags.history.of_person(profile_id, limit=limit + 1, before=before)
        page = found[:limit]
        return {
            "values": dict(sorted(values.items())),
            "changes": [tags_shown.recorded(recorded) for _, recorded in page],
            "next": str(page[-1][0]) if len(found) > limit else None,
        }

    def dispute_tag(self, tag_id: str, user_id: str, *, by: str, note: str) -> Shown:
        """Say that a person's value of a tag is wrong. Raises Refused where they have none."""
        with self._stages.state.begin() as transaction:
            tag = self._stages.tags.get(TagId(tag_id), state=transaction)
            profile_id = profile_named(user_id, transaction)
            value = transaction.tags.history.value_of(tag.tag_id, profile_id)
            if value is None:
                raise Refused(
                    f"{user_id!r} has no value of {tag_id!r}.", hint="Only a value there is can be wrong."
                )
            people = transaction.people.user_ids([profile_id])
            dispute = Dispute(
                tag_id=tag.tag_id,
                person=tags_shown.person(profile_id, people),
                value=value,
                version=tag.version,
                by=by,
                note=note,
                disputed_at=self._now(),
            )
            transaction.tags.history.dispute(dispute)
        return tags_shown.dispute(dispute)

    def list_disputes(self, tag_id: str, *, limit: int = 100, after: str | None = None) -> Glance:
        """What is said to be wrong of a tag, the latest first, and of which share of people."""
        before = None if after is None else read_position(after)
        with self._stages.state.read() as transaction:
            tag = self._stages.tags.get(TagId(tag_id), state=transaction)
            found = transaction.tags.history.disputes(tag.tag_id, limit=limit + 1, before=before)
            disputed = transaction.tags.history.disputed().get(tag.tag_id, 0)
            fill = transaction.tags.fills().get(tag.tag_id)
        page = found[:limit]
        return {
            "people": 0 if fill is None else fill.people,
            "disputed": disputed,
            "disputes": [tags_shown.dispute(one) for _, one in page],
            "next": str(page[-1][0]) if len(found) > limit else None,
        }

    def _questions(self, tag: Tag, at: Moment, transaction: StateTransaction) -> TagQuestions:
        population = self._stages.population
        return self._stages.tags.questions_of(tag, at=at, population=population, state=transaction)

    def _column(self, asked: TagQuestions, population: Population | None = None) -> TagColumn:
        [answer] = answer_tags(asked, population or self._stages.population)
        return answer.column

    def _remembering(self, tag_id: TagId, before: TagColumn) -> Population:
        """Everyone, who have these values of a tag where none were stored."""
        members = Remembering(StoredMembers(self._stages.state), tag_id, before)
        return WithKeptMembers(self._stages.population, members)

    def _users_of(self, tag_id: TagId, transaction: StateTransaction) -> Mapping[str, Sequence[str]]:
        """The definitions and journeys that name a tag, by kind."""
        tags = [
            one.tag_id
            for one in self._stages.tags.list(state=transaction)
            if tag_id in tag_lineage(one.recipe).tags
        ]
        segments = [
            one.segment_id
            for one in self._stages.segments.list(state=transaction)
            if tag_id in lineage_of([one.condition]).tags
        ]
        journeys = [
            one.journey.journey_id
            for one in transaction.journeys.live()
            if any(tag_id in references(condition)[0] for _, condition in conditions_in(one.journey))
        ]
        return {"tags": tags, "segments": segments, "journeys": journeys}


def _moments(start: datetime, end: datetime, every: timedelta) -> list[datetime]:
    """From the start on, as far as the end; at least two."""
    if every < timedelta(hours=1):
        raise Refused("Moments are at least an hour apart.", hint='Write "1d" or "7d".', path="$.every")
    steps = (end - start) // every
    if steps < 1:
        hint = "Begin earlier, or take shorter steps."
        raise Refused("There is no second moment before the end.", hint=hint, path="$.start")
    if steps >= MOST_MOMENTS:
        hint = f"At most {MOST_MOMENTS} are compared at once; begin later, or take longer steps."
        raise Refused(f"These are {steps + 1} moments.", hint=hint, path="$.every")
    return [start + step * every for step in range(steps + 1)]


def _check_named(tag: Tag) -> None:
    if isinstance(tag.recipe, MeasureTag):
        hint = "Ask a tag with named values, or RFM."
        raise Refused(f"{tag.tag_id!r} is a number: nearly every change is one of its own.", hint=hint)


def _named_shifts(new: Tag, old: Tag | None, before: TagColumn, later: TagColumn) -> Sequence[Shift]:
    """None for numbers."""
    is_number = any(isinstance(tag.recipe, MeasureTag) for tag in (new, old) if tag is not None)
    return () if is_number else value_shifts(before, later)
