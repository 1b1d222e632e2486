"""The shapes of requests and answers about notes."""

from __future__ import annotations

from marshmallow import fields, validate

from coord.domain.case.notes import FORMATS
from coord.domain.input import REASON
from coord.web.api.fields import (
    Flag,
    Id,
    Items,
    Strict,
    Texts,
    Words,
    choice,
    confirmed,
    id_,
    time_,
    whole,
    words,
)
from coord.web.api.schemas import AUDIENCES, NEW_ID, SETTINGS, Person, Placed

NOTE_STATUSES = ("draft", "signed", "awaiting-cosignature", "cosigned", "entered-in-error")


class NoteWords(Strict):
    """What an author writes. A draft may lack any of it."""

    format = choice(*FORMATS, null=True)
    sections = Texts(metadata={"description": "Text by section; which sections there are depends on the format"})
    observed_from = time_("When it began", null=True)
    observed_to = time_("When it ended; the beginning, if left out", null=True)
    setting = choice(*SETTINGS, null=True)
    present = Items(words(), metadata={"description": "Who was there; at most 20"})
    audience = choice(*AUDIENCES, null=True, about="Who, beside you, may read it")
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


class Amendment(Strict):
    """The whole new text, and why."""

    sections = Texts(required=True)
    reason = words(required=True, limit=REASON)


class Circumstances(Strict):
    """When, where and with whom it was observed, as it is to stand, and why that is corrected."""

    observed_from = time_("When it began", required=True)
    observed_to = time_("When it ended; the beginning, if left out", null=True)
    setting = choice(*SETTINGS, required=True)
    present = Items(words(), required=True, metadata={"description": "Who was there; at most 20"})
    reason = words(required=True, limit=REASON)


class NoteVersion(Strict):
    """One text of a note."""

    number = whole()
    sections = Texts(required=True)
    by = fields.Nested(Person, required=True)
    signed_at = time_(required=True)
    received_at = time_(required=True)
    reason = words(required=True)


class Addendum(Strict):
    """An addition to a note."""

    id = id_(required=True)
    text = words(required=True)
    by = fields.Nested(Person, required=True)
    audience = choice(
        *AUDIENCES,
        required=True,
        about="The note's when it was added; wider only if its own author made it so",
    )
    signed_at = time_(required=True)
    received_at = time_(required=True)


class Mark(Strict):
    """Who, and when."""

    by = fields.Nested(Person, required=True)
    at = time_(required=True)


class AudienceChange(Mark):
    """From whom to whom."""

    from_ = Words(required=True, data_key="from", validate=validate.OneOf(AUDIENCES))
    to = choice(*AUDIENCES, required=True)


class ErrorMark(Mark):
    """Why the note should never have existed."""

    reason = words(required=True)


class CircumstancesThen(Strict):
    """When, where and with whom it was observed."""

    observed_from = time_(required=True)
    observed_to = time_(required=True)
    setting = choice(*SETTINGS, required=True)
    present = fields.List(fields.String(), required=True)


class CircumstancesCorrection(Strict):
    """From which circumstances to which, by whom and why."""

    number = whole()
    before = fields.Nested(CircumstancesThen, required=True)
    after = fields.Nested(CircumstancesThen, required=True)
    by = fields.Nested(Person, required=True)
    signed_at = time_(required=True)
    received_at = time_(required=True)
    reason = words(required=True)


class NoteAnswer(Placed):
    """A signed note with everything that happened to it; or your own draft, which has no author or versions yet."""

    id = id_(required=True)
    case = id_(required=True)
    preferred_name = words(required=True)
    status = choice(*NOTE_STATUSES, required=True)
    version = whole("What an edit has to name in If-Match (a draft's revision)")
    text_version = fields.Integer()
    author = fields.Nested(Person)
    format = choice(*FORMATS, required=True, null=True)
    audience = choice(*AUDIENCES, required=True, null=True)
    setting = choice(*SETTINGS, required=True, null=True)
    present = fields.List(fields.String(), required=True)
    sections = Texts(required=True)
    observed_from = time_(required=True, null=True)
    observed_to = time_(required=True, null=True)
    recorded_at = time_()
    signed_at = time_()
    received_at = time_()
    updated_at = time_("Of a draft")
    late = Flag()
    after_closing = Flag(metadata={"description": "Written after the case was closed, about what was before"})
    entrusted = fields.Nested(
        Person, metadata={"description": "Whom the team lead let co-sign it, though of another discipline"}
    )
    linked = fields.List(fields.String(), required=True)
    versions = fields.List(fields.Nested(NoteVersion))
    addenda = fields.List(fields.Nested(Addendum))
    cosignatures = fields.List(fields.Nested(Mark))
    audience_changes = fields.List(fields.Nested(AudienceChange))
    corrections = fields.List(fields.Nested(CircumstancesCorrection))
    error = fields.Nested(ErrorMark, allow_none=True)
    may = fields.List(
        fields.String(), required=True, metadata={"description": "Commands that you could carry out on it now"}
    )


class Reader(Strict):
    """Who was shown a note."""

    person = id_(required=True, null=True)
    name = words(required=True)
    role = words(required=True)
    first = time_(required=True)
    last = time_(required=True)
    times = whole()


class ReadersAnswer(Placed):
    """Who was shown a note, and when."""

    note = id_(required=True)
    items = fields.List(fields.Nested(Reader), required=True)


class CosignersAnswer(Placed):
    """To whom the co-signature of a note can be entrusted."""

    note = id_(required=True)
    items = fields.List(fields.Nested(Person), required=True)
