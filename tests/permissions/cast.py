"""A store in which every combination of role, relation and note exists, and a way to try doors that changes nothing."""

import itertools
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from coord.application.case.commands import (
    AddToTeam,
    CloseCase,
    OpenCase,
    RemoveFromTeam,
)
from coord.application.complaint_file.questions import Chapter, Extent
from coord.application.declared import DECLARED, Command
from coord.application.goals import commands as g
from coord.application.groups import commands as w
from coord.application.notes.commands import (
    CosignNote,
    EnterNoteInError,
    SignNote,
)
from coord.application.people.commands import (
    ChangePersonRole,
    ChoosePassword,
    RegisterPerson,
)
from coord.application.services import Services
from coord.domain.actors import COMMAND_LINE, Actor, Discipline, Relation, Relationship, Role
from coord.domain.case import GoalContent, NoteContent
from coord.domain.case.measures import CopmContent
from coord.domain.case.note_twins import SAME_TIME, SAME_WORDS
from coord.domain.case.strategies import TrialContent
from coord.domain.course import CourseContent
from coord.domain.errors import Conflict, DomainError, InvalidInput, NotFound, NotPermitted, Stale
from coord.domain.permissions import refuse_unless_permitted
from coord.domain.teams import on_purpose
from tests.house import answered
from tests.samples import emptied

TODAY = date(2026, 6, 15)
BEFORE = datetime(2026, 6, 5, 9, tzinfo=UTC)
NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)


class Hands:
    """A clock that the test sets."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Viewer:
    actor: Actor
    relation: str  # on, none, left, future, ended
    same_service_team: bool
    operator: bool = False
    on_staff: bool = False
    """Whether they run the courses; those who do are on no care team, so that the two are told apart."""

    @property
    def on_care_team(self) -> bool:
        return self.relation == "on"


@dataclass(frozen=True)
class Entry:
    id: UUID
    author: UUID
    discipline: str
    audience: str
    status: str
    kind: str = "note"
    agreed: bool = True


KINDS: dict[str, tuple[Role, Discipline | None, Relation]] = {
    "ot": (Role.THERAPIST, Discipline.OT, Relation.OCCUPATIONAL_THERAPIST),
    "psychologist": (Role.THERAPIST, Discipline.PSYCHOLOGY, Relation.PSYCHOLOGIST),
    "student": (Role.STUDENT, Discipline.OT, Relation.STUDENT),
    "teacher": (Role.TEACHER, Discipline.SCHOOL, Relation.CLASS_TEACHER),
    "lead": (Role.TEAM_LEAD, None, Relation.COORDINATOR),
    "lead-ot": (Role.TEAM_LEAD, Discipline.OT, Relation.COORDINATOR),
    "administrator": (Role.ADMINISTRATOR, None, Relation.OTHER_PROFESSIONAL),  # was a therapist, once
}
NOT_HIDDEN = (
    *("no-such-draft", "not-on-team", "no-such-person", "no-such-observation", "no-such-activity"),
    *("no-such-place", "no-such-recording", "no-such-line", "no-such-phrase", "no-such-alert", "no-such-template"),
)
OF_THE_RECORD = ("note_id", "goal_id", "measure_id", "strategy_id", "trial_id")


def kept_ids(name: str) -> list[str]:
    """The fields of a command or question with the id of something of the child's record that is there."""
    makes = DECLARED[name].makes
    found = (one.name for one in fields(DECLARED[name].kind) if one.name in OF_THE_RECORD)
    return [field for field in found if makes is None or field != makes.field]


RELATIONS = ("on", "none", "left", "future", "ended")
AUDIENCES = ("care-team", "own-discipline", "care-team-and-school", "care-team-and-family")


def report_of(strategy: UUID) -> UUID:
    """What its author told of a strategy."""
    return UUID(int=strategy.int ^ 1)


