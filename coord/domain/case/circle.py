"""The child's circle: relatives and others who tell how it goes, each named once, so that one person is one observer.

Who has an account is on the care team (`coord.domain.case.team`); this list is of those who have none. What was told
under a name that somebody only typed stays as it was typed, until a person says who of the circle it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypedDict
from uuid import UUID

from coord.domain.actors import Actor
from coord.domain.case.aggregate import Case, CirclePerson
from coord.domain.errors import Conflict, NotFound, Stale
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.input import REASON, SHORT, Input
from coord.words import spelled_alike

MOST_IN_CIRCLE = 100


class Kinship(StrEnum):
    """What somebody without an account is to the child."""

    MOTHER = "mother"
    FATHER = "father"
    GRANDPARENT = "grandparent"
    SIBLING = "sibling"
    OTHER_RELATIVE = "other-relative"
    FOSTER_PARENT = "foster-parent"
    GUARDIAN = "guardian"
    CHILDMINDER = "childminder"
    TEACHER = "teacher"
    ASSISTANT = "assistant"
    COACH = "coach"
    OTHER = "other"


OF_THE_SCHOOL = frozenset({Kinship.TEACHER.value, Kinship.ASSISTANT.value})
"""Whom the school knows anyway; who else is around the child is no question of the school's."""


class CircleChanges(TypedDict, total=False):
    """What is put right of somebody in the circle. ``listed`` is False for who is not to be chosen any more."""

    name: str
    relation: str
    listed: bool


class CirclePersonNamed(CoordEvent):
    """Somebody around the child who has no account was named, once, so that one person is one observer."""

    TOPIC = "case.circle-person-named.v1"
    HISTORY = in_the_history("Named somebody around the child")
    person: str
    """An id of their own, chosen at random by the sender."""
    name: str
    """What they are called."""
    relation: str
    """What they are to the child: ``mother``, ``father``, ``grandparent``, ``sibling``, ``other-relative``,
    ``foster-parent``, ``guardian``, ``childminder``, ``teacher``, ``assistant``, ``coach``, ``other``."""

    def apply(self, aggregate: Case) -> None:
        """In the circle."""
        entry: CirclePerson = {"name": self.name, "relation": self.relation, "listed": True, "version": 1}
        aggregate.circle = {**aggregate.circle, self.person: entry}

    def told(self) -> Particulars:
        """Who, and what they are to the child."""
        return {"name": self.name, "kinship": self.relation}


class CirclePersonCorrected(CoordEvent):
    """Name or relation were put right, or the person is not to be chosen from the list any more. What they told stays
    as it was."""

    TOPIC = "case.circle-person-corrected.v1"
    HISTORY = in_the_history("Put right who somebody around the child is")
    person: str
    """Who of the circle."""
    changes: CircleChanges
    """The fields as they are now: ``name``, ``relation``, ``listed``."""
    before: CircleChanges
    """The same fields as they were."""
    reason: str

    def apply(self, aggregate: Case) -> None:
        """As it is now."""
        present = aggregate.circle[self.person]
        entry: CirclePerson = {**present, **self.changes, "version": present["version"] + 1}
        aggregate.circle = {**aggregate.circle, self.person: entry}

    def told(self) -> Particulars:
        """From what to what, and why."""
        before, after = (
            {f"circle_{field}": value for field, value in of.items()} for of in (self.before, self.changes)
        )
        return {"before": before, "after": after, "reason": self.reason}


class CircleNameJoined(CoordEvent):
    """Somebody said who of the circle a name is that was typed for who saw something; it goes for what was told before
    and for what will be."""

    TOPIC = "case.circle-name-joined.v1"
    HISTORY = in_the_history("Said whose a typed name is")
    written: str
    """The name as it was typed; capitals and spaces make no difference."""
    person: str
    """Who of the circle it is; empty takes an earlier joining apart."""
    name: str
    """What they are called there, as it was then."""

    def apply(self, aggregate: Case) -> None:
        """Whose name it is from here on."""
        names = {name: person for name, person in aggregate.circle_names.items() if name != spelled_alike(self.written)}
        aggregate.circle_names = {**names, spelled_alike(self.written): self.person} if self.person else names

    def told(self) -> Particulars:
        """Which typed name, and whose it is; nobody's, if it was taken apart again."""
        return {"written": self.written, "name": self.name}


