"""A route is one line: what goes in and comes out follows from the declaration of its command or question."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from inspect import cleandoc
from operator import attrgetter, itemgetter
from typing import Any, cast, get_args, get_origin, get_type_hints, is_typeddict
from uuid import UUID

from flask import Response
from marshmallow import Schema

from coord.application.declared import Command, Question, Receipt
from coord.domain.said import said_of
from coord.web.api import answers, schemas
from coord.web.api.fields import (
    AnyNumber,
    Count,
    Day,
    Flag,
    Items,
    Part,
    Strict,
    Texts,
    answers_in,
    choice,
    confirmed,
    id_,
    names_confirmed,
    time_,
    words,
)
from coord.web.api.hints import bare, is_content, is_enum
from coord.web.api.intake import expected_version
from coord.web.api.levels import Levels
from coord.web.api.operations import PREFIX, ApiBlueprint, Condition, actor, new_id, operation, services
from coord.web.api.typed import shape, told

VERSION, CONFIRMED = "expected_version", "confirmed"
_NUMBERS: Mapping[Any, type[Count | AnyNumber]] = {int: Count, float: AnyNumber}


def sends(
    blueprint: ApiBlueprint,
    method: str,
    rule: str,
    command: type[Command],
    *,
    status: int = 200,
    makes: str = "",
    at: str = "",
    if_match: Condition | None = None,
    etag: bool = True,
    standing: Callable[..., Mapping[str, Any]] | None = None,
    older: bool = False,
    name: str = "",
    execute: Callable[[Any], Receipt] | None = None,
    body: type[Schema] | None = None,
    example: Mapping[str, Any] | None = None,
    about: str = "",
) -> None:
    """Register ``method rule`` as the way to send a command.

    What stands in the address are its fields of that name (``case`` is ``case_id``); ``expected_version`` comes as
    If-Match, needed where the field has no default or ``if_match`` says so; all other fields are the body, as `Said`
    describes them. ``makes`` names the field with the id of what the command makes, which may be sent; ``at`` is where
    that is found then (``/cases/{id}``). Without ``etag`` the version is that of nothing one edits. ``execute`` carries
    the command out where the doors are not all that it takes.
    Where what stands stays unless it is sent, ``standing`` tells it, as it would be sent, by what the address has.
    ``older``: `names_confirmed` is taken beside ``confirmed``. The documentation is ``about``, or what the command says
    of itself; ``name`` is the operation's, where that is not the command's, and ``body`` the shape of a body that no
    type says.

    A field with a domain's content (`Said.flat`) is told part by part. Raises `TypeError` for a field of a kind that
    no body knows.
    """
    given = _in_the_address(command, rule)
    sent_as = body or _body(command, {*given, VERSION, makes} - {""}, makes, changes=standing is not None, older=older)
    filled = _filled(command)
    versions = [f for f in fields(command) if f.name == VERSION]  # type: ignore[arg-type]
    condition: Condition = "none" if not versions else "optional" if _may_be_left_out(versions[0]) else "required"
    condition = if_match or condition

    def view(*, body: dict[str, Any] | None = None, **address: Any) -> Response:
        said = {name: address[part] for name, part in given.items()}
        if condition != "none":
            said[VERSION] = expected_version(required=condition == "required")
        sent = {**(standing(**address) if standing else {}), **(body or {})}
        if older:
            sent[CONFIRMED] = answers_in(sent)
        if makes:
            said[makes] = new_id(sent.pop("id", None))
        meant = command(**said, **filled(sent))
        done = execute(meant) if execute else services().doors.execute(actor(), meant)
        location = PREFIX + at.format(id=done.id, version=done.version, **address) if at else None
        return answers.receipt(done, status, location=location, etag=etag)

    _described(view, command, about, name)
    operation(
        blueprint,
        method,
        rule,
        body=sent_as,
        answer=schemas.Receipt,
        status=status,
        if_match=condition,
        example=example,
        etag=etag,
        located=bool(at),
    )(view)


def reads(
    blueprint: ApiBlueprint,
    rule: str,
    question: type[Question],
    answer: type,
    *,
    name: str = "",
    query: type[Schema] | None = None,
    etag: str = "",
    about: str = "",
) -> None:
    """Register ``GET rule`` as the way to ask a question.

    What stands in the address are its fields of that name; ``query`` has others likewise (those of
    one that stands flat, too). It goes out as
    ``answer`` is typed (`coord.web.api.typed`): the class of what the doors answer, or one with some of its fields.
    ``etag`` names the field with the version that an edit has to name, ``name`` the operation, where a question has
    several.
    """
    given, filled = _in_the_address(question, rule), _filled(question)
    version: Any = (itemgetter if is_typeddict(answer) else attrgetter)(etag) if etag else None

    def view(*, query: dict[str, Any] | None = None, **address: Any) -> Response:
        said = {name: address[part] for name, part in given.items()}
        said |= filled(dict(query or {}))
        found = services().doors.ask(actor(), question(**said))
        return answers.json_answer(told(found, answer), etag=version(found) if etag else None)

    _described(view, question, about, name)
    operation(blueprint, "GET", rule, query=query, answer=shape(answer), etag=bool(etag))(view)


def _described(view: Any, kind: type[Command] | type[Question], about: str, name: str = "") -> None:
    """The operation's name is the declaration's, or ``name``; of its text, the first sentence is the title."""
    view.__name__ = name or re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
    first, _, rest = " ".join((kind.__doc__ or "").split()).replace("``", "`").partition(". ")
    own = f"{first.rstrip('.')}\n\n{rest}" if rest else first.rstrip(".")
    view.__doc__ = cleandoc(about) or own


def _in_the_address(kind: type, rule: str) -> dict[str, str]:
    """The fields that stand in the address, each with what it is called there."""
    return {_field(kind, name): name for name in re.findall(r"<\w+:(\w+)>", rule)}


def _field(kind: type, name: str) -> str:
    """The field that is called ``name`` outside, where an id is named by what it is the id of."""
    return f"{name}_id" if f"{name}_id" in kind.__dataclass_fields__ else name  # type: ignore[attr-defined]


def _filled(kind: type) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """What makes the fields of a declaration, or of content, of what was sent under the names outside."""
    hints = get_type_hints(kind, include_extras=True)
    made = {name: make for name, hint in hints.items() if (make := _made(hint))}
    within = {name: (made[name], set(_parts(held))) for name, hint in hints.items() if (held := _content(hint))}

    def fill(sent: dict[str, Any]) -> dict[str, Any]:
        filled = {
            name: make({part: sent.pop(part) for part in names & sent.keys()}) for name, (make, names) in within.items()
        }
        for name, value in sent.items():
            field = _field(kind, name)
            filled[field] = made[field](value) if field in made and value is not None else value
        return filled

    return fill


def _made(hint: Any) -> Callable[[Any], Any] | None:
    """What makes the value of a field of what was sent for it; None where it is that as it stands."""
    kind, each = bare(hint), said_of(hint).each
    if each:
        names = list(get_type_hints(each))
        return lambda sent: [tuple(one[name] for name in names) for one in sent]
    if is_enum(kind):
        return cast("Callable[[Any], Any]", kind)
    if is_content(kind):
        fill = _filled(kind)
        return lambda sent: kind(**fill(sent))
    one = _made(get_args(kind)[0]) if get_origin(kind) is Sequence else None
    return (lambda sent: [one(each) for each in sent]) if one else None


def _content(hint: Any) -> Any:
    """The class of a field whose own fields stand among those of the body; None for any other."""
    return bare(hint) if said_of(hint).flat else None


def _may_be_left_out(field: Field[Any]) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


def _body(command: type[Command], elsewhere: set[str], makes: str, *, changes: bool, older: bool) -> type[Schema]:
    """The shape of the body: what of the command's fields does not stand elsewhere. Of ``changes`` only why is
    needed."""
    parts = _parts(command, elsewhere)
    for name in parts if changes else ():
        parts[name].required = name == "reason"
    if older:
        parts["names_confirmed"] = names_confirmed()
    if parts.keys() == {"reason"}:
        return schemas.Reason
    if makes:
        parts = {"id": id_(schemas.NEW_ID), **parts}
    return content(command, parts) if parts else schemas.Nothing


def _parts(kind: Any, elsewhere: Collection[str] = ()) -> dict[str, Any]:
    """What can be sent of a declaration, or of content, by its name outside."""
    hints = get_type_hints(kind, include_extras=True)
    parts: dict[str, Any] = {}
    optional = {f.name for f in fields(kind) if _may_be_left_out(f)} if is_dataclass(kind) else set()
    for name, hint in hints.items():
        if held := _content(hint):
            parts |= _parts(held)
        elif name not in elsewhere and not said_of(hint).inside:
            parts[name.removesuffix("_id")] = _part(name, hint, required=name not in optional)
    return parts


def content(kind: type, parts: Mapping[str, Any] | None = None) -> type[Schema]:
    """The shape of such content as it is sent; with other ``parts`` than all of it, where they are given. What is a
    typed dict may be told in an answer too, under its own name."""
    doc, name = " ".join((kind.__doc__ or "").split()), f"{'New' if is_typeddict(kind) else ''}{kind.__name__}"
    return type(name, (Strict,), {**(_parts(kind) if parts is None else parts), "__doc__": doc})


def _part(name: str, hint: Any, *, required: bool) -> Any:
    if name == CONFIRMED:
        return confirmed()
    some = get_origin(bare(hint)) is Sequence and bool(said_of(hint).least)  # a list that has to have something
    return _of_kind(hint, required=some or required)


def _of_kind(hint: Any, *, required: bool = False) -> Any:
    said, kind = said_of(hint), bare(hint)
    words_of = said.of or (kind if is_enum(kind) else ())
    if words_of and kind != Mapping[str, str]:
        return choice(words_of, required=required, about=said.about, null=said.null)
    if kind is str:
        return words(said.about, required=required, limit=said.most, null=said.null)
    if kind is UUID:
        return id_(said.about, required=required, null=said.null)
    if kind is datetime:
        return time_(said.about, required=required, null=said.null)
    described: dict[str, Any] = {"metadata": {"description": said.about} if said.about else {}}
    described |= {"required": required, "allow_none": said.null}
    if kind is bool:
        return Flag(**described)
    if kind is date:
        return Day(**described)
    if kind in _NUMBERS and said.least is not None and said.most is not None:
        return _NUMBERS[kind](said.least, said.most, **described)
    if kind == Mapping[int, str]:
        return Levels(**described)
    if get_origin(kind) is Sequence:
        described["metadata"] |= {"maxItems": said.most} if said.most else {}
        return Items(Part(_shape(said.each)) if said.each else _of_kind(get_args(kind)[0]), **described)
    if kind == Mapping[str, str]:
        return Texts(of=said.of, **described)
    if is_content(kind):
        return Part(_shape(kind), **described)
    raise TypeError(f"A body knows no {kind}")


@cache
def _shape(kind: type) -> type[Schema]:
    """The shape of an object in a body; one shape wherever it stands."""
    return content(kind)
