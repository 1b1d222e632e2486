"""Handlers of the questions about one session, its children, and the sessions of one's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, cast
from uuid import UUID

from coord.application.doors import Reading, answers
from coord.application.goals.questions import levels_of
from coord.application.groups.questions import (
    ChildOfPlan,
    CorrectionMade,
    CourseLine,
    GoalToAddress,
    LineShown,
    MySession,
    MySessionsAnswer,
    PlannedActivity,
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
from coord.application.groups.reading import (
    course_found,
    course_line,
    day_of,
    hours_of,
    names_now,
    policy_of,
    profile_of,
    times_of,
    view_of,
)
from coord.application.groups.reading_lines import lines_of
from coord.application.looking import Category
from coord.application.rights import alerts_for, permitted
from coord.application.shown import AlertShown
from coord.domain.actors import Role
from coord.domain.case.goals.observing import OBSERVABLE
from coord.domain.case.groups import attendance_told
from coord.domain.course import FitReason, GroupPicture, age_on, demands_beyond
from coord.domain.course.aggregate import is_among, keeps_place, may_have_come, on_the_roster, standing_on
from coord.domain.course.sessions import may_settle
from coord.domain.errors import FieldProblem, InvalidInput, NotFound
from coord.domain.permissions import (
    knows_child,
    leads_service_team,
)
from coord.projections import Caseload, Goals
from coord.projections.roles import role_of
from coord.words import spelled_alike

LONGEST_SPAN = timedelta(days=460)
"""Of one's own sessions, at once: what a calendar keeps of the past, and a year ahead."""


@answers(ReadMySessions)
def read_my_sessions(reading: Reading, question: ReadMySessions) -> MySessionsAnswer:
    """My sessions, from day to day."""
    if question.end < question.start:
        raise InvalidInput([FieldProblem("/to", "before-the-start")])
    if question.end - question.start > LONGEST_SPAN:
        raise InvalidInput([FieldProblem("/to", "too-long-a-span", {"days": LONGEST_SPAN.days})])
    view, connection = view_of(reading), reading.snapshot.connection
    me = reading.actor
    rows = view.sessions_of_staff(connection, me.person_id, question.start, question.end, role_of(me))
    waiting = view.waiting_of_staff(connection, me, reading.today) if question.waiting else ([], [])
    unrecorded, unclear = (_my_sessions(reading, found) for found in waiting)
    return MySessionsAnswer(
        question.start,
        question.end,
        _my_sessions(reading, rows),
        unrecorded,
        unclear,
        reading.shown,
    )


def waiting_sessions(reading: Reading) -> tuple[list[MySession], list[MySession]]:
    """Sessions of running courses that wait for the reader, however long ago: those of their own that nobody recorded,
    and those whose recordings disagree and they may say which holds."""
    view, actor = view_of(reading), reading.actor
    led = actor.team if actor.role is Role.TEAM_LEAD else None
    found = view.waiting_for(reading.snapshot.connection, actor, reading.today, led)
    unrecorded, unclear = (_my_sessions(reading, rows) for rows in found)
    return unrecorded, unclear


def _my_sessions(reading: Reading, rows: Sequence[Mapping[str, Any]]) -> list[MySession]:
    sessions = []
    for row in rows:
        content = row["content"]
        hours = hours_of(reading, row["hours"], row)
        start, end = times_of(reading, row["held_on"], hours)
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
                stands_in=is_among(row["stand_ins"], reading.actor),
            )
        )
    return sorted(sessions, key=lambda s: (s.starts_at, s.title))


@answers(ReadRoster)
def read_roster(reading: Reading, question: ReadRoster) -> RosterAnswer:
    """Who is in it, and each child's line over time."""
    row, sessions, places = course_found(reading, question.course_id)
    course = course_line(reading, row, sessions, places)
    children = _Children(reading, course.id, places)
    order = {"enrolled": 0, "waiting": 1, "left": 2}
    standing = {p["case_id"]: standing_on(p, reading.today) for p in places}
    in_order = sorted(places, key=lambda p: (order[standing[p["case_id"]]], _turn(p, standing[p["case_id"]])))
    reading.detail |= {"course": str(course.id), "title": course.content["title"]}
    found = [children.on_the_roster(place) for place in in_order]
    picture = children.picture([place for place in places if standing[place["case_id"]] == "enrolled"])
    return RosterAnswer(course, found, picture, policy_of(reading, course), reading.shown)


