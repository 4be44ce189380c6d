"""From a document to rules of cleaning, or to the list of everything that is wrong with it."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal, TypeVar

from perennial.collect.cleaning.model import (
    CLOCK_OUTCOMES,
    OUTCOMES,
    Bots,
    CleaningRule,
    CleaningRules,
    ClockOutliers,
    Deed,
    Hash,
    Multiply,
    NearDuplicates,
    Normalise,
    Rename,
    TestAccounts,
)
from perennial.kernel.conditions.patterns import why_not_re2
from perennial.kernel.conditions.problems import Problems, check_size, named_type
from perennial.kernel.conditions.spans import read_moment, read_span
from perennial.kernel.errors import nearest
from perennial.kernel.values import Json
from perennial.kernel.windows import Zone, start_of_day

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_REGION = re.compile(r"[A-Z]{2}")
RULE_KEYS = ("id", "events", "sources")
DEEDS: Mapping[str, Sequence[str]] = {
    "bots": ("also",),
    "test_accounts": ("user_ids", "email_domains", "ips", "properties"),
    "clock": ("ahead", "before"),
    "near_duplicates": ("within",),
    "phone": ("region",),
    "email": (),
    "trim": (),
    "multiply": ("by", "to"),
    "rename": ("to",),
    "hash": (),
}
"""What a rule may do, and the keys that say more about it."""

_Word = TypeVar("_Word", bound=str)
_Found = Mapping[str, Json]


def parse_cleaning(document: Json, *, zone: Zone) -> CleaningRules:
    """The rules a document describes; days are local to `zone`. Raises InvalidDocument with every mistake."""
    check_size(document, "$")
    reader = _Reader(zone)
    rules = reader.rules(document)
    if rules is None or reader.problems.found:
        reader.problems.raise_all()
    return rules


class _Reader:
    """Reads one document and goes on after a mistake, so that a person fixes them in one go."""

    def __init__(self, zone: Zone) -> None:
        self.problems = Problems()
        self._zone = zone
        self._deeds: Mapping[str, Callable[[_Found, str], Deed | None]] = {
            "bots": self._bots,
            "test_accounts": self._test_accounts,
            "clock": self._clock,
            "near_duplicates": self._near_duplicates,
            "phone": self._phone,
            "email": lambda found, path: self._normalise("email", found, path),
            "trim": lambda found, path: self._normalise("trim", found, path),
            "multiply": self._multiply,
            "rename": self._rename,
            "hash": self._hash,
        }

    def rules(self, document: Json) -> CleaningRules | None:
        """The whole document."""
        found = self.problems.mapping(document, "$", what="Cleaning")
        if found is None:
            return None
        self.problems.unknown_keys(found, ("rules",), "$")
        listed = found.get("rules")
        if not isinstance(listed, Sequence) or isinstance(listed, str):
            self.problems.add("$.rules", "wrong_type", f"The rules are a list, not {named_type(listed)}.")
            return None
        read = [self._rule(rule, f"$.rules[{place}]") for place, rule in enumerate(listed)]
        rules = [rule for rule in read if rule is not None]
        self._check_ids(rules)
        return CleaningRules(rules=rules, document=found)

    def _check_ids(self, rules: Sequence[CleaningRule]) -> None:
        seen: set[str] = set()
        for place, rule in enumerate(rules):
            if rule.id in seen:
                self.problems.add(
                    f"$.rules[{place}].id", "duplicate_id", f"There is another rule {rule.id!r}."
                )
            seen.add(rule.id)

    def _rule(self, document: Json, path: str) -> CleaningRule | None:
        found = self.problems.mapping(document, path, what="A rule")
        if found is None:
            return None
        named = [key for key in found if key in DEEDS]
        if len(named) != 1:
            message = "A rule does one thing." if named else "This rule does nothing."
            unknown = next((key for key in found if key not in RULE_KEYS), "")
            self.problems.add(path, "one_deed", message, nearest(unknown, DEEDS))
            return None
        [key] = named
        self.problems.unknown_keys(found, (*RULE_KEYS, key, *DEEDS[key]), path)
        deed = self._deeds[key](found, path)
        rule_id = self._id(found, path)
        events, sources = self._texts(found, "events", path), self._texts(found, "sources", path)
        return None if deed is None else CleaningRule(id=rule_id, deed=deed, events=events, sources=sources)

    def _id(self, found: _Found, path: str) -> str:
        stated = found.get("id")
        if isinstance(stated, str) and _ID.fullmatch(stated):
            return stated
        hint = "An id is 1 to 64 letters, digits, '_' or '-'. The rule is counted under it."
        self.problems.add(
            f"{path}.id", "bad_id", f"{stated!r} is no id." if stated else "The id is missing.", hint
        )
        return "?"

    # --- deeds ------------------------------------------------------------------------------------

    def _bots(self, found: _Found, path: str) -> Deed | None:
        outcome = self._word(found["bots"], f"{path}.bots", OUTCOMES)
        patterns = self._texts(found, "also", path)
        for place, pattern in enumerate(patterns):
            reason = why_not_re2(pattern)
            if reason is not None:
                self.problems.add(
                    f"{path}.also[{place}]", "bad_pattern", f"This pattern cannot be used: {reason}."
                )
        if outcome is None or self.problems.found:
            return None
        return Bots(outcome=outcome, also=patterns)

    def _test_accounts(self, found: _Found, path: str) -> Deed | None:
        outcome = self._word(found["test_accounts"], f"{path}.test_accounts", OUTCOMES)
        values = self.problems.mapping(
            found.get("properties", {}), f"{path}.properties", what="The properties"
        )
        networks = [
            self._network(text, f"{path}.ips[{place}]")
            for place, text in enumerate(self._texts(found, "ips", path))
        ]
        deed = TestAccounts(
            outcome=outcome or "mark",
            user_ids=self._texts(found, "user_ids", path),
            email_domains=self._texts(found, "email_domains", path),
            networks=[network for network in networks if network is not None],
            values=values or {},
        )
        if not any(key in found for key in DEEDS["test_accounts"]):
            hint = "Say one of user_ids, email_domains, ips and properties."
            self.problems.add(path, "nobody_named", "This rule says nobody who tests.", hint)
        return deed

    def _network(self, text: str, path: str) -> IPv4Network | IPv6Network | None:
        try:
            return ip_network(text, strict=False)
        except ValueError:
            self.problems.add(
                path, "bad_network", f"{text!r} is no network.", "Write 10.0.0.0/8 or 192.0.2.7."
            )
            return None

    def _clock(self, found: _Found, path: str) -> Deed | None:
        outcome = self._word(found["clock"], f"{path}.clock", CLOCK_OUTCOMES)
        ahead = (
            read_span(found["ahead"], f"{path}.ahead", self.problems, what="`ahead`")
            if "ahead" in found
            else None
        )
        before = (
            read_moment(found["before"], f"{path}.before", self.problems, what="`before`")
            if "before" in found
            else None
        )
        if "ahead" not in found and "before" not in found:
            hint = "Say ahead: 1h, before: 2015-01-01, or both."
            self.problems.add(path, "no_limit", "This rule has no limit.", hint)
        if before is not None and not isinstance(before, datetime):
            before = start_of_day(before, self._zone)
        return ClockOutliers(outcome=outcome or "mark", ahead=ahead, before=before)

    def _near_duplicates(self, found: _Found, path: str) -> Deed | None:
        outcome = self._word(found["near_duplicates"], f"{path}.near_duplicates", OUTCOMES)
        within = read_span(found.get("within"), f"{path}.within", self.problems, what="`within`")
        return None if within is None else NearDuplicates(outcome=outcome or "mark", within=within)

    def _phone(self, found: _Found, path: str) -> Deed | None:
        region = found.get("region", "")
        if region != "" and not (isinstance(region, str) and _REGION.fullmatch(region)):
            self.problems.add(
                f"{path}.region", "bad_region", f"{region!r} is no country.", "Write two capitals: CN."
            )
        return self._normalise("phone", found, path, region=str(region))

    def _normalise(
        self, form: Literal["phone", "email", "trim"], found: _Found, path: str, *, region: str = ""
    ) -> Deed | None:
        at = self._texts(found, form, path)
        if not at:
            self.problems.add(f"{path}.{form}", "empty_list", "Name at least one property.", f"{form}: [a.b]")
        return Normalise(form=form, at=at, region=region)

    def _multiply(self, found: _Found, path: str) -> Deed | None:
        at = self.problems.name(found["multiply"], f"{path}.multiply", what="A property's path")
        by = self.problems.number(found.get("by"), f"{path}.by", what="The factor")
        to = self._target(found, path) if "to" in found else at
        if at is None or by is None or to is None:
            return None
        if to != at and "." in at:
            self._not_inside(f"{path}.multiply")
        return Multiply(at=at, by=by, to=to)

    def _rename(self, found: _Found, path: str) -> Deed | None:
        at = self.problems.name(found["rename"], f"{path}.rename", what="A property's name")
        to = self._target(found, path)
        if at is not None and "." in at:
            self._not_inside(f"{path}.rename")
        return None if at is None or to is None else Rename(at=at, to=to)

    def _hash(self, found: _Found, path: str) -> Deed | None:
        at = self._texts(found, "hash", path)
        if not at:
            self.problems.add(f"{path}.hash", "empty_list", "Name at least one property.", "hash: [email]")
        if "events" in found:
            hint = "Leave it out: what is refused is of no event, and its values must be hashed too."
            self.problems.add(f"{path}.events", "not_by_event", "A hash is of a path.", hint)
        return Hash(at=at)

    def _target(self, found: _Found, path: str) -> str | None:
        return self.problems.name(found.get("to"), f"{path}.to", what="The new name")

    def _not_inside(self, path: str) -> None:
        self.problems.add(
            path, "not_inside", "Only whole properties get another name, not what is inside of one."
        )

    # --- parts ------------------------------------------------------------------------------------

    def _texts(self, found: _Found, key: str, path: str) -> Sequence[str]:
        if key not in found:
            return ()
        values = found[key]
        listed = [values] if isinstance(values, str) else values
        if not isinstance(listed, Sequence) or not all(isinstance(one, str) and one for one in listed):
            self.problems.add(
                f"{path}.{key}", "wrong_type", f"This is a list of texts, not {named_type(values)}."
            )
            return ()
        return [one for one in listed if isinstance(one, str)]

    def _word(self, value: Json, path: str, known: Sequence[_Word]) -> _Word | None:
        for word in known:
            if value == word:
                return word
        shown = repr(value) if isinstance(value, str) else named_type(value)
        hint = nearest(value if isinstance(value, str) else "", known)
        self.problems.add(path, "unknown_word", f"{shown} is none of the words that may stand here.", hint)
        return None
