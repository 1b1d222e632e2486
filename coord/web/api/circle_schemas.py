"""The shapes of requests and answers about the child's circle: who is around it without an account."""

from __future__ import annotations

from marshmallow import fields

from coord.domain.case.circle import Kinship
from coord.web.api.fields import Flag, Strict, choice, id_, whole, words
from coord.web.api.of_a_case import OfACase

KINSHIPS = tuple(k.value for k in Kinship)


class Around(Strict):
    """Somebody who may have seen something: of the care team, or of the child's circle."""

    id = id_(required=True)
    kind = choice("team", "circle", required=True)
    name = words(required=True)
    relation = words(required=True)


class CirclePerson(Strict):
    """Somebody of the circle."""

    id = id_(required=True)
    name = words(required=True)
    relation = choice(*KINSHIPS, required=True)
    listed = Flag(required=True)
    version = whole("What a correction has to name in If-Match")


class TypedName(Strict):
    """A name that was only typed for who saw something."""

    written = words(required=True)
    observations = whole("That have it, of goals that you may read")
    person = id_("Who of the circle it is, if anybody said so", required=True, null=True)


class CircleAnswer(OfACase):
    """Who is around the child without an account, and the names that were only typed."""

    people = fields.List(fields.Nested(CirclePerson), required=True)
    typed = fields.List(fields.Nested(TypedName), required=True)
    may = fields.List(fields.String(), required=True)
