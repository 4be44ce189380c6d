"""The identity graph in SQL: names, profiles, merges, and people as they are listed."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, func, literal, select, update

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import insert_into, portions
from perennial.backends.sql.repoint import repoint
from perennial.backends.sql.tables import identities, merges, profiles
from perennial.collect.identity.model import Graph, Identifier, IdentifierKind, Merge, Resolution
from perennial.compute.profiles.people_port import Person
from perennial.kernel.ids import ProfileId, UserId

_KINDS: tuple[IdentifierKind, ...] = ("user", "anonymous")


class SqlIdentities:
    """Which names lead to which profile (`Identities`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def graph(self, identifiers: Sequence[Identifier], candidates: Sequence[ProfileId] = ()) -> Graph:
        """What is known of these names; `taken` says which candidates are somebody's already."""
        known: dict[Identifier, ProfileId] = {}
        for kind in _KINDS:
            known.update(self._profiles_of(kind, [name.value for name in identifiers if name.kind == kind]))
        users = user_ids(self._connection, list(set(known.values())))
        return Graph(
            profiles=known,
            users={profile_id: user_id for profile_id, user_id in users.items() if user_id is not None},
            taken=frozenset(user_ids(self._connection, candidates)),
        )

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

    def _profiles_of(
        self, kind: IdentifierKind, values: Sequence[str]
    ) -> Iterable[tuple[Identifier, ProfileId]]:
        for portion in portions(values):
            query = select(identities.c.value, identities.c.profile_id).where(
                identities.c.kind == kind, identities.c.value.in_(portion)
            )
            for value, profile_id in self._connection.execute(query):
                yield Identifier(kind, value), ProfileId(profile_id)

    def _save_profiles(self, resolution: Resolution) -> None:
        if not resolution.first_seen:
            return
        statement = insert_into(profiles, self._connection)
        earlier = statement.on_conflict_do_update(
            index_elements=["profile_id"],
            set_={"first_seen_at": statement.excluded.first_seen_at},
            where=statement.excluded.first_seen_at < profiles.c.first_seen_at,
        )
        rows = [
            {"profile_id": profile_id, "first_seen_at": to_micros(at)}
            for profile_id, at in resolution.first_seen.items()
        ]
        self._connection.execute(earlier, rows)
        if resolution.users:
            named = update(profiles).where(profiles.c.profile_id == bindparam("profile"))
            self._connection.execute(
                named.values(user_id=bindparam("user")),
                [
                    {"profile": profile_id, "user": user_id}
                    for profile_id, user_id in resolution.users.items()
                ],
            )

    def _save_links(self, resolution: Resolution) -> None:
        if not resolution.links:
            return
        statement = insert_into(identities, self._connection)
        upsert = statement.on_conflict_do_update(
            index_elements=["kind", "value"], set_={"profile_id": statement.excluded.profile_id}
        )
        self._connection.execute(
            upsert,
            [
                {
                    "kind": name.kind,
                    "value": name.value,
                    "profile_id": profile_id,
                    "linked_at": to_micros(resolution.first_seen[profile_id]),
                }
                for name, profile_id in resolution.links.items()
            ],
        )

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
    found: dict[ProfileId, str | None] = {}
    for portion in portions(profile_ids):
        query = select(profiles.c.profile_id, profiles.c.user_id).where(profiles.c.profile_id.in_(portion))
        found.update((ProfileId(profile_id), user_id) for profile_id, user_id in connection.execute(query))
    return found
