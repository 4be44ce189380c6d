"""How logs are written: lines on standard error with ids and reasons, and nothing of what was in hand."""

import logging
import sys

import structlog


def write_logs(*, level: int = logging.WARNING) -> None:
    """Write what happened, from a level on, to standard error.

    A traceback names lines of code only: the values of variables are people's addresses, tokens and keys.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Standard error as it is when something is logged, not as it was when the first home was opened.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
