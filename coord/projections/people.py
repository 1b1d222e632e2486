"""People: who has an account, in which role and team, and whether they still may come in."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, ColumnElement, Connection, Select, Table, Text, Uuid, or_, select

from coord.columns import Instant
from coord.domain.actors import Role
from coord.domain.person import (
    PersonChangeConfirmed,
    PersonChangeProposed,
    PersonDisabled,
    PersonEmailChanged,
    PersonEnabled,
    PersonMoved,
    PersonRegistered,
    PersonRenamed,
    PersonRoleAdded,
    PersonRoleChanged,
    PersonRoleEnded,
)
from coord.projections.engine import View, Writer, handles
from coord.words import folded, sort_key


class People(View):
    """One row a person, and one for each further role of theirs."""

    NAME = "people"

    def build_tables(self) -> None:
        """One for people, in their first role, and one for the roles beside it."""
        self.people = Table(
            self.name("people"),
            self.metadata,
            Column("person_id", Uuid, primary_key=True),
            Column("name", Text, nullable=False),
            Column("email", Text, nullable=False),
            Column("role", Text, nullable=False),
            Column("discipline", Text),
            Column("team", Text, nullable=False),
            Column("active", Boolean, nullable=False),
            Column("since", Instant, nullable=False),
        )
        self.further = Table(
            self.name("further_roles"),
            self.metadata,
            Column("person_id", Uuid, primary_key=True),
            Column("role", Text, primary_key=True),
            Column("discipline", Text),
            Column("team", Text, nullable=False),
            Column("position", BigInteger, nullable=False),
            Column("ended", Boolean, nullable=False),
        )

    @handles(PersonRegistered)
    def registered(self, writer: Writer, event: PersonRegistered, position: int) -> None:
        """A new row."""
        writer.insert(
            self.people,
            {
                "person_id": event.originator_id,
                "name": event.name,
                "email": event.email,
                "role": event.role,
                "discipline": event.discipline,
                "team": event.team,
                "active": True,
                "since": event.timestamp,
            },
        )

    @handles(PersonRoleChanged)
    def role_changed(self, writer: Writer, event: PersonRoleChanged, position: int) -> None:
        """Another role or discipline."""
        self._set(writer, event.originator_id, role=event.role, discipline=event.discipline)

    @handles(PersonRoleAdded)
    def role_added(self, writer: Writer, event: PersonRoleAdded, position: int) -> None:
        """One role more; perhaps one that they had before."""
        key = {"person_id": event.originator_id, "role": event.role}
        writer.delete(self.further, **key)
        facts = {"discipline": event.discipline, "team": event.team, "position": position, "ended": False}
        writer.insert(self.further, {**key, **facts})

    @handles(PersonRoleEnded)
    def role_ended(self, writer: Writer, event: PersonRoleEnded, position: int) -> None:
        """One role less."""
        writer.update(self.further, {"person_id": event.originator_id, "role": event.role}, ended=True)

    @handles(PersonMoved)
    def moved(self, writer: Writer, event: PersonMoved, position: int) -> None:
        """Another team."""
        self._set(writer, event.originator_id, team=event.team)

    @handles(PersonEmailChanged)
    def email_changed(self, writer: Writer, event: PersonEmailChanged, position: int) -> None:
        """Another address."""
        self._set(writer, event.originator_id, email=event.email)

    @handles(PersonRenamed)
    def renamed(self, writer: Writer, event: PersonRenamed, position: int) -> None:
        """Another name."""
        self._set(writer, event.originator_id, name=event.name)

    @handles(PersonDisabled, PersonEnabled)
    def disabled(self, writer: Writer, event: PersonDisabled | PersonEnabled, position: int) -> None:
        """In or out."""
        self._set(writer, event.originator_id, active=isinstance(event, PersonEnabled))

    @handles(PersonChangeProposed, PersonChangeConfirmed)
    def waiting(self, writer: Writer, event: PersonChangeProposed | PersonChangeConfirmed, position: int) -> None:
        """Somebody new whose access takes two people has none until the second has confirmed."""
        if event.change == "registration":
            self._set(writer, event.originator_id, active=isinstance(event, PersonChangeConfirmed))

    def _set(self, writer: Writer, person_id: UUID, **values: Any) -> None:
        writer.update(self.people, {"person_id": person_id}, **values)

    # ---- queries

    def one(self, connection: Connection, person_id: UUID) -> Any:
        """A person's row with their further roles (as `all`), None if there is none."""
        query = select(self.people).where(self.people.c.person_id == person_id)
        return next(iter(self._with_roles(connection, query, self.further.c.person_id == person_id)), None)

    def names(self, connection: Connection, people: Collection[UUID]) -> dict[UUID, str]:
        """What these people are called now, of those who are known."""
        if not people:
            return {}
        p = self.people.c
        query = select(p.person_id, p.name).where(p.person_id.in_(list(people)))
        return {r.person_id: r.name for r in connection.execute(query)}

    def of_ids(self, connection: Connection, people: Collection[UUID]) -> list[dict[str, Any]]:
        """The rows of these people, of those who are known."""
        if not people:
            return []
        these = list(people)
        query = select(self.people).where(self.people.c.person_id.in_(these))
        return self._with_roles(connection, query, self.further.c.person_id.in_(these))

    def active_among(self, connection: Connection, people: Collection[UUID], team: str) -> dict[UUID, str]:
        """What they are called who have access and work in the service: of these people, and of the team if given."""
        p, f = self.people.c, self.further.c
        among = p.person_id.in_(list(people))
        beside = select(f.person_id).where(f.role != Role.ADMINISTRATOR.value, f.ended.is_(False))
        works = or_(p.role != Role.ADMINISTRATOR.value, p.person_id.in_(beside))
        there = or_(among, p.team == team, p.person_id.in_(beside.where(f.team == team))) if team else among
        working = (p.active, works, there)
        return {r.person_id: r.name for r in connection.execute(select(p.person_id, p.name).where(*working))}

    def by_email(self, connection: Connection, email: str) -> dict[str, Any] | None:
        """The row of the person with this address, None if there is none."""
        query = select(self.people).where(self.people.c.email == email.strip().lower())
        row = connection.execute(query).mappings().first()
        return dict(row) if row else None

    def all(self, connection: Connection, *, text: str = "", team: str = "") -> list[Any]:
        """People by name; those whose name or address has ``text`` in it, of one team if given. ``further`` are the
        roles beside the first, as they were given: role, discipline, team; ``ended`` those that they had."""
        query = select(self.people).order_by(self.people.c.person_id)
        if team:
            f = self.further.c
            there = select(f.person_id).where(f.team == team, f.ended.is_(False))
            query = query.where(or_(self.people.c.team == team, self.people.c.person_id.in_(there)))
        rows = [row for row in self._with_roles(connection, query) if found_by(text, row["name"], row["email"])]
        return sorted(rows, key=lambda row: by_name(row["name"], row["person_id"]))

    def _with_roles(self, connection: Connection, people: Select[Any], *whose: ColumnElement[bool]) -> list[Any]:
        f = self.further
        rows = [{**row, "further": [], "ended": []} for row in connection.execute(people).mappings()]
        of = {row["person_id"]: row for row in rows}
        for one in connection.execute(select(f).where(*whose).order_by(f.c.position)).mappings():
            if one["person_id"] in of and one["ended"]:
                of[one["person_id"]]["ended"].append(one["role"])
            elif one["person_id"] in of:
                facts = {name: one[name] for name in ("role", "discipline", "team")}
                of[one["person_id"]]["further"].append(facts)
        return rows


