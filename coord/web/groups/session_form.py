"""The form of a recording: what was tapped and typed about each child and the group, and the record that it means.

Every id (of the recording, of each line, observation and strategy) is made when the form is first shown, so that the
same form sent twice, from a device that never heard the first answer, is one recording.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from coord.application.groups.commands import ChildRecord, CorrectSession, HandedOver, Rating, RecordSession
from coord.application.groups.questions import LineShown, RecordingShown, SessionAnswer, SessionChild
from coord.domain.actors import Actor
from coord.domain.case import LineContent
from coord.domain.case.groups import ARRIVALS, ATTENDANCE, GRADINGS, GUARDIAN
from coord.domain.course.sessions import NOTE_PARTS
from coord.web.groups.session_times import read_moment
from coord.web.kit.asking import confirmed
from coord.web.kit.circumstances import When
from coord.web.kit.form import lines, number_of, uuid_of
from coord.web.kit.problem import Problem

CHOICES: Mapping[str, Sequence[str]] = {
    "attendance": ATTENDANCE,
    "arrival": ARRIVALS,
    "grading": GRADINGS,
    "guardian": GUARDIAN,
}
WORDS = ("absence_reason", "response", "incident", "message_home", "message_school", "practice")
PARTS = ("attendance", "arrival", "grading", "support", "guardian", *WORDS)
"""What of a line is one field each."""
MOST_STRATEGIES = 6
NEW_STRATEGIES = 2
"""Empty lines for strategies that are handed over; without a script none can be added."""


def at(case_id: UUID, *more: object) -> str:
    """Name and id of a field about one child."""
    return "-".join(["c", str(case_id), *(str(part) for part in more)])


@dataclass(slots=True)
class TypedRating:
    """One goal of a child as it was rated."""

    goal: UUID
    observation: UUID
    level: str = ""
    support: str = ""
    remark: str = ""
    scale: str = ""

    @property
    def given(self) -> bool:
        """Whether anything was said."""
        return bool(self.level or self.support or self.remark.strip())

    def meant(self) -> Rating:
        """The rating. A level counts on the scale that the page showed."""
        level = number_of(self.level)
        scale = number_of(self.scale) if level is not None else None
        return Rating(self.observation, self.goal, level, self.support, self.remark, scale)


@dataclass(slots=True)
class TypedStrategy:
    """A strategy handed over. One of before (``kept``) stands in its words, or is taken back."""

    id: UUID
    text: str = ""
    kept: bool = False
    taken_back: bool = False

    @property
    def given(self) -> bool:
        """Whether it is handed over."""
        return bool(self.text.strip()) and not self.taken_back


@dataclass(slots=True)
class TypedChild:
    """What was tapped and typed about one child.

    ``optional``: nothing need be, for somebody else's recording has a line already, or the child was not there yet.
    """

    case_id: UUID
    line_id: UUID = field(default_factory=uuid4)
    parts: dict[str, str] = field(default_factory=lambda: dict.fromkeys(PARTS, ""))
    goals: list[UUID] = field(default_factory=list)
    ratings: list[TypedRating] = field(default_factory=list)
    strategies: list[TypedStrategy] = field(default_factory=list)
    planned_grading: str = ""
    optional: bool = False
    in_error: bool = False
    unchanged: bool = False
    """In a correction: as it stands."""

    def rating(self, goal_id: UUID) -> TypedRating:
        """How a goal was rated; a blank one, if the goal came to the group after the page was opened."""
        found = next((r for r in self.ratings if r.goal == goal_id), None)
        return found or TypedRating(goal_id, uuid4())

    @property
    def left_out(self) -> bool:
        """Nothing need be said of this child, and nothing is."""
        said = any(self.parts[name].strip() for name in PARTS if name != "grading")
        given = said or any(r.given for r in self.ratings) or any(s.given for s in self.strategies)
        return self.optional and not given

    def meant(self) -> ChildRecord:
        """The record of the child."""
        parts = dict(self.parts)
        if parts["attendance"] == "absent" and parts["grading"] == self.planned_grading:
            parts["grading"] = ""  # nobody chose it: the page did, from the plan
        content = LineContent(**parts, goals=self.goals)
        handed = [HandedOver(s.id, s.text) for s in self.strategies if s.given]
        return ChildRecord(self.case_id, self.line_id, content, [r.meant() for r in self.ratings if r.given], handed)


@dataclass(slots=True)
class RecordForm:
    """A whole recording. ``reason`` and ``version`` are for a correction."""

    recording_id: UUID = field(default_factory=uuid4)
    children: list[TypedChild] = field(default_factory=list)
    note: dict[str, str] = field(default_factory=lambda: dict.fromkeys(NOTE_PARTS, ""))
    start: When = field(default_factory=When)
    end: When = field(default_factory=When)
    staff: list[str] = field(default_factory=list)
    confirmed: Sequence[str] = ()
    took_place: bool = False
    reason: str = ""
    version: int = 0

    # ---- where it comes from

    @classmethod
    def blank(cls, answer: SessionAnswer, actor: Actor, now: datetime, zone: ZoneInfo) -> RecordForm:
        """For a session that nobody, or somebody else, has recorded: with what is planned chosen."""
        session = answer.session
        # Before its day nothing is recorded: what is kept on the device until then has the time that is planned.
        early = session.starts_at.astimezone(zone).date() > now.astimezone(zone).date()
        start = When.of(session.starts_at if early else min(session.starts_at, now), zone)
        # Still going on: what is left empty is the time at which the recording is sent.
        end = When.of(session.ends_at, zone) if session.ends_at <= now else When(start.day)
        children = [_blank_child(child) for child in answer.children if child.recordable]
        return cls(children=children, start=start, end=end, staff=[str(actor.person_id)])

    @classmethod
    def of(cls, answer: SessionAnswer, recording: RecordingShown, zone: ZoneInfo) -> RecordForm:
        """What stands, to be corrected. A child with a place and no line in it is there to be added."""
        children = []
        for child in answer.children:
            line = line_in(recording, child)
            if line is not None:
                children.append(_child_of_line(child, line))
            elif child.recordable:
                children.append(replace(_blank_child(child), optional=True))
        return cls(
            recording.id,
            children,
            {name: recording.note.get(name, "") for name in NOTE_PARTS},
            When.of(recording.started_at, zone),
            When.of(recording.ended_at, zone),
            [str(person) for person in recording.staff_ids],
            version=recording.version,
        )

    @classmethod
    def sent(cls, form: MultiDict[str, str]) -> RecordForm:
        """What the browser sent."""
        cases = [case for text in form.getlist("child") if (case := uuid_of(text)) is not None]
        return cls(
            recording_id=uuid_of(form.get("recording_id", "")) or uuid4(),
            children=[_sent_child(form, case) for case in dict.fromkeys(cases)],
            note={name: lines(form.get(f"note-{name}", "")) for name in NOTE_PARTS},
            start=_when(form, "started"),
            end=_when(form, "ended"),
            staff=form.getlist("staff"),
            confirmed=confirmed(),
            took_place=form.get("took_place") == "yes",
            reason=lines(form.get("reason", "")),
            version=number_of(form.get("version", "")) or 0,
        )

    # ---- what it means

    def child(self, case_id: UUID) -> TypedChild | None:
        """What was typed of one child."""
        return next((c for c in self.children if c.case_id == case_id), None)

    @property
    def told(self) -> list[TypedChild]:
        """The children whom the recording is about, in the order in which they are sent."""
        return [c for c in self.children if not (c.left_out or c.in_error or c.unchanged)]

    def against(self, standing: RecordForm) -> None:
        """Mark the children of whom it says what stands: a correction need not speak of them."""
        for child in self.children:
            before = standing.child(child.case_id)
            child.unchanged = before is not None and not child.in_error and _key(child) == _key(before)

    def renew(self, standing: RecordForm) -> None:
        """Decide anew, on what stands now: its version, and its ids where somebody else's correction changed them."""
        self.version = standing.version
        for child in self.children:
            before = standing.child(child.case_id)
            if before is None:
                continue
            child.line_id = before.line_id
            for rating in child.ratings:
                rating.observation = before.rating(rating.goal).observation

    def times(self, now: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime | None, list[Problem]]:
        """When it took place, and what of that could not be read. An empty end is now."""
        problems: list[Problem] = []
        started = read_moment("started", _("Started"), self.start, zone, problems)
        ended: datetime | None = now - timedelta(seconds=now.second, microseconds=now.microsecond)
        if self.end.at.strip():
            end = self.end if self.end.day.strip() else replace(self.end, day=self.start.day)
            ended = read_moment("ended", _("Finished"), end, zone, problems, not_before=started)
        return started, ended, problems

    def to_record(
        self, course_id: UUID, number: int, now: datetime, zone: ZoneInfo
    ) -> tuple[RecordSession, list[Problem]]:
        """The command, and what could not be read of the times (then it is refused, with all else that is wrong)."""
        started, ended, problems = self.times(now, zone)
        command = RecordSession(
            course_id,
            number,
            self.recording_id,
            started,
            ended,
            self.note,
            [child.meant() for child in self.told],
            self._people(),
            self.confirmed,
            self.took_place,
        )
        return command, problems

    def to_correct(
        self, course_id: UUID, number: int, standing: RecordForm, now: datetime, zone: ZoneInfo
    ) -> tuple[CorrectSession, list[Problem]]:
        """The command that corrects the recording, and what could not be read of the times.

        A time that is as in the ``standing`` form stays to the second: a new one would concern every child.
        """
        self.against(standing)
        started, ended, problems = self.times(now, zone)
        if self.start == standing.start:
            started = None
        if self.end == standing.end:
            ended = None
        command = CorrectSession(
            course_id,
            number,
            self.recording_id,
            self.version,
            self.reason,
            started,
            ended,
            self.note,
            [child.meant() for child in self.told],
            [child.case_id for child in self.children if child.in_error],
            self.confirmed,
            None if set(self.staff) == set(standing.staff) else self._people(),
        )
        return command, problems

    def _people(self) -> list[UUID]:
        """Who is ticked as having run it."""
        return [person for text in self.staff if (person := uuid_of(text)) is not None]


