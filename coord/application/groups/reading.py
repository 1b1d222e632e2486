"""Handlers of the questions about courses, and about the groups of one child."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from coord.application.cases import known_case
from coord.application.doors import Reading, answers
from coord.application.groups.questions import (
    CourseAnswer,
    CourseLine,
    CoursesAnswer,
    FitAnswer,
    GoalToAddress,
    GroupOfChild,
    GroupsAnswer,
    LineShown,
    MySession,
    MySessionsAnswer,
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
    SessionAnswer,
    SessionChild,
    SessionLine,
)
from coord.application.groups.writing import fit_of, goals_to_choose
from coord.application.looking import Category
from coord.application.policies import policy_for
from coord.domain.actors import Relationship, Role
from coord.domain.case import Goal, GroupLine
from coord.domain.case.aggregate import Case, Profile
from coord.domain.case.goals.observing import OBSERVABLE
from coord.domain.case.groups import LineVersion
from coord.domain.course import Reason, age_on, demands_beyond, staff_needed
from coord.domain.errors import FieldProblem, InvalidInput, NotFound
from coord.domain.groups import GroupKind
from coord.domain.permissions import (
    PERMISSIONS,
    knows_child,
    leads_service_team,
    staff_or_lead_of_the_course,
    therapist_or_lead_of_the_child,
)
from coord.domain.policy import Values
from coord.projections import Caseload, Courses, Goals, Strategies
from coord.words import folded

LONGEST_SPAN = timedelta(days=460)
"""Of one's own sessions, at once: what a calendar keeps of the past, and a year ahead."""
_FOR_THE_SCHOOL = ("attendance", "message_school")
"""What of a line a teacher needs."""


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
        raise InvalidInput([FieldProblem("/end", "before-the-start")])
    if question.end - question.start > LONGEST_SPAN:
        raise InvalidInput([FieldProblem("/end", "too-long-a-span", {"days": LONGEST_SPAN.days})])
    rows = _view(reading).sessions_of_staff(
        reading.snapshot.connection, reading.actor.person_id, question.start, question.end
    )
    sessions = []
    for row in rows:
        content = row["content"]
        start, end = _times(reading, row["held_on"], content)
        sessions.append(
            MySession(
                course_id=row["course_id"],
                title=content["title"],
                kind=content["kind"],
                room=content["room"],
                number=row["number"],
                of=content["sessions"],
                starts_at=start,
                ends_at=end,
                status=row["status"],
                planned=row["plan_version"] > 0,
                recorded=row["status"] == "recorded",
                version=row["version"],
            )
        )
    sessions.sort(key=lambda s: (s.starts_at, s.title))
    return MySessionsAnswer(question.start, question.end, sessions, reading.shown)


@answers(ReadRoster)
def read_roster(reading: Reading, question: ReadRoster) -> RosterAnswer:
    """Who is in it, and each child's line over time."""
    row, sessions, places = _found(reading, question.course_id)
    course = _course_line(reading, row, sessions, places)
    children = _Children(reading, course.id, places)
    order = {"enrolled": 0, "waiting": 1, "left": 2}
    in_order = sorted(places, key=lambda p: (order[p["status"]], p["position"]))
    reading.detail |= {"course": str(course.id), "title": course.content["title"]}
    found = [children.on_the_roster(place) for place in in_order]
    return RosterAnswer(course, found, _policy(reading, course), reading.shown)


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
        may |= {"PlanSession", "CancelSession"}
    return SessionAnswer(
        course=course,
        session=line,
        plan=plan,
        last_plan=planned_before[-1] if planned_before else None,
        activities=activities,
        children=children.in_the_session(plan, activities),
        recordings=[_recording(reading, r, course) for r in row["recordings"]],
        policy=policy,
        record=[str(code) for code in policy["record"]] if isinstance(policy["record"], list) else [],
        may=_permitted(reading, may),
        shown=reading.shown,
    )


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
    reasons = fit_of(reading.record, course, case, wanted, reading.today)
    line = _course(reading, question.course_id)
    relation = case.relationship_of(actor, reading.today)
    relation = replace(relation, on_staff=reading.relation.on_staff)
    shown = (Category.IDENTITY, Category.GROUPS, Category.GOALS)
    reading.shows(case.id, *shown, entries=[g.id for g in choosable], relation=relation)
    reading.detail |= {"course": str(course.id), "title": course.content["title"]}
    may = set()
    if course.status == "open" and case.status == "open":
        status = place["status"] if place is not None else ""
        if runs_it:
            may.add("enrolled")
        if status not in ("waiting", "enrolled"):
            may.add("waiting")
    return FitAnswer(
        course=line,
        case_id=case.id,
        preferred_name=case.details["preferred_name"],
        age=age_on(date.fromisoformat(case.details["birth_date"]), reading.today),
        reasons=reasons,
        profile=case.profile,
        goals=[_goal_of(g) for g in choosable],
        place=place["status"] if place is not None else "",
        chosen=[UUID(goal) for goal in present],
        guardians=place["guardians"] if place is not None else (),
        may=frozenset(may),
        may_describe=knows and case.status == "open",
        policy=_policy(reading, line),
        shown=reading.shown,
    )


