"""Approvals in the root store."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Engine, Row, delete, insert, select, update

from perennial.access.approvals.model import LASTS, Approval, Change, Verdict
from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.engine import reading, writing
from perennial.backends.sql.member_tables import approval_rules, approvals


class SqlApprovals:
    """`access.approvals.ApprovalStore` on the root store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def rules(self, workspace: str) -> frozenset[str]:
        """The operations that need a second person."""
        query = select(approval_rules.c.operation).where(approval_rules.c.workspace == workspace)
        with reading(self._engine) as connection:
            return frozenset(connection.execute(query).scalars())

    def set_rules(self, workspace: str, operations: Collection[str]) -> None:
        """Say which operations need one from now on."""
        with writing(self._engine) as connection:
            connection.execute(delete(approval_rules).where(approval_rules.c.workspace == workspace))
            for operation in operations:
                connection.execute(insert(approval_rules).values(workspace=workspace, operation=operation))

    def add(self, approval: Approval) -> Approval:
        """Keep what is asked, or give back the same change that waits already."""
        change = approval.change
        same = select(approvals).where(
            approvals.c.workspace == change.workspace,
            approvals.c.digest == change.digest,
            approvals.c.verdict == "",
        )
        # Nobody can go by it any more; what was sent is not kept for longer than it is of use.
        over = approvals.c.asked_at <= to_micros(approval.asked_at - 2 * LASTS)
        with writing(self._engine) as connection:
            connection.execute(delete(approvals).where(over))
            present = connection.execute(same.limit(1)).one_or_none()
            if present is not None:
                return _approval(present)
            connection.execute(
                insert(approvals).values(
                    approval_id=approval.approval_id,
                    workspace=change.workspace,
                    operation=change.operation,
                    target=change.target,
                    sent=change.sent,
                    digest=change.digest,
                    asked_by=approval.asked_by,
                    asked_at=to_micros(approval.asked_at),
                    verdict="",
                    decided_by="",
                )
            )
        return approval

    def find(self, workspace: str, approval_id: str) -> Approval | None:
        """One that was asked for."""
        query = select(approvals).where(
            approvals.c.workspace == workspace, approvals.c.approval_id == approval_id
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _approval(row)

    def approvals(self, workspace: str, *, since: datetime) -> Sequence[Approval]:
        """Those asked for since then, newest first."""
        query = (
            select(approvals)
            .where(approvals.c.workspace == workspace, approvals.c.asked_at > to_micros(since))
            .order_by(approvals.c.asked_at.desc(), approvals.c.approval_id)
        )
        with reading(self._engine) as connection:
            return [_approval(row) for row in connection.execute(query)]

    def decide(self, approval_id: str, verdict: Verdict, *, by: str, at: datetime) -> bool:
        """Keep a verdict; False where there is one already."""
        statement = (
            update(approvals)
            .where(approvals.c.approval_id == approval_id, approvals.c.verdict == "")
            .values(verdict=verdict, decided_by=by, decided_at=to_micros(at))
        )
        with writing(self._engine) as connection:
            return connection.execute(statement).rowcount == 1

    def use(self, workspace: str, digest: str, *, decided_since: datetime, at: datetime) -> bool:
        """Use up a yes to a change, if there is one that was not used."""
        good = (
            select(approvals.c.approval_id)
            .where(
                approvals.c.workspace == workspace,
                approvals.c.digest == digest,
                approvals.c.verdict == "approved",
                approvals.c.used_at.is_(None),
                approvals.c.decided_at > to_micros(decided_since),
            )
            .limit(1)
        )
        with writing(self._engine) as connection:
            found = connection.execute(good).scalar_one_or_none()
            if found is None:
                return False
            connection.execute(
                update(approvals).where(approvals.c.approval_id == found).values(used_at=to_micros(at))
            )
        return True


def _approval(row: Row[tuple[object, ...]]) -> Approval:
    return Approval(
        approval_id=row.approval_id,
        change=Change(
            workspace=row.workspace,
            operation=row.operation,
            target=row.target,
            sent=row.sent,
            digest=row.digest,
        ),
        asked_by=row.asked_by,
        asked_at=from_micros(row.asked_at),
        verdict=cast("Verdict", row.verdict),  # only `decide` writes it
        decided_by=row.decided_by,
        decided_at=None if row.decided_at is None else from_micros(row.decided_at),
        used_at=None if row.used_at is None else from_micros(row.used_at),
    )
