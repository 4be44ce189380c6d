"""The demo: a year of shopping imported and understood, its last weeks replayed, and what that says."""

from collections.abc import Mapping
from pathlib import Path

from perennial.kernel.clock import Clock
from perennial.kernel.values import Json
from perennial.showcase.documents import document
from perennial.showcase.history import Progress, import_history
from perennial.showcase.household_year import HouseholdYear, load, weeks_to_shift
from perennial.showcase.position import Position
from perennial.showcase.replay import JOURNEY, REPLAY, SPAN, replay
from perennial.wiring import open_app

SEGMENTS = ("spending_fell", "regulars", "lapsed", "coupon_users")
TAGS = ("lifecycle", "rfm")
WHY: Mapping[str, Json] = {
    "en": (
        "These households never received our mail: they shopped years before it was written. The true effect"
        " is zero, so an honest read-out shows none, or says that it cannot be measured."
    ),
    "zh-CN": (
        "这些家庭从未收到过我们的邮件：他们的购物早在邮件写成之前多年就已发生。真实效果为零，"
        "因此诚实的结果应当是“未发现效果”或“无法衡量”。"
    ),
}


def run_demo(home: Path, *, workspace: str, clock: Clock, progress: Progress) -> Mapping[str, Json]:
    """Load what is missing, replay what is left, and give the summary of `perennial demo --once --json`.

    `events` and `counts_by_event` count the data set's events once, in the named workspace; `journeys`,
    `messages` and `read_outs` are the replay's. Repeating reuses what is there, the shift included.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    position = Position.of(home, weeks=weeks_to_shift(clock.now()))
    year = load(weeks=position.weeks)
    understood = _understand(home, workspace, year, position, clock, progress)
    read_out = replay(home, year, position, progress)
    return {
        **understood,
        "journeys": {JOURNEY: _entered(read_out)},
        "messages": read_out["messages"],
        "read_outs": {JOURNEY: read_out},
        "shifted_weeks": position.weeks,
        "replay": {
            "workspace": REPLAY,
            "from": (year.last_event_at - SPAN).isoformat(),
            "to": year.last_event_at.isoformat(),
            "declared": "email addresses at example.invalid, and email/marketing consent with proof 'demo'",
            "true_effect": 0,
        },
        "why": WHY,
    }


def _understand(
    home: Path, name: str, year: HouseholdYear, position: Position, clock: Clock, progress: Progress
) -> Mapping[str, Json]:
    """The whole year in the named workspace, with its segments and tags."""
    with open_app(home, clock=clock) as app:
        app.init(name)
        workspace = app.workspace(name)
        if position.imported_into != name:
            import_history(workspace, year, until=None, progress=progress)
            position.imported(name)
        for segment in SEGMENTS:
            workspace.save_segment(document(f"segment_{segment}"))
        for tag in TAGS:
            workspace.save_tag(document(f"tag_{tag}"))
        progress("asking segments and tags", 0, 1)
        segments = workspace.refresh_segments()
        workspace.refresh_tags()
        progress("asking segments and tags", 1, 1)
        return {
            "events": workspace.count_events(),
            "people": workspace.count_people(),
            "counts_by_event": dict(workspace.counts_by_event()),
            "segments": dict(segments),
        }


def _entered(read_out: Mapping[str, Json]) -> Mapping[str, Json]:
    """How often each node was entered."""
    nodes = read_out["nodes"]
    if not isinstance(nodes, Mapping):
        return {}
    return {name: node["entered"] for name, node in nodes.items() if isinstance(node, Mapping)}
