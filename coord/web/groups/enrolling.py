"""A child gets a place in a course, or waits for one; and leaves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any
from uuid import UUID

from flask import make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from coord.application.groups.commands import EndPlace, EnrolChild
from coord.application.groups.questions import CourseAnswer, FitAnswer, ReadFit, RosterAnswer, RosterChild
from coord.application.home.questions import CaseloadAnswer, ReadCaseload
from coord.domain.actors import Actor
from coord.domain.course.picture import COPES_WITH
from coord.domain.course.places import MOST_GUARDIANS
from coord.domain.errors import NotFound
from coord.domain.groups import GroupKind
from coord.web.groups.course_page import (
    DONE,
    child_on,
    pages,
    read_course,
    read_roster,
    refuse_unless_may,
)
from coord.web.groups.words import picture_words, readable_policy, reason_words
from coord.web.kit.asking import confirmed
from coord.web.kit.field import Field, Kind, uuid_of
from coord.web.kit.form import Form, declared
from coord.web.kit.namesakes import marks_of
from coord.web.kit.reason import Act, Asks, why
from coord.web.labels import label
from coord.web.visit import require_actor, the_services
from coord.words import found_in, sort_key, words_wanted

MANY_CHILDREN = 8
"""More than this, and the list gets a search."""


_CHOSEN_GOALS = _l("Who runs the course will read the goals that you choose, and no others")
_NEEDED = _l("Needed for a place, as there are reasons against. It stands with the child on the course's page")
ENROLLED = declared(
    "child-enrolled",
    Field(
        "goals",
        Kind.SEVERAL,
        _l("Goals to work on in the group"),
        _CHOSEN_GOALS,
        optional=True,
        before=_l("A goal that you chose"),
        becomes=UUID,
    ),
    Field(
        "guardians",
        Kind.NAMES,
        _l("Parents or guardians who come too"),
        _l("Name them as the child would, or by their name"),
        optional=True,
        rows=MOST_GUARDIANS,
        target="guardians-1",
        says={"missing": _l("Name at least one: this kind of group is for child and parent together")},
    ),
    Field("place", Kind.RADIOS, _l("Place")),
    Field("since", Kind.DAY, _l("First day"), _l("Past or to come. If empty, today"), optional=True),
    Field("override", Kind.LONG, _l("Why the child shall have the place all the same"), _NEEDED, optional=True, rows=3),
    small=True,
)


def _stands(fit: FitAnswer) -> dict[str, Any]:
    """To begin with: what was chosen when the child began to wait, and a place if there is one to give."""
    place = next((place for place in ("enrolled", "waiting") if place in _to_give(fit)), "")
    since = fit.since if fit.place == "enrolled" else None
    return {"place": place, "goals": fit.chosen, "guardians": fit.guardians, "since": since}


def _to_give(fit: FitAnswer) -> Set[str]:
    """What the page may offer: in a full course no place, which would be refused."""
    room = fit.course.free or fit.place == "enrolled"
    return fit.may if room else fit.may - {"enrolled"}


@pages.get("/groups/<uuid:course_id>/enrol")
def enrol(course_id: UUID) -> Response:
    """Whether the course fits a child, and a place; or first, which child."""
    actor = require_actor()
    answer = read_course(actor, course_id)
    refuse_unless_may(answer, "EnrolChild")
    if "child" not in request.args:
        return _choose_page(actor, answer)
    fit = _fit(actor, course_id, uuid_of(request.args["child"]))
    return _enrol_page(ENROLLED.of(_stands(fit)), course_id, fit)


@pages.post("/groups/<uuid:course_id>/enrol", endpoint="give_place")
def give_place(course_id: UUID) -> Response:
    """Back to the course; or the form again."""
    actor, form, case_id = require_actor(), ENROLLED.sent(), uuid_of(request.args.get("child", ""))
    if case_id is None:
        raise NotFound("no-such-child")

    def act() -> Response:
        the_services().doors.execute(actor, EnrolChild(course_id, case_id, **form.values(), confirmed=confirmed()))
        return DONE.then(form.typed["place"], url_for("groups.show", course_id=course_id))

    goals = [goal for text in form.typed["goals"] if (goal := uuid_of(text))]
    return form.send(act, lambda: _enrol_page(form, course_id, _fit(actor, course_id, case_id, goals)))


def _fit(actor: Actor, course_id: UUID, case_id: UUID | None, goals: Sequence[UUID] = ()) -> FitAnswer:
    if case_id is None:
        raise NotFound("no-such-child")
    answer: FitAnswer = the_services().doors.ask(actor, ReadFit(course_id, case_id, goals))
    return answer


def _against(form: Form, fit: FitAnswer) -> list[str]:
    """The reasons against; and, once it was sent without any goal, that none is chosen: the question of fit looks at
    all of them then, the command at what was chosen."""
    found = [reason_words(reason) for reason in fit.reasons if not reason.favours]
    if form.came_back and not form.typed["goals"] and fit.goals:
        found.append(_("No goal is chosen for the group to work on."))
    return found


def _favours(form: Form, fit: FitAnswer) -> list[str]:
    unchosen = form.came_back and not form.typed["goals"]
    about_goals = ("goal-named", "goals-shared")
    return [reason_words(r) for r in fit.reasons if r.favours and not (unchosen and r.code in about_goals)]


def _enrol_page(form: Form, course_id: UUID, fit: FitAnswer) -> Response:
    profile = None
    if fit.profile is not None:
        told: Mapping[str, Any] = fit.profile
        profile = [(label("demand-of", name), label("demand", told[name]) or _("not known")) for name in COPES_WITH]
    kind = fit.course.content["kind"]
    together = kind == GroupKind.PSYCHO_EDUCATIONAL
    against = _against(form, fit)
    form.offer("goals", (_goal_tick(goal) for goal in fit.goals))
    form.offer("place", _places_to_give(form, fit))
    asks_for = {
        "goals": bool(fit.goals),
        "guardians": together or any(name.strip() for name in form.typed["guardians"]) or "guardians" in form.wrong,
        "override": (against and fit.place != "enrolled") or form.typed["override"] or "override" in form.wrong,
    }
    page = render_template(
        "groups/enrol.html",
        form=form,
        course_id=course_id,
        fit=fit,
        policy=readable_policy(kind, fit.policy),
        favours=_favours(form, fit),
        against=against,
        profile=profile,
        picture=picture_words(fit.picture) if fit.picture is not None else [],
        together=together,
        asks_for=asks_for,
    )
    return make_response(page)


def _goal_tick(goal: Any) -> dict[str, Any]:
    return {"value": str(goal.id), "text": goal.statement, "hint": label("goal-status", goal.status)}


def _places_to_give(form: Form, fit: FitAnswer) -> list[dict[str, Any]]:
    has_it = fit.place == "enrolled"
    words = {
        "enrolled": _("The child keeps the place, with these goals") if has_it else _("Give the child a place"),
        "waiting": _("Put %(name)s on the waiting list", name=fit.preferred_name),
    }
    # What was sent stays: the last place may have been taken meanwhile.
    offered = _to_give(fit) | (words.keys() & {form.typed["place"]})
    full = not fit.course.free and not has_it  # then the waiting list is the first
    return [{"value": place, "text": words[place]} for place in sorted(offered, reverse=full)]


def _choose_page(actor: Actor, answer: CourseAnswer) -> Response:
    """The open cases among one's children, by name. Who has a place already is the staff's to know."""
    caseload: CaseloadAnswer = the_services().doors.ask(actor, ReadCaseload())
    text = request.args.get("q", "").strip()
    children = [child for child in caseload.children if child["status"] == "open"]
    found = [child for child in children if _matches(child, text)]
    page = render_template(
        "groups/choose.html",
        course=answer.course,
        shown=answer.shown,
        children=sorted(found, key=lambda child: sort_key(str(child["preferred_name"]))),
        marks=marks_of(children),
        places=_places(actor, answer),
        text=text,
        searchable=bool(text) or len(children) > MANY_CHILDREN,
    )
    return make_response(page)


def _places(actor: Actor, answer: CourseAnswer) -> Mapping[UUID, str]:
    if "ReadRoster" not in answer.course.may:
        return {}
    children: Sequence[RosterChild] = read_roster(actor, answer.course.id).children
    return {child.case_id: child.status for child in children if child.status != "left"}


def _matches(child: Mapping[str, Any], text: str) -> bool:
    facts = (str(child.get(name, "")) for name in ("preferred_name", "full_name", "school", "school_class"))
    return found_in(words_wanted(text), *facts)


# ---- leaving -----------------------------------------------------------------------------------------------------


asks = Asks(pages, DONE, lambda course_id, case_id: read_roster(require_actor(), course_id))  # noqa: ARG005


_LAST_DAY = Field("until", Kind.DAY, _l("Last day"), _l("If empty, today"), optional=True)
_WHY = why(_l("It stands in the child's record, for the child's care team. Name no other child"))


@asks("/groups/<uuid:course_id>/children/<uuid:case_id>/leave", [_LAST_DAY, _WHY])
def leave(answer: RosterAnswer | None, course_id: UUID, case_id: UUID) -> Act:
    """A child is taken off the course, or off its waiting list, with a reason."""
    child = child_on(answer, case_id) if answer else None
    waiting, title = child is not None and child.status == "waiting", _("Take the child off the course?")
    if child:
        title = _("Take %(name)s off the course?", name=child.preferred_name)
    if child and waiting:
        title = _("Take %(name)s off the waiting list?", name=child.preferred_name)
    return Act(
        title,
        _("Take off the waiting list") if waiting else _("Take off the course"),
        lambda form: EndPlace(course_id, case_id, **form.values(), confirmed=confirmed()),
        back=(url_for("groups.show", course_id=course_id), _("Back to the course")),
        said="left",
        about=[_("What was recorded of the child in this course stays. The child can be given a place again.")],
        without=[_LAST_DAY.name] if waiting else [],
        caption=answer.course.content["title"] if answer else "",
        dangerous=True,
        may=lambda: refuse_unless_may(answer, "EndPlace"),
    )
