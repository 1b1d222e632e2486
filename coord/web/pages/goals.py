"""A child's goals: at a glance and one by one, proposed, agreed, rated and put right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash, get_flashed_messages, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from coord.application.commands import Command
from coord.application.goals.commands import (
    AgreeGoal,
    ChangeGoalStatus,
    EnterGoalInError,
    EnterObservationInError,
    ObserveGoal,
    ProposeGoal,
    ReviseGoal,
    ScoreAttainment,
)
from coord.application.goals.questions import GoalAnswer, GoalsAnswer, ReadGoal, ReadGoals
from coord.application.goals.writing import counts
from coord.application.questions import CaseAnswer, ReadCase, Shown
from coord.domain.actors import Actor, Discipline, Relationship
from coord.domain.case.attainment import LEVELS
from coord.domain.case.goals import AGREED_SUPPORT, MOST_PARTIES, PARTIES, WITHOUT_A_REASON, Context, Support, weight_of
from coord.domain.errors import Conflict, DomainError, InvalidInput, NotFound, NotPermitted, Stale, Unavailable
from coord.domain.permissions import leads_service_team, refuse_unless_permitted
from coord.web import goal_words
from coord.web.errors import status_of
from coord.web.labels import GOAL_AUDIENCE_STATEMENTS, ICF, WEIGHINGS
from coord.web.messages import Explanation, field_message
from coord.web.pages import goal_form, observation_form
from coord.web.pages.goal_form import LEVEL_FIELDS, GoalForm, number_of, uuid_of
from coord.web.pages.goal_story import meanwhile, states, wordings
from coord.web.pages.note_form import Problem
from coord.web.pages.observation_form import ObservationForm
from coord.web.pages.writing_page import audiences_for, explained, headers_of, here
from coord.web.visit import see_other

pages = Blueprint("goals", __name__)

SAID = "goal"
"""Category of what a page of this area says once, after a form: a code, and for an observation where to find it."""
LAST_CONTEXT = "observed_in"
"""Key of the session: where this person last observed each child. It ends with the sign-in."""
MOST_REMEMBERED = 12
ROWS_TO_AGREE = 3
ON_THE_FORM = (InvalidInput, Conflict, Stale, Unavailable, NotPermitted)
"""Refusals that leave the person on the form, with everything they typed."""


# ---- at a glance -------------------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/goals")
def index(case_id: UUID) -> ResponseReturnValue:
    """All goals of the child that this person may read: how far, where, and what helps. Teachers rate in one tap."""
    services, actor = here()
    answer: GoalsAnswer = services.doors.ask(actor, ReadGoals(case_id, ended="ended" in request.args))
    return _index_page(actor, answer)


def _index_page(actor: Actor, answer: GoalsAnswer, error: DomainError | None = None) -> ResponseReturnValue:
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
        said=_said(),
        notice=_explained(error) if error else None,
        **_frame(actor, answer),
    )
    return page, status_of(error) if error else 200, headers_of(error)


@pages.post("/children/<uuid:case_id>/goals/score")
def score(case_id: UUID) -> ResponseReturnValue:
    """Keep the T-score as of now. The form carries the score's id: sent twice it is one."""
    services, actor = here()
    error = _attempt(actor, ScoreAttainment(case_id, uuid_of(request.form.get("score_id", "")) or uuid4()))
    if error:
        try:
            answer: GoalsAnswer = services.doors.ask(actor, ReadGoals(case_id))
        except DomainError:
            raise error from None
        return _index_page(actor, answer, error)
    flash("scored", SAID)
    return see_other(url_for("goals.index", case_id=case_id) + "#score")


# ---- one goal's story --------------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/goals/<uuid:goal_id>")
def show(case_id: UUID, goal_id: UUID) -> ResponseReturnValue:
    """One goal: what it says and said, who agreed, how far it has come where, and what one may do with it."""
    services, actor = here()
    answer: GoalAnswer = services.doors.ask(actor, ReadGoal(case_id, goal_id))
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
        own_or_lead={
            o.id for o in answer.observations if o.observer_id == actor.person_id or _leads(actor, answer.relationship)
        },
        said=_said(),
        **_frame(actor, answer),
    )


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
    today = services.clock().astimezone(services.settings.zone).date()
    return _new_page(actor, case_id, GoalForm.blank(today), case=case)


