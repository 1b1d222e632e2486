"""What all pages about goals have in common: the frame, what a form said, and why it came back."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_babel import pgettext

from coord.application.case.questions import CaseAnswer
from coord.application.declared import Command
from coord.application.goals.questions import GoalAnswer, GoalsAnswer, ReadGoal
from coord.application.shown import Shown
from coord.domain.actors import Actor
from coord.domain.case import Goal
from coord.domain.errors import Conflict, DomainError, InvalidInput
from coord.domain.permissions import leads_service_team
from coord.web.goals import words as goal_words
from coord.web.goals.form import SEEN
from coord.web.goals.story import meanwhile
from coord.web.kit.child import here
from coord.web.kit.done import Done
from coord.web.kit.form import Form
from coord.web.kit.reason import Asks, seen, told
from coord.web.messages import Explanation, explanation

pages = Blueprint("goals", __name__)

DONE = Done("goal")
"""What was just done, said once: a code, and for an observation where to find it."""


def read_goal(case_id: UUID, goal_id: UUID) -> GoalAnswer:
    """One goal, for a page about it."""
    services, actor = here()
    return cast(GoalAnswer, services.doors.ask(actor, ReadGoal(case_id, goal_id)))


def stands(goal: Goal) -> dict[str, Any]:
    """What a decision on the goal as it stands goes by: the fields of a form that say how it stood."""
    return {
        "version": goal.version,
        "seen_wording": goal.versions[-1].number,
        "seen_status": goal.status,
        "seen_agreements": len(goal.agreements),
    }


def since(answer: GoalAnswer, *, stale: bool) -> dict[str, Any]:
    """What has changed since the form was opened, where that is why it came back."""
    words, others = meanwhile(
        answer.goal,
        seen_wording=seen("seen_wording"),
        seen_status=request.form.get("seen_status", ""),
        seen_agreements=seen("seen_agreements"),
    )
    return {"changed_words": words if stale else (), "changed_otherwise": others if stale else ()}


def decided_anew(form: Form, answer: GoalAnswer) -> bool:
    """Whether somebody else was faster: then one sees what has changed, and decides on what stands now."""
    stale = form.status == 412
    if stale:
        form.typed |= {name: str(value) for name, value in stands(answer.goal).items()}
    return stale


def id_taken(refusal: InvalidInput) -> bool:
    """Whether an identifier was used before, for something else."""
    return any(problem.code == "id-taken" for problem in refusal.problems)


def carried_out(form: Form, command: Command, already: str) -> None:
    """Carry it out. Raises `Conflict` (``already``) where the form's identifier was used before for something else:
    what is kept from now on is another one."""
    services, actor = here()
    try:
        services.doors.execute(actor, command)
    except InvalidInput as refusal:
        if not id_taken(refusal):
            raise
        form.renew()
        raise Conflict(already) from None


def explained(error: DomainError) -> Explanation:
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
            pgettext("goal", "Entered in error"),
            _("This was marked as entered in error; nothing can be changed in it."),
            _("Go back, and look again at how things stand now."),
        ),
        "not-the-author": Explanation(
            _("Only who wrote it can do this"),
            _("A goal or an observation is marked as an error by who wrote it, or by the team lead."),
            _("Ask them."),
        ),
    }
    return words.get(error.code) or explanation(error.code)


def frame(
    actor: Actor,
    answer: GoalsAnswer | GoalAnswer | CaseAnswer | None,
    case_id: UUID | None = None,
    preferred_name: str | None = None,
) -> dict[str, Any]:
    """What each page says about the child: name, the reader's place, and the position shown."""
    services, _actor = here()
    shown: Shown | None = answer.shown if answer else None
    if preferred_name is None:
        preferred_name = answer.preferred_name if isinstance(answer, GoalsAnswer | GoalAnswer) else ""
    return {
        "case_id": case_id or (answer.case_id if answer else None),
        "preferred_name": preferred_name,
        "shown": shown,
        "incomplete_since": min(shown.incomplete.values(), default=None) if shown else None,
        "leads": answer is not None and leads_service_team(actor, answer.relationship),
        "role": actor.role.value,
        "words": goal_words,
        "zone_key": services.settings.zone.key,
        "today": services.clock().astimezone(services.settings.zone).date(),
    }


def said() -> list[str]:
    """What a form that led here has to say, once: a code, and goal and observation where it is about one."""
    return (DONE.once() or "").split(":")


asks = Asks(pages, DONE, lambda case_id, goal_id, **_more: read_goal(case_id, goal_id))


def around_the_act(name: str, answer: GoalAnswer | None, case_id: UUID, goal_id: UUID) -> dict[str, Any]:
    """What a page that asks before the command ``name`` has around it, for `coord.web.kit.reason.Act`."""
    back = (url_for("goals.show", case_id=case_id, goal_id=goal_id), _("Back to the goal"))
    around: dict[str, Any] = {"back": back, "explained": explained}
    if answer is None:
        return around | {"seen": dict.fromkeys(SEEN, "")}
    return around | {
        "caption": f"{answer.line.content['statement']} · {answer.preferred_name}",
        "tab": "goals",
        "may": lambda: name in answer.line.may,
        "seen": stands(answer.goal),
        "meanwhile": lambda: told("goals/_meanwhile.html", **since(answer, stale=True))(),
    }
