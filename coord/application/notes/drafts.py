"""Drafts of notes: words that are their author's own until they are signed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from coord.application.declared import Receipt
from coord.application.doors import Reading, Work, answers
from coord.application.notes.commands import (
    DiscardDraft,
    RatingInNote,
    SaveDraft,
)
from coord.application.notes.questions import (
    DraftKind,
    DraftNote,
    OwnDraft,
    ReadDraft,
)
from coord.domain.actors import Actor, Relationship
from coord.domain.case import NoteContent, NoteWords
from coord.domain.errors import Conflict, FieldProblem, InvalidInput, NotFound
from coord.domain.note_template import TemplateUsed
from coord.domain.permissions import knows_child
from coord.office.drafts import Draft

DRAFT_LIMIT = 200_000  # bytes of a draft's body
AFTER_SIGNING = (DraftKind.ADDENDUM, DraftKind.AMENDMENT)


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


def use_up(work: Work, draft_id: UUID | None) -> None:
    """The draft is done with, if there was one."""
    if draft_id is not None:
        work.drafts.discard(draft_id, work.actor.person_id)


def draft_note(draft: Draft) -> DraftNote:
    """What a draft holds, as a note is read."""
    words = _words_in(draft.body, lambda text: text or None) | {"linked": ()}
    times = {name: _moment(draft.body.get(name)) for name in _TIMES}
    about: dict[str, Any] = {"id": draft.draft_id, "revision": draft.revision, "updated_at": draft.updated_at}
    about["ratings"] = ratings_of_draft(draft.body)
    return DraftNote(**{**words, **times, **about, "body": draft.body})


def _moment(text: Any) -> datetime | None:
    """A time as far as a draft has one: a page may have kept half a date."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


_TIMES = ("observed_from", "observed_to")


def content_of_draft(body: Mapping[str, Any]) -> NoteContent:
    """A note's content from what a draft holds (text values as the form sent them, times as ISO text with zone).
    Raises `ValueError` for half a date."""
    words = _words_in(body, str)
    words |= {name: datetime.fromisoformat(body[name]) if body.get(name) else None for name in _TIMES}
    return NoteContent(**words | {"linked": [UUID(i) for i in body.get("linked") or ()]})


def ratings_of_draft(body: Mapping[str, Any]) -> list[RatingInNote]:
    """The goals rated with a draft, as far as they make sense: of what is no goal's id nothing can be kept."""
    found = []
    for one in body.get("ratings") or ():
        with suppress(ValueError, TypeError, KeyError):
            level, scale = one.get("level"), one.get("scale_version")
            said = (None if level is None else int(level), str(one.get("support") or ""), str(one.get("context") or ""))
            found.append(RatingInNote(UUID(str(one["goal"])), *said, None if scale is None else int(scale)))
    return found


def _words_in(body: Mapping[str, Any], text: Callable[[str], Any]) -> dict[str, Any]:
    """What a draft has of a note's words but its times, each of its kind; ``text`` is what becomes of a text."""
    words = {f.name: text(str(body.get(f.name) or "")) for f in fields(NoteWords)}
    sections = {str(k): str(v) for k, v in (body.get("sections") or {}).items()}
    words |= {"sections": sections, "present": [str(p) for p in body.get("present") or ()]}
    return words | {"template": template_of_draft(body)}


def template_of_draft(body: Mapping[str, Any]) -> TemplateUsed | None:
    """The version of a template that a draft is written in, as far as it names one."""
    with suppress(ValueError, TypeError, KeyError):
        return TemplateUsed(UUID(str(body["template"]["id"])), int(body["template"]["version"]))
    return None
