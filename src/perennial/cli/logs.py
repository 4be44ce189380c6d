"""Where logs go: standard error, because standard output belongs to the result."""

import logging

from perennial.runtime.logs import write_logs


def log_to_standard_error(*, verbose: bool = False) -> None:
    """Write warnings, and everything of note where `verbose`, to standard error."""
    write_logs(level=logging.INFO if verbose else logging.WARNING)
