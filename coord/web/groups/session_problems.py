"""What is wrong with a recording, at the fields of its page: from JSON pointers to elements, and in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask_babel import gettext as _

from coord.domain.errors import DomainError, FieldProblem, InvalidInput
from coord.web.groups.session_form import RecordForm, TypedChild, at
from coord.web.kit.asking import Asked, questions
from coord.web.kit.problem import Problem
from coord.web.labels import label
from coord.web.messages import field_message
from coord.web.spelling import format_date


@dataclass(frozen=True, slots=True)
class Problems:
    """What to put right, and what is asked among it."""

    found: Sequence[Problem]
    asked: Sequence[Asked] = ()


def problems_of(
    error: DomainError | None, form: RecordForm, names: Mapping[UUID, str], unread: Sequence[Problem] = ()
) -> Problems:
    """What the domain objects to, after what could not be read; one a field. ``names`` are the children's."""
    problems = list(unread)
    told = error.problems if isinstance(error, InvalidInput) else ()
    for problem in told:
        one = _problem_of(problem, form, names)
        if all(one.field != other.field or not one.field for other in problems):
            problems.append(one)
    return Problems(problems, questions(told, lambda problem: _with_place(_problem_of(problem, form, names))))


def _with_place(problem: Problem) -> str:
    return f"{problem.name}: {problem.text}" if problem.name else problem.text


def _problem_of(problem: FieldProblem, form: RecordForm, names: Mapping[UUID, str]) -> Problem:
    head, *rest = problem.pointer.strip("/").split("/")
    words = field_message(problem)
    match head:
        case "children" if len(rest) > 1 and rest[0].isdigit() and int(rest[0]) < len(form.told):
            child = form.told[int(rest[0])]
            return _of_child(problem, child, rest[1:], names.get(child.case_id, ""))
        case "note" if rest:
            return Problem(f"note-{rest[0]}", label("note-part", rest[0]), words)
        case "started_at":
            if problem.code == "before-its-day":
                day = date.fromisoformat(str(problem.params["day"]))
                words = field_message(FieldProblem("", problem.code, {"day": format_date(day, "long")}))
            return Problem("started-day", _("Started"), words)
        case "ended_at":
            return Problem("ended-day", _("Finished"), words)
        case "staff":
            return Problem("staff", _("Who ran it"), words)
        case "took_place":
            return Problem("took_place", _("Cancelled"), words)
        case "reason":
            return Problem("reason", _("Why it is corrected"), words)
        case "children":
            return Problem("children", _("Children"), words)
    return Problem("", "", words)


def _of_child(problem: FieldProblem, child: TypedChild, path: Sequence[str], name: str) -> Problem:
    """One problem with what was said of one child, with the child's name before it."""
    words = field_message(problem)
    parts: dict[str, Callable[[], tuple[str, str]]] = {
        "ratings": lambda: _rating(child, path),
        "strategies": lambda: _strategy(child, path),
    }
    if path[0] in parts:
        field, called = parts[path[0]]()
    elif path[0] in ("case", "line"):
        field, called = at(child.case_id), ""
    else:
        field, called = at(child.case_id, path[0]), label("line-part", path[0])
    if problem.code == "missing" and path[0] == "attendance":
        words = _("Choose whether the child came")
    return Problem(field, ", ".join(part for part in (name, called) if part), words)


def _rating(child: TypedChild, path: Sequence[str]) -> tuple[str, str]:
    given = [rating for rating in child.ratings if rating.given]
    called = label("line-part", "ratings")
    if len(path) < 2 or not path[1].isdigit() or int(path[1]) >= len(given):
        return at(child.case_id), called
    part = path[2] if len(path) > 2 and path[2] in ("level", "support", "remark") else "level"
    return at(child.case_id, given[int(path[1])].goal, part), called


def _strategy(child: TypedChild, path: Sequence[str]) -> tuple[str, str]:
    given = [strategy for strategy in child.strategies if strategy.given]
    called = label("line-part", "strategies")
    if len(path) < 2 or not path[1].isdigit() or int(path[1]) >= len(given):
        return at(child.case_id), called
    return at(child.case_id, f"s{child.strategies.index(given[int(path[1])])}", "text"), called
