"""What waits for a second person, and which service teams each change of an account touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Date, Integer, Select, Table, Text, Uuid, insert, literal, or_, select

from coord.columns import Document, Instant, Position, as_mappings
from coord.domain.case import CaseDetailsCorrected, CaseOpened, TeamMemberJoined, TeamMemberLeft
from coord.domain.case.aggregate import Member
from coord.domain.case.team import TeamMemberChanged
from coord.domain.events import CoordEvent
from coord.domain.person import (
    CAME_IN,
    GIVEN,
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
    PersonRoleAdded,
    PersonRoleChanged,
    PersonRoleEnded,
)
from coord.projections.engine import View, Writer, handles


class Rising(View):
    """Proposals that nobody has decided, and the teams of each change: the person's, before and after, and those of the
    children on whose care team they are. Who was taken off a care team is not on it any more; who was there until a day
    is counted for as long as their longest time."""

    NAME = "rising"

    def build_tables(self) -> None:
        """One for proposals, one for the teams touched, and four for where people and children are."""
        self.proposals = Table(
            self.name("proposals"),
            self.metadata,
            Column("person_id", Uuid, primary_key=True),
            Column("change", Text, primary_key=True),
            Column("number", Integer, nullable=False),
            Column("wanted", Document, nullable=False),
            Column("teams", Document, nullable=False),
            Column("by", Document, nullable=False),
            Column("at", Instant, nullable=False),
            Column("expires_at", Instant, nullable=False),
            Column("confirmed", Integer, nullable=False),
        )
        self.touched = Table(
            self.name("touched"),
            self.metadata,
            Column("position", Position, primary_key=True, autoincrement=False),
            Column("team", Text, primary_key=True),
        )
        self.reading_index("touched_team", self.touched.c.team, self.touched.c.position)
        self.people = Table(
            self.name("service_team_of"),
            self.metadata,
            Column("person_id", Uuid, primary_key=True),
            Column("team", Text, nullable=False),
        )
        self.further = Table(
            self.name("further_teams_of"),
            self.metadata,
            Column("person_id", Uuid, primary_key=True),
            Column("role", Text, primary_key=True),
            Column("team", Text, nullable=False),
        )
        self.cases = Table(
            self.name("service_team_for"),
            self.metadata,
            Column("case_id", Uuid, primary_key=True),
            Column("team", Text, nullable=False),
        )
        self.care = Table(
            self.name("cares_for"),
            self.metadata,
            Column("person_id", Uuid, primary_key=True),
            Column("case_id", Uuid, primary_key=True),
            Column("until", Date),
        )

    # ---- where people and children are

    @handles(CaseOpened)
    def opened(self, writer: Writer, event: CaseOpened, position: int) -> None:
        """A child of this team."""
        writer.insert(self.cases, {"case_id": event.originator_id, "team": event.details["team"]})

    @handles(CaseDetailsCorrected)
    def corrected(self, writer: Writer, event: CaseDetailsCorrected, position: int) -> None:
        """A child of another team, perhaps."""
        if "team" in event.changes:
            writer.update(self.cases, {"case_id": event.originator_id}, team=event.changes["team"])

    @handles(TeamMemberJoined)
    def joined(self, writer: Writer, event: TeamMemberJoined, position: int) -> None:
        """On the care team; the longest of several times counts."""
        if event.stays is not None:
            self._stay(writer, event, event.stays)
            return
        key: dict[str, Any] = {"person_id": UUID(event.person), "case_id": event.originator_id}
        until = date.fromisoformat(event.member["until"]) if event.member["until"] else None
        with suppress(LookupError):
            before = writer.one(self.care, **key)["until"]
            until = None if before is None or until is None else max(before, until)
        writer.delete(self.care, **key)
        writer.insert(self.care, {**key, "until": until})

    @handles(TeamMemberLeft)
    def left(self, writer: Writer, event: TeamMemberLeft, position: int) -> None:
        """Off it, but for other stays."""
        self._stay(writer, event, event.stays or ())

    @handles(TeamMemberChanged)
    def stay_changed(self, writer: Writer, event: TeamMemberChanged, position: int) -> None:
        """Other days."""
        self._stay(writer, event, event.stays)

    def _stay(
        self, writer: Writer, event: TeamMemberJoined | TeamMemberChanged | TeamMemberLeft, stays: Sequence[Member]
    ) -> None:
        """On the care team until the last day of the last stay, or with an open end; off it without any."""
        key: dict[str, Any] = {"person_id": UUID(event.person), "case_id": event.originator_id}
        writer.delete(self.care, **key)
        ends = [stay["until"] for stay in stays]
        if ends:
            last = max((end for end in ends if end), default="")
            writer.insert(self.care, {**key, "until": date.fromisoformat(last) if None not in ends else None})

    # ---- changes of accounts

    @handles(PersonRegistered)
    def registered(self, writer: Writer, event: PersonRegistered, position: int) -> None:
        """Somebody new, in this team."""
        writer.insert(self.people, {"person_id": event.originator_id, "team": event.team})
        self._touch(writer, event, position)

    @handles(PersonMoved)
    def moved(self, writer: Writer, event: PersonMoved, position: int) -> None:
        """Of the team they leave and of the one they come to."""
        self._touch(writer, event, position)
        before = writer.one(self.people, person_id=event.originator_id)["team"]
        writer.update(self.people, {"person_id": event.originator_id}, team=event.team)
        self._touch_team(writer, event, position, event.team, before)

    @handles(PersonRoleAdded)
    def role_added(self, writer: Writer, event: PersonRoleAdded, position: int) -> None:
        """Of the team of the further role too, from now on."""
        row = {"person_id": event.originator_id, "role": event.role, "team": event.team}
        writer.insert(self.further, row)
        self._touch(writer, event, position)

    @handles(PersonRoleEnded)
    def role_ended(self, writer: Writer, event: PersonRoleEnded, position: int) -> None:
        """Of the team of the role that ends, for the last time."""
        self._touch(writer, event, position)
        writer.delete(self.further, person_id=event.originator_id, role=event.role)

    @handles(PersonRoleChanged, PersonEmailChanged, PersonDisabled, PersonEnabled, PersonChangedByOneAlone)
    def changed(self, writer: Writer, event: CoordEvent, position: int) -> None:
        """Of the team they are in."""
        self._touch(writer, event, position)

    @handles(PersonAccountChanged)
    def account_changed(self, writer: Writer, event: PersonAccountChanged, position: int) -> None:
        """What was confirmed is given, or is over."""
        if event.done in GIVEN:
            writer.delete(self.proposals, person_id=event.originator_id, change="password")
        elif event.done in CAME_IN:
            writer.delete(self.proposals, person_id=event.originator_id, change="password", confirmed=1)
        self._touch(writer, event, position)

    @handles(PersonChangeProposed)
    def proposed(self, writer: Writer, event: PersonChangeProposed, position: int) -> None:
        """It waits."""
        writer.delete(self.proposals, person_id=event.originator_id, change=event.change)
        writer.insert(
            self.proposals,
            {
                "person_id": event.originator_id,
                "change": event.change,
                "number": event.originator_version,
                "wanted": event.wanted,
                "teams": event.teams,
                "by": event.by,
                "at": event.timestamp,
                "expires_at": event.expires_at,
                "confirmed": 0,
            },
        )
        self._touch(writer, event, position)
        self._touch_wanted(writer, event, position, event.wanted)

    @handles(PersonChangeConfirmed)
    def confirmed(self, writer: Writer, event: PersonChangeConfirmed, position: int) -> None:
        """It waits no longer, or only for the password, or the letter to somebody new, to be given."""
        key: dict[str, Any] = {"person_id": event.originator_id, "change": event.change}
        proposal = writer.one(self.proposals, **key)
        wanted = proposal["wanted"]
        if event.change == "password":
            writer.update(self.proposals, key, confirmed=1)
        else:
            writer.delete(self.proposals, **key)
        if event.change == "registration" and wanted.get("invite") == "letter":
            writer.delete(self.proposals, person_id=event.originator_id, change="password")
            writer.insert(self.proposals, {**proposal, "change": "password", "confirmed": 1})
        self._touch(writer, event, position)
        self._touch_wanted(writer, event, position, wanted)

    @handles(PersonChangeDeclined)
    def declined(self, writer: Writer, event: PersonChangeDeclined, position: int) -> None:
        """It waits no longer."""
        key: dict[str, Any] = {"person_id": event.originator_id, "change": event.change}
        wanted = writer.one(self.proposals, **key)["wanted"]
        writer.delete(self.proposals, **key)
        self._touch(writer, event, position)
        self._touch_wanted(writer, event, position, wanted)

    def _touch_wanted(self, writer: Writer, event: CoordEvent, position: int, wanted: Mapping[str, Any]) -> None:
        """A move that is proposed touches the team where it would lead, whatever becomes of it."""
        team = wanted.get("team")
        if team:
            own = writer.one(self.people, person_id=event.originator_id)["team"]
            self._touch_team(writer, event, position, team, own)

    def _touch(self, writer: Writer, event: CoordEvent, position: int) -> None:
        """The person's own teams, and those of the children on whose care team they are."""
        own = {writer.one(self.people, person_id=event.originator_id)["team"]}
        f = self.further.c
        own |= {row.team for row in writer.run(select(f.team).where(f.person_id == event.originator_id))}
        for team in sorted(own - {""}):
            writer.insert(self.touched, {"position": position, "team": team})
        c, m = self.cases, self.care
        others = (
            select(literal(position, Position), c.c.team)
            .select_from(m.join(c, c.c.case_id == m.c.case_id))
            .where(m.c.person_id == event.originator_id, self._still(event.timestamp.date()), c.c.team.not_in(own))
            .distinct()
        )
        writer.run(insert(self.touched).from_select(["position", "team"], others))

    def _touch_team(self, writer: Writer, event: CoordEvent, position: int, team: str, own: str) -> None:
        """One team more, if it is not among them."""
        if not team or team == own:
            return
        t = self.touched
        there = writer.run(select(t.c.team).where(t.c.position == position, t.c.team == team)).first()
        if there is None:
            writer.insert(t, {"position": position, "team": team})

    def _still(self, day: date) -> Any:
        return or_(self.care.c.until.is_(None), self.care.c.until >= day)

    # ---- queries

    def care_of(self, connection: Connection, person_id: UUID, day: date) -> frozenset[str]:
        """The service teams of the children on whose care team somebody is, or will be."""
        c, m = self.cases, self.care
        query = (
            select(c.c.team)
            .select_from(m.join(c, c.c.case_id == m.c.case_id))
            .where(m.c.person_id == person_id, self._still(day))
            .distinct()
        )
        return frozenset(connection.execute(query).scalars())

    def open_at(self, connection: Connection, at: Any) -> list[dict[str, Any]]:
        """Every proposal that has not expired, the oldest first; those confirmed wait for the password to be given."""
        p = self.proposals
        query = select(p).where(p.c.expires_at > at).order_by(p.c.at, p.c.person_id, p.c.change)
        return as_mappings(connection.execute(query))

    def touching(self, team: str) -> Select[Any]:
        """The positions of the changes of accounts that touch a team, as a query of their own."""
        return select(self.touched.c.position).where(self.touched.c.team == team)
