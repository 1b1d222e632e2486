"""What is asked once, answered for somebody who said beforehand that it is meant: at the command line, in a story."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from coord.application.declared import Receipt
from coord.application.doors import Doors
from coord.domain.actors import Actor
from coord.domain.errors import InvalidInput


def as_meant(doors: Doors, actor: Actor, command: Any, *codes: str) -> Receipt:
    """Carry out a command that takes answers; whatever it asks about is meant so, or if there are ``codes``, these
    questions alone. Raises as `Doors.execute` does for what is more than that."""
    try:
        return doors.execute(actor, command)
    except InvalidInput as asked:
        answers = tuple(problem.answer for problem in asked.problems)
        if not all(answers) or (codes and not {problem.code for problem in asked.problems} <= {*codes}):
            raise
        return doors.execute(actor, replace(command, confirmed=answers))
