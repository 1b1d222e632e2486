"""The care team: who works with this child, as what, from when, until when.

A person's *stays* on it are a list: what was, what is and what is to come. On any day a person is one thing to a child,
so the stays of one person never overlap. Adding never takes a day away; changing and removing do, and say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from coord.domain.actors import RELATIONS_OF_ROLE, Actor, Relation, Standing
from coord.domain.case.aggregate import Case, Member
from coord.domain.errors import Conflict, NotFound
from coord.domain.events import CoordEvent, Particulars, in_the_history
from coord.domain.input import Input
from coord.domain.person import Person

_DAY = timedelta(days=1)
_FOR_EVER = date.max.isoformat()


def _days_of(stay: Member) -> Particulars:
    return {"relation": stay["relation"], "since": stay["since"], "until": stay["until"]}


class TeamMemberJoined(CoordEvent):
    """A person joined the child's care team, or is to join it; in version 1 also: their part in it, or its days,
    changed."""

    TOPIC = "case.team-member-joined.v1"
    HISTORY = in_the_history("Joined the care team")
    class_version = 2
    person: str
    """Who joined (not who did it: that is ``by``)."""
    member: Member
    """The stay: ``name``, ``role``, ``discipline`` as they were then, ``relation`` to the child, ``since`` and
    ``until``, both days included; ``until`` null is open."""
    stays: list[Member] | None
    """All stays of this person from now on, by their first day; they never overlap. ``left_on`` in one of them is the
    day, the one after ``until``, on which the person was taken off at once. Null in version 1, which told one stay: it
    counts from its first day on, and cuts what it meets to the day before."""

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """One stay was told, and nothing of the others."""
        state["stays"] = None

    def stays_after(self, present: Sequence[Member]) -> list[Member]:
        """The person's stays with this one."""
        return joined_stays(present, self.member, self.stays)

    def apply(self, aggregate: Case) -> None:
        """On the team."""
        _keep(aggregate, self.person, self.stays_after(aggregate.members.get(self.person, ())))

    def told(self) -> Particulars:
        """Who joined, as what, and their stays from then on."""
        return {"person": self.person, **self.member, "stays": self.stays}


class TeamMemberLeft(CoordEvent):
    """A person was taken off the child's care team and from then on does not know the child. What they wrote stays."""

    TOPIC = "case.team-member-left.v1"
    HISTORY = in_the_history("Left the care team")
    class_version = 2
    person: str
    """Who left."""
    name: str
    """Their name then."""
    relation: str
    """What they were to the child."""
    on: str
    """The day, of the clinic's calendar; in version 1, which did not tell it, the day of ``timestamp`` in UTC."""
    stays: list[Member] | None
    """All stays of this person from now on, as above; null in version 1, after which only what had begun was left,
    ended on the day before."""
    answered: Sequence[dict[str, Any]] = ()
    """What was asked about before: what they leave behind. Not in version 1."""

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        """Neither the day nor what was left was told."""
        state["on"] = str(state["timestamp"])[:10]
        state["stays"] = None

    def stays_after(self, present: Sequence[Member]) -> list[Member]:
        """The person's stays without this one, which is over."""
        return left_stays(present, self.on, self.stays)

    def apply(self, aggregate: Case) -> None:
        """No longer on the team."""
        _keep(aggregate, self.person, self.stays_after(aggregate.members.get(self.person, ())))

    def told(self) -> Particulars:
        """Who left, and what they left behind."""
        detail = {"person": self.person, "name": self.name, "relation": self.relation, "on": self.on}
        told = {"left_behind": list(self.answered)} if self.answered else {}
        return {**detail, **told, "stays": self.stays}


