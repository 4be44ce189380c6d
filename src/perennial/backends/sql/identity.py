"""The identity graph in SQL: names, profiles, merges, and people as they are listed."""

from collections.abc import Mapping, Sequence
from operator import itemgetter

from sqlalchemy import Connection, case, func, literal, select

from perennial.backends.sql.bulk import BulkInsert, Insert, among, fetch
from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import insert_into
from perennial.backends.sql.repoint import repoint
from perennial.backends.sql.tables import identities, merges, profiles
from perennial.collect.identity.model import Graph, Identifier, IdentifierKind, Merge, Resolution
from perennial.compute.profiles.people_port import Person
from perennial.kernel.ids import ProfileId, UserId

_KINDS: tuple[IdentifierKind, ...] = ("user", "anonymous")


def _keep_earlier_and_name(insert: Insert) -> Insert:
    told, at = insert.excluded, profiles.c.first_seen_at
    return insert.on_conflict_do_update(
        index_elements=["profile_id"],
        set_={
            "first_seen_at": case((told.first_seen_at < at, told.first_seen_at), else_=at),
            "user_id": func.coalesce(told.user_id, profiles.c.user_id),
        },
    )


def _lead_there(insert: Insert) -> Insert:
    return insert.on_conflict_do_update(
        index_elements=["kind", "value"], set_={"profile_id": insert.excluded.profile_id}
    )


_INSERT_PROFILES = BulkInsert(profiles, ["profile_id", "user_id", "first_seen_at"], _keep_earlier_and_name)
_INSERT_LINKS = BulkInsert(identities, ["kind", "value", "profile_id", "linked_at"], _lead_there)


class SqlIdentities:
    """Which names lead to which profile (`Identities`), within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._first_seen: dict[int, int] = {}
        """What the store says of profiles that were asked for, so that it need not be told again."""

    def graph(self, identifiers: Sequence[Identifier], candidates: Sequence[ProfileId] = ()) -> Graph:
        """What is known of these names; `taken` says which candidates are somebody's already."""
        known: dict[Identifier, ProfileId] = {}
        users: dict[ProfileId, str] = {}
        for kind in _KINDS:
            names = [name.value for name in identifiers if name.kind == kind]
            for value, number, user_id, first_seen in self._look_up(kind, names):
                profile_id = ProfileId(number)
                known[Identifier(kind, value)] = profile_id
                self._first_seen[profile_id] = first_seen
                if user_id is not None:
                    users[profile_id] = user_id
        return Graph(profiles=known, users=users, taken=frozenset(user_ids(self._connection, candidates)))

    def save(self, resolution: Resolution) -> None:
        """Keep what a batch taught, and move everything a lost profile has to the kept one."""
        self._save_profiles(resolution)
        self._save_links(resolution)
        if resolution.merges:
            self._save_merges(resolution.merges)
            repoint(self._connection, {merge.lost: merge.kept for merge in resolution.merges})

    def merges(self, *, after: int = 0) -> tuple[Sequence[Merge], int]:
        """Merges after a number, oldest first, and the number of the last."""
        query = select(merges).where(merges.c.merge_id > after).order_by(merges.c.merge_id)
        rows = self._connection.execute(query).all()
        found = [
            Merge(
                lost=ProfileId(row.lost),
                kept=ProfileId(row.kept),
                merged_at=from_micros(row.merged_at),
                cause=row.cause,
            )
            for row in rows
        ]
        return found, rows[-1].merge_id if rows else after

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

    def _look_up(
        self, kind: IdentifierKind, values: Sequence[str]
    ) -> Sequence[tuple[str, int, str | None, int]]:
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
            (name.kind, name.value, profile_id, to_micros(resolution.first_seen[profile_id]))
            for name, profile_id in resolution.links.items()
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
                }
                for merge in found
            ],
        )


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
