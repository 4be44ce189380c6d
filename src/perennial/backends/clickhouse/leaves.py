"""Tests on a property or trait of one row: any leaf at the path passes, missing is settled here.

The counterpart of `kernel.conditions.rules.passes`, in SQL.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import LiteralString

from perennial.backends.clickhouse.parameters import Binder, Sql, joined, sql
from perennial.backends.clickhouse.paths import Path, number_in
from perennial.backends.clickhouse.scope import Lens, Scope
from perennial.kernel.conditions.model import Scalar, Test
from perennial.kernel.conditions.rules import PASSED_BY_MISSING, number_passes
from perennial.kernel.values import number_of, text_of
from perennial.kernel.windows import LookBack, start_of_day

TRUE = Sql("1")
FALSE = Sql("0")

# `values.INSTANT_PATTERN` with its ranges: what Python's parser refuses, ClickHouse would carry over.
_INSTANT: LiteralString = (
    r"'^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?"
    r"(Z|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])?)?$'"
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
        case _ if is_numeric(test):
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
    of_list = at.any_element(settled)
    if missing:
        return sql(
            "if(<<has>>, <<number>>, <<empty>> OR <<list>>)",
            has=at.is_number,
            number=of_number,
            empty=at.has_no_element,
            list=of_list,
        )
    if number_passes(test, 0.0):
        of_number = sql("<<has>> AND <<number>>", has=at.is_number, number=of_number)
    # Where 0 does not pass, what stands for an absent number does not either: one look-up less.
    return _of_either(of_number, of_list, at)


def _text_test(test: Test, at: Path, predicate: Callable[[Sql], Sql]) -> Sql:
    of_list = at.any_element(predicate(Sql("x")))
    of_text = predicate(at.text)
    of_number = predicate(at.number_as_text)
    if test.operator in PASSED_BY_MISSING:
        return sql(
            "multiIf(<<is_text>>, <<text>>, <<is_number>>, <<number>>, <<empty>> OR <<list>>)",
            is_text=at.is_text,
            text=of_text,
            is_number=at.is_number,
            number=of_number,
            empty=at.has_no_element,
            list=of_list,
        )
    if at.is_word and not _passes_empty(test):
        return _of_either(of_text, of_list, at)
    if _names_only_words(test):
        # No number is written like these, and an absent key reads as the empty text: one look-up.
        return _of_either(of_text, of_list, at)
    if not _passes_empty(test):
        # An absent key reads as the empty text; numbers are written out for rows that have no text only.
        of_scalar = sql(
            "(<<text>> OR (<<is_number>> AND <<number>>))",
            text=of_text,
            is_number=at.is_only_number,
            number=of_number,
        )
        return _of_either(of_scalar, of_list, at)
    return sql(
        "(multiIf(<<is_text>>, <<text>>, <<is_number>>, <<number>>, 0) OR <<list>>)",
        is_text=at.is_text,
        text=of_text,
        is_number=at.is_number,
        number=of_number,
        list=of_list,
    )


def _of_either(of_scalar: Sql, of_list: Sql, at: Path) -> Sql:
    """A test that the scalar passes, or something in the list where there may be one."""
    if at.is_scalar:
        return sql("(<<scalar>>)", scalar=of_scalar)
    return sql("(<<scalar>> OR <<list>>)", scalar=of_scalar, list=of_list)


def _passes_empty(test: Test) -> bool:
    """Whether the empty text may pass: surely not where a text has to begin, end or go on with another."""
    is_part = test.operator in ("starts_with", "ends_with", "contains")
    return not (is_part and isinstance(test.literal, str) and test.literal)


def is_numeric(test: Test) -> bool:
    """Whether a test reads a value as a number."""
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
    # `IN`, not `has`: of a column of few words it asks each word once.
    "in": "<<text>> IN <<a>>",
    "any_of": "<<text>> IN <<a>>",
    "not_in": "<<text>> NOT IN <<a>>",
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
