"""Reading the nodes of a journey's chart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from perennial.decide.journeys.clocks import read_clock_wait
from perennial.decide.journeys.grammar import (
    IDENTIFIER,
    LATER_CHANNELS,
    LATER_NODES,
    MATCH_KEYS,
    NODE_KEYS,
    SEND_KEYS,
    JourneyVocabulary,
)
from perennial.decide.journeys.matches import read_match
from perennial.decide.journeys.model import (
    CHANNELS,
    DEFAULT_PRIORITY,
    Branch,
    BranchArm,
    EventMatch,
    Exit,
    Join,
    Node,
    Send,
    Split,
    SplitArm,
    Wait,
    WaitUntil,
)
from perennial.decide.journeys.reading import JourneyProblems
from perennial.decide.policies.model import BEST_HOUR, Timing
from perennial.decide.policies.parse import read_wall
from perennial.kernel.conditions.comparisons import read_span
from perennial.kernel.conditions.parse import parse_condition
from perennial.kernel.errors import nearest
from perennial.kernel.ids import NodeId, TemplateId
from perennial.kernel.values import Json


@dataclass(slots=True)
class Chart:
    """The nodes that could be read, every name that was given to one, and where each edge stands."""

    known: dict[NodeId, Node] = field(default_factory=dict[NodeId, Node])
    named: set[NodeId] = field(default_factory=set[NodeId])
    edges: list[tuple[str, NodeId]] = field(default_factory=list[tuple[str, NodeId]])
    """Path in the document and target, also of nodes that could not be read."""


class NodeReader:
    """Reads `nodes`; mistakes go to the document's list."""

    def __init__(self, problems: JourneyProblems, known: JourneyVocabulary) -> None:
        self._problems = problems
        self._known = known
        self._chart = Chart()
        self._kinds: Mapping[str, Callable[[Mapping[str, Json], str], Node | None]] = {
            "wait": self._wait,
            "wait_until": self._wait_until,
            "branch": self._branch,
            "split": self._split,
            "send": self._send,
            "join": self._join,
            "exit": self._exit,
        }

    def nodes(self, document: Mapping[str, Json]) -> Chart | None:
        """All nodes; None where there are none to speak of."""
        if not self._problems.required(document, "nodes", "$", what="A journey"):
            return None
        nodes = self._problems.mapping(document["nodes"], "$.nodes", what="The nodes")
        if nodes is None:
            return None
        if not nodes:
            self._problems.add("$.nodes", "empty_chart", "The chart has no nodes.", "Add at least an exit.")
            return None
        for name, written in nodes.items():
            path = f"$.nodes.{name}"
            self._chart.named.add(NodeId(name))
            if not IDENTIFIER.fullmatch(name):
                hint = "Use letters, digits, _ and -, at most 64."
                self._problems.add(path, "bad_id", f"{name!r} is no node's id.", hint)
            node = self._node(written, path)
            if node is not None:
                self._chart.known[NodeId(name)] = node
        return self._chart

    def _node(self, written: Json, path: str) -> Node | None:
        found = self._problems.mapping(written, path, what="A node")
        if found is None:
            return None
        later = [key for key in found if key in LATER_NODES]
        if later:
            self._problems.not_built_yet(f"{path}.{later[0]}", f"A `{later[0]}` node")
            self._follow_loosely(found, path)
            return None
        kinds = [key for key in found if key in NODE_KEYS]
        if len(kinds) != 1:
            self._no_single_kind(found, kinds, path)
            return None
        kind = kinds[0]
        self._problems.keys(found, NODE_KEYS[kind], path)
        return self._kinds[kind](found, path)

    def _no_single_kind(self, found: Mapping[str, Json], kinds: list[str], path: str) -> None:
        if kinds:
            message = f"A node has one kind, not {' and '.join(kinds)}."
            self._problems.add(path, "several_kinds", message)
            return
        word = next((key for key in found if key not in ("then", "else")), "")
        where = f"{path}.{word}" if word else path
        message = f"{word!r} is no kind of node." if word else "The node has no kind."
        self._problems.add(where, "unknown_node_kind", message, nearest(word, NODE_KEYS))
        self._follow_loosely(found, path)

    def _follow_loosely(self, found: Mapping[str, Json], path: str) -> None:
        """Note where an unreadable node leads, so that what lies behind is not called unreachable."""
        for key in ("then", "else", "on_timeout", "on_error"):
            target = found.get(key)
            if isinstance(target, str):
                self._chart.edges.append((f"{path}.{key}", NodeId(target)))

    def _edge(self, found: Mapping[str, Json], key: str, path: str, *, what: str) -> NodeId | None:
        if not self._problems.required(found, key, path, what=what):
            return None
        target = self._problems.name(found[key], f"{path}.{key}", what="A node's id")
        if target is None:
            return None
        self._chart.edges.append((f"{path}.{key}", NodeId(target)))
        return NodeId(target)

    def _wait(self, found: Mapping[str, Json], path: str) -> Node | None:
        then = self._edge(found, "then", path, what="A wait")
        restart_on = self._restart(found, path)
        span, where = found["wait"], f"{path}.wait"
        if isinstance(span, Mapping):
            return read_clock_wait(span, where, self._problems, then=then, restart_on=restart_on)
        duration = read_span(span, where, self._problems, what="A wait")
        if then is None or duration is None:
            return None
        return Wait(duration=duration, restart_on=restart_on, then=then)

    def _wait_until(self, found: Mapping[str, Json], path: str) -> Node | None:
        then = self._edge(found, "then", path, what="A wait")
        on_timeout = self._edge(found, "on_timeout", path, what="A wait for something")
        at_most = None
        if self._problems.required(found, "at_most", path, what="A wait for something"):
            at_most = read_span(found["at_most"], f"{path}.at_most", self._problems, what="`at_most`")
        match = self._match_at(found["wait_until"], f"{path}.wait_until", what="A wait for something")
        restart_on = self._restart(found, path)
        if then is None or on_timeout is None or at_most is None or match is None:
            return None
        return WaitUntil(
            match=match, at_most=at_most, restart_on=restart_on, then=then, on_timeout=on_timeout
        )

    def _restart(self, found: Mapping[str, Json], path: str) -> EventMatch | None:
        if "restart_on" not in found:
            return None
        return self._match_at(found["restart_on"], f"{path}.restart_on", what="What a wait begins anew at")

    def _match_at(self, written: Json, path: str, *, what: str) -> EventMatch | None:
        match = self._problems.mapping(written, path, what=what)
        return None if match is None else read_match(match, path, MATCH_KEYS, self._problems, what=what)

    def _branch(self, found: Mapping[str, Json], path: str) -> Node | None:
        otherwise = self._edge(found, "else", path, what="A branch")
        listed = self._problems.sequence(found["branch"], f"{path}.branch", what="A branch")
        arms = [self._branch_arm(arm, f"{path}.branch[{place}]") for place, arm in enumerate(listed or ())]
        read = tuple(arm for arm in arms if arm is not None)
        if otherwise is None or not arms or len(read) < len(arms):
            return None
        return Branch(arms=read, otherwise=otherwise)

    def _branch_arm(self, written: Json, path: str) -> BranchArm | None:
        arm = self._problems.mapping(written, path, what="An arm of a branch")
        if arm is None:
            return None
        self._problems.keys(arm, ("if", "then"), path)
        then = self._edge(arm, "then", path, what="An arm of a branch")
        if not self._problems.required(arm, "if", path, what="An arm of a branch"):
            return None
        known = self._known.conditions
        condition = self._problems.take(lambda: parse_condition(arm["if"], path=f"{path}.if", known=known))
        return None if then is None or condition is None else BranchArm(condition=condition, then=then)

    def _split(self, found: Mapping[str, Json], path: str) -> Node | None:
        path = f"{path}.split"
        split = self._problems.mapping(found["split"], path, what="A split")
        if split is None:
            return None
        self._problems.keys(split, ("arms", "method"), path)
        self._problems.word(split.get("method", "fixed"), f"{path}.method", ("fixed",), later=("adaptive",))
        if not self._problems.required(split, "arms", path, what="A split"):
            return None
        listed = self._problems.sequence(split["arms"], f"{path}.arms", what="The arms of a split")
        arms = [self._split_arm(arm, f"{path}.arms[{place}]") for place, arm in enumerate(listed or ())]
        read = tuple(arm for arm in arms if arm is not None)
        if len({arm.arm_id for arm in read}) < len(read):
            message = "Two arms have the same id."
            self._problems.add(f"{path}.arms", "duplicate_arm", message, "Give every arm an id of its own.")
        return Split(arms=read) if read and len(read) == len(arms) else None

    def _split_arm(self, written: Json, path: str) -> SplitArm | None:
        arm = self._problems.mapping(written, path, what="An arm of a split")
        if arm is None:
            return None
        self._problems.keys(arm, ("id", "weight", "then"), path)
        then = self._edge(arm, "then", path, what="An arm of a split")
        has_id = self._problems.required(arm, "id", path, what="An arm of a split")
        arm_id = self._problems.name(arm["id"], f"{path}.id", what="An arm's id") if has_id else None
        has_weight = self._problems.required(arm, "weight", path, what="An arm of a split")
        where = f"{path}.weight"
        weight = self._problems.number(arm["weight"], where, what="A weight") if has_weight else None
        if weight is not None and weight <= 0:
            message = f"A weight is above 0, not {weight:g}."
            self._problems.add(where, "bad_weight", message, "Leave the arm out instead.")
        if then is None or arm_id is None or weight is None:
            return None
        return SplitArm(arm_id=arm_id, weight=weight, then=then)

    def _send(self, found: Mapping[str, Json], path: str) -> Node | None:
        then = self._edge(found, "then", path, what="A send")
        path = f"{path}.send"
        send = self._problems.mapping(found["send"], path, what="A send")
        if send is None:
            return None
        self._problems.keys(send, SEND_KEYS, path)
        present = [
            self._problems.required(send, key, path, what="A send")
            for key in ("channel", "template", "topic")
        ]
        if not all(present):
            return None
        channel = self._problems.word(send["channel"], f"{path}.channel", CHANNELS, later=LATER_CHANNELS)
        templates = self._known.templates
        template = self._problems.reference(send["template"], f"{path}.template", templates, what="template")
        topic = self._problems.name(send["topic"], f"{path}.topic", what="A topic")
        over_cap = self._problems.word(send.get("over_cap", "hold"), f"{path}.over_cap", ("hold", "drop"))
        self._refuse_on_drop(send, path)
        expires = None
        if "expires" in send:
            expires = read_span(send["expires"], f"{path}.expires", self._problems, what="`expires`")
        priority, value = self._priority(send, path), self._value(send, path)
        at = self._timing(send, path)
        if then is None or channel is None or template is None or topic is None:
            return None
        return Send(
            channel=next(one for one in CHANNELS if one == channel),
            template=TemplateId(template),
            topic=topic,
            priority=priority,
            value=value,
            at=at,
            expires=expires,
            over_cap="drop" if over_cap == "drop" else "hold",
            then=then,
        )

    def _refuse_on_drop(self, send: Mapping[str, Json], path: str) -> None:
        if send.get("on_drop", "continue") != "continue":
            self._problems.not_built_yet(f"{path}.on_drop", "An edge for dropped messages")

    def _value(self, send: Mapping[str, Json], path: str) -> float:
        if "value" not in send:
            return 0
        value = self._problems.number(send["value"], f"{path}.value", what="`value`")
        if value is not None and value < 0:
            self._problems.add(f"{path}.value", "bad_value", "What a message is worth is 0 or more.")
        return value or 0

    def _timing(self, send: Mapping[str, Json], path: str) -> Timing | None:
        if "at" not in send:
            return None
        if send["at"] == BEST_HOUR:
            return BEST_HOUR
        return read_wall(send["at"], f"{path}.at", self._problems)

    def _priority(self, send: Mapping[str, Json], path: str) -> int:
        written = send.get("priority", DEFAULT_PRIORITY)
        if isinstance(written, int) and not isinstance(written, bool) and 0 <= written <= 100:
            return written
        message = f"A priority is a whole number from 0 to 100, not {written!r}."
        self._problems.add(f"{path}.priority", "bad_priority", message)
        return DEFAULT_PRIORITY

    def _join(self, found: Mapping[str, Json], path: str) -> Node | None:
        if found["join"] not in (None, True, {}):
            self._problems.add(f"{path}.join", "wrong_type", "A join has no settings.", "Write `join: true`.")
        then = self._edge(found, "then", path, what="A join")
        return None if then is None else Join(then=then)

    def _exit(self, found: Mapping[str, Json], path: str) -> Node | None:
        path = f"{path}.exit"
        written = self._problems.mapping(found["exit"], path, what="An exit")
        if written is None:
            return None
        self._problems.keys(written, ("outcome",), path)
        if not self._problems.required(written, "outcome", path, what="An exit"):
            return None
        outcome = self._problems.name(written["outcome"], f"{path}.outcome", what="An outcome")
        return None if outcome is None else Exit(outcome=outcome)
