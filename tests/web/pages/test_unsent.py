"""A form sent after the sign-in has ended: its words go through the sign-in page and come back to their author."""

import html
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from itsdangerous import TimestampSigner
from sqlalchemy import text

from coord.application.case.questions import ReadCase
from coord.application.notes.questions import ReadNote
from coord.domain.actors import Actor
from coord.web import MOST_BYTES
from coord.web.unsent import MOST_BYTES as MOST_CARRIED
from tests.aims import goal
from tests.house import PASSWORD, House, open_house
from tests.postgres import Postgres

WORDS = 'He said "no" & laughed <twice>.\nThen: perché no?'


def fields_of(page: str, action: str = "") -> dict[str, str]:
    """The hidden fields of the form that is sent to ``action``, as a browser would send them."""
    main = page.split("<main", 1)[1].split("</main>")[0]
    form = next(f for f in re.findall(r"<form.*?</form>", main, re.S) if f'action="{action}' in f) if action else main
    return {n: html.unescape(v) for n, v in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)}


class Writer:
    """Somebody with a page open on which they have written, whose sign-in has ended since."""

    def __init__(self, house: House, person: Actor, page: str, path: str = "", **words: str) -> None:
        self.house, self.person, self.page, self.path = house, person, page, path or page
        self.browser = house.browser_of(person)
        self.fields = {**fields_of(self.browser.get(page).text), **words}
        house.clock.turn(minutes=31)

    def send(self) -> Any:
        headers = {"Referer": f"http://localhost{self.page}"}
        return self.browser.client.post(self.path, data=self.fields, headers=headers)

    def sign_in(self, answer: Any, person: Actor | None = None, password: str = PASSWORD) -> Any:
        data = {**fields_of(answer.text, "/sign-in"), "password": password}
        return self.browser.client.post("/sign-in", data={**data, "email": self.house.email(person or self.person)})


@pytest.fixture
def details(house: House) -> Writer:
    """Ada has corrected the child's details."""
    path = f"/children/{house.child}/details"
    words = {"preferred_name": "Zig", "full_name": "Zig Zander", "school": "Lake School", "school_class": "2B"}
    born = {"birth_date": "4/5/2019", "languages": "English"}
    return Writer(house, house.ot, path, **words, **born, reason=WORDS)


def test_what_was_written_comes_back_after_signing_in_and_goes_where_it_was_going(house: House, details: Writer):
    answer = details.send()
    assert answer.status_code == 403
    assert "what you wrote was not sent" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    head = house.services.record.head()
    again = details.sign_in(answer)
    assert again.status_code == 200
    assert again.headers["Cache-Control"] == "no-store"
    assert html.escape(WORDS) in again.text.replace("&#34;", "&quot;")
    assert ">Date of birth</dt>" in again.text
    assert ">4/5/2019</dd>" in again.text
    assert house.services.record.head() == head, "nothing is sent without the button"
    form = fields_of(again.text, details.path)
    assert form["reason"] == WORDS
    assert details.browser.client.post(details.path, data=form).status_code == 303
    assert house.services.doors.ask(house.ot, ReadCase(house.child)).details["school"] == "Lake School"


def test_a_note_that_is_written_without_javascript_is_signed_after_all(house: House):
    note = uuid4()
    path = f"/children/{house.child}/drafts/{note}"
    page = f"/children/{house.child}/notes/new"
    writer = Writer(house, house.ot, page)
    writer.path = path
    writer.fields |= {"section-text": WORDS, "format": "narrative", "setting": "school", "audience": "care-team"}
    writer.fields |= {"from-day": "10/03/2026", "from-time": "09:00", "action": "sign"}
    again = writer.sign_in(writer.send())
    assert "What happened" in again.text
    assert "10/03/2026 09:00" in again.text
    form = fields_of(again.text, path)
    assert writer.browser.client.post(path, data=form).location == f"/children/{house.child}/notes/{note}"
    assert house.services.doors.ask(house.ot, ReadNote(house.child, note)).note.sections == {"text": WORDS}


def test_signed_in_again_in_another_window_the_words_come_back_at_once(house: House, details: Writer):
    assert details.browser.post("/sign-in", {"email": house.email(house.ot), "password": PASSWORD}).status_code == 303
    answer = details.send()
    assert answer.status_code == 403
    assert "You are signed in again" in answer.text
    assert details.browser.client.post(details.path, data=fields_of(answer.text, details.path)).status_code == 303


def test_without_any_cookie_left_they_come_back_too(house: House, details: Writer):
    details.browser = house.browser_of(None)
    again = details.sign_in(details.send())
    assert details.browser.client.post(details.path, data=fields_of(again.text, details.path)).status_code == 303


def test_somebody_else_is_not_shown_them(house: House, details: Writer):
    answer = details.send()
    theirs = details.sign_in(answer, house.slt)
    assert theirs.status_code == 200
    assert "not shown to you" in theirs.text
    assert "laughed" not in theirs.text
    assert "Lake School" not in theirs.text
    # Nor is somebody who has signed in in another window meanwhile.
    theirs = details.send()
    assert theirs.status_code == 403
    assert "not shown to you" in theirs.text
    assert "laughed" not in theirs.text
    assert house.services.doors.ask(house.ot, ReadCase(house.child)).details["school"] == "Hill School"


