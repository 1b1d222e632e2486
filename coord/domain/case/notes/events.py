"""What happens to a note."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, TypedDict
from uuid import UUID

from coord.domain.actors import Discipline, Role
from coord.domain.case import note_twins
from coord.domain.case.aggregate import Case
from coord.domain.case.circumstances import Circumstances, CircumstancesContent
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.note_template import WrittenIn
from coord.domain.said import Said


class Entrusted(TypedDict):
    """Whom a co-signature was entrusted to, as they were then."""

    person: Annotated[str, Said(id=True)]
    name: str
    role: Annotated[str, Said(of=Role)]
    discipline: Annotated[str | None, Said(of=Discipline)]


class NoteEvent(CoordEvent):
    """An event about one note of the case; of the case's own state only what it remembers of the last ones changes."""

    note_id: UUID
    """The note. Its id was chosen at random by the sender, so that sending it twice is one note."""

    @property
    def entry_id(self) -> UUID:
        """The note."""
        return self.note_id

    def apply(self, aggregate: Case) -> None:
        """Notes are folded apart (see `Note`), so that a case loads as fast with 50,000 of them as with three."""


class NoteSigned(NoteEvent):
    """Its author attested a note. The text is fixed from here; before, it was a draft, which is no event."""

    TOPIC = "case.note-signed.v1"
    HISTORY = in_the_history("Note signed")
    BEGINS_ENTRY = True
    format: str
    """``soap``, ``dap``, ``birp``, ``narrative`` or ``school-observation``; ``template`` if it is ``written_in`` one of
    a service team."""
    sections: dict[str, str]
    """The text by section of the format, or by the key of a section of the template; empty sections are left out."""
    observed_from: datetime
    """When what is described began."""
    observed_to: datetime
    """When it ended; equal to the beginning if not said."""
    setting: str
    """Where: ``therapy-room``, ``school``, ``home``, ``community``, ``remote``."""
    present: list[str]
    """Who was there beside author and child, as typed."""
    audience: str
    """Who may read it beside its author: ``care-team``, ``own-discipline``, ``care-team-and-school``,
    ``care-team-and-family``."""
    linked: list[str]
    """Earlier notes that it refers to."""
    recorded_at: datetime
    """When its author began to write it down: the first save of the draft."""
    signed_at: datetime
    """When its author signed."""
    needs_cosignature: bool
    """Whether a student or assistant wrote it, so that a supervisor has to attest it."""
    after_closing: bool = False
    """Signed after the case was closed, about what was before: a late entry. Not in events from before that was
    possible."""
    answered: Sequence[dict[str, object]] = ()
    """What was asked about it and is meant so. (Not told in events from before anything was asked.)"""
    written_in: WrittenIn | None = None
    """Of a note in a template its ``id`` and ``version``, its ``name`` and its ``sections`` as they were then (``key``,
    ``label``, ``hint``, ``required``, ``counts_as``): the note is read in these words for ever. Told of no other."""

    def apply(self, aggregate: Case) -> None:
        """The case remembers it for a while."""
        note_twins.remember(
            aggregate,
            {
                "note": str(self.note_id),
                "author": self.by["person"],
                "format": self.format,
                "words": note_twins.words_of(self.sections),
                "observed_from": self.observed_from.isoformat(),
                "setting": self.setting,
                "audience": self.audience,
                "signed_at": self.signed_at.isoformat(),
            },
        )

    @property
    def beside_the_text(self) -> dict[str, object]:
        """What its entry of the timeline tells more, where there is anything to tell."""
        template = {"written_in": self.written_in} if self.written_in else {}
        return template | ({"after_closing": True} if self.after_closing else {})

    def told(self) -> Particulars:
        """With the times of doing and writing, and what was asked about it."""
        said = {"format": self.format, "audience": self.audience, "setting": self.setting}
        template = {"template": self.written_in["name"]} if self.written_in else {}
        return said | template | self.meant()

    @property
    def happened_at(self) -> datetime:
        """See `CoordEvent`."""
        return self.observed_from

    @property
    def written_at(self) -> datetime:
        """See `CoordEvent`."""
        return self.recorded_at


class NoteCosignatureEntrusted(NoteEvent):
    """The lead of the service team let somebody of another discipline co-sign a note, since nobody of its own was left
    on the care team who could."""

    TOPIC = "case.note-cosignature-entrusted.v1"
    HISTORY = in_the_history("Co-signature entrusted to another")
    to: Entrusted
    """Who may co-sign it: ``person``, ``name``, ``role``, ``discipline`` as they were then."""
    reason: str

    def told(self) -> Particulars:
        """To whom, and why."""
        return {"name": self.to["name"], "discipline": self.to["discipline"], "reason": self.reason}


