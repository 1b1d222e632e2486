"""What the form of an observation holds: what one saw of a goal, where, with how much help, and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from coord.domain.case import Note, ObservationContent, Setting
from coord.domain.case.goals.wording import Context
from coord.domain.errors import FieldProblem
from coord.web.kit.circumstances import When
from coord.web.kit.form import lines, number_of, uuid_of
from coord.web.kit.problem import Problem
from coord.web.local_time import NotADate, NotATime, SkippedTime, read_day
from coord.web.messages import field_message
from coord.web.spelling import format_date

_FIELD_OF_POINTER = {"observed_at": "when-day", "observation_id": "", "note": "", "name": "reported_by", "id": ""}
SOMEBODY_ELSE = "other"
"""What stands for who is not in the list of those around the child."""
_CONTEXT_OF_SETTING: dict[str, str] = {
    Setting.THERAPY_ROOM: Context.THERAPY.value,
    Setting.SCHOOL: Context.SCHOOL.value,
    Setting.HOME: Context.HOME.value,
    Setting.COMMUNITY: Context.COMMUNITY.value,
}


@dataclass(frozen=True, slots=True)
class ObservationForm:
    """All that was typed. ``observation_id`` is the server's: the same form sent twice is one observation. ``note`` is
    the note in which it was seen, if the way here led from one.

    ``seen_by`` is empty for who writes, the id of somebody around the child, or `SOMEBODY_ELSE`; those are named in
    ``reported_by`` and ``relation``, and join the child's circle as ``person_id``. A teacher only types the name.
    """

    observation_id: UUID = field(default_factory=uuid4)
    context: str = ""
    level: str = ""
    support: str = ""
    remark: str = ""
    seen_by: str = ""
    reported_by: str = ""
    relation: str = ""
    person_id: UUID = field(default_factory=uuid4)
    scale_version: str = ""
    when: When = field(default_factory=When)
    note: UUID | None = None

    @classmethod
    def from_note(cls, note: Note, context: str, contexts: Sequence[str], zone: ZoneInfo) -> ObservationForm:
        """What a note tells of already: when it was, and often where."""
        when = When.of(note.observed_from, zone)
        where = _CONTEXT_OF_SETTING.get(note.setting, context)
        return cls(context=where if where in contexts else context, when=when, note=note.id)

    @classmethod
    def sent(cls, form: MultiDict[str, str]) -> ObservationForm:
        """What the browser sent, from the full form or from one tap."""
        return cls(
            observation_id=uuid_of(form.get("observation_id", "")) or uuid4(),
            context=form.get("context", ""),
            level=form.get("level", ""),
            support=form.get("support", ""),
            remark=lines(form.get("remark", "")),
            seen_by=form.get("seen_by", ""),
            reported_by=form.get("reported_by", ""),
            relation=form.get("relation", ""),
            person_id=uuid_of(form.get("person_id", "")) or uuid4(),
            scale_version=form.get("scale_version", ""),
            when=When(form.get("when-day", ""), form.get("when-time", ""), form.get("when-second") == "yes"),
            note=uuid_of(form.get("note", "")),
        )

    @property
    def somebody_else(self) -> bool:
        """Somebody who is not in the list saw it; a name that was typed beside “I” is not lost."""
        return self.seen_by == SOMEBODY_ELSE or (not self.seen_by and bool(self.reported_by.strip()))

    def chosen(self) -> ObservationForm:
        """The same once somebody else has joined the child's circle, and is in the list."""
        return replace(self, seen_by=str(self.person_id), reported_by="", relation="", person_id=uuid4())

    def as_another(self) -> ObservationForm:
        """The same words as an observation of its own."""
        return replace(self, observation_id=uuid4())

    def content(self, now: datetime, zone: ZoneInfo) -> tuple[ObservationContent, list[Problem]]:
        """What was seen, and what of it could not even be read. Who of the list saw it counts more than what stands
        beside it."""
        problems: list[Problem] = []
        level = number_of(self.level)
        if level is None and self.level:
            problems.append(problem_of(FieldProblem("/level", "unknown-choice")))
        at = self._moment(now, zone, problems)
        content = ObservationContent(
            self.context,
            level,
            self.support,
            self.remark,
            at,
            self.reported_by if self.somebody_else else "",
            self.note,
            scale_version=number_of(self.scale_version),
            seen_by=None if self.somebody_else else uuid_of(self.seen_by),
        )
        if self.seen_by == SOMEBODY_ELSE and not self.reported_by.strip():
            problems.append(Problem("reported_by", _("Who saw it"), _("Enter their name")))
        return content, problems

    def _moment(self, now: datetime, zone: ZoneInfo, problems: list[Problem]) -> datetime | None:
        """When it was seen; now (None) if neither day nor time was typed, today if only a time was."""
        name = _("When")
        if not self.when.day.strip() and not self.when.at.strip():
            return None
        when = self.when if self.when.day.strip() else replace(self.when, day=now.astimezone(zone).date().isoformat())
        try:
            return when.read(zone).chosen(second=when.second)
        except NotADate:
            problems.append(Problem("when-day", name, field_message(FieldProblem("", "not-a-date"))))
        except NotATime:
            problems.append(Problem("when-time", name, field_message(FieldProblem("", "not-a-time"))))
        except SkippedTime as skipped:
            text = _(
                "On %(day)s the clocks went forward from %(before)s to %(after)s, and none showed this time. Enter the "
                "time that the clock showed",
                day=format_date(read_day(when.day), "long"),
                before=skipped.before.strftime("%H:%M"),
                after=skipped.after.strftime("%H:%M"),
            )
            problems.append(Problem("when-time", name, text))
        return None


def problems_of(found: Iterable[FieldProblem], already: Sequence[Problem] = ()) -> list[Problem]:
    """What the domain objects to, at the fields of the page, after what could not be read; one a field."""
    problems = list(already)
    for problem in found:
        one = problem_of(problem)
        if all(one.field != other.field for other in problems):
            problems.append(one)
    return problems


def problem_of(problem: FieldProblem) -> Problem:
    """One problem, at its field."""
    name = problem.pointer.strip("/").split("/")[0]
    words = field_message(problem)
    if problem.code == "missing":
        words = {
            "context": _("Choose where you saw it"),
            "level": _("Choose a level, or say how much help was needed, or write a remark"),
            "support": _("Say how much help was needed, or write a remark"),
            "relation": _("Choose what they are to the child"),
        }.get(name, words)
    names = {
        "context": _("Where"),
        "level": _("How far"),
        "support": _("Help that was needed"),
        "remark": _("Remark"),
        "reported_by": _("Who saw it"),
        "seen_by": _("Who saw it"),
        "name": _("Who saw it"),
        "relation": _("What they are to the child"),
        "observed_at": _("When"),
    }
    return Problem(_FIELD_OF_POINTER.get(name, name), names.get(name, ""), words)
