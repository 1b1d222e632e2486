"""Policies in pages: beside their defaults, changed by the lead with a reason, every earlier value kept."""

import re
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from coord.application.policies.commands import ChangePolicy
from coord.application.policies.questions import ReadPolicies
from coord.domain.policy import POLICIES, Words, defaults
from coord.web.labels import RECORDED, SESSION_STEPS, SUITS_BY_DEFAULT, label
from tests.house import House

NUMBERS = {
    "occasions": "4",
    "contexts": "2",
    "observers": "2",
    "maintained_weeks": "6",
    "lost_after": "2",
    "look_again_weeks": "12",
}


def values(house: House, name: str) -> Any:
    answer = house.services.doors.ask(house.ot, ReadPolicies())
    return next(policy["values"] for policy in answer.items if policy["name"] == name)


def group(**changes: Any) -> dict[str, Any]:
    """The form of social skills as it comes to the lead."""
    typed = {
        name: value if isinstance(value, list) else str(value) for name, value in defaults("social-skills").items()
    }
    return {**typed, "expected_version": "0", "reason": "so", **changes}


def test_a_lead_changes_a_number_and_everybody_sees_both(house: House):
    lead = house.browser_of(house.lead)
    done = lead.post("/policies/generalisation", {**NUMBERS, "expected_version": "0", "reason": "Three were too few"})
    assert (done.status_code, done.headers["Location"]) == (303, "/policies#generalisation")
    page = lead.get("/policies").text
    assert "The policy is changed: When a skill is generalised." in page
    for reader in (house.ot, house.student):
        page = house.browser_of(reader).get("/policies").text
        assert re.search(r"<strong>4</strong><br><span[^>]*>Default: 3</span>", page)
        assert "Three were too few" in page
        assert "Occasions on which it was shown: from “3” to “4”" in page
        assert "Change this policy" not in page
        assert "The team lead can change them." in page


def test_the_shape_of_a_session_is_chosen_step_by_step(house: House):
    lead = house.browser_of(house.lead)
    page = lead.get("/policies/social-skills").text
    assert page.count('name="shape"') == 8
    sent = group(shape=["welcome", "", "main", "main", ""], record=["attendance", "message"], size_most="6")
    assert lead.post("/policies/social-skills", sent).status_code == 303
    changed = values(house, "social-skills")
    assert (changed["shape"], changed["record"], changed["size_most"]) == (
        ["welcome", "main", "main"],
        ["attendance", "message"],
        6,
    )
    assert changed["suits"] == defaults("social-skills")["suits"]


def test_default_words_stay_the_default_in_whatever_language_they_are_sent_back(house: House):
    lead = house.browser_of(house.lead)
    lead.post("/account/language", {"language": "it"}, form_on="/account")
    page = lead.get("/policies/social-skills").text
    shown = re.search(r'<textarea[^>]*id="suits"[^>]*>([^<]+)<', page)
    assert shown
    assert shown[1].startswith("Bambini con autismo")
    italian = shown[1].replace("&#39;", "'")
    lead.post("/policies/social-skills", group(suits=italian, size_most="6"))
    assert values(house, "social-skills")["suits"] == defaults("social-skills")["suits"]


def test_what_is_wrong_is_said_at_its_field_and_everything_typed_stays(house: House):
    lead = house.browser_of(house.lead)
    sent = group(age_from="young", size_least="9", minutes_to="999", shape=["nap"], record=[], suits="Ours", reason="")
    answer = lead.post("/policies/social-skills", sent)
    assert answer.status_code == 422
    for text, target in (
        ("Age from: Enter a whole number", "age_from"),
        ("Minutes of a session, to: This must be from 10 to 240", "minutes_to"),
        ("Shape of a session: Choose one of the options", "shape-1"),
        ("What to record for each child: Enter this", "record"),
        ("Why it is changed: Enter this", "reason"),
    ):
        assert f'<a href="#{target}">{text}</a>' in answer.text, text
        assert f'id="{target}"' in answer.text
    assert 'value="young"' in answer.text
    assert ">Ours</textarea>" in answer.text
    assert "less than" in lead.post("/policies/social-skills", group(size_least="9")).text
    assert values(house, "social-skills") == defaults("social-skills")


def test_somebody_who_was_slower_sees_what_stands_now(house: House):
    lead = house.browser_of(house.lead)
    house.services.doors.execute(house.lead, ChangePolicy("social-skills", 0, {"size_most": 6}, "x"))
    answer = lead.post("/policies/social-skills", group(size_most="5"))
    assert answer.status_code == 412
    stands = answer.text.split("What stands now, where it is not what you typed")[1].split("</dl>")[0]
    assert re.findall(r"<dd[^>]*>([^<]+)<", stands) == ["6"]
    assert 'name="expected_version" value="1"' in answer.text
    unchanged = lead.post("/policies/social-skills", group(size_most="6", expected_version="1"))
    assert unchanged.status_code == 409
    assert "Nothing has changed" in unchanged.text


def test_only_the_lead_gets_a_form_and_only_who_works_in_the_service_reads(house: House):
    for person in (house.ot, house.student):
        client = house.browser_of(person)
        assert client.get("/policies").status_code == 200
        assert client.get("/policies/generalisation").status_code == 403
        refused = client.post("/policies/generalisation", {**NUMBERS, "reason": "x"}, form_on="/policies")
        assert refused.status_code == 403
    for person in (house.teacher, house.admin):
        assert house.browser_of(person).get("/policies").status_code == 403
    assert house.browser_of(house.lead).get("/policies/weather").status_code == 404


def test_a_store_that_is_down_loses_no_word(house: House, monkeypatch: pytest.MonkeyPatch):
    lead = house.browser_of(house.lead)
    token = re.search(r'name="csrf_token" value="([^"]+)"', lead.get("/policies/generalisation").text)
    assert token

    def down(*_: Any, **__: Any) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    monkeypatch.setattr(house.services.record, "append", down)
    monkeypatch.setattr(house.services.access, "record", down)
    sent = {"csrf_token": token[1], **NUMBERS, "expected_version": "0", "reason": "Three were too few"}
    answer = lead.client.post("/policies/generalisation", data=sent)
    assert answer.status_code == 503
    assert "Three were too few" in answer.text


def test_a_change_in_the_audit_is_in_words(house: House):
    house.services.doors.execute(house.lead, ChangePolicy("social-skills", 0, {"shape": ["welcome", "main"]}, "Short"))
    page = house.browser_of(house.lead).get("/audit").text
    for words in ("Policy changed", "Social skills", "Shape of a session", "Short"):
        assert words in page


def test_every_part_of_every_policy_has_words(house: House):
    with house.app.test_request_context():
        for name, parts in POLICIES.items():
            assert label("policy", name) != name
            for part, kind in parts.items():
                assert label("policy-part", part) != part
                if isinstance(kind, Words):
                    assert str(SUITS_BY_DEFAULT[name]) == kind.default
        assert {**SESSION_STEPS, **RECORDED}.keys() == {
            code for kind in POLICIES["social-skills"].values() for code in getattr(kind, "choices", ())
        }
