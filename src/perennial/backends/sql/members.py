"""Members, their links and their sessions in the root store."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, insert, select, update

from perennial.access.members.model import Member, MemberLink, MemberSession, Purpose
from perennial.access.members.rules import FORGOTTEN_AFTER, IDLE_AFTER, address_key, wait_left
from perennial.access.roles import EVERYWHERE, Role
from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import insert_into, reading, writing
from perennial.backends.sql.member_tables import (
    member_links,
    member_roles,
    member_sessions,
    members,
    sign_in_attempts,
)


class SqlMembers:
    """`access.members.MemberRegistry` on the root store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def members(self) -> Sequence[Member]:
        """Everyone, by address."""
        with reading(self._engine) as connection:
            return _members(connection)

    def find_member(self, member_id: str) -> Member | None:
        """The member with this id."""
        with reading(self._engine) as connection:
            return next(iter(_members(connection, members.c.member_id == member_id)), None)

    def find_by_email(self, email: str) -> Member | None:
        """The member with this address."""
        with reading(self._engine) as connection:
            return next(iter(_members(connection, members.c.email_key == address_key(email))), None)

    def password_hash(self, member_id: str) -> str | None:
        """What is kept of a member's password."""
        query = select(members.c.password_hash).where(members.c.member_id == member_id)
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one_or_none()

    def add_member(self, member: Member) -> Member:
        """Keep a member, or give back whoever has the address already."""
        with writing(self._engine) as connection:
            _insert(connection, member)
            (kept,) = _members(connection, members.c.email_key == address_key(member.email))
        return kept

    def set_role(self, member_id: str, workspace: str, role: Role | None) -> bool:
        """Keep or take away a role; False, changing nothing, where no owner of everything would be left."""
        with writing(self._engine) as connection:
            takes_owner = workspace == EVERYWHERE and role != "owner"
            if takes_owner and _is_last_owner(connection, member_id):
                return False
            connection.execute(
                delete(member_roles).where(
                    member_roles.c.member_id == member_id, member_roles.c.workspace == workspace
                )
            )
            if role is not None:
                connection.execute(
                    insert(member_roles).values(member_id=member_id, workspace=workspace, role=role)
                )
        return True

    def remove_member(self, member_id: str) -> bool:
        """Take a member away with all that is theirs; False where no owner would be left."""
        with writing(self._engine) as connection:
            if _is_last_owner(connection, member_id):
                return False
            for table in (member_roles, member_links, member_sessions, members):
                connection.execute(delete(table).where(table.c.member_id == member_id))
        return True

    def set_password(self, member_id: str, password_hash: str) -> None:
        """Keep a new password; every session and link of the member ends."""
        with writing(self._engine) as connection:
            _set_password(connection, member_id, password_hash)

    def keep_link(self, link: MemberLink) -> None:
        """Keep a link; an earlier one for the same is over."""
        with writing(self._engine) as connection:
            connection.execute(delete(member_links).where(member_links.c.member_id == link.member_id))
            connection.execute(
                insert(member_links).values(
                    link_hash=link.link_hash,
                    purpose=link.purpose,
                    member_id=link.member_id,
                    expires_at=to_micros(link.expires_at),
                )
            )

    def find_link(self, link_hash: str) -> MemberLink | None:
        """A link that was not used."""
        query = select(member_links).where(member_links.c.link_hash == link_hash)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return MemberLink(
            link_hash=row.link_hash,
            purpose=cast("Purpose", row.purpose),  # only `keep_link` writes it
            member_id=row.member_id,
            expires_at=from_micros(row.expires_at),
        )

    def redeem_link(self, link_hash: str, password_hash: str, *, owner: Member | None) -> Member | None:
        """Use a link up: the password is kept and every earlier session ends, in one transaction."""
        taken = (
            delete(member_links)
            .where(member_links.c.link_hash == link_hash)
            .returning(member_links.c.member_id)
        )
        with writing(self._engine) as connection:
            row = connection.execute(taken).one_or_none()
            if row is None or (owner is not None and _owners(connection)):
                return None
            member_id = row.member_id
            if owner is not None:
                _insert(connection, owner)
                # An address that was invited and never came is its owner now.
                (kept,) = _members(connection, members.c.email_key == address_key(owner.email))
                member_id = kept.member_id
                connection.execute(
                    insert_into(member_roles, connection)
                    .values(member_id=member_id, workspace=EVERYWHERE, role="owner")
                    .on_conflict_do_update(index_elements=["member_id", "workspace"], set_={"role": "owner"})
                )
            _set_password(connection, member_id, password_hash)
            return next(iter(_members(connection, members.c.member_id == member_id)), None)

    def keep_session(self, session: MemberSession) -> None:
        """Keep a session; whatever has expired by the time it was last seen is forgotten."""
        now = session.seen_at
        over = (member_sessions.c.expires_at <= to_micros(now)) | (
            member_sessions.c.seen_at <= to_micros(now - IDLE_AFTER)
        )
        with writing(self._engine) as connection:
            connection.execute(delete(member_sessions).where(over))
            connection.execute(
                insert(member_sessions).values(
                    session_hash=session.session_hash,
                    member_id=session.member_id,
                    seen_at=to_micros(now),
                    expires_at=to_micros(session.expires_at),
                )
            )

    def find_session(self, session_hash: str) -> MemberSession | None:
        """The session with this hash."""
        query = select(member_sessions).where(member_sessions.c.session_hash == session_hash)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return MemberSession(
            session_hash=row.session_hash,
            member_id=row.member_id,
            seen_at=from_micros(row.seen_at),
            expires_at=from_micros(row.expires_at),
        )

    def note_seen(self, session_hash: str, at: datetime) -> None:
        """Note that a session is in use."""
        with writing(self._engine) as connection:
            connection.execute(
                update(member_sessions)
                .where(member_sessions.c.session_hash == session_hash)
                .values(seen_at=to_micros(at))
            )

    def end_session(self, session_hash: str) -> None:
        """Let a session be over."""
        with writing(self._engine) as connection:
            connection.execute(delete(member_sessions).where(member_sessions.c.session_hash == session_hash))

    def end_sessions(self, member_id: str) -> int:
        """Let every session of a member be over; how many those were."""
        with writing(self._engine) as connection:
            return connection.execute(
                delete(member_sessions).where(member_sessions.c.member_id == member_id)
            ).rowcount

    def begin_attempt(self, free: Mapping[str, int], *, now: datetime) -> float:
        """Count an attempt to sign in under each key, before it is judged; or the seconds to wait."""
        with writing(self._engine) as connection:
            before = to_micros(now - FORGOTTEN_AFTER)
            connection.execute(delete(sign_in_attempts).where(sign_in_attempts.c.last_at <= before))
            counted = {
                row.attempt_key: row
                for row in connection.execute(
                    select(sign_in_attempts).where(sign_in_attempts.c.attempt_key.in_(list(free)))
                )
            }
            waits = [
                wait_left(row.attempts, free=free[key], since=now - from_micros(row.last_at))
                for key, row in counted.items()
            ]
            longest = max(waits, default=timedelta(0))
            if longest > timedelta(0):
                return longest.total_seconds()
            for key in free:
                attempts = counted[key].attempts + 1 if key in counted else 1
                row = {"attempts": attempts, "last_at": to_micros(now)}
                connection.execute(
                    insert_into(sign_in_attempts, connection)
                    .values(attempt_key=key, **row)
                    .on_conflict_do_update(index_elements=["attempt_key"], set_=row)
                )
        return 0.0

    def forget_attempts(self, keys: Sequence[str]) -> None:
        """Forget the attempts under these keys: the last one was good."""
        with writing(self._engine) as connection:
            connection.execute(delete(sign_in_attempts).where(sign_in_attempts.c.attempt_key.in_(keys)))