class TeamMemberChanged(CoordEvent):
    """A stay on the care team got other days, or from a day on another relation; or one that was to come will not
    be."""

    TOPIC = "case.team-member-changed.v1"
    HISTORY = in_the_history("Stay on the care team changed")
    person: str
    """Whose stay it is."""
    name: str
    """Their name then."""
    before: Member
    """The stay as it was."""
    after: Member | None
    """The stay as it is, from the day of the change on; null if it will not be."""
    stays: list[Member]
    """All stays of this person from now on, as above."""

    def stays_after(self, present: Sequence[Member]) -> list[Member]:
        """The person's stays with the change."""
        return self.stays

    def apply(self, aggregate: Case) -> None:
        """As it is now."""
        _keep(aggregate, self.person, self.stays)

    def told(self) -> Particulars:
        """Whose stay, and from what to what; what will not be has no after."""
        return {
            "person": self.person,
            "name": self.name,
            "before": _days_of(self.before),
            "after": _days_of(self.after) if self.after else {},
            "stays": self.stays,
        }


def _keep(case: Case, person: str, stays: Sequence[Member]) -> None:
    others = {key: value for key, value in case.members.items() if key != person}
    case.members = {**others, person: list(stays)} if stays else others


# ---- how stays are put together ----------------------------------------------------------------------------------


def joined_stays(present: Sequence[Member], member: Member, stays: Sequence[Member] | None) -> list[Member]:
    """The stays after somebody joined: as the event tells; or, where it is of before they were a list, with what the
    new stay meets cut to the day before it."""
    if stays is not None:
        return list(stays)
    before = _shift(member["since"], -1)
    kept = [_until(stay, before) if _meet(stay, member) else stay for stay in present]
    return _in_order([*(stay for stay in kept if stay is not None), member])


def left_stays(present: Sequence[Member], on: str, stays: Sequence[Member] | None) -> list[Member]:
    """The stays after somebody was taken off the team on a day; likewise."""
    if stays is not None:
        return list(stays)
    return [
        part
        for stay in present
        if stay["since"] <= on
        for part in (_taken_off(stay, on) if holds(stay, on) else [stay])
    ]


def holds(stay: Member, day: str) -> bool:
    """Whether the stay is of this day."""
    return stay["since"] <= day and (stay["until"] is None or day <= stay["until"])


def is_over(stay: Member, day: str) -> bool:
    """Whether the stay had ended before this day."""
    return stay["until"] is not None and stay["until"] < day


def _taken_off(stay: Member, on: str) -> list[Member]:
    """At once: the day itself counts no more, and is told as the one on which they left. Of who came on that very day
    no stay is left; the history tells it."""
    return [{**stay, "until": _shift(on, -1), "left_on": on}] if stay["since"] < on else []


def _shift(day: str, days: int) -> str:
    try:
        return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
    except OverflowError:  # the first and the last day of the calendar
        return day


def _last(stay: Member) -> str:
    return stay["until"] or _FOR_EVER


def _meet(one: Member, other: Member) -> bool:
    return one["since"] <= _last(other) and other["since"] <= _last(one)


def _touch(one: Member, other: Member) -> bool:
    """They share a day, or one begins on the day after the other."""
    return one["since"] <= _shift(_last(other), 1) and other["since"] <= _shift(_last(one), 1)


def _until(stay: Member, day: str) -> Member | None:
    if stay["since"] > day:
        return None
    whole = cast("Member", {name: value for name, value in stay.items() if name != "left_on"})
    return {**whole, "until": day}


def _from(stay: Member, day: str) -> Member | None:
    return {**stay, "since": day} if day <= _last(stay) else None


def _without(stay: Member, other: Member) -> list[Member]:
    """What is left of a stay beside another one: before it, and after it."""
    if not _meet(stay, other):
        return [stay]
    before = _until(stay, _shift(other["since"], -1)) if stay["since"] < other["since"] else None
    after = _from(stay, _shift(other["until"], 1)) if other["until"] and _last(stay) > other["until"] else None
    return [part for part in (before, after) if part is not None]


def _in_order(stays: Iterable[Member]) -> list[Member]:
    return sorted(stays, key=lambda stay: stay["since"])


