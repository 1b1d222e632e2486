"""A child's record as chance would have it: hundreds of commands, the same ones for the same seed."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from coord.application import commands as c
from coord.application import questions as q
from coord.application.activities.commands import RestoreActivity, RetireActivity, ReviseActivity, WriteActivity
from coord.application.policies.commands import ChangePolicy
from coord.domain.activity import ActivityContent, Demand, SkillArea
from coord.domain.actors import Actor, Discipline, Relation, Role
from coord.domain.case import Note, NoteContent, SummaryContent
from coord.domain.errors import DomainError
from coord.domain.groups import GroupKind
from coord.domain.policy import POLICIES
from tests.house import House

WORDS = ["laces", "trains", "perché", "così", "shoes", "turn", "wait", "Straße", "calm", "100%", "under_score"]
AUDIENCES = ("care-team", "own-discipline", "care-team-and-school", "care-team-and-family")


class Life:
    def __init__(self, house: House, seed: int) -> None:
        self.house, self.chance = house, Random(seed)
        self.do = house.services.doors.execute
        self.children = [house.child, house.open_case("Zag")]
        self.authors = [house.ot, house.slt, house.psychologist, house.student, house.teacher, house.lead]
        self.notes: list[tuple[UUID, UUID, Actor]] = []
        self.activities: list[UUID] = []
        self.done = self.refused = 0

    def uuid(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)

    def text(self) -> str:
        return " ".join(self.chance.choices(WORDS, k=self.chance.randint(1, 8)))

    def live(self, steps: int) -> Iterator[int]:
        """One command a step; what the rules refuse is refused."""
        for step in range(steps):
            self.house.clock.turn(seconds=self.chance.choice((0, 1, 60, 4000)))
            try:
                actor, command = self.command()
                self.do(actor, command)
                self.done += 1
            except DomainError:
                self.refused += 1
            yield step

    def command(self) -> tuple[Actor, c.Command]:
        pick, child = self.chance.choice, self.chance.choice(self.children)
        if self.house.services.record.case(child).status == "closed" and self.chance.random() < 0.3:
            return pick((self.house.ot, self.house.lead)), c.ReopenCase(child, self.text())
        note_commands = (self.sign, self.amend, self.addendum, self.cosign, self.error, self.audience)
        weights = (10, 5, 5, 4, 4, 6)
        kind = self.chance.random()
        if kind < 0.7:
            return self.chance.choices(note_commands, weights)[0](child)
        if kind < 0.8:
            return self.summary(child)
        if kind < 0.86:
            return self.team(child)
        if kind < 0.9:
            return self.person()
        if kind < 0.94:
            return self.activity()
        if kind < 0.97:
            return self.policy()
        return pick(
            (
                (self.house.ot, c.CorrectDetails(child, self.chance.randint(1, 4), {"school": self.text()}, "moved")),
                (self.house.ot, c.CloseCase(child, self.text())),
            )
        )

    def sign(self, child: UUID) -> tuple[Actor, c.Command]:
        author, note = self.chance.choice(self.authors), self.uuid()
        self.notes.append((child, note, author))
        teacher = author.role is Role.TEACHER
        content = NoteContent(
            "school-observation" if teacher else "soap",
            {"observed" if teacher else "plan": self.text()},
            self.house.clock.now - timedelta(hours=self.chance.randint(0, 40)),
            audience=self.chance.choice(AUDIENCES[:3:2] if teacher else AUDIENCES),
            present=["mother"] if self.chance.random() < 0.3 else [],
        )
        return author, c.SignNote(child, note, content)

    def some_note(self) -> tuple[UUID, UUID, Actor]:
        return self.chance.choice(self.notes) if self.notes else (self.children[0], self.uuid(), self.house.ot)

    def amend(self, _: UUID) -> tuple[Actor, c.Command]:
        child, note, author = self.some_note()
        section = "observed" if author.role is Role.TEACHER else "plan"
        found = self.house.services.record.entry(note)
        version = 1
        if found and isinstance(found[1], Note) and self.chance.random() < 0.8:
            version = found[1].version
        return author, c.AmendNote(child, note, version, {section: self.text()}, self.text())

    def addendum(self, _: UUID) -> tuple[Actor, c.Command]:
        child, note, _author = self.some_note()
        return self.chance.choice(self.authors), c.AddAddendum(child, note, self.uuid(), self.text())

    def cosign(self, _: UUID) -> tuple[Actor, c.Command]:
        students = [n for n in self.notes if n[2].role is Role.STUDENT] or [self.some_note()]
        child, note, _author = self.chance.choice(students)
        return self.house.ot, c.CosignNote(child, note)

    def error(self, _: UUID) -> tuple[Actor, c.Command]:
        child, note, author = self.some_note()
        return self.chance.choice((author, self.house.lead)), c.EnterNoteInError(child, note, self.text())

    def audience(self, _: UUID) -> tuple[Actor, c.Command]:
        child, note, author = self.some_note()
        return self.chance.choice((author, self.house.lead)), c.ChangeNoteAudience(
            child, note, self.chance.choice(AUDIENCES)
        )

    def summary(self, child: UUID) -> tuple[Actor, c.Command]:
        if self.chance.random() < 0.3:
            return self.house.ot, c.RecallSummary(child, self.text())
        version = self.house.services.doors.ask(self.house.ot, q.ReadSummary(child)).version
        mine = [n for case, n, author in self.notes if case == child and author is self.house.ot][:3]
        today = self.house.clock.now.date()
        statements: Any = {"strengths": [(self.text(), mine)], "helps": [(self.text(), [])]}
        content = SummaryContent(statements, "Ada", today, today + timedelta(days=self.chance.randint(1, 90)))
        return self.house.ot, c.PublishSummary(child, version, content)

    def team(self, child: UUID) -> tuple[Actor, c.Command]:
        person, relation = self.chance.choice(
            ((self.house.slt, Relation.SPEECH_THERAPIST), (self.house.psychologist, Relation.PSYCHOLOGIST))
        )
        if self.chance.random() < 0.25:
            return self.house.ot, c.RemoveFromTeam(child, person.person_id)
        until = self.house.clock.now.date() + timedelta(days=30) if self.chance.random() < 0.3 else None
        return self.house.ot, c.AddToTeam(child, person.person_id, relation, until=until)

    def activity(self) -> tuple[Actor, c.Command]:
        kind, who = self.chance.random(), self.chance.choice((self.house.ot, self.house.lead))
        content = ActivityContent(
            title=self.text(),
            purpose=self.text(),
            kinds=[self.chance.choice(list(GroupKind))],
            skills=[self.chance.choice(list(SkillArea))],
            age_from=self.chance.randint(2, 5),
            age_to=self.chance.randint(5, 9),
            **dict.fromkeys(("cognitive", "motor", "communication"), self.chance.choice(list(Demand))),
            watch=[self.text()],
            steps=[self.text(), self.text()],
        )
        if not self.activities or kind < 0.4:
            self.activities.append(self.uuid())
            return who, WriteActivity(self.activities[-1], content)
        activity = self.chance.choice(self.activities)
        if kind < 0.8:
            version = self.house.services.record.activity(activity).version
            return who, ReviseActivity(activity, version, content, self.text())
        return who, self.chance.choice((RetireActivity, RestoreActivity))(activity, self.text())

    def policy(self) -> tuple[Actor, c.Command]:
        version = self.house.services.record.policy("North").version
        name = self.chance.choice(sorted(POLICIES))
        part = "occasions" if name == "generalisation" else "size_most"
        return self.house.lead, ChangePolicy(name, version, {part: self.chance.randint(1, 20)}, self.text())

    def person(self) -> tuple[Actor, c.Command]:
        person = self.chance.choice((self.house.stranger, self.house.slt)).person_id
        return self.house.admin, self.chance.choice(
            (
                c.DisablePerson(person, "left"),
                c.EnablePerson(person, "back"),
                c.MovePerson(person, self.chance.choice(("North", "West"))),
                c.ChangePersonRole(person, Role.THERAPIST, self.chance.choice((Discipline.SLT, Discipline.OTHER))),
                c.RegisterPerson(self.uuid(), "New Person", "new@example.org", Role.TEACHER, None, "Hill School"),
            )
        )
