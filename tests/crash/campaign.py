"""A campaign: a server under load interrupted at seeded moments, again and again, and the reckoning."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec
from tests.crash.callers import Caller
from tests.crash.load import Clients, Load
from tests.crash.shop import Shop

import perennial
from perennial.kernel.ids import bucket
from perennial.kernel.values import Json
from perennial.wiring import Workspace

Moment = Literal["load", "start", "import", "stop"]
# Most interruptions hit a server at work. Their number shares no divisor with that of the disk models.
_MOMENTS: Sequence[Moment] = ("load", "start", "import", "stop", "load", "load", "load", "load")
FINISH_SECONDS = 900.0
_STEPS_PER_RUN = 3

Interruption = Callable[[int], None]
"""What happens to the disk after the process was killed; hears the number of the interruption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """Numbers from 0 to 1 that a seed fixes."""

    seed: int

    def number(self, what: str) -> float:
        """The number of one thing."""
        return bucket(what, salt=f"crash:{self.seed}")


def interrupt(clients: Clients, *, times: int, chance: Seeded, then: Interruption) -> Counter[Moment]:
    """Kill a serving shop so many times, at seeded moments, and start it again; how often at which moment."""
    shop, pause = clients.shop, threading.Event()
    took, moments = 1.0, Counter[Moment]()
    for number in range(times):
        moment = _MOMENTS[number % len(_MOMENTS)]
        moments[moment] += 1
        share = chance.number(f"{number}:moment")
        if moment == "start":
            shop.kill()
            then(number)
            shop.spawn()
            pause.wait(1.1 * took * share)
        elif moment == "import":
            clients.importing.set()
            pause.wait(0.5 * share)
        elif moment == "stop":
            pause.wait(0.5)
            shop.tell_to_stop()
            pause.wait(0.4 * share)
        else:
            pause.wait(0.2 + 1.3 * share)
        shop.kill()
        then(number)
        took = shop.start()
    return moments


def finish(shop: Shop) -> None:
    """Wait until everything accepted is processed, nothing waits in the outbox and every run has ended.

    Where that never comes, the reckoning says what is missing.
    """
    pause, until = threading.Event(), time.monotonic() + FINISH_SECONDS
    with closing(Caller(shop.server)) as caller:
        while time.monotonic() < until:
            if _is_at_rest(caller):
                return
            pause.wait(0.1)


def _is_at_rest(caller: Caller) -> bool:
    entered, left = (_count(caller, name) for name in ("journey_entered", "journey_left"))
    waiting = [
        caller.call("GET", f"/api/messages?state={state}&limit=1").body["messages"]
        for state in ("queued", "sending")
    ]
    is_at_rest = entered is not None and entered == left and not any(waiting)
    # What was sent between the two looks has its event yet to be copied: this waits for it.
    return is_at_rest and _count(caller, "message_sent") is not None


def _count(caller: Caller, name: str) -> Json:
    """How many events of a name there are, once everything said so far is copied; None where it is not."""
    return caller.call("GET", f"/api/events/count?event={name}&wait=accepted").body.get("events")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """Every side of a finished campaign, and what is wrong with it."""

    figures: dict[str, int]
    faults: dict[str, list[str]]
    """By kind: the ids that were lost, doubled, repeated."""

    def verdict(self) -> str:
        """Nothing where all is well; else how many of each kind, and the first of them."""
        return "\n".join(f"{kind}: {len(ids)}, {', '.join(ids[:4])}" for kind, ids in self.faults.items())


def ailments(shop: Shop) -> list[str]:
    """What the running server's own doctor finds wrong."""
    with closing(Caller(shop.server)) as caller:
        checks = caller.call("GET", "/api/doctor?wait=accepted").body["checks"]
    found: list[Mapping[str, Json]] = msgspec.to_builtins(checks)
    return [f"{check['name']}: {check['detail']}" for check in found if not check["ok"]]


