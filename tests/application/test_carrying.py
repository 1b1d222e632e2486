"""Commands that only hand their fields to the decision which they call."""

from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest

from coord.application.carrying import CARRIED_OUT, asked_of, carries_out, said_by
from coord.application.declared import CaseCommand
from coord.application.policies.commands import ChangePolicy


def fits(given: Any, asked: Any) -> bool:
    """The same type; or, as a sequence for a collection, one that is as good."""
    if given == asked:
        return True
    of, wanted = get_origin(given), get_origin(asked)
    both = isinstance(of, type) and isinstance(wanted, type)
    return both and issubclass(of, wanted) and get_args(given) == get_args(asked)


@pytest.mark.parametrize("kind", list(CARRIED_OUT), ids=lambda kind: kind.__name__)
def test_a_field_means_to_the_command_what_it_means_to_its_decision(kind: Any):
    decision = CARRIED_OUT[kind]
    needed, possible = asked_of(decision)
    of_the_command, of_the_decision = get_type_hints(kind), get_type_hints(decision)
    for name in (needed | possible) & set(of_the_command):
        assert fits(of_the_command[name], of_the_decision[name]), name


def test_what_a_decision_asks_and_the_command_does_not_say_is_found_out_at_the_start():
    def decide(case: Any, *, at: Any, by: Any, colour: str) -> None:
        """Of a colour that no command names."""

    with pytest.raises(TypeError, match="ChangePolicy does not say colour"):
        carries_out(ChangePolicy, decide, lambda *_: (), lambda *_: None)  # type: ignore[arg-type]
    assert ChangePolicy not in CARRIED_OUT


def test_what_a_command_says_and_nobody_asks_for_is_found_out_too():
    def forgets(case: Any, *, at: Any, name: str, values: Any, reason: str) -> None:
        """Of the version, which the command says."""

    with pytest.raises(TypeError, match="nobody asks ChangePolicy for expected_version"):
        carries_out(ChangePolicy, forgets, lambda *_: (), lambda *_: None)  # type: ignore[arg-type]


def test_a_command_says_its_fields_and_the_door_who_and_when():
    assert {"case_id", "at", "by", "actor", "today"} <= said_by(CaseCommand)
    assert get_type_hints(CaseCommand)["case_id"] is UUID
