"""Rehearsals of an installation without engines: canned answers, and what was asked."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from perennial.decide.playbook import PLAYS, Play, play

Row = Mapping[str, object]
_WARNING = "no_goal"
_NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class RehearsalAnswers:
    """Examples that come out as expected, and a past in which one person came."""

    def _note(self, method: str, given: object) -> None:
        """Remember a question."""
        raise NotImplementedError

    def test_journey(self, text: str) -> Row:
        """One example, as expected."""
        self._note("test_journey", text)
        example = {"name": "left", "ok": True, "path": ["pause"], "messages": [], "mismatches": []}
        return {"journey": "winback", "ok": True, "passed": 1, "failed": 0, "examples": [example]}

    def lint_journey(self, text: str) -> Sequence[Row]:
        """It has no goal."""
        self._note("lint_journey", text)
        return [{"path": "$", "code": _WARNING, "message": "The journey has no goal.", "hint": "", "line": 1}]

    def list_plays(self) -> Sequence[str]:
        """The real ones."""
        return PLAYS

    def show_play(self, name: str) -> Play:
        """The real one."""
        return play(name)

    def diff_journey(self, text: str) -> Row:
        """The wait is longer, and two people stand there."""
        self._note("diff_journey", text)
        change = {
            "path": "$.nodes.pause.wait",
            "kind": "changed",
            "node": "pause",
            "before": "24h",
            "after": "48h",
            "people": 2,
            "reading": {"en": "wait of node pause becomes 48h; it was 24h."},
        }
        return {"journey": "winback", "version": 1, "same": False, "active": 2, "changes": [change]}

    def backtest_journey(self, order: object, *, watching: object) -> Row:
        """One person came in."""
        self._note("backtest_journey", order)
        return _report()

    def show_backtest(self, backtest_id: str) -> Row:
        """The same."""
        self._note("show_backtest", backtest_id)
        return _report()

    def list_backtests(self, *, limit: int, after: str | None) -> tuple[Sequence[Row], str | None]:
        """One."""
        self._note("list_backtests", (limit, after))
        span = {"from": _NOW, "to": _NOW}
        return [{"backtest": "bt_1", "journey": "winback", **span, "ran_at": _NOW, "entered": 1}], None


def _report() -> Row:
    return {
        "backtest": "bt_1",
        "journey": "winback",
        "from": _NOW.isoformat(),
        "to": _NOW.isoformat(),
        "step_seconds": 60,
        "events": 2,
        "entered": 1,
        "arms": {"treated": 1},
        "nodes": {"pause": {"entered": 1, "left": {"then": 1}}},
        "outcomes": {},
        "not_entered": {},
        "messages": {"email": 1},
        "withheld": {},
        "held": {},
        "dropped": {},
        "still_held": 0,
        "goal": {"reached": 0, "matured": 1, "base_rate": 0.0},
        "assumed": {},
        "control": {"share": None, "base_rate": 0.0, "entered_per_day": 1.0, "needed": []},
        "segments": {},
    }