def reckon(shop: Shop, load: Load) -> Reckoning:
    """Hold acknowledgements, events, runs, the outbox and the mailbox against each other."""
    with perennial.open(shop.home) as app:
        workspace = app.workspace()
        ours = {
            name: workspace.message_ids(event=name)
            for name in ("journey_entered", "journey_step", "journey_left", "message_sent", "message_unknown")
        }
        every = workspace.message_ids()
        messages = _messages(workspace)
        miscounted = _miscounted(workspace, load, set(every))
        parted, strangers = not_one(workspace, load, set(every))
    clients_own = [one for one in every if one in load.sent]
    stored = set(clients_own)
    people = {name for one, name in load.carts.items() if one in stored}
    delivered = [str(mail.message["Message-ID"]).strip("<>").split("@")[0] for mail in shop.mailbox.mails]
    by_state = {state: {one for _, one, its in messages if its == state} for state in ("sent", "unknown")}
    users = [user for user, _, _ in messages]
    faults: dict[str, Iterable[str]] = {
        "acknowledged and lost": [
            f"{one} (life {life})" for one, life in load.acknowledged.items() if one not in stored
        ],
        "events doubled": _doubled(every),
        "people who did not enter": _missing(len(people), ours["journey_entered"]),
        "steps not taken": _missing(_STEPS_PER_RUN * len(people), ours["journey_step"]),
        "runs not ended": _missing(len(people), ours["journey_left"]),
        "people without a message": people - set(users),
        "messages to nobody": set(users) - people,
        "people with two messages": _doubled(users),
        "messages neither sent nor unknown": [
            f"{one} {state}" for _, one, state in messages if state not in by_state
        ],
        "mails delivered twice": _doubled(delivered),
        "sent and not delivered": by_state["sent"] - set(delivered),
        "delivered and not known": set(delivered) - by_state["sent"] - by_state["unknown"],
        "sent without its event": _missing(len(by_state["sent"]), ours["message_sent"]),
        "coins miscounted": miscounted,
        "not one with who they were": parted,
        "one with somebody else": strangers,
        "unknown without its event": _missing(len(by_state["unknown"]), ours["message_unknown"]),
    }
    return Reckoning(
        figures={
            "lives": shop.lives,
            "acknowledged": len(load.acknowledged),
            "stored": len(clients_own),
            "imports": load.imports,
            "people": len(people),
            "coins": sum(len(coins & stored) for coins in load.coins.values()),
            "joined": sum(one in stored for one in load.joins),
            "steps": len(ours["journey_step"]),
            "sent": len(by_state["sent"]),
            "unknown": len(by_state["unknown"]),
            "delivered": len(delivered),
        },
        faults={kind: sorted(found) for kind, found in faults.items() if found},
    )


def _miscounted(workspace: Workspace, load: Load, stored: set[str]) -> list[str]:
    """Who counts batches, and has not exactly one coin for each that is stored."""
    found: list[str] = []
    for counter, coins in load.coins.items():
        earned = len(coins & stored)
        page = workspace.list_people({"trait": "coins", "=": earned})
        rows: list[Mapping[str, Json]] = msgspec.to_builtins(page.rows)
        if earned and counter not in [row["user_id"] for row in rows]:
            found.append(f"{counter} has not {earned}")
    return found


def not_one(workspace: Workspace, load: Load, stored: set[str]) -> tuple[list[str], list[str]]:
    """Who said that they were somebody else before and are still two; who is one with a stranger."""
    wanted = {name for one, name in load.joins.items() if one in stored}
    tried: Json = {"did": "tried"}
    ones = _users_of(workspace, {"all": [tried, {"did": "cart"}]})
    before = _users_of(workspace, {"all": [tried, {"not": {"did": "cart"}}]})
    unjoined = {f"was-{name}" for one, name in load.joins.items() if one not in stored}
    return sorted(wanted - set(ones)), sorted({*ones} - wanted | {*before} - unjoined) + _doubled(ones)


def _users_of(workspace: Workspace, condition: Json) -> list[str]:
    """The user ids of everybody who meets a condition."""
    found: list[str] = []
    after: str | None = None
    while True:
        page = workspace.list_people(condition, limit=1000, after=after)
        rows: list[Mapping[str, Json]] = msgspec.to_builtins(page.rows)
        found += [str(row["user_id"]) for row in rows]
        after = page.next
        if after is None:
            return found


def record(what: str, **figures: object) -> None:
    """Say what a campaign came to, in one line; `make crash` shows it, docs/proofs.md keeps it."""
    line = " ".join(f"{name}={figure}" for name, figure in figures.items())
    sys.stdout.write(f"{what}: {line}\n")


def log_file(folder: Path) -> Path:
    """Where a campaign's server writes its log, beside what may be cut off."""
    return folder / "server.log"


def _messages(workspace: Workspace) -> list[tuple[str, str, str]]:
    """User, message id and state of every message."""
    found: list[tuple[str, str, str]] = []
    after: str | None = None
    while True:
        page = workspace.list_messages(limit=1000, after=after)
        rows: list[Mapping[str, Json]] = msgspec.to_builtins(page.rows)
        found += [(str(row["user_id"]), str(row["message_id"]), str(row["state"])) for row in rows]
        after = page.next
        if after is None:
            return found


def _doubled(ids: Iterable[str]) -> list[str]:
    return [one for one, times in Counter(ids).items() if times > 1]


def _missing(wanted: int, found: Sequence[str]) -> list[str]:
    return [] if len(found) == wanted else [f"{len(found)} of {wanted}"]
