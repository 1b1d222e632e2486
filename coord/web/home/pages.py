"""The first page: my children, what is new, and what waits for me."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for
from werkzeug.wrappers import Response

from coord.application.declared import Question
from coord.application.groups.questions import MySessionsAnswer, ReadMySessions
from coord.application.home.questions import CaseloadAnswer, ReadCaseload
from coord.domain.actors import Relationship, Role
from coord.domain.permissions import PERMISSIONS
from coord.projections.timeline import NEWS_AT_MOST
from coord.web.home.page import MANY_CHILDREN, found_among, pages, sought
from coord.web.home.pupils import pupils_page
from coord.web.kit.namesakes import marks_of, names_of
from coord.web.visit import require_actor, see_other, the_services
from coord.web.waiting.words import ON_THE_FIRST_PAGE, waiting_on_the_first_page


@pages.get("/")
def show() -> str | Response:
    """What this person does most: a teacher their pupils, a therapist their children, a lead the team, an administrator
    the accounts."""
    actor = require_actor()
    if actor.role is Role.ADMINISTRATOR:
        return see_other(url_for("people.index"))
    if actor.role is Role.TEACHER:
        return pupils_page()
    services = the_services()
    leads = actor.role is Role.TEAM_LEAD
    asked: list[Question] = [ReadCaseload(waiting=ON_THE_FIRST_PAGE)]
    if PERMISSIONS["ReadMySessions"].who(actor, Relationship()):
        day = services.clock().astimezone(services.settings.zone).date()
        asked.append(ReadMySessions(day, day, waiting=False))
    told: dict[type[Question], Any] = dict(
        zip(map(type, asked), services.doors.ask_together(actor, *asked), strict=True)
    )
    answer: CaseloadAnswer = told[ReadCaseload]
    mine: MySessionsAnswer | None = told.get(ReadMySessions)
    text = sought()
    found = found_among(answer.children, text)
    current = [child for child in found if child["status"] == "open"]
    current.sort(key=lambda child: child["new"] == 0)  # news first
    marks = marks_of(answer.children)
    names = names_of(answer.children, marks)
    return render_template(
        "home/clinician.html",
        answer=answer,
        text=text,
        searchable=bool(text) or len(answer.children) > MANY_CHILDREN,
        own=[child for child in current if child["relation"]],
        team=[child for child in current if not child["relation"]],
        closed=[child for child in found if child["status"] != "open"],
        many=NEWS_AT_MOST,
        marks=marks,
        **waiting_on_the_first_page(answer.waiting, names),
        leads=leads,
        service_team=actor.team,
        my_sessions=[s for s in mine.sessions if s.status != "cancelled"] if mine else [],
        opens_cases=PERMISSIONS["OpenCase"].who(actor, Relationship()),
    )
