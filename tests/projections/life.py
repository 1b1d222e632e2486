"""A child's record as chance would have it: hundreds of commands, the same ones for the same seed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from coord.application.activities.commands import RestoreActivity, RetireActivity, ReviseActivity, WriteActivity
from coord.application.case.commands import (
    AddToTeam,
    ChangeAlert,
    CloseCase,
    CorrectDetails,
    CorrectInCircle,
    EndAlert,
    JoinNameToCircle,
    NameInCircle,
    RaiseAlert,
    RemoveFromTeam,
    ReopenCase,
)
from coord.application.declared import Command
from coord.application.goals import commands as g
from coord.application.note_templates.commands import (
    ChangeNoteTemplate,
    DrawUpNoteTemplate,
    RestoreNoteTemplate,
    RetireNoteTemplate,
)
from coord.application.notes.commands import (
    AddAddendum,
    AmendNote,
    ChangeNoteAudience,
    CorrectNoteCircumstances,
    CosignNote,
    EnterNoteInError,
    SignNote,
)
from coord.application.people.commands import (
    ChangePersonRole,
    DisablePerson,
    EnablePerson,
    MovePerson,
    RegisterPerson,
)
from coord.application.policies.commands import ChangePolicy
from coord.application.summary.commands import PublishSummary, RecallSummary
from coord.application.summary.questions import ReadSummary
from coord.domain.activity import ActivityContent, Demand, SkillArea
from coord.domain.actors import Actor, Discipline, Relation, Role
from coord.domain.case import AlertContent, Goal, GoalContent, Note, NoteContent, ObservationContent, SummaryContent
from coord.domain.case.goals import ScaleContent
from coord.domain.case.measures import CopmContent, InstrumentContent, ScoreContent
from coord.domain.case.strategies import TrialContent
from coord.domain.errors import DomainError
from coord.domain.groups import GroupKind
from coord.domain.note_template import CountsAs, SectionContent, TemplateContent, TemplateUsed
from coord.domain.policy import POLICIES
from coord.domain.teams import on_purpose
from tests.house import House, answered
from tests.projections.group_life import GroupLife
from tests.samples import PLAIN

WORDS = ["laces", "trains", "perché", "così", "shoes", "turn", "wait", "Straße", "calm", "100%", "under_score"]
AUDIENCES = ("care-team", "own-discipline", "care-team-and-school", "care-team-and-family")
CONTEXTS = ["therapy", "home", "school", "community"]


class Life:
    def __init__(self, house: House, seed: int) -> None:
        self.house, self.chance = house, Random(seed)
        self.do = partial(answered, house.services.doors)
        self.children = [house.child, house.open_case("Zag")]
        self.authors = [house.ot, house.slt, house.psychologist, house.student, house.teacher, house.lead]
        self.notes: list[tuple[UUID, UUID, Actor]] = []
        self.activities: list[UUID] = []
        self.templates: list[UUID] = []
        self.goals: list[tuple[UUID, UUID, Actor]] = []
        self.seen: list[tuple[UUID, UUID, UUID, Actor]] = []
        self.alerts: list[tuple[UUID, UUID]] = []
        self.around: list[tuple[UUID, UUID]] = []
        self.measured: list[tuple[UUID, UUID, Actor]] = []
        self.advised: list[tuple[UUID, UUID]] = []
        self.groups = GroupLife(house, self.chance, self.children, self.text, self.uuid)
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

    def command(self) -> tuple[Actor, Command]:
        pick, child = self.chance.choice, self.chance.choice(self.children)
        if self.house.services.record.case(child).status == "closed" and self.chance.random() < 0.3:
            return pick((self.house.ot, self.house.lead)), ReopenCase(child, self.text())
        if self.chance.random() < 0.25:
            activities = [a for a in self.activities if self.house.services.record.exists(a)]
            return self.groups.command([goal for _, goal, _ in self.goals], activities)
        note_commands = (self.sign, self.amend, self.redate, self.addendum, self.cosign, self.error, self.audience)
        weights = (10, 5, 4, 5, 4, 4, 6)
        kind = self.chance.random()
        if kind < 0.36:
            return self.chance.choices(note_commands, weights)[0](child)
        if kind < 0.76:
            about_goals = (self.propose, self.observe, self.agree, self.step, self.revise, self.wrong, self.slip)
            return self.chance.choices(about_goals, (6, 14, 6, 6, 5, 1, 2))[0](child)
        if kind < 0.85:
            others = (self.measure, self.mismeasure, self.score, self.offer, self.try_it, self.plain)
            return pick((*others, self.name, self.rename, self.join, self.alert, self.realert))(child)
        if kind < 0.89:
            return self.summary(child)
        if kind < 0.91:
            return self.team(child)
        if kind < 0.93:
            return self.person()
        if kind < 0.945:
            return self.template()
        if kind < 0.965:
            return self.activity()
        if kind < 0.985:
            return self.policy()
        return pick(
            (
                (self.house.ot, CorrectDetails(child, self.chance.randint(1, 4), {"school": self.text()}, "moved")),
                (self.house.ot, CloseCase(child, self.text())),
            )
        )

    def sign(self, child: UUID) -> tuple[Actor, Command]:
        author, note = self.chance.choice(self.authors), self.uuid()
        self.notes.append((child, note, author))
        teacher = author.role is Role.TEACHER
        known = [one for one in self.templates if self.house.services.record.exists(one)]
        used, needed = None, list[str]()
        if known and not teacher and self.chance.random() < 0.3:
            template = self.house.services.record.note_template(self.chance.choice(known))
            used = TemplateUsed(template.id, template.text_version)
            needed = [one["key"] for one in template.content["sections"] if one["required"]]
        content = NoteContent(
            "school-observation" if teacher else "template" if used else "soap",
            dict.fromkeys(needed or ["observed" if teacher else "plan"], self.text()),
            self.house.clock.now - timedelta(hours=self.chance.randint(0, 40)),
            audience=self.chance.choice(AUDIENCES[:3:2] if teacher else AUDIENCES),
            present=["mother"] if self.chance.random() < 0.3 else [],
            template=used,
        )
        return author, SignNote(child, note, content)

    def some_note(self) -> tuple[UUID, UUID, Actor]:
        return self.chance.choice(self.notes) if self.notes else (self.children[0], self.uuid(), self.house.ot)

    def amend(self, _: UUID) -> tuple[Actor, Command]:
        child, note, author = self.some_note()
        section = "observed" if author.role is Role.TEACHER else "plan"
        found = self.house.services.record.entry(note)
        version = 1
        if found and isinstance(found[1], Note) and self.chance.random() < 0.8:
            version = found[1].version
        return author, AmendNote(child, note, version, {section: self.text()}, self.text())

    def redate(self, _: UUID) -> tuple[Actor, Command]:
        child, note, author = self.some_note()
        found = self.house.services.record.entry(note)
        version = found[1].version if found and isinstance(found[1], Note) else 1
        when = self.house.clock.now - timedelta(hours=self.chance.randint(0, 80))
        setting = self.chance.choice(("home", "school"))
        command = CorrectNoteCircumstances(child, note, version, when, setting, [self.text()], self.text())
        return author, command

    def addendum(self, _: UUID) -> tuple[Actor, Command]:
        child, note, _author = self.some_note()
        return self.chance.choice(self.authors), AddAddendum(child, note, self.uuid(), self.text())

    def cosign(self, _: UUID) -> tuple[Actor, Command]:
        students = [n for n in self.notes if n[2].role is Role.STUDENT] or [self.some_note()]
        child, note, _author = self.chance.choice(students)
        return self.house.ot, CosignNote(child, note)

    def error(self, _: UUID) -> tuple[Actor, Command]:
        child, note, author = self.some_note()
        return self.chance.choice((author, self.house.lead)), EnterNoteInError(child, note, self.text())

    def audience(self, _: UUID) -> tuple[Actor, Command]:
        child, note, author = self.some_note()
        return self.chance.choice((author, self.house.lead)), ChangeNoteAudience(
            child, note, self.chance.choice(AUDIENCES)
        )

    def summary(self, child: UUID) -> tuple[Actor, Command]:
        if self.chance.random() < 0.3:
            return self.house.ot, RecallSummary(child, self.text())
        version = self.house.services.doors.ask(self.house.ot, ReadSummary(child)).version
        mine = [n for case, n, author in self.notes if case == child and author is self.house.ot][:3]
        today = self.house.clock.now.date()
        statements: Any = {"strengths": [(self.text(), mine)], "helps": [(self.text(), [])]}
        content = SummaryContent(statements, "Ada", today, today + timedelta(days=self.chance.randint(1, 90)))
        return self.house.ot, PublishSummary(child, version, content)

    def team(self, child: UUID) -> tuple[Actor, Command]:
        person, relation = self.chance.choice(
            ((self.house.slt, Relation.SPEECH_THERAPIST), (self.house.psychologist, Relation.PSYCHOLOGIST))
        )
        if self.chance.random() < 0.25:
            return self.house.ot, RemoveFromTeam(child, person.person_id)
        until = self.house.clock.now.date() + timedelta(days=30) if self.chance.random() < 0.3 else None
        return self.house.ot, AddToTeam(child, person.person_id, relation, until=until)

    def activity(self) -> tuple[Actor, Command]:
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

    def template(self) -> tuple[Actor, Command]:
        kind, counts = self.chance.random(), ["", *CountsAs]
        if not self.templates or kind < 0.3:
            sections = [SectionContent(self.text(), counts_as=self.chance.choice(counts)) for _ in range(2)]
            content = TemplateContent(self.text(), [*sections, SectionContent("Needed", required=True)])
            self.templates.append(self.uuid())
            return self.house.lead, DrawUpNoteTemplate(self.templates[-1], content)
        it = self.chance.choice(self.templates)
        if kind > 0.75:
            return self.house.lead, self.chance.choice((RetireNoteTemplate, RestoreNoteTemplate))(it, self.text())
        template = self.house.services.record.note_template(it)
        kept = [
            SectionContent(one["label"], self.text(), one["required"], one["counts_as"], one["key"])
            for one in template.content["sections"][-2:]
        ]
        content = TemplateContent(self.text(), kept, all_teams=self.chance.random() < 0.3)
        return self.house.lead, ChangeNoteTemplate(it, template.version, content, self.text())

    def policy(self) -> tuple[Actor, Command]:
        version = self.house.services.record.policy("North").version
        name = self.chance.choice(sorted(POLICIES))
        part = "occasions" if name == "generalisation" else "size_most"
        return self.house.lead, ChangePolicy(name, version, {part: self.chance.randint(1, 20)}, self.text())

    def person(self) -> tuple[Actor, Command]:
        person = self.chance.choice((self.house.stranger, self.house.slt)).person_id
        team = self.chance.choice(("North", "West"))
        return self.house.admin, self.chance.choice(
            (
                DisablePerson(person, "left"),
                EnablePerson(person, "back"),
                MovePerson(person, team, on_purpose(team)),
                ChangePersonRole(person, Role.THERAPIST, self.chance.choice((Discipline.SLT, Discipline.OTHER))),
                *(one.command(person, **one.body) for one in PLAIN.values() if one.route[1].startswith("/people/")),
                RegisterPerson(self.uuid(), "New Person", "new@example.org", Role.TEACHER, None, "Hill School"),
            )
        )

    # ---- goals, measures and strategies

    def goal_content(self) -> GoalContent:
        scale = ScaleContent({n: f"{n} {self.text()}" for n in range(-2, 3)}, baseline=self.chance.randint(-2, 0))
        return GoalContent(
            self.text(),
            self.chance.sample(CONTEXTS, 3),
            child_view=self.text(),
            review_date=self.house.clock.now.date() + timedelta(days=self.chance.randint(1, 90)),
            audience=self.chance.choice(AUDIENCES),
            scale=scale if self.chance.random() < 0.8 else None,
        )

    def propose(self, child: UUID) -> tuple[Actor, Command]:
        author = self.chance.choice([a for a in self.authors if a.role is not Role.TEACHER])
        self.goals.append((child, self.uuid(), author))
        return author, g.ProposeGoal(*self.goals[-1][:2], self.goal_content())

    def some_goal(self) -> tuple[UUID, UUID, Actor, int]:
        if not self.goals:
            return self.children[0], self.uuid(), self.house.ot, 1
        child, goal, author = self.chance.choice(self.goals)
        found = self.house.services.record.entry(goal)
        return child, goal, author, found[1].version if found and isinstance(found[1], Goal) else 1

    def staff(self, author: Actor) -> Actor:
        return self.chance.choice((author, author, self.house.ot, self.house.lead))

    def revise(self, _: UUID) -> tuple[Actor, Command]:
        child, goal, author, version = self.some_goal()
        return self.staff(author), g.ReviseGoal(child, goal, version, self.goal_content(), self.text())

    def agree(self, _: UUID) -> tuple[Actor, Command]:
        child, goal, author, version = self.some_goal()
        return self.staff(author), g.AgreeGoal(child, goal, version, [(self.text(), "guardian"), ("Zig", "child")])

    def step(self, _: UUID) -> tuple[Actor, Command]:
        child, goal, author, version = self.some_goal()
        status = self.chance.choice(("active", "active", "achieved", "maintained", "on-hold", "stopped"))
        return self.staff(author), g.ChangeGoalStatus(child, goal, version, status, self.text())

    def wrong(self, _: UUID) -> tuple[Actor, Command]:
        child, goal, author, _version = self.some_goal()
        return self.chance.choice((author, self.house.lead)), g.EnterGoalInError(child, goal, self.text())

    def observe(self, _: UUID) -> tuple[Actor, Command]:
        child, goal, _author, _version = self.some_goal()
        who, now = self.chance.choice(self.authors), self.house.clock.now
        content = ObservationContent(
            "school" if who.role is Role.TEACHER else self.chance.choice(CONTEXTS),
            self.chance.choice((None, -2, -1, 0, 1, 2)),
            self.chance.choice(("", "independent", "verbal", "physical", "not-achieved")),
            self.text(),
            now - timedelta(days=self.chance.randint(0, 60)) if self.chance.random() < 0.6 else None,
            self.chance.choice(("", "", "Mother")),
        )
        if known := [person for of, person in self.around if of == child]:
            content = replace(content, reported_by="", seen_by=self.chance.choice(known))
        self.seen.append((child, goal, self.uuid(), who))
        return who, g.ObserveGoal(*self.seen[-1][:3], content)

    def slip(self, child: UUID) -> tuple[Actor, Command]:
        child, goal, seen, who = self.chance.choice(self.seen or [(child, child, child, self.house.ot)])
        return self.chance.choice((who, self.house.lead)), g.EnterObservationInError(child, goal, seen, self.text())

    def score(self, child: UUID) -> tuple[Actor, Command]:
        return self.house.ot, g.ScoreAttainment(child, self.uuid(), self.chance.choice(CONTEXTS))

    def name(self, child: UUID) -> tuple[Actor, Command]:
        self.around.append((child, self.uuid()))
        return self.house.ot, NameInCircle(*self.around[-1], self.text(), self.chance.choice(("mother", "coach")))

    def rename(self, child: UUID) -> tuple[Actor, Command]:
        child, person = self.chance.choice(self.around or [(child, child)])
        listed = self.chance.choice((None, True, False))
        return self.house.ot, CorrectInCircle(child, person, None, self.text(), name=self.text(), listed=listed)

    def alert(self, child: UUID) -> tuple[Actor, Command]:
        self.alerts.append((child, self.uuid()))
        return self.house.ot, RaiseAlert(*self.alerts[-1], self.an_alert())

    def realert(self, child: UUID) -> tuple[Actor, Command]:
        child, alert = self.chance.choice(self.alerts or [(child, child)])
        if self.chance.random() < 0.3:
            return self.house.lead, EndAlert(child, alert, self.text())
        return self.house.lead, ChangeAlert(child, alert, self.chance.randint(1, 2), self.an_alert(), self.text())

    def an_alert(self) -> AlertContent:
        kind, audience = self.chance.choice(("health", "safety", "contact")), self.chance.choice(AUDIENCES[:3:2])
        return AlertContent(self.text()[:80], kind, audience, self.text())

    def join(self, child: UUID) -> tuple[Actor, Command]:
        child, person = self.chance.choice(self.around or [(child, child)])
        return self.house.ot, JoinNameToCircle(child, "Mother", self.chance.choice((person, person, None)))

    def measure(self, child: UUID) -> tuple[Actor, Command]:
        who, day, number = self.chance.choice((self.house.ot, self.house.slt)), self.house.clock.now.date(), self.chance
        self.measured.append((child, self.uuid(), who))
        if number.random() < 0.5:
            earlier = [m for case, m, _ in self.measured[:-1] if case == child]
            problems = [(self.text(), number.randint(1, 10), number.randint(1, 10), number.randint(1, 10))]
            copm = CopmContent(
                problems, "guardian", "Mother", earlier[-1] if earlier else None, self.text(), measured_on=day
            )
            return who, g.RecordCopm(*self.measured[-1][:2], copm)
        scores = [ScoreContent(self.text(), raw=number.randint(1, 60), standard=number.random() * 100, metric="other")]
        test = InstrumentContent(self.text(), "3", day, scores, "professional", summary=self.text())
        return who, g.RecordInstrument(*self.measured[-1][:2], test)

    def mismeasure(self, child: UUID) -> tuple[Actor, Command]:
        child, measure, who = self.chance.choice(self.measured or [(child, child, self.house.ot)])
        return self.chance.choice((who, self.house.lead)), g.EnterMeasureInError(child, measure, self.text())

    def offer(self, child: UUID) -> tuple[Actor, Command]:
        goal = self.chance.choice([None, *(goal for case, goal, _ in self.goals if case == child)])
        self.advised.append((child, self.uuid()))
        where = self.chance.choice(CONTEXTS)
        return self.house.ot, g.OfferStrategy(*self.advised[-1], self.text(), where, goal)

    def try_it(self, child: UUID) -> tuple[Actor, Command]:
        told = TrialContent(self.chance.choice(("helped", "did-not", "not-yet")), self.text())
        return self.chance.choice(self.authors), g.TellOfStrategy(
            *self.chance.choice(self.advised or [(child, child)]), self.uuid(), told
        )

    def plain(self, _: UUID) -> tuple[Actor, Command]:
        """What is plain, of the first child."""
        one = self.chance.choice([one for one in PLAIN.values() if "{case}" in one.route[1]])
        return getattr(self.house, one.who), one.command(**one.given(self.house), **one.body)
