"""Sources in the root store of either engine."""

from datetime import UTC, datetime

import pytest
from tests.services.state import OpenStore

from perennial.access import Access
from perennial.access.limits import RateLimit
from perennial.access.sources import SourceExists, SourceNotFound, Sources
from perennial.backends.sql.sources import SqlSources
from perennial.backends.sql.workspaces import SqlRegistry
from perennial.kernel.clock import VirtualClock
from perennial.kernel.errors import NotFound

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.fixture
def registry(open_new: OpenStore) -> SqlRegistry:
    return SqlRegistry(open_new("root"))


@pytest.fixture
def access(registry: SqlRegistry) -> Access:
    return Access(registry, VirtualClock(NOON))


@pytest.fixture
def sources(registry: SqlRegistry, access: Access) -> Sources:
    access.create_workspace("shop")
    access.create_workspace("other")
    return Sources(SqlSources(registry.engine), VirtualClock(NOON))


def test_a_source_has_a_key_that_lets_in_until_it_is_revoked(sources: Sources, access: Access) -> None:
    key = sources.create_source("shop", "app").keys[0]

    assert access.authenticate_write(key.write_key) == key
    assert sources.revoke_source("shop", "app") == 1
    assert access.authenticate_write(key.write_key) is None
    assert [one.name for one in sources.list_sources("shop")] == ["default"]


def test_a_rotated_source_lets_in_with_both_keys_until_one_is_revoked(
    sources: Sources, access: Access
) -> None:
    old = sources.create_source("shop", "app").keys[0].write_key
    keys = {key.write_key for key in sources.rotate_source("shop", "app").keys}
    (new,) = keys - {old}

    assert all(access.authenticate_write(key) for key in keys)
    sources.revoke_source("shop", "app", write_key=old)
    assert [access.authenticate_write(key) is not None for key in (old, new)] == [False, True]


def test_a_limit_is_kept_changed_and_taken_away(sources: Sources) -> None:
    sources.create_source("shop", "app", events_per_second=10, burst=30)
    assert sources.limit_of("shop", "app") == RateLimit(events_per_second=10, burst=30)

    sources.limit_source("shop", "app", events_per_second=20)
    assert sources.limit_of("shop", "app") == RateLimit(events_per_second=20, burst=20)

    assert sources.limit_source("shop", "app", events_per_second=None).limit is None
    assert sources.limit_of("shop", "app") is None


def test_a_source_that_is_revoked_and_made_again_has_no_limit(sources: Sources) -> None:
    sources.create_source("shop", "app", events_per_second=10)
    sources.revoke_source("shop", "app")
    assert sources.create_source("shop", "app").limit is None


def test_a_source_of_one_workspace_is_unknown_in_another(sources: Sources, access: Access) -> None:
    sources.create_source("shop", "app", events_per_second=10)

    assert sources.limit_of("other", "app") is None
    with pytest.raises(SourceNotFound, match="app"):
        sources.rotate_source("other", "app")
    access.begin_removal("other")
    assert sources.limit_of("shop", "app") is not None


def test_a_removed_workspace_leaves_no_limit_behind(sources: Sources, access: Access) -> None:
    sources.create_source("shop", "app", events_per_second=10)
    access.begin_removal("shop")
    assert sources.limit_of("shop", "app") is None


def test_a_source_is_made_once_and_only_its_own_keys_are_revoked(sources: Sources) -> None:
    sources.create_source("shop", "app")
    other = sources.create_source("other", "app").keys[0].write_key

    with pytest.raises(SourceExists):
        sources.create_source("shop", "app")
    with pytest.raises(NotFound, match="no such key"):
        sources.revoke_source("shop", "app", write_key=other)
