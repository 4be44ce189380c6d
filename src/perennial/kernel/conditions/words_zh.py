"""Conditions in 简体中文."""

from collections.abc import Sequence
from typing import assert_never

from perennial.kernel.conditions.model import (
    All,
    AnyOf,
    AssignedIs,
    Change,
    Condition,
    ConsentIs,
    Constant,
    Did,
    DidInOrder,
    DidWithout,
    EventPattern,
    InSegment,
    Measure,
    Not,
    OfEvents,
    Question,
    Rank,
    Seen,
    TagIs,
    Trait,
)
from perennial.kernel.conditions.phrases_zh import (
    aggregate_text,
    amount_text,
    event_text,
    glue,
    order_text,
    ranked_text,
    span_text,
    value_test,
    where_text,
    window_text,
)
from perennial.kernel.conditions.wording import Names, is_never, is_once, number_text


def sentence(condition: Condition, names: Names) -> str:
    """The condition as a sentence about one person."""
    said = clause(condition, names)
    owner = "此人的" if said.startswith((_TRAIT, _TAG)) else "此人"
    return glue(owner, said, "。")


_TRAIT, _TAG, _STORED_TAG = "特征", "标签", "已存标签"


def clause(condition: Condition, names: Names) -> str:
    """The condition as what follows 此人."""
    match condition:
        case Constant():
            return "可以是任何人" if condition.value else "不可能存在"
        case All():
            return _joined(condition.of, "，并且", names)
        case AnyOf():
            return _joined(condition.of, "，或者", names)
        case Not():
            return _negated(condition.of, names)
        case _:
            return _question(condition, names)


def _question(condition: Question, names: Names) -> str:
    match condition:
        case Trait():
            return glue(_TRAIT, value_test(names("trait", condition.trait), condition.test))
        case TagIs():
            tag = _STORED_TAG if condition.is_stored else _TAG
            return glue(tag, value_test(names("tag", condition.tag), condition.test))
        case InSegment():
            return f"属于分群“{names('segment', condition.segment)}”"
        case ConsentIs():
            return _consent(condition)
        case AssignedIs():
            return _assigned(condition)
        case _:
            return _of_events(condition, names)


def _of_events(condition: OfEvents, names: Names) -> str:
    match condition:
        case Did():
            return _did(condition, names)
        case Measure():
            return _measure(condition, names)
        case Change():
            return _change(condition, names)
        case Rank():
            return _rank(condition, names)
        case DidInOrder():
            return _in_order(condition, names)
        case DidWithout():
            return _without(condition, names)
        case Seen():
            return _seen(condition)
        case _:
            assert_never(condition)


def _joined(conditions: Sequence[Condition], word: str, names: Names) -> str:
    said = [_bracketed(each, names) if len(conditions) > 1 else clause(each, names) for each in conditions]
    return word.join(said)


def _bracketed(condition: Condition, names: Names) -> str:
    said = clause(condition, names)
    return f"（{said}）" if isinstance(condition, All | AnyOf) and len(condition.of) > 1 else said


def _negated(condition: Condition, names: Names) -> str:
    match condition:
        case InSegment():
            return f"不属于分群“{names('segment', condition.segment)}”"
        case Did() if is_once(condition.times):
            return _never(condition, names)
        case Not():
            return clause(condition.of, names)
        case _:
            return glue("并非", _bracketed(condition, names))


def _did(did: Did, names: Names) -> str:
    if is_never(did.times):
        return _never(did, names)
    event, where = event_text(did.pattern, names), where_text(did.pattern, names)
    if did.times.operator == "!=" and not is_once(did.times):
        event, where = event_text(did.pattern, names), where_text(did.pattern, names)
        return glue(window_text(did.window), event, "的次数", order_text(did.times), where)
    often = "" if is_once(did.times) else amount_text(did.times, "次")
    return glue(
        window_text(did.window),
        "发生过",
        often,
        event_text(did.pattern, names),
        where_text(did.pattern, names),
    )


def _never(did: Did, names: Names) -> str:
    never = "从未发生过" if did.window is None else "没有发生过"
    return glue(
        window_text(did.window), never, event_text(did.pattern, names), where_text(did.pattern, names)
    )


def _measure(measure: Measure, names: Names) -> str:
    kind = measure.aggregate.kind
    window, where = window_text(measure.window), where_text(measure.pattern, names)
    event = event_text(measure.pattern, names)
    match kind:
        case "count":
            return glue(window, "发生过", amount_text(measure.test, "次"), event, where)
        case "days":
            return glue(window, "有", amount_text(measure.test, "天"), "发生过", event, where)
        case "streak":
            return glue(window, "到目前为止连续", amount_text(measure.test, "天"), "发生过", event, where)
        case "first_ago" | "last_ago":
            end = "首次" if kind == "first_ago" else "最近一次"
            return glue(window, end, "发生", event, "距今", amount_text(measure.test, "天"), where)
        case _:
            return glue(
                window, event, "的", aggregate_text(measure.aggregate, names), order_text(measure.test), where
            )


