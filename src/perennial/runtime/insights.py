"""The use cases of analysts: an insight's numbers, who is behind each, and keeping them as a segment."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from perennial.compute.definitions.service import LiveDefinitions, vocabulary
from perennial.compute.profiles.ports import Quantities, Quantity
from perennial.compute.segments.service import NotAList
from perennial.compute.tags.model import TagColumn
from perennial.evaluate.insights import Answer, Asked, Insights, Labelled, Spec
from perennial.evaluate.insights.model import Overlap
from perennial.evaluate.insights.ports import Ids
from perennial.kernel.conditions import Condition, Moment, resolve
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.ids import ProfileId, SegmentId, TagId, parse_profile, profile_text
from perennial.kernel.values import Json, text_of
from perennial.runtime.listing import change_list, present_list
from perennial.runtime.tagging import Tagging


class _Known:
    """What is known of people besides the log, as insights ask it."""

    def __init__(self, workspace: "Analysing") -> None:
        self._workspace = workspace

    def members(self, condition: Condition, at: Moment) -> Ids:
        """Who meets a condition at a moment."""
        return self._workspace.members_of(condition, at)

    def tag(self, tag_id: str, at: Moment) -> Labelled:
        """Everyone's value of a tag at a moment."""
        return _labelled(self._workspace.column_of(tag_id, at))

    def quantities(self, wanted: Sequence[Quantity], at: Moment) -> Quantities:
        """Numbers about everyone at a moment."""
        return self._workspace.quantities_of(wanted, at)


class Analysing(Tagging):
    """A workspace as far as it answers insights."""

    _insights: Insights

    def run_insight(self, document: Json) -> Answer:
        """An insight's numbers, each with its cell, and where they come from. Raises InvalidDocument."""
        return self._insights.run(self._asked_now(document))

    def insight_people(
        self, document: Json, cell: Json, *, limit: int = 100, after: str | None = None
    ) -> Mapping[str, object]:
        """Who makes up a number, by profile id, and with how much. Raises InvalidDocument."""
        found = self._insights.people(self._asked_now(document), cell)
        start = 0
        if after is not None:
            start = int(np.searchsorted(found.people, np.uint64(_profile(after)), side="right"))
        page = found.people[start : start + limit].tolist()
        amounts = None if found.amounts is None else found.amounts[start : start + limit].tolist()
        with self._stages.state.read() as transaction:
            users = transaction.people.user_ids([ProfileId(one) for one in page])
        rows = [
            {
                "profile_id": one,
                "user_id": users.get(ProfileId(one)),
                "amount": 1 if amounts is None else amounts[place],
            }
            for place, one in enumerate(page)
        ]
        more = start + limit < len(found.people)
        return {
            "count": len(found.people),
            "people": rows,
            "next": profile_text(page[-1]) if more else None,
        }

    def save_insight_people(
        self, document: Json, cell: Json, *, segment_id: str, name: str | None = None
    ) -> Mapping[str, object]:
        """Keep who makes up a number as a list; the same id again brings the list to it.

        Raises InvalidDocument, NotAList.
        """
        found = self._insights.people(self._asked_now(document), cell)
        listed = SegmentId(segment_id)
        with self._stages.state.begin() as transaction:
            known = {one.segment_id: one.kind for one in self._stages.segments.list(state=transaction)}
            if known.get(listed, "list") != "list":
                message = f"{segment_id!r} is a {known[listed]} segment, and no list."
                raise NotAList(message, hint="Take another id.", path="$.segment_id")
            if listed not in known:
                draft: Json = {"id": segment_id, "name": name or segment_id, "kind": "list"}
                self._stages.segments.create(draft, state=transaction, now=self._now())
        with self._processor.turn:
            stored = present_list(self._stages, listed)
            add = np.setdiff1d(found.people, stored, assume_unique=True)
            remove = np.setdiff1d(stored, found.people, assume_unique=True)
            change_list(self._stages, listed, add=add, remove=remove, now=self._now())
        return {"segment": segment_id, "people": len(found.people)}

    # --- what insights ask ----------------------------------------------------------------------------

    def members_of(self, condition: Condition, at: Moment) -> Ids:
        """Who meets a resolved condition at a moment, ascending."""
        return self._stages.population.members([condition], at=at)[0]

    def quantities_of(self, wanted: Sequence[Quantity], at: Moment) -> Quantities:
        """Numbers about everyone at a moment."""
        return self._stages.population.quantities(wanted, at=at)

    def column_of(self, tag_id: str, at: Moment) -> TagColumn:
        """Everyone's value of a tag as of a moment, by its rule of now."""
        with self._stages.state.read() as transaction:
            tag = self._stages.tags.get(TagId(tag_id), state=transaction)
            asked = self._questions(tag, at, transaction)
        return self._column(asked)

    def _asked_now(self, document: Json) -> Asked:
        with self._stages.state.read() as transaction:
            known = vocabulary(transaction)
        return Asked(
            document=document,
            known=_Known(self),
            vocabulary=known,
            zone=self.zone,
            now=self._now(),
            resolve=self._resolved_spec,
        )

    def _resolved_spec(self, spec: Spec, as_of: datetime) -> Spec:
        """The insight with its segments and tags put in place, as of a moment."""
        shared = spec.shared
        if shared.among is None and not isinstance(spec, Overlap):
            return spec
        with self._stages.state.read() as transaction:
            definitions = LiveDefinitions(transaction, at=self._at(as_of), population=self._stages.population)
            if shared.among is not None:
                among = resolve(shared.among, definitions, path="$.among")
                spec = replace(spec, shared=replace(shared, among=among))
            if isinstance(spec, Overlap):
                conditions = tuple(
                    resolve(one, definitions, path=f"$.segments[{place}]")
                    for place, one in enumerate(spec.conditions)
                )
                spec = replace(spec, conditions=conditions)
        return spec


def _labelled(column: TagColumn) -> Labelled:
    """A tag's values as codes of few texts."""
    texts = np.array([text_of(value) for value in column.values], dtype=object)
    labels, codes = np.unique(texts, return_inverse=True) if len(texts) else (texts, texts)
    return Labelled(
        people=np.asarray(column.profile_ids, dtype=np.uint64),
        codes=np.asarray(codes, dtype=np.int32),
        labels=tuple(str(one) for one in labels.tolist()),
    )


def _profile(cursor: str) -> ProfileId:
    profile_id = parse_profile(cursor)
    if profile_id is None:
        message = f"{cursor!r} is no cursor of this list."
        raise InvalidDocument([Problem(path="$.after", code="invalid_cursor", message=message)])
    return profile_id
