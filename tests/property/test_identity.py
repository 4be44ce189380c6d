"""Identity: whatever order calls come in, the same people come out."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random  # noqa: TID251  # hypothesis hands one in, seeded

from hypothesis import given
from hypothesis import strategies as st

from perennial.collect.identity.model import Graph, Identifier, Resolution, Sighting
from perennial.collect.identity.rules import identifiers_of, resolve
from perennial.kernel.ids import ProfileId

START = datetime(2026, 3, 1, tzinfo=UTC)
SEED = "seed"


@st.composite
def one_persons_devices(draw: st.DrawFn) -> list[Sighting]:
    """Calls in which every device speaks for one user id; otherwise order matters (ADR 0011)."""
    sightings: list[Sighting] = []
    for person in range(draw(st.integers(1, 4))):
        users = [f"user-{person}-{n}" for n in range(draw(st.integers(1, 3)))]
        devices = [f"device-{person}-{n}" for n in range(draw(st.integers(1, 3)))]
        for _ in range(draw(st.integers(1, 6))):
            sightings.append(draw(_sighting(users, devices)))
    return sightings


def _sighting(users: Sequence[str], devices: Sequence[str]) -> st.SearchStrategy[Sighting]:
    user, device = st.sampled_from(users[:1]), st.sampled_from(devices)
    return st.one_of(
        st.builds(_of, user_id=st.sampled_from(users)),
        st.builds(_of, anonymous_id=device),
        st.builds(_of, user_id=user, anonymous_id=device),
        st.builds(_of, user_id=st.sampled_from(users), previous_id=st.sampled_from(users)),
        st.builds(_of, user_id=user, previous_id=device),
    )


def _of(user_id: str = "", anonymous_id: str = "", previous_id: str = "") -> Sighting:
    return Sighting(
        user_id=user_id, anonymous_id=anonymous_id, previous_id=previous_id, occurred_at=START, cause="m"
    )


def groups(sightings: Sequence[Sighting], resolution: Resolution) -> set[frozenset[Sighting]]:
    together: dict[int, set[Sighting]] = {}
    for sighting, profile_id in zip(sightings, resolution.profile_ids, strict=True):
        together.setdefault(profile_id, set()).add(sighting)
    return {frozenset(group) for group in together.values()}


@given(one_persons_devices(), st.randoms(use_true_random=False))
def test_the_order_of_calls_does_not_change_who_is_one_person(
    sightings: list[Sighting], chance: Random
) -> None:
    shuffled = list(sightings)
    chance.shuffle(shuffled)
    in_order = groups(sightings, resolve(sightings, Graph(), seed=SEED))
    in_disorder = groups(shuffled, resolve(shuffled, Graph(), seed=SEED))
    assert in_order == in_disorder


@given(one_persons_devices(), st.integers(0, 24))
def test_it_does_not_matter_where_a_batch_is_cut(sightings: list[Sighting], cut: int) -> None:
    whole = resolve(sightings, Graph(), seed=SEED)
    first = resolve(sightings[:cut], Graph(), seed=SEED)
    second = resolve(sightings[cut:], known_after(first), seed=SEED)
    ended: dict[Identifier, ProfileId] = {**known_after(first).profiles, **second.links}
    became = second.became
    assert {name: became.get(found, found) for name, found in ended.items()} == dict(whole.links)


@given(one_persons_devices())
def test_a_replayed_batch_gives_the_same_ids_and_teaches_nothing(sightings: list[Sighting]) -> None:
    first = resolve(sightings, Graph(), seed=SEED)
    again = resolve(sightings, known_after(first), seed=SEED)
    assert list(again.profile_ids) == list(first.profile_ids)
    assert again.merges == []
    assert again.links == {}


def test_every_name_of_a_batch_is_asked_for_once() -> None:
    later = START + timedelta(hours=1)
    sightings = [_of("u", "a"), Sighting(user_id="u", previous_id="p", occurred_at=later, cause="m")]
    assert identifiers_of(sightings) == [
        Identifier("user", "u"),
        Identifier("anonymous", "a"),
        Identifier("user", "p"),
        Identifier("anonymous", "p"),
    ]


def known_after(resolution: Resolution) -> Graph:
    return Graph(
        profiles=dict(resolution.links), users=dict(resolution.users), taken=frozenset(resolution.first_seen)
    )
