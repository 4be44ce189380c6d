"""SMTP is how e-mail is handed over to a mail server."""

from perennial.backends.smtp.dkim import DkimSigner, InvalidDkimKey, read_signer
from perennial.backends.smtp.provider import InvalidServer, SmtpProvider, SmtpServer, parse_server

__all__ = [
    "DkimSigner",
    "InvalidDkimKey",
    "InvalidServer",
    "SmtpProvider",
    "SmtpServer",
    "parse_server",
    "read_signer",
]
