"""Handing a mail to the mail server, by SMTP: over TLS that is verified, or not at all."""

from __future__ import annotations

import smtplib
import ssl
import time
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Protocol

from coord.office.outbox import Mail

PATIENCE = 20.0
"""Seconds that any single answer of the server is waited for."""
LONGEST = 240.0
"""Seconds until the words must be on their way: less than a mail is claimed for."""


class Server(Protocol):
    """What of `coord.settings.MailServer` matters here."""

    @property
    def host(self) -> str:
        """Its name, which its certificate must have."""

    @property
    def port(self) -> int:
        """Where it listens."""

    @property
    def security(self) -> str:
        """``smtp`` with STARTTLS, ``smtps``, or ``smtp+plain``."""

    @property
    def sender(self) -> str:
        """The address that mails come from."""

    @property
    def user(self) -> str:
        """Who we are to it; nobody if empty."""

    @property
    def password(self) -> str:
        """Ours."""

    @property
    def ca_file(self) -> Path | None:
        """Whose certificates are believed, if not those of the machine."""


class Refused(Exception):
    """This mail will not be taken, however often it is tried."""


class NotNow(Exception):
    """The server is away, or asks to come later, or does not know us: another attempt may go well."""


def composed(mail: Mail, server: Server, subject: str, text: str) -> EmailMessage:
    """The mail in plain text. Its ``Message-ID`` is that of its row, however often it is sent.

    Raises `Refused` for an address that is none, and `ValueError` rather than let a line end into a header.
    """
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    domain = server.sender.rpartition("@")[2]
    message["From"] = Address("Coord", addr_spec=server.sender)
    message["To"] = _recipient(mail.address)
    message["Subject"] = subject
    message["Date"] = mail.made_at
    message["Message-ID"] = f"<{mail.id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"  # nobody's absence is to answer it
    message["Content-Language"] = mail.language
    message.set_content(text, charset="utf-8")
    return message


def hand_over(server: Server, message: EmailMessage) -> str:
    """Give the mail to the server; what that said. Raises `Refused` or `NotNow`, and then it does not have it, or
    nobody knows."""
    began = time.monotonic()
    try:
        with _connected(server) as connection:
            if server.user:
                connection.login(server.user, server.password)
            connection.ehlo_or_helo_if_needed()
            code, said = connection.mail(server.sender)
            if code != 250:
                raise NotNow(_words(code, said))
            code, said = connection.rcpt(message["To"].addresses[0].addr_spec)
            if code not in (250, 251):
                raise _meaning(code, said)
            if time.monotonic() - began > LONGEST:
                raise NotNow("the server is too slow")
            code, said = connection.data(message.as_bytes())
            if code != 250:
                raise _meaning(code, said)
            return _words(code, said)
    except smtplib.SMTPDataError as refused:
        raise _meaning(refused.smtp_code, refused.smtp_error) from refused
    except smtplib.SMTPResponseException as refused:  # who we are, or how we came: nothing about this mail
        raise NotNow(_words(refused.smtp_code, refused.smtp_error)) from refused
    except (smtplib.SMTPException, OSError) as away:
        raise NotNow(f"{type(away).__name__}: {away}") from away


def _connected(server: Server) -> smtplib.SMTP:
    """A connection that nobody else reads. Raises what `smtplib` raises, and `NotNow` for a server without TLS."""
    trusted = ssl.create_default_context(cafile=None if server.ca_file is None else str(server.ca_file))
    trusted.minimum_version = ssl.TLSVersion.TLSv1_2
    if server.security == "smtps":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=PATIENCE, context=trusted)
    connection = smtplib.SMTP(server.host, server.port, timeout=PATIENCE)
    if server.security == "smtp":
        try:
            connection.ehlo_or_helo_if_needed()
            if not connection.has_extn("starttls"):
                raise NotNow("the server does not offer STARTTLS")
            connection.starttls(context=trusted)
            connection.ehlo()
        except BaseException:
            connection.close()
            raise
    return connection


def _recipient(address: str) -> Address:
    """The address as every server understands it: a domain of other letters has a spelling for that, a name before
    the @ has none. Raises `Refused`."""
    name, _at, domain = address.rpartition("@")
    try:
        return Address(addr_spec=f"{name}@{domain if domain.isascii() else domain.encode('idna').decode()}")
    except (ValueError, IndexError, MessageError) as error:
        raise Refused("not an address of mail") from error


def _meaning(code: int, said: bytes | str) -> Refused | NotNow:
    """5xx is for ever, all else for now."""
    return Refused(_words(code, said)) if 500 <= code < 600 else NotNow(_words(code, said))


def _words(code: int, said: bytes | str) -> str:
    return f"{code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
