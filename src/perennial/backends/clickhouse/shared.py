"""Columns that kinds of rows share: a row is of one kind, so one column holds what is asked of each."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from perennial.backends.clickhouse.parameters import Sql, joined, sql

EVERY_KIND = 0
"""The code of a value that is asked of rows of more than one kind."""


@dataclass(slots=True, kw_only=True)
class SharedColumns:
    """As few columns as hold the values of all kinds; a column less is 10 ns a row (0026)."""

    letter: str
    _columns: list[dict[int, Sql]] = field(default_factory=list[dict[int, Sql]])

    @property
    def names(self) -> Sequence[str]:
        """The columns' names."""
        return [f"{self.letter}{place}" for place in range(len(self._columns))]

    def place(self, kind: int, value: Sql) -> str:
        """The column that holds a value of the rows of a kind."""
        for place, column in enumerate(self._columns):
            if column.get(kind) == value:
                return self.names[place]
        for place, column in enumerate(self._columns):
            if EVERY_KIND not in column and kind != EVERY_KIND and kind not in column:
                column[kind] = value
                return self.names[place]
        self._columns.append({kind: value})
        return self.names[-1]

    def selected(self) -> Sql:
        """The columns, to stand behind others, one of which is `named`: the code of a row's kind."""
        columns = [
            sql(", <<chosen>> AS <<name>>", chosen=_chosen(column), name=Sql(name))
            for column, name in zip(self._columns, self.names, strict=True)
        ]
        return joined("", columns)


def _chosen(column: dict[int, Sql]) -> Sql:
    """What each kind's rows hold; for those of other kinds it does not matter."""
    *values, last = dict.fromkeys(column.values())
    chosen = last
    for value in values:
        codes = [Sql(str(kind)) for kind, its in column.items() if its == value]
        chosen = sql(
            "if(named IN (<<codes>>), <<value>>, <<otherwise>>)",
            codes=joined(", ", codes),
            value=value,
            otherwise=chosen,
        )
    return chosen
