"""API tokens: what a script acts with in one workspace, what it may do, and until when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from perennial.access.model import ApiToken
from perennial.access.roles import EVERYWHERE, TOKEN_SCOPES, Actor, Permission
from perennial.access.rules import token_hash
from perennial.kernel.clock import Clock
from perennial.kernel.errors import InvalidDocument, NotFound, Problem, Refused, nearest
from perennial.kernel.ids import mint_secret

LONGEST_NAME = 80
_ID_LETTERS = 16
MOST_DAYS = 3650


class TokenNotFound(NotFound):
    """There is no such token."""

    code = "token_not_found"


class ScopeNotHeld(Refused):
    """Nobody may give a token what they may not do themselves."""

    code = "not_covered"


class TokenRegistry(Protocol):
    """What tokens need of the root store."""

    def add_token(self, token: ApiToken) -> None:
        """Keep a token's hash, and what it may."""
        ...

    def find_token(self, token_hash: str) -> ApiToken | None:
        """The token with this hash."""
        ...

    def tokens(self, workspace: str) -> Sequence[ApiToken]:
        """The tokens of a workspace, oldest first."""
        ...

    def remove_token(self, token_hash: str) -> None:
        """Let nobody in with a token any more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeToken:
    """A token as it is told, once."""

    token: str
    record: ApiToken


class Tokens:
    """The API tokens of every workspace."""

    def __init__(self, registry: TokenRegistry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    def list_tokens(self, workspace: str) -> Sequence[ApiToken]:
        """The tokens of a workspace, oldest first; expired ones too."""
        return self._registry.tokens(workspace)

    def create_token(
        self, workspace: str, name: str, *, scopes: Collection[str], days: int | None, by: Actor
    ) -> MadeToken:
        """Make a token; no scopes are all of them, and no days never end. Told once.

        Raises InvalidDocument, ScopeNotHeld.
        """
        _refuse(name, scopes, days)
        wanted = frozenset(scope for scope in TOKEN_SCOPES if scope in scopes) if scopes else TOKEN_SCOPES
        missing = wanted - by.permissions_in(workspace)
        if missing:
            raise ScopeNotHeld(f"You may not give {', '.join(sorted(missing))}.", path="$.scopes")
        now, token = self._clock.now(), mint_secret("tok_")
        record = ApiToken(
            token_hash=token_hash(token),
            workspace=workspace,
            created_at=now,
            name=name.strip(),
            scopes=frozenset(wanted) if scopes else frozenset({EVERYWHERE}),
            made_by=by.id,
            expires_at=None if days is None else now + timedelta(days=days),
        )
        self._registry.add_token(record)
        return MadeToken(token=token, record=record)

    def revoke_token(self, workspace: str, token_id: str) -> ApiToken:
        """Let nobody in with a token any more. Raises TokenNotFound."""
        own = {token_id_of(one): one for one in self._registry.tokens(workspace)}
        if token_id not in own:
            raise TokenNotFound(f"There is no token {token_id!r}.", hint=nearest(token_id, own))
        self._registry.remove_token(own[token_id].token_hash)
        return own[token_id]

    def authenticate(self, token: str) -> Actor | None:
        """Whoever acts with a token, in its one workspace; None where it is none, or has expired.

        Looked up by hash: timing tells nothing about the token.
        """
        found = self._registry.find_token(token_hash(token))
        if found is None or _is_over(found, self._clock.now()):
            return None
        return Actor(kind="token", id=token_id_of(found), allowed={found.workspace: scopes_of(found)})


def token_id_of(token: ApiToken) -> str:
    """How a token is named without telling it."""
    return token.token_hash[:_ID_LETTERS]


def scopes_of(token: ApiToken) -> frozenset[Permission]:
    """What a token may. Those made before there were scopes may all that a token can."""
    if EVERYWHERE in token.scopes:
        return TOKEN_SCOPES
    return frozenset(scope for scope in TOKEN_SCOPES if scope in token.scopes)


def _is_over(token: ApiToken, now: datetime) -> bool:
    return token.expires_at is not None and token.expires_at <= now


def _refuse(name: str, scopes: Collection[str], days: int | None) -> None:
    problems = [
        Problem(
            path=f"$.scopes[{index}]",
            code="unknown_scope",
            message=f"{scope!r} is no scope of a token.",
            hint=nearest(scope, TOKEN_SCOPES),
        )
        for index, scope in enumerate(scopes)
        if scope not in TOKEN_SCOPES
    ]
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        hint = f"Say what it is for, in up to {LONGEST_NAME} characters on one line."
        problems.append(Problem(path="$.name", code="bad_name", message="A token needs a name.", hint=hint))
    if days is not None and not 1 <= days <= MOST_DAYS:
        message = f"A token lasts 1 to {MOST_DAYS} days."
        problems.append(Problem(path="$.days", code="bad_days", message=message))
    if problems:
        raise InvalidDocument(problems)