def _with(present: Sequence[Member], member: Member) -> tuple[Member, list[Member]]:
    """The stay that is there once ``member`` was added, and all stays with it. What is of the same relation and touches
    it becomes one stay with it; what is of another one gives way for its days, and goes on after it."""
    whole, rest = member, []
    for stay in present:
        if stay["relation"] == member["relation"] and "left_on" not in stay and _touch(stay, member):
            open_end = stay["until"] is None or whole["until"] is None
            until = None if open_end else max(_last(stay), _last(whole))
            whole = {**whole, "since": min(stay["since"], whole["since"]), "until": until}
        else:
            rest += _without(stay, member)
    return whole, _in_order([*rest, whole])


# ---- decisions ---------------------------------------------------------------------------------------------------


def add_member(
    case: Case,
    *,
    at: datetime,
    actor: Actor,
    person: Person,
    relation: Relation,
    since: date,
    until: date | None = None,
    standing: Standing | None = None,
) -> None:
    """Put ``person`` on the care team. Both days count, and no day that they have already is taken away: a stay in the
    same relation is made longer, one in another gives way for just these days. They are there in the role ``standing``,
    or in the first of theirs that the relation fits.

    Raises `InvalidInput` when the relation does not fit the person's role, the days are reversed, the person is
    disabled, or is to stay longer already (which `change_member` can end); `Conflict` when the case is closed or the
    person is on the team in just this way.
    """
    case.refuse_if_closed()
    check = Input()
    standing = standing or person.standing_for(relation) or person.standings[0]
    if not person.active:
        check.problem("/person", "person-disabled")
    elif relation not in RELATIONS_OF_ROLE[standing.role]:
        check.problem("/relation", "relation-does-not-fit-role", role=person.role)
    if until is not None and until < since:
        check.problem("/until", "before-the-start")
    check.refuse_if_any()
    member: Member = {
        "name": person.name,
        "role": standing.role.value,
        "discipline": standing.discipline.value if standing.discipline else None,
        "relation": relation.value,
        "since": since.isoformat(),
        "until": until.isoformat() if until else None,
    }
    key = str(person.id)
    present: Sequence[Member] = case.members.get(key, ())
    same = [s for s in present if s["relation"] == member["relation"] and "left_on" not in s and _touch(s, member)]
    around = next((s for s in same if s["since"] <= member["since"] and _last(s) >= _last(member)), None)
    if around is not None:
        if until is not None and _last(around) > _last(member):
            check.problem("/until", "on-team-longer", until=around["until"])
            check.refuse_if_any()
        raise Conflict("already-on-team")
    stay, stays = _with(present, member)
    if same:
        case.trigger_event(
            TeamMemberChanged,
            timestamp=at,
            by=actor.by(),
            person=key,
            name=person.name,
            before=same[0],
            after=stay,
            stays=stays,
        )
    else:
        case.trigger_event(TeamMemberJoined, timestamp=at, by=actor.by(), person=key, member=stay, stays=stays)


