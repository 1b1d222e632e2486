"""A store in which every combination of role, relation and note exists, and a way to try doors that changes nothing."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from coord.application import activities, policies
from coord.application import commands as c
from coord.application import questions as q
from coord.application.services import Services
from coord.domain.activity import ActivityContent
from coord.domain.actors import COMMAND_LINE, Actor, Discipline, Relation, Role
from coord.domain.case import NoteContent, SummaryContent
from coord.domain.errors import Conflict, DomainError, InvalidInput, NotFound, NotPermitted, Stale

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


KINDS: dict[str, tuple[Role, Discipline | None, Relation]] = {
    "ot": (Role.THERAPIST, Discipline.OT, Relation.OCCUPATIONAL_THERAPIST),
    "psychologist": (Role.THERAPIST, Discipline.PSYCHOLOGY, Relation.PSYCHOLOGIST),
    "student": (Role.STUDENT, Discipline.OT, Relation.STUDENT),
    "teacher": (Role.TEACHER, Discipline.SCHOOL, Relation.CLASS_TEACHER),
    "lead": (Role.TEAM_LEAD, None, Relation.COORDINATOR),
    "lead-ot": (Role.TEAM_LEAD, Discipline.OT, Relation.COORDINATOR),
    "administrator": (Role.ADMINISTRATOR, None, Relation.OTHER_PROFESSIONAL),  # was a therapist, once
}
RELATIONS = ("on", "none", "left", "future", "ended")
AUDIENCES = ("care-team", "own-discipline", "care-team-and-school", "care-team-and-family")


class Cast:
    def __init__(self, services: Services, hands: Hands) -> None:
        self.doors, self.hands = services.doors, hands
        hands.now = BEFORE
        self.author = {k: self.person(k, k, "North") for k in ("ot", "psychologist", "student", "teacher")}
        self.open, self.closed = uuid4(), uuid4()
        self.notes: dict[UUID, list[Entry]] = {self.open: [], self.closed: []}
        ot = self.author["ot"]
        for case in (self.open, self.closed):
            self.doors.execute(ot, c.OpenCase(case, "Zig", "Zig Zag", date(2019, 1, 1)))
            for kind, who in self.author.items():
                if kind != "ot":
                    self.doors.execute(ot, c.AddToTeam(case, who.person_id, KINDS[kind][2]))
        self.viewers = [
            self.viewer(kind, relation, team) for kind in KINDS for relation in RELATIONS for team in ("North", "South")
        ]
        self.viewers.append(Viewer(COMMAND_LINE, "none", False, operator=True))
        for case in (self.open, self.closed):
            self.write_notes(case)
        self.doors.execute(ot, c.CloseCase(self.closed, "done"))
        hands.now = NOW

    def person(self, name: str, kind: str, team: str) -> Actor:
        role, discipline, _ = KINDS[kind]
        person_id = uuid4()
        was = (Role.THERAPIST, Discipline.OTHER) if role is Role.ADMINISTRATOR else (role, discipline)
        self.doors.execute(COMMAND_LINE, c.RegisterPerson(person_id, name, f"{person_id.hex}@x.org", *was, team))
        return Actor(person_id, name, *was, team)

    def viewer(self, kind: str, relation: str, team: str) -> Viewer:
        actor = self.person(f"{kind} {relation} {team}", kind, team)
        ot, add = self.author["ot"], KINDS[kind][2]
        for case in (self.open, self.closed):
            if relation == "future":
                self.doors.execute(ot, c.AddToTeam(case, actor.person_id, add, since=TODAY + timedelta(days=1)))
            elif relation != "none":
                until = TODAY - timedelta(days=1) if relation == "ended" else None
                self.doors.execute(ot, c.AddToTeam(case, actor.person_id, add, until=until))
                self.notes[case].append(self.sign(actor, case, "care-team"))
            if relation == "left":
                self.doors.execute(ot, c.RemoveFromTeam(case, actor.person_id))
        if kind == "administrator":
            self.doors.execute(COMMAND_LINE, c.ChangePersonRole(actor.person_id, Role.ADMINISTRATOR))
            actor = replace(actor, role=Role.ADMINISTRATOR, discipline=None)
        return Viewer(actor, relation, team == "North")

    def sign(self, author: Actor, case: UUID, audience: str) -> Entry:
        teacher = author.role is Role.TEACHER
        content = NoteContent(
            "school-observation" if teacher else "narrative",
            {"observed" if teacher else "text": "words"},
            self.hands.now,
            audience=audience,
        )
        note = uuid4()
        receipt = self.doors.execute(author, c.SignNote(case, note, content))
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
                self.doors.execute(author, c.EnterNoteInError(case, wrong.id, "wrong child"))
                self.notes[case].append(replace(wrong, status="entered-in-error"))
                if kind == "student":
                    attested = self.sign(author, case, audience)
                    self.doors.execute(self.author["ot"], c.CosignNote(case, attested.id))
                    self.notes[case].append(replace(attested, status="cosigned"))

    # ---- trying a door: what is permitted is refused for its content, so that nothing changes

    def about_a_child(self, name: str, case: UUID, note: UUID) -> Any:
        nobody, nothing = uuid4(), SummaryContent({}, "", None, None)
        return {
            "CorrectDetails": lambda: c.CorrectDetails(case, -1, {}, ""),
            "CloseCase": lambda: c.CloseCase(case, ""),
            "ReopenCase": lambda: c.ReopenCase(case, ""),
            "AddToTeam": lambda: c.AddToTeam(case, self.viewers[0].actor.person_id, Relation.CLASS_TEACHER),
            "RemoveFromTeam": lambda: c.RemoveFromTeam(case, nobody),
            "SaveDraft": lambda: c.SaveDraft(case, nobody, "poem", {}),
            "DiscardDraft": lambda: c.DiscardDraft(case, nobody),
            "SignNote": lambda: c.SignNote(case, nobody, NoteContent("narrative", {}, None)),
            "CosignNote": lambda: c.CosignNote(case, note, -1),
            "AddAddendum": lambda: c.AddAddendum(case, note, nobody, " "),
            "AmendNote": lambda: c.AmendNote(case, note, -1, {}, ""),
            "EnterNoteInError": lambda: c.EnterNoteInError(case, note, "", -1),
            "ChangeNoteAudience": lambda: c.ChangeNoteAudience(case, note, "own-discipline", -1),
            "PublishSummary": lambda: c.PublishSummary(case, -1, nothing),
            "RecallSummary": lambda: c.RecallSummary(case, ""),
            "ReadCase": lambda: q.ReadCase(case),
            "ReadTimeline": lambda: q.ReadTimeline(case, limit=1),
            "ReadTimelineAs": lambda: q.ReadTimelineAs(case, self.author["teacher"].person_id, limit=1),
            "ReadNote": lambda: q.ReadNote(case, note),
            "ReadNoteReaders": lambda: q.ReadNoteReaders(case, note),
            "ReadDraft": lambda: q.ReadDraft(case, nobody),
            "ReadSummary": lambda: q.ReadSummary(case),
            "ReadSummarySources": lambda: q.ReadSummarySources(case),
            "ReadHistory": lambda: q.ReadHistory(case, limit=1),
            "ExportCase": lambda: q.ExportCase(case),
        }[name]()

    def about_no_child(self, name: str, team: str) -> Any:
        nobody = uuid4()
        return {
            "OpenCase": lambda: c.OpenCase(nobody, "", "", None, team=team),
            "RegisterPerson": lambda: c.RegisterPerson(nobody, "", "", Role.TEACHER),
            "ChangePersonRole": lambda: c.ChangePersonRole(nobody, Role.TEACHER),
            "MovePerson": lambda: c.MovePerson(nobody, ""),
            "DisablePerson": lambda: c.DisablePerson(nobody, ""),
            "EnablePerson": lambda: c.EnablePerson(nobody, ""),
            "ReadCaseload": lambda: q.ReadCaseload(),
            "ReadMe": lambda: q.ReadMe(),
            "ReadPeople": lambda: q.ReadPeople(),
            "ReadAccounts": lambda: q.ReadAccounts(),
            "ReadAudit": lambda: q.ReadAudit(limit=1),
            "WriteActivity": lambda: activities.commands.WriteActivity(nobody, ActivityContent()),
            "ReviseActivity": lambda: activities.commands.ReviseActivity(nobody, 1, ActivityContent(), ""),
            "RetireActivity": lambda: activities.commands.RetireActivity(nobody, ""),
            "RestoreActivity": lambda: activities.commands.RestoreActivity(nobody, ""),
            "SearchActivities": lambda: activities.questions.SearchActivities(limit=1),
            "ReadActivity": lambda: activities.questions.ReadActivity(nobody),
            "ChangePolicy": lambda: policies.commands.ChangePolicy("generalisation", -1, {}, ""),
            "ReadPolicies": lambda: policies.questions.ReadPolicies(),
        }[name]()

    def outcome(self, viewer: Viewer, wish: Any) -> str:
        """hidden, refused, conflict or allowed (answered, or refused for what it says)."""
        error = self.error(viewer, wish)
        match error:
            case NotFound(code="no-such-draft" | "not-on-team" | "no-such-person" | "no-such-activity"):
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
            if isinstance(wish, c.Command):
                receipt = self.doors.execute(viewer.actor, wish)
                raise AssertionError(f"a trial was carried out: {wish} {receipt}")
            self.doors.ask(viewer.actor, wish)
        except DomainError as error:
            return error
        return None
