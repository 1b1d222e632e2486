"""What becomes of one session beside its plan and its recording: moved, held after all, run by somebody else for once,
nobody came; and what its recordings tell differently, settled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from coord.application.declared import Command
from coord.application.groups.commands import (
    ChildRecord,
    MoveSession,
    NameStandIns,
    RecordSession,
    ReinstateSession,
    SettleAttendance,
)
from coord.application.groups.questions import SessionAnswer
from coord.application.questions import PeopleAnswer, ReadPeople
from coord.domain.actors import Actor
from coord.domain.case import LineContent
from coord.domain.course.life import STAFF_ROLES
from coord.domain.errors import FieldProblem, InvalidInput, NotFound, NotPermitted
from coord.web.kit.asking import confirmed
from coord.web.kit.sent import NOTHING, Refusal, sent
from coord.web.labels import label
from coord.web.local_time import NotADate, read_day
from coord.web.messages import field_message
from coord.web.pages.course_form import clock_typed
from coord.web.pages.course_writing import person_ticks
from coord.web.pages.goal_form import lines, number_of, uuid_of
from coord.web.pages.session_page import DONE, explained, frame, pages, read, refuse_unless_may
from coord.web.pages.writing_page import here
from coord.web.visit import see_other

Page = Callable[[SessionAnswer, Refusal], Response]


@pages.route("/groups/<uuid:course_id>/sessions/<int:number>/move", methods=["GET", "POST"])
def move(course_id: UUID, number: int) -> ResponseReturnValue:
    """The session on another day, or at another time."""

    def act() -> Command:
        form = request.form
        try:
            day = read_day(form["day"]) if form.get("day", "").strip() else None
        except NotADate:
            raise InvalidInput([FieldProblem("/day", "not-a-date")]) from None
        return MoveSession(
            course_id,
            number,
            day,
            clock_typed(form.get("start_time", "")),
            lines(form.get("reason", "")),
            _seen(),
            confirmed(),
        )

    def page(answer: SessionAnswer, refusal: Refusal) -> Response:
        session, form = answer.session, request.form
        typed = {
            "day": form.get("day", session.starts_at.date().isoformat()),
            "start_time": form.get("start_time", session.starts_at.strftime("%H:%M")),
            "reason": form.get("reason", ""),
        }
        names = {"day": _("Day"), "start_time": _("Begins at"), "reason": _("Why")}
        return _rendered("move", answer, refusal, names, typed=typed)

    return _change("MoveSession", course_id, number, act, page, "moved")


@pages.route("/groups/<uuid:course_id>/sessions/<int:number>/reinstate", methods=["GET", "POST"])
def reinstate(course_id: UUID, number: int) -> ResponseReturnValue:
    """A session that was cancelled takes place after all."""

    def act() -> Command:
        return ReinstateSession(course_id, number, lines(request.form.get("reason", "")), _seen(), confirmed())

    def page(answer: SessionAnswer, refusal: Refusal) -> Response:
        typed = {"reason": request.form.get("reason", "")}
        return _rendered("reinstate", answer, refusal, {"reason": _("Why")}, typed=typed)

    return _change("ReinstateSession", course_id, number, act, page, "reinstated")


@pages.route("/groups/<uuid:course_id>/sessions/<int:number>/stand-ins", methods=["GET", "POST"])
def stand_ins(course_id: UUID, number: int) -> ResponseReturnValue:
    """Who runs this one session without being on the staff of the course."""
    _services, actor = here()

    def act() -> Command:
        people = [person for text in request.form.getlist("people") if (person := uuid_of(text)) is not None]
        return NameStandIns(course_id, number, people, lines(request.form.get("reason", "")), _seen(), confirmed())

    def page(answer: SessionAnswer, refusal: Refusal) -> Response:
        chosen = [str(member["person_id"]) for member in answer.stand_ins]
        if request.method == "POST":
            chosen = request.form.getlist("people")
        of_team, others = _who_may(actor, answer, chosen)
        typed = {"reason": request.form.get("reason", "")}
        names = {"people": _("Who stands in"), "reason": _("Why")}
        return _rendered("stand_ins", answer, refusal, names, typed=typed, of_team=of_team, others=others)

    return _change("NameStandIns", course_id, number, act, page, "named")


def _who_may(actor: Actor, answer: SessionAnswer, chosen: Sequence[str]) -> tuple[list[Any], list[Any]]:
    """Who can run a group and is not on the staff, as ticks: those of one's own team, and the others."""
    services, _actor = here()
    found: PeopleAnswer = services.doors.ask(actor, ReadPeople())
    staff = {member["person_id"] for member in answer.course.staff}
    people: list[Mapping[str, Any]] = [
        p for p in found.people if p["role"] in STAFF_ROLES and p["person_id"] not in staff
    ]
    known = {p["person_id"] for p in people}
    gone = [
        {"person_id": m["person_id"], "name": m["name"], "role": None, "discipline": None, "team": actor.team}
        for m in answer.stand_ins
        if m["person_id"] not in known
    ]
    people += gone
    return (
        person_ticks(chosen, [p for p in people if p["team"] == actor.team]),
        person_ticks(chosen, [p for p in people if p["team"] != actor.team]),
    )


