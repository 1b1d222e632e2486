"""A mark of its own in every field of every entry, looked for in everything that a person is ever told.

Each mark says who may meet it. The test fails when somebody else does, in an answer, in a count, in an error or in the
log; and when somebody who should meet it does not, so that a mark cannot go missing unnoticed.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import CorrectDetails, RemoveFromTeam
from coord.application.case.questions import ExportCase, ReadCase
from coord.application.complaint_file.questions import Chapter, Extent, ReadForComplaintFile
from coord.application.declared import Command
from coord.application.find.questions import Find
from coord.application.goals import commands as g
from coord.application.goals import questions as r
from coord.application.history.questions import HistoryFilter, ReadAudit, ReadHistory
from coord.application.home.questions import ReadCaseload, ReadForSupply
from coord.application.notes.commands import (
    AddAddendum,
    AmendNote,
    ChangeNoteAudience,
    CorrectNoteCircumstances,
    CosignNote,
    EnterNoteInError,
    RatingInNote,
    SaveDraft,
    SignNote,
)
from coord.application.notes.questions import ReadBeside, ReadDraft, ReadNextToWrite, ReadNote, ReadNoteReaders
from coord.application.people.commands import MovePerson
from coord.application.people.questions import ReadAccounts, ReadMe, ReadPeople
from coord.application.summary.commands import PublishSummary, RecallSummary
from coord.application.summary.questions import ReadSummary, ReadSummarySources
from coord.application.timeline.questions import ReadTimeline, ReadTimelineAs, TimelineFilter
from coord.application.waiting.questions import ReadWaiting
from coord.domain.actors import COMMAND_LINE, Actor, Discipline, Relation, Role
from coord.domain.case import GoalContent, NoteContent, ObservationContent, SummaryContent
from coord.domain.case.goals import ScaleContent
from coord.domain.case.measures import CopmContent, InstrumentContent, ScoreContent
from coord.domain.case.strategies import TrialContent
from coord.domain.errors import DomainError, InvalidInput
from coord.domain.input import answer_to
from tests.house import House, answered, open_house
from tests.permissions.group_canaries import questions as about_groups
from tests.permissions.group_canaries import set_course

READERS = ("ot", "slt", "psychologist", "student", "teacher", "lead", "lead_psychologist", "stranger", "admin")
OWN_DISCIPLINE = {  # who reads what is kept to a discipline
    "ot": {"ot", "student"},
    "psychologist": {"psychologist", "lead_psychologist"},
    "student": {"ot", "student"},
    "slt": {"slt"},
}
CLINICIANS = {"ot", "slt", "psychologist", "student"}
LEADS = {"lead", "lead_psychologist"}


@dataclass
class Marks:
    """Mark -> who may meet it."""

    allowed: dict[str, set[str]] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    """In words that were replaced: who may meet them need not, for nobody asks for every day of the past."""

    def new(self, *names: str, replaced: bool = False) -> str:
        mark = f"canary{len(self.allowed):03d}x"
        self.allowed[mark] = set(names)
        if replaced:
            self.replaced.add(mark)
        return mark


@dataclass
class Stage:
    house: House
    marks: Marks
    people: dict[str, Actor]
    child: UUID
    notes: list[UUID]
    drafts: list[UUID]
    goals: list[UUID]
    elsewhere: UUID
    course: UUID

    def ask(self, name: str, wish: Any) -> str:
        """All that the person is told, refusals and all they carry included, in one text."""
        doors = self.house.services.doors
        try:
            if isinstance(wish, Command):
                return repr(doors.execute(self.people[name], wish))
            return repr(doors.ask(self.people[name], wish))
        except DomainError as error:
            problems = error.problems if isinstance(error, InvalidInput) else ()
            return f"{error!r} {error.args} {error.params} {problems} {error.__cause__!r}"


def set_stage(house: House) -> Stage:
    marks, do = Marks(), house.services.doors.execute
    people = {name: getattr(house, name) for name in READERS if name != "lead_psychologist"}
    people["lead_psychologist"] = house.person("Leo Dal", Role.TEAM_LEAD, Discipline.PSYCHOLOGY)
    everybody = CLINICIANS | LEADS | {"teacher"}
    staff = CLINICIANS | LEADS
    details: dict[str, Any] = {
        "full_name": marks.new(*LEADS),  # it is corrected below: then only the history knows it
        "languages": (marks.new(*staff),),
        "school": marks.new(*LEADS),
        "school_class": marks.new(*everybody),
    }
    child = house.open_case(marks.new(*everybody, "stranger"), **details)  # who runs the child's group knows the name
    corrected = {"school": "Elm " + marks.new(*everybody), "full_name": "Zig " + marks.new(*staff)}
    do(house.ot, CorrectDetails(child, 1, corrected, "because " + marks.new(*LEADS)))
    notes, drafts = [], []
    for author, audience in [
        *((a, x) for a in ("ot", "psychologist", "student", "slt") for x in ("care-team", "own-discipline")),
        *((a, "care-team-and-school") for a in ("ot", "psychologist", "student")),
        ("ot", "care-team-and-family"),
        ("teacher", "care-team"),
        ("teacher", "care-team-and-school"),
    ]:
        for fate in ("stays", "in error", "narrowed"):
            if fate == "narrowed" and audience != "care-team-and-school":
                continue
            notes.append(write(house, marks, people, child, author, audience, fate))
            house.clock.turn(minutes=1)
    for author in ("ot", "teacher", "student"):
        drafts.append(uuid4())
        do(people[author], SaveDraft(child, drafts[-1], "note", {"sections": {"text": marks.new(author)}}))
    summaries(house, marks, child, notes, everybody)
    goals = [
        set_goal(house, marks, people, child, author, audience, fate)
        for author, audience, fate in (
            ("ot", "care-team-and-school", "active"),
            ("ot", "care-team-and-school", "proposed"),
            ("student", "care-team-and-school", "given up"),
            ("ot", "care-team-and-school", "in error"),
            ("slt", "care-team-and-school", "narrowed"),
            ("ot", "care-team", "widened"),
            ("psychologist", "care-team", "active"),
            ("psychologist", "own-discipline", "active"),
            ("ot", "own-discipline", "in error"),
            ("slt", "care-team-and-family", "active"),
        )
    ]
    strategies(house, marks, people, child, goals)
    measures(house, marks, people, child)
    course = set_course(house, marks.new, child, CLINICIANS | LEADS, LEADS)
    return Stage(house, marks, people, child, notes, drafts, goals, another_child(house, marks), course)


def write(
    house: House, marks: Marks, people: dict[str, Actor], child: UUID, author: str, audience: str, fate: str
) -> UUID:
    """A note with a mark in each of its fields, corrected and added to; then in error, or taken from the school."""
    do, who = house.services.doors.execute, people[author]
    final = "own-discipline" if fate == "narrowed" and author != "teacher" else audience
    if fate == "narrowed" and author == "teacher":
        final = "care-team"
    readers = CLINICIANS | LEADS if final != "own-discipline" else set(OWN_DISCIPLINE[author])
    if final == "care-team-and-school":
        readers = readers | {"teacher"}
    readers = readers | {author}
    if fate == "in error":
        readers = (readers & LEADS) | {author}
    if author == "student" and final == "care-team-and-school":
        readers = readers - {"teacher"}  # awaits a co-signature again, once the student has corrected it
    mark = lambda: marks.new(*readers)  # noqa: E731
    section = "observed" if author == "teacher" else "text"
    note = uuid4()
    content = NoteContent(
        "school-observation" if author == "teacher" else "narrative",
        {section: mark()},
        house.clock.now - timedelta(hours=1),
        present=[mark()],
        audience=audience,
    )
    do(who, SignNote(child, note, content))
    if author == "student":
        do(people["ot"], CosignNote(child, note))
    do(who, AddAddendum(child, note, uuid4(), mark()))
    version = 3 if author == "student" else 2
    do(who, AmendNote(child, note, version, {section: mark()}, mark()))
    when = house.clock.now - timedelta(days=1)
    do(who, CorrectNoteCircumstances(child, note, version + 1, when, "home", [mark()], mark()))
    if fate == "narrowed":
        do(who, ChangeNoteAudience(child, note, final))
    if fate == "in error":
        do(who, EnterNoteInError(child, note, mark()))
    return note


def set_goal(
    house: House, marks: Marks, people: dict[str, Actor], child: UUID, author: str, audience: str, fate: str
) -> UUID:
    """A goal with a mark in each field of each wording, agreement, state and observation."""
    do, who = house.services.doors.execute, people[author]
    by = people["ot"] if author == "student" else who
    final = {"narrowed": "care-team", "widened": "care-team-and-school"}.get(fate, audience)
    readers = CLINICIANS | LEADS if final != "own-discipline" else set(OWN_DISCIPLINE[author])
    if fate == "in error":
        readers = (readers & LEADS) | {author}
    school = {"teacher"} if final == "care-team-and-school" and fate in ("active", "widened") else set()
    goal, turn = uuid4(), house.clock.turn

    def mark(*more: str) -> str:
        return marks.new(*readers, *more)

    def words(audience: str, *more: str) -> GoalContent:
        # What it says to those who may read the wording; baseline and discipline are no business of the school's.
        return GoalContent(
            mark(*more),
            ["therapy", "home", "school"],
            child_view=mark(*more),
            condition=mark(*more),
            criterion=mark(*more),
            baseline=mark(),
            review_date=house.clock.now.date() + timedelta(days=90),
            audience=audience,
            scale=ScaleContent({n: mark(*more) for n in range(-2, 3)}, baseline=-1),
        )

    do(who, g.ProposeGoal(child, goal, words(audience)))
    if fate == "given up":
        do(by, g.ChangeGoalStatus(child, goal, 1, "stopped", mark()))
        return goal
    if fate == "proposed":
        observe(house, people, child, goal, people["ot"], "school", mark)
        return goal
    observe(house, people, child, goal, who, "school", lambda: mark(*school))  # in words that are replaced below
    do(by, g.ReviseGoal(child, goal, 1, words(final, *school), mark()))
    do(by, g.AgreeGoal(child, goal, 2, [(mark(), "guardian")]))
    do(by, g.ChangeGoalStatus(child, goal, 3, "active", mark()))
    observe(house, people, child, goal, who, "home", mark)
    observe(house, people, child, goal, who, "school", lambda: mark(*school))
    if school:
        observe(house, people, child, goal, people["teacher"], "school", lambda: mark("teacher"))
        observe(house, people, child, goal, people["student"], "school", mark)
        for observer in ("ot", "teacher"):
            mine = lambda: marks.new(*LEADS, observer)  # noqa: B023, E731 - called within this turn
            seen = observe(house, people, child, goal, people[observer], "school", mine)
            do(people[observer], g.EnterObservationInError(child, goal, seen, mine()))
    turn(minutes=1)
    if fate == "in error":
        do(who, g.EnterGoalInError(child, goal, mark()))
    return goal


def observe(
    house: House, people: dict[str, Actor], child: UUID, goal: UUID, who: Actor, context: str, mark: Callable[[], str]
) -> UUID:
    seen = uuid4()
    content = ObservationContent(context, None, "verbal", mark(), None, mark())
    house.services.doors.execute(who, g.ObserveGoal(child, goal, seen, content))
    return seen


def strategies(house: House, marks: Marks, people: dict[str, Actor], child: UUID, goals: list[UUID]) -> None:
    do, staff = house.services.doors.execute, CLINICIANS | LEADS
    for context, readers in (("school", {*staff, "teacher"}), ("home", staff), ("therapy", staff)):
        for goal in (None, goals[0]):
            strategy = uuid4()
            do(house.slt, g.OfferStrategy(child, strategy, marks.new(*readers), context, goal))
            for name in ("ot", "student", "teacher"):
                heard = staff if name == "student" else readers
                if name != "teacher" or context == "school":
                    told = TrialContent("helped", marks.new(*heard), None, marks.new(*heard))
                    do(people[name], g.TellOfStrategy(child, strategy, uuid4(), told))
            do(house.ot, g.EndStrategy(child, strategy, marks.new(*staff)))


def measures(house: House, marks: Marks, people: dict[str, Actor], child: UUID) -> None:
    do, staff, day = house.services.doors.execute, CLINICIANS | LEADS, house.clock.now.date()
    for author, readers in (("ot", staff), ("psychologist", LEADS | {"psychologist"})):
        mark = lambda: marks.new(*readers)  # noqa: B023, E731 - called within this turn
        copm, test = uuid4(), uuid4()
        taken = CopmContent([(mark(), 5, 5, 5)], "guardian", mark(), None, mark(), measured_on=day)
        do(people[author], g.RecordCopm(child, copm, taken))
        score = ScoreContent(mark(), raw=3, band=mark())
        used = InstrumentContent(
            mark(), mark(), day, [score], "child", mark(), mark(), mark(), validity=mark(), summary=mark()
        )
        do(people[author], g.RecordInstrument(child, test, used))
        if author == "psychologist":
            for measure in (copm, test):
                do(people[author], g.EnterMeasureInError(child, measure, mark()))


def summaries(house: House, marks: Marks, child: UUID, notes: list[UUID], everybody: set[str]) -> None:
    do = house.services.doors.execute
    today = house.clock.now.date()

    def content(*names: str) -> SummaryContent:
        statements: Any = {"strengths": [(marks.new(*names), [notes[0]])], "helps": [(marks.new(*names), [])]}
        return SummaryContent(statements, marks.new(*names), today, today + timedelta(days=90))

    staff = everybody - {"teacher"}
    do(house.ot, PublishSummary(child, 0, content(*staff)))  # superseded, then recalled: not for the school any more
    do(house.ot, RecallSummary(child, marks.new(*staff)))
    do(house.ot, PublishSummary(child, 1, content(*everybody)))


def another_child(house: House, marks: Marks) -> UUID:
    """A child of another service team, with somebody of ours on its care team."""
    south = house.person("Sue Hall", Role.THERAPIST, Discipline.OT, "South")
    names: dict[str, Any] = {"school": marks.new("slt"), "full_name": marks.new("slt"), "team": ""}
    elsewhere = house.open_case(marks.new("slt"), members=[(house.slt, Relation.SPEECH_THERAPIST)], by=south, **names)
    house.note(south, marks.new("slt"), case_id=elsewhere)
    house.services.doors.ask(house.slt, ReadTimeline(elsewhere))
    return elsewhere


def questions(stage: Stage) -> Iterator[Any]:
    child, people = stage.child, stage.people
    for case in (child, stage.elsewhere):
        yield ReadCase(case)
        yield ReadTimeline(case, limit=100)
        yield ReadHistory(case, HistoryFilter(kind="changes"), limit=5000, export="jsonl")
        yield ReadHistory(case, limit=50)
        yield ExportCase(case)
        now = stage.house.clock.now
        yield from (ReadForComplaintFile(case, Extent(None, now, 10**6, now), one, limit=500) for one in Chapter)
        yield ReadSummarySources(case)
        yield from (ReadBeside(case), ReadNextToWrite(case))
        for version in (None, 1, 2):
            yield ReadSummary(case, version)
        yield from (r.ReadGoals(case), r.ReadGoals(case, ended=True, export="pdf"), r.ReadMeasures(case))
    for note in stage.notes:
        yield ReadNote(child, note)
    for goal in stage.goals:
        yield from (r.ReadGoal(child, goal), ReadNote(child, goal), r.ReadGoal(stage.elsewhere, goal))
        yield g.ReviseGoal(child, goal, -1, GoalContent("", (), review_date=None), "")
        yield g.ObserveGoal(child, goal, uuid4(), ObservationContent(""))
        yield SignNote(child, uuid4(), NoteContent("", {}, None), ratings=[RatingInNote(goal, 9)])
        yield g.ChangeGoalStatus(child, goal, -1, "active")
    for as_of in (*range(0, stage.house.services.record.head(), 25), stage.house.clock.now):
        yield ReadTimeline(child, as_of=as_of, limit=100)
    for reader in people.values():
        yield ReadTimelineAs(child, reader.person_id, limit=100)
        extent = Extent(reader.person_id, stage.house.clock.now, 10**6, stage.house.clock.now)
        yield from (ReadForComplaintFile(child, extent, one, limit=500) for one in Chapter)
        yield ReadTimelineAs(child, reader.person_id, as_of=stage.house.services.record.head() - 20, limit=100)
    for note in stage.notes[::3]:
        yield ReadNoteReaders(child, note)
        yield ReadDraft(child, note)
        yield CosignNote(child, note, -1)
        yield AmendNote(child, note, -1, {}, "")
        yield CorrectNoteCircumstances(child, note, -1, None, "", (), "")
        yield AddAddendum(child, note, uuid4(), "")
    for draft in stage.drafts:
        yield ReadDraft(child, draft)
        yield ReadNote(child, draft)
        yield SaveDraft(child, draft, "note", {}, expected_revision=99)
    yield from about_groups(stage.course, child, stage.elsewhere)
    yield from (
        ReadCaseload(),
        ReadCaseload(cards=True, waiting=7),
        ReadWaiting(choices=True),
        ReadForSupply(),
        Find("canary"),
        Find("zander"),
        ReadMe(),
        ReadPeople(),
        ReadAccounts(),
        ReadAudit(limit=200),
    )
    yield ReadAudit(HistoryFilter(kind="accesses"), limit=200)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_house(tmp_path_factory.mktemp("var")) as house:
        yield set_stage(house)


@pytest.fixture
def postgres_stage(prepared_database: str, data_folder: Path) -> Iterator[Stage]:
    with open_house(data_folder, prepared_database) as house:
        yield set_stage(house)


def test_nobody_meets_what_is_not_for_them_and_everybody_meets_what_is(stage: Stage, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    everything = list(questions(stage))
    leaks, missing = [], []
    for name in READERS:
        told = [(wish, stage.ask(name, wish)) for wish in everything]
        for mark, readers in stage.marks.allowed.items():
            met = [str(wish)[:120] for wish, text in told if mark in text]
            if name not in readers and met:
                leaks.append(f"{name} met {mark} (for {sorted(readers)}) in {met[:3]}")
            if name in readers and not met and mark not in stage.marks.replaced:
                missing.append(f"{name} did not meet {mark}")
    assert not leaks, "\n".join(leaks)
    assert not missing, "\n".join(missing)
    assert "canary" not in caplog.text


def searches(stage: Stage, actor: Actor, text: str, number: int) -> int:
    """How much one search for ``text`` finds, through this door or that."""
    ask, late = stage.house.services.doors.ask, stage.house.services.record.head() - 9
    if number % 4 == 3:
        return len(ask(actor, Find(text)).entries)
    if number % 4 == 0 and actor.role is Role.THERAPIST:
        return len(ask(actor, ReadSummarySources(stage.child, text)).sources)
    answer = ask(actor, ReadTimeline(stage.child, TimelineFilter(text=text), as_of=late if number % 4 == 1 else None))
    return len(answer.items) + len(answer.next or "")


def test_a_search_finds_nothing_of_what_one_may_not_read(stage: Stage):
    found, cells = [], 0
    for name in ("slt", "student", "teacher", "lead", "psychologist"):
        nothing = [searches(stage, stage.people[name], "nosuchword", number) for number in range(4)]
        for number, (mark, readers) in enumerate(stage.marks.allowed.items()):
            if name not in readers:
                cells += 1
                if searches(stage, stage.people[name], mark, number) != nothing[number % 4]:
                    found.append(f"{name} found {mark}, which is for {sorted(readers)}")
    assert not found, "\n".join(found)
    assert cells > 300


def test_on_postgresql_neither(postgres_stage: Stage):
    for name in ("teacher", "lead", "slt"):
        for wish in list(questions(postgres_stage))[::4]:
            text = postgres_stage.ask(name, wish)
            met = [m for m, readers in postgres_stage.marks.allowed.items() if m in text and name not in readers]
            assert not met, (name, wish)


def test_a_leaver_meets_nothing_any_more(stage: Stage):
    do = partial(answered, stage.house.services.doors)
    do(stage.people["ot"], RemoveFromTeam(stage.child, stage.people["slt"].person_id))
    do(COMMAND_LINE, MovePerson(stage.people["lead"].person_id, "West", (answer_to("new-team", "West"),)))
    stage.people["lead"] = Actor(stage.people["lead"].person_id, "Lea", Role.TEAM_LEAD, None, "West")
    # A colleague of the service team still sees its courses, without their children.
    of_the_child = {m for m, readers in stage.marks.allowed.items() if readers != {"slt"} and "stranger" not in readers}
    for name in ("slt", "lead"):
        for wish in questions(stage):
            text = stage.ask(name, wish)
            assert not [m for m in of_the_child if m in text], (name, wish)
