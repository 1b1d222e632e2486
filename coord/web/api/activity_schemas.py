"""The shapes of requests and answers about the activity library."""

from __future__ import annotations

from marshmallow import fields

from coord.domain.activity import MOST_LINES, OLDEST, YOUNGEST, Demand, SkillArea
from coord.domain.groups import GroupKind
from coord.domain.icf import ICF_CHAPTERS
from coord.domain.input import REASON, SHORT, STATEMENT
from coord.web.api.fields import Count, Items, Strict, Whole, Words, choice, id_, time_, whole, words
from coord.web.api.schemas import CURSOR, Person, Placed

_KINDS = tuple(k.value for k in GroupKind)
_SKILLS = tuple(s.value for s in SkillArea)
_DEMANDS = tuple(d.value for d in Demand)
_ICF = tuple(ICF_CHAPTERS)
_STATUSES = ("in-use", "retired")


def _codes(codes: tuple[str, ...], about: str = "") -> Items:
    return Items(choice(*codes), metadata={"description": about} if about else {})


def _lines(about: str) -> Items:
    return Items(words(limit=STATEMENT), metadata={"description": about, "maxItems": MOST_LINES})


class ActivityWords(Strict):
    """An activity in plain words: no names, no child, nothing from a test."""

    title = words(limit=SHORT)
    purpose = words("What it is for", limit=REASON)
    kinds = _codes(_KINDS, "The groups that it suits; `sensory-integration` means ASI-informed")
    skills = _codes(_SKILLS, "What it exercises")
    icf = _codes(_ICF, "Chapters of Activities and Participation")
    age_from = Count(YOUNGEST, OLDEST, metadata={"description": "In years"})
    age_to = Count(YOUNGEST, OLDEST, metadata={"description": "In years"})
    cognitive = choice(*_DEMANDS, about="Demands before any grading")
    motor = choice(*_DEMANDS)
    communication = choice(*_DEMANDS)
    materials = _lines("What is needed")
    contraindications = _lines("For whom it is not, or not yet")
    watch = _lines("Safety: what could go wrong, and what prevents it")
    steps = _lines("In order")
    grade_down = _lines("To make it easier")
    grade_up = _lines("To make it harder")
    at_home = _lines("To try at home, in words for a family")
    in_class = _lines("To try in class, in words for a teacher")


class NewActivity(ActivityWords):
    """An activity for the library.

    `title`, `purpose`, `kinds`, `skills`, both ages, the three demands, `watch` and `steps` are needed.
    """

    id = id_("Chosen by you, a random UUID; makes a repeated post the same post")


class ActivityChanges(ActivityWords):
    """What is to be different, and why; the rest stays. A list that is sent replaces the one before."""

    reason = words("Why it is revised", required=True, limit=REASON)


class ActivitiesQuery(Strict):
    """What to leave out of the library."""

    q = Words(most=SHORT, metadata={"description": "Words that it has, in any order", "maxLength": SHORT})
    kind = choice(*_KINDS)
    skill = choice(*_SKILLS)
    icf = choice(*_ICF)
    age = Whole(YOUNGEST, OLDEST, metadata={"description": "Of a child whom it should suit, in years"})
    cognitive = choice(*_DEMANDS, about="The most that it may demand")
    motor = choice(*_DEMANDS, about="The most that it may demand")
    communication = choice(*_DEMANDS, about="The most that it may demand")
    status = choice(*_STATUSES, "all", about="`in-use`, if left out")
    cursor = Words(most=SHORT, metadata={"description": CURSOR})
    limit = Whole(1, 100, load_default=20)


class ActivityContent(Strict):
    """An activity's words, complete."""

    title = words(required=True)
    purpose = words(required=True)
    kinds = fields.List(choice(*_KINDS), required=True)
    skills = fields.List(choice(*_SKILLS), required=True)
    icf = fields.List(choice(*_ICF), required=True)
    age_from = whole()
    age_to = whole()
    cognitive = choice(*_DEMANDS, required=True)
    motor = choice(*_DEMANDS, required=True)
    communication = choice(*_DEMANDS, required=True)
    materials = fields.List(fields.String(), required=True)
    contraindications = fields.List(fields.String(), required=True)
    watch = fields.List(fields.String(), required=True)
    steps = fields.List(fields.String(), required=True)
    grade_down = fields.List(fields.String(), required=True)
    grade_up = fields.List(fields.String(), required=True)
    at_home = fields.List(fields.String(), required=True)
    in_class = fields.List(fields.String(), required=True)


class Activity(ActivityContent):
    """An activity as it stands."""

    id = id_(required=True)
    status = choice(*_STATUSES, required=True)
    version = whole("What the next edit has to name in If-Match")
    text_version = whole("The number of its text")
    changed_at = time_(required=True)


class ActivitiesAnswer(Placed):
    """A page of the library, by title."""

    items = fields.List(fields.Nested(Activity), required=True)
    next = words("The cursor of the next page", required=True, null=True)
    count = whole("How many fit in all")


class ActivityChange(Strict):
    """Something that happened to an activity."""

    what = choice("written", "revised", "retired", "restored", required=True)
    version = whole()
    text_version = whole(null=True)
    by = fields.Nested(Person, required=True)
    at = time_(required=True)
    reason = words(required=True)
    content = fields.Nested(ActivityContent, required=True, allow_none=True)


class ActivityAnswer(Placed, Activity):
    """An activity with everything that happened to it, the newest first."""

    changes = fields.List(fields.Nested(ActivityChange), required=True)
    may = fields.List(
        fields.String(), required=True, metadata={"description": "Commands that you could carry out on it now"}
    )
