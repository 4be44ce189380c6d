"""The columns of one pass: every distinct sub-expression once, and the rows that matter to any.

What is asked of a single row (`r0`, `r1` …) is computed first, the aggregates (`a0`, `a1` …) over those:
each expression stands in the statement once, however many conditions share it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from perennial.backends.clickhouse.leaves import FALSE, TRUE, compile_test, is_numeric
from perennial.backends.clickhouse.parameters import Binder, Sql, joined, sql
from perennial.backends.clickhouse.paths import NO_PATHS, Path, has_elements, mapped_path, promoted_path
from perennial.backends.clickhouse.scope import Lens, Scope
from perennial.backends.clickhouse.subjects import Subject, rows_of_any, subject_of
from perennial.kernel.conditions.model import Aggregate, EventPattern, Test

_GATHERED = 40
"""Numbers that a gathered array is reckoned to hold."""
OTHER_DOUBT = 63
"""The bit of any doubt but those about lists."""


@dataclass(slots=True, kw_only=True)
class Plan:
    """One `GROUP BY` in the making."""

    scope: Scope
    binder: Binder
    promoted: Collection[str] = NO_PATHS
    """Paths that have columns of their own."""
    only: Subject | None = None
    """The one kind of rows that the statement reads, so that none of its questions asks for it again."""
    assumes: bool = False
    """Whether rare things are left out of account, and people told of whom that may be wrong."""
    listed: Collection[str] = NO_PATHS
    """Promoted paths that are known to hold lists: nothing else is assumed of them."""
    expects_words: bool = False
    """Whether numbers are left out of account where texts are asked for; see `worded`."""
    numbered: Collection[str] = NO_PATHS
    """Promoted paths that are known to hold numbers."""
    _worded: dict[str, None] = field(default_factory=dict[str, None])
    _scalar: dict[str, None] = field(default_factory=dict[str, None])
    _doubts: dict[Sql, None] = field(default_factory=dict[Sql, None])
    _row_columns: dict[Sql, Sql] = field(default_factory=dict[Sql, Sql])
    _columns: dict[Sql, Sql] = field(default_factory=dict[Sql, Sql])
    _gathered: dict[Sql, None] = field(default_factory=dict[Sql, None])
    _relevant: dict[Subject, None] = field(default_factory=dict[Subject, None])
    _lenses: dict[Lens, None] = field(default_factory=dict[Lens, None])

    def row(self, expression: Sql) -> Sql:
        """The name of an expression over one row of the log; the same expression is computed once."""
        return self._row_columns.setdefault(expression, Sql(f"r{len(self._row_columns)}"))

    def column(self, aggregate: Sql) -> Sql:
        """The name of an aggregate's column; the same aggregate is computed once."""
        return self._columns.setdefault(aggregate, Sql(f"a{len(self._columns)}"))

    def gathered(self, aggregate: Sql) -> Sql:
        """The same for an aggregate that keeps a number, or two, of each of some rows."""
        self._gathered[aggregate] = None
        return self.column(aggregate)

    def at(self, name: str, test: Test | None = None) -> Path:
        """What a row holds at a dotted path, to be tested."""
        if test is not None and test.operator != "set" and not is_numeric(test):
            return self.words_at(name)
        return self._at(name, is_word=False)

    def words_at(self, name: str) -> Path:
        """The same, to be read as texts: no number is expected there, where the plan says so."""
        is_word = self.expects_words and name in self.promoted and name not in self.numbered
        if is_word:
            self._worded[name] = None
        return self._at(name, is_word=is_word)

    def _at(self, name: str, *, is_word: bool) -> Path:
        if name not in self.promoted:
            return mapped_path(name, self.binder)
        if not self.assumes or name in self.listed or not self._room_for_doubt(name):
            return promoted_path(name, is_word=is_word)
        self._scalar[name] = None
        return promoted_path(name, is_scalar=True, is_word=is_word)

    def doubt(self, when: Sql) -> None:
        """Note that nothing holds of people of whom this expression beside the aggregates is true."""
        self._doubts[when] = None

    @property
    def scalar(self) -> Sequence[str]:
        """The paths at which no list is expected; the place of each is its bit in `doubts`."""
        return list(self._scalar)

    @property
    def worded(self) -> Sequence[str]:
        """The paths at which no number is expected."""
        return list(self._worded)

    def settle_doubts(self) -> Sql:
        """What of the assumptions does not hold of a person, as bits; adds what it needs to the columns."""
        if not self._scalar and not self._doubts:
            return FALSE
        bits = [
            sql("bitShiftLeft(toUInt64(<<has>>), <<bit>>)", has=has_elements(name), bit=Sql(str(bit)))
            for bit, name in enumerate(self._scalar)
        ]
        lists = FALSE
        if bits:
            lists = self.column(sql("groupBitOr(<<row>>)", row=self.row(joined(" + ", bits))))
        others = [sql("(<<when>>)", when=when) for when in self._doubts] or [FALSE]
        return sql(
            "<<lists>> + bitShiftLeft(toUInt64(<<others>>), <<bit>>)",
            lists=lists,
            others=joined(" OR ", others),
            bit=Sql(str(OTHER_DOUBT)),
        )

    def _room_for_doubt(self, name: str) -> bool:
        return name in self._scalar or len(self._scalar) < OTHER_DOUBT

    def note_rows(self, subject: Subject, lens: Lens) -> None:
        """Note that rows of a kind within the lens can change an answer."""
        self._relevant[subject] = None
        self._lenses[lens] = None

    def rows_of(self, subject: Subject, lens: Lens) -> Sql:
        """Which rows are of a kind; those within the lens can change an answer, so they will be read."""
        self.note_rows(subject, lens)
        rows = subject.rows(self.binder)
        return TRUE if subject == self.only else self.row(rows)

    @property
    def row_columns(self) -> Sql:
        """The expressions over one row, each under its name."""
        return named(self._row_columns)

    @property
    def columns(self) -> Sql:
        """The aggregates, each under its name, to stand behind the grouping key."""
        return named(self._columns)

    @property
    def width(self) -> int:
        """How many numbers are kept about a person while the pass runs."""
        return len(self._columns) + _GATHERED * len(self._gathered)

    @property
    def relevant(self) -> Sql:
        """The rows that can change an answer: others may stay unread if absence answers."""
        rows = rows_of_any(list(self._relevant), self.binder)
        earliest = self.scope.earliest(list(self._lenses))
        if earliest is None:
            return rows
        return sql("<<rows>> AND occurred_at > <<earliest>>", rows=rows, earliest=earliest)


