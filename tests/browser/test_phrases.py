"""Phrases while one writes, in a real browser: by their names, by the keyboard alone, and chosen beside the boxes."""

from playwright.sync_api import Locator, Page, expect

from coord.application.phrases.commands import KeepPhrase
from tests.browser.conftest import Live
from tests.browser.harness import OpenPage, assert_accessible_in_each_look
from tests.group_story import a_group

LACES = "Tied the laces [how often], with [help]."


def keep(live: Live, name: str = "laces", text: str = LACES, *, shared: bool = False) -> None:
    live.services.doors.execute(live.ot, KeepPhrase(name, text, shared))


def selected(box: Locator) -> str:
    found: str = box.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)")
    return found


def write(live: Live, page: Page) -> tuple[Locator, Locator]:
    """A new note, with the cursor in its first box; that and the second one."""
    live.sign_in(page, live.ot, f"/children/{live.child}/notes/new")
    first = page.get_by_label("Subjective: what the child or family said")
    expect(first).to_be_focused()
    return first, page.get_by_label("Objective")


def test_a_typed_name_becomes_the_phrase_and_tab_goes_from_place_to_place(live: Live, page: Page):
    keep(live)
    first, second = write(live, page)
    keys = page.keyboard
    keys.type("Today. ;Laces ")
    expect(first).to_have_value(f"Today. {LACES}")
    assert selected(first) == "[how often]"
    expect(page.locator("[data-phrase-said]")).to_have_text(
        "Put in: laces. To fill: how often. Tab goes to the next place."
    )
    keys.type("twice")
    keys.press("Tab")
    assert selected(first) == "[help]"
    keys.type("no help")
    expect(first).to_have_value("Today. Tied the laces twice, with no help.")
    keys.press("Tab")  # nothing is left to fill: on to where Tab always goes
    expect(first).not_to_be_focused()

    second.focus()
    keys.type(";laces")
    keys.press("Tab")
    expect(second).to_have_value(LACES)
    assert selected(second) == "[how often]"
    keys.press("Control+z")
    expect(second).to_have_value(";laces")
    keys.press("End")
    keys.type(", ;nothing-of-mine and a;laces ")
    expect(second).to_have_value(";laces, ;nothing-of-mine and a;laces ")
    expect(page.locator("#autosave")).to_have_attribute("data-state", "saved")


def test_a_phrase_is_chosen_by_the_keyboard_for_the_box_that_had_the_cursor(live: Live, page: Page):
    keep(live)
    keep(live, "bus", "Waited for the bus.")
    first, second = write(live, page)
    keys = page.keyboard
    second.focus()
    keys.type("At first. ")
    page.locator("#phrases summary").focus()
    keys.press("Enter")
    expect(page.get_by_label("Put it into")).to_have_value("section-objective")
    page.get_by_role("button", name="laces").focus()
    assert_accessible_in_each_look(page)
    keys.press("Enter")
    expect(second).to_have_value(f"At first. {LACES}")
    expect(second).to_be_focused()
    assert selected(second) == "[how often]"
    expect(first).to_have_value("")

    page.locator("#phrases summary").focus()
    keys.press("Enter")
    page.get_by_label("Put it into").select_option(index=0)
    page.get_by_role("button", name="bus").press("Enter")
    expect(first).to_have_value("Waited for the bus.")


def test_without_a_script_a_button_puts_it_into_the_box_that_is_said(live: Live, open_page: OpenPage):
    keep(live)
    page = open_page(javascript=False)
    live.sign_in(page, live.ot, f"/children/{live.child}/notes/new")
    page.get_by_label("Objective").fill("At first.")
    page.locator("#phrases summary").click()
    page.get_by_label("Put it into").select_option("section-objective")
    page.get_by_role("button", name="laces").click()
    expect(page.get_by_label("Objective")).to_have_value(f"At first.\n{LACES}")


def typed_there(page: Page, box: Locator) -> None:
    """The name becomes the phrase, and Tab goes from place to place."""
    box.fill("")
    box.focus()
    page.keyboard.type("Today. ;laces ")
    expect(box).to_have_value(f"Today. {LACES}")
    page.keyboard.type("twice")
    page.keyboard.press("Tab")
    assert selected(box) == "[help]"


def test_what_is_written_to_a_signed_note_takes_phrases_too(live: Live, open_page: OpenPage):
    keep(live)
    note = live.note(live.ot, "Tied the laces.")
    page = open_page()
    live.sign_in(page, live.ot, f"/children/{live.child}/notes/{note}")
    page.get_by_text("Add an addendum").click()
    typed_there(page, page.locator("#add textarea"))
    expect(page.locator("#autosave")).to_have_attribute("data-state", "saved")
    assert_accessible_in_each_look(page)

    page.goto(f"{live.base_url}/children/{live.child}/notes/{note}/amend")
    typed_there(page, page.locator("form textarea").first)
    page.get_by_label("Why it is corrected").focus()
    page.locator("#phrases summary").click()
    expect(page.get_by_label("Put it into")).to_have_value("reason")
    page.get_by_role("button", name="laces").click()
    expect(page.get_by_label("Why it is corrected")).to_have_value(LACES)

    script_off = open_page(javascript=False)
    live.sign_in(script_off, live.ot, f"/children/{live.child}/notes/{note}/amend")
    expect(script_off.locator("#phrases")).to_be_hidden()


def test_a_session_that_is_recorded_takes_phrases_too(live: Live, page: Page):
    keep(live)
    keep(live, "bus", "Waited for the bus.")
    group = a_group(live.house, 2)
    live.sign_in(page, live.ot, f"/groups/{group.course}/sessions/1/run")
    for case in group.children:
        page.locator(f"label:has(input[name='c-{case}-attendance'][value=present])").click()
    line = page.locator(f"#c-{group.children[1]}-response")
    typed_there(page, line)
    page.keyboard.press("Tab")
    page.locator("#phrases summary").click()
    into = page.get_by_label("Put it into")
    expect(into.locator(f"option[value='c-{group.children[0]}-absence_reason']")).to_have_count(0)  # not in sight
    expect(into.locator(":checked")).to_contain_text("Cleo")
    page.get_by_role("button", name="bus").click()
    expect(line).to_have_value("Today. Tied the laces twice, with Waited for the bus..")
    assert_accessible_in_each_look(page)
    expect(page.locator("[data-phrase]").first).to_have_attribute("type", "button")  # not what Enter in a field presses


def test_the_pages_of_phrases_are_for_everybody(live: Live, page: Page):
    _ = live.child
    keep(live, text="x" * 300 + " " + LACES, shared=True)
    live.services.doors.execute(live.slt, KeepPhrase("n" * 40, "Said it twice: [what].", True))
    live.sign_in(page, live.ot, "/phrases")
    for path in ("/phrases", "/phrases/new", "/phrases/own/laces", "/phrases/file"):
        page.goto(f"{live.base_url}{path}")
        assert_accessible_in_each_look(page)
