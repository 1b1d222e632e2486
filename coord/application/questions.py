"""Every read, as data, with the shape of its answer.

``position`` in an answer is the last of the record that it shows; ``position_recorded_at`` is when that one was
recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, NotRequired, TypedDict
from uuid import UUID, uuid5

from coord.application.declared import CaseQuestion, Question, question
from coord.application.looking import Category, Purpose
from coord.application.rows import (
    Awaiting,
    ChildDetails,
    Colleague,
    DraftLeft,
    DraftNote,
    MyChild,
    MyDraft,
    NoteReader,
    OnTheTeam,
    OutOfDate,
    SchoolGoal,
    SchoolStrategy,
    Statement,
    SummaryDraft,
    SummaryVersion,
    TimelineEntry,
)
from coord.domain.actors import By, Discipline, Relation, Relationship, Role
from coord.domain.case import CaseStatus, Note, SummaryStatus
from coord.domain.case.circle import Kinship
from coord.domain.errors import FieldProblem
from coord.domain.permissions import (
    administrator,
    administrator_or_lead,
    anyone_but_teachers,
    anyone_signed_in,
    anyone_who_knows_the_child,
    clinician_of_the_child,
    leads_service_team,
    leads_service_team_or_is_operator,
    team_lead,
    therapist_or_lead_of_the_child,
    whose_draft_it_is,
)
from coord.domain.rising import ProposedChange
from coord.domain.said import FLAT, INSIDE, Said


@question(anyone_signed_in, "Looked at the home page", others=True)
class ReadCaseload(Question):
    """My children, what is new since my last visit to each, my drafts, what awaits my co-signature."""


@question(anyone_signed_in, "Looked at their own account", purpose=Purpose.ACCOUNT)
class ReadMe(Question):
    """Who I am to Coord."""


@question(anyone_who_knows_the_child, "Looked at details and care team", shows=(Category.IDENTITY, Category.CARE_TEAM))
class ReadCase(CaseQuestion):
    """The child's details and care team. Teachers get what a teacher needs (preferred name, school, class, team).

    ``writing`` asks beside it where the actor last wrote a note of this child (``setting`` in the answer), for the form
    of the next.
    """

    writing: bool = False


@question(clinician_of_the_child, "Looked at who is around the child", shows=(Category.IDENTITY, Category.CARE_TEAM))
class ReadCircle(CaseQuestion):
    """Who is around the child without an account, and the names that were only typed for who saw something."""


FURTHER_DOWN = (
    "On a visit (the first page of all there is now): what is new since the one before and stands on a later page, at "
    "its day"
)


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """What to leave out. ``kind`` is one of `EntryKind`; ``start`` and ``end`` bound the time observed."""

    discipline: str | None = None
    setting: str | None = None
    kind: str | None = None
    author: UUID | None = None
    start: datetime | None = None
    end: datetime | None = None
    text: str = ""


@question(anyone_who_knows_the_child, "Looked at the timeline", shows=(Category.IDENTITY, Category.CARE_TEAM))
class ReadTimeline(CaseQuestion):
    """A page of the child's timeline, newest observation first. ``as_of`` is a position or a time in the past.

    The first page of all there is now is a visit: what comes later is new to this person (see `ReadCaseload`).
    """

    filter: TimelineFilter = field(default_factory=TimelineFilter)
    as_of: int | datetime | None = None
    cursor: str = ""
    limit: int = 20


@question(
    leads_service_team,
    "Looked at the timeline as another reader",
    shows=(Category.IDENTITY, Category.CARE_TEAM),
    purpose=Purpose.REVIEW,
)
class ReadTimelineAs(CaseQuestion):
    """The timeline as ``reader`` could see it at ``as_of``; for the team lead."""

    reader: UUID | None
    """None answers only whom one may choose."""
    as_of: int | datetime | None = None
    filter: TimelineFilter = field(default_factory=TimelineFilter)
    cursor: str = ""
    limit: int = 20


@question(anyone_who_knows_the_child, "Read a note", shows=(Category.IDENTITY,))
class ReadNote(CaseQuestion):
    """A note with all its versions, addenda, co-signatures; or the actor's own draft of that id."""

    note_id: UUID

    @property
    def entry(self) -> UUID:
        """The note."""
        return self.note_id