def test_the_words_survive_a_wrong_password_and_a_reload(house: House, details: Writer):
    answer = details.sign_in(details.send(), password="wrong")
    assert answer.status_code == 422
    data = {**fields_of(answer.text, "/sign-in"), "email": house.email(house.ot), "password": PASSWORD}
    for status in (200, 403):  # sent again by a reload, with a token that is void by now
        again = details.browser.client.post("/sign-in", data=data)
        assert again.status_code == status
        assert fields_of(again.text, details.path)["reason"] == WORDS


def test_a_password_that_somebody_else_chose_is_changed_on_the_way(house: House, details: Writer):
    given = "three dull lamps hum"
    house.email(house.ot)
    house.accounts.set_password(house.ot.person_id, given, now=house.clock.now, must_change_password=True)
    answer = details.sign_in(details.send(), password=given)
    assert "Change your password" in answer.text
    assert "laughed" not in re.sub(r'type="hidden"[^>]*', "", answer.text)
    own = {"current": given, "password": "four dry rivers sing", "again": "four dry rivers sing"}
    again = details.browser.client.post("/account/password", data={**fields_of(answer.text, "/account"), **own})
    assert "You are signed in again" in again.text
    assert details.browser.client.post(details.path, data=fields_of(again.text, details.path)).status_code == 303


def test_no_password_and_no_token_is_carried_along(house: House, details: Writer):
    old = details.fields["csrf_token"]
    details.fields |= {"password": "hunter two of them", "current": "secret one", "again": "secret two"}
    answer = details.send()
    again = details.sign_in(answer)
    for page in (answer.text, again.text):
        assert "hunter two" not in page
        assert "secret one" not in page
        assert "secret two" not in page
        assert "unsent:csrf_token" not in page
    assert old not in again.text
    forged = {**fields_of(answer.text, "/sign-in"), "unsent:csrf_token": old, "unsent:password": "hunter two of them"}
    details.browser = house.browser_of(None)
    page = details.browser.get("/sign-in").text
    forged |= {"csrf_token": fields_of(page, "/sign-in")["csrf_token"], "email": house.email(house.ot)}
    again = details.browser.client.post("/sign-in", data={**forged, "password": PASSWORD})
    assert "Lake School" in again.text
    assert old not in again.text
    assert "hunter two" not in again.text


def test_the_old_token_still_opens_nothing(house: House, details: Writer):
    house.browser_of(house.ot)  # the same person, elsewhere
    head = house.services.record.head()
    assert details.browser.post("/sign-in", {"email": house.email(house.ot), "password": PASSWORD}).status_code == 303
    assert details.send().status_code == 403
    assert house.services.record.head() == head


@pytest.mark.parametrize("token", ["", "nonsense", "of-nobody", "of-another-kind"])
def test_a_form_that_is_not_from_a_page_of_theirs_is_not_taken_up(house: House, details: Writer, token: str):
    if token == "of-nobody":
        token = fields_of(house.browser_of(None).get("/sign-in").text, "/sign-in")["csrf_token"]
    elif token == "of-another-kind":
        token = fields_of(details.send().text, "/sign-in")["unsent"]
    details.fields["csrf_token"] = token
    for browser in (details.browser, house.browser_of(None), house.browser_of(house.ot)):
        details.browser = browser
        answer = details.send()
        assert answer.status_code == 400
        assert "laughed" not in answer.text


def test_where_it_goes_and_whose_it_is_cannot_be_changed(house: House, details: Writer):
    answer = details.send()
    fields = fields_of(answer.text, "/sign-in")
    head, dot, rest = fields["unsent"].partition(".")
    fields["unsent"] = head[:-2] + ("AA" if head[-2:] != "AA" else "BB") + dot + rest
    more = {"email": house.email(house.ot), "password": PASSWORD}
    again = details.browser.client.post("/sign-in", data={**fields, **more})
    assert (again.status_code, again.location) == (303, details.page)


def test_after_a_week_it_is_too_old(house: House, details: Writer, monkeypatch: pytest.MonkeyPatch):
    now = TimestampSigner.get_timestamp
    week = 7 * 86400

    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: now(self) + week - 60)
    assert "laughed" in details.send().text
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: now(self) + week + 60)
    answer = details.send()
    assert answer.status_code == 303
    assert "laughed" not in answer.text


@pytest.mark.parametrize(
    ("page", "field"),
    [
        *(("goals/new", field) for field in ("statement", "child_view", "criterion", "level-minus-2")),
        ("goals/{goal}/observe", "remark"),
        ("goals/{goal}/agree", "name.0"),
        ("strategies/offer", "text"),
        ("profile", "remark"),
        ("measures/copm", "activity.0"),
        ("measures/instrument", "summary"),
        ("/activities/new", "purpose"),
        ("/groups/new", "title"),
    ],
)
def test_the_words_of_every_form_come_back(house: House, page: str, field: str):
    path = page if page.startswith("/") else f"/children/{house.child}/{page}"
    if "{goal}" in page:
        path = path.format(goal=goal(house))
    writer = Writer(house, house.ot, path, **{field: WORDS})
    again = writer.sign_in(writer.send())
    assert html.escape(WORDS) in again.text.replace("&#34;", "&quot;")


