"""The array kernel: questions about people answered over their rows in memory (0026)."""

from perennial.backends.clickhouse.arrays.asked import (
    Amount,
    Asked,
    AskedChange,
    AskedFirst,
    AskedLast,
    AskedNumber,
    Chosen,
    Kind,
    Value,
)
from perennial.backends.clickhouse.arrays.judged import Apart, Gathered, Judge, Judged, Rows

__all__ = [
    "Amount",
    "Apart",
    "Asked",
    "AskedChange",
    "AskedFirst",
    "AskedLast",
    "AskedNumber",
    "Chosen",
    "Gathered",
    "Judge",
    "Judged",
    "Kind",
    "Rows",
    "Value",
]
