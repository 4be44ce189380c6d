"""A report is what a mail server tells later of a message it took: it came, bounced, was complained of."""

from perennial.deliver.reports.model import REPORT_KINDS, Report, ReportKind
from perennial.deliver.reports.parse import NoReport, parse_mail, parse_report
from perennial.deliver.reports.rules import SOFT_BOUNCES, SOFT_DAYS, is_final

__all__ = [
    "REPORT_KINDS",
    "SOFT_BOUNCES",
    "SOFT_DAYS",
    "NoReport",
    "Report",
    "ReportKind",
    "is_final",
    "parse_mail",
    "parse_report",
]
