"""Reading touches from calls, addresses of codes, and costs day by day: pure functions."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from perennial.collect.acquisition.model import (
    CODE_PARAMETER,
    Channel,
    Code,
    Cost,
    KnownChannels,
    Touch,
    TouchKept,
)
from perennial.kernel.errors import InvalidDocument, Problem
from perennial.kernel.ids import derive_text
from perennial.kernel.values import Json

TOUCH_PATHS = (
    "context.campaign.source",
    "utm_source",
    "$utm_source",
    "context.page.url",
    "context.page.search",
    "url",
    "$url",
    CODE_PARAMETER,
)
"""Where a call may say by which campaign or code somebody came."""
_QUERY_FIELD = re.compile(rf"[?&](utm_source|utm_medium|utm_campaign|{CODE_PARAMETER})=([^&#]*)")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_TARGET = re.compile(r"https?://[^\s/?#@\\<>\"]+(?:[/?#][^\s\\<>\"]*)?", re.IGNORECASE)
_CURRENCY = re.compile(r"[A-Z]{3}")
MAX_TARGET = 2000
MAX_CARRIED = 1000
"""Characters of a visitor's own query string that go along; a longer one is left behind."""
MAX_TEXT = 200
FIRST_TOUCH = "first_touch_"
_LATEST = 1 << 62
"""Beyond every instant in microseconds: what is counted down from it sorts the earlier later."""
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MICROSECOND = timedelta(microseconds=1)


def may_touch(properties: Mapping[str, Json], context: Mapping[str, Json]) -> bool:
    """Whether a call needs the closer look of `touch_of`: almost none does."""
    if context:
        if "campaign" in context:
            return True
        page = context.get("page")
        if isinstance(page, dict) and _is_marked(page.get("url")):
            return True
    return (
        "utm_source" in properties
        or "$utm_source" in properties
        or CODE_PARAMETER in properties
        or _is_marked(properties.get("url"))
        or _is_marked(properties.get("$url"))
    )


def _is_marked(address: Json) -> bool:
    return isinstance(address, str) and ("utm_source=" in address or f"{CODE_PARAMETER}=" in address)


def told_paths(properties: Mapping[str, Json], context: Mapping[str, Json]) -> Mapping[str, str]:
    """The texts of a call that touches are read from, by dotted path as the log has them."""
    found: dict[str, str] = {name: value for name, value in properties.items() if isinstance(value, str)}
    for part in ("campaign", "page"):
        inside = context.get(part)
        if isinstance(inside, dict):
            for name, value in inside.items():
                if isinstance(value, str):
                    found[f"context.{part}.{name}"] = value
    return found


def touch_of(texts: Mapping[str, str], known: KnownChannels) -> Touch | None:
    """The touch that a call's texts speak of; None where they speak of none.

    What the client says wins over what stands in the address; a code of ours wins over `utm_source`.
    """
    address = next((texts[path] for path in ("context.page.url", "url", "$url") if texts.get(path)), "")
    marks = _marks(address) or _marks(texts.get("context.page.search", ""))
    said = {name: _said(texts, name) or marks.get(f"utm_{name}", "") for name in ("source", "medium")}
    campaign = texts.get("context.campaign.name") or _said(texts, "campaign") or marks.get("utm_campaign", "")
    code = texts.get(CODE_PARAMETER) or marks.get(CODE_PARAMETER, "")
    code = code if code in known.by_code else ""
    if not code and not said["source"]:
        return None
    return Touch(
        channel=known.by_code.get(code) or known.by_source.get(said["source"].casefold()),
        source=said["source"][:MAX_TEXT],
        medium=said["medium"][:MAX_TEXT],
        campaign=campaign[:MAX_TEXT],
        code=code,
        referrer=_host(texts.get("context.page.referrer") or texts.get("$referrer") or ""),
    )


def _said(texts: Mapping[str, str], name: str) -> str:
    paths = (f"context.campaign.{name}", f"utm_{name}", f"$utm_{name}")
    return next((texts[path] for path in paths if texts.get(path)), "")


@lru_cache(maxsize=1024)
def _marks(address: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in _QUERY_FIELD.findall(address):
        found.setdefault(name, _unquoted(value))
    return found


def _unquoted(value: str) -> str:
    """A value of a query string; what is no UTF-8 is shown as such."""
    raw = re.sub(
        rb"%([0-9a-fA-F]{2})", lambda found: bytes([int(found[1], 16)]), value.encode().replace(b"+", b" ")
    )
    return raw.decode(errors="replace")


def _host(address: str) -> str:
    found = re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]+)", address)
    return found[1].lower()[:MAX_TEXT] if found else ""


def known_channels(channels: Iterable[Channel], codes: Iterable[Code]) -> KnownChannels:
    """What touches are read by. A source that two channels claim is the first one's, by id."""
    by_source: dict[str, str] = {}
    listed = sorted(channels, key=lambda one: one.channel_id)
    for channel in listed:
        by_source[channel.channel_id.casefold()] = channel.channel_id
    for channel in listed:
        for source in channel.sources:
            by_source.setdefault(source.casefold(), channel.channel_id)
    return KnownChannels({one.code: one.channel_id for one in codes}, by_source)


# --- the order of touches ---------------------------------------------------------------------------


def touch_id_of(source: str, message_id: str) -> str:
    """The id of the touch that a message tells of."""
    return derive_text("touch_", source, message_id)