def named(columns: Mapping[Sql, Sql]) -> Sql:
    """Expressions under their names, to stand behind another column."""
    return joined("", [sql(",\n    <<e>> AS <<name>>", e=e, name=name) for e, name in columns.items()])


def within(lens: Lens, plan: Plan) -> list[Sql]:
    """The comparisons that keep rows inside a lens; none where every row of the pass is."""
    after = plan.scope.after(lens)
    parts = [] if after is None else [sql("occurred_at > <<after>>", after=after)]
    if not lens.ends_now:
        parts.append(sql("occurred_at <= <<until>>", until=plan.scope.until(lens)))
    return parts


def matching(pattern: EventPattern, lens: Lens, plan: Plan) -> Sql:
    """Which rows are the events a pattern means, within a lens.

    Name and tests are one column that all windows of the same events share.
    """
    chosen = plan.rows_of(subject_of(pattern), lens)
    for it in pattern.where:
        test = compile_test(it.test, plan.at(it.property), plan.scope, plan.binder)
        chosen = plan.row(
            test if chosen == TRUE else sql("<<chosen>> AND <<test>>", chosen=chosen, test=test)
        )
    parts = within(lens, plan)
    if chosen != TRUE:
        parts.insert(0, chosen)
    return plan.row(joined(" AND ", parts)) if parts else TRUE


def measure(aggregate: Aggregate, pattern: EventPattern, lens: Lens, plan: Plan) -> Sql:
    """An aggregate as a number beside the others; NULL where it is missing."""
    rows = matching(pattern, lens, plan)
    match aggregate.kind:
        case "count":
            return plan.column(sql("countIf(<<rows>>)", rows=rows))
        case "days" | "streak":
            return _days(aggregate, rows, plan)
        case "first_ago" | "last_ago":
            return _ago(aggregate, rows, plan)
        case _:
            return _of_values(aggregate, plan.at(aggregate.property or ""), rows, plan)


def _of_values(aggregate: Aggregate, at: Path, rows: Sql, plan: Plan) -> Sql:
    match aggregate.kind:
        case "distinct" if at.is_scalar:
            text = plan.row(at.scalar_text)
            told = plan.row(sql("<<rows>> AND <<set>>", rows=rows, set=at.is_set))
            return plan.column(sql("uniqExactIf(<<text>>, <<told>>)", text=text, told=told))
        case "distinct":
            texts = plan.row(at.texts)
            return plan.column(sql("uniqExactArrayIf(<<texts>>, <<rows>>)", texts=texts, rows=rows))
        case "sum":
            return _sum(at, rows, plan)
        case _:
            return _summary(aggregate, at, rows, plan)


