"""Courses, who is in them, their sessions; and each child's places and lines, as the child's own record tells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Index,
    Integer,
    Select,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    or_,
    select,
)

from coord.columns import Document, Instant, as_mappings
from coord.domain.actors import Actor
from coord.domain.case import (
    GroupLineCorrected,
    GroupLineEnteredInError,
    GroupPlaceChanged,
    GroupSessionRecorded,
    ProfileDescribed,
)
from coord.domain.case.groups import there
from coord.domain.course import (
    AttendanceSettled,
    CourseEnded,
    CoursePlanned,
    CourseRevised,
    PlaceEnded,
    PlaceGiven,
    SessionCancelled,
    SessionCorrected,
    SessionMoved,
    SessionPlanned,
    SessionRecorded,
    SessionReinstated,
    StandInsNamed,
)
from coord.domain.course.hours import decided
from coord.domain.events import CoordEvent
from coord.projections.engine import View, Writer, handles
from coord.projections.roles import InRole, counts, role_of


class Courses(View):
    """A line is found from its course by the membership, and from its child by the case; never from one child to
    another."""

    NAME = "courses"

    def build_tables(self) -> None:
        """Of the course: itself, its staff, its places, its sessions. Of the child: places, lines, the profile."""
        self.courses = c = Table(
            self.name("courses"),
            self.metadata,
            Column("course_id", Uuid, primary_key=True),
            Column("team", Text, nullable=False),
            Column("status", Text, nullable=False),
            Column("version", Integer, nullable=False),
            Column("content_version", Integer, nullable=False),
            Column("first_date", Date, nullable=False),
            Column("content", Document, nullable=False),
            Column("hours", Document, nullable=False),
            Column("why_otherwise", Text, nullable=False),
            Column("staff", Document, nullable=False),
        )
        self.reading_index("courses_team", c.c.team, c.c.first_date)
        self.staff = s = Table(
            self.name("course_staff"),
            self.metadata,
            Column("course_id", Uuid, primary_key=True),
            Column("person_id", Uuid, primary_key=True),
            Column("role", Text, nullable=False),
        )
        self.reading_index("course_staff_person", s.c.person_id)
        self.places = p = Table(
            self.name("course_places"),
            self.metadata,
            Column("course_id", Uuid, primary_key=True),
            Column("case_id", Uuid, primary_key=True),
            Column("membership", Uuid, nullable=False),
            Column("status", Text, nullable=False),
            Column("since", Date, nullable=False),
            Column("position", BigInteger, nullable=False),
            Column("goals", Document, nullable=False),
            Column("guardians", Document, nullable=False),
            Column("fit", Document, nullable=False),
            Column("override", Text, nullable=False),
            Column("periods", Document, nullable=False),
        )
        self.reading_index("course_places_case", p.c.case_id)
        self.memberships = Table(
            self.name("course_memberships"),
            self.metadata,
            Column("membership", Uuid, primary_key=True),
            Column("course_id", Uuid, nullable=False),
        )
        self.reading_index("course_memberships_course", self.memberships.c.course_id)
        self.sessions = n = Table(
            self.name("course_sessions"),
            self.metadata,
            Column("course_id", Uuid, primary_key=True),
            Column("number", Integer, primary_key=True, autoincrement=False),
            Column("held_on", Date, nullable=False),
            Column("status", Text, nullable=False),
            Column("reason", Text, nullable=False),
            Column("plan", Document, nullable=False),
            Column("plan_version", Integer, nullable=False),
            Column("recordings", Document, nullable=False),
            Column("moved", Document, nullable=False),
            Column("stand_ins", Document, nullable=False),
            Column("changes", Integer, nullable=False),
            Column("changed_at", Instant, nullable=False),
        )
        self.reading_index("course_sessions_day", n.c.held_on)
        self.stand_ins = i = Table(
            self.name("course_stand_ins"),
            self.metadata,
            Column("course_id", Uuid, primary_key=True),
            Column("number", Integer, primary_key=True, autoincrement=False),
            Column("person_id", Uuid, primary_key=True),
            Column("role", Text, nullable=False),
        )
        self.reading_index("course_stand_ins_person", i.c.person_id)
        self.child_groups = g = Table(
            self.name("child_groups"),
            self.metadata,
            Column("membership", Uuid, primary_key=True),
            Column("case_id", Uuid, nullable=False),
            Column("status", Text, nullable=False),
            Column("kind", Text, nullable=False),
            Column("aims", Text, nullable=False),
            Column("dates", Document, nullable=False),
            Column("start_time", Text, nullable=False),
            Column("minutes", Integer, nullable=False),
            Column("reason", Text, nullable=False),
            Column("since", Instant, nullable=False),
            Column("position", BigInteger, nullable=False),
            Column("had_place", Boolean, nullable=False),
            Column("joined", Text, nullable=False),
            Column("until", Text, nullable=False),
            Column("other_times", Document, nullable=False),
        )
        self.reading_index("child_groups_case", g.c.case_id, g.c.position)
        self.lines = t = Table(
            self.name("group_lines"),
            self.metadata,
            Column("line_id", Uuid, primary_key=True),
            Column("case_id", Uuid, nullable=False),
            Column("membership", Uuid, nullable=False),
            Column("kind", Text, nullable=False),
            Column("number", Integer, nullable=False),
            Column("position", BigInteger, nullable=False),
            Column("version", Integer, nullable=False),
            Column("line", Document, nullable=False),
            Column("came", Integer, nullable=False),
            Column("observed_from", Instant, nullable=False),
            Column("observed_to", Instant, nullable=False),
            Column("by_id", Uuid, nullable=False),
            Column("by_name", Text, nullable=False),
            Column("recorded_at", Instant, nullable=False),
            Column("corrected", Text, nullable=False),
            Column("error", Text, nullable=False),
            Column("instead", Uuid),
        )
        self.reading_index("group_lines_case", t.c.case_id, t.c.position)
        Index(self.name("group_lines_membership"), t.c.membership, t.c.number)
        self.profiles = Table(
            self.name("child_profiles"),
            self.metadata,
            Column("case_id", Uuid, primary_key=True),
            Column("profile", Document, nullable=False),
        )

    # ---- handlers: the course

    @handles(CoursePlanned)
    def planned(self, writer: Writer, event: CoursePlanned, position: int) -> None:
        """A course, with its staff and a row for each session."""
        course = event.originator_id
        writer.insert(
            self.courses,
            {
                "course_id": course,
                "team": event.team,
                "status": "open",
                "version": 1,
                "content_version": 1,
                "first_date": date.fromisoformat(event.dates[0]),
                "content": event.content,
                "hours": decided((), event.content, None),
                "why_otherwise": event.why_otherwise,
                "staff": event.staff,
            },
        )
        for person, member in event.staff.items():
            writer.insert(self.staff, {"course_id": course, "person_id": UUID(person), "role": member["role"]})
        for number, day in enumerate(event.dates, 1):
            self._new_session(writer, event, number, day)

    def _new_session(self, writer: Writer, event: CoursePlanned | CourseRevised, number: int, day: str) -> None:
        writer.insert(
            self.sessions,
            {
                "course_id": event.originator_id,
                "number": number,
                "held_on": date.fromisoformat(day),
                "status": "planned",
                "reason": "",
                "plan": {},
                "plan_version": 0,
                "recordings": [],
                "moved": {},
                "stand_ins": {},
                "changes": 0,
                "changed_at": event.timestamp,
            },
        )

    @handles(CourseRevised)
    def revised(self, writer: Writer, event: CourseRevised, position: int) -> None:
        """Otherwise: content, staff, dates; sessions may be fewer or more. Other hours change what a calendar shows of
        a session unless it had begun by now, which in every zone is so of those before yesterday."""
        course = event.originator_id
        before = writer.one(self.courses, course_id=course)
        self._set(
            writer,
            event,
            content=event.content,
            hours=decided(before["hours"], event.content, event.timestamp),
            content_version=event.content_version,
            why_otherwise=event.why_otherwise,
            staff=event.staff,
            first_date=date.fromisoformat(event.dates[0]),
        )
        writer.delete(self.staff, course_id=course)
        for person, member in event.staff.items():
            writer.insert(self.staff, {"course_id": course, "person_id": UUID(person), "role": member["role"]})
        were = int(before["content"]["sessions"])
        otherwise = any(event.content[name] != before["content"][name] for name in ("start_time", "minutes"))
        yesterday = event.timestamp.date() - timedelta(days=1)
        rows = {row["number"]: row for row in self._rows_of(writer, course)}
        for number, day in enumerate(event.dates, 1):
            if number > were:
                self._new_session(writer, event, number, day)
                continue
            held_on, was_on = date.fromisoformat(day), rows[number]["held_on"]
            if held_on != was_on or (otherwise and held_on >= yesterday):
                self._set_session(writer, event, number, held_on=held_on, **_changed(rows[number], event))
        for number in range(len(event.dates) + 1, were + 1):
            writer.delete(self.sessions, course_id=course, number=number)
            writer.delete(self.stand_ins, course_id=course, number=number)

    def _rows_of(self, writer: Writer, course: UUID) -> list[dict[str, Any]]:
        n = self.sessions.c
        found = writer.run(select(n.number, n.held_on, n.changes).where(n.course_id == course))
        return [dict(row) for row in found.mappings()]

    @handles(CourseEnded)
    def ended(self, writer: Writer, event: CourseEnded, position: int) -> None:
        """Over."""
        self._set(writer, event, status="ended")

    def _set(self, writer: Writer, event: Any, **values: Any) -> Mapping[str, Any]:
        """Change the course's row, and its version with it; the row as it was."""
        row = writer.one(self.courses, course_id=event.originator_id)
        writer.update(self.courses, {"course_id": event.originator_id}, **values, version=event.originator_version)
        return row

    @handles(PlaceGiven)
    def place_given(self, writer: Writer, event: PlaceGiven, position: int) -> None:
        """A place, new or another than before. Who has it already, or waits on, keeps their turn."""
        course, case = event.originator_id, UUID(event.case)
        self._set(writer, event)
        p = self.places
        found = writer.run(select(p).where(p.c.course_id == course, p.c.case_id == case)).mappings().first()
        before = dict(found) if found is not None else None
        periods = before["periods"] if before is not None else []
        if event.status == "enrolled":
            others = [stay for stay in periods if stay["membership"] != event.membership]
            periods = [*others, {"membership": event.membership, "since": event.since, "until": ""}]
        stays = before is not None and (str(before["membership"]), before["status"]) == (event.membership, event.status)
        writer.delete(self.places, course_id=course, case_id=case)
        writer.insert(
            self.places,
            {
                "course_id": course,
                "case_id": case,
                "membership": UUID(event.membership),
                "status": event.status,
                "since": date.fromisoformat(event.since),
                "position": before["position"] if stays and before is not None else position,
                "goals": event.goals,
                "guardians": event.guardians,
                "fit": event.fit,
                "override": event.override,
                "periods": periods,
            },
        )
        writer.delete(self.memberships, membership=UUID(event.membership))
        writer.insert(self.memberships, {"membership": UUID(event.membership), "course_id": course})

    @handles(PlaceEnded)
    def place_ended(self, writer: Writer, event: PlaceEnded, position: int) -> None:
        """Left, or to leave. A stay that was over before it began never was."""
        self._set(writer, event)
        key = {"course_id": event.originator_id, "case_id": UUID(event.case)}
        periods = [
            {**stay, "until": event.until} if stay["membership"] == event.membership else stay
            for stay in writer.one(self.places, **key)["periods"]
            if stay["membership"] != event.membership or stay["since"] <= event.until
        ]
        writer.update(self.places, key, status="left", since=date.fromisoformat(event.until), periods=periods)

    @handles(SessionPlanned)
    def session_planned(self, writer: Writer, event: SessionPlanned, position: int) -> None:
        """What is planned."""
        self._set(writer, event)
        self._set_session(writer, event, event.number, plan=event.plan, plan_version=event.version)

    @handles(SessionCancelled)
    def session_cancelled(self, writer: Writer, event: SessionCancelled, position: int) -> None:
        """It does not take place."""
        self._set(writer, event)
        changed = _changed(self._session(writer, event), event)
        self._set_session(writer, event, event.number, status="cancelled", reason=event.reason, **changed)

    @handles(SessionReinstated)
    def session_reinstated(self, writer: Writer, event: SessionReinstated, position: int) -> None:
        """It takes place after all."""
        self._set(writer, event)
        row = self._session(writer, event)
        status = "recorded" if row["recordings"] else "planned"
        self._set_session(writer, event, event.number, status=status, reason="", **_changed(row, event))

    @handles(SessionMoved)
    def session_moved(self, writer: Writer, event: SessionMoved, position: int) -> None:
        """On another day or at another time. What is told of it is from when it was moved first."""
        self._set(writer, event)
        row = self._session(writer, event)
        first = {"from_day": event.from_day, "from_time": event.from_time}
        before = {name: row["moved"].get(name, first[name]) for name in first}
        moved = {**before, "start_time": event.start_time, "reason": event.reason, "by_name": event.by["name"]}
        day = date.fromisoformat(event.day)
        self._set_session(writer, event, event.number, held_on=day, moved=moved, **_changed(row, event))

    @handles(StandInsNamed)
    def stand_ins_named(self, writer: Writer, event: StandInsNamed, position: int) -> None:
        """Who runs this one session."""
        self._set(writer, event)
        self._set_session(writer, event, event.number, stand_ins=event.stand_ins)
        key = {"course_id": event.originator_id, "number": event.number}
        writer.delete(self.stand_ins, **key)
        for person, member in event.stand_ins.items():
            writer.insert(self.stand_ins, {**key, "person_id": UUID(person), "role": member["role"]})

    @handles(AttendanceSettled)
    def attendance_settled(self, writer: Writer, event: AttendanceSettled, position: int) -> None:
        """The lines say it themselves."""
        self._set(writer, event)

    def _session(self, writer: Writer, event: Any) -> Mapping[str, Any]:
        return writer.one(self.sessions, course_id=event.originator_id, number=event.number)

    def _set_session(self, writer: Writer, event: Any, number: int, **values: Any) -> None:
        writer.update(self.sessions, {"course_id": event.originator_id, "number": number}, **values)

    @handles(SessionRecorded)
    def session_recorded(self, writer: Writer, event: SessionRecorded, position: int) -> None:
        """One more recording. It took place, even if it was cancelled before."""
        self._set(writer, event)
        row = writer.one(self.sessions, course_id=event.originator_id, number=event.number)
        recording = {
            "id": str(event.recording_id),
            "by": event.by["person"],
            "by_name": event.by["name"],
            "at": event.timestamp.isoformat(),
            "version": 1,
            "started_at": event.started_at.isoformat(),
            "ended_at": event.ended_at.isoformat(),
            "staff": event.staff,
            "note": event.note,
            "lines": event.lines,
            "corrections": [],
        }
        recordings = [*row["recordings"], recording]
        changed = _changed(row, event) if row["status"] == "cancelled" else {}
        self._set_session(writer, event, event.number, status="recorded", reason="", recordings=recordings, **changed)

    @handles(SessionCorrected)
    def session_corrected(self, writer: Writer, event: SessionCorrected, position: int) -> None:
        """A recording, otherwise."""
        self._set(writer, event)
        row = writer.one(self.sessions, course_id=event.originator_id, number=event.number)
        correction = {
            "version": event.version,
            "by_name": event.by["name"],
            "at": event.timestamp.isoformat(),
            "reason": event.reason,
        }
        changed = {
            "version": event.version,
            "started_at": event.started_at.isoformat(),
            "ended_at": event.ended_at.isoformat(),
            "staff": event.staff,
            "note": event.note,
            "lines": event.lines,
        }
        recordings = [
            {**r, **changed, "corrections": [*r["corrections"], correction]}
            if r["id"] == str(event.recording_id)
            else r
            for r in row["recordings"]
        ]
        self._set_session(writer, event, event.number, recordings=recordings)

    # ---- handlers: the child

    @handles(GroupPlaceChanged)
    def place_changed(self, writer: Writer, event: GroupPlaceChanged, position: int) -> None:
        """The child's own side of a place; whether it was ever one, and no waiting alone."""
        membership = UUID(event.membership)
        status, since, had_place = event.change, event.timestamp, event.change == "enrolled"
        if event.change in ("revised", "left"):
            before = writer.one(self.child_groups, membership=membership)
            had_place = before["had_place"]
            if event.change == "revised":
                status, since = before["status"], before["since"]
        writer.delete(self.child_groups, membership=membership)
        writer.insert(
            self.child_groups,
            {
                "membership": membership,
                "case_id": event.originator_id,
                "status": status,
                "kind": event.kind,
                "aims": event.aims,
                "dates": event.dates,
                "start_time": event.start_time,
                "minutes": event.minutes,
                "reason": event.reason,
                "since": since,
                "position": position,
                "had_place": had_place,
                "joined": event.since,
                "until": event.until,
                "other_times": event.other_times,
            },
        )

    @handles(GroupSessionRecorded)
    def line(self, writer: Writer, event: GroupSessionRecorded, position: int) -> None:
        """What a session was for a child."""
        writer.insert(
            self.lines,
            {
                "line_id": event.line_id,
                "case_id": event.originator_id,
                "membership": UUID(event.membership),
                "kind": event.kind,
                "number": event.session,
                "position": position,
                "version": 1,
                "line": event.line,
                "came": int(there(event.line)),
                "observed_from": event.observed_from,
                "observed_to": event.observed_to,
                "by_id": UUID(event.by["person"]),
                "by_name": event.by["name"],
                "recorded_at": event.timestamp,
                "corrected": "",
                "error": "",
                "instead": None,
            },
        )

    @handles(GroupLineCorrected)
    def line_corrected(self, writer: Writer, event: GroupLineCorrected, position: int) -> None:
        """Other words."""
        writer.update(
            self.lines,
            {"line_id": event.line_id},
            line=event.line,
            came=int(there(event.line)),
            observed_from=event.observed_from,
            observed_to=event.observed_to,
            version=event.version,
            corrected=event.reason,
        )

    @handles(GroupLineEnteredInError)
    def line_in_error(self, writer: Writer, event: GroupLineEnteredInError, position: int) -> None:
        """It should never have been."""
        instead = UUID(event.instead) if event.instead else None
        writer.update(self.lines, {"line_id": event.line_id}, error=event.reason, instead=instead)

    @handles(ProfileDescribed)
    def profile(self, writer: Writer, event: ProfileDescribed, position: int) -> None:
        """How much the child copes with."""
        writer.delete(self.profiles, case_id=event.originator_id)
        writer.insert(self.profiles, {"case_id": event.originator_id, "profile": event.profile})

    # ---- queries

    def of_team(self, connection: Connection, actor: Actor, *, ended: bool) -> list[dict[str, Any]]:
        """The courses of the actor's service team, and those that they run in the role that they are here in, by their
        first date."""
        c, s = self.courses, self.staff
        mine = select(s.c.course_id).where(s.c.person_id == actor.person_id, *counts(s.c.role, role_of(actor)))
        query = (
            select(c)
            .where(or_(c.c.team == actor.team, c.c.course_id.in_(mine)))
            .order_by(c.c.first_date, c.c.course_id)
        )
        if not ended:
            query = query.where(c.c.status == "open")
        return as_mappings(connection.execute(query))

    def ids_of_team(self, connection: Connection, team: str) -> list[UUID]:
        """Every course of a service team."""
        return list(connection.execute(select(self.courses.c.course_id).where(self.courses.c.team == team)).scalars())

    def one(self, connection: Connection, course_id: UUID) -> dict[str, Any] | None:
        """One course."""
        row = connection.execute(select(self.courses).where(self.courses.c.course_id == course_id)).mappings().first()
        return dict(row) if row else None

    def sessions_of(self, connection: Connection, course_ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
        """The sessions of courses, by number, by course."""
        n = self.sessions
        found: dict[UUID, list[dict[str, Any]]] = {course: [] for course in course_ids}
        if course_ids:
            query = select(n).where(n.c.course_id.in_(list(course_ids))).order_by(n.c.course_id, n.c.number)
            for row in connection.execute(query).mappings():
                found[row["course_id"]].append(dict(row))
        return found

    def places_of(self, connection: Connection, course_ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
        """The places of courses, in the order in which they were given, by course."""
        p = self.places
        found: dict[UUID, list[dict[str, Any]]] = {course: [] for course in course_ids}
        if course_ids:
            query = select(p).where(p.c.course_id.in_(list(course_ids))).order_by(p.c.position)
            for row in connection.execute(query).mappings():
                found[row["course_id"]].append(dict(row))
        return found

    def lines_of_course(
        self, connection: Connection, course_id: UUID, number: int | None = None
    ) -> list[dict[str, Any]]:
        """Every child's lines, by session; of one session only, if ``number`` says so."""
        t, m = self.lines, self.memberships
        query = (
            select(t)
            .join(m, m.c.membership == t.c.membership)
            .where(m.c.course_id == course_id)
            .order_by(t.c.number, t.c.position)
        )
        if number is not None:
            query = query.where(t.c.number == number)
        return as_mappings(connection.execute(query))

    def of_child(self, connection: Connection, case_id: UUID) -> list[dict[str, Any]]:
        """The child's places, the newest first."""
        g = self.child_groups
        query = select(g).where(g.c.case_id == case_id).order_by(g.c.position.desc())
        return as_mappings(connection.execute(query))

    def lines_of_child(self, connection: Connection, case_id: UUID) -> list[dict[str, Any]]:
        """The child's lines, the earliest session first."""
        t = self.lines
        query = select(t).where(t.c.case_id == case_id).order_by(t.c.observed_from, t.c.position)
        return as_mappings(connection.execute(query))

    def profiles_of(self, connection: Connection, case_ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
        """How much children cope with, of those who were described."""
        if not case_ids:
            return {}
        p = self.profiles
        query = select(p).where(p.c.case_id.in_(list(case_ids)))
        return {r["case_id"]: dict(r["profile"]) for r in connection.execute(query).mappings()}

    def sessions_of_staff(
        self, connection: Connection, person_id: UUID, start: date, end: date, role: InRole
    ) -> list[dict[str, Any]]:
        """The sessions, from one day to another, of the courses that a person is on the staff of, and those in which
        they stand in, with the course's ``content``, ``hours`` and ``version``; without those of courses that were
        ended before they took place. Only what they run in ``role``."""
        return self.asked.all(connection, self._sessions_between, role, person=person_id, start=start, end=end)

    def _sessions_between(self, role: InRole) -> Select[Any]:
        n, c = self.sessions, self.courses
        return (
            self._of_person(role)
            .where(n.c.held_on >= bindparam("start"), n.c.held_on <= bindparam("end"))
            .where(or_(c.c.status == "open", n.c.status != "planned"))
            .order_by(n.c.held_on, n.c.course_id)
        )

    def open_of_staff(self, connection: Connection, person_id: UUID) -> int:
        """How many open courses a person is on the staff of."""
        c, s = self.courses, self.staff
        query = (
            select(func.count())
            .select_from(c.join(s, s.c.course_id == c.c.course_id))
            .where(s.c.person_id == person_id, c.c.status == "open")
        )
        return int(connection.execute(query).scalar_one())

    def planned_before(
        self, connection: Connection, memberships: Sequence[UUID], today: date
    ) -> list[tuple[UUID, int]]:
        """The sessions before a day that are neither recorded nor cancelled, of the courses that these places are in:
        pairs of place and number, from the day on which the place was given."""
        n, m, p = self.sessions, self.memberships, self.places
        query = (
            select(m.c.membership, n.c.number)
            .select_from(m.join(n, n.c.course_id == m.c.course_id).join(p, p.c.membership == m.c.membership))
            .where(m.c.membership.in_(list(memberships)), n.c.status == "planned", n.c.held_on < today)
            .where(p.c.status == "enrolled", n.c.held_on >= p.c.since)
        )
        return [(r.membership, r.number) for r in connection.execute(query)] if memberships else []

    def waiting_of_staff(
        self, connection: Connection, actor: Actor, before: date
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The same, while their course runs, of the sessions before a day that nobody recorded, however long ago; and
        of those whose recordings disagree about whether a child was there."""
        mine = self.asked.all(connection, self._sessions_running, role_of(actor), person=actor.person_id)
        unclear = self._unclear(connection, mine)
        return _unrecorded(mine, before), [row for row in mine if (row["course_id"], row["number"]) in unclear]

    def waiting_for(
        self, connection: Connection, actor: Actor, before: date, team: str | None
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The same sessions that nobody recorded; and of those whose recordings disagree the ones that the person may
        settle (`may_settle`), also in the courses of the service ``team`` that they lead."""
        mine = self.asked.all(connection, self._sessions_running, role_of(actor), person=actor.person_id)
        led = self.asked.all(connection, self._recorded_running, team=team) if team else []
        of_team = {(row["course_id"], row["number"]): row for row in led}
        every = {(row["course_id"], row["number"]): row for row in mine} | of_team
        unclear = self._unclear(connection, list(every.values()))

        def recorded_one(children: set[str], row: Mapping[str, Any]) -> bool:
            own = (recording for recording in row["recordings"] if recording["by"] == str(actor.person_id))
            return any(not children.isdisjoint(recording["lines"]) for recording in own)

        theirs = [every[key] for key, cases in unclear.items() if key in of_team or recorded_one(cases, every[key])]
        return _unrecorded(mine, before), theirs

    def _recorded_running(self) -> Select[Any]:
        n, c = self.sessions, self.courses
        return (
            select(n, c.c.content, c.c.hours, c.c.version)
            .join(c, c.c.course_id == n.c.course_id)
            .where(c.c.team == bindparam("team", type_=Text()), c.c.status == "open", n.c.status == "recorded")
        )

    def _sessions_running(self, role: InRole) -> Select[Any]:
        n = self.sessions
        return self._of_person(role).where(self.courses.c.status == "open").order_by(n.c.held_on, n.c.course_id)

    def _of_person(self, role: InRole) -> Select[Any]:
        n, c, s, i = self.sessions, self.courses, self.staff, self.stand_ins
        person_id = bindparam("person", type_=Uuid())
        theirs = (i.c.person_id == person_id, *counts(i.c.role, role))
        stands_in = select(i.c.number).where(*theirs, i.c.course_id == n.c.course_id, i.c.number == n.c.number)
        courses = select(s.c.course_id).where(s.c.person_id == person_id, *counts(s.c.role, role))
        either = courses.union(select(i.c.course_id).where(*theirs))
        return (
            select(n, c.c.content, c.c.hours, c.c.version)
            .join(c, c.c.course_id == n.c.course_id)
            .where(n.c.course_id.in_(either), or_(n.c.course_id.in_(courses), stands_in.exists()))
        )

    def attendance(self, connection: Connection, course_ids: Sequence[UUID]) -> dict[tuple[UUID, int], Attendance]:
        """What the lines tell of each session of courses together: of how many children, how many of those came, and
        of how many the recordings disagree. By course and number, of sessions that have lines."""
        if not course_ids:
            return {}
        each = self._told_of(course_ids)
        found: dict[tuple[UUID, int], Attendance] = {}
        for course, number, _case, low, high in connection.execute(each):
            before = found.get((course, number), NOBODY_TOLD)
            found[course, number] = Attendance(
                before.children + 1, before.came + (low == 1), before.unclear + (low != high)
            )
        return found

    def _unclear(
        self, connection: Connection, sessions: Sequence[Mapping[str, Any]]
    ) -> dict[tuple[UUID, int], set[str]]:
        """Of which of these sessions the recordings disagree, by course and number; and about which children."""
        twice = {(row["course_id"], row["number"]) for row in sessions if len(row["recordings"]) > 1}
        if not twice:
            return {}
        came = self.lines.c.came
        each = self._told_of(sorted({course for course, _ in twice})).having(func.min(came) != func.max(came))
        found: dict[tuple[UUID, int], set[str]] = {}
        for course, number, case, *_ in connection.execute(each):
            if (course, number) in twice:
                found.setdefault((course, number), set()).add(str(case))
        return found

    def _told_of(self, course_ids: Sequence[UUID]) -> Select[Any]:
        """Of each child in each session of the courses, the least and the most that the lines say of their coming."""
        t, m = self.lines, self.memberships
        low, high = func.min(t.c.came).label("low"), func.max(t.c.came).label("high")
        return (
            select(m.c.course_id, t.c.number, t.c.case_id, low, high)
            .join(m, m.c.membership == t.c.membership)
            .where(m.c.course_id.in_(list(course_ids)), t.c.error == "")
            .group_by(m.c.course_id, t.c.number, t.c.case_id)
        )


@dataclass(frozen=True, slots=True)
class Attendance:
    """Of how many children a session tells, how many certainly came, and of how many its recordings disagree."""

    children: int
    came: int
    unclear: int


NOBODY_TOLD = Attendance(0, 0, 0)


def _unrecorded(sessions: Sequence[dict[str, Any]], before: date) -> list[dict[str, Any]]:
    """Those before a day that nobody recorded."""
    return [row for row in sessions if row["status"] == "planned" and row["held_on"] < before]


def _changed(row: Mapping[str, Any], event: CoordEvent) -> dict[str, Any]:
    """That what a calendar shows of a session changed once more, and when."""
    return {"changes": row["changes"] + 1, "changed_at": event.timestamp}
