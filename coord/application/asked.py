"""What is asked once, answered for somebody who said beforehand that it is meant: at the command line, in a story."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from coord.application.commands import Receipt
from coord.application.doors import Doors
from coord.domain.actors import Actor
from coord.domain.errors import InvalidInput


def as_meant(doors: Doors, actor: Actor, command: Any) -> Receipt:
    """Carry out a command that takes answers; whatever it asks about is meant so. Raises as `Doors.execute` does for
    what is more than a question."""
    try:
        return doors.execute(actor, command)
    except InvalidInput as asked:
        answers = tuple(problem.answer for problem in asked.problems)
        if not all(answers):
            raise
        return doors.execute(actor, replace(command, confirmed=answers))
