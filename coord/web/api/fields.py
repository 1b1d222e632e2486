"""Fields of requests and answers (marshmallow): strict, and with codes where marshmallow puts sentences.

The codes are those of `coord.web.messages.FIELD_MESSAGES`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Sized
from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID

from marshmallow import RAISE, Schema, ValidationError, fields, pre_load, validate
from webargs.fields import DelimitedList

from coord.domain.errors import FieldProblem
from coord.domain.names import NAMES_ANOTHER_CHILD

Messages = dict[str, str | list[Any] | dict[Any, Any]]
_ID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", re.ASCII)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NUMBER = re.compile(r"\d{1,15}", re.ASCII)
ENUM = "x-enum"
"""In the description of a choice: the name of its words, which stand once in the document."""
NAMES = "x-propertyNames"
"""In the description of texts by name: which names there may be."""


class Coded:
    """Codes for marshmallow's own findings."""

    default_error_messages: Messages = {  # noqa: RUF012 - marshmallow collects these over the classes
        "required": "missing",
        "null": "missing",
        "validator_failed": "unknown-choice",
        "invalid": "wrong-type",
    }


class Words(Coded, fields.String):
    """Text, of whatever length the domain allows. ``most`` is the length of a query parameter, which it never sees."""

    default_error_messages: Messages = {"invalid": "not-text"}  # noqa: RUF012

    def __init__(self, *args: Any, most: int | None = None, **kwargs: Any) -> None:
        """With a description and an example in ``metadata``."""
        super().__init__(*args, **kwargs)
        self.most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if self.most is not None and len(value) > self.most:
            raise ValidationError([FieldProblem("", "too-long", {"limit": self.most, "length": len(value)})])
        return value


class Id(Coded, fields.UUID):
    """A UUID in its usual spelling."""

    default_error_messages: Messages = {"invalid_uuid": "not-an-id"}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> UUID:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if not _ID.fullmatch(value):
            raise self.make_error("invalid_uuid")
        return UUID(value)


