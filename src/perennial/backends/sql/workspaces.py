"""The root store in SQL: workspaces, write keys, tokens."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine, Row, delete, insert, select, update

from perennial.access.model import ApiToken, Workspace, WriteKey
from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import insert_into, open_store, reading, writing
from perennial.backends.sql.member_tables import approval_rules, approvals, member_roles
from perennial.backends.sql.root_tables import api_tokens, source_limits, workspaces, write_keys
from perennial.kernel.windows import Zone

_IS_HERE = workspaces.c.removed_at.is_(None)


class SqlRegistry:
    """The installation's list of workspaces, keys and tokens (`Registry`)."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str) -> "SqlRegistry":
        """The registry at a URL, brought to this version."""
        return cls(open_store(url, "root"))

    def add(self, workspace: Workspace) -> Workspace:
        """Keep a workspace, or give back the one of that name which is there already."""
        with writing(self.engine) as connection:
            connection.execute(
                insert_into(workspaces, connection)
                .values(
                    name=workspace.name,
                    zone=workspace.zone.name,
                    week_start=workspace.zone.week_start,
                    seed=workspace.seed,
                    created_at=to_micros(workspace.created_at),
                    is_rehearsal=workspace.is_rehearsal,
                )
                .on_conflict_do_nothing()
            )
            kept = connection.execute(select(workspaces).where(workspaces.c.name == workspace.name)).one()
        return _workspace(kept)

    def find(self, name: str) -> Workspace | None:
        """The workspace of this name."""
        with reading(self.engine) as connection:
            row = connection.execute(
                select(workspaces).where(workspaces.c.name == name, _IS_HERE)
            ).one_or_none()
        return None if row is None else _workspace(row)

    def workspaces(self) -> Sequence[Workspace]:
        """All workspaces by name."""
        with reading(self.engine) as connection:
            return [
                _workspace(row)
                for row in connection.execute(select(workspaces).where(_IS_HERE).order_by(workspaces.c.name))
            ]

    def change(self, workspace: Workspace) -> None:
        """Keep a workspace's present title and currency."""
        with writing(self.engine) as connection:
            connection.execute(
                update(workspaces)
                .where(workspaces.c.name == workspace.name, _IS_HERE)
                .values(title=workspace.title, currency=workspace.currency)
            )

    def withdraw(self, name: str, *, at: datetime) -> None:
        """Note that a workspace was removed, and take its keys and tokens away with it."""
        with writing(self.engine) as connection:
            connection.execute(
                update(workspaces).where(workspaces.c.name == name, _IS_HERE).values(removed_at=to_micros(at))
            )
            for table in (write_keys, api_tokens, source_limits, member_roles, approval_rules, approvals):
                connection.execute(delete(table).where(table.c.workspace == name))

    def withdrawn(self) -> Sequence[str]:
        """The names of removed workspaces of which something may be left."""
        query = select(workspaces.c.name).where(~_IS_HERE).order_by(workspaces.c.name)
        with reading(self.engine) as connection:
            return list(connection.execute(query).scalars())

    def forget(self, name: str) -> None:
        """Forget a removed workspace: nothing is left of it, and its name is free."""
        with writing(self.engine) as connection:
            connection.execute(delete(workspaces).where(workspaces.c.name == name, ~_IS_HERE))

    def add_key(self, key: WriteKey) -> WriteKey:
        """Keep a write key, or give back the oldest one of its workspace and source."""
        oldest = (
            select(write_keys)
            .where(write_keys.c.workspace == key.workspace, write_keys.c.source == key.source)
            .order_by(write_keys.c.created_at, write_keys.c.write_key)
            .limit(1)
        )
        with writing(self.engine) as connection:
            present = connection.execute(oldest).one_or_none()
            if present is not None:
                return _write_key(present)
            connection.execute(
                insert(write_keys).values(
                    write_key=key.write_key,
                    workspace=key.workspace,
                    source=key.source,
                    created_at=to_micros(key.created_at),
                )
            )
        return key

    def find_key(self, write_key: str) -> WriteKey | None:
        """The write key, where it is one."""
        with reading(self.engine) as connection:
            row = connection.execute(
                select(write_keys).where(write_keys.c.write_key == write_key)
            ).one_or_none()
        return None if row is None else _write_key(row)

    def add_token(self, token: ApiToken) -> None:
        """Keep a token's hash."""
        with writing(self.engine) as connection:
            connection.execute(
                insert(api_tokens).values(
                    token_hash=token.token_hash,
                    workspace=token.workspace,
                    created_at=to_micros(token.created_at),
                    name=token.name,
                    scopes=" ".join(sorted(token.scopes)),
                    made_by=token.made_by,
                    expires_at=None if token.expires_at is None else to_micros(token.expires_at),
                )
            )

    def has_tokens(self, workspace: str) -> bool:
        """Whether a workspace has a token yet."""
        query = select(api_tokens.c.token_hash).where(api_tokens.c.workspace == workspace).limit(1)
        with reading(self.engine) as connection:
            return connection.execute(query).one_or_none() is not None

    def find_token(self, token_hash: str) -> ApiToken | None:
        """The token with this hash."""
        with reading(self.engine) as connection:
            row = connection.execute(
                select(api_tokens).where(api_tokens.c.token_hash == token_hash)
            ).one_or_none()
        return None if row is None else _token(row)

    def tokens(self, workspace: str) -> Sequence[ApiToken]:
        """The tokens of a workspace, oldest first."""
        query = (
            select(api_tokens)
            .where(api_tokens.c.workspace == workspace)
            .order_by(api_tokens.c.created_at, api_tokens.c.token_hash)
        )
        with reading(self.engine) as connection:
            return [_token(row) for row in connection.execute(query)]

    def remove_token(self, token_hash: str) -> None:
        """Let nobody in with a token any more."""
        with writing(self.engine) as connection:
            connection.execute(delete(api_tokens).where(api_tokens.c.token_hash == token_hash))

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def _workspace(row: Row[tuple[object, ...]]) -> Workspace:
    return Workspace(
        name=row.name,
        zone=Zone(name=row.zone, week_start=row.week_start),
        seed=row.seed,
        created_at=from_micros(row.created_at),
        is_rehearsal=row.is_rehearsal,
        title=row.title,
        currency=row.currency,
        removed_at=None if row.removed_at is None else from_micros(row.removed_at),
    )


def _token(row: Row[tuple[object, ...]]) -> ApiToken:
    return ApiToken(
        token_hash=row.token_hash,
        workspace=row.workspace,
        created_at=from_micros(row.created_at),
        name=row.name,
        scopes=frozenset(row.scopes.split()),
        made_by=row.made_by,
        expires_at=None if row.expires_at is None else from_micros(row.expires_at),
    )


def _write_key(row: Row[tuple[object, ...]]) -> WriteKey:
    return WriteKey(
        write_key=row.write_key,
        workspace=row.workspace,
        source=row.source,
        created_at=from_micros(row.created_at),
    )
