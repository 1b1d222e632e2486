"""Who sends mails is killed with -9 at any step: none is lost, and none doubled but where SMTP itself cannot tell."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from coord.application import utc_now
from coord.application.people.commands import RegisterPerson
from coord.application.services import Services
from coord.bootstrap import build
from coord.domain.actors import COMMAND_LINE, Role
from coord.domain.teams import on_purpose
from coord.office.accounts import Accounts
from coord.office.links import Links
from coord.office.outbox import MAILS, put
from coord.settings import Settings
from tests.mailbox import Mailbox, mailbox
from tests.store.test_tls import certificate
from tests.stores import furnish


@pytest.fixture
def postgres_database(prepared_database: str) -> str:
    return prepared_database


SENDER = """
import os, sys
from coord.application import utc_now
from coord.bootstrap import build
from coord.settings import Settings
from coord.web import create_app
from coord.web.people.mails import send_next

# Modules are loaded once: each round is a fork of this process.
print("ready", flush=True)
for _ in sys.stdin:
    if os.fork() == 0:
        print(os.getpid(), flush=True)
        services = build(Settings.from_env(), utc_now)
        app = create_app(services)
        while send_next(app, services):
            pass
        os._exit(0)
    os.wait()
    print("over", flush=True)
"""


class Sender:
    """Does what `coord send-mails` does, each time in a process of its own."""

    def __init__(self, env: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", SENDER], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._heard() == "ready"

    def begin(self) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return int(self._heard())

    def until_over(self) -> None:
        assert self._heard() == "over"

    def stop(self) -> None:
        self._process.communicate(timeout=60)

    def _heard(self) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if not line.startswith("{"):  # its log
                return line.strip()
        raise AssertionError("the sender has ended")


@dataclass
class Office:
    """A service with a mail server, by the clock on the wall; who sends runs in a process of its own."""

    services: Services
    box: Mailbox
    env: dict[str, str]

    def invite(self, name: str) -> None:
        person, now = uuid4(), utc_now()
        command = RegisterPerson(
            person, name, f"{name}@example.org", Role.TEAM_LEAD, None, "North", on_purpose("North")
        )
        self.services.doors.execute(COMMAND_LINE, command)
        account = Accounts(self.services.office).create_account(person, command.email, None, now=now)

        def beside(connection: Any, link: Any) -> None:
            worth = link.expires_at
            put(connection, "invitation", person, account.email, "en", now=now, worth_until=worth, link_id=link.id)

        links = Links(self.services.office, self.services.settings.secret_key)
        links.make("invitation", "mail", person, account.fs_uniquifier, now=now, beside=beside)

    def mails(self) -> list[Any]:
        with self.services.office.connect() as connection:
            return list(connection.execute(select(MAILS)))


@pytest.fixture
def office(data_folder: Path, database_url: str | None, tmp_path: Path) -> Iterator[Office]:
    if database_url is None:
        furnish(data_folder)
    env = {**os.environ, "COORD_DATA": str(data_folder), "COORD_SECRET_KEY": "k" * 40}
    if database_url:
        env["COORD_DATABASE_URL"] = database_url
    with mailbox(certificate(tmp_path, "server")) as box:
        settings = Settings(data=data_folder, database_url=database_url, secret_key="k" * 40, mail=box.server)
        services = build(settings, utc_now)
        yield Office(services, box, env | box.env)
        services.close()


@pytest.fixture
def senders(office: Office) -> Iterator[list[Sender]]:
    both = [Sender(office.env) for _ in range(2)]
    yield both
    for sender in both:
        sender.stop()


def test_killed_at_any_step_a_mail_is_sent_and_twice_only_where_nobody_can_know(office: Office, senders: list[Sender]):
    sender, box = senders[0], office.box
    for step in ("MAIL", "RCPT", "WORDS", "DATA"):
        office.invite(step.lower())
        box.slow_at = step
        box.reached.clear()
        pid = sender.begin()
        box.wait_until(step)
        os.kill(pid, signal.SIGKILL)
        sender.until_over()
        box.slow_at = ""
        assert [mail.state for mail in office.mails() if mail.state != "sent"] == ["waiting"]
        sender.begin()  # at once: the claim ended with its process
        sender.until_over()
        arrived = [(to, message["Message-ID"]) for to, message in box.arrived if to.startswith(step.lower())]
        assert len(arrived) == (2 if step == "DATA" else 1), step
        assert len(set(arrived)) == 1, "and both are known as one"
    assert {(mail.state, mail.attempts, mail.said) for mail in office.mails()} == {("sent", 2, "250 kept")}


def test_two_who_send_at_once_send_each_mail_once(office: Office, senders: list[Sender]):
    names = [f"p{number}" for number in range(8)]
    for name in names:
        office.invite(name)
    for sender in senders:
        sender.begin()
    for sender in senders:
        sender.until_over()
    assert sorted(address for address, _ in office.box.arrived) == [f"{name}@example.org" for name in names]
    assert {mail.state for mail in office.mails()} == {"sent"}
