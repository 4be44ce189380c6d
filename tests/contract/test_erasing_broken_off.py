"""An erasure that is broken off, wherever that is, ends with the receipt of one that never was."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from sqlalchemy import insert

from perennial.backends.sql.engine import open_store
from perennial.backends.sql.erased_calls import SqlIntakeErasure
from perennial.backends.sql.intake import SqlIntakeLog
from perennial.backends.sql.state import StateStore
from perennial.backends.sql.tables import identities, profiles, traits
from perennial.backends.workspace_files import WorkspaceFiles
from perennial.collect.events import Intake, Reception
from perennial.collect.identity.model import ANONYMOUS, USER
from perennial.collect.privacy import Erasure, PersonNames
from perennial.collect.privacy.ports import EventErasure, FileErasure, IntakeErasure, StateScrub
from perennial.kernel.ids import ProfileId
from perennial.runtime.erasing import Erasing, ErasureOrder

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LI, WANG, PHONE = ProfileId(1), ProfileId(2), "phone-8f7b2c90aa41d36e"
USER_ID = "customer-5f0c2a77d1e94b3c"
ADDRESS = f"{USER_ID}@example.com"


class PowerGone(Exception):
    """The process ends here."""


@dataclass
class Countdown:
    """Ends the process before or after one of the calls that an erasure makes."""

    at: int = 0
    is_after: bool = False
    called: int = 0

    def called_once(self, *, is_after: bool) -> None:
        if not is_after:
            self.called += 1
        if self.called == self.at and is_after == self.is_after:
            raise PowerGone


class Watched:
    """A port whose every call may be the last."""

    def __init__(self, port: object, countdown: Countdown) -> None:
        self._port = port
        self._countdown = countdown

    def __getattr__(self, name: str) -> Callable[..., object]:
        through = cast("Callable[..., object]", getattr(self._port, name))

        def call(*given: object, **named: object) -> object:
            self._countdown.called_once(is_after=False)
            answer = through(*given, **named)
            self._countdown.called_once(is_after=True)
            return answer

        return call


@dataclass
class Events:
    """An event store in memory: whose each row is, and on which device."""

    rows: list[tuple[ProfileId, str]] = field(
        default_factory=lambda: [(LI, ""), (LI, PHONE), (WANG, PHONE), (WANG, "")]
    )

    def count(self, person: PersonNames) -> Mapping[str, int]:
        found = {
            "events": sum(owner in person.profiles for owner, _ in self.rows),
            "device ids of others": sum(
                owner not in person.profiles and device in _devices(person) for owner, device in self.rows
            ),
        }
        return {name: rows for name, rows in found.items() if rows}

    def erase(self, person: PersonNames) -> None:
        self.rows = [
            (owner, "" if device in _devices(person) else device)
            for owner, device in self.rows
            if owner not in person.profiles
        ]

    def left(self, gone: Sequence[ProfileId]) -> int:
        return sum(owner in gone for owner, _ in self.rows)


def _devices(person: PersonNames) -> list[str]:
    return [name.value for name in person.names if name.kind == ANONYMOUS]


@dataclass
class Place:
    """A workspace's stores with a person in them, and the erasing of one process after another."""

    state: StateStore
    intake: SqlIntakeErasure
    events: Events
    files: WorkspaceFiles

    @classmethod
    def planted(cls, folder: Path) -> "Place":
        folder.mkdir()
        state = StateStore(open_store(f"sqlite:///{folder}/state.db", "state"))
        engine = open_store(f"sqlite:///{folder}/intake.db", "intake")
        with state.begin() as transaction:
            run = transaction.connection.execute
            for number, user in ((LI, USER_ID), (WANG, "wang")):
                run(insert(profiles).values(profile_id=number, user_id=user, first_seen_at=0))
                run(insert(identities).values(kind=USER, value=user, profile_id=number, linked_at=0))
            run(insert(identities).values(kind=ANONYMOUS, value=PHONE, profile_id=LI, linked_at=0))
            told = {"name": "email", "value": json.dumps(ADDRESS), "occurred_at": 0}
            run(insert(traits).values(profile_id=LI, message_id="m", **told))
        way_in = Intake(SqlIntakeLog(engine), new_id=lambda: "n")
        call = {"type": "track", "event": "seen", "userId": USER_ID, "messageId": "m1"}
        refused = {"type": "track", "event": "", "userId": USER_ID, "messageId": "m2"}
        way_in.submit([call, refused], Reception(source="web", received_at=NOON))
        way_in.close()
        export = folder / "transfers" / "1" / "export.csv"
        export.parent.mkdir(parents=True)
        export.write_text(ADDRESS)
        return cls(state, SqlIntakeErasure(engine, seed="s"), Events(), WorkspaceFiles(folder))

    def erasing(self, countdown: Countdown) -> Erasing:
        return Erasing(
            state=self.state,
            bytes_of_state=cast("StateScrub", Watched(self.state, countdown)),
            intake=cast("IntakeErasure", Watched(self.intake, countdown)),
            events=cast("EventErasure", Watched(self.events, countdown)),
            files=cast("FileErasure", Watched(self.files, countdown)),
            carry_imports=lambda: True,
        )

    def erase(self, countdown: Countdown) -> Erasure:
        """Ask for the erasure; whoever is stopped by the countdown, another process takes it up."""
        order = ErasureOrder(profile_id=LI, asked=USER_ID, reason="asked for it")
        asked = self.erasing(Countdown()).request(order, now=NOON)
        try:
            return self._finish(asked, countdown)
        except PowerGone:
            return self._finish(asked, Countdown())

    def _finish(self, asked: Erasure, countdown: Countdown) -> Erasure:
        erasing = self.erasing(countdown)
        return erasing.finish(asked.erasure_id, catch_up=lambda: None, now=lambda: NOON)


