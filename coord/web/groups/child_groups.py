"""The groups of one child: attendance, aims, messages; and what the child copes with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from coord.application.groups.commands import DescribeProfile
from coord.application.groups.questions import GroupOfChild, GroupsAnswer, LineShown, ReadGroups
from coord.domain.activity import Demand
from coord.domain.actors import Actor, Role
from coord.domain.case.groups import ALSO_COPES_WITH, LineVersion
from coord.domain.course.picture import COPES_WITH
from coord.web.goals.words import level_words, lower_first
from coord.web.groups.labels import DEMANDS
from coord.web.groups.words import line_facts
from coord.web.kit.child import around, page, refuse_unless_offered
from coord.web.kit.done import Done
from coord.web.kit.field import Field, Kind
from coord.web.kit.form import Form, declared
from coord.web.labels import label
from coord.web.visit import here, safe_next

pages = Blueprint("child_groups", __name__)

DONE = Done("child-groups")
"""What was just done, said once."""
_NOISE = _l(
    "What makes it easier or harder, such as noise or a new room. It stands in the timeline, for the care team."
)
_LEGEND = {"legend_class": "nhsuk-fieldset__legend--m"}
PROFILE = declared(
    "child-profile",
    *(Field(name, Kind.RADIOS, DEMANDS[name], optional=name in ALSO_COPES_WITH, look=_LEGEND) for name in COPES_WITH),
    Field("remark", Kind.LONG, _l("Remark (optional)"), _NOISE, called=_l("Remark"), optional=True, rows=3),
    Field("back", Kind.HIDDEN),
)
SOON = 3
"""So many of the next dates are in sight; the others are one step away."""


@dataclass(frozen=True, slots=True)
class LineRow:
    """One session of a child, ready to be shown."""

    line: LineShown
    facts: list[tuple[str, str]]
    ratings: list[str]
    earlier: list[tuple[LineVersion, list[tuple[str, str]]]]
    """What it said before it was corrected, the latest first: each version with its facts."""


@dataclass(frozen=True, slots=True)
class GroupCard:
    """One place of a child in a group, with its sessions, the newest first."""

    group: GroupOfChild
    rows: list[LineRow]


# ---- the groups --------------------------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/groups")
def index(case_id: UUID) -> Response:
    """Each group of the child with what each session was for them; for a teacher attendance and what is said to the
    school. Nothing of the other children, not even how many there are."""
    _services, actor = here()
    answer = _groups(actor, case_id)
    return page(
        "groups/child.html",
        **around(answer),
        closed=answer.status != "open",
        cards=[GroupCard(g, [_row(line) for line in reversed(g.lines)]) for g in _present_first(answer.groups)],
        profile=answer.profile,
        demands=COPES_WITH,
        may=answer.may,
        finds_groups=actor.role in (Role.THERAPIST, Role.STUDENT, Role.TEAM_LEAD),
        soon=SOON,
        today=_services.clock().astimezone(_services.settings.zone).date(),
        done=DONE.once(),
    )


def _present_first(groups: Sequence[GroupOfChild]) -> list[GroupOfChild]:
    """Where the child goes now, then where they wait, then where they were; each the newest first, as they come."""
    return sorted(groups, key=lambda group: ("enrolled", "waiting", "left").index(group.status))


def _groups(actor: Actor, case_id: UUID) -> GroupsAnswer:
    services, _actor = here()
    return cast(GroupsAnswer, services.doors.ask(actor, ReadGroups(case_id)))


def _row(line: LineShown) -> LineRow:
    earlier = [(version, line_facts(version.line)) for version in reversed(line.earlier)]
    return LineRow(line, line_facts(line.line), [_rated(rating) for rating in line.ratings], earlier)


def _rated(rating: Mapping[str, Any]) -> str:
    """As in "Asks for a turn: 0, as expected, verbal prompt"."""
    seen = [level_words(rating["level"])] if rating["level"] is not None else []
    if rating["support"]:
        seen.append(lower_first(label("support", rating["support"])))
    if rating["remark"]:
        seen.append(f"“{rating['remark']}”")
    return f"{rating['statement']}: {', '.join(seen)}"


# ---- what the child copes with -----------------------------------------------------------------------------------


@pages.get("/children/<uuid:case_id>/profile")
def profile(case_id: UUID) -> Response:
    """The form that says how much the child copes with; what was said last is chosen. ``back`` is where it leads."""
    described: Mapping[str, Any] = _groups(here()[1], case_id).profile or {}
    return _profile_page(case_id, PROFILE.of({**described, "remark": "", "back": request.args.get("back")}))


@pages.post("/children/<uuid:case_id>/profile", endpoint="describe")
def describe(case_id: UUID) -> AnyResponse:
    """Described, and back to where the form was asked for; or the form again, as it was filled in."""
    (services, actor), form = here(), PROFILE.sent()

    def act() -> AnyResponse:
        services.doors.execute(actor, DescribeProfile(case_id, **form.values()))
        return DONE.then("described", _back(case_id, form["back"]))

    return form.send(act, lambda: _profile_page(case_id, form))


def _back(case_id: UUID, wanted: str) -> str:
    """A path of this site, or the groups of the child."""
    ours = safe_next(wanted)
    return ours if ours != "/" else url_for("child_groups.index", case_id=case_id)


def _profile_page(case_id: UUID, form: Form) -> Response:
    _services, actor = here()
    answer = _groups(actor, case_id)
    refuse_unless_offered("DescribeProfile", actor, answer)
    hints, nobody = _hints(), _("Nobody can say yet. That is no “no”.")
    unknown = {"value": "", "text": _("Not known"), "hint": nobody}
    for name in COPES_WITH:
        levels = [{"value": one, "text": label("demand", one), "hint": hints[name][one]} for one in Demand]
        form.offer(name, [*levels, unknown] if name in ALSO_COPES_WITH else levels)
    form.typed["back"] = back = _back(case_id, form["back"])
    return page("groups/profile.html", form=form, **around(answer), back=back)


def _hints() -> dict[str, dict[str, str]]:
    """What each answer means, in things that one can see a child do."""
    return {
        "cognitive": {
            "low": _("One step at a time, shown or with pictures; rules that do not change."),
            "moderate": _("Two or three steps in a row, a simple rule, with a reminder now and then."),
            "high": _("Plans several steps, keeps rules in mind, finds a way when something unexpected happens."),
        },
        "motor": {
            "low": _("Large, sturdy things and simple movements; often needs a hand."),
            "moderate": _("Cuts, throws, climbs and balances with some effort, or with things made easier."),
            "high": _("Small parts, quick and precise movements, courses with several stations."),
        },
        "communication": {
            "low": _("Gestures, pictures or single words; follows what is shown rather than what is said."),
            "moderate": _("Short sentences; asks and answers when somebody gives time."),
            "high": _("Tells, explains and agrees on something with others in words."),
        },
        "sensory": {
            "low": _(
                "Little at a time: a quiet room, few people, touch that is announced; withdraws or gets upset else."
            ),
            "moderate": _("The usual bustle of a small group, with a pause or a quiet corner at hand."),
            "high": _("Noise, touch and movement as they come, without losing the thread."),
        },
        "attention": {
            "low": _("A few minutes at one thing, with somebody beside and little around."),
            "moderate": _("About ten minutes, with a reminder or a change of seat in between."),
            "high": _("Stays with a thing to its end, also with others around."),
        },
    }
