"""One person in several roles: one sign-in, each role apart, and no child known in one by a stay in another."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import AddToTeam, OpenCase
from coord.application.case.questions import ReadCase
from coord.application.find.questions import Find
from coord.application.groups.commands import NameStandIns
from coord.application.groups.questions import ReadCourses, ReadMySessions, ReadRoster, ReadSession
from coord.application.history.questions import ReadAudit
from coord.application.home.questions import ReadCaseload
from coord.application.notes.commands import SaveDraft
from coord.application.people.commands import (
    AddPersonRole,
    ChangePersonRole,
    ConfirmChange,
    EndPersonRole,
    GivePassword,
    MovePerson,
)
from coord.application.people.handlers import PROPOSED, actor_of
from coord.application.people.questions import ReadMe, ReadPeople, ReadProposals
from coord.application.summary.questions import ReadSummary
from coord.application.timeline.questions import ReadTimeline, ReadTimelineAs
from coord.domain.actors import COMMAND_LINE, Actor, Discipline, Relation, Role
from coord.domain.errors import Conflict, DomainError, NotFound
from coord.domain.rising import Way
from coord.domain.teams import on_purpose
from tests.group_story import a_group
from tests.house import House


def teaches_too(house: House, person: Actor) -> None:
    """A role beside the first, at the school of the house's children."""
    house.services.doors.execute(COMMAND_LINE, AddPersonRole(person.person_id, Role.TEACHER, team="Hill School"))


def here_as(house: House, person: Actor, role: Role) -> Actor:
    """The person in one of their roles, as of now."""
    return actor_of(house.services.record.person(person.person_id), role.value)


def children(house: House, actor: Actor) -> set[str]:
    return {child["preferred_name"] for child in house.services.doors.ask(actor, ReadCaseload()).children}


def a_pupil_of(house: House, teacher: Actor) -> UUID:
    return house.open_case("Kim", by=house.stranger, members=((teacher, Relation.CLASS_TEACHER),))


def test_each_role_knows_its_own_children(house: House):
    teaches_too(house, house.ot)
    house.child  # noqa: B018 - of whom Ada is the occupational therapist
    pupil = a_pupil_of(house, house.ot)
    as_therapist, as_teacher = here_as(house, house.ot, Role.THERAPIST), here_as(house, house.ot, Role.TEACHER)
    assert (children(house, as_therapist), children(house, as_teacher)) == ({"Zig"}, {"Kim"})
    for actor, theirs, not_theirs in ((as_therapist, house.child, pupil), (as_teacher, pupil, house.child)):
        house.services.doors.ask(actor, ReadSummary(theirs))
        with pytest.raises(NotFound):
            house.services.doors.ask(actor, ReadSummary(not_theirs))
    (member,) = [
        m for m in house.services.doors.ask(house.stranger, ReadCase(pupil)).members if m["name"] == "Ada Lind"
    ]
    assert (member["role"], member["discipline"], member["current"]) == ("teacher", "school", True)


def test_in_each_role_the_record_says_the_same_of_a_child_as_the_views(house: House):
    """The door asks the record, lists ask the views: they agree in every role."""
    teaches_too(house, house.ot)
    pupil, case = a_pupil_of(house, house.ot), house.child
    for role in (Role.THERAPIST, Role.TEACHER):
        actor = here_as(house, house.ot, role)
        by_record = {
            i
            for i in (pupil, case)
            if house.services.record.case(i).relationship_of(actor, house.clock.now.date()).relation
        }
        known = house.services.doors.ask(actor, ReadCaseload()).children
        assert by_record == {child["case_id"] for child in known}


def test_a_role_that_has_ended_opens_nothing_for_another(house: House):
    teaches_too(house, house.ot)
    pupil = a_pupil_of(house, house.ot)
    house.services.doors.execute(house.admin, EndPersonRole(house.ot.person_id, Role.TEACHER, "Has left the school"))
    now = here_as(house, house.ot, Role.THERAPIST)
    assert here_as(house, house.ot, Role.TEACHER).role is Role.THERAPIST  # there is no other role to be here in
    assert children(house, now) == set()
    with pytest.raises(NotFound):
        house.services.doors.ask(now, ReadTimeline(pupil))
    (member,) = [
        m for m in house.services.doors.ask(house.stranger, ReadCase(pupil)).members if m["name"] == "Ada Lind"
    ]
    assert not member["current"]


