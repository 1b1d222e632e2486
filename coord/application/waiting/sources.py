"""What there is that waits for somebody: each thing one source, a function from who asks to what waits for them.

Whatever else shall wait for somebody (an action of a meeting, a question that was asked) is one more function here, and
a kind in `WaitingKind`. A source gives what its reader may see and do something about, and nothing else. It asks for
what it needs in as many statements for a hundred children as for one; what is not its reader's business
(`source`) it is not even called for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from coord.application.groups.questions import MySession
from coord.application.groups.reading_sessions import waiting_sessions
from coord.application.notes.drafts import AFTER_SIGNING
from coord.application.people.handlers import account_changes, read_proposals
from coord.application.people.questions import ReadProposals
from coord.application.rights import alerts_for, goal_readable
from coord.application.summary.given import by_the_record, out_of_date
from coord.application.waiting.mine import Mine, excerpt, first_words
from coord.application.waiting.questions import Urgency, Waiting, WaitingKind
from coord.domain.actors import Relationship, Role
from coord.domain.permissions import (
    PERMISSIONS,
    Predicate,
    administrator_or_lead,
    anyone_signed_in,
    clinician,
    may_read_goal,
    team_lead,
    therapist_or_lead,
    works_with_children,
)
from coord.office.complaint_files import FAILED, READY
from coord.projections import Goals, Summaries


@dataclass(frozen=True, slots=True)
class Source:
    """Of whom it is asked, and what it finds."""

    who: Predicate
    find: Callable[[Mine], Iterable[Waiting]]


SOURCES: list[Source] = []
"""In no order: how soon each thing is decides (`coord.application.waiting.handlers.in_order`)."""


def source(who: Predicate) -> Callable[[Callable[[Mine], Iterable[Waiting]]], Callable[[Mine], Iterable[Waiting]]]:
    """Mark a function as one, for people of whom ``who`` is true."""

    def mark(find: Callable[[Mine], Iterable[Waiting]]) -> Callable[[Mine], Iterable[Waiting]]:
        SOURCES.append(Source(who, find))
        return find

    return mark


def _about(mine: Mine, kind: WaitingKind, case_id: UUID, id: UUID | None, **more: Any) -> Waiting:
    """Something about a child whom the reader knows."""
    due: date | None = more.get("due")
    name = mine.children[case_id]["preferred_name"]
    return Waiting(kind, mine.urgency(due), id, more.pop("since", None), case_id=case_id, preferred_name=name, **more)


# ---- notes -------------------------------------------------------------------------------------------------------


@source(therapist_or_lead)
def to_cosign(mine: Mine) -> Iterator[Waiting]:
    """Notes that the reader may attest."""
    return (_note(mine, WaitingKind.COSIGNATURE, note) for note in mine.cosignatures[0])


@source(team_lead)
def nobody_cosigns(mine: Mine) -> Iterator[Waiting]:
    """Notes whose co-signature the lead would have to entrust."""
    return (_note(mine, WaitingKind.NOBODY_COSIGNS, note) for note in mine.nobody_cosigns)


def for_others(mine: Mine) -> list[Waiting]:
    """The reader's own notes that somebody else is to attest: told, and no source."""
    return [_note(mine, WaitingKind.COSIGNATURE, note) for note in mine.cosignatures[1]]


def _note(mine: Mine, kind: WaitingKind, note: Mapping[str, Any]) -> Waiting:
    author, since = note["author_name"], note["signed_at"]
    return _about(mine, kind, note["case_id"], note["note_id"], since=since, person_name=author)


@source(works_with_children)
def drafts(mine: Mine) -> Iterator[Waiting]:
    """Words that were not signed yet; of a child whom the reader knows no more without anything of the child."""
    for draft in mine.drafts:
        since = draft.updated_at
        if draft.case_id in mine.children:
            note = UUID(draft.body["note"]) if draft.kind in AFTER_SIGNING else None
            more = {"text": first_words(draft.body), "detail": draft.kind, "note_id": note}
            yield _about(mine, WaitingKind.DRAFT, draft.case_id, draft.draft_id, since=since, **more)
        else:
            kind, whose = WaitingKind.DRAFT_LEFT, draft.case_id
            yield Waiting(kind, Urgency.OPEN, draft.draft_id, since, case_id=whose, detail=draft.kind)


