"""Colleagues: found however their names are typed, and shown on a care team as they are today."""

import pytest

from coord.application.case.commands import AddToTeam, RemoveFromTeam
from coord.application.case.questions import ReadCase
from coord.application.history.questions import ReadAudit, ReadHistory
from coord.application.people.commands import ChangePersonRole, DisablePerson
from coord.application.people.questions import ReadAccounts, ReadPeople
from coord.domain.actors import COMMAND_LINE, Discipline, Relation, Role
from tests.house import House, answered


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Anna De Luca", "De Luca Anna"),
        ("Anna De Luca", "anna   luca"),
        ("Anna De Luca", "deluca"),
        ("Nicolò D'Angelo", "nicolo"),
        ("Nicolò D'Angelo", "dangelo nico"),
        ("Nicolò D'Angelo", "D’Angelo"),
        ("Nicolo Però", "PERÒ"),
    ],
)
def test_a_colleague_is_found_however_the_name_is_typed(house: House, name: str, typed: str):
    house.person(name, Role.THERAPIST, Discipline.OT)
    for person, question in ((house.slt, ReadPeople(typed)), (house.admin, ReadAccounts(typed))):
        assert [p["name"] for p in house.services.doors.ask(person, question).items] == [name]


def test_a_care_team_shows_role_and_discipline_of_today_and_the_history_those_of_then(house: House):
    house.services.doors.execute(COMMAND_LINE, ChangePersonRole(house.slt.person_id, Role.THERAPIST, Discipline.OTHER))
    house.child  # noqa: B018 - Sol joins as what they are
    house.services.doors.execute(COMMAND_LINE, ChangePersonRole(house.slt.person_id, Role.THERAPIST, Discipline.SLT))
    members = {m["name"]: m for m in house.services.doors.ask(house.ot, ReadCase(house.child)).members}
    assert members["Sol Berg"]["discipline"] == "slt"
    history = house.services.doors.ask(house.lead, ReadHistory(house.child)).items
    joined = {i["detail"]["name"]: i["detail"] for i in history if i["kind"] == "case.team-member-joined"}
    assert joined["Sol Berg"]["discipline"] == "other"


def test_a_colleague_without_access_is_not_there_now(house: House):
    house.child  # noqa: B018 - Sol is on the team, with an open end
    answered(house.services.doors, COMMAND_LINE, DisablePerson(house.slt.person_id, "left the service"))
    members = {m["name"]: m for m in house.services.doors.ask(house.ot, ReadCase(house.child)).members}
    assert (members["Sol Berg"]["current"], members["Sol Berg"]["active"]) == (False, False)
    assert (members["Pia Holm"]["current"], members["Pia Holm"]["active"]) == (True, True)
    page = house.browser_of(house.ot).get(f"/children/{house.child}/team").text
    row = next(part for part in page.split("<tr") if "Sol Berg" in part)
    assert "Without access" in row
    assert "Take off the team" in row


def test_who_left_a_care_team_is_no_business_of_the_childs_team(house: House):
    sue = house.person("Sue Hall", Role.THERAPIST, Discipline.SLT, "South")
    case = house.child
    execute = house.services.doors.execute
    execute(house.ot, AddToTeam(case, sue.person_id, Relation.SPEECH_THERAPIST))
    execute(house.ot, RemoveFromTeam(case, sue.person_id))
    execute(COMMAND_LINE, DisablePerson(sue.person_id, "left"))
    kinds = [i["kind"] for i in house.services.doors.ask(house.lead, ReadAudit()).items]
    assert "person.disabled" not in kinds
