"""Members in the root store of either engine: how they come in, what they may, and who is turned away."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, select
from tests.services.state import OpenStore

from perennial.access import Access
from perennial.access.members import (
    LinkUsed,
    Member,
    MemberNotFound,
    Members,
    NotCovered,
    OwnerExists,
    OwnerMissing,
    SignInRefused,
    TooManySignIns,
)
from perennial.access.members.rules import IDLE_AFTER, LINK_LASTS, PAIR_FREE, SESSION_LASTS
from perennial.access.roles import MACHINE, Role
from perennial.backends.passwords import Argon2Passwords
from perennial.backends.sql.member_tables import member_links, member_sessions
from perennial.backends.sql.member_tables import members as member_table
from perennial.backends.sql.members import SqlMembers
from perennial.backends.sql.workspaces import SqlRegistry
from perennial.kernel.clock import VirtualClock
from perennial.kernel.errors import InvalidDocument

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
GOOD = "four words of mei"
OTHER = "another four words"
Join = Callable[..., Member]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


@pytest.fixture
def engine(open_new: OpenStore) -> Engine:
    return open_new("root")


@pytest.fixture
def team(engine: Engine, clock: VirtualClock) -> Members:
    access = Access(SqlRegistry(engine), clock)
    for name in ("shop", "other"):
        access.create_workspace(name)
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return Members(
        SqlMembers(engine),
        Argon2Passwords(cheap),
        clock,
        address=lambda: "https://crm.example.com",
        workspaces=access.names,
    )


@pytest.fixture
def join(team: Members) -> Join:
    """Invites somebody and lets them choose `GOOD`."""

    def invite(email: str, role: Role, workspace: str = "shop") -> Member:
        link = team.invite_member(email, role, workspace, by=MACHINE).link
        assert link is not None
        return team.redeem_link(key_of(link.url), GOOD)

    return invite


def key_of(url: str) -> str:
    return url.partition("key=")[2]


def own(team: Members, email: str = "mei@example.com") -> Member:
    return team.redeem_link(key_of(team.make_set_up_link().url), GOOD, email=email)


def test_the_first_owner_comes_by_a_link_that_works_once(team: Members) -> None:
    assert not team.has_owner()
    link = team.make_set_up_link()
    assert link.url.startswith("https://crm.example.com/set-up?key=key_")
    assert link.expires_at == NOON + LINK_LASTS["set-up"]
    mei = team.redeem_link(key_of(link.url), GOOD, email="Mei@Example.com")

    assert (mei.email, dict(mei.roles)) == ("Mei@Example.com", {"*": "owner"})
    assert team.has_owner()
    with pytest.raises(LinkUsed):
        team.redeem_link(key_of(link.url), GOOD, email="eve@example.com")
    with pytest.raises(OwnerExists):
        team.make_set_up_link()


def test_two_set_up_links_make_one_owner(team: Members, engine: Engine) -> None:
    first = key_of(team.make_set_up_link().url)
    second = key_of(team.make_set_up_link().url)
    with pytest.raises(LinkUsed):
        team.read_link(first)
    team.invite_member("mei@example.com", "owner", "*", by=MACHINE)
    with engine.connect() as connection:
        assert len(connection.execute(select(member_links)).all()) == 2
    own_link = team.make_reset_link("mei@example.com", by=MACHINE)
    team.redeem_link(key_of(own_link.url), GOOD)

    with pytest.raises(LinkUsed):
        team.redeem_link(second, GOOD, email="eve@example.com")
    assert [one.email for one in team.list_members("*", by=MACHINE)] == ["mei@example.com"]


def test_a_link_expires(team: Members, clock: VirtualClock) -> None:
    key = key_of(team.make_set_up_link().url)
    clock.advance(LINK_LASTS["set-up"])
    with pytest.raises(LinkUsed):
        team.redeem_link(key, GOOD, email="mei@example.com")


def test_no_password_key_or_session_is_kept_as_it_is(team: Members, engine: Engine) -> None:
    own(team)
    invited = team.invite_member("li@example.com", "viewer", "shop", by=MACHINE).link
    assert invited is not None
    secrets = [GOOD, key_of(invited.url), team.sign_in("mei@example.com", GOOD, address="a")]
    with engine.connect() as connection:
        kept = [
            str(tuple(row))
            for table in (member_table, member_links, member_sessions)
            for row in connection.execute(select(table))
        ]
    assert len(kept) == 4
    assert [secret for secret in secrets if any(secret in row for row in kept)] == []
    assert any("$argon2id$" in row for row in kept)


@pytest.mark.parametrize(
    "password", ["short", "aaaaaaaaaaaaaaaa", "mei@example.com", "x" * 257, "Mei@Example.com!!"]
)
def test_a_weak_password_is_refused_and_the_link_lasts(team: Members, password: str) -> None:
    key = key_of(team.make_set_up_link().url)
    with pytest.raises(InvalidDocument) as refusal:
        team.redeem_link(key, password, email="mei@example.com")
    assert refusal.value.problems[0].code == "weak_password"
    assert team.read_link(key).purpose == "set-up"


def test_a_session_ends_when_it_is_idle_and_when_it_is_old(team: Members, clock: VirtualClock) -> None:
    own(team)
    session = team.sign_in("mei@example.com", GOOD, address="a")
    begun = clock.now()
    step = IDLE_AFTER - timedelta(minutes=6)
    while clock.now() + step < begun + SESSION_LASTS:
        clock.advance(step)
        assert team.authenticate(session) is not None
    clock.advance(begun + SESSION_LASTS - clock.now())
    assert team.authenticate(session) is None

    idle = team.sign_in("mei@example.com", GOOD, address="a")
    clock.advance(IDLE_AFTER)
    assert team.authenticate(idle) is None


def test_another_password_ends_every_session_and_every_link(team: Members) -> None:
    mei = own(team)
    sessions = [team.sign_in("mei@example.com", GOOD, address="a") for _ in range(2)]
    reset = key_of(team.make_reset_link("mei@example.com", by=MACHINE).url)
    team.change_password(mei, GOOD, OTHER, address="a")

    assert [team.authenticate(one) for one in sessions] == [None, None]
    with pytest.raises(LinkUsed):
        team.redeem_link(reset, GOOD)
    with pytest.raises(SignInRefused):
        team.sign_in("mei@example.com", GOOD, address="a")
    assert team.authenticate(team.sign_in("MEI@example.com", OTHER, address="a")) is not None


def test_signing_out_everywhere_ends_ones_own_sessions_only(team: Members, join: Join) -> None:
    mei = own(team)
    join("li@example.com", "viewer")
    hers = [team.sign_in("mei@example.com", GOOD, address="a") for _ in range(3)]
    his = team.sign_in("li@example.com", GOOD, address="a")
    team.sign_out(hers[0])

    assert team.sign_out_everywhere(mei.member_id) == 2
    assert [team.authenticate(one) for one in hers] == [None, None, None]
    assert team.authenticate(his) is not None


def test_who_guesses_waits_longer_and_longer_also_with_the_right_password(
    team: Members, clock: VirtualClock
) -> None:
    own(team)
    for _ in range(PAIR_FREE):
        with pytest.raises(SignInRefused):
            team.sign_in("mei@example.com", "wrong", address="a")
    waits: list[float] = []
    for _ in range(3):
        with pytest.raises(TooManySignIns) as refusal:
            team.sign_in("mei@example.com", GOOD, address="a")
        waits.append(refusal.value.wait)
        clock.advance(timedelta(seconds=refusal.value.wait))
        with pytest.raises(SignInRefused):
            team.sign_in("mei@example.com", "wrong", address="a")
    assert waits == [15.0, 30.0, 60.0]
    # Whoever sits elsewhere is not locked out by a stranger's guesses.
    assert team.authenticate(team.sign_in("mei@example.com", GOOD, address="b")) is not None


def test_many_guesses_at_once_are_no_more_than_one_after_another(team: Members) -> None:
    own(team)

    def guess(number: int) -> str:
        try:
            return team.sign_in("mei@example.com", f"wrong {number}", address="a")
        except (SignInRefused, TooManySignIns) as error:
            return type(error).__name__

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(guess, range(24)))
    assert outcomes.count("SignInRefused") == PAIR_FREE
    assert outcomes.count("TooManySignIns") == 24 - PAIR_FREE


def test_an_unknown_address_is_refused_in_the_same_words(team: Members) -> None:
    own(team)
    refusals: list[tuple[str, str, str]] = []
    for email in ("mei@example.com", "nobody@example.com"):
        with pytest.raises(SignInRefused) as refusal:
            team.sign_in(email, "wrong", address="a")
        refusals.append((refusal.value.code, refusal.value.message, refusal.value.hint))
    assert refusals[0] == refusals[1]


def test_nobody_gives_what_they_do_not_have(team: Members, join: Join) -> None:
    own(team)
    admin = join("admin@example.com", "admin").acting()
    assert team.invite_member("li@example.com", "operator", "shop", by=admin).link is not None
    beyond: list[tuple[Role, str]] = [("owner", "shop"), ("viewer", "other"), ("viewer", "*")]
    for role, place in beyond:
        with pytest.raises(NotCovered):
            team.invite_member("li@example.com", role, place, by=admin)
    operator = join("op@example.com", "operator").acting()
    with pytest.raises(NotCovered):
        team.invite_member("friend@example.com", "viewer", "shop", by=operator)


def test_an_admin_takes_over_no_account_that_may_more(team: Members, join: Join) -> None:
    own(team)
    admin = join("admin@example.com", "admin").acting()
    # Invited elsewhere, and has not come: the link would be somebody else's way in.
    team.invite_member("zoe@example.com", "admin", "other", by=MACHINE)
    assert team.invite_member("zoe@example.com", "viewer", "shop", by=admin).link is None
    with pytest.raises(NotCovered):
        team.make_reset_link("zoe@example.com", by=admin)
    with pytest.raises(NotCovered):
        team.make_reset_link("mei@example.com", by=admin)
    with pytest.raises(NotCovered):
        team.remove_member("zoe@example.com", "*", by=admin)
    assert team.remove_member("zoe@example.com", "shop", by=admin).email == "zoe@example.com"
    with pytest.raises(MemberNotFound):
        team.change_role("zoe@example.com", "viewer", "shop", by=admin)


def test_an_owner_of_a_workspace_is_not_lowered_by_an_invitation(team: Members, join: Join) -> None:
    own(team)
    admin = join("admin@example.com", "admin").acting()
    join("boss@example.com", "owner")
    with pytest.raises(NotCovered):
        team.invite_member("boss@example.com", "viewer", "shop", by=admin)
    with pytest.raises(NotCovered):
        team.change_role("boss@example.com", "viewer", "shop", by=admin)


def test_the_last_owner_stays(team: Members, join: Join) -> None:
    own(team)
    with pytest.raises(OwnerMissing):
        team.change_role("mei@example.com", "admin", "*", by=MACHINE)
    with pytest.raises(OwnerMissing):
        team.remove_member("mei@example.com", "*", by=MACHINE)
    join("li@example.com", "owner", "*")
    assert team.change_role("mei@example.com", "admin", "*", by=MACHINE).roles == {"*": "admin"}


def test_a_role_counts_from_the_next_request_and_a_removed_member_is_gone(
    team: Members, join: Join, engine: Engine
) -> None:
    own(team)
    join("li@example.com", "viewer")
    session = team.sign_in("li@example.com", GOOD, address="a")
    team.change_role("li@example.com", "operator", "shop", by=MACHINE)
    present = team.authenticate(session)
    assert present is not None
    assert present.acting().may("publish", "shop")
    assert not present.acting().may("look", "other")

    team.remove_member("li@example.com", "shop", by=MACHINE)
    assert team.authenticate(session) is None
    with engine.connect() as connection:
        assert "li@example.com" not in str(connection.execute(select(member_table)).all())


def test_a_list_shows_roles_of_the_asked_workspace_only(team: Members, join: Join) -> None:
    own(team)
    admin = join("admin@example.com", "admin").acting()
    team.invite_member("admin@example.com", "viewer", "other", by=MACHINE)
    join("zoe@example.com", "viewer", "other")
    shown = {one.email: dict(one.roles) for one in team.list_members("shop", by=admin)}
    assert shown == {"admin@example.com": {"shop": "admin"}, "mei@example.com": {"*": "owner"}}
    with pytest.raises(MemberNotFound):
        team.make_reset_link("zoe@example.com", by=admin)
