"""Options that an engine carries to the beginning of its transactions."""

from typing import Literal

Chain = Literal["root", "intake", "state"]
"""Each store has a schema and a chain of migrations of its own."""
CHAINS: tuple[Chain, ...] = ("root", "intake", "state")

WRITES = "perennial_writes"
"""The transaction may write: it waits for its turn first."""
CHAIN = "perennial_chain"
"""Which store the engine opens: writers of one store take turns."""
SCHEMA = "perennial_schema"
"""Where the store's tables are, in an engine that keeps several stores in one database."""
SESSIONS = "perennial_sessions"
"""What the connections of an engine are called at a server: whoever takes a lease over ends them by it."""
