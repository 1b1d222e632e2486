"""A day with Coord as its people have it: real processes, the demonstration children, a browser, both stores."""

import json
import re
import urllib.request
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browser.harness import PHONE, OpenPage
from tests.browser.running import Running

SHARED = "Put his cup away without being asked, twice, and looked for me to see it."
SIGNED = re.compile(r"/notes/[0-9a-f-]{36}$")
FOR_US = "Tired before he came; mother says the night was short."


def write(page: Page, child: str, text: str, audience: str, *, at: datetime | None = None) -> int:
    """Write and sign a note about the child, of what was seen just now or ``at`` another time; the position that the
    note's page then shows."""
    page.goto(f"{child}/notes/new?format=narrative")
    page.get_by_role("textbox", name=re.compile("What happened")).fill(text)
    if at is not None:  # asked for at once, where Coord cannot tell the time
        expect(page.locator("#when")).to_have_attribute("open", "")
        page.locator("#from-day").fill(f"{at:%d/%m/%Y}")
        page.locator("#from-time").fill(f"{at:%H:%M}")
        page.locator("#to-day").fill("")
    page.locator("#who summary").click()
    page.get_by_role("radio", name=audience, exact=True).check()
    page.get_by_role("button", name="Sign", exact=True).click()
    page.wait_for_url(SIGNED)
    expect(page.locator("main")).to_contain_text(text)
    return position(page)


def position(page: Page) -> int:
    """Which place of the record the page says that it shows."""
    return int(page.locator("[data-position]").first.get_attribute("data-position") or 0)


def test_a_day(running: Running, open_page: OpenPage) -> None:
    # An occupational therapist writes and signs two notes about Bruno.
    page = open_page()
    running.sign_in(page, "ida")
    page.get_by_role("link", name="Bruno", exact=True).first.click()
    child = re.match(r".*/children/[0-9a-f-]{36}", page.url)
    assert child
    bruno = child[0]
    signed = write(page, bruno, SHARED, "Care team and school")
    # Coord cannot tell the time of the second: just now was the first.
    yesterday = datetime.now(UTC) - timedelta(days=1)
    write(page, bruno, FOR_US, "Care team", at=yesterday)
    page.context.close()

    # The psychologist on the team sees both at once, with who and when, and the page says up to where it reaches.
    page = open_page()
    running.sign_in(page, "marta")
    page.goto(bruno)
    expect(page.locator("main")).to_contain_text(SHARED)
    expect(page.locator("main")).to_contain_text(FOR_US)
    expect(page.locator("main")).to_contain_text("Ida Castellan, Therapist, Occupational therapy")
    assert position(page) > signed
    page.context.close()

    # The teacher, on a phone: one tap to the summary; of the notes only the one that is shared with the school.
    page = open_page(viewport=PHONE)
    running.sign_in(page, "owen")
    page.locator(".coord-pupil", has_text="Bruno").get_by_role("link", name="Summary").click()
    expect(page.get_by_role("heading", name="What helps")).to_be_visible()
    page.goto(bruno)
    expect(page.locator("main")).to_contain_text(SHARED)
    expect(page.locator("main")).not_to_contain_text("Tired before he came")
    page.goto(f"{bruno}?q=Tired")
    expect(page.locator("main")).not_to_contain_text("Tired before he came")
    page.context.close()

    # The team lead sees who wrote and who looked, and the record as it was known before.
    page = open_page()
    running.sign_in(page, "helen")
    page.goto(f"{bruno}/history")
    for words in ("Note signed", "Ida Castellan", "Looked at the timeline", "Owen Tarrish", "Read the school summary"):
        expect(page.locator("main")).to_contain_text(words)
    page.goto(bruno)
    expect(page.locator("main")).to_contain_text(SHARED)
    yesterday = page.evaluate("new Date(Date.now() - 86400000).toISOString().slice(0, 10)")
    page.goto(f"{bruno}?as_of={yesterday}")
    expect(page.locator("#as-known")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text(SHARED)
    expect(page.locator("main ol.coord-timeline li").first).to_be_visible()
    page.context.close()

    # The same through the API, with a token.
    token = re.search(r"coord_[A-Za-z0-9_-]{43}", running.coord("token", "--for", "ida@coord.example"))
    assert token
    case_id = bruno.rsplit("/", 1)[1]
    request = urllib.request.Request(
        f"{running.url}/api/v1/cases/{case_id}/timeline?limit=5", headers={"Authorization": f"Bearer {token[0]}"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        timeline = json.load(answer)
    texts = [item["sections"].get("text") for item in timeline["items"]]
    assert {SHARED, FOR_US} <= set(texts)
    assert timeline["position"] > signed
