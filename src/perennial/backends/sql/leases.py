"""Leases in SQL: rows where processes share a database, nothing to write where one process has it all."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from os import getpid
from socket import gethostname

import structlog
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Engine,
    Update,
    cast,
    column,
    delete,
    extract,
    func,
    select,
    table,
    tuple_,
    union,
    update,
)

from perennial.backends.sql.engine import insert_into, reading, writing
from perennial.backends.sql.options import CHAIN, SESSIONS
from perennial.backends.sql.tables import leases, processes
from perennial.kernel.ids import mint_secret
from perennial.kernel.leases import TERM, Lease, LeaseLost

_log = structlog.get_logger(__name__)

_SECOND = 1_000_000
_ACTIVITY = table(
    "pg_stat_activity",
    column("pid"),
    column("application_name"),
    column("xact_start", DateTime(timezone=True)),
)


_REMEMBERED = 30
"""For how many terms a process that is gone is remembered: it may have left a transaction open."""


class SoleLeases:
    """For a store that one process has open by itself: it holds whatever it asks for (`Leases`)."""

    def renew(
        self, names: Sequence[str], *, divided: Sequence[str] = (), is_busy: bool = False
    ) -> Mapping[str, Lease]:
        """All of these, always."""
        return {name: Lease(name=name, holder="", epoch=1) for name in (*names, *divided)}

    def release(self) -> None:
        """Nobody else wants them."""

    def confirm(self, connection: Connection, held: Iterable[Lease]) -> None:
        """Nobody else can have taken them over."""


class SharedLeases:
    """For a database that several processes work on; times are those of its clock (`Leases`)."""

    def __init__(self, engine: Engine, *, term: timedelta = TERM) -> None:
        # Whoever renews waits for others who renew, and never for a writer of the state.
        self._engine = engine.execution_options(**{CHAIN: "leases"})
        self._term = term
        self._microseconds = term // timedelta(microseconds=1)
        self._expires_at = _now() + self._microseconds
        self._sessions = str(engine.get_execution_options().get(SESSIONS, ""))
        # Where it runs is for whoever reads the rows; started again, it is another.
        self._holder = f"{gethostname()}:{getpid()}:{self._sessions}:{mint_secret('')}"

    def renew(
        self, names: Sequence[str], *, divided: Sequence[str] = (), is_busy: bool = False
    ) -> Mapping[str, Lease]:
        """Keep what is ours of these and take what nobody holds; what another holds is absent.

        Those to be divided are shared out evenly among the processes that ask for some of them. Whoever has
        too many gives some back, but not while it is busy with them. What a process that no longer renews
        began and did not end is broken off: frozen in the middle, it would keep its locks from everybody.
        """
        self._break_off_what_is_frozen()
        with writing(self._engine) as connection:
            share = -(-len(divided) // self._show_up(connection)) if divided else 0
            insertable = [
                {"name": name, "holder": "", "epoch": 0, "expires_at": 0} for name in (*names, *divided)
            ]
            connection.execute(insert_into(leases, connection).on_conflict_do_nothing(), insertable)
            self._take(connection, names, len(names))
            self._take(connection, divided, share, is_busy=is_busy)
            return self._held(connection)

    def release(self) -> None:
        """Give everything back at once, and be no longer there."""
        with writing(self._engine) as connection:
            connection.execute(_given_back().where(leases.c.holder == self._holder))
            connection.execute(delete(processes).where(processes.c.holder == self._holder))

    def confirm(self, connection: Connection, held: Iterable[Lease]) -> None:
        """Make sure, until the end of this transaction, that these are still ours. Raises LeaseLost."""
        wanted = [(lease.name, lease.holder, lease.epoch) for lease in held]
        same = tuple_(leases.c.name, leases.c.holder, leases.c.epoch).in_(wanted)
        found = connection.execute(select(leases.c.name).where(same).with_for_update(read=True)).all()
        if len(found) != len(wanted):
            raise LeaseLost

    def _break_off_what_is_frozen(self) -> None:
        with reading(self._engine) as connection:
            late = union(
                *(
                    select(each.c.holder).where(each.c.holder != "", each.c.expires_at < _now())
                    for each in (leases, processes)
                )
            )
            theirs = {holder.split(":")[2] for holder in connection.execute(late).scalars()}
            if theirs := theirs - {self._sessions}:
                # A transaction as old as this was open before its process missed its renewal.
                is_old = _ACTIVITY.c.xact_start < func.clock_timestamp() - self._term / 2
                ended = select(func.pg_terminate_backend(_ACTIVITY.c.pid))
                ours = ended.where(_ACTIVITY.c.application_name.in_(theirs), is_old)
                if broken := connection.execute(ours).all():
                    _log.warning("frozen_transactions_broken_off", transactions=len(broken))

    def _show_up(self, connection: Connection) -> int:
        """Say that this process is there; how many are."""
        long_ago = _now() - _REMEMBERED * self._microseconds
        connection.execute(delete(processes).where(processes.c.expires_at < long_ago))
        present = insert_into(processes, connection).values(holder=self._holder, expires_at=self._expires_at)
        connection.execute(
            present.on_conflict_do_update(
                index_elements=["holder"], set_={"expires_at": present.excluded.expires_at}
            )
        )
        is_there = processes.c.expires_at >= _now()
        return connection.execute(select(func.count()).select_from(processes).where(is_there)).scalar_one()

    def _take(
        self, connection: Connection, names: Sequence[str], share: int, *, is_busy: bool = False
    ) -> None:
        """Keep ours of these, up to our share; give back what is over it, or take what is free."""
        asked = select(leases.c.name).where(leases.c.name.in_(names)).order_by(leases.c.name)
        ours = connection.execute(asked.where(leases.c.holder == self._holder)).scalars().all()
        kept = ours if is_busy else ours[:share]
        connection.execute(update(leases).where(leases.c.name.in_(kept)).values(expires_at=self._expires_at))
        connection.execute(_given_back().where(leases.c.name.in_(ours[len(kept) :])))
        if len(ours) >= share:
            return
        is_free = (leases.c.holder != self._holder) & (leases.c.expires_at < _now())
        free = connection.execute(asked.where(is_free).limit(share - len(ours))).scalars().all()
        taken = update(leases).where(leases.c.name.in_(free))
        connection.execute(
            taken.values(holder=self._holder, epoch=leases.c.epoch + 1, expires_at=self._expires_at)
        )

    def _held(self, connection: Connection) -> Mapping[str, Lease]:
        ours = select(leases.c.name, leases.c.epoch).where(leases.c.holder == self._holder)
        return {
            name: Lease(name=name, holder=self._holder, epoch=epoch)
            for name, epoch in connection.execute(ours)
        }


def _given_back() -> Update:
    return update(leases).values(holder="", expires_at=0)


def _now() -> ColumnElement[int]:
    """Microseconds by the clock of the database: those of machines differ."""
    return cast(extract("epoch", func.clock_timestamp()) * _SECOND, BigInteger)