def standings_of(person: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The roles of a person's row, the first one first: role, discipline and team of each."""
    return [{name: person[name] for name in ("role", "discipline", "team")}, *person["further"]]


def standing_by(person: Mapping[str, Any], role: str) -> dict[str, Any] | None:
    """Of a person's row, the role that a stay on a care team in ``role`` is for: the further one of that name, or the
    first, which takes over what was before (as `coord.domain.actors.Actor.is_here_by`). None if it has ended."""
    first, *further = standings_of(person)
    if role in person["ended"] and role != first["role"]:
        return None
    return next((one for one in further if one["role"] == role), first)


def by_name(name: str, person_id: UUID) -> tuple[Any, str]:
    """In which order people stand; who have one name, in the order of their ids."""
    return sort_key(name), str(person_id)


_WORD = re.compile(r"[^\W_]+")


def found_by(text: str, *facts: str) -> bool:
    """Whether somebody is found by what was typed: every word, in any order, without accents and capitals; a particle
    or an apostrophe may be joined to its name or apart ("de luca anna", "Anna Deluca", "dangelo")."""
    known = folded(" ".join(facts))
    joined = "".join(_WORD.findall(known))
    wanted = folded(text).split()
    return all(word in known or ((bare := "".join(_WORD.findall(word))) and bare in joined) for word in wanted)
