"""In which role a person is here: of what they have in one role nothing counts for another of theirs."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from coord.domain.actors import Actor

InRole = tuple[str, tuple[str, ...]]
"""The one role that counts, empty if not one alone; else those that do not. A statement is put together once for
each."""

IN_ANY: InRole = ("", ())
"""Whatever the role: for what somebody leaves behind."""


def role_of(actor: Actor) -> InRole:
    """What `Actor.is_here_by` says, for a statement."""
    return (actor.role.value, ()) if actor.further else ("", actor.apart)


def counts(role: ColumnElement[str], here: InRole) -> list[ColumnElement[bool]]:
    """That what somebody has in ``role`` counts; nothing to ask for where all of it does."""
    only, apart = here
    return [role == only] if only else [role.not_in(apart)] if apart else []
