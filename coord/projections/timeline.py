"""The timeline: every entry of a child's record, system-versioned, so that "as known at" is a lookup and no replay."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    and_,
    exists,
    false,
    or_,
    select,
    true,
    tuple_,
)

from coord.columns import Document, Instant
from coord.domain.actors import Actor, Relationship, Role
from coord.domain.case import (
    AttainmentScored,
    CaseClosed,
    CaseOpened,
    CaseReopened,
    CopmRecorded,
    GoalAgreed,
    GoalEvent,
    GoalObservationEnteredInError,
    GoalObserved,
    GoalProposed,
    GoalRevised,
    GoalStatusChanged,
    GroupLineCorrected,
    GroupLineEnteredInError,
    GroupPlaceChanged,
    GroupSessionRecorded,
    InstrumentRecorded,
    MeasureEnteredInError,
    NoteAddendumAdded,
    NoteAmended,
    NoteAudienceChanged,
    NoteCircumstancesCorrected,
    NoteCosigned,
    NoteEnteredInError,
    NoteSigned,
    ProfileDescribed,
    StrategyEnded,
    StrategyEvent,
    StrategyOffered,
    StrategyTried,
    SummaryPublished,
    SummaryRecalled,
    TeamMemberJoined,
    TeamMemberLeft,
)
from coord.domain.events import CoordEvent
from coord.domain.permissions import knows_child, leads_service_team
from coord.projections.engine import FOREVER, View, Writer, handles, person_of
from coord.words import folded

NEWS_AT_MOST = 100
"""More news than this is "many": counting on would take longer the longer somebody was away."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a timeline is asked for; see `TimelineFilter` for the meaning of the parts."""

    discipline: str | None = None
    setting: str | None = None
    kind: str | None = None
    author: UUID | None = None
    start: datetime | None = None
    end: datetime | None = None
    text: str = ""


_FOR_QUERIES = ("search_text", "unattested_text", "changed_by", "school_from")
"""Columns that no answer shows."""


class PageEnd(NamedTuple):
    """The last row of a page, by what pages are in order of. One event may enter several entries: see `MESSAGES`."""

    observed_from: datetime
    entered_position: int
    kind: str
    entry_id: UUID


MESSAGES = (("message_home", "care-team-and-family"), ("message_school", "care-team-and-school"))
"""What of a group session is said to others than the care team: each is an entry of its own, for its own readers."""


def _group_session(event: GroupSessionRecorded | GroupLineCorrected) -> tuple[dict[str, Any], dict[str, str]]:
    """What of a line are codes, and what are words (without the messages)."""
    line: Mapping[str, Any] = event.line
    codes = {name: line[name] for name in ("attendance", "arrival", "grading", "support", "guardian") if line[name]}
    texts = ("absence_reason", "response", "incident", "practice")
    return codes, {name: line[name] for name in texts if line[name]}


def _unrated(event: GroupSessionRecorded | GroupLineCorrected) -> list[str]:
    """The goals that were worked on and not rated: a rating is an entry of its own."""
    rated = {rating["goal"] for rating in event.line["ratings"]}
    return [goal for goal in event.line["goals"] if goal not in rated]


