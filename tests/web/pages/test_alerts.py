"""Alerts on the pages: above everything about the child, on a teacher's card, on the print for a supply teacher."""

import html
import re
from dataclasses import replace
from typing import Any

from coord.application.case.commands import ChangeAlert, EndAlert
from coord.application.case.questions import ReadCase
from tests.aims import NUTS, alerted
from tests.house import House
from tests.web.forms import Forms


def told(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def banner(page: str) -> str:
    """What the child's banner says in one line, and what it opens."""
    return told(page.split('class="coord-whose"', 1)[1].split("</section>", 1)[0])


def summary_of(page: str) -> str:
    return told(page.split('<details class="coord-alerts">', 1)[1].split("</summary>", 1)[0])


def test_the_banner_says_the_first_two_and_how_many_more_and_opens_what_to_do(house: House):
    browser, page = house.browser_of(house.ot), f"/children/{house.child}"
    assert "coord-alerts" not in browser.get(page).text
    for words in ("Nut allergy", "Seizures", "Runs off", "Not to his uncle"):
        kind = {"Runs off": "safety", "Not to his uncle": "contact"}.get(words, "health")
        alerted(house, text=words, kind=kind, what_to_do=f"Then: {words.lower()}.")
    found = browser.get(page).text
    assert summary_of(found) == "4 alerts Nut allergy Seizures and 2 more"
    assert "Alert: Not to his uncle Then: not to his uncle." in banner(found)


def test_no_page_of_a_teacher_has_an_alert_that_is_for_the_professionals(house: House):
    alerted(house, text="Custody in dispute", audience="care-team", what_to_do="Ask Lena first.")
    alerted(house)
    browser = house.browser_of(house.teacher)
    child = f"/children/{house.child}"
    paths = [
        "/",
        "/pupils/supply",
        child,
        f"{child}/summary",
        f"{child}/goals",
        f"{child}/groups",
        f"{child}/strategies",
    ]
    paths += [
        f"{child}/alerts",
        f"{child}/notes/new",
        f"{child}?kind=alert",
        "/find?q=custody",
        f"{child}?as_of=2026-03-10",
    ]
    pages = {path: browser.get(path, follow_redirects=True) for path in paths}
    assert {page.status_code for page in pages.values()} == {200}
    assert not [path for path, page in pages.items() if "dispute" in page.text or "Lena first" in page.text]
    assert all("Nut allergy" in pages[path].text for path in paths if not path.startswith("/find"))


def test_on_a_card_and_on_the_print_for_a_supply_teacher_they_stand_before_what_helps(house: House):
    alerted(house)
    browser = house.browser_of(house.teacher)
    card = told(browser.get("/").text.split('class="coord-pupil"', 1)[1])
    assert card.index("Nut allergy") < card.index("A line about today")
    paper = told(browser.get("/pupils/supply").text.split("<main", 1)[1])
    assert "Alert: Nut allergy Pen in the red bag. Then call 112. There is no summary" in paper


def test_the_looks_at_cards_and_print_say_that_alerts_were_shown(house: House):
    alerted(house)
    quiet = house.open_case("Bea")
    browser = house.browser_of(house.teacher)
    for path in ("/", "/pupils/supply"):
        browser.get(path)
        looks = {one["case_id"]: one["categories"] for one in house.services.access.page(limit=3)}
        assert "alerts" in looks[house.child].split()
        assert "alerts" not in looks[quiet].split()


def test_an_alert_is_raised_changed_and_ended_from_its_page(house: House):
    browser, page = house.browser_of(house.ot), f"/children/{house.child}/alerts"
    form = sent(browser, f"{page}/new", text="Nut allergy", kind="health", audience="care-team-and-school")
    assert "The alert stands on every page" in told(form.text)
    (alert,) = house.services.doors.ask(house.ot, ReadCase(house.child)).alerts
    again = sent(browser, f"{page}/{alert.id}", text="Peanut allergy", reason="")
    assert (again.status_code, "Peanut allergy" in again.text) == (422, True)
    changed = sent(browser, f"{page}/{alert.id}", text="Peanut allergy", review_on="1 3 2026", reason="Only peanuts")
    assert changed.status_code == 422  # that day has passed: it is no day to look again
    changed = sent(browser, f"{page}/{alert.id}", text="Peanut allergy", reason="Only peanuts")
    assert summary_of(changed.text) == "1 alert Peanut allergy"
    ended = sent(browser, f"{page}/{alert.id}/end", reason="Outgrown")
    assert "There is no alert." in told(ended.text)
    timeline = told(browser.get(f"/children/{house.child}?kind=alert").text)
    assert all(one in timeline for one in ("Alert ended", "“Outgrown”", "Alert changed", "Alert raised"))


def test_a_change_of_an_alert_that_was_ended_meanwhile_comes_back_with_every_word(house: House):
    alert = alerted(house)
    browser, page = house.browser_of(house.ot), f"/children/{house.child}/alerts/{alert}"
    (form,) = [one for one in Forms(browser.get(page).text).forms if one["action"].startswith(page)]
    house.services.doors.execute(house.lead, EndAlert(house.child, alert, "outgrown"))
    typed = {**form["fields"], "text": "Peanut allergy", "reason": "Only peanuts"}
    again = browser.client.post(page, data=typed)
    assert again.status_code == 409
    assert all(words in told(again.text) for words in ("Only peanuts", "was ended"))
    assert 'value="Peanut allergy"' in again.text
    assert browser.get(page).status_code == 404


def test_ending_one_that_a_colleague_changed_asks_anew_with_what_it_says_now(house: House):
    alert = alerted(house)
    browser, page = house.browser_of(house.ot), f"/children/{house.child}/alerts/{alert}/end"
    (form,) = [one for one in Forms(browser.get(page).text).forms if one["action"] == page]
    change = ChangeAlert(house.child, alert, 1, replace(NUTS, what_to_do="The pen is in her coat now."), "A new coat")
    house.services.doors.execute(house.slt, change)
    again = browser.client.post(page, data={**form["fields"], "reason": "He outgrew it"})
    assert again.status_code == 412
    for words in ("It was changed in the meantime", "The pen is in her coat now.", "He outgrew it"):
        assert words in told(again.text), words
    (form,) = [one for one in Forms(again.text).forms if one["action"] == page]
    assert browser.client.post(page, data=form["fields"]).status_code == 303
    assert "There is no alert." in told(browser.get(f"/children/{house.child}/alerts").text)


def sent(browser: Any, page: str, **typed: str) -> Any:
    """The form of a page, filled in and sent."""
    forms = [one for one in Forms(browser.get(page).text).forms if one["action"].startswith(page)]
    return browser.client.post(page, data={**forms[-1]["fields"], **typed}, follow_redirects=True)


def test_who_may_not_is_offered_nothing(house: House):
    alert = alerted(house)
    for who in (house.teacher, house.student):
        browser = house.browser_of(who)
        page = browser.get(f"/children/{house.child}/alerts").text
        assert "Nut allergy" in page
        assert not re.search(r"alerts/new|/end|>Change<", page)
        assert browser.get(f"/children/{house.child}/alerts/new").status_code == 403
        assert browser.get(f"/children/{house.child}/alerts/{alert}").status_code == 403
