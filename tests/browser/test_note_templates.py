"""Templates of notes in a real browser: drawn up by a lead, chosen and signed by a therapist, clean at both widths."""

import re

from playwright.sync_api import Page, expect

from coord.application.note_templates.commands import ChangeNoteTemplate
from coord.domain.note_template import SectionContent, TemplateContent
from tests.browser.conftest import Live
from tests.browser.harness import OpenPage, assert_accessible_in_each_look


def test_a_lead_draws_one_up_and_a_therapist_signs_in_it(live: Live, page: Page, open_page: OpenPage):
    _ = live.child
    live.sign_in(page, live.lead, "/note-templates/new")
    page.get_by_label("Name of the template").fill("Home visit")
    page.get_by_label("Above the box, section 1").fill("What I saw there")
    page.get_by_label("A note cannot be signed without it, section 1").check()
    page.get_by_label("Above the box, section 2").fill("What we agreed")
    page.get_by_label("What it is, section 2").select_option("plan")
    page.get_by_role("button", name=re.compile("Move up.*section 2")).click()
    expect(page.get_by_label("Above the box, section 1")).to_have_value("What we agreed")
    page.get_by_role("button", name="Add a section").click()
    page.get_by_role("button", name="Draw it up").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Home visit")

    therapist = open_page()
    live.sign_in(therapist, live.ot, f"/children/{live.child}/notes/new")
    therapist.locator("#format summary").click()
    therapist.get_by_role("button", name="Home visit").click()
    therapist.get_by_label("What we agreed").fill("The stair is his bench.")
    therapist.get_by_role("button", name="Sign", exact=True).click()
    box = therapist.get_by_label("What I saw there")
    expect(box).to_have_accessible_description("Needed to sign Error: Enter this", ignore_case=True)
    box.fill("He sat down on the third stair.")
    therapist.keyboard.press("Control+Enter")
    expect(therapist.locator("#said")).to_contain_text("Signed")
    expect(therapist.get_by_role("heading", name="What I saw there")).to_be_visible()


def test_its_pages_are_for_everybody(live: Live, page: Page):
    template = live.template()
    content = TemplateContent("First visit", [SectionContent("W" * 80, "x" * 200, True)], all_teams=True)
    live.services.doors.execute(live.lead, ChangeNoteTemplate(template, 1, content, "it was too long"))
    live.sign_in(page, live.lead, "/note-templates")
    for path in ("", "/new", f"/{template}", f"/{template}/change", f"/{template}/retire"):
        page.goto(f"{live.base_url}/note-templates{path}")
        assert_accessible_in_each_look(page)
