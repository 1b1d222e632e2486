"""One search over all that somebody may know: who, what, and in which words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, cast
from uuid import UUID

from coord.application.activities.questions import ActivityFilter
from coord.application.doors import Reading, answers
from coord.application.find.excerpts import excerpt
from coord.application.find.questions import (
    MOST_ENTRIES,
    MOST_OF_A_CHILD,
    MOST_SHOWN,
    Find,
    FindAnswer,
    FoundActivity,
    FoundChild,
    FoundColleague,
    FoundEntry,
    Group,
)
from coord.application.looking import OF_THE_TIMELINE, Category
from coord.application.rights import details_for
from coord.application.timeline.handlers import still_readable
from coord.domain.actors import Relationship
from coord.domain.input import Input
from coord.domain.permissions import PERMISSIONS, knows_child
from coord.projections import Activities, Caseload, People, Timeline
from coord.projections.people import standing_by
from coord.words import found_in, sort_key, words_wanted

CHILDREN_OF_A_COLLEAGUE = 3


@dataclass(slots=True)
class _Search:
    """A search under way: the words, the children that the reader knows, and the groups of which there is more."""

    reading: Reading
    text: str
    known: Sequence[tuple[Mapping[str, Any], Relationship]]
    wanted: list[str] = field(init=False)
    more: list[Group] = field(default_factory=list)
    newest_only: int | None = None

    def __post_init__(self) -> None:
        """The words, as they are compared."""
        self.wanted = words_wanted(self.text)

    @property
    def relations(self) -> dict[UUID, Relationship]:
        """What the reader is to each child."""
        return {case["case_id"]: child for case, child in self.known}

    @property
    def names(self) -> dict[UUID, str]:
        """What each child is called."""
        return {case["case_id"]: case["preferred_name"] for case, _ in self.known}

    def some(self, group: Group, found: Sequence[Any]) -> Sequence[Any]:
        """As many as are shown."""
        if len(found) > MOST_SHOWN:
            self.more.append(group)
        return found[:MOST_SHOWN]

    def looks_at(self, case_id: UUID, *categories: Category, entries: Iterable[UUID] = ()) -> None:
        """The answer shows the name of a child, and perhaps more."""
        self.reading.shows(case_id, Category.IDENTITY, *categories, entries=entries, relation=self.relations[case_id])


@answers(Find)
def find(reading: Reading, question: Find) -> FindAnswer:
    """What fits, of each group that is asked for; nothing for no words."""
    check = Input()
    text = check.text("/text", question.text, required=False)
    check.refuse_if_any()
    search = _Search(reading, text, _known(reading) if text else [])
    found: dict[Group, Sequence[Any]] = dict.fromkeys(Group, ())
    if search.wanted:
        reading.detail["searched"] = True
        for group in Group if question.group is None else (question.group,):
            found[group] = search.some(group, _FINDERS[group](search))
    _note_looks(search, found)
    return FindAnswer(
        children=found[Group.CHILDREN],
        entries=found[Group.RECORDS],
        colleagues=found[Group.COLLEAGUES],
        activities=found[Group.ACTIVITIES],
        more=search.more,
        newest_only=search.newest_only,
        shown=reading.shown,
        known=[_details(search, case, child) for case, child in search.known],
    )


def _known(reading: Reading) -> list[tuple[dict[str, Any], Relationship]]:
    """The reader's children; who left since is known to the record, not to a view that has stopped."""
    caseload = reading.snapshot.view(Caseload)
    known = caseload.children_of(reading.snapshot.connection, reading.actor, reading.today)
    if Caseload.NAME not in reading.snapshot.incomplete:
        return known
    now = [(case, reading.record.case(case["case_id"])) for case, _ in known]
    standing = [(case, record.relationship_of(reading.actor, reading.today)) for case, record in now]
    return [(case, child) for case, child in standing if knows_child(reading.actor, child)]


def _children(search: _Search) -> list[FoundChild]:
    """By what the reader may know of each: a teacher does not find by a full name."""
    names = ("preferred_name", "full_name", "school", "school_class")
    known = (_details(search, case, child) for case, child in search.known)
    return [one for one in known if found_in(search.wanted, *(str(one.get(name, "")) for name in names))]


def _details(search: _Search, case: Mapping[str, Any], child: Relationship) -> FoundChild:
    told = {name: value for name, value in details_for(search.reading, dict(case)).items() if name != "languages"}
    told |= {"case_id": case["case_id"], "status": case["status"], "relation": child.relation}
    return cast("FoundChild", told)


