"""What journeys came to over the past, in SQL."""

import json
from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, delete, insert, select

from perennial.backends.sql.columns import from_micros, to_micros
from perennial.backends.sql.tables_backtests import backtests
from perennial.decide.rehearsals.backtests import Backtest
from perennial.kernel.ids import JourneyId


class SqlBacktests:
    """`decide.rehearsals.backtests.Backtests` on one connection; the caller's transaction is ours."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, backtest: Backtest) -> None:
        """Keep what one came to."""
        row: dict[str, object] = {
            "backtest_id": backtest.backtest_id,
            "journey_id": backtest.journey_id,
            "starts_at": to_micros(backtest.start),
            "ends_at": to_micros(backtest.end),
            "ran_at": to_micros(backtest.ran_at),
            "report": json.dumps(dict(backtest.report), ensure_ascii=False),
        }
        self._connection.execute(insert(backtests).values(row))

    def find(self, backtest_id: str) -> Backtest | None:
        """One of them."""
        query = select(backtests).where(backtests.c.backtest_id == backtest_id)
        found = self._connection.execute(query).mappings().first()
        return None if found is None else _backtest(found)

    def page(self, *, limit: int, after: str | None) -> Sequence[Backtest]:
        """The newest first, after one of them."""
        query = select(backtests).order_by(backtests.c.number.desc()).limit(limit)
        if after is not None:
            last = select(backtests.c.number).where(backtests.c.backtest_id == after).scalar_subquery()
            query = query.where(backtests.c.number < last)
        return [_backtest(row) for row in self._connection.execute(query).mappings()]

    def forget(self, *, kept: int) -> None:
        """Let go of all but the newest."""
        newest = select(backtests.c.number).order_by(backtests.c.number.desc()).limit(1).offset(kept - 1)
        oldest = self._connection.execute(newest).scalar()
        if oldest is not None:
            self._connection.execute(delete(backtests).where(backtests.c.number < oldest))


def _backtest(found: RowMapping) -> Backtest:
    return Backtest(
        backtest_id=found["backtest_id"],
        journey_id=JourneyId(found["journey_id"]),
        start=from_micros(found["starts_at"]),
        end=from_micros(found["ends_at"]),
        ran_at=from_micros(found["ran_at"]),
        report=json.loads(found["report"]),
    )