def _sum(at: Path, rows: Sql, plan: Plan) -> Sql:
    """Kahan's sum: as good as independent of the order in which threads and parts are read."""
    total = plan.row(at.reduced("arraySum"))
    return sql(
        "ifNull(<<sum>>, 0)",
        sum=plan.column(sql("sumKahanIf(<<total>>, <<rows>>)", total=total, rows=rows)),
    )


def _summary(aggregate: Aggregate, at: Path, rows: Sql, plan: Plan) -> Sql:
    numbers = plan.row(at.how_many_numbers)
    how_many = plan.column(sql("sumIf(<<numbers>>, <<rows>>)", numbers=numbers, rows=rows))
    match aggregate.kind:
        case "avg":
            return sql("(<<sum>> / nullIf(<<n>>, 0))", sum=_sum(at, rows, plan), n=how_many)
        case "min":
            smallest = plan.row(at.reduced("arrayMin"))
            value = sql("minIf(<<x>>, <<rows>> AND <<n>> > 0)", x=smallest, rows=rows, n=numbers)
        case "max":
            largest = plan.row(at.reduced("arrayMax"))
            value = sql("maxIf(<<x>>, <<rows>> AND <<n>> > 0)", x=largest, rows=rows, n=numbers)
        case _:
            if at.is_scalar:
                told = plan.row(sql("<<rows>> AND <<has>>", rows=rows, has=at.is_number))
                every = sql(
                    "quantileExactInclusiveIf(0.5)(<<x>>, <<told>>)", x=plan.row(at.number), told=told
                )
                return sql("if(ifNull(<<n>>, 0) > 0, <<value>>, NULL)", n=how_many, value=plan.column(every))
            every = plan.row(at.numbers)
            value = sql("quantileExactInclusiveArrayIf(0.5)(<<x>>, <<rows>>)", x=every, rows=rows)
    return sql("if(ifNull(<<n>>, 0) > 0, <<value>>, NULL)", n=how_many, value=plan.column(value))


def local_day(plan: Plan) -> Sql:
    """A row's day in the zone of asking, counted from 1970-01-01."""
    zone = plan.binder.text(plan.scope.zone.name)
    return plan.row(sql("toInt32(toDate32(toTimeZone(occurred_at, <<zone>>)))", zone=zone))


def _days(aggregate: Aggregate, rows: Sql, plan: Plan) -> Sql:
    zone = plan.binder.text(plan.scope.zone.name)
    day = local_day(plan)
    if aggregate.kind == "days":
        return plan.column(sql("uniqExactIf(<<day>>, <<rows>>)", day=day, rows=rows))
    today = plan.column(
        sql("toInt32(toDate32(toTimeZone(<<as_of>>, <<zone>>)))", as_of=plan.scope.as_of, zone=zone)
    )
    days = plan.column(sql("groupUniqArrayIf(<<day>>, <<rows>>)", day=day, rows=rows))
    # Ages in days, youngest first: a streak goes on as long as each is one more than the one before.
    ages = plan.column(sql("arraySort(arrayMap(day -> <<today>> - day, <<days>>))", today=today, days=days))
    return sql(
        "if(notEmpty(<<ages>>) AND <<ages>>[1] BETWEEN 0 AND 1,"
        " arrayCount((age, place) -> age - <<ages>>[1] = place - 1, <<ages>>, arrayEnumerate(<<ages>>)), 0)",
        ages=ages,
    )


def _ago(aggregate: Aggregate, rows: Sql, plan: Plan) -> Sql:
    count = plan.column(sql("countIf(<<rows>>)", rows=rows))
    function = sql("minIf" if aggregate.kind == "first_ago" else "maxIf")
    instant = plan.column(sql("<<f>>(toUnixTimestamp64Micro(occurred_at), <<rows>>)", f=function, rows=rows))
    now = plan.column(sql("toUnixTimestamp64Micro(<<as_of>>)", as_of=plan.scope.as_of))
    return sql(
        "if(<<count>> > 0, (<<now>> - <<instant>>) / 86400000000, NULL)",
        count=count,
        now=now,
        instant=instant,
    )
