"""Complaint files are made in a process of their own, which the worker starts when one is wanted."""

import os
import time
from typing import Any

import pytest

from coord.application.complaint_file.questions import AskForComplaintFile
from coord.application.people.commands import AddPersonRole
from coord.application.people.handlers import actor_of
from coord.cli.beside import LOOKED_EVERY
from coord.cli.complaint_files import maker as the_maker
from coord.domain.actors import COMMAND_LINE, Discipline, Role
from coord.follower import Follower
from coord.office.complaint_files import ComplaintFiles
from coord.web.complaint_file import ordering
from coord.web.complaint_file.making import make_next
from tests.house import House


@pytest.fixture
def in_its_own_process(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    settings = house.services.settings
    monkeypatch.setenv("COORD_DATA", str(settings.data))
    monkeypatch.setenv("COORD_SECRET_KEY", settings.secret_key)
    monkeypatch.delenv("COORD_DATABASE_URL", raising=False)
    return house


def test_the_worker_has_what_is_wanted_made_and_starts_nothing_else(in_its_own_process: House):
    house = in_its_own_process
    maker: Any = the_maker(house.services)
    maker.look()
    assert not vars(maker)["_running"], "nothing is wanted"
    house.note(house.ot)
    file = ordering.order(house.services, house.lead, AskForComplaintFile(house.child, "Why"), "en")
    maker._look_due = 0
    maker.look()
    running = maker._running
    assert running is not None
    maker.look()
    assert maker._running is running, "never two at a time"
    assert running.wait(120) == 0
    made = ComplaintFiles(house.services.office).one(file.id, house.lead.person_id, house.clock.now)
    assert made is not None
    assert made.status == "ready"


def test_what_cannot_begin_is_not_begun_every_second(in_its_own_process: House, monkeypatch: pytest.MonkeyPatch):
    house = in_its_own_process
    ordering.order(house.services, house.lead, AskForComplaintFile(house.child, "Why"), "en")
    monkeypatch.setenv("COORD_ZONE", "Nowhere/At-All")
    maker: Any = the_maker(house.services)
    maker.look()
    assert maker._running.wait(120) != 0
    maker._look_due = 0
    for _time in range(2):
        maker.look()
        assert maker._running is None
    assert maker._look_due > time.monotonic() + LOOKED_EVERY


def test_a_fault_of_its_own_keeps_the_worker_from_nothing(house: House, monkeypatch: pytest.MonkeyPatch):
    def no_room(*_: Any) -> None:
        raise OSError("Cannot allocate memory")

    ordering.order(house.services, house.lead, AskForComplaintFile(house.child, "Why"), "en")
    monkeypatch.setattr("coord.cli.beside.subprocess.Popen", no_room)
    follower: Any = Follower(house.services, beside=the_maker(house.services).look)
    follower._turn()


def test_a_worker_that_stops_lets_the_file_wait_again(in_its_own_process: House):
    house = in_its_own_process
    for n in range(60):
        house.note(house.ot, f"Note {n}.")
    file = ordering.order(house.services, house.lead, AskForComplaintFile(house.child, "Why"), "en")
    maker, files = the_maker(house.services), ComplaintFiles(house.services.office)
    maker.look()
    give_up = time.monotonic() + 120
    while time.monotonic() < give_up:
        one = files.one(file.id, house.lead.person_id, house.clock.now)
        assert one is not None
        if one.status != "waiting":
            break
        time.sleep(0.05)
    maker.stop()
    assert maker._running is not None
    assert maker._running.poll() is not None
    one = files.one(file.id, house.lead.person_id, house.clock.now)
    assert one is not None
    assert one.status in ("waiting", "ready"), "what was begun is not lost"
    assert os.environ["COORD_DATA"]


def test_it_is_made_in_the_role_in_which_it_was_asked_for(in_its_own_process: House):
    house = in_its_own_process
    house.child, house.lead  # noqa: B018 - of whom Pia comes to lead the team, beside being no member of the care team
    pia = house.person("Pia Strand", Role.THERAPIST, Discipline.OTHER)
    house.services.doors.execute(COMMAND_LINE, AddPersonRole(pia.person_id, Role.TEAM_LEAD, team="North"))
    leads = actor_of(house.services.record.person(pia.person_id), "team-lead")
    file = ordering.order(house.services, leads, AskForComplaintFile(house.child, "Why"), "en")
    assert make_next(house.app, house.services)
    made = ComplaintFiles(house.services.office).one(file.id, pia.person_id, house.clock.now)
    assert made is not None
    assert (made.status, made.why) == ("ready", "")
