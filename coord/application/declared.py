"""A command or a question is one declaration: its fields, who may, what the history calls it, what an answer shows.

From it follow the permission (`coord.domain.permissions.PERMISSIONS`, and docs/permissions.md), the words of a look
or of a refusal in the history, and the purpose and data that the access log keeps. What is not declared is denied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, TypeVar, dataclass_transform
from uuid import UUID

from coord.application.looking import Category, Purpose
from coord.domain.input import REASON
from coord.domain.permissions import PERMISSIONS, Predicate, Rule
from coord.domain.said import Said


class Command:
    """A wish to change something. Executed through `Doors.execute` alone."""


@dataclass(frozen=True, slots=True)
class CaseCommand(Command):
    """A command about one child; the door loads the case and checks the relation to it."""

    case_id: UUID


@dataclass(frozen=True, slots=True)
class CourseCommand(Command):
    """A command about one course (a therapeutic group); the door loads it and checks the relation to it.

    ``expected_version``, where there is one, is the version of the course that one saw: `Stale` is raised when the part
    concerned has changed since; None does not ask.
    """

    course_id: UUID


class Question:
    """A wish to see something. Asked through `Doors.ask` alone."""


@dataclass(frozen=True, slots=True)
class CaseQuestion(Question):
    """A question about one child."""

    case_id: UUID


@dataclass(frozen=True, slots=True)
class CourseQuestion(Question):
    """A question about one course (a therapeutic group); the door finds the relation to it."""

    course_id: UUID


Reason = Annotated[str, Said(most=REASON)]
"""Why: what every correction, ending and withdrawal asks for."""


@dataclass(frozen=True, slots=True)
class Makes:
    """That a command makes something under an id of the sender's, so that sending it twice is once
    (`coord.application.sent_again`): the ``field`` that has the id, the one of what it is ``within`` (a note), and
    those that are no part of what is the same (``apart``)."""

    field: str
    within: str = ""
    apart: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Declared:
    """What is said of a command or a question beside its fields.

    ``words`` are what the history calls it, in English, to be translated when they are shown: of a command that it was
    tried (only a refusal is a row of its own; what was done, the event tells), of a question that it was looked at.
    ``shows`` are the data of the child whom a question is about; ``others`` says that an answer about something else
    shows children, each of whom gets a look of their own. ``purpose`` is set where it does not depend on who asks.
    """

    kind: type
    words: str
    shows: frozenset[Category] = frozenset()
    others: bool = False
    purpose: Purpose | None = None
    makes: Makes | None = None
    decision: Callable[..., object] | None = None

    @property
    def in_a_childs_history(self) -> bool:
        """Whether a look of this kind can be one at a child."""
        return issubclass(self.kind, CaseQuestion) or self.others


DECLARED: dict[str, Declared] = {}
"""Every command and question by its name."""
K = TypeVar("K")


def that_list_children() -> tuple[str, ...]:
    """Questions whose answers name many children: one look at the list, and one at each child in it."""
    return tuple(name for name, d in DECLARED.items() if d.others and not issubclass(d.kind, CourseQuestion))


@dataclass_transform(frozen_default=True)
def command(
    who: Predicate,
    words: str,
    decision: Callable[..., object] | None = None,
    /,
    *,
    of_ones_own: bool = False,
    makes: Makes | str = "",
) -> Callable[[type[K]], type[K]]:
    """Make the class a command (a frozen dataclass) that ``who`` may send; ``words`` say in the history that it was
    tried. It is carried out by its ``decision``, if that asks for nothing that the command does not say
    (`coord.application.carrying`); else by a handler.

    ``of_ones_own``: of what is the person's own alone, whether they still know the child or not. ``makes`` is the field
    with the id of what it makes, if it makes something.
    """
    making = Makes(makes) if isinstance(makes, str) else makes

    def declare(kind: type[K]) -> type[K]:
        made = dataclass(frozen=True, slots=True)(kind)
        _declare(Declared(made, words, makes=making if making.field else None, decision=decision), who, of_ones_own)
        return made

    return declare


@dataclass_transform(frozen_default=True)
def question(
    who: Predicate,
    words: str,
    /,
    *,
    shows: Iterable[Category] = (),
    others: bool = False,
    purpose: Purpose | None = None,
    of_ones_own: bool = False,
) -> Callable[[type[K]], type[K]]:
    """Make the class a question (a frozen dataclass) that ``who`` may ask; see `Declared`."""

    def declare(kind: type[K]) -> type[K]:
        made = dataclass(frozen=True, slots=True)(kind)
        _declare(Declared(made, words, frozenset(shows), others, purpose), who, of_ones_own)
        return made

    return declare


def _declare(declared: Declared, who: Predicate, of_ones_own: bool) -> None:
    kind = declared.kind
    if kind.__name__ in DECLARED:
        raise ValueError(f"{kind.__name__} is declared twice")
    DECLARED[kind.__name__] = declared
    PERMISSIONS[kind.__name__] = Rule(
        who,
        about_a_child=issubclass(kind, CaseCommand | CaseQuestion),
        about_a_course=issubclass(kind, CourseCommand | CourseQuestion),
        of_ones_own=of_ones_own,
    )


@dataclass(frozen=True, slots=True)
class Receipt:
    """What `execute` answers: the id concerned, its version now, the position of the last event in the record.

    ``status`` is the state of the note or case after it (``draft``, ``signed``, ``awaiting-cosignature``, ...), or
    ``proposed`` for what waits for a second person;
    ``repeated`` says that the command had been carried out before and nothing was written now.
    """

    id: UUID
    version: int
    position: int
    status: str = ""
    repeated: bool = False
    detail: Mapping[str, object] = field(default_factory=dict)