def test_a_stay_from_before_the_first_role_changed_goes_on_with_it(house: House):
    house.child  # noqa: B018 - Stig is a student there
    house.services.doors.execute(
        COMMAND_LINE, ChangePersonRole(house.student.person_id, Role.THERAPIST, house.student.discipline)
    )
    teaches_too(house, house.student)
    assert children(house, here_as(house, house.student, Role.THERAPIST)) == {"Zig"}
    assert children(house, here_as(house, house.student, Role.TEACHER)) == set()


def test_a_draft_waits_in_the_role_in_which_it_was_begun(house: House):
    teaches_too(house, house.ot)
    draft = uuid4()
    body = {"format": "narrative", "sections": {"text": "Tied one"}}
    house.services.doors.execute(house.ot, SaveDraft(house.child, draft, "note", body))
    as_teacher = house.services.doors.ask(here_as(house, house.ot, Role.TEACHER), ReadCaseload())
    assert (as_teacher.drafts, as_teacher.drafts_left) == ([], [])
    as_therapist = house.services.doors.ask(here_as(house, house.ot, Role.THERAPIST), ReadCaseload())
    assert [d["id"] for d in as_therapist.drafts] == [draft]


def test_a_further_role_that_sees_children_at_once_takes_two(house: House):
    house.lead  # noqa: B018 - who could be the second
    asked = AddPersonRole(house.stranger.person_id, Role.TEAM_LEAD, house.stranger.discipline, "North")
    receipt = house.services.doors.execute(house.admin, asked)
    assert receipt.status == PROPOSED
    assert here_as(house, house.stranger, Role.TEAM_LEAD).role is Role.THERAPIST
    (waiting,) = house.services.doors.ask(house.lead, ReadProposals()).items
    assert (waiting["change"], waiting["wanted"]["role"]) == ("role-added", "team-lead")
    house.services.doors.execute(house.lead, ConfirmChange(house.stranger.person_id, waiting["number"]))
    leads = here_as(house, house.stranger, Role.TEAM_LEAD)
    assert (leads.role, leads.team, leads.further) == (Role.TEAM_LEAD, "North", True)
    told = [item["kind"] for item in house.services.doors.ask(house.lead, ReadAudit()).items]
    assert "person.role-added" in told


def test_a_role_that_opens_old_stays_again_takes_two(house: House):
    house.lead  # noqa: B018 - who could be the second
    doors = house.services.doors
    teaches_too(house, house.ot)
    a_pupil_of(house, house.ot)
    doors.execute(house.admin, EndPersonRole(house.ot.person_id, Role.TEACHER, "Has left the school"))
    house.clock.turn(days=100)
    again = AddPersonRole(house.ot.person_id, Role.TEACHER, team="Other School")
    assert doors.execute(house.admin, again).status == PROPOSED
    assert Role.TEACHER not in {one.role for one in house.services.record.person(house.ot.person_id).standings}
    (waiting,) = doors.ask(house.lead, ReadProposals()).items
    doors.execute(house.lead, ConfirmChange(house.ot.person_id, waiting["number"]))
    assert children(house, here_as(house, house.ot, Role.TEACHER)) == {"Kim"}


def test_a_first_role_that_is_given_back_beside_another_takes_two(house: House):
    house.lead, house.child  # noqa: B018 - who could be the second; Ada is on the care team
    doors = house.services.doors
    doors.execute(COMMAND_LINE, ChangePersonRole(house.ot.person_id, Role.ADMINISTRATOR))
    back = AddPersonRole(house.ot.person_id, Role.THERAPIST, house.ot.discipline, "North")
    assert doors.execute(house.admin, back).status == PROPOSED
    assert children(house, here_as(house, house.ot, Role.THERAPIST)) == set()


def test_nobody_is_the_second_person_in_another_role(house: House):
    house.lead  # noqa: B018 - who could be the second
    doors = house.services.doors
    doors.execute(COMMAND_LINE, AddPersonRole(house.admin.person_id, Role.TEAM_LEAD, None, "North"))
    doors.execute(house.admin, ChangePersonRole(house.stranger.person_id, Role.TEAM_LEAD))
    (waiting,) = doors.ask(house.lead, ReadProposals()).items
    with pytest.raises(Conflict) as refused:
        doors.execute(
            here_as(house, house.admin, Role.TEAM_LEAD), ConfirmChange(house.stranger.person_id, waiting["number"])
        )
    assert refused.value.code == "needs-another-person"


def test_nobody_gives_a_role_to_themselves_and_each_role_is_given_once(house: House):
    with pytest.raises(Conflict) as refused:
        house.services.doors.execute(
            house.admin, AddPersonRole(house.admin.person_id, Role.TEACHER, team="Hill School")
        )
    assert refused.value.code == "not-oneself"
    teaches_too(house, house.ot)
    with pytest.raises(Conflict) as twice:
        teaches_too(house, house.ot)
    assert twice.value.code == "has-that-role"


