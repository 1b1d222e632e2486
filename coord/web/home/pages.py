"""The first page: my children, what is new, and what waits for me."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from coord.application.declared import Question
from coord.application.groups.questions import MySessionsAnswer, ReadMySessions
from coord.application.home.questions import CaseloadAnswer, ReadCaseload
from coord.application.people.questions import ReadProposals
from coord.domain.actors import Relationship, Role
from coord.domain.permissions import PERMISSIONS
from coord.projections.timeline import NEWS_AT_MOST
from coord.web.kit.namesakes import marks_of, names_of
from coord.web.visit import require_actor, see_other, the_services
from coord.words import found_in, words_wanted

pages = Blueprint("home", __name__)

MANY_CHILDREN = 8
"""More than this, and the list gets a search."""


@pages.get("/")
def show() -> str | Response:
    """What this person does most: a teacher their pupils, a therapist their children, a lead the team, an administrator
    the accounts."""
    actor = require_actor()
    if actor.role is Role.ADMINISTRATOR:
        return see_other(url_for("people.index"))
    services = the_services()
    leads = actor.role is Role.TEAM_LEAD
    asked: list[Question] = [ReadCaseload()]
    if PERMISSIONS["ReadMySessions"].who(actor, Relationship()):
        day = services.clock().astimezone(services.settings.zone).date()
        asked.append(ReadMySessions(day, day))
    if leads:
        asked.append(ReadProposals())
    told: dict[type[Question], Any] = dict(
        zip(map(type, asked), services.doors.ask_together(actor, *asked), strict=True)
    )
    answer: CaseloadAnswer = told[ReadCaseload]
    mine: MySessionsAnswer | None = told.get(ReadMySessions)
    records = mine is not None and PERMISSIONS["RecordSession"].who(actor, Relationship(on_staff=True))
    text = request.args.get("q", "").strip()
    found = [child for child in answer.children if _matches(child, text)] if text else answer.children
    current = [child for child in found if child["status"] == "open"]
    teacher = actor.role is Role.TEACHER
    if not teacher:  # news first; a teacher's cards stay where they are
        current.sort(key=lambda child: child["new"] == 0)
    marks = marks_of(answer.children)
    return render_template(
        "home/teacher.html" if teacher else "home/clinician.html",
        answer=answer,
        text=text,
        searchable=bool(text) or len(answer.children) > MANY_CHILDREN,
        own=[child for child in current if child["relation"]],
        team=[child for child in current if not child["relation"]],
        closed=[child for child in found if child["status"] != "open"],
        many=NEWS_AT_MOST,
        names=names_of(answer.children, marks),
        marks=marks,
        leads=leads,
        to_decide=len(told[ReadProposals].items) if leads else 0,
        service_team=actor.team,
        my_sessions=[s for s in mine.sessions if s.status != "cancelled"] if mine else [],
        due_sessions=mine.unrecorded if mine and records else [],
        unclear_sessions=mine.unclear if mine and records else [],
        opens_cases=PERMISSIONS["OpenCase"].who(actor, Relationship()),
    )


def _matches(child: Mapping[str, Any], text: str) -> bool:
    """Whether every word is in the child's names, school or class, without regard to capitals and accents."""
    facts = (str(child.get(name, "")) for name in ("preferred_name", "full_name", "school", "school_class"))
    return found_in(words_wanted(text), *facts)
