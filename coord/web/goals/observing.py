"""What was seen of a goal: in one tap from the list, in full on a page of its own, and undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from flask import render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coord.application.case.commands import NameInCircle
from coord.application.goals.commands import EnterObservationInError, ObserveGoal
from coord.application.goals.questions import GoalAnswer
from coord.application.notes.questions import NoteAnswer, ReadNote
from coord.domain.actors import Actor, Role
from coord.domain.case.circle import Kinship
from coord.domain.case.goals.scales import LEVELS
from coord.domain.case.goals.wording import Support
from coord.domain.errors import Conflict, DomainError, InvalidInput
from coord.domain.permissions import refuse_unless_permitted
from coord.web.errors import status_of
from coord.web.goals import observation_form
from coord.web.goals import words as goal_words
from coord.web.goals.observation_form import ObservationForm
from coord.web.goals.page import DONE, around_the_act, asks, attempt, explained, frame, goal_again, id_taken, pages
from coord.web.kit.asking import confirmed, questions
from coord.web.kit.child import here
from coord.web.kit.form import uuid_of
from coord.web.kit.problem import Problem
from coord.web.kit.reason import Act, one_of, told, what_is_wrong
from coord.web.visit import see_other

LAST_CONTEXT = "observed_in"
"""Key of the session: where this person last observed each child. It ends with the sign-in."""
MOST_REMEMBERED = 12


@pages.route("/children/<uuid:case_id>/goals/<uuid:goal_id>/observe", methods=["GET", "POST"])
def observe(case_id: UUID, goal_id: UUID) -> ResponseReturnValue:
    """Keep what one saw: in one tap from the list of goals, or in full here."""
    services, actor = here()
    if request.method == "GET":
        answer = goal_again(actor, case_id, goal_id, None)
        refuse_unless_permitted("ObserveGoal", actor, answer.relationship)
        if "ObserveGoal" not in answer.line.may:
            return see_other(url_for("goals.show", case_id=case_id, goal_id=goal_id))
        context = answer.contexts[0] if len(answer.contexts) == 1 else _last_context(case_id)
        form = ObservationForm(context=context)
        if from_note := uuid_of(request.args.get("note", "")):
            note = cast(NoteAnswer, services.doors.ask(actor, ReadNote(case_id, from_note))).note
            if note is not None:
                form = ObservationForm.from_note(note, context, answer.contexts, services.settings.zone)
        return _observe_page(actor, answer, form)
    form = ObservationForm.sent(request.form)
    content, unread = form.content(services.clock(), services.settings.zone)
    refusal: DomainError | None = None
    if not unread and form.somebody_else and actor.role is not Role.TEACHER:
        # Named once for the child, in a save of its own: whatever becomes of the observation, they are in the list.
        refusal = attempt(actor, NameInCircle(case_id, form.person_id, form.reported_by, form.relation))
        if refusal is None:
            form = form.chosen()
            content, unread = form.content(services.clock(), services.settings.zone)
    if not unread and refusal is None:
        command = ObserveGoal(case_id, goal_id, form.observation_id, content, confirmed())
        refusal = attempt(actor, command)
    if refusal is None and not unread:
        _remember_context(case_id, form.context)
        return DONE.then(f"observed:{goal_id}:{form.observation_id}", _back_to(case_id, goal_id))
    if id_taken(refusal):
        refusal, form = Conflict("observed-already"), form.as_another()
    return _observe_page(actor, goal_again(actor, case_id, goal_id, refusal), form, refusal, unread)


def _observe_page(
    actor: Actor,
    answer: GoalAnswer,
    form: ObservationForm,
    error: DomainError | None = None,
    unread: Sequence[Problem] = (),
) -> ResponseReturnValue:
    services, _actor = here()
    problems = observation_form.problems_of(error.problems if isinstance(error, InvalidInput) else (), unread)
    page = render_template(
        "goals/observe.html",
        answer=answer,
        line=answer.line,
        form=form,
        supports=[s.value for s in Support],
        levels=LEVELS,
        kinships=[k.value for k in Kinship],
        names=actor.role is not Role.TEACHER,
        asked=questions(error.problems if isinstance(error, InvalidInput) else ()),
        given=confirmed(),
        back=request.values.get("back", ""),
        zone=services.settings.zone,
        problems=problems,
        notice=explained(error) if error and not isinstance(error, InvalidInput) else None,
        **frame(actor, answer),
    )
    return page, (status_of(error) if error else 422 if problems else 200)


@asks(
    "/children/<uuid:case_id>/goals/<uuid:goal_id>/observations/<uuid:observation_id>/error", "EnterObservationInError"
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
        fields=[what_is_wrong(rows=2)],
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
