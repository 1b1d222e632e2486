"""A route is one line: what goes in and comes out follows from the declaration of its command or question."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from datetime import date, datetime
from enum import Enum
from inspect import cleandoc
from operator import attrgetter, itemgetter
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict
from uuid import UUID

from flask import Response
from marshmallow import Schema

from coord.application.declared import Command, Question
from coord.domain.said import said_of
from coord.web.api import answers, schemas
from coord.web.api.fields import Day, Flag, Id, Items, Strict, Texts, choice, confirmed, id_, time_, words
from coord.web.api.intake import expected_version
from coord.web.api.operations import PREFIX, ApiBlueprint, Condition, actor, new_id, operation, services
from coord.web.api.typed import shape, told

VERSION, CONFIRMED = "expected_version", "confirmed"


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
    example: Mapping[str, Any] | None = None,
    about: str = "",
) -> None:
    """Register ``method rule`` as the way to send a command.

    What stands in the address are its fields of that name (``case`` is ``case_id``); ``expected_version`` comes as
    If-Match, needed where the field has no default or ``if_match`` says so; all other fields are the body, as `Said`
    describes them. ``makes`` names the field with the id of what the command makes, which may be sent; ``at`` is where
    that is found then (``/cases/{id}``). The documentation is ``about``, or what the command says of itself.

    A field with a domain's content (`Said.flat`) is told part by part. Raises `TypeError` for a field of a kind that
    no body knows.
    """
    given = _in_the_address(command, rule)
    body = _body(command, {*given, VERSION, makes} - {""}, makes)
    filled = _filled(command)
    versions = [f for f in fields(command) if f.name == VERSION]  # type: ignore[arg-type]
    condition: Condition = "none" if not versions else "optional" if _may_be_left_out(versions[0]) else "required"
    condition = if_match or condition

    def view(*, body: dict[str, Any] | None = None, **address: Any) -> Response:
        said = {name: address[part] for name, part in given.items()}
        if condition != "none":
            said[VERSION] = expected_version(required=condition == "required")
        sent = dict(body or {})
        if makes:
            said[makes] = new_id(sent.pop("id", None))
        done = services().doors.execute(actor(), command(**said, **filled(sent)))
        location = PREFIX + at.format(id=done.id, version=done.version, **address) if at else None
        return answers.receipt(done, status, location=location)

    _described(view, command, about)
    operation(
        blueprint,
        method,
        rule,
        body=body,
        answer=schemas.Receipt,
        status=status,
        if_match=condition,
        example=example,
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

    What stands in the address are its fields of that name; ``query`` has others under their own names. It goes out as
    ``answer`` is typed (`coord.web.api.typed`): the class of what the doors answer, or one with some of its fields.
    ``etag`` names the field with the version that an edit has to name, ``name`` the operation, where a question has
    several.
    """
    given = _in_the_address(question, rule)
    version: Any = (itemgetter if is_typeddict(answer) else attrgetter)(etag) if etag else None

    def view(*, query: dict[str, Any] | None = None, **address: Any) -> Response:
        said = {name: address[part] for name, part in given.items()}
        found = services().doors.ask(actor(), question(**said, **(query or {})))
        return answers.json_answer(told(found, answer), etag=version(found) if etag else None)

    _described(view, question, about, name)
    operation(blueprint, "GET", rule, query=query, answer=shape(answer))(view)


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
    enums = {name: one for name, hint in hints.items() if _is_enum(one := _kind(hint))}
    contents = {name: content for name, hint in hints.items() if (content := _content(hint))}
    within = {name: (content, _filled(content), set(_parts(content))) for name, content in contents.items()}

    def fill(sent: dict[str, Any]) -> dict[str, Any]:
        filled = {
            name: content(**inner({part: sent.pop(part) for part in names & sent.keys()}))
            for name, (content, inner, names) in within.items()
        }
        for name, value in sent.items():
            field = _field(kind, name)
            filled[field] = _one_of(enums[field], value) if field in enums else value
        return filled

    return fill


def _content(hint: Any) -> Any:
    """The class of a field whose own fields stand among those of the body; None for any other."""
    return _kind(hint) if said_of(hint).flat else None


def _may_be_left_out(field: Field[Any]) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


def _body(command: type[Command], elsewhere: set[str], makes: str) -> type[Schema]:
    """The shape of the body: what of the command's fields does not stand elsewhere."""
    parts = _parts(command, elsewhere)
    if parts.keys() == {"reason"}:
        return schemas.Reason
    if makes:
        parts = {"id": id_(schemas.NEW_ID), **parts}
    doc = " ".join((command.__doc__ or "").split())
    return type(command.__name__, (Strict,), {**parts, "__doc__": doc}) if parts else schemas.Nothing


def _parts(kind: Any, elsewhere: Collection[str] = ()) -> dict[str, Any]:
    """What can be sent of a declaration, or of content, by its name outside."""
    hints = get_type_hints(kind, include_extras=True)
    parts: dict[str, Any] = {}
    for field in fields(kind):
        hint = hints[field.name]
        if content := _content(hint):
            parts |= _parts(content)
        elif field.name not in elsewhere and not said_of(hint).inside:
            parts[field.name.removesuffix("_id")] = _part(field, hint)
    return parts


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def _one_of(kind: type[Enum], word: str | None) -> Enum | None:
    return None if word is None else kind(word)


def _kind(hint: Any) -> Any:
    """What a field holds, if it holds anything: without what is said of it, and without None."""
    kind = get_args(hint)[0] if hasattr(hint, "__metadata__") else hint
    return next((k for k in get_args(kind) if k is not NoneType), kind) if NoneType in get_args(kind) else kind


def _part(field: Field[Any], hint: Any) -> Any:
    if field.name == CONFIRMED:
        return confirmed()
    said, kind = said_of(hint), _kind(hint)
    required = not _may_be_left_out(field)
    if _is_enum(kind):
        return choice(*map(str, kind), required=required, about=said.about, null=said.null, name=kind.__name__)
    described: dict[str, Any] = {"metadata": {"description": said.about} if said.about else {}, "required": required}
    if kind == Mapping[str, str]:
        return Texts(of=said.of, allow_none=said.null, **described)
    if said.of:
        name = said.of.__name__ if isinstance(said.of, type) else ""
        return choice(*map(str, said.of), required=required, about=said.about, null=said.null, name=name)
    if kind is str:
        return words(said.about, required=required, limit=said.most, null=said.null)
    if kind is UUID:
        return id_(said.about, required=required, null=said.null)
    if kind is bool:
        return Flag(allow_none=said.null, **described)
    if kind is datetime:
        return time_(said.about, required=required, null=said.null)
    if kind is date:
        return Day(allow_none=said.null, **described)
    if get_origin(kind) is Sequence and (held := get_args(kind)[0]) in (UUID, str):
        if said.most:
            described["metadata"] = {**described["metadata"], "maxItems": said.most}
        return Items(Id() if held is UUID else words(), allow_none=said.null, **described)
    raise TypeError(f"{field.name}: a body knows no {kind}")
