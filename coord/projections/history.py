"""The history: one row a change, of every child and every account. What was looked at is in the access log."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    func,
    or_,
    select,
)

from coord.columns import Document, InOrder, Instant, Position, as_mappings, given
from coord.domain.activity import ActivityRestored, ActivityRetired, ActivityRevised, ActivityWritten
from coord.domain.case import (
    AttainmentScored,
    CaseClosed,
    CaseDetailsCorrected,
    CaseOpened,
    CaseReopened,
    CircleNameJoined,
    CirclePersonCorrected,
    CirclePersonNamed,
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
    NoteCosignatureEntrusted,
    NoteCosigned,
    NoteEnteredInError,
    NoteEvent,
    NoteSigned,
    ProfileDescribed,
    StrategyEnded,
    StrategyOffered,
    StrategyTried,
    SummaryPublished,
    SummaryRecalled,
    TeamMemberChanged,
    TeamMemberJoined,
    TeamMemberLeft,
)
from coord.domain.case.aggregate import Member
from coord.domain.course import (
    AttendanceSettled,
    CourseEnded,
    CoursePlanned,
    CourseRevised,
    PlaceEnded,
    PlaceGiven,
    SessionCancelled,
    SessionCorrected,
    SessionMoved,
    SessionPlanned,
    SessionRecorded,
    SessionReinstated,
    StandInsNamed,
)
from coord.domain.events import CoordEvent
from coord.domain.person import (
    PersonAccountChanged,
    PersonChangeConfirmed,
    PersonChangedByOneAlone,
    PersonChangeDeclined,
    PersonChangeProposed,
    PersonDisabled,
    PersonEmailChanged,
    PersonEnabled,
    PersonMoved,
    PersonRegistered,
    PersonRoleChanged,
)
from coord.domain.policy import PolicyChanged
from coord.projections.engine import View, Writer, handles, person_of


@cache
def _kind(topic: str) -> tuple[str, bool]:
    """A topic without its version, and whether it is of a child's stream."""
    return topic.rsplit(".v", 1)[0], topic.startswith("case.")


def _meant(event: object) -> dict[str, Any]:
    """What was asked about before it was done, and is meant so."""
    answered = list(getattr(event, "answered", ()))
    return {"answered": answered} if answered else {}


def _days_of(stay: Member) -> dict[str, Any]:
    return {"relation": stay["relation"], "since": stay["since"], "until": stay["until"]}