# ---- what was to be looked at again ------------------------------------------------------------------------------


@source(therapist_or_lead)
def alerts(mine: Mine) -> Iterator[Waiting]:
    """Alerts whose day has come, for whoever may change them."""
    for case_id in mine.open_cases:
        if mine.children[case_id]["alerts"] and mine.may("ChangeAlert", case_id):
            for alert in alerts_for(mine.reading, mine.children[case_id], mine.relations[case_id]):
                if alert.due:
                    yield _about(mine, WaitingKind.ALERT, case_id, alert.id, due=alert.review_on, text=alert.text)


@source(therapist_or_lead)
def summaries(mine: Mine) -> Iterator[Waiting]:
    """School summaries that should not be relied on as they are, for whoever may publish the next version."""
    for case_id in mine.open_cases:
        state: Mapping[str, Any] | None = mine.summaries.get(case_id)
        if state is None or not mine.may("PublishSummary", case_id):
            continue
        if Summaries.NAME in mine.reading.snapshot.incomplete:
            state = by_the_record(mine.reading, case_id)
        if state is None or state["status"] != "published" or state["upcoming"]:
            continue
        if state["review_date"] <= mine.reading.today:
            yield _about(mine, WaitingKind.SUMMARY, case_id, None, due=state["review_date"], detail="review")
        elif out_of_date(mine.reading, state):
            yield _about(mine, WaitingKind.SUMMARY, case_id, None, detail="sources")


@source(therapist_or_lead)
def goals(mine: Mine) -> Iterator[Waiting]:
    """Goals whose review day has come, and those whose wording nobody has agreed to yet: of whom they are.

    They are their author's as long as that is a therapist on the care team; a student's are those of the therapists of
    the student's discipline; and nobody's are the lead's of the child's service team.
    """
    actor, reading = mine.reading.actor, mine.reading
    theirs = [case_id for case_id in mine.open_cases if mine.may("ReviseGoal", case_id)]
    view, discipline = reading.snapshot.view(Goals), actor.discipline.value if actor.discipline else None
    led = frozenset(mine.led).intersection(theirs)
    waiting = view.waiting(reading.snapshot.connection, theirs, led, reading.today, actor.person_id, discipline)
    others = {row["case_id"] for row in waiting if row["author_id"] != actor.person_id}
    therapists = mine.therapists(others & led)
    for row in waiting:
        if not (_is_theirs(mine, row, therapists) and _may_read(mine, row)):
            continue
        if row["review_date"] <= reading.today and row["status"] != "proposed":
            kind, more = WaitingKind.GOAL_REVIEW, {"due": row["review_date"]}
        elif row["agreed_version"] < row["content_version"]:
            kind, more = WaitingKind.GOAL_AGREEMENT, {"since": row["proposed_at"]}
        else:  # changed since the view has stopped
            continue
        text = excerpt(row["content"]["statement"])
        yield _about(mine, kind, row["case_id"], row["goal_id"], text=text, **more)


def _is_theirs(mine: Mine, row: Mapping[str, Any], therapists: Mapping[UUID, Sequence[Mapping[str, Any]]]) -> bool:
    actor, case_id = mine.reading.actor, row["case_id"]
    if row["author_id"] == actor.person_id:
        return True
    if row["role"] == Role.STUDENT.value and actor.role is Role.THERAPIST:
        return actor.discipline is not None and row["discipline"] == actor.discipline.value
    if case_id not in therapists:
        return False
    answers_for = (
        p["person_id"] == row["author_id"]
        or (row["role"] == Role.STUDENT.value and p["discipline"] == row["discipline"])
        for p in therapists[case_id]
    )
    return not any(answers_for)