@question(clinician_of_the_child, "Looked at who had read a note", shows=(Category.HISTORY,))
class ReadNoteReaders(CaseQuestion):
    """Who has read a note, and when; needed above all when it was entered in error. For author and team lead."""

    note_id: UUID

    @property
    def entry(self) -> UUID:
        """The note."""
        return self.note_id


@question(leads_service_team, "Looked at who could co-sign a note", shows=(Category.IDENTITY, Category.CARE_TEAM))
class ReadCosigners(CaseQuestion):
    """To whom the co-signature of a note can be entrusted, where its discipline has nobody left who could. For the
    team lead."""

    note_id: UUID

    @property
    def entry(self) -> UUID:
        """The note."""
        return self.note_id


@question(whose_draft_it_is, "Opened an own draft", shows=(Category.IDENTITY, Category.DRAFTS), of_ones_own=True)
class ReadDraft(CaseQuestion):
    """One's own draft, also of a child whom one knows no more."""

    draft_id: UUID


@question(anyone_who_knows_the_child, "Read the school summary", shows=(Category.IDENTITY, Category.SUMMARY))
class ReadSummary(CaseQuestion):
    """The school summary in force, or another ``version``."""

    version: int | None = None
    export: str = ""
    """``pdf`` when it leaves as a file; recorded as such."""


@question(
    therapist_or_lead_of_the_child,
    "Prepared the school summary",
    shows=(Category.IDENTITY, Category.NOTES, Category.GOALS, Category.STRATEGIES, Category.SUMMARY),
)
class ReadSummarySources(CaseQuestion):
    """What one needs to write the summary: the latest one, one's draft, and the signed entries it may rest on.

    ``text`` searches among the entries, newest first; those in ``cited`` and those that the latest summary and the
    draft rest on are always among them. Each entry given counts as read.
    """

    text: str = ""
    cited: Sequence[UUID] = ()
    limit: int = 20


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """What to show of changes and accesses. ``kind`` is an event topic's middle part or an access label; or
    ``changes`` / ``accesses`` for one sort altogether."""

    person: UUID | None = None
    case: UUID | None = None
    kind: str = ""
    start: datetime | None = None
    end: datetime | None = None


@question(
    leads_service_team,
    "Looked at the history of a child",
    shows=(Category.IDENTITY, Category.HISTORY),
    purpose=Purpose.REVIEW,
)
class ReadHistory(CaseQuestion):
    """Every change to, and every access of, one child's record; newest first."""

    filter: HistoryFilter = field(default_factory=HistoryFilter)
    cursor: str = ""
    limit: int = 50
    export: str = ""
    """``csv`` or ``jsonl`` when it leaves as a file; recorded as such."""
    grouped: bool = False
    """Answer also who saw the child in the filter's period (``seen_by``), and whom one may filter for (``people``)."""


@question(team_lead, "Looked at the history of the service team", others=True, purpose=Purpose.REVIEW)
class ReadAudit(Question):
    """The same for a whole service team, the team lead's own: its children, people and policies, and what its people
    did to the activity library."""

    filter: HistoryFilter = field(default_factory=HistoryFilter)
    cursor: str = ""
    limit: int = 50
    export: str = ""
    grouped: bool = False
    """Answer also who saw the child filtered for (``seen_by``), or what the person filtered for opened (``opened``)."""
    choices: bool = False
    """Answer also the ``children`` and ``people`` of the team, to choose from: each child named counts as seen."""


@question(therapist_or_lead_of_the_child, "Looked at what would be left behind", shows=(Category.IDENTITY,))
class ReadLeftBehind(CaseQuestion):
    """What would be left behind if the case were closed, or (with ``person_id``) if this person left the care team."""

    person_id: UUID | None = None


