"""Handing a mail over, to a real server: over TLS that is verified, or not at all; and what its answers mean."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from coord.office import smtp
from coord.office.outbox import Mail
from coord.office.smtp import NotNow, Refused, composed, hand_over
from tests.mailbox import SENDER, Mailbox, free_port, mailbox, words_of
from tests.store.test_tls import certificate

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
TO = "ida@example.org"
TEXT = "Ciao Zoë,\n\nè qui: https://coord.example.org/link/x\n" + "parole " * 60 + "\n.\nFine\n"


def a_mail(address: str = TO) -> Mail:
    until = NOW + timedelta(hours=1)
    return Mail(
        UUID(int=7), "reset", UUID(int=8), address, "it", None, NOW, until, "waiting", 1, NOW, "", None, None, ""
    )


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[Path, Path], tuple[Path, Path]]:
    folder = tmp_path_factory.mktemp("tls")
    return certificate(folder, "server"), certificate(folder, "other")


@pytest.fixture(params=["smtp", "smtps"])
def box(request: pytest.FixtureRequest, certificates: Any) -> Iterator[Mailbox]:
    with mailbox(certificates[0], request.param) as box:
        yield box


def handed(box: Mailbox, address: str = TO, subject: str = "Una nuova password: è pronta", **server: Any) -> str:
    settings = replace(box.server, **server)
    return hand_over(settings, composed(a_mail(address), settings, subject, TEXT))


def test_it_arrives_word_by_word_over_tls(box: Mailbox):
    assert handed(box) == "250 kept"
    ((address, message),) = box.arrived
    assert address == TO
    assert words_of(message).replace("\r\n", "\n") == TEXT
    assert message["Subject"] == "Una nuova password: è pronta"
    assert str(message["From"]) == f"Coord <{SENDER}>"
    assert message["To"] == TO
    assert message["Message-ID"] == f"<{UUID(int=7)}@clinic.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOW
    assert message.get_content_type() == "text/plain"
    assert message.get_content_charset() == "utf-8"


def test_a_certificate_of_somebody_else_gets_no_word(box: Mailbox, certificates: Any):
    with pytest.raises(NotNow, match="certificate verify failed"):
        handed(box, ca_file=certificates[1][0])
    with pytest.raises(NotNow, match=r"not valid for '127\.0\.0\.1'"):
        handed(box, host="127.0.0.1")
    assert box.reached == []


def test_without_starttls_nothing_is_said_not_even_who_we_are():
    with mailbox() as box:
        with pytest.raises(NotNow, match="does not offer STARTTLS"):
            handed(box, security="smtp", user="coord", password="secret")
        assert box.reached == []
        assert handed(box) == "250 kept"  # on this machine, said outright


def test_a_wrong_password_is_no_fault_of_the_mail(certificates: Any):
    with mailbox(certificates[0]) as box, pytest.raises(NotNow, match="535"):
        handed(box, password="wrong")
    assert box.arrived == []


def test_a_server_that_is_not_there(certificates: Any):
    with mailbox(certificates[0]) as box, pytest.raises(NotNow, match="refused"):
        handed(box, port=free_port())


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ("550 5.1.1 no such user", Refused),
        ("552 5.2.2 full", Refused),
        ("450 4.2.1 grey", NotNow),
        ("421 4.3.2 go", NotNow),
    ],
)
def test_what_is_answered_to_the_address(box: Mailbox, answer: str, meaning: type[Exception]):
    box.at_recipient[TO] = answer
    with pytest.raises(meaning, match=answer):
        handed(box)
    assert box.arrived == []


@pytest.mark.parametrize(("answer", "meaning"), [("554 5.7.1 spam", Refused), ("451 4.3.0 later", NotNow)])
def test_what_is_answered_to_the_words(box: Mailbox, answer: str, meaning: type[Exception]):
    box.at_words = answer
    with pytest.raises(meaning, match=answer):
        handed(box)


def test_a_server_that_says_nothing_is_waited_for_for_a_while(box: Mailbox, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(smtp, "PATIENCE", 0.5)
    box.slow_at = "RCPT"
    with pytest.raises(NotNow, match="timed out"):
        handed(box)


def test_too_slow_before_the_words_is_for_another_time(box: Mailbox, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(smtp, "LONGEST", -1.0)
    with pytest.raises(NotNow, match="too slow"):
        handed(box)
    assert box.arrived == []


@pytest.mark.parametrize(
    "address",
    [
        "ida@example.org\r\nBcc: eva@example.org",
        "ida@example.org\nDATA",
        "ida@example.org, eva@example.org",
        "<ida@example.org>",
        "ida",
        "",
        "@",
        "a b@example.org",
        "ida@example.org\0",
    ],
)
def test_an_address_that_is_none_goes_into_no_header_and_to_no_server(address: str):
    with mailbox() as box:
        with pytest.raises((Refused, ValueError)):
            handed(box, address)
        assert "RCPT" not in box.reached


@pytest.mark.parametrize("subject", ["A\r\nBcc: eva@example.org", "A\nB", "A\rB"])
def test_no_header_is_made_of_words(subject: str):
    with mailbox() as box:
        with pytest.raises(ValueError, match="linefeed or carriage return"):
            handed(box, subject=subject)
        assert box.reached == []


def test_letters_beyond_ascii(box: Mailbox):
    assert handed(box, "ida@bücher.example") == "250 kept"
    assert box.arrived[0][0] == "ida@xn--bcher-kva.example"
    assert "xn--bcher-kva" in box.arrived[0][1]["To"]
    with pytest.raises(Refused, match="not an address"):
        handed(box, "idà@example.org")


def test_a_mail_is_plain_text_and_its_own_whole(box: Mailbox):
    message: EmailMessage = composed(a_mail(), box.server, "x", TEXT)
    raw = message.as_bytes()
    assert raw.isascii()
    assert max(map(len, raw.splitlines())) < 200
    assert b"quoted-printable" in raw or b"base64" in raw