def _dates_gone(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Which dates of a group are no more, where nothing else has changed: a session was cancelled."""
    gone = [day for day in before["dates"] if day not in now["dates"]]
    rest = {**before, "dates": [day for day in before["dates"] if day not in gone]}
    return {"gone": gone} if gone and rest == now else {}


def _audience_about_goal(goal: Mapping[str, Any], detail: Mapping[str, Any], role: str) -> str:
    """Who may read an entry about a goal: as the goal.

    But the school nothing in words that were not agreed and for the school at that time (``for_school``), and of what
    was seen only what was seen at school, and not by a student, for nobody attested it.
    """
    for_school = detail["what"] in ("agreed", "active", "on-hold", "achieved", "maintained", "stopped")
    if detail["what"] == "observed":
        for_school = detail["context"] == "school" and role != "student"
    if goal["audience"] == "care-team-and-school" and not (for_school and detail["for_school"]):
        return "care-team"
    return str(goal["audience"])


def _telling(row: Mapping[str, Any], words: Mapping[UUID, str]) -> dict[str, Any]:
    """A row with the ``words`` of the goals that it worked on without rating them, as far as there are any."""
    told = {goal: words[goal] for goal in map(UUID, row["unrated"]) if goal in words}
    return {name: value for name, value in row.items() if name != "unrated"} | {"worked_on": told}


class Timeline(View):
    """One row for each state of each entry, valid from one position up to (not including) another."""

    NAME = "timeline"

    def build_tables(self) -> None:
        """The entries; and of each goal, strategy and place in a group what the entries about it need to know."""
        self.entries = t = Table(
            self.name("timeline_entries"),
            self.metadata,
            Column("case_id", Uuid, nullable=False),
            Column("entry_id", Uuid, primary_key=True),
            Column("from_position", BigInteger, primary_key=True, autoincrement=False),
            Column("to_position", BigInteger, nullable=False),
            Column("entered_position", BigInteger, nullable=False),
            Column("kind", Text, nullable=False),
            Column("status", Text, nullable=False),
            Column("author_id", Uuid, nullable=False),
            Column("author_name", Text, nullable=False),
            Column("role", Text, nullable=False),
            Column("discipline", Text),
            Column("audience", Text, nullable=False),
            Column("format", Text),
            Column("setting", Text),
            Column("observed_from", Instant, nullable=False),
            Column("observed_to", Instant, nullable=False),
            Column("recorded_at", Instant, nullable=False),
            Column("signed_at", Instant, nullable=False),
            Column("received_at", Instant, nullable=False),
            Column("version", Integer, nullable=False),
            Column("text_version", Integer, nullable=False),
            Column("sections", Document, nullable=False),
            Column("present", Document, nullable=False),
            Column("addenda", Document, nullable=False),
            Column("detail", Document, nullable=False),
            Column("search_text", Text, nullable=False),
            Column("unattested_text", Text, nullable=False),
            Column("changed_by", Uuid, nullable=False),
            Column("subject_id", Uuid),
            Column("school_from", Date),
            # Goals that a group session worked on without rating them. Ids, not words: each has readers of its own.
            Column("unrated", Document, nullable=False),
        )
        self.reading_index("timeline_page", t.c.case_id, t.c.observed_from.desc(), t.c.entered_position.desc())
        self.reading_index("timeline_news", t.c.case_id, t.c.from_position)
        Index(self.name("timeline_subject"), t.c.subject_id)
        self.subjects = Table(
            self.name("timeline_subjects"),
            self.metadata,
            Column("subject_id", Uuid, primary_key=True),
            Column("words", Text, nullable=False),
            Column("audience", Text, nullable=False),
            Column("agreed", Boolean, nullable=False),
        )
        self.places = Table(
            self.name("timeline_places"),
            self.metadata,
            Column("membership", Uuid, primary_key=True),
            Column("had_place", Boolean, nullable=False),
            Column("told", Document, nullable=False),
        )

    # ---- handlers

    @handles(NoteSigned)
    def note_signed(self, writer: Writer, event: NoteSigned, position: int) -> None:
        """A new entry."""
        writer.insert(
            self.entries,
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
                "detail": {},
                "search_text": folded(" ".join(event.sections.values())),
                "unattested_text": "",
                "changed_by": person_of(event),
                "subject_id": None,
                "school_from": None,
                "unrated": [],
            },
        )

    @handles(NoteCosigned)
    def note_cosigned(self, writer: Writer, event: NoteCosigned, position: int) -> None:
        """The same text, attested, and what was added to it."""
        row = self._present_row(writer, event.note_id)
        addenda = [{**addendum, "attested": True} for addendum in row["addenda"]]
        detail = {**row["detail"], "cosigned_by": event.by["name"]}
        words = f"{row['search_text']} {row['unattested_text']}".strip()
        changes = {"addenda": addenda, "detail": detail, "search_text": words, "unattested_text": ""}
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
        }
        words = "search_text" if addendum["attested"] else "unattested_text"
        changes = {"addenda": [*row["addenda"], addendum], words: f"{row[words]} {folded(event.text)}".strip()}
        self._replace(writer, event, row, position, **changes)

    @handles(NoteAmended)
    def note_amended(self, writer: Writer, event: NoteAmended, position: int) -> None:
        """Another text."""
        row = self._present_row(writer, event.note_id)
        added = " ".join(a["text"] for a in row["addenda"] if a["attested"])
        self._replace(
            writer,
            event,
            row,
            position,
            sections=event.sections,
            text_version=event.version,
            status="awaiting-cosignature" if event.needs_cosignature else row["status"],
            search_text=folded(" ".join([*event.sections.values(), added]).strip()),
            detail={**row["detail"], "amended_reason": event.reason},
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
        """The same text for others."""
        self._next_state(writer, event, position, audience=event.audience)

    @handles(SummaryPublished)
    def summary_published(self, writer: Writer, event: SummaryPublished, position: int) -> None:
        """An entry that everybody on the team sees, the school from the day on that it can read the summary."""
        start = date.fromisoformat(event.valid_from)
        today = event.timestamp.date()
        self._keep_from_school(writer, event, lambda row: row["school_from"] >= start and row["school_from"] > today)
        detail = {"what": "published", "version": event.version, "valid_from": event.valid_from}
        self._insert_marker(
            writer,
            event,
            position,
            "summary",
            "care-team-and-school",
            detail,
            subject_id=event.originator_id,
            school_from=start,
        )

    def _keep_from_school(self, writer: Writer, event: CoordEvent, wanted: Callable[[Mapping[str, Any]], bool]) -> None:
        """Of what was to be in force from a later day on, and will not, the school hears nothing when that day comes.

        Not a state of its own: nobody reads the entry otherwise than before."""
        for row in self._about(writer, event.originator_id):
            if row["school_from"] is not None and wanted(row):
                key = {"entry_id": row["entry_id"], "from_position": row["from_position"]}
                writer.update(self.entries, key, audience="care-team")

    @handles(SummaryRecalled)
    def summary_recalled(self, writer: Writer, event: SummaryRecalled, position: int) -> None:
        """Likewise; of what it never saw, the school does not hear either."""
        if event.before_its_day:
            self._keep_from_school(writer, event, lambda row: row["detail"]["version"] == event.version)
        self._insert_marker(
            writer,
            event,
            position,
            "summary",
            "care-team" if event.before_its_day else "care-team-and-school",
            {"what": "recalled", "version": event.version},  # the reason is for the team alone; see the summary
        )

    @handles(TeamMemberJoined)
    def member_joined(self, writer: Writer, event: TeamMemberJoined, position: int) -> None:
        """The care team changed."""
        detail = {"what": "joined", "name": event.member["name"], "relation": event.member["relation"]}
        self._insert_marker(writer, event, position, "team", "care-team", detail)

    @handles(TeamMemberLeft)
    def member_left(self, writer: Writer, event: TeamMemberLeft, position: int) -> None:
        """The care team changed."""
        detail = {"what": "left", "name": event.name, "relation": event.relation}
        self._insert_marker(writer, event, position, "team", "care-team", detail)

    @handles(CaseOpened)
    def case_opened(self, writer: Writer, event: CaseOpened, position: int) -> None:
        """The first entry."""
        self._insert_marker(writer, event, position, "case", "care-team", {"what": "opened"})

    @handles(CaseClosed, CaseReopened)
    def case_closed(self, writer: Writer, event: CaseClosed | CaseReopened, position: int) -> None:
        """The episode ended, or goes on."""
        what = "closed" if isinstance(event, CaseClosed) else "reopened"
        self._insert_marker(writer, event, position, "case", "care-team", {"what": what, "reason": event.reason})

    # ---- goals: each step of one is an entry of its own, and so is each observation

    @handles(GoalProposed)
    def goal_proposed(self, writer: Writer, event: GoalProposed, position: int) -> None:
        """A goal was put into words."""
        self._new_subject(writer, event.goal_id, event.content["statement"], event.content["audience"])
        self._about_goal(writer, event, position, {"what": "proposed"})

    @handles(GoalRevised)
    def goal_revised(self, writer: Writer, event: GoalRevised, position: int) -> None:
        """Other words; and where its readers are others too, those of every entry about it."""
        changes = {"words": event.content["statement"], "audience": event.content["audience"]}
        self._change_goal(writer, event, position, changes)
        self._about_goal(writer, event, position, {"what": "revised", "version": event.content_version})

    @handles(GoalAgreed)
    def goal_agreed(self, writer: Writer, event: GoalAgreed, position: int) -> None:
        """These people agreed; who they are is on the goal's own page. The school hears of it from now on."""
        self._change_goal(writer, event, position, {"agreed": True})
        self._about_goal(writer, event, position, {"what": "agreed"})

    @handles(GoalStatusChanged)
    def goal_status(self, writer: Writer, event: GoalStatusChanged, position: int) -> None:
        """Another state; the reason is on the goal's own page. A goal entered in error is hidden, and all about it."""
        if event.status == "entered-in-error":
            self._hide(writer, event, event.goal_id, position)
        else:
            self._about_goal(writer, event, position, {"what": event.status})

    @handles(GoalObserved)
    def goal_observed(self, writer: Writer, event: GoalObserved, position: int) -> None:
        """What somebody saw of a goal."""
        detail = {
            "what": "observed",
            "observation": str(event.observation_id),
            "context": event.context,
            "level": event.level,
            "support": event.support,
            "reported_by": event.reported_by,
        }
        self._about_goal(writer, event, position, detail, remark=event.remark, observed_at=event.observed_at)

    @handles(GoalObservationEnteredInError)
    def goal_observation_in_error(self, writer: Writer, event: GoalObservationEnteredInError, position: int) -> None:
        """Hidden from ordinary views from here on."""
        wanted = str(event.observation_id)
        for row in self._about(writer, event.goal_id):
            if row["detail"].get("observation") == wanted and row["status"] != "entered-in-error":
                self._replace(writer, event, row, position, status="entered-in-error")

    def _change_goal(self, writer: Writer, event: GoalEvent, position: int, changes: Mapping[str, Any]) -> None:
        """Keep it for the entries to come; where the readers are others too, those of the earlier entries are."""
        goal_id = event.goal_id
        before = self._subject(writer, goal_id)
        after = {**before, **changes}
        if after == before:
            return
        writer.update(self.subjects, {"subject_id": goal_id}, **changes)
        for row in self._about(writer, goal_id) if after["audience"] != before["audience"] else ():
            audience = _audience_about_goal(after, row["detail"], row["role"])
            if audience != row["audience"]:
                self._replace(writer, event, row, position, audience=audience)

    def _about(self, writer: Writer, subject_id: UUID) -> list[dict[str, Any]]:
        t = self.entries
        present = select(t).where(t.c.subject_id == subject_id, t.c.to_position == FOREVER).order_by(t.c.from_position)
        return [dict(row) for row in writer.run(present).mappings()]

    def _hide(self, writer: Writer, event: CoordEvent, subject_id: UUID, position: int) -> None:
        for row in self._about(writer, subject_id):
            if row["status"] != "entered-in-error":
                self._replace(writer, event, row, position, status="entered-in-error")

    def _new_subject(self, writer: Writer, subject_id: UUID, words: str, audience: str) -> None:
        subject = {"subject_id": subject_id, "words": words, "audience": audience, "agreed": False}
        writer.insert(self.subjects, subject)

    def _subject(self, writer: Writer, subject_id: UUID) -> dict[str, Any]:
        return writer.one(self.subjects, subject_id=subject_id)

    def _about_goal(
        self,
        writer: Writer,
        event: GoalEvent,
        position: int,
        detail: dict[str, Any],
        *,
        remark: str = "",
        observed_at: datetime | None = None,
    ) -> None:
        goal = self._subject(writer, event.goal_id)
        detail = {**detail, "for_school": goal["agreed"] and goal["audience"] == "care-team-and-school"}
        self._insert_marker(
            writer,
            event,
            position,
            "goal",
            _audience_about_goal(goal, detail, event.by["role"]),
            detail,
            subject_id=event.goal_id,
            sections={"goal": goal["words"]} | ({"remark": remark} if remark else {}),
            observed_at=observed_at,
        )

    # ---- strategies and measures

    @handles(StrategyOffered)
    def strategy_offered(self, writer: Writer, event: StrategyOffered, position: int) -> None:
        """Something new to try, for those who are to use it."""
        self._new_subject(writer, event.strategy_id, event.text, event.audience)
        self._about_strategy(writer, event, position, {"what": "offered", "context": event.context})

    @handles(StrategyTried)
    def strategy_tried(self, writer: Writer, event: StrategyTried, position: int) -> None:
        """What came of it."""
        detail = {"what": "tried", "outcome": event.outcome, "reported_by": event.reported_by}
        self._about_strategy(writer, event, position, detail, remark=event.remark, observed_at=event.tried_at)

    @handles(StrategyEnded)
    def strategy_ended(self, writer: Writer, event: StrategyEnded, position: int) -> None:
        """No longer advised; the reason is beside the strategy."""
        self._about_strategy(writer, event, position, {"what": "ended"})

    def _about_strategy(
        self,
        writer: Writer,
        event: StrategyEvent,
        position: int,
        detail: dict[str, Any],
        *,
        remark: str = "",
        observed_at: datetime | None = None,
    ) -> None:
        strategy = self._subject(writer, event.strategy_id)
        for_school = strategy["audience"] == "care-team-and-school"  # but not from a student: nobody attested it
        self._insert_marker(
            writer,
            event,
            position,
            "strategy",
            "care-team" if for_school and event.by["role"] == "student" else strategy["audience"],
            detail,
            subject_id=event.strategy_id,
            sections={"strategy": strategy["words"]} | ({"remark": remark} if remark else {}),
            observed_at=observed_at,
        )

    @handles(CopmRecorded, InstrumentRecorded)
    def measured(self, writer: Writer, event: CopmRecorded | InstrumentRecorded, position: int) -> None:
        """Something was measured; the numbers are on their own page, for those who can weigh them."""
        name = event.instrument if isinstance(event, InstrumentRecorded) else "COPM"
        detail = {"what": "recorded", "instrument": name, "measured_on": event.measured_on}
        self._insert_marker(
            writer, event, position, "measure", "care-team", detail, subject_id=event.measure_id, sections={}
        )

    @handles(MeasureEnteredInError)
    def measure_in_error(self, writer: Writer, event: MeasureEnteredInError, position: int) -> None:
        """Hidden from ordinary views from here on."""
        self._hide(writer, event, event.measure_id, position)

    @handles(AttainmentScored)
    def scored(self, writer: Writer, event: AttainmentScored, position: int) -> None:
        """A T-score was kept; it is never shown without its levels, so it is on the page of the goals."""
        self._insert_marker(writer, event, position, "measure", "care-team", {"what": "scored"})

    # ---- groups: what is said of a session, and to whom

    @handles(ProfileDescribed)
    def profile_described(self, writer: Writer, event: ProfileDescribed, position: int) -> None:
        """How much the child copes with."""
        sections = {"remark": event.remark} if event.remark else {}
        detail = {"what": "profile", **event.profile}
        self._insert_marker(writer, event, position, "group", "care-team", detail, sections=sections)

    @handles(GroupPlaceChanged)
    def group_place(self, writer: Writer, event: GroupPlaceChanged, position: int) -> None:
        """The child waits for a group, is in one, has left it. The reason is on the page of the groups.

        The school hears of a place that the child had, and nothing of one that the child only waited for.
        """
        membership, had_place = UUID(event.membership), event.change == "enrolled"
        told = {name: getattr(event, name) for name in ("aims", "start_time", "minutes", "dates")}
        detail: dict[str, Any] = {"what": event.change, "group": event.kind}
        if event.change in ("waiting", "enrolled"):
            writer.delete(self.places, membership=membership)
            writer.insert(self.places, {"membership": membership, "had_place": had_place, "told": told})
        else:
            before = writer.one(self.places, membership=membership)
            had_place = before["had_place"]
            if event.change == "revised":
                writer.update(self.places, {"membership": membership}, told=told)
                detail |= _dates_gone(before["told"], told)
        audience = "care-team-and-school" if had_place else "care-team"
        self._insert_marker(writer, event, position, "group", audience, detail, sections={"aims": event.aims})

    @handles(GroupSessionRecorded)
    def group_session(self, writer: Writer, event: GroupSessionRecorded, position: int) -> None:
        """What the session was for the child; and what is said of it at home and at school."""
        codes, sections = _group_session(event)
        self._insert_marker(
            writer,
            event,
            position,
            "group",
            "care-team",
            {"what": "session", "group": event.kind, "session": event.session, **codes},
            entry_id=event.line_id,
            subject_id=event.line_id,
            sections=sections,
            observed_at=event.observed_from,
            observed_to=event.observed_to,
            unrated=_unrated(event),
        )
        for name, audience in MESSAGES:
            self._message(writer, event, position, name, audience, event.kind)

    def _message(
        self,
        writer: Writer,
        event: GroupSessionRecorded | GroupLineCorrected,
        position: int,
        name: str,
        audience: str,
        kind: str,
    ) -> None:
        text = str(event.line[name])  # type: ignore[literal-required]
        if not text:
            return
        self._insert_marker(
            writer,
            event,
            position,
            "message",
            audience,
            {"what": name, "group": kind},
            entry_id=UUID(int=event.line_id.int ^ (1 if name == "message_home" else 2)),
            subject_id=event.line_id,
            sections={"message": text},
            observed_at=event.observed_from,
            observed_to=event.observed_to,
        )

    @handles(GroupLineCorrected)
    def group_line_corrected(self, writer: Writer, event: GroupLineCorrected, position: int) -> None:
        """The line and its messages, otherwise."""
        codes, sections = _group_session(event)
        rows = {row["detail"]["what"]: row for row in self._about(writer, event.line_id)}
        times = {"observed_from": event.observed_from, "observed_to": event.observed_to}
        row = rows["session"]
        kept = {name: row["detail"][name] for name in ("what", "group", "session")}
        detail = {**kept, **codes, "corrected_reason": event.reason}
        words = folded(" ".join(sections.values()))
        changes: dict[str, Any] = {"sections": sections, "search_text": words, "unrated": _unrated(event)}
        self._replace(writer, event, row, position, detail=detail, **changes, **times)
        for name, audience in MESSAGES:
            text = str(event.line[name])  # type: ignore[literal-required]
            message = rows.get(name)
            if message is None:
                self._message(writer, event, position, name, audience, row["detail"]["group"])
            elif text:
                changes = {"sections": {"message": text}, "search_text": folded(text), "status": "signed"}
                self._replace(writer, event, message, position, **changes, **times)
            else:
                self._replace(writer, event, message, position, status="entered-in-error")

    @handles(GroupLineEnteredInError)
    def group_line_in_error(self, writer: Writer, event: GroupLineEnteredInError, position: int) -> None:
        """Hidden from ordinary views from here on, with its messages."""
        self._hide(writer, event, event.line_id, position)

    def _insert_marker(
        self,
        writer: Writer,
        event: CoordEvent,
        position: int,
        kind: str,
        audience: str,
        detail: dict[str, Any],
        *,
        subject_id: UUID | None = None,
        sections: dict[str, str] | None = None,
        observed_at: datetime | None = None,
        observed_to: datetime | None = None,
        entry_id: UUID | None = None,
        school_from: date | None = None,
        unrated: Sequence[str] = (),
    ) -> None:
        at, sections = event.timestamp, sections or {}
        writer.insert(
            self.entries,
            {
                "case_id": event.originator_id,
                # An entry id that a rebuild finds again: derived from the place in the stream, not from a name.
                "entry_id": entry_id or UUID(int=(event.originator_id.int ^ event.originator_version)),
                "from_position": position,
                "to_position": FOREVER,
                "entered_position": position,
                "kind": kind,
                "status": "signed",
                "author_id": person_of(event),
                "author_name": event.by["name"],
                "role": event.by["role"],
                "discipline": event.by["discipline"],
                "audience": audience,
                "format": None,
                "setting": None,
                "observed_from": observed_at or at,
                "observed_to": observed_to or observed_at or at,
                "recorded_at": at,
                "signed_at": at,
                "received_at": at,
                "version": 1,
                "text_version": 1,
                "sections": sections,
                "present": [],
                "addenda": [],
                "detail": detail,
                "search_text": folded(" ".join([str(detail.get("reason", "")), *sections.values()]).strip()),
                "unattested_text": "",
                "changed_by": person_of(event),
                "subject_id": subject_id,
                "school_from": school_from,
                "unrated": list(unrated),
            },
        )

    def _next_state(self, writer: Writer, event: Any, position: int, **changes: Any) -> None:
        row = self._present_row(writer, event.note_id)
        if "detail" in changes:
            changes["detail"] = {**row["detail"], **changes["detail"]}
        self._replace(writer, event, row, position, **changes)

    def _present_row(self, writer: Writer, entry_id: UUID) -> dict[str, Any]:
        # Of notes alone: whoever chooses a note's id must not be able to choose that of another row.
        return writer.one(self.entries, entry_id=entry_id, kind="note", to_position=FOREVER)

    def _replace(self, writer: Writer, event: CoordEvent, row: dict[str, Any], position: int, **changes: Any) -> None:
        """Close the present row at ``position`` and open the next."""
        t = self.entries
        writer.update(t, {"entry_id": row["entry_id"], "from_position": row["from_position"]}, to_position=position)
        state = {"from_position": position, "to_position": FOREVER, "version": row["version"] + 1}
        writer.insert(t, {**row, **state, "changed_by": person_of(event), **changes})

    # ---- queries

    def readable(self, actor: Actor, child: Relationship, table: Any = None) -> ColumnElement[bool]:
        """`may_read_entry` in SQL, over ``table`` (the entries, or an alias of them)."""
        t = self.entries if table is None else table
        if not knows_child(actor, child):
            return false()
        own = t.c.author_id == actor.person_id
        if actor.role is Role.TEACHER:
            others: ColumnElement[bool] = and_(
                t.c.audience == "care-team-and-school", t.c.status != "awaiting-cosignature"
            )
        elif actor.discipline is None:
            others = t.c.audience != "own-discipline"
        else:
            others = or_(t.c.audience != "own-discipline", t.c.discipline == actor.discipline.value)
        if not leads_service_team(actor, child):
            others = and_(others, t.c.status != "entered-in-error")
        return or_(own, others)

    def _by(self, actor: Actor, day: date) -> ColumnElement[bool]:
        """What is for the school from a day on only, is for the school by this day."""
        t = self.entries
        return or_(t.c.school_from.is_(None), t.c.school_from <= day) if actor.role is Role.TEACHER else true()

    def page(
        self,
        connection: Connection,
        *,
        case_id: UUID,
        actor: Actor,
        child: Relationship,
        day: date,
        selection: Selection,
        limit: int,
        after: PageEnd | None = None,
        as_of: int | None = None,
        present_rights_too: bool = True,
        hide_errors: bool = True,
    ) -> tuple[list[dict[str, Any]], PageEnd | None]:
        """A page of entries, newest observation first, and where it ends if there are more.

        ``day`` is that of the reading, or of the past that is read.

        Of the same moment what was entered last stands first; and of what one event entered, a session before what is
        said of it.

        With ``as_of`` the rows are those of that position. ``present_rights_too`` demands that the reader may see the
        entry now as well (a note that was taken from the school since is not shown to the teacher by asking for last
        week), and has been allowed to ever since: other words that they were given later do not give those back.
        """
        t = self.entries
        where = [t.c.case_id == case_id, self.readable(actor, child), self._by(actor, day)]
        if as_of is None:
            where.append(t.c.to_position == FOREVER)
        else:
            where += [t.c.from_position <= as_of, t.c.to_position > as_of]
            if present_rights_too:
                now = t.alias("now")
                where.append(
                    exists().where(
                        now.c.entry_id == t.c.entry_id,
                        now.c.case_id == t.c.case_id,
                        now.c.entered_position == t.c.entered_position,  # ids of notes are chosen by their senders
                        now.c.to_position == FOREVER,
                        self.readable(actor, child, now),
                        now.c.status != "entered-in-error" if hide_errors else true(),
                    )
                )
                since = t.alias("since")
                where.append(
                    ~exists().where(
                        since.c.entry_id == t.c.entry_id,
                        since.c.case_id == t.c.case_id,
                        since.c.entered_position == t.c.entered_position,
                        since.c.from_position > t.c.from_position,
                        self.readable(actor, child, since).is_not(true()),
                    )
                )
        if hide_errors:
            where.append(t.c.status != "entered-in-error")
        where += self._selected(selection, actor)
        if after is not None:
            where.append(self._below(after))
        rows = self._rows(connection, where, limit + 1)
        more = len(rows) > limit
        rows = rows[:limit]
        end = PageEnd(*(rows[-1][name] for name in PageEnd._fields)) if more else None
        goals = {UUID(goal) for row in rows for goal in row["unrated"]}
        words = self.goal_words(connection, case_id=case_id, actor=actor, child=child, goals=goals, as_of=as_of)
        if as_of is not None and present_rights_too:
            still = self.goal_words(connection, case_id=case_id, actor=actor, child=child, goals=words)
            words = {goal: text for goal, text in words.items() if goal in still}
        return [_telling(row, words) for row in rows], end

    def _below(self, end: PageEnd) -> ColumnElement[bool]:
        t = self.entries
        same = and_(t.c.entered_position == end.entered_position, tuple_(t.c.kind, t.c.entry_id) > end[2:])
        # The first half lets the index start at the place; the rest settles entries of the same moment.
        return and_(
            t.c.observed_from <= end.observed_from,
            or_(t.c.observed_from < end.observed_from, t.c.entered_position < end.entered_position, same),
        )

    def _rows(self, connection: Connection, where: Sequence[ColumnElement[bool]], limit: int) -> list[dict[str, Any]]:
        """Newest observation first."""
        t = self.entries
        newest_first = (t.c.observed_from.desc(), t.c.entered_position.desc(), t.c.kind, t.c.entry_id)
        query = select(t).where(*where).order_by(*newest_first).limit(limit)
        return [
            {name: value for name, value in row.items() if name not in _FOR_QUERIES}
            for row in connection.execute(query).mappings()
        ]

    def goal_words(
        self,
        connection: Connection,
        *,
        case_id: UUID,
        actor: Actor,
        child: Relationship,
        goals: Collection[UUID],
        as_of: int | None = None,
    ) -> dict[UUID, str]:
        """What those of these goals say that the actor may read of, in the words of position ``as_of`` (or now's)."""
        if not goals:
            return {}
        t = self.entries
        then = t.c.to_position == FOREVER
        if as_of is not None:
            then = and_(t.c.from_position <= as_of, t.c.to_position > as_of)
        query = (
            select(t.c.subject_id, t.c.sections)
            .where(
                t.c.subject_id.in_(list(goals)),
                t.c.case_id == case_id,
                t.c.kind == "goal",
                then,
                t.c.status != "entered-in-error",
                self.readable(actor, child),
            )
            .order_by(t.c.entered_position)  # what was entered last has the words that stand
        )
        return {row.subject_id: row.sections["goal"] for row in connection.execute(query)}

    def _selected(self, s: Selection, actor: Actor) -> list[ColumnElement[bool]]:
        t = self.entries
        where: list[ColumnElement[bool]] = []
        for name in ("discipline", "setting", "kind"):
            value = getattr(s, name)
            if value:
                where.append(t.c[name] == value)
        if s.author:
            where.append(t.c.author_id == s.author)
        if s.start:
            where.append(t.c.observed_to >= s.start)
        if s.end:
            where.append(t.c.observed_from < s.end)
        for word in folded(s.text).split()[:10]:
            found = t.c.search_text.contains(word, autoescape=True)
            if actor.role is not Role.TEACHER:  # nobody learns by searching what they may not read
                found = or_(found, t.c.unattested_text.contains(word, autoescape=True))
            where.append(found)
        return where

    def news(
        self,
        connection: Connection,
        *,
        actor: Actor,
        since: Mapping[UUID, int],
        visited: Mapping[UUID, date],
        children: Mapping[UUID, Relationship],
        today: date,
    ) -> dict[UUID, tuple[int, datetime | None]]:
        """For each child: how many entries, readable to the actor, others made or changed since a position (at most
        `NEWS_AT_MOST`), or the school may read since the day ``visited``, and when the latest of them was received."""
        t = self.entries
        found: dict[UUID, tuple[int, datetime | None]] = {}
        for case_id, child in children.items():
            new = (
                select(t.c.received_at)
                .where(*self._new(case_id, actor, child, since.get(case_id, 0), visited.get(case_id), today))
                .order_by(t.c.from_position.desc())
                .limit(NEWS_AT_MOST)
            )
            times = connection.execute(new).scalars().all()
            found[case_id] = (len(times), times[0] if times else None)
        return found

    def news_below(
        self,
        connection: Connection,
        *,
        case_id: UUID,
        actor: Actor,
        child: Relationship,
        since: int,
        visited: date,
        today: date,
        end: PageEnd,
    ) -> list[dict[str, Any]]:
        """What of a child's `news` stands below the end of a page: a late entry, or an old one changed."""
        new = self._new(case_id, actor, child, since, visited, today)
        rows = self._rows(connection, [*new, self._below(end)], NEWS_AT_MOST)
        goals = {UUID(goal) for row in rows for goal in row["unrated"]}
        words = self.goal_words(connection, case_id=case_id, actor=actor, child=child, goals=goals)
        return [_telling(row, words) for row in rows]

    def _new(
        self, case_id: UUID, actor: Actor, child: Relationship, since: int, visited: date | None, today: date
    ) -> list[ColumnElement[bool]]:
        t = self.entries
        recent = t.c.from_position > since
        if actor.role is Role.TEACHER and visited is not None:
            recent = or_(recent, t.c.school_from > visited)
        return [
            t.c.case_id == case_id,
            recent,
            t.c.to_position == FOREVER,
            t.c.changed_by != actor.person_id,
            t.c.kind.not_in(("team", "case")),
            t.c.status != "entered-in-error",
            self.readable(actor, child),
            self._by(actor, today),
        ]

    def citable(
        self,
        connection: Connection,
        *,
        case_id: UUID,
        actor: Actor,
        child: Relationship,
        day: date,
        text: str,
        limit: int = 60,
    ) -> list[dict[str, Any]]:
        """The newest signed notes that a summary by this actor may rest on."""
        rows, _ = self.page(
            connection,
            case_id=case_id,
            actor=actor,
            child=child,
            day=day,
            selection=Selection(kind="note", text=text),
            limit=limit,
        )
        return rows

    def present(
        self, connection: Connection, *, case_id: UUID, actor: Actor, child: Relationship, entries: Sequence[UUID]
    ) -> dict[UUID, dict[str, Any]]:
        """Those of these entries of the child that the actor may open now, as they stand; newest observation first."""
        if not entries:
            return {}
        t = self.entries
        query = (
            select(t)
            .where(
                t.c.case_id == case_id,
                t.c.to_position == FOREVER,
                t.c.entry_id.in_(list(entries)),
                self.readable(actor, child),
            )
            .order_by(t.c.observed_from.desc(), t.c.entry_id)
        )
        rows = [dict(r) for r in connection.execute(query).mappings()]
        for row in rows:
            for name in _FOR_QUERIES:
                del row[name]
        return {row["entry_id"]: row for row in rows}

    def readable_ids(
        self, connection: Connection, *, case_id: UUID, actor: Actor, child: Relationship, entries: Sequence[UUID]
    ) -> set[UUID]:
        """Which of these entries of the child the actor may open now."""
        return set(self.readable_kinds(connection, case_id=case_id, actor=actor, child=child, entries=entries))

    def readable_kinds(
        self, connection: Connection, *, case_id: UUID, actor: Actor, child: Relationship, entries: Sequence[UUID]
    ) -> dict[UUID, str]:
        """The same, each with what it is: a note, or what a group session was for the child."""
        if not entries:
            return {}
        t = self.entries
        query = select(t.c.entry_id, t.c.kind).where(
            t.c.case_id == case_id,
            t.c.to_position == FOREVER,
            t.c.entry_id.in_(list(entries)),
            self.readable(actor, child),
        )
        return {row.entry_id: row.kind for row in connection.execute(query)}
