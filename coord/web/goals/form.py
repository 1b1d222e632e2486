"""The form of a goal: its fields, as they are declared once; and the content that they mean."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from coord.domain.actors import Discipline
from coord.domain.case import Audience, GoalContent
from coord.domain.case.goals import ScaleContent
from coord.domain.case.goals.scales import LEVELS
from coord.domain.case.goals.wording import AGREED_SUPPORT, Context, Support
from coord.web.goals.words import level_words
from coord.web.kit.field import Field, Kind
from coord.web.kit.form import Form, declared
from coord.web.labels import CONTEXTS, DISCIPLINES, ICF, SUPPORTS, WEIGHINGS, with_code

WEEKS_UNTIL_REVIEW = 12
LEVEL_FIELDS = {level: f"level-{'minus' if level < 0 else 'plus'}-{abs(level)}" for level in LEVELS}
"""The field of each level of the scale; a sign would not do in an address."""
SEEN = ("version", "seen_wording", "seen_status", "seen_agreements")
"""What one decides on: the fields of a form about a goal that say how it stood."""
SEEN_FIELDS = tuple(Field(name, Kind.VERSION if name == "version" else Kind.HIDDEN) for name in SEEN)
OF_SCALE = ("scale_baseline", "importance", "difficulty")
_LEVEL_HINTS = {
    -2: _l("For example: copies no word without a hand on theirs"),
    0: _l("What you expect by the review date"),
}


def _long(name: str, label: LazyString, hint: LazyString) -> Field:
    return Field(name, Kind.LONG, label, hint, rows=2)


def _level(level: int) -> Field:
    return Field(
        LEVEL_FIELDS[level],
        Kind.LONG,
        LazyString(lambda: _("Level %(level)s", level=level_words(level))),
        _LEVEL_HINTS.get(level, ""),
        says={"missing": _l("Write all five levels, or none")},
        pointer=f"/scale/levels/{level}",
        rows=2,
        optional=True,
    )


def _number(name: str, label: LazyString, hint: LazyString | str, options: Any, pointer: str) -> Field:
    both = {"missing": _l("Choose both importance and difficulty, or neither")}
    first = _l("Not said")
    return Field(name, Kind.CHOICE, label, hint, True, options, first, becomes=int, says=both, pointer=pointer)


_SENTENCE = _l(
    "One sentence that a parent understands: what the child will do, where, with how much help. Not “improve "
    "handwriting”, but “In class, copies a five-word sentence on the line with at most two prompts”."
)
_WHERE = _l("If you choose school, think of who will see this, further down: the school does not see it by itself.")
_FOR_CHILD = _l("For child and family. Importance times difficulty is the weight in the score; without them it is 1.")
_CONDITION = _l("When, and with what: for example, when the class copies from the board")
_CRITERION = _l("What tells you that it is reached: for example, in 4 of 5 lessons")
_MORE_HELP = _l("With more help than this, it does not count as shown")
_CONTENT = (
    Field("goal_id", Kind.ID, pointer="/id"),
    _long("statement", _l("Goal"), _SENTENCE),
    _long("child_view", _l("The child's own view"), _l("What the child says about it, or shows, in their own way")),
    Field(
        "contexts",
        Kind.SEVERAL,
        _l("Where it should hold"),
        _WHERE,
        options={c.value: CONTEXTS[c.value] for c in Context},
        says={"missing": _l("Choose at least one context")},
    ),
    _long("condition", _l("Condition"), _CONDITION),
    _long("criterion", _l("Criterion"), _CRITERION),
    Field(
        "support",
        Kind.RADIOS,
        _l("Most help with which it counts"),
        _MORE_HELP,
        options={value: SUPPORTS[value] for value in AGREED_SUPPORT},
    ),
    _long(
        "baseline",
        _l("Where the child stands now"),
        _l("What you see before the work starts. The school does not see this."),
    ),
    Field("review_date", Kind.DAY, _l("Review date"), _l("When you look at it again together"), True),
    Field(
        "disciplines",
        Kind.SEVERAL,
        _l("Disciplines that share it"),
        _l("If you choose none, it is your own"),
        options={d.value: DISCIPLINES[d.value] for d in Discipline},
    ),
    Field(
        "icf",
        Kind.CHOICE,
        _l("Area of life (ICF)"),
        options=lambda: {code: with_code(code) for code in ICF},
        first=_l("None"),
    ),
)
_SCALE = (
    *(_level(level) for level in LEVELS),
    _number(
        "scale_baseline",
        _l("Level at the start"),
        _l("Where the child is now on this scale"),
        lambda: {str(level): level_words(level) for level in LEVELS},
        "/scale/baseline",
    ),
    _number("importance", _l("Importance"), _FOR_CHILD, WEIGHINGS, "/scale/importance"),
    _number("difficulty", _l("Difficulty"), "", WEIGHINGS, "/scale/difficulty"),
)
_AUDIENCE = Field("audience", Kind.RADIOS, _l("Who will see this"), look={"classes": ""})
NEW = declared("goal-new", *_CONTENT, *_SCALE, _AUDIENCE, small=True)
REVISED = declared(
    "goal-revised",
    *SEEN_FIELDS,
    *_CONTENT[1:],
    *_SCALE,
    _AUDIENCE,
    _long("reason", _l("Why it is changed"), _l("Who may read the goal reads this too, but for the school")),
    small=True,
)


def blank(today: date) -> Form:
    """An empty one. Neither place nor readers are chosen for anybody; the care team alone is the narrower start."""
    review = today + timedelta(weeks=WEEKS_UNTIL_REVIEW)
    return NEW.of({"support": Support.INDEPENDENT, "audience": Audience.CARE_TEAM, "review_date": review})


def of_goal(content: Mapping[str, Any], **seen: Any) -> Form:
    """The goal as it stands, to be put in other words."""
    scale = content["scale"] or {}
    levels = {name: scale["levels"][str(level)] if scale else "" for level, name in LEVEL_FIELDS.items()}
    weighed = {"scale_baseline": scale.get("baseline"), **{name: scale.get(name) for name in OF_SCALE[1:]}}
    return REVISED.of({**content, **levels, **weighed, **seen})


def content_of(form: Form) -> tuple[GoalContent, str]:
    """What is proposed, and why it is changed. A scale of which one level is missing is one, and refused."""
    values = form.values()
    levels = {level: values.pop(name) for level, name in LEVEL_FIELDS.items()}
    baseline, importance, difficulty = (values.pop(name) for name in OF_SCALE)
    reason = values.pop("reason", "")
    scale = None
    if any(text.strip() for text in levels.values()) or any(form.typed[name] for name in OF_SCALE):
        scale = ScaleContent(levels, baseline, importance, difficulty)
    return GoalContent(**values, scale=scale), reason