@question(administrator, "Looked at what a person would leave behind", purpose=Purpose.ACCOUNT)
class ReadLeftBehindBy(Question):
    """What a person would leave behind everywhere if they lost access."""

    person_id: UUID


@question(
    leads_service_team_or_is_operator, "Exported the whole record", shows=(Category.RECORD,), purpose=Purpose.EXPORT
)
class ExportCase(CaseQuestion):
    """One child's record, complete: every event in order. For the team lead."""


@question(anyone_but_teachers, "Looked for people", purpose=Purpose.SERVICE)
class ReadPeople(Question):
    """The people one may put on a care team: of every role but administrator, active ones, no addresses."""

    text: str = ""


@question(administrator, "Looked at the accounts", purpose=Purpose.ACCOUNT)
class ReadAccounts(Question):
    """All people with address, role, team and whether they are active; for administrators."""

    text: str = ""


@question(administrator_or_lead, "Looked at the changes that take two people", purpose=Purpose.ACCOUNT)
class ReadProposals(Question):
    """Which changes of accounts wait for a second person: for administrators all, for a team lead those that touch the
    team."""


@question(anyone_signed_in, "Looked at what others changed in their account", purpose=Purpose.ACCOUNT)
class ReadAccountChanges(Question):
    """What others changed in one's own account, after a position of the record."""

    after: int = 0


def draft_after_signing(kind: str, note_id: UUID, person_id: UUID) -> UUID:
    """The id of a person's draft of an ``addendum`` or ``amendment`` to a note: they have one of each at a time."""
    return uuid5(note_id, f"{kind}:{person_id}")


# ---- answers -----------------------------------------------------------------------------------------------------

_PURPOSE = "What a look was for; empty where nothing was shown; null of a change, and where it was not kept yet"
CURSOR_OF_THE_NEXT = "The cursor of the next page; null: there is no more"


@dataclass(frozen=True, slots=True)
class ChildShown:
    """Whose record an answer is from, as far as its reader may know: a teacher knows neither full name nor birth."""

    preferred_name: str
    school_class: str
    full_name: str = ""
    birth_date: date | None = None
    age: int | None = None
    """Full years, on the day of the answer."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Which place of the record an answer shows, and for one about a child, of whose record.

    ``incomplete`` names views that have stopped, with the time since.
    """

    position: Annotated[int, Said("The position in the record that this shows")]
    recorded_at: Annotated[datetime | None, Said("When that position was recorded", name="position_recorded_at")]
    incomplete: Annotated[
        Mapping[str, datetime],
        Said("Views that have stopped, and since when: there only if there are any", absent=True),
    ] = field(default_factory=dict)
    child: Annotated[ChildShown | None, INSIDE] = None


class GivenWhole:
    """A list that is not cut into pages, in the envelope of those that are."""

    __slots__ = ()

    @property
    def next(self) -> Annotated[str | None, Said(CURSOR_OF_THE_NEXT)]:
        """There is never more of it."""
        return None


@dataclass(frozen=True, slots=True)
class OfACase:
    """What every answer about one child begins with: whose it is, and what the reader is to the child."""

    case_id: UUID
    preferred_name: str
    status: Annotated[str, Said(name="case_status", of=CaseStatus)]
    relationship: Annotated[Relationship, INSIDE]
    shown: Annotated[Shown, FLAT]

    @property
    def relation(self) -> Annotated[Relation | None, Said()]:
        """What the reader is to the child."""
        return self.relationship.relation


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """The child and the care team."""

    case_id: Annotated[UUID, Said(name="id")]
    details: Annotated[ChildDetails, FLAT]
    version: Annotated[int, Said("Of the details")]
    status: Annotated[str, Said(of=CaseStatus)]
    members: Sequence[OnTheTeam]
    relationship: Annotated[Relationship, INSIDE]
    shown: Annotated[Shown, FLAT]
    setting: Annotated[str, INSIDE] = ""

    @property
    def relation(self) -> Annotated[Relation | None, Said("What you are to the child")]:
        """What the reader is to the child."""
        return self.relationship.relation


