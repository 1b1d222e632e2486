"""Who is around a child without an account: named once, put right, and whose the typed names are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast
from uuid import UUID, uuid4

from flask import Blueprint, flash, get_flashed_messages, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from coord.application.commands import CorrectInCircle, JoinNameToCircle, NameInCircle
from coord.application.declared import Command
from coord.application.questions import CircleAnswer, ReadCircle
from coord.domain.case.circle import Kinship
from coord.domain.permissions import leads_service_team
from coord.web.kit.sent import NOTHING, Refusal, sent
from coord.web.messages import field_message
from coord.web.pages.child_page import here
from coord.web.pages.goal_form import number_of, uuid_of
from coord.web.visit import see_other

pages = Blueprint("circle", __name__)
SAID = "circle"


@dataclass(frozen=True, slots=True)
class CircleForm:
    """What was typed in the one form that came back; ``about`` says which of the page it is."""

    about: str = ""
    person_id: UUID = field(default_factory=uuid4)
    name: str = ""
    relation: str = ""
    gone: bool = False
    reason: str = ""

    @classmethod
    def sent(cls, about: str) -> CircleForm:
        """What the browser sent."""
        form = request.form
        return cls(
            about,
            uuid_of(form.get("person_id", "")) or uuid4(),
            form.get("name", ""),
            form.get("relation", ""),
            form.get("gone") == "yes",
            form.get("reason", ""),
        )


@pages.get("/children/<uuid:case_id>/circle")
def index(case_id: UUID) -> Response:
    """Everybody who was named, and every name that was only typed."""
    return _page(case_id, CircleForm(), NOTHING)


@pages.post("/children/<uuid:case_id>/circle")
def name(case_id: UUID) -> Response:
    """Name somebody; or the page again with what was typed."""
    form = CircleForm.sent("new")
    command = NameInCircle(case_id, form.person_id, form.name, form.relation)
    return _done(case_id, command, form, "named")


@pages.post("/children/<uuid:case_id>/circle/<uuid:person_id>")
def correct(case_id: UUID, person_id: UUID) -> Response:
    """Put right what is said of somebody; or the page again with what was typed."""
    form = CircleForm.sent(f"person-{person_id}")
    version = number_of(request.form.get("version", ""))
    command = CorrectInCircle(
        case_id, person_id, version, form.reason, name=form.name, relation=form.relation, listed=not form.gone
    )
    return _done(case_id, command, form, "corrected")


@pages.post("/children/<uuid:case_id>/circle/names")
def join(case_id: UUID) -> Response:
    """Say whose a typed name is, or take it apart again."""
    person = request.form.get("person", "")
    command = JoinNameToCircle(case_id, request.form.get("written", ""), uuid_of(person))
    return _done(case_id, command, CircleForm("typed"), "joined" if person else "apart")


def _done(case_id: UUID, command: Command, form: CircleForm, said: str) -> Response:
    services, actor = here()

    def act() -> Response:
        services.doors.execute(actor, command)
        flash(said, SAID)
        return see_other(url_for("circle.index", case_id=case_id) + "#said")

    return sent(act, lambda refusal: _page(case_id, form, refusal))


def _page(case_id: UUID, form: CircleForm, refusal: Refusal) -> Response:
    services, actor = here()
    answer = cast(CircleAnswer, services.doors.ask(actor, ReadCircle(case_id)))
    said = str(next(iter(get_flashed_messages(category_filter=[SAID])), ""))
    words = {
        "named": _("They are in the list now, and can be chosen as who saw something."),
        "corrected": _("It is put right. What they told stays as it was written then."),
        "joined": _("What was told under this name is theirs now."),
        "apart": _("It is nobody's name again."),
    }
    html = render_template(
        "circle/index.html",
        case_id=case_id,
        answer=answer,
        shown=answer.shown,
        form=form,
        refusal=refusal,
        summary=[
            {"text": field_message(problem), "href": f"#{form.about}-{problem.pointer.strip('/')}"}
            for problem in refusal.problems
        ],
        names={person.id: person.name for person in answer.people},
        kinships=[kinship.value for kinship in Kinship],
        actor_role=actor.role.value,
        leads=leads_service_team(actor, answer.relationship),
        done=words.get(said, ""),
    )
    return make_response(html)