def test_colleagues_find_somebody_by_every_role_and_put_them_on_a_team_in_the_one_that_fits(house: House):
    doors = house.services.doors
    doors.execute(COMMAND_LINE, AddPersonRole(house.admin.person_id, Role.THERAPIST, house.slt.discipline, "North"))
    (found,) = doors.ask(house.ot, ReadPeople("Max Vik")).items
    assert [one["role"] for one in found["further"]] == ["therapist"]
    doors.execute(house.ot, AddToTeam(house.child, house.admin.person_id, Relation.SPEECH_THERAPIST))
    assert children(house, here_as(house, house.admin, Role.THERAPIST)) == {"Zig"}
    assert children(house, here_as(house, house.admin, Role.ADMINISTRATOR)) == set()
    waiting = house.note(house.student)
    awaiting = doors.ask(replace(here_as(house, house.admin, Role.THERAPIST)), ReadCaseload()).awaiting
    assert waiting not in {note["note_id"] for note in awaiting}  # of another discipline


def test_a_note_that_somebody_could_cosign_in_another_role_alone_waits_for_the_lead(house: House):
    teaches_too(house, house.ot)
    pupil = house.open_case(
        "Kim",
        by=house.slt,
        members=((house.ot, Relation.CLASS_TEACHER), (house.student, Relation.STUDENT)),
    )
    house.lead  # noqa: B018 - of the service team
    waits = house.note(house.student, case_id=pupil)
    for role in (Role.THERAPIST, Role.TEACHER):
        awaiting = house.services.doors.ask(here_as(house, house.ot, role), ReadCaseload()).awaiting
        assert waits not in {note["note_id"] for note in awaiting}
    left = house.services.doors.ask(house.lead, ReadCaseload()).nobody_cosigns
    assert [note["note_id"] for note in left] == [waits]


def test_a_colleague_is_found_as_what_they_are_to_the_child_and_not_once_that_has_ended(house: House):
    doors = house.services.doors
    doors.execute(COMMAND_LINE, AddPersonRole(house.admin.person_id, Role.THERAPIST, house.slt.discipline, "North"))
    doors.execute(house.ot, AddToTeam(house.child, house.admin.person_id, Relation.SPEECH_THERAPIST))
    (found,) = doors.ask(house.ot, Find("Max Vik")).colleagues
    assert (found["role"], found["discipline"]) == ("therapist", "slt")
    doors.execute(COMMAND_LINE, EndPersonRole(house.admin.person_id, Role.THERAPIST, "Looks after accounts alone now"))
    assert list(doors.ask(house.ot, Find("Max Vik")).colleagues) == []


def test_who_one_is_is_told_in_the_role_at_hand(house: House):
    teaches_too(house, house.ot)
    me = house.services.doors.ask(here_as(house, house.ot, Role.TEACHER), ReadMe()).me
    assert me is not None
    assert (me["role"], me["team"]) == ("teacher", "Hill School")
    assert [one["role"] for one in me["further"]] == ["therapist"]


def test_a_link_that_was_confirmed_is_given_in_the_role_that_may(house: House):
    doors = house.services.doors
    house.child, house.lead  # noqa: B018 - Ada sees a child, and somebody could be the second
    doors.execute(COMMAND_LINE, AddPersonRole(house.admin.person_id, Role.TEAM_LEAD, None, "North"))
    doors.execute(house.admin, GivePassword(house.ot.person_id, Way.LETTER))
    (waiting,) = doors.ask(house.lead, ReadProposals()).items
    doors.execute(house.lead, ConfirmChange(house.ot.person_id, waiting["number"]))
    for role, may in ((Role.ADMINISTRATOR, {"give"}), (Role.TEAM_LEAD, set[str]())):
        (item,) = doors.ask(here_as(house, house.admin, role), ReadProposals()).items
        assert item["may"] == may


def studies_elsewhere(house: House, person: Actor) -> None:
    """A role beside the first, in a service team that knows nothing of the house's."""
    asked = AddPersonRole(person.person_id, Role.STUDENT, Discipline.PSYCHOLOGY, "South", on_purpose("South"))
    house.services.doors.execute(COMMAND_LINE, asked)


def my_courses(house: House, actor: Actor) -> list[UUID]:
    return [course.id for course in house.services.doors.ask(actor, ReadCourses()).courses if course.on_staff]


