"""A child's goals: at a glance and one by one, proposed, agreed, rated and put right."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import pgettext
from werkzeug.wrappers import Response

from coord.application.case.questions import CaseAnswer, ReadCase
from coord.application.goals.commands import (
    ChangeGoalStatus,
    EnterGoalInError,
    ProposeGoal,
    ReviseGoal,
    ScoreAttainment,
)
from coord.application.goals.questions import GoalAnswer, GoalsAnswer, ReadGoals
from coord.application.goals.writing import counts
from coord.domain.actors import Actor
from coord.domain.case.goals.life import WITHOUT_A_REASON
from coord.domain.case.goals.scales import weight_of
from coord.domain.case.goals.wording import Context
from coord.domain.permissions import leads_service_team, refuse_unless_permitted
from coord.web.goals import agreeing as goal_agreeing  # it and `observing` add their pages to the same area
from coord.web.goals import form as goal_form
from coord.web.goals import observing as goal_observing
from coord.web.goals import words as goal_words
from coord.web.goals.form import LEVEL_FIELDS, blank, content_of, of_goal
from coord.web.goals.page import (
    DONE,
    around_the_act,
    asks,
    carried_out,
    decided_anew,
    explained,
    frame,
    pages,
    read_goal,
    said,
    since,
    stands,
)
from coord.web.goals.story import states, wordings
from coord.web.kit.child import audiences_for, here
from coord.web.kit.form import Field, Form, Kind, uuid_of
from coord.web.kit.reason import Act, seen, told, what_is_wrong, why
from coord.web.kit.sent import NOTHING, Refusal, sent
from coord.web.labels import GOAL_AUDIENCE_STATEMENTS, label
from coord.web.visit import see_other

__all__ = ["goal_agreeing", "goal_observing", "pages"]


# ---- at a glance -------------------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/goals")
def index(case_id: UUID) -> ResponseReturnValue:
    """All goals of the child that this person may read: how far, where, and what helps. Teachers rate in one tap.

    With ``note`` in the address, it is where one chooses the goal that a note tells of."""
    services, actor = here()
    answer: GoalsAnswer = services.doors.ask(actor, ReadGoals(case_id, ended="ended" in request.args))
    return _index_page(actor, answer)


def _index_page(actor: Actor, answer: GoalsAnswer, refusal: Refusal = NOTHING) -> Response:
    found = {cell.context for line in answer.goals for cell in line.generalisation.cells}
    page = render_template(
        "goals/index.html",
        answer=answer,
        ended="ended" in request.args,
        matrix_contexts=[c.value for c in Context if c.value in found],
        cells={line.id: {cell.context: cell for cell in line.generalisation.cells} for line in answer.goals},
        strategies={line.id: [s for s in answer.strategies if s.goal_id == line.id] for line in answer.goals},
        scored=[line for line in answer.goals if counts(line.status, line.content["scale"])],
        weight_of=weight_of,
        from_note=uuid_of(request.args.get("note", "")),
        said=said(),
        notice=explained(refusal.error) if refusal.error else None,
        **frame(actor, answer),
    )
    return make_response(page)


@pages.post("/children/<uuid:case_id>/goals/score")
def score(case_id: UUID) -> ResponseReturnValue:
    """Keep the T-score of one context as of now. The form carries the score's id: sent twice it is one."""
    services, actor = here()
    score_id = uuid_of(request.form.get("score_id", "")) or uuid4()

    def act() -> Response:
        services.doors.execute(actor, ScoreAttainment(case_id, score_id, request.form.get("context", "")))
        return DONE.then("scored", url_for("goals.index", case_id=case_id) + "#score")

    return sent(act, lambda refusal: _index_page(actor, services.doors.ask(actor, ReadGoals(case_id)), refusal))


# ---- one goal's story --------------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/goals/<uuid:goal_id>")
def show(case_id: UUID, goal_id: UUID) -> ResponseReturnValue:
    """One goal: what it says and said, who agreed, how far it has come where, and what one may do with it."""
    _services, actor = here()
    answer = read_goal(case_id, goal_id)
    line, goal = answer.line, answer.goal
    forward = [s for s in answer.next_statuses if (line.status, s) in WITHOUT_A_REASON]
    return render_template(
        "goals/show.html",
        answer=answer,
        goal=goal,
        line=line,
        evidence=_evidence(answer),
        cells={line.id: {cell.context: cell for cell in line.generalisation.cells}},
        wordings=wordings(goal),
        states=states(goal),
        forward=forward,
        facts=[(name, text) for name, text in goal_words.facts(goal.content).items() if text][1:],  # but the title
        deals_with=_deals_with(actor, answer),
        said=said(),
        **frame(actor, answer),
    )


def _deals_with(actor: Actor, answer: GoalAnswer) -> set[UUID]:
    """The observations that this person may mark as a mistake: their own, and for the team lead all."""
    leads = leads_service_team(actor, answer.relationship)
    return {o.id for o in answer.observations if leads or o.observer["person"] == actor.person_id}


def _evidence(answer: GoalAnswer) -> list[dict[str, Any]]:
    """Each cell of the goal's row with the observations behind it."""
    by_id = {o.id: o for o in answer.observations}
    return [
        {
            "cell": cell,
            "shown": [by_id[i] for i in cell.shown if i in by_id],
            "tried": [by_id[i] for i in cell.tried if i in by_id],
        }
        for cell in answer.line.generalisation.cells
    ]


