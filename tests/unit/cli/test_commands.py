"""What each command asks, prints and exits with, over an installation without engines."""

import json
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from perennial.cli import main
from perennial.cli.connection import Place
from perennial.cli.main import json_first
from perennial.cli.server_file import RunningServer, find_server, write_server_file
from perennial.kernel.errors import PerennialError
from perennial.kernel.ids import profile_text
from perennial.testing.installation import WRITE_KEY, FakeInstallation, FakeWorkspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, object]:
        return json.loads(self.out)

    @property
    def problem(self) -> dict[str, object]:
        return json.loads(self.err.splitlines()[-1])


Run = Callable[..., Outcome]


class HomeInUse(PerennialError):
    """Another process has this directory open."""

    code = "home_in_use"


@pytest.fixture
def installation() -> FakeInstallation:
    return FakeInstallation()


@pytest.fixture
def workspace(installation: FakeInstallation) -> FakeWorkspace:
    return installation.workspaces["default"]


@pytest.fixture
def run(installation: FakeInstallation, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    @contextmanager
    def open_home(_place: Place) -> Generator[FakeInstallation]:
        yield installation
        installation.close()

    def run(*words: str) -> Outcome:
        return _run(["--home", str(tmp_path / "home"), *words], open_home, capsys)

    return run


def _run(
    words: Sequence[str],
    open_home: Callable[[Place], AbstractContextManager[FakeInstallation]],
    capsys: pytest.CaptureFixture[str],
) -> Outcome:
    code = main(words, open_home=open_home)
    printed = capsys.readouterr()
    return Outcome(code=code, out=printed.out, err=printed.err)


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def test_init_prints_the_keys(run: Run, installation: FakeInstallation) -> None:
    outcome = run("--workspace", "shop", "init", "--timezone", "Asia/Shanghai", "--json")

    assert outcome.document == {"workspace": "shop", "write_key": WRITE_KEY, "api_token": None}
    assert installation.workspace("shop").zone.name == "Asia/Shanghai"
    assert (outcome.code, outcome.err) == (0, "")


@pytest.mark.parametrize(
    "words", [("--json", "events", "count"), ("events", "--json", "count"), ("events", "count", "--json")]
)
def test_json_may_stand_anywhere(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words).document == {"events": 0}


def test_json_after_the_end_of_options_is_a_word() -> None:
    assert json_first(["a", "--json", "--", "--json"]) == ["--json", "a", "--", "--json"]


def test_a_read_waits_for_what_was_accepted(run: Run, workspace: FakeWorkspace) -> None:
    run("events", "count", "--event", "order_paid", "--from", "2026-01-01", "--to", "2026-02-01", "--json")
    assert workspace.waited == 1
    [(method, given)] = workspace.asked
    assert method == "count_events"
    assert str(given).startswith("('order_paid', datetime")


def test_the_directory_is_let_go_after_the_command(run: Run, installation: FakeInstallation) -> None:
    run("events", "count")
    assert (installation.started, installation.closed) == (0, 1)


def test_without_json_people_read_a_table(run: Run) -> None:
    outcome = run("segment", "people", "vip")
    assert profile_text(1) in outcome.out
    assert "{" not in outcome.out


def test_people_are_counted_by_a_condition_in_yaml(
    run: Run, workspace: FakeWorkspace, tmp_path: Path
) -> None:
    file = written(tmp_path, "c.yaml", "did: order_paid\nwithin: 30d\n")
    assert run("people", "count", "--condition", file, "--json").document == {"people": 0}
    assert workspace.asked == [("count_people", ({"did": "order_paid", "within": "30d"}, None))]


def test_a_bad_condition_names_the_file_the_line_and_the_nearest_word(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path, "c.json", '{"did": "order_paid",\n "withing": "30d"}\n')

    outcome = run("people", "count", "--condition", file, "--json")

    problem = outcome.problem
    assert (outcome.code, outcome.out) == (1, "")
    assert (problem["code"], problem["path"]) == ("invalid_document", "$.withing")
    assert (problem["file"], problem["line"]) == (file, 2)
    assert "within" in str(problem["hint"])


def test_a_bad_segment_names_the_line(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path, "s.yaml", "id: vip\nname: VIP\ncondition:\n  did: order_paid\n  withing: 30d\n")
    assert run("segment", "create", file).problem["line"] == 5


def test_a_file_that_is_not_yaml_is_refused_with_its_line(run: Run, tmp_path: Path) -> None:
    outcome = run("people", "count", "--condition", written(tmp_path, "c.yaml", "a: 1\nb: [\n"))
    assert outcome.code == 1
    assert isinstance(outcome.problem["line"], int)


@pytest.mark.parametrize(
    "words",
    [
        ("people", "count", "--condition", "nowhere.json"),
        ("segment", "create", "nowhere.yaml"),
        ("journey", "publish", "nowhere.yaml"),
        ("import", "nowhere.csv"),
        ("import", __file__, "--mapping", "nowhere.yaml"),
    ],
)
def test_a_missing_file_is_one_clear_sentence(run: Run, words: tuple[str, ...]) -> None:
    outcome = run(*words)
    assert (outcome.code, outcome.problem["code"]) == (1, "file_not_found")
    assert "nowhere" in str(outcome.problem["message"])


def test_an_unknown_workspace_names_the_nearest(run: Run) -> None:
    outcome = run("--workspace", "defualt", "events", "count")
    assert (outcome.code, outcome.problem["code"]) == (1, "not_found")
    assert "'default'" in str(outcome.problem["hint"])


@pytest.mark.parametrize("words", [("evnts",), ("events", "count", "--evnt", "x"), ("segment", "people")])
def test_wrong_usage_exits_with_2(run: Run, words: tuple[str, ...]) -> None:
    outcome = run(*words)
    assert (outcome.code, outcome.out) == (2, "")


def test_an_import_prints_what_became_of_its_rows(run: Run, workspace: FakeWorkspace, tmp_path: Path) -> None:
    file = written(tmp_path, "a.jsonl", "{}\n{}\n")
    mapping = written(tmp_path, "m.yaml", "type: track\nuser_id: household\n")

    outcome = run("import", file, "--mapping", mapping, "--name", "first", "--json")

    assert outcome.document == {"read": 2, "accepted": 2, "duplicates": 0, "rejected": 0}
    assert outcome.err == ""
    expected = (Path(file), {"type": "track", "user_id": "household"}, "first")
    assert workspace.asked == [("import_file", expected)]


def test_validating_a_bad_journey_prints_its_problems_and_exits_with_1(run: Run, tmp_path: Path) -> None:
    outcome = run("journey", "validate", written(tmp_path, "j.yaml", "id: winback\n"), "--json")
    assert outcome.document["ok"] is False
    assert outcome.code == 1
    assert outcome.problem["line"] == 1


def test_a_play_is_written_out_once_and_never_over_what_is_there(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "cart"
    assert run("journey", "playbook", "cart_winback", "--to", str(folder)).code == 0
    names = {"journey.yaml", "template_cart_offer.yaml", "template_cart_reminder.yaml"}
    assert {file.name for file in folder.iterdir()} == names
    (folder / "journey.yaml").write_text("id: mine")
    assert run("journey", "playbook", "cart_winback", "--to", str(folder)).code == 1
    assert (folder / "journey.yaml").read_text() == "id: mine"


def test_validating_a_good_journey_exits_with_0_and_shows_what_is_probably_not_meant(
    run: Run, tmp_path: Path
) -> None:
    outcome = run("journey", "validate", written(tmp_path, "j.yaml", "nodes: {}\n"), "--json")
    warning = {"path": "$", "code": "no_goal", "message": "The journey has no goal.", "hint": "", "line": 1}
    assert (outcome.code, outcome.document) == (0, {"ok": True, "problems": [], "warnings": [warning]})


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("segment", "list"), "segments"),
        (("segment", "refresh"), "segments"),
        (("segment", "people", "vip"), "people"),
        (("tag", "list"), "tags"),
        (("tag", "refresh", "stage"), "tags"),
        (("tag", "values", "stage"), "values"),
        (("template", "list"), "templates"),
        (("journey", "list"), "journeys"),
        (("journey", "pause", "winback"), "state"),
        (("journey", "resume", "winback"), "state"),
        (("journey", "end", "winback"), "state"),
        (("journey", "read", "winback"), "verdict"),
        (("journey", "show", "winback"), "document"),
        (("today",), "days"),
        (("messages", "list", "--user", "p1", "--state", "queued"), "messages"),
        (("rejects", "list"), "rejects"),
        (("people", "list", "--limit", "5"), "people"),
    ],
)
def test_every_command_prints_one_json_document_or_words(run: Run, words: tuple[str, ...], name: str) -> None:
    assert name in run(*words, "--json").document
    assert run(*words).code == 0


