"""What was signed of a child lately, kept with the case: enough to notice that a note is there already.

A note is asked about where its author signed the same words before, or wrote of just this time. Of each case the last
`MOST` notes are remembered, so that this costs the same whatever the length of the stream.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from coord.domain.actors import Actor
from coord.domain.case.aggregate import Case, RecentNote
from coord.domain.input import Input, answer_to
from coord.words import spelled_alike

if TYPE_CHECKING:
    from coord.domain.case.notes import NoteContent

MOST = 40
"""Far more than one person writes of one child within a day, and some weeks of a whole care team."""
AT_ONCE = timedelta(hours=24)
"""The same words signed within this time are more often one note sent twice than two."""
SAME_WORDS, SAME_TIME = "note-of-these-words", "note-of-this-time"
_MINUTE = len("2026-03-10T09:00")


def words_of(sections: Mapping[str, str]) -> str:
    """What is the same of two texts that differ in spaces, capitals and accents alone."""
    return _words_of(tuple(sorted(sections.items())))


@lru_cache(8)  # what was asked about is signed next
def _words_of(sections: tuple[tuple[str, str], ...]) -> str:
    said = "\0".join(f"{name}\0{spelled_alike(text)}" for name, text in sections)
    return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()


def remember(case: Case, note: RecentNote) -> None:
    """One more; the oldest makes room."""
    case.recent_notes = (*case.recent_notes, note)[-MOST:]


def correct(case: Case, note_id: UUID, **changes: str) -> None:
    """What is remembered of a note is so from now on. (Of one that is not remembered, nothing is.)"""
    wanted = str(note_id)
    if any(note["note"] == wanted for note in case.recent_notes):
        changed: Any = changes
        case.recent_notes = tuple({**n, **changed} if n["note"] == wanted else n for n in case.recent_notes)


def forget(case: Case, note_id: UUID) -> None:
    """It was entered in error: nothing need be like it."""
    if any(note["note"] == str(note_id) for note in case.recent_notes):
        case.recent_notes = tuple(note for note in case.recent_notes if note["note"] != str(note_id))


def ask_about_twins(
    check: Input, case: Case, *, actor: Actor, at: datetime, zone: tzinfo, content: NoteContent, begun: datetime
) -> None:
    """Ask whether it is meant that the author's own note is there twice, or beside another of the same contact.

    The same words are asked about when they were signed lately, or of the same day in the clinic's ``zone``. Of one
    contact (the same minute and setting) there may be a note for other readers, or one that goes on where the first
    left off and is ``linked`` to it: those are nobody's slip. The event keeps that it was asked, and not about which
    note: that one may be for fewer readers than this.
    """
    author = str(actor.person_id)
    mine = [note for note in reversed(case.recent_notes) if note["author"] == author]
    if twin := _of_these_words(mine, at, begun, zone, content):
        pointer = f"/sections/{next(iter(content.sections))}"
        check.ask(pointer, SAME_WORDS, (twin["note"], twin["words"]), kept=False, **_which(twin))
    elif twin := _of_this_contact(mine, begun, content):
        check.ask("/observed_from", SAME_TIME, _beside(twin["note"], begun), kept=False, **_which(twin))


def _of_these_words(
    mine: Sequence[RecentNote], at: datetime, begun: datetime, zone: tzinfo, content: NoteContent
) -> RecentNote | None:
    words = words_of(content.sections)
    twins = [note for note in mine if note["words"] == words and note["format"] == content.format]
    if not twins:
        return None
    midnight = datetime.combine(begun.astimezone(zone), time(), zone)
    # On the clock of the zone: once a year 23 hours, once 25.
    first, last = _text(midnight), _text(midnight + timedelta(days=1))
    lately = _text(at - AT_ONCE)
    near = (note for note in twins if note["signed_at"] > lately or first <= note["observed_from"] < last)
    return next(near, None)


def _of_this_contact(mine: Sequence[RecentNote], begun: datetime, content: NoteContent) -> RecentNote | None:
    minute, contact = _minute(begun.isoformat()), (content.setting, content.audience)
    for note in mine:
        if note["observed_from"].startswith(minute) and (note["setting"], note["audience"]) == contact:
            return None if UUID(note["note"]) in content.linked else note
    return None


def meant_beside(note_id: UUID, begun: datetime) -> str:
    """The answer of somebody who was told of that note before, and signs another that ``begun`` at its time."""
    return answer_to(SAME_TIME, _beside(str(note_id), begun.astimezone(UTC)))


def _beside(note: str, begun: datetime) -> tuple[str, str]:
    return note, _minute(begun.isoformat())


def _text(moment: datetime) -> str:
    """As it is remembered: texts of this kind have the order of their moments."""
    return moment.astimezone(UTC).isoformat()


def _minute(moment: str) -> str:
    return moment[:_MINUTE]


def _which(note: RecentNote) -> dict[str, object]:
    return {"note": note["note"], "observed_from": note["observed_from"]}
