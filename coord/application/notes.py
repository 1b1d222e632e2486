"""Writing, signing, correcting and reading notes; and the timeline they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import UUID

import orjson

from coord.application.carrying import carries_out, decide
from coord.application.commands import (
    AddAddendum,
    AmendNote,
    ChangeNoteAudience,
    CorrectNoteCircumstances,
    CosignNote,
    DiscardDraft,
    EnterNoteInError,
    EntrustCosignature,
    Receipt,
    SaveDraft,
    SignNote,
)
from coord.application.cursors import read_cursor, write_cursor
from coord.application.doors import Reading, Work, answers
from coord.application.left_behind import cosigners
from coord.application.looking import OF_THE_TIMELINE, Category
from coord.application.questions import (
    CosignersAnswer,
    NoteAnswer,
    ReadCosigners,
    ReadDraft,
    ReadersAnswer,
    ReadNote,
    ReadNoteReaders,
    ReadTimeline,
    ReadTimelineAs,
    TimelineAnswer,
    TimelineFilter,
    draft_after_signing,
)
from coord.application.readers import choosable, reader_then
from coord.application.rights import goal_readable, known_case, permitted, readable, readable_addenda, row_readable
from coord.application.rows import Colleague, DraftKind, DraftNote, EntryKind, NoteReader, OwnDraft, TimelineEntry
from coord.domain.actors import Actor, Relationship, Role
from coord.domain.case import Case, Note, NoteContent, notes
from coord.domain.case.summary import counts_from_its_day
from coord.domain.errors import Conflict, FieldProblem, InvalidInput, NotFound, NotPermitted
from coord.domain.input import Input
from coord.domain.permissions import knows_child, leads_service_team
from coord.office.drafts import Draft
from coord.projections import Caseload, History, Timeline
from coord.projections.timeline import PageEnd, Selection, with_readable_addenda

MOST_ROWS = 100
DRAFT_LIMIT = 200_000  # bytes of a draft's body
AFTER_SIGNING = (DraftKind.ADDENDUM, DraftKind.AMENDMENT)
OfANote = CosignNote | AmendNote | CorrectNoteCircumstances | EnterNoteInError | ChangeNoteAudience


# ---- drafts ------------------------------------------------------------------------------------------------------


@answers(SaveDraft)
def save_draft(work: Work, command: SaveDraft) -> Receipt:
    """Keep a draft. Any text is accepted, complete or not: a draft is never lost because it is not fit to sign."""
    if command.kind not in list(DraftKind):
        raise InvalidInput([FieldProblem("/kind", "unknown-choice", {"choices": list(DraftKind)})])
    try:
        size = len(orjson.dumps(dict(command.body)))
    except (TypeError, ValueError):
        raise InvalidInput([FieldProblem("", "broken-characters")]) from None
    if size > DRAFT_LIMIT:
        raise InvalidInput([FieldProblem("", "too-long", {"limit": DRAFT_LIMIT, "length": size})])
    if command.kind == "note" and work.record.entry(command.draft_id) is not None:
        raise Conflict("already-signed")
    present = work.drafts.find(command.draft_id, command.case_id, work.actor.person_id)
    if (
        command.expected_revision == 0
        and present is not None
        and present.revision == 1
        and present.body == command.body
    ):
        return Receipt(command.draft_id, 1, work.record.head(), "draft", repeated=True)  # the same first save again
    revision = work.drafts.save(
        draft_id=command.draft_id,
        case_id=command.case_id,
        person_id=work.actor.person_id,
        kind=command.kind,
        body=command.body,
        expected_revision=command.expected_revision,
        now=work.now,
    )
    return Receipt(command.draft_id, revision, work.record.head(), "draft")


def _no_draft(actor: Actor, child: Relationship) -> NotFound:
    """To who does not know the child, as if there were no such child either."""
    return NotFound("no-such-draft") if knows_child(actor, child) else NotFound()


@answers(DiscardDraft)
def discard_draft(work: Work, command: DiscardDraft) -> Receipt:
    """Throw one's own draft away."""
    if work.drafts.find(command.draft_id, command.case_id, work.actor.person_id) is None:
        raise _no_draft(work.actor, work.child)
    work.drafts.discard(command.draft_id, work.actor.person_id)
    return Receipt(command.draft_id, 0, work.record.head(), "discarded")


