"""Says at the end what all the stories came to."""

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line: stories, kills, statements, and how often what happened."""
    sizes: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for name, size in report.user_properties:
            if name == "story":
                sizes.update(size)
    if sizes:
        terminalreporter.write_line(
            "simulated: " + " ".join(f"{name}={n}" for name, n in sorted(sizes.items()))
        )
