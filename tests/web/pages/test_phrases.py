"""My phrases on the pages: kept, changed, removed, taken over, to a file and back."""

import json
from io import BytesIO
from typing import Any

from coord.application.phrases.commands import KeepPhrase
from coord.application.phrases.questions import PhrasesAnswer, ReadPhrases
from coord.domain.actors import Actor
from tests.house import House

LACES = "Tied the laces [how often], with [help]."


def own(house: House, who: Actor) -> dict[str, str]:
    answer: PhrasesAnswer = house.services.doors.ask(who, ReadPhrases())
    return {one["name"]: one["text"] for one in answer.items}


def keep(house: House, who: Actor, name: str = "laces", text: str = LACES, *, shared: bool = False) -> None:
    house.services.doors.execute(who, KeepPhrase(name, text, shared))


def a_file(rows: Any) -> dict[str, Any]:
    content = rows if isinstance(rows, bytes) else json.dumps({"phrases": rows}).encode()
    return {"file": (BytesIO(content), "mine.json")}


def test_a_phrase_is_added_changed_renamed_and_removed(house: House):
    browser = house.browser_of(house.ot)
    assert 'href="/phrases"' in browser.get("/account").text
    assert "You have none yet." in browser.get("/phrases").text
    assert "no child&#39;s name" in browser.get("/phrases/new").text

    added = browser.post("/phrases/new", {"name": "Laces", "text": LACES})
    assert (added.status_code, added.headers["Location"]) == (303, "/phrases")
    page = browser.get("/phrases").text
    assert "The phrase is kept." in page
    assert ";laces" in page
    taken = browser.post("/phrases/new", {"name": "laces", "text": "Other words"})
    assert taken.status_code == 422
    assert "You have a phrase of this name already" in taken.text
    assert "Other words</textarea>" in taken.text

    page = "/phrases/own/laces"
    assert f"{LACES}</textarea>" in browser.get(page).text
    browser.post(page, {"name": "shoes", "text": "Both shoes.", "expected_version": "1", "shared": "yes"})
    assert own(house, house.ot) == {"shoes": "Both shoes."}
    assert "shared with colleagues" in browser.get("/phrases").text
    removed = browser.post("/phrases/own/shoes/remove", form_on="/phrases/own/shoes")
    assert removed.headers["Location"] == "/phrases"
    assert "The phrase is removed." in browser.get("/phrases").text
    assert own(house, house.ot) == {}
    assert browser.get("/phrases/own/shoes").status_code == 404


def test_another_tab_was_faster_and_both_are_seen(house: House):
    keep(house, house.ot)
    browser = house.browser_of(house.ot)
    keep(house, house.ot, text="Tied one.")
    page = "/phrases/own/laces"
    late = browser.post(page, {"name": "laces", "text": "Tied two.", "expected_version": "1"})
    assert late.status_code == 412
    assert "Tied one." in late.text
    assert "Tied two.</textarea>" in late.text
    assert own(house, house.ot) == {"laces": "Tied one."}
    browser.post(page, {"name": "laces", "text": "Tied two.", "expected_version": "2"})
    assert own(house, house.ot) == {"laces": "Tied two."}


def test_a_colleagues_is_taken_over_and_stays_as_it_was_taken(house: House):
    _ = house.child
    keep(house, house.slt, shared=True)
    keep(house, house.slt, "private", "Sol's alone")
    keep(house, house.ot, text="My own words.")
    browser = house.browser_of(house.ot)
    page = browser.get("/phrases").text
    assert "Sol Berg" in page
    assert "private" not in page
    theirs = {"person": str(house.slt.person_id), "name": "laces"}
    taken = browser.post("/phrases/taken", theirs, form_on="/phrases")
    assert taken.headers["Location"] == "/phrases/own/laces-2"
    assert "It is among your phrases now." in browser.get("/phrases/own/laces-2").text
    keep(house, house.slt, text="Changed since.", shared=True)
    assert own(house, house.ot) == {"laces": "My own words.", "laces-2": LACES}
    for name in ("private", "nothing"):
        refused = browser.post("/phrases/taken", {**theirs, "name": name}, form_on="/phrases")
        assert refused.status_code == 404
    assert len(own(house, house.ot)) == 2


def test_a_file_comes_back_as_it_was_saved_also_with_somebody_else(house: House):
    keep(house, house.ot, shared=True)
    keep(house, house.ot, "città", "Al mercato: [dove].")
    saved = house.browser_of(house.ot).get("/phrases/file.json")
    assert "attachment" in saved.headers["Content-Disposition"]
    assert saved.headers["Cache-Control"] == "no-store"
    browser = house.browser_of(house.slt)
    taken = browser.post("/phrases/file", a_file(saved.data))
    assert (taken.status_code, taken.headers["Location"]) == (303, "/phrases")
    assert own(house, house.slt) == own(house, house.ot)


def test_what_is_wrong_with_a_file_is_said_by_row_and_nothing_of_it_is_taken(house: House):
    keep(house, house.ot)
    browser = house.browser_of(house.ot)
    rows = [{"name": "bus", "text": "Waited."}, {"name": "two words", "text": ""}, {"name": "laces", "text": "Other."}]
    refused = browser.post("/phrases/file", a_file(rows))
    assert refused.status_code == 422
    for said in (
        "Phrase 2, short name: Use letters and digits",
        "Phrase 2, text: Enter this",
        "Phrase 3, short name: You have a phrase of this name already",
    ):
        assert said in refused.text
    assert own(house, house.ot) == {"laces": LACES}
    browser.post("/phrases/file", {**a_file([rows[0], rows[2]]), "replace": "yes"})
    assert own(house, house.ot) == {"bus": "Waited.", "laces": "Other."}

    for content in (b"", b"{", b"[]", b'{"phrases": 5}', b'{"phrases": ["x"]}', b"\xff\xfe", b"[" * 100_000):
        answer = browser.post("/phrases/file", a_file(content))
        assert (answer.status_code, "This is no file of phrases" in answer.text) == (422, True), content[:20]
    assert "Choose a file" in browser.post("/phrases/file").text
    assert "Enter this" in browser.post("/phrases/file", a_file([])).text


def test_who_writes_no_notes_has_no_phrases(house: House):
    browser = house.browser_of(house.admin)
    assert "/phrases" not in browser.get("/account").text
    for page in ("/phrases", "/phrases/new", "/phrases/file", "/phrases/file.json"):
        assert browser.get(page).status_code == 403
    assert house.browser_of(house.teacher).get("/phrases").status_code == 200
