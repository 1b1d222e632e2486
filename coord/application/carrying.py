"""Commands that say all that their decision asks: the one handler of those that only hand their fields over."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

from coord.application.declared import DECLARED, Command, Receipt
from coord.application.doors import Work, answers
from coord.domain.case import Case

C = TypeVar("C", bound=Command)
CARRIED_OUT: dict[type[Command], Callable[..., Any]] = {}
"""Each such command with its decision."""


def carries_out(
    kind: type[C],
    decision: Callable[..., Any],
    about: Callable[[Work, C], tuple[Any, ...]],
    receipt: Callable[..., Receipt],
) -> None:
    """Let a command be carried out by the decision of the domain that it calls.

    The decision is called with what ``about`` finds (the case; the case and a goal), and with the fields of the command
    that it asks for by name; when, by whom and in which zone come from the door. ``receipt`` saves: it gets the same
    work, command and things. Raises `TypeError` at once where a decision asks for what the command does not say.
    """
    needed, possible = asked_of(_function(decision))
    said = said_by(kind)
    if unknown := needed - said:
        raise TypeError(f"{kind.__name__} does not say {', '.join(sorted(unknown))}")
    lost = {name for name in said - _DOOR.keys() - needed - possible if not name.endswith("_id")}
    if lost:  # an answer that was ticked, under another name
        raise TypeError(f"nobody asks {kind.__name__} for {', '.join(sorted(lost))}")
    CARRIED_OUT[kind] = decision

    @answers(kind)
    def carry_out(work: Work, command: C) -> Receipt:
        things = about(work, command)
        decide(work, decision, command, *things)
        return receipt(work, command, *things)


Find = Callable[[Work, Any], object]
_ABOUT: dict[str, tuple[Find, Callable[..., Receipt]]] = {}


def about(name: str, find: Find, receipt: Callable[..., Receipt]) -> None:
    """Of the decisions that ask for the case and a ``name`` (a goal, a note): how that is found, as far as the actor
    may read it, and what saves it; see `carries_out`."""
    _ABOUT[name] = find, receipt


def carry_out_what_is_declared() -> None:
    """Put behind the doors each command that names its decision, when all is known that decisions are about."""
    for one in DECLARED.values():
        if one.decision is not None:
            _carry_out(one.kind, one.decision)


def _carry_out(kind: type[Command], decision: Callable[..., Any]) -> None:
    _, name = (p.name for p in inspect.signature(decision).parameters.values() if p.kind is not p.KEYWORD_ONLY)
    find, receipt = _ABOUT[name]
    carries_out(kind, decision, lambda work, command: (work.the_case, find(work, command)), receipt)


def of_the_case(work: Work, _: Command) -> tuple[Case]:
    """For a command about a child: the case alone."""
    return (work.the_case,)


def decide(work: Work, decision: Callable[..., Any], command: Command, *things: Any, **more: Any) -> Any:
    """Call a decision with the fields of the command that it asks for, and give what it gives; ``more`` is what it asks
    for and the command does not say."""
    kind: Any = type(command)
    names = _said_to(_function(decision), kind)
    given = {name: _DOOR[name](work) if name in _DOOR else getattr(command, name) for name in names if name not in more}
    return decision(*things, **given, **more)


_DOOR: dict[str, Callable[[Work], Any]] = {
    "at": lambda work: work.now,
    "by": lambda work: work.actor.by(),
    "actor": lambda work: work.actor,
    "today": lambda work: work.today,
    "zone": lambda work: work.zone,
}
"""What the door knows beside the command."""


@cache
def _said_to(decision: Callable[..., Any], kind: type[Command]) -> frozenset[str]:
    """What a command, or the door, tells a decision."""
    needed, possible = asked_of(decision)
    return needed | (possible & said_by(kind))


def said_by(kind: type[Command]) -> frozenset[str]:
    """What a command says, and what the door knows beside it."""
    return frozenset(field.name for field in fields(kind)) | _DOOR.keys()  # type: ignore[arg-type]


def _function(decision: Callable[..., Any]) -> Callable[..., Any]:
    """Of a method the function: what is kept by it must not keep its object."""
    return getattr(decision, "__func__", decision)


@cache
def asked_of(decision: Callable[..., Any]) -> tuple[frozenset[str], frozenset[str]]:
    """What a decision has to be told by name, and what it may be told."""
    named = [p for p in inspect.signature(decision).parameters.values() if p.kind is p.KEYWORD_ONLY]
    needed = frozenset(p.name for p in named if p.default is p.empty)
    return needed, frozenset(p.name for p in named) - needed
