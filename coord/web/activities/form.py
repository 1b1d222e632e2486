"""The form of an activity: its fields, as they are declared once."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from coord.domain.activity import DEMANDS, LINES
from coord.web.kit.field import Field, Kind, Text, Words, among
from coord.web.kit.form import declared
from coord.web.labels import (
    ACTIVITY_FIELDS,
    ACTIVITY_STATUSES,
    DEMAND_LEVELS,
    GROUP_KINDS,
    ICF,
    SKILL_AREAS,
    with_code,
)


def _area(name: str, hint: LazyString, rows: int = 4) -> Field:
    return Field(
        name, Kind.LINES if name in LINES else Kind.LONG, ACTIVITY_FIELDS[name], hint, name in LINES, rows=rows
    )


def _ticks(name: str, hint: LazyString, options: Words) -> Field:
    return Field(name, Kind.SEVERAL, ACTIVITY_FIELDS[name], hint, options=options)


def _age(name: str) -> Field:
    return Field(name, Kind.WHOLE, ACTIVITY_FIELDS[name], width=2, look={"suffix": _l("years")})


def _demand(name: str) -> Field:
    return Field(name, Kind.CHOICE, ACTIVITY_FIELDS[name], options=DEMAND_LEVELS, first=_l("Choose how much"))


_WITH_CODE: Words = {code: LazyString(with_code, code) for code in ICF}
_ONE_A_LINE = _l("One a line")
_CONTENT = (
    Field("activity_id", Kind.ID, pointer="/id"),
    Field("expected_version", Kind.VERSION),
    Field("title", Kind.TEXT, ACTIVITY_FIELDS["title"]),
    _area("purpose", _l("What it is for, in a sentence or two"), 3),
    _ticks("kinds", _l("The groups that it suits"), GROUP_KINDS),
    _ticks("skills", _l("What it exercises"), SKILL_AREAS),
    _ticks("icf", _l("If you work with the ICF"), _WITH_CODE),
    _age("age_from"),
    _age("age_to"),
    *(_demand(name) for name in DEMANDS),
    _area("materials", _ONE_A_LINE, 5),
    _area("contraindications", _l("For whom it is not, or not yet. One a line")),
    _area("watch", _l("What could go wrong, and what to do to prevent it. One a line")),
    _area("steps", _l("In order, one a line"), 8),
    _area("grade_down", _ONE_A_LINE),
    _area("grade_up", _ONE_A_LINE),
    _area("at_home", _l("In words for a family. One a line"), 3),
    _area("in_class", _l("In words for a teacher. One a line"), 3),
)
_WRITTEN = _l("An activity was written from this form already. To write another one, send it again.")
_WHY = _l("Why it is revised")
_REASON = Field("reason", Kind.LONG, _WHY, _l("It stands beside the new version"), called=_l("Reason"), rows=2)
NEW = declared("activity-new", *_CONTENT, taken=_WRITTEN, small=True)
REVISED = declared("activity-revised", *_CONTENT, _REASON, small=True)


_ALL = _l("All")


def _filter(name: str, label: LazyString, words: Words, first: Text = _ALL) -> Field:
    how: dict[str, Any] = {"optional": True, "first": first, "options": words, "becomes": among(words)}
    return Field(name, Kind.CHOICE, label, pointer=f"/filter/{name}", **how)


_OF_WORDS: dict[str, Any] = {"called": _l("Words"), "pointer": "/filter/text", "optional": True}
_OF_AGE: dict[str, Any] = {"called": _l("Age of a child"), "pointer": "/filter/age", "optional": True}
SOME = ("q", "kind", "skill", "age")
"""The filters that are always to be seen; the others are folded away until they are used."""
FILTERS = declared(
    "activity-filters",
    Field("q", Kind.TEXT, _l("Words in the activity"), **_OF_WORDS),
    _filter("kind", _l("Kind of group"), GROUP_KINDS),
    _filter("skill", _l("Skill area"), SKILL_AREAS),
    Field("age", Kind.WHOLE, _l("Age of a child, in years"), **_OF_AGE),
    _filter("icf", _l("ICF chapter"), _WITH_CODE),
    _filter("cognitive", _l("Cognitive demands, at most"), DEMAND_LEVELS, _l("Any")),
    _filter("motor", _l("Motor demands, at most"), DEMAND_LEVELS, _l("Any")),
    _filter("communication", _l("Communication demands, at most"), DEMAND_LEVELS, _l("Any")),
    _filter("status", _l("In use or not"), ACTIVITY_STATUSES, ""),
)
