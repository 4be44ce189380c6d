"""Erasing a person, step by step: each step is recorded when it is done, and repeating one does no harm.

First nothing more is accepted under the person's ids, and everything accepted before is understood. Then
the person's calls leave the log of the way in, and with them gone nothing can bring back what goes next:
the rows of the state, in one transaction with the note of which profiles they were; the rows of the event
store; and at last the bytes, for a deleted row's bytes lie in files until something is written over them.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock

import structlog

from perennial.collect.identity.model import USER
from perennial.collect.privacy.erased import digest_of
from perennial.collect.privacy.model import Erasure, PersonNames
from perennial.collect.privacy.ports import EventErasure, FileErasure, IntakeErasure, StateScrub
from perennial.kernel.errors import NotFound, Unavailable
from perennial.kernel.ids import ProfileId, mint_secret
from perennial.runtime.ports import StateStore

_log = structlog.get_logger(__name__)

_ROUNDS = 10
"""Times that ids are looked for among what came in meanwhile: each round shuts more of them out."""


class ErasureNotFound(NotFound):
    """No erasure has this id."""

    code = "erasure_not_found"


class StillArriving(Unavailable):
    """Calls of the person were accepted and are not where they can be erased yet; it is tried again."""

    code = "still_arriving"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureOrder:
    """Whom to erase and what is said of it."""

    profile_id: ProfileId
    asked: str
    """The id as it was asked for: it is hashed and not kept."""
    reason: str = ""
    by: str = ""
    allows_return: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasing:
    """Erasures of one workspace."""

    state: StateStore
    bytes_of_state: StateScrub
    intake: IntakeErasure
    events: EventErasure
    files: FileErasure
    carry_imports: Callable[[], bool]
    """Carries what imports left between acceptance and the event store; whether nothing is left there."""
    without_imports: AbstractContextManager[object] = field(default_factory=nullcontext[None])
    """Held while no import may run."""
    one_at_a_time: Lock = field(default_factory=Lock)

    def request(self, order: ErasureOrder, *, now: datetime) -> Erasure:
        """Record an erasure, so that it is ended whatever happens."""
        subject = digest_of(USER, order.asked, salt=self.intake.salt()).hex()
        erasure = Erasure(
            erasure_id=mint_secret("era_"),
            subject=subject,
            reason=order.reason,
            by=order.by,
            allows_return=order.allows_return,
            requested_at=now,
            profiles=[order.profile_id],
        )
        with self.state.begin() as transaction:
            transaction.erasures.save(erasure)
        return erasure

    def find(self, erasure_id: str) -> Erasure:
        """An erasure as it stands. Raises ErasureNotFound."""
        with self.state.read() as transaction:
            found = transaction.erasures.find(erasure_id)
        if found is None:
            raise ErasureNotFound(f"There is no erasure {erasure_id!r}.")
        return found

    def finish(
        self, erasure_id: str, *, catch_up: Callable[[], None], now: Callable[[], datetime]
    ) -> Erasure:
        """Take an erasure from where it stands to its end. `catch_up` understands what was accepted.

        Raises Unavailable where a store does not let it: it goes on from there when it is called again.
        """
        with self.one_at_a_time:
            erasure = self.find(erasure_id)
            if erasure.step in ("asked", "shut_out"):
                with self.without_imports:
                    erasure = self._shut_out_and_counted(erasure, catch_up)
                    erasure = self._erase_state(erasure)
            if erasure.step == "state_erased":
                self.events.erase(erasure.person)
                erasure = self._save(replace(erasure, step="events_erased"))
            if erasure.step in ("events_erased", "names_dropped"):
                erasure = self._prove(erasure, now=now())
            return erasure

    def _shut_out_and_counted(self, erasure: Erasure, catch_up: Callable[[], None]) -> Erasure:
        """Whom it is about, and what there is of them. Counted once: later part of it may be gone."""
        person = self._shut_out(erasure, catch_up)
        counts = erasure.counts
        if erasure.step == "asked":
            with self.state.read() as transaction:
                rows = transaction.erasures.count_rows(person)
            counts = {**self.intake.count(person), **rows, **self.events.count(person), **self.files.count()}
        known = {"profiles": person.profiles, "names": person.names, "addresses": person.addresses}
        return self._save(replace(erasure, step="shut_out", counts=counts, **known))

    def _shut_out(self, erasure: Erasure, catch_up: Callable[[], None]) -> PersonNames:
        """Everybody the person is, once nothing of theirs is on its way any more."""
        known: PersonNames | None = None
        for _ in range(_ROUNDS):
            catch_up()
            if not self.carry_imports():
                raise StillArriving(hint="An import of another process is under way.")
            with self.state.read() as transaction:
                person = transaction.erasures.names_of(erasure.profiles[0])
            if person == known:
                return person
            if not erasure.allows_return:
                self.intake.suppress(person, erasure_id=erasure.erasure_id)
            known = person
        raise StillArriving(hint="The person is known by more and more ids.")

    def _erase_state(self, erasure: Erasure) -> Erasure:
        self.intake.erase(erasure.person)
        erased = replace(erasure, step="state_erased")
        with self.state.begin() as transaction:
            transaction.erasures.erase_rows(erasure.person)
            transaction.erasures.save(erased)
        return erased

    def _prove(self, erasure: Erasure, *, now: datetime) -> Erasure:
        """Write the stores anew without what was deleted, and look whether anything is left."""
        texts = list(erasure.person.texts)
        self.files.erase()
        # Before the stores are written anew: what the erasure itself knows must be gone with the rest.
        erasure = self._save(replace(erasure, step="names_dropped", names=(), addresses=()))
        self.intake.scrub()
        self.bytes_of_state.scrub()
        rows = self.events.left(erasure.profiles)
        proof = {"event rows left": rows, **self._searched(texts)}
        _log.info("person_erased", erasure=erasure.erasure_id, proof=proof)
        return self._save(replace(erasure, step="done", profiles=(), proof=proof, finished_at=now))

    def _searched(self, texts: Sequence[str]) -> Mapping[str, int]:
        """What a search of the files for the person's names came to.

        Nothing where they are not known any more, because the erasure was broken off in its last seconds: a
        receipt claims no search that nobody made.
        """
        if not texts:
            return {}
        searched, found = self.files.search(texts)
        return {"files searched": searched, "files found": found}

    def _save(self, erasure: Erasure) -> Erasure:
        with self.state.begin() as transaction:
            transaction.erasures.save(erasure)
        return erasure
