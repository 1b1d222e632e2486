"""What is written on a phone without a connection arrives, once and in order; and nobody else can read it meanwhile."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from coord.application.goals.questions import ReadGoal
from coord.application.timeline.questions import ReadTimeline
from coord.domain.actors import Actor
from tests.aims import goal
from tests.browser.conftest import Live
from tests.browser.harness import PATIENCE, PHONE, Faults, assert_accessible, until

WORDS = "Held the ball, then threw it to the wall"
LINE = "[data-coord-unsent]"


@pytest.fixture
def phone(browser: Browser, live: Live, page_faults: Faults) -> Iterator[BrowserContext]:
    """A phone, with a service worker; its storage outlives its tabs."""
    context = browser.new_context(viewport=PHONE, has_touch=True, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    page_faults.watch(context)
    yield context
    context.close()
    assert not page_faults.found, "\n".join(page_faults.found)


@pytest.fixture
def aim(live: Live) -> UUID:
    """A goal of the child that is shared with the school."""
    return goal(live.house, audience="care-team-and-school")


def at_work(live: Live, phone: BrowserContext, person: Actor, to: str) -> Page:
    """Signed in, and the service worker stands ready."""
    page = phone.new_page()
    live.sign_in(page, person, to)
    ready(page)
    return page


def ready(page: Page) -> None:
    """Until the service worker stands in, and the device has the key and the page that one is on."""
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    until(page, f"() => ({KEPT})().then((kept) => kept.some((name) => name === 'key'))")
    if page.locator("[data-coord-keep], [data-coord-run]").count():
        until(page, f"() => ({KEPT})().then((kept) => kept.some((name) => name.startsWith('page:')))")


KEPT = """async () => {
  const names = [];
  for (const { name } of await indexedDB.databases()) {
    const base = await new Promise((done) => { const a = indexedDB.open(name); a.onsuccess = () => done(a.result); });
    for (const store of base.objectStoreNames) {
      const all = base.transaction(store).objectStore(store).getAllKeys();
      names.push(...(await new Promise((done) => { all.onsuccess = () => done(all.result.map(String)); })));
    }
    base.close();
  }
  return names;
}"""
EVERYTHING = """async () => {
  const found = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.cookie];
  const text = async (value) => {
    if (value instanceof CryptoKey) {
      const out = await crypto.subtle.exportKey("raw", value).then(() => "EXPORTED", () => "");
      return `CryptoKey ${value.usages} ${out}`;
    }
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return new TextDecoder("latin1").decode(value);
    if (value && typeof value === "object") return (await Promise.all(Object.values(value).map(text))).join(" ");
    return String(value);
  };
  for (const { name } of await indexedDB.databases()) {
    found.push(name);
    const base = await new Promise((done) => { const a = indexedDB.open(name); a.onsuccess = () => done(a.result); });
    for (const store of base.objectStoreNames) {
      const from = base.transaction(store).objectStore(store), keys = from.getAllKeys(), values = from.getAll();
      await new Promise((done) => { from.transaction.oncomplete = done; });
      found.push(...keys.result.map(String), ...(await Promise.all(values.result.map(text))));
    }
    base.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request);
      found.push(request.url, /script|css/.test(answer.headers.get("content-type")) ? "" : await answer.text());
    }
  }
  return found.join(" ");
}"""
"""What a device keeps of this site, as whoever opens its tools would read it."""


def names_of_what_is_kept(page: Page) -> list[str]:
    names: list[str] = page.evaluate(KEPT)
    return names


def settled(page: Page, is_so: Callable[[list[str]], bool]) -> None:
    for _times in range(200):
        if is_so(names_of_what_is_kept(page)):
            return
        page.wait_for_timeout(50)
    raise AssertionError(names_of_what_is_kept(page))


def waiting(page: Page, kind: str = "queue") -> int:
    """How many things of a kind wait, whoever's they are."""
    return sum(f":{kind}:" in name for name in names_of_what_is_kept(page))


def nothing_waits(page: Page) -> None:
    settled(page, lambda names: not any(":queue:" in name for name in names))


def box(page: Page) -> Locator:
    return page.locator(".coord-note textarea:visible").first


def sign(page: Page) -> None:
    page.get_by_role("button", name="Sign", exact=True).click()


def notes_of(live: Live, case: UUID) -> list[str]:
    entries = live.services.doors.ask(live.ot, ReadTimeline(case)).items
    return [" ".join(entry["sections"].values()) for entry in entries if entry["kind"] == "note"]


