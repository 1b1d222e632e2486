"""The audit history: every change and every access in one list, for a child and for a service team."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from coord.application.cursors import LAST, read_cursor, write_cursor
from coord.application.declared import CourseQuestion, that_list_children
from coord.application.doors import QUESTIONS, Reading, answers
from coord.application.history.questions import HistoryAnswer, HistoryFilter, ReadAudit, ReadHistory
from coord.application.looking import Category
from coord.application.rights import goal_readable, known_case, readable, readable_addenda
from coord.domain.actors import Relationship
from coord.domain.case import Goal, Note
from coord.domain.errors import FieldProblem, InvalidInput, NotFound
from coord.domain.input import Input
from coord.domain.policy import policy_id
from coord.projections import Caseload, Courses, Goals, History, People, Rising, Timeline

MOST_ROWS = 200
MOST_ROWS_IN_A_FILE = 5_000
EXPORTS = ("", "csv", "jsonl")


@answers(ReadHistory)
def read_history(reading: Reading, question: ReadHistory) -> HistoryAnswer:
    """One child's history."""
    row = known_case(reading, question.case_id)
    _check(question.limit, question.export, question.filter)
    child = {"case_id": question.case_id, "preferred_name": row["preferred_name"]}
    return _history(
        reading,
        question.filter,
        question.cursor,
        question.limit,
        export=question.export,
        case_id=question.case_id,
        children=[child],
        grouped=question.grouped,
    )


@answers(ReadAudit)
def read_audit(reading: Reading, question: ReadAudit) -> HistoryAnswer:
    """The history of the actor's service team: of its children, people and policies, and what its people did to the
    activity library."""
    _check(question.limit, question.export, question.filter)
    connection = reading.snapshot.connection
    team = reading.actor.team
    children = reading.snapshot.view(Caseload).cases_of_team(connection, team) if team else []
    people = reading.snapshot.view(People).all(connection, team=team) if team else []
    cases = {c["case_id"] for c in children}
    wanted = question.filter
    if wanted.case is not None and wanted.case not in cases:
        raise NotFound
    return _history(
        reading,
        wanted,
        question.cursor,
        question.limit,
        export=question.export,
        case_id=wanted.case,
        cases=cases,
        people={p["person_id"] for p in people},
        children=children,
        team_people=people,
        grouped=question.grouped,
        choices=question.choices,
    )


def history_of(reading: Reading, case_id: UUID, wanted: HistoryFilter, cursor: str, limit: int) -> HistoryAnswer:
    """A page of one child's history with everything in words, for what another area makes of it."""
    row = known_case(reading, case_id)
    child = {"case_id": case_id, "preferred_name": row["preferred_name"]}
    return _history(reading, wanted, cursor, limit, export="file", case_id=case_id, children=[child], titles=True)


def _check(limit: int, export: str, wanted: HistoryFilter) -> None:
    most = MOST_ROWS_IN_A_FILE if export else MOST_ROWS
    if not 1 <= limit <= most:
        raise InvalidInput([FieldProblem("/limit", "out-of-range", {"least": 1, "most": most})])
    if export not in EXPORTS:
        raise InvalidInput([FieldProblem("/export", "unknown-choice", {"choices": list(EXPORTS[1:])})])
    check = Input()
    check.text("/filter/kind", wanted.kind, required=False)
    for name, value in (("start", wanted.start), ("end", wanted.end)):
        if value is not None and value.tzinfo is None:
            check.problem(f"/filter/{name}", "no-time-zone")
    check.refuse_if_any()