def _entries(search: _Search) -> list[FoundEntry]:
    """What a search of each child's timeline would find, among the newest entries."""
    reading = search.reading
    if not search.known:
        return []
    each = min(MOST_OF_A_CHILD, max(1, MOST_ENTRIES // len(search.known)))
    rows, older = reading.snapshot.view(Timeline).found(
        reading.snapshot.connection,
        actor=reading.actor,
        children=search.relations,
        day=reading.today,
        text=search.text,
        each=each,
        limit=MOST_SHOWN + 1,
    )
    search.newest_only = each if older else None
    if Timeline.NAME in reading.snapshot.incomplete:  # it may have been taken from this reader since
        reading.detail["incomplete"] = True
        of = search.relations
        rows = [r for r in rows if still_readable(replace(reading, relation=of[r["case_id"]]), r["case_id"], r)]
    return [_entry(row, search) for row in rows]


def _entry(row: Mapping[str, Any], search: _Search) -> FoundEntry:
    texts = [*row["sections"].values(), *(addendum["text"] for addendum in row["addenda"])]
    if reason := row["detail"].get("reason"):
        texts.append(str(reason))
    found = {name: row[name] for name in ("entry_id", "case_id", "kind", "format", "observed_from", "detail")}
    found |= {
        "preferred_name": search.names[row["case_id"]],
        "author": {
            "person": row["author_id"],
            "name": row["author_name"],
            "role": row["role"],
            "discipline": row["discipline"],
        },
        "excerpt": excerpt(texts, search.wanted),
        "subject_id": None if row["kind"] == "summary" else row["subject_id"],  # that is the child itself
    }
    return cast("FoundEntry", found)


def _colleagues(search: _Search) -> list[FoundColleague]:
    """Who is on the care team of one of the reader's children today, and has access; nobody for the school."""
    reading, connection = search.reading, search.reading.snapshot.connection
    if not reading.actor.sight.colleagues or not search.known:
        return []
    together: dict[UUID, dict[UUID, str]] = {}
    members = reading.snapshot.view(Caseload).members_on(connection, list(search.names), reading.today)
    for case_id, person_id, role in members:
        if person_id != reading.actor.person_id:
            together.setdefault(person_id, {})[case_id] = role
    people = reading.snapshot.view(People).of_ids(connection, list(together))
    found = []
    for person in sorted(people, key=lambda p: (sort_key(p["name"]), str(p["person_id"]))):
        stays = {case_id: standing_by(person, role) for case_id, role in together[person["person_id"]].items()}
        there = {case_id: standing for case_id, standing in stays.items() if standing is not None}
        if person["active"] and there and found_in(search.wanted, person["name"]):
            cases = sorted(there, key=lambda case_id: sort_key(search.names[case_id]))
            children = {case_id: search.names[case_id] for case_id in cases[:CHILDREN_OF_A_COLLEAGUE]}
            standing = there[cases[0]]
            row = {name: person[name] for name in ("person_id", "name")}
            row |= {name: standing[name] for name in ("role", "discipline")}
            row |= {"children": children, "more": len(cases) - len(children)}
            found.append(cast("FoundColleague", row))
    return found


def _activities(search: _Search) -> list[FoundActivity]:
    """What is in use of the library, for who may search it."""
    reading = search.reading
    if not PERMISSIONS["SearchActivities"].who(reading.actor, Relationship()):
        return []
    wanted = asdict(ActivityFilter(text=search.text))
    rows = reading.snapshot.view(Activities).page(reading.snapshot.connection, limit=MOST_SHOWN + 1, **wanted)
    return [{"activity_id": a["activity_id"], "title": a["title"], "purpose": a["purpose"]} for a in rows]


_FINDERS: dict[Group, Callable[[_Search], Sequence[Any]]] = {
    Group.CHILDREN: _children,
    Group.RECORDS: _entries,
    Group.COLLEAGUES: _colleagues,
    Group.ACTIVITIES: _activities,
}


def _note_looks(search: _Search, found: Mapping[Group, Sequence[Any]]) -> None:
    """One look at each child whose name or words are shown."""
    for child in found[Group.CHILDREN]:
        search.looks_at(child["case_id"])
    for entry in found[Group.RECORDS]:
        subject = [entry["subject_id"]] if entry["subject_id"] else []
        itself = [entry["entry_id"]] if entry["kind"] in ("note", "group", "message") else []
        search.looks_at(entry["case_id"], OF_THE_TIMELINE[entry["kind"]], entries=[*itself, *subject])
    for colleague in found[Group.COLLEAGUES]:
        for case_id in colleague["children"]:
            search.looks_at(case_id, Category.CARE_TEAM)