def _turn(place: Mapping[str, Any], standing: str) -> tuple[date, int]:
    """Who waits longest is first, whatever was changed of the place since; else in the order in which it was given."""
    return (place["since"] if standing == "waiting" else date.min, place["position"])


@answers(ReadSession)
def read_session(reading: Reading, question: ReadSession) -> SessionAnswer:
    """One session: its plan, its children, its recordings."""
    of_course, sessions, places = course_found(reading, question.course_id)
    course = course_line(reading, of_course, sessions, places)
    row = next((r for r in sessions if r["number"] == question.number), None)
    if row is None:
        raise NotFound("no-such-session")
    planned_before = [r["plan"] for r in sessions if r["number"] < question.number and r["plan_version"]]
    plan = row["plan"] if row["plan_version"] else None
    activities = _activities(reading, plan)
    line = next(s for s in course.sessions if s.number == question.number)
    when = {"day": row["held_on"], "starts_at": line.starts_at}
    children = _Children(reading, course.id, places, number=question.number, **when)
    policy = policy_of(reading, course)
    reading.detail |= {"course": str(course.id), "title": course.content["title"], "session": question.number}
    could = {"RecordSession", "CorrectSession"}
    if row["status"] == "planned" and course.status == "open":
        could |= {"PlanSession", "CancelSession", "MoveSession"}
    if row["status"] == "cancelled" and course.status == "open":
        could |= {"ReinstateSession"}
    if row["status"] != "cancelled" and course.status == "open":
        could |= {"NameStandIns"}
    may = permitted(could, reading.actor, reading.relation)
    return SessionAnswer(
        course=course,
        session=line,
        plan=_plan(plan),
        last_plan=_plan(planned_before[-1]) if planned_before else None,
        activities=activities,
        phrases=reading.phrases.of(reading.actor.person_id) if may & {"RecordSession", "CorrectSession"} else (),
        children=children.in_the_session(plan, activities, question.number),
        recordings=[_recording(reading, r, course) for r in row["recordings"]],
        policy=policy,
        record=[str(code) for code in policy["record"]] if isinstance(policy["record"], list) else [],
        staff_then=_staff_then(reading, line),
        stand_ins=[{"person_id": UUID(person), "name": m["name"]} for person, m in row["stand_ins"].items()],
        stands_in=is_among(row["stand_ins"], reading.actor),
        picture=children.picture([place for place in places if on_the_roster(place, row["held_on"])]),
        may=may,
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
    now = names_now(reading, people)
    return [
        {"person_id": UUID(person), "name": now.get(person, member["name"])}
        for person, member in ran.items()
        if member is not None
    ]


def _activities(reading: Reading, plan: Mapping[str, Any] | None) -> dict[str, PlannedActivity]:
    ids = dict.fromkeys(step["activity"] for step in (plan["steps"] if plan is not None else ()) if step["activity"])
    found = reading.record.activities([UUID(activity_id) for activity_id in ids])
    return {
        str(id): {**activity.content, "id": str(id), "status": activity.status, "text_version": activity.text_version}
        for id, activity in found.items()
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
        view, connection = view_of(reading), reading.snapshot.connection
        self._reading = reading
        self._day, self._starts_at = day, starts_at
        self.places = places
        ids = [p["case_id"] for p in self.places]
        self._cases = reading.snapshot.view(Caseload).of_ids(connection, ids, reading.actor, reading.today)
        self._profiles = view.profiles_of(connection, ids)
        goal_ids = [UUID(goal) for p in self.places for goal in p["goals"]]
        self._goals = reading.snapshot.view(Goals).addressed(connection, goal_ids)
        lines = lines_of(reading, view.lines_of_course(connection, course_id, number), reading.relation)
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
                kinds |= {Category.ALERTS} if number is not None and self._alerts(place) else set()
                reading.shows(place["case_id"], *kinds, entries=[*entries, *tried])

    def _alerts(self, place: Mapping[str, Any]) -> list[AlertShown]:
        case, relationship = self._cases[place["case_id"]]
        return alerts_for(self._reading, case, relationship, in_a_group=True)

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
                {"since": date.fromisoformat(stay["since"]), "until": day_of(stay["until"])}
                for stay in place["periods"]
            ],
            goals=self._goals_of(place),
            guardians=place["guardians"],
            fit=[FitReason(r["code"], r["favours"], r["params"]) for r in place["fit"]],
            override=place["override"],
            profile=profile_of(self._profiles.get(place["case_id"])),
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
                    alerts=self._alerts(place),
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
