"""`null` means one thing: there is none. In what is new it is as good as left out; in a change it takes away."""

from typing import Any
from uuid import uuid4

import pytest

from coord.web.api import openapi_document
from tests.house import House
from tests.web.api.conftest import Opener

DOCUMENT = openapi_document()


def resolved(shape: dict[str, Any]) -> dict[str, Any]:
    """The shape itself, where it is referred to."""
    whole = shape.get("anyOf", [shape])
    refers = next((one["$ref"] for one in whole if "$ref" in one), None)
    return DOCUMENT["components"]["schemas"][refers.rsplit("/", 1)[1]] if refers else shape


def takes_null(shape: dict[str, Any]) -> bool:
    kinds = shape.get("type", ())
    return "null" in ([kinds] if isinstance(kinds, str) else kinds) or {"type": "null"} in shape.get("anyOf", ())


def shapes(shape: dict[str, Any], place: str, seen: set[str]) -> dict[str, dict[str, Any]]:
    """Every object that is sent as part of a shape, by its place."""
    shape = resolved(shape)
    found: dict[str, dict[str, Any]] = {}
    if "properties" in shape:
        found[place] = shape
    for name, part in shape.get("properties", {}).items():
        found |= shapes(part, f"{place}/{name}", seen)
    if isinstance(shape.get("items"), dict):
        found |= shapes(shape["items"], f"{place}/0", seen)
    return found


def test_every_optional_field_of_what_is_new_takes_null():
    """A program that sends each field it knows of, null where it has nothing, need not know which of them minds."""
    minds = []
    for path, item in DOCUMENT["paths"].items():
        for method in ("post", "put"):
            if "requestBody" not in item.get(method, {}):
                continue
            body = item[method]["requestBody"]["content"]["application/json"]["schema"]
            for place, shape in shapes(body, "", set()).items():
                needed = shape.get("required", ())
                names = [n for n, part in shape["properties"].items() if n not in needed and not takes_null(part)]
                minds += [f"{method.upper()} {path} {place}/{name}" for name in names]
    assert not minds


def test_null_in_what_is_new_is_left_out(sqlite_house: House, sqlite_api: Opener):
    api = sqlite_api(sqlite_house.ot)
    child = {"preferred_name": "Mo", "full_name": "Mo Rask", "birth_date": "2018-02-03", "school": None, "team": None}
    made = api.post("/cases", {"id": str(uuid4()), **child, "languages": None, "school_class": None})
    assert made.status_code == 201, made.text
    details = api.get(f"/cases/{made.json['id']}").json
    assert details["school"] == ""
    assert details["team"] == "North"
    assert api.note(sqlite_house.child, present=None, linked=None).status_code == 201


@pytest.mark.parametrize("name", ["preferred_name", "full_name", "birth_date"])
def test_null_is_refused_where_there_must_be_something(sqlite_house: House, sqlite_api: Opener, name: str):
    api = sqlite_api(sqlite_house.ot)
    child = {"preferred_name": "Mo", "full_name": "Mo Rask", "birth_date": "2018-02-03", name: None}
    refused = api.post("/cases", child)
    assert refused.status_code == 422
    assert {"pointer": f"/{name}", "code": "missing"}.items() <= refused.json["errors"][0].items()
