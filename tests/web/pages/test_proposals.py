"""Nobody rises unseen: what takes two people, in the pages; who learns of it; and what the owner is told."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from coord.application.history.questions import ReadAudit
from coord.application.home.questions import ReadCaseload
from coord.application.people.commands import ChangePersonRole, ConfirmChange, GivePassword, MovePerson, RemoveFactors
from coord.application.people.handlers import PROPOSED
from coord.application.people.questions import ReadAccounts, ReadProposals
from coord.domain.actors import COMMAND_LINE, Actor, Discipline, Relation, Role
from coord.domain.errors import Conflict, NotFound
from coord.domain.input import answer_to
from coord.office.tokens import Tokens
from coord.web.visit import entrance
from tests.house import PASSWORD, Client, House, open_house
from tests.web.pages.test_home import words
from tests.web.pages.test_people import OWN, chooses, form, link_on, signs_in
from tests.web.pages.test_second_factor import factors, phone_of


def waiting(house: House, actor: Actor) -> list[tuple[str, str, list[str]]]:
    items = house.services.doors.ask(actor, ReadProposals()).items
    return [(item["name"], item["change"], sorted(item["may"])) for item in items]


def audit(house: House, lead: Actor) -> list[str]:
    return [item["kind"] for item in house.services.doors.ask(lead, ReadAudit()).items if "person." in item["kind"]]


def decide(client: Client, name: str, what: str = "confirm") -> Any:
    page = client.get("/proposals")
    found = re.findall(rf'action="(/proposals/[^"]+/{what})"', page.text)
    assert name in page.text
    return client.post(found[0], form_on="/proposals")


def test_a_lead_is_made_by_two_and_both_teams_see_it(house: House):
    house.lead  # noqa: B018 - somebody who could be the second
    admin, page = house.browser_of(house.admin), f"/people/{house.stranger.person_id}"
    assert admin.post(f"{page}/role", {"role": "team-lead", "discipline": "ot"}, form_on=page).status_code == 303
    shown = admin.get(page).text
    assert "It takes a second person" in shown
    assert "Una Rask is to become: Team lead, Occupational therapy." in shown
    theirs = house.browser_of(house.stranger)
    assert theirs.get("/audit").status_code == 403
    assert waiting(house, house.admin) == [("Una Rask", "role", ["decline"])]
    assert waiting(house, house.lead) == [("Una Rask", "role", ["confirm", "decline"])]
    lead = house.browser_of(house.lead)
    assert "A change of Una Rask's account" in words(lead.get("/").text)
    assert decide(lead, "Una Rask").status_code == 303
    assert "Confirmed." in lead.get("/proposals").text
    assert theirs.get("/audit").status_code == 200
    assert waiting(house, house.admin) == []
    assert audit(house, house.lead)[:3] == ["person.role-changed", "person.change-confirmed", "person.change-proposed"]
    told = lead.get("/audit?kind=changes").text
    assert "Change that takes two people confirmed" in told
    assert "Una Rask" in told


def test_one_alone_may_while_nobody_could_be_the_second_and_it_says_so(house: House):
    admin, page = house.browser_of(house.admin), f"/people/{house.stranger.person_id}"
    assert admin.post(f"{page}/role", {"role": "team-lead", "discipline": "ot"}, form_on=page).status_code == 303
    assert "The role is changed" in admin.get(page).text
    lead = Actor(house.stranger.person_id, "Una Rask", Role.TEAM_LEAD, Discipline.OT, "North")
    assert audit(house, lead)[:2] == ["person.changed-by-one-alone", "person.role-changed"]
    assert "Changed by one person alone" in house.browser_of(house.stranger).get("/audit").text


def test_a_lead_moved_in_and_out_again_is_in_the_history_of_both_teams(house: House):
    house.child, house.lead  # noqa: B018 - North has a lead
    sue = house.person("Sue Hall", Role.TEAM_LEAD, None, "South")
    execute = house.services.doors.execute
    assert execute(house.admin, MovePerson(sue.person_id, "North")).status == PROPOSED
    assert house.services.doors.ask(sue, ReadCaseload()).children == []
    admin = house.person("Mia Ek", Role.ADMINISTRATOR, team="")
    assert decide(house.browser_of(admin), "Sue Hall").status_code == 303
    meant = (answer_to("new-team-near", "South"),)  # nobody is left in it
    execute(COMMAND_LINE, MovePerson(sue.person_id, "South", meant))  # the operator is outside of it, and recorded
    for lead in (house.lead, sue):
        assert audit(house, lead)[:4] == [
            "person.moved",
            "person.moved",
            "person.change-confirmed",
            "person.change-proposed",
        ]
    items = house.services.doors.ask(house.lead, ReadAudit()).items
    last = next(item for item in items if item["kind"] == "person.moved")
    assert (last["person_name"], last["detail"]["account"]) == ("coord (command line)", "Sue Hall")


def test_what_is_done_to_a_member_of_the_care_team_is_in_the_history_of_the_childs_team(house: House):
    kay = house.person("Kay Lo", Role.THERAPIST, Discipline.SLT, "South")
    other = house.person("Ole Li", Role.THERAPIST, Discipline.SLT, "South")
    house.open_case("Ava", members=((kay, Relation.SPEECH_THERAPIST),))
    for person in (kay, other):
        house.services.doors.execute(COMMAND_LINE, GivePassword(person.person_id))
    items = house.services.doors.ask(house.lead, ReadAudit()).items
    (given,) = (item for item in items if item["kind"] == "person.account-changed")
    assert given["detail"] == {"account": "Kay Lo", "done": "password-given", "token": ""}


def test_a_letter_for_a_new_password_is_proposed_confirmed_and_given_once(house: House):
    house.child, house.lead  # noqa: B018 - Ada sees a child
    tokens = Tokens(house.services.office)
    token = tokens.issue(house.ot.person_id, "reports", house.clock.now + timedelta(days=9), now=house.clock.now)
    theirs, admin, page = house.browser_of(house.ot), house.browser_of(house.admin), f"/people/{house.ot.person_id}"
    assert admin.post(f"{page}/password", {"way": "letter"}, form_on=page).status_code == 303
    assert theirs.get("/").status_code == 200
    assert decide(house.browser_of(house.lead), "Ada Lind").status_code == 303
    assert theirs.get("/").status_code == 200  # it is given by whoever proposed it
    assert "It is confirmed: give the link now" in admin.get("/proposals").text
    link = link_on(admin.post(f"{page}/password", {"way": "letter"}, form_on="/proposals"))
    assert theirs.get("/").status_code == 303
    assert tokens.of(house.ot.person_id)[0].revoked_at is not None
    assert token not in admin.get(page).text
    again = admin.post(f"{page}/password", {"way": "letter"}, form_on=page)
    assert again.status_code == 303  # the next one takes two again
    assert audit(house, house.lead).count("person.account-changed") == 1
    assert chooses(house, link).status_code == 303
    client, told = signs_in(house, house.emails[house.ot.person_id], OWN)
    assert told.headers["Location"] == "/account/changes?next=/"
    shown = client.get("/account/changes?next=/").text
    assert "Link for a new password given" in shown
    assert "by Max Vik" in shown


def test_the_owner_is_told_at_the_next_sign_in_until_they_have_seen_it(house: House):
    email = house.email(house.stranger)
    assert signs_in(house, email, PASSWORD)[1].headers["Location"] == "/"
    house.services.doors.execute(house.admin, ChangePersonRole(house.stranger.person_id, Role.STUDENT, Discipline.OT))
    assert signs_in(house, email, PASSWORD)[1].headers["Location"] == "/account/changes?next=/"
    client, entered = signs_in(house, email, PASSWORD)  # not seen yet
    assert entered.headers["Location"] == "/account/changes?next=/"
    page = client.get("/account/changes?next=/").text
    assert "Role changed: Student or assistant, Occupational therapy" in page
    position = re.search(r'name="position" value="(\d+)"', page)
    assert position
    assert "in a browser that had not been used for your account before" in page, "the second sign-in was in one"
    until = re.search(r'name="until" value="([^"]+)"', page)
    assert until
    told = {"position": position[1], "until": until[1], "next": "/"}
    assert client.post("/account/changes/seen", told, form_on="/account/changes").headers["Location"] == "/"
    client.post("/sign-out", form_on="/account")
    again = client.post("/sign-in", {"email": email, "password": PASSWORD})
    assert again.headers["Location"] == "/account/changes?next=/", "this browser was new as well when it was used first"
    page = client.get("/account/changes?next=/").text
    assert "Role changed" not in page
    (until_now,) = re.findall(r'name="until" value="([^"]+)"', page)
    told = {"position": position[1], "until": until_now, "next": "/"}
    client.post("/account/changes/seen", told, form_on="/account/changes")
    client.post("/sign-out", form_on="/account")
    assert client.post("/sign-in", {"email": email, "password": PASSWORD}).headers["Location"] == "/"


def test_somebody_who_has_lost_everything_is_let_in_anew_by_two(house: House):
    house.child, house.lead  # noqa: B018 - Ada sees a child
    phone_of(house, house.ot)
    ada, page = house.browser_of(None), f"/people/{house.ot.person_id}"
    admin, lead = house.browser_of(house.admin), house.browser_of(house.lead)
    assert "Remove their second factors" not in admin.get(f"/people/{house.lead.person_id}").text, "who has none"
    assert admin.post(f"{page}/factors/remove", form_on=page).status_code == 303
    assert factors(house).any(house.ot.person_id), "one alone does not"
    assert "See in person that it is they who ask" in lead.get("/proposals").text
    assert decide(lead, "Ada Lind").status_code == 303
    assert not factors(house).any(house.ot.person_id)
    assert "person.account-changed" in audit(house, house.lead)
    entered = ada.post("/sign-in", {"email": house.email(house.ot), "password": PASSWORD})
    assert entered.headers["Location"] == "/account/changes?next=/"
    assert "Second factors removed" in ada.get("/account/changes").text


def test_nobody_removes_their_own_by_the_page_for_others(house: House):
    phone_of(house, house.admin)
    house.clock.turn(minutes=2)
    with pytest.raises(Conflict):
        house.services.doors.execute(house.admin, RemoveFactors(house.admin.person_id))
    assert factors(house).any(house.admin.person_id)


def test_what_is_no_moment_is_nothing_that_was_seen(house: House):
    ot = house.browser_of(house.ot)
    house.browser_of(house.ot)
    for typed in ("", "yesterday", "2026-03-10T09:00:00", "9" * 50):
        ot.post("/account/changes/seen", {"position": "1", "until": typed, "next": "/"}, form_on="/account/changes")
        assert "in a browser that had not been used" in ot.get("/account/changes").text


def test_another_address_and_access_again_take_two_and_reach_the_account(house: House):
    house.child, house.lead  # noqa: B018 - Ada sees a child
    before, page = house.email(house.ot), f"/people/{house.ot.person_id}"
    admin, lead = house.browser_of(house.admin), house.browser_of(house.lead)
    admin.post(f"{page}/email", {"email": "ada.lim@example.org"}, form_on=page)
    assert signs_in(house, before, PASSWORD)[1].status_code == 303
    assert "Ada Lind is to sign in with ada.lim@example.org." in lead.get("/proposals").text
    assert decide(lead, "Ada Lind").status_code == 303
    assert signs_in(house, before, PASSWORD)[1].status_code == 422
    assert signs_in(house, "ada.lim@example.org", PASSWORD)[1].status_code == 303
    (left_behind,) = re.findall(r'name="confirmed" type="checkbox" value="([^"]+)"', admin.get(page).text)
    admin.post(f"{page}/disable", {"reason": "left", "confirmed": left_behind}, form_on=page)
    admin.post(f"{page}/enable", {"reason": "back"}, form_on=page)
    assert signs_in(house, "ada.lim@example.org", PASSWORD)[1].status_code == 422
    assert decide(lead, "Ada Lind").status_code == 303
    assert signs_in(house, "ada.lim@example.org", PASSWORD)[1].status_code == 303
    with house.app.app_context():
        assert entrance().accounts.get(house.ot.person_id).active


def test_an_address_taken_since_is_said_when_it_is_confirmed(house: House):
    house.child, house.lead  # noqa: B018 - Ada sees a child
    admin, page = house.browser_of(house.admin), f"/people/{house.ot.person_id}"
    admin.post(f"{page}/email", {"email": "nia@example.org"}, form_on=page)
    admin.post("/people/new", form())
    answer = decide(house.browser_of(house.lead), "Ada Lind")
    assert answer.status_code == 422
    assert "Another account has this email address" in answer.text


def test_a_new_lead_comes_in_when_a_second_person_has_confirmed(house: House):
    house.lead  # noqa: B018 - somebody who could be the second
    admin = house.browser_of(house.admin)
    answer = admin.post("/people/new", form(role="team-lead", discipline=""))
    page = answer.location
    assert "When a second person has confirmed it" in admin.get(page).text
    early = admin.post(f"{page}/password", {"way": "letter"}, form_on=page)
    assert early.status_code == 409, "no letter before it is confirmed"
    lead = house.browser_of(house.lead)
    assert decide(lead, "Nia Moss").status_code == 303
    assert "Whoever proposed it can give the link now." in lead.get("/proposals").text
    link = link_on(admin.post(f"{page}/password", {"way": "letter"}, form_on="/proposals"))
    assert chooses(house, link).status_code == 303
    assert signs_in(house, "nia@example.org", OWN)[1].status_code == 303


def test_a_lead_confirms_nothing_for_another_team_where_the_person_was_moved_meanwhile(house: House):
    house.lead  # noqa: B018 - somebody who could be the second
    sue = house.person("Sue Hall", Role.TEAM_LEAD, None, "South")
    execute, una = house.services.doors.execute, house.stranger.person_id
    to_lead = ChangePersonRole(una, Role.TEAM_LEAD, Discipline.OT)
    assert execute(house.admin, to_lead).status == PROPOSED
    assert execute(house.admin, MovePerson(una, "South")).status == "active", "whoever is on no care team is just moved"
    refused = decide(house.browser_of(house.lead), "Una Rask")
    assert refused.status_code == 409
    assert "it would touch other teams now" in " ".join(refused.text.split())
    person = house.services.record.person(una)
    assert (person.role, person.team) == ("therapist", "South")
    assert execute(house.admin, to_lead).status == PROPOSED
    assert waiting(house, house.lead) == []
    assert waiting(house, sue) == [("Una Rask", "role", ["confirm", "decline"])]
    assert decide(house.browser_of(sue), "Una Rask").status_code == 303
    assert house.services.record.person(una).role == "team-lead"


def test_a_declined_change_is_not_made_and_a_lead_of_another_team_decides_nothing(house: House):
    house.lead  # noqa: B018 - somebody who could be the second
    sue = house.person("Sue Hall", Role.TEAM_LEAD, None, "South")
    admin, page = house.browser_of(house.admin), f"/people/{house.stranger.person_id}"
    admin.post(f"{page}/role", {"role": "team-lead", "discipline": "ot"}, form_on=page)
    assert waiting(house, sue) == []
    other = house.browser_of(sue)
    with pytest.raises(NotFound):
        house.services.doors.execute(sue, ConfirmChange(house.stranger.person_id, 2))
    assert other.post(f"/proposals/{house.stranger.person_id}/2/confirm", form_on="/proposals").status_code == 404
    assert admin.post(f"/proposals/{house.stranger.person_id}/2/confirm", form_on="/proposals").status_code == 409
    lead = house.browser_of(house.lead)
    assert decide(lead, "Una Rask", "decline").status_code == 303
    over = lead.post(f"/proposals/{house.stranger.person_id}/2/confirm", form_on="/proposals")
    assert over.status_code == 409
    assert "This is decided already" in over.text
    people = {p["name"]: p["role"] for p in house.services.doors.ask(house.admin, ReadAccounts()).items}
    assert people["Una Rask"] == "therapist"


def test_a_proposal_that_nobody_decides_is_over_after_seven_days(house: House):
    house.lead  # noqa: B018 - somebody who could be the second
    house.services.doors.execute(house.admin, ChangePersonRole(house.stranger.person_id, Role.TEAM_LEAD, None))
    house.clock.turn(days=7)
    assert waiting(house, house.lead) == []


def test_it_works_alike_on_both_stores(data_folder: Path, database_url: str | None):
    with open_house(data_folder, database_url) as house:
        house.child, house.lead  # noqa: B018 - Ada sees a child
        meant = (answer_to("new-team-near", "South"),)
        assert house.services.doors.execute(house.admin, MovePerson(house.ot.person_id, "South", meant)).status
        house.person("Sam Ost", Role.TEAM_LEAD, None, "South")
        assert house.services.doors.execute(house.admin, MovePerson(house.slt.person_id, "South")).status == PROPOSED
        assert decide(house.browser_of(house.person("Mia Ek", Role.ADMINISTRATOR, team="")), "Sol Berg")
        assert "person.moved" in audit(house, house.lead)


def test_whose_address_was_changed_reads_of_it_when_they_come_in(house: House):
    admin, page = house.browser_of(house.admin), f"/people/{house.stranger.person_id}"
    house.browser_of(house.stranger)
    assert admin.post(f"{page}/email", {"email": "una.rask@example.org"}, form_on=page).status_code == 303
    theirs = Client(house.app.test_client())
    signed_in = {"email": "una.rask@example.org", "password": PASSWORD}
    assert theirs.post("/sign-in", signed_in, form_on="/sign-in").status_code == 303
    answer = theirs.get("/account/changes")
    assert answer.status_code == 200
    assert "Email address changed" in answer.text