def test_a_reason_is_called_as_the_page_that_asked_for_it_calls_it(house: House):
    house.summary()
    circumstances = f"notes/{house.note(house.ot)}/circumstances"
    asked = {"summary/recall": "Why do you recall it?", circumstances: "Why it is corrected", "close": "Reason"}
    for page, called in asked.items():
        writer = Writer(house, house.ot, f"/children/{house.child}/{page}", reason=WORDS)
        again = html.unescape(writer.sign_in(writer.send()).text)
        (heading,) = re.findall(r"<dt[^>]*>([^<]*)</dt>\s*<dd[^>]*>" + re.escape(WORDS), again)
        assert heading == called


def test_the_words_of_a_page_from_before_forms_said_what_they_are_come_back_too(house: House):
    writer = Writer(house, house.ot, f"/children/{house.child}/close", reason=WORDS, form="")
    again = writer.sign_in(writer.send())
    assert html.escape(WORDS) in again.text.replace("&#34;", "&quot;")


def test_only_what_was_typed_is_worth_carrying(house: House):
    note = house.note(house.student)
    path = f"/children/{house.child}/notes/{note}"
    writer = Writer(house, house.ot, path, f"{path}/cosignature", expected_version="1")
    answer = writer.send()
    assert (answer.status_code, answer.location) == (303, f"/sign-in?next={path}")
    assert writer.browser.client.post("/sign-out", data=writer.fields).status_code == 303


def test_scripts_of_the_page_are_answered_as_before(house: House, details: Writer):
    for header in ({"X-CSRFToken": details.fields["csrf_token"]}, {"HX-Request": "true"}):
        answer = details.browser.client.post(details.path, data=details.fields, headers=header)
        assert answer.status_code == 303
        assert "laughed" not in answer.text


def test_a_form_larger_than_can_be_carried_is_not(house: House, details: Writer):
    details.fields["reason"] = "x" * MOST_CARRIED
    assert details.send().status_code == 303
    assert MOST_CARRIED + 500 * len("unsent:") < MOST_BYTES
    details.fields["reason"] = "x" * (MOST_CARRIED - 2000)
    again = details.sign_in(details.send())
    assert len(fields_of(again.text, details.path)["reason"]) == MOST_CARRIED - 2000


def test_in_italian_and_without_another_language_to_lose_it_in(house: House, details: Writer):
    headers = {"Accept-Language": "it", "Referer": f"http://localhost{details.page}"}
    answer = details.browser.client.post(details.path, data=details.fields, headers=headers)
    assert "non è andato perso" in answer.text
    assert 'name="language"' not in answer.text
    house.email(house.ot)
    house.accounts.set_language(house.ot.person_id, "it")
    again = details.sign_in(answer)
    assert "<h1" in again.text
    assert "Hai effettuato di nuovo l'accesso" in html.unescape(again.text)
    assert 'lang="it"' in again.text


def test_nothing_of_it_is_a_look_at_a_child(house: House, details: Writer):
    before = [x["id"] for x in house.services.access.page(limit=500)]
    details.sign_in(details.send())
    new = [x["kind"] for x in house.services.access.page(limit=500) if x["id"] not in before]
    assert sorted(new) == ["signed-in", "signed-out"]


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_with_the_database_gone_every_page_says_so_and_gives_the_words_back(
    data_folder: Path, request: pytest.FixtureRequest, store: str
):
    postgres: Postgres | None = request.getfixturevalue("postgres") if store == "postgres" else None
    url = postgres.new_database() if postgres else None
    with open_house(data_folder, url) as house:
        path = f"/children/{house.child}/details"
        browser, anybody = house.browser_of(house.ot), house.browser_of(None)
        sent = fields_of(browser.get(path).text) | {"reason": WORDS}
        signing_in = fields_of(anybody.get("/sign-in").text, "/sign-in")
        if postgres and url:
            postgres.drop_database(url)
        else:
            with house.services.office.execution_options(write=True).begin() as connection:
                for table in ("sign_ins", "accounts", "sign_in_attempts"):
                    connection.execute(text(f"ALTER TABLE {table} RENAME TO {table}_gone"))
        for answer in (
            browser.get("/"),
            browser.get(f"/children/{house.child}"),
            browser.get("/account"),
            browser.client.post(path, data=sent),
            anybody.client.post("/sign-in", data={**signing_in, "email": "a@b.example", "password": PASSWORD}),
        ):
            assert answer.status_code == 503, answer.text
            assert answer.headers["Retry-After"]
            assert house.ot.name not in answer.text
        assert "laughed &lt;twice&gt;" in browser.client.post(path, data=sent).text
        # From before the last sign-in, and nobody can say who is asking: the sign-in page keeps it meanwhile.
        anybody.get("/sign-in")
        late = anybody.client.post(path, data=sent)
        assert "laughed &lt;twice&gt;" in late.text
