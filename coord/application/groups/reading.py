"""Handlers of the questions about courses, and about the groups of one child."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, cast
from uuid import UUID

from coord.application.doors import Reading, answers
from coord.application.goals.questions import levels_of
from coord.application.groups.questions import (
    ChildOfPlan,
    CorrectionMade,
    CourseAnswer,
    CourseLine,
    CoursesAnswer,
    CourseStaff,
    FitAnswer,
    GoalToAddress,
    GroupOfChild,
    GroupsAnswer,
    LineShown,
    LineTold,
    MySession,
    MySessionsAnswer,
    PlannedActivity,
    Policy,
    ReadCourse,
    ReadCourses,
    ReadFit,
    ReadGroups,
    ReadMySessions,
    ReadRoster,
    ReadSession,
    RecordingShown,
    RosterAnswer,
    RosterChild,
    RunsIt,
    SessionAnswer,
    SessionChild,
    SessionLine,
    SessionPlan,
)
from coord.application.groups.writing import fit_of, goals_to_choose
from coord.application.looking import Category
from coord.application.policies.handlers import policy_for
from coord.application.rights import about_the_child, known_case, permitted
from coord.domain.actors import Relationship, Role
from coord.domain.case import Goal, GroupLine
from coord.domain.case.aggregate import Case, Profile
from coord.domain.case.goals.observing import OBSERVABLE
from coord.domain.case.groups import LineVersion, attendance_told
from coord.domain.course import Course, FitReason, GroupPicture, age_on, demands_beyond, staff_needed
from coord.domain.course.aggregate import keeps_place, may_have_come, on_the_roster, standing_on
from coord.domain.course.hours import Hours, at_clock, held_on
from coord.domain.course.picture import COPES_WITH
from coord.domain.course.sessions import may_settle
from coord.domain.errors import FieldProblem, InvalidInput, NotFound
from coord.domain.groups import GroupKind
from coord.domain.permissions import (
    PERMISSIONS,
    knows_child,
    leads_service_team,
    staff_or_lead_of_the_course,
    therapist_or_lead_of_the_child,
)
from coord.projections import Caseload, Courses, Goals, Strategies
from coord.projections.courses import NOBODY_TOLD, Attendance
from coord.words import spelled_alike

LONGEST_SPAN = timedelta(days=460)
"""Of one's own sessions, at once: what a calendar keeps of the past, and a year ahead."""


@answers(ReadCourses)
def read_courses(reading: Reading, question: ReadCourses) -> CoursesAnswer:
    """The courses of the team, without their children."""
    actor = reading.actor
    view, connection = _view(reading), reading.snapshot.connection
    rows = view.of_team(connection, actor.team, actor.person_id, ended=question.ended)
    may = {"PlanCourse"} if actor.team and PERMISSIONS["PlanCourse"].who(actor, Relationship()) else set()
    policies = {kind.value: policy_for(reading, actor.team, kind.value) for kind in GroupKind} if actor.team else {}
    return CoursesAnswer(actor.team, _courses(reading, rows), policies, frozenset(may), reading.shown)


@answers(ReadCourse)
def read_course(reading: Reading, question: ReadCourse) -> CourseAnswer:
    """One course, without its children."""
    course = _course(reading, question.course_id)
    reading.detail |= {"course": str(course.id), "title": course.content["title"]}
    return CourseAnswer(course, _policy(reading, course), reading.shown)


@answers(ReadMySessions)
def read_my_sessions(reading: Reading, question: ReadMySessions) -> MySessionsAnswer:
    """My sessions, from day to day."""
    if question.end < question.start:
        raise InvalidInput([FieldProblem("/to", "before-the-start")])
    if question.end - question.start > LONGEST_SPAN:
        raise InvalidInput([FieldProblem("/to", "too-long-a-span", {"days": LONGEST_SPAN.days})])
    view, connection = _view(reading), reading.snapshot.connection
    me = reading.actor.person_id
    rows = view.sessions_of_staff(connection, me, question.start, question.end)
    unrecorded, unclear = view.waiting_of_staff(connection, me, reading.today) if question.waiting else ([], [])
    return MySessionsAnswer(
        question.start,
        question.end,
        _my_sessions(reading, rows),
        _my_sessions(reading, unrecorded),
        _my_sessions(reading, unclear),
        reading.shown,
    )