def test_broken_off_before_or_after_any_call_it_ends_the_same(tmp_path: Path) -> None:
    unbroken = Countdown()
    expected = Place.planted(tmp_path / "whole").erase(unbroken)
    assert expected.counts == {
        "logged calls": 1,
        "rejects": 1,
        "traits": 1,
        "identities": 2,
        "profiles": 1,
        "events": 2,
        "device ids of others": 1,
        "exports waiting": 1,
    }
    assert (expected.step, expected.names, expected.addresses, expected.profiles) == ("done", (), (), ())
    assert expected.proof["files found"] == 0
    assert unbroken.called > 10
    for at in range(1, unbroken.called + 1):
        for is_after in (False, True):
            place = Place.planted(tmp_path / f"{at}-{is_after}")
            receipt = place.erase(Countdown(at=at, is_after=is_after))
            assert (receipt.step, receipt.counts, receipt.names) == ("done", expected.counts, ()), (
                at,
                is_after,
            )
            # What is searched for must be known: only in its last seconds an erasure knows it no more.
            assert receipt.proof["event rows left"] == 0
            assert place.events.rows == [(WANG, ""), (WANG, "")]
            person = PersonNames(profiles=[LI], names=[])
            assert place.events.left(person.profiles) == 0
            with place.state.read() as transaction:
                assert transaction.erasures.count_rows(person) == {}
                assert transaction.erasures.unfinished() == []


def test_stopped_before_the_names_are_dropped_the_files_are_searched_all_the_same(tmp_path: Path) -> None:
    """The calls of an erasure in their order, as one that is never stopped makes them."""
    unbroken = Countdown()
    Place.planted(tmp_path / "whole").erase(unbroken)
    last = unbroken.called
    # The last four: the log written anew, the state, rows looked for, files searched.
    for at in range(1, last - 3):
        receipt = Place.planted(tmp_path / str(at)).erase(Countdown(at=at, is_after=True))
        assert receipt.proof["files found"] == 0, at
    gone = Place.planted(tmp_path / "late").erase(Countdown(at=last - 2, is_after=False))
    assert "files found" not in gone.proof