def line_in(recording: RecordingShown, child: SessionChild) -> LineShown | None:
    """The child's line in this recording, unless it should never have been."""
    line_id = recording.lines.get(child.case_id)
    return next((line for line in child.lines if line.id == line_id and not line.error), None)


def _key(child: TypedChild) -> tuple[object, ...]:
    meant = child.meant()
    goals = frozenset((*meant.content.goals, *(r.goal_id for r in meant.ratings)))
    return (
        {name: _clean(getattr(meant.content, name)) for name in PARTS},
        goals,
        {(r.goal_id, r.level, r.support, _clean(r.remark)) for r in meant.ratings},
        {s.strategy_id for s in meant.strategies},
    )


def _blank_child(child: SessionChild) -> TypedChild:
    parts = dict.fromkeys(PARTS, "") | {"grading": child.grading}
    return TypedChild(
        child.case_id,
        parts=parts,
        goals=list(child.planned_goals),
        ratings=[TypedRating(g.id, uuid4(), scale=str(g.scale_version)) for g in child.goals],
        strategies=[TypedStrategy(uuid4()) for _ in range(NEW_STRATEGIES)],
        planned_grading=child.grading,
        optional=not child.expected or any(not line.error for line in child.lines),
    )


def _child_of_line(child: SessionChild, line: LineShown) -> TypedChild:
    rated = {r["goal_id"]: r for r in line.ratings}
    scales = {g.id: str(g.scale_version) for g in child.goals}
    ratings = []
    for goal_id in [*scales, *(g for g in rated if g not in scales)]:
        known = rated.get(goal_id)
        if known is None:
            ratings.append(TypedRating(goal_id, uuid4(), scale=scales[goal_id]))
        else:
            level = "" if known["level"] is None else str(known["level"])
            found = (goal_id, known["observation_id"], level, known["support"], known["remark"])
            ratings.append(TypedRating(*found, scales.get(goal_id, "")))
    handed = [TypedStrategy(s["strategy_id"], s["text"], kept=True) for s in line.strategies]
    return TypedChild(
        child.case_id,
        line.id,
        {name: str(value) for name, value in line.line.items() if name in PARTS},
        [UUID(goal) for goal in line.line["goals"]],
        ratings,
        [*handed, *(TypedStrategy(uuid4()) for _ in range(NEW_STRATEGIES))],
    )


