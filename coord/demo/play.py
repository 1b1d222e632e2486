"""Carries the stories out, through the same commands as everybody, with a clock that stands where the story is."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Literal, cast
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from coord.application import Doors
from coord.application.asked import as_meant
from coord.application.case.commands import (
    AddToTeam,
    ChangeAlert,
    ChangeOnTeam,
    CloseCase,
    CorrectDetails,
    EndAlert,
    OpenCase,
    RaiseAlert,
    RemoveFromTeam,
    ReopenCase,
)
from coord.application.case.questions import ReadCase
from coord.application.declared import Command, Question
from coord.application.goals import questions as r
from coord.application.groups.questions import ReadGroups
from coord.application.history.questions import ReadHistory
from coord.application.notes.commands import (
    AddAddendum,
    AmendNote,
    ChangeNoteAudience,
    CorrectNoteCircumstances,
    CosignNote,
    EnterNoteInError,
    SaveDraft,
    SignNote,
)
from coord.application.notes.questions import ReadNote, ReadNoteReaders
from coord.application.people.commands import (
    AddPersonRole,
    ChangePersonEmail,
    ChangePersonRole,
    ConfirmChange,
    DeclineChange,
    DisablePerson,
    EnablePerson,
    EndPersonRole,
    GivePassword,
    MovePerson,
    RegisterPerson,
    RenamePerson,
)
from coord.application.people.questions import ReadAccounts
from coord.application.summary.commands import PublishSummary, RecallSummary
from coord.application.summary.questions import ReadSummary
from coord.application.timeline.questions import ReadTimeline
from coord.demo import clinic, templates
from coord.demo.goals import GoalVerbs
from coord.demo.groups import Group, GroupVerbs
from coord.demo.people import BY_KEY, LEAVER, LIGHTHOUSE, ORCHARD, PASSWORD, PEOPLE, Persona
from coord.demo.story import AUDIENCES, FORMAT_OF_VERB, Dates, Step, Story, read_group_stories, read_stories
from coord.domain.actors import COMMAND_LINE, Actor, Discipline, Relation, Role
from coord.domain.case import AlertContent, NoteContent, SummaryContent
from coord.domain.case.notes import FORMATS
from coord.domain.case.summary import SECTIONS
from coord.domain.errors import DomainError, NotFound
from coord.domain.teams import on_purpose
from coord.office.access import AccessLog, Look
from coord.office.accounts import Accounts, Language
from coord.office.told import Told

COMPLETE = "demonstration-loaded"
QUIET = timedelta(days=5)
"""Nobody looks by themselves in these last days, so that there is something new to find at the first sign-in."""


class Calendar:
    """A clock that can be set; the real time until it is."""

    def __init__(self) -> None:
        """Not set."""
        self.now: datetime | None = None

    def __call__(self) -> datetime:
        """The time it shows."""
        return self.now or datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded."""

    children: int
    events: int


def is_complete(access: AccessLog) -> bool:
    """Whether a demonstration was loaded to its end."""
    return bool(access.page(kind=COMPLETE, limit=1))


def load(
    doors: Doors,
    accounts: Accounts,
    calendar: Calendar,
    *,
    now: datetime | None = None,
    language: Language = "en",
    told: Told | None = None,
) -> Loaded:
    """Load people and children into an empty record. ``calendar`` must be the clock of ``doors``.

    The stories end at ``now``, the real time if None. ``language`` is that of the activity library: the children and
    what is written of them are the same in each. With ``told``, everybody has seen what others changed in their
    accounts by then, as they would have at their sign-ins of those months.

    Raises `ValueError` naming file and line when a story cannot be told.
    """
    now = now or datetime.now(UTC)
    dates = Dates(now, doors.zone)
    stage = Stage(doors, calendar, dates, now)
    before = doors.record.head()
    try:
        stage.register_people(accounts)
        house = [*clinic.steps(doors, stage.people, language), *templates.steps(doors, stage.people["helen"])]
        for when, hour, minute, do in house:
            stage.at(when, hour, minute, do)
        stories = read_stories(dates)
        for story in stories:
            stage.plan(story)
        for story in read_group_stories(dates):
            stage.plan_group(story)
        stage.play()
    finally:
        calendar.now = None
    if told is not None:
        for actor in stage.people.values():
            told.seen(actor.person_id, doors.record.head())
    doors.note(Look(at=calendar(), kind=COMPLETE, person_name=COMMAND_LINE.name, channel="cli", purpose="operator"))
    return Loaded(len(stories), doors.record.head() - before)


