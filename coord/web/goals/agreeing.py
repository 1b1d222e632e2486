"""Who agreed: to a goal as it stands, or to the levels of a review, which are kept with their score."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from coord.application.goals.commands import AgreedLevels, AgreeGoal, ScoreAttainment
from coord.application.goals.questions import GoalAnswer, GoalsAnswer, ReadGoals
from coord.application.goals.writing import counts
from coord.domain.actors import Actor
from coord.domain.case.parties import MOST_PARTIES
from coord.domain.permissions import refuse_unless_permitted
from coord.web.goals.form import SEEN_FIELDS
from coord.web.goals.page import DONE, decided_anew, explained, frame, pages, read_goal, since, stands
from coord.web.goals.words import levels_to_choose
from coord.web.kit.child import here
from coord.web.kit.form import Declared, Field, Form, Kind, declared, number_of, uuid_of
from coord.web.labels import PARTIES
from coord.web.visit import see_other

ROWS = 3
_AT_LEAST_ONE = {"missing": _l("Enter at least one person who agreed")}


def _in_row(i: int, name: str, kind: Kind, label: LazyString, **more: Any) -> Field:
    called = LazyString(lambda: _("%(field)s, row %(number)s", field=label, number=i + 1))
    return Field(f"{name}.{i}", kind, label, called=called, target=f"{name}-{i}", **more)


def _row(i: int) -> tuple[Field, Field]:
    return (
        _in_row(i, "name", Kind.TEXT, _l("Name"), look={"autocomplete": "off"}),
        _in_row(i, "party", Kind.CHOICE, _l("As what"), options=PARTIES, first=_l("Choose")),
    )


def _with_rows(*above: Field, rows: int = ROWS) -> Declared:
    """``above`` and rows for those who agreed."""
    whole = Field("parties", Kind.ROWS, says=_AT_LEAST_ONE, target="name-0")
    return Declared([*above, whole, *(one for i in range(rows) for one in _row(i))])


def _rows_wanted() -> int:
    """As many rows as the form came with, and one more where that was wanted."""
    sent = sum(name.startswith("name.") for name in request.form)
    return min(max(sent, ROWS) + _wants_more(), MOST_PARTIES)


def _wants_more() -> bool:
    return request.form.get("action") == "more"


def _parties(form: Form, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Those who agreed; rows that stayed empty are left out."""
    parties: list[tuple[str, str]] = []
    for i in range(_rows_of(form)):
        name, party = values[f"name.{i}"], values[f"party.{i}"]
        if name.strip() or party:
            form.counts(f"/parties/{len(parties)}", {part: f"{part}.{i}" for part in ("name", "party")})
            parties.append((name, party))
    return parties


def _rows_of(form: Form) -> int:
    return sum(name.startswith("name.") for name in form.fields)


def _page(template: str, form: Form, **around: Any) -> Response:
    rows = _rows_of(form)
    more = {"rows": rows, "more": rows < MOST_PARTIES, "added": _wants_more()}
    return make_response(render_template(f"goals/{template}.html", form=form, **more, **around))


def _sent(
    form: Form, act: Callable[[Mapping[str, Any]], None], done: str, to: str, page: Callable[[], Response]
) -> Response:
    """One row more; or carried out with what the form means, and on to where that is said."""
    if _wants_more():
        return form.send(page, page)

    def carried_out() -> Response:
        act(form.values())
        return DONE.then(done, to)

    return form.send(carried_out, page, explained)


# ---- to a goal ---------------------------------------------------------------------------------------------------

declared("goal-agreed", *_with_rows(*SEEN_FIELDS, rows=1).fields)


