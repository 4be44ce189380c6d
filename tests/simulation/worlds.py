"""A story told to a real installation, which is killed between two statements and opened again."""

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from sqlalchemy import Engine, event
from tests.simulation.chance import Chance
from tests.simulation.stories import (
    BEGIN,
    SEGMENT,
    TEMPLATE,
    Action,
    Govern,
    Publish,
    Say,
    Steer,
    Turn,
)

from perennial.kernel.clock import VirtualClock
from perennial.kernel.errors import Refused
from perennial.showcase.mailbox import Mailbox
from perennial.wiring import Workspace, open_app

_OWN_TO_A_RUN = frozenset({"batches", "offsets", "signing_keys", "alembic_version", "sqlite_sequence"})
"""How the work was cut into portions, secrets, and what migrations keep."""


class Killed(BaseException):
    """The process is gone: nothing of ours may catch this."""


@dataclass(slots=True)
class Fuse:
    """Counts this thread's statements and commits; when it burns down, every further one fails."""

    left: int | None = None
    counted: int = 0
    is_burnt: bool = False
    thread: int = field(default_factory=threading.get_ident)

    def mend(self) -> None:
        """Let everything through again."""
        self.left, self.is_burnt = None, False

    def touch(self) -> None:
        """One statement or commit is about to be made."""
        if threading.get_ident() != self.thread:
            return
        if self.is_burnt:
            raise Killed
        self.counted += 1
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.is_burnt = True
                raise Killed


@contextmanager
def fused() -> Generator[Fuse]:
    """A fuse in every connection to a state store of this process."""
    fuse = Fuse()

    def statement(*_: object) -> None:
        fuse.touch()

    event.listen(Engine, "before_cursor_execute", statement)
    event.listen(Engine, "commit", statement)
    try:
        yield fuse
    finally:
        event.remove(Engine, "before_cursor_execute", statement)
        event.remove(Engine, "commit", statement)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a story came to: every row of the state, the events, the mails, and each action's statements."""

    tables: Mapping[str, Counter[str]]
    """Rows by table, as text that begins with the row's own id."""
    events: Counter[str]
    mails: Counter[str]
    """How often each message arrived."""
    sent: frozenset[str]
    unknown: frozenset[str]
    """Messages that may have gone out or not: the kill came between the call and its answer."""
    statements: tuple[int, ...]
    kills: int
    ailments: tuple[str, ...]

    def differences(self, killed: "Told") -> list[str]:
        """Rows that one has and the other has not, by table; messages of unknown fate apart."""
        found: list[str] = []
        pairs = {name: (rows, killed.tables[name]) for name, rows in self.tables.items()}
        for name, (mine, theirs) in {**pairs, "events": (self.events, killed.events)}.items():
            for sign, rows in (("-", mine - theirs), ("+", theirs - mine)):
                found += [f"{sign} {name}: {row}" for row in rows.elements() if not killed.is_unknown(row)]
        return found

    def is_unknown(self, row: str) -> bool:
        """Whether a row, or an event's id, is about a message of unknown fate."""
        return any(row.removeprefix('["').startswith(one) for one in self.unknown)

    def misdeliveries(self) -> list[str]:
        """Messages that arrived twice, arrived though nothing says so, or did not though it is said."""
        twice = [f"{one} arrived {count} times" for one, count in self.mails.items() if count > 1]
        untold = [f"{one} arrived untold" for one in self.mails.keys() - self.sent - self.unknown]
        return twice + untold + [f"{one} never arrived" for one in self.sent - self.mails.keys()]

    def size(self) -> Mapping[str, int]:
        """How much happened."""
        counted = Counter(str(json.loads(row)[1]) for row in self.tables["emitted_events"].elements())
        mails = {"mails": self.mails.total(), "unknown": len(self.unknown)}
        return {"statements": sum(self.statements), "kills": self.kills, **mails, **counted}