def _change(change: Change, names: Names) -> str:
    notes = [] if change.floor is None else [f"基准值须不小于 {number_text(change.floor)}"]
    notes += ["新用户也计入"] if change.include_new else []
    return glue(
        "最近",
        span_text(change.over),
        "内",
        event_text(change.pattern, names),
        "的",
        aggregate_text(change.aggregate, names),
        _moved(change),
        where_text(change.pattern, names),
        f"（{'，'.join(notes)}）" if notes else "",
    )


def _moved(change: Change) -> str:
    """How far something moved: a fall is said as a fall where the numbers allow it."""
    suffix = "%" if change.percent else ""
    test, against = change.test, _against(change)
    if isinstance(test.literal, int | float) and test.literal:
        size = f"{number_text(abs(test.literal))}{suffix}"
        if test.literal < 0 and test.operator in ("<", "<="):
            return glue("比", against, f"下降{'至少' if test.operator == '<=' else '超过'}", size)
        if test.literal > 0 and test.operator in (">", ">="):
            return glue("比", against, f"上升{'至少' if test.operator == '>=' else '超过'}", size)
    return glue("与", against, "相比，变化", order_text(test, suffix))


def _against(change: Change) -> str:
    if change.against.shift is not None:
        return glue(span_text(change.against.shift), "前的同一时段")
    if change.against.windows == 1:
        return glue("之前", span_text(change.over))
    return glue("之前", str(change.against.windows), "个", span_text(change.over), "时段的平均值")


def _rank(rank: Rank, names: Names) -> str:
    what = glue(event_text(rank.pattern, names), "的", ranked_text(rank.aggregate, names))
    place = glue("排在前" if rank.side == "top" else "排在后", f"{number_text(rank.percent)}%")
    among = "" if rank.among is None else glue("（只在满足“", clause(rank.among, names), "”的人中排名）")
    return glue(window_text(rank.window), what, place, where_text(rank.pattern, names), among)


def _in_order(asked: DidInOrder, names: Names) -> str:
    steps = "，然后 ".join(glue(event_text(step, names), where_text(step, names)) for step in asked.steps)
    notes = [] if asked.span is None else [glue("全部在首个之后", span_text(asked.span), "内")]
    notes += _same(asked.steps, asked.same, names)
    return glue(window_text(asked.window), "依次发生过", steps, f"（{'，'.join(notes)}）" if notes else "")


def _without(asked: DidWithout, names: Names) -> str:
    done, other = (
        glue(event_text(pattern, names), where_text(pattern, names))
        for pattern in (asked.after, asked.without)
    )
    ages = glue("距今至少", span_text(asked.wait), "、不到", span_text(asked.wait + asked.until))
    notes = _same((asked.after, asked.without), asked.same, names)
    return glue(
        "最近一次发生", done, ages, "，此后没有发生过", other, f"（{'，'.join(notes)}）" if notes else ""
    )


def _same(steps: Sequence[EventPattern], same: Sequence[str] | None, names: Names) -> list[str]:
    if same is None:
        return []
    if len(set(same)) == 1:
        return [glue(names("property", same[0]), "相同")]
    parts = {
        glue(event_text(step, names), "的", names("property", name)): None
        for step, name in zip(steps, same, strict=True)
    }
    return [glue("与".join(f" {part} " for part in parts).strip(), "相同")]


def _seen(seen: Seen) -> str:
    if seen.window is None:
        return "曾经活跃过"
    return glue("首次活跃在" if seen.end == "first" else "最近一次活跃在", window_text(seen.window))


def _consent(consent: ConsentIs) -> str:
    name = f"{consent.channel}/{consent.topic}"
    match consent.test.operator, consent.test.literal:
        case "=", "granted":
            return glue("已同意", name)
        case "=", _:
            return glue("已撤回对", name, "的同意")
        case "set", wanted:
            return glue("对", name, "表示过同意或撤回" if wanted else "从未表示过同意或撤回")
        case _:
            return glue("对", value_test(glue(name, "的同意状态"), consent.test))


def _assigned(assigned: AssignedIs) -> str:
    match assigned.test.operator, assigned.test.literal:
        case "=", arm:
            return glue("在", assigned.journey, f"中被分到“{arm}”")
        case "set", wanted:
            return glue("在", assigned.journey, "中已被分组" if wanted else "中没有被分组")
        case _:
            return glue("在", value_test(glue(assigned.journey, "中的分组"), assigned.test))
