"""The care team: who is on it, who joins and who leaves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from coord.application.case.commands import AddToTeam, ChangeOnTeam, RemoveFromTeam
from coord.application.case.questions import CaseAnswer, ReadLeftBehind
from coord.application.declared import Command
from coord.application.people.questions import PeopleAnswer, ReadPeople
from coord.domain.actors import RELATIONS_OF_ROLE, Actor, Relation, Role
from coord.domain.errors import NotFound
from coord.domain.permissions import refuse_unless_permitted
from coord.web.case.form import ADDED, RELATION, UNTIL
from coord.web.case.page import case_of, frame, left_behind, may, pages, to_the_team
from coord.web.history.words import roles_in_words
from coord.web.kit.asking import confirmed
from coord.web.kit.child import DONE
from coord.web.kit.field import Field, Kind
from coord.web.kit.form import Form
from coord.web.kit.reason import Act, Asks, told
from coord.web.labels import RELATIONS
from coord.web.local_time import NotADate, read_day
from coord.web.visit import require_actor, see_other, the_services

MANY_PEOPLE = 20
"""More than this and the list of people gets a search of its own."""


@pages.get("/children/<uuid:case_id>/team")
def team(case_id: UUID) -> AnyResponse:
    """The child's details and care team, with what this person may change."""
    actor = require_actor()
    case = case_of(actor, case_id)
    here = the_services()
    today = here.clock().astimezone(here.settings.zone).date()
    commands = ("CorrectDetails", "AddToTeam", "ChangeOnTeam", "RemoveFromTeam", "CloseCase", "ReopenCase")
    page = render_template(
        "case/team.html",
        **frame(case),
        may=may(actor, case.relationship, *commands),
        # Who has no access now stands where they were meant to be, and is said to be without.
        now=[m for m in case.members if not m["over"] and m["since"] <= today],
        to_come=[m for m in case.members if m["since"] > today],
        past=[m for m in case.members if m["over"]],
        done=DONE.once(),
    )
    return make_response(page)


@pages.get("/children/<uuid:case_id>/team/add")
def add(case_id: UUID) -> AnyResponse:
    """The form that puts somebody on the care team."""
    return _add_page(require_actor(), case_id, ADDED.of())


def _add_page(actor: Actor, case_id: UUID, form: Form) -> AnyResponse:
    case = case_of(actor, case_id)
    text = request.args.get("q", "").strip()
    found: PeopleAnswer = the_services().doors.ask(actor, ReadPeople(text))
    refuse_unless_permitted("AddToTeam", actor, case.relationship)  # nobody fills in a form that would be refused
    form.offer("person", ({"value": str(p["person_id"]), "text": _called(p)} for p in found.items))
    page = render_template(
        "case/add.html",
        form=form,
        **frame(case),
        text=text,
        nobody=not found.items,
        searchable=bool(text) or len(found.items) > MANY_PEOPLE,
    )
    return make_response(page)


def _called(person: Mapping[str, Any]) -> str:
    """As in "Una Rask, Therapist, Occupational therapy, North"."""
    about = [person["name"], roles_in_words(person)]
    return ", ".join([*about, person["team"]] if person["team"] else about)


@pages.post("/children/<uuid:case_id>/team/add", endpoint="add_member")
def add_member(case_id: UUID) -> AnyResponse:
    """Back to the care team; or the form again."""
    actor, form = require_actor(), ADDED.sent()

    def act() -> AnyResponse:
        values = form.values()
        the_services().doors.execute(actor, AddToTeam(case_id, values.pop("person"), **values))
        return DONE.then("added", url_for("children.team", case_id=case_id))

    return form.send(act, lambda: _add_page(actor, case_id, form))


def _which(case: CaseAnswer | None, person_id: UUID) -> Mapping[str, Any] | None:
    """The stay that the address names by its first day; the present one, or else the next, if it names none. Raises
    `NotFound`."""
    if case is None:
        return None
    since = _since_asked()
    stays = [m for m in case.members if m["person_id"] == person_id]
    found = [m for m in stays if (m["since"] == since if since else not m["over"])]
    if not found:
        raise NotFound("not-on-team")
    return next((m for m in found if m["current"]), found[0])


def _since_asked() -> date | None:
    try:
        return read_day(request.values["since"]) if request.values.get("since") else None
    except NotADate:
        raise NotFound("not-on-team") from None


# ---- changing a stay ---------------------------------------------------------------------------------------------


_START = Field(
    "start",
    Kind.DAY,
    _l("From which day"),
    _l("If they are to be something else; if empty, from today"),
    optional=True,
)
asks = Asks(pages, DONE, lambda case_id, person_id: case_of(require_actor(), case_id))  # noqa: ARG005


@asks("/children/<uuid:case_id>/team/<uuid:person_id>/change", [UNTIL, RELATION, _START], "ChangeOnTeam")
def change(case: CaseAnswer | None, case_id: UUID, person_id: UUID) -> Act:
    """A stay gets another last day, or from a day on another relation."""
    stay = _which(case, person_id)
    fitting = RELATIONS_OF_ROLE[Role(stay["role"])] if stay else frozenset(Relation)
    relations = [{"value": value, "text": text} for value, text in RELATIONS.items() if Relation(value) in fitting]
    title = _("Change a stay on the care team")
    if stay:
        title = _("Change the days or the relation of %(name)s", name=stay["name"])

    def command(form: Form) -> Command:
        values = form.values()
        return ChangeOnTeam(case_id, person_id, _since_asked(), open_end=values["until"] is None, **values)

    return Act(
        title,
        _("Save the change"),
        command,
        stands={name: stay[name] for name in ("until", "relation")} if stay else {},
        offers={"relation": relations} if stay else {},
        back=to_the_team(case_id),
        said="added",
        about=[told("case/_change.html", stay=stay)],
        leave=_("Leave the team as it is"),
        seen={"since": request.args.get("since", "")},
    )


# ---- taking somebody off -----------------------------------------------------------------------------------------


@asks("/children/<uuid:case_id>/team/<uuid:person_id>/remove", [], "RemoveFromTeam")
def remove(case: CaseAnswer | None, case_id: UUID, person_id: UUID) -> Act:
    """Somebody is taken off the care team, after it was said what they leave behind; whoever takes themselves off is
    led home, as the child is no longer theirs to see."""
    actor, stay, title = require_actor(), _which(case, person_id), _("Take this person off the care team?")
    to_come = stay is not None and not stay["current"]
    own, left = person_id == actor.person_id, ReadLeftBehind(case_id, person_id)
    if stay:
        title = _("Take %(name)s off the care team?", name=stay["name"])
    if stay and to_come:
        title = _("Will %(name)s not join the care team?", name=stay["name"])

    def after() -> AnyResponse:
        if own and not _still_known(actor, case_id):
            return see_other(url_for("home.show"))
        return DONE.then("removed", url_for("children.team", case_id=case_id))

    return Act(
        title,
        _("Will not come") if to_come else _("Take off the team"),
        lambda _form: RemoveFromTeam(case_id, person_id, _since_asked(), confirmed()),
        said="removed",
        about=[told("case/_remove.html", stay=stay, to_come=to_come, own=own)],
        leave=_("Leave the team as it is"),
        dangerous=True,
        ahead=lambda: left_behind(left) if stay and not to_come else (),
        already=["not-on-team"],
        after=after,
        seen={"since": request.args.get("since", "")},
        back=to_the_team(case_id),
    )


def _still_known(actor: Actor, case_id: UUID) -> bool:
    try:
        case_of(actor, case_id)
    except NotFound:
        return False
    return True
