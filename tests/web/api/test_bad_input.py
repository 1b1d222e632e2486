"""Whatever is wrong with a request: a clear 4xx with a stable code, and nothing written."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.domain.errors import FieldProblem
from coord.web import messages
from tests.house import House, open_house
from tests.samples import PLAIN
from tests.web.api import bad_goals, bad_groups
from tests.web.api.conftest import ALERT, NOTE, Api, opener_for
from tests.web.api.test_goals import GOAL, STRATEGY
from tests.web.api.test_permissions import NO_ID
from tests.web.api.test_routes import ACTIVITY, routes_of, template_of

MEGABYTE = "x" * 1_000_000
JSON = {"Content-Type": "application/json"}


class Scene:
    """One house for all rows of the table: nothing may be written to it, so that it stays as it is."""

    def __init__(self, house: House) -> None:
        self.house = house
        opener = opener_for(house)
        self.ot, self.admin, self.lead = (opener(p) for p in (house.ot, house.admin, house.lead))
        self.child, self.note = house.child, house.note(house.ot)
        self.other = house.note(house.ot, case_id=house.open_case("Mo"))
        self.goal = self.ot.post(f"/cases/{self.child}/goals", GOAL).json["id"]
        elsewhere = house.open_case("Ray")
        self.draft = self.ot.note(self.child, sign=False).json["id"]
        self.ids = {
            "case": self.child,
            "note": self.note,
            "other": self.other,
            "draft": self.draft,
            "goal": self.goal,
            "other_goal": self.ot.post(f"/cases/{elsewhere}/goals", GOAL).json["id"],
            "strategy": self.ot.post(f"/cases/{self.child}/strategies", STRATEGY).json["id"],
            "person": house.slt.person_id,
            "new": uuid4(),
            **bad_groups.stage(house, self.ot),
        }

    def named(self, text: str) -> str:
        """The text with the ids of the scene where it has their names in braces."""
        for name, value in self.ids.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def state(self) -> tuple[int, Any]:
        drafts = self.house.services.drafts.of(self.house.ot.person_id)
        return self.house.services.record.head(), [(d.draft_id, d.revision) for d in drafts]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    url = None
    if request.param == "postgres":
        url = request.getfixturevalue("postgres").new_database()
    folder: Path = tmp_path_factory.mktemp("var")
    with open_house(folder, url) as house:
        yield Scene(house)


def note(**changes: Any) -> str:
    return json.dumps({k: v for k, v in {**NOTE, **changes}.items() if v is not ...})


NOTES = "/cases/{case}/notes"
CASES = "/cases"
CHILD = {"preferred_name": "Mo", "full_name": "Mo Rask", "birth_date": "2018-02-03"}
SUMMARY = {
    "statements": {"strengths": [{"text": "Trains"}], "helps": [{"text": "Slowly"}]},
    "contact": "Ada",
    "valid_from": "2026-03-10",
    "review_date": "2026-06-10",
}


def summary(**changes: Any) -> str:
    return json.dumps({**SUMMARY, **changes})


# what it is: (method, path, body, status, code, pointer and code of a field)
BODIES: dict[str, tuple[str, str, Any, int, str, tuple[str, str] | None]] = {
    "empty body": ("POST", NOTES, "", 400, "malformed-json", None),
    "not JSON": ("POST", NOTES, "{", 400, "malformed-json", None),
    "two values": ("POST", NOTES, "{}{}", 400, "malformed-json", None),
    "NaN": ("POST", NOTES, '{"sign": NaN}', 400, "malformed-json", None),
    "not UTF-8": ("POST", NOTES, b'{"format": "\xff"}', 400, "malformed-json", None),
    "byte order mark": ("POST", NOTES, b"\xef\xbb\xbf{}", 400, "malformed-json", None),
    "raw half of a pair": ("POST", NOTES, b'{"format": "\xed\xa0\x80"}', 400, "malformed-json", None),
    "raw NUL": ("POST", NOTES, b'{"format": "a\x00"}', 400, "malformed-json", None),
    "duplicate key": ("POST", NOTES, '{"sign": true, "sign": false}', 400, "duplicate-key", None),
    "inner duplicate key": ("POST", NOTES, '{"sections": {"a": "1", "a": "2"}}', 400, "duplicate-key", None),
    "deep": ("POST", NOTES, '{"sections":' + "[" * 50 + "]" * 50 + "}", 400, "too-deep", None),
    "very deep": ("POST", NOTES, "[" * 100_000 + "]" * 100_000, 400, "too-deep", None),
    "deep objects": ("POST", NOTES, '{"a":' * 200 + "1" + "}" * 200, 400, "too-deep", None),
    "thousands of digits": ("POST", NOTES, '{"sign": ' + "9" * 5000 + "}", 400, "malformed-json", None),
    "list": ("POST", NOTES, "[]", 422, "invalid-input", ("", "wrong-type")),
    "null": ("POST", NOTES, "null", 422, "invalid-input", ("", "wrong-type")),
    "text": ("POST", NOTES, '"x"', 422, "invalid-input", ("", "wrong-type")),
    "huge number": ("POST", NOTES, note(sign=10**300), 422, "invalid-input", ("/sign", "wrong-type")),
    "infinite number": ("POST", NOTES, '{"sign": 1e999}', 422, "invalid-input", ("/sign", "wrong-type")),
    "missing": ("POST", NOTES, "{}", 422, "invalid-input", ("/sign", "missing")),
    "nothing to sign": ("POST", NOTES, '{"sign": true}', 422, "invalid-input", ("/audience", "missing")),
    "unknown field": ("POST", NOTES, note(status="signed"), 422, "invalid-input", ("/status", "unknown-field")),
    "mass assignment": ("POST", NOTES, note(author=str(uuid4())), 422, "invalid-input", ("/author", "unknown-field")),
    "1 for true": ("POST", NOTES, note(sign=1), 422, "invalid-input", ("/sign", "wrong-type")),
    "'true' for true": ("POST", NOTES, note(sign="true"), 422, "invalid-input", ("/sign", "wrong-type")),
    "null for true": ("POST", NOTES, note(sign=None), 422, "invalid-input", ("/sign", "missing")),
    "number for text": (
        "POST",
        NOTES,
        note(sections={"text": 5}),
        422,
        "invalid-input",
        ("/sections/text", "not-text"),
    ),
    "list for sections": ("POST", NOTES, note(sections=["x"]), 422, "invalid-input", ("/sections", "wrong-type")),
    "text for a list": ("POST", NOTES, note(present="Zig"), 422, "invalid-input", ("/present", "wrong-type")),
    "number in a list": ("POST", NOTES, note(present=["a", 3]), 422, "invalid-input", ("/present/1", "not-text")),
    "no id": ("POST", NOTES, note(id="1"), 422, "invalid-input", ("/id", "not-an-id")),
    "id in braces": ("POST", NOTES, note(id=f"{{{uuid4()}}}"), 422, "invalid-input", ("/id", "not-an-id")),
    "number for id": ("POST", NOTES, note(id=7), 422, "invalid-input", ("/id", "wrong-type")),
    "no text of a phrase": ("PUT", "/phrases/laces", "{}", 422, "invalid-input", ("/text", "missing")),
    "no name of a phrase": (
        "PUT",
        "/phrases/a%20b",
        '{"text": "x"}',
        422,
        "invalid-input",
        ("/name", "not-a-short-name"),
    ),
    "unknown format": ("POST", NOTES, note(format="haiku"), 422, "invalid-input", ("/format", "unknown-choice")),
    "unknown section": (
        "POST",
        NOTES,
        note(sections={"plan": "x"}),
        422,
        "invalid-input",
        ("/sections/plan", "unknown-section"),
    ),
    "slash in a section": (
        "POST",
        NOTES,
        note(sections={"a/~b": 1}),
        422,
        "invalid-input",
        ("/sections/a~1~0b", "not-text"),
    ),
    "nothing written": (
        "POST",
        NOTES,
        note(sections={"text": " "}),
        422,
        "invalid-input",
        ("/sections/text", "nothing-written"),
    ),
    "too long": (
        "POST",
        NOTES,
        note(sections={"text": "x" * 20_001}),
        422,
        "invalid-input",
        ("/sections/text", "too-long"),
    ),
    "a megabyte": ("POST", NOTES, note(sections={"text": MEGABYTE}), 413, "too-large", None),
    "nearly a megabyte": (
        "POST",
        NOTES,
        note(sections={"text": MEGABYTE[:990_000]}),
        422,
        "invalid-input",
        ("/sections/text", "too-long"),
    ),
    "half of a pair": (
        "POST",
        NOTES,
        note(sections={"text": "\ud800"}),
        422,
        "invalid-input",
        ("/sections/text", "broken-characters"),
    ),
    "escaped NUL": (
        "POST",
        NOTES,
        note(sections={"text": "a\0b"}),
        422,
        "invalid-input",
        ("/sections/text", "broken-characters"),
    ),
    "control character": (
        "POST",
        NOTES,
        note(sections={"text": "a\x1bb"}),
        422,
        "invalid-input",
        ("/sections/text", "broken-characters"),
    ),
    "broken section name": (
        "POST",
        NOTES,
        note(sections={"\ud800": "x"}),
        422,
        "invalid-input",
        ("/sections", "broken-characters"),
    ),
    "half of a pair in a draft": (
        "POST",
        NOTES,
        note(sign=False, sections={"text": "\udc00"}),
        422,
        "invalid-input",
        ("/sections/text", "broken-characters"),
    ),
    "NUL in a draft": (
        "POST",
        NOTES,
        note(sign=False, present=["\0"]),
        422,
        "invalid-input",
        ("/present/0", "broken-characters"),
    ),
    "a draft too long": (
        "POST",
        NOTES,
        note(sign=False, sections={"text": "x" * 300_000}),
        422,
        "invalid-input",
        ("", "too-long"),
    ),
    "no zone": (
        "POST",
        NOTES,
        note(observed_from="2026-03-10T09:00:00"),
        422,
        "invalid-input",
        ("/observed_from", "no-time-zone"),
    ),
    "no time": (
        "POST",
        NOTES,
        note(observed_from="2026-03-10"),
        422,
        "invalid-input",
        ("/observed_from", "not-a-moment"),
    ),
    "no real day": (
        "POST",
        NOTES,
        note(observed_from="2026-02-30T09:00:00Z"),
        422,
        "invalid-input",
        ("/observed_from", "not-a-moment"),
    ),
    "a number of seconds": (
        "POST",
        NOTES,
        note(observed_from=1773133200),
        422,
        "invalid-input",
        ("/observed_from", "wrong-type"),
    ),
    "in the future": (
        "POST",
        NOTES,
        note(observed_from="2026-03-10T09:03:00Z"),
        422,
        "invalid-input",
        ("/observed_from", "in-the-future"),
    ),
    "before the calendar": (
        "POST",
        NOTES,
        note(observed_from="0001-01-01T00:00:00+14:00"),
        422,
        "invalid-input",
        ("/observed_from", "not-a-moment"),
    ),
    "long ago": (
        "POST",
        NOTES,
        note(observed_from="1666-01-01T00:00:00Z"),
        422,
        "invalid-input",
        ("/observed_from", "too-long-ago"),
    ),
    "ends before it begins": (
        "POST",
        NOTES,
        note(observed_to="2026-03-10T07:59:00Z"),
        422,
        "invalid-input",
        ("/observed_to", "before-the-start"),
    ),
    "too many present": ("POST", NOTES, note(present=["x"] * 21), 422, "invalid-input", ("/present", "too-many")),
    "another child's note linked": (
        "POST",
        NOTES,
        note(linked=["{other}"]),
        422,
        "invalid-input",
        ("/linked/0", "no-such-note"),
    ),
    "a taken id": ("POST", NOTES, note(id="{note}"), 422, "invalid-input", ("/id", "id-taken")),
    "another child's id": ("POST", NOTES, note(id="{other}"), 422, "invalid-input", ("/id", "id-taken")),
    "a draft's id with other words": (
        "POST",
        NOTES,
        note(id="{draft}", sign=False, sections={"text": "else"}),
        422,
        "invalid-input",
        ("/id", "id-taken"),
    ),
    "another child's note amended": (
        "POST",
        NOTES + "/{other}/amendments",
        '{"sections": {"text": "x"}, "reason": "y"}',
        404,
        "no-such-note",
        None,
    ),
    "another child's note added to": ("POST", NOTES + "/{other}/addenda", '{"text": "x"}', 404, "no-such-note", None),
    "no such note": ("POST", NOTES + "/{new}/addenda", '{"text": "x"}', 404, "no-such-note", None),
    "the pages' own draft, sent by somebody else": (
        "POST",
        NOTES + "/{note}/addenda",
        '{"text": "x", "draft": "{new}"}',
        422,
        "invalid-input",
        ("/draft", "unknown-field"),
    ),
    "empty addendum": ("POST", NOTES + "/{note}/addenda", '{"text": "  "}', 422, "invalid-input", ("/text", "missing")),
    "addendum with a taken id": (
        "POST",
        NOTES + "/{note}/addenda",
        '{"text": "\\u0000"}',
        422,
        "invalid-input",
        ("/text", "broken-characters"),
    ),
    "no reason": ("POST", NOTES + "/{note}/error", "{}", 422, "invalid-input", ("/reason", "missing")),
    "empty reason": ("POST", NOTES + "/{note}/error", '{"reason": ""}', 422, "invalid-input", ("/reason", "missing")),
    "unknown audience": (
        "POST",
        NOTES + "/{note}/audience",
        '{"audience": "all"}',
        422,
        "invalid-input",
        ("/audience", "unknown-choice"),
    ),
    "circumstances without a time": (
        "POST",
        NOTES + "/{note}/circumstances",
        '{"setting": "home", "present": [], "reason": "x"}',
        422,
        "invalid-input",
        ("/observed_from", "missing"),
    ),
    "circumstances to come": (
        "POST",
        NOTES + "/{note}/circumstances",
        '{"observed_from": "2036-03-10T09:00:00Z", "setting": "home", "present": [], "reason": "x"}',
        422,
        "invalid-input",
        ("/observed_from", "in-the-future"),
    ),
    "nothing amended": (
        "POST",
        NOTES + "/{note}/amendments",
        '{"sections": {"text": "Tied the laces twice."}, "reason": "x"}',
        409,
        "nothing-changed",
        None,
    ),
    "no co-signature awaited": ("POST", NOTES + "/{note}/cosignature", "", 409, "no-cosignature-awaited", None),
    "a body for none": (
        "POST",
        NOTES + "/{note}/cosignature",
        '{"x": 1}',
        422,
        "invalid-input",
        ("/x", "unknown-field"),
    ),
    "a signed note's draft": ("PATCH", NOTES + "/{note}", '{"sections": {}}', 409, "already-signed", None),
    "a signed note thrown away": ("DELETE", NOTES + "/{note}", "", 404, "no-such-draft", None),
    "somebody else's role": (
        "POST",
        "/people",
        '{"name": "A", "email": "a@b.c", "role": "student"}',
        403,
        "not-permitted",
        None,
    ),
    "birth date in the future": (
        "POST",
        CASES,
        json.dumps({**CHILD, "birth_date": "2026-03-11"}),
        422,
        "invalid-input",
        ("/birth_date", "in-the-future"),
    ),
    "birth date long ago": (
        "POST",
        CASES,
        json.dumps({**CHILD, "birth_date": "1990-03-11"}),
        422,
        "invalid-input",
        ("/birth_date", "too-long-ago"),
    ),
    "no date": (
        "POST",
        CASES,
        json.dumps({**CHILD, "birth_date": "20180203"}),
        422,
        "invalid-input",
        ("/birth_date", "not-an-iso-date"),
    ),
    "no real date": (
        "POST",
        CASES,
        json.dumps({**CHILD, "birth_date": "2018-02-30"}),
        422,
        "invalid-input",
        ("/birth_date", "not-an-iso-date"),
    ),
    "no name": (
        "POST",
        CASES,
        json.dumps({**CHILD, "preferred_name": " "}),
        422,
        "invalid-input",
        ("/preferred_name", "missing"),
    ),
    "line break in a name": (
        "POST",
        CASES,
        json.dumps({**CHILD, "full_name": "a\nb"}),
        422,
        "invalid-input",
        ("/full_name", "broken-characters"),
    ),
    "eleven languages": (
        "POST",
        CASES,
        json.dumps({**CHILD, "languages": ["x"] * 11}),
        422,
        "invalid-input",
        ("/languages", "too-many"),
    ),
    "another service team": ("POST", CASES, json.dumps({**CHILD, "team": "South"}), 403, "other-service-team", None),
    "a case's id taken": (
        "POST",
        CASES,
        json.dumps({**CHILD, "id": "{case}"}),
        422,
        "invalid-input",
        ("/id", "id-taken"),
    ),
    "no reason to correct": ("PATCH", "/cases/{case}", '{"school": "x"}', 422, "invalid-input", ("/reason", "missing")),
    "unknown detail": (
        "PATCH",
        "/cases/{case}",
        '{"status": "closed", "reason": "x"}',
        422,
        "invalid-input",
        ("/status", "unknown-field"),
    ),
    "team by a therapist": ("PATCH", "/cases/{case}", '{"team": "South", "reason": "x"}', 403, "team-lead-only", None),
    "no such person": (
        "POST",
        "/cases/{case}/team",
        '{"person": "{new}", "relation": "psychologist"}',
        422,
        "invalid-input",
        ("/person", "no-such-person"),
    ),
    "relation of another role": (
        "POST",
        "/cases/{case}/team",
        '{"person": "{person}", "relation": "class-teacher"}',
        422,
        "invalid-input",
        ("/relation", "relation-does-not-fit-role"),
    ),
    "more answers than questions": (
        "POST",
        "/cases/{case}/closing",
        json.dumps({"reason": "x", "confirmed": ["a"] * 101}),
        422,
        "invalid-input",
        ("/confirmed", "too-many"),
    ),
    "reversed days": (
        "POST",
        "/cases/{case}/team",
        '{"person": "{person}", "relation": "speech-therapist", "since": "2026-03-10", "until": "2026-03-09"}',
        422,
        "invalid-input",
        ("/until", "before-the-start"),
    ),
    "a stay of nobody": ("PATCH", "/cases/{case}/team/{new}", '{"until": "2026-06-30"}', 404, "not-on-team", None),
    "nobody in the circle": (
        "POST",
        "/cases/{case}/circle",
        '{"name": " ", "relation": "mother"}',
        422,
        "invalid-input",
        ("/name", "missing"),
    ),
    "another kind of relative": (
        "POST",
        "/cases/{case}/circle",
        '{"name": "Mia", "relation": "boss"}',
        422,
        "invalid-input",
        ("/relation", "unknown-choice"),
    ),
    "somebody else's relative": (
        "PATCH",
        "/cases/{case}/circle/{new}",
        '{"name": "Mia", "reason": "x"}',
        404,
        "no-such-person",
        None,
    ),
    "a name that nobody typed": (
        "POST",
        "/cases/{case}/circle/names",
        '{"written": "Mum", "person": "{new}"}',
        422,
        "invalid-input",
        ("/person", "not-in-circle"),
    ),
    "an alert in many words": (
        "POST",
        "/cases/{case}/alerts",
        json.dumps({**ALERT, "text": "x" * 81}),
        422,
        "invalid-input",
        ("/text", "too-long"),
    ),
    "an alert for one discipline": (
        "POST",
        "/cases/{case}/alerts",
        json.dumps({**ALERT, "audience": "own-discipline"}),
        422,
        "invalid-input",
        ("/audience", "unknown-choice"),
    ),
    "an alert that was never raised": (
        "PATCH",
        "/cases/{case}/alerts/{new}",
        '{"text": "Milk", "reason": "x"}',
        404,
        "no-such-alert",
        None,
    ),
    "a co-signature that is not the therapist's to entrust": (
        "POST",
        "/cases/{case}/notes/{note}/cosigner",
        '{"person": "{person}", "reason": "x"}',
        403,
        "not-permitted",
        None,
    ),
    "not on the team": ("DELETE", "/cases/{case}/team/{new}", "", 404, "not-on-team", None),
    "not closed": ("POST", "/cases/{case}/reopening", '{"reason": "x"}', 409, "case-open", None),
    "six things that help": (
        "POST",
        "/cases/{case}/summary",
        summary(statements={"strengths": [{"text": "x"}], "helps": [{"text": "x"}] * 6}),
        422,
        "invalid-input",
        ("/statements/helps", "too-many"),
    ),
    "unknown summary section": (
        "POST",
        "/cases/{case}/summary",
        summary(statements={"gossip": []}),
        422,
        "invalid-input",
        ("/statements/gossip", "unknown-field"),
    ),
    "no such source": (
        "POST",
        "/cases/{case}/summary",
        summary(statements={"strengths": [{"text": "x", "sources": ["{other}"]}], "helps": [{"text": "x"}]}),
        422,
        "invalid-input",
        ("/statements/strengths/0/sources/0", "no-such-source"),
    ),
    "empty statement": (
        "POST",
        "/cases/{case}/summary",
        summary(statements={"strengths": [{"text": ""}], "helps": [{"text": "x"}]}),
        422,
        "invalid-input",
        ("/statements/strengths/0/text", "missing"),
    ),
    "review before the start": (
        "POST",
        "/cases/{case}/summary",
        summary(review_date="2026-03-10"),
        422,
        "invalid-input",
        ("/review_date", "before-the-start"),
    ),
    "nothing to recall": ("POST", "/cases/{case}/summary/recall", '{"reason": "x"}', 409, "no-summary-published", None),
    "a signature with words": (
        "POST",
        NOTES + "/{draft}/signature",
        '{"name": "Ada"}',
        422,
        "invalid-input",
        ("/name", "unknown-field"),
    ),
    "no reason for a complaint file": (
        *("POST", "/cases/{case}/complaint-files", "{}", 422, "invalid-input"),
        ("/reason", "missing"),
    ),
    "no reason to close": ("POST", "/cases/{case}/closing", "{}", 422, "invalid-input", ("/reason", "missing")),
    "an activity without a title": (
        "POST",
        "/activities",
        json.dumps({**ACTIVITY, "title": " "}),
        422,
        "invalid-input",
        ("/title", "missing"),
    ),
    "no reason to revise": (
        "PATCH",
        "/activities/{retired}",
        '{"age_from": 4}',
        422,
        "invalid-input",
        ("/reason", "missing"),
    ),
    "no reason to retire": (
        "POST",
        "/activities/{retired}/retirement",
        "{}",
        422,
        "invalid-input",
        ("/reason", "missing"),
    ),
    "no reason to restore": (
        "POST",
        "/activities/{retired}/restoration",
        "{}",
        422,
        "invalid-input",
        ("/reason", "missing"),
    ),
    "a template without sections": (
        "POST",
        "/note-templates",
        '{"name": "First visit"}',
        422,
        "invalid-input",
        ("/sections", "missing"),
    ),
    "no reason to change a template": (
        "PATCH",
        "/note-templates/{retired}",
        '{"name": "Second visit"}',
        422,
        "invalid-input",
        ("/reason", "missing"),
    ),
    "a note in no template": (
        "POST",
        NOTES,
        note(format="template"),
        422,
        "invalid-input",
        ("/template", "missing"),
    ),
    "a policy of magic": (
        "PATCH",
        "/policies",
        '{"name": "magic", "values": {}, "reason": "x"}',
        422,
        "invalid-input",
        ("/name", "unknown-choice"),
    ),
    "a role of magic": (
        "PATCH",
        "/people/{person}",
        '{"role": "king"}',
        422,
        "invalid-input",
        ("/role", "unknown-choice"),
    ),
    "no reason to disable": ("POST", "/people/{person}/disabling", "{}", 422, "invalid-input", ("/reason", "missing")),
    "no reason to enable": ("POST", "/people/{person}/enabling", "{}", 422, "invalid-input", ("/reason", "missing")),
    "no such page": ("POST", "/cases/{case}/gossip", "{}", 404, "not-found", None),
    "no such method": ("PUT", "/cases/{case}", "{}", 405, "method-not-allowed", None),
    "no uuid in the path": ("POST", "/cases/1/notes", note(), 404, "not-found", None),
    **bad_goals.BODIES,
    **bad_groups.BODIES,
}


@pytest.mark.parametrize("name", BODIES)
def test_bad_bodies(scene: Scene, name: str):
    method, path, body, status, code, field = BODIES[name]
    before = scene.state()
    path = scene.named(path)
    if isinstance(body, str):
        body = scene.named(body)
    version = '"0"' if path.endswith("/summary") else '"1"'
    headers = {**JSON, "If-Match": version, "Idempotency-Key": f"bad {name}".replace(" ", "-")}
    for _ in range(2):  # what was refused may come again: the key is free
        answer = scene.ot.send(method, path, data=body, headers=headers)
        assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
        assert answer.content_type == "application/problem+json"
        assert (answer.json["title"] == "No such thing") == (status == 404)
        if field is not None:
            found = {(e["pointer"], e["code"]) for e in answer.json["errors"]}
            assert field in found
            assert all(e["detail"] and e["detail"] != e["code"] for e in answer.json["errors"])
        assert scene.state() == before


def test_something_is_wrong_with_a_body_of_every_operation(sqlite_house: House):
    known = ("no such page", "no such method", "no uuid in the path")
    walked = {template_of(row[0], row[1]) for name, row in BODIES.items() if name not in known}
    walked |= {one.route for one in PLAIN.values() if one.wrong}  # see `test_routes`
    missing = {route for route in routes_of("all") if body_of(sqlite_house, *route)} - walked
    assert missing == set(), sorted(missing)


def body_of(house: House, method: str, path: str) -> Any:
    return house.app.extensions["coord-api"]()["paths"][f"/api/v1{path}"][method.lower()].get("requestBody")


@pytest.mark.parametrize(("method", "path"), sorted(routes_of("all")))
def test_every_operation_reads_strictly(scene: Scene, method: str, path: str):
    before = scene.state()
    address = re.sub(r"\{\w+\}", NO_ID, scene.named(path.replace("{number}", "1")))
    headers = {**JSON, "If-Match": '"1"'}
    answer = scene.ot.send(method, f"{address}?gossip=1", headers=headers)
    assert answer.status_code == 422
    assert "/gossip" in {e["pointer"] for e in answer.json["errors"]}
    if body_of(scene.house, method, path):
        for body, status, code in (
            ("{", 400, "malformed-json"),
            ('{"x": 1, "x": 1}', 400, "duplicate-key"),
            ("[" * 50 + "]" * 50, 400, "too-deep"),
            ("[]", 422, "invalid-input"),
            ('{"gossip": 1}', 422, "invalid-input"),
            ('{"x": "\\u0000"}', 422, "invalid-input"),
        ):
            answer = scene.ot.send(method, address, data=body, headers=headers)
            assert (body, answer.status_code, answer.json["code"]) == (body, status, code)
        assert scene.ot.send(method, address, data="{}", content_type="text/plain").status_code == 415
    assert scene.state() == before


QUERIES: dict[str, tuple[str, str, str]] = {
    "unknown": ("/cases/{case}/timeline?page=2", "/page", "unknown-field"),
    "unknown where there is none": ("/cases?x=1", "/x", "unknown-field"),
    "given twice": ("/cases/{case}/timeline?limit=1&limit=2", "/limit", "given-twice"),
    "no number": ("/cases/{case}/timeline?limit=x", "/limit", "wrong-type"),
    "Arabic digits": ("/cases/{case}/timeline?limit=%D9%A1", "/limit", "wrong-type"),
    "nought": ("/cases/{case}/timeline?limit=0", "/limit", "out-of-range"),
    "too many": ("/cases/{case}/timeline?limit=101", "/limit", "out-of-range"),
    "far too many": ("/cases/{case}/timeline?limit=" + "9" * 400, "/limit", "out-of-range"),
    "no cursor": ("/cases/{case}/timeline?cursor=x", "/cursor", "not-a-cursor"),
    "no text in a cursor": ("/cases/{case}/timeline?cursor=____", "/cursor", "not-a-cursor"),
    "no letters in a cursor": ("/cases/{case}/timeline?cursor=%C3%A9", "/cursor", "not-a-cursor"),
    "unknown setting": ("/cases/{case}/timeline?setting=moon", "/setting", "unknown-choice"),
    "no id": ("/cases/{case}/timeline?author=me", "/author", "not-an-id"),
    "no zone": ("/cases/{case}/timeline?from=2026-03-01T00:00:00", "/from", "no-time-zone"),
    "plus read as a space": ("/cases/{case}/timeline?to=2026-03-01T00:00:00+01:00", "/to", "not-a-moment"),
    "no place": ("/cases/{case}/timeline?as_of=-1", "/as_of", "not-a-moment"),
    "NUL": ("/cases/{case}/timeline?q=%00", "/q", "broken-characters"),
    "not UTF-8": ("/cases/{case}/timeline?q=%FF", "/q", "broken-characters"),
    "half of a pair": ("/cases/{case}/timeline?q=%ED%A0%80", "/q", "broken-characters"),
    "long search": ("/cases/{case}/timeline?q=" + "x" * 201, "/q", "too-long"),
    "version nought": ("/cases/{case}/summary?version=0", "/version", "out-of-range"),
    "huge version": ("/cases/{case}/summary?version=99999999999999999999", "/version", "out-of-range"),
    "unknown file": ("/audit?format=pdf", "/format", "unknown-choice"),
    "too many in JSON": ("/audit?limit=201", "/limit", "out-of-range"),
    "too many in a file": ("/audit?limit=5001&format=csv", "/limit", "out-of-range"),
    "no cursor of a history": ("/audit?cursor=MjAyNg", "/cursor", "not-a-cursor"),
    **bad_goals.QUERIES,
    **bad_groups.QUERIES,
}


@pytest.mark.parametrize("name", QUERIES)
def test_bad_queries(scene: Scene, name: str):
    path, pointer, code = QUERIES[name]
    person = scene.lead if path.startswith("/audit") else scene.ot
    answer = person.get(scene.named(path))
    assert answer.status_code == 422, answer.text
    assert (pointer, code) in {(e["pointer"], e["code"]) for e in answer.json["errors"]}


@pytest.mark.parametrize(
    "place",
    [
        "0001-01-01T00:00:00+14:00|00000000000000000000000000000000",
        "9999-12-31T23:59:59-14:00|00000000000000000000000000000000",
        "2026-03-10T09:00:00+00:00|change|99999999999999999999999999|0",
        f"2026-03-10T09:00:00+00:00|access|-99999999999999999999999999|{UUID(int=0)}",
        f"0001-01-01T00:00:00+14:00|change|1|{UUID(int=0)}",
        f"0001-01-01T00:00:00+14:00|note|1|{UUID(int=0)}",
        "2026-03-10T09:00:00+00:00|note|1|x",
        f"2026-03-10T09:00:00+00:00|\0|1|{UUID(int=0)}",
    ],
)
def test_a_cursor_made_up_with_care_is_no_fault(scene: Scene, place: str):
    cursor = base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")
    paths = [f"/audit?cursor={cursor}", f"/cases/{scene.child}/history?cursor={cursor}"]
    for path in [*paths, f"/cases/{scene.child}/timeline?cursor={cursor}"]:
        assert scene.lead.get(path).status_code in (200, 422)


def test_the_calendars_ends_are_no_fault(scene: Scene):
    for moment in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"):
        for path in (f"/audit?from={moment}&to={moment}", f"/cases/{scene.child}/history?to={moment}"):
            assert scene.lead.get(path).status_code == 200
        for name in ("from", "to", "as_of"):
            assert scene.lead.get(f"/cases/{scene.child}/timeline?{name}={moment}").status_code == 200
    assert scene.lead.get(f"/cases/{scene.child}/timeline?as_of=999999999999999").status_code == 200


@pytest.mark.parametrize(
    "content_type", ["text/plain", "", "application/x-www-form-urlencoded", "application/json; charset=latin-1"]
)
def test_only_json_is_a_body(scene: Scene, content_type: str):
    before = scene.state()
    answer = scene.ot.send("POST", f"/cases/{scene.child}/notes", data=note(), content_type=content_type or None)
    assert (answer.status_code, answer.json["code"]) == (415, "unsupported-media-type")
    assert scene.state() == before


@pytest.mark.parametrize("key", ["", "two words", "x" * 201, "é"])
def test_bad_idempotency_keys(scene: Scene, key: str):
    headers = {**JSON, "Idempotency-Key": key.encode().decode("latin-1")}
    answer = scene.ot.send("POST", f"/cases/{scene.child}/notes", data=note(), headers=headers)
    assert (answer.status_code, answer.json["code"]) == (400, "bad-idempotency-key")


@pytest.mark.parametrize("code", sorted(messages.FIELD_MESSAGES))
def test_every_field_code_has_words_that_fit(scene: Scene, code: str):
    with scene.house.app.test_request_context():
        params = {
            "limit": 1,
            "least": 1,
            "most": 2,
            "name": "Zig",
            "children": 2,
            "hours": 6,
            "days": 400,
            "day": "1 May",
            "expected": "34",
            "mean": 100,
            "deviation": 15,
            "team": "Nort",
            "near": "North",
            "before": "02:00",
            "after": "03:00",
            "time": "02:30",
        }
        if code == "left-behind":
            params = {"drafts": 2, "goals": 1}
        assert messages.field_message(FieldProblem("", code, params)) != code


def test_who_registers_people_is_told_what_is_wrong(scene: Scene):
    before = scene.state()
    new = {"name": "A", "email": "a@b.c", "role": "therapist", "discipline": "ot", "team": "North"}
    rows = (
        ({**new, "email": "a"}, "/email", "not-an-email"),
        ({**new, "discipline": "school"}, "/discipline", "not-clinical"),
        ({**new, "discipline": None}, "/discipline", "missing"),
        ({**new, "role": "king"}, "/role", "unknown-choice"),
        ({**new, "team": ""}, "/team", "missing"),
        ({**new, "password": "x"}, "/password", "unknown-field"),
    )
    admin: Api = scene.admin
    for body, pointer, code in rows:
        answer = admin.post("/people", body)
        assert answer.status_code == 422
        assert (pointer, code) in {(e["pointer"], e["code"]) for e in answer.json["errors"]}
    person = f"/people/{scene.ids['person']}"
    for body, pointer in (({}, "/role"), ({"discipline": "ot"}, "/role"), ({"role": "student", "team": ""}, "/team")):
        answer = admin.patch(person, body)
        assert answer.status_code == 422
        assert pointer in {e["pointer"] for e in answer.json["errors"]}
    assert scene.state() == before
