"""The care team: who is on it, who joins and who leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Response, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from coord.application.commands import AddToTeam, RemoveFromTeam
from coord.application.questions import PeopleAnswer, ReadPeople
from coord.domain.actors import Actor, Relation
from coord.domain.errors import FieldProblem, NotFound, Unavailable
from coord.domain.permissions import refuse_unless_permitted
from coord.web.labels import RELATIONS, label
from coord.web.pages.case_page import (
    DONE,
    Form,
    case_for,
    case_of,
    day_in,
    execute,
    frame,
    may,
    options,
    pages,
    rendered,
    the_services,
    typed,
)
from coord.web.pages.goal_form import uuid_of
from coord.web.visit import require_actor, see_other

MANY_PEOPLE = 20
"""More than this and the list of people gets a search of its own."""


@pages.get("/children/<uuid:case_id>/team")
def team(case_id: UUID) -> Response:
    """The child's details and care team, with what this person may change."""
    actor, services = require_actor(), the_services()
    case = case_of(actor, case_id)
    today = services.clock().astimezone(services.settings.zone).date()
    commands = ("CorrectDetails", "AddToTeam", "RemoveFromTeam", "CloseCase", "ReopenCase")
    return rendered(
        "children/team.html",
        **frame(actor, case_id, case),
        may=may(actor, case.relationship, *commands),
        over=[m["person_id"] for m in case.members if not m["current"] and m["since"] <= today],
        done=DONE.once(),
    )


def _add_labels() -> dict[str, tuple[str, str]]:
    return {
        "person": (_("Person"), "person"),
        "relation": (_("What they are to the child"), "relation"),
        "since": (_("From"), "since"),
        "until": (_("Until"), "until"),
    }


@pages.get("/children/<uuid:case_id>/team/add")
def add(case_id: UUID) -> Response:
    """The form that puts somebody on the care team."""
    actor = require_actor()
    form = Form(dict.fromkeys(("person", "relation", "since", "until"), ""), _add_labels())
    return _add_page(actor, case_id, form)


def _add_page(actor: Actor, case_id: UUID, form: Form) -> Response:
    case = case_for(form, actor, case_id)
    text = request.args.get("q", "").strip()
    people: Sequence[Mapping[str, Any]] = ()
    try:
        found: PeopleAnswer = the_services().doors.ask(actor, ReadPeople(text))
        people = found.people
    except Unavailable as unavailable:
        form.refuse(unavailable)
    if case is not None:  # nobody fills in a form that would be refused
        refuse_unless_permitted("AddToTeam", actor, case.relationship)
    chosen = form.values["person"]
    items: list[dict[str, object]] = [{"value": "", "text": _("Choose a person")}]
    for p in people:
        about = [p["name"], label("role", p["role"])]
        if p["discipline"] not in (None, "school"):
            about.append(label("discipline", p["discipline"]))
        if p["team"]:
            about.append(p["team"])
        value = str(p["person_id"])
        items.append({"value": value, "text": ", ".join(about), "selected": value == chosen})
    if chosen and uuid_of(chosen) and all(item["value"] != chosen for item in items):
        items.append({"value": chosen, "text": _("The person you chose"), "selected": True})
    return rendered(
        "children/add.html",
        form,
        **frame(actor, case_id, case),
        people=items,
        relations=options(RELATIONS, form.values["relation"], _("Choose what they are")),
        text=text,
        searchable=bool(text) or len(people) > MANY_PEOPLE,
    )


@pages.post("/children/<uuid:case_id>/team/add", endpoint="add_member")
def add_member(case_id: UUID) -> AnyResponse:
    """Back to the care team; or the form again."""
    actor = require_actor()
    form = Form(typed("person", "relation", "since", "until"), _add_labels())
    person = uuid_of(form.values["person"])
    if person is None:
        form.problems([FieldProblem("/person", "no-such-person")])
    if form.values["relation"] not in RELATIONS:
        form.problems([FieldProblem("/relation", "unknown-choice")])
    since, until = day_in(form, "since"), day_in(form, "until")
    if form.status == 200 and person is not None:
        command = AddToTeam(case_id, person, Relation(form.values["relation"]), since, until)
        if execute(form, actor, command):
            DONE.say("added")
            return see_other(url_for("children.team", case_id=case_id))
    return _add_page(actor, case_id, form)


@pages.get("/children/<uuid:case_id>/team/<uuid:person_id>/remove")
def remove(case_id: UUID, person_id: UUID) -> Response:
    """A page that asks once more before somebody is taken off the care team."""
    return _remove_page(require_actor(), case_id, person_id, Form({}, {}))


def _remove_page(actor: Actor, case_id: UUID, person_id: UUID, form: Form) -> Response:
    case = case_for(form, actor, case_id)
    member = next((m for m in case.members if m["person_id"] == person_id), None) if case else None
    if case and member is None:
        raise NotFound("not-on-team")
    own = person_id == actor.person_id
    return rendered("children/remove.html", form, **frame(actor, case_id, case), member=member, own=own)


@pages.post("/children/<uuid:case_id>/team/<uuid:person_id>/remove", endpoint="remove_member")
def remove_member(case_id: UUID, person_id: UUID) -> AnyResponse:
    """Back to the care team; home for somebody who took themselves off it, as the child is no longer theirs to see."""
    actor = require_actor()
    form = Form({}, {})
    try:
        if not execute(form, actor, RemoveFromTeam(case_id, person_id)):
            return _remove_page(actor, case_id, person_id, form)
    except NotFound as gone:
        if gone.code != "not-on-team":
            raise
    if person_id == actor.person_id:
        return see_other(url_for("home.show"))
    DONE.say("removed")
    return see_other(url_for("children.team", case_id=case_id))
