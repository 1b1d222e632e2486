"""The caseload: which children there are, who is on each care team, and which notes await a co-signature."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    Integer,
    RowMapping,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    or_,
    select,
)

from coord.columns import Document, Instant, as_mappings
from coord.domain.actors import Actor, Discipline, Relation, Relationship, Role
from coord.domain.case import (
    AlertChanged,
    AlertEnded,
    AlertRaised,
    CaseClosed,
    CaseDetailsCorrected,
    CaseOpened,
    CaseReopened,
    NoteAmended,
    NoteCircumstancesCorrected,
    NoteCosignatureEntrusted,
    NoteCosigned,
    NoteEnteredInError,
    NoteSigned,
    TeamMemberChanged,
    TeamMemberJoined,
    TeamMemberLeft,
)
from coord.domain.case.aggregate import Member
from coord.domain.case.alerts import in_order
from coord.domain.person import PersonRenamed
from coord.projections.engine import View, Writer, handles, person_of
from coord.projections.roles import InRole, counts, role_of
from coord.words import name_key, sort_key

_CASE, _PERSON = bindparam("case", type_=Uuid()), bindparam("person", type_=Uuid())
_TODAY = bindparam("today", type_=Date())
"""What differs from one asking to the next of a statement that is put together once."""


class Caseload(View):
    """Cases, members, and what waits for a signature."""

    NAME = "caseload"

    def build_tables(self) -> None:
        """Four tables."""
        self.cases = Table(
            self.name("cases"),
            self.metadata,
            Column("case_id", Uuid, primary_key=True),
            Column("preferred_name", Text, nullable=False),
            Column("full_name", Text, nullable=False),
            Column("birth_date", Date, nullable=False),
            Column("languages", Document, nullable=False),
            Column("school", Text, nullable=False),
            Column("school_class", Text, nullable=False),
            Column("team", Text, nullable=False),
            Column("status", Text, nullable=False),
            Column("version", Integer, nullable=False),
            Column("opened_at", Instant, nullable=False),
            Column("closed_at", Instant),
            Column("name_key", Text, nullable=False),
            # Those that stand, in order: whoever reads who the child is reads them, and no statement asks for them.
            Column("alerts", Document, nullable=False),
        )
        self.reading_index("cases_born", self.cases.c.birth_date)
        self.reading_index("cases_named", self.cases.c.name_key)
        self.reading_index("cases_team", self.cases.c.team)
        self.members = Table(
            self.name("care_team"),
            self.metadata,
            Column("case_id", Uuid, primary_key=True),
            Column("person_id", Uuid, primary_key=True),
            Column("name", Text, nullable=False),
            Column("role", Text, nullable=False),
            Column("discipline", Text),
            Column("relation", Text, nullable=False),
            Column("since", Date, primary_key=True),
            Column("until", Date),
            Column("left_on", Date),
        )
        self.reading_index("care_team_person", self.members.c.person_id)
        self.awaiting = Table(
            self.name("awaiting_cosignature"),
            self.metadata,
            Column("note_id", Uuid, primary_key=True),
            Column("case_id", Uuid, nullable=False),
            Column("author_id", Uuid, nullable=False),
            Column("author_name", Text, nullable=False),
            Column("discipline", Text),
            Column("signed_at", Instant, nullable=False),
            Column("entrusted_to", Uuid),
        )
        self.reading_index("awaiting_case", self.awaiting.c.case_id)
        self.entrusted = Table(
            self.name("entrusted_cosignatures"),
            self.metadata,
            Column("note_id", Uuid, primary_key=True),
            Column("person_id", Uuid, nullable=False),
        )

    # ---- handlers

    @handles(CaseOpened)
    def opened(self, writer: Writer, event: CaseOpened, position: int) -> None:
        """A new child."""
        d = event.details
        writer.insert(
            self.cases,
            {
                "case_id": event.originator_id,
                "preferred_name": d["preferred_name"],
                "full_name": d["full_name"],
                "birth_date": date.fromisoformat(d["birth_date"]),
                "languages": d["languages"],
                "school": d["school"],
                "school_class": d["school_class"],
                "team": d["team"],
                "status": "open",
                "version": 1,
                "opened_at": event.timestamp,
                "closed_at": None,
                "name_key": name_key(d["full_name"]),
                "alerts": [],
            },
        )

    @handles(CaseDetailsCorrected)
    def corrected(self, writer: Writer, event: CaseDetailsCorrected, position: int) -> None:
        """New values."""
        values: dict[str, Any] = dict(event.changes)
        if "birth_date" in values:
            values["birth_date"] = date.fromisoformat(values["birth_date"])
        if "full_name" in values:
            values["name_key"] = name_key(values["full_name"])
        row = writer.one(self.cases, case_id=event.originator_id)
        self._set(writer, event.originator_id, **values, version=row["version"] + 1)

    @handles(CaseClosed, CaseReopened)
    def closed(self, writer: Writer, event: CaseClosed | CaseReopened, position: int) -> None:
        """Closed, or open again."""
        is_closed = isinstance(event, CaseClosed)
        status, closed_at = ("closed", event.timestamp) if is_closed else ("open", None)
        self._set(writer, event.originator_id, status=status, closed_at=closed_at)

    @handles(TeamMemberJoined, TeamMemberChanged, TeamMemberLeft)
    def team_changed(
        self, writer: Writer, event: TeamMemberJoined | TeamMemberChanged | TeamMemberLeft, position: int
    ) -> None:
        """The stays of one person, as they are from now on; under the name that they have now, for the event tells each
        stay under that of its beginning."""
        m, key = self.members, {"case_id": event.originator_id, "person_id": UUID(event.person)}
        found = writer.run(
            select(m).where(m.c.case_id == key["case_id"], m.c.person_id == key["person_id"]).order_by(m.c.since)
        )
        rows = found.mappings().all()
        stays = event.stays_after([_stay(row) for row in rows])
        called = {"name": rows[0]["name"]} if rows else {}
        writer.delete(m, **key)
        for stay in stays:
            writer.insert(m, {**key, **_row(stay), **called})

    @handles(PersonRenamed)
    def renamed(self, writer: Writer, event: PersonRenamed, position: int) -> None:
        """On every care team, in every stay."""
        writer.update(self.members, {"person_id": event.originator_id}, name=event.name)

    @handles(NoteSigned, NoteAmended, NoteCircumstancesCorrected)
    def signed(
        self, writer: Writer, event: NoteSigned | NoteAmended | NoteCircumstancesCorrected, position: int
    ) -> None:
        """A student's note waits for a supervisor, and once corrected it waits again."""
        if not event.needs_cosignature:
            return
        entrusted = None
        if not isinstance(event, NoteSigned):
            entrusted = writer.run(
                select(self.entrusted.c.person_id).where(self.entrusted.c.note_id == event.note_id)
            ).scalar()
            self._settled(writer, event.note_id)
        writer.insert(
            self.awaiting,
            {
                "note_id": event.note_id,
                "case_id": event.originator_id,
                "author_id": person_of(event),
                "author_name": event.by["name"],
                "discipline": event.by["discipline"],
                "signed_at": event.signed_at,
                "entrusted_to": entrusted,
            },
        )

    @handles(NoteCosignatureEntrusted)
    def entrusted_to(self, writer: Writer, event: NoteCosignatureEntrusted, position: int) -> None:
        """Somebody of another discipline may co-sign it; also what its author corrects later."""
        person = UUID(event.to["person"])
        writer.update(self.awaiting, {"note_id": event.note_id}, entrusted_to=person)
        writer.delete(self.entrusted, note_id=event.note_id)
        writer.insert(self.entrusted, {"note_id": event.note_id, "person_id": person})

    @handles(NoteCosigned, NoteEnteredInError)
    def settled(self, writer: Writer, event: NoteCosigned | NoteEnteredInError, position: int) -> None:
        """It waits no longer. (Only a student's note can be on the list: the delete of another one finds nothing.)"""
        self._settled(writer, event.note_id)

    def _settled(self, writer: Writer, note_id: UUID) -> None:
        writer.delete(self.awaiting, note_id=note_id)

    @handles(AlertRaised, AlertChanged, AlertEnded)
    def alerts_changed(self, writer: Writer, event: AlertRaised | AlertChanged | AlertEnded, position: int) -> None:
        """What must be known of the child now."""
        row = writer.one(self.cases, case_id=event.originator_id)
        before: dict[str, Any] = {one["id"]: {n: one[n] for n in one if n != "id"} for one in row["alerts"]}
        standing = in_order(event.alerts_after(before))
        self._set(writer, event.originator_id, alerts=[{"id": id, **alert} for id, alert in standing.items()])

    def _set(self, writer: Writer, case_id: UUID, **values: Any) -> None:
        writer.update(self.cases, {"case_id": case_id}, **values)

    # ---- queries

    def case(self, connection: Connection, case_id: UUID) -> dict[str, Any] | None:
        """A child's row, None if there is none."""
        return next(iter(self.asked.all(connection, self._case, case=case_id)), None)

    def _case(self) -> Select[Any]:
        return select(self.cases).where(self.cases.c.case_id == _CASE)

    def team_of(self, connection: Connection, case_id: UUID) -> list[dict[str, Any]]:
        """The care team, by name: every stay, also those that are over or to come (see ``since`` and ``until``)."""
        rows = self.asked.all(connection, self._team, case=case_id)
        return sorted(rows, key=lambda row: sort_key(row["name"]))

    def _team(self) -> Select[Any]:
        m = self.members
        return select(m).where(m.c.case_id == _CASE).order_by(m.c.person_id, m.c.since)

    def relationship(self, connection: Connection, case_id: UUID, actor: Actor, today: date) -> Relationship:
        """What the actor is to a child on a day; a stranger's, if there is no such child."""
        asked = {"case": case_id, "person": actor.person_id, "today": today}
        for row in self.asked.all(connection, self._relation, role_of(actor), **asked):
            return _with_relationship(row, actor)[1]
        return Relationship()

    def _relation(self, role: InRole) -> Select[Any]:
        c = self.cases
        return select(c.c.team, self.members.c.relation).select_from(self._with_me(c, role)).where(c.c.case_id == _CASE)

    def _with_me(self, of: Any, role: InRole) -> Any:
        """Children, or what is joined with them, and what the person is to each on the day, in the role that they are
        here in (`Actor.is_here_by`)."""
        m = self.members
        mine = [m.c.case_id == self.cases.c.case_id, m.c.person_id == _PERSON]
        mine += counts(m.c.role, role)
        return of.outerjoin(m, and_(*mine, m.c.since <= _TODAY, or_(m.c.until.is_(None), m.c.until >= _TODAY)))

    def children_of(
        self, connection: Connection, actor: Actor, today: date
    ) -> list[tuple[dict[str, Any], Relationship]]:
        """The children that an actor knows, by preferred name, with what the actor is to each."""
        if actor.role is Role.ADMINISTRATOR:
            return []
        asked = {"person": actor.person_id, "today": today}
        if leads := _leads(actor):
            asked["team"] = actor.team
        rows = self.asked.all(connection, self._children, leads, role_of(actor), **asked)
        rows.sort(key=lambda row: sort_key(row["preferred_name"]))
        return [_with_relationship(row, actor) for row in rows]

    def _children(self, leads: bool, role: InRole) -> Select[Any]:
        c, m = self.cases, self.members
        with_me = self._with_me(c, role)
        return select(c, m.c.relation).select_from(with_me).where(self._known(leads)).order_by(c.c.case_id)

    def _known(self, leads: bool) -> ColumnElement[bool]:
        """That the person is on the care team, or leads the team of the child."""
        on_the_team = self.members.c.relation.is_not(None)
        return or_(on_the_team, self.cases.c.team == bindparam("team")) if leads else on_the_team

    def of_ids(
        self, connection: Connection, case_ids: Sequence[UUID], actor: Actor, today: date
    ) -> dict[UUID, tuple[dict[str, Any], Relationship]]:
        """These children, whether the actor knows them or not, with what the actor is to each: for a group's staff."""
        if not case_ids:
            return {}
        c, m = self.cases, self.members
        with_me = self._with_me(c, role_of(actor))
        query = select(c, m.c.relation).select_from(with_me).where(c.c.case_id.in_(list(case_ids)))
        rows = as_mappings(connection.execute(query, {"person": actor.person_id, "today": today}))
        found = [_with_relationship(row, actor) for row in rows]
        return {case["case_id"]: (case, relationship) for case, relationship in found}

    def cases_of_team(self, connection: Connection, team: str) -> list[dict[str, Any]]:
        """The children of a service team, by preferred name."""
        c = self.cases
        query = select(c).where(c.c.team == team).order_by(c.c.case_id)
        return sorted(as_mappings(connection.execute(query)), key=lambda row: sort_key(row["preferred_name"]))

    def teams(self, connection: Connection) -> set[str]:
        """The service teams that there are children of."""
        return set(connection.execute(select(self.cases.c.team).distinct()).scalars())

    def born_or_named(self, connection: Connection, full_name: str, birth_date: date) -> list[dict[str, Any]]:
        """Every child who was born on a day, or has this full name but for accents, marks and the order of its words:
        for the question whether there is a record already, never to be shown."""
        c = self.cases
        query = select(c).where(or_(c.c.birth_date == birth_date, c.c.name_key == name_key(full_name)))
        return as_mappings(connection.execute(query))

    def names(self, connection: Connection, case_ids: set[UUID]) -> dict[UUID, str]:
        """Preferred names by case."""
        if not case_ids:
            return {}
        c = self.cases
        query = select(c.c.case_id, c.c.preferred_name).where(c.c.case_id.in_(case_ids))
        return {r.case_id: r.preferred_name for r in connection.execute(query)}

    def awaiting_for(
        self, connection: Connection, actor: Actor, today: date
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Notes that the actor may co-sign (of the own discipline, or entrusted; on the care team, not own), and own
        notes that wait."""
        asked: dict[str, Any] = {"person": actor.person_id, "today": today}
        discipline = None
        if actor.role is Role.THERAPIST and actor.discipline not in (None, Discipline.SCHOOL):
            discipline = asked["discipline"] = actor.discipline.value
        if leads := _leads(actor):
            asked["team"] = actor.team
        rows = self.asked.all(connection, self._waiting, discipline is not None, leads, role_of(actor), **asked)
        cosigns = discipline is not None or actor.role is Role.TEAM_LEAD
        mine = [row for row in rows if row["author_id"] == actor.person_id]
        return [row for row in rows if cosigns and row["author_id"] != actor.person_id], mine

    def _waiting(self, by_discipline: bool, leads: bool, role: InRole) -> Select[Any]:
        """What waits of the person's own, and what is theirs to sign."""
        a, c = self.awaiting, self.cases
        for_me: ColumnElement[bool] = a.c.entrusted_to == _PERSON
        if by_discipline:
            for_me = or_(for_me, a.c.discipline == bindparam("discipline"))
        return (
            select(a, c.c.preferred_name)
            .select_from(self._with_me(a.join(c, c.c.case_id == a.c.case_id), role))
            .where(or_(a.c.author_id == _PERSON, and_(for_me, self._known(leads))))
            .order_by(a.c.signed_at, a.c.note_id)
        )

    def waiting_in(self, connection: Connection, case_ids: Sequence[UUID] | None) -> list[dict[str, Any]]:
        """The notes of these children that await a co-signature; of all, if None. The longest waiting first."""
        a = self.awaiting
        query = select(a).order_by(a.c.signed_at, a.c.note_id)
        if case_ids is not None:
            query = query.where(a.c.case_id.in_(list(case_ids)))
        return as_mappings(connection.execute(query))

    def members_on(self, connection: Connection, case_ids: Collection[UUID], day: date) -> list[tuple[UUID, UUID, str]]:
        """Who is on the care teams of these children on a day: child, person, and the role of the stay."""
        m = self.members
        query = (
            select(m.c.case_id, m.c.person_id, m.c.role)
            .where(m.c.case_id.in_(list(case_ids)), m.c.since <= day, or_(m.c.until.is_(None), m.c.until >= day))
            .order_by(m.c.name, m.c.person_id)
        )
        return [(r.case_id, r.person_id, r.role) for r in connection.execute(query)] if case_ids else []

    def beside(self, connection: Connection, person_id: UUID, day: date) -> set[UUID]:
        """Who is on a care team on a day that this person is on, too."""
        mine, theirs = self.members.alias("mine"), self.members.alias("theirs")
        there = [and_(m.c.since <= day, or_(m.c.until.is_(None), m.c.until >= day)) for m in (mine, theirs)]
        query = (
            select(theirs.c.person_id)
            .distinct()
            .join_from(mine, theirs, theirs.c.case_id == mine.c.case_id)
            .where(mine.c.person_id == person_id, *there)
        )
        return set(connection.execute(query).scalars())

    def cases_of_member(self, connection: Connection, person_id: UUID, day: date) -> set[UUID]:
        """The children with an open case on whose care team a person is on a day, or is to be."""
        m, c = self.members, self.cases
        query = (
            select(m.c.case_id)
            .join(c, c.c.case_id == m.c.case_id)
            .where(m.c.person_id == person_id, or_(m.c.until.is_(None), m.c.until >= day), c.c.status == "open")
        )
        return set(connection.execute(query).scalars())


def _leads(actor: Actor) -> bool:
    return actor.role is Role.TEAM_LEAD and bool(actor.team)


def _with_relationship(case: dict[str, Any], actor: Actor) -> tuple[dict[str, Any], Relationship]:
    relation = case.pop("relation")
    same_team = bool(actor.team) and case["team"] == actor.team
    return case, Relationship(Relation(relation) if relation else None, same_team)


def _stay(row: RowMapping) -> Member:
    stay: Member = {
        "name": row["name"],
        "role": row["role"],
        "discipline": row["discipline"],
        "relation": row["relation"],
        "since": row["since"].isoformat(),
        "until": row["until"].isoformat() if row["until"] else None,
    }
    if row["left_on"]:
        stay["left_on"] = row["left_on"].isoformat()
    return stay


def _row(stay: Member) -> dict[str, Any]:
    left_on = stay.get("left_on")
    return {
        **{name: stay[name] for name in ("name", "role", "discipline", "relation")},
        "since": date.fromisoformat(stay["since"]),
        "until": date.fromisoformat(stay["until"]) if stay["until"] else None,
        "left_on": date.fromisoformat(left_on) if left_on else None,
    }
