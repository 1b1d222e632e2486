"""What the description says beside the shapes: media types, headers, refusals, and names across formats."""

from typing import Any

from coord.application.history.questions import HistoryItem
from coord.application.looking import Category
from coord.web.api import openapi_document
from coord.web.api.typed import parts
from coord.web.history.files import COLUMNS


def operations() -> list[dict[str, Any]]:
    items = openapi_document()["paths"].values()
    return [operation for item in items for method, operation in item.items() if method != "parameters"]


def answers() -> list[dict[str, Any]]:
    """What each operation answers where it does not refuse."""
    return [a for operation in operations() for a in operation["responses"].values() if "$ref" not in a]


def test_a_field_of_the_history_has_one_name_in_json_and_in_the_files():
    assert {part.name for part in parts(HistoryItem)} <= set(COLUMNS)


def test_json_stands_first_where_an_answer_may_be_a_file_too():
    assert {next(iter(answer["content"])) for answer in answers()} == {"application/json"}
    assert max(len(answer["content"]) for answer in answers()) == 3


def test_every_answer_names_the_request_and_that_of_a_post_that_it_was_given_before():
    refusals = openapi_document()["components"]["responses"].values()
    assert all("X-Request-Id" in answer["headers"] for answer in [*answers(), *refusals])
    for operation in operations():
        keyed = any(parameter["name"] == "Idempotency-Key" for parameter in operation["parameters"])
        (answer,) = (a for a in operation["responses"].values() if "$ref" not in a)
        assert ("Idempotent-Replayed" in answer["headers"]) == keyed


def test_every_header_that_an_answer_may_have_is_described_once():
    document = openapi_document()
    every = [*answers(), *document["components"]["responses"].values()]
    named = {name for answer in every for name in answer["headers"]}
    assert named == document["components"]["headers"].keys()


def test_words_that_may_grow_are_named_and_hold_nobody_to_them():
    item = openapi_document()["components"]["schemas"]["HistoryItem"]["properties"]
    assert item["categories"]["items"] == {"type": "string", "x-extensible-enum": [str(one) for one in Category]}
