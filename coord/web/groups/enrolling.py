"""A child gets a place in a course, or waits for one; and leaves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from coord.application.groups.commands import EndPlace, EnrolChild
from coord.application.groups.questions import CourseAnswer, FitAnswer, ReadFit, RosterAnswer, RosterChild
from coord.application.home.questions import CaseloadAnswer, ReadCaseload
from coord.domain.actors import Actor
from coord.domain.course.picture import COPES_WITH
from coord.domain.course.places import MOST_GUARDIANS
from coord.domain.errors import FieldProblem, NotFound, Unavailable
from coord.domain.groups import GroupKind
from coord.web.groups.course_page import (
    DONE,
    FormState,
    carried_out,
    child_on,
    pages,
    read_course,
    read_roster,
    refuse_unless_may,
    rendered,
    say,
    services,
)
from coord.web.groups.words import picture_words, readable_policy, reason_words
from coord.web.kit.asking import confirmed
from coord.web.kit.form import uuid_of
from coord.web.kit.namesakes import marks_of
from coord.web.kit.reason import Act, Asks, Field, day, written
from coord.web.labels import label
from coord.web.local_time import NotADate, read_day
from coord.web.visit import require_actor, see_other
from coord.words import found_in, sort_key, words_wanted

MANY_CHILDREN = 8
"""More than this, and the list gets a search."""


@dataclass(slots=True)
class EnrolForm(FormState):
    """What was chosen and typed. ``guardians`` has a place for each that there may be."""

    place: str = ""
    goals: list[str] = field(default_factory=list)
    guardians: list[str] = field(default_factory=list)
    override: str = ""
    since: str = ""

    @classmethod
    def of(cls, fit: FitAnswer) -> EnrolForm:
        """To begin with: what was chosen when the child began to wait, and a place if there is one to give."""
        return cls(
            place=next((place for place in ("enrolled", "waiting") if place in _to_give(fit)), ""),
            goals=[str(goal) for goal in fit.chosen],
            guardians=_padded(list(fit.guardians)),
            since=fit.since.isoformat() if fit.since is not None and fit.place == "enrolled" else "",
        )

    @classmethod
    def sent(cls) -> EnrolForm:
        """What came with the request."""
        form = request.form
        return cls(
            place=form.get("place", ""),
            goals=list(dict.fromkeys(form.getlist("goals"))),
            guardians=_padded(form.getlist("guardians")),
            override=form.get("override", ""),
            since=form.get("since", ""),
        )

    def first_day(self) -> date | None:
        """The first day that was typed; what is none is noted as wrong."""
        return typed_day(self, "since", self.since)

    def take(self, problem: FieldProblem) -> None:
        """As any form; who is to come with the child is asked for in words of its own."""
        if problem.pointer == "/guardians" and problem.code == "missing":
            self.wrong_in("guardians", _("Name at least one: this kind of group is for child and parent together"))
            return
        FormState.take(self, problem)

    def names(self) -> dict[str, tuple[str, str]]:
        """What each field is called, and the id of its first element."""
        return {
            "place": (_("Place"), "place"),
            "goals": (_("Goals to work on in the group"), "goals"),
            "guardians": (_("Parents or guardians who come too"), "guardians-1"),
            "since": (_("First day"), "since"),
            "override": (_("Why the child shall have the place all the same"), "override"),
        }


def typed_day(form: FormState, name: str, text: str) -> date | None:
    """A day that was typed, None for nothing; what is no day is noted in the form as wrong."""
    if not text.strip():
        return None
    try:
        return read_day(text)
    except NotADate:
        form.take(FieldProblem(f"/{name}", "not-a-date"))
        return None


def _to_give(fit: FitAnswer) -> Set[str]:
    """What the page may offer: in a full course no place, which would be refused."""
    room = fit.course.free or fit.place == "enrolled"
    return fit.may if room else fit.may - {"enrolled"}


def _padded(guardians: list[str]) -> list[str]:
    return guardians + [""] * (MOST_GUARDIANS - len(guardians))


@pages.get("/groups/<uuid:course_id>/enrol")
def enrol(course_id: UUID) -> Response:
    """Whether the course fits a child, and a place; or first, which child."""
    actor = require_actor()
    answer = read_course(actor, course_id)
    refuse_unless_may(answer, "EnrolChild")
    if "child" not in request.args:
        return _choose_page(actor, answer)
    fit = _fit(actor, course_id, uuid_of(request.args["child"]))
    return _enrol_page(EnrolForm.of(fit), course_id, fit.case_id, fit)


@pages.post("/groups/<uuid:course_id>/enrol", endpoint="give_place")
def give_place(course_id: UUID) -> Response:
    """Back to the course; or the form again."""
    actor = require_actor()
    form = EnrolForm.sent()
    case_id = uuid_of(request.args.get("child", ""))
    if case_id is None:
        raise NotFound("no-such-child")
    goals = [goal for goal in map(uuid_of, form.goals) if goal is not None]
    since = form.first_day()
    command = EnrolChild(course_id, case_id, form.place, goals, form.guardians, form.override, since, confirmed())
    if "since" not in form.wrong and carried_out(actor, form, command):
        say(form.place)
        return see_other(url_for("groups.show", course_id=course_id))
    try:
        fit = _fit(actor, course_id, case_id, goals)
    except Unavailable as unavailable:  # the form stands alone, so that nothing typed is lost
        form.refuse(unavailable)
        fit = None
    return _enrol_page(form, course_id, case_id, fit)


def _fit(actor: Actor, course_id: UUID, case_id: UUID | None, goals: Sequence[UUID] = ()) -> FitAnswer:
    if case_id is None:
        raise NotFound("no-such-child")
    answer: FitAnswer = services().doors.ask(actor, ReadFit(course_id, case_id, goals))
    return answer


def _against(form: EnrolForm, fit: FitAnswer) -> list[str]:
    """The reasons against; and, once it was sent without any goal, that none is chosen: the question of fit looks at
    all of them then, the command at what was chosen."""
    found = [reason_words(reason) for reason in fit.reasons if not reason.favours]
    if form.status != 200 and not form.goals and fit.goals:
        found.append(_("No goal is chosen for the group to work on."))
    return found


def _favours(form: EnrolForm, fit: FitAnswer) -> list[str]:
    unchosen = form.status != 200 and not form.goals
    about_goals = ("goal-named", "goals-shared")
    return [reason_words(r) for r in fit.reasons if r.favours and not (unchosen and r.code in about_goals)]


def _enrol_page(form: EnrolForm, course_id: UUID, case_id: UUID, fit: FitAnswer | None) -> Response:
    profile = None
    if fit is not None and fit.profile is not None:
        told: Mapping[str, Any] = fit.profile
        profile = [(label("demand-of", name), label("demand", told[name]) or _("not known")) for name in COPES_WITH]
    kind = fit.course.content["kind"] if fit is not None else ""
    return rendered(
        "enrol",
        form,
        course_id=course_id,
        case_id=case_id,
        fit=fit,
        policy=readable_policy(kind, fit.policy) if fit else None,
        favours=_favours(form, fit) if fit else [],
        against=_against(form, fit) if fit else [],
        profile=profile,
        picture=picture_words(fit.picture) if fit is not None and fit.picture is not None else [],
        goals=_goal_ticks(form, fit),
        places_to_give=_place_radios(form, fit),
        with_guardians=kind == GroupKind.PSYCHO_EDUCATIONAL,
        asks_guardians=kind == GroupKind.PSYCHO_EDUCATIONAL or any(g.strip() for g in form.guardians) or fit is None,
        here=url_for("groups.enrol", course_id=course_id, child=case_id),
    )


def _goal_ticks(form: EnrolForm, fit: FitAnswer | None) -> list[dict[str, Any]]:
    if fit is None:
        return [{"value": goal, "text": _("A goal that you chose"), "checked": True} for goal in form.goals]
    return [
        {
            "value": str(goal.id),
            "text": goal.statement,
            "checked": str(goal.id) in form.goals,
            "hint": label("goal-status", goal.status),
        }
        for goal in fit.goals
    ]


def _place_radios(form: EnrolForm, fit: FitAnswer | None) -> list[dict[str, Any]]:
    has_it = fit is not None and fit.place == "enrolled"
    words = {
        "enrolled": _("The child keeps the place, with these goals") if has_it else _("Give the child a place"),
        "waiting": _("Put %(name)s on the waiting list", name=fit.preferred_name)
        if fit is not None
        else _("Put the child on the waiting list"),
    }
    # What was sent stays: the last place may have been taken meanwhile.
    offered = words.keys() if fit is None else _to_give(fit) | (fit.may & {form.place})
    full = fit is not None and not fit.course.free and not has_it
    return [
        {"value": place, "text": words[place], "checked": place == form.place}
        for place in sorted(offered, reverse=full)  # in a full course the waiting list is the first
    ]


def _choose_page(actor: Actor, answer: CourseAnswer) -> Response:
    """The open cases among one's children, by name. Who has a place already is the staff's to know."""
    caseload: CaseloadAnswer = services().doors.ask(actor, ReadCaseload())
    text = request.args.get("q", "").strip()
    children = [child for child in caseload.children if child["status"] == "open"]
    found = [child for child in children if _matches(child, text)]
    return rendered(
        "choose",
        course=answer.course,
        shown=answer.shown,
        children=sorted(found, key=lambda child: sort_key(str(child["preferred_name"]))),
        marks=marks_of(children),
        places=_places(actor, answer),
        text=text,
        searchable=bool(text) or len(children) > MANY_CHILDREN,
    )


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


@asks("/groups/<uuid:course_id>/children/<uuid:case_id>/leave")
def leave(answer: RosterAnswer | None, course_id: UUID, case_id: UUID) -> Act:
    """A child is taken off the course, or off its waiting list, with a reason."""
    child = child_on(answer, case_id) if answer else None
    waiting, title = child is not None and child.status == "waiting", _("Take the child off the course?")
    if child:
        title = _("Take %(name)s off the course?", name=child.preferred_name)
    if child and waiting:
        title = _("Take %(name)s off the waiting list?", name=child.preferred_name)
    hint = _("It stands in the child's record, for the child's care team. Name no other child")
    last = [] if waiting else [Field("until", _("Last day"), _("If empty, today"), kind="day")]
    return Act(
        title,
        _("Take off the waiting list") if waiting else _("Take off the course"),
        lambda: EndPlace(course_id, case_id, written("reason"), day("until"), confirmed()),
        back=(url_for("groups.show", course_id=course_id), _("Back to the course")),
        said="left",
        about=[_("What was recorded of the child in this course stays. The child can be given a place again.")],
        fields=[*last, Field("reason", _("Reason"), hint)],
        caption=answer.course.content["title"] if answer else "",
        dangerous=True,
        may=lambda: refuse_unless_may(answer, "EndPlace"),
    )
