"""The cells of the permission matrix, what the table written by hand says of each, and what the doors say.

They are tried in parts, a file each, so that workers share them: see ``PARTS``.
"""

from collections.abc import Iterator
from uuid import UUID, uuid4

from tests.permissions.cast import Cast, Entry, Viewer, kept_ids
from tests.permissions.table import (
    ABOUT_A_CHILD,
    ABOUT_A_COURSE,
    ABOUT_NO_CHILD,
    OPERATOR,
    REFUSED_WHEN_CLOSED,
    REFUSED_WHEN_ENDED,
    about_a_goal,
    about_a_measure,
    about_a_note,
    about_a_strategy,
    reads,
    reads_goal,
    standing,
    standing_in_a_course,
)

NOTES = (
    "CosignNote",
    "EntrustCosignature",
    "ReadCosigners",
    "AddAddendum",
    "AmendNote",
    "CorrectNoteCircumstances",
    "EnterNoteInError",
    "ChangeNoteAudience",
    "ReadNote",
    "ReadNoteReaders",
)


GOALS = (
    "ReviseGoal",
    "AgreeGoal",
    "ChangeGoalStatus",
    "EnterGoalInError",
    "ObserveGoal",
    "EnterObservationInError",
    "ReadGoal",
)
STRATEGIES = tuple(name for name in ABOUT_A_CHILD if "strategy_id" in kept_ids(name))
MEASURES = ("EnterMeasureInError",)

Cell = tuple[Viewer, str, UUID | None, Entry | None]


def cells(cast: Cast) -> Iterator[Cell]:
    for viewer in cast.viewers:
        for name in ABOUT_NO_CHILD:
            yield viewer, name, None, None
        for course in (cast.course, cast.ended):
            for name in ABOUT_A_COURSE:
                yield viewer, name, course, None
        for case in (cast.open, cast.closed):
            for name in ABOUT_A_CHILD:
                if name not in NOTES + GOALS + STRATEGIES + MEASURES:
                    yield viewer, name, case, None
                    continue
                for entry in entries_for(cast, viewer, case, name):
                    yield viewer, name, case, entry


def entries_for(cast: Cast, viewer: Viewer, case: UUID, name: str) -> list[Entry]:
    """The authors' entries and one's own; for somebody who knows no child, some of them are as good as all."""
    for names, kind in ((GOALS, cast.goals), (STRATEGIES, cast.strategies), (MEASURES, cast.measures)):
        if name in names:
            every = kind[case]
            break
    else:
        every = cast.notes[case]
    role, authors = viewer.actor.role.value, {a.person_id for a in cast.author.values()}
    entries = [n for n in every if n.author in authors or n.author == viewer.actor.person_id]
    who = standing(role, on_care_team=viewer.on_care_team, same_service_team=viewer.same_service_team)
    return entries if who else entries[:3]


def expected(cast: Cast, cell: Cell) -> str:
    viewer, name, case, note = cell
    role = viewer.actor.role.value
    if case is None:
        return "allowed" if role in ABOUT_NO_CHILD[name] else "refused"
    if name in ABOUT_A_COURSE:
        return expected_of_course(cast, viewer, name, case)
    if viewer.operator:
        return "allowed" if name in OPERATOR else "refused"
    who = standing(role, on_care_team=viewer.on_care_team, same_service_team=viewer.same_service_team)
    if who is None:
        return "hidden"
    if who not in ABOUT_A_CHILD[name]:
        return "refused"
    own = same = False
    if note is not None:
        own = note.author == viewer.actor.person_id
        same = viewer.actor.discipline is not None and note.discipline == viewer.actor.discipline.value
        if not reads_it(who, note, own=own, same=same):
            return "hidden"
    if name in REFUSED_WHEN_CLOSED and case == cast.closed:
        return "conflict"
    if note is None:
        return "allowed"
    match note.kind:
        case "goal":
            return about_a_goal(name, who, own=own, status=note.status)
        case "strategy":
            return about_a_strategy(name, who, own=own, status=note.status)
        case "measure":
            return about_a_measure(who, own=own, status=note.status)
    return about_a_note(name, who, own=own, same_discipline=same, status=note.status)


def expected_of_course(cast: Cast, viewer: Viewer, name: str, course: UUID) -> str:
    role = viewer.actor.role.value
    who = standing_in_a_course(role, on_staff=viewer.on_staff, same_service_team=viewer.same_service_team)
    if who is None:
        return "hidden"
    if who not in ABOUT_A_COURSE[name]:
        return "refused"
    if name == "ReadFit":  # about a child as well, whom one has to know, or to have in the course
        treats = role == "therapist" and viewer.on_care_team
        in_it = course == cast.course and who in ("staff", "lead")
        return "allowed" if treats or in_it or who == "lead" else "hidden"
    return "conflict" if name in REFUSED_WHEN_ENDED and course == cast.ended else "allowed"


def reads_it(who: str, entry: Entry, *, own: bool, same: bool) -> bool:
    facts = {"own": own, "same_discipline": same, "audience": entry.audience}
    match entry.kind:
        case "goal":
            return reads_goal(who, **facts, status=entry.status, agreed=entry.agreed)  # type: ignore[arg-type]
        case "strategy":
            return reads(who, **facts, status="signed")  # type: ignore[arg-type]
        case "measure":
            return True
    return reads(who, **facts, status=entry.status)  # type: ignore[arg-type]


def compare(cast: Cast, chosen: list[Cell]) -> list[str]:
    wrong = []
    for cell in chosen:
        viewer, name, case, note = cell
        if case is None:
            wish = cast.about_no_child(name, viewer.actor.team)
        elif name in ABOUT_A_COURSE:
            wish = cast.about_a_course(name, case)
        else:
            wish = cast.about_a_child(name, case, note.id if note else uuid4())
        want, got = expected(cast, cell), cast.outcome(viewer, wish)
        if want != got:
            state = "" if case is None else "open" if case in (cast.open, cast.course) else "closed"
            wrong.append(f"{viewer.actor.name} {name} {state} {note}: {got}, the table says {want}")
    return wrong


PARTS = ("notes", "notes_closed", "goals", "goals_closed", "rest")
"""Each is tried in a file of its own, ``test_matrix_<part>.py``."""


def part_of(cast: Cast, cell: Cell) -> str:
    """Of notes and goals there are so many cells that the open and the closed case are apart."""
    _viewer, name, case, _entry = cell
    kind = "notes" if name in NOTES else "goals" if name in GOALS else ""
    if not kind:
        return "rest"
    return kind if case == cast.open else f"{kind}_closed"


def agree(cast: Cast, part: str) -> None:
    """The doors say what the table says in every cell of the part, and no trial changed anything."""
    every = [cell for cell in cells(cast) if part_of(cast, cell) == part]
    print(len(every), "cells")  # shown with pytest -s
    assert len(every) >= 4_000
    before = cast.doors.record.head()
    wrong = compare(cast, every)
    assert not wrong, f"{len(wrong)} of {len(every)}:\n" + "\n".join(wrong[:20])
    assert cast.doors.record.head() == before, "a trial changed something"
