"""Phrases by the API, on both stores: one's own are put and deleted, a colleague's are read."""

from tests.house import House
from tests.web.api.conftest import Opener


def test_ones_own_are_put_read_and_deleted_and_a_colleague_reads_what_is_shared(house: House, api: Opener):
    _ = house.child
    ot, slt, admin = (api(person) for person in (house.ot, house.slt, house.admin))
    laces = {"text": "Tied the laces [how often].", "shared": True}

    made = ot.put("/phrases/Laces", laces)
    assert (made.status_code, made.json["status"], made.headers["ETag"]) == (200, "kept", '"1"')
    (own,) = ot.get("/phrases").json["items"]
    assert (own["name"], own["text"], own["shared"], own["version"]) == ("laces", laces["text"], True, 1)
    seen = slt.get("/phrases").json
    assert seen["items"] == []
    assert [(p["name"], p["person_name"]) for p in seen["colleagues"]] == [("laces", "Ada Lind")]

    assert ot.put("/phrases/laces", {"text": "Tied one."}, version=1).json["version"] == 2
    assert ot.put("/phrases/laces", {"text": "Tied two."}, version=1).json["code"] == "stale"
    assert slt.get("/phrases").json["colleagues"] == []  # what is sent says all of it: it is shared no more

    wrong = ot.put("/phrases/two%20words", {"text": ""})
    assert wrong.status_code == 422
    assert [(e["pointer"], e["code"]) for e in wrong.json["errors"]] == [
        ("/name", "not-a-short-name"),
        ("/text", "missing"),
    ]
    for text in (5, None, ...):
        body = {} if text is ... else {"text": text}
        assert ot.put("/phrases/bus", body).json["errors"][0]["pointer"] == "/text"
    assert slt.delete("/phrases/laces").json["code"] == "no-such-phrase"
    assert ot.delete("/phrases/laces").json["status"] == "removed"
    assert ot.get("/phrases").json["items"] == []

    answers = (admin.get("/phrases"), admin.put("/phrases/laces", laces), admin.delete("/phrases/laces"))
    assert [answer.status_code for answer in answers] == [403, 403, 403]
