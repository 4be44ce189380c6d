"""Whom a name leads to."""

from datetime import UTC, datetime

from perennial.collect.identity.model import Graph, Resolution, Sighting
from perennial.collect.identity.rules import candidate, resolve
from perennial.kernel.ids import ProfileId

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def seen(user: str = "", device: str = "", previous: str = "") -> Sighting:
    return Sighting(user_id=user, anonymous_id=device, previous_id=previous, occurred_at=NOON, cause="m-1")


def settle(*sightings: Sighting, graph: Graph | None = None) -> Resolution:
    return resolve(sightings, graph or Graph(), seed="s")


def test_the_first_sight_of_a_user_promotes_the_anonymous_profile() -> None:
    found = settle(seen(device="a"), seen("u", "a"), seen("u"))
    assert len(set(found.profile_ids)) == 1
    assert list(found.users.values()) == ["u"]
    assert found.merges == []


def test_a_known_user_on_a_new_device_takes_its_history_in() -> None:
    found = settle(seen("u"), seen(device="a"), seen("u", "a"))
    (merge,) = found.merges
    assert merge.kept == found.profile_ids[0]
    assert merge.cause == "m-1"
    assert set(found.profile_ids) == {merge.kept}


def test_a_device_that_changes_hands_merges_nobody() -> None:
    found = settle(seen("u", "a"), seen("v", "a"), seen(device="a"), seen("u"))
    u, v, device, u_again = found.profile_ids
    assert u != v
    assert (device, u_again) == (v, u)
    assert found.merges == []


def test_an_alias_between_two_known_users_merges_them_into_the_one_in_use() -> None:
    found = settle(seen("old"), seen("new"), seen("new", previous="old"), seen("old"))
    (merge,) = found.merges
    assert set(found.profile_ids) == {merge.kept}
    assert found.users == {merge.kept: "new"}


def test_an_alias_from_an_unknown_name_waits_for_it() -> None:
    found = settle(seen("u", previous="anon-7"), seen(device="anon-7"), seen("anon-7"))
    assert len(set(found.profile_ids)) == 1


def test_an_alias_to_an_unknown_user_renames_the_known_one() -> None:
    found = settle(seen("old"), seen("new", previous="old"))
    assert list(found.users.values()) == ["new"]
    assert found.merges == []


def test_an_id_that_somebody_has_is_not_given_twice() -> None:
    taken = candidate(next(iter(settle(seen("u")).links)), seed="s")
    found = settle(seen("u"), graph=Graph(taken=frozenset({taken})))
    assert found.profile_ids != [taken]


def test_equal_calls_in_another_workspace_are_other_people() -> None:
    assert resolve([seen("u")], Graph(), seed="t").profile_ids != settle(seen("u")).profile_ids


def test_a_chain_of_merges_ends_at_the_last_kept() -> None:
    found = settle(seen("a"), seen("b"), seen("c"), seen("b", previous="a"), seen("c", previous="b"))
    assert len(set(found.profile_ids)) == 1
    assert set(found.became.values()) == {ProfileId(found.profile_ids[0])}