class Moment(Coded, fields.DateTime):
    """A point in time as RFC 3339 spells it (ISO 8601 with seconds and zone); in UTC from here on."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        return moment(value)


def moment(text: str) -> datetime:
    """The time that ``text`` says. Raises `ValidationError` with a code."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValidationError("not-a-moment")
    if found[4] is None:
        raise ValidationError("no-time-zone")
    try:
        zone = "+00:00" if found[4] in "Zz" else found[4]
        return datetime.fromisoformat(f"{found[1]}T{found[2]}{(found[3] or '')[:7]}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValidationError("not-a-moment") from None


class Day(Coded, fields.Date):
    """A date as ISO 8601 spells it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if not _DAY.fullmatch(value):
            raise ValidationError("not-an-iso-date")
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValidationError("not-an-iso-date") from None


class Flag(Coded, fields.Boolean):
    """True or false, and nothing that looks like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Whole(Coded, fields.Integer):
    """A whole number of a query parameter, from ``least`` to ``most``."""

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        """Both bounds belong to it."""
        bounds = {"minimum": least, "maximum": most}
        super().__init__(metadata={**kwargs.pop("metadata", {}), **bounds}, **kwargs)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or not re.fullmatch(r"-?\d+", value, re.ASCII):
            raise self.make_error("invalid")
        number = int(value) if len(value) <= 15 else self.most + 1
        _refuse_beyond(number, self.least, self.most)
        return number


class Switch(Coded, fields.Boolean):
    """A query parameter that is ``true`` or ``false``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if value not in ("true", "false"):
            raise self.make_error("invalid")
        return bool(value == "true")


class WholeNumber(Coded, fields.Integer):
    """A whole number of a body, from ``least`` to ``most``: what is beyond them need not even fit into 64 bits."""

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        """Both bounds belong to it."""
        bounds = {"minimum": least, "maximum": most}
        super().__init__(metadata={**kwargs.pop("metadata", {}), **bounds}, **kwargs)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid")
        _refuse_beyond(value, self.least, self.most)
        return value


class AnyNumber(Coded, fields.Float):
    """The same for any number, as it was sent: 12 stays 12."""

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        """Both bounds belong to it."""
        bounds = {"minimum": least, "maximum": most}
        super().__init__(metadata={**kwargs.pop("metadata", {}), **bounds}, **kwargs)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid")
        _refuse_beyond(value, self.least, self.most)
        return value


def _refuse_beyond(value: float, least: int, most: int) -> None:
    if not least <= value <= most:
        raise ValidationError([FieldProblem("", "out-of-range", {"least": least, "most": most})])


class Count(Coded, fields.Integer):
    """A whole number of a body. ``least`` and ``most`` are documented here and held by the domain."""

    def __init__(self, least: int, most: int, **kwargs: Any) -> None:
        """Both bounds belong to it."""
        bounds = {"minimum": least, "maximum": most}
        super().__init__(metadata={**kwargs.pop("metadata", {}), **bounds}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid")
        return value


class PlaceOrMoment(Coded, fields.String):
    """``as_of``: a position in the record, or a time."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            return int(value)
        return moment(str(value))


class Texts(Coded, fields.Dict):
    """Texts by name, such as the sections of a note."""

    def __init__(self, *, of: Iterable[str] = (), metadata: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        """Both name and text are text; ``of`` are the names that there may be, documented here and held by the
        domain."""
        names = {NAMES: {"type": "string", "enum": list(map(str, of)), ENUM: _called(of)}} if of else {}
        super().__init__(keys=fields.String(), values=fields.String(), metadata={**(metadata or {}), **names}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, str]:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        wrong = {name: ["not-text"] for name, text in value.items() if not isinstance(text, str)}
        if wrong:
            raise ValidationError(wrong)
        return value


class Items(Coded, fields.List[Any]):
    """A list."""


class Several(Coded, DelimitedList):
    """A list in one query parameter, with commas between: a parameter comes once. Nothing is an empty list."""


class Part(Coded, fields.Nested):
    """An object in an object."""

    default_error_messages: Messages = {"type": "wrong-type"}  # noqa: RUF012


class Anything(fields.Dict):
    """An object whose members depend on the kind of thing; answers only."""


class Strict(Schema):
    """Nothing but what is named."""

    error_messages = {"unknown": "unknown-field", "type": "wrong-type"}  # noqa: RUF012

    class Meta:
        unknown = RAISE

    @pre_load
    def _leave_null_out(self, data: Any, **_more: Any) -> Any:
        """See `null_is_left_out`."""
        if not type(self).__dict__.get("NULL_IS_LEFT_OUT") or not isinstance(data, dict) or None not in data.values():
            return data
        optional = {part.data_key or name for name, part in self.load_fields.items() if not part.required}
        return {name: value for name, value in data.items() if value is not None or name not in optional}


def null_is_left_out(schema: type[Schema], *, changes: bool = False) -> None:
    """In what is sent with this shape, and in all that stands in it, an optional field that is null is left out.

    Of ``changes`` that is so only for what stands in them: what is left out of them stays as it is, so that null has
    to say that there is none, where there may be none.
    """
    for name, part in schema._declared_fields.items():
        held = part.inner if isinstance(part, fields.List) else part
        if isinstance(held, fields.Nested) and isinstance(held.nested, type) and issubclass(held.nested, Schema):
            null_is_left_out(held.nested)
        if not changes and not part.required and not part.allow_none:
            nullable = deepcopy(part)  # it may be a field of other shapes too
            nullable.allow_none = True
            schema._declared_fields[name] = nullable
    if not changes:
        schema.NULL_IS_LEFT_OUT = True  # type: ignore[attr-defined]


def _called(words: Iterable[str]) -> str:
    """The name of these words, if they have one."""
    return words.__name__ if isinstance(words, type) else ""


def choice(of: Iterable[str], *, required: bool = False, about: str = "", null: bool = False) -> Words:
    """One of a few words: those of an enumeration, by its name, or others."""
    metadata, name = {"description": about} if about else {}, _called(of)
    return Words(
        required=required,
        allow_none=null,
        validate=validate.OneOf([*map(str, of)], error="unknown-choice"),
        metadata=metadata | ({ENUM: name} if name else {}),
    )


Lengthy = TypeVar("Lengthy", bound=Sized)


class AtMost(validate.Length):
    """No more than ``max``; the problem says how many that is."""

    def __call__(self, value: Lengthy) -> Lengthy:
        """The value as it is. Raises `ValidationError`."""
        if self.max is not None and len(value) > self.max:
            raise ValidationError([FieldProblem("", "too-many", {"limit": self.max})])
        return value


OPEN = "x-extensible-enum"
"""In the description of a text: the words that it can be today, where more may come."""


def words(
    about: str = "",
    *,
    required: bool = False,
    limit: int | None = None,
    null: bool = False,
    known: Sequence[str] = (),
) -> Words:
    """A text; ``limit`` is documented here and held by the domain. Of an answer, ``known`` are its words of today."""
    metadata: dict[str, Any] = {"description": about} if about else {}
    if limit:
        metadata["maxLength"] = limit
    if known:
        metadata[OPEN] = list(known)
    return Words(required=required, allow_none=null, metadata=metadata)


def id_(about: str = "", *, required: bool = False, null: bool = False) -> Id:
    """A UUID."""
    return Id(required=required, allow_none=null, metadata={"description": about} if about else {})


def time_(about: str = "", *, required: bool = False, null: bool = False, key: str | None = None) -> Moment:
    """A time with its zone."""
    return Moment(required=required, allow_none=null, data_key=key, metadata={"description": about} if about else {})


def whole(about: str = "", null: bool = False) -> fields.Integer:
    """A whole number of an answer."""
    return fields.Integer(required=True, allow_none=null, metadata={"description": about} if about else {})


def number(least: int, most: int, about: str = "", *, required: bool = False) -> WholeNumber:
    """A whole number of a request, from ``least`` to ``most``; null where it is not required."""
    metadata = {"description": about} if about else {}
    return WholeNumber(least, most, required=required, allow_none=not required, metadata=metadata)


def figure(about: str = "", null: bool = False) -> fields.Float:
    """A number of an answer, not rounded."""
    return fields.Float(required=True, allow_none=null, metadata={"description": about} if about else {})


def names_confirmed() -> Flag:
    """What answered every question about a child's name before each had an answer of its own."""
    about = "Older: answers every `names-another-child` at once. `confirmed` answers each for just its words"
    return Flag(metadata={"description": about, "deprecated": True})


def answers_in(body: dict[str, Any]) -> tuple[str, ...]:
    """The answers among what was sent, taken out of it: those of `confirmed`, and what `names_confirmed` stands for."""
    every_name = (NAMES_ANOTHER_CHILD,) if body.pop("names_confirmed", False) else ()
    return (*body.pop("confirmed", ()), *every_name)


def confirmed() -> Items:
    """The answers to what a command asked about (`answer` of an error): what is meant as it is."""
    about = "What was asked about and is meant as it is: the `answer` of each such error of the refusal before"
    return Items(words(limit=100), validate=AtMost(max=100), metadata={"description": about})
