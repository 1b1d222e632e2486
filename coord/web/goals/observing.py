"""What was seen of a goal: in one tap from the list, in full on a page of its own, and undone."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID, uuid4

from flask import make_response, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from coord.application.case.commands import NameInCircle
from coord.application.goals.commands import EnterObservationInError, ObserveGoal
from coord.application.goals.questions import GoalAnswer
from coord.application.notes.questions import NoteAnswer, ReadNote
from coord.domain.actors import Actor
from coord.domain.case import ObservationContent
from coord.domain.case.goals.observing import context_in
from coord.domain.errors import InvalidInput
from coord.domain.permissions import refuse_unless_permitted
from coord.web.goals import observation_form
from coord.web.goals import words as goal_words
from coord.web.goals.page import DONE, around_the_act, asks, carried_out, explained, frame, id_taken, pages, read_goal
from coord.web.kit.asking import confirmed
from coord.web.kit.field import uuid_of
from coord.web.kit.form import Form
from coord.web.kit.reason import Act, one_of, told, what_is_wrong
from coord.web.labels import label
from coord.web.visit import here, see_other

LAST_CONTEXT = "observed_in"
"""Key of the session: where this person last observed each child. It ends with the sign-in."""
MOST_REMEMBERED = 12


@pages.route("/children/<uuid:case_id>/goals/<uuid:goal_id>/observe", methods=["GET", "POST"])
def observe(case_id: UUID, goal_id: UUID) -> ResponseReturnValue:
    """Keep what one saw: in one tap from the list of goals, or in full here."""
    services, actor = here()
    if request.method == "GET":
        answer = read_goal(case_id, goal_id)
        refuse_unless_permitted("ObserveGoal", actor, answer.relationship)
        if "ObserveGoal" not in answer.line.may:
            return see_other(url_for("goals.show", case_id=case_id, goal_id=goal_id))
        return _observe_page(actor, answer, observation_form.OBSERVED.of(_begun(answer)))
    form = observation_form.sent()

    def content() -> ObservationContent:
        return observation_form.content_of(form, services.clock(), services.settings.zone)

    def act() -> Response:
        content()
        if form.typed["seen_by"] == observation_form.SOMEBODY_ELSE and actor.sight.colleagues:
            # Named once for the child, in a save of its own: whatever becomes of the observation, they are in the list.
            _name_in_circle(case_id, form)
        carried_out(form, ObserveGoal(case_id, goal_id, form.id, content(), confirmed()), "observed-already")
        _remember_context(case_id, form.typed["context"])
        return DONE.then(f"observed:{goal_id}:{form.id}", _back_to(case_id, goal_id))

    return form.send(act, lambda: _observe_page(actor, read_goal(case_id, goal_id), form), explained)


def _name_in_circle(case_id: UUID, form: Form) -> None:
    """Whom the form names joins the child's circle, and is chosen."""
    services, actor = here()

    def name_them() -> None:
        person, name = UUID(form.typed["person_id"]), form.typed["reported_by"]
        services.doors.execute(actor, NameInCircle(case_id, person, name, form.typed["relation"]))

    try:
        name_them()
    except InvalidInput as refusal:
        if not id_taken(refusal):
            raise
        form.typed["person_id"] = str(uuid4())  # gone back to, with another name: it is somebody else
        name_them()
    form.typed |= {"seen_by": form.typed["person_id"], "person_id": str(uuid4())}


def _begun(answer: GoalAnswer) -> dict[str, Any]:
    """What stands in the form to begin with: where one observed last, or what a note tells of already."""
    services, actor = here()
    context = answer.contexts[0] if len(answer.contexts) == 1 else _last_context(answer.case_id)
    if note_id := uuid_of(request.args.get("note", "")):
        note = cast(NoteAnswer, services.doors.ask(actor, ReadNote(answer.case_id, note_id))).note
        if note is not None:
            return observation_form.from_note(note, context_in(note.setting, actor) or context, services.settings.zone)
    return {"context": context}


def _observe_page(actor: Actor, answer: GoalAnswer, form: Form) -> Response:
    scale = answer.line.content["scale"]
    # Levels are read on the scale that the page shows.
    form.typed |= {"scale_version": str(answer.line.scale_version), "back": request.values.get("back", "")}
    form.offer("context", ({"value": c, "text": label("context", c)} for c in answer.contexts))
    form.offer("level", goal_words.levels_to_choose(scale) if scale else ())
    around_them = (
        {
            "value": str(one.id),
            "text": one.name,
            "hint": label("kinship" if one.kind == "circle" else "relation", one.relation),
        }
        for one in answer.around
    )
    myself = {"value": "", "text": _("I saw it myself")}
    form.offer("seen_by", [myself, *around_them, {"value": observation_form.SOMEBODY_ELSE, "text": _("Somebody else")}])
    page = render_template(
        "goals/observe.html",
        answer=answer,
        line=answer.line,
        form=form,
        names=actor.sight.colleagues,
        **frame(answer),
    )
    return make_response(page)


@asks(
    "/children/<uuid:case_id>/goals/<uuid:goal_id>/observations/<uuid:observation_id>/error",
    [what_is_wrong(rows=2)],
    "EnterObservationInError",
)
def observation_error(answer: GoalAnswer | None, case_id: UUID, goal_id: UUID, observation_id: UUID) -> Act:
    """Mark an observation as a mistake; "undo" comes here with its reason."""
    observation = one_of(answer.observations, observation_id, "no-such-observation") if answer else None
    around = around_the_act("EnterObservationInError", answer, case_id, goal_id)
    return Act(
        _("This observation is a mistake"),
        _("Mark as entered in error"),
        lambda form: EnterObservationInError(case_id, goal_id, observation_id, form["reason"]),
        said="undone",
        to=_back_to(case_id, goal_id),
        about=[told("goals/_observation.html", observation=observation, words=goal_words)],
        dangerous=True,
        **around | {"seen": {"back": request.args.get("back", "")}},
    )


def _back_to(case_id: UUID, goal_id: UUID) -> str:
    """Where one came from: the list of goals, or the goal; at what is said there."""
    if request.form.get("back") == "index":
        return url_for("goals.index", case_id=case_id) + "#said"
    return url_for("goals.show", case_id=case_id, goal_id=goal_id) + "#said"


def _last_context(case_id: UUID) -> str:
    remembered = session.get(LAST_CONTEXT)
    return str(remembered.get(str(case_id), "")) if isinstance(remembered, dict) else ""


def _remember_context(case_id: UUID, context: str) -> None:
    """So that the next observation of this child begins where the last was made."""
    remembered = session.get(LAST_CONTEXT)
    kept = dict(remembered) if isinstance(remembered, dict) else {}
    kept.pop(str(case_id), None)
    kept[str(case_id)] = context
    session[LAST_CONTEXT] = dict(list(kept.items())[-MOST_REMEMBERED:])
