"""The shapes of requests and answers about the school summary."""

from __future__ import annotations

from marshmallow import fields

from coord.application.rows import TimelineEntry
from coord.domain.case.summary import DEFAULT_LIMIT, LIMITS, SECTIONS
from coord.domain.input import SHORT, STATEMENT
from coord.web.api.fields import (
    Anything,
    Day,
    Flag,
    Id,
    Items,
    Part,
    Strict,
    Whole,
    WholeNumber,
    Words,
    choice,
    id_,
    number,
    time_,
    whole,
    words,
)
from coord.web.api.schemas import Person, Placed, Reason
from coord.web.api.typed import shape

SOURCE_KINDS = ("note", "strategy", "goal")
OUT_OF_DATE = (
    *("source-amended", "source-narrowed", "source-revised", "source-achieved", "source-ended", "source-in-error"),
    *("advice-ended", "review-date-passed"),
)
SUMMARY_STATUSES = ("none", "published", "upcoming", "recalled", "superseded")


class NewStatement(Strict):
    """A sentence or two for the teacher, and the notes, strategies and goals that it rests on."""

    text = words(required=True, limit=STATEMENT)
    sources = Items(Id(), metadata={"description": "Ids of signed notes, strategies and goals of the child"})


NewStatements = Strict.from_dict(
    {name: Items(Part(NewStatement), metadata={"maxItems": LIMITS.get(name, DEFAULT_LIMIT)}) for name in SECTIONS},
    name="NewStatements",
)
"""By section, in order."""


class Recall(Reason):
    """Why, and which version: without one, the one that the school reads, or where it never had one, the latest."""

    version = number(1, 2**31 - 1)


class NewSummary(Strict):
    """A version of the school summary."""

    statements = Part(NewStatements, required=True)
    contact = words("Whom the school may ask, and how", required=True, limit=STATEMENT)
    valid_from = Day(required=True)
    review_date = Day(required=True)
    draft = id_("The draft that it uses up")
    seen = WholeNumber(
        0,
        10**15,
        metadata={
            "description": "The `position` of the answer in which you read the entries that it cites: one whose text "
            "was corrected since is refused (`source-corrected`). Not asked, if left out"
        },
    )


class SummaryQuery(Strict):
    """Which version."""

    version = Whole(1, 1_000_000, metadata={"description": "An earlier version; the latest, if left out"})


class SourcesQuery(Strict):
    """Which entries."""

    q = Words(most=SHORT, metadata={"description": "Words that the entry has"})


class Source(Strict):
    """A note, strategy or goal that a statement rests on; withheld where you may not read it."""

    visible = Flag(required=True)
    kind = choice(*SOURCE_KINDS, required=True)
    entry = id_(required=True, null=True)
    version = whole("Of its text, when it was cited", null=True)


class Statement(Strict):
    """A sentence or two, and what it rests on."""

    text = words(required=True)
    sources = fields.List(fields.Nested(Source), required=True)
    withdrawn_at = time_(
        "Since when the advice is not given any more; the school is not shown it", required=True, null=True
    )


class OutOfDate(Strict):
    """Why the summary should not be relied on as it is."""

    why = choice(*OUT_OF_DATE, required=True)
    kind = choice(*SOURCE_KINDS, required=True, null=True)
    entry = id_(required=True, null=True)
    since = words("A time, or the review date", required=True)
    visible = Flag(required=True)


class SummaryVersion(Strict):
    """A version of the summary, without its text."""

    version = whole()
    status = choice(*SUMMARY_STATUSES, required=True)
    valid_from = Day(required=True)
    published_by = fields.Nested(Person, required=True)
    published_at = time_(required=True)
    recalled_at = time_(required=True, null=True)
    recall_reason = words(required=True)


class SummaryAnswer(Placed):
    """The school summary; version 0 if none was ever published."""

    case = id_(required=True)
    preferred_name = words(required=True)
    version = whole()
    status = choice(*SUMMARY_STATUSES, required=True)
    statements = fields.Dict(keys=fields.String(), values=fields.List(fields.Nested(Statement)), required=True)
    contact = words(required=True)
    valid_from = Day(required=True, allow_none=True)
    review_date = Day(required=True, allow_none=True)
    published_by = fields.Nested(Person, required=True, allow_none=True)
    published_at = time_(required=True, null=True)
    recalled_by = fields.Nested(Person, required=True, allow_none=True)
    recalled_at = time_(required=True, null=True)
    recall_reason = words(required=True)
    out_of_date = fields.List(fields.Nested(OutOfDate), required=True)
    versions = fields.List(fields.Nested(SummaryVersion), required=True)


class SummaryDraft(Strict):
    """One's own unpublished words, as the page keeps them."""

    id = id_(required=True)
    revision = whole()
    body = Anything(required=True)
    updated_at = time_(required=True)


class SchoolStrategy(Strict):
    """A strategy offered for school, and how often it helped."""

    id = id_(required=True)
    text = words(required=True)
    helped = whole()
    did_not = whole()
    not_yet = whole()


class SchoolGoal(Strict):
    """A goal agreed or under way that the school may read."""

    id = id_(required=True)
    statement = words(required=True)
    status = choice("agreed", "active", required=True)
    agreed_as_it_stands = Flag(required=True)


class SourcesAnswer(Placed):
    """What one needs to write the next version."""

    summary = fields.Nested(SummaryAnswer, required=True)
    draft = fields.Nested(SummaryDraft, required=True, allow_none=True)
    sources = fields.List(fields.Nested(shape(TimelineEntry)), required=True)
    strategies = fields.List(fields.Nested(SchoolStrategy), required=True)
    goals = fields.List(fields.Nested(SchoolGoal), required=True)
