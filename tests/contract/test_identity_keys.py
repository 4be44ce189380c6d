"""Keys join people as far as a workspace declares it, and wrong merges go apart."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.services.processing import NOON, Desk, open_desk
from tests.services.state import OpenStore

from perennial.backends.sql.tables_identity import carried
from perennial.collect.events.model import Reception
from perennial.collect.identity.key_parse import parse_keys
from perennial.collect.identity.model import Identifier
from perennial.collect.screening.service import publish
from perennial.kernel.errors import Unavailable
from perennial.kernel.ids import ProfileId
from perennial.kernel.values import Json
from perennial.runtime.parting import NotMerged, part_people

EMAIL: Json = {"keys": [{"key": "email"}]}


@pytest.fixture
def desk(tmp_path: Path, open_new: OpenStore) -> Iterator[Desk]:
    with open_desk(tmp_path, open_new) as opened:
        yield opened


def declare(desk: Desk, document: Json) -> None:
    with desk.state.begin() as transaction:
        publish("identity", parse_keys(document).document, transaction, now=NOON)


def hear(desk: Desk, *calls: Mapping[str, Json]) -> None:
    """Accept calls, numbered from m1 on, and process them."""
    said: list[Json] = []
    for call in calls:
        when = (NOON - timedelta(days=1) + timedelta(seconds=len(said))).isoformat()
        number = len(desk.ids()) + len(said) + 1
        said.append({"type": "identify", "messageId": f"m{number}", "timestamp": when, **call})
    desk.intake.submit(said, Reception(source="web", received_at=desk.clock.now(), is_trusted=True))
    desk.processor.drain()


def someone(user: str = "", device: str = "", **traits: Json) -> Mapping[str, Json]:
    names = {"userId": user} if user else {}
    names |= {"anonymousId": device} if device else {}
    return {**names, "traits": traits}


def people(desk: Desk) -> Sequence[object]:
    """Whose each row counts as, in the order of their messages."""
    return [desk.people()[message] for message in sorted(desk.ids(), key=lambda one: int(one[1:]))]


def profile_of(desk: Desk, user: str, kind: str = "user") -> ProfileId:
    with desk.state.read() as transaction:
        return transaction.identities.graph([Identifier(kind, user)]).profiles[Identifier(kind, user)]


def refusals(desk: Desk, user: str) -> set[tuple[str, str, str]]:
    with desk.state.read() as transaction:
        known = transaction.identities.known(profile_of(desk, user))
    assert known is not None
    return {(one.name.kind, one.name.value, one.reason) for one in known.refusals}


def traits_of(desk: Desk, profile_id: ProfileId) -> Mapping[str, Json]:
    with desk.state.read() as transaction:
        return transaction.traits.of([profile_id])[profile_id]


def test_an_address_joins_nobody_until_it_is_declared(desk: Desk) -> None:
    hear(desk, someone(device="phone", email="a@x.org"), someone(device="laptop", email="a@x.org"))
    assert len(set(people(desk))) == 2
    declare(desk, EMAIL)
    hear(desk, someone(device="phone", email="A@x.org "), someone(device="laptop", email="a@x.org"))
    assert len(set(people(desk))) == 1


def test_two_user_ids_with_one_address_stay_two_and_the_address_is_put_away(desk: Desk) -> None:
    declare(desk, EMAIL)
    hear(desk, someone("anna", email="family@x.org"), someone("bob", email="family@x.org"))
    hear(desk, someone(device="tablet", email="family@x.org"))
    assert len(set(people(desk))) == 3
    assert refusals(desk, "bob") == {("email", "family@x.org", "two_user_ids")}
    with desk.state.read() as transaction:
        [held] = transaction.identities.quarantined(limit=10)
    assert (held.name, held.people) == (("email", "family@x.org"), 2)
    with desk.state.begin() as transaction:
        assert transaction.identities.release(held.name)
        assert not transaction.identities.release(held.name)
    hear(desk, someone(device="tablet", email="family@x.org"))
    assert len(set(people(desk))) == 2


def test_a_device_of_many_people_joins_nobody_any_more(desk: Desk) -> None:
    declare(desk, {"keys": [], "anonymous": {"people": 2}})
    users = [someone(user, "kiosk") for user in ("anna", "bob", "cleo")]
    hear(desk, *users, someone(device="kiosk"), someone("dora", "kiosk"))
    *named, visitor, dora = people(desk)
    assert len({*named, visitor, dora}) == 5
    assert ("anonymous", "kiosk", "quarantined") in refusals(desk, "dora")


def test_the_key_that_is_one_too_many_is_left_out_and_the_stronger_ones_still_join(desk: Desk) -> None:
    declare(desk, {"keys": [{"key": "unionid"}, {"key": "email", "limit": 1}]})
    hear(desk, someone(device="mini program", unionid="w1", email="one@x.org"))
    hear(desk, someone("anna", "phone", unionid="w1", email="two@x.org"))
    assert len(set(people(desk))) == 1
    assert refusals(desk, "anna") == {("email", "two@x.org", "limit")}


def test_words_for_nobody_join_nobody(desk: Desk) -> None:
    declare(desk, EMAIL)
    hear(desk, someone("undefined", "phone"), someone("anna", "00000000-0000-0000-0000-000000000000"))
    hear(desk, someone("undefined", "laptop"), someone("bob", "00000000-0000-0000-0000-000000000000"))
    assert len(set(people(desk))) == 4


def test_keys_are_found_where_segment_and_sensors_clients_have_them(desk: Desk) -> None:
    declare(desk, {"keys": ["email", {"key": "phone", "region": "CN"}, "device"]})
    external: Json = [{"id": "a@x.org", "type": "email", "collection": "users", "encoding": "none"}]
    hear(
        desk,
        {**someone("anna", email="a@x.org", phone="138 0013 8000")},
        {**someone(device="d1"), "context": {"externalIds": external, "device": {"id": "idfv-1"}}},
        {**someone(device="d2"), "context": {"identities": {"$identity_mobile": "+8613800138000"}}},
        {**someone(device="d3"), "context": {"device": {"id": "idfv-1"}}},
    )
    assert len(set(people(desk))) == 1
    with desk.state.read() as transaction:
        known = transaction.identities.known(profile_of(desk, "anna"))
    assert known is not None
    assert {name: learned.cause for name, learned in known.names} == {
        ("user", "anna"): "m1",
        ("email", "a@x.org"): "m1",
        ("phone", "+8613800138000"): "m1",
        ("anonymous", "d1"): "m2",
        ("device", "idfv-1"): "m2",
        ("anonymous", "d2"): "m3",
        ("anonymous", "d3"): "m4",
    }


def wrongly_merged(desk: Desk) -> tuple[ProfileId, ProfileId]:
    """Anna, and a visitor who typed Anna's address: the profile that is kept, and the lost one."""
    declare(desk, EMAIL)
    consent: Json = {"type": "consent", "consent": "email/news", "state": "granted", "proof": "form"}
    hear(
        desk,
        someone("anna", email="anna@x.org", city="Bern"),
        someone(device="phone", city="Rome", shoes=44),
        {**someone(device="phone"), **consent},
    )
    anna, visitor = profile_of(desk, "anna"), profile_of(desk, "phone", "anonymous")
    hear(desk, someone(device="phone", email="anna@x.org"))
    assert len(set(people(desk))) == 1
    return anna, visitor