class NoteCosigned(NoteEvent):
    """A supervisor of the same discipline attested the note of a student or assistant. Its author stays its author."""

    TOPIC = "case.note-cosigned.v1"
    HISTORY = in_the_history("Note co-signed")
    signed_at: datetime
    """When the supervisor signed."""


class NoteAddendumAdded(NoteEvent):
    """Something was added that was not known at signing. The note stays valid as it was."""

    TOPIC = "case.note-addendum-added.v1"
    HISTORY = in_the_history("Addendum added")
    addendum_id: UUID
    """The addendum, chosen at random by the sender. It is for the note's audience of that moment: see
    ``case.note-audience-changed.v1``."""
    text: str
    """What was added."""
    signed_at: datetime
    """When whoever added it signed."""

    def told(self) -> Particulars:
        """Which addendum."""
        return {"addendum": str(self.addendum_id)}


class NoteAmended(NoteEvent):
    """The author corrected the note. The earlier text stays readable beside the new one."""

    TOPIC = "case.note-amended.v1"
    HISTORY = in_the_history("Note amended")
    sections: dict[str, str]
    """The whole new text, by section."""
    reason: str
    """What was wrong, in the author's words."""
    version: int
    """The number of this text; 2 is the first correction."""
    signed_at: datetime
    """When the author signed the new text."""
    needs_cosignature: bool
    """Whether it has to be attested (again), since a student or assistant corrected it."""

    def apply(self, aggregate: Case) -> None:
        """The words are others from now on."""
        note_twins.correct(aggregate, self.note_id, words=note_twins.words_of(self.sections))

    def told(self) -> Particulars:
        """The number of the new text; the texts are in the note."""
        return {"reason": self.reason, "text_version": self.version}


class NoteCircumstancesCorrected(NoteEvent):
    """The author corrected when, where or with whom it was observed. What was said before stays readable beside it."""

    TOPIC = "case.note-circumstances-corrected.v1"
    HISTORY = in_the_history("Time, setting or people of a note corrected")
    observed_from: datetime
    """When it began, as it stands from now on."""
    observed_to: datetime
    """When it ended, as it stands from now on."""
    setting: str
    """Where it happened, as it stands from now on."""
    present: list[str]
    """Who was there, as it stands from now on."""
    before: CircumstancesContent
    """The same four, as they stood until now."""
    reason: str
    """What was wrong, in the author's words."""
    number: int
    """The number of this correction, from 1."""
    signed_at: datetime
    """When the author signed the correction."""
    needs_cosignature: bool
    """Whether the note has to be attested (again), since a student or assistant corrected it."""

    @property
    def circumstances(self) -> Circumstances:
        """As they stand from now on."""
        return Circumstances(self.observed_from, self.observed_to, self.setting, tuple(self.present))

    def apply(self, aggregate: Case) -> None:
        """The time or the setting may be others from now on."""
        told = {"observed_from": self.observed_from.isoformat(), "setting": self.setting}
        note_twins.correct(aggregate, self.note_id, **told)

    def told(self) -> Particulars:
        """That they were, and why; from what to what is in the note."""
        return {"reason": self.reason, "correction": self.number}

    @property
    def happened_at(self) -> datetime:
        """See `CoordEvent`."""
        return self.observed_from


class NoteEnteredInError(NoteEvent):
    """The entry should never have existed; most often it was about another child. It is hidden from ordinary views and
    kept."""

    TOPIC = "case.note-entered-in-error.v1"
    HISTORY = in_the_history("Note marked as entered in error")
    reason: str
    """What happened."""

    def apply(self, aggregate: Case) -> None:
        """Nothing need be like it."""
        note_twins.forget(aggregate, self.note_id)

    def told(self) -> Particulars:
        """Why."""
        return {"reason": self.reason}


class NoteAudienceChanged(NoteEvent):
    """From now on others may read the note, or fewer.

    What colleagues added to the note is not widened with it: the audience of an addendum is the note's when it was
    added. A change by the addendum's own author takes the addendum along; a change by anybody else leaves it to those
    who are in both. It follows from these events, and is kept in none.
    """

    TOPIC = "case.note-audience-changed.v1"
    HISTORY = in_the_history("Audience changed")
    audience: str
    """Who may read it from now on."""
    before: str
    """Who could until now."""

    def apply(self, aggregate: Case) -> None:
        """It is for others from now on."""
        note_twins.correct(aggregate, self.note_id, audience=self.audience)

    def told(self) -> Particulars:
        """From which audience to which."""
        return {"before": {"audience": self.before}, "after": {"audience": self.audience}}
