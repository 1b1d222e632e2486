"""Notes: drafts, signing, and what may happen to a signed note."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from flask import Response

from coord.application.declared import Receipt
from coord.application.notes.commands import (
    AddAddendum,
    AmendNote,
    ChangeNoteAudience,
    CorrectNoteCircumstances,
    CosignNote,
    DiscardDraft,
    EnterNoteInError,
    EntrustCosignature,
    RatingInNote,
    SaveDraft,
    SignNote,
)
from coord.application.notes.drafts import content_of_draft, ratings_of_draft
from coord.application.notes.questions import (
    CosignersAnswer,
    DraftNote,
    NoteAnswer,
    OwnDraft,
    ReadCosigners,
    ReadDraft,
    ReadersAnswer,
    ReadNote,
    ReadNoteReaders,
)
from coord.domain.case import Note, NoteContent
from coord.domain.case.notes import NoteFormat
from coord.domain.errors import Conflict, FieldProblem, InvalidInput, Stale
from coord.domain.note_template import TemplateUsed
from coord.web.api import answers, schemas
from coord.web.api.fields import answers_in
from coord.web.api.intake import expected_version
from coord.web.api.operations import PREFIX, ApiBlueprint, actor, any_id, given_id, operation, services
from coord.web.api.routes import reads, sends
from coord.web.notes import schemas as shapes

blueprint = ApiBlueprint("notes", "Notes: draft, signed, and whatever happens to them after that.")
NEEDED_TO_SIGN = ("format", "sections", "observed_from", "setting", "audience")
NOTE = "/cases/<uuid:case>/notes/<uuid:note>"


@operation(
    blueprint,
    "POST",
    "/cases/<uuid:case>/notes",
    body=shapes.NewNote,
    answer=schemas.Receipt,
    status=201,
    example={
        "format": "soap",
        "sections": {"objective": "Tied both laces after one demonstration.", "plan": "Laces on the other shoe."},
        "observed_from": "2026-03-10T09:00:00+01:00",
        "observed_to": "2026-03-10T09:45:00+01:00",
        "setting": "therapy-room",
        "present": ["Zig", "his mother"],
        "audience": "care-team",
        "sign": True,
    },
    located=True,
)
def write_note(case: UUID, body: dict[str, Any]) -> Response:
    """Write a note

    With `sign: true` it is signed and part of the record; with `sign: false` it is a draft that only you can see. A
    note of yours with the same words, signed in the last 24 hours or observed on the same day, or one of the same
    minute, setting and readers that it does not link, is asked about: it is refused with an `answer`, which
    `confirmed` gives back if it is meant. The same `id` sent again is the same note, and never asked about.
    """
    given, answered = given_id(body.pop("id", None)), answers_in(body)
    note_id = given or any_id()
    if body.pop("sign"):
        ratings = [RatingInNote(**_rating(one)) for one in body.pop("ratings", ())]
        body = _in_a_template(body)
        missing = [FieldProblem(f"/{name}", "missing") for name in NEEDED_TO_SIGN if body.get(name) is None]
        if missing:
            raise InvalidInput(missing)
        content = NoteContent(**_meant(body))
        command = SignNote(case, note_id, content, given is None, answered, ratings)
        done = services().doors.execute(actor(), command)
    else:
        try:
            done = services().doors.execute(actor(), SaveDraft(case, note_id, "note", _kept(body), 0))
        except Stale:  # a draft with this id has moved on since
            raise InvalidInput([FieldProblem("/id", "id-taken")]) from None
    return answers.receipt(done, 201, location=f"{PREFIX}/cases/{case}/notes/{note_id}")


reads(
    blueprint,
    NOTE,
    ReadNote,
    NoteAnswer,
    etag="version",
    about="Read a note with all its versions, or your own draft",
)


@operation(
    blueprint,
    "PATCH",
    NOTE,
    body=shapes.NoteWords,
    answer=schemas.Receipt,
    if_match="required",
    example={"sections": {"objective": "Tied both laces after one demonstration, twice."}},
)
def change_draft(case: UUID, note: UUID, body: dict[str, Any]) -> Response:
    """Change your draft

    A field that is sent replaces the one before (`sections` as a whole); `null` takes it away.
    """
    version = expected_version()
    found: NoteAnswer = services().doors.ask(actor(), ReadNote(case, note))
    if found.draft is None:
        raise Conflict("already-signed")
    changed = {**found.draft.body, **_kept(body)}
    if changed.get("format") != NoteFormat.TEMPLATE:
        changed.pop("template", None)
    for name, value in body.items():
        if value is None:
            changed.pop(name, None)
    return answers.receipt(services().doors.execute(actor(), SaveDraft(case, note, "note", changed, version)))


reads(
    blueprint,
    "/cases/<uuid:case>/drafts/<uuid:draft>",
    ReadDraft,
    OwnDraft,
    etag="revision",
    about="""Read your own draft, also about a child whom you know no more

    It can be discarded as any other (`DELETE` at the note's address), but not signed.
    """,
)


@operation(blueprint, "DELETE", NOTE, answer=schemas.Receipt, etag=False)
def discard_draft(case: UUID, note: UUID) -> Response:
    """Throw your draft away

    A signed note is never deleted: see `error`.
    """
    return answers.receipt(services().doors.execute(actor(), DiscardDraft(case, note)), etag=False)


@operation(
    blueprint,
    "POST",
    f"{NOTE}/signature",
    body=shapes.Signing,
    answer=schemas.Receipt,
    if_match="optional",
    example={},
)
def sign_draft(case: UUID, note: UUID, body: dict[str, Any]) -> Response:
    """Sign your draft

    With `If-Match`, only the revision that you name is signed. A note that you seem to have signed already is asked
    about, as when it is written and signed at once.
    """
    version = expected_version(required=False)
    found: NoteAnswer = services().doors.ask(actor(), ReadNote(case, note))
    if found.note is not None:
        return answers.receipt(_signed_before(case, found.note))
    draft = cast("DraftNote", found.draft)
    if version is not None and version != draft.revision:
        raise Stale(draft.revision, ["draft"])
    ratings = ratings_of_draft(draft.body)
    command = SignNote(case, note, _content(draft.body), confirmed=answers_in(body), ratings=ratings)
    return answers.receipt(services().doors.execute(actor(), command))


def _signed_before(case: UUID, note: Note) -> Receipt:
    """The first answer again, if it was this person who signed it: sent twice is signed once."""
    if note.author["person"] != str(actor().person_id):
        raise Conflict("already-signed")
    return services().doors.execute(actor(), SignNote(case, note.id, note.as_signed, in_part=True))


sends(
    blueprint,
    "POST",
    f"{NOTE}/cosignature",
    CosignNote,
    about="""Co-sign the note of a student or assistant

    With `If-Match`, only the version that you name is attested.
    """,
)


sends(
    blueprint,
    "POST",
    f"{NOTE}/addenda",
    AddAddendum,
    status=201,
    makes="addendum_id",
    example={"text": "His mother adds that he did it at home as well."},
    about="Add to a signed note what was not known then",
)


sends(
    blueprint,
    "POST",
    f"{NOTE}/amendments",
    AmendNote,
    status=201,
    example={"sections": {"objective": "Tied the left lace."}, "reason": "It was the left one only"},
    about="""Correct your own note

    `sections` is the whole new text. The one before stays readable.
    """,
)


sends(
    blueprint,
    "POST",
    f"{NOTE}/circumstances",
    CorrectNoteCircumstances,
    status=201,
    example={
        "observed_from": "2026-03-09T09:00:00+01:00",
        "observed_to": "2026-03-09T09:45:00+01:00",
        "setting": "therapy-room",
        "present": ["his mother"],
        "reason": "It was on Monday",
    },
    about="""Correct when, where or with whom your own note was observed

    All of it is sent, as it is to stand. What stood before stays readable.
    """,
)


sends(
    blueprint,
    "POST",
    f"{NOTE}/error",
    EnterNoteInError,
    if_match="required",
    example={"reason": "Written for the wrong child"},
    about="""Mark a note as one that should never have existed

    It is hidden from ordinary views and kept. Look at its readers next.
    """,
)


sends(
    blueprint,
    "POST",
    f"{NOTE}/audience",
    ChangeNoteAudience,
    if_match="required",
    example={"audience": "care-team-and-school"},
    about="Let others read a note, or fewer",
)


reads(
    blueprint,
    f"{NOTE}/readers",
    ReadNoteReaders,
    ReadersAnswer,
    about="See who was shown a note (its author, and the team lead)",
)


# ---- drafts as they are kept: see coord.application.notes.content_of_draft ------------------------------------------


def _in_a_template(body: Mapping[str, Any]) -> dict[str, Any]:
    """Whoever names a template has named the format."""
    return (
        {**body, "format": NoteFormat.TEMPLATE.value} if body.get("template") and not body.get("format") else {**body}
    )


def _meant(body: Mapping[str, Any]) -> dict[str, Any]:
    """A note's content, by the names of `NoteContent`; null says that there is none."""
    said = {name: value for name, value in body.items() if value is not None}
    return said | ({"template": TemplateUsed(**said["template"])} if "template" in said else {})


def _kept(body: Mapping[str, Any]) -> dict[str, object]:
    """A draft's body: times as ISO text with their zone, ids as text, nothing that is null."""
    kept: dict[str, object] = {}
    for name, value in _in_a_template(body).items():
        if isinstance(value, datetime):
            kept[name] = value.isoformat()
        elif name == "linked":
            kept[name] = [str(i) for i in value]
        elif name == "template" and value is not None:
            kept[name] = {"id": str(value["id"]), "version": value["version"]}
        elif name == "ratings":
            kept[name] = [one | {"goal": str(one["goal"])} for one in value]
        elif value is not None:
            kept[name] = value
    return kept


def _rating(sent: Mapping[str, Any]) -> dict[str, Any]:
    """A rating as it was sent, by the names of `RatingInNote`; null says that there is none."""
    said = {name: value for name, value in sent.items() if value is not None}
    return said | {"goal_id": said.pop("goal")}


def _content(body: Mapping[str, Any]) -> NoteContent:
    missing = [FieldProblem(f"/{name}", "missing") for name in NEEDED_TO_SIGN if not body.get(name)]
    if missing:
        raise InvalidInput(missing)
    try:
        return content_of_draft(body)
    except ValueError:  # half a date, as a page may have kept it
        raise InvalidInput([FieldProblem("/observed_from", "not-a-moment")]) from None


reads(
    blueprint,
    f"{NOTE}/cosigners",
    ReadCosigners,
    CosignersAnswer,
    etag="note.version",
    about="""Whom a co-signature can be entrusted to (team lead)

    Nobody where a therapist of the note's discipline is on the care team and can co-sign it.
    """,
)


sends(
    blueprint,
    "POST",
    f"{NOTE}/cosigner",
    EntrustCosignature,
    example={"person": "00000000-0000-4000-8000-000000000001", "reason": "Our only speech therapist has left"},
    about="""Entrust a co-signature to somebody of another discipline (team lead)

    Where nobody of the note's discipline is left on the care team who could co-sign it: to a therapist on the care
    team, or to yourself.
    """,
)
