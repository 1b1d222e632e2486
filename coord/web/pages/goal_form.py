"""What the form of a goal holds: from the browser, from the goal as it stands; and back to what the domain checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from coord.domain.case import Audience, GoalContent
from coord.domain.case.attainment import LEVELS
from coord.domain.case.goals import ScaleContent
from coord.domain.case.goals.wording import Support
from coord.domain.errors import FieldProblem
from coord.web.goal_words import level_words
from coord.web.local_time import NotADate, read_day
from coord.web.messages import field_message
from coord.web.pages.problem import Problem

WEEKS_UNTIL_REVIEW = 12
TEXTS = ("statement", "child_view", "condition", "criterion", "baseline")
CHOICES = ("icf", "support", "audience", "review_date", "scale_baseline", "importance", "difficulty", "reason")
LEVEL_FIELDS = {level: f"level-{'minus' if level < 0 else 'plus'}-{abs(level)}" for level in LEVELS}
"""The field of each level of the scale; a sign would not do in an address."""


@dataclass(frozen=True, slots=True)
class GoalForm:
    """All that was typed, right or wrong.

    ``version`` is the goal's that it was decided on; ``seen_wording``, ``seen_status`` and ``seen_agreements`` tell
    what has changed since.
    """

    goal_id: UUID
    typed: Mapping[str, str]
    levels: Mapping[int, str]
    disciplines: Sequence[str] = ()
    contexts: Sequence[str] = ()
    version: int = 0
    seen_wording: int = 0
    seen_status: str = ""
    seen_agreements: int = 0

    @classmethod
    def blank(cls, today: date) -> GoalForm:
        """An empty one. Neither place nor readers are chosen for anybody; the care team alone is the narrower start."""
        typed = dict.fromkeys((*TEXTS, *CHOICES), "") | {
            "support": Support.INDEPENDENT.value,
            "audience": Audience.CARE_TEAM.value,
            "review_date": (today + timedelta(weeks=WEEKS_UNTIL_REVIEW)).isoformat(),
        }
        return cls(uuid4(), typed, dict.fromkeys(LEVELS, ""))

    @classmethod
    def sent(cls, form: MultiDict[str, str], goal_id: UUID | None = None) -> GoalForm:
        """What the browser sent."""
        return cls(
            goal_id or uuid_of(form.get("goal_id", "")) or uuid4(),
            {name: lines(form.get(name, "")) for name in (*TEXTS, *CHOICES)},
            {level: lines(form.get(name, "")) for level, name in LEVEL_FIELDS.items()},
            form.getlist("disciplines"),
            form.getlist("contexts"),
            number_of(form.get("version", "")) or 0,
            number_of(form.get("seen_wording", "")) or 0,
            form.get("seen_status", ""),
            number_of(form.get("seen_agreements", "")) or 0,
        )

    @classmethod
    def of(
        cls, goal_id: UUID, content: Mapping[str, Any], *, version: int, wording: int, status: str, agreements: int
    ) -> GoalForm:
        """The goal as it stands, to be put in other words."""
        scale = content["scale"]

        def of_scale(name: str) -> str:
            return "" if scale is None or scale[name] is None else str(scale[name])

        typed = {name: str(content[name]) for name in (*TEXTS, "icf", "support", "audience", "review_date")}
        typed |= {
            "scale_baseline": of_scale("baseline"),
            "importance": of_scale("importance"),
            "difficulty": of_scale("difficulty"),
            "reason": "",
        }
        levels = {level: scale["levels"][str(level)] if scale else "" for level in LEVELS}
        return cls(
            goal_id,
            typed,
            levels,
            content["disciplines"],
            content["contexts"],
            version,
            wording,
            status,
            agreements,
        )

    @property
    def has_scale(self) -> bool:
        """Whether anything of a scale was written; a scale of which one level is missing is one, and refused."""
        return any(text.strip() for text in self.levels.values()) or any(
            self.typed[name] for name in ("scale_baseline", "importance", "difficulty")
        )

    def content(self) -> tuple[GoalContent, list[Problem]]:
        """What is proposed, and what of it could not even be read (the domain tells of all the rest)."""
        problems: list[Problem] = []
        review = None
        if self.typed["review_date"].strip():
            try:
                review = read_day(self.typed["review_date"])
            except NotADate:
                problems.append(problem_of(FieldProblem("/review_date", "not-a-date")))
        numbers = {name: number_of(self.typed[name]) for name in ("scale_baseline", "importance", "difficulty")}
        for name, number in numbers.items():
            if number is None and self.typed[name]:
                problems.append(problem_of(FieldProblem(f"/scale/{name.removeprefix('scale_')}", "unknown-choice")))
        scale = None
        if self.has_scale:
            scale = ScaleContent(self.levels, numbers["scale_baseline"], numbers["importance"], numbers["difficulty"])
        content = GoalContent(
            statement=self.typed["statement"],
            contexts=self.contexts,
            disciplines=self.disciplines,
            child_view=self.typed["child_view"],
            icf=self.typed["icf"],
            condition=self.typed["condition"],
            criterion=self.typed["criterion"],
            support=self.typed["support"],
            baseline=self.typed["baseline"],
            review_date=review,
            audience=self.typed["audience"],
            scale=scale,
        )
        return content, problems


def problems_of(found: Iterable[FieldProblem], already: Sequence[Problem] = ()) -> list[Problem]:
    """What the domain objects to, at the fields of the page, after what could not be read; one a field."""
    problems = list(already)
    for problem in found:
        one = problem_of(problem)
        if all(one.field != other.field for other in problems):
            problems.append(one)
    return problems


def problem_of(problem: FieldProblem) -> Problem:
    """One problem, at its field."""
    parts = problem.pointer.strip("/").split("/")
    name, words = parts[0], field_message(problem)
    if name == "scale" and len(parts) == 3 and parts[2].lstrip("-").isdigit():
        level = int(parts[2])
        if problem.code == "missing":
            words = _("Write all five levels, or none")
        return Problem(LEVEL_FIELDS[level], _("Level %(level)s", level=level_words(level)), words)
    if name == "scale":
        name = {"baseline": "scale_baseline"}.get(parts[-1], parts[-1])
    if name == "contexts" and problem.code == "missing":
        words = _("Choose at least one context")
    if name in ("importance", "difficulty") and problem.code == "missing":
        words = _("Choose both importance and difficulty, or neither")
    return Problem(name, _field_names().get(name, ""), words)


def _field_names() -> dict[str, str]:
    return {
        "statement": _("Goal"),
        "child_view": _("The child's own view"),
        "icf": _("Area of life (ICF)"),
        "disciplines": _("Disciplines that share it"),
        "contexts": _("Where it should hold"),
        "condition": _("Condition"),
        "criterion": _("Criterion"),
        "support": _("Most help with which it counts"),
        "baseline": _("Where the child stands now"),
        "review_date": _("Review date"),
        "audience": _("Who will see this"),
        "scale_baseline": _("Level at the start"),
        "importance": _("Importance"),
        "difficulty": _("Difficulty"),
        "reason": _("Why it is changed"),
    }


def uuid_of(text: str) -> UUID | None:
    """The identifier, or None: only a forged form has another."""
    try:
        return UUID(text)
    except ValueError:
        return None


def number_of(text: str) -> int | None:
    """A small whole number with or without a sign, or None."""
    text = text.strip()
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def lines(text: str) -> str:
    """A text with line ends of one kind."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