def _my_sessions(reading: Reading, rows: Sequence[Mapping[str, Any]]) -> list[MySession]:
    sessions = []
    for row in rows:
        content = row["content"]
        hours = _hours(reading, row["hours"], row)
        start, end = _times(reading, row["held_on"], hours)
        sessions.append(
            MySession(
                course_id=row["course_id"],
                title=content["title"],
                kind=content["kind"],
                room=hours["room"],
                number=row["number"],
                of=content["sessions"],
                starts_at=start,
                ends_at=end,
                status=row["status"],
                planned=row["plan_version"] > 0,
                recorded=row["status"] == "recorded",
                version=row["version"],
                changes=row["changes"],
                changed_at=row["changed_at"],
                stands_in=str(reading.actor.person_id) in row["stand_ins"],
            )
        )
    return sorted(sessions, key=lambda s: (s.starts_at, s.title))


@answers(ReadRoster)
def read_roster(reading: Reading, question: ReadRoster) -> RosterAnswer:
    """Who is in it, and each child's line over time."""
    row, sessions, places = _found(reading, question.course_id)
    course = _course_line(reading, row, sessions, places)
    children = _Children(reading, course.id, places)
    order = {"enrolled": 0, "waiting": 1, "left": 2}
    standing = {p["case_id"]: standing_on(p, reading.today) for p in places}
    in_order = sorted(places, key=lambda p: (order[standing[p["case_id"]]], _turn(p, standing[p["case_id"]])))
    reading.detail |= {"course": str(course.id), "title": course.content["title"]}
    found = [children.on_the_roster(place) for place in in_order]
    picture = children.picture([place for place in places if standing[place["case_id"]] == "enrolled"])
    return RosterAnswer(course, found, picture, _policy(reading, course), reading.shown)


def _turn(place: Mapping[str, Any], standing: str) -> tuple[date, int]:
    """Who waits longest is first, whatever was changed of the place since; else in the order in which it was given."""
    return (place["since"] if standing == "waiting" else date.min, place["position"])


@answers(ReadSession)
def read_session(reading: Reading, question: ReadSession) -> SessionAnswer:
    """One session: its plan, its children, its recordings."""
    of_course, sessions, places = _found(reading, question.course_id)
    course = _course_line(reading, of_course, sessions, places)
    row = next((r for r in sessions if r["number"] == question.number), None)
    if row is None:
        raise NotFound("no-such-session")
    planned_before = [r["plan"] for r in sessions if r["number"] < question.number and r["plan_version"]]
    plan = row["plan"] if row["plan_version"] else None
    activities = _activities(reading, plan)
    line = next(s for s in course.sessions if s.number == question.number)
    when = {"day": row["held_on"], "starts_at": line.starts_at}
    children = _Children(reading, course.id, places, number=question.number, **when)
    policy = _policy(reading, course)
    reading.detail |= {"course": str(course.id), "title": course.content["title"], "session": question.number}
    may = {"RecordSession", "CorrectSession"}
    if row["status"] == "planned" and course.status == "open":
        may |= {"PlanSession", "CancelSession", "MoveSession"}
    if row["status"] == "cancelled" and course.status == "open":
        may |= {"ReinstateSession"}
    if row["status"] != "cancelled" and course.status == "open":
        may |= {"NameStandIns"}
    return SessionAnswer(
        course=course,
        session=line,
        plan=_plan(plan),
        last_plan=_plan(planned_before[-1]) if planned_before else None,
        activities=activities,
        children=children.in_the_session(plan, activities, question.number),
        recordings=[_recording(reading, r, course) for r in row["recordings"]],
        policy=policy,
        record=[str(code) for code in policy["record"]] if isinstance(policy["record"], list) else [],
        staff_then=_staff_then(reading, line),
        stand_ins=[{"person_id": UUID(person), "name": m["name"]} for person, m in row["stand_ins"].items()],
        picture=children.picture([place for place in places if on_the_roster(place, row["held_on"])]),
        may=permitted(may, reading.actor, reading.relation),
        shown=reading.shown,
    )


