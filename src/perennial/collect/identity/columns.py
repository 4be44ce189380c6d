"""Whose the calls of a batch are, by columns: most of them teach nothing about names.

A user id that no call puts together with a device stands for itself, and so does a device that no call puts
together with a user id. Two names that lead to one person already, and are put together once more, teach
nothing either. What is left, the *stirred* calls, is read one by one (`rules`). The outcome is
as if all of them were.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter

from perennial.collect.events.call import Call
from perennial.collect.identity.key_rules import NO_KEYS
from perennial.collect.identity.model import ANONYMOUS, USER, Identifier, Learned, Resolution
from perennial.collect.identity.rules import Names
from perennial.kernel.ids import ProfileId, derive_numbers

_user_of, _device_of = attrgetter("user_id"), attrgetter("anonymous_id")
_former_of = attrgetter("previous_id")
_time_of, _message_of = attrgetter("occurred_at"), attrgetter("message_id")

Leads = Mapping[str, ProfileId]
"""Whom names of one kind lead to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Who the calls of a batch say they are from, each part in the order of the calls."""

    users: Sequence[str]
    devices: Sequence[str]
    times: Sequence[datetime]
    messages: Sequence[str]

    def named(self, places: Iterable[int]) -> list[Names]:
        """Some of the calls, as they are read one by one."""
        return [
            (self.users[place], self.devices[place], "", self.times[place], self.messages[place])
            for place in places
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Which calls of a batch are read one by one, and what is known of the names of all others."""

    columns: Columns
    stirred: Sequence[int]
    """The places of the calls to be read, in order."""
    users: Leads
    devices: Leads
    new: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """Names of each kind that nobody knew and that stand for themselves, each once."""

    def candidates(self, *, seed: str) -> dict[Identifier, ProfileId]:
        """The profile that each of the new names gets, unless somebody has that id (`rules.candidate`)."""
        return {
            Identifier(kind, value): ProfileId(number)
            for kind, values in self.new.items()
            for value, number in zip(values, derive_numbers((seed, kind), values), strict=True)
        }


def columns_of(calls: Sequence[Call]) -> Columns | None:
    """The names of calls; None where an alias is among them: that may make any name lead elsewhere."""
    if any(map(_former_of, calls)):
        return None
    return Columns(
        users=list(map(_user_of, calls)),
        devices=list(map(_device_of, calls)),
        times=list(map(_time_of, calls)),
        messages=list(map(_message_of, calls)),
    )


def split(columns: Columns, users: Leads, devices: Leads) -> Split:
    """What is to be read of a batch one by one, given whom its names led to before it."""
    stirred_users, stirred_devices = set[str](), set[str]()
    for user, device in set(zip(columns.users, columns.devices, strict=True)):
        if user and device and not _is_settled(user, device, users, devices):
            stirred_users.add(user)
            stirred_devices.add(device)
    stirred: list[int] = []
    if stirred_users:
        pairs = enumerate(zip(columns.users, columns.devices, strict=True))
        stirred = [
            place for place, (user, device) in pairs if user in stirred_users or device in stirred_devices
        ]
    new = {
        USER: _not_in(columns.users, users, stirred_users),
        ANONYMOUS: _not_in(columns.devices, devices, stirred_devices),
    }
    return Split(columns=columns, stirred=stirred, users=users, devices=devices, new=new)


def joined(
    parts: Split, created: Mapping[Identifier, ProfileId], read: Resolution, places: Sequence[int]
) -> Resolution:
    """What the whole batch came to: one profile per call.

    `read` is what the stirred calls came to, and `places` says which of its sightings each of them is.
    """
    columns = parts.columns
    users = {**parts.users, **_of_kind(USER, created)}
    devices = {**parts.devices, **_of_kind(ANONYMOUS, created)}
    people = [
        users[user] if user in users else devices.get(device)
        for user, device in zip(columns.users, columns.devices, strict=True)
    ]
    for place, sighting in zip(parts.stirred, places, strict=True):
        people[place] = read.profile_ids[sighting]
    became = read.became
    settled = [became.get(one, one) for one in people if one is not None]
    if len(settled) != len(people):
        raise ValueError("a call names nobody")
    return replace(
        read,
        profile_ids=settled,
        first_seen=_earliest(settled, columns.times, read.first_seen),
        links={**read.links, **created},
        users={**read.users, **{one: name.value for name, one in created.items() if name.kind == USER}},
        learned={**read.learned, **_learned(columns, created)},
    )


def _is_settled(user: str, device: str, users: Leads, devices: Leads) -> bool:
    """Whether two names lead to one person, and a call that puts them together says nothing else either."""
    person = users.get(user)
    if person is None or devices.get(device) != person:
        return False
    return not (NO_KEYS.is_blocked(user) or NO_KEYS.is_blocked(device))


def _not_in(names: Sequence[str], known: Leads, stirred: set[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name and name not in known and name not in stirred]


def _of_kind(kind: str, created: Mapping[Identifier, ProfileId]) -> dict[str, ProfileId]:
    return {name.value: one for name, one in created.items() if name.kind == kind}


def _earliest(
    people: Sequence[ProfileId], times: Sequence[datetime], read: Mapping[ProfileId, datetime]
) -> dict[ProfileId, datetime]:
    """When each profile was first seen in the batch."""
    first = dict(read)
    for one, at in zip(people, times, strict=True):
        if one not in first or at < first[one]:
            first[one] = at
    return first


def _learned(columns: Columns, created: Mapping[Identifier, ProfileId]) -> dict[Identifier, Learned]:
    """By which call each new name was learned: the first that has it."""
    backwards = range(len(columns.users) - 1, -1, -1)
    places = {
        USER: dict(zip(reversed(columns.users), backwards, strict=True)),
        ANONYMOUS: dict(zip(reversed(columns.devices), backwards, strict=True)),
    }
    return {
        name: Learned(columns.times[place], columns.messages[place])
        for name in created
        for place in (places[name.kind][name.value],)
    }
