"""The shapes of requests and answers about the people who use Coord."""

from __future__ import annotations

from marshmallow import fields

from coord.domain.input import REASON, SHORT
from coord.domain.rising import CHANGES
from coord.web.api.fields import Anything, Flag, Strict, Whole, Words, choice, confirmed, id_, time_, whole, words
from coord.web.api.schemas import DISCIPLINES, NEW_ID, ROLES, Person, Placed


class NewPerson(Strict):
    """Somebody who is to use Coord. Their password is set in the pages, or by `coord people`."""

    id = id_(NEW_ID)
    name = words(required=True, limit=SHORT)
    email = words(required=True, limit=SHORT)
    role = choice(*ROLES, required=True)
    discipline = choice(*DISCIPLINES, null=True, about="Therapists and students have a clinical one")
    team = words("The service team, or a teacher's school", limit=SHORT)
    confirmed = confirmed()


class PersonChanges(Strict):
    """Another role (with its discipline), another team, or both."""

    role = choice(*ROLES)
    discipline = choice(*DISCIPLINES, null=True)
    team = words(limit=SHORT)
    confirmed = confirmed()


class NewEmail(Strict):
    """Another address to sign in with."""

    email = words(required=True, limit=SHORT)


class PeopleQuery(Strict):
    """Whom to look for."""

    q = Words(most=SHORT, metadata={"description": "Part of a name"})


class Account(Strict):
    """Somebody who uses Coord. `email` and `since` are for administrators, and for oneself."""

    id = id_(required=True)
    name = words(required=True)
    email = words()
    role = choice(*ROLES, required=True)
    discipline = choice(*DISCIPLINES, required=True, null=True)
    team = words(required=True)
    active = Flag(required=True)
    since = time_()


class PeopleAnswer(Placed):
    """People by name."""

    items = fields.List(fields.Nested(Account), required=True)


class MeAnswer(Placed):
    """Who you are to Coord."""

    me = fields.Nested(Account, required=True, allow_none=True)


class Disabling(Strict):
    """Why a person's access is taken away; and what of it was asked about."""

    reason = words(required=True, limit=REASON)
    confirmed = confirmed()


class Proposal(Strict):
    """A change of somebody's account that takes two people: `change` is what, `wanted` how it would be then."""

    person = id_("Whose account", required=True)
    number = whole()
    name = words(required=True)
    role = choice(*ROLES, required=True, about="As it is")
    discipline = choice(*DISCIPLINES, required=True, null=True)
    team = words(required=True)
    change = choice(*CHANGES, required=True)
    wanted = Anything(required=True)
    teams = fields.List(fields.String(), required=True)
    confirmed = Flag(required=True, metadata={"description": "Whoever proposed the password may give it now"})
    proposed_by = fields.Nested(Person, required=True)
    proposed_at = time_(required=True)
    expires_at = time_(required=True)
    may = fields.List(
        fields.String(), required=True, metadata={"description": "What you can do: `confirm`, `decline`, `give`"}
    )


class ProposalsAnswer(Placed):
    """What waits, the oldest first."""

    items = fields.List(fields.Nested(Proposal), required=True)


class AfterPosition(Strict):
    """From where on."""

    after = Whole(0, 2**53, metadata={"description": "The position of the record that you have seen"})


class AccountChange(Strict):
    """Something that another person did to your account."""

    at = time_(required=True)
    kind = words(required=True)
    position = whole()
    detail = Anything(required=True)
    by = fields.Nested(Person, required=True)


class AccountChangesAnswer(Placed):
    """What others did, the newest first."""

    items = fields.List(fields.Nested(AccountChange), required=True)
