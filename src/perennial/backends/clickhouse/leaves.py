"""Tests on a property or trait of one row: any leaf at the path passes, missing is settled here.

The counterpart of `kernel.conditions.rules.passes`, in SQL. A path's leaves lie in three maps of the row:
`numbers` and `texts` hold a scalar (as number, as text, or both), `lists` what stood in a list, as texts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import LiteralString

from perennial.backends.clickhouse.parameters import Binder, Sql, joined, sql
from perennial.backends.clickhouse.scope import Lens, Scope
from perennial.kernel.conditions.model import Scalar, Test
from perennial.kernel.conditions.rules import PASSED_BY_MISSING, number_passes
from perennial.kernel.values import number_of, text_of
from perennial.kernel.windows import LookBack, start_of_day

TRUE = Sql("1")
FALSE = Sql("0")

_NUMBER: LiteralString = r"'^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?$'"
# `values.INSTANT_PATTERN` with its ranges: what Python's parser refuses, ClickHouse would carry over.
_INSTANT: LiteralString = (
    r"'^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?"
    r"(Z|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])?)?$'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A dotted path bound into a statement, and what a row holds there."""

    key: Sql

    @property
    def is_number(self) -> Sql:
        """Whether the row's scalar reads as a number."""
        return sql("mapContains(numbers, <<key>>)", key=self.key)

    @property
    def is_text(self) -> Sql:
        """Whether the row's scalar was sent as a text, or as a number whose text is not the plain one."""
        return sql("mapContains(texts, <<key>>)", key=self.key)

    @property
    def number(self) -> Sql:
        """The scalar as a number, 0 where it is none."""
        return sql("numbers[<<key>>]", key=self.key)

    @property
    def text(self) -> Sql:
        """The scalar as it was sent as text, empty where it was none."""
        return sql("texts[<<key>>]", key=self.key)

    @property
    def number_as_text(self) -> Sql:
        """The number in its plain form; adding 0 takes the sign from a negative zero."""
        return sql("toString(numbers[<<key>>] + 0)", key=self.key)

    @property
    def elements(self) -> Sql:
        """What stood in a list, as texts."""
        return sql("lists[<<key>>]", key=self.key)

    @property
    def is_set(self) -> Sql:
        """Whether there is any leaf."""
        return sql(
            "(<<number>> OR <<text>> OR notEmpty(<<elements>>))",
            number=self.is_number,
            text=self.is_text,
            elements=self.elements,
        )

    @property
    def is_named(self) -> Sql:
        """Whether the row says anything of the path, be it null or an empty list."""
        return sql(
            "(<<number>> OR <<text>> OR mapContains(lists, <<key>>))",
            number=self.is_number,
            text=self.is_text,
            key=self.key,
        )

    @property
    def numbers(self) -> Sql:
        """Every leaf that reads as a number."""
        return sql(
            "if(<<has>>, [<<one>>], <<many>>)", has=self.is_number, one=self.number, many=self.listed_numbers
        )

    def reduced(self, function: LiteralString) -> Sql:
        """One number for the row: the scalar itself, or a list's numbers brought down by an array function.

        Aggregating over rows' own results is several times faster than aggregating over arrays.
        """
        return sql(
            "if(<<has>>, <<one>>, toFloat64(<<function>>(<<many>>)))",
            has=self.is_number,
            one=self.number,
            function=sql(function),
            many=self.listed_numbers,
        )

    @property
    def how_many_numbers(self) -> Sql:
        """How many leaves read as numbers."""
        return sql("if(<<has>>, 1, length(<<many>>))", has=self.is_number, many=self.listed_numbers)

    @property
    def listed_numbers(self) -> Sql:
        """The elements of a list that read as numbers."""
        return sql(
            "arrayMap(x -> assumeNotNull(x),"
            " arrayFilter(x -> isNotNull(x), arrayMap(x -> <<number>>, <<elements>>)))",
            number=number_in(Sql("x")),
            elements=self.elements,
        )

    @property
    def texts(self) -> Sql:
        """Every leaf as text."""
        return sql(
            "multiIf(<<is_text>>, [<<text>>], <<is_number>>, [<<number>>], <<elements>>)",
            is_text=self.is_text,
            text=self.text,
            is_number=self.is_number,
            number=self.number_as_text,
            elements=self.elements,
        )


def path(name: str, binder: Binder) -> Path:
    """A dotted path as a bound value."""
    return Path(key=binder.text(name))


def number_in(text: Sql) -> Sql:
    """The finite number a text is written as, in JSON's grammar; NULL for anything else."""
    return sql(
        "if(match(<<text>>, <<grammar>>) AND isFinite(toFloat64OrZero(<<text>>)),"
        " toFloat64OrZero(<<text>>), NULL)",
        text=text,
        grammar=sql(_NUMBER),
    )