def test_without_a_serving_console_there_is_no_link(run: Run) -> None:
    outcome = run("console", "--json")
    assert (outcome.code, outcome.out, outcome.problem["code"]) == (1, "", "console_closed")


@pytest.mark.parametrize("noun", ["tag", "template"])
def test_definitions_are_sent_as_they_were_written(run: Run, tmp_path: Path, noun: str) -> None:
    outcome = run(noun, "create", written(tmp_path, "d.yaml", "id: x\n"), "--json")
    assert outcome.document["version"] == 1


def test_a_published_journey_prints_its_version(run: Run, workspace: FakeWorkspace, tmp_path: Path) -> None:
    file = written(tmp_path, "j.yaml", "id: winback\n")
    assert run("journey", "publish", file, "--approve", "--json").document["version"] == 1
    assert ("publish_journey", ("id: winback\n", True, None, None)) in workspace.asked


def test_a_directory_in_use_is_one_clear_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def open_home(_place: Place) -> AbstractContextManager[FakeInstallation]:
        raise HomeInUse

    outcome = _run(["--home", str(tmp_path), "events", "count"], open_home, capsys)
    assert (outcome.code, outcome.problem["code"]) == (1, "home_in_use")


def test_a_crash_of_ours_is_a_problem_document_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def open_home(_place: Place) -> AbstractContextManager[FakeInstallation]:
        raise ZeroDivisionError

    outcome = _run(["--home", str(tmp_path), "events", "count"], open_home, capsys)
    assert (outcome.code, outcome.problem["code"]) == (1, "internal")


