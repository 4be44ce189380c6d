"""The identity graph in SQL: names, profiles, merges, and people as they are listed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter

import msgspec
from sqlalchemy import Connection, case, func, insert, literal, select, update

from perennial.backends.sql.bulk import BulkInsert, Insert, among, fetch
from perennial.backends.sql.carried import write_down_names
from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import insert_into
from perennial.backends.sql.known import known_of, protection, quarantined_of, release, save_refused
from perennial.backends.sql.repoint import part, repoint
from perennial.backends.sql.tables import identities, merges, profiles
from perennial.backends.sql.tables_identity import unmerges
from perennial.backends.sql.tables_schema import declarations
from perennial.collect.identity.key_parse import parse_keys
from perennial.collect.identity.key_rules import NO_KEYS, KeyRules
from perennial.collect.identity.model import (
    Graph,
    Identifier,
    Known,
    Merge,
    Quarantine,
    Resolution,
)
from perennial.compute.profiles.people_port import Person
from perennial.kernel.ids import ProfileId, UserId


def _keep_earlier_and_name(statement: Insert) -> Insert:
    told, at = statement.excluded, profiles.c.first_seen_at
    return statement.on_conflict_do_update(
        index_elements=["profile_id"],
        set_={
            "first_seen_at": case((told.first_seen_at < at, told.first_seen_at), else_=at),
            "user_id": func.coalesce(told.user_id, profiles.c.user_id),
        },
    )


def _lead_there(statement: Insert) -> Insert:
    return statement.on_conflict_do_update(
        index_elements=["kind", "value"],
        set_={name: statement.excluded[name] for name in ("profile_id", "linked_at", "cause")},
    )


_INSERT_PROFILES = BulkInsert(profiles, ["profile_id", "user_id", "first_seen_at"], _keep_earlier_and_name)
_INSERT_LINKS = BulkInsert(identities, ["kind", "value", "profile_id", "linked_at", "cause"], _lead_there)


class SqlIdentities:
    """Which names lead to which profile (`Identities`), within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._first_seen: dict[int, int] = {}
        """What the store says of profiles that were asked for, so that it need not be told again."""

    def graph(
        self,
        identifiers: Sequence[Identifier],
        candidates: Sequence[ProfileId] = (),
        *,
        rules: KeyRules = NO_KEYS,
    ) -> Graph:
        """What is known of these names; `taken` says which candidates are somebody's already.

        What protects from wrong merges is looked for only as far as the rules ask for it.
        """
        known: dict[Identifier, ProfileId] = {}
        users: dict[ProfileId, str] = {}
        values: dict[str, list[str]] = {}
        for name in identifiers:
            values.setdefault(name.kind, []).append(name.value)
        for kind, names in values.items():
            for value, number, user_id, first_seen in self._look_up(kind, names):
                profile_id = ProfileId(number)
                known[Identifier(kind, value)] = profile_id
                self._first_seen[profile_id] = first_seen
                if user_id is not None:
                    users[profile_id] = user_id
        taken = frozenset(user_ids(self._connection, candidates))
        return protection(
            self._connection, Graph(profiles=known, users=users, taken=taken), values, rules, self._parted()
        )

    def leads(self, kind: str, values: Sequence[str]) -> Mapping[str, ProfileId]:
        """Whom names of one kind lead to, as far as they are known."""
        found: dict[str, ProfileId] = {}
        for value, number, _, first_seen in self._look_up(kind, values):
            found[value] = profile_id = ProfileId(number)
            self._first_seen[profile_id] = first_seen
        return found

    def taken(self, candidates: Sequence[ProfileId]) -> frozenset[ProfileId]:
        """Which of these ids are somebody's."""
        return frozenset(user_ids(self._connection, candidates))

    def rules(self) -> KeyRules:
        """Which kinds of key there are and what each may do; none until a workspace declares some."""
        newest = (
            select(declarations.c.document)
            .where(declarations.c.kind == "identity")
            .order_by(declarations.c.version.desc())
            .limit(1)
        )
        document = self._connection.execute(newest).scalar()
        return NO_KEYS if document is None else _read_rules(document)

    def save(self, resolution: Resolution) -> None:
        """Keep what a batch taught, and move everything a lost profile has to the kept one."""
        self._save_profiles(resolution)
        self._save_links(resolution)
        save_refused(self._connection, resolution)
        if resolution.merges:
            self._save_merges(resolution.merges)
            write_down_names(self._connection, resolution.came_with)
            repoint(self._connection, resolution.became)

    def merges(self, *, after: int = 0) -> tuple[Sequence[Merge], int]:
        """Merges after a number, oldest first, and the number of the last."""
        query = select(merges).where(merges.c.merge_id > after, merges.c.lost > 0).order_by(merges.c.merge_id)
        rows = self._connection.execute(query).all()
        found = [
            Merge(
                lost=ProfileId(row.lost),
                kept=ProfileId(row.kept),
                merged_at=from_micros(row.merged_at),
                cause=row.cause,
                reason=row.reason or "",
            )
            for row in rows
        ]
        return found, rows[-1].merge_id if rows else after

    def part(self, lost: ProfileId, *, at: datetime) -> bool:
        """Take a merge back, for good: the two never merge again by themselves; False if there is none."""
        query = select(merges).where(merges.c.lost == lost)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return False
        part(self._connection, lost)
        self._connection.execute(
            insert(unmerges).values(
                lost=lost,
                kept=row.kept,
                merged_at=row.merged_at,
                cause=row.cause,
                reason=row.reason or "",
                undone_at=to_micros(at),
            )
        )
        # The row stays, as nobody's: its number has a place in the stream of merges.
        nobody = update(merges).where(merges.c.merge_id == row.merge_id)
        self._connection.execute(nobody.values(lost=-row.merge_id, kept=0))
        return True

    def parted(self, *, after: int = 0) -> tuple[Mapping[ProfileId, ProfileId], int]:
        """Of all who were one with profiles parted after a number: whose each is today; the last number."""
        query = select(unmerges).where(unmerges.c.number > after).order_by(unmerges.c.number)
        rows = self._connection.execute(query).all()
        if not rows:
            return {}, after
        parted = sorted({ProfileId(one) for row in rows for one in (row.lost, row.kept)})
        today = self.merged(parted)
        people = sorted({today.get(one, one) for one in parted})
        of_people = among(self._connection, profiles.c.merged_into, people)
        followers = select(profiles.c.profile_id, profiles.c.merged_into).where(of_people)
        became = {
            ProfileId(row.profile_id): ProfileId(row.merged_into)
            for row in self._connection.execute(followers).all()
        }
        return {one: one for one in people} | became, rows[-1].number

    def known(self, profile_id: ProfileId) -> Known | None:
        """Everything recorded of who a profile is; None where there is no such profile."""
        return known_of(self._connection, profile_id)

    def quarantined(self, *, limit: int, after: Identifier | None = None) -> Sequence[Quarantine]:
        """Names that join nobody, by kind and value."""
        return quarantined_of(self._connection, limit=limit, after=after)

    def release(self, name: Identifier) -> bool:
        """Let a name join people again, and count whom it is seen with anew; False if it was not held."""
        return release(self._connection, name)

    def _parted(self) -> Sequence[tuple[ProfileId, ProfileId]]:
        """Pairs that were parted by hand, each as who they are today."""
        rows = self._connection.execute(select(unmerges.c.lost, unmerges.c.kept)).all()
        if not rows:
            return ()
        became = self.merged(sorted({ProfileId(one) for row in rows for one in row}))
        return [
            (became.get(ProfileId(lost), ProfileId(lost)), became.get(ProfileId(kept), ProfileId(kept)))
            for lost, kept in rows
        ]

    def last_merge(self) -> int:
        """The number of the last merge; 0 before the first."""
        return self._connection.execute(select(func.coalesce(func.max(merges.c.merge_id), 0))).scalar_one()

    def merged(self, profile_ids: Sequence[ProfileId]) -> Mapping[ProfileId, ProfileId]:
        """Those of these profiles that were merged into another, each with the one that is kept today."""
        query = select(profiles.c.profile_id, profiles.c.merged_into).where(
            among(self._connection, profiles.c.profile_id, profile_ids), profiles.c.merged_into.is_not(None)
        )
        found = fetch(self._connection, query, tuple[int, int])
        return {ProfileId(lost): ProfileId(kept) for lost, kept in found}

    def _look_up(self, kind: str, values: Sequence[str]) -> Sequence[tuple[str, int, str | None, int]]:
        """Each known name with its profile, that one's user id and when it was first seen."""
        if not values:
            return ()
        query = (
            select(identities.c.value, identities.c.profile_id, profiles.c.user_id, profiles.c.first_seen_at)
            .join(profiles, profiles.c.profile_id == identities.c.profile_id)
            .where(identities.c.kind == kind, among(self._connection, identities.c.value, values))
        )
        return fetch(self._connection, query, tuple[str, int, str | None, int])

    def _save_profiles(self, resolution: Resolution) -> None:
        rows: list[tuple[int, str | None, int]] = []
        for profile_id, at in resolution.first_seen.items():
            told, known = to_micros(at), self._first_seen.get(profile_id)
            if known is None or told < known:
                self._first_seen[profile_id] = told
            elif profile_id not in resolution.users:
                continue
            rows.append((profile_id, resolution.users.get(profile_id), told))
        _INSERT_PROFILES.run(self._connection, sorted(rows, key=itemgetter(0)))

    def _save_links(self, resolution: Resolution) -> None:
        links = [
            (name.kind, name.value, profile_id, to_micros(at), cause)
            for name, profile_id in resolution.links.items()
            for at, cause in (resolution.learned[name],)
        ]
        _INSERT_LINKS.run(self._connection, sorted(links))

    def _save_merges(self, found: Sequence[Merge]) -> None:
        self._connection.execute(
            insert_into(merges, self._connection).on_conflict_do_nothing(),
            [
                {
                    "lost": merge.lost,
                    "kept": merge.kept,
                    "merged_at": to_micros(merge.merged_at),
                    "cause": merge.cause,
                    "reason": merge.reason,
                }
                for merge in found
            ],
        )


