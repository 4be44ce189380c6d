# ruff: noqa: S608 - every text here is our own, and none is bound
"""A hundred questions about people: documents of the condition language, and hand-written SQL beside each.

The SQL is what a person who knows ClickHouse well would write for that one question, alone.

The hand-written form reads only its own events, groups only those, and looks nothing up that it does not
need. It is both the check of the answer (it shares no code with the compiler) and the baseline of the time.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.history import NOW
from perennial.kernel.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A condition, and the same as SQL over `{table}` (a copy of the log) and `{people}`."""

    document: Json
    plain: str


def in_cents(plain: str) -> str:
    """A hand-written query that sums whole cents, as all amounts here are: its answer rests on no rounding.

    Parts of a sum of broken numbers are put together in an order that nobody promises. Over 50 million events
    that puts two people on the wrong side of a border.
    """
    plain = re.sub(
        r"sumKahanIf\(([^(),]+), (.*? DAY)\)", r"(sumIf(toInt64(round(\1 * 100)), \2) / 100)", plain
    )
    return re.sub(r"sumKahan\(([^(),]+)\)", r"(sum(toInt64(round(\1 * 100))) / 100)", plain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A test on a property, both ways."""

    document: Json
    plain: str


IOS = Where(document={"property": "platform", "is": "ios"}, plain="texts['platform'] = 'ios'")
WEB = Where(document={"property": "platform", "is": "web"}, plain="texts['platform'] = 'web'")
PHONE = Where(
    document={"property": "platform", "in": ["ios", "android"]},
    plain="texts['platform'] IN ('ios', 'android')",
)
DEAR = Where(document={"property": "price", "is": ">= 100"}, plain="numbers['price'] >= 100")
LARGE = Where(document={"property": "amount", "is": ">= 120"}, plain="numbers['amount'] >= 120")
SEVERAL = Where(document={"property": "quantity", "is": ">= 2"}, plain="numbers['quantity'] >= 2")
FAVOURITE = Where(
    document={"property": "category", "is": "category_0"}, plain="texts['category'] = 'category_0'"
)
TEENS = Where(
    document={"property": "category", "starts_with": "category_1"},
    plain="startsWith(texts['category'], 'category_1')",
)
BEST_SELLER = Where(
    document={"property": "items.sku", "starts_with": "sku-0000"},
    plain="arrayExists(x -> startsWith(x, 'sku-0000'), lists['items.sku'])",
)
NOTHING_FOUND = Where(document={"property": "results", "is": "<= 2"}, plain="numbers['results'] <= 2")


def hundred() -> Sequence[Question]:
    """The questions of a shop's marketing team: a hundred, no two the same."""
    questions = [*_counts(), *_absences(), *_amounts(), *_rhythms(), *_changes(), *_traits(), *_mixtures()]
    if len(questions) != 100:
        raise AssertionError(f"{len(questions)} questions")
    return questions


def two_hundred() -> Sequence[Question]:
    """The same, and a hundred tags by rule: one value each, as the same team puts them on people."""
    tags = [*_tiers(), *_habits(), *_tastes(), *_stages()]
    if len(tags) != 100:
        raise AssertionError(f"{len(tags)} tags")
    return [*hundred(), *tags]


def questions_of(how_many: int) -> Sequence[Question]:
    """So many questions: the hundred, or two hundred."""
    return {100: hundred, 200: two_hundred}[how_many]()


def _tiers() -> list[Question]:
    """What people are worth, and how often they come: recency, frequency and value in steps."""
    return [
        *(measured("sum", "amount", "order_paid", 180, limit) for limit in (50, 100, 250, 500, 1000)),
        *(measured("sum", "amount", "order_paid", 30, limit) for limit in (50, 100, 400)),
        *(measured("avg", "amount", "order_paid", None, limit) for limit in (30, 60, 90, 150)),
        *(measured("max", "price", "view_item", 60, limit) for limit in (50, 150, 400)),
        *(did("order_paid", times, 180) for times in (1, 2, 4, 8)),
        *(did("app_open", times, 60) for times in (1, 5, 15, 30)),
        *(recency("last_ago", "order_paid", days) for days in (7, 14, 30, 45, 90)),
        *(recency("last_ago", "app_open", days) for days in (3, 7, 14, 60)),
    ]


def _habits() -> list[Question]:
    """What people do again and again."""
    return [
        *(on_days("app_open", days, times) for days, times in ((14, 3), (30, 4), (60, 8), (90, 20))),
        *(on_days("search", days, times) for days, times in ((14, 2), (30, 5))),
        *(on_days("order_paid", days, times) for days, times in ((30, 2), (60, 3))),
        *(streak(event, length) for event, length in (("app_open", 2), ("view_item", 2), ("view_item", 3))),
        *(did(event, 3, 30, IOS) for event in ("app_open", "page", "view_item", "search")),
        *(did(event, 3, 30, WEB) for event in ("app_open", "view_item", "search", "add_to_cart")),
        *(did("share", 1, 60, _is("channel", channel)) for channel in ("wechat", "weibo", "link", "mail")),
        *(did("login", 1, 90, _is("method", method)) for method in ("password", "code", "wechat")),
        *(active(times, days) for times, days in ((3, 7), (10, 14), (40, 30), (100, 60))),
    ]


def _tastes() -> list[Question]:
    """What people like: categories, vouchers, dear things."""
    return [
        *(did("view_item", 3, 30, _is("category", f"category_{number}")) for number in range(1, 9)),
        *(did("order_paid", 1, 90, _is("category", f"category_{number}")) for number in range(4)),
        *(did("order_paid", 1, 90, _is("coupon", coupon)) for coupon in ("WELCOME", "SPRING", "VIP")),
        measured("distinct", "category", "view_item", 90, 10),
        measured("distinct", "query", "search", 30, 8),
        measured("sum", "quantity", "order_paid", None, 20),
    ]


def _stages() -> list[Question]:
    """Where people stand: new, loyal, cooling, gone."""
    return [
        *(
            first_but_not_then("order_paid", times, 90, "order_paid", days)
            for times, days in ((1, 30), (3, 45))
        ),
        *(first_but_not_then("app_open", times, 60, "app_open", days) for times, days in ((3, 14), (10, 21))),
        first_but_not_then("view_item", 15, 14, "order_paid", 30),
        first_but_not_then("add_to_cart", 3, 30, "order_paid", 30),
        never("order_paid", 60),
        never("app_open", 60),
        never("view_item", 30),
        never("share", 90),
        never("login", 30),
        changed("count", None, "app_open", 30, -50, 4),
        changed("count", None, "view_item", 14, 100, 5),
        changed("sum", "amount", "order_paid", 30, -50, 50),
        *(valuable(spent, days, seen) for spent, days, seen in ((400, 90, 30), (200, 60, 14))),
        both("order_paid", 2, 60, "app_open", 5, 30),
        both("view_item", 10, 14, "add_to_cart", 1, 14),
        either("order_paid", 1, 14, "add_to_cart", 3, 14),
        either("search", 5, 30, "view_item", 20, 30),
    ]


def _is(key: str, word: str) -> Where:
    return Where(document={"property": key, "is": word}, plain=f"texts['{key}'] = '{word}'")


def _counts() -> list[Question]:
    """So many of an event in a window."""
    return [
        did("app_open", 3, 7),
        did("app_open", 10, 30),
        did("app_open", 1, 1),
        did("app_open", 5, 14, IOS),
        did("page", 20, 30),
        did("page", 5, 7, WEB),
        did("view_item", 10, 7),
        did("view_item", 30, 30),
        did("view_item", 100, 90),
        did("view_item", 3, 7, DEAR),
        did("view_item", 5, 30, FAVOURITE),
        did("view_item", 10, 60, TEENS),
        did("view_item", 2, 14, DEAR, PHONE),
        did("search", 5, 7),
        did("search", 10, 60),
        did("search", 3, 30, NOTHING_FOUND),
        did("add_to_cart", 1, 3),
        did("add_to_cart", 5, 30),
        did("add_to_cart", 2, 14, DEAR),
        did("add_to_cart", 2, 30, SEVERAL),
        did("order_paid", 1, 7),
        did("order_paid", 2, 30, IOS),
        did("order_paid", 5, 90),
        did("order_paid", 1, 30, LARGE),
        did("order_paid", 1, 60, BEST_SELLER),
        did("order_paid", 3, None),
        did("share", 2, 30),
        did("refund", 1, 60),
    ]


def _absences() -> list[Question]:
    """Who did not; a known person without any event is one of them."""
    return [
        never("order_paid", None),
        never("order_paid", 90),
        never("order_paid", 30, IOS),
        never("app_open", 30),
        never("app_open", 7),
        never("share", None),
        never("search", 60),
        never("add_to_cart", 14, DEAR),
        never("login", 90),
        never("refund", None),
    ]


def _amounts() -> list[Question]:
    """Aggregates of properties."""
    return [
        measured("sum", "amount", "order_paid", 30, 200),
        measured("sum", "amount", "order_paid", 90, 500),
        measured("sum", "amount", "order_paid", None, 1000),
        measured("sum", "amount", "order_paid", 60, 150, IOS),
        measured("sum", "quantity", "order_paid", 60, 10),
        measured("sum", "quantity", "add_to_cart", 30, 12),
        measured("sum", "price", "add_to_cart", 14, 300),
        measured("avg", "amount", "order_paid", 90, 80),
        measured("avg", "price", "view_item", 30, 60),
        measured("max", "amount", "order_paid", 90, 250),
        measured("max", "price", "view_item", 7, 300),
        measured("min", "amount", "order_paid", None, 40),
        measured("median", "amount", "order_paid", None, 60),
        measured("distinct", "category", "view_item", 30, 6),
        measured("distinct", "category", "order_paid", None, 3),
        measured("distinct", "query", "search", 14, 5),
        measured("sum", "amount", "refund", 90, 50),
        measured("sum", "price", "view_item", 7, 200, TEENS),
    ]


def _rhythms() -> list[Question]:
    """Recency, first times, days and streaks."""
    return [
        recency("last_ago", "app_open", 30),
        recency("last_ago", "order_paid", 60),
        recency("last_ago", "add_to_cart", 14),
        recency("last_ago", "search", 45),
        recency("first_ago", "order_paid", 90),
        recency("first_ago", "view_item", 100),
        recency("last_ago", "view_item", 21, DEAR),
        on_days("app_open", 30, 8),
        on_days("app_open", 7, 4),
        on_days("view_item", 60, 15),
        on_days("order_paid", 90, 3),
        streak("app_open", 3),
    ]


def _changes() -> list[Question]:
    """More or less than before."""
    return [
        changed("count", None, "app_open", 7, -30, 3),
        changed("count", None, "app_open", 14, 50, 2),
        changed("count", None, "view_item", 28, -50, 10),
        changed("count", None, "search", 30, 100, 2),
        changed("sum", "amount", "order_paid", 28, -30, 20),
        changed("sum", "amount", "order_paid", 45, 100, 50),
        changed("count", None, "page", 7, -80, 5),
        changed("sum", "price", "add_to_cart", 14, -50, 100),
    ]


def _traits() -> list[Question]:
    """What people said of themselves."""
    return [
        trait("city", {"in": ["上海", "北京"]}, "texts['city'] IN ('上海', '北京')"),
        trait("city", {"is": "深圳"}, "texts['city'] = '深圳'"),
        trait("plan", {"is": "black"}, "texts['plan'] = 'black'"),
        trait("plan", {"in": ["plus", "black"]}, "texts['plan'] IN ('plus', 'black')"),
    ]


def _mixtures() -> list[Question]:
    """Conditions of several parts: abandoned carts, buyers who cool down, lookers who never buy."""
    return [
        first_but_not_then("add_to_cart", 1, 3, "order_paid", 3),
        first_but_not_then("add_to_cart", 2, 14, "order_paid", 14),
        first_but_not_then("view_item", 10, 7, "add_to_cart", 7),
        first_but_not_then("view_item", 20, 30, "order_paid", 90),
        first_but_not_then("search", 3, 7, "view_item", 7),
        first_but_not_then("order_paid", 2, 90, "app_open", 30),
        first_but_not_then("order_paid", 1, None, "order_paid", 60),
        first_but_not_then("app_open", 5, 30, "search", 30),
        both("order_paid", 1, 30, "share", 1, 30),
        both("view_item", 5, 7, "search", 2, 7),
        both("order_paid", 3, 90, "app_open", 4, 14),
        either("order_paid", 2, 30, "add_to_cart", 6, 30),
        either("share", 1, 14, "login", 2, 30),
        either("search", 8, 14, "view_item", 40, 14),
        valuable(300, 60, 30),
        valuable(600, 90, 14),
        valuable(150, 30, 60),
        active(1, 7),
        active(15, 30),
        active(60, 90),
    ]


def did(event: str, times: int, days: int | None, *where: Where) -> Question:
    return Question(
        document={**_pattern("did", event, where), **_within(days), "times": f">= {times}"},
        plain=f"SELECT profile_id FROM {{table}} WHERE {_rows(event, days, where)}"
        f" GROUP BY profile_id HAVING count() >= {times}",
    )


def never(event: str, days: int | None, *where: Where) -> Question:
    return Question(
        document={**_pattern("did", event, where), **_within(days), "times": "= 0"},
        plain="SELECT profile_id FROM {people} WHERE profile_id NOT IN"
        f" (SELECT profile_id FROM {{table}} WHERE {_rows(event, days, where)})",
    )


def measured(kind: str, key: str, event: str, days: int | None, limit: int, *where: Where) -> Question:
    numbers = f"numbers['{key}']"
    value = {
        # Summed as the language promises, so that an answer does not depend on the order of reading.
        "sum": f"sumKahan({numbers})",
        "avg": f"sumKahan({numbers}) / count()",
        "max": f"max({numbers})",
        "min": f"min({numbers})",
        "median": f"quantileExactInclusive(0.5)({numbers})",
        "distinct": f"uniqExact(texts['{key}'])",
    }[kind]
    return Question(
        document={
            "measure": f"{kind}({key})",
            **_pattern("of", event, where),
            **_within(days),
            "is": f">= {limit}",
        },
        plain=f"SELECT profile_id FROM {{table}} WHERE {_rows(event, days, where)}"
        f" GROUP BY profile_id HAVING {value} >= {limit}",
    )


def recency(kind: str, event: str, days: int, *where: Where) -> Question:
    """Longer ago than so many days; none at all is not long ago."""
    function = "max" if kind == "last_ago" else "min"
    return Question(
        document={"measure": kind, **_pattern("of", event, where), "is": f">= {days}"},
        plain=f"SELECT profile_id FROM {{table}} WHERE {_rows(event, None, where)}"
        f" GROUP BY profile_id HAVING {function}(occurred_at) <= {_ago(days)}",
    )


def on_days(event: str, days: int, times: int) -> Question:
    return Question(
        document={"measure": "days", "of": event, "within": f"{days}d", "is": f">= {times}"},
        plain=f"SELECT profile_id FROM {{table}} WHERE {_rows(event, days, ())}"
        f" GROUP BY profile_id HAVING uniqExact(toDate(occurred_at)) >= {times}",
    )


def streak(event: str, length: int) -> Question:
    """On so many days without a gap, up to yesterday or today: by hand, each of those days is asked for."""
    ends = " OR ".join(
        " AND ".join(f"max(toDate(occurred_at) = toDate({_ago(0)}) - {end + back})" for back in range(length))
        for end in (0, 1)
    )
    return Question(
        document={"measure": "streak", "of": event, "is": f">= {length}"},
        plain=f"SELECT profile_id FROM {{table}} WHERE {_rows(event, length + 1, ())}"
        f" GROUP BY profile_id HAVING {ends}",
    )


def changed(kind: str, key: str | None, event: str, days: int, percent: int, floor: int) -> Question:
    """Now against the window before, of people who were there when that began."""
    value = "countIf({0})" if key is None else f"sumKahanIf(numbers['{key}'], {{0}})"
    now = value.format(f"occurred_at > {_ago(days)}")
    before = value.format(f"occurred_at <= {_ago(days)}")
    comparison = "<=" if percent < 0 else ">="
    return Question(
        document={
            "change": kind if key is None else f"{kind}({key})",
            "of": event,
            "over": f"{days}d",
            "against": "previous",
            "is": f"{comparison} {percent}%",
            "floor": floor,
        },
        plain=f"SELECT profile_id FROM {{table}} WHERE {_rows(event, 2 * days, ())}"
        f" GROUP BY profile_id HAVING {before} >= {floor}"
        f" AND (toFloat64({now}) - toFloat64({before})) * 100 / {before} {comparison} {percent}"
        f" AND profile_id IN (SELECT profile_id FROM {{people}} WHERE first_seen <= {_ago(2 * days)})",
    )


def trait(name: str, test: dict[str, Json], plain: str) -> Question:
    latest = f"argMax({plain}, occurred_at)"
    return Question(
        document={"trait": name, **test},
        plain="SELECT profile_id FROM {table} WHERE name = '' AND kind = 'identify'"
        f" AND mapContains(texts, '{name}') GROUP BY profile_id HAVING {latest}",
    )


def first_but_not_then(event: str, times: int, days: int | None, other: str, other_days: int) -> Question:
    return Question(
        document={
            "all": [
                {"did": event, **_within(days), "times": f">= {times}"},
                {"not": {"did": other, "within": f"{other_days}d"}},
            ]
        },
        plain=f"SELECT profile_id FROM {{table}} WHERE {_rows(event, days, ())}"
        f" GROUP BY profile_id HAVING count() >= {times}"
        f" AND profile_id NOT IN (SELECT profile_id FROM {{table}} WHERE {_rows(other, other_days, ())})",
    )


def both(event: str, times: int, days: int, other: str, other_times: int, other_days: int) -> Question:
    document, plain = _pair(event, times, days, other, other_times, other_days)
    return Question(document={"all": document}, plain=plain.format(word="INTERSECT DISTINCT"))


def either(event: str, times: int, days: int, other: str, other_times: int, other_days: int) -> Question:
    document, plain = _pair(event, times, days, other, other_times, other_days)
    return Question(document={"any": document}, plain=plain.format(word="UNION DISTINCT"))


def valuable(spent: int, days: int, seen: int) -> Question:
    """Spent much, here lately, no refund, and buys dear things or often."""
    orders = _rows("order_paid", days, ())
    return Question(
        document={
            "all": [
                {"measure": "sum(amount)", "of": "order_paid", "within": f"{days}d", "is": f">= {spent}"},
                {"measure": "last_ago", "of": "app_open", "is": f"<= {seen}"},
                {"not": {"did": "refund", "within": f"{days}d"}},
                {
                    "any": [
                        {**_pattern("did", "order_paid", (LARGE,)), "within": f"{days}d"},
                        {"did": "order_paid", "within": f"{days}d", "times": ">= 3"},
                    ]
                },
            ]
        },
        plain=f"SELECT profile_id FROM {{table}} WHERE {orders} GROUP BY profile_id"
        f" HAVING sumKahan(numbers['amount']) >= {spent} AND (max({LARGE.plain}) OR count() >= 3)"
        f" AND profile_id IN (SELECT profile_id FROM {{table}} WHERE name = 'app_open'"
        f" AND occurred_at >= {_ago(seen)})"
        f" AND profile_id NOT IN (SELECT profile_id FROM {{table}} WHERE {_rows('refund', days, ())})",
    )


def active(times: int, days: int) -> Question:
    """Whatever they did."""
    return Question(
        document={"did": "*", "within": f"{days}d", "times": f">= {times}"},
        plain="SELECT profile_id FROM {table}"
        f" WHERE kind IN ('track', 'page') AND occurred_at > {_ago(days)}"
        f" GROUP BY profile_id HAVING count() >= {times}",
    )


def _pair(
    event: str, times: int, days: int, other: str, other_times: int, other_days: int
) -> tuple[list[Json], str]:
    document: list[Json] = [
        {"did": event, "within": f"{days}d", "times": f">= {times}"},
        {"did": other, "within": f"{other_days}d", "times": f">= {other_times}"},
    ]
    first, second = (
        f"SELECT profile_id FROM {{{{table}}}} WHERE {_rows(name, span, ())}"
        f" GROUP BY profile_id HAVING count() >= {least}"
        for name, least, span in ((event, times, days), (other, other_times, other_days))
    )
    return document, f"{first} {{word}} {second}"


def _pattern(key: str, event: str, where: Sequence[Where]) -> dict[str, Json]:
    """An event under a key, with its tests where the form wants them."""
    if not where:
        return {key: event}
    if key == "did":
        return {"did": event, "where": [one.document for one in where]}
    return {key: {"event": event, "where": [one.document for one in where]}}


def _within(days: int | None) -> dict[str, Json]:
    return {} if days is None else {"within": f"{days}d"}


def _rows(event: str, days: int | None, where: Sequence[Where]) -> str:
    window = [] if days is None else [f"occurred_at > {_ago(days)}"]
    return " AND ".join([f"name = '{event}'", *window, *(one.plain for one in where)])


def _ago(days: int) -> str:
    return f"toDateTime64('{NOW:%Y-%m-%d %H:%M:%S}', 6, 'UTC') - INTERVAL {days} DAY"
