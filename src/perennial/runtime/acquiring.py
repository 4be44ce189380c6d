"""What a workspace is asked and told of how people come here: channels, codes, costs, what each brought."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import date, datetime, timedelta

from perennial.collect.acquisition import Channel, ClickFacts, Code, Cost
from perennial.collect.acquisition.costs import CostFormat, read_costs
from perennial.collect.acquisition.drawing import PictureFormat, draw
from perennial.collect.acquisition.model import CLICK_EVENT, CLICK_SOURCE, ClickedBy
from perennial.collect.acquisition.rules import (
    address_of,
    check_channel,
    check_code,
    check_cost,
    cost_within,
)
from perennial.collect.events import Receipt, Reception
from perennial.kernel.errors import InvalidDocument, NotFound, Problem
from perennial.kernel.ids import mint_secret
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone, start_of_day
from perennial.runtime.consequences import Stages
from perennial.runtime.shown import Shown

_DAY = timedelta(days=1)
MAX_DAYS = 3700


class UnknownCode(NotFound):
    """Nothing is declared by this code, or it is not valid now."""

    code = "unknown_code"


class Acquiring:
    """A workspace as far as it knows how people come to it."""

    _stages: Stages
    _clicks: ClickFacts
    _now: Callable[[], datetime]
    submit_calls: Callable[[Sequence[Json], Reception], Future[Receipt]]

    # --- channels and codes -------------------------------------------------------------------------

    def list_channels(self) -> Sequence[Shown]:
        """Every channel, by id."""
        with self._stages.state.read() as transaction:
            return [_channel(one) for one in transaction.acquisition.channels()]

    def save_channel(self, channel: Channel) -> Shown:
        """Declare a channel, or say otherwise of it. First and last touches are kept from then on."""
        check_channel(channel)
        with self._stages.state.begin() as transaction:
            transaction.acquisition.save_channel(channel)
        return _channel(channel)

    def list_codes(self) -> Sequence[Shown]:
        """Every code, by its text, with the address that it leads to."""
        with self._stages.state.read() as transaction:
            return [_code(one) for one in transaction.acquisition.codes()]

    def save_code(self, code: Code) -> Shown:
        """Declare a code, or say otherwise of it."""
        with self._stages.state.begin() as transaction:
            check_code(code, (one.channel_id for one in transaction.acquisition.channels()))
            transaction.acquisition.save_code(code)
        return _code(code)

    def draw_code(self, code: str, *, address: str, form: PictureFormat = "svg", scale: int = 8) -> bytes:
        """A code as a QR code: of the address, at this server, that it is followed by."""
        self._code(code)
        return draw(f"{address.rstrip('/')}/{code}", form=form, scale=scale)

    def follow_code(
        self, code: str, *, by: ClickedBy, visitor: str, carried: str
    ) -> tuple[str, Mapping[str, Json]]:
        """Where a code leads now, and the call that says it was followed. Raises UnknownCode.

        `visitor` is the device's id; `carried` its query string.
        """
        found = self._code(code)
        if not found.is_valid(self._now()):
            raise UnknownCode(f"The code {code!r} is not valid now.")
        call: Mapping[str, Json] = {
            "type": "track",
            "event": CLICK_EVENT,
            "anonymousId": visitor,
            "messageId": mint_secret("click_"),
            "properties": {
                "code": found.code,
                "channel": found.channel_id,
                "campaign": found.campaign,
                "by": by,
            },
        }
        return address_of(found, carried), call

    def keep_click(self, call: Mapping[str, Json]) -> Future[Receipt]:
        """Hand a click in; the future is done once it is durable. Raises Unavailable, keeping nothing."""
        return self.submit_calls([dict(call)], Reception(source=CLICK_SOURCE, received_at=self._now()))

    def _code(self, code: str) -> Code:
        with self._stages.state.read() as transaction:
            found = transaction.acquisition.code(code)
        if found is None:
            raise UnknownCode(f"There is no code {code!r}.", hint="`perennial channels codes` lists them.")
        return found

    # --- costs --------------------------------------------------------------------------------------

    def save_cost(self, cost: Cost) -> Shown:
        """Say what a channel cost in some days; the same days of it are said anew."""
        with self._stages.state.begin() as transaction:
            known = [one.channel_id for one in transaction.acquisition.channels()]
            if problems := check_cost(cost, known):
                raise InvalidDocument(problems)
            added = transaction.acquisition.save_costs([cost])
        return {"costs": 1, "added": added}

    def import_costs(self, text: str, form: CostFormat = "csv") -> Shown:
        """Keep the costs of a file, all or nothing; the same file again changes nothing."""
        with self._stages.state.begin() as transaction:
            known = [one.channel_id for one in transaction.acquisition.channels()]
            costs = read_costs(text, form, channels=known)
            added = transaction.acquisition.save_costs(costs)
        return {"costs": len(costs), "added": added}

    def list_costs(self, *, first: date, last: date) -> Sequence[Shown]:
        """What each channel cost on each day of a span, both ends included; days of no cost are left out."""
        _check_days(first, last)
        with self._stages.state.read() as transaction:
            costs = transaction.acquisition.costs(first=first, last=last)
        amounts = Counter[tuple[str, str, str, str]]()
        for cost in costs:
            day, end = max(cost.first_day, first), min(cost.last_day, last)
            while day <= end:
                key = (day.isoformat(), cost.channel_id, cost.campaign, cost.currency)
                amounts[key] += cost_within(cost, first=day, last=day)
                day += _DAY
        names = ("day", "channel", "campaign", "currency")
        return [
            {**dict(zip(names, key, strict=True)), "amount": amount}
            for key, amount in sorted(amounts.items())
        ]

    # --- what they brought ---------------------------------------------------------------------------

    def report_channels(self, *, first: date, last: date) -> Sequence[Shown]:
        """What each channel brought in some local days, both included, and for what.

        Clicks are those of people, not of scanners or of browsers that fetch ahead. New people are those
        whose first touch was then. Costs stand by currency; what a new person cost is rounded to a unit.
        """
        _check_days(first, last)
        zone: Zone = self._stages.zone
        start, end = start_of_day(first, zone), start_of_day(last + _DAY, zone)
        clicks = Counter[str]()
        for one in self._clicks.clicks(start=start, end=end):
            clicks[one.channel] += one.clicks if one.by == "person" else 0
        with self._stages.state.read() as transaction:
            channels = transaction.acquisition.channels()
            people = transaction.touches.people_gained(start=start, end=end)
            costs = transaction.acquisition.costs(first=first, last=last)
        amounts = defaultdict[str, Counter[str]](Counter)
        for cost in costs:
            amounts[cost.channel_id][cost.currency] += cost_within(cost, first=first, last=last)
        rows = [(one.channel_id, one.name, one.stability) for one in channels]
        if people.get(""):
            rows.append(("", "", ""))
        return [
            {
                "channel": channel,
                "name": name,
                "stability": stability,
                "clicks": clicks[channel],
                "people_gained": people.get(channel, 0),
                "costs": dict(amounts[channel]),
                "cost_per_person": _each(amounts[channel], people.get(channel, 0)),
            }
            for channel, name, stability in rows
        ]


def _each(amounts: Mapping[str, int], people: int) -> dict[str, Json]:
    """The cost of one of so many people, halves rounded up; nothing where there is nobody."""
    return {name: (2 * amount + people) // (2 * people) for name, amount in amounts.items()} if people else {}


def _check_days(first: date, last: date) -> None:
    if last < first or (last - first).days >= MAX_DAYS:
        message, hint = (
            "These are no days to report on.",
            f"From a day to a later one, up to {MAX_DAYS} days.",
        )
        raise InvalidDocument([Problem(path="$.to", code="bad_span", message=message, hint=hint)])


def _channel(channel: Channel) -> Shown:
    return {
        "id": channel.channel_id,
        "name": channel.name,
        "kind": channel.kind,
        "stability": channel.stability,
        "owner": channel.owner,
        "description": channel.description,
        "sources": list(channel.sources),
    }


def _code(code: Code) -> Shown:
    shown: dict[str, Json | datetime] = {
        "code": code.code,
        "channel": code.channel_id,
        "target": code.target,
        "campaign": code.campaign,
        "medium": code.medium,
        "content": code.content,
        "leads_to": address_of(code, ""),
        "valid_from": code.valid_from,
        "valid_until": code.valid_until,
    }  # fmt: skip
    return shown
