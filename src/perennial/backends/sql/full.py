"""Whether a database failed because there is no room on its disk."""

# SHMSIZE: the index of the write-ahead log, which SQLite makes beside it, found no room.
_SQLITE_NAMES = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")
_POSTGRES_STATE = "53100"


def is_disk_full(error: BaseException | None) -> bool:
    """Whether a driver's error says that the disk is full, by SQLite's name for it or PostgreSQL's code."""
    name: object = getattr(error, "sqlite_errorname", None)
    state: object = getattr(error, "sqlstate", None)
    return name in _SQLITE_NAMES or state == _POSTGRES_STATE
