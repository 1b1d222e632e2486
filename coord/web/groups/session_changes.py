"""What becomes of one session beside its plan and its recording: moved, cancelled, held after all, run by somebody else
for once, nobody came; and what its recordings tell differently, settled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from coord.application.declared import Command
from coord.application.groups.commands import (
    CancelSession,
    ChildRecord,
    MoveSession,
    NameStandIns,
    RecordSession,
    ReinstateSession,
    SettleAttendance,
)
from coord.application.groups.questions import SessionAnswer
from coord.application.people.questions import PeopleAnswer, ReadPeople
from coord.domain.actors import Actor
from coord.domain.case import LineContent
from coord.domain.errors import NotFound, NotPermitted
from coord.web.groups.course_writing import person_ticks, runs_groups
from coord.web.groups.session_page import DONE, explained, pages, read, refuse_unless_may, when_and_where
from coord.web.kit.asking import confirmed
from coord.web.kit.field import Field, Kind, uuid_of
from coord.web.kit.form import Form
from coord.web.kit.reason import Act, Asks, seen, told, why
from coord.web.labels import label
from coord.web.visit import here

asks = Asks(pages, DONE, lambda course_id, number, **_more: read(here()[1], course_id, number))
_WHY = why(_l("For the staff. Name no child."), _l("Why"), rows=2)
_WHEN = (Field("day", Kind.DAY, _l("Day")), Field("start_time", Kind.TIME, _l("Begins at"), width=5))
_PEOPLE = Field("people", Kind.SEVERAL, _l("Of your service team"), optional=True, becomes=UUID)
_WHAT_HOLDS = (
    Field("line", Kind.RADIOS, _l("What holds"), becomes=UUID),
    why(_l("It stands in the child's record. Name no other child."), _l("Why"), rows=2),
)
_IN_RECORD = _l("In each child's record, if you say it. Name no child.")
_FOR_STAFF = _l("What you did with the time, if it matters. Name no child.")
_NOBODY = (
    Field("reason", Kind.LONG, _l("Why nobody came"), _IN_RECORD, pointer="/children", rows=2),
    Field("note", Kind.LONG, _l("For the staff"), _FOR_STAFF, rows=2),
)


@asks("/groups/<uuid:course_id>/sessions/<int:number>/cancel", [_WHY])
def cancel(answer: SessionAnswer | None, course_id: UUID, number: int) -> Act:
    """Say that the session does not take place, and why."""
    return Act(
        _("It does not take place"),
        _("Cancel the session"),
        lambda form: CancelSession(course_id, number, form["reason"], seen(), confirmed()),
        said="cancelled",
        dangerous=True,
        **_around("CancelSession", answer, course_id, number, "cancel"),
    )


@asks("/groups/<uuid:course_id>/sessions/<int:number>/move", [*_WHEN, _WHY])
def move(answer: SessionAnswer | None, course_id: UUID, number: int) -> Act:
    """The session on another day, or at another time."""
    planned = answer.session.starts_at if answer else None
    stands = {"day": planned.date(), "start_time": planned.strftime("%H:%M")} if planned else {}

    def command(form: Form) -> Command:
        return MoveSession(course_id, number, **form.values(), expected_version=seen(), confirmed=confirmed())

    return Act(
        _("Move this session"),
        _("Move the session"),
        command,
        said="moved",
        stands=stands,
        **_around("MoveSession", answer, course_id, number, "move"),
    )


@asks("/groups/<uuid:course_id>/sessions/<int:number>/reinstate", [_WHY])
def reinstate(answer: SessionAnswer | None, course_id: UUID, number: int) -> Act:
    """A session that was cancelled takes place after all."""
    return Act(
        _("It takes place after all"),
        _("It takes place"),
        lambda form: ReinstateSession(course_id, number, form["reason"], seen(), confirmed()),
        said="reinstated",
        **_around("ReinstateSession", answer, course_id, number, "reinstate"),
    )


@asks("/groups/<uuid:course_id>/sessions/<int:number>/stand-ins", [_PEOPLE, _WHY])
def stand_ins(answer: SessionAnswer | None, course_id: UUID, number: int) -> Act:
    """Who runs this one session without being on the staff of the course."""
    chosen = [str(member["person_id"]) for member in answer.stand_ins] if answer else []
    of_team, others = _who_may(here()[1], answer) if answer else ([], [])

    def command(form: Form) -> Command:
        return NameStandIns(course_id, number, **form.values(), expected_version=seen(), confirmed=confirmed())

    return Act(
        _("Who stands in"),
        _("Save"),
        command,
        said="named",
        stands={"people": chosen},
        offers={"people": [*of_team, *({**one, "folded": True} for one in others)]},
        folded=_("Of other teams"),
        **_around("NameStandIns", answer, course_id, number, "stand_ins", nobody=not of_team and not others),
    )


def _who_may(actor: Actor, answer: SessionAnswer) -> tuple[list[Any], list[Any]]:
    """Who can run a group and is not on the staff, as ticks: those of one's own team, and the others."""
    services, _actor = here()
    found: PeopleAnswer = services.doors.ask(actor, ReadPeople())
    staff = {member["person_id"] for member in answer.course.staff}
    people: list[Mapping[str, Any]] = [p for p in found.items if runs_groups(p) and p["person_id"] not in staff]
    known = {p["person_id"] for p in people}
    gone = [
        {"person_id": m["person_id"], "name": m["name"], "role": None, "discipline": None, "team": actor.team}
        for m in answer.stand_ins
        if m["person_id"] not in known
    ]
    people += gone
    return (
        person_ticks((), [p for p in people if p["team"] == actor.team]),
        person_ticks((), [p for p in people if p["team"] != actor.team]),
    )


