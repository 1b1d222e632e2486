"""What a second factor means for the whole service: by whose policy, what is carried through it, what asks again."""

import re
from typing import Any

import pyotp
import pytest

from coord.application.case.questions import ReadCase
from coord.application.people.commands import AddPersonRole
from coord.domain.actors import COMMAND_LINE, Actor, Role
from coord.office.factors import Factors
from coord.office.tokens import Tokens
from coord.web.visit import entrance
from tests.house import PASSWORD, Client, House
from tests.web.pages.test_unsent import Writer, fields_of

WHY = "The school wrote: new class"


def factors(house: House) -> Factors:
    return Factors(house.services.office, *house.services.settings.secret_keys)


def phone_of(house: House, person: Actor) -> pyotp.TOTP:
    """Of somebody who set up one-time codes a while ago."""
    house.email(person)
    app = pyotp.TOTP(factors(house).begin_codes(person.person_id, house.clock.now))
    assert factors(house).confirm_codes(person.person_id, app.at(house.clock.now), house.clock.now)
    house.clock.turn(minutes=2)
    return app


def sign_in(house: House, person: Actor) -> tuple[Client, Any]:
    client = Client(house.app.test_client())
    form = {"email": house.email(person), "password": PASSWORD}
    return client, client.post("/sign-in", form, form_on="/sign-in")


def policy(house: House, **values: Any) -> None:
    """The lead of the team changes what holds for signing in."""
    lead, sent = house.browser_of(house.lead), {"second_factor": ["therapist", "student"], "grace_days": "0", **values}
    version = re.search(r'name="expected_version" value="(\d+)"', lead.get("/policies/signing-in").text)
    assert version
    sent = {"expected_version": version[1], "reason": "By the new rules", "form": "policy-signing-in", **sent}
    answer = lead.post("/policies/signing-in", sent)
    assert answer.status_code == 303, answer.text


# ---- by whose policy


def test_the_first_page_counts_the_days_down(house: House):
    for person in (house.ot, house.teacher, house.lead):
        assert "Second factor: 14 days left to set it up" in house.browser_of(person).get("/").text
    assert "Second factor" not in house.browser_of(house.admin).get("/people").text
    house.clock.turn(days=13, hours=12)
    assert "today is the last day" in house.browser_of(house.ot).get("/").text
    phone_of(house, house.slt)
    client, _answer = sign_in(house, house.slt)
    assert client.get("/sign-in/second").status_code == 200


def test_a_teams_lead_says_who_and_in_how_many_days(house: House):
    policy(house)
    shown = house.browser_of(house.lead).get("/policies").text
    assert "Therapist; Student or assistant" in shown
    _client, answer = sign_in(house, house.ot)
    assert answer.headers["Location"].startswith("/account/factors")
    _client, answer = sign_in(house, house.teacher)
    assert answer.headers["Location"] == "/", "a school's days are the default ones"
    _client, answer = sign_in(house, house.lead)
    assert "/account/factors" not in answer.headers["Location"]


def test_of_several_roles_the_strictest_counts_whichever_one_is_here_in(house: House):
    house.child  # noqa: B018 - of whom Ada is the occupational therapist
    policy(house)
    add = AddPersonRole(house.ot.person_id, Role.TEACHER, team="Hill School")
    house.services.doors.execute(COMMAND_LINE, add)
    client, answer = sign_in(house, house.ot)
    assert answer.headers["Location"].startswith("/account/factors")
    with house.app.app_context():
        entrance().roles.choose(house.ot.person_id, "teacher", house.clock.now)
    client, answer = sign_in(house, house.ot)
    assert answer.headers["Location"].startswith("/account/factors"), "a school's fourteen days are no way around it"
    assert "Zig" not in client.get("/").text
    also_admin = AddPersonRole(house.admin.person_id, Role.TEACHER, team="Hill School")
    house.services.doors.execute(COMMAND_LINE, also_admin)
    assert "14 days left" in house.browser_of(house.admin).get("/account").text


