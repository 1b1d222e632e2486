"""Goals rated in the signature of a note, by HTTP."""

from uuid import uuid4

from tests.aims import goal
from tests.house import House
from tests.web.api.conftest import NOTE, Api, Opener


def levels(person: Api, house: House, goal_id: object) -> list[tuple[int | None, str, str | None]]:
    found = person.get(f"/cases/{house.child}/goals/{goal_id}").json["observations"]
    return [(one["level"], one["context"], one["support"]) for one in found]


def test_a_note_is_posted_with_ratings_and_repeated_it_is_the_same(house: House, api: Opener):
    card, swing = goal(house), goal(house, "Takes turns at the swing.")
    ot, notes = api(house.ot), f"/cases/{house.child}/notes"
    ratings = [{"goal": str(card), "level": 0}, {"goal": str(swing), "support": "verbal", "context": "school"}]
    body = {**NOTE, "id": str(uuid4()), "ratings": ratings}
    first, again = ot.post(notes, body), ot.post(notes, body)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json["position"] == first.json["position"]
    assert levels(ot, house, card) == [(0, "therapy", None)]
    assert levels(ot, house, swing) == [(None, "school", "verbal")]
    other = ot.post(notes, {**body, "ratings": ratings[:1]})
    assert (other.status_code, other.json["errors"][0]["code"]) == (422, "id-taken")


def test_what_is_wrong_with_a_rating_is_said_at_its_place_and_nothing_is_kept(house: House, api: Opener):
    ot, notes = api(house.ot), f"/cases/{house.child}/notes"
    wrong = [{"goal": str(uuid4()), "level": 1}, {"goal": str(goal(house)), "level": None}]
    refused = ot.post(notes, {**NOTE, "ratings": wrong})
    assert refused.status_code == 422
    found = [(e["pointer"], e["code"]) for e in refused.json["errors"]]
    assert found == [("/ratings/0/goal", "no-such-goal"), ("/ratings/1/level", "missing")]
    assert ot.get(f"/cases/{house.child}/timeline?kind=note").json["items"] == []


def test_a_draft_keeps_its_ratings_until_it_is_signed(house: House, api: Opener):
    card = goal(house)
    ot, notes = api(house.ot), f"/cases/{house.child}/notes"
    draft = ot.post(notes, {**NOTE, "sign": False, "ratings": [{"goal": str(card), "level": -1}]}).json["id"]
    assert ot.get(f"{notes}/{draft}").json["ratings"] == [
        {"goal": str(card), "level": -1, "support": None, "context": None, "scale_version": None}
    ]
    other = [{"goal": str(card), "level": 1, "support": "verbal"}]
    assert ot.patch(f"{notes}/{draft}", {"ratings": other}, version=1).status_code == 200
    assert levels(ot, house, card) == []
    assert ot.post(f"{notes}/{draft}/signature").status_code == 200
    assert ot.post(f"{notes}/{draft}/signature").status_code == 200  # sent again
    assert levels(ot, house, card) == [(1, "therapy", "verbal")]
