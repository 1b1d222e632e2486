"""The administrator's pages in a real browser: accessible in every look, by keyboard, and whole without JavaScript."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.harness import NARROW, OpenPage, assert_accessible_in_each_look


def test_every_page_is_accessible_in_every_look(open_page: OpenPage, live: Any):
    live.email(live.ot)
    page = open_page(viewport=NARROW)
    live.sign_in(page, live.admin, "/people")
    for path in (
        "/people",
        "/people?text=zzz",
        "/people/new",
        f"/people/{live.ot.person_id}",
        f"/people/{live.admin.person_id}",
    ):
        page.goto(live.base_url + path)
        assert_accessible_in_each_look(page)
    page.goto(f"{live.base_url}/people/new")
    page.get_by_role("button", name="Register").click()
    expect(page).to_have_title("Error: Register somebody – Coord")
    assert_accessible_in_each_look(page)
    page.goto(f"{live.base_url}/people/{live.ot.person_id}")
    page.get_by_role("button", name="Take access away").click()
    expect(page).to_have_title("Error: Ada Lind – Coord")
    assert_accessible_in_each_look(page)
    page.get_by_role("button", name="Make a letter").click()
    expect(page.locator("#link")).to_be_visible()
    assert_accessible_in_each_look(page)


def test_a_table_that_is_cards_on_a_phone_says_what_its_parts_are(open_page: OpenPage, live: Any):
    page = open_page(viewport=NARROW)
    live.sign_in(page, live.admin, "/people")
    said = page.locator("main table").evaluate("t => [t, t.rows[0].cells[0], ...t.rows[1].cells].map(p => p.role)")
    assert said == ["table", "columnheader", "rowheader", *["cell"] * 4]


def test_somebody_new_by_keyboard_without_javascript_then_signs_in(open_page: OpenPage, live: Any):
    page = open_page(javascript=False)
    live.sign_in(page, live.admin, "/people")
    page.get_by_role("button", name="Register somebody").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("Nia Moss")
    page.keyboard.press("Tab")
    page.keyboard.type("nia@example.org")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_label("Psychology").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("North")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Letter for Nia Moss")
    link = page.locator("#link").inner_text().removeprefix("http://localhost:8000")
    with page.expect_download() as download:
        page.get_by_role("button", name="The letter as PDF").click()
    assert download.value.suggested_filename == "letter.pdf"

    theirs = open_page(javascript=False)
    theirs.goto(f"{live.base_url}{link}")
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Welcome, Nia Moss")
    theirs.locator("#password").focus()
    theirs.keyboard.type("four green kites sing")
    theirs.keyboard.press("Tab")
    theirs.keyboard.type("four green kites sing")
    theirs.keyboard.press("Enter")
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(theirs.get_by_text("Your password is kept. Sign in with it.")).to_be_visible()


def test_a_leaver_is_out_at_the_next_click(open_page: OpenPage, live: Any):
    theirs, page = open_page(), open_page()
    live.sign_in(theirs, live.ot, "/account")
    live.sign_in(page, live.admin, f"/people/{live.ot.person_id}")
    page.get_by_label("Reason").fill("left the service")
    page.get_by_role("button", name="Take access away").click()
    expect(page.get_by_role("status").filter(has_text="Their access is taken away, everywhere.")).to_be_visible()
    expect(page.get_by_text("Their name stays on what they wrote.")).to_be_visible()
    theirs.reload()
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Sign in")
