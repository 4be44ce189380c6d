"""What a row of the log holds at a dotted path, as SQL.

A path's leaves lie in three maps of the row: `numbers` and `texts` hold a scalar (as number, as text, or
both), `lists` what stood in a list, as texts. A promoted path has columns of its own that say the same
(`promotion.py`, 0024): whoever asks sees no difference but in time.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import LiteralString

from perennial.backends.clickhouse.parameters import Binder, Sql, sql

NO_PATHS: Collection[str] = frozenset()

_NUMBER: LiteralString = r"'^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?$'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A dotted path inside a statement, and what a row holds there."""

    is_number: Sql
    """Whether the row's scalar reads as a number."""
    is_text: Sql
    """Whether the row's scalar was sent as a text, or as a number whose text is not the plain one."""
    is_only_number: Sql
    """Whether the row's scalar was sent as a number, so that its text is the plain one."""
    is_set: Sql
    """Whether there is any leaf."""
    is_named: Sql
    """Whether the row says anything of the path, be it null or an empty list."""
    number: Sql
    """The scalar as a number, 0 where it is none."""
    text: Sql
    """The scalar as it was sent as text, empty where it was none."""
    elements: Sql
    """What stood in a list, as texts."""
    is_scalar: bool = False
    """Whether lists are left out of account: the plan then sees to it that there are none."""
    is_word: bool = False
    """Whether numbers are left out of account as well, where the scalar is read as a text."""

    def any_element(self, test: Sql) -> Sql:
        """Whether something that stood in a list passes a test on `x`."""
        if self.is_scalar:
            return Sql("0")
        return sql("arrayExists(x -> <<test>>, <<elements>>)", test=test, elements=self.elements)

    @property
    def has_no_element(self) -> Sql:
        """Whether nothing stood in a list."""
        return Sql("1") if self.is_scalar else sql("empty(<<elements>>)", elements=self.elements)

    @property
    def number_as_text(self) -> Sql:
        """The number in its plain form; adding 0 takes the sign from a negative zero."""
        return sql("toString(<<number>> + 0)", number=self.number)

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
        if self.is_scalar:
            return self.number
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
        if self.is_scalar:
            return self.is_number
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
    def scalar_text(self) -> Sql:
        """The scalar as text, whatever it was sent as."""
        return sql(
            "multiIf(<<is_text>>, <<text>>, <<is_number>>, <<number>>, '')",
            is_text=self.is_text,
            text=self.text,
            is_number=self.is_number,
            number=self.number_as_text,
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


def mapped_path(name: str, binder: Binder) -> Path:
    """A dotted path in the maps, under a bound key."""
    key = binder.text(name)
    is_number, is_text = sql("mapContains(numbers, <<k>>)", k=key), sql("mapContains(texts, <<k>>)", k=key)
    elements = sql("lists[<<k>>]", k=key)
    return Path(
        is_number=is_number,
        is_text=is_text,
        is_only_number=sql("(<<n>> AND NOT <<t>>)", n=is_number, t=is_text),
        is_set=sql("(<<n>> OR <<t>> OR notEmpty(<<e>>))", n=is_number, t=is_text, e=elements),
        is_named=sql("(<<n>> OR <<t>> OR mapContains(lists, <<k>>))", n=is_number, t=is_text, k=key),
        number=sql("numbers[<<k>>]", k=key),
        text=sql("texts[<<k>>]", k=key),
        elements=elements,
    )


def promoted_path(name: str, *, is_scalar: bool = False, is_word: bool = False) -> Path:
    """A dotted path in its own columns."""
    shape = column_of(name, "shape")
    return Path(
        # Several times quicker than `bitTest`.
        is_number=sql("(bitAnd(<<shape>>, 1) > 0)", shape=shape),
        is_text=sql("(bitAnd(<<shape>>, 2) > 0)", shape=shape),
        is_only_number=sql("(bitAnd(<<shape>>, 3) = 1)", shape=shape),
        is_set=sql("(bitAnd(<<shape>>, 11) > 0)", shape=shape),
        is_named=sql("(<<shape>> > 0)", shape=shape),
        number=column_of(name, "number"),
        text=column_of(name, "text"),
        elements=column_of(name, "list"),
        is_scalar=is_scalar,
        is_word=is_word,
    )


def has_elements(name: str) -> Sql:
    """Whether something stood in a list at a promoted path."""
    return sql("(bitAnd(<<shape>>, 8) > 0)", shape=column_of(name, "shape"))


def is_only_number(name: str) -> Sql:
    """Whether a scalar that was sent as a number stands at a promoted path."""
    return sql("(bitAnd(<<shape>>, 3) = 1)", shape=column_of(name, "shape"))


def are_unexpected(scalar: Sequence[str], worded: Sequence[str]) -> Sql:
    """Whether there is a list at any of some promoted paths, or a number at any of others."""
    shapes = [column_of(name, "shape") for name in scalar]
    found = [sql("(bitAnd(<<shapes>>, 8) > 0)", shapes=_united(shapes))] if shapes else []
    # A number is there where the first bit is and the second is not: 1, and neither 0, 2 nor 3.
    alone = [sql("(bitAnd(<<shape>>, 3) = 1)", shape=column_of(name, "shape")) for name in worded]
    return sql("(<<unexpected>> > 0)", unexpected=_united([*found, *alone]))


def _united(parts: Sequence[Sql]) -> Sql:
    united, *others = parts
    for other in others:
        united = sql("bitOr(<<united>>, <<other>>)", united=united, other=other)
    return united


def hash_of_text(at: Path) -> Sql:
    """A hash of the scalar's text, whatever it was sent as; of a column of few words, each word is hashed."""
    of_text = sql("CAST(sipHash64(<<text>>) AS UInt64)", text=at.text)
    if at.is_word:
        return of_text
    return sql(
        "if(<<is_number>>, sipHash64(<<number>>), <<text>>)",
        is_number=at.is_only_number,
        number=at.number_as_text,
        text=of_text,
    )


def column_of(path: str, part: LiteralString) -> Sql:
    """The column of a promoted path: its name in hexadecimal, so that no text of a user reaches SQL."""
    return sql("<<part>>_<<path>>", part=sql(part), path=Sql(path.encode().hex()))


def number_in(text: Sql) -> Sql:
    """The finite number a text is written as, in JSON's grammar; NULL for anything else."""
    return sql(
        "if(match(<<text>>, <<grammar>>) AND isFinite(toFloat64OrZero(<<text>>)),"
        " toFloat64OrZero(<<text>>), NULL)",
        text=text,
        grammar=sql(_NUMBER),
    )
