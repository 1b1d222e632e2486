"""A program asks for a child's complaint file, sees how far it is, and takes it in both forms."""

import io
import zipfile
from uuid import uuid4

from pypdf import PdfReader

from coord.web.complaint_file.making import make_next
from tests.house import House
from tests.web.api.conftest import Opener


def test_it_is_asked_for_made_and_taken(house: House, api: Opener):
    house.note(house.ot, "Tied both laces.")
    lead, files = api(house.lead), f"/cases/{house.child}/complaint-files"
    asked = lead.post(files, {"reason": "The parents complained", "reader": str(house.slt.person_id)})
    assert asked.status_code == 202
    place = f"{files}/{asked.json['id']}"
    assert asked.headers["Location"] == f"/api/v1{place}"
    assert (asked.json["status"], asked.json["reader"]) == ("waiting", str(house.slt.person_id))
    early = lead.get(f"{place}/content")
    assert (early.status_code, early.json["code"]) == (404, "not-ready")
    house.clock.turn(minutes=1)
    make_next(house.app, house.services)
    how_far = lead.get(place).json
    assert (how_far["status"], how_far["percent"], how_far["position"]) == ("ready", 100, asked.json["position"])
    pdf = lead.get(f"{place}/content")
    assert pdf.content_type == "application/pdf"
    assert pdf.headers["Coord-Position"] == str(asked.json["position"])
    assert len(PdfReader(io.BytesIO(pdf.data), strict=True).pages) == how_far["pages"]
    with zipfile.ZipFile(io.BytesIO(lead.get(f"{place}/content?format=data").data)) as archive:
        assert b"Tied both laces." in archive.read("entries.jsonl")
    removed = lead.delete(place)
    assert removed.json["status"] == "cancelled"
    assert lead.get(f"{place}/content").status_code == 404


def test_a_program_is_told_that_nobody_makes_it(house: House, api: Opener):
    lead, files = api(house.lead), f"/cases/{house.child}/complaint-files"
    asked = lead.post(files, {"reason": "The parents complained"}).json
    assert (asked["status"], asked["unattended"]) == ("waiting", False)
    house.clock.turn(minutes=11)
    now = lead.get(f"{files}/{asked['id']}").json
    assert (now["status"], now["unattended"]) == ("waiting", True)


def test_a_program_takes_nothing_of_which_something_was_taken_back(house: House, api: Opener):
    note = house.note(house.ot, "Tied both laces.")
    lead, files = api(house.lead), f"/cases/{house.child}/complaint-files"
    place = f"{files}/{lead.post(files, {'reason': 'The parents complained'}).json['id']}"
    house.clock.turn(minutes=1)
    make_next(house.app, house.services)
    api(house.ot).post(f"/cases/{house.child}/notes/{note}/audience", {"audience": "own-discipline"}, version=1)
    for _time in range(2):
        refused = lead.get(f"{place}/content")
        assert (refused.status_code, refused.json["code"]) == (404, "complaint-file-withdrawn")
    assert lead.get(place).json["status"] == "withdrawn"


def test_the_same_key_is_the_same_file_and_asks_only_once(house: House, api: Opener):
    lead, files = api(house.lead), f"/cases/{house.child}/complaint-files"
    key = {"Idempotency-Key": "complaint-1"}
    first, second = (lead.post(files, {"reason": "Why"}, headers=key) for _ in range(2))
    assert second.status_code == 202
    assert second.json["id"] == first.json["id"]
    kinds = [look["kind"] for look in house.services.access.page(case_id=house.child)]
    assert kinds.count("AskForComplaintFile") == 1


def test_what_is_wrong_is_said_at_its_field(house: House, api: Opener):
    lead, files = api(house.lead), f"/cases/{house.child}/complaint-files"
    answer = lead.post(files, {"reason": "Why", "reader": str(uuid4())})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/reader")
    assert lead.post(files, {}).status_code == 422


def test_it_is_the_leads_and_each_ones_own(house: House, api: Opener):
    files = f"/cases/{house.child}/complaint-files"
    made = api(house.lead).post(files, {"reason": "Why"}).json["id"]
    for person, status in ((house.ot, 403), (house.teacher, 403), (house.stranger, 404), (house.admin, 404)):
        assert api(person).post(files, {"reason": "Why"}).status_code == status
        for rest in ("", "/content"):
            assert api(person).get(f"{files}/{made}{rest}").status_code == 404
        assert api(person).delete(f"{files}/{made}").status_code == 404
