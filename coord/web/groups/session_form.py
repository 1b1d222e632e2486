"""The form of a recording: what is tapped and typed about each child and the group, and the record that it means.

Every id (of the recording, of each line, observation and strategy) is made when the form is first shown, so that the
same form sent twice, from a device that never heard the first answer, is one recording.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from coord.application.groups.commands import ChildRecord, CorrectSession, HandedOver, Rating, RecordSession
from coord.application.groups.lines import MOST_STRATEGIES
from coord.application.groups.questions import LineShown, RecordingShown, SessionAnswer, SessionChild
from coord.domain.actors import Actor
from coord.domain.case import LineContent
from coord.domain.course.sessions import NOTE_PARTS
from coord.web.groups.labels import ARRIVALS, ATTENDANCES, GRADINGS, GUARDIANS
from coord.web.groups.labels import LINE_PARTS as CALLED
from coord.web.groups.labels import NOTE_PARTS as NOTE_CALLED
from coord.web.kit.asking import confirmed
from coord.web.kit.field import Field, Kind, number_of, uuid_of
from coord.web.kit.form import Declared, Form, declared
from coord.web.kit.moment import moment_fields, moment_of, moment_typed
from coord.web.labels import SUPPORTS

_NOT_SAID = {"": _l("Not said")}
CHOICES: Mapping[str, Mapping[str, LazyString]] = {
    "attendance": ATTENDANCES,
    "arrival": {**ARRIVALS, **_NOT_SAID},
    "grading": {**GRADINGS, **_NOT_SAID},
    "support": {**SUPPORTS, **_NOT_SAID},
    "guardian": {**GUARDIANS, **_NOT_SAID},
}
WORDS = ("absence_reason", "response", "incident", "message_home", "message_school", "practice")
PARTS = (*CHOICES, *WORDS)
"""What of a line is one field each."""
_OF_RATING = ("observation", "level", "support", "remark", "scale")
NEW_STRATEGIES = 2
"""Empty lines for strategies that are handed over; without a script none can be added."""
AS_ABOVE = "as-above"
"""A level is seen with the help that the child had in the session."""


def at(case_id: UUID, *more: object) -> str:
    """Name and id of a field about one child."""
    return "-".join((_card(case_id), *map(str, more)))


@lru_cache(2048)
def _card(case_id: UUID) -> str:
    return f"c-{case_id}"


# ---- the fields ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Card:
    """What can be said about one child: also of these goals, and of so many strategies."""

    case: UUID
    goals: Sequence[UUID] = ()
    strategies: int = NEW_STRATEGIES

    def fields(self) -> Iterable[Field]:
        """All of them, each of which a correction may go without; the card itself is one, for what is wrong with no
        part of it."""
        case, rated, handed = self.case, CALLED["ratings"], CALLED["strategies"]
        came = {"attendance": {"missing": _l("Choose whether the child came")}}
        yield _field(at(case), Kind.ROWS)
        yield _field(at(case, "line"), Kind.ID)
        yield from (_field(at(case, name), Kind.HIDDEN) for name in ("planned", "optional"))
        yield _field(at(case, "goals"), Kind.SEVERAL, CALLED["goals"])
        yield _field(at(case, "in_error"), Kind.TICK)
        for name, options in CHOICES.items():
            yield _field(at(case, name), Kind.RADIOS, CALLED[name], options=options, says=came.get(name, {}))
        yield from (_field(at(case, name), Kind.LONG, CALLED[name]) for name in WORDS)
        for goal in self.goals:
            yield from (_field(at(case, goal, name), kind) for name, kind in _UNSEEN_OF_RATING)
            yield _field(at(case, goal, "level"), Kind.RADIOS, _l("How far"), called=rated)
            yield _field(at(case, goal, "support"), Kind.CHOICE, _l("Help needed for this goal"), called=rated)
            yield _field(at(case, goal, "remark"), Kind.LONG, _l("Remark"), called=rated)
        for i in range(self.strategies):
            yield _field(at(case, f"s{i}", "id"), Kind.ID)
            yield _field(at(case, f"s{i}", "kept"), Kind.HIDDEN)
            yield _field(at(case, f"s{i}", "taken_back"), Kind.TICK)
            yield _field(at(case, f"s{i}", "text"), Kind.LONG, called=handed)


_field = partial(Field, optional=True)
_UNSEEN_OF_RATING = (("observation", Kind.ID), ("scale", Kind.HIDDEN))


def _around(*, correcting: bool) -> list[Field]:
    """The fields about no child. A time that cannot be read is refused with all else that is wrong; but a correction
    would be carried out without it, and is not sent."""
    note = (
        Field(f"note-{name}", Kind.LONG, words, called=words, pointer=f"/note/{name}", optional=True)
        for name, words in NOTE_CALLED.items()
    )
    ran = Field("staff", Kind.SEVERAL, _l("Who ran it"), becomes=UUID)
    return [
        Field("recording_id", Kind.ID, pointer="/id"),
        *((Field("version", Kind.VERSION), _REASON) if correcting else (_TOOK_PLACE,)),
        Field("children", Kind.ROWS, _l("Children")),
        *note,
        *moment_fields("started", _l("Started"), "/started_at", optional=correcting),
        *moment_fields("ended", _l("Finished"), "/ended_at", optional=correcting),
        ran,
    ]


_WHY = _l("Why it is corrected")
_REASON = Field("reason", Kind.LONG, _WHY, called=_WHY)
_TOOK_PLACE = Field("took_place", Kind.TICK, _l("It took place all the same"), called=_l("Cancelled"))
RECORDED = declared("session-recorded", *(one for one in _around(correcting=False) if one is not _TOOK_PLACE))
CORRECTED = declared("session-corrected", *_around(correcting=True))


@dataclass(slots=True)
class Recording:
    """A recording on its way, or a correction of one: the form, and the card of each child in it."""

    form: Form
    cards: dict[UUID, Card]

    # ---- where it comes from

    @classmethod
    def blank(cls, answer: SessionAnswer, actor: Actor, now: datetime, zone: ZoneInfo) -> Recording:
        """For a session that nobody, or somebody else, has recorded: with what is planned chosen."""
        session = answer.session
        # Before its day nothing is recorded: what is kept on the device until then has the time that is planned.
        early = session.starts_at.astimezone(zone).date() > now.astimezone(zone).date()
        start = session.starts_at if early else min(session.starts_at, now)
        stands = {**moment_typed("started", start, zone), **moment_typed("ended", session.ends_at, zone)}
        if session.ends_at > now:  # still going on: what is left empty is the time at which the recording is sent
            stands |= {"ended-day": start.astimezone(zone).date(), "ended-time": "", "ended-second": ""}
        stands["staff"] = [actor.person_id]
        return cls._of(stands, [_blank_child(child) for child in answer.children if child.recordable])

    @classmethod
    def of(cls, answer: SessionAnswer, recording: RecordingShown, zone: ZoneInfo) -> Recording:
        """What stands, to be corrected. A child with a place and no line in it is there to be added."""
        children = []
        for child in answer.children:
            line = line_in(recording, child)
            if line is not None:
                children.append(_child_of_line(child, line))
            elif child.recordable:
                card, stands = _blank_child(child)
                children.append((card, {**stands, at(card.case, "optional"): "yes"}))
        around = {
            "recording_id": recording.id,
            "version": recording.version,
            **{f"note-{name}": recording.note.get(name, "") for name in NOTE_PARTS},
            **moment_typed("started", recording.started_at, zone),
            **moment_typed("ended", recording.ended_at, zone),
            "staff": recording.staff_ids,
        }
        return cls._of(around, children, correcting=True)

    @classmethod
    def _of(
        cls, around: Mapping[str, Any], children: Iterable[tuple[Card, Mapping[str, Any]]], *, correcting: bool = False
    ) -> Recording:
        stands, cards = dict(around), {}
        for card, of_child in children:
            cards[card.case] = card
            stands |= of_child
        return cls(_form_of(cards, correcting=correcting).of(stands), cards)

    @classmethod
    def sent(cls, *, correcting: bool = False) -> Recording:
        """What the browser sent."""
        cases = _ids(request.form.getlist("child"))
        cards = {case: Card(case, _ids(request.form.getlist(at(case, "goal"))), _handed(case)) for case in cases}
        form = _form_of(cards, correcting=correcting).sent()
        for card in cards.values():
            for goal in card.goals:
                name = at(card.case, goal, "support")
                if form.typed[name] == AS_ABOVE:
                    rated = form.typed[at(card.case, goal, "level")]
                    form.typed[name] = form.typed[at(card.case, "support")] if rated else ""
        return cls(form, cards)

    # ---- what is shown

    def completed(self, other: Recording) -> None:
        """With what is on the page and was not when the form was opened: another child, another goal of one."""
        self.cards = {**other.cards, **self.cards}
        self.form.fields = {**other.form.fields, **self.form.fields}
        self.form.typed = {**other.form.typed, **self.form.typed}

    def as_correction(self, version: int) -> None:
        """The same words, to be sent as a correction of what was recorded from this form."""
        corrected = _form_of(self.cards, correcting=True)
        self.form.name = corrected.name
        self.form.fields = {one.name: one for one in corrected.fields} | self.form.fields
        self.form.typed |= {"version": str(version), "reason": ""}

    def renew(self, standing: Recording) -> None:
        """Decide anew, on what stands now: its version, and its ids where somebody else's correction changed them."""
        ids = (n for n, one in standing.form.fields.items() if one.kind in (Kind.ID, Kind.VERSION) and n[-3:] != "-id")
        self.form.typed |= {name: standing.form.typed[name] for name in ids if name in self.form.typed}

    # ---- what it means

    def text(self, case: UUID, *name: object) -> str:
        """What was typed of a child; nothing, where its card has no such field."""
        return str(self.form.typed.get(at(case, *name), ""))

    def ratings(self, case: UUID) -> list[UUID]:
        """The goals of a child of which anything was said."""
        said = ("level", "support", "remark")
        return [g for g in self.cards[case].goals if any(self.text(case, g, name).strip() for name in said)]

    def strategies(self, case: UUID) -> list[int]:
        """The strategies that are handed over, by their place."""
        texts = {i: self.text(case, f"s{i}", "text") for i in range(self.cards[case].strategies)}
        return [i for i, text in texts.items() if text.strip() and not self.text(case, f"s{i}", "taken_back")]

    def left_out(self, case: UUID) -> bool:
        """Nothing need be said of this child, for somebody else's recording has a line already or the child was not
        there yet; and nothing is."""
        said = any(self.text(case, name).strip() for name in PARTS if name != "grading")
        return self.text(case, "optional") == "yes" and not (said or self.ratings(case) or self.strategies(case))

    def meant(self, case: UUID) -> ChildRecord:
        """The record of a child. A level counts on the scale that the page showed."""
        parts = {name: self.text(case, name) for name in PARTS}
        if parts["attendance"] == "absent" and parts["grading"] == self.text(case, "planned"):
            parts["grading"] = ""  # nobody chose it: the page did, from the plan
        ratings = []
        for goal in self.ratings(case):
            observation, level, support, remark, scale = (self.text(case, goal, name) for name in _OF_RATING)
            on = number_of(level)
            seen_on = number_of(scale) if on is not None else None
            ratings.append(Rating(UUID(observation), goal, on, support, remark, seen_on))
        handed = [f"s{i}" for i in self.strategies(case)]
        strategies = [HandedOver(UUID(self.text(case, s, "id")), self.text(case, s, "text")) for s in handed]
        goals = _ids(self.form.typed[at(case, "goals")])
        content = LineContent(**parts, goals=goals)
        return ChildRecord(case, UUID(self.text(case, "line")), content, ratings, strategies)

    def told(self, but: Iterable[UUID] = ()) -> list[ChildRecord]:
        """The records of those whom it is about, ``but`` for some: what is wrong with them is at their fields."""
        cases = [case for case in self.cards if case not in but and not self.left_out(case)]
        for i, case in enumerate(cases):
            pointer = f"/children/{i}"
            self.form.counts(pointer, {"": at(case), "goals": at(case, "goals")} | {p: at(case, p) for p in PARTS})
            for j, goal in enumerate(self.ratings(case)):
                parts = {name: at(case, goal, name or "level") for name in ("", "level", "support", "remark")}
                self.form.counts(f"{pointer}/ratings/{j}", parts)
            for j, place in enumerate(self.strategies(case)):
                self.form.counts(f"{pointer}/strategies/{j}", {"": at(case, f"s{place}", "text")})
        return [self.meant(case) for case in cases]

    def times(self, now: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """When it took place; an empty end is now, and one without a day on the day on which it began."""
        started, unread = moment_of(self.form, "started", zone)
        day = (started or now).astimezone(zone).date()
        ended, more = moment_of(self.form, "ended", zone, day=day, not_before=started)
        if not self.form.typed["ended-time"].strip() and len(more) == 1:  # nor is anything wrong with its day
            ended, more = now.replace(second=0, microsecond=0), []
        self.form.unread += unread + more
        return started, ended

    def to_record(self, course_id: UUID, number: int, now: datetime, zone: ZoneInfo) -> RecordSession:
        """The command. Raises `InvalidInput`."""
        values = self.form.values()
        return RecordSession(
            course_id,
            number,
            self.form.id,
            *self.times(now, zone),
            self._note(),
            self.told(),
            values["staff"],
            confirmed(),
            values["took_place"],
        )

    def to_correct(
        self, course_id: UUID, number: int, standing: Recording, now: datetime, zone: ZoneInfo
    ) -> CorrectSession:
        """The command that corrects the recording. Of whom it says what stands, it need not speak; and a time that is
        as it stands stays to the second, for a new one would concern every child. Raises `InvalidInput`."""
        pairs = zip(self.times(now, zone), standing.times(now, zone), strict=True)
        started, ended = (None if meant == stood else meant for meant, stood in pairs)
        values, typed, before = self.form.values(), self.form.typed, standing.form.typed
        self.form.refuse_unread()
        mistakes = [case for case in self.cards if self.text(case, "in_error") == "yes"]
        same = [case for case in self.cards if case in standing.cards and self._key(case) == standing._key(case)]
        return CorrectSession(
            course_id,
            number,
            self.form.id,
            self.form.version,
            typed["reason"],
            started,
            ended,
            self._note(),
            self.told([*mistakes, *same]),
            mistakes,
            confirmed(),
            None if set(typed["staff"]) == set(before["staff"]) else values["staff"],
        )

    def _note(self) -> dict[str, str]:
        return {name: self.form.typed[f"note-{name}"] for name in NOTE_PARTS}

    def _key(self, case: UUID) -> tuple[object, ...]:
        """What it says of a child, however it is written."""
        meant = self.meant(case)
        return (
            {name: getattr(meant.content, name).strip() for name in PARTS},
            frozenset((*meant.content.goals, *(r.goal_id for r in meant.ratings))),
            {(r.goal_id, r.level, r.support, r.remark.strip()) for r in meant.ratings},
            {s.strategy_id for s in meant.strategies},
        )


def line_in(recording: RecordingShown, child: SessionChild) -> LineShown | None:
    """The child's line in this recording, unless it should never have been."""
    line_id = recording.lines.get(child.case_id)
    return next((line for line in child.lines if line.id == line_id and not line.error), None)


def call(form: Form, names: Mapping[UUID, str]) -> None:
    """Of a form that came back, say of each field about a child whose it is, for where one reads of it apart from its
    card; and what is asked also at its field, which may be far above the tick that answers it."""
    if not form.came_back:
        return
    whose = {str(case): name for case, name in names.items()}
    for key, one in form.fields.items():
        if name := whose.get(key[2:38]):
            parts = (name, str(one.called or one.label))
            form.fields[key] = replace(one, called=", ".join(part for part in parts if part))
    for problem in form.questions:
        form.say(problem)


def _form_of(cards: Mapping[UUID, Card], *, correcting: bool) -> Declared:
    """In the order of the page, which is that of what is wrong."""
    around = _around(correcting=correcting)
    first = next(place for place, one in enumerate(around, 1) if one.kind is Kind.ROWS)
    of_children = (one for card in cards.values() for one in card.fields())
    whole = CORRECTED if correcting else RECORDED
    return replace(whole, fields=[*around[:first], *of_children, *around[first:]])


def _ids(texts: Iterable[str]) -> list[UUID]:
    return list(dict.fromkeys(found for text in texts if (found := uuid_of(text)) is not None))


def _handed(case: UUID) -> int:
    places = range(MOST_STRATEGIES + NEW_STRATEGIES)
    return next((i for i in places if at(case, f"s{i}", "id") not in request.form), len(places))


def _blank_child(child: SessionChild) -> tuple[Card, dict[str, Any]]:
    case = child.case_id
    optional = not child.expected or any(not line.error for line in child.lines)
    return Card(case, [goal.id for goal in child.goals]), {
        at(case, "grading"): child.grading,
        at(case, "planned"): child.grading,
        at(case, "optional"): "yes" if optional else "",
        at(case, "goals"): child.planned_goals,
        **{at(case, goal.id, "scale"): goal.scale_version for goal in child.goals},
    }


def _child_of_line(child: SessionChild, line: LineShown) -> tuple[Card, dict[str, Any]]:
    case, scales = child.case_id, {goal.id: goal.scale_version for goal in child.goals}
    rated = {rating["goal_id"]: rating for rating in line.ratings}
    stands = {at(case, name): value for name, value in line.line.items() if name in (*PARTS, "goals")}
    stands |= {at(case, "line"): line.id, **{at(case, goal, "scale"): scale for goal, scale in scales.items()}}
    for goal, rating in rated.items():
        stands[at(case, goal, "observation")] = rating["observation_id"]
        stands |= {at(case, goal, name): rating[name] for name in ("level", "support", "remark")}
    for i, strategy in enumerate(line.strategies):
        kept = {"id": strategy["strategy_id"], "text": strategy["text"], "kept": "yes"}
        stands |= {at(case, f"s{i}", name): value for name, value in kept.items()}
    goals = [*scales, *(goal for goal in rated if goal not in scales)]
    return Card(case, goals, len(line.strategies) + NEW_STRATEGIES), stands