class Around(StrEnum):
    """In what way somebody is around the child."""

    TEAM = "team"
    CIRCLE = "circle"


@dataclass(frozen=True, slots=True)
class AroundTheChild:
    """Somebody who may have seen something: of the care team, or of the child's circle."""

    id: UUID
    kind: Around
    name: str
    relation: Annotated[str, Said("What they are to the child")]


@dataclass(frozen=True, slots=True)
class CirclePerson:
    """Somebody of the circle."""

    id: UUID
    name: str
    relation: Annotated[str, Said(of=Kinship)]
    listed: bool
    version: Annotated[int, Said("What a correction has to name in If-Match")]


@dataclass(frozen=True, slots=True)
class TypedName:
    """A name that was only typed for who saw something."""

    written: str
    observations: Annotated[int, Said("That have it, of goals that you may read")]
    person: Annotated[UUID | None, Said("Who of the circle it is, if anybody said so")]


@dataclass(frozen=True, slots=True)
class CircleAnswer(OfACase):
    """Who is around the child without an account, also those who are not listed any more; and the names that were only
    typed."""

    people: Sequence[CirclePerson]
    typed: Sequence[TypedName]
    may: frozenset[str]


@dataclass(frozen=True, slots=True)
class TimelineAnswer:
    """A page of entries, the newest observation first."""

    case_id: UUID
    preferred_name: str
    items: Sequence[TimelineEntry]
    next: Annotated[str | None, Said("The cursor of the next page")]
    shown: Annotated[Shown, FLAT]
    as_of: Annotated[int | None, Said("The position asked for, if one was", absent=True)] = None
    relationship: Annotated[Relationship, INSIDE] = field(default_factory=Relationship)
    status: Annotated[str, INSIDE] = "open"
    """Of the case, today."""
    members: Annotated[Sequence[Mapping[str, Any]], INSIDE] = ()
    """The care team, as in `CaseAnswer`, without who is on it today: whose entries there may be."""
    reader: Annotated[Mapping[str, Any] | None, INSIDE] = None
    """For `ReadTimelineAs`, all as of the time asked for: person_id, name, role, discipline, relation, ``active``, and
    ``knew`` (whether they knew the child)."""
    readers: Annotated[Sequence[Mapping[str, Any]], INSIDE] = ()
    """For `ReadTimelineAs`: whom one may choose, as person_id and name."""
    further_down: Annotated[Sequence[TimelineEntry], Said(FURTHER_DOWN)] = ()


@dataclass(frozen=True, slots=True)
class NoteAnswer:
    """A signed note with everything that happened to it; or your own draft, which has no author or versions yet."""

    case_id: UUID
    preferred_name: str
    note: Annotated[Note | None, FLAT]
    draft: Annotated[DraftNote | None, FLAT]
    may: Annotated[frozenset[str], Said("Commands that you could carry out on it now")]
    linked_from: Annotated[Sequence[str], Said(name="linked")]
    shown: Annotated[Shown, FLAT]
    relationship: Annotated[Relationship, INSIDE] = field(default_factory=Relationship)
    begun: Annotated[Mapping[str, Mapping[str, Any]], INSIDE] = field(default_factory=dict)
    """The actor's own drafts about a signed note, with id, revision, body and updated_at, by their kind: ``addendum``,
    ``amendment``."""

    @property
    def version(self) -> int:
        """What an edit has to name."""
        return self.note.version if self.note else self.draft.revision if self.draft else 0