@pages.post("/children/<uuid:case_id>/goals/new")
def write(case_id: UUID) -> ResponseReturnValue:
    """Propose it; or the form again, with everything that was typed."""
    services, actor = here()
    form = GoalForm.sent(request.form)
    content, unread = form.content()
    error = _attempt(actor, ProposeGoal(case_id, form.goal_id, content)) if not unread else None
    if error is None and not unread:
        flash("proposed", SAID)
        return see_other(url_for("goals.show", case_id=case_id, goal_id=form.goal_id))
    if _id_taken(error):
        error = Conflict("proposed-already")
        form = GoalForm.sent(request.form, uuid4())
    try:
        case: CaseAnswer | None = services.doors.ask(actor, ReadCase(case_id))
    except Unavailable:
        case = None
    return _new_page(actor, case_id, form, case=case, error=error, unread=unread)


def _new_page(
    actor: Actor,
    case_id: UUID,
    form: GoalForm,
    *,
    case: CaseAnswer | None,
    error: DomainError | None = None,
    unread: Sequence[Problem] = (),
) -> ResponseReturnValue:
    frame = _frame(actor, case, case_id, case.details["preferred_name"] if case else "")
    closed = case is not None and case.status != "open"
    return _form_page("goals/new.html", actor, form, error, unread, closed=closed, **frame)


@pages.get("/children/<uuid:case_id>/goals/<uuid:goal_id>/edit")
def edit(case_id: UUID, goal_id: UUID) -> ResponseReturnValue:
    """The form that puts the goal in other words; back to the goal if its state does not allow it."""
    services, actor = here()
    answer: GoalAnswer = services.doors.ask(actor, ReadGoal(case_id, goal_id))
    refuse_unless_permitted("ReviseGoal", actor, answer.relationship)
    if "ReviseGoal" not in answer.line.may:
        return see_other(url_for("goals.show", case_id=case_id, goal_id=goal_id))
    goal = answer.goal
    form = GoalForm.of(
        goal_id,
        goal.content,
        version=goal.version,
        wording=goal.versions[-1].number,
        status=goal.status,
        agreements=len(goal.agreements),
    )
    return _edit_page(actor, answer, form)


@pages.post("/children/<uuid:case_id>/goals/<uuid:goal_id>/edit")
def revise(case_id: UUID, goal_id: UUID) -> ResponseReturnValue:
    """Put it in other words; or the form again, beside what has changed meanwhile if somebody else was faster."""
    _services, actor = here()
    form = GoalForm.sent(request.form, goal_id)
    content, unread = form.content()
    error = None
    if not unread:
        error = _attempt(actor, ReviseGoal(case_id, goal_id, form.version, content, form.typed["reason"]))
        if error is None:
            flash("revised", SAID)
            return see_other(url_for("goals.show", case_id=case_id, goal_id=goal_id))
    return _edit_page(actor, _goal_again(actor, case_id, goal_id, error), form, error=error, unread=unread)


def _edit_page(
    actor: Actor,
    answer: GoalAnswer,
    form: GoalForm,
    *,
    error: DomainError | None = None,
    unread: Sequence[Problem] = (),
) -> ResponseReturnValue:
    goal = answer.goal
    return _form_page(
        "goals/edit.html",
        actor,
        form,
        error,
        unread,
        goal=goal,
        line=answer.line,
        rated=any(o.level is not None and o.comparable and not o.marked for o in answer.observations) or goal.rated,
        closed=answer.status != "open",
        stale=isinstance(error, Stale),  # they see what has changed, and decide on what stands now
        **_since(answer, error, form.seen_wording, form.seen_status, form.seen_agreements),
        **_frame(actor, answer),
    )


def _form_page(
    template: str, actor: Actor, form: GoalForm, error: DomainError | None, unread: Sequence[Problem], **more: Any
) -> ResponseReturnValue:
    problems = goal_form.problems_of(error.problems if isinstance(error, InvalidInput) else (), unread)
    page = render_template(
        template,
        form=form,
        level_fields=LEVEL_FIELDS,
        levels=LEVELS,
        contexts=[c.value for c in Context],
        disciplines=[d.value for d in Discipline],
        supports=AGREED_SUPPORT,
        icf=ICF,
        weighings=WEIGHINGS,
        audiences=[
            (value, words, GOAL_AUDIENCE_STATEMENTS[value]) for value, words, _statement in audiences_for(actor)
        ],
        problems=problems,
        notice=_explained(error) if error and not isinstance(error, InvalidInput) else None,
        **more,
    )
    return page, (status_of(error) if error else 422 if problems else 200), headers_of(error)


