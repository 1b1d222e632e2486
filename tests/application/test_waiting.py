"""What waits for whom: given these events, this list, for each role; in order, page by page, and what it leaves."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import AddToTeam, ChangeAlert, CloseCase, RemoveFromTeam
from coord.application.goals import commands as g
from coord.application.groups import commands as w
from coord.application.home.questions import ReadCaseload
from coord.application.notes.commands import CosignNote, SaveDraft
from coord.application.people.commands import ChangePersonRole
from coord.application.people.questions import ReadProposals
from coord.application.summary.commands import RecallSummary
from coord.application.waiting.questions import ReadWaiting, Urgency, Waiting, WaitingAnswer, WaitingKind
from coord.domain.actors import Actor, Discipline, Relation, Role
from coord.domain.case import GoalContent
from coord.domain.errors import InvalidInput, NotFound
from coord.office.complaint_files import FAILED, READY, ComplaintFile, ComplaintFiles
from coord.persistence import Stores, open_stores
from tests.aims import NUTS, alerted, goal
from tests.group_story import Group
from tests.house import House, answered
from tests.projections.test_following import stop

K = WaitingKind


def answer(house: House, who: Actor, **more: Any) -> WaitingAnswer:
    found: WaitingAnswer = house.services.doors.ask(who, ReadWaiting(**more))
    return found


def listed(house: House, who: Actor, **more: Any) -> list[Waiting]:
    return list(answer(house, who, **more).items)


def kinds(house: House, who: Actor) -> list[WaitingKind]:
    return [one.kind for one in listed(house, who)]


def draft(house: House, who: Actor, kind: str = "note", *, case_id: UUID | None = None, text: str = "He ran") -> UUID:
    draft_id = uuid4()
    body = {"format": "narrative", "sections": {"text": text}} if kind == "note" else {}
    house.services.doors.execute(who, SaveDraft(case_id or house.child, draft_id, kind, body))
    return draft_id


def due_goal(house: House, days: int = 5, **more: Any) -> UUID:
    return goal(house, review_date=house.clock.now.date() + timedelta(days=days), **more)


@pytest.fixture
def stores(house: House) -> Iterator[Stores]:
    stores = open_stores(house.services.settings)
    yield stores
    stores.close()


# ---- for each role -----------------------------------------------------------------------------------------------


def test_of_a_house_where_nothing_is_left_nothing_waits_for_anybody(house: House):
    house.note(house.ot)
    goal(house)
    house.summary()
    alerted(house)
    for who in (house.ot, house.student, house.teacher, house.lead, house.admin):
        assert answer(house, who).items == []


def test_a_therapist_is_told_what_is_theirs_to_do(house: House):
    alerted(house, review_on=house.clock.now.date() + timedelta(days=2))
    reviewed = due_goal(house, days=4)
    proposed = goal(house, "Waits for a turn", status="proposed")
    house.summary(review_in=6)
    house.clock.turn(days=8)
    note = house.note(house.student)
    words = draft(house, house.ot)
    found = listed(house, house.ot)
    assert [(one.kind, one.urgency) for one in found] == [
        (K.ALERT, Urgency.OVERDUE),
        (K.GOAL_REVIEW, Urgency.OVERDUE),
        (K.SUMMARY, Urgency.OVERDUE),
        (K.COSIGNATURE, Urgency.OPEN),
        (K.GOAL_AGREEMENT, Urgency.OPEN),
        (K.DRAFT, Urgency.OPEN),
    ]
    assert {one.preferred_name for one in found} == {"Zig"}
    assert [one.id for one in found if one.id and one.kind is not K.ALERT] == [reviewed, note, proposed, words]
    assert [one.text for one in found][:2] == ["Nut allergy", "Zig asks for a break with a card."]
    assert (found[3].person_name, found[5].text, found[5].detail) == ("Stig Moe", "He ran", "note")
    do = house.services.doors.execute
    do(house.ot, CosignNote(house.child, note, 1))
    do(house.ot, g.AgreeGoal(house.child, proposed, 1, [("Mia, mother", "guardian")]))
    assert kinds(house, house.ot) == [K.ALERT, K.GOAL_REVIEW, K.SUMMARY, K.DRAFT]


def test_a_student_has_drafts_and_what_waits_for_others_stands_apart(house: House):
    note, words = house.note(house.student), draft(house, house.student)
    found = answer(house, house.student)
    assert [(one.kind, one.id) for one in found.items] == [(K.DRAFT, words)]
    assert [(one.kind, one.id) for one in found.for_others] == [(K.COSIGNATURE, note)]
    assert found.total == 1


def test_a_teacher_has_drafts_and_neither_reviews_nor_agreements(house: House):
    alerted(house, review_on=house.clock.now.date() + timedelta(days=2))
    due_goal(house), goal(house, status="proposed")
    house.summary(review_in=2)
    house.clock.turn(days=8)
    assert listed(house, house.teacher) == []
    draft(house, house.teacher)
    assert kinds(house, house.teacher) == [K.DRAFT]


def test_a_lead_has_what_nobody_else_can_do(house: House):
    other = house.person("Otto Rem", Role.STUDENT, Discipline.OTHER)
    house.services.doors.execute(house.ot, AddToTeam(house.child, other.person_id, Relation.STUDENT))
    left = house.note(other)
    of_sol, of_ada = due_goal(house, by=house.slt), due_goal(house, statement="Ties both laces")
    house.clock.turn(days=8)
    assert [one.id for one in listed(house, house.slt)] == [of_sol]
    assert [(one.kind, one.id) for one in listed(house, house.lead)] == [(K.NOBODY_COSIGNS, left)]
    answered(house.services.doors, house.lead, RemoveFromTeam(house.child, house.slt.person_id))
    assert [(one.kind, one.id) for one in listed(house, house.lead)] == [
        (K.GOAL_REVIEW, of_sol),
        (K.NOBODY_COSIGNS, left),
    ]
    assert [one.id for one in listed(house, house.ot)] == [of_ada]
    assert listed(house, house.slt) == []


def test_a_students_goal_is_for_the_therapists_of_the_discipline(house: House):
    theirs = goal(house, by=house.student, status="proposed")
    assert [(one.kind, one.id) for one in listed(house, house.ot)] == [(K.GOAL_AGREEMENT, theirs)]
    for who in (house.student, house.slt, house.lead):
        assert listed(house, who) == []


def test_a_goal_put_in_other_words_is_to_be_agreed_again(house: House):
    aim = goal(house)
    assert listed(house, house.ot) == []
    review = house.clock.now.date() + timedelta(days=80)
    other = GoalContent("Asks aloud", ["school"], review_date=review, audience="care-team")
    house.services.doors.execute(house.ot, g.ReviseGoal(house.child, aim, 3, other, "grew"))
    (found,) = listed(house, house.ot)
    assert (found.kind, found.text) == (K.GOAL_AGREEMENT, "Asks aloud")


def test_what_takes_two_waits_for_who_may_be_the_second_and_not_for_who_proposed_it(house: House):
    house.lead  # noqa: B018 - somebody who could be the second
    role = ChangePersonRole(house.stranger.person_id, Role.TEAM_LEAD, Discipline.OT)
    house.services.doors.execute(house.admin, role)
    (found,) = listed(house, house.lead)
    assert (found.kind, found.urgency, found.person_name, found.detail) == (
        *(K.PROPOSAL, Urgency.SOON, "Una Rask", "role"),
    )
    assert (found.case_id, found.preferred_name) == (None, "")
    (proposal,) = house.services.doors.ask(house.lead, ReadProposals()).items
    assert found.number == proposal["number"]
    for who in (house.admin, house.stranger, house.ot):
        assert listed(house, who) == []
    house.clock.turn(days=8)
    assert listed(house, house.lead) == []


def test_what_others_did_to_ones_account_is_one_line_until_it_was_seen(house: House):
    role = ChangePersonRole(house.stranger.person_id, Role.THERAPIST, Discipline.SLT)
    house.services.doors.execute(house.admin, role)
    (found,) = listed(house, house.stranger)
    assert (found.kind, found.number) == (K.ACCOUNT, 1)
    page = house.browser_of(house.stranger)
    position = house.services.record.head()
    page.post("/account/changes/seen", {"position": position}, form_on="/account/changes")
    assert listed(house, house.stranger) == []


def test_sessions_that_nobody_recorded_and_recordings_that_disagree_name_no_child(house: House):
    group = Group(house)
    group.plan()
    case = group.child("Brio")
    group.enrol(case)
    house.clock.turn(days=8)
    found = [one for one in listed(house, house.ot) if one.kind is K.SESSION]
    assert [(one.id, one.number, one.text, one.urgency) for one in found] == [
        (group.course, number, "Tuesday builders", Urgency.OVERDUE) for number in (1, 2)
    ]
    assert [one.case_id for one in found] == [None, None]
    group.record(number=1)
    group.record(group.line(case, attendance="absent"), number=1, who=house.stranger)
    assert [one.kind for one in listed(house, house.ot)] == [K.SESSION, K.RECORDINGS]


def test_recordings_that_disagree_wait_for_who_may_settle_them_and_for_nobody_else(house: House):
    third = house.person("Thea Rossi", Role.THERAPIST, Discipline.OT)
    south = house.person("Sara Fell", Role.TEAM_LEAD, team="South")
    house.lead  # noqa: B018 - made now
    group = Group(house)
    group.plan(staff=[house.ot, house.stranger, third])
    one, other = group.child("Brio"), group.child("Cleo")
    group.enrol(other)
    group.record(group.line(other), number=1, who=third)  # the other child had no place yet
    group.enrol(one)
    group.record(number=1)
    group.record(group.line(one, attendance="absent"), group.line(other), number=1, who=house.stranger)

    def asks() -> list[bool]:
        people = (house.ot, house.stranger, house.lead, third, south)
        return [K.RECORDINGS in kinds(house, who) for who in people]

    assert asks() == [True, True, True, False, False]
    (found,) = (it for it in listed(house, house.lead) if it.kind is K.RECORDINGS)
    assert (found.id, found.number, found.case_id) == (group.course, 1, None)
    recordings = house.services.record.course(group.course).session(1)["recordings"].values()
    line = next(r["lines"][str(one)] for r in recordings if r["by"] == str(house.ot.person_id))
    group.do(house.lead, w.SettleAttendance(group.course, 1, one, UUID(line), "The mother called"))
    assert asks() == [False] * 5


def test_a_complaint_file_waits_until_it_goes_and_one_that_failed_says_so(house: House):
    house.child  # noqa: B018 - made now
    files, now = ComplaintFiles(house.services.office), house.clock.now
    moved = house.person("Sara Fell", Role.TEAM_LEAD, team="South")
    for who, status in ((house.lead, READY), (house.lead, FAILED), (moved, READY)):
        wanted: dict[str, Any] = dict.fromkeys((field.name for field in fields(ComplaintFile)), 0)
        wanted |= {"id": uuid4(), "case_id": house.child, "person_id": who.person_id, "reader": None}
        wanted |= {"language": "en", "reason": f"They complained, {status}", "why": "", "chapter": "", "beat_at": None}
        wanted |= {"at": now, "asked_at": now, "finished_at": now, "status": status, "position": 1}
        files.ask(ComplaintFile(**wanted))
    found = listed(house, house.lead)
    assert {(one.kind, one.detail, one.urgency) for one in found} == {
        (K.COMPLAINT_FILE, READY, Urgency.SOON),
        (K.COMPLAINT_FILE, FAILED, Urgency.SOON),
    }
    assert listed(house, house.ot) == []
    house.open_case("Abe", by=house.person("Kay Lo", Role.THERAPIST, Discipline.SLT, "South"), members=())
    assert listed(house, moved) == [], "who leads another team by now"
    house.clock.turn(days=8)
    assert listed(house, house.lead) == []


# ---- the school summary ------------------------------------------------------------------------------------------


def test_a_summary_waits_when_its_day_has_come_or_what_it_rests_on_has_changed_and_no_more_once_it_is_renewed(
    house: House,
):
    aim = goal(house)
    house.summary(review_in=9, sources=[aim])
    assert listed(house, house.ot) == []
    review = house.clock.now.date() + timedelta(days=80)
    other = GoalContent("Asks aloud", ["school"], review_date=review, audience="care-team-and-school")
    do = house.services.doors.execute
    do(house.ot, g.ReviseGoal(house.child, aim, 3, other, "grew"))
    do(house.ot, g.AgreeGoal(house.child, aim, 4, [("Mia, mother", "guardian")]))
    (found,) = listed(house, house.ot)
    assert (found.kind, found.detail, found.urgency) == (K.SUMMARY, "sources", Urgency.OPEN)
    house.clock.turn(days=9)
    (found,) = listed(house, house.psychologist)
    assert (found.detail, found.urgency) == ("review", Urgency.SOON)
    house.summary(version=1, valid_in=3)
    assert listed(house, house.ot) == [], "the next one is there, for a later day"
    do(house.ot, RecallSummary(house.child, "Wrong child", 2))
    assert kinds(house, house.ot) == [K.SUMMARY]
    do(house.ot, RecallSummary(house.child, "Wrong child"))
    assert listed(house, house.ot) == []


# ---- of whom -----------------------------------------------------------------------------------------------------


def test_nothing_is_told_of_a_child_whom_one_does_not_know(house: House):
    alerted(house, review_on=house.clock.now.date() + timedelta(days=2))
    due_goal(house), house.note(house.student)
    house.summary(review_in=2)
    house.clock.turn(days=8)
    elsewhere = house.person("Liv Aas", Role.TEAM_LEAD, team="South")
    for who in (house.stranger, elsewhere, house.admin):
        assert listed(house, who) == []
        with pytest.raises(NotFound):
            answer(house, who, child=house.child)


def test_a_lead_of_another_team_who_is_on_the_care_team_is_not_asked_for_what_they_may_not_do(house: House):
    sara = house.person("Sara Fell", Role.TEAM_LEAD, team="South")
    house.services.doors.execute(house.ot, AddToTeam(house.child, sara.person_id, Relation.COORDINATOR))
    alerted(house, review_on=house.clock.now.date() + timedelta(days=2))
    goal(house, by=house.student, status="proposed")
    house.summary(review_in=2)
    house.clock.turn(days=8)
    assert kinds(house, house.ot) == [K.ALERT, K.SUMMARY, K.GOAL_AGREEMENT]
    assert listed(house, sara) == []
    theirs = goal(house, "Sits", by=sara, status="proposed")
    assert listed(house, sara) == []
    assert theirs in {one.id for one in listed(house, house.lead)}


def test_a_draft_of_a_child_whom_one_knows_no_more_says_nothing_of_the_child(house: House):
    words = draft(house, house.slt, text="Zig ran away")
    answered(house.services.doors, house.ot, RemoveFromTeam(house.child, house.slt.person_id))
    (found,) = listed(house, house.slt)
    assert (found.kind, found.id, found.preferred_name, found.text) == (K.DRAFT_LEFT, words, "", "")


def test_an_alert_for_the_professionals_and_a_closed_case(house: House):
    alerted(house, audience="care-team", review_on=house.clock.now.date() + timedelta(days=2))
    due_goal(house)
    house.summary(review_in=2)
    house.clock.turn(days=8)
    assert kinds(house, house.slt) == [K.ALERT, K.SUMMARY]
    answered(house.services.doors, house.ot, CloseCase(house.child, "Moved away"))
    assert listed(house, house.ot) == []


def test_the_children_on_a_page_leave_a_look_and_a_goals_words_with_the_goal(house: House):
    first, other = house.child, house.open_case("Abe")
    aim = due_goal(house, case_id=first)
    draft(house, house.ot, case_id=other)
    house.clock.turn(days=8)
    answer(house, house.ot, limit=1)
    (look,) = house.services.access.page(case_id=first)[:1]
    assert (look["kind"], look["entries"]) == ("ReadWaiting", aim.hex)
    assert look["categories"] == "goals identity"
    assert all(look["kind"] != "ReadWaiting" for look in house.services.access.page(case_id=other))
    answer(house, house.ot, limit=1, choices=True)
    assert house.services.access.page(case_id=other)[0]["kind"] == "ReadWaiting"


# ---- in order, page by page --------------------------------------------------------------------------------------


def test_the_most_urgent_is_first_and_the_pages_together_are_the_whole(house: House):
    days = {due_goal(house, days=days, statement=f"Day {days}"): days for days in (9, 2, 5, 7, 3)}
    for _ in range(4):
        draft(house, house.ot)
        house.clock.turn(minutes=1)
    house.clock.turn(days=7)
    whole = listed(house, house.ot)
    assert [days[one.id] for one in whole if one.kind is K.GOAL_REVIEW and one.id] == [2, 3, 5, 7]
    assert [one.urgency for one in whole] == [*[Urgency.OVERDUE] * 3, Urgency.SOON, *[Urgency.OPEN] * 4]
    drafts = [one.since for one in whole if one.kind is K.DRAFT]
    assert drafts == sorted(drafts, key=lambda since: since or datetime.max.replace(tzinfo=UTC))
    found: list[Waiting] = []
    cursor = ""
    while True:
        page = answer(house, house.ot, limit=3, cursor=cursor)
        assert (page.total, len(page.items) <= 3) == (8, True)
        found += page.items
        if page.next is None:
            break
        cursor = page.next
    assert found == whole
    narrowed = answer(house, house.ot, kind=K.DRAFT, child=house.child)
    assert (narrowed.total, {one.kind for one in narrowed.items}) == (4, {K.DRAFT})
    assert narrowed.kinds == [K.GOAL_REVIEW, K.DRAFT]


def test_a_cursor_and_a_limit_are_believed_no_more_than_anything_else(house: House):
    for wrong in ({"cursor": "x"}, {"cursor": "eA"}, {"limit": 0}, {"limit": 201}):
        with pytest.raises(InvalidInput):
            answer(house, house.ot, **wrong)


def test_the_first_page_has_the_same_and_asks_for_nothing_twice(house: House):
    due_goal(house)
    house.note(house.student), draft(house, house.ot)
    house.clock.turn(days=8)
    home = house.services.doors.ask(house.ot, ReadCaseload(waiting=2))
    whole = answer(house, house.ot)
    assert (list(home.waiting.items), home.waiting.total) == (list(whole.items)[:2], 3)
    assert house.services.doors.ask(house.ot, ReadCaseload()).waiting is None


# ---- while a view stands still -----------------------------------------------------------------------------------


def test_what_was_done_while_a_view_stands_still_waits_no_more(house: House, stores: Stores):
    note, aim, proposed = house.note(house.student), due_goal(house), goal(house, "Waits", status="proposed")
    house.summary(review_in=6)
    alert = alerted(house, review_on=house.clock.now.date() + timedelta(days=2))
    house.clock.turn(days=8)
    assert len(listed(house, house.ot)) == 5
    for view in ("caseload", "goals", "summary"):
        stop(stores, view, house.clock.now)
    do, review = house.services.doors.execute, house.clock.now.date() + timedelta(days=80)
    do(house.ot, CosignNote(house.child, note, 1))
    do(house.ot, g.EnterGoalInError(house.child, aim, "wrong child"))
    do(house.ot, g.AgreeGoal(house.child, proposed, 1, [("Mia, mother", "guardian")]))
    do(house.ot, RecallSummary(house.child, "Wrong child"))
    assert kinds(house, house.ot) == [K.ALERT]
    assert answer(house, house.ot).shown.incomplete
    other = replace(NUTS, review_on=review)
    do(house.ot, ChangeAlert(house.child, alert, 1, other, "asked the family"))
    assert listed(house, house.ot) == []


def test_who_left_while_the_caseload_stands_still_is_told_nothing_more(house: House, stores: Stores):
    house.note(house.student), due_goal(house)
    house.clock.turn(days=8)
    assert len(listed(house, house.ot)) == 2
    stop(stores, "caseload", house.clock.now)
    answered(house.services.doors, house.lead, RemoveFromTeam(house.child, house.ot.person_id))
    assert listed(house, house.ot) == []
