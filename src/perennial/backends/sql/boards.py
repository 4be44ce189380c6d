"""What analysts keep, in SQL."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, and_, func, insert, select, update

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.tables_boards import board_shares, kept_documents
from perennial.evaluate.boards import Kept, Kind, Share


class SqlBoards:
    """`evaluate.boards.BoardShelf` on one connection; the caller's transaction is ours."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def latest(self, kind: Kind, id_: str) -> Kept | None:
        """The newest version, that it was taken away included."""
        query = (
            select(kept_documents)
            .where(kept_documents.c.kind == kind, kept_documents.c.id == id_)
            .order_by(kept_documents.c.version.desc())
            .limit(1)
        )
        found = self._connection.execute(query).mappings().first()
        return None if found is None else _kept(found)

    def live(self, kind: Kind) -> Sequence[Kept]:
        """The newest version of each that is there, by id."""
        newest = (
            select(kept_documents.c.id, func.max(kept_documents.c.version).label("version"))
            .where(kept_documents.c.kind == kind)
            .group_by(kept_documents.c.id)
            .subquery()
        )
        is_newest = and_(kept_documents.c.id == newest.c.id, kept_documents.c.version == newest.c.version)
        query = (
            select(kept_documents)
            .join(newest, is_newest)
            .where(kept_documents.c.kind == kind, ~kept_documents.c.is_removed)
            .order_by(kept_documents.c.id)
        )
        return [_kept(row) for row in self._connection.execute(query).mappings()]

    def add(self, kept: Kept) -> None:
        """Keep a version."""
        row: dict[str, object] = {
            "kind": kept.kind,
            "id": kept.id,
            "version": kept.version,
            "document": json.dumps(kept.document, ensure_ascii=False),
            "owner": kept.owner,
            "saved_by": kept.saved_by,
            "saved_at": to_micros(kept.saved_at),
            "is_removed": kept.is_removed,
        }
        self._connection.execute(insert(kept_documents).values(row))

    def add_share(self, share: Share) -> None:
        """Keep a link."""
        row: dict[str, object] = {
            "share_id": share.share_id,
            "board_id": share.board_id,
            "created_at": to_micros(share.created_at),
            "expires_at": to_micros(share.expires_at),
            "created_by": share.created_by,
            "revoked_at": None if share.revoked_at is None else to_micros(share.revoked_at),
        }
        self._connection.execute(insert(board_shares).values(row))

    def find_share(self, share_id: str) -> Share | None:
        """One link."""
        query = select(board_shares).where(board_shares.c.share_id == share_id)
        found = self._connection.execute(query).mappings().first()
        return None if found is None else _share(found)

    def shares(self, board_id: str) -> Sequence[Share]:
        """A board's links, the newest first."""
        query = (
            select(board_shares)
            .where(board_shares.c.board_id == board_id)
            .order_by(board_shares.c.created_at.desc(), board_shares.c.share_id)
        )
        return [_share(row) for row in self._connection.execute(query).mappings()]

    def revoke(self, share_id: str, *, at: datetime) -> None:
        """Take a link back."""
        self._connection.execute(
            update(board_shares)
            .where(board_shares.c.share_id == share_id, board_shares.c.revoked_at.is_(None))
            .values(revoked_at=to_micros(at))
        )


def _kept(row: RowMapping) -> Kept:
    return Kept(
        kind=row["kind"],
        id=row["id"],
        version=row["version"],
        document=json.loads(row["document"]),
        owner=row["owner"],
        saved_by=row["saved_by"],
        saved_at=from_micros(row["saved_at"]),
        is_removed=row["is_removed"],
    )


def _share(row: RowMapping) -> Share:
    revoked = row["revoked_at"]
    return Share(
        share_id=row["share_id"],
        board_id=row["board_id"],
        created_at=from_micros(row["created_at"]),
        expires_at=from_micros(row["expires_at"]),
        created_by=row["created_by"],
        revoked_at=None if revoked is None else from_micros(revoked),
    )
