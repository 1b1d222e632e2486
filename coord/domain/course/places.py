"""Who is in a course: waiting, enrolled, left."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import cast
from uuid import UUID

from coord.domain.actors import By
from coord.domain.course.aggregate import Course, Period, Place, standing_on
from coord.domain.course.fit import FitReason, ReasonText
from coord.domain.errors import Conflict
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.groups import GroupKind
from coord.domain.input import REASON, SHORT, Input
from coord.domain.names import Seems, ask_about_names

GIVEN = ("enrolled", "waiting")
MOST_GOALS = 8
MOST_GUARDIANS = 4


class PlaceGiven(CoordEvent):
    """A child got a place in the course, or a place on its waiting list."""

    TOPIC = "course.place-given.v1"
    HISTORY = in_the_history("Place in a course given")
    case: str
    """The child."""
    membership: str
    """The random id by which the child's own stream speaks of the place."""
    status: str
    """``enrolled`` or ``waiting``."""
    goals: list[str]
    """The child's goals that the group works on; its staff may read them."""
    guardians: list[str]
    """Who was enrolled with the child, as typed."""
    fit: list[ReasonText]
    """The reasons for (``favours``) and against that were known then: ``code``, and ``params`` with what the sentence
    needs."""
    override: str
    """Why the child has the place in spite of reasons against it, or empty."""
    since: str
    """The first day, past or to come."""
    answered: Sequence[Mapping[str, object]] = ()

    def apply(self, aggregate: Course) -> None:
        """Take over the place. Who waits for it again has been there all the same; one who waits on keeps their
        turn."""
        before = aggregate.places.get(self.case)
        periods = before["periods"] if before is not None else []
        if self.status == "enrolled":
            stay: Period = {"membership": self.membership, "since": self.since, "until": ""}
            periods = [*(p for p in periods if p["membership"] != self.membership), stay]
        place: Place = {
            "membership": self.membership,
            "status": self.status,
            "goals": self.goals,
            "guardians": self.guardians,
            "override": self.override,
            "since": self.since,
            "periods": periods,
        }
        stays = before is not None and (before["membership"], before["status"]) == (self.membership, self.status)
        kept = {case: p for case, p in aggregate.places.items() if stays or case != self.case}
        aggregate.places = {**kept, self.case: place}
        aggregate.changed_in = aggregate.now_changed(f"place/{self.case}", self.originator_version)

    def told(self) -> Particulars:
        """Whom, and why against what was known."""
        why = {"reason": self.override} if self.override else {}
        return {"child": self.case, "place": self.status, "since": self.since} | why | self.meant()


class PlaceEnded(CoordEvent):
    """A child left the course, or its waiting list."""

    TOPIC = "course.place-ended.v1"
    HISTORY = in_the_history("Left a course")
    case: str
    """The child."""
    membership: str
    """The place."""
    reason: str
    until: str
    """The last day, past or to come; before the first one, the child never came."""
    answered: Sequence[Mapping[str, object]] = ()

    def apply(self, aggregate: Course) -> None:
        """The child has left; the lines stay. A stay that was over before it began never was."""
        place = aggregate.places[self.case]
        periods = [
            {**p, "until": self.until} if p["membership"] == self.membership else p
            for p in place["periods"]
            if p["membership"] != self.membership or p["since"] <= self.until
        ]
        left: Place = {**place, "status": "left", "since": self.until, "periods": cast("list[Period]", periods)}
        aggregate.places = {**aggregate.places, self.case: left}
        aggregate.changed_in = aggregate.now_changed(f"place/{self.case}", self.originator_version)

    def told(self) -> Particulars:
        """Whom, and why."""
        return {"child": self.case, "place": "left", "until": self.until, "reason": self.reason} | self.meant()


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
    fit: Sequence[FitReason],
    override: str,
    since: date | None = None,
    named_in_aims: bool = False,
    confirmed: Collection[str] = (),
) -> str:
    """Give a child a place, or let them wait for one; the membership's id, the earlier one if the child waited. To a
    child who has the place: other goals or guardians, or another first day; who was to leave stays.

    ``since`` is the first day, past or to come; today, if it is None. ``named_in_aims``: the course's aims seem to name
    this child, which is asked about, for they go into every child's record.

    Raises `Conflict` (over, full, has one already), `InvalidInput` (reasons against, and no reason given why it should
    be so all the same; days that cannot be).
    """
    course.refuse_if_ended()
    check = Input(confirmed)
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
    is_now = standing_on(present, today) if present is not None else ""
    keeps = present if present is not None and is_now == status else None
    leaves = present is not None and is_now == "enrolled" and present["status"] == "left"
    first = _first_day(check, course, present, since, today, status=status, is_now=is_now)
    if enrolling and course.content["kind"] == GroupKind.PSYCHO_EDUCATIONAL and not people and not check.problems:
        check.problem("/guardians", "missing")
    if named_in_aims:
        check.ask("/aims", "names-the-child", (str(case_id), course.content["aims"]))
    against = [reason.code for reason in fit if not reason.favours]
    others_wrong = any(not problem.answer for problem in check.problems)
    if enrolling and keeps is None and against and not override and not others_wrong:
        check.problem("/override", "reasons-against", reasons=against)
    check.refuse_if_any()
    same_day = keeps is not None and first == _since(keeps)
    if keeps is not None and same_day and not leaves and (keeps["goals"], keeps["guardians"]) == (chosen, people):
        raise Conflict("has-this-place")
    if is_now == "enrolled" and keeps is None:
        raise Conflict("has-a-place")
    if enrolling and keeps is None and len(course.enrolled(date.fromisoformat(first))) >= course.content["capacity"]:
        raise Conflict("course-full", capacity=course.content["capacity"])
    stays = present if present is not None and is_now != "left" else None
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
        since=first,
        answered=check.answered,
    )
    return known_as