def test_whose_time_is_over_sees_no_child_and_no_key_for_the_device(house: House):
    policy(house)
    client, _answer = sign_in(house, house.ot)
    for page in ("/", f"/children/{house.child}", "/find", "/phrases", "/calendar", "/account", "/groups"):
        answer = client.get(page)
        assert answer.status_code == 303, page
        assert answer.headers["Location"].startswith("/account/factors"), page
    assert client.get("/account/device-key").status_code != 200
    assert "Zig" not in client.get("/account/factors").text


def test_tokens_of_programs_go_on(house: House):
    policy(house)
    house.email(house.ot)
    now = house.clock.now
    token = Tokens(house.services.office).issue(house.ot.person_id, "reports", now.replace(year=2027), now=now)
    answer = house.app.test_client().get("/api/v1/cases", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_a_half_open_sign_in_opens_no_page_and_no_api(house: House):
    phone_of(house, house.ot)
    client, answer = sign_in(house, house.ot)
    assert answer.headers["Location"] == "/sign-in/second?next=/"
    nobody, looked = Client(house.app.test_client()), 0
    for rule in house.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint != "account.second":
            got, to_nobody = client.get(rule.rule), nobody.get(rule.rule)
            assert got.status_code == to_nobody.status_code, rule.rule
            assert got.headers.get("Location") == to_nobody.headers.get("Location"), rule.rule
            looked += 1
    assert looked > 40


# ---- what was written is carried through


def corrected(house: House, person: Actor) -> Writer:
    words = {"preferred_name": "Zig", "full_name": "Zig Zander", "school": "Lake School", "school_class": "3C"}
    born = {"birth_date": "4/5/2019", "languages": "English"}
    return Writer(house, person, f"/children/{house.child}/details", **words, **born, reason=WHY)


def test_words_that_came_too_late_come_back_after_the_second_factor(house: House):
    writer = corrected(house, house.ot)
    phone = phone_of(house, house.ot)
    asked = writer.sign_in(writer.send())
    assert "One more step" in asked.text
    assert WHY not in re.sub(r"<input[^>]*>", "", asked.text), "before it they are not shown"
    form = fields_of(asked.text, "/sign-in/second")
    wrong = writer.browser.client.post("/sign-in/second", data={**form, "one_time_code": "123"})
    assert wrong.status_code == 422
    form = fields_of(wrong.text, "/sign-in/second")
    back = writer.browser.client.post("/sign-in/second", data={**form, "one_time_code": phone.at(house.clock.now)})
    assert "You are signed in again" in back.text
    assert writer.browser.client.post(writer.path, data=fields_of(back.text, writer.path)).status_code == 303
    assert house.services.doors.ask(house.ot, ReadCase(house.child)).details["school_class"] == "3C"


def test_and_after_setting_one_up_that_was_due(house: House):
    writer = corrected(house, house.ot)
    policy(house)
    page = writer.sign_in(writer.send())
    assert "Set up a second factor" in page.text
    begin = fields_of(page.text, "/account/one-time-codes/begin")
    codes = writer.browser.client.post("/account/one-time-codes/begin", data=begin)
    (secret,) = re.findall(r'<code id="secret" translate="no">([A-Z2-7 ]+)<', codes.text)
    form = fields_of(codes.text, "/account/one-time-codes")
    code = pyotp.TOTP(secret.replace(" ", "")).at(house.clock.now)
    done = writer.browser.client.post("/account/one-time-codes", data={**form, "one_time_code": code})
    assert "Your recovery codes" in done.text
    assert writer.browser.client.post(writer.path, data=fields_of(done.text, writer.path)).status_code == 303
    assert house.services.doors.ask(house.ot, ReadCase(house.child)).details["school_class"] == "3C"


def sets_up_codes(house: House, client: Client) -> pyotp.TOTP:
    """The app of somebody who sets up one-time codes on the page."""
    page = client.post("/account/one-time-codes/begin", form_on="/account/factors").text
    (secret,) = re.findall(r'<code id="secret" translate="no">([A-Z2-7 ]+)<', page)
    app = pyotp.TOTP(secret.replace(" ", ""))
    code = {"one_time_code": app.at(house.clock.now)}
    assert "recovery codes" in client.post("/account/one-time-codes", code, form_on="/account/factors").text
    return app


@pytest.mark.parametrize("grace_days", ["0", "14"])
def test_the_first_factor_ends_every_other_sign_in_by_the_password_alone(house: House, grace_days: str):
    house.child  # noqa: B018 - of whom Ada is the occupational therapist
    policy(house, grace_days=grace_days)
    somebody, _answer = sign_in(house, house.ot)
    ada, _answer = sign_in(house, house.ot)
    sets_up_codes(house, ada)
    assert "Zig" in ada.get("/").text
    assert somebody.get("/").headers["Location"].startswith("/sign-in")
    assert somebody.get("/account/factors").headers["Location"].startswith("/sign-in")


# ---- what asks again


def test_what_changes_a_persons_account_asks_again(house: House):
    admin, page = house.browser_of(house.admin), f"/people/{house.ot.person_id}"
    house.clock.turn(minutes=6)
    assert admin.get(page).status_code == 200, "looking is not asked for"
    assert admin.get("/people/new").headers["Location"] == "/account/again?next=/people/new"
    fields = {
        "person_id": house.ot.person_id,
        "sign_in": house.child,
        "token_id": house.child,
        "number": 1,
        "role": "teacher",
    }
    changes = [
        rule
        for rule in house.app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint.startswith(("people.", "proposals.confirm"))
        if rule.endpoint != "people.letter"  # it changes nothing, and the link that it is sent with is shown once
    ]
    assert len(changes) >= 11
    for rule in changes:
        with house.app.test_request_context():
            path = rule.build({name: fields[name] for name in rule.arguments})
        assert path
        answer = admin.post(path[1], {"name": "x"}, form_on=page, headers={"Referer": f"http://localhost{page}"})
        asked = "Is it still you?" in answer.text or answer.headers.get("Location", "").startswith("/account/again")
        assert asked, (rule.rule, answer.status_code)


@pytest.mark.parametrize(
    "path", ["/children/{}/history.csv", "/children/{}/history.jsonl", "/audit.csv", "/audit.jsonl"]
)
def test_what_leaves_as_a_file_asks_again(house: House, path: str):
    lead, path = house.browser_of(house.lead), path.format(house.child)
    house.clock.turn(minutes=6)
    position = house.services.record.head()
    assert lead.get(path).headers["Location"] == f"/account/again?next={path}"
    proved = lead.post("/account/again", {"password": PASSWORD, "next": path}, form_on="/account/again")
    assert "Take the file" in proved.text
    assert lead.get(path).headers["Content-Disposition"].startswith("attachment")
    assert house.services.record.head() == position


def test_the_complaint_file_is_asked_for_and_taken_only_anew(house: House):
    lead, page = house.browser_of(house.lead), f"/children/{house.child}/complaint-files"
    house.clock.turn(minutes=6)
    assert lead.get(page).status_code == 200
    asked = lead.post(page, {"reason": "The parents complained"})
    assert "Is it still you?" in asked.text
    form = fields_of(asked.text, "/account/again")
    back = lead.client.post("/account/again", data={**form, "password": PASSWORD})
    assert "The parents complained" in back.text
    assert lead.client.post(page, data=fields_of(back.text, page)).status_code == 303
    house.clock.turn(minutes=6)
    for ending in ("pdf", "zip"):
        assert lead.get(f"{page}/{house.child}.{ending}").headers["Location"].startswith("/account/again")


def test_an_address_of_a_calendar_asks_again(house: House):
    ot = house.browser_of(house.ot)
    house.clock.turn(minutes=6)
    asked = ot.post("/calendar", {"name": "Phone"})
    assert "Is it still you?" in asked.text
    form = fields_of(asked.text, "/account/again")
    back = ot.client.post("/account/again", data={**form, "password": PASSWORD})
    assert ot.client.post("/calendar", data=fields_of(back.text, "/calendar")).status_code == 303