@dataclass(frozen=True, slots=True)
class SummaryAnswer:
    """The school summary; version 0 if none was ever published.

    What a version is, it is on the day of reading, of the clinic's calendar.
    """

    case_id: UUID
    details: Annotated[ChildDetails, INSIDE]
    version: int
    status: Annotated[str, Said(of=SummaryStatus)]
    statements: Mapping[str, Sequence[Statement]]
    contact: str
    valid_from: date | None
    review_date: date | None
    published_by: By | None
    published_at: datetime | None
    recalled_by: By | None
    recalled_at: datetime | None
    recall_reason: str
    out_of_date: Sequence[OutOfDate]
    versions: Sequence[SummaryVersion]
    relationship: Annotated[Relationship, INSIDE]
    shown: Annotated[Shown, FLAT]

    @property
    def preferred_name(self) -> Annotated[str, Said()]:
        """What the child is called."""
        return self.details["preferred_name"]


@dataclass(frozen=True, slots=True)
class SummarySourcesAnswer:
    """What one needs to write the next version: the latest one, one's draft, and the entries that it may rest on."""

    summary: SummaryAnswer
    draft: SummaryDraft | None
    sources: Sequence[TimelineEntry]
    strategies: Sequence[SchoolStrategy] = ()
    goals: Sequence[SchoolGoal] = ()

    @property
    def shown(self) -> Annotated[Shown, FLAT]:
        """As of the summary."""
        return self.summary.shown


@dataclass(frozen=True, slots=True)
class CaseloadAnswer:
    """My children, my drafts, what I may co-sign, and what of mine waits for others."""

    children: Annotated[Sequence[MyChild], Said(name="items")]
    drafts: Sequence[MyDraft]
    awaiting: Sequence[Awaiting]
    mine_awaiting: Sequence[Awaiting]
    shown: Annotated[Shown, FLAT]
    drafts_left: Sequence[DraftLeft] = ()
    nobody_cosigns: Annotated[
        Sequence[Awaiting], Said("For the team lead: nobody on the care team can co-sign them")
    ] = ()


@dataclass(frozen=True, slots=True)
class LeftBehindAnswer:
    """How much of each kind; and the question that would be asked, if there is any."""

    counts: Mapping[str, int]
    asked: Sequence[FieldProblem]
    shown: Shown


@dataclass(frozen=True, slots=True)
class CosignersAnswer:
    """To whom the co-signature of a note can be entrusted: nobody where somebody of its discipline can co-sign it."""

    case_id: Annotated[UUID, INSIDE]
    preferred_name: Annotated[str, INSIDE]
    note: Annotated[Note, INSIDE]
    people: Annotated[Sequence[Colleague], Said(name="items")]
    shown: Annotated[Shown, FLAT]
    relationship: Annotated[Relationship, INSIDE]

    @property
    def note_id(self) -> Annotated[UUID, Said()]:
        """Which note."""
        return self.note.id


class HistoryItem(TypedDict):
    """A change, or an access."""

    sort: Literal["change", "access"]
    at: datetime
    person: UUID | None
    person_name: str
    role: str
    discipline: Discipline | None
    kind: str
    case_id: UUID | None
    preferred_name: str
    entry_id: UUID | None
    position: int | None
    observed_at: datetime | None
    recorded_at: datetime | None
    version_before: int | None
    version_after: int | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    withheld: Annotated[bool, Said("There are words, and they are not for you")]
    detail: dict[str, Any]
    outcome: Annotated[str, Said(of=("done", "shown", "refused", "failed"), open=True)]
    request: str
    channel: str
    purpose: Annotated[str | None, Said(_PURPOSE, of=("", *Purpose), open=True)]
    categories: Annotated[
        Sequence[Annotated[str, Said(of=Category, open=True)]] | None,
        Said("Which data of the child a look showed; null as `purpose`"),
    ]
    number: Annotated[int, INSIDE]
    """Its place among those of its sort."""
    stream: Annotated[NotRequired[UUID], INSIDE]
    """Of a change: what was changed."""
    entry: Annotated[Mapping[str, Any] | None, INSIDE]
    """What this reader may know of the entry: ``kind``, ``observed_from``, ``author_name``, ``format``."""
    may_open: Annotated[NotRequired[bool], INSIDE]
    """Whether this reader may open it; not in a file."""


