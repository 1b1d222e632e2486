"""Write docs/events.md from the events themselves: ``python -m tools.events_page``. A test asks for it.

What an event means is said where it is defined: by its class, beside each of its fields, and by the function that turns
an older version into the present one. What decides it and which views show something of it is found in the code.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import cast

import coord.application  # noqa: F401 - so that every event class has been defined
from coord.domain.events import EVENT_CLASSES, CoordEvent
from coord.projections import ALL_VIEWS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "events.md"
FRAME = Path(__file__).with_suffix(".md")
"""What the page says beside the events, and where those of a module come in."""
DOMAIN = ROOT / "coord" / "domain"

COMMON = ("originator_id", "originator_version", "timestamp", "by", "sent")
"""What every event has; the frame explains it."""
MEANT_ALIKE = {
    "reason": "Why, in the words of whoever did it.",
    "number": "The session, by its number in the course.",
    "answered": "What was asked about it and is meant so.",
}
"""What a field means wherever its class does not say otherwise."""

_NOT_STORED = frozenset({"TOPIC", "HISTORY", "BEGINS_ENTRY", "MISTAKE", "originator_id_type", "originator_topic"})
_PLACE = re.compile(r"^\{\{ events of (.+) \}\}$", re.MULTILINE)


def page() -> str:
    """The whole page. Raises `KeyError` when a field, or an event of the domain, is not explained."""
    shown: list[type[CoordEvent]] = []

    def events(place: re.Match[str]) -> str:
        modules = [f"coord.domain.{module}" for module in place[1].split(", ")]
        found = [kind for module in modules for kind in EVENT_CLASSES.values() if kind.__module__ == module]
        shown.extend(found)
        return "\n".join(line for kind in found for line in _event(kind)).rstrip()

    text = _PLACE.sub(events, FRAME.read_text())
    left = {kind.TOPIC for kind in EVENT_CLASSES.values() if kind.__module__.startswith("coord.")}
    if left := left - {kind.TOPIC for kind in shown}:
        raise KeyError(f"in no part of {FRAME.name}: {', '.join(sorted(left))}")
    return text


def _event(kind: type[CoordEvent]) -> list[str]:
    """One event: what happened, its fields, how older ones are read, what decides it, and what shows it."""
    said, *more = _prose(kind.__doc__)
    version = getattr(kind, "class_version", 1)
    lines = [f"### `{kind.TOPIC}`", said, "", *_table(kind), ""]
    for before in range(1, version):
        words = " ".join(_prose(getattr(kind, f"upcast_v{before}_v{before + 1}").__doc__))
        lines += [f"Version {version}. Read from version {before}: {words[0].lower()}{words[1:]}", ""]
    for paragraph in more:
        lines += [paragraph, ""]
    shown = ", ".join(view.NAME for view in ALL_VIEWS if kind in view.handled())
    decided = ", ".join(f"`{name}`" for name in decisions()[kind.__name__])
    where = f"Class `{kind.__name__}`; decided by {decided}; views: {shown or 'none'}. In the history: {kind.HISTORY}."
    return [*lines, where, ""]


def _table(kind: type[CoordEvent]) -> list[str]:
    rows = ["| field | type | meaning |", "|---|---|---|"]
    for name, (words, owner) in _fields(kind).items():
        meaning = _said_of_fields(owner).get(name) or MEANT_ALIKE.get(name)
        if meaning is None:
            raise KeyError(f"{kind.TOPIC} does not say what its {name} means")
        rows.append(f"| `{name}` | `{words}` | {' '.join(_prose(meaning))} |".replace(" | None", " \\| None"))
    return rows


def _fields(kind: type[CoordEvent]) -> dict[str, tuple[str, type]]:
    """What is stored of it beside what is common: the type as it is written, and the class that says so. What it has
    from its kin comes first."""
    return {
        name: (str(words), part)
        for part in reversed(kind.__mro__)
        if part.__module__.startswith("coord.")
        for name, words in inspect.get_annotations(part).items()
        if name not in (*COMMON, *_NOT_STORED)
    }


@cache
def _said_of_fields(kind: type) -> dict[str, str]:
    """The text that stands below a field, as a docstring does, by the field's name."""
    (node,) = ast.parse(inspect.getsource(kind)).body
    said = {}
    for field, below in pairwise(cast("ast.ClassDef", node).body):
        text = below.value.value if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) else None
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, str):
            said[field.target.id] = text
    return said


def _prose(text: str | None) -> list[str]:
    """The paragraphs of a docstring, each on one line."""
    plain = re.sub(r"``([^`]+)``", r"`\1`", text or "")
    return [" ".join(paragraph.split()) for paragraph in plain.strip().split("\n\n")]


@cache
def decisions() -> dict[str, list[str]]:
    """The public functions of the domain that trigger an event, by the name of its class."""
    found: dict[str, list[str]] = {kind.__name__: [] for kind in EVENT_CLASSES.values()}
    for path in sorted(DOMAIN.rglob("*.py")):
        module = ".".join(path.relative_to(DOMAIN).with_suffix("").parts)
        functions = list(_functions(ast.parse(path.read_text())))
        for function, body in functions:
            for event in _triggered(body) & found.keys():
                callers = [function] if not _private(function) else _callers(function, functions)
                found[event] += [f"{module}.{name}" for name in callers if f"{module}.{name}" not in found[event]]
    return found


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{part.name}", part) for part in node.body if isinstance(part, ast.FunctionDef))


def _triggered(function: ast.AST) -> set[str]:
    """The names of classes that a call is given first, as ``trigger_event`` is and what creates an aggregate."""
    calls = (node for node in ast.walk(function) if isinstance(node, ast.Call) and node.args)
    return {call.args[0].id for call in calls if isinstance(call.args[0], ast.Name)}


def _private(function: str) -> bool:
    return function.rsplit(".", 1)[-1].startswith("_")


def _callers(private: str, functions: list[tuple[str, ast.AST]]) -> list[str]:
    called = private.rsplit(".", 1)[-1]
    return [
        name
        for name, body in functions
        if not _private(name)
        and any(
            called == (node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", ""))
            for node in ast.walk(body)
        )
    ]


if __name__ == "__main__":
    PAGE.write_text(page())
