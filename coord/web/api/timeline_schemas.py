"""The shapes of what is asked of timelines, and of what they answer."""

from __future__ import annotations

from marshmallow import fields

from coord.application.questions import ENTRY_KINDS
from coord.domain.case.notes import FORMATS
from coord.domain.input import SHORT
from coord.web.api.fields import (
    Anything,
    Flag,
    PlaceOrMoment,
    Strict,
    Texts,
    Whole,
    Words,
    choice,
    id_,
    time_,
    whole,
    words,
)
from coord.web.api.note_schemas import NOTE_STATUSES
from coord.web.api.schemas import AUDIENCES, CURSOR, DISCIPLINES, ROLES, SETTINGS, Person, Placed


class TimelineQuery(Strict):
    """What to leave out of a timeline."""

    discipline = choice(*DISCIPLINES)
    setting = choice(*SETTINGS)
    kind = choice(*ENTRY_KINDS)
    author = id_()
    start = time_("Observed at this time or later", key="from")
    end = time_("Observed before this time", key="to")
    q = Words(most=SHORT, metadata={"description": "Words that the text has, in any order", "maxLength": SHORT})
    as_of = PlaceOrMoment(metadata={"description": "As the record stood then: a position, or a time"})
    reader = id_("As this person could see it (team lead only)")
    cursor = Words(most=SHORT, metadata={"description": CURSOR})
    limit = Whole(1, 100, load_default=20)


class TimelineAddendum(Strict):
    """An addition to a note."""

    id = id_(required=True)
    text = words(required=True)
    by = words("The name", required=True)
    role = choice(*ROLES, required=True)
    discipline = choice(*DISCIPLINES, required=True, null=True)
    audience = choice(*AUDIENCES, required=True)
    at = time_(required=True)


class TimelineEntry(Strict):
    """One entry of the timeline in its present state, or in that of `as_of`."""

    id = id_(required=True)
    kind = choice(*ENTRY_KINDS, required=True)
    subject = id_("The goal, strategy, measure or line of a group session that it is about", required=True, null=True)
    status = choice(*NOTE_STATUSES[1:], required=True)
    version = whole()
    text_version = whole()
    position = whole("Where the record put this state of it")
    first_position = whole("Where the record first had it")
    author = fields.Nested(Person, required=True)
    audience = choice(*AUDIENCES, required=True)
    format = choice(*FORMATS, required=True, null=True)
    setting = choice(*SETTINGS, required=True, null=True)
    observed_from = time_(required=True)
    observed_to = time_(required=True)
    recorded_at = time_("When its author began to write it down", required=True)
    signed_at = time_(required=True)
    received_at = time_(required=True)
    late = Flag(required=True, metadata={"description": "Signed long after it was observed"})
    present = fields.List(fields.String(), required=True)
    sections = Texts(required=True)
    addenda = fields.List(fields.Nested(TimelineAddendum), required=True)
    detail = Anything(required=True)


class TimelineAnswer(Placed):
    """A page of entries, the newest observation first."""

    case = id_(required=True)
    preferred_name = words(required=True)
    items = fields.List(fields.Nested(TimelineEntry), required=True)
    further_down = fields.List(
        fields.Nested(TimelineEntry),
        required=True,
        metadata={
            "description": "On a visit (the first page of all there is now): what is new since the one before and "
            "stands on a later page, at its day"
        },
    )
    next = words("The cursor of the next page", required=True, null=True)
    as_of = fields.Integer(metadata={"description": "The position asked for, if one was"})
