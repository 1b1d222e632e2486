"""Somebody with several roles in a browser: chosen after signing in, changed at any time, and never two at once."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from coord.application.people.commands import AddPersonRole, EndPersonRole
from coord.domain.actors import COMMAND_LINE, Relation, Role
from coord.web.visit import entrance
from tests.house import PASSWORD, Client, House
from tests.web.pages.test_unsent import fields_of

CHOOSE = "/account/role"


@pytest.fixture
def ada(house: House) -> Client:
    """Ada is a therapist with Zig, and teaches Kim; she has just signed in."""
    house.child  # noqa: B018 - of whom she is the occupational therapist
    house.services.doors.execute(COMMAND_LINE, AddPersonRole(house.ot.person_id, Role.TEACHER, team="Hill School"))
    house.open_case("Kim", by=house.stranger, members=((house.ot, Relation.CLASS_TEACHER),))
    return house.browser_of(house.ot)


def be(client: Client, role: str, next: str = "/") -> Any:
    return client.post(CHOOSE, {"role": role, "next": next})


def names(client: Client) -> set[str]:
    page = client.get("/").text
    return {name for name in ("Zig", "Kim") if name in page}


def test_after_signing_in_the_role_is_chosen_and_each_shows_its_own_children(house: House, ada: Client):
    answer = Client(house.app.test_client()).post(
        "/sign-in", {"email": house.email(house.ot), "password": PASSWORD}, form_on="/sign-in"
    )
    assert answer.location.startswith("/account/role?next=")
    page = ada.get(CHOOSE).text
    assert "In which role are you here?" in page
    assert "Therapist, Occupational therapy, North" in page
    assert "Teacher, Hill School" in page
    assert names(ada) == {"Zig"}
    assert be(ada, "teacher").location == "/"
    assert names(ada) == {"Kim"}
    assert ada.get(f"/children/{house.child}").status_code == 404
    assert be(ada, "therapist").status_code == 303
    assert names(ada) == {"Zig"}


def test_the_next_sign_in_begins_in_the_role_that_was_chosen_last(house: House, ada: Client):
    be(ada, "teacher")
    house.clock.turn(minutes=1)
    assert names(house.browser_of(house.ot)) == {"Kim"}


def test_who_has_one_role_is_asked_nothing(house: House):
    client = Client(house.app.test_client())
    answer = client.post("/sign-in", {"email": house.email(house.slt), "password": PASSWORD}, form_on="/sign-in")
    assert answer.location == "/"
    assert "Be here in another" not in client.get("/account").text


def test_another_role_is_no_new_proof_of_who_one_is(house: House, ada: Client):
    house.clock.turn(minutes=6)  # by now she would be asked again before an export
    be(ada, "teacher")
    be(ada, "therapist")
    with house.app.app_context():
        (here,) = entrance().sign_ins.open_of(house.ot.person_id, house.clock.now)
    assert here.verified_at is not None
    assert house.clock.now - here.verified_at >= timedelta(minutes=6)


def test_a_sign_in_ends_in_the_evening_however_often_another_role_is_chosen(house: House, ada: Client):
    for hours in range(1, 36):
        house.clock.turn(minutes=20)
        assert be(ada, "teacher" if hours % 2 else "therapist").status_code == 303
    assert names(ada) == {"Kim"}
    house.clock.turn(minutes=20)  # twelve hours
    assert ada.get("/").location.startswith("/sign-in")


@pytest.mark.parametrize("role", ["administrator", "team-lead", "", "no-role"])
def test_a_role_that_one_does_not_have_is_not_to_be_had(ada: Client, role: str):
    assert be(ada, role).status_code == 404
    assert names(ada) == {"Zig"}


def test_a_page_of_one_role_sends_nothing_in_another_and_its_words_are_sent_in_the_one_they_were_written_in(
    house: House, ada: Client
):
    page = f"/children/{house.child}/details"
    words = {"preferred_name": "Zig", "full_name": "Zig Zander", "school": "Lake School", "school_class": "2B"}
    typed = {
        **fields_of(ada.get(page).text),
        **words,
        "birth_date": "4/5/2019",
        "languages": "English",
        "reason": "Moved",
    }
    be(ada, "teacher")  # in another tab
    answer = ada.client.post(page, data=typed, headers={"Referer": f"http://localhost{page}"})
    assert "Lake School" in answer.text
    assert "You are here again in the role in which you wrote it: Therapist." in answer.text
    assert house.services.record.case(house.child).details["school"] == "Hill School"  # nothing is sent by itself
    sent = ada.client.post(page, data=fields_of(answer.text, page))
    assert sent.status_code == 303
    assert house.services.record.case(house.child).details["school"] == "Lake School"


def test_a_role_that_ends_ends_what_is_open_in_it(house: House, ada: Client):
    be(ada, "teacher")
    house.services.doors.execute(house.admin, EndPersonRole(house.ot.person_id, Role.TEACHER, "Has left the school"))
    assert ada.get("/").location.startswith("/sign-in")
    assert names(house.browser_of(house.ot)) == {"Zig"}


def test_a_token_is_for_the_role_that_it_was_made_in(house: House, ada: Client):
    with house.app.app_context():
        here, now = entrance(), house.clock.now
        token = here.tokens.issue(house.ot.person_id, "reports", now + timedelta(days=1), now=now)
        asked: Callable[[], Any] = lambda: house.app.test_client().get(  # noqa: E731
            "/api/v1/cases", headers={"Authorization": f"Bearer {token}"}
        )
        assert [child["preferred_name"] for child in asked().json["items"]] == ["Zig"]
        made = here.tokens.id_of(token)
        assert made is not None
        here.roles.choose(made, "teacher", now)
        assert [child["preferred_name"] for child in asked().json["items"]] == ["Kim"]
    house.services.doors.execute(house.admin, EndPersonRole(house.ot.person_id, Role.TEACHER, "Has left the school"))
    assert asked().status_code == 401


def test_an_administrator_gives_a_further_role_and_ends_it(house: House):
    admin, page = house.browser_of(house.admin), f"/people/{house.stranger.person_id}"
    assert "Give a further role" in admin.get(page).text
    given = {"role": "teacher", "discipline": "", "team": "Hill School"}
    assert admin.post(f"{page}/roles/new", given).status_code == 303
    shown = admin.get(page).text
    assert "They have this role as well." in shown
    assert re.search(r"Teacher, Hill School", shown)
    again = admin.post(f"{page}/roles/new", given)
    assert again.status_code == 409
    assert "This person has that role already." in again.text
    assert "Hill School" in again.text
    ended = admin.post(f"{page}/roles/teacher/end", {"reason": "Has left the school"})
    assert ended.status_code == 303
    assert "Further roles" not in admin.get(page).text
    theirs = house.browser_of(house.stranger)
    changes = theirs.get("/account/changes").text
    assert "Further role given: Teacher" in changes
    assert "Further role ended: Teacher" in changes


def test_what_a_device_keeps_of_one_role_is_not_the_others(house: House, ada: Client):
    def kept_as() -> tuple[str, list[str]]:
        found = re.search(r'name="coord-person" content="([^"]+)"', ada.get("/").text)
        assert found
        given = ada.get("/account/device-key", headers={"Coord-Device": "here"}).get_json()
        assert given["person"] == found[1]
        return found[1], given["seals"]

    as_therapist = kept_as()
    assert as_therapist[0] == str(house.ot.person_id)
    be(ada, "teacher")
    as_teacher = kept_as()
    assert as_teacher[0] == f"{house.ot.person_id}.teacher"
    assert not {*as_therapist[1]} & {*as_teacher[1]}
    be(ada, "therapist")
    assert kept_as() == as_therapist


def test_the_log_says_in_which_role_somebody_came_in(house: House, ada: Client):
    """And in whose team: its lead looks for who came in."""
    be(ada, "teacher")
    house.clock.turn(minutes=1)
    again = house.browser_of(house.ot)
    be(again, "therapist")
    again.post("/sign-out")
    told = [
        (one["kind"], one["role"], one["discipline"], one["team"], one["detail"].get("role"))
        for one in house.services.access.page(limit=100)
        if one["kind"] in ("signed-in", "role-chosen", "signed-out")
    ]
    teacher, therapist = ("teacher", "school", "Hill School"), ("therapist", "ot", "North")
    assert list(reversed(told)) == [
        ("signed-in", *therapist, "therapist"),
        ("role-chosen", *teacher, "teacher"),
        ("signed-in", *teacher, "teacher"),
        ("role-chosen", *therapist, "therapist"),
        ("signed-out", *therapist, None),
    ]


def test_of_who_has_one_role_the_log_names_none_beside_it(house: House):
    house.browser_of(house.slt)
    (came,) = [one for one in house.services.access.page(limit=10) if one["kind"] == "signed-in"]
    assert (came["role"], came["discipline"], came["team"]) == ("therapist", "slt", "North")
    assert "role" not in came["detail"]
