"""The unit of work of the state store: everything in one transaction, or nothing of it."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from itertools import count

from sqlalchemy import Connection, Engine, Text, cast, func, select

from perennial.backends.sql.acquisition import SqlAcquisition, SqlTouches
from perennial.backends.sql.backtests import SqlBacktests
from perennial.backends.sql.boards import SqlBoards
from perennial.backends.sql.consent import SqlConsents, SqlSuppressions
from perennial.backends.sql.engine import open_store, reading, scrub, writing
from perennial.backends.sql.erasures import SqlErasures
from perennial.backends.sql.finding import SqlPeopleIndex
from perennial.backends.sql.identity import SqlIdentities, SqlPeople
from perennial.backends.sql.journeys import SqlEnrollments, SqlJourneys
from perennial.backends.sql.leases import SharedLeases, SoleLeases
from perennial.backends.sql.log import SqlBatches, SqlEmitted, SqlOffsets
from perennial.backends.sql.message_notes import SqlMessageNotes
from perennial.backends.sql.messages import SqlOutbox
from perennial.backends.sql.retention import SqlRemovals
from perennial.backends.sql.schedules import SqlSchedules
from perennial.backends.sql.schema import SqlDeclarations, SqlDescriptions
from perennial.backends.sql.segments import SqlSegments
from perennial.backends.sql.tables import state
from perennial.backends.sql.tags import SqlTags
from perennial.backends.sql.templates import SqlTemplates
from perennial.backends.sql.trait_changes import SqlTraitChanges
from perennial.backends.sql.traits import SqlTraits
from perennial.kernel.leases import Lease


class StateTransaction:
    """One transaction, seen as the repositories of everything decisions rest on."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.identities = SqlIdentities(connection)
        """Which names lead to which profile."""
        self.people = SqlPeople(connection)
        """Profiles as they are listed."""
        self.index = SqlPeopleIndex(connection)
        """Names and traits, as people are found by them."""
        self.traits = SqlTraits(connection)
        """What we were told about people."""
        self.trait_changes = SqlTraitChanges(connection)
        """What operations on traits came to."""
        self.touches = SqlTouches(connection)
        """By what people came first."""
        self.acquisition = SqlAcquisition(connection)
        """Channels, their codes and costs."""
        self.consents = SqlConsents(connection)
        """Who agreed to what."""
        self.suppressions = SqlSuppressions(connection)
        """Addresses that get nothing."""
        self.descriptions = SqlDescriptions(connection)
        """What people say of events and properties."""
        self.declarations = SqlDeclarations(connection)
        """The tracking plan and the rules of cleaning."""
        self.schedules = SqlSchedules(connection)
        """Databases that are read from and written to."""
        self.erasures = SqlErasures(connection)
        """Who is being erased, and receipts of who was."""
        self.removals = SqlRemovals(connection)
        """Removals of events that were past their period."""
        self.offsets = SqlOffsets(connection)
        """How far each reader of a stream has come."""
        self.batches = SqlBatches(connection)
        """The cuts that were made of each stream."""
        self.emitted = SqlEmitted(connection)
        """Events of ours that go to the event store next."""
        self.segments = SqlSegments(connection)
        """Segments and their members."""
        self.tags = SqlTags(connection)
        """Tags and their values."""
        self.journeys = SqlJourneys(connection)
        """Journeys and their versions."""
        self.enrollments = SqlEnrollments(connection)
        """People's runs through journeys."""
        self.templates = SqlTemplates(connection)
        """What messages say."""
        self.notes = SqlMessageNotes(connection)
        """What belongs to single messages beside their row."""
        self.outbox = SqlOutbox(connection)
        """Messages and what became of them."""

    @property
    def backtests(self) -> SqlBacktests:
        """What journeys came to over the past."""
        return SqlBacktests(self.connection)

    @property
    def boards(self) -> SqlBoards:
        """Kept insights, boards and links to them."""
        return SqlBoards(self.connection)


class StateStore:
    """One workspace's state: definitions, identities, enrollments, outbox."""

    def __init__(self, engine: Engine, leases: SoleLeases | SharedLeases | None = None) -> None:
        self.engine = engine
        self.leases = leases or SoleLeases()
        """Which of the workspace's work is this process's to do."""
        self._commits = count()
        self._version: object = None

    @classmethod
    def open(cls, url: str) -> "StateStore":
        """The store at a URL (`sqlite:////path/state.db`), brought to this version."""
        return cls(open_store(url, "state"))

    @contextmanager
    def begin(self, *, holding: Iterable[Lease] = ()) -> Generator[StateTransaction, None, None]:
        """One transaction that may write; it commits at the end of the block. One writer at a time.

        It commits only while each of these leases is still held, and raises LeaseLost otherwise.
        """
        try:
            with writing(self.engine) as connection:
                yield StateTransaction(connection)
                # At the end, so that a long transaction does not keep its own lease from being renewed.
                if held := tuple(holding):
                    self.leases.confirm(connection, held)
        finally:
            # Also where it failed: a commit may have arrived whose answer did not.
            self._version = next(self._commits)

    def version(self) -> object:
        """Another after each commit that changed something, whoever made it; read without waiting."""
        if isinstance(self.leases, SoleLeases):
            return self._version  # nobody else writes here
        with reading(self.engine) as connection:
            # What a snapshot shows depends on nothing but which transactions it counts as over.
            return connection.execute(select(cast(func.txid_current_snapshot(), Text))).scalar_one()

    @contextmanager
    def read(self) -> Generator[StateTransaction, None, None]:
        """A snapshot to read from; it waits for nobody."""
        with reading(self.engine) as connection:
            yield StateTransaction(connection)

    def scrub(self) -> None:
        """Rewrite the store without the bytes of what was deleted."""
        scrub(self.engine, state)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()
