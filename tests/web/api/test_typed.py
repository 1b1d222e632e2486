"""What an answer is typed as is what goes out and what is documented: the same members, the same kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Annotated, Any, Literal, NotRequired, TypedDict
from uuid import UUID

import orjson
import pytest
from flask import Flask
from marshmallow import ValidationError

from coord.domain.said import FLAT, INSIDE, DayText, IdText, Said
from coord.web.api.answers import json_answer
from coord.web.api.named import name_enumerations
from coord.web.api.typed import shape, told

ID = UUID("0198f3a2-0000-7000-8000-00000000000a")
ROME = timezone(timedelta(hours=2))


class Colour(StrEnum):
    """Of a thing."""

    RED = "red"
    BLUE = "blue"


class Row(TypedDict):
    """A row of a view."""

    row_id: Annotated[UUID, Said(name="id")]
    seen_at: datetime | None


class Kept(TypedDict):
    """What an event keeps, of which this reader may get less."""

    day: DayText
    goals: list[IdText]
    support: Annotated[str, Said(null=True)]
    response: NotRequired[str]


@dataclass(frozen=True, slots=True)
class Line:
    """A row with what was kept among its own members."""

    line_id: UUID
    kept: Annotated[Kept, FLAT]


@dataclass(frozen=True, slots=True)
class Place:
    """Where."""

    position: Annotated[int, Said("Of the record")]
    late: Annotated[Mapping[str, datetime], Said(absent=True)] = field(default_factory=dict)


class RowForSome(Row, total=False):
    """Not everybody gets all of it."""

    secret: str


@dataclass(frozen=True, slots=True)
class Whole:
    """There in full."""

    name: str
    texts: Annotated[Mapping[str, str], Said(of=Colour)]


@dataclass(frozen=True, slots=True)
class Begun:
    """Not there in full."""

    name: str | None
    by: Annotated[str, Said(id=True)]


@dataclass(frozen=True, slots=True)
class Either:
    """One of two."""

    whole: Annotated[Whole | None, FLAT]
    begun: Annotated[Begun | None, FLAT]
    row: Annotated[RowForSome, FLAT]


@dataclass(frozen=True, slots=True)
class OwnFirst:
    """With a name of its own, which is a number."""

    name: int
    whole: Annotated[Whole, FLAT]


@dataclass(frozen=True, slots=True)
class OwnLast:
    """The same the other way round."""

    whole: Annotated[Whole, FLAT]
    name: int


@dataclass(frozen=True, slots=True)
class Left:
    """What may be left out."""

    at: Annotated[int | None, Said(absent=True)]


@dataclass(frozen=True, slots=True)
class Thing:
    """Everything that an answer may have in it."""

    case_id: UUID
    colour: Colour
    day: date | None
    rows: Sequence[Row]
    counts: Mapping[Colour, int]
    anything: Mapping[str, Any]
    may: frozenset[str]
    state: Annotated[Literal["open", "closed"], Said(name="thing_state")]
    secret: Annotated[str, INSIDE]
    place: Annotated[Place, FLAT]

    @property
    def size(self) -> Annotated[float, Said("In metres")]:
        """Not kept, and told."""
        return 1.5

    @property
    def own(self) -> str:
        """The pages' own."""
        return self.secret


def thing(place: Place) -> Thing:
    rows: list[Row] = [{"row_id": ID, "seen_at": datetime(2026, 5, 4, 11, 0, tzinfo=ROME)}]
    anything = {"at": datetime(2026, 5, 4, 11, 0, tzinfo=ROME), "who": [ID]}
    counts = {Colour.RED: 1, Colour.BLUE: 0}
    return Thing(ID, Colour.RED, None, rows, counts, anything, frozenset("ba"), "open", "words", place)


def sent(content: dict[str, Any]) -> Any:
    with Flask(__name__).app_context():
        return orjson.loads(json_answer(content).data)


def test_an_answer_goes_out_as_it_is_typed():
    assert sent(told(thing(Place(7)))) == {
        "case": str(ID),
        "colour": "red",
        "day": None,
        "rows": [{"id": str(ID), "seen_at": "2026-05-04T09:00:00Z"}],
        "counts": {"red": 1, "blue": 0},
        "anything": {"at": "2026-05-04T09:00:00Z", "who": [str(ID)]},
        "may": ["a", "b"],
        "thing_state": "open",
        "position": 7,
        "size": 1.5,
    }


