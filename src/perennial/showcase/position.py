"""How far a demo has come, kept in its directory: a repeated or interrupted one goes on from there."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_FILE = "demo.json"


@dataclass(slots=True)
class Position:
    """The shift chosen at the first run (later runs keep it), and how far the replay has come."""

    file: Path
    weeks: int
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
            reached=None if reached is None else datetime.fromisoformat(reached),
        )

    def reach(self, instant: datetime | None) -> None:
        """Note that everything up to an instant is done."""
        self.reached = instant
        kept = {"weeks": self.weeks, "reached": None if instant is None else instant.isoformat()}
        temporary = self.file.with_suffix(".tmp")
        temporary.write_text(json.dumps(kept), encoding="utf-8")
        temporary.replace(self.file)