@asks("/groups/<uuid:course_id>/sessions/<int:number>/settle/<uuid:case_id>", _WHAT_HOLDS)
def settle(answer: SessionAnswer | None, course_id: UUID, number: int, case_id: UUID) -> Act:
    """Which line holds, where the recordings disagree about whether the child was there."""
    child = next((c for c in answer.children if c.case_id == case_id), None) if answer else None
    if answer and child is None:
        raise NotFound("no-such-child")
    items = [
        {
            "value": str(line.id),
            "text": label("attendance", line.line["attendance"]),
            "hint": ": ".join(part for part in (line.by_name, line.line["absence_reason"]) if part),
        }
        for line in (child.lines if child else ())
        if not line.error
    ]

    def command(form: Form) -> Command:
        values = form.values()
        return SettleAttendance(course_id, number, case_id, values["line"], values["reason"], confirmed())

    def may() -> None:
        if child and not child.may_settle:
            raise NotPermitted("not-the-author")

    around = _around("SettleAttendance", answer, course_id, number, "settle")
    return Act(
        _("Was %(name)s there?", name=child.preferred_name) if child else _("What holds"),
        _("So it was"),
        command,
        said="settled",
        offers={"line": items},
        **around | {"may": may},
    )


@asks("/groups/<uuid:course_id>/sessions/<int:number>/nobody", _NOBODY)
def nobody(answer: SessionAnswer | None, course_id: UUID, number: int) -> Act:
    """The session was there, and no child came: a recording like any other, in which everybody is absent."""
    services, actor = here()

    def command(form: Form) -> Command:
        now, found = services.clock(), read(actor, course_id, number)
        content = LineContent(attendance="absent", absence_reason=form["reason"])
        return RecordSession(
            course_id,
            number,
            uuid_of(form["recording_id"]) or uuid4(),
            min(found.session.starts_at, now),
            min(found.session.ends_at, now),
            {"delivered": form["note"]},
            [
                ChildRecord(case, uuid_of(form.typed.get(f"line-{case}", "")) or uuid4(), content)
                for case in _awaited(found)
            ],
            confirmed=confirmed(),
            nobody_came=True,
            took_place=found.session.status == "cancelled",
        )

    told_of = _awaited(answer) if answer else {}
    around = _around("RecordSession", answer, course_id, number, "nobody", told=list(told_of.values()))
    sent_before = {name: "" for name in request.form if name.startswith("line-")}
    ids = sent_before | {"recording_id": uuid4()} | {f"line-{case}": uuid4() for case in told_of}
    return Act(
        _("Nobody came"),
        _("Record that nobody came"),
        command,
        said="nobody",
        **around | {"seen": ids},
    )


def _awaited(answer: SessionAnswer) -> dict[UUID, str]:
    """The children who were to come and are told of nowhere yet, by case: what each is called."""
    return {c.case_id: c.preferred_name for c in answer.children if c.expected and not c.attendance}


def _around(
    name: str, answer: SessionAnswer | None, course_id: UUID, number: int, which: str, **more: Any
) -> dict[str, Any]:
    """What a page that asks before the command ``name`` has around it; ``which`` says what that means for people."""
    back = (url_for("group_sessions.show", course_id=course_id, number=number), _("Back to the session"))
    around: dict[str, Any] = {"back": back, "explained": explained, "seen": {"version": ""}}
    if answer is None:
        return around

    def may() -> bool:
        refuse_unless_may(name, here()[1], answer)
        return name in answer.may

    of = _("session %(number)s of %(of)s", number=number, of=len(answer.course.sessions))
    means = told("groups/session/_means.html", which=which, session=answer.session, **more)
    return around | {
        "about": [when_and_where(answer), means],
        "caption": f"{answer.course.content['title']} · {of}",
        "seen": {"version": answer.course.version},
        "may": may,
    }
