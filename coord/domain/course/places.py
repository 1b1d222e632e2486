"""Who is in a course: waiting, enrolled, left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from coord.domain.actors import By
from coord.domain.course.aggregate import Course, Place
from coord.domain.course.fit import Reason, ReasonText
from coord.domain.errors import Conflict
from coord.domain.events import CoordEvent
from coord.domain.groups import GroupKind
from coord.domain.input import REASON, SHORT, Input

MOST_GOALS = 8
MOST_GUARDIANS = 4


class PlaceGiven(CoordEvent):
    """A child has a place, or waits for one (``status``). ``fit`` are the reasons for and against that were known;
    ``override`` says why the child has the place although there were reasons against."""

    TOPIC = "course.place-given.v1"
    case: str
    membership: str
    status: str
    goals: list[str]
    guardians: list[str]
    fit: list[ReasonText]
    override: str
    since: str

    def apply(self, aggregate: Course) -> None:
        """Take over the place. Who waits for it again has been there all the same."""
        before = aggregate.places.get(self.case)
        place: Place = {
            "membership": self.membership,
            "status": self.status,
            "goals": self.goals,
            "guardians": self.guardians,
            "override": self.override,
            "since": self.since,
            "had_place": self.status == "enrolled" or (before is not None and before["had_place"]),
        }
        others = {case: p for case, p in aggregate.places.items() if case != self.case}
        aggregate.places = {**others, self.case: place}
        aggregate.changed_in = aggregate.now_changed(f"place/{self.case}", self.originator_version)


class PlaceEnded(CoordEvent):
    """A child is no longer in the course, and waits no longer."""

    TOPIC = "course.place-ended.v1"
    case: str
    membership: str
    reason: str
    until: str

    def apply(self, aggregate: Course) -> None:
        """The child has left; the lines stay."""
        left: Place = {**aggregate.places[self.case], "status": "left", "since": self.until}
        aggregate.places = {**aggregate.places, self.case: left}
        aggregate.changed_in = aggregate.now_changed(f"place/{self.case}", self.originator_version)


def give_place(
    course: Course,
    *,
    at: datetime,
    by: By,
    today: date,
    case_id: UUID,
    membership: UUID,
    status: str,
    goals: Sequence[UUID],
    guardians: Sequence[str],
    fit: Sequence[Reason],
    override: str,
) -> str:
    """Give a child a place, or let them wait for one; the membership's id, the earlier one if the child waited. To a
    child who has the place: other goals or guardians.

    Raises `Conflict` (over, full, has one already), `InvalidInput` (reasons against, and no reason given why it should
    be so all the same).
    """
    course.refuse_if_ended()
    check = Input()
    status = check.choice("/place", status, ("enrolled", "waiting"))
    override = check.text("/override", override, limit=REASON, required=False)
    if len(goals) > MOST_GOALS:
        check.problem("/goals", "too-many", limit=MOST_GOALS)
    if len(guardians) > MOST_GUARDIANS:
        check.problem("/guardians", "too-many", limit=MOST_GUARDIANS)
    people = [
        check.text(f"/guardians/{i}", g, limit=SHORT, lines=False, required=False) for i, g in enumerate(guardians)
    ]
    people = [g for g in people if g]
    enrolling = status == "enrolled"
    present = course.places.get(str(case_id))
    chosen = [str(goal) for goal in dict.fromkeys(goals)]
    # Who has the place already has other goals or guardians from now on; nothing is decided anew.
    keeps = present if present is not None and present["status"] == status else None
    if enrolling and course.content["kind"] == GroupKind.PSYCHO_EDUCATIONAL and not people and not check.problems:
        check.problem("/guardians", "missing")
    against = [reason.code for reason in fit if not reason.favours]
    if enrolling and keeps is None and against and not override and not check.problems:
        check.problem("/override", "reasons-against", reasons=against)
    check.refuse_if_any()
    if keeps is not None and (keeps["goals"], keeps["guardians"]) == (chosen, people):
        raise Conflict("has-this-place")
    if present is not None and present["status"] == "enrolled" and keeps is None:
        raise Conflict("has-a-place")
    if enrolling and keeps is None and len(course.enrolled()) >= course.content["capacity"]:
        raise Conflict("course-full", capacity=course.content["capacity"])
    stays = present if present is not None and present["status"] != "left" else None
    known_as = stays["membership"] if stays is not None else str(membership)
    course.trigger_event(
        PlaceGiven,
        timestamp=at,
        by=by,
        case=str(case_id),
        membership=known_as,
        status=status,
        goals=chosen,
        guardians=people,
        fit=[reason.text() for reason in fit],
        override=override or (keeps["override"] if keeps is not None else ""),
        since=keeps["since"] if keeps is not None else today.isoformat(),
    )
    return known_as


def end_place(course: Course, *, at: datetime, by: By, today: date, case_id: UUID, reason: str) -> str:
    """Take a child off the course or its waiting list, saying why; the membership's id.

    Raises `NotFound`, `Conflict` if the child has left already, `InvalidInput`.
    """
    check = Input()
    reason = check.text("/reason", reason, limit=REASON)
    check.refuse_if_any()
    place = course.place(case_id)
    if place["status"] == "left":
        raise Conflict("has-left")
    course.trigger_event(
        PlaceEnded,
        timestamp=at,
        by=by,
        case=str(case_id),
        membership=place["membership"],
        reason=reason,
        until=today.isoformat(),
    )
    return place["membership"]
