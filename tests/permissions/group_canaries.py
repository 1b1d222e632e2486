"""The marks of a group: in what its course says, in a child's lines, and in those of a peer who must not be met."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

from coord.application.case.commands import RemoveFromTeam
from coord.application.goals import commands as g
from coord.application.groups import commands as w
from coord.application.groups import questions as r
from coord.domain.case import GoalContent, LineContent
from coord.domain.case.groups import TEXTS
from coord.domain.course import ChildPlan, CourseContent, PlanContent, StepContent
from tests.house import House

NOT_OF_THE_PRESENT = "absence_reason"


def set_course(house: House, new: Callable[..., str], child: UUID, care_team: set[str], leads: set[str]) -> UUID:
    """A course run by the occupational therapist and somebody who is on nobody's care team, with the child and a peer.

    ``new`` makes a mark for who may meet it; the peer's marks are for those alone who run the course or lead the team.
    """
    do = house.services.doors.execute
    runs_it = {"ot", "stranger"} | leads
    of_the_team = {"ot", "slt", "psychologist", "student", "stranger"} | leads
    course, peer, goal = (
        uuid4(),
        house.open_case(new(*runs_it), full_name=f"{new('ot', *leads)} Test", members=[]),
        uuid4(),
    )
    words = GoalContent(
        new(*runs_it),
        ["therapy"],
        condition=new("ot", *leads, replaced=True),
        review_date=house.clock.now.date(),
        icf="d7",
    )
    do(house.ot, g.ProposeGoal(peer, goal, words))
    do(house.ot, w.DescribeProfile(child, "low", "low", "low", new(*care_team)))
    content = CourseContent(
        title=new(*of_the_team),
        kind="psycho-educational",
        aims=new(*care_team, "teacher", *of_the_team),
        room=new(*of_the_team),
        first_date=house.clock.now.date(),
        start_time="09:00",
        minutes=60,
        sessions=1,
        capacity=4,
        why_otherwise=new(*of_the_team),
    )
    do(house.ot, w.PlanCourse(course, content, [house.ot.person_id, house.stranger.person_id]))
    do(house.ot, w.EnrolChild(course, peer, "enrolled", [goal], [new(*runs_it)], new(*runs_it)))
    # Whether the course fits is asked by any therapist of the child's, who knows the child's parents.
    parents = new(*runs_it, "slt", "psychologist")
    do(house.ot, w.EnrolChild(course, child, "enrolled", [], [parents], new(*runs_it)))
    plan = PlanContent(
        new(*runs_it),
        [StepContent("welcome", note=new(*runs_it))],
        [ChildPlan(child, "down", new(*runs_it)), ChildPlan(peer, "up", new(*runs_it), [goal])],
    )
    do(house.ot, w.PlanSession(course, 1, plan))
    record_and_correct(house, new, course, {child: care_team | {"stranger"}, peer: runs_it}, care_team, runs_it)
    return course


def record_and_correct(
    house: House,
    new: Callable[..., str],
    course: UUID,
    readers: dict[UUID, set[str]],
    care_team: set[str],
    runs_it: set[str],
) -> None:
    do, now, recording = house.services.doors.execute, house.clock.now, uuid4()
    first, *_ = readers

    def content(case: UUID, who: set[str], *, replaced: bool = False) -> LineContent:
        school = who | {"teacher"} if "slt" in who else who  # who is on the care team has a school
        texts: dict[str, Any] = {
            name: new(*(school if name == "message_school" else who), replaced=replaced)
            for name in TEXTS
            if name != NOT_OF_THE_PRESENT
        }
        return LineContent("present", **texts)

    # What is replaced below is met by those who ask for the past of the record, which is not the staff's to read.
    replaced = {case: who - {"stranger"} for case, who in readers.items()}
    note = {part: new(*runs_it, replaced=True) for part in ("delivered", "dynamics", "environment")}
    lines = {case: uuid4() for case in readers}
    told = [
        w.ChildRecord(
            case, line, content(case, replaced[case], replaced=True), [], [w.HandedOver(uuid4(), new(*readers[case]))]
        )
        for case, line in lines.items()
        if case == first
    ]
    peer = next(case for case in readers if case != first)
    told.append(w.ChildRecord(peer, lines[peer], content(peer, runs_it - {"stranger"}, replaced=True)))
    do(house.ot, w.RecordSession(course, 1, recording, now, now, note, told))
    house.clock.turn(minutes=1)
    handed = told[0].strategies
    better = [w.ChildRecord(first, lines[first], content(first, readers[first]), [], handed)]
    better.append(w.ChildRecord(peer, lines[peer], content(peer, readers[peer])))
    note = {"dynamics": new(*runs_it), "next_plan": new(*runs_it)}
    reason = new(*care_team, "stranger")
    do(house.ot, w.CorrectSession(course, 1, recording, 1, reason, note=note, children=better))
    mistaken = w.ChildRecord(first, uuid4(), content(first, runs_it - {"stranger"}, replaced=True))
    second = uuid4()
    do(house.ot, w.RecordSession(course, 1, second, now, now, {}, [mistaken]))
    do(house.ot, w.CorrectSession(course, 1, second, 1, new(*runs_it), in_error=[first]))


def questions(course: UUID, child: UUID, elsewhere: UUID) -> Iterator[Any]:
    """Everything that can be asked of a course, and of a child's groups."""
    yield from (r.ReadCourses(ended=True), r.ReadCourse(course), r.ReadRoster(course), r.ReadSession(course, 1))
    for case in (child, elsewhere):
        yield from (r.ReadGroups(case), r.ReadFit(course, case))
        yield w.EnrolChild(course, case, "moon")
        yield w.EndPlace(course, case, "")
        yield w.RecordSession(course, 1, uuid4(), None, None, children=[w.ChildRecord(case, uuid4(), LineContent(""))])
    yield w.CancelSession(course, 1, "")
    yield RemoveFromTeam(child, uuid4())
