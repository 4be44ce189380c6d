"""What the edges need of a workspace about journeys that are not live yet."""

from collections.abc import Sequence
from typing import Protocol

from perennial.api.answers import Answer, Page
from perennial.runtime.exports import Watching
from perennial.runtime.rehearsing.service import BacktestOrder


class Rehearsals(Protocol):
    """Examples and backtests."""

    def test_journey(self, text: str) -> Answer:
        """Run the examples of a journey's file."""
        ...

    def lint_journey(self, text: str) -> Sequence[Answer]:
        """What is allowed and probably not meant."""
        ...

    def list_plays(self) -> Sequence[str]:
        """The playbook: ready journeys that we ship."""
        ...

    def show_play(self, name: str) -> Answer:
        """One of them, with its files as texts."""
        ...

    def diff_journey(self, text: str) -> Answer:
        """What a draft changes of the newest version."""
        ...

    def backtest_journey(self, order: BacktestOrder, *, watching: Watching) -> Answer:
        """Run a draft over the recorded past."""
        ...

    def show_backtest(self, backtest_id: str) -> Answer:
        """A report that is kept."""
        ...

    def list_backtests(self, *, limit: int, after: str | None) -> Page:
        """Reports that are kept, the newest first."""
        ...