def instant_in(text: Sql, zone: Sql) -> Sql:
    """The instant a text is written as (ISO 8601), local to a zone without an offset; else NULL.

    There is no year 0: databases write it where they have no date.
    """
    return sql(
        "if(match(<<text>>, <<grammar>>) AND NOT startsWith(<<text>>, '0000'),"
        " parseDateTime64BestEffortOrNull(<<text>>, 6, <<zone>>), NULL)",
        text=text,
        grammar=sql(_INSTANT),
        zone=zone,
    )


def compile_test(test: Test, at: Path, scope: Scope, binder: Binder) -> Sql:
    """Whether a row's value passes a test: 1 or 0, never NULL."""
    match test.operator, test.literal:
        case "set", bool() as wanted:
            return at.is_set if wanted else sql("NOT <<is_set>>", is_set=at.is_set)
        case "all_of", tuple() as literals:
            each = [Test(operator="=", literal=literal, ignore_case=test.ignore_case) for literal in literals]
            parts = [compile_test(one, at, scope, binder) for one in each]
            return sql("(<<is_set>> AND <<parts>>)", is_set=at.is_set, parts=joined(" AND ", parts))
        case _ if _is_numeric(test):
            return _number_test(test, at, binder)
        case _:
            return _text_test(test, at, _text_predicate(test, scope, binder))


def compile_number(test: Test, value: Sql, binder: Binder) -> Sql:
    """A number test on a value; NULL where the value is."""
    match test.operator, test.literal:
        case "between", (float() | int() as low, float() | int() as high):
            return sql(
                "(<<v>> >= <<low>> AND <<v>> <= <<high>>)",
                v=value,
                low=binder.number(low),
                high=binder.number(high),
            )
        case (("in" | "not_in" | "any_of"), tuple() as literals):
            among = binder.bind("Array(Float64)", [float(literal) for literal in literals])
            found = sql("has(<<among>>, <<v>>)", among=among, v=value)
            if test.operator == "not_in":
                # `has` finds no NULL in an array and says 0, where every other comparison says NULL.
                return sql("if(isNull(<<v>>), NULL, NOT <<found>>)", found=found, v=value)
            return found
        case _, float() | int() as literal:
            return sql(
                "<<v>> <<operator>> <<n>>", v=value, operator=_ordering(test), n=binder.number(literal)
            )
        case _:
            raise TypeError(f"{test.operator} {test.literal!r} is not a number test")


def _number_test(test: Test, at: Path, binder: Binder) -> Sql:
    missing = test.operator in PASSED_BY_MISSING
    settled = sql(
        "ifNull(<<test>>, <<missing>>)",
        test=compile_number(test, number_in(Sql("x")), binder),
        missing=TRUE if missing else FALSE,
    )
    of_number = compile_number(test, at.number, binder)
    of_list = sql("arrayExists(x -> <<test>>, <<elements>>)", test=settled, elements=at.elements)
    if missing:
        return sql(
            "if(<<has>>, <<number>>, empty(<<elements>>) OR <<list>>)",
            has=at.is_number,
            number=of_number,
            elements=at.elements,
            list=of_list,
        )
    if number_passes(test, 0.0):
        of_number = sql("<<has>> AND <<number>>", has=at.is_number, number=of_number)
    # Where 0 does not pass, the map's default for an absent key does not either: one look-up less.
    return sql("(<<number>> OR <<list>>)", number=of_number, list=of_list)


def _text_test(test: Test, at: Path, predicate: Callable[[Sql], Sql]) -> Sql:
    of_list = sql("arrayExists(x -> <<test>>, <<elements>>)", test=predicate(Sql("x")), elements=at.elements)
    of_text = predicate(at.text)
    of_number = predicate(at.number_as_text)
    if test.operator in PASSED_BY_MISSING:
        return sql(
            "multiIf(<<is_text>>, <<text>>, <<is_number>>, <<number>>, empty(<<elements>>) OR <<list>>)",
            is_text=at.is_text,
            text=of_text,
            is_number=at.is_number,
            number=of_number,
            elements=at.elements,
            list=of_list,
        )
    if _names_only_words(test):
        # No number is written like these, and an absent key reads as the empty text: one look-up.
        return sql("(<<text>> OR <<list>>)", text=of_text, list=of_list)
    return sql(
        "(multiIf(<<is_text>>, <<text>>, <<is_number>>, <<number>>, 0) OR <<list>>)",
        is_text=at.is_text,
        text=of_text,
        is_number=at.is_number,
        number=of_number,
        list=of_list,
    )


