"""A session planned: its steps, with activities from the library, and what is meant for each child."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, cast
from uuid import UUID

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from coord.application.activities.questions import ActivitiesAnswer, ActivityFilter, SearchActivities
from coord.application.groups.commands import PlanSession
from coord.application.groups.questions import SessionAnswer, SessionPlan
from coord.domain.activity import ActivityText
from coord.domain.actors import Actor
from coord.domain.course import ChildPlan, GroupPicture, PlanContent, StepContent
from coord.web.groups.labels import LINE_PARTS
from coord.web.groups.session_form import CHOICES, at, call
from coord.web.groups.session_page import DONE, explained, frame, pages, read, refuse_unless_may
from coord.web.groups.words import picture_words, suits_words
from coord.web.kit.child import here
from coord.web.kit.form import Declared, Field, Form, Kind, Text, declared, number_of, uuid_of
from coord.web.labels import SESSION_STEPS
from coord.web.visit import see_other
from coord.words import sort_key

A_PAGE = 100
"""Activities that are asked for at once."""
MOST_STEPS = 40
_PARTS = ("step", "activity", "minutes", "note")


def _of_step(i: int) -> list[Field]:
    def part(name: str, kind: Kind, label: LazyString, **more: Any) -> Field:
        called = LazyString(lambda: _("Step %(number)s, %(part)s", number=i + 1, part=label))
        return Field(f"step-{i}-{name}", kind, label, called=called, optional=True, **more)

    return [
        part("step", Kind.CHOICE, _l("What"), options=SESSION_STEPS, first=_l("Choose")),
        part(
            "activity",
            Kind.CHOICE,
            _l("Activity"),
            first=_l("None from the library"),
            becomes=lambda text: uuid_of(text) or UUID(int=0),  # no activity has it: what is no id names none
        ),
        part("minutes", Kind.WHOLE, _l("Minutes"), width=3),
        part("note", Kind.TEXT, _l("Note"), look={"group_class": "coord-step__note"}),
    ]


def _of_child(case: UUID) -> list[Field]:
    return [
        Field(at(case), Kind.ROWS),
        Field(at(case, "grading"), Kind.RADIOS, LINE_PARTS["grading"], optional=True, options=CHOICES["grading"]),
        Field(at(case, "how"), Kind.LONG, _l("How"), optional=True),
        Field(at(case, "goals"), Kind.SEVERAL, _l("Goals addressed"), optional=True, becomes=UUID),
    ]


def _form_of(steps: int, cases: Iterable[UUID] = ()) -> Declared:
    whole: Text = _l("Plan at least one step")
    return Declared(
        [
            Field("version", Kind.VERSION),
            Field("aims", Kind.LONG, _l("What this session is for"), optional=True),
            Field("steps", Kind.ROWS, says={"missing": whole}, target="add-step"),
            *(one for i in range(steps) for one in _of_step(i)),
            *(one for case in cases for one in _of_child(case)),
        ]
    )


declared("session-planned", *_form_of(1).fields)


def _begun(answer: SessionAnswer, plan: SessionPlan | None) -> Form:
    """A plan that stands, or another session's to be changed; without one, the shape that the policy gives.

    Of the children only those who have a place now are taken over.
    """
    enrolled = [child for child in answer.children if child.enrolled]
    planned = {child.case_id: child.planned for child in plan.children} if plan is not None else {}
    stands: dict[str, Any] = {"version": answer.course.version}
    for child in enrolled:
        told = planned.get(child.case_id, {"grading": "", "how": "", "goals": [str(g.id) for g in child.goals]})
        stands |= {at(child.case_id, name): told[name] for name in ("grading", "how")}
        stands[at(child.case_id, "goals")] = [g.id for g in child.goals if str(g.id) in told["goals"]]
    shape = answer.policy["shape"]
    steps: Sequence[Mapping[str, Any]] = [{"step": step} for step in (shape if isinstance(shape, list) else ())]
    if plan is not None:
        stands["aims"] = plan.aims
        steps = [{**step, "minutes": step["minutes"] or ""} for step in plan.steps]
    return _with_steps(stands, steps, [child.case_id for child in enrolled])


def _with_steps(stands: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], cases: Iterable[UUID]) -> Form:
    rows = {f"step-{i}-{name}": step.get(name, "") for i, step in enumerate(steps) for name in _PARTS}
    return _form_of(len(steps), cases).of({**stands, **rows})


def _steps(form: Form) -> list[dict[str, str]]:
    """What was typed, step by step."""
    count = sum(name.startswith("step-") for name in form.fields) // len(_PARTS)
    return [{name: form.typed[f"step-{i}-{name}"] for name in _PARTS} for i in range(count)]


def _changed(form: Form, cases: Iterable[UUID]) -> Form | None:
    """The form after a button that is about one step; None where it was none."""
    steps = _steps(form)
    what, _dash, which = request.form.get("action", "").partition("-")
    i = number_of(which)
    if what == "add":
        steps.append({})
    elif what == "remove" and i is not None and 0 <= i < len(steps):
        del steps[i]
    elif what == "up" and i is not None and 1 <= i < len(steps):
        steps[i - 1], steps[i] = steps[i], steps[i - 1]
    else:
        return None
    return _with_steps(form.typed, steps, cases)


def _meant(form: Form, cases: Iterable[UUID]) -> PlanContent:
    """The plan. A step that says nothing at all is left out. Raises `InvalidInput`."""
    values = form.values()
    steps: list[StepContent] = []
    for i, typed in enumerate(_steps(form)):
        if any(text.strip() for text in typed.values()):
            form.counts(f"/steps/{len(steps)}", {name: f"step-{i}-{name}" for name in _PARTS})
            step, activity, minutes, note = (values[f"step-{i}-{name}"] for name in _PARTS)
            steps.append(StepContent(step, activity, minutes=minutes, note=note))
    children = []
    for i, case in enumerate(cases):
        parts = ("grading", "how", "goals")
        form.counts(f"/children/{i}", {"": at(case), **{name: at(case, name) for name in parts}})
        children.append(ChildPlan(case, *(values[at(case, name)] for name in parts)))
    return PlanContent(values["aims"], steps, children)


@pages.route("/groups/<uuid:course_id>/sessions/<int:number>/plan", methods=["GET", "POST"])
def plan(course_id: UUID, number: int) -> ResponseReturnValue:
    """Plan the session, or change its plan; its buttons for steps work without a script."""
    services, actor = here()
    place = url_for("group_sessions.show", course_id=course_id, number=number)
    if request.method == "GET":
        answer = read(actor, course_id, number)
        refuse_unless_may("PlanSession", actor, answer)
        if "PlanSession" not in answer.may:
            return see_other(place)
        copied = "copy" in request.args and answer.last_plan is not None
        return _page(actor, answer, _begun(answer, answer.last_plan if copied else answer.plan), copied=copied)
    found = (uuid_of(text) for text in request.form.getlist("child"))
    cases = list(dict.fromkeys(case for case in found if case is not None))
    form = _form_of(min(number_of(request.form.get("steps", "")) or 0, MOST_STEPS), cases).sent()
    changed = _changed(form, cases)
    if changed is not None:
        with_steps = partial(_page_of, actor, course_id, number, changed)
        return changed.send(with_steps, with_steps)

    def act() -> Response:
        services.doors.execute(actor, PlanSession(course_id, number, _meant(form, cases), form.version))
        return DONE.then("planned", place)

    return form.send(act, partial(_page_of, actor, course_id, number, form), explained)


def _page_of(actor: Actor, course_id: UUID, number: int, form: Form) -> Response:
    return _page(actor, read(actor, course_id, number), form, unsaved=True)


def _page(actor: Actor, answer: SessionAnswer, form: Form, *, copied: bool = False, unsaved: bool = False) -> Response:
    children = [child for child in answer.children if child.enrolled]
    for child in children:
        more = Declared(_of_child(child.case_id)).of()  # who came after the form was opened
        form.fields, form.typed = {**more.fields, **form.fields}, {**more.typed, **form.typed}
        goals = ({"value": str(goal.id), "text": goal.statement} for goal in child.goals)
        form.offer(at(child.case_id, "goals"), goals)
    call(form, {child.case_id: child.preferred_name for child in children})
    steps = _steps(form)
    activities = _activities(actor, answer, {step["activity"] for step in steps})
    for i in range(len(steps)):
        form.offer(f"step-{i}-activity", activities)
    if form.status == 412:  # one decides on what stands now
        form.typed["version"] = str(answer.course.version)
    page = render_template(
        "groups/session/plan.html",
        form=form,
        steps=len(steps),
        minutes=sum(number_of(step["minutes"]) or 0 for step in steps),
        children=children,
        picture=picture_words(answer.picture),
        copied=copied,
        unsaved=unsaved,
        **frame(answer),
    )
    return make_response(page)


def _activities(actor: Actor, answer: SessionAnswer, chosen: Iterable[str]) -> list[dict[str, str]]:
    """What the library has for this kind of group, and what the plan has already, if it went out of use."""
    services, _actor = here()
    wanted = ActivityFilter(kind=str(answer.course.content["kind"]))
    found: dict[str, str] = {}
    cursor: str | None = ""  # each with how many children of the group it suits, and how
    while cursor is not None:
        some: ActivitiesAnswer = services.doors.ask(actor, SearchActivities(wanted, cursor, A_PAGE))
        found |= {
            str(item["activity_id"]): _with_suits(str(item["title"]), answer.picture, cast("ActivityText", item))
            for item in some.items
        }
        cursor = some.next
    plans = [plan for plan in (answer.plan, answer.last_plan) if plan is not None]
    titles = {step["activity"]: step["title"] for plan in plans for step in plan.steps if step["activity"]}
    found = {activity: titles[activity] for activity in chosen if activity in titles} | found
    return [{"value": id, "text": title} for id, title in sorted(found.items(), key=lambda pair: sort_key(pair[1]))]


def _with_suits(title: str, picture: GroupPicture, activity: ActivityText) -> str:
    """The title of an activity, with how it suits the group: "Treasure tracing (2 as written, 1 graded down)"."""
    told = suits_words(picture, activity)
    return f"{title} ({told})" if told else title
