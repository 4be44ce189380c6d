"""Random journeys, random histories, killed between any two statements: as if nothing had happened."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.simulation.stories import acts_of, story
from tests.simulation.worlds import kills_for, tell

SEEDS = int(os.environ.get("SIMULATION_SEEDS", "8"))
BATCH = 20
"""Messages that are on their way to the mail server at once."""
FIRST = int(os.environ.get("SIMULATION_FIRST", "1"))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
def test_a_killed_installation_comes_to_what_an_undisturbed_one_does(
    tmp_path: Path, seed: int, record_property: Callable[[str, object], None]
) -> None:
    actions = story(seed)
    undisturbed = tell(tmp_path / "undisturbed", actions, {})
    kills = kills_for(seed, undisturbed.statements)
    killed = tell(tmp_path / "killed", actions, kills)
    assert killed.kills > 0
    assert (undisturbed.ailments, killed.ailments) == ((), ())
    assert undisturbed.differences(killed) == [], f"seed {seed}, killed at {kills}: {acts_of(actions)}"
    assert (undisturbed.misdeliveries(), killed.misdeliveries()) == ([], [])
    assert undisturbed.unknown == frozenset()
    assert len(killed.unknown) <= BATCH * killed.kills
    record_property("story", {"stories": 1, **killed.size()})
