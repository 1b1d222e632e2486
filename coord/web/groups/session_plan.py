"""A session planned: its steps, with activities from the library, and what is meant for each child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from coord.application.activities.questions import ActivitiesAnswer, ActivityFilter, SearchActivities
from coord.application.groups.commands import PlanSession
from coord.application.groups.questions import SessionAnswer, SessionPlan
from coord.domain.activity import ActivityText
from coord.domain.actors import Actor
from coord.domain.case.groups import GRADINGS
from coord.domain.course import ChildPlan, GroupPicture, PlanContent, StepContent
from coord.domain.errors import DomainError, FieldProblem, InvalidInput, Stale
from coord.domain.policy import SESSION_STEPS
from coord.web.errors import status_of
from coord.web.groups.session_form import at
from coord.web.groups.session_page import DONE, attempt, explained, frame, pages, read, refuse_unless_may
from coord.web.groups.words import picture_words, suits_words
from coord.web.kit.child import here
from coord.web.kit.form import lines, number_of, uuid_of
from coord.web.kit.problem import Problem
from coord.web.labels import label
from coord.web.messages import field_message
from coord.web.visit import see_other
from coord.words import sort_key

A_PAGE = 100
"""Activities that are asked for at once."""


@dataclass(slots=True)
class TypedStep:
    """One step as it was typed."""

    step: str = ""
    activity: str = ""
    minutes: str = ""
    note: str = ""


@dataclass(slots=True)
class PlanForm:
    """A plan as it was typed. ``children`` are grading and words by case, ``goals`` those ticked."""

    aims: str = ""
    steps: list[TypedStep] = field(default_factory=list)
    children: dict[UUID, dict[str, str]] = field(default_factory=dict)
    goals: dict[UUID, list[UUID]] = field(default_factory=dict)
    version: int = 0

    @classmethod
    def of(cls, answer: SessionAnswer, plan: SessionPlan | None) -> PlanForm:
        """A plan that stands, or another session's to be changed; without one, the shape that the policy gives.

        Of the children only those who have a place now are taken over.
        """
        enrolled = [child for child in answer.children if child.enrolled]
        form = cls(version=answer.course.version)
        planned = {child.case_id: child.planned for child in plan.children} if plan is not None else {}
        for child in enrolled:
            told = planned.get(child.case_id, {"grading": "", "how": "", "goals": []})
            known = [g.id for g in child.goals]
            form.children[child.case_id] = {"grading": told["grading"], "how": told["how"]}
            form.goals[child.case_id] = [g for g in known if child.case_id not in planned or str(g) in told["goals"]]
        if plan is None:
            shape = answer.policy["shape"]
            form.steps = [TypedStep(step) for step in (shape if isinstance(shape, list) else ())]
        else:
            form.aims = plan.aims
            form.steps = [
                TypedStep(s["step"], s["activity"], str(s["minutes"]) if s["minutes"] else "", s["note"])
                for s in plan.steps
            ]
        return form

    @classmethod
    def sent(cls, form: MultiDict[str, str]) -> PlanForm:
        """What the browser sent, and what its button does to the steps."""
        count = min(number_of(form.get("steps", "")) or 0, 40)
        steps = [
            TypedStep(*(lines(form.get(f"step-{i}-{name}", "")) for name in ("step", "activity", "minutes", "note")))
            for i in range(count)
        ]
        cases = [case for text in form.getlist("child") if (case := uuid_of(text)) is not None]
        return cls(
            lines(form.get("aims", "")),
            steps,
            {c: {name: lines(form.get(at(c, name), "")) for name in ("grading", "how")} for c in cases},
            {c: [g for text in form.getlist(at(c, "goals")) if (g := uuid_of(text)) is not None] for c in cases},
            number_of(form.get("version", "")) or 0,
        )

    def meant(self) -> tuple[PlanContent, list[Problem]]:
        """The plan, and minutes that are no number. A step that says nothing at all is left out."""
        problems: list[Problem] = []
        steps = []
        for i, step in self.told():
            minutes = number_of(step.minutes)
            if step.minutes.strip() and minutes is None:
                words = field_message(FieldProblem("", "not-a-number"))
                problems.append(Problem(f"step-{i}-minutes", _step_name(i, _("Minutes")), words))
            steps.append(StepContent(step.step, uuid_of(step.activity), minutes=minutes, note=step.note))
        children = [
            ChildPlan(case, typed["grading"], typed["how"], self.goals[case]) for case, typed in self.children.items()
        ]
        return PlanContent(self.aims, steps, children), problems

    def told(self) -> list[tuple[int, TypedStep]]:
        """The steps that say something, each with its place on the page."""
        return [(i, s) for i, s in enumerate(self.steps) if s.step or s.activity or s.minutes.strip() or s.note.strip()]

    @property
    def minutes(self) -> int:
        """How long the steps take together, as far as it is said."""
        return sum(number_of(step.minutes) or 0 for step in self.steps)


@pages.route("/groups/<uuid:course_id>/sessions/<int:number>/plan", methods=["GET", "POST"])
def plan(course_id: UUID, number: int) -> ResponseReturnValue:
    """Plan the session, or change its plan; its buttons for steps work without a script."""
    _services, actor = here()
    if request.method == "GET":
        answer = read(actor, course_id, number)
        refuse_unless_may("PlanSession", actor, answer)
        if "PlanSession" not in answer.may:
            return see_other(url_for("group_sessions.show", course_id=course_id, number=number))
        copied = "copy" in request.args and answer.last_plan is not None
        return _page(actor, answer, PlanForm.of(answer, answer.last_plan if copied else answer.plan), copied=copied)
    form = PlanForm.sent(request.form)
    action = request.form.get("action", "")
    if _step_button(form, action):
        return _page(actor, read(actor, course_id, number), form, changed=True)
    content, unread = form.meant()
    if unread:
        return _page(actor, read(actor, course_id, number), form, InvalidInput([FieldProblem("", "missing")]), unread)
    outcome = attempt(actor, PlanSession(course_id, number, content, form.version))
    if not isinstance(outcome, DomainError):
        return DONE.then("planned", url_for("group_sessions.show", course_id=course_id, number=number))
    answer = read(actor, course_id, number, outcome)
    if isinstance(outcome, Stale):
        form.version = answer.course.version
    return _page(actor, answer, form, outcome)


def _step_button(form: PlanForm, action: str) -> bool:
    """Carry out a button that is about one step; whether it was one."""
    what, _dash, which = action.partition("-")
    i = number_of(which)
    if what == "add":
        form.steps.append(TypedStep())
    elif what == "remove" and i is not None and 0 <= i < len(form.steps):
        del form.steps[i]
    elif what == "up" and i is not None and 1 <= i < len(form.steps):
        form.steps[i - 1], form.steps[i] = form.steps[i], form.steps[i - 1]
    else:
        return False
    return True


def _page(
    actor: Actor,
    answer: SessionAnswer,
    form: PlanForm,
    error: DomainError | None = None,
    unread: Sequence[Problem] = (),
    *,
    copied: bool = False,
    changed: bool = False,
) -> ResponseReturnValue:
    children = [child for child in answer.children if child.enrolled]
    for child in children:  # who came after the form was opened
        form.children.setdefault(child.case_id, {"grading": "", "how": ""})
        form.goals.setdefault(child.case_id, [])
    page = render_template(
        "groups/session/plan.html",
        form=form,
        children=children,
        picture=picture_words(answer.picture),
        activities=_activities(actor, answer, form),
        steps=SESSION_STEPS,
        gradings=GRADINGS,
        problems=list(unread) or _problems(error, form, {c.case_id: c.preferred_name for c in children}),
        notice=explained(error) if error and not isinstance(error, InvalidInput) else None,
        stale=isinstance(error, Stale),
        copied=copied,
        unsaved=changed or error is not None,
        **frame(answer),
    )
    return page, status_of(error) if error else 200


def _activities(actor: Actor, answer: SessionAnswer, form: PlanForm) -> list[tuple[str, str]]:
    """What the library has for this kind of group, and what the plan has already, if it went out of use: id, title."""
    services, _actor = here()
    wanted = ActivityFilter(kind=str(answer.course.content["kind"]))
    found: dict[str, str] = {}
    cursor = ""  # each with how many children of the group it suits, and how
    while True:
        some: ActivitiesAnswer = services.doors.ask(actor, SearchActivities(wanted, cursor, A_PAGE))
        found |= {
            str(item["activity_id"]): _with_suits(str(item["title"]), answer.picture, cast("ActivityText", item))
            for item in some.items
        }
        if some.next is None:
            break
        cursor = some.next
    plans = [plan for plan in (answer.plan, answer.last_plan) if plan is not None]
    titles = {step["activity"]: step["title"] for plan in plans for step in plan.steps if step["activity"]}
    for step in form.steps:
        if step.activity in titles:
            found.setdefault(step.activity, titles[step.activity])
    return sorted(found.items(), key=lambda pair: sort_key(pair[1]))


def _with_suits(title: str, picture: GroupPicture, activity: ActivityText) -> str:
    """The title of an activity, with how it suits the group: "Treasure tracing (2 as written, 1 graded down)"."""
    told = suits_words(picture, activity)
    return f"{title} ({told})" if told else title


def _problems(error: DomainError | None, form: PlanForm, names: Mapping[UUID, str]) -> list[Problem]:
    problems: list[Problem] = []
    told, cases = form.told(), list(form.children)
    for problem in error.problems if isinstance(error, InvalidInput) else ():
        head, *rest = problem.pointer.strip("/").split("/")
        words = field_message(problem)
        one = Problem(head if head in ("aims", "steps") else "", "", words)
        if head == "steps" and len(rest) > 1:
            i = told[int(rest[0])][0]
            called = {"step": _("What"), "activity": _("Activity"), "minutes": _("Minutes"), "note": _("Note")}
            one = Problem(f"step-{i}-{rest[1]}", _step_name(i, called.get(rest[1], "")), words)
        elif head == "steps" and problem.code == "missing":
            one = Problem("add-step", "", _("Plan at least one step"))
        elif head == "children" and len(rest) > 1:
            case = cases[int(rest[0])]
            called_so = {"grading": label("line-part", "grading"), "how": _("How"), "goals": _("Goals addressed")}
            name = ", ".join(part for part in (names.get(case, ""), called_so.get(rest[1], "")) if part)
            one = Problem(at(case, rest[1]) if rest[1] in called_so else at(case), name, words)
        problems.append(one)
    return problems


def _step_name(i: int, part: str) -> str:
    return str(_("Step %(number)s, %(part)s", number=i + 1, part=part))
