from pathlib import Path

import pytest

from perennial.cli import main
from perennial.wiring import open_app

PLAN = "name: Shop\nmode: warn\nevents:\n  order_paid:\n    properties:\n      amount: {type: number}\n"


def test_whoever_publishes_a_plan_is_told_its_version_and_not_the_plan_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, file = tmp_path / "home", tmp_path / "plan.yaml"
    file.write_text(PLAN, encoding="utf-8")
    with open_app(home) as app:
        app.init()
    assert main(["--home", str(home), "plan", "publish", str(file)]) == 0
    told = capsys.readouterr().out
    assert "version: 1" in told
    assert "order_paid" not in told
    assert main(["--home", str(home), "--json", "plan", "publish", str(file)]) == 0
    assert "order_paid" in capsys.readouterr().out
