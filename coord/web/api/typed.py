"""An answer goes out as it is typed: what is written and what is documented both follow from its class.

A class is a frozen dataclass, or a typed dict for a row of a view and what an event keeps. Each field is told under its
own name (an id by what it is the id of), and so is each property whose answer is `Annotated` with `Said`. What stands
flat in an answer gives way to its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from operator import attrgetter, itemgetter
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    NotRequired,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)
from uuid import UUID

from marshmallow import Schema
from marshmallow import fields as shapes

from coord.domain.said import Said, said_of
from coord.web.api.answers import plain
from coord.web.api.fields import Anything, Day, Flag, Strict, Texts, choice, figure, id_, time_, words
from coord.web.api.hints import bare, is_enum, is_object, may_be_none

Write = Callable[[Any], Any]
_PLAIN: dict[Any, Callable[[str, bool], Any]] = {
    str: lambda about, null: words(about, required=True, null=null),
    UUID: lambda about, null: id_(about, required=True, null=null),
    datetime: lambda about, null: time_(about, required=True, null=null),
    datetime | date: lambda about, null: words(about, required=True, null=null),
    float: figure,
    date: lambda about, null: Day(required=True, allow_none=null, metadata=_about(about)),
    bool: lambda about, null: Flag(required=True, allow_none=null, metadata=_about(about)),
    int: lambda about, null: shapes.Integer(required=True, allow_none=null, metadata=_about(about)),
}


_EMPTY: tuple[Any, ...] = (None, {})
"""What of a member that may be absent says that it is."""


class Part(NamedTuple):
    """One member of an answer: what it is called outside and inside, its type, what is said of it, and whether it is
    ``always`` there."""

    name: str
    inside: str
    hint: Any
    said: Said
    always: bool = True


def told(answer: Any, kind: type | None = None) -> dict[str, Any]:
    """The answer as JSON knows it, times in UTC; ``kind`` is its class, which a row does not know itself."""
    found: dict[str, Any] = _written(kind or type(answer))(answer)
    return found


@cache
def shape(kind: type) -> type[Schema]:
    """What such an answer is made of, for the OpenAPI document. Raises `TypeError` for what is of no known type."""
    members: dict[str, Any] = {}
    for part in parts(kind):
        field = _field(part.hint, part.said)
        # What either of two parts has, one of which is there, is always there.
        field.required = not part.said.absent and (part.always or part.name in members)
        members[part.name] = field
    doc = " ".join((kind.__doc__ or "").split())
    return type(kind.__name__, (Strict,), {**members, "__doc__": doc})


def parts(kind: type) -> list[Part]:
    """Every member of an answer of this class: what stands flat in it, then its own, which wins."""
    own, found = _own(kind), list[Part]()
    for part in own:
        if part.said.flat:
            always = part.always and not may_be_none(part.hint)
            found += [inner._replace(always=inner.always and always) for inner in parts(bare(part.hint))]
    return found + [part for part in own if not part.said.flat]


def _own(kind: type) -> list[Part]:
    """The fields of this class, and its properties that are told."""
    hints = get_type_hints(kind, include_extras=True)
    names = [f.name for f in fields(kind)] if is_dataclass(kind) else list(hints)
    optional: Collection[str] = getattr(kind, "__optional_keys__", ())
    found: list[Part] = []
    for name, hint in [*((name, hints[name]) for name in names), *_told_properties(kind)]:
        always = name not in optional and get_origin(hint) is not NotRequired
        hint = get_args(hint)[0] if get_origin(hint) is NotRequired else hint
        said = said_of(hint)
        if not said.inside:
            found.append(Part(said.name or name.removesuffix("_id") or name, name, hint, said, always))
    return found


def _told_properties(kind: type) -> Iterator[tuple[str, Any]]:
    for base in reversed(kind.__mro__):
        for name, member in vars(base).items():
            if isinstance(member, property):
                hint = get_type_hints(member.fget, include_extras=True).get("return")
                if get_origin(hint) is Annotated:
                    yield name, hint


# ---- what is written ---------------------------------------------------------------------------------------------


@cache
def _written(kind: type) -> Write:
    get: Any = itemgetter if is_typeddict(kind) else attrgetter
    own = [part for part in _own(kind) if not part.said.flat]
    names = [part.name for part in own if part.always]
    values: Any = get(*(part.inside for part in own if part.always)) if names else None
    flat = [(get(part.inside), _written(bare(part.hint))) for part in _own(kind) if part.said.flat]
    perhaps = [(part.name, part.inside) for part in own if not part.always]
    changed = [(part.name, write) for part in own if (write := _write(part.hint)) is not None]
    absent = [part.name for part in own if part.said.absent]

    def write_all(value: Any) -> dict[str, Any]:
        found = dict(zip(names, values(value), strict=True)) if len(names) > 1 else {n: values(value) for n in names}
        for name, inside in perhaps:
            if inside in value:
                found[name] = value[inside]
        for name, write in changed:
            if (one := found.get(name)) is not None:
                found[name] = write(one)
        for name in absent:
            if found[name] in _EMPTY:
                del found[name]
        for inner, write in flat:
            if (one := inner(value)) is not None:
                found = write(one) | found  # what stands flat gives way
        return found

    return write_all


@cache
def _write(hint: Any) -> Write | None:
    """What makes JSON of a value of this type; None where it is that as it stands."""
    kind = bare(hint)
    if said_of(hint).null and not may_be_none(hint):
        return _or_null
    if is_object(kind):
        return _written(kind)
    if kind is datetime:
        return _in_utc
    origin = get_origin(kind)
    if origin in (Mapping, dict):
        each = _write(get_args(kind)[1])
        if each is None:
            return dict
        return each if each is plain else lambda found: {str(name): each(value) for name, value in found.items()}
    if isinstance(origin, type) and issubclass(origin, Set):
        return sorted
    if isinstance(origin, type) and issubclass(origin, Collection):
        one = _write(get_args(kind)[0])
        return list if one is None else lambda found: [one(value) for value in found]
    return plain if kind in (Any, datetime | date) else None


def _or_null(value: Any) -> Any:
    return value or None


def _in_utc(value: datetime) -> datetime:
    return value if value.tzinfo is UTC else value.astimezone(UTC)


# ---- what is documented ------------------------------------------------------------------------------------------


def _about(about: str) -> dict[str, Any]:
    return {"description": about} if about else {}


def _field(hint: Any, said: Said) -> Any:
    kind, null = bare(hint), said.null or (may_be_none(hint) and not said.absent)
    field = _single(UUID if said.id else date if said.day else kind, said, null)
    field.required = True
    return field


def _single(kind: Any, said: Said, null: bool) -> Any:
    origin = get_origin(kind)
    described: dict[str, Any] = {"allow_none": null, "metadata": _about(said.about)}
    if origin in (Mapping, dict):
        by, held = get_args(kind)
        if is_enum(by):
            members = {str(one): _field(held, Said()) for one in by}
            return shapes.Nested(type(f"By{by.__name__}", (Strict,), {**members}), **described)
        if held is str:
            return Texts(of=said.of, **described)
        return (
            Anything(**described)
            if held in (Any, object)
            else shapes.Dict(shapes.String(), _field(held, Said()), **described)
        )
    if isinstance(origin, type) and issubclass(origin, Sequence | Set | Collection):
        of_each = get_args(kind)[0]
        return shapes.List(_field(of_each, Said(of=said.of) if said.of else said_of(of_each)), **described)
    if said.open:
        return words(said.about, required=True, null=null, known=[*map(str, said.of)])
    words_of = said.of or (get_args(kind) if origin is Literal else kind if is_enum(kind) else ())
    if words_of:
        return choice(words_of, required=True, about=said.about, null=null)
    if is_object(kind):
        return shapes.Nested(shape(kind), **described)
    if kind is Any:
        return shapes.Raw(**described)
    if kind not in _PLAIN:
        raise TypeError(f"An answer knows no {kind}")
    return _PLAIN[kind](said.about, null)
