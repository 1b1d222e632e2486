"""A course is planned, revised and ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from coord.application.groups.commands import EndCourse, PlanCourse, ReviseCourse
from coord.application.groups.questions import CourseAnswer, CoursesAnswer, ReadCourses
from coord.application.questions import PeopleAnswer, ReadPeople
from coord.domain.actors import Actor
from coord.domain.course.life import STAFF_ROLES
from coord.domain.errors import Unavailable
from coord.domain.permissions import refuse_unless_permitted
from coord.web.group_words import readable_policy
from coord.web.kit.asking import confirmed
from coord.web.kit.reason import Act, Asks, Field, seen, told, written
from coord.web.labels import GROUP_KINDS, label
from coord.web.pages.course_form import CourseForm, stands_otherwise
from coord.web.pages.course_page import (
    DONE,
    carried_out,
    course_around,
    pages,
    read_course,
    refuse_unless_may,
    rendered,
    say,
    services,
)
from coord.web.visit import require_actor, see_other


@pages.get("/groups/new")
def new() -> Response:
    """A form for a new course."""
    actor = require_actor()
    refuse_unless_permitted("PlanCourse", actor, None)
    return _form_page(actor, CourseForm.blank(actor.person_id))


@pages.post("/groups/new", endpoint="plan")
def plan() -> Response:
    """The new course's page; or the form again, with everything typed."""
    actor = require_actor()
    refuse_unless_permitted("PlanCourse", actor, None)
    form = CourseForm.sent(request.form)
    content = form.content()
    if form.settled() and carried_out(actor, form, PlanCourse(form.course_id, content, form.people())):
        say("planned")
        return see_other(url_for("groups.show", course_id=form.course_id))
    return _form_page(actor, form)


@pages.get("/groups/<uuid:course_id>/revise")
def revise(course_id: UUID) -> Response:
    """The form with what stands."""
    actor = require_actor()
    answer = read_course(actor, course_id)
    refuse_unless_may(answer, "ReviseCourse")
    return _form_page(actor, CourseForm.of(answer.course), answer, revising=True)


@pages.post("/groups/<uuid:course_id>/revise", endpoint="change")
def change(course_id: UUID) -> Response:
    """Back to the course; or the form again, beside what stands now if somebody else was faster."""
    actor = require_actor()
    form = CourseForm.sent(request.form, course_id)
    content = form.content()
    texts = form.texts
    command = ReviseCourse(
        course_id, form.version, content, form.people(), texts["reason"], texts["override"], confirmed()
    )
    if form.settled() and carried_out(actor, form, command):
        say("revised")
        return see_other(url_for("groups.show", course_id=course_id))
    return _form_page(actor, form, course_around(actor, course_id, form), revising=True)


def _form_page(
    actor: Actor, form: CourseForm, answer: CourseAnswer | None = None, *, revising: bool = False
) -> Response:
    people, policies = _people(actor, form), _policies(actor, form, answer)
    stands = None
    if answer is not None and form.status == 412:
        stands = stands_otherwise(form, answer.course)
        form.version = answer.course.version  # they see what stands now, and decide on that
    return rendered(
        "form",
        form,
        course=answer.course if answer else None,
        shown=answer.shown if answer else None,
        revising=revising,
        stands_now=stands,
        kinds=GROUP_KINDS,
        policies={kind: readable_policy(kind, policy) for kind, policy in policies.items()},
        of_team=person_ticks(form.staff, [p for p in people if p["team"] == actor.team]),
        others=person_ticks(form.staff, [p for p in people if p["team"] != actor.team]),
    )


def _people(actor: Actor, form: CourseForm) -> list[Mapping[str, Any]]:
    """Who can run a group; and those who are ticked, whoever they are."""
    try:
        found: PeopleAnswer = services().doors.ask(actor, ReadPeople())
    except Unavailable as unavailable:
        form.refuse(unavailable)
        return [_unknown(person, actor.team) for person in form.staff]
    people = [p for p in found.people if p["role"] in STAFF_ROLES or str(p["person_id"]) in form.staff]
    known = {str(p["person_id"]) for p in people}
    return people + [_unknown(person, actor.team) for person in form.staff if person not in known]


def _unknown(person: str, team: str) -> dict[str, Any]:
    """Somebody who was ticked and has no access any more: to be unticked, not to vanish."""
    named = _("Somebody you chose before")
    return {"person_id": person, "name": named, "role": None, "discipline": None, "team": team}


def person_ticks(chosen: Collection[str], people: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """People to be ticked, each with role and discipline."""
    items: list[dict[str, Any]] = []
    for person in people:
        about = [label("role", person["role"]), label("discipline", person["discipline"])]
        value = str(person["person_id"])
        hint = ", ".join(words for words in about if words)
        item = {"value": value, "text": person["name"], "checked": value in chosen}
        items.append(item | ({"hint": hint} if hint else {}))
    return items


def _policies(actor: Actor, form: CourseForm, answer: CourseAnswer | None) -> Mapping[str, Mapping[str, Any]]:
    """What the team's policy says of each kind; of the course's own where it is another team's."""
    if answer is not None:
        return {str(answer.course.content["kind"]): answer.policy}
    try:
        found: CoursesAnswer = services().doors.ask(actor, ReadCourses())
    except Unavailable as unavailable:
        form.refuse(unavailable)
        return {}
    return found.policies


# ---- the end -----------------------------------------------------------------------------------------------------


asks = Asks(pages, DONE, lambda course_id: read_course(require_actor(), course_id))


@asks("/groups/<uuid:course_id>/end")
def end(answer: CourseAnswer | None, course_id: UUID) -> Act:
    """A course ends, with a reason."""
    course = answer.course if answer else None
    hint = _("It stands in the record of every child who leaves with it. Name no child")
    return Act(
        _("End the course?"),
        _("End the course"),
        lambda: EndCourse(course_id, written("reason"), seen("expected_version"), confirmed()),
        back=(url_for("groups.show", course_id=course_id), _("Back to the course")),
        said="ended",
        about=[told("groups/_end.html", course=course)],
        fields=[Field("reason", _("Reason"), hint)],
        caption=course.content["title"] if course else "",
        dangerous=True,
        seen={"expected_version": course.version if course else ""},
        may=lambda: refuse_unless_may(answer, "EndCourse"),
    )
