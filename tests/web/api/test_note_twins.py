"""A note that is there already, by HTTP: refused with an answer, taken with it."""

from typing import Any
from uuid import uuid4

from tests.house import House
from tests.web.api.conftest import NOTE, Api, Opener


def refused(person: Api, path: str, body: dict[str, object] | None, **more: Any) -> str:
    asked = person.post(path, body, **more)
    assert asked.status_code == 422, asked.text
    (error,) = asked.json["errors"]
    assert (error["pointer"], error["code"]) == ("/sections/text", "note-of-these-words")
    assert "10 March 2026, 09:00" in error["detail"]
    return str(error["answer"])


def test_the_same_note_posted_twice_is_asked_about_once(house: House, api: Opener):
    ot, notes = api(house.ot), f"/cases/{house.child}/notes"
    assert ot.post(notes, NOTE).status_code == 201
    answer = refused(ot, notes, NOTE)
    assert ot.post(notes, {**NOTE, "confirmed": [answer]}).status_code == 201


def test_a_post_repeated_with_its_id_or_its_key_is_answered_as_before(house: House, api: Opener):
    ot, notes = api(house.ot), f"/cases/{house.child}/notes"
    with_id = {**NOTE, "id": str(uuid4())}
    assert [ot.post(notes, with_id).status_code for _ in range(2)] == [201, 201]
    other = {**NOTE, "observed_from": "2026-03-10T07:00:00+01:00", "sections": {"text": "Asked for help."}}
    key = {"Idempotency-Key": "once"}
    answers = [ot.post(notes, other, headers=key) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].json["id"] == answers[1].json["id"]


def test_a_question_uses_up_no_key(house: House, api: Opener):
    ot, notes = api(house.ot), f"/cases/{house.child}/notes"
    ot.post(notes, NOTE)
    key = {"Idempotency-Key": "asked"}
    answer = refused(ot, notes, NOTE, headers=key)
    assert ot.post(notes, {**NOTE, "confirmed": [answer]}, headers=key).status_code == 201


def test_a_draft_is_asked_about_when_it_is_signed_and_not_before(house: House, api: Opener):
    ot, notes = api(house.ot), f"/cases/{house.child}/notes"
    ot.post(notes, NOTE)
    draft = ot.post(notes, {**NOTE, "sign": False, "confirmed": ["whatever"]})
    assert draft.status_code == 201
    signature = f"{notes}/{draft.json['id']}/signature"
    answer = refused(ot, signature, None)
    assert ot.post(signature, {"confirmed": [answer]}).status_code == 200
    assert ot.post(signature).status_code == 200
    assert "confirmed" not in ot.get(f"{notes}/{draft.json['id']}").text