@lru_cache(16)
def _read_rules(document: str) -> KeyRules:
    return parse_keys(msgspec.json.decode(document))


class SqlPeople:
    """Profiles as they are listed (`People`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self) -> int:
        """How many people there are, the anonymous included."""
        query = select(func.count()).select_from(profiles).where(profiles.c.merged_into.is_(None))
        return self._connection.execute(query).scalar_one()

    def find(self, user_id: UserId) -> ProfileId | None:
        """The profile that a user id leads to, a former one included."""
        query = select(identities.c.profile_id).where(
            identities.c.kind == "user", identities.c.value == user_id
        )
        found = self._connection.execute(query).scalar()
        return None if found is None else ProfileId(found)

    def user_ids(self, profile_ids: Sequence[ProfileId]) -> Mapping[ProfileId, UserId]:
        """The customer's ids of these profiles; anonymous ones are absent."""
        found = user_ids(self._connection, profile_ids)
        return {profile_id: UserId(user_id) for profile_id, user_id in found.items() if user_id is not None}

    def page_by_user_id(self, *, limit: int, after: Person | None = None) -> Sequence[Person]:
        """People by user id (by code point), the anonymous last, after a person of the page before."""
        page: list[Person] = []
        if after is None or after.user_id is not None:
            page = self._named(limit, after.user_id if after else None)
        if len(page) < limit:
            is_past_named = after is not None and after.user_id is None
            page += self._anonymous(limit - len(page), after.profile_id if after and is_past_named else 0)
        return page

    def _named(self, limit: int, after: str | None) -> list[Person]:
        query = (
            select(profiles.c.profile_id, profiles.c.user_id)
            .where(profiles.c.merged_into.is_(None), profiles.c.user_id > (after or ""))
            .order_by(profiles.c.user_id)
            .limit(limit)
        )
        return [
            Person(profile_id=ProfileId(row.profile_id), user_id=UserId(row.user_id))
            for row in self._connection.execute(query)
        ]

    def _anonymous(self, limit: int, after: int) -> list[Person]:
        query = (
            select(profiles.c.profile_id)
            .where(
                profiles.c.merged_into.is_(None),
                profiles.c.user_id.is_(None),
                profiles.c.profile_id > literal(after),
            )
            .order_by(profiles.c.profile_id)
            .limit(limit)
        )
        return [Person(profile_id=ProfileId(row.profile_id)) for row in self._connection.execute(query)]


def user_ids(connection: Connection, profile_ids: Sequence[ProfileId]) -> dict[ProfileId, str | None]:
    """The user id of each profile that exists."""
    if not profile_ids:
        return {}
    query = select(profiles.c.profile_id, profiles.c.user_id).where(
        among(connection, profiles.c.profile_id, profile_ids)
    )
    found = fetch(connection, query, tuple[int, str | None])
    return {ProfileId(profile_id): user_id for profile_id, user_id in found}