@dataclass(frozen=True, slots=True)
class HistoryAnswer:
    """Changes and accesses in one list, newest first."""

    items: Sequence[HistoryItem]
    next: Annotated[str | None, Said(CURSOR_OF_THE_NEXT)]
    shown: Annotated[Shown, FLAT]
    children: Annotated[Sequence[Mapping[str, Any]], INSIDE] = ()
    people: Annotated[Sequence[Mapping[str, Any]], INSIDE] = ()
    """Those one may filter for: of a team its own (``choices``), of a child (``grouped``) everybody who changed or saw
    something or was ever on the care team."""
    seen_by: Annotated[Sequence[Mapping[str, Any]], INSIDE] = ()
    """If asked for, the latest first: case_id, preferred_name, person_id, person_name, role, discipline, first, last,
    times, and ``in_lists``: how often, beside that, only the name in a list."""
    opened: Annotated[Sequence[Mapping[str, Any]], INSIDE] = ()
    """As ``seen_by``."""


class Account(TypedDict):
    """Somebody who uses Coord. `email` and `since` are for administrators, and for oneself."""

    person_id: Annotated[UUID, Said(name="id")]
    name: str
    email: NotRequired[str]
    role: Role
    discipline: Discipline | None
    team: str
    active: bool
    since: NotRequired[datetime]


@dataclass(frozen=True, slots=True)
class MeAnswer:
    """Who you are to Coord."""

    me: Account | None
    shown: Annotated[Shown, FLAT]


@dataclass(frozen=True, slots=True)
class PeopleAnswer(GivenWhole):
    """People by name."""

    items: Sequence[Account]
    shown: Annotated[Shown, FLAT]


class Proposal(TypedDict):
    """A change of somebody's account that takes two people: `change` is what, `wanted` how it would be then."""

    person_id: Annotated[UUID, Said("Whose account")]
    number: int
    name: str
    role: Annotated[Role, Said("As it is")]
    discipline: Discipline | None
    team: str
    change: ProposedChange
    wanted: Mapping[str, Any]
    teams: Sequence[str]
    confirmed: Annotated[bool, Said("Whoever proposed the password may give it now")]
    by: Annotated[By, Said(name="proposed_by")]
    at: Annotated[datetime, Said(name="proposed_at")]
    expires_at: datetime
    may: Annotated[frozenset[str], Said("What you can do: `confirm`, `decline`, `give`")]


@dataclass(frozen=True, slots=True)
class ProposalsAnswer(GivenWhole):
    """What waits, the oldest first."""

    items: Sequence[Proposal]
    shown: Annotated[Shown, FLAT]


TOLD_TO_THE_OWNER = (
    "person.role-changed",
    "person.moved",
    "person.email-changed",
    "person.disabled",
    "person.enabled",
    "person.account-changed",
    "person.changed-by-one-alone",
)


class AccountChange(TypedDict):
    """Something that another person did to your account."""

    at: datetime
    kind: Annotated[str, Said(of=TOLD_TO_THE_OWNER, open=True)]
    position: int
    detail: Mapping[str, Any]
    by: By


@dataclass(frozen=True, slots=True)
class AccountChangesAnswer(GivenWhole):
    """What others did, the newest first."""

    items: Sequence[AccountChange]
    shown: Annotated[Shown, FLAT]


@dataclass(frozen=True, slots=True)
class ReadersAnswer:
    """Who was shown a note, and when."""

    note_id: UUID
    readers: Annotated[Sequence[NoteReader], Said(name="items")]
    shown: Annotated[Shown, FLAT]


@dataclass(frozen=True, slots=True)
class ExportAnswer:
    """Every event of the child's record, in order. `withheld` stands where the words are not for you."""

    case_id: UUID
    events: Sequence[Mapping[str, Any]]
    shown: Annotated[Shown, FLAT]
