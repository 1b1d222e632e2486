"""Who runs one session without being on the staff of the course."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from coord.domain.actors import By
from coord.domain.course.aggregate import Course, StaffMember
from coord.domain.course.life import MOST_STAFF, as_named, can_run_a_group
from coord.domain.course.sessions.state import set_session
from coord.domain.errors import Conflict
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.input import REASON, Input
from coord.domain.names import Seems, ask_about_names
from coord.domain.person import Person


class StandInsNamed(CoordEvent):
    """Somebody was named to run one session without being on the staff of the course, beforehand or by a recording;
    they know of that session from then on."""

    TOPIC = "course.stand-ins-named.v1"
    HISTORY = in_the_history("Somebody named to stand in for a session")
    number: int
    stand_ins: dict[str, StaffMember]
    """All of them, as they were when named: ``name``, ``role``, ``discipline`` by id; who is not among them any more
    knows of it no more."""
    reason: str
    """Why, or empty where a recording says it."""
    answered: Sequence[Mapping[str, object]] = ()

    def apply(self, aggregate: Course) -> None:
        """They know of this session from here on, and nobody who was named before them any more."""
        set_session(aggregate, self, {**aggregate.session(self.number), "stand_ins": self.stand_ins})

    def told(self) -> Particulars:
        """Of which session, who, and why."""
        names = [member["name"] for member in self.stand_ins.values()]
        return {"session": self.number, "stand_ins": names, "reason": self.reason} | self.meant()


def name_stand_ins(
    course: Course,
    *,
    at: datetime,
    by: By,
    number: int,
    expected_version: int | None,
    people: Sequence[Person],
    reason: str,
    named: Sequence[Seems] = (),
    confirmed: Collection[str] = (),
) -> None:
    """Name who runs one session without being on the staff of the course; the whole list, empty to name nobody. They
    read this session, its children included, and record it; of the rest of the course nothing more.

    Raises `NotFound`, `Conflict` (over, cancelled, nothing changes), `Stale`, `InvalidInput`.
    """
    course.refuse_if_ended()
    session = course.session(number)
    if session["status"] == "cancelled":
        raise Conflict("session-cancelled")
    check = Input(confirmed)
    reason = check.text("/reason", reason, limit=REASON)
    ask_about_names(check, named)
    before = session["stand_ins"]
    if len(people) > MOST_STAFF:
        check.problem("/people", "too-many", limit=MOST_STAFF)
    for i, person in enumerate(people):
        if str(person.id) in course.staff:
            check.problem(f"/people/{i}", "on-staff-already")
        elif str(person.id) not in before and not can_run_a_group(person):
            check.problem(f"/people/{i}", "not-for-staff")
    check.refuse_if_any()
    stands_in = as_named(people, before)
    if stands_in.keys() == before.keys():
        raise Conflict("nothing-changed")
    course.refuse_if_changed(expected_version, f"session/{number}")
    course.trigger_event(
        StandInsNamed, timestamp=at, by=by, number=number, stand_ins=stands_in, reason=reason, answered=check.answered
    )


def note_stand_ins(course: Course, *, at: datetime, by: By, number: int, stand_ins: Mapping[str, StaffMember]) -> None:
    """Keep who stood in by what a recording says, beside who was named before; everything is checked by now."""
    course.trigger_event(StandInsNamed, timestamp=at, by=by, number=number, stand_ins=dict(stand_ins), reason="")