def _plan(plan: Mapping[str, Any] | None) -> SessionPlan | None:
    if plan is None:
        return None
    children = [ChildOfPlan(UUID(case), planned) for case, planned in plan["children"].items()]
    return SessionPlan(plan["aims"], plan["steps"], children)


def _staff_then(reading: Reading, session: SessionLine) -> list[RunsIt]:
    """Who can have run a session by what the course knows: the staff of then first, then who is on it now."""
    course = reading.the_course
    people = dict.fromkeys((*course.services, *course.staff, *course.session(session.number)["stand_ins"]))
    ran = {person: course.ran(person, session.starts_at, session.ends_at, session.number) for person in people}
    return [{"person_id": UUID(person), "name": member["name"]} for person, member in ran.items() if member is not None]


@answers(ReadFit)
def read_fit(reading: Reading, question: ReadFit) -> FitAnswer:
    """Why, and why not."""
    actor = reading.actor
    course = reading.the_course
    runs_it = staff_or_lead_of_the_course(actor, reading.relation)
    case, knows = _child_of_fit(reading, question, runs_it=runs_it)
    place = course.places.get(str(case.id))
    present = place["goals"] if place is not None else []
    choosable = goals_to_choose(reading.record, case, actor, reading.today, knows=knows, present=present)
    wanted = [g for g in choosable if not question.goals or g.id in question.goals]
    reasons = fit_of(reading.record, course, case, wanted, reading.today, reading.zone)
    line = _course(reading, question.course_id)
    relation = case.relationship_of(actor, reading.today)
    relation = replace(relation, on_staff=reading.relation.on_staff)
    shown = (Category.IDENTITY, Category.GROUPS, Category.GOALS)
    reading.shows(case.id, *shown, entries=[g.id for g in choosable], relation=relation)
    reading.detail |= {"course": str(course.id), "title": course.content["title"]}
    may = set()
    standing = standing_on(place, reading.today) if place is not None else ""
    stay = place["periods"][-1] if place is not None and standing == "enrolled" else None
    if course.status == "open" and case.status == "open":
        if runs_it:
            may.add("enrolled")
        if standing not in ("waiting", "enrolled"):
            may.add("waiting")
    return FitAnswer(
        course=line,
        case_id=case.id,
        preferred_name=case.details["preferred_name"],
        age=age_on(date.fromisoformat(case.details["birth_date"]), reading.today),
        reasons=reasons,
        profile=_profile(case.profile),
        goals=[_goal_of(g) for g in choosable],
        place=standing,
        chosen=[goal.id for goal in choosable if str(goal.id) in present],
        guardians=place["guardians"] if place is not None else (),
        since=_day(stay["since"]) if stay is not None else _day(place["since"]) if place is not None else None,
        until=_day(stay["until"]) if stay is not None else None,
        picture=_group_now(reading, course) if runs_it else None,
        may=frozenset(may),
        may_describe=knows and case.status == "open",
        policy=_policy(reading, line),
        shown=reading.shown,
    )


