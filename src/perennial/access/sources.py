"""Sources: what the clients of a workspace are told apart by, with their write keys and their limits."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from perennial.access.limits import RateLimit, limit_problems
from perennial.access.model import WriteKey
from perennial.kernel.clock import Clock
from perennial.kernel.errors import InvalidDocument, NotFound, Problem, Refused, nearest
from perennial.kernel.ids import mint_secret

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
_OWN = ("api",)
"""The source of calls that come with a token; nobody writes as it with a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One client, or several that share a name: a shop, an app, a partner."""

    name: str
    keys: Sequence[WriteKey]
    """Oldest first; each lets in."""
    limit: RateLimit | None = None
    """None: as much as the server can take."""


class SourceRegistry(Protocol):
    """What sources need of the root store."""

    def sources(self, workspace: str) -> Sequence[Source]:
        """The sources of a workspace that have a key, by name."""
        ...

    def add_source_key(self, key: WriteKey) -> None:
        """Keep one more key."""
        ...

    def remove_keys(self, workspace: str, source: str, *, write_key: str | None = None) -> int:
        """Take one of a source's keys away, or all of them with its limit; how many those were."""
        ...

    def set_limit(self, workspace: str, source: str, limit: RateLimit | None) -> None:
        """Keep what a source may send."""
        ...

    def find_limit(self, workspace: str, source: str) -> RateLimit | None:
        """What a source may send; None where nobody said."""
        ...


class SourceExists(Refused):
    """There is a source of this name already."""

    code = "source_exists"


class SourceNotFound(NotFound):
    """There is no source by this name."""

    code = "source_not_found"


class Sources:
    """The sources of every workspace. Servers notice a change within five seconds."""

    def __init__(self, registry: SourceRegistry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    def list_sources(self, workspace: str) -> Sequence[Source]:
        """The sources of a workspace, by name."""
        return self._registry.sources(workspace)

    def create_source(
        self, workspace: str, name: str, *, events_per_second: int | None = None, burst: int | None = None
    ) -> Source:
        """Make a source with a key of its own. Raises InvalidDocument, SourceExists."""
        problem = _name_problem(name)
        if problem is not None:
            raise InvalidDocument([problem])
        limit = _limit(events_per_second, burst)
        if any(one.name == name for one in self._registry.sources(workspace)):
            raise SourceExists(
                f"There is a source {name!r} already.", hint=f"`perennial source rotate {name}` adds a key."
            )
        self._add_key(workspace, name)
        self._registry.set_limit(workspace, name, limit)
        return self._find(workspace, name)

    def rotate_source(self, workspace: str, name: str) -> Source:
        """Give a source one more key, last in its list; the others let in until they are revoked."""
        self._find(workspace, name)
        self._add_key(workspace, name)
        return self._find(workspace, name)

    def revoke_source(self, workspace: str, name: str, *, write_key: str | None = None) -> int:
        """Let nobody in with one key of a source any more, or with any of them; how many those were.

        What came from it stays. Raises SourceNotFound, NotFound.
        """
        self._find(workspace, name)
        removed = self._registry.remove_keys(workspace, name, write_key=write_key)
        if not removed:
            raise NotFound(
                f"The source {name!r} has no such key.", hint="`perennial source list` shows them."
            )
        return removed

    def limit_source(
        self, workspace: str, name: str, *, events_per_second: int | None, burst: int | None = None
    ) -> Source:
        """Say how many events a second a source may send, or (None) that it may send what it likes.

        The burst is one second's where nobody says otherwise. Raises SourceNotFound, InvalidDocument.
        """
        self._find(workspace, name)
        self._registry.set_limit(workspace, name, _limit(events_per_second, burst))
        return self._find(workspace, name)

    def limit_of(self, workspace: str, name: str) -> RateLimit | None:
        """What a source may send; None is as much as the server can take. Raises Unavailable."""
        return self._registry.find_limit(workspace, name)

    def _find(self, workspace: str, name: str) -> Source:
        sources = self._registry.sources(workspace)
        for source in sources:
            if source.name == name:
                return source
        raise SourceNotFound(
            f"There is no source {name!r}.", hint=nearest(name, [one.name for one in sources])
        )

    def _add_key(self, workspace: str, name: str) -> None:
        key = mint_secret("wk_")
        self._registry.add_source_key(
            WriteKey(write_key=key, workspace=workspace, source=name, created_at=self._clock.now())
        )


def _limit(events_per_second: int | None, burst: int | None) -> RateLimit | None:
    if events_per_second is None:
        if burst is not None:
            message = "A burst stands above a number of events per second."
            raise InvalidDocument([Problem(path="$.events_per_second", code="missing", message=message)])
        return None
    limit = RateLimit(
        events_per_second=events_per_second, burst=events_per_second if burst is None else burst
    )
    problems = limit_problems(limit.events_per_second, limit.burst)
    if problems:
        raise InvalidDocument(problems)
    return limit


def _name_problem(name: str) -> Problem | None:
    if _NAME.fullmatch(name) and name not in _OWN:
        return None
    return Problem(
        path="$.name",
        code="bad_name",
        message=f"{name!r} cannot name a source.",
        hint="Use up to 40 of a-z, 0-9, _, . and -, beginning with a letter or digit; `api` is our own.",
    )
