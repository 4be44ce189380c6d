"""What is known of names and people as it grows while one batch is read."""

from collections.abc import Sequence
from datetime import datetime

from perennial.collect.identity.model import (
    ANONYMOUS,
    Graph,
    Identifier,
    Learned,
    Merge,
    Quarantine,
    Refusal,
    Resolution,
    Sighting,
)
from perennial.kernel.ids import ProfileId


class Knowledge:
    """The graph and what the present batch adds to it; it decides nothing."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._taken = set(graph.taken)
        self._known = dict(graph.profiles)
        self._users = dict(graph.users)
        self._values = {person: dict(counts) for person, counts in graph.values.items()}
        self._strangers = {name: set(people) for name, people in graph.strangers.items()}
        self._quarantined = set(graph.quarantined)
        self._links: dict[Identifier, ProfileId] = {}
        self._learned: dict[Identifier, Learned] = {}
        self._named: dict[ProfileId, str] = {}
        self._first_seen: dict[ProfileId, datetime] = {}
        self._became: dict[ProfileId, ProfileId] = {}
        self._merges: list[Merge] = []
        self._refusals: dict[tuple[ProfileId, Identifier, str], Refusal] = {}
        self._put_away: list[Quarantine] = []
        self._present: Sighting | None = None

    def begin(self, sighting: Sighting) -> None:
        """From now on everything is learned by this call."""
        self._present = sighting

    def find(self, name: Identifier) -> ProfileId | None:
        """Whom a name leads to."""
        profile_id = self._known.get(name)
        return None if profile_id is None else self.final(profile_id)

    def final(self, profile_id: ProfileId) -> ProfileId:
        """Whom a profile has become."""
        while profile_id in self._became:
            profile_id = self._became[profile_id]
        return profile_id

    def user_of(self, profile_id: ProfileId) -> str | None:
        """The user id a profile is listed under."""
        return self._users.get(profile_id)

    def count(self, profile_id: ProfileId, kind: str) -> int:
        """How many names of a kind somebody has."""
        return self._values.get(profile_id, {}).get(kind, 0)

    def is_quarantined(self, name: Identifier) -> bool:
        """Whether a name joins nobody."""
        return name in self._quarantined

    def are_apart(self, one: ProfileId, other: ProfileId) -> bool:
        """Whether two people were parted by hand."""
        if not self._graph.apart:
            return False
        wanted = {one, other}
        return any({self.final(each) for each in pair} == wanted for pair in self._graph.apart)

    def is_taken(self, profile_id: ProfileId) -> bool:
        """Whether a profile id is somebody's."""
        return profile_id in self._taken

    def take(self, profile_id: ProfileId) -> None:
        """A new profile: it exists from this call on."""
        self._taken.add(profile_id)
        self.see(profile_id)

    def see(self, profile_id: ProfileId) -> None:
        """The present call is of this profile."""
        present = self._call()
        seen_at = present.earliest or present.occurred_at
        earlier = self._first_seen.get(profile_id)
        if earlier is None or seen_at < earlier:
            self._first_seen[profile_id] = seen_at

    def name(self, profile_id: ProfileId, user: Identifier) -> None:
        """Somebody is listed under this user id from now on."""
        self._users[profile_id] = user.value
        self._named[profile_id] = user.value
        self.link(user, profile_id)

    def link(self, name: Identifier, profile_id: ProfileId) -> None:
        """A name leads to somebody from now on."""
        former = self.find(name)
        if former == profile_id:
            return
        self._known[name] = profile_id
        self._links[name] = profile_id
        self._learned[name] = self._now()
        for person, more in ((former, -1), (profile_id, 1)):
            if person is not None:
                counts = self._values.setdefault(person, {})
                counts[name.kind] = counts.get(name.kind, 0) + more

    def merge(self, lost: ProfileId, kept: ProfileId, reason: str) -> None:
        """One person becomes another."""
        present = self._call()
        self._became[lost] = kept
        self._users.pop(lost, None)
        counts = self._values.setdefault(kept, {})
        for kind, number in self._values.pop(lost, {}).items():
            counts[kind] = counts.get(kind, 0) + number
        self._merges.append(
            Merge(lost=lost, kept=kept, merged_at=present.occurred_at, cause=present.cause, reason=reason)
        )

    def refuse(
        self, person: ProfileId, name: Identifier, reason: str, other: ProfileId | None = None
    ) -> None:
        """A name that the present call brings is not made this person's."""
        self._refusals.setdefault(
            (person, name, reason),
            Refusal(profile_id=person, name=name, reason=reason, other=other, learned=self._now()),
        )

    def stranger(self, person: ProfileId, name: Identifier, owner: ProfileId, *, bound: int | None) -> bool:
        """A name that leads to one person was seen with another; whether that was one too many."""
        if bound is None:
            return False
        if name.kind == ANONYMOUS:
            self.refuse(person, name, "handed_over", owner)
        people = self._strangers.setdefault(name, set())
        people |= {owner, person}
        together = {self.final(one) for one in people}
        if len(together) <= bound or name in self._quarantined:
            return False
        self._quarantined.add(name)
        self._put_away.append(Quarantine(name=name, people=len(together), learned=self._now()))
        return True

    def resolution(self, seen: Sequence[ProfileId]) -> Resolution:
        """What the batch came to, every profile under its final id."""
        return Resolution(
            profile_ids=[self.final(profile_id) for profile_id in seen],
            first_seen=self._first_seen,
            links={name: self.final(profile_id) for name, profile_id in self._links.items()},
            users={
                profile_id: user for profile_id, user in self._named.items() if profile_id not in self._became
            },
            merges=self._merges,
            came_with={name: owner for name, owner in self._links.items() if owner in self._became},
            learned=self._learned,
            refusals=list(self._refusals.values()),
            quarantined=self._put_away,
        )

    def _call(self) -> Sighting:
        if self._present is None:
            raise ValueError("nothing is learned before the first call")
        return self._present

    def _now(self) -> Learned:
        present = self._call()
        return Learned(present.occurred_at, present.cause)
