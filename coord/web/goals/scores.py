"""The levels that were agreed at a review, kept with their score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from coord.application.goals.commands import AgreedLevels, ScoreAttainment
from coord.application.goals.questions import GoalsAnswer, ReadGoals
from coord.application.goals.writing import counts
from coord.domain.actors import Actor
from coord.domain.case.parties import MOST_PARTIES, PARTIES
from coord.domain.errors import DomainError, FieldProblem, InvalidInput
from coord.domain.permissions import refuse_unless_permitted
from coord.web.errors import status_of
from coord.web.goals.page import DONE, attempt, explained, frame, pages
from coord.web.kit.child import here
from coord.web.kit.form import number_of, uuid_of
from coord.web.kit.problem import Problem
from coord.web.local_time import NotADate, read_day
from coord.web.messages import field_message
from coord.web.visit import see_other

ROWS = 3
_LEVEL = "level-"


@dataclass(frozen=True, slots=True)
class AgreedForm:
    """All that was typed; levels by the goal's id. ``score_id`` is the server's: the same form sent twice is once."""

    score_id: UUID
    on: str
    levels: dict[str, str]
    rows: list[tuple[str, str]]

    @classmethod
    def sent(cls, form: MultiDict[str, str]) -> AgreedForm:
        """What the browser sent."""
        rows = list(zip(form.getlist("name"), form.getlist("party"), strict=False))[:MOST_PARTIES]
        rows += [("", "")] * max(ROWS - len(rows), 0)
        levels = {name.removeprefix(_LEVEL): level for name, level in form.items() if name.startswith(_LEVEL) and level}
        return cls(uuid_of(form.get("score_id", "")) or uuid4(), form.get("on", ""), levels, rows)

    @property
    def filled(self) -> list[int]:
        """The rows in which anything stands."""
        return [i for i, (name, party) in enumerate(self.rows) if name.strip() or party]

    def agreed(self) -> tuple[AgreedLevels, list[Problem]]:
        """What was agreed, and what of it could not even be read."""
        unread: list[Problem] = []
        on: date | None = None
        try:
            on = read_day(self.on) if self.on.strip() else None
        except NotADate:
            unread.append(Problem("on", _("Day of the review"), field_message(FieldProblem("", "not-a-date"))))
        levels: dict[UUID, int] = {}
        for goal, text in self.levels.items():
            goal_id, level = uuid_of(goal), number_of(text)
            if goal_id is not None:
                levels[goal_id] = 9 if level is None else level  # what no page offers is beyond every scale
        return AgreedLevels(on, [self.rows[i] for i in self.filled], list(levels.items())), unread


@pages.route("/children/<uuid:case_id>/goals/score/agreed", methods=["GET", "POST"])
def agreed_levels(case_id: UUID) -> ResponseReturnValue:
    """Write down the levels that were agreed at a review, by whom and when; further rows by a button."""
    services, actor = here()
    form = AgreedForm.sent(request.form)
    if request.method == "GET":
        today = services.clock().astimezone(services.settings.zone).date()
        return _page(actor, case_id, AgreedForm(uuid4(), today.isoformat(), {}, form.rows))
    if request.form.get("action") == "more":
        rows = [*form.rows, ("", "")] if len(form.rows) < MOST_PARTIES else form.rows
        return _page(actor, case_id, AgreedForm(form.score_id, form.on, form.levels, rows))
    agreed, unread = form.agreed()
    error = None if unread else attempt(actor, ScoreAttainment(case_id, form.score_id, agreed=agreed))
    if error is None and not unread:
        DONE.say("scored")
        return see_other(url_for("goals.index", case_id=case_id) + "#said")
    return _page(actor, case_id, form, error, unread)


def _page(
    actor: Actor,
    case_id: UUID,
    form: AgreedForm,
    error: DomainError | None = None,
    unread: Sequence[Problem] = (),
) -> ResponseReturnValue:
    services, _actor = here()
    try:
        answer: GoalsAnswer = services.doors.ask(actor, ReadGoals(case_id))
    except DomainError:
        if error is not None:  # why the form failed is what the person hears
            raise error from None
        raise
    refuse_unless_permitted("ScoreAttainment", actor, answer.relationship)
    problems = [*unread, *_problems(error, form)]
    page = render_template(
        "goals/agreed_levels.html",
        answer=answer,
        form=form,
        scored=[line for line in answer.goals if counts(line.status, line.content["scale"])],
        parties=PARTIES,
        more=len(form.rows) < MOST_PARTIES,
        problems=problems,
        notice=explained(error) if error and not isinstance(error, InvalidInput) else None,
        **frame(actor, answer),
    )
    return page, (status_of(error) if error else 422 if problems else 200)


def _problems(error: DomainError | None, form: AgreedForm) -> list[Problem]:
    """At the field where it was typed: empty rows between are left out of what the domain sees."""
    found: list[Problem] = []
    for problem in error.problems if isinstance(error, InvalidInput) else ():
        name, *rest = problem.pointer.strip("/").split("/")
        words = field_message(problem)
        if name == "levels":
            at = f"{_LEVEL}{rest[0]}" if rest else ""
            found.append(Problem(at, "", words if rest else _("Choose the level of at least one goal")))
        elif name == "parties" and len(rest) == 2:
            row = form.filled[int(rest[0])]
            field = _("Name") if rest[1] == "name" else _("As what")
            title = _("%(field)s, row %(number)s", field=field, number=row + 1)
            found.append(Problem(f"{'name' if rest[1] == 'name' else 'party'}-{row}", title, words))
        elif name == "parties":
            words = _("Enter at least one person who agreed") if problem.code == "missing" else words
            found.append(Problem("name-0", "", words))
        else:
            found.append(Problem("on", _("Day of the review"), words))
    return found
