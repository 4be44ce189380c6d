"""The numbers that stand for words in a program: what accumulators do, what verdicts ask, operators."""

from collections.abc import Mapping

from perennial.backends.clickhouse.arrays.asked import Kind

COUNT, SUM, AVG, MIN, MAX, MEDIAN, DISTINCT, DAYS, STREAK, FIRST, LAST, LATEST = range(12)
"""What an accumulator does; LATEST is LAST with a bit of that row."""

NUMBER, SHARE, DIFFERENCE, PASSED, BY, SOME = range(6)
"""What a verdict asks: a test of a number, of a change in percent, of one as it is; whether the latest row
passed; whether the first was by an instant; whether there is any row."""

INSIDE, OUTSIDE, AMONG, NOT_AMONG = range(4)
"""How a number passes a test: inside or outside of two borders, one of several numbers or none of them."""

DOES: Mapping[Kind, int] = {
    "count": COUNT,
    "sum": SUM,
    "avg": AVG,
    "min": MIN,
    "max": MAX,
    "median": MEDIAN,
    "distinct": DISTINCT,
    "days": DAYS,
    "streak": STREAK,
    "first_ago": FIRST,
    "last_ago": LAST,
}
