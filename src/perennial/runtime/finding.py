"""The use cases of support about one person: find them, see who they are, and what they did."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from perennial.collect.identity.model import ANONYMOUS, USER
from perennial.compute.definitions.service import LiveDefinitions, vocabulary
from perennial.compute.profiles.facts import PersonFacts
from perennial.compute.profiles.finding import Found, Look, Place, cursor_of, find, read_place
from perennial.kernel.conditions import Condition, parse_condition, resolve
from perennial.kernel.conditions.moment import Ask
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.events import RowKind
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json, canonical
from perennial.kernel.windows import LATEST, MICROSECOND
from perennial.runtime.asking import Asking
from perennial.runtime.persons import profile_named
from perennial.runtime.ports import StateTransaction
from perennial.runtime.schema import SchemaFacts
from perennial.runtime.shown import Page

SHOWN_TRAITS = ("email", "phone", "name")
"""Traits that people are known by: looked for without being named, and shown with who is found."""
_ROUNDS = 20
"""Times that more people are fetched where few of those found meet the condition."""
_EVENTS = 50
"""Names of events that a person's page counts."""
_AHEAD = timedelta(days=3)
"""Calls may be as far ahead of our clock, and are shown."""


class Finding(Asking):
    """A workspace as far as people are looked up in it."""

    _person_facts: PersonFacts
    _schema: SchemaFacts

    def find_people(
        self,
        text: str | None = None,
        *,
        trait: str | None = None,
        starts_with: str | None = None,
        equals: Json = None,
        condition: Json = None,
        limit: int = 100,
        after: str | None = None,
    ) -> Page:
        """People by how a name or trait of theirs begins, in the order of what was found; everybody once.

        `text` is looked for among all names and the traits email, phone and name; `trait` with `starts_with`
        or `equals` in one trait. What a rule of cleaning hashed is found by its plain value. Of a `condition`
        whoever meets it now remains; a page may then have fewer people than asked for and still be followed
        by another. Raises InvalidDocument, InvalidCursor.
        """
        place = None if after is None else read_place(after)
        with self._stages.state.read() as transaction:
            looks = [
                *_looks(text, trait, starts_with, equals, self._kinds(transaction)),
                *_hidden(text, trait, equals, self._schema.screens.kept_of),
            ]
            asked = None if condition is None else self._resolved_now(condition, transaction)
            found, following = self._searched(transaction, looks, asked, limit=limit, after=place)
            rows = [*self._found(found, transaction)]
        return Page(rows, None if following is None else cursor_of(following))

    def show_person(self, user_id: str) -> Mapping[str, object]:
        """Who somebody is: names, traits with source and time, consents, tags, segments, what they did.

        Raises NobodyKnown.
        """
        now = self._now()
        with self._stages.state.read() as transaction:
            profile_id = profile_named(user_id, transaction)
            known = transaction.identities.known(profile_id)
            told = transaction.traits.told([profile_id])[profile_id]
            tags = transaction.tags.values_of([profile_id]).get(profile_id, {})
            segments = transaction.segments.memberships_of(profile_id)
            consents = transaction.consents.all_of(profile_id)
        sources = self._person_facts.sources_of(profile_id, sorted({one.message_id for one in told.values()}))
        activity = self._person_facts.activity_of(profile_id, until=now + _AHEAD, limit=_EVENTS)
        return {
            "profile_id": profile_id,
            "user_id": None if known is None else known.user_id,
            "names": [{"kind": one.kind, "value": one.value} for one, _ in known.names] if known else [],
            "traits": [
                {
                    "name": name,
                    "value": one.value,
                    "told_at": one.occurred_at,
                    "source": sources.get(one.message_id),
                }
                for name, one in sorted(told.items())
                if one.value is not None
            ],
            "consents": [
                {"consent": f"{one.channel}/{one.topic}", "state": one.state, "said_at": one.occurred_at}
                for one in consents
            ],
            "tags": dict(sorted(tags.items())),
            "segments": [{"segment": one.segment_id, "entered_at": one.entered_at} for one in segments],
            "first_seen_at": min((one.first_at for one in activity), default=None),
            "last_seen_at": max((one.last_at for one in activity), default=None),
            "events": [asdict(one) for one in activity],
        }

    def person_events(
        self,
        user_id: str,
        *,
        event: str | None = None,
        kind: RowKind | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int = 100,
        after: str | None = None,
    ) -> Page:
        """What happened to a person in a half-open span, newest first. Raises NobodyKnown."""
        with self._stages.state.read() as transaction:
            profile_id = profile_named(user_id, transaction)
        until = LATEST if end is None else end - MICROSECOND
        rows, following = self._stages.events.timeline(
            profile_id, until=until, since=start, event=event, kind=kind, limit=limit, before=after
        )
        return Page(rows, following)

    def _searched(
        self,
        transaction: StateTransaction,
        looks: Sequence[Look],
        condition: Condition | None,
        *,
        limit: int,
        after: Place | None,
    ) -> tuple[list[Found], Place | None]:
        """Who is found and meets the condition, and the place to go on from; None where that was all."""
        found: list[Found] = []
        for _ in range(_ROUNDS):
            batch = find(transaction.index, looks, limit=limit + 1, after=after)
            meeting = self._meeting(condition, batch[:limit])
            room = limit - len(found)
            found += meeting[:room]
            if len(meeting) > room:
                return found, found[-1].place
            if len(batch) <= limit:
                return found, None
            after = batch[limit - 1].place
            if len(found) == limit:
                break
        return found, after

    def _kinds(self, transaction: StateTransaction) -> Sequence[str]:
        return (USER, ANONYMOUS, *(kind.name for kind in transaction.identities.rules().kinds))

    def _resolved_now(self, condition: Json, transaction: StateTransaction) -> Condition:
        parsed = parse_condition(condition, known=vocabulary(transaction), path="$.condition")
        at = self._at(None)
        return resolve(parsed, LiveDefinitions(transaction, at=at, population=self._stages.population))

    def _meeting(self, condition: Condition | None, found: Sequence[Found]) -> Sequence[Found]:
        if condition is None or not found:
            return found
        at = self._at(None)
        asks = [Ask(profile_id=ProfileId(one.place.profile_id), as_of=at.as_of) for one in found]
        verdicts = self._stages.population.verdicts([condition], asks, at=at)
        return [one for one, (holds,) in zip(found, verdicts, strict=True) if holds]

    def _found(self, found: Sequence[Found], transaction: StateTransaction) -> Iterator[Mapping[str, object]]:
        ids = [ProfileId(one.place.profile_id) for one in found]
        users, traits = transaction.people.user_ids(ids), transaction.traits.of(ids)
        for one, profile_id in zip(found, ids, strict=True):
            theirs = traits[profile_id]
            yield {
                "profile_id": profile_id,
                "user_id": users.get(profile_id),
                "found": {"in": one.place.where, "kind": one.place.kind, "value": one.value},
                "traits": {name: theirs[name] for name in SHOWN_TRAITS if name in theirs},
            }