def _history(
    reading: Reading,
    wanted: HistoryFilter,
    cursor: str,
    limit: int,
    *,
    export: str,
    case_id: UUID | None,
    children: list[dict[str, Any]],
    cases: Collection[UUID] | None = None,
    people: Collection[UUID] | None = None,
    team_people: list[dict[str, Any]] | None = None,
    grouped: bool = False,
    titles: bool = False,
    choices: bool = True,
) -> HistoryAnswer:
    connection = reading.snapshot.connection
    after_changes, after_looks = _places(cursor)
    kind = "" if wanted.kind in ("changes", "accesses") else wanted.kind
    changes: list[dict[str, Any]] = []
    looks: list[dict[str, Any]] = []
    if wanted.kind != "accesses":
        whole_service_team = cases is not None and case_id is None
        streams = None
        if whole_service_team:
            courses = reading.snapshot.view(Courses).ids_of_team(connection, reading.actor.team)
            streams = {*(cases or ()), *(people or ()), *courses, policy_id(reading.actor.team)}
        changes = reading.snapshot.view(History).page(
            connection,
            streams=streams,
            also=reading.snapshot.view(Rising).touching(reading.actor.team) if whole_service_team else None,
            authors=people or (),
            case_id=case_id,
            person=wanted.person,
            kind=kind,
            start=wanted.start,
            end=wanted.end,
            before=after_changes,
            limit=limit + 1,
        )
    if wanted.kind != "changes":
        whole_team = case_id is None
        looks = reading.access.page(
            case_id=case_id,
            cases=cases if whole_team else None,
            people=people if whole_team else None,
            at_many=[q.__name__ for q in QUESTIONS if issubclass(q, CourseQuestion)],
            lists=that_list_children(),
            person=wanted.person,
            kind=kind,
            start=wanted.start,
            end=wanted.end,
            before=after_looks,
            limit=limit + 1,
        )
    names = {c["case_id"]: c["preferred_name"] for c in children}
    items: list[Any] = [_change_row(c, names) for c in changes] + [_look_row(x, names) for x in looks]
    items.sort(key=lambda i: (i["at"], i["sort"] == "change", i["number"]), reverse=True)
    following = (
        write_cursor(items[limit - 1]["at"], items[limit - 1]["number"], items[limit - 1]["sort"])
        if len(items) > limit
        else None
    )
    items = items[:limit]
    _name_accounts(reading, items)
    words = _Words()
    concerned = _children_in(reading, items)
    _add_differences(reading, items, concerned, words)
    _add_goal_differences(reading, items, concerned, words)
    _add_entries(reading, items, concerned, words if grouped or titles else None)
    if not export:
        _add_openable(reading, items, concerned)
    reading.detail |= {
        name: str(value)
        for name, value in (
            ("person", wanted.person),
            ("case", wanted.case),
            ("kind", wanted.kind),
            ("start", wanted.start),
            ("end", wanted.end),
            ("export", export),
        )
        if value
    }
    known = team_people or []
    seen_by: list[dict[str, Any]] = []
    opened: list[dict[str, Any]] = []
    if grouped:
        if case_id is not None:
            seen_by = reading.access.grouped(
                case_id=case_id, person=wanted.person, lists=that_list_children(), start=wanted.start, end=wanted.end
            )
            everybody = seen_by if wanted == HistoryFilter(case=wanted.case, kind=wanted.kind) else None
            known = known or _people_of(reading, case_id, everybody)
        elif wanted.person is not None:
            opened = reading.access.grouped(
                person=wanted.person, cases=set(names), lists=that_list_children(), start=wanted.start, end=wanted.end
            )
        for row in (*seen_by, *opened):
            row["preferred_name"] = names[row["case_id"]]
    told = {row["case_id"] for row in (*items, *seen_by, *opened)} | {_child_in(item) for item in items}
    named = set(names) if choices else {case for case in names if case in told}
    _note_as_seen(reading, named, items, words, whole=cases is not None)
    if not choices:
        children, known = [], []
    return HistoryAnswer(items, following, reading.shown, children, known, seen_by, opened)


@dataclass(slots=True)
class _Words:
    """Whose words an answer holds, by child: entries, and what they are."""

    of: dict[UUID, dict[UUID, Category]] = field(default_factory=dict)

    def add(self, case_id: UUID, entry_id: UUID, category: Category) -> None:
        self.of.setdefault(case_id, {})[entry_id] = category


def _child_in(item: dict[str, Any]) -> UUID | None:
    """The child that a row about a course names among its particulars."""
    child = item["detail"].get("child")
    return UUID(str(child)) if child else None