def test_a_wrong_merge_goes_apart_with_everything_it_carried_and_stays_so(desk: Desk) -> None:
    anna, visitor = wrongly_merged(desk)
    assert traits_of(desk, anna)["city"] == "Rome"
    part_people(desk.stages, visitor, now=NOON)
    assert people(desk) == [anna, visitor, visitor, anna]  # what came when they were one stays
    assert traits_of(desk, anna) == {"email": "anna@x.org", "city": "Bern"}
    assert traits_of(desk, visitor) == {"city": "Rome", "shoes": 44}
    with desk.state.read() as transaction:
        known = transaction.identities.known(visitor)
        assert known is not None
        assert [one.kept for one in known.unmerges] == [anna]
        assert transaction.connection.execute(select(carried)).all() == []
        granted = transaction.consents.of([anna, visitor], channel="email", topic="news")
        assert set(granted) == {visitor}
    hear(desk, someone(device="phone", email="anna@x.org"))
    assert people(desk)[-1] == visitor
    assert refusals(desk, "anna") == {("email", "anna@x.org", "parted")}


def test_taking_a_merge_back_twice_changes_nothing_and_a_merge_that_never_was_is_refused(desk: Desk) -> None:
    anna, visitor = wrongly_merged(desk)
    part_people(desk.stages, visitor, now=NOON)
    once = people(desk)
    part_people(desk.stages, visitor, now=NOON)
    assert people(desk) == once
    with pytest.raises(NotMerged):
        part_people(desk.stages, anna, now=NOON)


def test_a_merge_taken_back_between_two_tries_of_a_batch_leaves_its_rows_once_and_where_they_were(
    desk: Desk,
) -> None:
    anna, visitor = wrongly_merged(desk)
    desk.events.fail_next(after_writing=True)
    with pytest.raises(Unavailable):
        hear(desk, someone(device="phone", shoes=45))
    part_people(desk.stages, visitor, now=NOON)
    desk.processor.drain()
    assert len(desk.ids()) == 5
    assert people(desk)[-1] == anna


def test_what_the_event_store_was_not_told_before_a_crash_it_is_told_at_the_next_start(desk: Desk) -> None:
    anna, visitor = wrongly_merged(desk)
    with desk.state.begin() as transaction:
        assert transaction.identities.part(visitor, at=NOON)
    assert set(people(desk)) == {anna}
    desk.restarted().recover()
    assert people(desk) == [anna, visitor, visitor, anna]


def test_whoever_was_merged_into_the_lost_one_before_goes_along(desk: Desk) -> None:
    declare(desk, EMAIL)
    hear(desk, someone("anna"), someone("bob"), someone("cleo"))
    anna, bob, cleo = people(desk)
    alias = {"type": "alias", "userId": "bob", "previousId": "anna"}
    hear(desk, alias, {"type": "alias", "userId": "cleo", "previousId": "bob"})
    assert set(people(desk)) == {cleo}
    part_people(desk.stages, ProfileId(int(str(bob))), now=NOON)
    assert people(desk)[:3] == [bob, bob, cleo]
    assert profile_of(desk, "anna") == bob != anna


def test_names_that_were_learned_in_the_batch_of_a_wrong_merge_go_back_too(desk: Desk) -> None:
    declare(desk, EMAIL)
    hear(desk, someone("anna", email="anna@x.org"))
    hear(desk, someone(device="phone"), someone(device="phone", email="anna@x.org"))
    with desk.state.read() as transaction:
        [merge] = transaction.identities.merges()[0]
    part_people(desk.stages, merge.lost, now=NOON)
    assert profile_of(desk, "phone", "anonymous") == merge.lost != profile_of(desk, "anna")