def standing(kept: TouchKept) -> tuple[int, str]:
    """Where a touch stands among those that may be the first: the greatest is."""
    return -_micros(kept.occurred_at), kept.touch_id


def first_message(first: TouchKept, at: TouchKept) -> str:
    """The message id of the statement, at one touch's time, that another was the first.

    Of two statements of one instant the greater id wins: that of the earlier touch.
    """
    left = _LATEST - _micros(first.occurred_at)
    return f"{FIRST_TOUCH}{left:020d}_{first.touch_id}_{at.touch_id}"


def _micros(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


# --- codes ------------------------------------------------------------------------------------------


def address_of(code: Code, carried: str) -> str:
    """Where a code leads: its target, the campaign's fields, the code, and what the visitor's address said.

    Fields that the target has itself stay; a visitor's own field replaces none of ours.
    """
    base, sign, fragment = code.target.partition("#")
    path, _, query = base.partition("?")
    fields = [field for field in query.split("&") if field]
    fields += _added(
        fields,
        [
            ("utm_source", code.channel_id),
            ("utm_medium", code.medium),
            ("utm_campaign", code.campaign),
            ("utm_content", code.content),
            (CODE_PARAMETER, code.code),
        ],
    )
    there = {field.partition("=")[0] for field in fields}
    if len(carried) <= MAX_CARRIED and carried.isascii() and carried.isprintable():
        own = [field for field in carried.split("&") if field and field.partition("=")[0] not in there]
        fields += own
    return f"{path}?{'&'.join(fields)}{sign}{fragment}"


def _added(there: Sequence[str], wanted: Sequence[tuple[str, str]]) -> list[str]:
    names = {field.partition("=")[0] for field in there}
    return [f"{name}={_quoted(value)}" for name, value in wanted if value and name not in names]


def _quoted(value: str) -> str:
    return "".join(
        chr(byte) if chr(byte).isascii() and (chr(byte).isalnum() or chr(byte) in "-_.~") else f"%{byte:02X}"
        for byte in value.encode()
    )


# --- what may be declared ---------------------------------------------------------------------------


def check_channel(channel: Channel) -> None:
    """Raises InvalidDocument with every mistake."""
    problems = list[Problem]()
    if not _NAME.fullmatch(channel.channel_id):
        hint = "Small letters, digits, - and _, up to 64."
        problems.append(_problem("$.id", "bad_name", f"{channel.channel_id!r} is no id of a channel.", hint))
    if not channel.name.strip():
        problems.append(_problem("$.name", "missing", "A channel has a name.", "Say how people call it."))
    _refuse(problems)


def check_code(code: Code, channels: Iterable[str]) -> None:
    """Raises InvalidDocument with every mistake."""
    problems = list[Problem]()
    if not _CODE.fullmatch(code.code):
        hint = "Letters, digits, - and _, up to 64."
        problems.append(_problem("$.code", "bad_name", f"{code.code!r} is no code.", hint))
    listed = sorted(channels)
    if code.channel_id not in listed:
        hint = f"There are: {', '.join(listed)}." if listed else "`perennial channels save` declares one."
        problems.append(
            _problem("$.channel", "unknown_channel", f"There is no channel {code.channel_id!r}.", hint)
        )
    is_short = len(code.target) <= MAX_TARGET
    if not (
        is_short and code.target.isprintable() and code.target.isascii() and _TARGET.fullmatch(code.target)
    ):
        hint = f"Write it whole: https://shop.example/page, up to {MAX_TARGET} characters, percent-encoded."
        problems.append(_problem("$.target", "bad_target", "This is no address of a page.", hint))
    if code.valid_from and code.valid_until and code.valid_from >= code.valid_until:
        message = "A code cannot end before it begins."
        problems.append(_problem("$.valid_until", "bad_span", message, "Swap the two instants."))
    _refuse(problems)


def check_cost(cost: Cost, channels: Iterable[str], *, path: str = "$") -> Sequence[Problem]:
    """Every mistake of one cost."""
    problems = list[Problem]()
    if cost.channel_id not in set(channels):
        message = f"There is no channel {cost.channel_id!r}."
        hint = "`perennial channels list` names them."
        problems.append(_problem(f"{path}.channel", "unknown_channel", message, hint))
    if cost.last_day < cost.first_day:
        message = "A period cannot end before it begins."
        problems.append(_problem(f"{path}.to", "bad_span", message, "Swap the two days."))
    if not 0 <= cost.amount < 2**53:
        message = "A cost is a whole number of minor units, not below 0."
        problems.append(_problem(f"{path}.amount", "bad_amount", message, "Write 12.50 as 1250."))
    if not _CURRENCY.fullmatch(cost.currency):
        message = f"{cost.currency!r} is no currency."
        problems.append(_problem(f"{path}.currency", "bad_currency", message, "Three capitals, such as CNY."))
    return problems


def _problem(path: str, code: str, message: str, hint: str) -> Problem:
    return Problem(path=path, code=code, message=message, hint=hint)


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise InvalidDocument(problems)


# --- costs ------------------------------------------------------------------------------------------


def cost_within(cost: Cost, *, first: date, last: date) -> int:
    """What of a period's cost falls into some days, both included.

    It is shared evenly among the days; what does not divide falls a unit at a time, so that the days of a
    period always add up to its cost.
    """
    days = (cost.last_day - cost.first_day).days + 1
    begin = max((first - cost.first_day).days, 0)
    end = min((last - cost.first_day).days + 1, days)
    if end <= begin:
        return 0
    return cost.amount * end // days - cost.amount * begin // days
