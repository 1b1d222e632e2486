"""Who may use Coord: registering, changing, and taking access away at once; without a word about a child."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from coord.application.case.questions import ExportCase
from coord.application.history.questions import ReadAudit
from coord.application.people.commands import ChangePersonEmail, DisablePerson, RegisterPerson
from coord.domain.actors import Actor, Discipline, Role
from coord.domain.errors import Conflict, Unavailable
from coord.domain.input import answer_to
from coord.office.access import looks
from coord.office.sign_ins import SignIns
from coord.office.tokens import Tokens, Unauthenticated
from coord.web.visit import entrance
from tests.house import PASSWORD, Client, House, answered, legible, open_house

NEW = {"name": "Nia Moss", "email": "Nia@example.org", "role": "therapist", "discipline": "ot", "team": "North"}
OWN = "four green kites sing"


def form(**changes: str) -> dict[str, str]:
    return {**NEW, "person_id": str(uuid4()), **changes}


def link_on(answer: Any) -> str:
    """The path of the link that a letter shows."""
    found = re.search(r'id="link"[^>]*>([^<]+)<', answer.text)
    assert found, answer.text
    assert found[1].startswith("http://localhost:8000/link/")
    return found[1].removeprefix("http://localhost:8000")


def chooses(house: House, link: str, password: str = OWN) -> Any:
    """What somebody is answered who opens a link and chooses a password."""
    client = Client(house.app.test_client())
    page = client.get(link)
    if page.status_code != 200:
        return page
    return client.post(link, {"password": password, "again": password})


def signs_in(house: House, email: str, password: str) -> tuple[Client, Any]:
    client = Client(house.app.test_client())
    return client, client.post("/sign-in", {"email": email, "password": password}, form_on="/sign-in")


def people_in(house: House) -> dict[str, dict[str, Any]]:
    from coord.application.people.questions import ReadAccounts

    return {p["email"]: p for p in house.services.doors.ask(house.admin, ReadAccounts()).items}


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


# ---- somebody new ------------------------------------------------------------------------------------------------


def test_somebody_new_gets_a_letter_shown_once_and_chooses_their_own_password(house: House):
    admin = house.browser_of(house.admin)
    answer = admin.post("/people/new", form())
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    link = link_on(answer)
    person = people_in(house)["nia@example.org"]
    page = admin.get(f"/people/{person['person_id']}").text
    assert link not in page
    assert "Invited by a letter" in page
    chosen = chooses(house, link)
    assert (chosen.status_code, chosen.location) == (303, "/sign-in")
    client, entered = signs_in(house, "nia@example.org", OWN)
    assert entered.location == "/account/changes?next=/"  # that the letter was made
    assert client.get("/").status_code == 200
    assert chooses(house, link, "five loud geese sing").status_code == 410  # it works once
    assert signs_in(house, "nia@example.org", OWN)[1].status_code == 303


def test_the_same_form_twice_is_one_person_and_the_last_letter_is_right(house: House):
    admin, sent = house.browser_of(house.admin), form()
    first = link_on(admin.post("/people/new", sent))
    second = link_on(admin.post("/people/new", sent))
    assert [e for e in people_in(house) if e.startswith("nia")] == ["nia@example.org"]
    assert chooses(house, first).status_code == 410
    assert chooses(house, second).status_code == 303


def test_an_old_form_sent_again_does_not_take_a_chosen_password_away(house: House):
    admin, sent = house.browser_of(house.admin), form()
    chooses(house, link_on(admin.post("/people/new", sent)))
    again = admin.post("/people/new", sent)
    assert again.status_code == 303
    assert signs_in(house, "nia@example.org", OWN)[1].status_code == 303


def test_a_death_between_record_and_account_is_mended_by_a_second_try(house: House, monkeypatch: pytest.MonkeyPatch):
    admin, sent = house.browser_of(house.admin), form()
    with house.app.app_context():
        accounts = entrance().accounts

    def dies(*_given: object, **_more: object) -> None:
        raise Unavailable

    with monkeypatch.context() as broken:
        broken.setattr(accounts, "create_account", dies)
        failed = admin.post("/people/new", sent)
        assert failed.status_code == 503
        assert 'value="Nia Moss"' in failed.text
        assert sent["person_id"] in failed.text
    assert "nia@example.org" in people_in(house)
    page = admin.get(f"/people/{sent['person_id']}")
    assert "they cannot sign in before they have chosen one" in page.text
    assert chooses(house, link_on(admin.post("/people/new", sent))).status_code == 303


def test_after_such_a_death_a_letter_on_the_persons_page_completes_it_too(house: House):
    person_id = uuid4()
    house.services.doors.execute(
        house.admin, RegisterPerson(person_id, "Nia Moss", "nia@example.org", Role.THERAPIST, Discipline.OT, "North")
    )
    admin = house.browser_of(house.admin)
    answer = admin.post(f"/people/{person_id}/password", {"way": "letter"}, form_on=f"/people/{person_id}")
    assert chooses(house, link_on(answer)).status_code == 303
    assert signs_in(house, "nia@example.org", OWN)[1].status_code == 303


def test_an_address_in_use_is_said_at_its_field_and_nobody_is_registered(house: House):
    taken = house.email(house.ot)
    before = people_in(house)
    answer = house.browser_of(house.admin).post("/people/new", form(email=taken.upper()))
    assert answer.status_code == 422
    assert 'href="#email"' in answer.text
    assert "Another account has this email address" in answer.text
    assert f'value="{taken.upper()}"' in answer.text
    assert people_in(house).keys() == before.keys()


def test_what_is_wrong_is_said_at_each_field_and_what_was_typed_stays(house: House):
    admin = house.browser_of(house.admin)
    answer = admin.post("/people/new", form(name="", email="no address", discipline=""))
    assert answer.status_code == 422
    for field, title in (("name", "Name"), ("email", "Email address"), ("discipline", "Discipline")):
        assert f'href="#{field}">{title}: ' in answer.text
    assert 'value="no address"' in answer.text
    assert re.search(r'name="role"[^>]*value="therapist"[^>]*checked', answer.text)
    assert 'value="North"' in answer.text
    assert admin.post("/people/new", form(role="king")).status_code == 422
    assert admin.post("/people/new", form(team="")).status_code == 422


def test_a_long_list_comes_in_pages_and_each_person_stands_on_one(house: House):
    for number in range(52):
        role, name = Role.THERAPIST, f"Zo Nr{number:02}"
        person = RegisterPerson(uuid4(), name, f"zo{number}@example.org", role, Discipline.OT, "North")
        house.services.doors.execute(house.admin, person)
    admin, place, seen, page = house.browser_of(house.admin), "/people?state=active&text=zo", [], ""
    while place:
        page = admin.get(place).text
        seen.append(re.findall(r"Zo Nr\d\d", page))
        more = re.search(r'href="([^"]+)">More people', page)
        place = unescape(more[1]) if more else ""
    back = re.search(r'href="([^"]+)">From the beginning', page)
    assert back
    assert "Zo Nr00" in admin.get(unescape(back[1])).text
    assert set(re.findall(r"(text|state)=", back[1])) == {"text", "state"}
    assert [len(names) for names in seen] == [50, 2]
    assert [name for names in seen for name in names] == [f"Zo Nr{number:02}" for number in range(52)]
    assert admin.get("/people?cursor=nobody").status_code == 422


# ---- changes -----------------------------------------------------------------------------------------------------


def test_a_changed_role_holds_at_the_next_request_and_not_for_what_was_written(house: House):
    house.note(house.ot)
    admin, theirs = house.browser_of(house.admin), house.browser_of(house.ot)
    page = f"/people/{house.ot.person_id}"
    assert theirs.get("/audit").status_code == 403
    answer = admin.post(f"{page}/role", {"role": "team-lead", "discipline": "ot"}, form_on=page)
    assert answer.status_code == 303
    assert "The role is changed" in admin.get(page).text
    assert "The role is changed" not in admin.get(page).text
    audit = theirs.get("/audit?kind=case.note-signed")
    assert audit.status_code == 200
    assert re.search(r"Ada Lind\s*<br>\s*Therapist, Occupational therapy", audit.text)


def test_a_move_to_another_team(house: House):
    admin, page = house.browser_of(house.admin), f"/people/{house.slt.person_id}"
    assert admin.post(f"{page}/team", {"team": ""}, form_on=page).status_code == 422
    asked = admin.post(f"{page}/team", {"team": "South"}, form_on=page)
    assert asked.status_code == 422
    assert 'value="South"' in asked.text
    assert "There is no team South yet" in asked.text
    meant = {"team": "South", "confirmed": answer_to("new-team-near", "South")}
    assert meant["confirmed"] in asked.text
    assert admin.post(f"{page}/team", meant, form_on=page).status_code == 303
    assert next(p for p in people_in(house).values() if p["name"] == "Sol Berg")["team"] == "South"
    told = "Asked about, and meant so: There is no team South yet. Did you mean North?"
    assert told in words_of(house.browser_of(house.lead).get("/audit?kind=person.moved").text)


def test_a_move_that_takes_two_is_proposed_with_the_answer_that_was_given(house: House):
    house.child, house.lead  # noqa: B018 - whom the therapist sees, and who reads the history of the team
    house.person("Ida Ek", Role.ADMINISTRATOR)
    admin, page = house.browser_of(house.admin), f"/people/{house.ot.person_id}"
    meant = {"team": "South", "confirmed": answer_to("new-team-near", "South")}
    assert admin.post(f"{page}/team", meant, form_on=page).status_code == 303
    told = "Asked about, and meant so: There is no team South yet. Did you mean North?"
    assert told in words_of(house.browser_of(house.lead).get("/audit?kind=person.change-proposed").text)


def test_a_team_that_is_not_there_yet_is_asked_about_before_somebody_is_registered_in_it(house: House):
    house.ot, house.teacher  # noqa: B018 - there is a team North, and Hill School
    admin, sent = house.browser_of(house.admin), form(team="Nort")
    asked = admin.post("/people/new", sent)
    assert asked.status_code == 422
    assert "There is no team Nort yet. Did you mean North?" in asked.text
    for typed in ('value="Nia Moss"', 'value="Nia@example.org"', 'value="Nort"', sent["person_id"]):
        assert typed in asked.text
    assert "nia@example.org" not in people_in(house)
    # A tick says nothing of a name that was typed after it.
    meant = {"confirmed": answer_to("new-team-near", "Nort")}
    assert admin.post("/people/new", {**sent, "team": "Nrth", **meant}).status_code == 422
    # A school is no service team: a therapist is asked, and a teacher of a new school is not.
    assert admin.post("/people/new", {**sent, "team": "Hill School"}).status_code == 422
    assert admin.post("/people/new", {**sent, **meant}).status_code == 200
    assert people_in(house)["nia@example.org"]["team"] == "Nort"
    lead = house.person("Ole Kam", Role.TEAM_LEAD, team="Nort")
    told = "Asked about, and meant so: There is no team Nort yet. Did you mean North?"
    assert told in words_of(house.browser_of(lead).get("/audit?kind=person.registered").text)
    teacher = form(email="t@example.org", role="teacher", discipline="", team="Mill School")
    assert admin.post("/people/new", teacher).status_code == 200


def test_a_discipline_that_does_not_fit_is_said_and_kept(house: House):
    admin, page = house.browser_of(house.admin), f"/people/{house.ot.person_id}"
    answer = admin.post(f"{page}/role", {"role": "student", "discipline": ""}, form_on=page)
    assert answer.status_code == 422
    assert 'href="#discipline"' in answer.text
    assert re.search(r'name="role"[^>]*value="student"[^>]*checked', answer.text)


def test_access_taken_away_ends_everything_at_once_and_the_name_stays(house: House):
    house.note(house.ot)
    tokens = Tokens(house.services.office)
    tokens.issue(house.ot.person_id, "reports", house.clock.now + timedelta(days=30), now=house.clock.now)
    theirs, admin = house.browser_of(house.ot), house.browser_of(house.admin)
    assert theirs.get("/").status_code == 200
    page = f"/people/{house.ot.person_id}"
    without = admin.post(f"{page}/disable", {"reason": " "}, form_on=page)
    assert without.status_code == 422
    assert 'href="#reason"' in without.text
    assert theirs.get("/").status_code == 200
    assert "their name stays on it" in admin.get(page).text
    asked = admin.post(f"{page}/disable", {"reason": "left the service"}, form_on=page)
    assert asked.status_code == 422, "what they leave behind"
    assert theirs.get("/").status_code == 200
    told = re.findall(r'name="confirmed" type="checkbox" value="([^"]+)"', admin.get(page).text)
    assert told == re.findall(r'name="confirmed" type="checkbox" value="([^"]+)"', asked.text)
    meant = {"reason": "left the service", "confirmed": told[0]}
    assert admin.post(f"{page}/disable", meant, form_on=page).status_code == 303
    assert theirs.get("/").headers["Location"].startswith("/sign-in")
    assert signs_in(house, house.emails[house.ot.person_id], PASSWORD)[1].status_code == 422
    assert all(token.revoked_at is not None for token in tokens.of(house.ot.person_id))
    history = house.browser_of(house.lead).get(f"/children/{house.child}/history?kind=case.note-signed")
    assert "Ada Lind" in history.text
    again = admin.post(f"{page}/disable", {"reason": "again"}, form_on=page)
    assert again.status_code == 409
    assert "Already disabled" in again.text


def test_access_given_again_opens_no_old_door(house: House):
    theirs, admin = house.browser_of(house.ot), house.browser_of(house.admin)
    tokens = Tokens(house.services.office)
    tokens.issue(house.ot.person_id, "reports", house.clock.now + timedelta(days=30), now=house.clock.now)
    # The record says no, and the process died before the sign-ins were ended.
    answered(house.services.doors, house.admin, DisablePerson(house.ot.person_id, "on leave"))
    page = f"/people/{house.ot.person_id}"
    assert admin.post(f"{page}/enable", {"reason": "back again"}, form_on=page).status_code == 303
    assert theirs.get("/").headers["Location"].startswith("/sign-in")
    assert all(token.revoked_at is not None for token in tokens.of(house.ot.person_id))
    assert signs_in(house, house.emails[house.ot.person_id], PASSWORD)[1].status_code == 303


def test_enabling_somebody_who_is_active_ends_nothing(house: House):
    theirs, admin = house.browser_of(house.ot), house.browser_of(house.admin)
    page = f"/people/{house.ot.person_id}"
    assert admin.post(f"{page}/enable", {"reason": "by mistake"}, form_on=page).status_code == 409
    assert theirs.get("/").status_code == 200


def test_a_letter_for_a_new_password_voids_the_old_one_and_signs_out_and_is_recorded(house: House):
    theirs, admin = house.browser_of(house.ot), house.browser_of(house.admin)
    page = f"/people/{house.ot.person_id}"
    link = link_on(admin.post(f"{page}/password", {"way": "letter"}, form_on=page))
    assert theirs.get("/").headers["Location"].startswith("/sign-in")
    email = house.emails[house.ot.person_id]
    assert signs_in(house, email, PASSWORD)[1].status_code == 422
    assert "A letter for a new password was made on" in admin.get(page).text
    assert chooses(house, link).status_code == 303
    assert signs_in(house, email, OWN)[1].status_code == 303
    assert recorded(house, "link-given") == [(house.admin.person_id, str(house.ot.person_id))]
    assert recorded(house, "password-chosen") == [(house.ot.person_id, str(house.ot.person_id))]


def test_what_cannot_be_recorded_is_not_done(house: House, monkeypatch: pytest.MonkeyPatch):
    admin, page = house.browser_of(house.admin), f"/people/{house.ot.person_id}"
    house.email(house.ot)
    note = house.services.doors.note_look

    def refuses(actor: Actor, kind: str, **more: Any) -> None:
        if kind == "link-given":
            raise Unavailable("access-not-recorded")
        note(actor, kind, **more)

    monkeypatch.setattr(house.services.doors, "note_look", refuses)
    assert admin.post(f"{page}/password", form_on=page).status_code == 503
    assert signs_in(house, house.emails[house.ot.person_id], PASSWORD)[1].status_code == 303


def test_sign_ins_are_listed_and_ended(house: House):
    first, second = house.browser_of(house.ot), house.browser_of(house.ot)
    admin, page = house.browser_of(house.admin), f"/people/{house.ot.person_id}"
    ids = re.findall(rf"{page}/sign-ins/([0-9a-f-]+)/end", admin.get(page).text)
    assert len(ids) == 2
    assert admin.post(f"{page}/sign-ins/{ids[0]}/end", form_on=page).status_code == 303
    assert sorted(client.get("/").status_code for client in (first, second)) == [200, 303]
    # Not somebody else's by way of this person's page:
    others = SignIns(house.services.office, idle_limit=timedelta(hours=1), absolute_limit=timedelta(hours=9))
    own = others.open_of(house.admin.person_id, house.clock.now)[0].id
    admin.post(f"{page}/sign-ins/{own}/end", form_on=page)
    assert admin.get(page).status_code == 200
    assert admin.post(f"{page}/sign-ins/end", form_on=page).status_code == 303
    assert {client.get("/").status_code for client in (first, second)} == {303}


def test_one_token_is_revoked_alone_and_that_is_recorded(house: House):
    tokens, later = Tokens(house.services.office), house.clock.now + timedelta(days=30)
    lost, kept, others = (
        tokens.issue(person.person_id, name, later, now=house.clock.now)
        for person, name in ((house.ot, "ward tablet"), (house.ot, "reports"), (house.slt, "theirs"))
    )
    admin, page = house.browser_of(house.admin), f"/people/{house.ot.person_id}"
    shown = admin.get(page).text
    assert "ward tablet" in shown
    assert lost not in shown
    (of_the_tablet,) = (token.id for token in tokens.of(house.ot.person_id) if token.name == "ward tablet")
    assert f'action="{page}/tokens/{of_the_tablet}/revoke"' in shown
    for _time in range(2):  # clicked twice, it is done and recorded once
        assert admin.post(f"{page}/tokens/{of_the_tablet}/revoke", form_on=page).status_code == 303
    now_shown = admin.get(page).text
    assert "The token is revoked" in now_shown
    assert "ward tablet" not in now_shown
    with pytest.raises(Unauthenticated, match="token-revoked"):
        tokens.verify(lost, house.clock.now)
    assert tokens.verify(kept, house.clock.now) == house.ot.person_id
    assert recorded(house, "token-ended") == [(house.admin.person_id, str(house.ot.person_id))]
    # Not somebody else's by way of this person's page:
    (of_another,) = (token.id for token in tokens.of(house.slt.person_id))
    assert admin.post(f"{page}/tokens/{of_another}/revoke", form_on=page).status_code == 404
    assert tokens.verify(others, house.clock.now) == house.slt.person_id


# ---- another name --------------------------------------------------------------------------------------------------


def test_a_colleague_has_another_name_and_what_they_wrote_keeps_the_one_of_then(house: House):
    note = house.note(house.ot)
    house.open_case("Zag")
    page, admin, slt = f"/people/{house.ot.person_id}", house.browser_of(house.admin), house.browser_of(house.slt)
    assert admin.post(f"{page}/name", {"name": " Ada Lim "}, form_on=page).status_code == 303
    assert "The name is changed" in admin.get(page).text
    assert "Ada Lim" in house.browser_of(house.ot).get("/account").text
    assert "Ada Lim" in slt.get(f"/children/{house.child}/team").text
    assert "Ada Lind" not in slt.get(f"/children/{house.child}/team").text
    assert "Ada Lind" in slt.get(f"/children/{house.child}/notes/{note}").text
    told = house.browser_of(house.lead).get("/audit?kind=person.renamed").text
    assert "Name changed" in told
    assert "Lind" in told
    assert "Lim" in told
    assert "Name changed" in house.browser_of(house.ot).get("/account/changes").text


# ---- another address -------------------------------------------------------------------------------------------


def test_another_address_to_sign_in_with(house: House):
    house.note(house.ot)
    before, page = house.email(house.ot), f"/people/{house.ot.person_id}"
    token = Tokens(house.services.office).issue(
        house.ot.person_id, "reports", house.clock.now + timedelta(days=30), now=house.clock.now
    )
    theirs, admin = house.browser_of(house.ot), house.browser_of(house.admin)
    with house.app.app_context():
        signed_for = entrance().accounts.get(house.ot.person_id).fs_uniquifier
    assert admin.post(f"{page}/email", {"email": " Ada.Lim@Example.org "}, form_on=page).status_code == 303
    assert "The email address is changed" in admin.get(page).text
    assert people_in(house)["ada.lim@example.org"]["name"] == "Ada Lind"
    assert theirs.get("/").headers["Location"].startswith("/sign-in")
    assert signs_in(house, before, PASSWORD)[1].status_code == 422
    client, entered = signs_in(house, "ada.lim@example.org", PASSWORD)
    assert entered.status_code == 303
    assert client.get(f"/children/{house.child}").status_code == 200
    assert Tokens(house.services.office).verify(token, house.clock.now) == house.ot.person_id
    with house.app.app_context():  # what was signed for the account, a link in a letter to the old address, is void
        assert entrance().accounts.by_uniquifier(signed_for) is None


def test_a_changed_address_is_in_the_history_without_the_address(house: House):
    house.note(house.ot)
    before, page = house.email(house.ot), f"/people/{house.ot.person_id}"
    admin = house.browser_of(house.admin)
    admin.post(f"{page}/email", {"email": "ada.lim@example.org"}, form_on=page)
    lead = house.browser_of(house.lead)
    audit = house.services.doors.ask(house.lead, ReadAudit()).items
    (changed,) = (item for item in audit if item["kind"] == "person.email-changed")
    assert changed["person"] == house.admin.person_id
    assert "Email address changed" in lead.get("/audit").text
    export = house.services.doors.ask(house.lead, ExportCase(house.child))
    for shown in (lead.get("/audit").text, lead.get(f"/children/{house.child}/history").text, repr(export)):
        assert "ada.lim@example.org" not in shown
        assert before not in shown


@pytest.mark.parametrize(
    ("typed", "said"),
    [("no address", "Email address: "), ("", "Email address: "), ("taken", "Another account has this email address")],
)
def test_an_address_that_cannot_be_is_said_and_kept_and_changes_nothing(house: House, typed: str, said: str):
    typed = house.email(house.slt).upper() if typed == "taken" else typed
    theirs, admin, page = house.browser_of(house.ot), house.browser_of(house.admin), f"/people/{house.ot.person_id}"
    answer = admin.post(f"{page}/email", {"email": typed}, form_on=page)
    assert answer.status_code == 422
    assert 'href="#email"' in answer.text
    assert said in answer.text
    assert f'value="{typed}"' in answer.text or not typed
    assert theirs.get("/").status_code == 200
    assert house.email(house.ot) in people_in(house)


def test_an_address_that_somebody_registered_without_an_account_has_is_taken_too(house: House):
    house.services.doors.execute(
        house.admin, RegisterPerson(uuid4(), "Nia Moss", "nia@example.org", Role.THERAPIST, Discipline.OT, "North")
    )
    admin, page = house.browser_of(house.admin), f"/people/{house.ot.person_id}"
    assert admin.post(f"{page}/email", {"email": "Nia@example.org"}, form_on=page).status_code == 422


def test_the_same_address_again_ends_nothing(house: House):
    theirs, admin, page = house.browser_of(house.ot), house.browser_of(house.admin), f"/people/{house.ot.person_id}"
    assert admin.post(f"{page}/email", {"email": house.email(house.ot)}, form_on=page).status_code == 303
    assert theirs.get("/").status_code == 200


def test_a_death_between_record_and_account_is_mended_by_sending_the_address_again(house: House):
    theirs, admin, page = house.browser_of(house.ot), house.browser_of(house.admin), f"/people/{house.ot.person_id}"
    house.services.doors.execute(house.admin, ChangePersonEmail(house.ot.person_id, "ada.lim@example.org"))
    assert admin.post(f"{page}/email", {"email": "ada.lim@example.org"}, form_on=page).status_code == 303
    assert theirs.get("/").headers["Location"].startswith("/sign-in")
    assert signs_in(house, "ada.lim@example.org", PASSWORD)[1].status_code == 303


def test_who_loses_the_race_for_an_address_keeps_the_old_one(house: House, monkeypatch: pytest.MonkeyPatch):
    before, page = house.email(house.ot), f"/people/{house.ot.person_id}"
    admin = house.browser_of(house.admin)
    with house.app.app_context():
        accounts = entrance().accounts

    def taken_meanwhile(*_given: object) -> None:
        raise Conflict("email-taken")

    monkeypatch.setattr(accounts, "change_email", taken_meanwhile)
    answer = admin.post(f"{page}/email", {"email": "ada.lim@example.org"}, form_on=page)
    assert answer.status_code == 422
    assert "Another account has this email address" in answer.text
    assert before in people_in(house)
    assert signs_in(house, before, PASSWORD)[1].status_code == 303


# ---- limits ------------------------------------------------------------------------------------------------------


def test_one_cannot_lock_oneself_out(house: House):
    admin, page = house.browser_of(house.admin), f"/people/{house.admin.person_id}"
    shown = admin.get(page)
    assert "This is you" in shown.text
    for action in ("role", "email", "disable", "password"):
        assert f'action="{page}/{action}"' not in shown.text
    assert admin.post(f"{page}/disable", {"reason": "oops"}, form_on=page).status_code == 409
    assert admin.post(f"{page}/role", {"role": "teacher"}, form_on=page).status_code == 409
    assert admin.post(f"{page}/email", {"email": "typo@example.org"}, form_on=page).status_code == 409
    assert admin.get("/people").status_code == 200


def test_nobody_but_administrators_enters_or_changes_anything(house: House):
    target = f"/people/{house.slt.person_id}"
    for person in (house.ot, house.student, house.teacher, house.lead):
        client = house.browser_of(person)
        for path in ("/people", "/people/new", target):
            assert client.get(path).status_code == 403, (person.role, path)
        for path, data in (
            ("/people/new", form(email=house.email(house.slt))),
            (f"{target}/role", {"role": "administrator"}),
            (f"{target}/team", {"team": "South"}),
            (f"{target}/email", {"email": house.email(house.slt)}),
            (f"{target}/disable", {"reason": "x"}),
            (f"{target}/enable", {"reason": "x"}),
            (f"{target}/password", {}),
            (f"{target}/sign-ins/end", {}),
            (f"{target}/sign-ins/{uuid4()}/end", {}),
            (f"{target}/tokens/{uuid4()}/revoke", {}),
        ):
            answer = client.post(path, data, form_on="/account")
            assert answer.status_code == 403, (person.role, path)
    assert signs_in(house, house.emails[house.slt.person_id], PASSWORD)[1].status_code == 303


def test_an_administrator_sees_no_child_anywhere(house: House):
    note = house.note(house.ot)
    admin = house.browser_of(house.admin)
    text = "".join(
        legible(admin.get(path).text) for path in ("/people", "/people/new", f"/people/{house.ot.person_id}")
    )
    for hidden in ("Zig", str(house.child), "Hill School</", "laces"):
        assert hidden not in text.replace("<span>Hill School</span>", "").replace('value="Hill School"', "")
    for path in (f"/children/{house.child}/history", f"/children/{house.child}/notes/{note}", "/audit"):
        assert admin.get(path).status_code in (403, 404)


def test_the_list_is_found_by_name_address_and_access(house: House):
    house.teacher, house.lead  # noqa: B018 - registered
    answered(house.services.doors, house.admin, DisablePerson(house.slt.person_id, "left"))
    admin = house.browser_of(house.admin)
    everybody = admin.get("/people").text
    assert "Tove Dahl" in everybody
    assert "Disabled" in everybody
    assert "Tove Dahl" not in admin.get("/people?text=strand").text
    assert "Lea Strand" in admin.get("/people?text=strand").text
    assert "Sol Berg" not in admin.get("/people?state=active").text
    gone = admin.get("/people?state=disabled").text
    assert "Sol Berg" in gone
    assert "Lea Strand" not in gone
    assert "Nobody fits this" in admin.get("/people?text=zzz").text


def test_an_unknown_person_is_not_found(house: House):
    assert house.browser_of(house.admin).get(f"/people/{uuid4()}").status_code == 404


def test_a_person_without_a_service_team_is_said_to_see_nothing(house: House):
    person = house.person("Ola Free", Role.ADMINISTRATOR, team="")
    admin, page = house.browser_of(house.admin), f"/people/{person.person_id}"
    assert admin.post(f"{page}/role", {"role": "therapist", "discipline": "ot"}, form_on=page).status_code == 303
    assert "Without a service team they see no child" in admin.get(page).text


def test_it_works_alike_on_both_stores(data_folder: Path, database_url: str | None):
    with open_house(data_folder, database_url) as house:
        admin, sent = house.browser_of(house.admin), form()
        assert chooses(house, link_on(admin.post("/people/new", sent))).status_code == 303
        client, entered = signs_in(house, "nia@example.org", OWN)
        assert entered.status_code == 303
        page = f"/people/{sent['person_id']}"
        assert admin.post("/people/new", form(name="Nia Other")).status_code == 422
        assert admin.post(f"{page}/disable", {"reason": "left"}, form_on=page).status_code == 303
        assert client.get("/account/password").headers["Location"].startswith("/sign-in")
        assert recorded(house, "invited") == [(house.admin.person_id, sent["person_id"])]


def test_what_was_done_to_accounts_of_the_team_is_in_its_leads_audit(house: House):
    admin, page = house.browser_of(house.admin), f"/people/{house.slt.person_id}"
    admin.post(f"{page}/disable", {"reason": "left the service"}, form_on=page)
    kinds = [item["kind"] for item in house.services.doors.ask(house.lead, ReadAudit()).items]
    assert "person.disabled" in kinds


def recorded(house: House, kind: str) -> list[tuple[UUID, str]]:
    """Who did it, and to whom, as the access log has it."""
    with house.services.access._engine.connect() as connection:
        rows = connection.execute(select(looks.c.person_id, looks.c.detail).where(looks.c.kind == kind)).all()
    return [(row.person_id, row.detail["person"]) for row in rows]