@answers(ReadDraft)
def read_draft(reading: Reading, question: ReadDraft) -> OwnDraft:
    """One's own draft."""
    draft = reading.drafts.find(question.draft_id, question.case_id, reading.actor.person_id)
    if draft is None:
        raise _no_draft(reading.actor, reading.child)
    return {
        "id": draft.draft_id,
        "case_id": question.case_id,
        "kind": DraftKind(draft.kind),
        "revision": draft.revision,
        "body": draft.body,
        "created_at": draft.created_at,
        "updated_at": draft.updated_at,
    }


# ---- commands on notes -------------------------------------------------------------------------------------------


@answers(SignNote)
def sign_note(work: Work, command: SignNote) -> Receipt:
    """Sign a note."""
    case = work.the_case
    for i, linked in enumerate(command.content.linked):
        if _visible_note(work, linked) is None:
            raise InvalidInput([FieldProblem(f"/linked/{i}", "no-such-note")])
    draft = None if command.new else work.drafts.find(command.note_id, case.id, work.actor.person_id)
    decide(work, notes.sign, command, case, recorded_at=draft.created_at if draft else None)
    status = "awaiting-cosignature" if work.actor.role is Role.STUDENT else "signed"
    done = work.keep(Receipt(command.note_id, 1, 0, status), case)
    if draft is not None:
        work.drafts.discard(command.note_id, work.actor.person_id)
    return done


@answers(EntrustCosignature)
def entrust_cosignature(work: Work, command: EntrustCosignature) -> Receipt:
    """Let a therapist of another discipline, or the lead themselves, co-sign what would wait for ever."""
    note = _readable_note(work, command.note_id)
    case = work.the_case
    with work.views() as snapshot:
        therapists = cosigners(snapshot, [case.id], work.today)[case.id]
    chosen = _choices(work.actor, note, therapists)
    to = next((p for p in chosen if p["person_id"] == command.person_id), None)
    if to is None and not _others_can(note, therapists) and note.status == "awaiting-cosignature":
        raise InvalidInput([FieldProblem("/person", "no-such-person")])
    entrusted: notes.Entrusted = {
        "person": str(command.person_id),
        "name": to["name"] if to else "",
        "role": to["role"] if to else "",
        "discipline": to["discipline"] if to else None,
    }
    decide(work, notes.entrust_cosignature, command, case, note, to=entrusted, others_can=_others_can(note, therapists))
    return _saved(work, note)


