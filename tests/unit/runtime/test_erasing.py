"""What a receipt claims, where an erasure was broken off and went on without the person's names."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from perennial.collect.privacy import Erasure, PersonNames
from perennial.kernel.ids import ProfileId
from perennial.runtime.erasing import Erasing

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ASKED = Erasure(
    erasure_id="era_1",
    subject="digest",
    reason="asked",
    by="desk",
    allows_return=False,
    requested_at=NOON,
    profiles=[ProfileId(1)],
)


@dataclass
class Stores:
    """One erasure, and stores in which there is nothing to erase; which files were searched for what."""

    kept: Erasure
    searched: list[Sequence[str]] = field(default_factory=list[Sequence[str]])

    @property
    def erasures(self) -> "Stores":
        return self

    def find(self, _erasure_id: str) -> Erasure:
        return self.kept

    def save(self, erasure: Erasure) -> None:
        self.kept = erasure

    @contextmanager
    def begin(self) -> Generator["Stores"]:
        yield self

    read = begin

    def count(self, person: PersonNames | None = None) -> Mapping[str, int]:
        return {}

    def erase(self, person: PersonNames | None = None) -> None:
        """Nothing to take away."""

    def left(self, profiles: Sequence[ProfileId]) -> int:
        return 0

    def scrub(self) -> None:
        """Nothing to write anew."""

    def search(self, texts: Sequence[str]) -> tuple[int, int]:
        self.searched.append(texts)
        return 6, 0


@pytest.mark.parametrize("step", ["state_erased", "events_erased"])
def test_a_receipt_claims_no_search_that_nobody_made(step: str) -> None:
    stores = Stores(replace(ASKED, step="state_erased" if step == "state_erased" else "events_erased"))
    erasing = Erasing(
        state=stores,  # type: ignore[arg-type]  only what an erasure that goes on asks for
        bytes_of_state=stores,
        intake=stores,  # type: ignore[arg-type]
        events=stores,
        files=stores,
        carry_imports=lambda: True,
    )
    done = erasing.finish("era_1", catch_up=lambda: None, now=lambda: NOON)
    assert (done.step, done.proof, stores.searched) == ("done", {"event rows left": 0}, [])
