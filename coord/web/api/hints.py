"""What a type hint says, for what is sent (`coord.web.api.routes`) and for what goes out (`coord.web.api.typed`)."""

from __future__ import annotations

from dataclasses import is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, is_typeddict


def bare(hint: Any) -> Any:
    """The type alone: without what is said of it, and without None."""
    if get_origin(hint) is Annotated:
        return bare(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        one, *more = (one for one in get_args(hint) if one is not NoneType)
        return hint if more else bare(one)
    return hint


def may_be_none(hint: Any) -> bool:
    """Whether None is among what it may be."""
    if get_origin(hint) is Annotated:
        return may_be_none(get_args(hint)[0])
    return get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint)


def is_enum(kind: Any) -> bool:
    """Whether its words stand in an enumeration."""
    return isinstance(kind, type) and issubclass(kind, Enum)


def is_content(kind: Any) -> bool:
    """Whether it has fields and can be made of them."""
    return isinstance(kind, type) and is_dataclass(kind)


def is_object(kind: Any) -> bool:
    """Whether it has fields: content, or a row of a view and what an event keeps."""
    return is_content(kind) or is_typeddict(kind)