# ---- agreeing, and the goal's state ------------------------------------------------------------------------------


@pages.route("/children/<uuid:case_id>/goals/<uuid:goal_id>/agree", methods=["GET", "POST"])
def agree(case_id: UUID, goal_id: UUID) -> ResponseReturnValue:
    """Write down who agreed to the goal as it stands; further rows by a button, without a script."""
    _services, actor = here()
    typed = list(zip(request.form.getlist("name"), request.form.getlist("party"), strict=False))[:MOST_PARTIES]
    filled = [i for i, (name, party) in enumerate(typed) if name.strip() or party]
    error: DomainError | None = None
    if request.method == "POST" and request.form.get("action") != "more":
        parties = [typed[i] for i in filled]
        error = _attempt(actor, AgreeGoal(case_id, goal_id, number_of(request.form.get("version", "")) or 0, parties))
        if error is None:
            flash("agreed", SAID)
            return see_other(url_for("goals.show", case_id=case_id, goal_id=goal_id))
    rows = typed + [("", "")] * max(ROWS_TO_AGREE - len(typed), 0)
    if request.form.get("action") == "more" and len(rows) < MOST_PARTIES:
        rows = [*rows, ("", "")]
    return _change_page(
        "agree",
        "AgreeGoal",
        actor,
        _goal_again(actor, case_id, goal_id, error),
        error,
        _party_problems(error, filled),
        rows=rows,
        parties=PARTIES,
        more=len(rows) < MOST_PARTIES,
        added=request.form.get("action") == "more",
    )


def _party_problems(error: DomainError | None, filled: Sequence[int]) -> list[Problem]:
    """At the row where it was typed: empty rows between are left out of what the domain sees."""
    found: list[Problem] = []
    for problem in error.problems if isinstance(error, InvalidInput) else ():
        parts = problem.pointer.strip("/").split("/")
        if len(parts) == 3:
            row = filled[int(parts[1])]
            name = _("Name") if parts[2] == "name" else _("As what")
            title = _("%(field)s, row %(number)s", field=name, number=row + 1)
            found.append(Problem(f"{parts[2]}-{row}", title, field_message(problem)))
        else:
            words = _("Enter at least one person who agreed") if problem.code == "missing" else field_message(problem)
            found.append(Problem("name-0", "", words))
    return found


@pages.route("/children/<uuid:case_id>/goals/<uuid:goal_id>/status", methods=["GET", "POST"])
def status(case_id: UUID, goal_id: UUID) -> ResponseReturnValue:
    """Begin, pause, achieve, stop, or begin again; with a reason, but for a step forward."""
    _services, actor = here()
    wanted, reason = request.values.get("status", ""), request.form.get("reason", "")
    error: DomainError | None = None
    if request.method == "POST":
        version = number_of(request.form.get("version", "")) or 0
        error = _attempt(actor, ChangeGoalStatus(case_id, goal_id, version, wanted, reason))
        if error is None:
            flash("status", SAID)
            return see_other(url_for("goals.show", case_id=case_id, goal_id=goal_id))
    answer = _goal_again(actor, case_id, goal_id, error)
    names = {"status": _("New state"), "reason": _("Reason")}
    return _change_page(
        "status",
        "ChangeGoalStatus",
        actor,
        answer,
        error,
        _simple_problems(error, names),
        wanted=wanted,
        reason=reason,
        without_reason=[s for s in answer.next_statuses if (answer.line.status, s) in WITHOUT_A_REASON],
    )


@pages.route("/children/<uuid:case_id>/goals/<uuid:goal_id>/error", methods=["GET", "POST"])
def error(case_id: UUID, goal_id: UUID) -> ResponseReturnValue:
    """Mark a goal as one that should never have existed, after reading what that means."""
    _services, actor = here()
    reason = request.form.get("reason", "")
    refusal: DomainError | None = None
    if request.method == "POST":
        version = number_of(request.form.get("version", ""))
        refusal = _attempt(actor, EnterGoalInError(case_id, goal_id, reason, version))
        if refusal is None:
            flash("error", SAID)
            return see_other(url_for("goals.show", case_id=case_id, goal_id=goal_id))
    return _change_page(
        "error",
        "EnterGoalInError",
        actor,
        _goal_again(actor, case_id, goal_id, refusal),
        refusal,
        _simple_problems(refusal, {"reason": _("What is wrong with it")}),
        reason=reason,
    )