def told(live: Live, case: UUID) -> list[str]:
    """What was told of a child, in the order of the record."""
    kinds = (type(recorded.event).__name__ for recorded in live.services.record.stream(case))
    return [kind for kind in kinds if kind in ("NoteSigned", "GoalObserved")]


def ratings_of(live: Live, aim: UUID, case: UUID | None = None) -> list[Any]:
    return list(live.services.doors.ask(live.ot, ReadGoal(case or live.child, aim)).observations)


def new(live: Live) -> str:
    return f"/children/{live.child}/notes/new"


# ---- it arrives ------------------------------------------------------------------------------------------------------


def test_a_note_signed_without_a_connection_arrives_once(live: Live, phone: BrowserContext):
    page = at_work(live, phone, live.ot, new(live))
    phone.set_offline(True)
    box(page).fill(WORDS)
    expect(page.locator("#autosave")).to_contain_text("Kept on this device")
    expect(page.locator("#autosave")).to_be_in_viewport()
    sign(page)
    expect(page.locator("#autosave")).to_contain_text("Waiting to be sent: 1")
    expect(page.locator(LINE)).to_contain_text("Waiting to be sent: 1")
    assert_accessible(page)
    assert not notes_of(live, live.child)
    phone.set_offline(False)
    expect(page.locator("#said")).to_contain_text("Signed")
    assert notes_of(live, live.child) == [WORDS]
    nothing_waits(page)


def test_a_note_that_coord_has_a_draft_of_is_signed_all_the_same(live: Live, phone: BrowserContext):
    page = at_work(live, phone, live.ot, new(live))
    box(page).fill(WORDS)
    expect(page.locator("#autosave")).to_contain_text("Draft kept")
    phone.set_offline(True)
    sign(page)
    expect(page.locator("#autosave")).to_contain_text("Waiting to be sent: 1")
    phone.set_offline(False)
    expect(page.locator("#said")).to_contain_text("Signed")
    assert notes_of(live, live.child) == [WORDS]


def test_a_note_and_a_rating_wait_in_one_queue_and_go_from_any_page(live: Live, phone: BrowserContext, aim: UUID):
    page = at_work(live, phone, live.ot, new(live))
    beside = phone.new_page()
    beside.goto(f"{live.base_url}/children/{live.child}/goals/{aim}/observe")
    ready(beside)
    phone.set_offline(True)
    beside.get_by_label("Therapy").check()
    beside.get_by_label("With words").check()
    beside.get_by_role("button", name="Keep").click()
    expect(beside.locator("[data-coord-status]")).to_contain_text("Waiting to be sent: 1")
    box(page).fill(WORDS)
    sign(page)
    expect(page.locator(LINE)).to_contain_text("Waiting to be sent: 2")
    beside.close()
    page.close()
    assert told(live, live.child) == []
    phone.set_offline(False)
    page = phone.new_page()
    page.goto(live.base_url + "/account")
    expect(page.locator(LINE)).to_contain_text("Sent")
    nothing_waits(page)
    assert told(live, live.child) == ["GoalObserved", "NoteSigned"]
    assert notes_of(live, live.child) == [WORDS]
    page.goto(f"{live.base_url}/children/{live.child}")
    assert not page.locator("#said").count(), "what was done while another page was open is said on none"


def test_a_teachers_taps_and_lines_go_in_their_order(live: Live, phone: BrowserContext, aim: UUID):
    other = goal(live.house, "Waits for a turn.", audience="care-team-and-school")
    page = at_work(live, phone, live.teacher, "/")
    card = page.locator(".coord-pupil").first
    phone.set_offline(True)
    card.get_by_role("textbox").fill("Asked for the ball.")
    card.get_by_role("button", name="Asks in words once").click()
    rated = card.locator("details[open] [data-coord-status]")
    expect(rated).to_contain_text("Waiting to be sent: 1")
    expect(rated).to_be_in_viewport()
    expect(card.get_by_role("textbox")).to_have_value("Asked for the ball.")
    card.get_by_role("button", name="Went well").click()
    expect(card.get_by_role("textbox")).to_have_value("")
    card.locator("summary").nth(1).click()
    card.get_by_role("button", name="Never asks").click()
    expect(page.locator(LINE)).to_contain_text("Waiting to be sent: 3")
    assert_accessible(page)
    phone.set_offline(False)
    nothing_waits(page)
    expect(rated).to_contain_text("Sent")
    assert told(live, live.child) == ["GoalObserved", "NoteSigned", "GoalObserved"]
    assert notes_of(live, live.child) == ["Went well: Asked for the ball."]
    assert [one.level for one in (*ratings_of(live, aim), *ratings_of(live, other))] == [1, -2]