def _may_read(mine: Mine, row: dict[str, Any]) -> bool:
    """As the view's own lists of goals; a view that has stopped asks the record."""
    actor, child = mine.reading.actor, mine.relations[row["case_id"]]
    if Goals.NAME in mine.reading.snapshot.incomplete:
        goal = mine.reading.record.goal(row["case_id"], row["goal_id"])
        agreed = (a.content_version for a in goal.agreements)
        row |= {"status": goal.status, "content_version": goal.versions[-1].number, "content": goal.content}
        row |= {
            "agreed_version": max(agreed, default=0),
            "review_date": date.fromisoformat(goal.content["review_date"]),
        }
        return goal.status in Goals.OPEN and goal_readable(actor, child, goal)
    facts = {name: row[name] for name in ("audience", "discipline", "status")}
    return may_read_goal(actor, child, author=str(row["author_id"]), agreed=bool(row["agreed_version"]), **facts)


# ---- groups ------------------------------------------------------------------------------------------------------


@source(clinician)
def sessions(mine: Mine) -> Iterator[Waiting]:
    """Sessions of one's own courses that nobody recorded, and those of which the recordings disagree, for whoever may
    settle it: who made one of them, and the lead. No child."""
    if not PERMISSIONS["RecordSession"].who(mine.reading.actor, Relationship(on_staff=True)):
        return
    unrecorded, unclear = waiting_sessions(mine.reading)
    for session in unrecorded:
        yield _session(mine, WaitingKind.SESSION, session, mine.day_of(session.starts_at))
    for session in unclear:
        yield _session(mine, WaitingKind.RECORDINGS, session, None)


def _session(mine: Mine, kind: WaitingKind, session: MySession, due: date | None) -> Waiting:
    more = {"due": due, "text": session.title, "number": session.number, "detail": str(session.of)}
    return Waiting(kind, mine.urgency(due), session.course_id, session.starts_at, **more)  # type: ignore[arg-type]


# ---- accounts ----------------------------------------------------------------------------------------------------


@source(administrator_or_lead)
def proposals(mine: Mine) -> Iterator[Waiting]:
    """Changes of accounts that the reader may be the second person for, and a password that they may give now."""
    for item in read_proposals(mine.reading, ReadProposals()).items:
        for kind, may in ((WaitingKind.PROPOSAL, "confirm"), (WaitingKind.PASSWORD, "give")):
            if may in item["may"]:
                due = mine.day_of(item["expires_at"])
                more = {"due": due, "person_name": item["name"], "number": item["number"], "detail": item["change"]}
                yield Waiting(kind, mine.urgency(due), item["person_id"], item["at"], **more)  # type: ignore[arg-type]


@source(anyone_signed_in)
def changes_of_ones_account(mine: Mine) -> Iterator[Waiting]:
    """What others changed in the reader's account, and they have not said that they saw: one line, however many."""
    changes = account_changes(mine.reading, mine.reading.told.until(mine.reading.actor.person_id))
    if changes:
        kind, number, oldest = WaitingKind.ACCOUNT, len(changes), changes[-1]["at"]
        yield Waiting(kind, Urgency.OPEN, mine.reading.actor.person_id, oldest, number=number)


# ---- files -------------------------------------------------------------------------------------------------------


@source(team_lead)
def complaint_files(mine: Mine) -> Iterator[Waiting]:
    """Complaint files that can be taken until they go, and those that could not be made."""
    if not mine.led:
        return
    for file in mine.reading.files.of(mine.reading.actor.person_id, None, mine.reading.now):
        if file.status in (READY, FAILED) and file.case_id in mine.led:
            due = mine.day_of(file.until) if file.until else None
            more = {"since": file.finished_at, "due": due, "detail": file.status}
            yield _about(mine, WaitingKind.COMPLAINT_FILE, file.case_id, file.id, **more)
