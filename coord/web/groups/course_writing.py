"""A course is planned, revised and ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import make_response, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from coord.application.groups.commands import EndCourse, PlanCourse, ReviseCourse
from coord.application.groups.questions import CourseAnswer, CoursesAnswer, ReadCourses
from coord.application.people.questions import PeopleAnswer, ReadPeople
from coord.domain.actors import Actor
from coord.domain.course.life import STAFF_ROLES
from coord.domain.permissions import refuse_unless_permitted
from coord.web.groups.course_form import NEW, REVISED, content, stands, whys
from coord.web.groups.course_page import DONE, pages, read_course, refuse_unless_may
from coord.web.groups.words import readable_policy
from coord.web.history.words import roles_in_words
from coord.web.kit.asking import confirmed
from coord.web.kit.form import Form
from coord.web.kit.reason import Act, Asks, seen, told, why
from coord.web.visit import require_actor, the_services


@pages.get("/groups/new")
def new() -> Response:
    """A form for a new course; who plans it most likely runs it."""
    actor = require_actor()
    refuse_unless_permitted("PlanCourse", actor, None)
    return _form_page(actor, NEW.of({"staff": [actor.person_id]}))


@pages.post("/groups/new", endpoint="plan")
def plan() -> Response:
    """The new course's page; or the form again, with everything typed."""
    actor, form = require_actor(), NEW.sent()

    def act() -> Response:
        refuse_unless_permitted("PlanCourse", actor, None)
        values = form.values()
        the_services().doors.execute(actor, PlanCourse(form.id, content(values), values["staff"]))
        return DONE.then("planned", url_for("groups.show", course_id=form.id))

    return form.send(act, lambda: _form_page(actor, form))


@pages.get("/groups/<uuid:course_id>/revise")
def revise(course_id: UUID) -> Response:
    """The form with what stands."""
    actor = require_actor()
    answer = read_course(actor, course_id)
    refuse_unless_may(answer, "ReviseCourse")
    return _form_page(actor, REVISED.of(stands(answer.course)), answer)


@pages.post("/groups/<uuid:course_id>/revise", endpoint="change")
def change(course_id: UUID) -> Response:
    """Back to the course; or the form again, beside what stands now if somebody else was faster."""
    actor, form = require_actor(), REVISED.sent()

    def act() -> Response:
        values = form.values()
        why = {name: values[name] for name in ("reason", "override")}
        staff = values["staff"]
        command = ReviseCourse(course_id, form.version, content(values), staff, **why, confirmed=confirmed())
        the_services().doors.execute(actor, command)
        return DONE.then("revised", url_for("groups.show", course_id=course_id))

    return form.send(act, lambda: _form_page(actor, form, read_course(actor, course_id)))


def _form_page(actor: Actor, form: Form, answer: CourseAnswer | None = None) -> Response:
    people: PeopleAnswer = the_services().doors.ask(actor, ReadPeople())
    ticked = form.typed["staff"]
    runs = [p for p in people.items if runs_groups(p) or str(p["person_id"]) in ticked]
    form.offer("staff", person_ticks(ticked, runs))
    if answer is not None:
        form.beside(answer.course.version, stands(answer.course))
    elsewhere = {str(p["person_id"]) for p in runs if p["team"] != actor.team}
    items = form.items("staff")
    policies = _policies(actor, answer)
    page = render_template(
        "groups/form.html",
        form=form,
        whys=whys(form),
        course=answer.course if answer else None,
        shown=answer.shown if answer else None,
        policies={kind: readable_policy(kind, policy) for kind, policy in policies.items()},
        of_team=[item for item in items if item["value"] not in elsewhere],
        others=[item for item in items if item["value"] in elsewhere],
    )
    return make_response(page)


def runs_groups(person: Mapping[str, Any]) -> bool:
    """Whether somebody could run a group, in one of their roles."""
    return any(one["role"] in STAFF_ROLES for one in (person, *person["further"]))


def person_ticks(chosen: Collection[str], people: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """People to be ticked, each with role and discipline."""
    items: list[dict[str, Any]] = []
    for person in people:
        value = str(person["person_id"])
        hint = roles_in_words(person, STAFF_ROLES) if person["role"] else ""
        item = {"value": value, "text": person["name"], "checked": value in chosen}
        items.append(item | ({"hint": hint} if hint else {}))
    return items


def _policies(actor: Actor, answer: CourseAnswer | None) -> Mapping[str, Mapping[str, Any]]:
    """What the team's policy says of each kind; of the course's own where it is another team's."""
    if answer is not None:
        return {str(answer.course.content["kind"]): answer.policy}
    found: CoursesAnswer = the_services().doors.ask(actor, ReadCourses())
    return found.policies


# ---- the end -----------------------------------------------------------------------------------------------------


asks = Asks(pages, DONE, lambda course_id: read_course(require_actor(), course_id))


_WHY = why(_l("It stands in the record of every child who leaves with it. Name no child"))


@asks("/groups/<uuid:course_id>/end", [_WHY])
def end(answer: CourseAnswer | None, course_id: UUID) -> Act:
    """A course ends, with a reason."""
    course = answer.course if answer else None
    return Act(
        _("End the course?"),
        _("End the course"),
        lambda form: EndCourse(course_id, form["reason"], seen("expected_version"), confirmed()),
        back=(url_for("groups.show", course_id=course_id), _("Back to the course")),
        said="ended",
        about=[told("groups/_end.html", course=course)],
        caption=course.content["title"] if course else "",
        dangerous=True,
        seen={"expected_version": course.version if course else ""},
        may=lambda: refuse_unless_may(answer, "EndCourse"),
    )
