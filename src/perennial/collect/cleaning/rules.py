"""What each rule of cleaning finds in a call, and what it changes in a document. Pure."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address

from perennial.collect.cleaning.forms import e164, is_crawler, plain_email, scaled
from perennial.collect.cleaning.model import Bots, ClockOutliers, Multiply, Normalise, Rename, TestAccounts
from perennial.collect.events.call import Call
from perennial.collect.patterns import meets
from perennial.kernel.values import Json

Find = Callable[[Call], bool]
"""Whether a rule is about a call."""
Rewrite = Callable[[Mapping[str, Json]], tuple[Mapping[str, Json], Mapping[str, Json]]]
"""A call's properties as they should be, and what was changed: values before, by path. Nothing: as it was."""

_KEPT_ADDRESSES = 4096
_AGENT_LETTERS = 500
"""Of a user agent so much is looked at: no honest one is longer."""
_UNCHANGED: Mapping[str, Json] = {}
_EMAILS = ("email", "$email", "traits.email")
"""Where clients write addresses: among properties or traits, or in the context's own traits."""


def finder_of(deed: Bots | TestAccounts | ClockOutliers) -> Find:
    """The question a rule asks of every call."""
    match deed:
        case Bots():
            return _bots(deed)
        case TestAccounts():
            return _test_accounts(deed)
        case ClockOutliers():
            return _clock_outliers(deed)


def rewriter_of(deed: Normalise | Multiply | Rename) -> Rewrite:
    """What a rule makes of every call's properties."""
    match deed:
        case Normalise():
            return _normaliser(deed)
        case Multiply():
            return _multiplier(deed)
        case Rename():
            return _renamer(deed.at, deed.to, lambda value: value)


def is_named(name: str, among: Sequence[str]) -> bool:
    """Whether a name is among these; one of them that ends with `*` stands for all that begin so."""
    return any(name.startswith(each[:-1]) if each.endswith("*") else name == each for each in among)


# --- finding --------------------------------------------------------------------------------------


def _bots(deed: Bots) -> Find:
    also = [meets(pattern, whole=False) for pattern in deed.also]

    def find(call: Call) -> bool:
        agent = call.context.get("userAgent") or call.properties.get("$user_agent")
        if not isinstance(agent, str):
            return False
        told = agent[:_AGENT_LETTERS]
        return is_crawler(told) or any(matches(told) for matches in also)

    return find


def _test_accounts(deed: TestAccounts) -> Find:
    domains = frozenset(domain.lower().removeprefix("@") for domain in deed.email_domains)

    @lru_cache(_KEPT_ADDRESSES)
    def is_inside(address: str) -> bool:
        return _is_inside(address, deed.networks)

    def find(call: Call) -> bool:
        if deed.user_ids and call.user_id and is_named(call.user_id, deed.user_ids):
            return True
        if domains and not domains.isdisjoint(_domains(call)):
            return True
        address = call.context.get("ip") if deed.networks else None
        if isinstance(address, str) and is_inside(address):
            return True
        return any(value == _at(call.properties, path) for path, value in deed.values.items())

    return find


def _is_inside(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def _domains(call: Call) -> list[str]:
    """The domains of every address that a call names its person by."""
    said = [_at(call.properties, path) for path in _EMAILS]
    found = [call.user_id, *said, _at(call.context, "traits.email")]
    plain = [plain_email(text) for text in found if isinstance(text, str) and "@" in text]
    return [address.rpartition("@")[2] for address in plain if address]


def _clock_outliers(deed: ClockOutliers) -> Find:
    ahead, before = deed.ahead, deed.before

    def find(call: Call) -> bool:
        # What was imported counts as received when it occurred: it is never ahead.
        if ahead is not None and call.occurred_at > call.received_at + ahead:
            return True
        return before is not None and call.occurred_at < before

    return find


# --- rewriting ------------------------------------------------------------------------------------


def _normaliser(deed: Normalise) -> Rewrite:
    region = deed.region

    def form(value: Json) -> Json:
        match deed.form:
            case "phone":
                text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
                return (e164(text, region) or value) if isinstance(text, str) else value
            case "email":
                return (plain_email(value) or value) if isinstance(value, str) else value
            case "trim":
                return " ".join(value.split()) if isinstance(value, str) else value

    def rewrite(properties: Mapping[str, Json]) -> tuple[Mapping[str, Json], Mapping[str, Json]]:
        was: dict[str, Json] = {}
        for path in deed.at:
            properties = _placed(properties, path, form, was)
        return properties, was

    return rewrite


def _multiplier(deed: Multiply) -> Rewrite:
    def form(value: Json) -> Json:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        return scaled(value, deed.by)

    if deed.to != deed.at:
        return _renamer(deed.at, deed.to, form)

    def rewrite(properties: Mapping[str, Json]) -> tuple[Mapping[str, Json], Mapping[str, Json]]:
        was: dict[str, Json] = {}
        return _placed(properties, deed.at, form, was), was

    return rewrite


def _renamer(at: str, to: str, form: Callable[[Json], Json]) -> Rewrite:
    def rewrite(properties: Mapping[str, Json]) -> tuple[Mapping[str, Json], Mapping[str, Json]]:
        # What is there under the new name already was meant so.
        if at not in properties or to in properties:
            return properties, _UNCHANGED
        renamed = {to if name == at else name: value for name, value in properties.items()}
        return {**renamed, to: form(properties[at])}, {at: properties[at]}

    return rewrite


def _placed(
    properties: Mapping[str, Json], path: str, form: Callable[[Json], Json], was: dict[str, Json]
) -> Mapping[str, Json]:
    """The properties with the values at a path in their form; what was there goes to `was` if it differs."""
    changed = reformed(properties, path, form)
    if changed is properties or not isinstance(changed, Mapping):
        return properties
    was[path] = _at(properties, path)
    return changed


def reformed(value: Json, path: str, form: Callable[[Json], Json]) -> Json:
    """A value with what stands at a path in its form, through lists; the very same where nothing changes."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        elements = [reformed(element, path, form) for element in value]
        return elements if any(a is not b for a, b in zip(elements, value, strict=True)) else value
    if not path:
        formed = form(value)
        return value if formed == value else formed
    if not isinstance(value, Mapping):
        return value
    head, _, rest = (path, "", "") if path in value else path.partition(".")
    if head not in value:
        return value
    inner = reformed(value[head], rest, form)
    return value if inner is value[head] else {**value, head: inner}


def _at(value: Json, path: str) -> Json:
    """What stands at a path; of a list of objects the list of what stands in each."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_at(element, path) for element in value]
    if not path or not isinstance(value, Mapping):
        return value if not path else None
    if path in value:
        return value[path]
    head, _, rest = path.partition(".")
    return _at(value[head], rest) if rest and head in value else None
