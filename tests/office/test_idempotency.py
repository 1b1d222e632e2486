"""A key that a process held when it was killed is free at once; one that a living process holds is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from coord.office.idempotency import ABANDONED_AFTER, AT_WORK, Claim, Replies, Reply
from coord.office.process import has_ended, this_process
from coord.persistence import Stores, open_stores
from coord.settings import Settings
from tests.house import NOW

HOLDER = """
import sys
from datetime import datetime
from pathlib import Path
from uuid import UUID
from coord.office.idempotency import Replies
from coord.persistence import open_stores
from coord.settings import Settings

folder, url, person, now = sys.argv[1:]
office = open_stores(Settings(data=Path(folder), database_url=url or None)).office
claim = Replies(office, "s" * 40).claim(
    "k", person_id=UUID(person), route="/x", request=b"a", now=datetime.fromisoformat(now)
)
print(type(claim).__name__, flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def postgres_database(prepared_database: str) -> str:
    return prepared_database


@pytest.fixture
def stores(data_folder, database_url):
    from coord.office import create_tables

    stores = open_stores(Settings(data=data_folder, database_url=database_url))
    create_tables(stores.office)
    yield stores
    stores.close()


@pytest.fixture
def person() -> UUID:
    return uuid4()


@pytest.fixture
def holder(stores: Stores, data_folder, database_url, person: UUID):
    """A process that is at work on the key."""
    arguments = [str(data_folder), database_url or "", str(person), NOW.isoformat()]
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "Claim\n"
    yield holder
    holder.kill()
    holder.communicate()


def claimed(stores: Stores, person: UUID, *, seconds: float = 0) -> object:
    now = NOW + timedelta(seconds=seconds)
    return Replies(stores.office, "s" * 40).claim("k", person_id=person, route="/x", request=b"a", now=now)


def test_the_retry_of_what_a_killed_process_was_at_goes_ahead(stores: Stores, person: UUID, holder):
    assert claimed(stores, person) == "in-progress"
    os.kill(holder.pid, signal.SIGKILL)
    os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and nobody has taken note of it yet
    claim = claimed(stores, person)
    assert isinstance(claim, Claim)
    assert claimed(stores, person) == "in-progress"  # we hold it now, and live
    Replies(stores.office, "s" * 40).keep(claim, Reply(201, None, None, "{}"))
    assert claimed(stores, person) == Reply(201, None, None, "{}")
    with stores.office.connect() as connection:
        assert connection.execute(AT_WORK.select()).all() == []


def test_of_another_machine_nothing_is_known_until_its_time_is_up(stores: Stores, person: UUID, holder):
    with stores.office.begin() as connection:
        connection.execute(update(AT_WORK).values(process="another-machine/pid:[1] 1 2"))
    assert claimed(stores, person) == "in-progress"
    assert isinstance(claimed(stores, person, seconds=ABANDONED_AFTER.total_seconds() + 1), Claim)


def test_a_number_that_was_given_again_is_another_process():
    place, number, began = this_process().split(" ")
    assert not has_ended(this_process())
    assert has_ended(f"{place} {number} {int(began) + 1}")
    assert has_ended(f"{place} {2**22 + 1} {began}")
    for unknown in ("", "nowhere 1 2", f"{place} x {began}"):
        assert not has_ended(unknown)