def _change_page(
    template: str,
    command: str,
    actor: Actor,
    answer: GoalAnswer,
    error: DomainError | None,
    problems: Sequence[Problem],
    **more: Any,
) -> ResponseReturnValue:
    """A page that changes one goal; back to the goal where there is nothing to change."""
    refuse_unless_permitted(command, actor, answer.relationship)
    line, goal = answer.line, answer.goal
    if error is None and command not in line.may:
        return see_other(url_for("goals.show", case_id=answer.case_id, goal_id=line.id))
    # A new decision is made on what stands now, which the page shows.
    kept = request.method == "POST" and not isinstance(error, Stale)
    seen_wording = number_of(request.form.get("seen_wording", "")) or 0
    seen_agreements = number_of(request.form.get("seen_agreements", "")) or 0
    page = render_template(
        f"goals/{template}.html",
        answer=answer,
        line=line,
        goal=goal,
        version=(number_of(request.form.get("version", "")) or goal.version) if kept else goal.version,
        seen={
            "wording": seen_wording if kept and seen_wording else goal.versions[-1].number,
            "status": (request.form.get("seen_status") or goal.status) if kept else goal.status,
            "agreements": seen_agreements if kept else len(goal.agreements),
        },
        problems=problems,
        notice=_explained(error) if error and not isinstance(error, InvalidInput) else None,
        **_since(answer, error, seen_wording, request.form.get("seen_status", ""), seen_agreements),
        **more,
        **_frame(actor, answer),
    )
    return page, status_of(error) if error else 200, headers_of(error)


# ---- observing ---------------------------------------------------------------------------------------------------


@pages.route("/children/<uuid:case_id>/goals/<uuid:goal_id>/observe", methods=["GET", "POST"])
def observe(case_id: UUID, goal_id: UUID) -> ResponseReturnValue:
    """Keep what one saw: in one tap from the list of goals, or in full here."""
    services, actor = here()
    if request.method == "GET":
        answer = _goal_again(actor, case_id, goal_id, None)
        refuse_unless_permitted("ObserveGoal", actor, answer.relationship)
        if "ObserveGoal" not in answer.line.may:
            return see_other(url_for("goals.show", case_id=case_id, goal_id=goal_id))
        context = answer.contexts[0] if len(answer.contexts) == 1 else _last_context(case_id)
        return _observe_page(actor, answer, ObservationForm(context=context))
    form = ObservationForm.sent(request.form)
    content, unread = form.content(services.clock(), services.settings.zone)
    refusal = None if unread else _attempt(actor, ObserveGoal(case_id, goal_id, form.observation_id, content))
    if refusal is None and not unread:
        _remember_context(case_id, form.context)
        flash(f"observed:{goal_id}:{form.observation_id}", SAID)
        return _back_from(case_id, goal_id)
    if _id_taken(refusal):
        refusal, form = Conflict("observed-already"), form.as_another()
    return _observe_page(actor, _goal_again(actor, case_id, goal_id, refusal), form, refusal, unread)


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
        back=request.values.get("back", ""),
        zone=services.settings.zone,
        problems=problems,
        notice=_explained(error) if error and not isinstance(error, InvalidInput) else None,
        **_frame(actor, answer),
    )
    return page, (status_of(error) if error else 422 if problems else 200), headers_of(error)


@pages.route(
    "/children/<uuid:case_id>/goals/<uuid:goal_id>/observations/<uuid:observation_id>/error", methods=["GET", "POST"]
)
def observation_error(case_id: UUID, goal_id: UUID, observation_id: UUID) -> ResponseReturnValue:
    """Mark an observation as a mistake; "undo" comes here with its reason."""
    _services, actor = here()
    reason = request.form.get("reason", "")
    refusal: DomainError | None = None
    if request.method == "POST":
        refusal = _attempt(actor, EnterObservationInError(case_id, goal_id, observation_id, reason))
        if refusal is None:
            flash("undone", SAID)
            return _back_from(case_id, goal_id)
    answer = _goal_again(actor, case_id, goal_id, refusal)
    observation = next((o for o in answer.observations if o.id == observation_id), None)
    if observation is None:
        raise NotFound("no-such-observation")
    return _change_page(
        "observation_error",
        "EnterObservationInError",
        actor,
        answer,
        refusal,
        _simple_problems(refusal, {"reason": _("What is wrong with it")}),
        observation=observation,
        reason=reason,
        back=request.values.get("back", ""),
    )