def _members(connection: Connection, *which: ColumnElement[bool]) -> list[Member]:
    rows = connection.execute(select(members).where(*which).order_by(members.c.email_key)).all()
    chosen = select(member_roles)
    if which:
        chosen = chosen.where(member_roles.c.member_id.in_([row.member_id for row in rows]))
    roles: dict[str, dict[str, Role]] = {}
    for row in connection.execute(chosen.order_by(member_roles.c.workspace)):
        # Only roles are written there.
        roles.setdefault(row.member_id, {})[row.workspace] = cast("Role", row.role)
    return [_member(row, roles.get(row.member_id, {})) for row in rows]


def _member(row: Row[tuple[object, ...]], roles: Mapping[str, Role]) -> Member:
    return Member(
        member_id=row.member_id,
        email=row.email,
        created_at=from_micros(row.created_at),
        roles=roles,
        has_password=row.password_hash is not None,
    )


def _insert(connection: Connection, member: Member) -> None:
    connection.execute(
        insert_into(members, connection)
        .values(
            member_id=member.member_id,
            email=member.email,
            email_key=address_key(member.email),
            created_at=to_micros(member.created_at),
        )
        .on_conflict_do_nothing()
    )


def _set_password(connection: Connection, member_id: str, password_hash: str) -> None:
    connection.execute(
        update(members).where(members.c.member_id == member_id).values(password_hash=password_hash)
    )
    for table in (member_links, member_sessions):
        connection.execute(delete(table).where(table.c.member_id == member_id))


def _owners(connection: Connection) -> set[str]:
    """Who owns everything, and can come in."""
    query = (
        select(member_roles.c.member_id)
        .join(members, members.c.member_id == member_roles.c.member_id)
        .where(
            member_roles.c.workspace == EVERYWHERE,
            member_roles.c.role == "owner",
            members.c.password_hash.is_not(None),
        )
    )
    return set(connection.execute(query).scalars())


def _is_last_owner(connection: Connection, member_id: str) -> bool:
    return _owners(connection) == {member_id}