def test_a_server_file_left_by_a_crash_is_ignored(tmp_path: Path) -> None:
    assert find_server(tmp_path) is None
    dead = RunningServer(address="http://127.0.0.1:1", token="t", pid=2**22 + 1, version="0", instance="i")
    write_server_file(tmp_path, dead)
    assert (tmp_path / "server.json").stat().st_mode & 0o777 == 0o600
    assert find_server(tmp_path) is None
    (tmp_path / "server.json").write_text("half a fi", encoding="utf-8")
    assert find_server(tmp_path) is None


def test_without_a_server_there_are_no_calls_to_watch(run: Run) -> None:
    outcome = run("debugger")
    assert (outcome.code, outcome.out, outcome.problem["code"]) == (1, "", "no_server")
    assert "perennial serve" in str(outcome.problem["hint"])


def test_consents_are_listed_page_by_page(run: Run, workspace: FakeWorkspace) -> None:
    outcome = run("people", "consents", "李 1", "--limit", "5", "--after", "c", "--json")
    listed = cast("list[dict[str, object]]", outcome.document["consents"])
    assert [(one["channel"], one["state"], one["proof"]) for one in listed] == [
        ("email", "granted", "letter")
    ]
    assert workspace.asked[-1] == ("list_consents", ("李 1", 5, "c"))


