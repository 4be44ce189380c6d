"""Random flowcharts: small, valid, and crowded with what depends on order, time and facts."""

from collections.abc import Sequence

from tests.simulation.chance import Chance

from perennial.kernel.values import Json

CHANNEL: dict[str, Json] = {"channel": "email", "template": "hello", "topic": "marketing"}
_SPANS = ("1h", "5h", "13h", "24h", "30h", "3d")
_CONDITIONS: Sequence[Json] = (
    {"did": "visited", "within": "2d"},
    {"did": "visited", "within": "7d", "times": ">= 3"},
    {"did": "paid", "within": "30d"},
    {"trait": "level", "is": ">= 2"},
    {"segment": "active"},
    {"not": {"did": "add_to_cart", "within": "1d"}},
    {"measure": "sum(amount)", "of": "paid", "within": "30d", "is": ">= 100"},
)
_PAID: dict[str, Json] = {"event": "paid", "same": "cart_id"}


def chart(chance: Chance, name: str) -> dict[str, Json]:
    """A chart of up to nine nodes; only a `wait_until` leads back, so that every loop contains a wait."""
    count = chance.number(2, 8)
    nodes: dict[str, Json] = {f"n{number}": _node(chance, number, count) for number in range(count)}
    nodes[f"n{count}"] = {"exit": {"outcome": "through"}}
    document: dict[str, Json] = {"id": name, "start": "n0", "nodes": nodes}
    has_key = _enter(chance, document)
    if chance.share() < 0.7:
        document["goal"] = {**(_PAID if has_key else {"event": "paid"}), "for": chance.one_of(_SPANS)}
    if chance.share() < 0.5:
        document["exit"] = [_PAID if has_key else {"event": "paid"}]
    if chance.share() < 0.3:
        document["exit"] = [{"trait": "level", "is": ">= 3"}]
    document["control"] = chance.one_of(("none", "30%", "50%"))
    return document


def changed(chance: Chance, document: dict[str, Json]) -> dict[str, Json]:
    """The next version of a chart: other nodes, the same way in."""
    other = chart(chance, str(document["id"]))
    return {**document, "start": other["start"], "nodes": other["nodes"]}


def plan(chance: Chance, document: dict[str, Json]) -> Json:
    """What becomes of people in earlier versions."""
    nodes = document["nodes"]
    assert isinstance(nodes, dict)
    fates: list[Json] = ["stay", {"exit": "changed"}, {"move": chance.one_of(list(nodes))}]
    named: dict[str, Json] = {name: chance.one_of(fates) for name in nodes if chance.share() < 0.5}
    return {**named, "*": chance.one_of(fates)}


def _enter(chance: Chance, document: dict[str, Json]) -> bool:
    """Say who comes in, and whether they may come again; whether runs have keys."""
    again: list[Json] = ["never", "always", {"after": "30h"}]
    if chance.share() < 0.3:
        change = chance.one_of(("entered", "left"))
        document["entry"] = {"on": {"segment": "active", "change": change}}
        document["reentry"] = chance.one_of(again)
        return False
    entry: dict[str, Json] = {"on": {"event": "add_to_cart"}, "key": "cart_id"}
    if chance.share() < 0.3:
        entry["if"] = chance.one_of(_CONDITIONS)
    if chance.share() < 0.3:
        entry["max_age"] = "7d"
    document["entry"] = entry
    document["reentry"] = chance.one_of([*again, "per_key", "per_key"])
    return True


def _node(chance: Chance, number: int, count: int) -> Json:
    onward, jump = f"n{number + 1}", f"n{chance.number(number + 1, count)}"
    match chance.one_of(("wait", "wait", "wait_until", "branch", "split", "send", "send", "join")):
        case "wait":
            return _wait(chance, onward)
        case "wait_until":
            back = f"n{chance.number(0, number)}" if chance.share() < 0.3 else jump
            until: Json = {"event": chance.one_of(("paid", "visited"))}
            return {
                "wait_until": until,
                "at_most": chance.one_of(_SPANS),
                "then": onward,
                "on_timeout": back,
            }
        case "branch":
            asked = chance.one_of(_CONDITIONS)
            return {"branch": [{"if": asked, "then": jump}], "else": onward}
        case "split":
            arms: Json = [{"id": "a", "weight": 1, "then": onward}, {"id": "b", "weight": 2, "then": jump}]
            return {"split": {"arms": arms}}
        case "send":
            return {"send": {**CHANNEL, "priority": chance.number(0, 100)}, "then": onward}
        case _:
            return {"join": True, "then": onward}


def _wait(chance: Chance, onward: str) -> Json:
    renewed: dict[str, Json] = {"restart_on": {"event": "visited"}} if chance.share() < 0.3 else {}
    return {"wait": chance.one_of(_SPANS), **renewed, "then": onward}