def _looks(
    text: str | None, trait: str | None, starts_with: str | None, equals: Json, kinds: Sequence[str]
) -> list[Look]:
    if trait is not None:
        if (starts_with is None) == (equals is None):
            raise _refusal("$.trait", "one_of", "Say what the trait starts with, or what it equals.")
        if equals is not None:
            return [Look(where="trait", kind=trait, beginning=_folded(equals), is_whole=True)]
        return [Look(where="trait", kind=trait, beginning=_folded(starts_with)[:-1])]
    if not text:
        raise _refusal("$", "nothing_looked_for", "Say what to look for: a text, or a trait and its value.")
    written = dict.fromkeys((text, text.lower()))  # addresses are kept in small letters
    looks = [Look(where="name", kind=kind, beginning=one) for kind in kinds for one in written]
    return [*looks, *(Look(where="trait", kind=one, beginning=_folded(text)[:-1]) for one in SHOWN_TRAITS)]


def _hidden(
    text: str | None,
    trait: str | None,
    equals: Json,
    kept_of: Callable[[str, Sequence[Json]], Sequence[Json]],
) -> Iterator[Look]:
    """Where what was hashed lies, of whole values; other rules may have brought them to one form before."""
    plain: Json = text if trait is None else equals
    if plain is None:
        return
    forms: list[Json] = [plain]
    if isinstance(plain, str):
        forms = [*dict.fromkeys((plain, plain.strip(), plain.strip().lower()))]
    for name in SHOWN_TRAITS if trait is None else (trait,):
        for kept in kept_of(name, forms):
            yield Look(where="trait", kind=name, beginning=_folded(kept), is_whole=True)


def _folded(value: Json) -> str:
    """A value as it lies in the index: its JSON in small letters, as far as they are ASCII."""
    written = canonical(value).decode()
    return "".join(one.lower() if one.isascii() else one for one in written)


def _refusal(path: str, code: str, message: str) -> InvalidDocument:
    return InvalidDocument([Problem(path=path, code=code, message=message)])
