"""Leaves as questions to the array kernel: what of a row it needs, and what it makes of that.

What is asked of a row is the same SQL as in an aggregating statement (`leaves.py`, `paths.py`); only what is
made of a person's rows is worked out in arrays (0026).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import LiteralString, assert_never

import numpy as np
from numpy.typing import NDArray

from perennial.backends.clickhouse.absence import leaf_over_nothing
from perennial.backends.clickhouse.aggregates import Plan, local_day
from perennial.backends.clickhouse.algebra import Leaf, SeenBefore, lenses_before
from perennial.backends.clickhouse.arrays import (
    Amount,
    Asked,
    AskedChange,
    AskedFirst,
    AskedLast,
    AskedNumber,
    Chosen,
    Value,
)
from perennial.backends.clickhouse.leaves import compile_test
from perennial.backends.clickhouse.parameters import Binder, Sql, joined, micros, sql
from perennial.backends.clickhouse.paths import (
    Path,
    are_unexpected,
    has_elements,
    hash_of_text,
    is_only_number,
)
from perennial.backends.clickhouse.scope import EVER, Lens, OneMoment
from perennial.backends.clickhouse.shared import EVERY_KIND, SharedColumns
from perennial.backends.clickhouse.subjects import (
    ACTIVITY,
    IDENTIFY,
    Subject,
    kinds_of_events,
    subject_of,
)
from perennial.kernel.conditions.model import (
    Aggregate,
    AssignedIs,
    Change,
    ConsentIs,
    Did,
    DidInOrder,
    DidWithout,
    EventPattern,
    Measure,
    Trait,
)
from perennial.kernel.values import path_and_parents
from perennial.kernel.windows import LookBack

Bytes = NDArray[np.uint8]

_BITS = 8
"""Flags of one byte."""
_OF_SCALARS = ("median", "distinct")
_BY_NAME, _SAID = 1, 2
_SORTS = (*(_BY_NAME for _ in kinds_of_events()), _SAID)
"""Whether rows of the log's kinds count by their names, or are what people said of themselves."""
_IDENTIFY, _ACTIVITY, _FIRST_NAME = 1, 2, 3
"""Codes of kinds of rows."""
_FOR_THE_ENGINE = "the engine answers this leaf, not the array kernel"
MOST_NEEDS = 63
"""Flags and names of events of several questions together; a flag more says that something is unexpected."""


def is_for_arrays(leaf: Leaf, scalar: Collection[str]) -> bool:
    """Whether the array kernel answers a leaf, where these promoted paths are expected to hold no lists.

    Medians and distinct texts of lists are aggregated by the engine.
    """
    if isinstance(leaf, ConsentIs | AssignedIs | DidInOrder | DidWithout):
        return False
    if not isinstance(leaf, Measure | Change) or leaf.aggregate.kind not in _OF_SCALARS:
        return True
    return leaf.aggregate.property in scalar


def needs_of(leaf: Leaf) -> set[object]:
    """What a question needs of a row; several together no more than `MOST_NEEDS`."""
    match leaf:
        case SeenBefore():
            return set()
        case ConsentIs() | AssignedIs() | DidInOrder() | DidWithout():
            raise TypeError(_FOR_THE_ENGINE)
        case Trait():
            return {("told", leaf.trait), ("said", leaf.trait, leaf.test)}
        case Did():
            return {leaf.pattern.event, *leaf.pattern.where}
        case Measure() | Change():
            about = leaf.aggregate.property
            return {leaf.pattern.event, *leaf.pattern.where, ("has", about), ("listed", about)}


