"""The tables that the doors walk: nothing without a permission, nothing without a handler, nothing by default."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application import COMMANDS, QUESTIONS
from coord.application.declared import CaseCommand, CaseQuestion, Command, CourseCommand, CourseQuestion, Question
from coord.domain.actors import Actor, Relation, Relationship, Role
from coord.domain.errors import NotPermitted
from coord.domain.permissions import PERMISSIONS, refuse_unless_permitted
from tests.house import open_house


def modules(name: str) -> list[Any]:
    """That of each area which has one."""
    return [module for path, module in sys.modules.items() if re.fullmatch(rf"coord\.application\.\w+\.{name}", path)]


def kinds(modules: list[Any], base: type) -> set[type]:
    found = {v for m in modules for v in vars(m).values() if isinstance(v, type) and issubclass(v, base)}
    return found - {Command, CaseCommand, CourseCommand, Question, CaseQuestion, CourseQuestion}


def test_every_command_and_question_has_a_handler_and_a_permission():
    assert kinds(modules("commands"), Command) == set(COMMANDS)
    assert kinds(modules("questions"), Question) == set(QUESTIONS)
    assert {k.__name__ for k in (*COMMANDS, *QUESTIONS)} == set(PERMISSIONS)


def test_what_concerns_a_child_is_asked_of_the_relation_to_that_child():
    for kind in (*COMMANDS, *QUESTIONS):
        about = issubclass(kind, CaseCommand | CaseQuestion)
        assert PERMISSIONS[kind.__name__].about_a_child is about, kind


def test_what_concerns_a_course_is_asked_of_the_relation_to_that_course():
    for kind in (*COMMANDS, *QUESTIONS):
        about = issubclass(kind, CourseCommand | CourseQuestion)
        assert PERMISSIONS[kind.__name__].about_a_course is about, kind


@pytest.mark.parametrize("role", list(Role))
def test_a_name_that_is_not_in_the_table_is_denied(role: Role):
    actor = Actor(uuid4(), "x", role, None, "North")
    with pytest.raises(NotPermitted, match="no-permission-declared"):
        refuse_unless_permitted("BurnEverything", actor, Relationship(Relation.COORDINATOR, True))


def test_a_command_and_a_question_nobody_declared_are_denied_at_the_doors(data_folder: Path):
    @dataclass(frozen=True)
    class BurnEverything(Command):
        case_id: UUID

    @dataclass(frozen=True)
    class SeeEverything(Question):
        pass

    with open_house(data_folder) as house:
        for ask in (
            lambda: house.services.doors.execute(house.ot, BurnEverything(house.child)),
            lambda: house.services.doors.ask(house.ot, SeeEverything()),
        ):
            with pytest.raises(NotPermitted, match="no-permission-declared"):
                ask()
        kinds_seen = [(x["kind"], x["outcome"]) for x in house.services.access.page(limit=2)]
        assert kinds_seen == [("SeeEverything", "refused"), ("BurnEverything", "refused")]
