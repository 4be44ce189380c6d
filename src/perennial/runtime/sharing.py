"""The use cases of sharing: links that show one board's numbers, and nobody's name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from perennial.collect.catalogue.rules import looks_personal
from perennial.evaluate.boards import Share, ShareKeys, ShareUnknown, get_kept
from perennial.evaluate.boards.rules import counts_only, may_tell, words_in
from perennial.evaluate.insights.model import Attribution, Basket, Paths, Spec
from perennial.kernel.clock import Clock
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.ids import mint_secret
from perennial.kernel.values import Json
from perennial.runtime.boards import AskedTile, Boarding
from perennial.runtime.schema import flagged_paths
from perennial.runtime.shown import Shown

LONGEST_DAYS = 365
SHOWN_FOR = timedelta(minutes=1)
"""So old may a shared board's numbers be: whoever has the link cannot make us count more often."""


class _Looks:
    """What shared boards showed last."""

    def __init__(self) -> None:
        self._shown: dict[str, tuple[datetime, Mapping[str, Json]]] = {}
        self._guards: dict[str, Lock] = {}
        self._lock = Lock()

    def get(self, share_id: str, now: datetime, show: Callable[[], Mapping[str, Json]]) -> Mapping[str, Json]:
        """What was shown within the last minute, else anew; of many who look at once one asks."""
        with self._lock:
            self._shown = {one: kept for one, kept in self._shown.items() if kept[0] > now - SHOWN_FOR}
            guard = self._guards.setdefault(share_id, Lock())
        with guard:
            kept = self._shown.get(share_id)
            if kept is not None:
                return kept[1]
            found = show()
            with self._lock:
                self._shown[share_id] = (now, found)
            return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """What a workspace's links to boards rest on."""

    keys: ShareKeys
    address: Callable[[], str]
    """Where people reach us, without a slash at the end; empty where it is not known."""
    clock: Clock
    """Links end by the world's clock, also where a rehearsal's own stands still."""
    looks: _Looks = field(default_factory=_Looks)


class SharingBoards(Boarding):
    """A workspace as far as its boards are shared."""

    name: str
    _sharing: Sharing

    def share_board(self, board_id: str, *, days: int = 7, by: str = "") -> Mapping[str, object]:
        """Make a link that shows a board's numbers for so many days. It is told once.

        Raises BoardNotFound, InvalidDocument.
        """
        if not 1 <= days <= LONGEST_DAYS:
            message = f"A link lasts from 1 to {LONGEST_DAYS} days, not {days}."
            raise InvalidDocument([Problem(path="$.days", code="bad_number", message=message)])
        now = self._sharing.clock.now().replace(microsecond=0)
        share = Share(
            share_id=mint_secret("shr_"),
            board_id=board_id,
            created_at=now,
            expires_at=now + timedelta(days=days),
            created_by=by,
        )
        with self._stages.state.begin() as transaction:
            get_kept("board", board_id, state=transaction)
            transaction.boards.add_share(share)
        token = self._sharing.keys.token(share.share_id, share.expires_at)
        # Behind the `#` a browser keeps it to itself: no server's log and no referrer ever has it.
        return {**_shown(share, now), "url": f"{self._sharing.address()}/shared/{self.name}#{token}"}

    def list_shares(self, board_id: str) -> Sequence[Shown]:
        """A board's links, the newest first; what opens them is not told again."""
        now = self._sharing.clock.now()
        with self._stages.state.read() as transaction:
            get_kept("board", board_id, state=transaction)
            return [_shown(one, now) for one in transaction.boards.shares(board_id)]

    def revoke_share(self, share_id: str) -> Shown:
        """Take a link back: from now on it shows nothing. Raises ShareUnknown."""
        now = self._sharing.clock.now()
        with self._stages.state.begin() as transaction:
            transaction.boards.revoke(share_id, at=now)
            found = transaction.boards.find_share(share_id)
        if found is None:
            raise ShareUnknown(f"No link is called {share_id!r}.")
        return _shown(found, now)

    def share_named(self, token: str) -> str:
        """The share that a token opens now. Raises ShareUnknown, the same for every reason."""
        return self._open_share(token).share_id

    def read_shared_board(self, token: str) -> Mapping[str, Json]:
        """A board's numbers and nobody's name, at most a minute old. Raises ShareUnknown."""
        share = self._open_share(token)
        return self._sharing.looks.get(share.share_id, self._sharing.clock.now(), lambda: self._look(share))

    def _open_share(self, token: str) -> Share:
        now = self._sharing.clock.now()
        share_id = self._sharing.keys.share_id(token, now=now)
        with self._stages.state.read() as transaction:
            found = transaction.boards.find_share(share_id)
        if found is None or not found.is_open(now):
            raise ShareUnknown
        return found

    def _look(self, share: Share) -> Mapping[str, Json]:
        kept, asked = self._asked_tiles(share.board_id, None, None)
        personal = {path for paths in flagged_paths(self._stages.state).values() for path in paths}
        tiles = [self._seen(one, personal) for one in asked]
        return {
            "name": str(kept.document.get("name") or kept.id),
            "description": kept.document.get("description"),
            "timezone": self.zone.name,
            "as_of": self._now().isoformat(),
            "expires_at": share.expires_at.isoformat(),
            "tiles": tiles,
        }

    def _seen(self, asked: AskedTile, personal: set[str]) -> dict[str, Json]:
        """A tile as strangers see it: no specification, no cells, no parts that are called after people."""
        told = asked.shown
        seen = {name: told[name] for name in ("id", "title", "layout", "state")}
        seen |= {name: told[name] for name in ("missing_events", "missing_properties")}
        if asked.spec is not None and not may_tell(asked.spec.shared.breakdown, _items(asked.spec), personal):
            return {**seen, "state": "hidden", "answer": None}
        answer = self._answered(asked)
        found = answer["answer"]
        shown = counts_only(found) if isinstance(found, Mapping) else None
        if shown is not None and any(looks_personal(one) for one in words_in(shown)):
            return {**seen, "state": "hidden", "answer": None}
        return {**seen, "state": answer["state"], "answer": shown}


def _items(spec: Spec) -> Sequence[str | None]:
    """The properties whose values an answer names."""
    return [spec.item] if isinstance(spec, Attribution | Basket | Paths) else []


def _shown(share: Share, now: datetime) -> Shown:
    return {
        "id": share.share_id,
        "board": share.board_id,
        "created_at": share.created_at,
        "created_by": share.created_by,
        "expires_at": share.expires_at,
        "revoked_at": share.revoked_at,
        "open": share.is_open(now),
    }
