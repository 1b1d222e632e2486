"""What becomes of notes, in the timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from coord.domain.actors import Role
from coord.domain.case import (
    NoteAddendumAdded,
    NoteAmended,
    NoteAudienceChanged,
    NoteCircumstancesCorrected,
    NoteCosigned,
    NoteEnteredInError,
    NoteSigned,
)
from coord.domain.case.notes import Audience, addendum_audience
from coord.projections.engine import FOREVER, Writer, handles, person_of
from coord.projections.timeline.entries import Entries
from coord.words import folded


class NotesInTimeline(Entries):
    """A note is one entry, and each thing that happens to it another state of that."""

    @handles(NoteSigned)
    def note_signed(self, writer: Writer, event: NoteSigned, position: int) -> None:
        """A new entry."""
        self._enter(
            writer,
            {
                "case_id": event.originator_id,
                "entry_id": event.note_id,
                "from_position": position,
                "to_position": FOREVER,
                "entered_position": position,
                "kind": "note",
                "status": "awaiting-cosignature" if event.needs_cosignature else "signed",
                "author_id": person_of(event),
                "author_name": event.by["name"],
                "role": event.by["role"],
                "discipline": event.by["discipline"],
                "audience": event.audience,
                "format": event.format,
                "setting": event.setting,
                "observed_from": event.observed_from,
                "observed_to": event.observed_to,
                "recorded_at": event.recorded_at,
                "signed_at": event.signed_at,
                "received_at": event.timestamp,
                "version": 1,
                "text_version": 1,
                "sections": event.sections,
                "present": event.present,
                "addenda": [],
                "detail": event.beside_the_text,
                "search_text": folded(" ".join(event.sections.values())),
                "unattested_text": "",
                "narrow_text": "",
                "changed_by": person_of(event),
                "subject_id": None,
                "report_id": None,
                "owner_id": person_of(event),
                "owner_discipline": event.by["discipline"],
                "school_from": None,
                "unrated": [],
                "within": None,
                "note_id": None,
            },
        )

    @handles(NoteCosigned)
    def note_cosigned(self, writer: Writer, event: NoteCosigned, position: int) -> None:
        """The same text, attested, and what was added to it."""
        row = self._present_row(writer, event.note_id)
        addenda = [{**addendum, "attested": True} for addendum in row["addenda"]]
        detail = {**row["detail"], "cosigned_by": event.by["name"]}
        changes = {"addenda": addenda, "detail": detail, **_searched(row["sections"], addenda, row["audience"])}
        self._replace(writer, event, row, position, status="cosigned", **changes)

    @handles(NoteAddendumAdded)
    def addendum_added(self, writer: Writer, event: NoteAddendumAdded, position: int) -> None:
        """The same text with something added."""
        row = self._present_row(writer, event.note_id)
        addendum = {
            "id": str(event.addendum_id),
            "text": event.text,
            "by": event.by["name"],
            "role": event.by["role"],
            "discipline": event.by["discipline"],
            "at": event.signed_at.isoformat(),
            "attested": event.by["role"] != Role.STUDENT,
            "person": event.by["person"],
            "audience": row["audience"],
        }
        addenda = [*row["addenda"], addendum]
        searched = _searched(row["sections"], addenda, row["audience"])
        self._replace(writer, event, row, position, addenda=addenda, **searched)

    @handles(NoteAmended)
    def note_amended(self, writer: Writer, event: NoteAmended, position: int) -> None:
        """Another text."""
        row = self._present_row(writer, event.note_id)
        self._replace(
            writer,
            event,
            row,
            position,
            sections=event.sections,
            text_version=event.version,
            status="awaiting-cosignature" if event.needs_cosignature else row["status"],
            detail={**row["detail"], "amended_reason": event.reason},
            **_searched(event.sections, row["addenda"], row["audience"]),
        )

    @handles(NoteCircumstancesCorrected)
    def circumstances_corrected(self, writer: Writer, event: NoteCircumstancesCorrected, position: int) -> None:
        """The same text at another time, in another place, or with other people."""
        row = self._present_row(writer, event.note_id)
        self._replace(
            writer,
            event,
            row,
            position,
            observed_from=event.observed_from,
            observed_to=event.observed_to,
            setting=event.setting,
            present=event.present,
            status="awaiting-cosignature" if event.needs_cosignature else row["status"],
            detail={**row["detail"], "circumstances_corrected": event.number},
        )

    @handles(NoteEnteredInError)
    def entered_in_error(self, writer: Writer, event: NoteEnteredInError, position: int) -> None:
        """Hidden from ordinary views from here on."""
        self._next_state(
            writer,
            event,
            position,
            status="entered-in-error",
            detail={"error_reason": event.reason, "error_by": event.by["name"]},
        )

    @handles(NoteAudienceChanged)
    def audience_changed(self, writer: Writer, event: NoteAudienceChanged, position: int) -> None:
        """The same text for others; and of what was added to it, what its own authors let them read."""
        row = self._present_row(writer, event.note_id)
        addenda = [
            {
                **a,
                "audience": addendum_audience(
                    a["audience"], author=a["person"], changed_by=event.by["person"], audience=event.audience
                ),
            }
            for a in row["addenda"]
        ]
        searched = _searched(row["sections"], addenda, event.audience)
        self._replace(writer, event, row, position, audience=event.audience, addenda=addenda, **searched)

    def _next_state(self, writer: Writer, event: Any, position: int, **changes: Any) -> None:
        row = self._present_row(writer, event.note_id)
        if "detail" in changes:
            changes["detail"] = {**row["detail"], **changes["detail"]}
        self._replace(writer, event, row, position, **changes)

    def _present_row(self, writer: Writer, entry_id: UUID) -> dict[str, Any]:
        # Of notes alone: whoever chooses a note's id must not be able to choose that of another row.
        return writer.one(self.entries, entry_id=entry_id, kind="note", to_position=FOREVER)


def _searched(sections: Mapping[str, str], addenda: Sequence[Mapping[str, Any]], audience: str) -> dict[str, str]:
    """What is found by searching, by who may read it: everybody who may read the note; all of these but the school; the
    note's discipline and its author. An addendum for others than the note is found by fewer, never by more."""
    everybody, not_school, narrow = [*sections.values()], list[str](), list[str]()
    for addendum in addenda:
        if addendum["audience"] == Audience.OWN_DISCIPLINE and audience != Audience.OWN_DISCIPLINE:
            narrow.append(addendum["text"])
        elif addendum["attested"] and addendum["audience"] == audience:
            everybody.append(addendum["text"])
        else:
            not_school.append(addendum["text"])
    found = {"search_text": everybody, "unattested_text": not_school, "narrow_text": narrow}
    return {name: folded(" ".join(texts)).strip() for name, texts in found.items()}