def _since(place: Place) -> str:
    """The first day in what the place is now: of a child who is to leave that on which the stay began."""
    stay = next((p for p in place["periods"] if p["membership"] == place["membership"]), None)
    return stay["since"] if stay is not None and place["status"] != "waiting" else place["since"]


def _first_day(
    check: Input, course: Course, place: Place | None, since: date | None, today: date, *, status: str, is_now: str
) -> str:
    """The first day of a place, as it is kept; what is wrong with it is noted in ``check``."""
    kept = _since(place) if place is not None and is_now == status else ""
    if since is None:
        first = kept or today.isoformat()
    elif not 2000 <= since.year <= 2100:
        check.problem("/since", "not-a-date")
        return today.isoformat()
    else:
        first = since.isoformat()
    if first == kept:
        return first
    if status == "waiting" and first > today.isoformat():
        check.problem("/since", "in-the-future")
    if status == "enrolled":
        if first > (last := max(course.dates)):
            check.problem("/since", "after-the-last-session", day=last)
        known_as = place["membership"] if place is not None and is_now != "left" else ""
        before = [p["until"] for p in (place["periods"] if place is not None else ()) if p["membership"] != known_as]
        if before and first < max(before):  # to leave and to come back may be one day
            check.problem("/since", "in-an-earlier-stay", day=max(before))
    return first


def end_place(
    course: Course,
    *,
    at: datetime,
    by: By,
    today: date,
    case_id: UUID,
    reason: str,
    until: date | None = None,
    seen_last: date | None = None,
    named: Sequence[Seems] = (),
    confirmed: Collection[str] = (),
) -> str:
    """Take a child off the course or its waiting list, saying why; the membership's id.

    ``until`` is the last day, past or to come (today, if None); of one who has left, another last day. ``seen_last`` is
    the last day on which a recording has the child there: a last day before it is asked about, and so is a reason that
    seems to name another child (``named``).

    Raises `NotFound`, `Conflict` if the child has left already, `InvalidInput`.
    """
    check = Input(confirmed)
    reason = check.text("/reason", reason, limit=REASON)
    ask_about_names(check, named)
    place = course.place(case_id)
    stay = next((p for p in place["periods"] if p["membership"] == place["membership"]), None)
    waits = place["status"] == "waiting"
    last = (today if until is None or waits else until).isoformat()
    if place["status"] == "left" and (until is None or stay is None or stay["until"] == last):
        check.refuse_if_any()
        raise Conflict("has-left")
    if stay is not None and not waits:
        if last < stay["since"] <= today.isoformat():
            check.problem("/until", "before-the-stay", day=stay["since"])
        elif seen_last is not None and last < seen_last.isoformat():
            check.ask("/until", "was-there-after", last, day=seen_last.isoformat())
    if until is not None and not 2000 <= until.year <= 2100:
        check.problem("/until", "not-a-date")
    check.refuse_if_any()
    course.trigger_event(
        PlaceEnded,
        timestamp=at,
        by=by,
        case=str(case_id),
        membership=place["membership"],
        reason=reason,
        until=last,
        answered=check.answered,
    )
    return place["membership"]
