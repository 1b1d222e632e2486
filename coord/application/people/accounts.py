"""Changes of a person that their account takes part in: an email address, a confirmation by a second person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from coord.application.declared import Receipt
from coord.application.doors import Doors
from coord.application.people.commands import (
    ChangePersonEmail,
    ConfirmChange,
)
from coord.application.people.handlers import PROPOSED
from coord.application.people.questions import (
    ReadAccounts,
    ReadProposals,
)
from coord.application.people.ways_in import Accounts, WaysIn
from coord.domain.actors import Actor
from coord.domain.errors import Conflict, FieldProblem, InvalidInput, NotFound
from coord.domain.rising import Way


def give_email(
    doors: Doors,
    accounts: Accounts,
    end_sign_ins: Callable[[UUID, str, datetime], object],
    actor: Actor,
    person_id: UUID,
    email: str,
) -> Receipt:
    """Another address in the record, and then in the account, whose sign-ins end.

    Sent again, it completes what a crash left undone.
    Raises `InvalidInput` for an address that is none, or that another person or account has.
    """
    people = doors.ask(actor, ReadAccounts()).items  # who may not do this learns of no account
    before = next((person["email"] for person in people if person["person_id"] == person_id), None)
    if before is None:
        raise NotFound("no-such-person")
    account, holder = accounts.by_person(person_id), accounts.by_email(email)
    others = {person["email"] for person in people if person["person_id"] != person_id}
    if email.strip().lower() in others or (holder is not None and holder.person_id != person_id):
        raise InvalidInput([FieldProblem("/email", "email-taken")])
    receipt = doors.execute(actor, ChangePersonEmail(person_id, email))
    if receipt.status == PROPOSED:
        return receipt
    if account is None or holder is not None:  # nobody can sign in yet; or it is theirs already
        return receipt
    end_sign_ins(person_id, "email-changed", doors.clock())
    try:
        accounts.change_email(person_id, email)
    except Conflict as taken:  # by somebody else in this very moment: the record goes back to what holds
        doors.execute(actor, ChangePersonEmail(person_id, before))
        raise InvalidInput([FieldProblem("/email", "email-taken")]) from taken
    return receipt


def confirm(
    doors: Doors,
    accounts: Accounts,
    end_sign_ins: Callable[[UUID, str, datetime], object],
    end_everything: Callable[[UUID], None],
    remove_factors: Callable[[UUID], object],
    ways: WaysIn,
    actor: Actor,
    person_id: UUID,
    proposal: int,
) -> tuple[Receipt, str]:
    """Confirm what was proposed, and let the account follow the record: another address, access again, no factors, or
    the mail that invites somebody new. Beside the receipt, what follows: ``confirmed`` (it is done), ``invited``, or
    ``give`` (whoever proposed it gives the password or the letter now).

    Raises `InvalidInput` for an address that another account has taken since it was proposed.
    """
    asked = doors.ask(actor, ReadProposals()).items
    row = next((r for r in asked if (r["person_id"], r["number"]) == (person_id, proposal)), None)
    change, email = (row["change"], row["wanted"].get("email")) if row else ("", None)
    account, holder = accounts.by_person(person_id), accounts.by_email(email) if email else None
    if holder is not None and holder.person_id != person_id:
        raise InvalidInput([FieldProblem("/email", "email-taken")])
    if change == "access":
        end_everything(person_id)  # a crash may have left some open when access was taken away
    receipt = doors.execute(actor, ConfirmChange(person_id, proposal))
    if account is not None and change in ("access", "registration"):
        accounts.set_active(person_id, True)
    if account is not None and email:
        end_sign_ins(person_id, "email-changed", doors.clock())
        accounts.change_email(person_id, email)
    if change == "factors":
        remove_factors(person_id)
        end_sign_ins(person_id, "factors-removed", doors.clock())
    invite = row["wanted"].get("invite") if row else None
    if change == "registration" and account is not None and invite == Way.MAIL:
        ways.made(account, Way.MAIL)
        return receipt, "invited"
    return receipt, "give" if change == "password" or invite == Way.LETTER else "confirmed"