def kills_for(seed: int, statements: Sequence[int]) -> dict[int, list[int]]:
    """Before which statement of which action a story is killed: up to five times, also when repeated."""
    chance, kills = Chance(-seed), dict[int, list[int]]()
    busy = [place for place, count in enumerate(statements) if count > 0]
    for _ in range(chance.number(1, 5)):
        place = chance.one_of(busy)
        kills.setdefault(place, []).append(chance.number(0, statements[place] - 1))
    return kills


def tell(home: Path, actions: Sequence[Action], kills: Mapping[int, Sequence[int]]) -> Told:
    """Tell a story to a new installation, killing it at these places; what is interrupted is repeated."""
    clock = VirtualClock(BEGIN)
    with Mailbox(clock) as mailbox, fused() as fuse:
        home.mkdir()
        (home / "settings.toml").write_text(f'[smtp]\nurl = "{mailbox.url}?from=shop@example.com"\n')
        world = _World(home, clock, fuse)
        try:
            world.begin()
            statements = [world.live_through(one, kills.get(place, ())) for place, one in enumerate(actions)]
            ailments = [check.name for check in world.app.workspace().doctor().checks if not check.ok]
            events = Counter(world.app.workspace().message_ids())
        finally:
            fuse.mend()
            world.app.close()
        mails = Counter(str(one.message["Message-ID"]).strip("<>").split("@")[0] for one in mailbox.mails)
    tables = _tables(home / "workspaces" / "default" / "state.db")
    return Told(
        tables=tables,
        events=events,
        mails=mails,
        sent=_messages(tables, "sent"),
        unknown=_messages(tables, "unknown"),
        statements=tuple(statements),
        kills=world.kills,
        ailments=tuple(ailments),
    )


class _World:
    """One installation and its clock, opened again whenever it was killed."""

    def __init__(self, home: Path, clock: VirtualClock, fuse: Fuse) -> None:
        self.kills = 0
        self.app = open_app(home, clock=clock)
        self._home, self._clock, self._fuse = home, clock, fuse

    def begin(self) -> None:
        """What every story begins with."""
        self.app.init()
        self.app.workspace().save_template(TEMPLATE)
        self.app.workspace().save_segment(SEGMENT)

    def live_through(self, action: Action, kills: Sequence[int]) -> int:
        """Do it, killed before this statement of each attempt; how many the last attempt took."""
        if isinstance(action, Turn):
            self._clock.advance(action.after)
        for statement in (*kills, None):
            self._fuse.counted, self._fuse.left = 0, statement
            try:
                _perform(self.app.workspace(), action)
                break
            except Killed:
                self._open_again()
        self._fuse.mend()
        return self._fuse.counted

    def _open_again(self) -> None:
        self.kills += 1
        with suppress(Killed):  # it may not write a farewell either
            self.app.close()
        self._fuse.mend()
        self.app = open_app(self._home, clock=self._clock)


def _perform(workspace: Workspace, action: Action) -> None:
    match action:
        case Say(calls=calls):
            assert workspace.send(calls).rejected == ()
        case Turn():
            workspace.turn()
        case Publish(document=document, plan=plan):
            workspace.publish_journey(json.dumps(document), plan=plan)
        case Govern(policy=policy):
            workspace.publish_policy(policy)
        case Steer(journey=journey, verb=verb):
            change = cast("Callable[[str], object]", getattr(workspace, f"{verb}_journey"))
            try:
                change(journey)
            except Refused:
                assert verb in ("pause", "resume")


def _tables(state: Path) -> dict[str, Counter[str]]:
    """Every row of a state store that a story makes, as text; positions of a log are not among it."""
    found: dict[str, Counter[str]] = {}
    with closing(sqlite3.connect(state)) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for name in sorted(set(names) - _OWN_TO_A_RUN):
            rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608 - our own tables
            skipped = 1 if name == "emitted_events" else 0
            found[name] = Counter(json.dumps(row[skipped:], default=bytes.hex) for row in rows)
    return found


def _messages(tables: Mapping[str, Counter[str]], state: str) -> frozenset[str]:
    rows = [cast("list[object]", json.loads(row)) for row in tables["messages"]]
    return frozenset(str(row[0]) for row in rows if state in row)
