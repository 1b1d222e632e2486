"""The goals on the page of a note: their fields, as many as there are goals, and what a draft keeps of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from textwrap import shorten
from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from coord.application.notes.commands import RatingInNote
from coord.application.notes.questions import BesideAnswer, GoalToRate
from coord.domain.case.goals.wording import Support
from coord.domain.errors import FieldProblem
from coord.web.goals.words import levels_to_choose
from coord.web.kit.field import Field, Kind, number_of, uuid_of
from coord.web.kit.form import Form
from coord.web.labels import SUPPORTS, label
from coord.web.messages import field_message

_LEVEL, _SUPPORT, _CONTEXT, _SCALE = _PARTS = ("rate-level-", "rate-support-", "rate-context-", "rate-scale-")
"""What a goal's fields are called, before its id."""
_SAYS = {"missing": _l("Choose where you saw it"), "unknown-choice": _l("Choose where you saw it")}


def fields_for(goals: Iterable[str]) -> list[Field]:
    """The fields of some goals, by their ids."""
    return [
        one
        for goal in goals
        for one in (
            Field(_LEVEL + goal, Kind.RADIOS, _l("How far"), optional=True),
            Field(
                _SUPPORT + goal,
                Kind.CHOICE,
                _l("Help that was needed"),
                optional=True,
                options={s.value: SUPPORTS[s.value] for s in Support},
                first=_l("Not told"),
            ),
            Field(_CONTEXT + goal, Kind.CHOICE, _l("Where"), says=_SAYS),
            Field(_SCALE + goal, Kind.HIDDEN),
        )
    ]


def rated_from_browser() -> list[str]:
    """The goals that the browser sent anything of."""
    ids = (name.removeprefix(part) for name in request.form for part in _PARTS if name.startswith(part))
    return [goal for goal in dict.fromkeys(ids) if uuid_of(goal)]


def rated_in(ratings: Iterable[Mapping[str, Any]]) -> dict[str, object]:
    """What a draft kept, as it is typed, by the names of the fields."""
    typed: dict[str, object] = {}
    for one in ratings:
        if goal := uuid_of(str(one.get("goal"))):
            said = (one.get("level"), one.get("support"), one.get("context"), one.get("scale_version"))
            typed |= {f"{part}{goal}": value for part, value in zip(_PARTS, said, strict=True)}
    return typed


def goals_of(names: Iterable[str]) -> list[str]:
    """The goals that fields of these names are about."""
    return [name.removeprefix(_SCALE) for name in names if name.startswith(_SCALE)]


def rated(form: Form) -> list[dict[str, object]]:
    """What was chosen, goal by goal, as a draft keeps it; a goal of which nothing was said is not rated."""
    found: list[dict[str, object]] = []
    for goal in goals_of(form.typed):
        level, support = form.typed[_LEVEL + goal], form.typed[_SUPPORT + goal]
        if level.strip() or support:
            said = {"level": number_of(level), "support": support, "context": form.typed[_CONTEXT + goal]}
            found.append({"goal": goal, **said, "scale_version": number_of(form.typed[_SCALE + goal])})
    return found


def ratings_of(form: Form) -> list[RatingInNote]:
    """What was chosen, for the command; what the domain says of one is said at its field."""
    ratings: list[RatingInNote] = []
    for i, one in enumerate(rated(form)):
        goal = str(one["goal"])
        names = {"": _LEVEL, "goal": _LEVEL, "level": _LEVEL, "support": _SUPPORT, "context": _CONTEXT}
        form.counts(f"/ratings/{i}", {part: name + goal for part, name in names.items()})
        said: dict[str, Any] = {name: one[name] for name in ("level", "support", "context", "scale_version")}
        ratings.append(RatingInNote(UUID(goal), **said))
    return ratings


def offer(form: Form, beside: BesideAnswer) -> list[dict[str, Any]]:
    """The goals that can be rated, each with the names of its fields, their choices put into the form; those that were
    rated and cannot be any more come last, to be left out."""
    offered = [_offered(form, goal, beside.contexts) for goal in beside.goals]
    known = {str(goal["id"]) for goal in beside.goals}
    return offered + [_left(form, goal) for goal in (str(one["goal"]) for one in rated(form)) if goal not in known]


def _offered(form: Form, goal: GoalToRate, contexts: Sequence[str]) -> dict[str, Any]:
    id, scale = str(goal["id"]), str(goal["scale_version"])
    for one in fields_for([id]):
        # What is said of it above the form says of which goal.
        form.fields[one.name] = replace(one, called=shorten(goal["statement"], 80, placeholder="…").rstrip("."))
        form.typed.setdefault(one.name, "")
    levels = {"levels": {str(one["level"]): one["text"] for one in goal["levels"]}}
    form.offer(_LEVEL + id, levels_to_choose(levels, _("Not rated in this note")) if goal["levels"] else ())
    places = [{"value": c, "text": label("context", c)} for c in contexts]
    if len(places) > 1:
        places.insert(0, {"value": "", "text": _("As the note")})
    form.offer(_CONTEXT + id, places)
    if form.typed[_LEVEL + id] and form.typed[_SCALE + id] not in ("", scale):
        # It was chosen on other words than the page shows.
        form.wrong.setdefault(_LEVEL + id, field_message(FieldProblem("", "other-scale")))
        form.typed[_LEVEL + id] = ""
    form.typed[_SCALE + id] = scale
    return _named(form, id, goal["statement"]) | {
        "scaled": bool(goal["levels"]),
        "agreed": goal["support"],
        "left": False,
    }


def _left(form: Form, goal: str) -> dict[str, Any]:
    """It was rated on this page, and has ended since, or is not for this reader any more."""
    chosen = form.typed[_LEVEL + goal]
    form.offer(_LEVEL + goal, [{"value": chosen, "text": _("Keep it")}, {"value": "", "text": _("Leave it out")}])
    return _named(form, goal, _("A goal that cannot be rated any more")) | {"scaled": True, "left": True}


def _named(form: Form, goal: str, statement: str) -> dict[str, Any]:
    names = {"level": _LEVEL, "support": _SUPPORT, "context": _CONTEXT, "scale": _SCALE}
    called = {part: name + goal for part, name in names.items()}
    return {
        "id": goal,
        "statement": statement,
        "wrong": any(form.wrong.get(name) for name in called.values()),
        "rated": bool(form.typed[_LEVEL + goal] or form.typed[_SUPPORT + goal]),
        **called,
    }
