"""The use cases of a workspace about segments beyond saving them: lists, previews, who is in them and was."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO, cast

import numpy as np
from numpy.typing import NDArray

from perennial.collect.events import Receipt
from perennial.compute.definitions.service import LiveDefinitions, vocabulary
from perennial.compute.profiles import EVERYONE, InvalidCursor
from perennial.compute.segments.model import Membership, Segment
from perennial.compute.segments.naming import NamedPerson, of_text, read_people
from perennial.compute.segments.rules import overlap, sample
from perennial.kernel.conditions import LANGUAGES, InSegment, explain, parse_condition, resolve
from perennial.kernel.errors import NotFound
from perennial.kernel.ids import ProfileId, SegmentId, parse_profile, profile_text
from perennial.kernel.values import Json
from perennial.kernel.windows import LATEST
from perennial.runtime import shown
from perennial.runtime.asking import Asking
from perennial.runtime.listing import (
    SHOWN,
    Listed,
    Mode,
    change_list,
    identify_calls,
    present_list,
    resolve_people,
)
from perennial.runtime.persons import profile_named
from perennial.runtime.ports import StateTransaction
from perennial.runtime.refreshing import refresh_segments
from perennial.runtime.shown import Page, Shown

_MOVES = ("segment_entered", "segment_left")
_SIZES = timedelta(days=90)
Told = Mapping[str, object]


class Segmenting(Asking):
    """A workspace as far as its segments are made, looked into and compared."""

    def send(self, documents: Sequence[Json]) -> Receipt:
        """Hand calls in, and wait until they are durable."""
        raise NotImplementedError

    def _catch_up(self) -> None:
        raise NotImplementedError

    # --- lists and frozen segments ------------------------------------------------------------------

    def load_segment(
        self, segment_id: str, file: Path | str, *, mode: Mode = "replace", create: bool = False
    ) -> Told:
        """Bring a list to what a file names: CSV, JSON Lines, or an id on each line.

        `create`: unknown user ids and anonymous ids become people; else they are counted and told. The same
        file again changes nothing. Raises SegmentNotFound, NotAList, InvalidDocument with the line.
        """
        self._catch_up()
        listed_id, place = SegmentId(segment_id), Path(file)
        present_list(self._stages, listed_id)
        if not place.is_file():
            raise NotFound(f"{place}: no such file.", path=str(place))
        created = self._create_from(listed_id, place) if create else 0
        with _lines_of(place) as lines:
            listed = resolve_people(self._stages, self._named(lines))
        nobody = listed.people[:0]
        with self._processor.turn:
            stored = present_list(self._stages, listed_id)
            add = nobody if mode == "remove" else np.setdiff1d(listed.people, stored, assume_unique=True)
            remove = np.intersect1d(listed.people, stored, assume_unique=True) if mode == "remove" else nobody
            if mode == "replace":
                remove = np.setdiff1d(stored, listed.people, assume_unique=True)
            counts = change_list(self._stages, listed_id, add=add, remove=remove, now=self._now())
        return self._report(listed_id, listed, counts, created)

    def change_members(
        self, segment_id: str, *, add: Sequence[str] = (), remove: Sequence[str] = (), create: bool = False
    ) -> Told:
        """Put people on a list and take others off, by any name of theirs; who is named twice is off it.

        Raises SegmentNotFound, NotAList.
        """
        self._catch_up()
        listed_id = SegmentId(segment_id)
        present_list(self._stages, listed_id)
        created = self._create(listed_id, self._named(add)) if create else 0
        coming = resolve_people(self._stages, self._named(add, is_bare=True))
        going = resolve_people(self._stages, self._named(remove, is_bare=True))
        with self._processor.turn:
            counts = change_list(
                self._stages, listed_id, add=coming.people, remove=going.people, now=self._now()
            )
        coming.read, coming.unknown = coming.read + going.read, coming.unknown + going.unknown
        coming.examples += going.examples
        return self._report(listed_id, coming, counts, created)

    def freeze_segment(
        self, segment_id: str, *, as_id: str, name: str | None = None, as_of: datetime | None = None
    ) -> Shown:
        """Keep who is in a segment at a moment, the present unless told, as a segment of its own.

        Raises SegmentNotFound; the same again changes nothing.
        """
        document: dict[str, Json] = {"id": as_id, "kind": "frozen", "condition": {"segment": segment_id}}
        if name is not None:
            document["name"] = name
        if as_of is not None:
            document["as_of"] = as_of.isoformat()
        with self._stages.state.begin() as transaction:
            self._stages.segments.get(SegmentId(segment_id), state=transaction)
            saved = self._stages.segments.create(document, state=transaction, now=self._now())
        with self._processor.turn:
            refresh_segments(self._stages, [saved.segment_id], now=self._now())
        with self._stages.state.read() as transaction:
            return self._shown_segment(saved, transaction)

    # --- looking into segments ----------------------------------------------------------------------

    def show_segment(self, segment_id: str) -> Shown:
        """One segment: its live version, how many are in it, how fresh that is, and what went wrong."""
        with self._stages.state.read() as transaction:
            found = self._stages.segments.get(SegmentId(segment_id), state=transaction)
            return self._shown_segment(found, transaction)

    def preview_segment(self, condition: Json, *, as_of: datetime | None = None, size: int = 10) -> Told:
        """How many people meet a condition that is not saved, of how many there are, and some of them."""
        at = self._at(as_of)
        with self._stages.state.read() as transaction:
            parsed = parse_condition(condition, path="$.condition", known=vocabulary(transaction))
            definitions = LiveDefinitions(transaction, at=at, population=self._stages.population)
            resolved = resolve(parsed, definitions, path="$.condition")
        members, everyone = self._stages.population.members([resolved, EVERYONE], at=at)
        return {
            "people": len(members),
            "of": len(everyone),
            "as_of": at.as_of,
            "sentence": {language: explain(parsed, language) for language in LANGUAGES},
            "sample": self._people_shown(sample(members, size)),
        }

    def combine_segments(self, operation: str, segments: Sequence[str], *, size: int = 10) -> Told:
        """How many are in any (`union`), all (`intersect`) or the first only (`except`) of segments."""
        named: list[Json] = [{"segment": one} for one in segments]
        match operation:
            case "union":
                return self.preview_segment({"any": named}, size=size)
            case "intersect":
                return self.preview_segment({"all": named}, size=size)
            case _:
                return self.preview_segment(
                    {"all": [named[0], *({"not": one} for one in named[1:])]}, size=size
                )

    def overlap_segments(self, segments: Sequence[str]) -> Told:
        """How many people each two segments share, exactly, all asked at one moment in one pass."""
        at = self._at(None)
        with self._stages.state.read() as transaction:
            definitions = LiveDefinitions(transaction, at=at, population=self._stages.population)
            for one in segments:
                self._stages.segments.get(SegmentId(one), state=transaction)
            conditions = [resolve(InSegment(segment=one), definitions) for one in segments]
        members = self._stages.population.members(conditions, at=at)
        return {"segments": list(segments), "shared": overlap(members), "as_of": at.as_of}

    def sample_segment(self, segment_id: str, *, size: int = 10) -> Sequence[object]:
        """Some people of a segment as it is stored, the same whenever asked as long as they are in it."""
        with self._stages.state.read() as transaction:
            self._stages.segments.get(SegmentId(segment_id), state=transaction)
            members = transaction.segments.members(SegmentId(segment_id))
        return self._people_shown(sample(members, size))

    def list_members(self, segment_id: str, *, limit: int = 100, after: str | None = None) -> Page:
        """Members as they are stored, by profile id, and since when; whoever comes or goes moves no page."""
        start = None if after is None else _profile_cursor(after)
        with self._stages.state.read() as transaction:
            self._stages.segments.get(SegmentId(segment_id), state=transaction)
            found = transaction.segments.page(SegmentId(segment_id), limit=limit + 1, after=start)
            page = found[:limit]
            names = transaction.people.user_ids([one.profile_id for one in page])
        rows = [
            {
                "profile_id": one.profile_id,
                "user_id": names.get(one.profile_id),
                "entered_at": one.entered_at,
            }
            for one in page
        ]
        return Page(rows, profile_text(page[-1].profile_id) if len(found) > limit else None)

    def segment_sizes(self, segment_id: str, *, since: datetime | None = None) -> Sequence[object]:
        """How many were in a segment, at most a point for each hour, oldest first; of 90 days unless told."""
        with self._stages.state.read() as transaction:
            self._stages.segments.get(SegmentId(segment_id), state=transaction)
            return transaction.segments.sizes(SegmentId(segment_id), since=since or self._now() - _SIZES)

    def person_segments(self, user_id: str) -> Told:
        """The segments a person is in as it is stored, and since when. Raises NobodyKnown."""
        with self._stages.state.read() as transaction:
            profile_id = profile_named(user_id, transaction)
            found = transaction.segments.memberships_of(profile_id)
        return {"profile_id": profile_id, "segments": [_entry(one) for one in found]}

    def person_segment_history(
        self, user_id: str, *, segment: str | None = None, limit: int = 100, after: str | None = None
    ) -> Page:
        """When a person entered and left segments, and why, newest first, as the log has it.

        A page may have fewer rows than asked for: it is of so many events of ours. Raises NobodyKnown.
        """
        with self._stages.state.read() as transaction:
            profile_id = profile_named(user_id, transaction)
        rows, following = self._stages.events.timeline(
            profile_id, until=LATEST, limit=limit, before=after, kind="perennial"
        )
        moves = [_move(row) for row in rows if row["name"] in _MOVES]
        return Page([one for one in moves if segment in (None, one["segment"])], following)

    # --- ours ----------------------------------------------------------------------------------------

    def _shown_segment(self, found: Segment, transaction: StateTransaction) -> Shown:
        fill = transaction.segments.fills().get(found.segment_id)
        return shown.segment(found, fill, transaction.segments.standings().get(found.segment_id))

    def _named(self, lines: Iterable[str], *, is_bare: bool = False) -> Iterator[NamedPerson]:
        with self._stages.state.read() as transaction:
            rules = transaction.identities.rules()
        if not is_bare:
            return read_people(lines, rules)
        return (of_text(place, text, rules) for place, text in enumerate(lines, start=1))

    def _create_from(self, segment_id: SegmentId, place: Path) -> int:
        with _lines_of(place) as lines:
            return self._create(segment_id, self._named(lines))

    def _create(self, segment_id: SegmentId, named: Iterable[NamedPerson]) -> int:
        """Make people of unknown names, as calls that are taken in like any other; how many."""
        accepted = 0

        def tell(unknown: Sequence[NamedPerson]) -> None:
            nonlocal accepted
            accepted += self.send(identify_calls(unknown, segment_id)).accepted

        resolve_people(self._stages, named, on_unknown=tell)
        if accepted:
            self._catch_up()
        return accepted

    def _report(self, segment_id: SegmentId, listed: Listed, counts: tuple[int, int], created: int) -> Told:
        with self._stages.state.read() as transaction:
            fill = self._stages.segments.fill(segment_id, state=transaction)
        return {
            "segment": segment_id,
            "read": listed.read,
            "entered": counts[0],
            "left": counts[1],
            "people": 0 if fill is None else fill.people,
            "created": created,
            "unknown": listed.unknown,
            "examples": [{"line": one.line, "id": one.text} for one in listed.examples[:SHOWN]],
        }

    def _people_shown(self, chosen: NDArray[np.uint64]) -> list[object]:
        ids = [ProfileId(one) for one in chosen.tolist()]
        with self._stages.state.read() as transaction:
            names = transaction.people.user_ids(ids)
        return [{"profile_id": one, "user_id": names.get(one)} for one in ids]


def _profile_cursor(after: str) -> ProfileId:
    found = parse_profile(after)
    if found is None:
        raise InvalidCursor(hint="Hand back `next` of the page before, unchanged.", path="$.after")
    return found


def _lines_of(place: Path) -> TextIO:
    return place.open(encoding="utf-8", errors="replace", newline=None)


def _entry(one: Membership) -> Told:
    return {"segment": one.segment_id, "entered_at": one.entered_at}


def _move(row: Mapping[str, object]) -> dict[str, object]:
    told = cast("Mapping[str, object]", row["properties"])  # of an event of ours: what we wrote
    return {
        "segment": told.get("segment"),
        "direction": str(row["name"]).removeprefix("segment_"),
        "at": row["occurred_at"],
        "cause": told.get("cause"),
        "version": told.get("version"),
    }
