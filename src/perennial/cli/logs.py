"""Where logs go: standard error, because standard output belongs to the result."""

import logging
import sys

import structlog


def log_to_standard_error(*, verbose: bool = False) -> None:
    """Write warnings, and everything of note where `verbose`, to standard error."""
    level = logging.INFO if verbose else logging.WARNING
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
