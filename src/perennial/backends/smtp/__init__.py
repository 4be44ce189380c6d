"""SMTP is how e-mail is handed over to a mail server."""

from perennial.backends.smtp.provider import InvalidServer, SmtpProvider, SmtpServer, parse_server

__all__ = ["InvalidServer", "SmtpProvider", "SmtpServer", "parse_server"]
