"""How far a demo has come, kept in its directory: a repeated or interrupted one goes on from there."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_FILE = "demo.json"


@dataclass(slots=True)
class Position:
    """The shift of the first run (later runs keep it), where the year is, how far the replay has come."""

    file: Path
    weeks: int
    imported_into: str | None = None
    """The workspace that holds the whole year."""
    reached: datetime | None = None

    @classmethod
    def of(cls, home: Path, *, weeks: int) -> "Position":
        """What an earlier run left in this directory, or a beginning with this shift."""
        file = home / _FILE
        if not file.is_file():
            return cls(file=file, weeks=weeks)
        kept = json.loads(file.read_text(encoding="utf-8"))
        reached = kept["reached"]
        return cls(
            file=file,
            weeks=int(kept["weeks"]),
            imported_into=kept["imported_into"],
            reached=None if reached is None else datetime.fromisoformat(reached),
        )

    def imported(self, workspace: str) -> None:
        """Note that the whole year is in a workspace."""
        self.imported_into = workspace
        self._keep()

    def reach(self, instant: datetime) -> None:
        """Note that everything up to an instant is replayed."""
        self.reached = instant
        self._keep()

    def _keep(self) -> None:
        kept = {
            "weeks": self.weeks,
            "imported_into": self.imported_into,
            "reached": None if self.reached is None else self.reached.isoformat(),
        }
        temporary = self.file.with_suffix(".tmp")
        temporary.write_text(json.dumps(kept), encoding="utf-8")
        temporary.replace(self.file)