@dataclass(slots=True)
class Cast:
    """One child on the stage: the case, and what is known of its entries by their keys in the story."""

    story: Story
    case_id: UUID = field(default_factory=uuid4)
    notes: dict[str, UUID] = field(default_factory=dict)
    names: dict[str, UUID] = field(default_factory=dict)
    members: dict[str, Persona] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Planned:
    """Something to do at a time."""

    at: datetime
    where: str
    do: Callable[[], object]


class Stage:
    """People, children, and everything that will happen, in the order of time over all children."""

    def __init__(self, doors: Doors, calendar: Calendar, dates: Dates, now: datetime) -> None:
        """``now`` is the end of every story: nothing happens after it."""
        self._doors, self._calendar, self._dates = doors, calendar, dates
        self._end = now - timedelta(minutes=1)
        self._zone: ZoneInfo = doors.zone
        self._ids: dict[str, UUID] = {key: uuid4() for key in BY_KEY}
        self.people: dict[str, Actor] = {}
        self._planned: list[Planned] = []
        self._children: dict[str, Cast] = {}
        self._goals = GoalVerbs(doors, self.people, self._zone)
        self._groups = GroupVerbs(doors, self.people, self._children, dates, self._zone)

    # ---- people

    def register_people(self, accounts: Accounts) -> None:
        """Everybody, with their accounts; some of them not yet as they are today."""
        start = (self._dates.at("start mon", 7, 30) - timedelta(days=7)).astimezone(UTC)
        self._calendar.now = start
        # The administrator first, who registers the first lead: alone, for nobody is there to be the second person.
        for person in sorted((*PEOPLE, LEAVER), key=lambda one: one.key != "rosa"):
            discipline, team, email = person.discipline, person.team, person.email
            if person.key == "remo":
                email = email.replace("remo", "reno")  # put right below
            if person.key == "elias":
                discipline = Discipline.OTHER  # put right below
            if person.key == "nadia":
                team = ORCHARD  # moves below
            register = RegisterPerson(self._ids[person.key], person.name, email, person.role, discipline, team)
            register = replace(register, confirmed=on_purpose(team))
            self._doors.execute(self.people["rosa"] if person.key == "helen" else COMMAND_LINE, register)
            self.people[person.key] = self._actor(person, discipline, team)
            accounts.create_account(
                self._ids[person.key],
                person.email,
                PASSWORD,
                now=start,
                language=cast("Literal['en', 'it']", person.language),
                name=person.name,
            )
        self._calendar.now = start + timedelta(hours=2)
        rosa = self.people["rosa"]
        self._doors.execute(rosa, ChangePersonRole(self._ids["elias"], Role.THERAPIST, Discipline.PSYCHOLOGY))
        self._doors.execute(rosa, MovePerson(self._ids["nadia"], LIGHTHOUSE))
        self._doors.execute(rosa, ChangePersonEmail(self._ids["remo"], BY_KEY["remo"].email))
        for key in ("elias", "nadia"):
            self.people[key] = self._actor(BY_KEY[key], BY_KEY[key].discipline, BY_KEY[key].team)
        execute, ids = self._doors.execute, self._ids

        def disable(key: str, reason: str) -> None:
            as_meant(self._doors, rosa, DisablePerson(ids[key], reason))

        self.at("21 fri", 16, 40, lambda: disable("yannick", "Locum contract ended"))
        self.at("21 fri", 16, 41, lambda: accounts.set_active(ids["yannick"], False))
        self.at("12 mon", 8, 5, lambda: disable("femi", "Asked for by the school office"))
        reason = "A mistake: another member of staff had left, not this one"
        self.at("12 mon", 8, 50, lambda: self._by_two(rosa, EnablePerson(ids["femi"], reason)))
        self.at("14 tue", 8, 15, lambda: self._by_two(rosa, GivePassword(ids["remo"])))
        self.at("14 tue", 8, 40, lambda: execute(rosa, GivePassword(ids["remo"])))
        self.at("11 wed", 8, 5, lambda: execute(rosa, ChangePersonEmail(ids["lucia"], "luccia@coord.example")))
        self.at("11 wed", 8, 7, lambda: self._take_back(rosa, ids["lucia"]))
        lucia = BY_KEY["lucia"].name  # a slip, put right
        self.at("11 wed", 8, 9, lambda: execute(rosa, RenamePerson(ids["lucia"], f"{lucia}i")))
        self.at("11 wed", 8, 11, lambda: execute(rosa, RenamePerson(ids["lucia"], lucia)))
        self.at("11 wed", 8, 13, lambda: execute(rosa, AddPersonRole(ids["elias"], Role.ADMINISTRATOR)))
        wrong = EndPersonRole(ids["remo"], Role.TEACHER, "Another assistant teaches there, of nearly the same name")
        school = AddPersonRole(ids["remo"], Role.TEACHER, team=BY_KEY["carla"].team)
        self.at("11 wed", 8, 15, lambda: self._by_two(rosa, school))
        self.at("11 wed", 8, 20, lambda: execute(rosa, wrong))
        for week in (30, 18, 6):
            self.at(f"{week} mon", 8, 2, lambda: self._doors.ask(rosa, ReadAccounts()))
        failed = Look(
            at=self._dates.at("9 thu", 7, 58).astimezone(UTC),
            kind="sign-in-failed",
            outcome="failed",
            person_id=ids["carla"],
            person_name=BY_KEY["carla"].name,
            channel="page",
            detail={"why": "wrong-password"},
        )
        self.at("9 thu", 7, 58, lambda: self._doors.note(failed))

    def _actor(self, person: Persona, discipline: Discipline | None, team: str) -> Actor:
        if person.role is Role.TEACHER:
            discipline = Discipline.SCHOOL
        return Actor(self._ids[person.key], person.name, person.role, discipline, team, channel="page")

    def _by_two(self, proposer: Actor, command: Command) -> None:
        """What takes two people: the administrator proposes, and a lead whose team it touches confirms at once."""
        proposed = self._doors.execute(proposer, command)
        for waiting in self._doors.record.person(proposed.id).proposals.values():
            lead = next(p for p in self.people.values() if p.role is Role.TEAM_LEAD and p.team in waiting.teams)
            self._doors.execute(lead, ConfirmChange(proposed.id, waiting.number))

    def _take_back(self, proposer: Actor, person: UUID) -> None:
        for waiting in self._doors.record.person(person).proposals.values():
            self._doors.execute(proposer, DeclineChange(person, waiting.number))

    # ---- planning

    def at(self, when: str, hour: int, minute: int, do: Callable[[], object]) -> None:
        """Plan something that is no child's story."""
        self._plan(self._dates.at(when, hour, minute), f"people, {when}", do)

    def _plan(self, at: datetime, where: str, do: Callable[[], object]) -> None:
        self._planned.append(Planned(min(at.astimezone(UTC), self._end), where, do))

    def plan(self, story: Story) -> None:
        """Plan every step of a story, and the visits that follow from it."""
        child = Cast(story)
        self._children[story.details["called"].lower()] = child
        for step in story.steps:
            _refuse_unless_known(step)
            if step.verb in FORMAT_OF_VERB:
                self._plan_note(child, step)
                continue
            do = self._goals.verb(step.verb) or getattr(self, f"_{step.verb}", None)
            if do is None:
                step.wrong(f"no such verb: {step.verb!r}")
            self._plan(step.at, step.where, partial(do, child, step))
            if step.verb == "publishes":
                for number in range(3):
                    after = step.at + timedelta(hours=15 + number)
                    self._plan(after, step.where, partial(self._teacher_reads, child, number))

    def plan_group(self, story: Story) -> None:
        """Plan every step of a group's story, but those that have not come yet: this week's may lie ahead."""
        group = Group(story)
        for step in story.steps:
            _refuse_unless_known(step)
            do = self._groups.verbs.get(step.verb)
            if do is None:
                step.wrong(f"no such verb: {step.verb!r}")
            if step.at < self._end:
                self._plan(step.at, step.where, partial(do, group, step))

    def play(self) -> None:
        """Do everything, in order of time. Raises `ValueError` naming the step that was refused."""
        for planned in sorted(self._planned, key=lambda p: p.at):
            self._calendar.now = planned.at
            try:
                planned.do()
            except (DomainError, KeyError) as error:
                problems = [f"{p.pointer} {p.code}" for p in getattr(error, "problems", ())]
                raise ValueError(f"{planned.where}: {type(error).__name__} {error} {problems}") from error

    # ---- notes

    def _plan_note(self, child: Cast, step: Step) -> None:
        """A note is observed, often begun as a draft, and signed; now and then somebody looks at it soon after."""
        chance = zlib.crc32(f"{step.where} {step.text('text')}".encode())
        note_id = uuid4()
        format = FORMAT_OF_VERB[step.verb]
        if "id" in step.options:
            child.notes[step.options["id"]] = note_id
        begin = step.at.astimezone(UTC)
        end = begin + timedelta(minutes=int(step.options.get("min", 45)))
        if "until" in step.options:
            hour, minute = (int(part) for part in step.options["until"].split(":"))
            end = step.at.replace(hour=hour, minute=minute).astimezone(UTC)
        sections = self._sections(step, format)
        content = NoteContent(
            format=format,
            sections=sections,
            observed_from=begin,
            observed_to=end,
            setting=step.options.get("in", "school" if format == "school-observation" else "therapy-room"),
            present=[w.replace("-", " ") for w in step.options.get("with", "").split(",") if w],
            audience=AUDIENCES[step.options.get("for", "team")],
            linked=(),
        )
        sign = end + timedelta(minutes=6 + chance % 35)
        if "sign" in step.options:
            sign = end + timedelta(days=float(step.options["sign"].removesuffix("d")))
        linked = [key for key in step.options.get("links", "").split(",") if key]
        if chance % 3 == 0 or "draft" in step.options:
            body: dict[str, object] = {"format": format, "sections": {k: t[:80] for k, t in sections.items()}}
            draft = sign - timedelta(minutes=4)
            self._plan(draft, step.where, lambda: self._save_draft(child, step, note_id, body))
            if step.options.get("draft") == "only":
                return

        def do() -> None:
            links = tuple(child.notes[key] for key in linked)
            whole = NoteContent(**{name: getattr(content, name) for name in _CONTENT} | {"linked": links})
            # Weeks ago and weeks from the change to summer time are the same day once a year, and so is the hour.
            as_meant(self._doors, self.people[step.who], SignNote(child.case_id, note_id, whole))

        self._plan(sign, step.where, do)
        if chance % 2 == 0 and sign < self._end - QUIET:
            self._plan(sign + timedelta(hours=3 + chance % 40), step.where, lambda: self._visit(child, step, chance))

    def _sections(self, step: Step, format: str) -> dict[str, str]:
        names = FORMATS[format].sections
        sections: dict[str, str] = {}
        for given in step.fields:
            matching = [name for name in names if name == given or name.startswith(given)]
            if len(matching) != 1:
                step.wrong(f"{format} has no section {given!r}")
            sections[matching[0]] = step.text(given)
        return sections

    def _save_draft(self, child: Cast, step: Step, note_id: UUID, body: dict[str, object]) -> None:
        self._doors.execute(self.people[step.who], SaveDraft(child.case_id, note_id, "note", body))

    def _visit(self, child: Cast, step: Step, chance: int) -> None:
        """Somebody else of the care team looks at what is new; they may have left the team by then."""
        others = sorted(key for key in child.members if key != step.who)
        if others:
            self._look(child, self.people[others[chance % len(others)]], ReadTimeline(child.case_id))

    def _look(self, child: Cast, actor: Actor, question: Question) -> None:
        try:
            self._doors.ask(actor, question)
        except NotFound:
            return  # refused, and recorded as such

    # ---- the verbs of the stories: the case and its team

    def _opens(self, child: Cast, step: Step) -> None:
        d = child.story.details
        years, _, months = d["age"].partition("+")
        born = self._dates.today - timedelta(days=int(int(years) * 365.25 + int(months or 3) * 30.4))
        command = OpenCase(
            case_id=child.case_id,
            preferred_name=d["called"],
            full_name=d["name"],
            birth_date=born,
            languages=[language.strip() for language in d["languages"].split(",")],
            school=d["school"],
            school_class=d["class"],
        )
        as_meant(self._doors, self.people[step.who], command)
        child.members[step.who] = BY_KEY[step.who]

    def _adds(self, child: Cast, step: Step) -> None:
        for key in step.words:
            person = BY_KEY[key]
            relation = Relation(step.options["as"]) if "as" in step.options else person.relation
            if relation is None:
                step.wrong(f"{key} cannot be on a care team")
            until: date | None = (
                self._dates.day(step.options["until"].replace("-", " ")) if "until" in step.options else None
            )
            self._doors.execute(self.people[step.who], AddToTeam(child.case_id, self._ids[key], relation))
            if until is not None:
                stay = ChangeOnTeam(child.case_id, self._ids[key], until=until)
                self._doors.execute(self.people[step.who], stay)
            child.members[key] = person

    def _removes(self, child: Cast, step: Step) -> None:
        for key in step.words:
            as_meant(self._doors, self.people[step.who], RemoveFromTeam(child.case_id, self._ids[key]))
            del child.members[key]

    def _corrects(self, child: Cast, step: Step) -> None:
        changes: dict[str, object] = {
            name.replace("-", "_"): step.text(name) for name in step.fields if name != "reason"
        }
        version = self._doors.record.case(child.case_id).details_version
        command = CorrectDetails(child.case_id, version, changes, step.text("reason"))
        self._doors.execute(self.people[step.who], command)

    def _alerts(self, child: Cast, step: Step) -> None:
        weeks = step.options.get("weeks")
        review_on = step.at.date() + timedelta(weeks=int(weeks)) if weeks else None
        audience, do = AUDIENCES[step.options["for"]], step.text("do")
        content = AlertContent(step.text("words"), step.words[1], audience, do, review_on=review_on)
        child.names[step.words[0]] = alert_id = uuid4()
        self._doors.execute(self.people[step.who], RaiseAlert(child.case_id, alert_id, content))

    def _realerts(self, child: Cast, step: Step) -> None:
        alert_id, who = child.names[step.words[0]], self.people[step.who]
        (now,) = (one for one in self._doors.ask(who, ReadCase(child.case_id)).alerts if one.id == alert_id)
        said = AlertContent(now.text, now.kind, now.audience, step.text("do"), now.since, now.review_on)
        self._doors.execute(who, ChangeAlert(child.case_id, alert_id, now.version, said, step.text("reason")))

    def _unalerts(self, child: Cast, step: Step) -> None:
        command = EndAlert(child.case_id, child.names[step.words[0]], step.text("reason"))
        self._doors.execute(self.people[step.who], command)

    def _closes(self, child: Cast, step: Step) -> None:
        as_meant(self._doors, self.people[step.who], CloseCase(child.case_id, step.text("reason")))

    def _reopens(self, child: Cast, step: Step) -> None:
        self._doors.execute(self.people[step.who], ReopenCase(child.case_id, step.text("reason")))

    def _writes(self, child: Cast, step: Step) -> None:
        templates.write(self._doors, self.people[step.who], child.case_id, step)

    # ---- what happens to notes later

    def _amends(self, child: Cast, step: Step) -> None:
        note_id = child.notes[step.words[0]]
        note = self._doors.record.note(child.case_id, note_id)
        given = {name: step.text(name) for name in step.fields if name != "reason"}
        changed = {
            next((s for s in FORMATS[note.format].sections if s.startswith(name)), name): text
            for name, text in given.items()
        }
        command = AmendNote(child.case_id, note_id, note.version, {**note.sections, **changed}, step.text("reason"))
        self._doors.execute(self.people[step.who], command)

    def _redates(self, child: Cast, step: Step) -> None:
        note_id = child.notes[step.words[0]]
        note = self._doors.record.note(child.case_id, note_id)
        earlier = timedelta(days=int(step.options["days"]))
        command = CorrectNoteCircumstances(
            child.case_id,
            note_id,
            note.version,
            note.observed_from - earlier,
            note.setting,
            note.present,
            step.text("reason"),
            note.observed_to - earlier,
        )
        self._doors.execute(self.people[step.who], command)

    def _extends(self, child: Cast, step: Step) -> None:
        command = AddAddendum(child.case_id, child.notes[step.words[0]], uuid4(), step.text("text"))
        self._doors.execute(self.people[step.who], command)

    def _errors(self, child: Cast, step: Step) -> None:
        command = EnterNoteInError(child.case_id, child.notes[step.words[0]], step.text("reason"))
        self._doors.execute(self.people[step.who], command)

    def _shares(self, child: Cast, step: Step) -> None:
        command = ChangeNoteAudience(child.case_id, child.notes[step.words[0]], AUDIENCES[step.options["for"]])
        self._doors.execute(self.people[step.who], command)

    def _cosigns(self, child: Cast, step: Step) -> None:
        self._doors.execute(self.people[step.who], CosignNote(child.case_id, child.notes[step.words[0]]))

    # ---- the summary

    def _publishes(self, child: Cast, step: Step) -> None:
        statements = {
            section: [self._statement(child, line) for line in step.fields[section]]
            for section in SECTIONS
            if section in step.fields
        }
        day = self._calendar().astimezone(self._zone).date()
        content = SummaryContent(
            statements=statements,
            contact=step.text("contact"),
            valid_from=day,
            review_date=day + timedelta(weeks=int(step.options.get("weeks", 12))),
        )
        version = self._doors.record.case(child.case_id).summary_version
        self._doors.execute(self.people[step.who], PublishSummary(child.case_id, version, content))

    def _statement(self, child: Cast, line: str) -> tuple[str, list[UUID]]:
        text, _, cited = line.partition(" <-")
        return text.strip(), [child.notes[key] for key in cited.split()]

    def _teacher_reads(self, child: Cast, number: int) -> None:
        """The teachers of the child look at a new summary the next morning."""
        teachers = sorted(key for key, person in child.members.items() if person.role is Role.TEACHER)
        if number < len(teachers):
            self._look(child, self.people[teachers[number]], ReadSummary(child.case_id))

    def _recalls(self, child: Cast, step: Step) -> None:
        self._doors.execute(self.people[step.who], RecallSummary(child.case_id, step.text("reason")))

    # ---- looking

    def _reads(self, child: Cast, step: Step) -> None:
        what, *more = step.words
        questions: dict[str, Callable[[], Question]] = {
            "timeline": lambda: ReadTimeline(child.case_id),
            "summary": lambda: ReadSummary(child.case_id),
            "team": lambda: ReadCase(child.case_id),
            "history": lambda: ReadHistory(child.case_id),
            "note": lambda: ReadNote(child.case_id, child.notes[more[0]]),
            "goals": lambda: r.ReadGoals(child.case_id),
            "goal": lambda: r.ReadGoal(child.case_id, child.names[more[0]]),
            "measures": lambda: r.ReadMeasures(child.case_id),
            "groups": lambda: ReadGroups(child.case_id),
            "readers": lambda: ReadNoteReaders(child.case_id, child.notes[more[0]]),
        }
        self._look(child, self.people[step.who], questions[what]())


def _refuse_unless_known(step: Step) -> None:
    if step.who not in BY_KEY:
        step.wrong(f"nobody is called {step.who!r}")


_CONTENT = ("format", "sections", "observed_from", "observed_to", "setting", "present", "audience")