def my_sessions(house: House, actor: Actor) -> set[int]:
    today = house.clock.now.date()
    mine = house.services.doors.ask(actor, ReadMySessions(today, today + timedelta(days=100), waiting=True))
    return {session.number for session in mine.sessions}


def test_a_group_that_one_runs_in_one_role_opens_nothing_to_another(house: House):
    group = a_group(house, 2)
    doors = house.services.doors
    studies_elsewhere(house, house.ot)
    as_therapist, as_student = here_as(house, house.ot, Role.THERAPIST), here_as(house, house.ot, Role.STUDENT)
    assert len(doors.ask(as_therapist, ReadRoster(group.course)).children) == 2
    assert (my_courses(house, as_therapist), len(my_sessions(house, as_therapist))) == ([group.course], 10)
    with pytest.raises(DomainError):
        doors.ask(as_student, ReadRoster(group.course))
    assert (my_courses(house, as_student), my_sessions(house, as_student)) == ([], set())


def test_who_stands_in_does_so_in_the_role_that_they_were_named_in(house: House):
    group = a_group(house, 2, staff=[house.ot])
    doors = house.services.doors
    group.do(house.ot, NameStandIns(group.course, 1, [house.slt.person_id], "Ada is away"))
    studies_elsewhere(house, house.slt)
    as_therapist, as_student = here_as(house, house.slt, Role.THERAPIST), here_as(house, house.slt, Role.STUDENT)
    assert doors.ask(as_therapist, ReadSession(group.course, 1)).stands_in
    assert my_sessions(house, as_therapist) == {1}
    with pytest.raises(DomainError):
        doors.ask(as_student, ReadSession(group.course, 1))
    assert my_sessions(house, as_student) == set()


def test_who_is_a_student_and_a_therapist_runs_a_group_as_the_therapist(house: House):
    doors = house.services.doors
    doors.execute(COMMAND_LINE, AddPersonRole(house.student.person_id, Role.THERAPIST, Discipline.OT, "North"))
    group = a_group(house, 1, staff=[house.ot, house.student])
    as_therapist, as_student = (here_as(house, house.student, role) for role in (Role.THERAPIST, Role.STUDENT))
    assert house.services.record.course(group.course).staff[str(house.student.person_id)]["role"] == "therapist"
    assert (my_courses(house, as_therapist), my_courses(house, as_student)) == ([group.course], [])
    doors.execute(house.admin, EndPersonRole(house.student.person_id, Role.THERAPIST, "Is a student again"))
    assert my_courses(house, here_as(house, house.student, Role.STUDENT)) == []


def test_who_opens_a_case_knows_the_child_in_the_role_in_which_they_did(house: House):
    """A lead may have the same relation to a child as a therapist of another discipline."""
    doors, person = house.services.doors, house.stranger.person_id
    house.lead  # noqa: B018 - a team has one before it takes children in
    doors.execute(COMMAND_LINE, ChangePersonRole(person, Role.TEAM_LEAD))
    doors.execute(COMMAND_LINE, MovePerson(person, "South", on_purpose("South")))
    doors.execute(COMMAND_LINE, AddPersonRole(person, Role.THERAPIST, Discipline.OTHER, "North"))
    as_therapist, case = here_as(house, house.stranger, Role.THERAPIST), uuid4()
    doors.execute(as_therapist, OpenCase(case, "Pim", "Pim Pimsen", date(2018, 1, 1), ("it",), "Hill School", "1A"))
    (stay,) = house.services.record.case(case).members[str(person)]
    assert (stay["role"], stay["discipline"]) == ("therapist", "other")
    assert children(house, as_therapist) == {"Pim"}
    assert children(house, here_as(house, house.stranger, Role.TEAM_LEAD)) == set()


def test_a_further_role_that_ended_and_became_the_first_counts_again(house: House):
    """For who looks from outside, too: on the care team, and in what somebody could read at a time."""
    doors = house.services.doors
    teaches_too(house, house.ot)
    pupil = a_pupil_of(house, house.ot)
    doors.execute(COMMAND_LINE, EndPersonRole(house.ot.person_id, Role.TEACHER, "Has left the school"))
    doors.execute(COMMAND_LINE, ChangePersonRole(house.ot.person_id, Role.TEACHER))
    assert children(house, here_as(house, house.ot, Role.TEACHER)) == {"Kim"}
    (member,) = [m for m in doors.ask(house.stranger, ReadCase(pupil)).members if m["name"] == "Ada Lind"]
    assert member["current"]
    then = doors.ask(house.lead, ReadTimelineAs(pupil, house.ot.person_id)).reader
    assert then is not None
    assert (then["role"], then["relation"], then["knew"]) == ("teacher", "class-teacher", True)
