"""In the OpenAPI document the words of an enumeration stand once, under its name."""

from __future__ import annotations

from typing import Any

from coord.web.api.fields import ENUM, NAMES


def name_enumerations(document: dict[str, Any]) -> None:
    """Put each list of words that has a name (see `coord.web.api.fields.choice`) among the components, and refer to it.

    Raises `ValueError` where two lists, or a list and a shape, have one name.
    """
    shapes = document["components"]["schemas"]
    named: dict[str, Any] = {}
    _refer(document, named)
    if taken := named.keys() & shapes.keys():
        raise ValueError(f"An enumeration and a shape are called {taken}")
    shapes.update(sorted(named.items()))


def _refer(part: Any, named: dict[str, Any]) -> None:
    if isinstance(part, dict):
        if NAMES in part:
            part["propertyNames"] = part.pop(NAMES)
        for inner in part.values():
            _refer(inner, named)
        if (name := part.pop(ENUM, None)) is not None:
            words = {"type": "string", "enum": [word for word in part.pop("enum") if word is not None]}
            if named.setdefault(name, words) != words:
                raise ValueError(f"Two enumerations are called {name}")
            there = {"$ref": f"#/components/schemas/{name}"}
            may_be_null = "null" in part.pop("type")
            part.update({"anyOf": [there, {"type": "null"}]} if may_be_null else there)
    elif isinstance(part, list):
        for inner in part:
            _refer(inner, named)
