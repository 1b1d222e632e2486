"""Leaving a page with words that nobody has sent: asked first, whichever form it is; and not asked without reason."""

from typing import Any

from playwright.sync_api import Dialog, Page, expect

from tests.browser.harness import OpenPage

TYPED = "Half a word"


def is_asked(page: Page, field: str, typed: str = TYPED) -> None:
    """Type into the field, leave by the language's button, and stay when asked; then go, and mean it."""
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.locator(field).click()
    page.locator(field).fill(typed)
    page.get_by_role("button", name="Italiano").click(no_wait_after=True)
    page.wait_for_timeout(300)
    expect(page.locator(field)).to_have_value(typed)
    assert asked == ["beforeunload"], page.url
    page.remove_listener("dialog", stay)
    page.locator(field).fill(page.locator(field).evaluate("field => field.defaultValue"))


def test_administrators_are_asked(open_page: OpenPage, live: Any):
    live.email(live.ot)
    page = open_page()
    live.sign_in(page, live.admin, "/people/new")
    is_asked(page, "#name")
    page.goto(f"{live.base_url}/people/{live.ot.person_id}")
    for field in ("#team", "#email", "#reason"):
        is_asked(page, field)
    page.goto(f"{live.base_url}/people")  # with everything as it was, nobody is asked
    expect(page.get_by_role("heading", level=1)).to_have_text("People")


def test_who_works_with_a_child_is_asked(open_page: OpenPage, live: Any):
    page, child = open_page(), f"/children/{live.child}"
    live.sign_in(page, live.ot, "/children/new")
    is_asked(page, "#preferred_name")
    for path, field, typed in (
        (f"{child}/details", "#school_class", TYPED),
        (f"{child}/team/add", "#since", "2026-03-01"),
        (f"{child}/close", "#reason", TYPED),
        (f"{child}/profile", "textarea >> nth=0", TYPED),
        ("/activities/new", "#purpose", TYPED),
    ):
        page.goto(live.base_url + path)
        is_asked(page, field, typed)


def test_a_form_that_came_back_is_not_left_without_a_question_and_sending_it_asks_nothing(
    open_page: OpenPage, live: Any
):
    page = open_page()
    live.sign_in(page, live.admin, "/people/new")
    page.locator("#name").click()
    page.locator("#name").fill("Nia Moss")
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page).to_have_title("Error: Register somebody – Coord")
    is_asked(page, "#name", "Nia Moss")
    page.locator("#email").fill("nia@example.org")
    page.get_by_label("Administrator").check()
    page.locator("#name").fill("Nia Moss")
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Letter for Nia Moss")