def _note_as_seen(
    reading: Reading, named: Collection[UUID], items: list[dict[str, Any]], words: _Words, *, whole: bool
) -> None:
    """That these children were named, and which of their words were shown: of a child's own history in its look, of a
    team's in a look at each of them."""
    told = {item["case_id"] for item in items}
    for case_id in named:
        shown = words.of.get(case_id, {})
        if not whole:
            reading.entries.extend(entry for entry in shown if entry not in reading.entries)
            reading.categories.update(shown.values())
            continue
        categories = {Category.IDENTITY, *shown.values()} | ({Category.HISTORY} if case_id in told else set())
        reading.shows(case_id, *categories, entries=shown)
    if whole:
        reading.detail["children"] = len(named)


def _people_of(reading: Reading, case_id: UUID, everybody: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Everybody who changed or saw something of a child, or was ever on the care team, by the name that they have
    now."""
    connection, history = reading.snapshot.connection, reading.snapshot.view(History)
    joined = history.told(connection, streams=(case_id,), kinds=("case.team-member-joined", "case.team-member-changed"))
    people = {UUID(row["detail"]["person"]): str(row["detail"]["name"]) for row in joined}
    for row in reading.access.grouped(case_id=case_id) if everybody is None else everybody:
        if row["person_id"] is not None:
            people[row["person_id"]] = row["person_name"]
    people |= history.people_of(connection, case_id)
    people |= reading.snapshot.view(People).names(connection, people)
    return [{"person_id": i, "name": name} for i, name in sorted(people.items(), key=lambda p: (p[1], p[0]))]


def _change_row(change: dict[str, Any], names: dict[UUID, str]) -> dict[str, Any]:
    detail = change["detail"]
    return {
        "sort": "change",
        "number": change["position"],
        "at": change["at"],
        "person": change["person_id"],
        "person_name": change["person_name"],
        "role": change["role"],
        "discipline": change["discipline"],
        "kind": change["kind"],
        "stream": change["stream_id"],
        "case_id": change["case_id"],
        "preferred_name": names.get(change["case_id"], ""),
        "entry_id": change["entry_id"],
        "position": change["position"],
        "observed_at": change["observed_at"],
        "recorded_at": change["recorded_at"],
        "version_before": None,
        "version_after": None,
        "before": detail.get("before", {}),
        "after": detail.get("after", {}),
        "withheld": False,
        "detail": {k: v for k, v in detail.items() if k not in ("before", "after", "stays")},
        "outcome": "done",
        "request": change["request"],
        "channel": "",
        "purpose": None,
        "categories": None,
        "entry": None,
    }


def _look_row(look: dict[str, Any], names: dict[UUID, str]) -> dict[str, Any]:
    entries = look["entries"].split()
    elsewhere = look["case_id"] is not None and look["case_id"] not in names
    of_one = look["kind"] in ("ReadNote", "ReadGoal")  # the thing itself comes first, then what is shown beside it
    return {
        "sort": "access",
        "number": look["id"],
        "at": look["at"],
        "person": look["person_id"],
        "person_name": look["person_name"],
        "role": look["role"],
        "discipline": look["discipline"],
        "kind": look["kind"],
        # A colleague's access to a child of another team is their own doing; which child is no business of this team.
        "case_id": None if elsewhere else look["case_id"],
        "preferred_name": names.get(look["case_id"], ""),
        "entry_id": UUID(entries[0]) if entries and (len(entries) == 1 or of_one) and not elsewhere else None,
        "position": look["position"],
        "observed_at": None,
        "recorded_at": None,
        "version_before": None,
        "version_after": None,
        "before": {},
        "after": {},
        "withheld": elsewhere,
        "detail": {**look["detail"], **({"entries": len(entries)} if entries else {})},
        "outcome": look["outcome"],
        "request": look["request"],
        "channel": look["channel"],
        "purpose": look["purpose"],
        "categories": None if look["categories"] is None else look["categories"].split(),
        "entry": None,
    }


def _name_accounts(reading: Reading, items: list[dict[str, Any]]) -> None:
    """Whose account was changed: of a change to a person, who did it is only half of it."""
    wanted = [item for item in items if item["sort"] == "change" and item["kind"].startswith("person.")]
    if not wanted:
        return
    rows = reading.snapshot.view(People).all(reading.snapshot.connection)
    names = {row["person_id"]: row["name"] for row in rows}
    for item in wanted:
        if item["kind"] != "person.registered":  # which says it
            item["detail"] = {"account": names.get(item["stream"], ""), **item["detail"]}


_WITH_WORDS_OF_A_NOTE = (
    "case.note-amended",
    "case.note-circumstances-corrected",
    "case.note-addendum-added",
    "case.note-entered-in-error",
    "case.note-cosignature-entrusted",
)
_OF_A_NOTE = ("ReadNote", "ReadNoteReaders")
"""Looks at one note."""
_WITH_WORDS_OF_A_GOAL = ("case.goal-revised", "case.goal-status-changed")


def _add_differences(
    reading: Reading, items: list[dict[str, Any]], children: Mapping[UUID, Relationship], words: _Words
) -> None:
    """Put the texts beside corrections and addenda, where this reader may read the note; say so where not."""
    concerned = [i for i in items if i["sort"] == "change" and i["kind"] in _WITH_WORDS_OF_A_NOTE and i["entry_id"]]
    found = reading.record.entries(list({item["entry_id"] for item in concerned}))
    for item in concerned:
        note_id, child = item["entry_id"], children[item["case_id"]]
        of_case, note = found.get(note_id, (None, None))
        if of_case != item["case_id"] or not isinstance(note, Note) or not readable(reading.actor, child, note):
            item["withheld"] = True
            item["detail"].pop("reason", None)
            continue
        if item["kind"] == "case.note-entered-in-error":
            words.add(item["case_id"], note_id, Category.NOTES)
        if item["kind"] in ("case.note-entered-in-error", "case.note-cosignature-entrusted"):
            continue
        if item["kind"] == "case.note-amended":
            number = int(item["detail"]["text_version"])
            item["version_before"], item["version_after"] = number - 1, number
            item["before"] = dict(note.texts[number - 2].sections)
            item["after"] = dict(note.texts[number - 1].sections)
            if note.written_in:
                told = item["before"].keys() | item["after"].keys()
                called = {one["key"]: one["label"] for one in note.written_in["sections"]}
                item["labels"] = {key: label for key, label in called.items() if key in told}
        elif item["kind"] == "case.note-circumstances-corrected":
            correction = note.corrections[int(item["detail"]["correction"]) - 1]
            before, after = correction.before.content, correction.after.content
            changed = [name for name in after if before[name] != after[name]]  # type: ignore[literal-required]
            item["before"] = {name: before[name] for name in changed}  # type: ignore[literal-required]
            item["after"] = {name: after[name] for name in changed}  # type: ignore[literal-required]
        else:
            mine = readable_addenda(reading.actor, child, note)
            texts = [a.text for a in mine if str(a.id) == item["detail"]["addendum"]]
            if not texts:
                item["withheld"] = True
                continue
            item["after"] = {"addendum": texts[0]}
        words.add(item["case_id"], note_id, Category.NOTES)


def _add_goal_differences(
    reading: Reading, items: list[dict[str, Any]], children: Mapping[UUID, Relationship], words: _Words
) -> None:
    """Put what changed in a goal's words, and why, beside its revision and its changes of state; where this reader may
    read the goal."""
    concerned = [i for i in items if i["sort"] == "change" and i["kind"] in _WITH_WORDS_OF_A_GOAL]
    found = reading.record.entries(list({item["entry_id"] for item in concerned}))
    for item in concerned:
        goal_id, child = item["entry_id"], children[item["case_id"]]
        of_case, goal = found.get(goal_id, (None, None))
        if of_case != item["case_id"] or not isinstance(goal, Goal) or not goal_readable(reading.actor, child, goal):
            # That a goal changed its state has no words; its reason, if there is one, stays with the goal.
            item["withheld"] = item["kind"] == "case.goal-revised"
            continue
        if item["kind"] == "case.goal-status-changed":
            reasons = [s.reason for s in goal.statuses if s.at == item["at"] and s.reason]
        else:
            number = int(item["detail"]["goal_version"])
            before, after = goal.versions[number - 2], goal.versions[number - 1]
            changed = [name for name in after.content if before.content[name] != after.content[name]]  # type: ignore[literal-required]
            item["version_before"], item["version_after"] = number - 1, number
            item["before"] = {name: before.content[name] for name in changed}  # type: ignore[literal-required]
            item["after"] = {name: after.content[name] for name in changed}  # type: ignore[literal-required]
            reasons = [after.reason] if after.reason else []
        if reasons:
            item["detail"]["reason"] = reasons[0]
        if reasons or item["kind"] == "case.goal-revised":
            words.add(item["case_id"], goal_id, Category.GOALS)


def _add_entries(
    reading: Reading, items: list[dict[str, Any]], children: Mapping[UUID, Relationship], words: _Words | None
) -> None:
    """Say which entry a row is about, where this reader may read it: for "read a note" does not say which. With
    ``words`` one knows the notes and the goals that were looked at by what they say."""
    connection, actor = reading.snapshot.connection, reading.actor
    timeline, asked = reading.snapshot.view(Timeline), _entries_in(items)
    named = timeline.named(connection, actor=actor, children=children, entries=asked)
    for item in items:
        item["entry"] = named.get((item["case_id"], item["entry_id"]))
    if words is None:
        return
    read = [i for i in items if i["kind"] in _OF_A_NOTE and i["entry"] and i["entry"]["kind"] == "note"]
    if Timeline.NAME in reading.snapshot.incomplete:
        # The view has stopped, and a note may have been taken from this reader since: the record decides.
        now = {id: note for id, (_, note) in reading.record.entries(list(_entries_in(read))).items()}
        read = [i for i in read if readable(actor, children[i["case_id"]], cast("Note", now[i["entry_id"]]))]
    said = timeline.named(connection, actor=actor, children=children, entries=_entries_in(read), words=True)
    for item in read:
        case_id, note_id = item["case_id"], item["entry_id"]
        item["entry"] = said[case_id, note_id]
        words.add(case_id, note_id, Category.NOTES)
    unnamed = [item for item in items if item["sort"] == "access" and item["entry"] is None]
    view = reading.snapshot.view(Goals)
    mine = view.readable_ids(connection, actor=actor, children=children, entries=_entries_in(unnamed))
    if Goals.NAME in reading.snapshot.incomplete:  # so it does of a goal
        standing = reading.record.standings([goal for _, goal in mine])
        mine = {
            (case_id, goal)
            for case_id, goal in mine
            if (stands := standing.get(goal)) and goal_readable(actor, children[case_id], stands.goal)
        }
    goals = view.addressed(connection, sorted(goal for _, goal in mine))
    for item in unnamed:
        case_id, goal_id = item["case_id"], item["entry_id"]
        if (case_id, goal_id) in mine:
            item["entry"] = {"kind": "goal", "statement": goals[goal_id]["content"]["statement"]}
            words.add(case_id, goal_id, Category.GOALS)


def _add_openable(reading: Reading, items: list[dict[str, Any]], children: Mapping[UUID, Relationship]) -> None:
    """Say of each entry whether this reader may open it, so that nobody is led to a closed door."""
    connection, actor, asked = reading.snapshot.connection, reading.actor, _entries_in(items)
    may_open: set[tuple[UUID, UUID]] = set()
    for view in (reading.snapshot.view(Timeline), reading.snapshot.view(Goals)):
        may_open |= view.readable_ids(connection, actor=actor, children=children, entries=asked)
    for item in items:
        item["may_open"] = (item["case_id"], item["entry_id"]) in may_open


def _entries_in(items: list[dict[str, Any]]) -> set[UUID]:
    return {item["entry_id"] for item in items if item["entry_id"] is not None and item["case_id"] is not None}


def _children_in(reading: Reading, items: list[dict[str, Any]]) -> Mapping[UUID, Relationship]:
    """The children whom the rows are about, with what the reader is to each."""
    cases = sorted({item["case_id"] for item in items if item["case_id"] is not None})
    if reading.child.on_care_team or reading.child.same_service_team:
        return dict.fromkeys(cases, reading.child)
    known = reading.snapshot.view(Caseload).of_ids(reading.snapshot.connection, cases, reading.actor, reading.today)
    return {case: known[case][1] if case in known else Relationship() for case in cases}


def _places(cursor: str) -> tuple[tuple[datetime, int] | None, tuple[datetime, int] | None]:
    """Where changes and accesses go on. Of two with the same time, changes are shown before accesses."""
    place = read_cursor(cursor, ("change", "access"))
    if place is None:
        return None, None
    if place.sort == "change":
        return (place.at, place.number), (place.at, LAST)
    return (place.at, 0), (place.at, place.number)
