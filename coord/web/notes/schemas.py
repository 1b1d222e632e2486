"""The shapes of requests about notes."""

from __future__ import annotations

from coord.domain.case import Audience, Setting
from coord.domain.case.notes import NoteFormat
from coord.web.api.fields import Flag, Id, Items, Strict, Texts, choice, confirmed, id_, time_, words
from coord.web.api.schemas import NEW_ID


class NoteWords(Strict):
    """What an author writes. A draft may lack any of it."""

    format = choice(NoteFormat, null=True)
    sections = Texts(
        metadata={
            "description": "By section (`NoteSection`); which there are depends on the format. A draft may have any"
        }
    )
    observed_from = time_("When it began", null=True)
    observed_to = time_("When it ended; the beginning, if left out", null=True)
    setting = choice(Setting, null=True)
    present = Items(words(), metadata={"description": "Who was there; at most 20"})
    audience = choice(Audience, null=True, about="Who, beside you, may read it")
    linked = Items(Id(), metadata={"description": "Earlier notes that it goes back to; at most 20"})


class NewNote(NoteWords):
    """A draft (private to you), or a note that you sign with this request.

    To sign, `format`, `sections`, `observed_from`, `setting` and `audience` are needed.
    """

    id = id_(NEW_ID)
    sign = Flag(required=True)
    confirmed = confirmed()


class Signing(Strict):
    """The signature under one's own draft."""

    confirmed = confirmed()
