"""What a draft changes of the published version: part by part, in words. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from perennial.decide.journeys.model import Journey
from perennial.decide.journeys.words import conditions_in
from perennial.decide.journeys.write import journey_document
from perennial.kernel.conditions import LANGUAGES, Language, explain
from perennial.kernel.ids import NodeId
from perennial.kernel.values import Json, canonical

ChangeKind = Literal["added", "removed", "changed"]
_BESIDE_NODES = ("name", "entry", "reentry", "goal", "exit", "control", "start")
_OF_ENTRY = ("on", "key", "if", "max_age")
_Words = Mapping[Language, str]

_PARTS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "name": "The name",
        "entry.on": "What starts the journey",
        "entry.key": "The key",
        "entry.if": "The entry's condition",
        "entry.max_age": "The greatest age of events that start it",
        "reentry": "The rule of re-entry",
        "goal": "The goal",
        "exit": "The exit rules",
        "control": "The control",
        "start": "The first node",
    },
    "zh-CN": {
        "name": "名称",
        "entry.on": "旅程的触发方式",
        "entry.key": "键",
        "entry.if": "进入条件",
        "entry.max_age": "可触发旅程的事件的最长时效",
        "reentry": "再次进入的规则",
        "goal": "目标",
        "exit": "退出规则",
        "control": "对照组",
        "start": "起始节点",
    },
}
_FORMS: Mapping[Language, Mapping[ChangeKind, str]] = {
    "en": {
        "added": "{place} is new: {after}.",
        "removed": "{place} goes: it was {before}.",
        "changed": "{place} becomes {after}; it was {before}.",
    },
    "zh-CN": {
        "added": "新增{place}：{after}。",
        "removed": "移除{place}，原为 {before}。",
        "changed": "{place}改为 {after}，原为 {before}。",
    },
}
_NODE: _Words = {"en": "Node {node}", "zh-CN": "节点 {node} "}
_PART_OF_NODE: _Words = {"en": "The {part} of node {node}", "zh-CN": "节点 {node} 的 {part} "}
_HEADS: _Words = {
    "en": " {people} people stand there; they stay on version {version}.",
    "zh-CN": " 有 {people} 人停留在那里，他们继续使用版本 {version}。",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One part that is not as it was."""

    path: str
    kind: ChangeKind
    node: NodeId | None
    """The node it belongs to; None beside the chart."""
    before: Json
    after: Json


def changes(before: Journey, after: Journey) -> Iterator[Change]:
    """Every part in which two versions differ, in the order of the document."""
    old, new = journey_document(before), journey_document(after)
    for key in _BESIDE_NODES:
        parts = [("entry", one) for one in _OF_ENTRY] if key == "entry" else [(key, "")]
        for outer, inner in parts:
            path = f"{outer}.{inner}" if inner else outer
            yield from _changed(f"$.{path}", None, _part(old, outer, inner), _part(new, outer, inner))
    were, are = _mapping(old["nodes"]), _mapping(new["nodes"])
    for node in dict.fromkeys([*were, *are]):
        yield from _of_node(NodeId(node), were.get(node), are.get(node))


def sentences(
    change: Change, before: Journey, after: Journey, *, people: int, version: int
) -> dict[str, str]:
    """A change in words, by language, with how many people stand at its node."""
    return {
        language: _sentence(change, _conditions(before, language), _conditions(after, language), language)
        + (_HEADS[language].format(people=people, version=version) if people else "")
        for language in LANGUAGES
    }


def _of_node(node: NodeId, before: Json, after: Json) -> Iterator[Change]:
    path = f"$.nodes.{node}"
    was, will = _mapping(before), _mapping(after)
    if not was or not will or next(iter(was)) != next(iter(will)):
        yield from _changed(path, node, before, after)
        return
    for key in dict.fromkeys([*was, *will]):
        first, second = was.get(key), will.get(key)
        inner = _mapping(first), _mapping(second)
        if key == "send" and all(inner):
            for part in dict.fromkeys([*inner[0], *inner[1]]):
                yield from _changed(f"{path}.send.{part}", node, inner[0].get(part), inner[1].get(part))
        else:
            yield from _changed(f"{path}.{key}", node, first, second)


def _changed(path: str, node: NodeId | None, before: Json, after: Json) -> Iterator[Change]:
    if canonical(before) == canonical(after):
        return
    kind: ChangeKind = "added" if before is None else "removed" if after is None else "changed"
    yield Change(path=path, kind=kind, node=node, before=before, after=after)


def _sentence(change: Change, old: Mapping[str, str], new: Mapping[str, str], language: Language) -> str:
    key = change.path.removeprefix("$.")
    if change.node is None:
        place = _PARTS[language][key]
    else:
        part = key.removeprefix(f"nodes.{change.node}").removeprefix(".")
        form = _PART_OF_NODE if part else _NODE
        place = form[language].format(node=change.node, part=part)
    return _FORMS[language][change.kind].format(
        place=place,
        before=_told(change, change.before, old),
        after=_told(change, change.after, new),
    )


def _told(change: Change, value: Json, conditions: Mapping[str, str]) -> str:
    """A value in short; conditions in words."""
    if change.path == "$.entry.if" and "entry" in conditions:
        return conditions["entry"]
    if change.node is not None and change.path.endswith(".branch"):
        own = [text for place, text in conditions.items() if place.startswith(f"{change.node}.")]
        return " / ".join(own)
    return value if isinstance(value, str) else canonical(value).decode()


def _conditions(journey: Journey, language: Language) -> dict[str, str]:
    return {place: explain(condition, language).rstrip(".。") for place, condition in conditions_in(journey)}


def _part(document: Mapping[str, Json], outer: str, inner: str) -> Json:
    found = document.get(outer)
    return _mapping(found).get(inner) if inner else found


def _mapping(value: Json) -> Mapping[str, Json]:
    nothing: dict[str, Json] = {}
    return value if isinstance(value, Mapping) else nothing
