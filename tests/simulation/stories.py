"""Random stories: what people do, what operators do, and how time passes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.simulation.chance import Chance
from tests.simulation.charts import changed, chart, plan

from perennial.kernel.values import Json

BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)
SEGMENT = "{id: active, name: Active, condition: {did: visited, within: 2d}}"
TEMPLATE = "{id: hello, channel: email, subject: Hello, text: 'Hello {{ person.traits.email }}.'}"
POLICIES = (
    "{caps: [{at_most: 1, per: 7d}], holdout: none}",
    "{caps: [{at_most: 2, per: 3d}], quiet_hours: [{from: '20:00', to: '09:00', spread: 20m}]}",
    "{quiet_hours: [{from: '08:00', to: '18:00'}], holdout: 20%}",
)
PEOPLE = ("li", "wang", "zhao", "mei", "bo", "sun", "lin", "ada")
_PAUSES = (0, 0, 1, 5, 13, 24, 40)
_DELAYS = (0, 0, 0, 0, 1, 6, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Calls arrive together."""

    calls: tuple[dict[str, Json], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """So much time passes, and the loop turns."""

    after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """A version of a journey, and what becomes of people in the one before."""

    document: dict[str, Json]
    plan: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Govern:
    """Another contact policy."""

    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Steer:
    """Pause, resume or end a journey."""

    journey: str
    verb: str


Action = Say | Turn | Publish | Govern | Steer


def story(seed: int) -> tuple[Action, ...]:
    """One seed's story: two journeys, eight people, a fortnight or so."""
    chance = Chance(seed)
    first, second = chart(chance, "first"), chart(chance, "second")
    actions: list[Action] = [Say(calls=_met(chance)), Publish(document=first), Publish(document=second)]
    live, now, sent = [first, second], BEGIN, list[dict[str, Json]]()
    for number in range(chance.number(6, 9)):
        calls = _calls(chance, number, now, sent)
        if calls:
            actions.append(Say(calls=calls))
        if chance.share() < 0.25:
            actions.append(_operated(chance, live))
        pause = timedelta(hours=chance.one_of(_PAUSES), microseconds=chance.one_of((0, 0, 1)))
        actions.append(Turn(after=pause))
        now += pause
    return (*actions, Turn(after=timedelta(days=4)), Turn(after=timedelta(0)))


def _met(chance: Chance) -> tuple[dict[str, Json], ...]:
    agreed: dict[str, Json] = {"consent": "email/marketing", "state": "granted", "proof": "form"}
    calls: list[dict[str, Json]] = []
    for name in PEOPLE:
        zone = chance.one_of(("Asia/Shanghai", "America/New_York", "Asia/Kolkata"))
        traits: dict[str, Json] = {"email": f"{name}@example.com", "timezone": zone}
        calls.append({"type": "identify", "userId": name, "traits": traits, "messageId": f"i-{name}"})
        if chance.share() < 0.8:
            calls.append({"type": "consent", "userId": name, **agreed, "messageId": f"c-{name}"})
    return tuple(calls)


def _calls(
    chance: Chance, number: int, now: datetime, sent: list[dict[str, Json]]
) -> tuple[dict[str, Json], ...]:
    calls = [_call(chance, f"m{number}-{place}", now) for place in range(chance.number(0, 12))]
    sent.extend(calls)
    if sent and chance.share() < 0.3:  # a client that heard no answer sends again
        calls.append(chance.one_of(sent))
    return tuple(calls)


def _call(chance: Chance, message_id: str, now: datetime) -> dict[str, Json]:
    name = chance.one_of(PEOPLE)
    occurred = now - timedelta(hours=chance.one_of(_DELAYS))
    shared: dict[str, Json] = {"messageId": message_id, "timestamp": occurred.isoformat()}
    what = chance.one_of(("visited", "visited", "add_to_cart", "add_to_cart", "paid", "level", "meet"))
    if what == "level":
        return {"type": "identify", "userId": name, "traits": {"level": chance.number(0, 3)}, **shared}
    if what == "meet":  # somebody unknown turns out to be somebody known
        return {"type": "identify", "userId": name, "anonymousId": f"a-{name}", "traits": {}, **shared}
    who: dict[str, Json] = {"anonymousId": f"a-{name}"} if chance.share() < 0.2 else {"userId": name}
    properties: Json = {"cart_id": f"c{chance.number(1, 3)}", "amount": chance.one_of((10, 60, 100))}
    return {"type": "track", "event": what, "properties": properties, **who, **shared}


def _operated(chance: Chance, live: list[dict[str, Json]]) -> Action:
    place = chance.number(0, len(live) - 1)
    match chance.one_of(("publish", "publish", "govern", "steer")):
        case "publish":
            live[place] = changed(chance, live[place])
            return Publish(document=live[place], plan=plan(chance, live[place]))
        case "govern":
            return Govern(policy=chance.one_of(POLICIES))
        case _:
            return Steer(journey=str(live[place]["id"]), verb=chance.one_of(("pause", "resume")))


def acts_of(actions: Sequence[Action]) -> str:
    """A story in one line, for whoever reads about a seed that failed."""
    return " ".join(type(action).__name__ for action in actions)
