"""What all pages about one session have in common: the question, the frame, and why a form came back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, url_for
from flask_babel import gettext as _

from coord.application.groups.questions import ReadSession, SessionAnswer
from coord.domain.actors import Actor, Relationship
from coord.domain.errors import DomainError, NotFound
from coord.domain.permissions import refuse_unless_permitted
from coord.web.goals import words as goal_words
from coord.web.kit.done import Done
from coord.web.labels import SUPPORTS, label
from coord.web.messages import Explanation, explanation
from coord.web.spelling import format_date, format_time
from coord.web.visit import here

pages = Blueprint("group_sessions", __name__)
DONE = Done("session")


def read(actor: Actor, course_id: UUID, number: int) -> SessionAnswer:
    """The session."""
    services, _actor = here()
    return cast(SessionAnswer, services.doors.ask(actor, ReadSession(course_id, number)))


def refuse_unless_may(command: str, actor: Actor, answer: SessionAnswer) -> None:
    """Raise `NotPermitted` where the person may read the session, yet not do this with any."""
    relation = Relationship(
        None,
        bool(actor.team) and actor.team == answer.course.team,
        on_staff=answer.course.on_staff,
        stands_in=answer.stands_in,
    )
    refuse_unless_permitted(command, actor, relation)


def explained(error: DomainError) -> Explanation:
    """What happened and what to do, in the words of this area."""
    if error.code == "recorded-already":
        return Explanation(
            _("This session was recorded from this form already"),
            _("The first recording stands. What is below differs from it, and has not been saved."),
            _("To correct the recording, say why, and send it. To leave it as it is, go back to the session."),
        )
    if error.code == "not-the-author":
        return Explanation(
            _("Only who recorded it can correct it"),
            _("A recording is corrected by who made it, or by the team lead."),
            _("Ask them; or record the session yourself: both recordings are kept."),
        )
    return explanation(error.code)


def when_and_where(answer: SessionAnswer) -> str:
    """Day, times, room and kind of the session, in a line."""
    session = answer.session
    when = f"{format_date(session.starts_at, 'full')}, {format_time(session.starts_at, 'short')}"
    parts = (f"{when}–{format_time(session.ends_at, 'short')}", session.room)
    return " · ".join(filter(None, (*parts, label("group-kind", answer.course.content["kind"]))))


def frame(answer: SessionAnswer) -> dict[str, Any]:
    """What each page says about the session: its course, number and times, and the position shown."""
    services, actor = here()
    place: dict[str, Any] = {"course_id": answer.course.id, "number": answer.session.number}
    return {
        "answer": answer,
        "course": answer.course,
        "course_known": answer.course.on_staff or actor.team == answer.course.team,
        "session": answer.session,
        "of": len(answer.course.sessions),
        "place": place,
        "session_url": url_for("group_sessions.show", **place),
        "when_and_where": when_and_where(answer),
        "shown": answer.shown,
        "incomplete_since": min(answer.shown.incomplete.values(), default=None),
        "words": goal_words,
        "supports": SUPPORTS,
        "zone": services.settings.zone,
    }


def recording_in(answer: SessionAnswer, recording_id: UUID) -> Any:
    """One recording of the session. Raises `NotFound`."""
    found = next((r for r in answer.recordings if r.id == recording_id), None)
    if found is None:
        raise NotFound("no-such-recording")
    return found


def who_can_have_run_it(answer: SessionAnswer, named: Mapping[str, str]) -> list[dict[str, str]]:
    """Whom one may tick as having run it: who is ``named`` anyway, the staff of then and now, who stands in."""
    known = {str(member["person_id"]): str(member["name"]) for member in answer.staff_then}
    return [{"value": id, "text": name} for id, name in (dict(named) | known).items()]