def _others_can(note: Note, therapists: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a therapist of the note's own discipline is there who could co-sign it."""
    author = note.author["person"]
    return any(p["discipline"] == note.discipline and str(p["person_id"]) != author for p in therapists)


def _choices(actor: Actor, note: Note, therapists: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Whom a lead may entrust a co-signature to: the therapists of the care team but its author, and themselves."""
    me = {
        "person_id": actor.person_id,
        "name": actor.name,
        "role": actor.role.value,
        "discipline": actor.discipline.value if actor.discipline else None,
    }
    others = [p for p in therapists if str(p["person_id"]) != note.author["person"]]
    return [*others, me]


@answers(ReadCosigners)
def read_cosigners(reading: Reading, question: ReadCosigners) -> CosignersAnswer:
    """Nobody where somebody of the discipline can co-sign it, or where it waits for nobody."""
    row = known_case(reading, question.case_id)
    note = reading.record.note(question.case_id, question.note_id)
    if not readable(reading.actor, reading.child, note):
        raise NotFound("no-such-note")
    therapists = cosigners(reading.snapshot, [question.case_id], reading.today)[question.case_id]
    waits = note.status == "awaiting-cosignature" and not _others_can(note, therapists)
    people = cast("list[Colleague]", _choices(reading.actor, note, therapists) if waits else [])
    return CosignersAnswer(question.case_id, row["preferred_name"], note, people, reading.shown, reading.child)


@answers(AddAddendum)
def add_addendum(work: Work, command: AddAddendum) -> Receipt:
    """Add to a note."""
    note = _readable_note(work, command.note_id)
    decide(work, notes.add_addendum, command, work.the_case, note)
    done = work.keep(_receipt(work, note), work.the_case)
    _use_up(work, command.draft_id)
    return done


def _visible_note(work: Work, note_id: UUID) -> Note | None:
    try:
        note = work.record.note(work.the_case.id, note_id)
    except NotFound:
        return None
    return note if readable(work.actor, work.child, note) else None


def _readable_note(work: Work, note_id: UUID) -> Note:
    """A note that the actor may read; what they may not read does not exist for them."""
    note = _visible_note(work, note_id)
    if note is None:
        raise NotFound("no-such-note")
    return note


def _the_note(work: Work, command: OfANote) -> tuple[Case, Note]:
    return work.the_case, _readable_note(work, command.note_id)


def _note_saved(work: Work, command: OfANote, _: Case, note: Note) -> Receipt:
    return _saved(work, note, draft_id=command.draft_id if isinstance(command, AmendNote) else None)


def _saved(work: Work, before: Note, draft_id: UUID | None = None) -> Receipt:
    done = replace(_receipt(work, before), position=work.record.append(work.the_case))
    _use_up(work, draft_id)
    return done


def _receipt(work: Work, note: Note) -> Receipt:
    """Of what was decided about a note, before it is saved."""
    for event in work.the_case.pending_events:
        note = notes.evolve(note, event)  # type: ignore[arg-type]
    return Receipt(note.id, note.version, 0, note.status)


def _use_up(work: Work, draft_id: UUID | None) -> None:
    if draft_id is not None:
        work.drafts.discard(draft_id, work.actor.person_id)


carries_out(CosignNote, notes.cosign, _the_note, _note_saved)
carries_out(AmendNote, notes.amend, _the_note, _note_saved)
carries_out(CorrectNoteCircumstances, notes.correct_circumstances, _the_note, _note_saved)
carries_out(EnterNoteInError, notes.enter_in_error, _the_note, _note_saved)
carries_out(ChangeNoteAudience, notes.change_audience, _the_note, _note_saved)


# ---- reading -----------------------------------------------------------------------------------------------------


@answers(ReadNote)
def read_note(reading: Reading, question: ReadNote) -> NoteAnswer:
    """A note with all its versions, or one's own draft of that id."""
    row = known_case(reading, question.case_id)
    try:
        note = reading.record.note(question.case_id, question.note_id)
    except NotFound:
        draft = reading.drafts.find(question.note_id, question.case_id, reading.actor.person_id)
        if draft is None or draft.kind != "note":
            raise
        reading.categories.add(Category.DRAFTS)
        return NoteAnswer(
            case_id=question.case_id,
            preferred_name=row["preferred_name"],
            note=None,
            draft=_draft_note(draft),
            may=frozenset({"SaveDraft", "SignNote", "DiscardDraft"}),
            linked_from=[str(i) for i in draft.body.get("linked") or ()],
            shown=reading.shown,
            relationship=reading.child,
        )
    if not readable(reading.actor, reading.child, note):
        raise NotFound("no-such-note")
    if reading.actor.role is Role.TEACHER and note.author["person"] != str(reading.actor.person_id):
        note = notes.for_the_school(note)
    note = replace(note, addenda=readable_addenda(reading.actor, reading.child, note))
    reading.entries.append(note.id)
    reading.categories.add(Category.NOTES)
    linked = reading.snapshot.view(Timeline).readable_ids(
        reading.snapshot.connection,
        actor=reading.actor,
        children={question.case_id: reading.child},
        entries=note.linked,
    )
    return NoteAnswer(
        case_id=question.case_id,
        preferred_name=row["preferred_name"],
        note=note,
        draft=None,
        may=_possible(reading, question.case_id, note, row["status"]),
        linked_from=[str(i) for i in note.linked if (question.case_id, i) in linked],
        shown=reading.shown,
        relationship=reading.child,
        begun=_begun(reading, question.case_id, note),
    )


def _draft_note(draft: Draft) -> DraftNote:
    body = draft.body
    return DraftNote(
        id=draft.draft_id,
        revision=draft.revision,
        format=body.get("format") or None,
        audience=body.get("audience") or None,
        setting=body.get("setting") or None,
        present=[str(p) for p in body.get("present") or ()],
        sections={str(k): str(v) for k, v in (body.get("sections") or {}).items()},
        observed_from=_moment(body.get("observed_from")),
        observed_to=_moment(body.get("observed_to")),
        updated_at=draft.updated_at,
        body=body,
    )


def _moment(text: Any) -> datetime | None:
    """A time as far as a draft has one: a page may have kept half a date."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


def _begun(reading: Reading, case_id: UUID, note: Note) -> dict[str, Mapping[str, Any]]:
    """One's own unsent addendum and amendment to the note."""
    person = reading.actor.person_id
    ids = {draft_after_signing(kind, note.id, person): kind for kind in AFTER_SIGNING}
    return {
        ids[d.draft_id]: {"id": d.draft_id, "revision": d.revision, "body": d.body, "updated_at": d.updated_at}
        for d in reading.drafts.of(person, case_id)
        if d.draft_id in ids
    }


def _possible(reading: Reading, case_id: UUID, note: Note, case_status: str) -> frozenset[str]:
    """Which commands this person could carry out on the note now: what the page offers."""
    actor, child = reading.actor, reading.child
    may: set[str] = set()
    if note.status == "entered-in-error":
        return permitted({"ReadNoteReaders"} if _deals_with(actor, child, note) else set(), actor, child)
    own = note.author["person"] == str(actor.person_id)
    if case_status == "open":
        may.add("AddAddendum")
    if own:
        may |= {"AmendNote", "CorrectNoteCircumstances", "ChangeNoteAudience"}
    if _deals_with(actor, child, note):
        may |= {"EnterNoteInError", "ReadNoteReaders"}
    if leads_service_team(actor, child) and note.audience != "own-discipline":
        may.add("ChangeNoteAudience")
    if note.status == "awaiting-cosignature":
        if notes.may_cosign(note, actor):
            may.add("CosignNote")
        if leads_service_team(actor, child) and not _others_can(note, _therapists(reading, case_id)):
            may.add("EntrustCosignature")
    return permitted(may, actor, child)


def _therapists(reading: Reading, case_id: UUID) -> Sequence[Mapping[str, Any]]:
    return cosigners(reading.snapshot, [case_id], reading.today)[case_id]


def _deals_with(actor: Actor, child: Relationship, note: Note) -> bool:
    return note.author["person"] == str(actor.person_id) or leads_service_team(actor, child)


@answers(ReadNoteReaders)
def read_note_readers(reading: Reading, question: ReadNoteReaders) -> ReadersAnswer:
    """Who was shown the text of a note; for its author and the team lead."""
    note = reading.record.note(question.case_id, question.note_id)
    if not readable(reading.actor, reading.child, note):
        raise NotFound("no-such-note")
    if not _deals_with(reading.actor, reading.child, note):
        raise NotPermitted("not-the-author")
    readers = reading.access.readers_of(question.case_id, question.note_id)
    return ReadersAnswer(question.note_id, cast("list[NoteReader]", readers), reading.shown)


@answers(ReadTimeline)
def read_timeline(reading: Reading, question: ReadTimeline) -> TimelineAnswer:
    """A page of the timeline for the actor."""
    return _timeline(
        reading,
        question.case_id,
        reader=reading.actor,
        child=reading.child,
        wanted=question.filter,
        as_of=question.as_of,
        cursor=question.cursor,
        limit=question.limit,
        present_rights_too=True,
    )


@answers(ReadTimelineAs)
def read_timeline_as(reading: Reading, question: ReadTimelineAs) -> TimelineAnswer:
    """The timeline as somebody else could see it then.

    Their role, their place on the care team, what each entry said and who might read it are those of the time asked
    for. What the team lead may not read themselves stays out, unless the reader is the lead.
    """
    row = known_case(reading, question.case_id)
    readers = choosable(reading, question.case_id)
    nothing = TimelineAnswer(question.case_id, row["preferred_name"], (), None, reading.shown, readers=readers)
    if question.reader is None:
        return nothing
    if isinstance(question.as_of, datetime) and question.as_of.tzinfo is None:
        raise InvalidInput([FieldProblem("/as_of", "no-time-zone")])
    then = reader_then(reading, question.case_id, question.reader, question.as_of)
    knew = then.active and knows_child(then.actor, then.child)
    reader = {
        "person_id": then.actor.person_id,
        "name": then.actor.name,
        "role": then.actor.role.value,
        "discipline": then.actor.discipline.value if then.actor.discipline else None,
        "relation": then.child.relation.value if then.child.relation else None,
        "active": then.active,
        "knew": knew,
    }
    reading.detail["reader"] = str(question.reader)
    if not knew:
        return replace(nothing, reader=reader)
    answer = _timeline(
        reading,
        question.case_id,
        reader=then.actor,
        child=then.child,
        wanted=question.filter,
        as_of=question.as_of,
        cursor=question.cursor,
        limit=question.limit,
        present_rights_too=False,
    )
    return replace(answer, reader=reader, readers=readers)


def _timeline(
    reading: Reading,
    case_id: UUID,
    *,
    reader: Actor,
    child: Relationship,
    wanted: TimelineFilter,
    as_of: int | datetime | None,
    cursor: str,
    limit: int,
    present_rights_too: bool,
) -> TimelineAnswer:
    connection = reading.snapshot.connection
    row = known_case(reading, case_id)
    if not 1 <= limit <= MOST_ROWS:
        raise InvalidInput([FieldProblem("/limit", "out-of-range", {"least": 1, "most": MOST_ROWS})])
    check = Input()
    text = check.text("/filter/text", wanted.text, required=False)
    for name in ("discipline", "setting", "kind"):
        check.text(f"/filter/{name}", getattr(wanted, name), required=False)
    for name in ("start", "end"):
        value = getattr(wanted, name)
        if value is not None and value.tzinfo is None:
            check.problem(f"/filter/{name}", "no-time-zone")
    check.refuse_if_any()
    position = _position(reading, case_id, as_of)
    view = reading.snapshot.view(Timeline)
    selection = Selection(wanted.discipline, wanted.setting, wanted.kind, wanted.author, wanted.start, wanted.end, text)
    place = read_cursor(cursor, list(EntryKind))
    items, end = view.page(
        connection,
        case_id=case_id,
        actor=reader,
        child=child,
        day=_day_of(reading, as_of),
        selection=selection,
        limit=limit,
        after=PageEnd(place.at, place.number, place.sort, place.id) if place else None,
        as_of=position,
        present_rights_too=present_rights_too,
    )
    if reader is not reading.actor:
        # What the lead may not read, neither then nor now, stays out: nobody's eyes are borrowed to see more.
        now = view.readable_ids(
            connection,
            actor=reading.actor,
            children={case_id: reading.child},
            entries=[i["entry_id"] for i in items],
        )
        items = [i for i in items if (case_id, i["entry_id"]) in now and row_readable(reading, i)]
        items = [with_readable_addenda(i, reading.actor, reading.child) for i in items]
        goals = {goal for i in items for goal in i["worked_on"]}
        mine = view.goal_words(connection, case_id=case_id, actor=reading.actor, child=reading.child, goals=goals)
        for item in items:
            item["worked_on"] = {goal: said for goal, said in item["worked_on"].items() if goal in mine}
    if Timeline.NAME in reading.snapshot.incomplete:
        # The view has stopped, and an entry may have been taken from this reader since: the record decides. What came
        # since is not shown: it stays new, for this look is no visit.
        reading.detail["incomplete"] = True
        # A goal's words may have been taken from them too, and no entry needs them.
        items = [{**i, "worked_on": {}} for i in items if _still_readable(reading, case_id, i)]
    if position is not None:
        reading.detail["as_of"] = position
    if text:
        reading.detail["searched"] = True
    chosen = [n for n in ("discipline", "setting", "kind", "author", "start", "end") if getattr(wanted, n) is not None]
    if chosen:
        reading.detail["filtered"] = chosen
    if place is not None:
        reading.detail["older"] = True
    further_down: list[dict[str, Any]] = []
    if end is not None and not reading.detail:
        # This look is a visit: what is new counts as seen from now on, so it is shown wherever it stands.
        further_down = _news_below(reading, case_id, end)
    if reader.role is Role.TEACHER:
        items, further_down = (
            [i if i["author_id"] == reader.person_id else _for_the_school(i) for i in found]
            for found in (items, further_down)
        )
    shown = (*items, *further_down)
    # Of a note or a session the entry is the thing itself; of a goal, a strategy, a measure it is one of many about it.
    reading.entries.extend(i["entry_id"] for i in shown if i["kind"] in _THEMSELVES)
    reading.entries.extend(i["subject_id"] for i in shown if i["subject_id"] not in (None, i["case_id"]))
    reading.entries.extend(goal for i in shown for goal in i["worked_on"])
    reading.entries[:] = dict.fromkeys(reading.entries)
    reading.categories |= {OF_THE_TIMELINE[i["kind"]] for i in shown}
    if any(i["worked_on"] for i in shown):
        reading.categories.add(Category.GOALS)
    return TimelineAnswer(
        case_id=case_id,
        preferred_name=row["preferred_name"],
        items=cast("list[TimelineEntry]", items),
        next=write_cursor(*end) if end else None,
        shown=reading.shown,
        as_of=position,
        relationship=child,
        status=row["status"],
        members=reading.snapshot.view(Caseload).team_of(connection, case_id),
        further_down=cast("list[TimelineEntry]", further_down),
    )


_THEMSELVES = ("note", "group", "message")


def _news_below(reading: Reading, case_id: UUID, end: PageEnd) -> list[dict[str, Any]]:
    """To whom all is new the first page is the beginning, and nothing is late."""
    visit = reading.access.last_visits(reading.actor.person_id, "ReadTimeline", [case_id]).get(case_id)
    if visit is None:
        return []
    return reading.snapshot.view(Timeline).news_below(
        reading.snapshot.connection,
        case_id=case_id,
        actor=reading.actor,
        child=reading.child,
        since=visit[0],
        visited=visit[1].astimezone(reading.zone).date(),
        today=reading.today,
        end=end,
    )


def _for_the_school(item: Mapping[str, Any]) -> dict[str, Any]:
    """A row without that or why it was corrected: perhaps before the school could read it."""
    unsaid = ("amended_reason", "circumstances_corrected")
    detail = {name: value for name, value in item["detail"].items() if name not in unsaid}
    return {**item, "detail": detail}


def _still_readable(reading: Reading, case_id: UUID, item: Mapping[str, Any]) -> bool:
    match item["kind"]:
        case "note":
            note = reading.record.note(case_id, item["entry_id"])
            return note.status != "entered-in-error" and readable(reading.actor, reading.child, note)
        case "goal":
            goal = reading.record.goal(case_id, item["subject_id"])
            wrong = {str(o.id) for o in goal.observations if o.error}
            if goal.status == "entered-in-error" or item["detail"].get("observation") in wrong:
                return False
            return goal_readable(reading.actor, reading.child, goal)
        case "measure" if item["subject_id"] is not None:
            return not reading.record.measure(case_id, item["subject_id"]).error
        case "group" | "message" if item["subject_id"] is not None:
            line = reading.record.line(case_id, item["subject_id"])
            return not line.error and (item["kind"] == "group" or bool(dict(line.line)[item["detail"]["what"]]))
        case "summary" if reading.actor.role is Role.TEACHER and item["detail"]["what"] == "published":
            return counts_from_its_day(reading.record.case(case_id), item["detail"]["version"])
    return True


def _day_of(reading: Reading, as_of: int | datetime | None) -> date:
    """The clinic's day that is read; a place in the record does not tell its day, and is read today."""
    if isinstance(as_of, datetime) and as_of < reading.now:
        with suppress(OverflowError):
            return as_of.astimezone(reading.zone).date()
        return date.min
    return reading.today


def _position(reading: Reading, case_id: UUID, as_of: int | datetime | None) -> int | None:
    if as_of is None:
        return None
    if isinstance(as_of, datetime):
        if as_of.tzinfo is None:
            raise InvalidInput([FieldProblem("/as_of", "no-time-zone")])
        return reading.snapshot.view(History).position_at(reading.snapshot.connection, case_id, as_of)
    if as_of < 0:
        raise InvalidInput([FieldProblem("/as_of", "out-of-range", {"least": 0, "most": reading.snapshot.position})])
    return min(as_of, reading.snapshot.position)


def content_of_draft(body: Mapping[str, Any]) -> NoteContent:
    """A note's content from what a draft holds (text values as the form sent them, times as ISO text with zone)."""

    def moment(name: str) -> datetime | None:
        value = body.get(name)
        return datetime.fromisoformat(value) if value else None

    return NoteContent(
        format=str(body.get("format", "")),
        sections={str(k): str(v) for k, v in (body.get("sections") or {}).items()},
        observed_from=moment("observed_from"),
        observed_to=moment("observed_to"),
        setting=str(body.get("setting", "")),
        present=[str(p) for p in body.get("present") or ()],
        audience=str(body.get("audience", "")),
        linked=[UUID(i) for i in body.get("linked") or ()],
    )
