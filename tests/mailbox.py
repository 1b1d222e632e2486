"""A real mail server on loopback that keeps what it is given, and can be told to misbehave."""

import asyncio
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from coord.settings import MailServer

USER, PASSWORD = "coord", "nine otters carry mail"
SENDER = "coord@clinic.example"


@dataclass
class Mailbox:
    """What has arrived, in order; and what the server is to answer otherwise than with 250."""

    port: int
    security: str
    certificate: Path | None
    arrived: list[tuple[str, EmailMessage]] = field(default_factory=list)
    at_recipient: dict[str, str] = field(default_factory=dict)
    """By address, what is answered to it."""
    at_words: str = ""
    """What is answered to the words themselves."""
    slow_at: str = ""
    """``MAIL``, ``RCPT``, ``DATA`` (when the words are there and kept) or ``WORDS`` (before): the server says nothing
    more there, as if it or the network were stuck."""
    reached: list[str] = field(default_factory=list)

    @property
    def server(self) -> MailServer:
        """The settings by which it is reached."""
        signs_in = self.security == "smtp"
        return MailServer(
            "localhost",
            self.port,
            self.security,
            SENDER,
            USER if signs_in else "",
            PASSWORD if signs_in else "",
            self.certificate,
        )

    @property
    def env(self) -> dict[str, str]:
        """The same, as the environment says it."""
        env = {"COORD_MAIL_FROM": SENDER}
        if self.certificate is None:
            return {**env, "COORD_SMTP_URL": f"smtp+plain://localhost:{self.port}"}
        who = f"{USER}:{PASSWORD.replace(' ', '%20')}@" if self.security == "smtp" else ""
        url = f"{self.security}://{who}localhost:{self.port}"
        return {**env, "COORD_SMTP_URL": url, "COORD_SMTP_CA_FILE": str(self.certificate)}

    def wait_until(self, reached: str) -> None:
        """Until a client has come so far."""
        give_up = time.monotonic() + 60
        while reached not in self.reached:
            assert time.monotonic() < give_up, self.reached
            time.sleep(0.02)

    # ---- aiosmtpd asks these

    async def _stuck(self, where: str) -> None:
        self.reached.append(where)
        if self.slow_at == where:
            await asyncio.sleep(600)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        await self._stuck("MAIL")
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.at_recipient:
            return self.at_recipient[address]
        envelope.rcpt_tos.append(address)
        await self._stuck("RCPT")
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await self._stuck("WORDS")
        if self.at_words:
            return self.at_words
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=default)
        assert isinstance(message, EmailMessage)
        self.arrived += [(address, message) for address in envelope.rcpt_tos]
        await self._stuck("DATA")
        return "250 kept"


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _who(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    right = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=given == right, handled=False)


@contextmanager
def mailbox(
    certificate: tuple[Path, Path] | None = None, security: str = "smtp", *, port: int | None = None
) -> Iterator[Mailbox]:
    """A server that is there until the end; with a certificate and its key by TLS, by STARTTLS for who has signed in
    alone."""
    box = Mailbox(port or free_port(), security if certificate else "smtp+plain", certificate and certificate[0])
    secured: dict[str, Any] = {}
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
        # Of a connection that begins with TLS aiosmtpd does not know that it is secure, and lets nobody sign in on it.
        secured = {"ssl_context": context}
        if security == "smtp":
            secured = {"authenticator": _who, "auth_required": True, "tls_context": context, "require_starttls": True}
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **secured)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def words_of(message: EmailMessage) -> str:
    """The text of a mail."""
    content = message.get_content()
    assert isinstance(content, str)
    return content


def link_in(message: EmailMessage) -> str:
    """The path of the link in a mail."""
    (line,) = (line for line in words_of(message).splitlines() if "/link/" in line)
    return "/link/" + line.strip().partition("/link/")[2]
