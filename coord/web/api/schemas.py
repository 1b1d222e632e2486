"""The shapes of requests and answers: input is read by them, answers are described by them."""

from __future__ import annotations

from marshmallow import fields, validate

from coord.application.questions import ENTRY_KINDS
from coord.domain.actors import Discipline, Relation, Role
from coord.domain.case import Audience, Setting
from coord.domain.case.notes import FORMATS
from coord.domain.case.summary import DEFAULT_LIMIT, LIMITS, SECTIONS
from coord.domain.input import LONG, REASON, SHORT, STATEMENT
from coord.web.api.fields import (
    Anything,
    Day,
    Flag,
    Id,
    Items,
    Part,
    PlaceOrMoment,
    Strict,
    Texts,
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

NOTE_STATUSES = ("draft", "signed", "awaiting-cosignature", "cosigned", "entered-in-error")
SUMMARY_STATUSES = ("none", "published", "upcoming", "recalled", "superseded")


# ---- requests ----------------------------------------------------------------------------------------------------

NEW_ID = "Chosen by you, a random UUID; makes a repeated post the same post"
_AUDIENCES = tuple(a.value for a in Audience)
_SETTINGS = tuple(s.value for s in Setting)
_DISCIPLINES = tuple(d.value for d in Discipline)
_ROLES = tuple(r.value for r in Role)
_RELATIONS = tuple(r.value for r in Relation)
CURSOR = "The `next` of the page before"


class NoParameters(Strict):
    """A route without query parameters."""


class NewCase(Strict):
    """A child and an episode of care."""

    id = id_(NEW_ID)
    preferred_name = words("What the child is called", required=True, limit=SHORT)
    full_name = words(required=True, limit=SHORT)
    birth_date = Day(required=True)
    languages = Items(words(), metadata={"description": "Spoken at home; at most ten"})
    school = words(limit=SHORT)
    school_class = words(limit=SHORT)
    team = words("The service team, your own if left out", limit=SHORT)


class CaseChanges(Strict):
    """What is wrong, as it should be; the rest stays."""

    preferred_name = words(limit=SHORT)
    full_name = words(limit=SHORT)
    birth_date = Day()
    languages = Items(words())
    school = words(limit=SHORT)
    school_class = words(limit=SHORT)
    team = words("Only the team lead may change it", limit=SHORT)
    reason = words("Why it is corrected", required=True, limit=REASON)


class Reason(Strict):
    """Why."""

    reason = words(required=True, limit=REASON)


class Recall(Reason):
    """Why, and which version: without one, the one that the school reads, or else the latest for a later day."""

    version = number(1, 2**31 - 1)


class NewMember(Strict):
    """Who joins the care team, and as what."""

    person = id_(required=True)
    relation = choice(*_RELATIONS, required=True)
    since = Day(allow_none=True, metadata={"description": "Today or, of a member, as before, if left out"})
    until = Day(allow_none=True, metadata={"description": "The last day, if it is known"})


class NoteWords(Strict):
    """What an author writes. A draft may lack any of it."""

    format = choice(*FORMATS, null=True)
    sections = Texts(metadata={"description": "Text by section; which sections there are depends on the format"})
    observed_from = time_("When it began", null=True)
    observed_to = time_("When it ended; the beginning, if left out", null=True)
    setting = choice(*_SETTINGS, null=True)
    present = Items(words(), metadata={"description": "Who was there; at most 20"})
    audience = choice(*_AUDIENCES, null=True, about="Who, beside you, may read it")
    linked = Items(Id(), metadata={"description": "Earlier notes that it goes back to; at most 20"})


class NewNote(NoteWords):
    """A draft (private to you), or a note that you sign with this request.

    To sign, `format`, `sections`, `observed_from`, `setting` and `audience` are needed.
    """

    id = id_(NEW_ID)
    sign = Flag(required=True)


class Nothing(Strict):
    """No body is needed; `{}` is accepted."""


class NewAddendum(Strict):
    """What was not known at signing."""

    id = id_(NEW_ID)
    text = words(required=True, limit=LONG)


class Amendment(Strict):
    """The whole new text, and why."""

    sections = Texts(required=True)
    reason = words(required=True, limit=REASON)


class NewAudience(Strict):
    """Who may read it from now on."""

    audience = choice(*_AUDIENCES, required=True)


class NewStatement(Strict):
    """A sentence or two for the teacher, and the signed notes that it rests on."""

    text = words(required=True, limit=STATEMENT)
    sources = Items(Id())


NewStatements = Strict.from_dict(
    {name: Items(Part(NewStatement), metadata={"maxItems": LIMITS.get(name, DEFAULT_LIMIT)}) for name in SECTIONS},
    name="NewStatements",
)
"""By section, in order."""


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


class NewPerson(Strict):
    """Somebody who is to use Coord. Their password is set in the pages, or by `coord people`."""

    id = id_(NEW_ID)
    name = words(required=True, limit=SHORT)
    email = words(required=True, limit=SHORT)
    role = choice(*_ROLES, required=True)
    discipline = choice(*_DISCIPLINES, null=True, about="Therapists and students have a clinical one")
    team = words("The service team, or a teacher's school", limit=SHORT)


class PersonChanges(Strict):
    """Another role (with its discipline), another team, or both."""

    role = choice(*_ROLES)
    discipline = choice(*_DISCIPLINES, null=True)
    team = words(limit=SHORT)


# ---- query parameters --------------------------------------------------------------------------------------------


class TimelineQuery(Strict):
    """What to leave out of a timeline."""

    discipline = choice(*_DISCIPLINES)
    setting = choice(*_SETTINGS)
    kind = choice(*ENTRY_KINDS)
    author = id_()
    start = time_("Observed at this time or later", key="from")
    end = time_("Observed before this time", key="to")
    q = Words(most=SHORT, metadata={"description": "Words that the text has, in any order", "maxLength": SHORT})
    as_of = PlaceOrMoment(metadata={"description": "As the record stood then: a position, or a time"})
    reader = id_("As this person could see it (team lead only)")
    cursor = Words(most=SHORT, metadata={"description": CURSOR})
    limit = Whole(1, 100, load_default=20)


class SummaryQuery(Strict):
    """Which version."""

    version = Whole(1, 1_000_000, metadata={"description": "An earlier version; the latest, if left out"})


class SourcesQuery(Strict):
    """Which entries."""

    q = Words(most=SHORT, metadata={"description": "Words that the entry has"})


class PeopleQuery(Strict):
    """Whom to look for."""

    q = Words(most=SHORT, metadata={"description": "Part of a name"})


class HistoryQuery(Strict):
    """What to show of changes and accesses."""

    person = id_("Who did it")
    kind = Words(
        most=60,
        metadata={
            "description": (
                "`changes` or `accesses`; one kind of change (`note-signed`) or access (`ReadNote`); `refused`"
            )
        },
    )
    start = time_("At this time or later", key="from")
    end = time_("Before this time", key="to")
    cursor = Words(most=SHORT, metadata={"description": CURSOR})
    limit = Whole(
        1, 5000, metadata={"description": "At most 200 in JSON (50, if left out), 5000 in a file (all, if left out)"}
    )
    format = choice("json", "csv", "jsonl", about="Instead of an `Accept` header")


class AuditQuery(HistoryQuery):
    """The same for the service team."""

    case = id_("One child of the team")


# ---- answers -----------------------------------------------------------------------------------------------------


class FieldError(Strict):
    """What is wrong with one field."""

    pointer = words("JSON pointer into the body, or the query parameter's name after a slash", required=True)
    code = words("Stable", required=True)
    detail = words("For people", required=True)


class Problem(Strict):
    """Why a request was refused (RFC 9457)."""

    type = words(required=True)
    title = words(required=True)
    status = whole()
    detail = words(required=True)
    code = words("Stable: what a program should look at", required=True)
    instance = words("Names the request in the log", required=True)
    errors = fields.List(fields.Nested(FieldError))
    current_version = fields.Integer()
    changed = fields.List(fields.String())


class Placed(Strict):
    """Which place of the record an answer shows."""

    position = whole("The place in the record that this shows")
    position_recorded_at = time_("When that place was recorded", required=True, null=True)
    incomplete = fields.Dict(
        keys=fields.String(),
        values=fields.DateTime(),
        metadata={"description": "Views that have stopped, and since when: there only if there are any"},
    )


class Receipt(Strict):
    """What was done, and where in the record it stands. For a draft the position is that of the record at the time."""

    id = id_(required=True)
    status = words(required=True)
    version = whole("What the next edit has to name in If-Match")
    position = whole()


class Person(Strict):
    """Who did something, as they were then."""

    person = id_(required=True)
    name = words(required=True)
    role = choice(*_ROLES, required=True)
    discipline = choice(*_DISCIPLINES, required=True, null=True)


class Member(Person):
    """Somebody on the care team."""

    relation = choice(*_RELATIONS, required=True)
    since = Day(required=True)
    until = Day(required=True, allow_none=True)
    current = Flag(required=True)


class CaseAnswer(Placed):
    """The child and the care team. `full_name`, `birth_date` and `languages` are not for teachers."""

    id = id_(required=True)
    status = choice("open", "closed", required=True)
    version = whole("Of the details")
    preferred_name = words(required=True)
    full_name = words()
    birth_date = Day()
    languages = fields.List(fields.String())
    school = words(required=True)
    school_class = words(required=True)
    team = words(required=True)
    relation = choice(*_RELATIONS, required=True, null=True, about="What you are to the child")
    members = fields.List(fields.Nested(Member), required=True)


class CaseRow(Strict):
    """One of my children."""

    id = id_(required=True)
    preferred_name = words(required=True)
    full_name = words("Not for teachers")
    school = words(required=True)
    school_class = words(required=True)
    team = words(required=True)
    status = choice("open", "closed", required=True)
    relation = choice(*_RELATIONS, required=True, null=True)
    new = whole("Entries by others since your last visit (100: or more)")
    latest = time_(required=True, null=True)
    last_visit = time_(required=True, null=True)
    summary_status = choice(*SUMMARY_STATUSES, required=True)
    summary_version = whole()
    summary_review_date = Day(required=True, allow_none=True)
    summary_out_of_date = Flag(required=True)


class DraftRow(Strict):
    """One of my drafts."""

    id = id_(required=True)
    case = id_(required=True)
    preferred_name = words(required=True)
    kind = choice("note", "summary", "addendum", "amendment", required=True)
    note = id_("What an addendum or amendment is about", required=True, null=True)
    updated_at = time_(required=True)


class AwaitingRow(Strict):
    """A note that waits for a co-signature."""

    note = id_(required=True)
    case = id_(required=True)
    preferred_name = words(required=True)
    author = id_(required=True)
    author_name = words(required=True)
    discipline = choice(*_DISCIPLINES, required=True, null=True)
    signed_at = time_(required=True)


class CaseloadAnswer(Placed):
    """My children, my drafts, what I may co-sign, and what of mine waits for others."""

    items = fields.List(fields.Nested(CaseRow), required=True)
    drafts = fields.List(fields.Nested(DraftRow), required=True)
    awaiting = fields.List(fields.Nested(AwaitingRow), required=True)
    mine_awaiting = fields.List(fields.Nested(AwaitingRow), required=True)


class TimelineAddendum(Strict):
    """An addition to a note."""

    id = id_(required=True)
    text = words(required=True)
    by = words("The name", required=True)
    role = choice(*_ROLES, required=True)
    discipline = choice(*_DISCIPLINES, required=True, null=True)
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
    audience = choice(*_AUDIENCES, required=True)
    format = choice(*FORMATS, required=True, null=True)
    setting = choice(*_SETTINGS, required=True, null=True)
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
    signed_at = time_(required=True)
    received_at = time_(required=True)


class Mark(Strict):
    """Who, and when."""

    by = fields.Nested(Person, required=True)
    at = time_(required=True)


class AudienceChange(Mark):
    """From whom to whom."""

    from_ = Words(required=True, data_key="from", validate=validate.OneOf(_AUDIENCES))
    to = choice(*_AUDIENCES, required=True)


class ErrorMark(Mark):
    """Why the note should never have existed."""

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
    audience = choice(*_AUDIENCES, required=True, null=True)
    setting = choice(*_SETTINGS, required=True, null=True)
    present = fields.List(fields.String(), required=True)
    sections = Texts(required=True)
    observed_from = time_(required=True, null=True)
    observed_to = time_(required=True, null=True)
    recorded_at = time_()
    signed_at = time_()
    received_at = time_()
    updated_at = time_("Of a draft")
    late = Flag()
    linked = fields.List(fields.String(), required=True)
    versions = fields.List(fields.Nested(NoteVersion))
    addenda = fields.List(fields.Nested(Addendum))
    cosignatures = fields.List(fields.Nested(Mark))
    audience_changes = fields.List(fields.Nested(AudienceChange))
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


class Source(Strict):
    """A signed note that a statement rests on; withheld where you may not read it."""

    visible = Flag(required=True)
    note = id_(required=True, null=True)
    text_version = whole(null=True)


class Statement(Strict):
    """A sentence or two, and what it rests on."""

    text = words(required=True)
    sources = fields.List(fields.Nested(Source), required=True)


class OutOfDate(Strict):
    """Why the summary should not be relied on as it is."""

    why = choice("source-amended", "source-in-error", "review-date-passed", required=True)
    note = id_(required=True, null=True)
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
    sources = fields.List(fields.Nested(TimelineEntry), required=True)
    strategies = fields.List(fields.Nested(SchoolStrategy), required=True)
    goals = fields.List(fields.Nested(SchoolGoal), required=True)


class HistoryItem(Strict):
    """A change, or an access."""

    sort = choice("change", "access", required=True)
    at = time_(required=True)
    person = id_(required=True, null=True)
    person_name = words(required=True)
    role = words(required=True)
    discipline = choice(*_DISCIPLINES, required=True, null=True)
    kind = words(required=True)
    case = id_(required=True, null=True)
    preferred_name = words(required=True)
    entry = id_(required=True, null=True)
    position = whole(null=True)
    observed_at = time_(required=True, null=True)
    recorded_at = time_(required=True, null=True)
    version_before = whole(null=True)
    version_after = whole(null=True)
    before = Anything(required=True)
    after = Anything(required=True)
    withheld = Flag(required=True, metadata={"description": "There are words, and they are not for you"})
    detail = Anything(required=True)
    outcome = words(required=True)
    request = words(required=True)
    channel = words(required=True)


class HistoryAnswer(Placed):
    """Changes and accesses in one list, newest first."""

    items = fields.List(fields.Nested(HistoryItem), required=True)
    next = words("The cursor of the next page", required=True, null=True)


class ExportAnswer(Placed):
    """Every event of the child's record, in order. `withheld` stands where the words are not for you."""

    case = id_(required=True)
    events = fields.List(Anything(), required=True)


class Account(Strict):
    """Somebody who uses Coord. `email` and `since` are for administrators, and for oneself."""

    id = id_(required=True)
    name = words(required=True)
    email = words()
    role = choice(*_ROLES, required=True)
    discipline = choice(*_DISCIPLINES, required=True, null=True)
    team = words(required=True)
    active = Flag(required=True)
    since = time_()


class PeopleAnswer(Placed):
    """People by name."""

    items = fields.List(fields.Nested(Account), required=True)


class MeAnswer(Placed):
    """Who you are to Coord."""

    me = fields.Nested(Account, required=True, allow_none=True)
