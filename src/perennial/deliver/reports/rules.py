"""What follows from a report. Pure."""

import re

from perennial.deliver.reports.model import Report

SOFT_BOUNCES = 5
"""Bounces in `SOFT_DAYS` days, none of them final by itself, after which an address is taken for dead."""
SOFT_DAYS = 30

# RFC 3463: nothing will ever arrive there. Of a full mailbox (5.2.2) or a policy (5.7.x) that is not said.
_FINAL = re.compile(r"5\.(1\.(1|2|3|6|10)|2\.1)")


def is_final(report: Report) -> bool:
    """Whether a bounce says that nothing will ever arrive at the address."""
    return report.kind == "bounced" and _FINAL.fullmatch(report.status) is not None