@pages.route("/children/<uuid:case_id>/goals/<uuid:goal_id>/agree", methods=["GET", "POST"])
def agree(case_id: UUID, goal_id: UUID) -> ResponseReturnValue:
    """Write down who agreed to the goal as it stands; further rows by a button, without a script."""
    services, actor = here()
    the_goal = url_for("goals.show", case_id=case_id, goal_id=goal_id)
    form_of = _with_rows(*SEEN_FIELDS, rows=_rows_wanted())

    if request.method == "GET":
        answer = read_goal(case_id, goal_id)
        refuse_unless_permitted("AgreeGoal", actor, answer.relationship)
        if "AgreeGoal" not in answer.line.may:
            return see_other(the_goal)
        return _agree_page(actor, answer, form_of.of(stands(answer.goal)))
    form = form_of.sent()

    def act(values: Mapping[str, Any]) -> None:
        services.doors.execute(actor, AgreeGoal(case_id, goal_id, form.version, _parties(form, values)))

    return _sent(form, act, "agreed", the_goal, lambda: _agree_page(actor, read_goal(case_id, goal_id), form))


def _agree_page(actor: Actor, answer: GoalAnswer, form: Form) -> Response:
    meanwhile = since(answer, stale=decided_anew(form, answer))
    return _page("agree", form, line=answer.line, goal=answer.goal, **meanwhile, **frame(actor, answer))


# ---- to the levels of a review -----------------------------------------------------------------------------------


def _level(goal_id: UUID) -> Field:
    return Field(f"level-{goal_id}", Kind.RADIOS, _l("Level"), pointer=f"/levels/{goal_id}", optional=True)


def _form_of_levels(goals: Sequence[UUID] = (), rows: int = ROWS) -> Declared:
    return _with_rows(
        Field("score_id", Kind.ID, pointer="/id"),
        Field("on", Kind.DAY, _l("Day of the review"), _l("When the levels were agreed")),
        Field("levels", Kind.ROWS, says={"missing": _l("Choose the level of at least one goal")}),
        *(_level(goal) for goal in goals),
        rows=rows,
    )


declared("goal-levels-agreed", *_form_of_levels(rows=1).fields)


@pages.route("/children/<uuid:case_id>/goals/score/agreed", methods=["GET", "POST"])
def agreed_levels(case_id: UUID) -> ResponseReturnValue:
    """Write down the levels that were agreed at a review, by whom and when; further rows by a button."""
    services, actor = here()
    if request.method == "GET":
        today = services.clock().astimezone(services.settings.zone).date()
        return _levels_page(actor, case_id, _form_of_levels().of({"on": today}))
    named = (uuid_of(name.removeprefix("level-")) for name in request.form if name.startswith("level-"))
    goals = [goal for goal in named if goal is not None]
    form = _form_of_levels(goals, _rows_wanted()).sent()

    def act(values: Mapping[str, Any]) -> None:
        chosen = {goal: text for goal in goals if (text := values[f"level-{goal}"])}
        # What no page offers is beyond every scale.
        levels = {goal: 9 if (level := number_of(text)) is None else level for goal, text in chosen.items()}
        agreed = AgreedLevels(values["on"], _parties(form, values), list(levels.items()))
        services.doors.execute(actor, ScoreAttainment(case_id, form.id, agreed=agreed))

    to = url_for("goals.index", case_id=case_id) + "#said"
    return _sent(form, act, "scored", to, lambda: _levels_page(actor, case_id, form))


def _levels_page(actor: Actor, case_id: UUID, form: Form) -> Response:
    services, _actor = here()
    answer: GoalsAnswer = services.doors.ask(actor, ReadGoals(case_id))
    refuse_unless_permitted("ScoreAttainment", actor, answer.relationship)
    scored = [line for line in answer.goals if counts(line.status, line.content["scale"])]
    for line in scored:  # one may have come to be scored after the page was opened
        name = f"level-{line.id}"
        form.fields.setdefault(name, _level(line.id))
        form.typed.setdefault(name, "")
        form.offer(name, levels_to_choose(line.content["scale"], none=_("Not agreed")))
    return _page("agreed_levels", form, answer=answer, scored=scored, **frame(actor, answer))