def _sent_child(form: MultiDict[str, str], case: UUID) -> TypedChild:
    def text(*name: object) -> str:
        return lines(form.get(at(case, *name), ""))

    def ids(*name: object) -> list[UUID]:
        return [found for value in form.getlist(at(case, *name)) if (found := uuid_of(value)) is not None]

    def help_with(goal: UUID) -> str:
        given = text(goal, "support")
        if given != "as-above":
            return given
        return text("support") if text(goal, "level") else ""

    ratings = [
        TypedRating(
            goal,
            uuid_of(text(goal, "observation")) or uuid4(),
            text(goal, "level"),
            help_with(goal),
            text(goal, "remark"),
            text(goal, "scale"),
        )
        for goal in dict.fromkeys(ids("goal"))
    ]
    strategies = [
        TypedStrategy(
            found, text(f"s{i}", "text"), text(f"s{i}", "kept") == "yes", text(f"s{i}", "taken_back") == "yes"
        )
        for i in range(MOST_STRATEGIES + NEW_STRATEGIES)
        if (found := uuid_of(text(f"s{i}", "id"))) is not None
    ]
    return TypedChild(
        case,
        uuid_of(text("line")) or uuid4(),
        {name: text(name) for name in PARTS},
        ids("goals"),
        ratings,
        strategies,
        text("planned"),
        text("optional") == "yes",
        text("in_error") == "yes",
    )


def _when(form: MultiDict[str, str], which: str) -> When:
    second = form.get(f"{which}-second") == "yes"
    return When(form.get(f"{which}-day", ""), form.get(f"{which}-time", ""), second)


def _clean(text: str) -> str:
    return lines(text).strip()
