"""A command that says all that its route needs: the route is one line, and its shape follows from the declaration."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from datetime import date
from enum import Enum
from functools import partial
from inspect import cleandoc
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

from flask import Response
from marshmallow import Schema

from coord.application.declared import Command, Said
from coord.web.api import answers, schemas
from coord.web.api.fields import Day, Flag, Id, Items, Strict, choice, confirmed, id_, words
from coord.web.api.intake import expected_version
from coord.web.api.operations import ApiBlueprint, Condition, actor, new_id, operation, services

VERSION, CONFIRMED = "expected_version", "confirmed"


def sends(
    blueprint: ApiBlueprint,
    method: str,
    rule: str,
    command: type[Command],
    *,
    status: int = 200,
    makes: str = "",
    if_match: Condition | None = None,
    example: Mapping[str, Any] | None = None,
    about: str = "",
) -> None:
    """Register ``method rule`` as the way to send a command.

    What stands in the address are its fields of that name (``case`` is ``case_id``); ``expected_version`` comes as
    If-Match, needed where the field has no default or ``if_match`` says so; all other fields are the body, as `Said`
    describes them. ``makes`` names the field with the id of what the command makes, which may be sent. The
    documentation is ``about``, or what the command says of itself.

    Raises `TypeError` for a field of a kind that no body knows.
    """
    given = {_field(command, name): name for name in re.findall(r"<\w+:(\w+)>", rule)}
    enums = _enums(command)
    body = _body(command, {*given, VERSION, makes} - {""}, makes)
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
        said |= {(field := _field(command, name)): enums.get(field, _as_it_is)(value) for name, value in sent.items()}
        done = services().doors.execute(actor(), command(**said))
        return answers.receipt(done, status)

    view.__name__ = re.sub(r"(?<!^)(?=[A-Z])", "_", command.__name__).lower()
    view.__doc__ = cleandoc(about) or _documentation(command)
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


def _documentation(command: type[Command]) -> str:
    """The first sentence is the title; what follows, the description."""
    first, _, rest = " ".join((command.__doc__ or "").split()).replace("``", "`").partition(". ")
    return f"{first.rstrip('.')}\n\n{rest}" if rest else first.rstrip(".")


def _field(command: type[Command], name: str) -> str:
    """The field that is called ``name`` outside, where an id is named by what it is the id of."""
    return f"{name}_id" if f"{name}_id" in command.__dataclass_fields__ else name  # type: ignore[attr-defined]


def _may_be_left_out(field: Field[Any]) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


def _body(command: type[Command], elsewhere: set[str], makes: str) -> type[Schema]:
    """The shape of the body: what of the command's fields does not stand elsewhere."""
    hints = get_type_hints(command, include_extras=True)
    parts: dict[str, Any] = {
        field.name.removesuffix("_id"): _part(field, hints[field.name])
        for field in fields(command)  # type: ignore[arg-type]
        if field.name not in elsewhere and not _said(hints[field.name]).inside
    }
    if parts.keys() == {"reason"}:
        return schemas.Reason
    if makes:
        parts = {"id": id_(schemas.NEW_ID), **parts}
    doc = " ".join((command.__doc__ or "").split())
    return type(command.__name__, (Strict,), {**parts, "__doc__": doc}) if parts else schemas.Nothing


def _enums(command: type[Command]) -> dict[str, Callable[[Any], Any]]:
    """The fields whose words are an enumeration's, with what makes one of such a word."""
    kinds = {name: _kind(hint) for name, hint in get_type_hints(command).items()}
    return {n: partial(_one_of, kind) for n, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, Enum)}


def _one_of(kind: type[Enum], word: str | None) -> Enum | None:
    return None if word is None else kind(word)


def _as_it_is(value: Any) -> Any:
    return value


def _kind(hint: Any) -> Any:
    """What a field holds, if it holds anything: without what is said of it, and without None."""
    kind = get_args(hint)[0] if hasattr(hint, "__metadata__") else hint
    return next((k for k in get_args(kind) if k is not NoneType), kind) if NoneType in get_args(kind) else kind


def _said(hint: Any) -> Said:
    return next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, Said)), Said())


def _part(field: Field[Any], hint: Any) -> Any:
    if field.name == CONFIRMED:
        return confirmed()
    said, kind = _said(hint), _kind(hint)
    required = not _may_be_left_out(field)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return choice(*(str(one.value) for one in kind), required=required, about=said.about, null=said.null)
    if said.of:
        return choice(*(str(word) for word in said.of), required=required, about=said.about, null=said.null)
    if kind is str:
        return words(said.about, required=required, limit=said.most, null=said.null)
    if kind is UUID:
        return id_(said.about, required=required, null=said.null)
    described: dict[str, Any] = {"metadata": {"description": said.about} if said.about else {}, "required": required}
    if kind is bool:
        return Flag(allow_none=said.null, **described)
    if kind is date:
        return Day(allow_none=said.null, **described)
    if get_origin(kind) is Sequence and get_args(kind) == (UUID,):
        if said.most:
            described["metadata"] = {**described["metadata"], "maxItems": said.most}
        return Items(Id(), allow_none=said.null, **described)
    raise TypeError(f"{field.name}: a body knows no {kind}")