def test_a_tap_by_mistake_can_be_taken_back_before_it_is_sent(live: Live, phone: BrowserContext, aim: UUID):
    page = at_work(live, phone, live.teacher, "/")
    phone.set_offline(True)
    page.get_by_role("button", name="Asks in words once").click()
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("details[open] [data-coord-status]").get_by_role("button", name="Remove").click()
    nothing_waits(page)
    expect(page.locator(LINE)).to_be_empty()
    phone.set_offline(False)
    page.reload()
    assert not ratings_of(live, aim)


def test_it_is_of_the_time_when_it_was_pressed(live: Live, phone: BrowserContext, aim: UUID):
    page = at_work(live, phone, live.teacher, "/")
    pressed = live.clock.now
    phone.set_offline(True)
    page.get_by_role("button", name="Asks in words once").click()
    expect(page.locator(LINE)).to_contain_text("Waiting to be sent: 1")
    live.clock.turn(minutes=20)
    phone.set_offline(False)
    nothing_waits(page)
    (seen,) = ratings_of(live, aim)
    assert seen.observed_at < pressed + timedelta(minutes=10)


def test_two_tabs_send_it_once(live: Live, phone: BrowserContext):
    _case = live.child
    page = at_work(live, phone, live.teacher, "/")
    for _tab in range(2):
        phone.new_page().goto(live.base_url + "/account")
    phone.set_offline(True)
    page.get_by_role("textbox").first.fill("Once.")
    page.get_by_role("button", name="Went well").first.click()
    expect(page.locator(LINE)).to_contain_text("Waiting to be sent: 1")
    phone.set_offline(False)
    nothing_waits(page)
    assert notes_of(live, live.child) == ["Went well: Once."]


def test_a_lost_answer_makes_no_second_note(live: Live, phone: BrowserContext):
    page = at_work(live, phone, live.ot, new(live))
    phone.set_offline(True)
    box(page).fill(WORDS)
    sign(page)
    expect(page.locator(LINE)).to_contain_text("Waiting to be sent: 1")

    def swallow(route: Any) -> None:
        route.fetch(max_redirects=0)
        route.abort()

    page.route("**/drafts/*", swallow)
    phone.set_offline(False)
    for _times in range(100):
        if notes_of(live, live.child):
            break
        page.wait_for_timeout(100)
    page.unroute("**/drafts/*")
    page.close(run_before_unload=False)
    page = phone.new_page()
    page.goto(live.base_url + "/account")
    nothing_waits(page)
    assert notes_of(live, live.child) == [WORDS]


# ---- and what Coord does not take as it is ---------------------------------------------------------------------------


def test_what_is_asked_about_loses_no_word(live: Live, phone: BrowserContext):
    page = at_work(live, phone, live.ot, new(live))
    template, section = page.locator('input[name="format"]').input_value(), box(page).get_attribute("name") or ""
    live.note(live.ot, format=template, sections={section.removeprefix("section-"): WORDS})
    phone.set_offline(True)
    box(page).fill(WORDS)  # the same words as in the note before
    sign(page)
    expect(page.locator(LINE)).to_contain_text("Waiting to be sent: 1")
    page.close(run_before_unload=False)
    phone.set_offline(False)
    page = phone.new_page()
    page.goto(live.base_url + "/account")
    expect(page.locator(LINE)).to_contain_text("needs your attention")
    expect(page.locator(LINE)).to_contain_text("Zig")
    assert_accessible(page)
    page.locator(LINE).get_by_role("link", name="Open it").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(box(page)).to_have_value(WORDS)
    assert_accessible(page)
    for more in page.locator('input[name="confirmed"]').all():
        more.check()
    sign(page)
    expect(page.locator("#said")).to_contain_text("Signed")
    nothing_waits(page)
    assert notes_of(live, live.child) == [WORDS, WORDS]
    page.goto(live.base_url + "/account")
    expect(page.locator(LINE)).to_be_empty()


def test_what_is_written_on_is_not_sent_half_done(live: Live, phone: BrowserContext):
    page = at_work(live, phone, live.ot, new(live))
    phone.set_offline(True)
    box(page).fill("He sat")
    sign(page)
    expect(page.locator(LINE)).to_contain_text("Waiting to be sent: 1")
    box(page).press_sequentially(" for a wh")
    nothing_waits(page)
    phone.set_offline(False)
    expect(page.locator("#autosave")).to_contain_text("Draft kept")
    assert notes_of(live, live.child) == []
    box(page).press_sequentially("ile.")
    sign(page)
    expect(page.locator("#said")).to_contain_text("Signed")
    assert notes_of(live, live.child) == ["He sat for a while."]
