"""The shapes of requests and answers about the child's circle: who is around it without an account."""

from __future__ import annotations

from marshmallow import fields

from coord.domain.case.circle import Kinship
from coord.domain.input import REASON, SHORT
from coord.web.api.fields import Flag, Strict, choice, id_, whole, words
from coord.web.api.of_a_case import OfACase
from coord.web.api.schemas import NEW_ID

KINSHIPS = tuple(k.value for k in Kinship)


class NewInCircle(Strict):
    """Somebody to name, once."""

    id = id_(NEW_ID)
    name = words("What they are called", required=True, limit=SHORT)
    relation = choice(*KINSHIPS, required=True, about="What they are to the child")


class CircleChanges(Strict):
    """What should be said of them instead; the rest stays."""

    name = words("What they are called", limit=SHORT)
    relation = choice(*KINSHIPS)
    listed = Flag(metadata={"description": "False takes them off the list; what they told stays"})
    reason = words("Why", required=True, limit=REASON)


class JoinedName(Strict):
    """Whose a typed name is: what was told under it before, and what will be."""

    written = words("As it was typed; capitals and spaces make no difference", required=True, limit=SHORT)
    person = id_("Of the circle; null takes an earlier joining apart", required=True, null=True)


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