def _back_from(case_id: UUID, goal_id: UUID) -> ResponseReturnValue:
    """To where one came from: the list of goals, or the goal; at what is said there."""
    if request.form.get("back") == "index":
        return see_other(url_for("goals.index", case_id=case_id) + "#said")
    return see_other(url_for("goals.show", case_id=case_id, goal_id=goal_id) + "#said")


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


# ---- what all of them need ---------------------------------------------------------------------------------------


def _attempt(actor: Actor, command: Command) -> DomainError | None:
    """Carry it out; or why not, where the form is to be shown again."""
    services, _actor = here()
    try:
        services.doors.execute(actor, command)
    except ON_THE_FORM as refusal:
        return refusal
    return None


def _goal_again(actor: Actor, case_id: UUID, goal_id: UUID, error: DomainError | None) -> GoalAnswer:
    """The goal, for a form about it. If it cannot be had, the reason why the form failed is what the person hears."""
    services, _actor = here()
    try:
        answer: GoalAnswer = services.doors.ask(actor, ReadGoal(case_id, goal_id))
    except DomainError:
        if error is not None:
            raise error from None
        raise
    return answer


def _since(
    answer: GoalAnswer, error: DomainError | None, seen_wording: int, seen_status: str, seen_agreements: int
) -> dict[str, Any]:
    """What has changed since the form was opened, where that is why it came back."""
    if not isinstance(error, Stale):
        return {"changed_words": [], "changed_otherwise": []}
    words, others = meanwhile(
        answer.goal, seen_wording=seen_wording, seen_status=seen_status, seen_agreements=seen_agreements
    )
    return {"changed_words": words, "changed_otherwise": others}


def _id_taken(error: DomainError | None) -> bool:
    return isinstance(error, InvalidInput) and any(p.code == "id-taken" for p in error.problems)


def _simple_problems(error: DomainError | None, names: dict[str, str]) -> list[Problem]:
    problems = error.problems if isinstance(error, InvalidInput) else ()
    fields = ((p.pointer.strip("/"), field_message(p)) for p in problems)
    return [Problem(name, names.get(name, ""), words) for name, words in fields]


def _explained(error: DomainError) -> Explanation:
    """What happened and what to do, in the words of this area."""
    words = {
        "proposed-already": Explanation(
            _("A goal was proposed from this form already"),
            _("What is below differs from it, and has not been saved."),
            _("To correct the goal, open it. To propose this as another goal, send it again."),
        ),
        "observed-already": Explanation(
            _("You have kept an observation from this form already"),
            _("The first one stands. What is below differs from it, and has not been saved."),
            _("To keep this as another observation, send it again. To undo the first one, open the goal."),
        ),
        "entered-in-error": Explanation(
            _("Entered in error"),
            _("This was marked as entered in error; nothing can be changed in it."),
            _("Go back, and look again at how things stand now."),
        ),
        "not-the-author": Explanation(
            _("Only who wrote it can do this"),
            _("A goal or an observation is marked as an error by who wrote it, or by the team lead."),
            _("Ask them."),
        ),
    }
    return words.get(error.code) or explained(error)


def _leads(actor: Actor, child: Relationship) -> bool:
    return leads_service_team(actor, child)


def _frame(
    actor: Actor,
    answer: GoalsAnswer | GoalAnswer | CaseAnswer | None,
    case_id: UUID | None = None,
    preferred_name: str | None = None,
) -> dict[str, Any]:
    """What each page says about the child: name, the reader's place, and the position shown."""
    shown: Shown | None = answer.shown if answer else None
    if preferred_name is None:
        preferred_name = answer.preferred_name if isinstance(answer, GoalsAnswer | GoalAnswer) else ""
    return {
        "case_id": case_id or (answer.case_id if answer else None),
        "preferred_name": preferred_name,
        "shown": shown,
        "incomplete_since": min(shown.incomplete.values(), default=None) if shown else None,
        "leads": answer is not None and _leads(actor, answer.relationship),
        "role": actor.role.value,
        "words": goal_words,
        "zone_key": here()[0].settings.zone.key,
    }


def _said() -> list[str]:
    """What a form that led here has to say, once: a code, and goal and observation where it is about one."""
    return str(next(iter(get_flashed_messages(category_filter=[SAID])), "")).split(":")