def test_a_boards_numbers_are_written_to_a_file(run: Run, workspace: FakeWorkspace, tmp_path: Path) -> None:
    out, whom = tmp_path / "numbers.parquet", tmp_path / "whom.yaml"
    whom.write_text("segment: vip\n", encoding="utf-8")
    outcome = run(
        "board", "run", "growth", "--last", "12w", "--among", str(whom), "--out", str(out), "--json"
    )
    assert outcome.document == {"file": str(out), "bytes": 12}
    assert out.read_bytes() == b"tile,value\r\n"
    filters = {"among": {"segment": "vip"}, "range": {"last": "12w"}}
    assert workspace.asked[-1] == ("export_board", ("growth", "parquet", filters))


def test_a_file_of_numbers_is_csv_or_parquet(run: Run, tmp_path: Path) -> None:
    refused = run("board", "run", "growth", "--out", str(tmp_path / "numbers.xlsx"))
    assert (refused.code, refused.problem["code"]) == (1, "unknown_format")
    nowhere = run("board", "run", "growth", "--out", str(tmp_path / "no" / "folder.csv"))
    assert (nowhere.code, nowhere.problem["path"]) == (1, str(tmp_path / "no" / "folder.csv"))


def test_a_template_is_shown_with_ones_own_events(run: Run, workspace: FakeWorkspace) -> None:
    assert run("board", "template", "aarrr", "--event", "order_paid=purchase", "--json").code == 0
    assert workspace.asked[-1] == ("show_board_template", ("aarrr", "en", {"order_paid": "purchase"}))
    assert run("board", "template", "aarrr", "--event", "order_paid").problem["code"] == "bad_name"


def test_a_board_is_saved_over_the_version_that_was_opened(
    run: Run, workspace: FakeWorkspace, tmp_path: Path
) -> None:
    file = tmp_path / "board.yaml"
    file.write_text("id: growth\ntiles: []\n", encoding="utf-8")
    assert run("board", "save", str(file), "--replaces", "3", "--json").code == 0
    assert workspace.asked[-1] == ("save_board", ("id: growth\ntiles: []\n", 3, ""))


def test_a_plan_and_the_version_it_began_with_are_sent_along(
    run: Run, workspace: FakeWorkspace, tmp_path: Path
) -> None:
    file = written(tmp_path, "j.yaml", "id: winback\n")
    plan = written(tmp_path, "plan.yaml", "pause: {move: done}\n'*': stay\n")
    assert run("journey", "publish", file, "--plan", plan, "--base-version", "3").code == 0
    assert run("journey", "publish", file, "--plan", "stay").code == 0
    fates = {"pause": {"move": "done"}, "*": "stay"}
    assert ("publish_journey", ("id: winback\n", False, fates, 3)) in workspace.asked
    assert ("publish_journey", ("id: winback\n", False, "stay", None)) in workspace.asked


def test_a_plan_that_cannot_be_read_names_what_is_wrong(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path, "j.yaml", "id: winback\n")
    outcome = run("journey", "publish", file, "--plan", written(tmp_path, "plan.yaml", "{"), "--json")
    assert (outcome.code, outcome.problem["code"]) == (1, "invalid_document")
    assert run("journey", "publish", file, "--plan", "nowhere.yaml", "--json").code == 1


def test_whom_publishing_touches_and_what_was_published(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path, "j.yaml", "id: winback\n")
    assert run("journey", "plan", file, "--json").document["people"] == 2
    listed = run("journey", "versions", "winback", "--json").document
    assert listed["next"] is None
    assert "'people': 2" in str(listed["versions"])
    shown = run("journey", "versions", "winback", "--version", "2", "--json").document
    assert "The wait of node pause becomes 48h" in str(shown["changes"])
