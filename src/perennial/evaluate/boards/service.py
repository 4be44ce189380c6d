"""The use cases: keeping insights and boards, each save told when somebody else saved before."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from perennial.evaluate.boards.model import Kept, Kind
from perennial.evaluate.boards.ports import BoardShelf
from perennial.kernel.errors import NotFound, Refused, nearest
from perennial.kernel.values import Json, canonical


class BoardNotFound(NotFound):
    """No board has this id."""

    code = "board_not_found"


class InsightNotFound(NotFound):
    """No insight is kept under this id."""

    code = "insight_not_found"


class SavedMeanwhile(Refused):
    """Somebody else saved another version since this one was opened."""

    code = "saved_meanwhile"


class InsightInUse(Refused):
    """Boards show this insight."""

    code = "insight_in_use"


class BoardState(Protocol):
    """The part of a state transaction that boards live in."""

    @property
    def boards(self) -> BoardShelf:
        """Kept insights, boards and their links."""
        ...


def get_kept(kind: Kind, id_: str, *, state: BoardState) -> Kept:
    """The live version. Raises BoardNotFound, InsightNotFound."""
    found = state.boards.latest(kind, id_)
    if found is None or found.is_removed:
        hint = nearest(id_, (one.id for one in state.boards.live(kind)))
        if kind == "board":
            raise BoardNotFound(f"There is no board {id_!r}.", hint=hint)
        raise InsightNotFound(f"No insight is kept as {id_!r}.", hint=hint)
    return found


def keep(
    kind: Kind,
    id_: str,
    document: Mapping[str, Json],
    *,
    replaces: int | None,
    by: str,
    now: datetime,
    state: BoardState,
) -> Kept:
    """Keep a document as the next version; the same document again is the same version.

    `replaces` is the version that was opened, 0 where there was none; untold, whatever is there is
    replaced. Raises SavedMeanwhile.
    """
    before = state.boards.latest(kind, id_)
    live = 0 if before is None or before.is_removed else before.version
    if replaces is not None and replaces != live:
        raise SavedMeanwhile(
            f"Version {live} of {id_!r} is there now, not {replaces}." if live else f"{id_!r} is gone.",
            hint="Look at it, then save with `replaces` as its version.",
            path="$",
        )
    if before is not None and live and canonical(before.document) == canonical(document):
        return before
    kept = Kept(
        kind=kind,
        id=id_,
        version=1 if before is None else before.version + 1,
        document=document,
        owner=before.owner if before is not None and live else by,
        saved_by=by,
        saved_at=now,
    )
    state.boards.add(kept)
    return kept


def remove(kind: Kind, id_: str, *, by: str, now: datetime, state: BoardState) -> Kept:
    """Take away what is kept; links to a board end with it. Raises InsightInUse, NotFound."""
    live = get_kept(kind, id_, state=state)
    if kind == "insight" and (boards := boards_with(id_, state.boards.live("board"))):
        message = f"{len(boards)} boards show this insight: {', '.join(boards)}."
        raise InsightInUse(message, hint="Take it off them first.")
    gone = Kept(
        kind=kind,
        id=id_,
        version=live.version + 1,
        document={},
        owner=live.owner,
        saved_by=by,
        saved_at=now,
        is_removed=True,
    )
    state.boards.add(gone)
    if kind == "board":
        for share in state.boards.shares(id_):
            if share.is_open(now):
                state.boards.revoke(share.share_id, at=now)
    return live


def boards_with(insight_id: str, boards: Sequence[Kept]) -> Sequence[str]:
    """The ids of the boards that show a kept insight."""
    return [one.id for one in boards if insight_id in _insights_of(one.document)]


def _insights_of(document: Mapping[str, Json]) -> Sequence[Json]:
    tiles = document.get("tiles")
    listed = tiles if isinstance(tiles, Sequence) and not isinstance(tiles, str) else ()
    return [one.get("insight") for one in listed if isinstance(one, Mapping)]
