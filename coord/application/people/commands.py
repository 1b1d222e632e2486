"""What can be done with people and their access: commands, as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from coord.application.declared import Command, Reason, command
from coord.domain.actors import Discipline, Role
from coord.domain.input import SHORT
from coord.domain.permissions import (
    administrator,
    administrator_or_lead,
    anyone_signed_in,
)
from coord.domain.rising import Way
from coord.domain.said import Said


@command(administrator, "Tried to register a person", makes="person_id")
class RegisterPerson(Command):
    """Register a person; the account, still without a password, is made beside it in the office. ``confirmed`` answers
    what was asked about a service team that nobody is in yet."""

    person_id: UUID
    name: Annotated[str, Said(most=SHORT)]
    email: Annotated[str, Said(most=SHORT)]
    role: Role
    discipline: Annotated[Discipline | None, Said("Therapists and students have a clinical one", null=True)] = None
    team: Annotated[str, Said("The service team, or a teacher's school", most=SHORT)] = ""
    confirmed: Sequence[str] = ()
    invite: Annotated[
        Way | None,
        Said("How they are given the link to choose a password. Null: mailed, where there is a mail server", null=True),
    ] = None


@command(administrator, "Tried to change a role")
class ChangePersonRole(Command):
    """Give a person another role or discipline."""

    person_id: UUID
    role: Role
    discipline: Discipline | None = None


@command(administrator, "Tried to give a further role")
class AddPersonRole(Command):
    """Give a person a role beside the one they have: they sign in once, and choose in which they are here.
    ``confirmed`` answers what was asked about a service team that nobody is in yet."""

    person_id: UUID
    role: Role
    discipline: Annotated[Discipline | None, Said("Therapists and students have a clinical one", null=True)] = None
    team: Annotated[str, Said("The service team, or a teacher's school", most=SHORT)] = ""
    confirmed: Sequence[str] = ()


@command(administrator, "Tried to end a further role")
class EndPersonRole(Command):
    """Take a further role away, at once; what was done in it keeps it. The first role is changed, not ended."""

    person_id: UUID
    role: Role
    reason: Reason


@command(administrator, "Tried to move a person")
class MovePerson(Command):
    """Put a person into another service team. ``confirmed`` answers what was asked about one that nobody is in yet."""

    person_id: UUID
    team: str
    confirmed: Sequence[str] = ()


@command(administrator, "Tried to change a person's email address")
class ChangePersonEmail(Command):
    """Give a person another email address; the account in the office follows it."""

    person_id: UUID
    email: Annotated[str, Said(most=SHORT)]


@command(administrator, "Tried to change a person's name")
class RenamePerson(Command):
    """Give a person another name, which colleagues see from now on; what was done before keeps the one of then."""

    person_id: UUID
    name: Annotated[str, Said(most=SHORT)]


@command(administrator, "Tried to disable a person")
class DisablePerson(Command):
    """Take a person's access away, at once and everywhere. What they leave behind is asked about."""

    person_id: UUID
    reason: Reason
    confirmed: Sequence[str] = ()


@command(administrator, "Tried to enable a person")
class EnablePerson(Command):
    """Give a person access again."""

    person_id: UUID
    reason: Reason


@command(administrator, "Tried to give somebody a new password")
class GivePassword(Command):
    """Give a person the link by which they choose a new password, or at the command line a one-time password (no
    ``way``): asked before it is made. Whoever sees children, or looks after accounts, is given one only after a second
    person has confirmed; the first time this proposes it. No secret is in it."""

    person_id: UUID
    way: Way | None = None


@command(administrator, "Tried to remove somebody's second factors")
class RemoveFactors(Command):
    """Remove all passkeys, one-time and recovery codes of somebody who has lost them; their password stays. Of whoever
    sees children, or looks after accounts, only when a second person has confirmed; the first time this proposes it."""

    person_id: UUID


@command(administrator, "Tried to change what somebody signs in with")
class NoteAccountChange(Command):
    """Keep in the record what is about to be done to what a person signs in with: ``invited``, ``sign-ins-ended``,
    ``token-issued``, ``token-ended``, ``factors-removed``; ``name`` is the token's."""

    person_id: UUID
    done: str
    name: str = ""


@command(anyone_signed_in, "Tried to choose a password by a link")
class ChoosePassword(Command):
    """Keep in the record that one has chosen a password of one's own by a link. No password is in it."""


@command(administrator_or_lead, "Tried to confirm a change that takes two people")
class ConfirmChange(Command):
    """Be the second person of what another one proposed; the change is made with it."""

    person_id: UUID
    proposal: int


@command(administrator_or_lead, "Tried to decline a change that takes two people")
class DeclineChange(Command):
    """Decline what another one proposed, or take one's own proposal back."""

    person_id: UUID
    proposal: int