def _is_numeric(test: Test) -> bool:
    literal = test.literal[0] if isinstance(test.literal, tuple) and test.literal else test.literal
    return isinstance(literal, int | float) and not isinstance(literal, bool)


def _names_only_words(test: Test) -> bool:
    """Whether only texts that are no numbers, and not the empty text, can pass."""
    if test.operator not in ("=", "in", "any_of"):
        return False
    literals = test.literal if isinstance(test.literal, tuple) else (test.literal,)
    return all(
        isinstance(it, str | bool) and text_of(it) and number_of(text_of(it)) is None for it in literals
    )


def _text_predicate(test: Test, scope: Scope, binder: Binder) -> Callable[[Sql], Sql]:
    match test.operator:
        case "before" | "after" | "in_last" | "in_next":
            return _instant_predicate(test, scope, binder)
        case "matches":
            # RE2's own meaning of the dot; ClickHouse would let it match a line break.
            pattern = binder.text(("(?i-s)" if test.ignore_case else "(?-s)") + str(test.literal))
            return lambda text: sql("match(<<text>>, <<pattern>>)", text=text, pattern=pattern)
        case _:
            return _comparison(test, binder)


def _comparison(test: Test, binder: Binder) -> Callable[[Sql], Sql]:
    template, literals = _TEXT_TEMPLATES[test.operator], _folded(test)
    if test.operator in ("in", "not_in", "any_of"):
        bound = {"a": binder.bind("Array(String)", literals)}
    else:
        bound = {name: binder.text(literal) for name, literal in zip("ab", literals, strict=False)}

    def compare(text: Sql) -> Sql:
        return sql(template, text=sql("lowerUTF8(<<t>>)", t=text) if test.ignore_case else text, **bound)

    return compare


_TEXT_TEMPLATES: dict[str, LiteralString] = {
    "=": "<<text>> = <<a>>",
    "!=": "<<text>> != <<a>>",
    ">": "<<text>> > <<a>>",
    ">=": "<<text>> >= <<a>>",
    "<": "<<text>> < <<a>>",
    "<=": "<<text>> <= <<a>>",
    "between": "(<<text>> >= <<a>> AND <<text>> <= <<b>>)",
    "in": "has(<<a>>, <<text>>)",
    "any_of": "has(<<a>>, <<text>>)",
    "not_in": "NOT has(<<a>>, <<text>>)",
    "contains": "position(<<text>>, <<a>>) > 0",
    "not_contains": "position(<<text>>, <<a>>) = 0",
    "starts_with": "startsWith(<<text>>, <<a>>)",
    "ends_with": "endsWith(<<text>>, <<a>>)",
}
_ORDERINGS: dict[str, LiteralString] = {"=": "=", "!=": "!=", ">": ">", ">=": ">=", "<": "<", "<=": "<="}


def _ordering(test: Test) -> Sql:
    return sql(_ORDERINGS[test.operator])


def _folded(test: Test) -> list[str]:
    literals = test.literal if isinstance(test.literal, tuple) else (test.literal,)
    texts = [text_of(literal) for literal in literals if isinstance(literal, Scalar)]
    return [text.lower() for text in texts] if test.ignore_case else texts


def _instant_predicate(test: Test, scope: Scope, binder: Binder) -> Callable[[Sql], Sql]:
    zone = binder.text(scope.zone.name)
    check = _instant_check(test, scope, binder)
    return lambda text: sql("ifNull(<<check>>, 0)", check=check(instant_in(text, zone)))


def _instant_check(test: Test, scope: Scope, binder: Binder) -> Callable[[Sql], Sql]:
    match test.operator, test.literal:
        case (("in_last" | "in_next"), timedelta() as span):
            lens = Lens(window=LookBack(span=span), back=timedelta() if test.operator == "in_last" else -span)
            after, until = scope.after(lens), scope.until(lens)
            return lambda at: sql(
                "(<<at>> > <<after>> AND <<at>> <= <<until>>)", at=at, after=after or FALSE, until=until
            )
        case "before", datetime() as border:
            template: LiteralString = "<<at>> < <<border>>"
        case "after", datetime() as border:
            template = "<<at>> > <<border>>"
        case "before", date() as day:
            template, border = "<<at>> < <<border>>", start_of_day(day, scope.zone)
        case "after", date() as day:
            template, border = "<<at>> >= <<border>>", start_of_day(day + timedelta(days=1), scope.zone)
        case _:
            raise TypeError(f"{test.operator} takes no {test.literal!r}")
    bound = binder.instant(border)
    return lambda at: sql(template, at=at, border=bound)