def _group_now(reading: Reading, course: Course) -> GroupPicture:
    """The children enrolled now, as a group."""
    cases = reading.record.cases([UUID(case) for case in course.enrolled(reading.today)])
    return GroupPicture.of(
        [
            (age_on(date.fromisoformat(case.details["birth_date"]), reading.today), case.profile)  # type: ignore[misc]
            for case in cases.values()
        ]
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _child_of_fit(reading: Reading, question: ReadFit, *, runs_it: bool) -> tuple[Case, bool]:
    """The child, and whether this person treats them; for the staff also a child with a place. Raises `NotFound`, the
    same for a child of others and for none."""
    case = reading.record.case(question.case_id)
    knows = therapist_or_lead_of_the_child(reading.actor, case.relationship_of(reading.actor, reading.today))
    place = reading.the_course.places.get(str(question.case_id))
    if not knows and not (runs_it and place is not None and standing_on(place, reading.today) != "left"):
        raise NotFound
    return case, knows


@answers(ReadGroups)
def read_groups(reading: Reading, question: ReadGroups) -> GroupsAnswer:
    """The groups of one child."""
    row = known_case(reading, question.case_id)
    view, connection = _view(reading), reading.snapshot.connection
    teacher = reading.actor.role is Role.TEACHER
    rows = [g for g in view.of_child(connection, question.case_id) if g["had_place"] or not teacher]
    lines = _lines(reading, view.lines_of_child(connection, question.case_id), reading.child, earlier=not teacher)
    goals = reading.snapshot.view(Goals).of_case(connection, question.case_id, reading.actor, reading.child)
    statements = {g["goal_id"]: g["content"]["statement"] for g in goals}
    of_group: dict[UUID, list[LineShown]] = {}
    for line in lines:
        shown = _for_the_school(line) if teacher else _with_goals(line, statements)
        of_group.setdefault(line.membership_id, []).append(shown)
    profiles = {} if teacher else view.profiles_of(connection, [question.case_id])
    reading.entries.extend(line.id for line in lines)
    shown_lines = [line for group in of_group.values() for line in group]
    told = {words for line in shown_lines for words in line.worked_on}
    told |= {rating["statement"] for line in shown_lines for rating in line.ratings}
    reading.entries.extend(goal for goal, words in statements.items() if words in told)
    reading.entries.extend({s["strategy_id"] for line in shown_lines for s in line.strategies})
    if any(line.strategies for line in shown_lines):
        reading.categories.add(Category.STRATEGIES)
    may = {"DescribeProfile"} if row["status"] == "open" else set()
    return GroupsAnswer(
        **about_the_child(reading, row),
        groups=[
            _group(reading, g, of_group.get(g["membership"], []), teacher=teacher, open_case=row["status"] == "open")
            for g in rows
        ],
        profile=_profile(profiles.get(question.case_id)),
        may=permitted(may, reading.actor, reading.relation),
    )


# ---- a child's groups --------------------------------------------------------------------------------------------


def _group(
    reading: Reading, row: Mapping[str, Any], lines: Sequence[LineShown], *, teacher: bool, open_case: bool
) -> GroupOfChild:
    of_session: dict[int, list[Mapping[str, Any]]] = {}
    for line in lines:
        if not line.error:
            of_session.setdefault(line.number, []).append(line.line)
    told = [attendance_told(said) for said in of_session.values()]
    status, until = row["status"], _day(row["until"])
    if status == "left" and until is not None and until > reading.today and row["had_place"]:
        status = "enrolled"  # the last day is still to come
    upcoming = []
    if status == "enrolled" and open_case:
        starts = [
            at_clock(date.fromisoformat(day), row["other_times"].get(day, row["start_time"]), reading.zone)
            for day in row["dates"]
        ]
        upcoming = sorted(start for start in starts if start >= reading.now)
    return GroupOfChild(
        membership_id=row["membership"],
        kind=row["kind"],
        aims=row["aims"],
        status=status,
        reason="" if teacher else row["reason"],
        since=row["since"],
        next_dates=upcoming,
        attended=told.count("there"),
        held=len(told),
        unclear=told.count("unclear"),
        joined=_day(row["joined"]) if row["had_place"] else None,
        left_on=until,
        lines=lines,
    )


def _with_goals(shown: LineShown, statements: Mapping[UUID, str]) -> LineShown:
    """The line with the words of each goal worked on; without those that this reader may not read (any more)."""
    read: Any = [{**r, "statement": statements[r["goal_id"]]} for r in shown.ratings if r["goal_id"] in statements]
    unrated = {UUID(goal) for goal in shown.line["goals"]} - {r["goal_id"] for r in shown.ratings}
    return replace(shown, ratings=read, worked_on=sorted(statements[g] for g in unrated if g in statements))


def _for_the_school(shown: LineShown) -> LineShown:
    line: LineTold = {"attendance": shown.line["attendance"], "message_school": shown.line["message_school"]}
    return replace(shown, line=line, ratings=(), strategies=(), corrected="")


# ---- the children of a course ------------------------------------------------------------------------------------


class _Children:
    """The children of one course, for those who may know them: loaded together, and each noted as looked at."""

    def __init__(
        self,
        reading: Reading,
        course_id: UUID,
        places: Sequence[Mapping[str, Any]],
        *,
        number: int | None = None,
        day: date = date.max,
        starts_at: datetime | None = None,
    ) -> None:
        """Load names, goals and lines (of one session on a day, if ``number`` says so) of who has or had a place."""
        view, connection = _view(reading), reading.snapshot.connection
        self._reading = reading
        self._day, self._starts_at = day, starts_at
        self.places = places
        ids = [p["case_id"] for p in self.places]
        self._cases = reading.snapshot.view(Caseload).of_ids(connection, ids, reading.actor, reading.today)
        self._profiles = view.profiles_of(connection, ids)
        goal_ids = [UUID(goal) for p in self.places for goal in p["goals"]]
        self._goals = reading.snapshot.view(Goals).addressed(connection, goal_ids)
        lines = _lines(reading, view.lines_of_course(connection, course_id, number), reading.relation)
        self._lines: dict[UUID, list[LineShown]] = {}
        for line in lines:
            self._lines.setdefault(line.case_id, []).append(line)
        for place in self.places:
            if number is None or self._concerned(place):
                of_child = self._lines.get(place["case_id"], ())
                entries = [line.id for line in of_child] + [UUID(goal) for goal in place["goals"]]
                tried = [s["strategy_id"] for line in of_child for s in line.strategies]
                kinds = {Category.IDENTITY, Category.GROUPS}
                kinds |= {Category.GOALS} if place["goals"] else set()
                kinds |= {Category.STRATEGIES} if tried else set()
                reading.shows(place["case_id"], *kinds, entries=[*entries, *tried])

    def _concerned(self, place: Mapping[str, Any]) -> bool:
        return self._recordable(place) or place["case_id"] in self._lines

    def _recordable(self, place: Mapping[str, Any]) -> bool:
        """As `Course.can_have_been_there`, on the day that is planned."""
        closed_at = self._cases[place["case_id"]][0]["closed_at"]
        if closed_at is not None and (self._starts_at is None or closed_at <= self._starts_at):
            return False  # only what was before is written there
        return may_have_come(place, self._day)

    def picture(self, places: Sequence[Mapping[str, Any]]) -> GroupPicture:
        """These children as a group."""
        today = self._reading.today
        return GroupPicture.of(
            [
                (age_on(self._cases[p["case_id"]][0]["birth_date"], today), self._profiles.get(p["case_id"]))
                for p in places
            ]
        )

    def on_the_roster(self, place: Mapping[str, Any]) -> RosterChild:
        """One child with all their lines."""
        case, relationship = self._cases[place["case_id"]]
        lines = self._lines.get(place["case_id"], [])
        return RosterChild(
            case_id=place["case_id"],
            preferred_name=case["preferred_name"],
            age=age_on(case["birth_date"], self._reading.today),
            status=standing_on(place, self._reading.today),
            since=place["since"],
            periods=[
                {"since": date.fromisoformat(stay["since"]), "until": _day(stay["until"])} for stay in place["periods"]
            ],
            goals=self._goals_of(place),
            guardians=place["guardians"],
            fit=[FitReason(r["code"], r["favours"], r["params"]) for r in place["fit"]],
            override=place["override"],
            profile=_profile(self._profiles.get(place["case_id"])),
            lines={number: list(told) for number, told in groupby(lines, key=lambda line: line.number)},
            may_open=knows_child(self._reading.actor, relationship),
            born=self._born_if_alike(place),
        )

    def _born_if_alike(self, place: Mapping[str, Any]) -> date | None:
        """The birth date, where another child who is or was in the course is called alike."""
        names = Counter(spelled_alike(case["preferred_name"]) for case, _ in self._cases.values())
        case, _ = self._cases[place["case_id"]]
        born: date = case["birth_date"]
        return born if names[spelled_alike(case["preferred_name"])] > 1 else None

    def in_the_session(
        self, plan: Mapping[str, Any] | None, activities: Mapping[str, PlannedActivity], number: int
    ) -> list[SessionChild]:
        """Those on the roster of its day, those to join after it, and those who have a line."""
        session = self._reading.the_course.session(number)
        planned = plan["children"] if plan is not None else {}
        found = []
        for place in self.places:
            if not self._concerned(place):
                continue
            case, _ = self._cases[place["case_id"]]
            recordable = self._recordable(place)
            mine = planned.get(str(place["case_id"]), {"grading": "", "how": "", "goals": []})
            profile = self._profiles.get(place["case_id"])
            beyond = {
                activity["title"]: list(demands_beyond(profile, activity))  # type: ignore[arg-type]
                for activity in (activities.values() if profile else ())
            }
            found.append(
                SessionChild(
                    case_id=place["case_id"],
                    preferred_name=case["preferred_name"],
                    age=age_on(case["birth_date"], self._reading.today),
                    goals=self._goals_of(place),
                    planned_goals=[UUID(goal) for goal in mine["goals"]],
                    guardians=place["guardians"],
                    grading=mine["grading"],
                    how=mine["how"],
                    beyond={title: what for title, what in beyond.items() if what},
                    lines=self._lines.get(place["case_id"], []),
                    enrolled=keeps_place(place, self._day),
                    since=place["since"],
                    expected=recordable and case["status"] == "open" and on_the_roster(place, self._day),
                    recordable=recordable,
                    attendance=(told := self._told(place)),
                    may_settle=told == "unclear"
                    and may_settle(self._reading.the_course, session, str(place["case_id"]), self._reading.actor),
                    born=self._born_if_alike(place),
                )
            )
        return found

    def _told(self, place: Mapping[str, Any]) -> str:
        return attendance_told(line.line for line in self._lines.get(place["case_id"], ()) if not line.error)

    def _goals_of(self, place: Mapping[str, Any]) -> list[GoalToAddress]:
        """What was chosen, without what was since kept for one discipline, or should never have been."""
        goals = []
        for goal_id in place["goals"]:
            row = self._goals.get(UUID(goal_id))
            if row is None or row["audience"] == "own-discipline" or row["status"] == "entered-in-error":
                continue
            scale = row["content"]["scale"]
            goals.append(
                GoalToAddress(
                    id=row["goal_id"],
                    statement=row["content"]["statement"],
                    levels=levels_of(scale) if scale else None,
                    scale_version=row["scale_version"],
                    status=row["status"],
                    open=row["status"] in OBSERVABLE,
                )
            )
        return goals


def _goal_of(goal: Goal) -> GoalToAddress:
    scale = goal.content["scale"]
    return GoalToAddress(
        id=goal.id,
        statement=goal.content["statement"],
        levels=levels_of(scale) if scale else None,
        scale_version=goal.scale_version,
        status=goal.status,
        open=goal.status in OBSERVABLE,
    )


# ---- parts -------------------------------------------------------------------------------------------------------


def _view(reading: Reading) -> Courses:
    return reading.snapshot.view(Courses)


def _profile(found: Mapping[str, Any] | None) -> Profile | None:
    if found is None:
        return None
    told: Any = {name: found.get(name, "") for name in COPES_WITH}  # one of before says less
    return cast("Profile", told)


_Row = Mapping[str, Any]


def _found(reading: Reading, course_id: UUID) -> tuple[_Row, Sequence[_Row], Sequence[_Row]]:
    """The course, its sessions, its places. Raises `NotFound`."""
    view, connection = _view(reading), reading.snapshot.connection
    row = view.one(connection, course_id)
    if row is None:
        raise NotFound("no-such-course")
    sessions, places = view.sessions_of(connection, [course_id]), view.places_of(connection, [course_id])
    return row, sessions[course_id], places[course_id]


def _course(reading: Reading, course_id: UUID) -> CourseLine:
    return _course_line(reading, *_found(reading, course_id))


def _courses(reading: Reading, rows: Sequence[Mapping[str, Any]]) -> list[CourseLine]:
    view, connection = _view(reading), reading.snapshot.connection
    ids = [row["course_id"] for row in rows]
    sessions, places = view.sessions_of(connection, ids), view.places_of(connection, ids)
    told = view.attendance(connection, ids)
    return [_course_line(reading, row, sessions[row["course_id"]], places[row["course_id"]], told) for row in rows]


def _course_line(
    reading: Reading,
    row: _Row,
    sessions: Iterable[_Row],
    places: Sequence[_Row],
    told: Mapping[tuple[UUID, int], Attendance] | None = None,
) -> CourseLine:
    actor = reading.actor
    content = row["content"]
    relation = Relationship(
        None, bool(actor.team) and actor.team == row["team"], on_staff=str(actor.person_id) in row["staff"]
    )
    possible = {"ReadRoster", "ReadSession"}
    if row["status"] == "open":
        possible |= {"ReviseCourse", "EndCourse", "EnrolChild", "ReadFit", "EndPlace"}
    standing = [standing_on(p, reading.today) for p in places]
    enrolled = standing.count("enrolled")
    if told is None:
        told = _view(reading).attendance(reading.snapshot.connection, [row["course_id"]])
    return CourseLine(
        id=row["course_id"],
        team=row["team"],
        status=row["status"],
        version=row["version"],
        content_version=row["content_version"],
        content=content,
        why_otherwise=row["why_otherwise"],
        staff=[cast("CourseStaff", {"person_id": UUID(p), **member}) for p, member in row["staff"].items()],
        sessions=[
            _session(reading, s, row["hours"], told.get((s["course_id"], s["number"]), NOBODY_TOLD)) for s in sessions
        ],
        enrolled=enrolled,
        waiting=standing.count("waiting"),
        staff_needed=staff_needed(enrolled, policy_for(reading, row["team"], content["kind"])),
        on_staff=relation.on_staff,
        may=permitted(possible, actor, relation),
    )


def _session(reading: Reading, row: Mapping[str, Any], all_hours: Sequence[Hours], told: Attendance) -> SessionLine:
    hours = _hours(reading, all_hours, row)
    start, end = _times(reading, row["held_on"], hours)
    return SessionLine(
        number=row["number"],
        starts_at=start,
        ends_at=end,
        minutes=hours["minutes"],
        room=hours["room"],
        status=row["status"],
        plan_version=row["plan_version"],
        recorded_by=[r["by_name"] for r in row["recordings"]],
        reason=row["reason"],
        moved=row["moved"] or None,
        stand_ins=[member["name"] for member in row["stand_ins"].values()],
        nobody_came=row["status"] == "recorded" and told.came == 0 and told.unclear == 0,
        unclear=told.unclear,
    )


def _hours(reading: Reading, all_hours: Sequence[Hours], session: Mapping[str, Any]) -> Hours:
    """When and where a session is, or was when it began."""
    began = [datetime.fromisoformat(recording["started_at"]) for recording in session["recordings"]]
    moved_to = session["moved"].get("start_time", "")
    return held_on(all_hours, session["held_on"], reading.zone, moved_to=moved_to, began=began)


def _times(reading: Reading, day: date, hours: Hours) -> tuple[datetime, datetime]:
    """When a session begins and ends."""
    start = at_clock(day, hours["start_time"], reading.zone)
    end = start.astimezone(UTC) + timedelta(minutes=hours["minutes"])
    return start, end.astimezone(reading.zone)


def _policy(reading: Reading, course: CourseLine) -> Policy:
    return policy_for(reading, course.team, str(course.content["kind"]))


def _activities(reading: Reading, plan: Mapping[str, Any] | None) -> dict[str, PlannedActivity]:
    ids = dict.fromkeys(step["activity"] for step in (plan["steps"] if plan is not None else ()) if step["activity"])
    found = reading.record.activities([UUID(activity_id) for activity_id in ids])
    return {
        str(id): {**activity.content, "id": str(id), "status": activity.status, "text_version": activity.text_version}
        for id, activity in found.items()
    }


def _lines(
    reading: Reading, rows: Sequence[Mapping[str, Any]], relation: Relationship, *, earlier: bool = False
) -> list[LineShown]:
    """Lines with their ratings and strategies spelled out; ``earlier`` versions too, for who may ask for the past of
    the child's record: not for the staff of a course. What was entered in error is for who wrote it, and the team lead
    (``relation`` is this person's to the child, or to the course)."""
    if Courses.NAME in reading.snapshot.incomplete:
        rows = _as_they_stand(reading, rows)
    leads = leads_service_team(reading.actor, relation)
    rows = [r for r in rows if not r["error"] or leads or r["by_id"] == reading.actor.person_id]
    connection = reading.snapshot.connection
    observed = [UUID(r["observation"]) for row in rows for r in row["line"]["ratings"]]
    ratings: Mapping[Any, Any] = reading.snapshot.view(Goals).rated(connection, observed)
    offered = [UUID(s) for row in rows for s in row["line"]["strategies"]]
    texts = reading.snapshot.view(Strategies).texts(connection, offered)
    before = _versions_before(reading, rows) if earlier else {}
    return [
        LineShown(
            id=row["line_id"],
            case_id=row["case_id"],
            membership_id=row["membership"],
            kind=row["kind"],
            number=row["number"],
            version=row["version"],
            line=row["line"],
            ratings=[
                ratings[rated]
                for r in row["line"]["ratings"]
                if (rated := (UUID(r["goal"]), UUID(r["observation"]))) in ratings
            ],
            strategies=[
                {"strategy_id": UUID(s), "text": texts[UUID(s)]} for s in row["line"]["strategies"] if UUID(s) in texts
            ],
            observed_from=row["observed_from"],
            observed_to=row["observed_to"],
            by_name=row["by_name"],
            recorded_at=row["recorded_at"],
            corrected=row["corrected"],
            error=row["error"],
            earlier=before.get(row["line_id"], ()),
            instead=row["instead"],
        )
        for row in rows
    ]


def _as_they_stand(reading: Reading, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The view has stopped, and a line may have been corrected or taken back since: the record decides what it says."""
    found = reading.record.entries([row["line_id"] for row in rows])
    lines = {id: line for id, (_, line) in found.items() if isinstance(line, GroupLine)}
    now = [(row, lines[row["line_id"]]) for row in rows]
    return [
        {
            **row,
            "line": line.line,
            "version": line.version,
            "error": line.error,
            "instead": UUID(line.instead) if line.instead else None,
        }
        for row, line in now
    ]


def _versions_before(reading: Reading, rows: Sequence[Mapping[str, Any]]) -> Mapping[UUID, Sequence[LineVersion]]:
    corrected = {row["line_id"]: row["version"] for row in rows if row["version"] > 1}
    return {
        id: [version for version in line.versions if version.number < corrected[id]]
        for id, (_, line) in reading.record.entries(list(corrected)).items()
        if isinstance(line, GroupLine)
    }


def _recording(reading: Reading, row: Mapping[str, Any], course: CourseLine) -> RecordingShown:
    staff = _names_of_staff(reading, row, course)
    mine = row["by"] == str(reading.actor.person_id)
    leads = leads_service_team(reading.actor, reading.relation)
    return RecordingShown(
        id=UUID(row["id"]),
        by_id=UUID(row["by"]),
        by_name=row["by_name"],
        recorded_at=datetime.fromisoformat(row["at"]),
        version=row["version"],
        started_at=datetime.fromisoformat(row["started_at"]),
        ended_at=datetime.fromisoformat(row["ended_at"]),
        staff=list(staff.values()),
        staff_ids=[UUID(person) for person in staff],
        note=row["note"],
        lines={UUID(case): UUID(line) for case, line in row["lines"].items()},
        corrections=[cast("CorrectionMade", {**c, "at": datetime.fromisoformat(c["at"])}) for c in row["corrections"]],
        may_correct=mine or leads,
    )


def _names_of_staff(reading: Reading, row: Mapping[str, Any], course: CourseLine) -> dict[str, str]:
    """Who ran it, by name as it was then. A recording of before kept the ids alone: they are named as the course named
    them, or as they are called now."""
    known = {str(member["person_id"]): str(member["name"]) for member in course.staff} | {row["by"]: row["by_name"]}
    then = {person: services[-1]["member"]["name"] for person, services in reading.the_course.services.items()}
    found = {}
    for person, name in row["staff"].items():
        found[person] = name or then.get(person) or known.get(person) or reading.record.person(UUID(person)).name
    return found