def test_what_is_documented_takes_what_goes_out_and_nothing_else():
    out = sent(told(thing(Place(7, {"timeline": datetime(2026, 5, 4, tzinfo=UTC)}))))
    described = shape(Thing)()
    assert out["late"] == {"timeline": "2026-05-04T00:00:00Z"}
    assert described.fields.keys() == out.keys()
    described.load(out)
    for name in out.keys() - {"late"}:
        with pytest.raises(ValidationError):
            described.load({key: value for key, value in out.items() if key != name})
    with pytest.raises(ValidationError):
        described.load({**out, "colour": "green"})


def test_one_of_two_is_told_and_both_are_documented():
    whole = sent(told(Either(Whole("a", {"red": "b"}), None, {"row_id": ID, "seen_at": None})))
    begun = sent(told(Either(None, Begun(None, str(ID)), {"row_id": ID, "seen_at": None, "secret": "c"})))
    assert whole == {"name": "a", "texts": {"red": "b"}, "id": str(ID), "seen_at": None}
    assert begun == {"name": None, "by": str(ID), "id": str(ID), "seen_at": None, "secret": "c"}
    described = shape(Either)()
    described.load(whole)
    described.load(begun)
    assert {name for name, field in described.fields.items() if field.required} == {"name", "id", "seen_at"}


@pytest.mark.parametrize("kind", [OwnFirst, OwnLast])
def test_an_own_field_wins_over_what_stands_flat_before_or_after_it(kind: type):
    out = sent(told(kind(name=3, whole=Whole("a", {}))))
    assert out == {"name": 3, "texts": {}}
    shape(kind)().load(out)
    with pytest.raises(ValidationError):
        shape(kind)().load({**out, "name": "a"})


def test_what_is_zero_is_not_left_out():
    assert told(Left(0)) == {"at": 0}
    assert told(Left(None)) == {}


def test_the_names_of_texts_stand_once():
    texts = shape(Whole)().fields["texts"]
    described = {"type": "object", **{k: v for k, v in texts.metadata.items() if k.startswith("x-")}}
    document = {"components": {"schemas": {"Whole": {"properties": {"texts": described}}}}}
    name_enumerations(document)
    named = document["components"]["schemas"]["Whole"]["properties"]["texts"]
    assert named == {"type": "object", "propertyNames": {"$ref": "#/components/schemas/Colour"}}


def test_what_an_event_keeps_stands_flat_without_what_is_not_there():
    kept: Kept = {"day": "2026-05-04", "goals": [str(ID)], "support": ""}
    assert sent(told(Line(ID, kept))) == {"line": str(ID), "day": "2026-05-04", "goals": [str(ID)], "support": None}
    assert sent(told(Line(ID, {**kept, "support": "verbal", "response": ""})))["response"] == ""
    described = shape(Line)()
    described.load(sent(told(Line(ID, kept))))
    with pytest.raises(ValidationError, match="not-an-id"):
        described.load({"line": str(ID), **kept, "goals": ["waiting"]})


def test_a_type_that_no_answer_knows_is_refused_when_it_is_described():
    @dataclass
    class Odd:
        number: complex

    with pytest.raises(TypeError, match="complex"):
        shape(Odd)


def test_the_words_of_an_enumeration_stand_once_and_may_be_null():
    described = {"enum": ["red", "blue", None], "x-enum": "Colour", "type": ["string", "null"]}
    document = {"components": {"schemas": {"Thing": {"properties": {"colour": described}}}}}
    name_enumerations(document)
    assert document["components"]["schemas"] == {
        "Thing": {"properties": {"colour": {"anyOf": [{"$ref": "#/components/schemas/Colour"}, {"type": "null"}]}}},
        "Colour": {"type": "string", "enum": ["red", "blue"]},
    }


@pytest.mark.parametrize(("name", "words"), [("Colour", ["red"]), ("Thing", ["red", "blue"])])
def test_one_name_is_not_given_twice(name: str, words: list[str]):
    both = [{"enum": ["red", "blue"], "x-enum": "Colour", "type": "string"}]
    both.append({"enum": words, "x-enum": name, "type": "string"})
    with pytest.raises(ValueError, match=name):
        name_enumerations({"components": {"schemas": {"Thing": {"properties": {"both": {"anyOf": both}}}}}})