class Cast:
    def __init__(self, services: Services, hands: Hands) -> None:
        self.doors, self.hands = services.doors, hands
        hands.now = BEFORE
        self.author = {k: self.person(k, k, "North") for k in ("ot", "psychologist", "student", "teacher")}
        self.open, self.closed = uuid4(), uuid4()
        self.notes: dict[UUID, list[Entry]] = {self.open: [], self.closed: []}
        self.goals: dict[UUID, list[Entry]] = {self.open: [], self.closed: []}
        self.strategies: dict[UUID, list[Entry]] = {self.open: [], self.closed: []}
        self.measures: dict[UUID, list[Entry]] = {self.open: [], self.closed: []}
        ot = self.author["ot"]
        for case in (self.open, self.closed):
            answered(self.doors, ot, OpenCase(case, "Zig", "Zig Zag", date(2019, 1, 1)))
            for kind, who in self.author.items():
                if kind != "ot":
                    self.doors.execute(ot, AddToTeam(case, who.person_id, KINDS[kind][2]))
        self.viewers = [
            self.viewer(kind, relation, team) for kind in KINDS for relation in RELATIONS for team in ("North", "South")
        ]
        self.viewers.append(Viewer(COMMAND_LINE, "none", False, operator=True))
        for case in (self.open, self.closed):
            self.write_notes(case)
            self.set_goals(case)
            self.measure_and_advise(case)
        answered(self.doors, ot, CloseCase(self.closed, "done"))
        self.course, self.ended = self.run_course(), self.run_course()
        self.doors.execute(ot, w.EndCourse(self.ended, "done"))
        hands.now = NOW

    def person(self, name: str, kind: str, team: str) -> Actor:
        role, discipline, _ = KINDS[kind]
        person_id = uuid4()
        was = (Role.THERAPIST, Discipline.OTHER) if role is Role.ADMINISTRATOR else (role, discipline)
        meant = on_purpose(team)
        self.doors.execute(COMMAND_LINE, RegisterPerson(person_id, name, f"{person_id.hex}@x.org", *was, team, meant))
        return Actor(person_id, name, *was, team)

    def viewer(self, kind: str, relation: str, team: str) -> Viewer:
        actor = self.person(f"{kind} {relation} {team}", kind, team)
        ot, add = self.author["ot"], KINDS[kind][2]
        for case in (self.open, self.closed):
            if relation == "future":
                self.doors.execute(ot, AddToTeam(case, actor.person_id, add, since=TODAY + timedelta(days=1)))
            elif relation != "none":
                until = TODAY - timedelta(days=1) if relation == "ended" else None
                self.doors.execute(ot, AddToTeam(case, actor.person_id, add, until=until))
                self.notes[case].append(self.sign(actor, case, "care-team"))
                if actor.role is not Role.TEACHER:
                    self.goals[case].append(self.propose(actor, case, "care-team"))
            if relation == "left":
                answered(self.doors, ot, RemoveFromTeam(case, actor.person_id))
        if kind == "administrator":
            self.doors.execute(COMMAND_LINE, ChangePersonRole(actor.person_id, Role.ADMINISTRATOR))
            actor = replace(actor, role=Role.ADMINISTRATOR, discipline=None)
        runs = relation == "none" and kind in ("ot", "student", "lead")
        return Viewer(actor, relation, team == "North", on_staff=runs)

    def run_course(self) -> UUID:
        """A course of the service team North, with the open case in it."""
        course, ot = uuid4(), self.author["ot"]
        staff = [ot.person_id, *(v.actor.person_id for v in self.viewers if v.on_staff)]
        content = CourseContent("Monday", "social-skills", "words", TODAY, "10:00", 60, 10, 6)
        self.doors.execute(ot, w.PlanCourse(course, content, staff))
        self.doors.execute(ot, w.EnrolChild(course, self.open, override="so"))
        self.doors.execute(ot, w.CancelSession(course, 2, "so"))
        return course

    def sign(self, author: Actor, case: UUID, audience: str) -> Entry:
        teacher = author.role is Role.TEACHER
        content = NoteContent(
            "school-observation" if teacher else "narrative",
            {"observed" if teacher else "text": "words"},
            self.hands.now,
            audience=audience,
        )
        note = uuid4()
        receipt = answered(self.doors, author, SignNote(case, note, content), SAME_WORDS, SAME_TIME)
        discipline = author.discipline.value if author.discipline else ""
        return Entry(note, author.person_id, discipline, audience, receipt.status)

    def write_notes(self, case: UUID) -> None:
        """Every author, audience and status (in the closed case, fewer)."""
        few = case == self.closed
        for kind, author in self.author.items():
            audiences = ("care-team", "care-team-and-school") if kind == "teacher" else AUDIENCES
            for audience in audiences[-2:] if few else audiences:
                written = self.sign(author, case, audience)
                self.notes[case].append(written)
                wrong = self.sign(author, case, audience)
                self.doors.execute(author, EnterNoteInError(case, wrong.id, "wrong child"))
                self.notes[case].append(replace(wrong, status="entered-in-error"))
                if kind == "student":
                    attested = self.sign(author, case, audience)
                    self.doors.execute(self.author["ot"], CosignNote(case, attested.id))
                    self.notes[case].append(replace(attested, status="cosigned"))

    def propose(self, author: Actor, case: UUID, audience: str) -> Entry:
        goal = uuid4()
        content = GoalContent("words", ["school"], review_date=TODAY + timedelta(days=90), audience=audience)
        self.doors.execute(author, g.ProposeGoal(case, goal, content))
        discipline = author.discipline.value if author.discipline else ""
        return Entry(goal, author.person_id, discipline, audience, "proposed", "goal", agreed=False)

    def set_goals(self, case: UUID) -> None:
        """Every author and audience, each in some of the states, and all states often enough."""
        lives = itertools.cycle((("agreed", "stopped"), ("given up", "achieved"), ("entered-in-error", "on-hold")))
        for kind in ("ot", "psychologist", "student"):
            for audience in AUDIENCES[-2:] if case == self.closed else AUDIENCES:
                for life in ("proposed", "active", *next(lives)):
                    self.goals[case].append(self.lead_to(life, self.author[kind], case, audience))

    def lead_to(self, life: str, author: Actor, case: UUID, audience: str) -> Entry:
        goal = self.propose(author, case, audience)
        by = self.author["ot"] if author.role is Role.STUDENT else author

        def become(status: str, version: int) -> None:
            self.doors.execute(by, g.ChangeGoalStatus(case, goal.id, version, status, "so"))

        if life == "proposed":
            return goal
        if life == "entered-in-error":
            self.doors.execute(author, g.EnterGoalInError(case, goal.id, "wrong child"))
            return replace(goal, status=life)
        if life == "given up":
            become("stopped", 1)
            return replace(goal, status="stopped")
        self.doors.execute(by, g.AgreeGoal(case, goal.id, 1, [("Mother", "guardian")]))
        goal = replace(goal, status=life, agreed=True)
        if life != "agreed":
            become("active", 2)
        if life in ("stopped", "achieved", "on-hold"):
            become(life, 3)
        return goal

    def measure_and_advise(self, case: UUID) -> None:
        ot, do = self.author["ot"], self.doors.execute
        for context, audience in (("school", "care-team-and-school"), ("home", "care-team-and-family")):
            for status in ("offered", "ended"):
                entry = Entry(uuid4(), ot.person_id, "ot", audience, status, "strategy")
                do(ot, g.OfferStrategy(case, entry.id, "words", context))
                do(ot, g.TellOfStrategy(case, entry.id, report_of(entry.id), TrialContent("helped")))
                if status == "ended":
                    do(ot, g.EndStrategy(case, entry.id, "so"))
                self.strategies[case].append(entry)
        for kind in ("ot", "psychologist"):
            for status in ("recorded", "entered-in-error"):
                who = self.author[kind]
                entry = Entry(uuid4(), who.person_id, "", "care-team", status, "measure")
                content = CopmContent([("words", 1, 1, 1)], "guardian", measured_on=BEFORE.date())
                do(who, g.RecordCopm(case, entry.id, content))
                if status == "entered-in-error":
                    do(who, g.EnterMeasureInError(case, entry.id, "wrong child"))
                self.measures[case].append(entry)

    # ---- trying a door: what is permitted is refused for its content, so that nothing changes

    def about_a_child(self, name: str, case: UUID, note: UUID) -> Any:
        """What is of the child's record has the id ``note``; people, and what would be new, are nobody and nothing."""
        of: dict[str, dict[str, Any]] = {
            "AddToTeam": {"person_id": self.viewers[0].actor.person_id, "relation": Relation.CLASS_TEACHER},
            "ChangeNoteAudience": {"audience": "own-discipline", "expected_version": -1},  # or it would be done
            "CosignNote": {"expected_version": -1},  # likewise: nothing else of it can be wrong
            "EntrustCosignature": {"expected_version": -1},  # or it is refused where somebody else can co-sign
            "ChangeGoalStatus": {"status": "active"},
            "OfferStrategy": {"goal_id": None},
            "ReadGoals": {"ended": True},
            "ReadTimelineAs": {"reader": self.author["teacher"].person_id},
            "ReadForComplaintFile": {"extent": Extent(None, BEFORE, 1, BEFORE), "chapter": Chapter.LOOKS},
        }
        kept = dict.fromkeys(kept_ids(name), note)
        if "trial_id" in kept:
            kept["trial_id"] = report_of(note)
        return emptied(name, {"case_id": case, **kept, **of.get(name, {})})

    def about_a_course(self, name: str, course: UUID, number: int = 1) -> Any:
        of: dict[str, dict[str, Any]] = {
            "ReadFit": {"case_id": self.open},
            "EndPlace": {"reason": "so"},
            "NameStandIns": {"people": [uuid4()]},
            "ReinstateSession": {"number": 2 if number == 1 else number},
        }
        return emptied(name, {"course_id": course, "number": number, **of.get(name, {})})

    def about_no_child(self, name: str, team: str) -> Any:
        of: dict[str, dict[str, Any]] = {
            "OpenCase": {"team": team},
            "ChangePersonRole": {"role": Role.TEACHER},
            "AddPersonRole": {"role": Role.TEACHER},
            "EndPersonRole": {"role": Role.TEACHER},
            "NoteAccountChange": {"done": "token-ended"},
            "ChangePolicy": {"name": "generalisation"},
            "ReadMySessions": {"start": TODAY, "end": TODAY},
        }
        return emptied(name, of.get(name, {}))

    def outcome(self, viewer: Viewer, wish: Any) -> str:
        """hidden, refused, conflict or allowed (answered, or refused for what it says)."""
        error = self.error(viewer, wish)
        match error:
            case NotFound(code=code) if code in NOT_HIDDEN:
                return "allowed"
            case Conflict(code="no-score"):
                return "allowed"
            case NotFound():
                return "hidden"
            case NotPermitted():
                return "refused"
            case Conflict():
                return "conflict"
            case None | Stale() | InvalidInput():
                return "allowed"
        raise AssertionError(error)

    def error(self, viewer: Viewer, wish: Any) -> DomainError | None:
        try:
            if isinstance(wish, ChoosePassword):  # it asks for nothing that could be refused: it would be carried out
                refuse_unless_permitted("ChoosePassword", viewer.actor, Relationship())
                return None
            if isinstance(wish, Command):
                receipt = self.doors.execute(viewer.actor, wish)
                raise AssertionError(f"a trial was carried out: {wish} {receipt}")
            self.doors.ask(viewer.actor, wish)
        except DomainError as error:
            return error
        return None