# ---- proposing and revising --------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/goals/new")
def new(case_id: UUID) -> ResponseReturnValue:
    """The form for a new goal."""
    services, actor = here()
    case: CaseAnswer = services.doors.ask(actor, ReadCase(case_id))
    refuse_unless_permitted("ProposeGoal", actor, case.relationship)
    return _new_page(actor, blank(services.clock().astimezone(services.settings.zone).date()), case)


@pages.post("/children/<uuid:case_id>/goals/new")
def write(case_id: UUID) -> ResponseReturnValue:
    """Propose it; or the form again, with everything that was typed."""
    services, actor = here()
    form = goal_form.NEW.sent()

    def act() -> Response:
        content, _no_reason = content_of(form)
        carried_out(form, ProposeGoal(case_id, form.id, content), "proposed-already")
        return DONE.then("proposed", url_for("goals.show", case_id=case_id, goal_id=form.id))

    return form.send(act, lambda: _new_page(actor, form, services.doors.ask(actor, ReadCase(case_id))), explained)


def _new_page(actor: Actor, form: Form, case: CaseAnswer) -> Response:
    around = frame(actor, case, None, case.details["preferred_name"])
    return _form_page("goals/new.html", actor, form, closed=case.status != "open" and not form.came_back, **around)


@pages.get("/children/<uuid:case_id>/goals/<uuid:goal_id>/edit")
def edit(case_id: UUID, goal_id: UUID) -> ResponseReturnValue:
    """The form that puts the goal in other words; back to the goal if its state does not allow it."""
    _services, actor = here()
    answer = read_goal(case_id, goal_id)
    refuse_unless_permitted("ReviseGoal", actor, answer.relationship)
    if "ReviseGoal" not in answer.line.may:
        return see_other(url_for("goals.show", case_id=case_id, goal_id=goal_id))
    return _edit_page(actor, answer, of_goal(answer.goal.content, **stands(answer.goal)))


@pages.post("/children/<uuid:case_id>/goals/<uuid:goal_id>/edit")
def revise(case_id: UUID, goal_id: UUID) -> ResponseReturnValue:
    """Put it in other words; or the form again, beside what has changed meanwhile if somebody else was faster."""
    services, actor = here()
    form = goal_form.REVISED.sent()

    def act() -> Response:
        content, reason = content_of(form)
        services.doors.execute(actor, ReviseGoal(case_id, goal_id, form.version, content, reason))
        return DONE.then("revised", url_for("goals.show", case_id=case_id, goal_id=goal_id))

    return form.send(act, lambda: _edit_page(actor, read_goal(case_id, goal_id), form), explained)


def _edit_page(actor: Actor, answer: GoalAnswer, form: Form) -> Response:
    stale = decided_anew(form, answer)
    rated = any(o.level is not None and o.comparable and not o.marked for o in answer.observations)
    return _form_page(
        "goals/edit.html",
        actor,
        form,
        line=answer.line,
        rated=rated or answer.goal.rated,
        **since(answer, stale=stale),
        **frame(actor, answer),
    )


def _form_page(template: str, actor: Actor, form: Form, **more: Any) -> Response:
    audiences = ((value, words, GOAL_AUDIENCE_STATEMENTS[value]) for value, words, _statement in audiences_for(actor))
    form.offer("audience", ({"value": value, "text": words, "hint": hint} for value, words, hint in audiences))
    return make_response(render_template(template, form=form, level_fields=list(LEVEL_FIELDS.values()), **more))


# ---- the goal's state -------------------------------------------------------------------------------------------


@asks("/children/<uuid:case_id>/goals/<uuid:goal_id>/status", "ChangeGoalStatus")
def status(answer: GoalAnswer | None, case_id: UUID, goal_id: UUID) -> Act:
    """Begin, pause, achieve, stop, or begin again; with a reason, but for a step forward."""
    now = answer.line.status if answer else ""
    items = [
        {
            "value": value,
            "text": label("goal-status", value),
            "hint": _("Needs no reason") if (now, value) in WITHOUT_A_REASON else _("Say why"),
        }
        for value in (answer.next_statuses if answer else ())
    ]
    words = _("It is “%(status)s” now. Nothing is lost by a change of state.", status=label("goal-status", now))
    return Act(
        _("Change its state"),
        _("Change the state"),
        lambda form: ChangeGoalStatus(case_id, goal_id, seen(), form["status"], form["reason"]),
        said="status",
        stands={"status": request.args.get("status", "")},
        offers={"status": items},
        about=[words] if answer else [],
        fields=[
            Field("status", Kind.RADIOS, _("New state")),
            why(_("Who may read the goal reads it too, but for the school")),
        ],
        **around_the_act("ChangeGoalStatus", answer, case_id, goal_id),
    )


@asks("/children/<uuid:case_id>/goals/<uuid:goal_id>/error", "EnterGoalInError")
def error(answer: GoalAnswer | None, case_id: UUID, goal_id: UUID) -> Act:
    """Mark a goal as one that should never have existed, after reading what that means."""
    return Act(
        pgettext("goal", "Mark it as entered in error"),
        pgettext("goal", "Mark as entered in error"),
        lambda form: EnterGoalInError(case_id, goal_id, form["reason"], seen()),
        said="error",
        about=[told("goals/_error.html")],
        fields=[what_is_wrong()],
        dangerous=True,
        **around_the_act("EnterGoalInError", answer, case_id, goal_id),
    )