@pages.route("/groups/<uuid:course_id>/sessions/<int:number>/settle/<uuid:case_id>", methods=["GET", "POST"])
def settle(course_id: UUID, number: int, case_id: UUID) -> ResponseReturnValue:
    """Which line holds, where the recordings disagree about whether the child was there."""

    def act() -> Command:
        line = uuid_of(request.form.get("line", ""))
        if line is None:
            raise InvalidInput([FieldProblem("/line", "missing")])
        return SettleAttendance(course_id, number, case_id, line, lines(request.form.get("reason", "")), confirmed())

    def page(answer: SessionAnswer, refusal: Refusal) -> Response:
        child = next((c for c in answer.children if c.case_id == case_id), None)
        if child is None:
            raise NotFound("no-such-child")
        if not child.may_settle and refusal is NOTHING:
            raise NotPermitted("not-the-author")
        told = [line for line in child.lines if not line.error]
        options = [
            {
                "value": str(line.id),
                "text": label("attendance", line.line["attendance"]),
                "hint": ": ".join(part for part in (line.by_name, line.line["absence_reason"]) if part),
                "checked": str(line.id) == request.form.get("line"),
            }
            for line in told
        ]
        typed = {"reason": request.form.get("reason", "")}
        names = {"line": _("What holds"), "reason": _("Why")}
        return _rendered("settle", answer, refusal, names, typed=typed, child=child, options=options)

    return _change("SettleAttendance", course_id, number, act, page, "settled")


@pages.route("/groups/<uuid:course_id>/sessions/<int:number>/nobody", methods=["GET", "POST"])
def nobody(course_id: UUID, number: int) -> ResponseReturnValue:
    """The session was there, and no child came: a recording like any other, in which everybody is absent."""
    services, _actor = here()

    def recorded(answer: SessionAnswer) -> Command:
        reason, now = lines(request.form.get("reason", "")), services.clock()
        told = [child for child in answer.children if child.expected and not child.attendance]
        content = LineContent(attendance="absent", absence_reason=reason)
        return RecordSession(
            course_id,
            number,
            uuid_of(request.form.get("recording_id", "")) or uuid4(),
            min(answer.session.starts_at, now),
            min(answer.session.ends_at, now),
            {"delivered": lines(request.form.get("note", ""))},
            [ChildRecord(child.case_id, _line_of(child.case_id), content) for child in told],
            confirmed=confirmed(),
            nobody_came=True,
            took_place=answer.session.status == "cancelled",
        )

    def page(answer: SessionAnswer, refusal: Refusal) -> Response:
        typed = {name: request.form.get(name, "") for name in ("reason", "note")}
        typed["recording_id"] = request.form.get("recording_id") or str(uuid4())
        names = {"reason": _("Why nobody came"), "note": _("For the staff")}
        told = [child for child in answer.children if child.expected and not child.attendance]
        line_ids = {child.case_id: request.form.get(f"line-{child.case_id}") or str(uuid4()) for child in told}
        return _rendered("nobody", answer, refusal, names, typed=typed, told=told, line_ids=line_ids)

    return _change("RecordSession", course_id, number, recorded, page, "nobody")


def _line_of(case_id: UUID) -> UUID:
    return uuid_of(request.form.get(f"line-{case_id}", "")) or uuid4()


# ---- what they have in common ------------------------------------------------------------------------------------


def _seen() -> int | None:
    """The version of the course that the page showed."""
    return number_of(request.form.get("version", ""))


def _change(
    name: str,
    course_id: UUID,
    number: int,
    command: Callable[[], Command] | Callable[[SessionAnswer], Command],
    page: Page,
    done: str,
) -> ResponseReturnValue:
    """The page, or what its form asks for and then back to the session. Who may not, or what cannot be done with the
    session as it stands, is told at once."""
    services, actor = here()
    answer = read(actor, course_id, number)
    refuse_unless_may(name, actor, answer)
    place = url_for("group_sessions.show", course_id=course_id, number=number)
    if request.method == "GET":
        return page(answer, NOTHING) if name in answer.may or name == "SettleAttendance" else see_other(place)

    def act() -> Response:
        wanted = command(answer) if name == "RecordSession" else command()  # type: ignore[call-arg]
        services.doors.execute(actor, wanted)
        DONE.say(done)
        return see_other(place)

    return sent(act, lambda refusal: page(read(actor, course_id, number, refusal.error), refusal))


def _rendered(
    template: str, answer: SessionAnswer, refusal: Refusal, names: Mapping[str, str], **context: Any
) -> Response:
    """The page of a form; each problem at its field, and in the summary by the field's name."""
    wrong: dict[str, str] = {}
    errors: list[dict[str, str]] = []
    for problem in refusal.problems:
        field = _field_of(problem, names)
        words = field_message(problem)
        if problem.answer:
            errors.append({"text": words, "href": "#asked"})
        elif field is None:
            errors.append({"text": words})
        elif field not in wrong:
            wrong[field] = words
            errors.append({"text": f"{names[field]}: {words}", "href": f"#{field}"})
    stale = refusal.status == 412
    return make_response(
        render_template(
            f"group_sessions/{template}.html",
            refusal=refusal,
            action=request.path,
            errors=errors,
            wrong=wrong,
            notice=explained(refusal.error) if refusal.explained is not None and refusal.error is not None else None,
            given=confirmed() if request.method == "POST" and not stale else (),
            version=answer.course.version if stale or _seen() is None else _seen(),
            **frame(answer),
            **context,
        )
    )


def _field_of(problem: FieldProblem, names: Mapping[str, str]) -> str | None:
    """The field of a problem: of a list, the list; of what goes into each child's line, where it was typed."""
    head, *rest = problem.pointer.strip("/").split("/")
    if head == "children" and rest[-1:] == ["absence_reason"]:
        head = "reason"
    elif head == "note":
        head = "note"
    return head if head in names else None
