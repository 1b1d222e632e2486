"""A role beside the one that somebody has: given on a page of its own, and ended with a reason."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import make_response, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from coord.application.people.commands import AddPersonRole, EndPersonRole
from coord.application.people.handlers import PROPOSED
from coord.application.people.questions import PeopleAnswer
from coord.domain.actors import Actor, Role
from coord.domain.errors import NotFound
from coord.web.kit.asking import confirmed
from coord.web.kit.form import Form, declared
from coord.web.kit.reason import Act, Asks, why
from coord.web.labels import label
from coord.web.people.pages import (
    DONE,
    KEPT,
    ROLE,
    TEAM,
    accounts_for,
    offer_roles,
    pages,
    person_in,
    teams_in,
)
from coord.web.visit import require_actor, the_services

GIVEN = declared("person-role-added", *ROLE, replace(TEAM, optional=True))


@pages.get("/people/<uuid:person_id>/roles/new")
def new_role(person_id: UUID) -> Response:
    """The form for a role beside those that they have."""
    return _page(require_actor(), person_id, GIVEN.of())


@pages.post("/people/<uuid:person_id>/roles/new", endpoint="add_role")
def add_role(person_id: UUID) -> Response:
    """They have this role as well from now on, or it is proposed; or the form, with what to put right."""
    actor, form = require_actor(), GIVEN.sent()

    def act() -> Response:
        command = AddPersonRole(person_id, **form.values(), confirmed=confirmed())
        proposed = the_services().doors.execute(actor, command).status == PROPOSED
        return DONE.then(PROPOSED if proposed else "role-added", url_for("people.show", person_id=person_id))

    return form.send(act, lambda: _page(actor, person_id, form))


def _role(typed: str) -> Role:
    """The role of an address. Raises `NotFound` for one that there is not."""
    try:
        return Role(typed)
    except ValueError:
        raise NotFound("no-such-role") from None


def _page(actor: Actor, person_id: UUID, form: Form) -> Response:
    answer = accounts_for(actor)
    offer_roles(form)
    about = {"person": person_in(answer, person_id), "shown": answer.shown, "teams": teams_in(answer)}
    return make_response(render_template("people/further_role.html", form=form, **about))


asks = Asks(pages, DONE, lambda person_id, role: accounts_for(require_actor()))  # noqa: ARG005


@asks("/people/<uuid:person_id>/roles/<role>/end", [why(KEPT)], "EndPersonRole")
def end_role(answer: PeopleAnswer | None, person_id: UUID, role: str) -> Act:
    """A further role is taken away, with a reason."""
    person = person_in(answer, person_id) if answer is not None else None
    name = person["name"] if person else ""
    return Act(
        _("End a role: %(role)s", role=label("role", role)),
        _("End this role"),
        lambda form: EndPersonRole(person_id, _role(role), form["reason"]),
        back=(url_for("people.show", person_id=person_id), name or _("People")),
        said="role-ended",
        caption=name,
        about=[
            _(
                "It holds at once: in this role they see and do nothing any more. Their other roles stay, and so does"
                " what they wrote."
            )
        ],
        dangerous=True,
        may=lambda: person is None or any(one["role"] == role for one in person["further"]),
    )
