"""Write the next migration of a chain from the declared tables: `python tools/migration.py state "why"`.

Read what it wrote before committing it: autogeneration does not see renames.
"""

import sys
import tempfile
from pathlib import Path

from alembic import command

from perennial.backends.sql.engine import CHAINS, alembic_config, open_engine


def main(chain: str, message: str) -> None:
    if chain not in CHAINS:
        sys.exit(f"{chain} is no chain; there are {', '.join(CHAINS)}.")
    with tempfile.TemporaryDirectory() as directory:
        engine = open_engine(f"sqlite:///{Path(directory) / 'scratch.db'}")
        with engine.begin() as connection:
            config = alembic_config(chain, connection)
            command.upgrade(config, "head")
            present = len(list(Path(config.get_main_option("version_locations") or "").glob("*.py")))
            command.revision(config, message, autogenerate=True, rev_id=f"{chain}_{present + 1:04}")
        engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