def _child_of_fit(reading: Reading, question: ReadFit, *, runs_it: bool) -> tuple[Case, bool]:
    """The child, and whether this person treats them; for the staff also a child with a place. Raises `NotFound`, the
    same for a child of others and for none."""
    case = reading.record.case(question.case_id)
    knows = therapist_or_lead_of_the_child(reading.actor, case.relationship_of(reading.actor, reading.today))
    place = reading.the_course.places.get(str(question.case_id))
    if not knows and not (runs_it and place is not None and place["status"] != "left"):
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
        case_id=question.case_id,
        preferred_name=row["preferred_name"],
        groups=[
            _group(reading, g, of_group.get(g["membership"], []), teacher=teacher, open_case=row["status"] == "open")
            for g in rows
        ],
        profile=_profile(profiles.get(question.case_id)),
        may=_permitted(reading, may),
        status=row["status"],
        relationship=reading.child,
        shown=reading.shown,
    )


# ---- a child's groups --------------------------------------------------------------------------------------------


def _group(
    reading: Reading, row: Mapping[str, Any], lines: Sequence[LineShown], *, teacher: bool, open_case: bool
) -> GroupOfChild:
    told: dict[int, bool] = {}  # of a session that two recorded, the child came if either saw them
    for line in lines:
        if not line.error:
            told[line.number] = told.get(line.number, False) or line.line["attendance"] != "absent"
    upcoming = []
    if row["status"] == "enrolled" and open_case:
        starts = [_times(reading, date.fromisoformat(day), row)[0] for day in row["dates"]]
        upcoming = [start for start in starts if start >= reading.now]
    return GroupOfChild(
        membership_id=row["membership"],
        kind=row["kind"],
        aims=row["aims"],
        status=row["status"],
        reason="" if teacher else row["reason"],
        since=row["since"],
        next_dates=upcoming,
        attended=sum(told.values()),
        held=len(told),
        lines=lines,
    )


def _with_goals(shown: LineShown, statements: Mapping[UUID, str]) -> LineShown:
    """The line with the words of each goal worked on; without those that this reader may not read (any more)."""
    ratings = [{**r, "statement": statements[r["goal_id"]]} for r in shown.ratings if r["goal_id"] in statements]
    unrated = {UUID(goal) for goal in shown.line["goals"]} - {r["goal_id"] for r in shown.ratings}
    return replace(shown, ratings=ratings, worked_on=sorted(statements[g] for g in unrated if g in statements))


def _for_the_school(shown: LineShown) -> LineShown:
    line = {name: shown.line[name] for name in _FOR_THE_SCHOOL}
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
        return bool(place["status"] == "enrolled" or (place["had_place"] and place["since"] >= self._day))

    def on_the_roster(self, place: Mapping[str, Any]) -> RosterChild:
        """One child with all their lines."""
        case, relationship = self._cases[place["case_id"]]
        lines = self._lines.get(place["case_id"], [])
        return RosterChild(
            case_id=place["case_id"],
            preferred_name=case["preferred_name"],
            age=age_on(case["birth_date"], self._reading.today),
            status=place["status"],
            since=place["since"],
            goals=self._goals_of(place),
            guardians=place["guardians"],
            fit=[Reason(r["code"], r["favours"], r["params"]) for r in place["fit"]],
            override=place["override"],
            profile=_profile(self._profiles.get(place["case_id"])),
            lines={number: list(told) for number, told in groupby(lines, key=lambda line: line.number)},
            may_open=knows_child(self._reading.actor, relationship),
            born=self._born_if_alike(place),
        )

    def _born_if_alike(self, place: Mapping[str, Any]) -> date | None:
        """The birth date, where another child who is or was in the course is called alike."""
        names = Counter(folded(case["preferred_name"]) for case, _ in self._cases.values())
        case, _ = self._cases[place["case_id"]]
        born: date = case["birth_date"]
        return born if names[folded(case["preferred_name"])] > 1 else None

    def in_the_session(
        self, plan: Mapping[str, Any] | None, activities: Mapping[str, Mapping[str, Any]]
    ) -> list[SessionChild]:
        """Those who have a place now, and those who have a line."""
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
                    enrolled=place["status"] == "enrolled",
                    since=place["since"],
                    expected=recordable
                    and case["status"] == "open"
                    and place["status"] == "enrolled"
                    and place["since"] <= self._day,
                    recordable=recordable,
                    born=self._born_if_alike(place),
                )
            )
        return found

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
                    levels=scale["levels"] if scale else None,
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
        levels=scale["levels"] if scale else None,
        scale_version=goal.scale_version,
        status=goal.status,
        open=goal.status in OBSERVABLE,
    )