@dataclass(slots=True, kw_only=True)
class Reading:
    """The columns to read of each row, in the making."""

    plan: Plan
    scope: OneMoment
    _flags: dict[Sql, None] = field(default_factory=dict[Sql, None])
    _numbers: SharedColumns = field(default_factory=lambda: SharedColumns(letter="n"))
    _texts: SharedColumns = field(default_factory=lambda: SharedColumns(letter="t"))
    _names: dict[str, int] = field(default_factory=dict[str, int])
    _subjects: dict[Subject, None] = field(default_factory=dict[Subject, None])
    _day: Sql | None = None

    def ask(self, leaf: Leaf) -> Asked:
        """A leaf as a question; notes what has to be read for it."""
        match leaf:
            case Did():
                amount = self._amount(Aggregate(kind="count"), leaf.pattern, Lens(window=leaf.window))
                return AskedNumber(amount=amount, test=leaf.times)
            case Measure():
                amount = self._amount(leaf.aggregate, leaf.pattern, Lens(window=leaf.window))
                return AskedNumber(amount=amount, test=leaf.test)
            case Change():
                return self._change(leaf)
            case Trait():
                return self._trait(leaf)
            case SeenBefore():
                return self._seen_before(leaf)
            case ConsentIs() | AssignedIs() | DidInOrder() | DidWithout():
                raise TypeError(_FOR_THE_ENGINE)
            case _:
                assert_never(leaf)

    def settle(self, *, each: bool) -> Sequence[str]:
        """Read whether something unexpected is there; the flags that say so, of each path or of any."""
        unexpected = [has_elements(path) for path in self.plan.scalar]
        unexpected += [is_only_number(path) for path in self.plan.worded]
        if each or not unexpected:
            return [self._flag(one) for one in unexpected]
        return [self._flag(are_unexpected(self.plan.scalar, self.plan.worded))]

    @property
    def flags(self) -> Mapping[str, int]:
        """The bit of each flag."""
        return {str(flag): place for place, flag in enumerate(self._flags)}

    @property
    def bytes_of_flags(self) -> Sequence[str]:
        """The columns that hold them, eight each."""
        return [f"w{place}" for place in range(-(-len(self._flags) // _BITS))]

    @property
    def highest_kind(self) -> int:
        """The highest code of a kind of rows: names of events have the highest ones."""
        return _FIRST_NAME + len(self._names) - 1

    @property
    def of_kinds(self) -> Sequence[str]:
        """The columns that tell kinds of rows apart; none where all rows are of one."""
        if self.plan.only is not None:
            return []
        by_name = ["named"] if self._names else []
        sorts = ["sort"] if self._names or IDENTIFY in self._subjects else []
        return [*by_name, *sorts, *(["active"] if ACTIVITY in self._subjects else [])]

    @property
    def numbers(self) -> Sequence[str]:
        """The columns of numbers."""
        return self._numbers.names

    @property
    def texts(self) -> Sequence[str]:
        """The columns of texts."""
        return self._texts.names

    @property
    def reads_days(self) -> bool:
        """Whether the rows' local days are read, as `day`."""
        return self._day is not None

    @property
    def width(self) -> int:
        """How many bytes are read of a row."""
        numbers = 2 + len(self.numbers) + len(self.texts)
        return 8 * numbers + 4 * self.reads_days + len(self.of_kinds) + len(self.bytes_of_flags)

    @property
    def columns(self) -> Sql:
        """What is read, each under its name, to stand behind other columns."""
        flags = list(self._flags)
        words = [flags[start : start + _BITS] for start in range(0, len(flags), _BITS)]
        parts = [self._coded(), *(_packed(word, Sql(f"w{place}")) for place, word in enumerate(words))]
        parts += [self._numbers.selected(), self._texts.selected()]
        if self._day is not None:
            parts.append(sql(", <<day>> AS day", day=self._day))
        return joined("", parts)

    def _flag(self, expression: Sql) -> str:
        name = self.plan.row(expression)
        self._flags[name] = None
        return name

    def _number(self, kind: int, expression: Sql) -> str:
        number = sql("toFloat64(<<number>>)", number=self.plan.row(expression))
        return self._numbers.place(_sharing(kind), number)

    def _chosen(self, pattern: EventPattern, lens: Lens) -> Chosen:
        plan = self.plan
        kind = self._kind(subject_of(pattern), lens)
        tests = [
            self._flag(compile_test(it.test, plan.at(it.property, it.test), plan.scope, plan.binder))
            for it in pattern.where
        ]
        return Chosen(kind=kind, tests=tuple(dict.fromkeys(tests)))

    def _kind(self, subject: Subject, lens: Lens) -> int:
        """The code of a kind of rows, which are then read."""
        self.plan.note_rows(subject, lens)
        self._subjects[subject] = None
        if subject.kind == "event":
            return self._names.setdefault(subject.name, _FIRST_NAME + len(self._names))
        return _ACTIVITY if subject == ACTIVITY else _IDENTIFY

    def _coded(self) -> Sql:
        """What tells which kinds a row is of: its name, whether rows of its kind count by name, activity."""
        plan, names = self.plan, list(self._names)
        told = {
            "named": _translated("name", names, list(self._names.values()), plan.binder),
            "sort": _translated("kind", [*kinds_of_events(), "identify"], _SORTS, plan.binder),
            "active": Sql("is_activity"),
        }
        columns = [
            sql(", <<told>> AS <<name>>", told=plan.row(told[name]), name=Sql(name)) for name in self.of_kinds
        ]
        return joined("", columns)

    def _amount(self, aggregate: Aggregate, pattern: EventPattern, lens: Lens) -> Amount:
        bounds = lens.bounds(self.scope.at.as_of, self.scope.zone)
        if aggregate.kind in ("days", "streak"):
            self._day = local_day(self.plan)
        chosen = self._chosen(pattern, lens)
        about = aggregate.property
        return Amount(
            kind=aggregate.kind,
            chosen=chosen,
            value=None if about is None else self._value(aggregate, about, chosen.kind),
            after=None if bounds.after is None else micros(bounds.after),
            until=None if lens.ends_now or bounds.until is None else micros(bounds.until),
        )

    def _value(self, aggregate: Aggregate, path: str, kind: int) -> Value:
        at = self.plan.words_at(path) if aggregate.kind == "distinct" else self.plan.at(path)
        if aggregate.kind in _OF_SCALARS:
            return self._scalar(at, kind, with_text=aggregate.kind == "distinct")
        how_many = at.how_many_numbers
        has = at.is_number if at.is_scalar else sql("<<n>> > 0", n=how_many)
        reduced = {"min": at.reduced("arrayMin"), "max": at.reduced("arrayMax")}.get(
            aggregate.kind, at.reduced("arraySum")
        )
        counts = aggregate.kind == "avg" and not at.is_scalar
        return Value(
            number=self._number(kind, reduced),
            has=self._flag(has),
            how_many=self._number(kind, how_many) if counts else None,
        )

    def _scalar(self, at: Path, kind: int, *, with_text: bool) -> Value:
        """A path that has one value in a row; rows with a list are answered exactly, should there be any."""
        listed = None if at.is_scalar else self._flag(sql("NOT <<no>>", no=at.has_no_element))
        if not with_text:
            number = self._number(kind, at.number)
            return Value(number=number, has=self._flag(at.is_number), listed=listed)
        # The engine's own `uniqExact` tells texts apart by a hash as well.
        text = self._texts.place(_sharing(kind), self.plan.row(hash_of_text(at)))
        has = self._flag(sql("(<<text>> OR <<number>>)", text=at.is_text, number=at.is_number))
        return Value(has=has, listed=listed, text=text)

    def _change(self, change: Change) -> AskedChange:
        lenses = [Lens(window=LookBack(span=change.over)), *lenses_before(change)]
        now, *before = (self._amount(change.aggregate, change.pattern, lens) for lens in lenses)
        return AskedChange(
            now=now,
            before=tuple(before),
            floor=change.floor,
            percent=change.percent,
            test=change.test,
        )

    def _trait(self, trait: Trait) -> AskedLast:
        plan = self.plan
        kind = self._kind(IDENTIFY, EVER)
        named = [plan.at(step).is_named for step in path_and_parents(trait.trait)]
        told = self._flag(sql("(<<named>>)", named=joined(" OR ", named)))
        test = self._flag(compile_test(trait.test, plan.at(trait.trait, trait.test), plan.scope, plan.binder))
        return AskedLast(
            chosen=Chosen(kind=kind, tests=(told,)), test=test, otherwise=leaf_over_nothing(trait)
        )

    def _seen_before(self, leaf: SeenBefore) -> AskedFirst:
        begun = leaf.opening.bounds(self.scope.at.as_of, self.scope.zone).after
        if begun is None:
            raise TypeError("a baseline has a beginning")
        kind = self._kind(ACTIVITY, EVER)
        return AskedFirst(chosen=Chosen(kind=kind), by=micros(begun))


def _packed(flags: Sequence[Sql], name: Sql) -> Sql:
    """Several flags as the bits of one byte; sums would grow to eight of them."""
    packed, *others = (
        sql("bitShiftLeft(CAST(<<flag>> AS UInt8), <<bit>>)", flag=flag, bit=Sql(str(bit)))
        for bit, flag in enumerate(flags)
    )
    for other in others:
        packed = sql("bitOr(<<packed>>, <<other>>)", packed=packed, other=other)
    return sql(", <<packed>> AS <<name>>", packed=packed, name=name)


def _sharing(kind: int) -> int:
    """Whose columns a kind of rows may share: rows that show activity have names as well."""
    return kind if kind >= _FIRST_NAME else EVERY_KIND


def _translated(column: LiteralString, texts: Sequence[str], codes: Sequence[int], binder: Binder) -> Sql:
    """A column of few words as codes, 0 for all other words."""
    return sql(
        "CAST(transform(<<column>>, <<texts>>, CAST(<<codes>> AS Array(UInt8)), toUInt8(0)) AS UInt8)",
        column=sql(column),
        texts=binder.bind("Array(String)", texts),
        codes=binder.bind("Array(UInt32)", codes),
    )


def kinds_of(told: Mapping[str, Bytes], rows: int) -> Bytes:
    """The codes of the kinds that rows are of, of two at most, from what was read of them (`of_kinds`)."""
    kinds: list[Bytes] = []
    if "sort" in told:
        said = (told["sort"] == _SAID) * np.uint8(_IDENTIFY)
        kinds.append(said + told["named"] * (told["sort"] == _BY_NAME) if "named" in told else said)
    if "active" in told:
        kinds.append(told["active"] * np.uint8(_ACTIVITY))
    return np.stack(kinds) if kinds else np.empty((0, rows), dtype=np.uint8)