def change_member(
    case: Case,
    *,
    at: datetime,
    actor: Actor,
    today: date,
    person: Person,
    since: date | None = None,
    until: date | None = None,
    open_end: bool = False,
    relation: Relation | None = None,
    start: date | None = None,
) -> None:
    """Give a stay another last day (``until``, or none with ``open_end``), or from the day ``start`` on (today if None)
    another relation. ``since`` names the stay by its first day; the present one, or else the next, if None. What
    was before today stays as it was.

    Raises `NotFound` when there is no such stay, `Conflict` when it is over or nothing would change, or when the case
    is closed and it would not end sooner, `InvalidInput`.
    """
    key, day = str(person.id), today.isoformat()
    stay = stay_of(case, key, since, day)
    if is_over(stay, day):
        raise Conflict("stay-is-over")
    check = Input()
    last = None if open_end else until.isoformat() if until else stay["until"]
    if until is not None and until < max(today, date.fromisoformat(stay["since"])):
        check.problem("/until", "before-the-start" if until.isoformat() < stay["since"] else "in-the-past")
    standing = person.standing_for(relation) if relation is not None else None
    if relation is not None and standing is None:
        check.problem("/relation", "relation-does-not-fit-role", role=person.role)
    first = max(start or today, date.fromisoformat(stay["since"]))
    if start is not None and start < today and stay["since"] < day:
        check.problem("/start", "in-the-past")
    if last is not None and first.isoformat() > last:
        check.problem("/start" if relation is not None else "/until", "after-the-end")
    check.refuse_if_any()
    others = [s for s in case.members[key] if s is not stay]
    longer: Member = {**stay, "until": last}
    if any(_meet(other, longer) for other in others):
        check.problem("/until", "meets-another-stay")
        check.refuse_if_any()
    parts = [longer]
    after = longer
    if relation is not None and standing is not None and relation.value != stay["relation"]:
        after = {
            **longer,
            "name": person.name,
            "role": standing.role.value,
            "discipline": standing.discipline.value if standing.discipline else None,
            "relation": relation.value,
            "since": first.isoformat(),
        }
        before = _until(longer, _shift(after["since"], -1)) if stay["since"] < after["since"] else None
        parts = [after] if before is None else [before, after]
    if parts == [stay]:
        raise Conflict("nothing-changed")
    if len(parts) > 1 or _last(longer) >= _last(stay):
        case.refuse_if_closed()
    case.trigger_event(
        TeamMemberChanged,
        timestamp=at,
        by=actor.by(),
        person=key,
        name=person.name,
        before=stay,
        after=after,
        stays=_in_order([*others, *parts]),
    )


def remove_member(
    case: Case,
    *,
    at: datetime,
    actor: Actor,
    today: date,
    person: Person,
    since: date | None = None,
    answered: Sequence[dict[str, Any]] = (),
) -> None:
    """Take a person off the care team at once, and off what is to come; or only end, or give up, the stay that begins
    on ``since``. ``answered`` is what was asked before. Raises `NotFound` when there is no such stay, or it is over."""
    key, day = str(person.id), today.isoformat()
    present: Sequence[Member] = case.members.get(key, ())
    chosen = [s for s in present if not is_over(s, day) and (since is None or s["since"] == since.isoformat())]
    if not chosen:
        raise NotFound("not-on-team")
    now = next((stay for stay in chosen if holds(stay, day)), None)
    kept = [stay for stay in present if stay not in chosen]
    if now is None:
        case.trigger_event(
            TeamMemberChanged,
            timestamp=at,
            by=actor.by(),
            person=key,
            name=person.name,
            before=chosen[0],
            after=None,
            stays=kept,
        )
        return
    case.trigger_event(
        TeamMemberLeft,
        timestamp=at,
        by=actor.by(),
        person=key,
        name=person.name,
        relation=now["relation"],
        on=day,
        stays=_in_order([*kept, *_taken_off(now, day)]),
        answered=list(answered),
    )


def stay_of(case: Case, person: str, since: date | None, day: str) -> Member:
    """One stay of a person: the one that begins on ``since``; the present one, or else the next, if None. Raises
    `NotFound`."""
    present: Sequence[Member] = case.members.get(person, ())
    if since is None:
        found = [stay for stay in present if not is_over(stay, day)]
    else:
        found = [stay for stay in present if stay["since"] == since.isoformat()]
    if not found:
        raise NotFound("not-on-team")
    return next((stay for stay in found if holds(stay, day)), found[0])


def would_leave(case: Case, person_id: UUID, day: date, since: date | None) -> bool:
    """Whether removing this stay (or all) takes somebody off the team who is on it on the day."""
    stays: Sequence[Member] = case.members.get(str(person_id), ())
    return any(holds(s, day.isoformat()) and (since is None or s["since"] == since.isoformat()) for s in stays)