# ---- parts -------------------------------------------------------------------------------------------------------


def _view(reading: Reading) -> Courses:
    return reading.snapshot.view(Courses)


def _profile(found: Mapping[str, str] | None) -> Profile | None:
    if found is None:
        return None
    return {"cognitive": found["cognitive"], "motor": found["motor"], "communication": found["communication"]}


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
    return [_course_line(reading, row, sessions[row["course_id"]], places[row["course_id"]]) for row in rows]


def _course_line(reading: Reading, row: _Row, sessions: Iterable[_Row], places: Sequence[_Row]) -> CourseLine:
    actor = reading.actor
    content = row["content"]
    relation = Relationship(
        None, bool(actor.team) and actor.team == row["team"], on_staff=str(actor.person_id) in row["staff"]
    )
    possible = {"ReadRoster", "ReadSession"}
    if row["status"] == "open":
        possible |= {"ReviseCourse", "EndCourse", "EnrolChild", "ReadFit", "EndPlace"}
    enrolled = sum(p["status"] == "enrolled" for p in places)
    return CourseLine(
        id=row["course_id"],
        team=row["team"],
        status=row["status"],
        version=row["version"],
        content_version=row["content_version"],
        content=content,
        why_otherwise=row["why_otherwise"],
        staff=[{"person_id": UUID(person), **member} for person, member in row["staff"].items()],
        sessions=[_session(reading, s, content) for s in sessions],
        enrolled=enrolled,
        waiting=sum(p["status"] == "waiting" for p in places),
        staff_needed=staff_needed(enrolled, policy_for(reading, row["team"], content["kind"])),
        on_staff=relation.on_staff,
        may=frozenset(name for name in possible if PERMISSIONS[name].who(actor, relation)),
    )


def _session(reading: Reading, row: Mapping[str, Any], content: Mapping[str, Any]) -> SessionLine:
    start, end = _times(reading, row["held_on"], content)
    return SessionLine(
        number=row["number"],
        starts_at=start,
        ends_at=end,
        status=row["status"],
        plan_version=row["plan_version"],
        recorded_by=[r["by_name"] for r in row["recordings"]],
        reason=row["reason"],
    )


def _times(reading: Reading, day: date, content: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """When a session begins and ends: by the clock on the clinic's wall, whatever summer time does."""
    hours, minutes = str(content["start_time"]).split(":")
    start = datetime(day.year, day.month, day.day, int(hours), int(minutes), tzinfo=reading.zone)
    end = start.astimezone(UTC) + timedelta(minutes=int(content["minutes"]))
    return start, end.astimezone(reading.zone)


def _policy(reading: Reading, course: CourseLine) -> Values:
    return policy_for(reading, course.team, str(course.content["kind"]))


def _permitted(reading: Reading, names: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in names if PERMISSIONS[name].who(reading.actor, reading.relation))


def _activities(reading: Reading, plan: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    ids = dict.fromkeys(step["activity"] for step in (plan["steps"] if plan is not None else ()) if step["activity"])
    found = {}
    for activity_id in ids:
        activity = reading.record.activity(UUID(activity_id))
        found[activity_id] = {**activity.content, "status": activity.status, "text_version": activity.text_version}
    return found


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
    ratings = reading.snapshot.view(Goals).rated(connection, observed)
    offered = [UUID(s) for row in rows for s in row["line"]["strategies"]]
    texts = reading.snapshot.view(Strategies).texts(connection, offered)
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
            earlier=_versions_before(reading, row) if earlier else (),
        )
        for row in rows
    ]


def _as_they_stand(reading: Reading, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The view has stopped, and a line may have been corrected or taken back since: the record decides what it says."""
    found = reading.record.entries([row["line_id"] for row in rows])
    lines = {id: line for id, (_, line) in found.items() if isinstance(line, GroupLine)}
    now = [(row, lines[row["line_id"]]) for row in rows]
    return [{**row, "line": line.line, "version": line.version, "error": line.error} for row, line in now]


def _versions_before(reading: Reading, row: Mapping[str, Any]) -> Sequence[LineVersion]:
    if row["version"] == 1:
        return ()
    versions = reading.record.line(row["case_id"], row["line_id"]).versions
    return [version for version in versions if version.number < row["version"]]


def _recording(reading: Reading, row: Mapping[str, Any], course: CourseLine) -> RecordingShown:
    names = {str(member["person_id"]): str(member["name"]) for member in course.staff} | {row["by"]: row["by_name"]}
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
        staff=[names.get(person, "") for person in row["staff"]],
        note=row["note"],
        lines={UUID(case): UUID(line) for case, line in row["lines"].items()},
        corrections=[{**c, "at": datetime.fromisoformat(c["at"])} for c in row["corrections"]],
        may_correct=mine or leads,
    )
