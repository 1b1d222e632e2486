"""Who is around a child without an account: named once, put right, and whose the typed names are."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from uuid import UUID

from flask import Blueprint, make_response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from coord.application.case.commands import CorrectInCircle, JoinNameToCircle, NameInCircle
from coord.application.case.questions import CircleAnswer, CirclePerson, ReadCircle
from coord.application.declared import Command
from coord.domain.errors import Conflict, FieldProblem, InvalidInput
from coord.web.kit.child import around
from coord.web.kit.done import Done
from coord.web.kit.field import Field, Kind
from coord.web.kit.form import Form, declared
from coord.web.labels import KINSHIPS, label
from coord.web.visit import here, see_other

pages = Blueprint("circle", __name__)

DONE = Done("circle")
"""What was just done, said once."""
_AS_CALLED = _l("As they are called, so that everybody knows who it is: “Mia Rossi”")
_RELATION = Field("relation", Kind.CHOICE, _l("What they are to the child"), options=KINSHIPS, first=_l("Choose"))
NAMED = declared(
    "circle-named",
    Field("person_id", Kind.ID),
    Field("name", Kind.TEXT, _l("Name"), _AS_CALLED),
    _RELATION,
)
CORRECTED = declared(
    "circle-corrected",
    Field("version", Kind.VERSION),
    Field("name", Kind.TEXT, _l("Name")),
    _RELATION,
    Field("gone", Kind.TICK, _l("Not to be chosen any more. What they told stays."), optional=True),
    Field("reason", Kind.TEXT, _l("Reason")),
)
JOINED = declared(
    "circle-joined",
    Field("written", Kind.HIDDEN),
    Field(
        "person",
        Kind.CHOICE,
        _l("This is"),
        optional=True,
        first=_l("Choose"),
        becomes=UUID,
        says={"missing": _l("Choose a person")},
    ),
)


@pages.get("/children/<uuid:case_id>/circle")
def index(case_id: UUID) -> Response:
    """Everybody who was named, and every name that was only typed."""
    return _page(case_id, "", NAMED.of(at="new-"))


@pages.post("/children/<uuid:case_id>/circle")
def name(case_id: UUID) -> Response:
    """Name somebody; or the page again with what was typed."""
    form = NAMED.sent(at="new-")
    return _done(case_id, "new", form, lambda: NameInCircle(case_id, form.id, **form.values()), "named")


@pages.post("/children/<uuid:case_id>/circle/<uuid:person_id>")
def correct(case_id: UUID, person_id: UUID) -> Response:
    """Put right what is said of somebody; or the page again with what was typed."""
    form = CORRECTED.sent(at=f"person-{person_id}-")

    def command() -> Command:
        values = form.values()
        listed = not values.pop("gone")
        return CorrectInCircle(case_id, person_id, form.version, listed=listed, **values)

    return _done(case_id, str(person_id), form, command, "corrected")


@pages.post("/children/<uuid:case_id>/circle/names")
def join(case_id: UUID) -> Response:
    """Say whose a typed name is, or take it apart again."""
    form = JOINED.sent()
    said = "joined" if form.typed["person"] else "apart"
    command = lambda: JoinNameToCircle(case_id, form["written"], form.values()["person"])  # noqa: E731 - read when sent
    return _done(case_id, "typed", form, command, said)


def _done(case_id: UUID, about: str, form: Form, command: Callable[[], Command], said: str) -> Response:
    services, actor = here()

    def act() -> Response:
        try:
            services.doors.execute(actor, command())
        except Conflict as refusal:
            if said == "apart" and refusal.code == "nothing-changed":  # nobody was chosen for what is nobody's name
                raise InvalidInput([FieldProblem("/person", "missing")]) from None
            raise
        DONE.say(said)
        return see_other(url_for("circle.index", case_id=case_id) + "#said")

    return form.send(act, lambda: _page(case_id, about, form))


def _page(case_id: UUID, about: str, form: Form) -> Response:
    services, actor = here()
    answer = cast(CircleAnswer, services.doors.ask(actor, ReadCircle(case_id)))
    said = DONE.once() or ""
    words = {
        "named": _("They are in the list now, and can be chosen as who saw something."),
        "corrected": _("It is put right. What they told stays as it was written then."),
        "joined": _("What was told under this name is theirs now."),
        "apart": _("It is nobody's name again."),
    }
    forms = {}
    for one in answer.people:
        stands = {"name": one.name, "relation": one.relation, "gone": not one.listed, "version": one.version}
        forms[one.id] = form if about == str(one.id) else CORRECTED.of(stands, at=f"person-{one.id}-")
        forms[one.id].beside(one.version, stands)
    joins = {}
    for number, name in enumerate(answer.typed, 1):
        mine = about == "typed" and form.typed["written"] == name.written
        joins[name.written] = joined = form if mine else JOINED.of({"written": name.written})
        joined.at = f"typed-{number}-"
        joined.offer("person", (_one_of_them(person) for person in answer.people))
    html = render_template(
        "case/circle.html",
        answer=answer,
        form=form,
        forms=forms,
        joins=joins,
        new=form if about == "new" else NAMED.of(at="new-"),
        about=about,
        names={person.id: person.name for person in answer.people},
        **around(answer),
        done=words.get(said, ""),
    )
    return make_response(html)


def _one_of_them(person: CirclePerson) -> dict[str, str]:
    return {"value": str(person.id), "text": f"{person.name}, {label('kinship', person.relation).lower()}"}
