"""What a log line may hold."""

import sys
from io import StringIO

import pytest
import structlog

from perennial.runtime.logs import write_logs


def test_a_logged_crash_names_lines_of_code_and_no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    written = StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    before = structlog.get_config()
    write_logs()
    try:
        _crash("anna@" + "example.com")
    finally:
        structlog.configure(**before)
    assert "ZeroDivisionError" in written.getvalue()
    assert "1 / len(nobody)" in written.getvalue()
    assert "anna" not in written.getvalue()


def _crash(address: str) -> None:
    nobody = address[:0]
    try:
        _ = 1 / len(nobody)
    except ZeroDivisionError as crash:
        structlog.get_logger("test").error("crashed", exc_info=crash)
