"""Clients of other platforms, unmodified, against a real server: nothing lost, nothing twice."""

import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tests.clients.programs import EVENTS, PATIENT, PROGRAMS, REDIRECTING
from tests.clients.refusing import refusing
from tests.services.serving import PERENNIAL, serving

from perennial.access.model import WriteKey
from perennial.backends.sql.intake import SqlIntakeLog
from perennial.backends.sql.stores import SqliteStores
from perennial.backends.sql.workspaces import SqlRegistry
from perennial.collect.events.model import Call
from perennial.kernel.clock import SystemClock
from perennial.kernel.values import Json

pytestmark = pytest.mark.service

CLIENTS = Path(__file__).parents[2] / ".services" / "clients"
PYTHON, MODULES = CLIENTS / "python" / "bin" / "python", CLIENTS / "node" / "node_modules"
SECONDS = 180
BUILT_IN_KEYS = ("testsecret", "bad_key")
"""What the Segment client's own tests send; to the second one, too, they want to hear 200."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A serving process, its address, and what `init` printed."""

    process: subprocess.Popen[str]
    home: Path
    address: str
    write_key: str
    api_token: str

    def ask(self, path: str, **parameters: str) -> dict[str, Json]:
        """Read once everything accepted is visible."""
        answer = httpx.get(
            f"{self.address}{path}",
            params={**parameters, "wait": "accepted"},
            headers=self._token(),
            timeout=60,
        )
        return answer.raise_for_status().json()

    def people_with(self, condition: Json) -> Json:
        """How many people meet a condition."""
        answer = httpx.post(
            f"{self.address}/api/people/count?wait=accepted",
            json={"condition": condition},
            headers=self._token(),
            timeout=60,
        )
        return answer.raise_for_status().json()["people"]

    def accepted(self) -> list[Call]:
        """Every call in the log, read once the server has ended."""
        self.process.terminate()
        assert self.process.wait(timeout=60) == 0
        stores = SqliteStores(self.home)
        try:
            return list(SqlIntakeLog(stores.intake("default")).read(after=0, limit=1_000_000).calls)
        finally:
            stores.close()

    def _token(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.api_token}"}


def init(home: Path) -> dict[str, str]:
    """A new installation that also knows the keys that Segment's tests send."""
    made = subprocess.run(
        [*PERENNIAL, "--home", home, "init", "--json"],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    stores = SqliteStores(home)
    registry, now = SqlRegistry(stores.root()), SystemClock().now()
    for key in BUILT_IN_KEYS:
        registry.add_key(WriteKey(write_key=key, workspace="default", source=key, created_at=now))
    stores.close()
    return json.loads(made.stdout)


@pytest.fixture
def server(tmp_path: Path) -> Generator[Server]:
    if not PYTHON.is_file() or not MODULES.is_dir():
        pytest.skip("the clients are not here: run `make test-services`")
    home = tmp_path / "home"
    keys = init(home)
    with serving(home) as process:
        told = json.loads((home / "server.json").read_text(encoding="utf-8"))
        yield Server(
            process=process,
            home=home,
            address=told["address"],
            write_key=keys["write_key"],
            api_token=keys["api_token"],
        )


def run(program: str, server: Server, folder: Path, *, address: str = "") -> None:
    """Run one of the programs to its end; it fails where its client was refused anything for good."""
    file = folder / program
    file.write_text({**PROGRAMS, **PATIENT}[program], encoding="utf-8")
    interpreter = PYTHON if program.endswith(".py") else "node"
    made = subprocess.run(
        [interpreter, file, address or server.address, server.write_key],
        env={**os.environ, "NODE_PATH": str(MODULES), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert made.returncode == 0, made.stderr


@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_everything_a_client_said_is_there_once(program: str, server: Server, tmp_path: Path) -> None:
    run(program, server, tmp_path)

    assert server.ask("/api/events/count", event="Paid") == {"events": EVENTS}
    assert server.people_with({"trait": "city", "is": "上海"}) == 1
    assert server.ask("/api/rejects")["rejects"] == []
    calls = server.accepted()
    paid = [call for call in calls if call.name == "Paid"]
    assert sorted(str(call.properties["number"]) for call in paid) == sorted(map(str, range(EVENTS)))
    assert all(call.user_id == "p1" for call in paid)
    assert max(Counter(call.message_id for call in calls).values()) == 1


@pytest.mark.parametrize("program", sorted(PATIENT))
def test_what_is_refused_twice_and_once_of_it_taken_is_there_once(
    program: str, server: Server, tmp_path: Path
) -> None:
    with refusing(server.address) as (address, refusals):
        run(program, server, tmp_path, address=address)

    assert refusals.given >= 2 * EVENTS // 20
    assert server.ask("/api/events/count", event="Paid") == {"events": EVENTS}
    assert server.people_with({"trait": "city", "is": "上海"}) == 1
    assert "sensors" not in program or server.people_with({"trait": "orders", "is": 5}) == 1
    calls = server.accepted()
    paid = [call for call in calls if call.name == "Paid"]
    assert sorted(str(call.properties["number"]) for call in paid) == sorted(map(str, range(EVENTS)))
    assert max(Counter(call.message_id for call in calls).values()) == 1


def test_what_sensors_does_to_profiles_is_done_once_and_seen_by_conditions(
    server: Server, tmp_path: Path
) -> None:
    run("sensors_python.py", server, tmp_path)

    for condition, people in (
        ({"trait": "orders", "is": 5}, 1),
        ({"trait": "channel", "is": "广告"}, 1),
        ({"trait": "city", "is": "北京"}, 0),
        ({"all": [{"trait": "likes", "is": "茶"}, {"trait": "likes", "is": "咖啡"}]}, 1),
        ({"trait": "phone", "set": True}, 0),
        ({"did": {"event": "Looked"}}, 1),
    ):
        assert server.people_with(condition) == people, condition
    assert server.ask("/api/events/count", event="$SignUp") == {"events": 1}


def test_the_segment_clients_own_tests_pass_against_us(server: Server, tmp_path: Path) -> None:
    """All but `test_oauth`, where everything is mocked, and one that wants us slower than 0.1 ms."""
    (tmp_path / "redirecting.py").write_text(REDIRECTING, encoding="utf-8")
    sent = tmp_path / "sent.jsonl"
    made = subprocess.run(
        [
            *(PYTHON, "-m", "pytest", "--pyargs", "segment.analytics.test", "-q", "-p", "redirecting"),
            *("-p", "no:cacheprovider", "--rootdir", tmp_path, "-k", "not TestOauth"),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "ADDRESS": server.address, "SENT_TO": str(sent)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    failed = {
        line.split(" - ")[0].rpartition("::")[2]
        for line in made.stdout.splitlines()
        if line.startswith(("FAILED ", "ERROR test_"))
    }
    # It waits 0.1 ms for an answer, and some answers are as quick as that.
    assert failed <= {"test_should_timeout"}, made.stdout
    passed = re.search(r"(\d+) passed", made.stdout)
    assert passed is not None
    assert int(passed[1]) >= 131
    answers = [json.loads(line) for line in sent.read_text(encoding="utf-8").splitlines()]
    assert len(answers) > 30
    taken = [(status, ids) for key, status, ids in answers if key in BUILT_IN_KEYS]
    assert {status for status, _ in taken} == {200}
    assert {status for key, status, _ in answers if key not in BUILT_IN_KEYS} <= {401}
    named = {message_id for _, ids in taken for message_id in ids if message_id}
    stored = Counter(call.message_id for call in server.accepted())
    assert {message_id: stored[message_id] for message_id in named} == dict.fromkeys(named, 1)
