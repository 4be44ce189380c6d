"""Reasons as lines a person reads: a tick or a cross, what was asked, and what was seen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from perennial.compute.reasons.model import Finding, Reason
from perennial.kernel.conditions.explain import Language, explain
from perennial.kernel.conditions.model import (
    All,
    AnyOf,
    AssignedIs,
    Change,
    ConsentIs,
    Did,
    DidInOrder,
    DidWithout,
    InSegment,
    Measure,
    Not,
    Rank,
    Seen,
    TagIs,
    Trait,
)
from perennial.kernel.conditions.wording import number_text
from perennial.kernel.values import text_of
from perennial.kernel.windows import Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    all: str
    any: str
    none: str
    value: str
    seen: str
    """What was seen behind what was asked."""
    never: str
    once: str
    times: str
    last: str
    missing: str
    change: str
    difference: str
    no_change: str
    first_seen: str
    told: str
    untold: str
    no_value: str
    entered: str
    comma: str
    at: str
    unseen: str
    step: str
    did: str
    answered: str
    day: str
    days: str
    border: str
    nobody: str


_WORDS: Mapping[Language, _Words] = {
    "en": _Words(
        all="All of these:",
        any="At least one of these:",
        none="This must not hold:",
        value="“{value}”: {sentence}",
        seen="{sentence} Seen: {seen}.",
        never="never",
        once="once",
        times="{count} times",
        last="the last time {at}",
        missing="no value",
        change="{before} before, {now} now, {percent}%",
        difference="{before} before, {now} now",
        no_change="nothing to compare",
        first_seen="first seen {at}",
        told="{value}, told {at} by {source}",
        untold="never told",
        no_value="no value",
        entered="a member since {at}",
        comma=", ",
        at="{at}",
        unseen="never active",
        step="step {number} {times}",
        did="done {at}",
        answered="the other {at}",
        day="{value} day",
        days="{value} days",
        border="the last one inside has {border}, of {people} ranked at {at}",
        nobody="nobody was ranked at {at}",
    ),
    "zh-CN": _Words(
        all="以下全部满足：",
        any="以下至少满足一项：",
        none="以下不得满足：",
        value="“{value}”：{sentence}",
        seen="{sentence}实际：{seen}。",
        never="从未",
        once="1 次",
        times="{count} 次",
        last="最近一次在 {at}",
        missing="没有值",
        change="之前 {before}，现在 {now}，{percent}%",
        difference="之前 {before}，现在 {now}",
        no_change="无从比较",
        first_seen="首次出现于 {at}",
        told="{value}，{at} 由 {source} 告知",
        untold="从未告知",
        no_value="没有值",
        entered="自 {at} 起是成员",
        comma="，",
        at="{at}",
        unseen="从未活跃",
        step="第 {number} 步 {times}",
        did="发生于 {at}",
        answered="后者发生于 {at}",
        day="{value} 天",
        days="{value} 天",
        border="入围者最后一名为 {border}（{at} 排名，共 {people} 人）",
        nobody="{at} 排名时没有人参与",
    ),
}
_INDENT = "  "


def tell(told: Reason, language: Language, *, zone: Zone) -> list[str]:
    """The reason line by line, each part indented below what it is a part of; instants in the given zone."""
    return list(_Teller(language, zone).lines(told, 0))


@dataclass(frozen=True, slots=True)
class _Teller:
    language: Language
    zone: Zone

    @property
    def words(self) -> _Words:
        return _WORDS[self.language]

    def lines(self, told: Reason, depth: int) -> Iterator[str]:
        mark = "✓" if told.holds else "✗"
        yield f"{_INDENT * depth}{mark} {self._line(told)}"
        for part in told.parts:
            yield from self.lines(part, depth + 1)

    def _line(self, told: Reason) -> str:
        sentence = self._asked(told)
        seen = self._seen(told)
        line = self.words.seen.format(sentence=sentence, seen=seen) if seen else sentence
        return line if told.value is None else self.words.value.format(value=told.value, sentence=line)

    def _asked(self, told: Reason) -> str:
        match told.condition:
            case All():
                return self.words.all
            case AnyOf():
                return self.words.any
            case Not():
                return self.words.none
            case _:
                return explain(told.condition, self.language)

    def _seen(self, told: Reason) -> str:
        seen = told.seen
        match told.condition:
            case Did():
                return self._joined(self._times(seen), self._last(seen))
            case Measure():
                return self._joined(self._number(seen.get("value"), told.condition), self._last(seen))
            case Change():
                return self._joined(self._change(seen), self._first(seen))
            case Trait() | ConsentIs() | AssignedIs():
                return self._told(seen)
            case Rank() | DidInOrder() | DidWithout() | Seen():
                return self._related(told)
            case TagIs() if "value" in seen:
                return self._value(seen["value"], self.words.no_value)
            case InSegment():
                return self._instant(self.words.entered, seen, "entered_at")
            case _:
                return ""

    def _related(self, told: Reason) -> str:
        seen = told.seen
        match told.condition:
            case Rank():
                value = self._number(seen.get("value"), told.condition)
                return self._joined(value, self._border(seen, told.condition))
            case DidInOrder():
                return self._steps(seen.get("counts"))
            case DidWithout():
                did = self._instant(self.words.did, seen, "did_at") or self.words.never
                return self._joined(did, self._instant(self.words.answered, seen, "answered_at"))
            case _:
                return self._instant(self.words.at, seen, "at") or self.words.unseen

    def _border(self, seen: Mapping[str, Finding], asked: Rank) -> str:
        border, at = seen.get("border"), seen.get("found_at")
        if not isinstance(at, datetime):
            return ""
        words = self.words.nobody if border is None else self.words.border
        return words.format(
            border=self._number(border, asked), people=self._value(seen.get("people"), ""), at=self._local(at)
        )

    def _times(self, seen: Mapping[str, Finding]) -> str:
        count = seen.get("count")
        if not isinstance(count, int) or not count:
            return self.words.never
        return self.words.once if count == 1 else self.words.times.format(count=number_text(count))

    def _last(self, seen: Mapping[str, Finding]) -> str:
        return self._instant(self.words.last, seen, "last_at")

    def _first(self, seen: Mapping[str, Finding]) -> str:
        return self._instant(self.words.first_seen, seen, "first_seen_at")

    def _change(self, seen: Mapping[str, Finding]) -> str:
        now, before = seen.get("now"), seen.get("before")
        if now is None or before is None:
            return self.words.no_change
        numbers = {"now": self._value(now, ""), "before": self._value(before, "")}
        percent = seen.get("percent")
        if isinstance(percent, int | float):
            return self.words.change.format(percent=f"{percent:+.1f}", **numbers)
        return self.words.difference.format(**numbers)

    def _steps(self, counts: Finding) -> str:
        each = counts if isinstance(counts, list) else []
        said = [
            self.words.step.format(number=number, times=self._times({"count": count}))
            for number, count in enumerate(each, start=1)
        ]
        return self._joined(*said)

    def _told(self, seen: Mapping[str, Finding]) -> str:
        at = seen.get("told_at")
        if not isinstance(at, datetime):
            return self.words.untold
        value = self._value(seen.get("value"), self.words.no_value)
        return self.words.told.format(value=value, at=self._local(at), source=seen.get("source"))

    def _value(self, value: Finding, missing: str) -> str:
        match value:
            case None | []:
                return missing
            case float() | int() if not isinstance(value, bool):
                return number_text(round(value, 4))
            case list():
                return self._joined(*(self._value(one, missing) for one in value))
            case bool() | str():
                return f"“{text_of(value)}”"
            case _:
                return str(value)

    def _number(self, value: Finding, asked: Measure | Rank) -> str:
        """What an aggregate came to; ages are days."""
        text = self._value(value, self.words.missing)
        if value is None or asked.aggregate.kind not in ("first_ago", "last_ago"):
            return text
        return (self.words.day if value == 1 else self.words.days).format(value=text)

    def _instant(self, words: str, seen: Mapping[str, Finding], name: str) -> str:
        at = seen.get(name)
        return words.format(at=self._local(at)) if isinstance(at, datetime) else ""

    def _local(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone.rules):%Y-%m-%d %H:%M}"

    def _joined(self, *said: str) -> str:
        return self.words.comma.join(one for one in said if one)