def circle_for(case_circle: Mapping[str, CirclePerson], actor: Actor) -> dict[str, CirclePerson]:
    """Whom of the circle this person may know of: all, or for a teacher those of the school."""
    if actor.sight.colleagues:
        return dict(case_circle)
    return {person: entry for person, entry in case_circle.items() if entry["relation"] in OF_THE_SCHOOL}


def name_person(case: Case, *, at: datetime, actor: Actor, person_id: UUID, name: str, relation: str) -> None:
    """Add somebody to the circle.

    Raises `Conflict` (closed, or there are very many) and `InvalidInput`, also for somebody who is there already.
    """
    case.refuse_if_closed()
    check = Input()
    name, relation = _checked(check, name, relation)
    if str(person_id) in case.members or str(person_id) in case.circle:
        check.problem("/id", "id-taken")
    _refuse_twice(check, case, name, relation, person_id)
    check.refuse_if_any()
    if len(case.circle) >= MOST_IN_CIRCLE:
        raise Conflict("circle-full", limit=MOST_IN_CIRCLE)
    case.trigger_event(
        CirclePersonNamed, timestamp=at, by=actor.by(), person=str(person_id), name=name, relation=relation
    )


def correct_person(
    case: Case,
    *,
    at: datetime,
    actor: Actor,
    person_id: UUID,
    expected_version: int | None,
    name: str | None,
    relation: str | None,
    listed: bool | None,
    reason: str,
) -> None:
    """Put name or relation right, or take somebody off the list (or onto it again); what is None stays.

    Possible in a closed case. Raises `NotFound`, `Stale`, `InvalidInput`, and `Conflict` when nothing changes.
    """
    present = case.circle.get(str(person_id))
    if present is None:
        raise NotFound("no-such-person")
    if expected_version is not None and expected_version != present["version"]:
        raise Stale(present["version"], ["circle"])
    check = Input()
    name, relation = _checked(
        check,
        present["name"] if name is None else name,
        present["relation"] if relation is None else relation,
    )
    reason = check.text("/reason", reason, limit=REASON)
    _refuse_twice(check, case, name, relation, person_id)
    check.refuse_if_any()
    wanted: CircleChanges = {
        "name": name,
        "relation": relation,
        "listed": present["listed"] if listed is None else listed,
    }
    before: CircleChanges = {"name": present["name"], "relation": present["relation"], "listed": present["listed"]}
    changes = {field: value for field, value in wanted.items() if value != before[field]}  # type: ignore[literal-required]
    if not changes:
        raise Conflict("nothing-changed")
    case.trigger_event(
        CirclePersonCorrected,
        timestamp=at,
        by=actor.by(),
        person=str(person_id),
        changes=changes,
        before={field: before[field] for field in changes},  # type: ignore[literal-required]
        reason=reason,
    )


def join_name(case: Case, *, at: datetime, actor: Actor, written: str, person_id: UUID | None) -> None:
    """Say that what was told under a typed name was told by this person of the circle; None takes it apart again.

    Possible in a closed case: nothing new is told of the child. Raises `InvalidInput`, and `Conflict` when it is so
    already.
    """
    check = Input()
    written = check.text("/written", written, limit=SHORT, lines=False)
    if person_id is not None and str(person_id) not in case.circle:
        check.problem("/person", "not-in-circle")
    check.refuse_if_any()
    person = str(person_id) if person_id else ""
    if case.circle_names.get(spelled_alike(written), "") == person:
        raise Conflict("nothing-changed")
    name = case.circle[person]["name"] if person else ""
    case.trigger_event(CircleNameJoined, timestamp=at, by=actor.by(), written=written, person=person, name=name)


def _checked(check: Input, name: str, relation: str) -> tuple[str, str]:
    return (
        check.text("/name", name, limit=SHORT, lines=False),
        check.choice("/relation", relation, [kinship.value for kinship in Kinship]),
    )


def _refuse_twice(check: Input, case: Case, name: str, relation: str, person_id: UUID) -> None:
    """One person is in the list once."""
    for other, entry in case.circle.items():
        if (
            other != str(person_id)
            and entry["relation"] == relation
            and spelled_alike(entry["name"]) == spelled_alike(name)
        ):
            check.problem("/name", "in-circle-already")
