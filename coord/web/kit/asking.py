"""Ask once and keep the answer: what is implausible may be meant, and who means it says so with a tick.

The domain asks (`coord.domain.input.Input.ask`), the page shows each question beside a tick whose value is the answer,
and the form sent again carries the answers in fields called ``confirmed``. An answer counts for just the words that it
was asked about. Pages take the answers with `confirmed`, hand them to the command, and give what is asked to the macro
``questions`` of ``_macros/kit.html``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from coord.domain.errors import FieldProblem
from coord.web.messages import field_message

FIELD = "confirmed"
"""The name of the field that carries an answer; once for each."""
MOST = 100
"""Answers that are taken from one form: far more than one can ask, and no more work than that."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: what is asked, the value of the tick that answers it, and where one can look first."""

    text: str
    answer: str
    where: str = ""


def confirmed() -> tuple[str, ...]:
    """The answers that came with the form, for the ``confirmed`` of a command."""
    return tuple(dict.fromkeys(request.form.getlist(FIELD)[:MOST]))


def asked_words(kept: Mapping[str, Any]) -> str:
    """What was asked about and is meant, in words: one of those that an event keeps (`Input.answered`)."""
    return field_message(FieldProblem(str(kept["pointer"]), str(kept["code"]), kept["params"]))


def questions(
    problems: Iterable[FieldProblem],
    words: Callable[[FieldProblem], str] = field_message,
    where: Callable[[FieldProblem], str] = lambda _problem: "",
) -> list[Asked]:
    """What is asked among the problems of a refusal, each question once; ``words`` says a problem in words, and
    ``where`` is the address of what it is about, "" if that has none."""
    found: dict[str, Asked] = {}
    for problem in problems:
        if problem.answer:
            found.setdefault(problem.answer, Asked(words(problem), problem.answer, where(problem)))
    return list(found.values())