class History(View):
    """Facts only: who, as what, what, when. Texts of notes are not copied here; they are read from the note itself."""

    NAME = "history"

    def build_tables(self) -> None:
        """One table."""
        self.changes = t = Table(
            self.name("changes"),
            self.metadata,
            Column("position", Position, primary_key=True, autoincrement=False),
            Column("stream_id", Uuid, nullable=False),
            Column("case_id", Uuid),
            Column("entry_id", Uuid),
            Column("kind", Text, nullable=False),
            Column("at", Instant, nullable=False),
            Column("observed_at", Instant),
            Column("recorded_at", Instant),
            Column("person_id", Uuid, nullable=False),
            Column("person_name", Text, nullable=False),
            Column("role", Text, nullable=False),
            Column("discipline", Text),
            Column("request", Text, nullable=False),
            Column("version", Integer, nullable=False),
            Column("detail", Document, nullable=False),
        )
        self.reading_index("changes_by_kind", t.c.stream_id, t.c.kind, t.c.position)
        # For pages, in their order: of a child, of a child by a person, of a person, of everybody.
        self.reading_index("changes_of_case", t.c.case_id, t.c.at, t.c.position)
        self.reading_index("changes_of_case_by", t.c.case_id, t.c.person_id, t.c.at, t.c.position)
        self.reading_index("changes_of_person", t.c.person_id, t.c.at, t.c.position)
        self.reading_index("changes_in_order", t.c.at, t.c.position)

    @handles(NoteSigned)
    def signed(self, writer: Writer, event: NoteSigned, position: int) -> None:
        """With the times of doing and writing, and what was asked about it."""
        detail = {"format": event.format, "audience": event.audience, "setting": event.setting} | _meant(event)
        self._add(writer, event, position, detail, observed_at=event.observed_from, recorded_at=event.recorded_at)

    @handles(CaseDetailsCorrected)
    def corrected(self, writer: Writer, event: CaseDetailsCorrected, position: int) -> None:
        """From which values to which."""
        self._add(writer, event, position, {"before": event.before, "after": event.changes, "reason": event.reason})

    @handles(NoteAmended)
    def amended(self, writer: Writer, event: NoteAmended, position: int) -> None:
        """The number of the new text; the texts are in the note."""
        self._add(writer, event, position, {"reason": event.reason, "text_version": event.version})

    @handles(NoteCircumstancesCorrected)
    def circumstances(self, writer: Writer, event: NoteCircumstancesCorrected, position: int) -> None:
        """That they were, and why; from what to what is in the note."""
        detail = {"reason": event.reason, "correction": event.number}
        self._add(writer, event, position, detail, observed_at=event.observed_from)

    @handles(NoteAddendumAdded)
    def addendum(self, writer: Writer, event: NoteAddendumAdded, position: int) -> None:
        """Which addendum."""
        self._add(writer, event, position, {"addendum": str(event.addendum_id)})

    @handles(NoteAudienceChanged)
    def audience(self, writer: Writer, event: NoteAudienceChanged, position: int) -> None:
        """From which audience to which."""
        self._add(
            writer, event, position, {"before": {"audience": event.before}, "after": {"audience": event.audience}}
        )

    # ``stays``, for what somebody was on a day: see `coord.application.readers`.

    @handles(TeamMemberJoined)
    def joined(self, writer: Writer, event: TeamMemberJoined, position: int) -> None:
        """Who joined, as what, and their stays from then on."""
        self._add(writer, event, position, {"person": event.person, **event.member, "stays": event.stays})

    @handles(TeamMemberLeft)
    def left(self, writer: Writer, event: TeamMemberLeft, position: int) -> None:
        """Who left, and what they left behind."""
        detail = {"person": event.person, "name": event.name, "relation": event.relation, "on": event.on}
        told = {"left_behind": list(event.answered)} if event.answered else {}
        self._add(writer, event, position, {**detail, **told, "stays": event.stays})

    @handles(TeamMemberChanged)
    def stay_changed(self, writer: Writer, event: TeamMemberChanged, position: int) -> None:
        """Whose stay, and from what to what; what will not be has no after."""
        detail = {
            "person": event.person,
            "name": event.name,
            "before": _days_of(event.before),
            "after": _days_of(event.after) if event.after else {},
            "stays": event.stays,
        }
        self._add(writer, event, position, detail)

    @handles(SummaryPublished)
    def published(self, writer: Writer, event: SummaryPublished, position: int) -> None:
        """Which version."""
        detail = {"version": event.version, "valid_from": event.valid_from, "review_date": event.review_date}
        self._add(writer, event, position, detail)

    @handles(SummaryRecalled)
    def recalled(self, writer: Writer, event: SummaryRecalled, position: int) -> None:
        """Which version, and why."""
        self._add(writer, event, position, {"version": event.version, "reason": event.reason})

    # Of goals, measures and strategies no words either, reasons included: they are for those who may read them.

    @handles(GoalProposed, GoalRevised)
    def goal_worded(self, writer: Writer, event: GoalProposed | GoalRevised, position: int) -> None:
        """Which wording, for whom."""
        version = event.content_version if isinstance(event, GoalRevised) else 1
        self._add(writer, event, position, {"goal_version": version, "audience": event.content["audience"]})

    @handles(GoalAgreed)
    def goal_agreed(self, writer: Writer, event: GoalAgreed, position: int) -> None:
        """Which wording, and as what people agreed to it."""
        parties = sorted({p["party"] for p in event.parties})
        self._add(writer, event, position, {"goal_version": event.content_version, "parties": parties})

    @handles(GoalStatusChanged)
    def goal_status(self, writer: Writer, event: GoalStatusChanged, position: int) -> None:
        """From which state to which."""
        change = {"before": {"goal_status": event.before}, "after": {"goal_status": event.status}}
        self._add(writer, event, position, change)

    @handles(CirclePersonNamed)
    def circle_named(self, writer: Writer, event: CirclePersonNamed, position: int) -> None:
        """Who, and what they are to the child."""
        self._add(writer, event, position, {"name": event.name, "kinship": event.relation})

    @handles(CirclePersonCorrected)
    def circle_corrected(self, writer: Writer, event: CirclePersonCorrected, position: int) -> None:
        """From what to what, and why."""
        before, after = (
            {f"circle_{field}": value for field, value in of.items()} for of in (event.before, event.changes)
        )
        self._add(writer, event, position, {"before": before, "after": after, "reason": event.reason})

    @handles(CircleNameJoined)
    def circle_joined(self, writer: Writer, event: CircleNameJoined, position: int) -> None:
        """Which typed name, and whose it is; nobody's, if it was taken apart again."""
        self._add(writer, event, position, {"written": event.written, "name": event.name})

    @handles(GoalObserved)
    def goal_observed(self, writer: Writer, event: GoalObserved, position: int) -> None:
        """In which context."""
        self._add(writer, event, position, {"context": event.context}, observed_at=event.observed_at)

    @handles(InstrumentRecorded)
    def instrument(self, writer: Writer, event: InstrumentRecorded, position: int) -> None:
        """Which one."""
        self._add(writer, event, position, {"instrument": event.instrument, "measured_on": event.measured_on})

    @handles(CopmRecorded)
    def copm(self, writer: Writer, event: CopmRecorded, position: int) -> None:
        """By whose rating."""
        self._add(writer, event, position, {"informant": event.informant, "measured_on": event.measured_on})

    @handles(StrategyOffered)
    def strategy(self, writer: Writer, event: StrategyOffered, position: int) -> None:
        """For which context."""
        self._add(writer, event, position, {"context": event.context})

    @handles(StrategyTried)
    def tried(self, writer: Writer, event: StrategyTried, position: int) -> None:
        """What came of it."""
        self._add(writer, event, position, {"tried": event.outcome}, observed_at=event.tried_at)

    @handles(CaseOpened)
    def opened(self, writer: Writer, event: CaseOpened, position: int) -> None:
        """That it was, and what was asked before."""
        self._add(writer, event, position, {"answered": list(event.answered)} if event.answered else {})

    @handles(NoteCosignatureEntrusted)
    def entrusted(self, writer: Writer, event: NoteCosignatureEntrusted, position: int) -> None:
        """To whom, and why."""
        detail = {"name": event.to["name"], "discipline": event.to["discipline"], "reason": event.reason}
        self._add(writer, event, position, detail)

    @handles(
        NoteCosigned,
        GoalObservationEnteredInError,
        AttainmentScored,
        MeasureEnteredInError,
        StrategyEnded,
        ProfileDescribed,
        GroupLineEnteredInError,
    )
    def plain(self, writer: Writer, event: CoordEvent, position: int) -> None:
        """That it happened."""
        self._add(writer, event, position, {})

    @handles(CaseClosed, CaseReopened, NoteEnteredInError, PersonDisabled, PersonEnabled)
    def with_reason(self, writer: Writer, event: Any, position: int) -> None:
        """That it happened, and why; and what was left behind, where that was asked."""
        answered = list(getattr(event, "answered", ()))
        self._add(writer, event, position, {"reason": event.reason} | ({"left_behind": answered} if answered else {}))

    @handles(CourseEnded)
    def course_ended(self, writer: Writer, event: CourseEnded, position: int) -> None:
        """That it happened, and why."""
        self._add(writer, event, position, {"reason": event.reason} | _meant(event))

    @handles(PersonRegistered)
    def registered(self, writer: Writer, event: PersonRegistered, position: int) -> None:
        """Who, as what, in which team."""
        detail = {"name": event.name, "role": event.role, "discipline": event.discipline, "team": event.team}
        self._add(writer, event, position, detail | _meant(event))

    @handles(PersonRoleChanged)
    def role_changed(self, writer: Writer, event: PersonRoleChanged, position: int) -> None:
        """To which role."""
        self._add(writer, event, position, {"role": event.role, "discipline": event.discipline})

    @handles(PersonMoved)
    def moved(self, writer: Writer, event: PersonMoved, position: int) -> None:
        """To which team."""
        self._add(writer, event, position, {"team": event.team} | _meant(event))

    @handles(PersonEmailChanged)
    def email_changed(self, writer: Writer, event: PersonEmailChanged, position: int) -> None:
        """That it changed; the address is on the person's page, for administrators alone."""
        self._add(writer, event, position, {})

    # Of what takes two people no address: like a changed one, it is on the pages for those who decide.

    @handles(PersonChangeProposed)
    def change_proposed(self, writer: Writer, event: PersonChangeProposed, position: int) -> None:
        """What would change, and to which role or team."""
        wanted = {name: event.wanted[name] for name in ("role", "discipline", "team") if event.wanted.get(name)}
        self._add(writer, event, position, {"change": event.change, **wanted} | _meant(event))

    @handles(PersonChangeConfirmed, PersonChangeDeclined)
    def change_decided(
        self, writer: Writer, event: PersonChangeConfirmed | PersonChangeDeclined, position: int
    ) -> None:
        """What was decided, and who had proposed it."""
        self._add(writer, event, position, {"change": event.change, "proposed_by": event.proposed_by["name"]})

    @handles(PersonChangedByOneAlone)
    def changed_by_one(self, writer: Writer, event: PersonChangedByOneAlone, position: int) -> None:
        """What one did that takes two."""
        self._add(writer, event, position, {"change": event.change})

    @handles(PersonAccountChanged)
    def account_changed(self, writer: Writer, event: PersonAccountChanged, position: int) -> None:
        """What was done; of a token its name."""
        self._add(writer, event, position, {"done": event.done, "token": event.name})

    @handles(ActivityWritten, ActivityRevised)
    def activity_text(self, writer: Writer, event: ActivityWritten | ActivityRevised, position: int) -> None:
        """Which activity, and the number of its text; the texts are in the library."""
        detail: dict[str, Any] = {"title": event.content["title"], "version": 1}
        if isinstance(event, ActivityRevised):
            detail |= {"version": event.version, "reason": event.reason}
        self._add(writer, event, position, detail)

    @handles(ActivityRetired, ActivityRestored)
    def activity_status(self, writer: Writer, event: ActivityRetired | ActivityRestored, position: int) -> None:
        """Out of use, or in use again, and why."""
        self._add(writer, event, position, {"reason": event.reason})

    @handles(PolicyChanged)
    def policy_changed(self, writer: Writer, event: PolicyChanged, position: int) -> None:
        """Which policy, and from which values to which."""
        changed = [part for part, value in event.values.items() if event.before.get(part) != value]
        detail = {
            "policy": event.name,
            "reason": event.reason,
            "before": {part: event.before.get(part) for part in changed},
            "after": {part: event.values[part] for part in changed},
        }
        self._add(writer, event, position, detail)

    # Of groups: in a child's history nothing that leads to another child, in a course's no words about a child.

    @handles(GroupPlaceChanged)
    def group_place(self, writer: Writer, event: GroupPlaceChanged, position: int) -> None:
        """Which kind of group, what became of the place, and from and until which day."""
        days = {name: day for name, day in (("since", event.since), ("until", event.until)) if day}
        self._add(writer, event, position, {"group": event.kind, "place": event.change, **days})

    @handles(GroupSessionRecorded)
    def group_session(self, writer: Writer, event: GroupSessionRecorded, position: int) -> None:
        """Which session of which kind of group."""
        detail = {"group": event.kind, "session": event.session}
        self._add(writer, event, position, detail, observed_at=event.observed_from)

    @handles(GroupLineCorrected)
    def group_line(self, writer: Writer, event: GroupLineCorrected, position: int) -> None:
        """Which version."""
        self._add(writer, event, position, {"text_version": event.version}, observed_at=event.observed_from)

    @handles(CoursePlanned, CourseRevised)
    def course(self, writer: Writer, event: CoursePlanned | CourseRevised, position: int) -> None:
        """Which course."""
        detail: dict[str, Any] = {"title": event.content["title"], "group": event.content["kind"]}
        if isinstance(event, CourseRevised):
            detail |= {"version": event.content_version, "reason": event.reason}
            detail |= ({"override": event.override} if event.override else {}) | _meant(event)
        self._add(writer, event, position, detail)

    @handles(PlaceGiven)
    def place_given(self, writer: Writer, event: PlaceGiven, position: int) -> None:
        """Whom, and why against what was known."""
        detail = {"child": event.case, "place": event.status, "since": event.since}
        self._add(
            writer, event, position, detail | ({"reason": event.override} if event.override else {}) | _meant(event)
        )

    @handles(PlaceEnded)
    def place_ended(self, writer: Writer, event: PlaceEnded, position: int) -> None:
        """Whom, and why."""
        detail = {"child": event.case, "place": "left", "until": event.until, "reason": event.reason}
        self._add(writer, event, position, detail | _meant(event))

    @handles(SessionPlanned)
    def session_planned(self, writer: Writer, event: SessionPlanned, position: int) -> None:
        """Which session."""
        self._add(writer, event, position, {"session": event.number, "version": event.version})

    @handles(SessionCancelled, SessionReinstated)
    def session_cancelled(self, writer: Writer, event: SessionCancelled | SessionReinstated, position: int) -> None:
        """Which session, and why."""
        self._add(writer, event, position, {"session": event.number, "reason": event.reason} | _meant(event))

    @handles(SessionMoved)
    def session_moved(self, writer: Writer, event: SessionMoved, position: int) -> None:
        """Which session, from when to when, and why."""
        detail = {
            "session": event.number,
            "reason": event.reason,
            "before": {"held_on": event.from_day, "start_time": event.from_time},
            "after": {"held_on": event.day, "start_time": event.start_time},
        }
        self._add(writer, event, position, detail | _meant(event))

    @handles(StandInsNamed)
    def stand_ins_named(self, writer: Writer, event: StandInsNamed, position: int) -> None:
        """Of which session, who, and why."""
        names = [member["name"] for member in event.stand_ins.values()]
        detail = {"session": event.number, "stand_ins": names, "reason": event.reason}
        self._add(writer, event, position, detail | _meant(event))

    @handles(AttendanceSettled)
    def attendance_settled(self, writer: Writer, event: AttendanceSettled, position: int) -> None:
        """Of which session, of whom, and why."""
        detail = {"session": event.number, "child": event.case, "reason": event.reason}
        self._add(writer, event, position, detail | _meant(event))

    @handles(SessionRecorded)
    def session_recorded(self, writer: Writer, event: SessionRecorded, position: int) -> None:
        """Which session, and of how many children."""
        detail = {"session": event.number, "children": len(event.lines)}
        self._add(writer, event, position, detail | _meant(event), observed_at=event.started_at)

    @handles(SessionCorrected)
    def session_corrected(self, writer: Writer, event: SessionCorrected, position: int) -> None:
        """Which session, of how many children, and why."""
        changed = len(event.corrected) + len(event.in_error)
        detail = {"session": event.number, "version": event.version, "children": changed, "reason": event.reason}
        self._add(writer, event, position, detail | _meant(event), observed_at=event.started_at)

    def _add(
        self,
        writer: Writer,
        event: CoordEvent,
        position: int,
        detail: dict[str, Any],
        observed_at: datetime | None = None,
        recorded_at: datetime | None = None,
    ) -> None:
        kind, of_child = _kind(event.TOPIC)
        writer.insert(
            self.changes,
            {
                "position": position,
                "stream_id": event.originator_id,
                "case_id": event.originator_id if of_child else None,
                "entry_id": event.entry_id if isinstance(event, NoteEvent | GoalEvent) else None,
                "kind": kind,
                "at": event.timestamp,
                "observed_at": observed_at,
                "recorded_at": recorded_at,
                "person_id": person_of(event),
                "person_name": event.by["name"],
                "role": event.by["role"],
                "discipline": event.by["discipline"],
                "request": event.by["request"],
                "version": event.originator_version,
                "detail": detail,
            },
        )

    # ---- queries

    def page(
        self,
        connection: Connection,
        *,
        streams: Collection[UUID] | None = None,
        also: Select[Any] | None = None,
        authors: Collection[UUID] = (),
        case_id: UUID | None = None,
        person: UUID | None = None,
        kind: str = "",
        start: datetime | None = None,
        end: datetime | None = None,
        before: tuple[datetime, int] | None = None,
        limit: int = 50,
    ) -> list[dict[str, Any]]:
        """Changes, newest first, to a child or to any of ``streams``, and those of ``authors`` to the activity library;
        with ``streams`` also those at the positions that the query ``also`` gives.

        ``before`` is the (time, position) of the last one shown.
        """
        t = self.changes
        where: list[ColumnElement[bool]] = []
        if case_id is not None:
            where.append(t.c.case_id == case_id)
        if streams is not None:
            library = and_(t.c.kind.startswith("activity."), InOrder(t.c.person_id).in_(list(authors)))
            beside = [InOrder(t.c.position).in_(also)] if also is not None else []
            where.append(or_(InOrder(t.c.stream_id).in_(list(streams)), library, *beside))
        if person is not None:
            where.append(t.c.person_id == person)
        if kind:
            where.append(
                t.c.kind.in_([kind, *(f"{of}.{kind}" for of in ("case", "person", "activity", "policy", "course"))])
            )
        if start is not None:
            where.append(t.c.at >= start)
        if end is not None:
            where.append(t.c.at < end)
        if before is not None:
            at, position = before
            where += [t.c.at <= at, or_(t.c.at < at, t.c.position < position)]
        query = select(t).where(*where).order_by(t.c.at.desc(), t.c.position.desc()).limit(limit)
        return as_mappings(connection.execute(query))

    def people_of(self, connection: Connection, case_id: UUID) -> dict[UUID, str]:
        """Everybody who ever changed something in a child's record, with the name they had last."""
        t = self.changes

        def next_after(*person: ColumnElement[Any]) -> Any:
            """The next person by id: one look into the index for each, however much each has changed."""
            more = [t.c.person_id > other for other in person]
            ids = select(t.c.person_id).where(t.c.case_id == case_id, *more).order_by(t.c.person_id)
            return ids.limit(1).scalar_subquery()

        who = select(next_after().label("person_id")).cte("who", recursive=True)
        who = who.union_all(select(next_after(who.c.person_id)).where(who.c.person_id.is_not(None)))
        last = (
            select(t.c.person_name)
            .where(t.c.case_id == case_id, t.c.person_id == who.c.person_id)
            .order_by(t.c.at.desc(), t.c.position.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = select(who.c.person_id, last.label("person_name")).where(who.c.person_id.is_not(None))
        return {row.person_id: row.person_name for row in connection.execute(query)}

    def told(
        self, connection: Connection, *, streams: Collection[UUID], kinds: Collection[str]
    ) -> list[dict[str, Any]]:
        """Changes of these kinds in these streams, all of them, oldest first: for what was so on a day."""
        t = self.changes
        pairs = [(stream, kind) for stream in streams for kind in kinds]  # so that each is looked up as such
        asked = given("asked", pairs, Column("stream_id", Uuid), Column("kind", Text))
        same = and_(t.c.stream_id == asked.c.stream_id, t.c.kind == asked.c.kind)
        query = select(t).select_from(asked.join(t, same)).order_by(InOrder(t.c.position))
        return as_mappings(connection.execute(query))

    def position_at(self, connection: Connection, case_id: UUID, at: datetime) -> int:
        """The last position of a child's record that had been received by the time ``at``; 0 if there was none."""
        t = self.changes
        found = connection.execute(select(func.max(t.c.position)).where(t.c.case_id == case_id, t.c.at <= at)).scalar()
        return int(found or 0)

    def time_of(self, connection: Connection, position: int) -> datetime | None:
        """When the last event up to a position, of any stream, was received; None if there was none."""
        t = self.changes
        query = select(t.c.at).where(t.c.position <= position).order_by(t.c.position.desc()).limit(1)
        return cast("datetime | None", connection.execute(query).scalar())
