"""The shapes of requests and answers about the people who use Coord."""

from __future__ import annotations

from marshmallow import fields

from coord.domain.input import REASON, SHORT
from coord.web.api.fields import Flag, Strict, Words, choice, confirmed, id_, time_, words
from coord.web.api.schemas import DISCIPLINES, NEW_ID, ROLES, Placed


class NewPerson(Strict):
    """Somebody who is to use Coord. Their password is set in the pages, or by `coord people`."""

    id = id_(NEW_ID)
    name = words(required=True, limit=SHORT)
    email = words(required=True, limit=SHORT)
    role = choice(*ROLES, required=True)
    discipline = choice(*DISCIPLINES, null=True, about="Therapists and students have a clinical one")
    team = words("The service team, or a teacher's school", limit=SHORT)


class PersonChanges(Strict):
    """Another role (with its discipline), another team, or both."""

    role = choice(*ROLES)
    discipline = choice(*DISCIPLINES, null=True)
    team = words(limit=SHORT)


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
