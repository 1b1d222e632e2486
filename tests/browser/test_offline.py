"""What is written on a phone without a connection arrives, once and in order; and nobody else can read it meanwhile."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, expect

from coord.application.goals.questions import ReadGoal
from coord.application.groups.questions import ReadSession
from coord.application.timeline.questions import ReadTimeline
from coord.domain.actors import Actor
from tests.aims import goal
from tests.browser.conftest import Live
from tests.browser.harness import PATIENCE, PHONE, Faults, assert_accessible, until
from tests.group_story import a_group

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
    for _times in range(20):
        try:
            names: list[str] = page.evaluate(KEPT)
        except Error:  # another page comes just now
            page.wait_for_timeout(100)
        else:
            return names
    raise AssertionError("no page stays")


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


def held(page: Page, address: str) -> Callable[[], Any]:
    """What is sent there does not arrive yet; the first is given, to be let go on, once it is on its way."""
    held_up: list[Any] = []
    page.route(address, lambda route: held_up.append(route))

    def first() -> Any:
        for _times in range(200):
            if held_up:
                return held_up[0]
            page.wait_for_timeout(50)
        raise AssertionError("nothing is sent")

    return first


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


def test_what_is_tapped_on_the_pages_of_goals_waits_and_goes_in_its_order(live: Live, phone: BrowserContext, aim: UUID):
    other = goal(live.house, "Waits for a turn.", audience="care-team-and-school")
    goals = f"/children/{live.child}/goals"
    full = at_work(live, phone, live.teacher, f"{goals}/{aim}/observe")
    full.get_by_label("Remark").fill("Looked at the ball first.")  # begun in full, of the same goal
    until(full, f"() => ({KEPT})().then((kept) => kept.some((name) => name.includes(':draft:')))")
    page = full
    page.goto(live.base_url + goals)
    ready(page)
    first, second = (page.locator(f"#goal-{one} form.coord-rate") for one in (aim, other))
    phone.set_offline(True)
    first.get_by_role("button", name="Asks in words once").click()
    expect(first.locator("[data-coord-status]")).to_contain_text("Waiting to be sent: 1")
    expect(first.locator("[data-coord-status]")).to_be_in_viewport()
    second.get_by_role("button", name="Never asks").click()
    expect(second.locator("[data-coord-status]")).to_contain_text("Waiting to be sent: 1")
    page.reload()
    expect(page.locator(LINE)).to_contain_text("You are offline")
    expect(second.locator("[data-coord-status]")).to_contain_text("Waiting to be sent: 1")
    assert WORDS not in page.evaluate(EVERYTHING)
    assert "Asks in words" not in page.evaluate(EVERYTHING)
    assert_accessible(page)
    phone.set_offline(False)
    nothing_waits(page)
    assert [one.level for one in (*ratings_of(live, aim), *ratings_of(live, other))] == [1, -2]
    assert told(live, live.child) == ["GoalObserved", "GoalObserved"]
    expect(page.locator("html[data-coord-as-of]")).to_have_count(0)  # Coord's own page is there again, or comes
    page.wait_for_load_state()
    page.goto(f"{live.base_url}{goals}/{aim}/observe")
    expect(page.get_by_label("Remark")).to_have_value("Looked at the ball first.")

    page.goto(f"{live.base_url}{goals}/{aim}")
    ready(page)
    phone.set_offline(True)
    taps = page.locator("form.coord-rate")
    taps.get_by_role("button", name="Never asks").click()
    expect(taps.locator("[data-coord-status]")).to_contain_text("Waiting to be sent: 1")
    phone.set_offline(False)
    expect(taps.locator("[data-coord-status]")).to_contain_text("Sent")
    assert sorted(one.level for one in ratings_of(live, aim)) == [-2, 1]


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


def test_a_line_that_waits_goes_on_saying_so_and_can_be_taken_back(live: Live, phone: BrowserContext):
    _case = live.child
    page = at_work(live, phone, live.teacher, "/")
    phone.set_offline(True)
    card = page.locator(".coord-pupil").first
    card.get_by_role("textbox").fill("Of another child.")
    card.get_by_role("button", name="Went well").click()
    said = card.locator("[data-coord-status]:not([data-coord-place] *)")
    expect(said).to_contain_text("Waiting to be sent: 1")
    page.wait_for_timeout(1000)  # what is typed would have been kept by now
    expect(said).to_contain_text("Waiting to be sent: 1")
    page.on("dialog", lambda dialog: dialog.accept())
    said.get_by_role("button", name="Remove").click()
    nothing_waits(page)
    phone.set_offline(False)
    page.goto(live.base_url + "/account")
    assert notes_of(live, live.child) == []


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


def test_what_is_taken_back_while_another_is_sent_is_not_sent(live: Live, phone: BrowserContext, aim: UUID):
    page = at_work(live, phone, live.teacher, "/")
    card, on_its_way = page.locator(".coord-pupil").first, held(page, "**/level")
    phone.set_offline(True)
    card.get_by_role("button", name="Asks in words once").click()
    card.get_by_role("textbox").fill("Of another child.")
    card.get_by_role("button", name="Went well").click()
    expect(page.locator(LINE)).to_contain_text("Waiting to be sent: 2")
    phone.set_offline(False)
    one = on_its_way()
    page.on("dialog", lambda dialog: dialog.accept())
    of_the_line = card.locator("[data-coord-status]:not([data-coord-place] *)")
    of_the_line.get_by_role("button", name="Remove").click()
    settled(page, lambda names: sum(":queue:" in name for name in names) == 1)
    one.continue_()
    nothing_waits(page)
    assert [rating.level for rating in ratings_of(live, aim)] == [1]
    assert notes_of(live, live.child) == []


def test_what_is_written_on_while_it_is_sent_is_not_lost(live: Live, phone: BrowserContext):
    page = at_work(live, phone, live.ot, new(live))
    on_its_way = held(page, "**/drafts/*")
    phone.set_offline(True)
    box(page).fill(WORDS)
    sign(page)
    expect(page.locator(LINE)).to_contain_text("Waiting to be sent: 1")
    phone.set_offline(False)
    one = on_its_way()
    box(page).press_sequentially(", and laughed")
    one.continue_()
    expect(page.locator(LINE)).to_contain_text("Sent")
    page.unroute("**/drafts/*")
    assert notes_of(live, live.child) == [WORDS]
    expect(box(page)).to_have_value(f"{WORDS}, and laughed")


# ---- and what Coord does not take as it is ---------------------------------------------------------------------------


def test_what_coord_fails_at_does_not_hold_up_what_comes_after_it(live: Live, phone: BrowserContext, aim: UUID):
    page = at_work(live, phone, live.teacher, "/")
    card = page.locator(".coord-pupil").first
    page.route("**/level", lambda route: route.fulfill(status=500, body="Fault"))
    phone.set_offline(True)
    card.get_by_role("button", name="Asks in words once").click()
    card.get_by_role("textbox").fill("Asked for the ball.")
    card.get_by_role("button", name="Went well").click()
    expect(page.locator(LINE)).to_contain_text("Waiting to be sent: 2")
    phone.set_offline(False)
    expect(page.locator(LINE)).to_contain_text("Waiting to be sent: 1")
    assert notes_of(live, live.child) == ["Went well: Asked for the ball."]
    page.unroute("**/level")
    page.goto(live.base_url + "/account")
    nothing_waits(page)
    assert [rating.level for rating in ratings_of(live, aim)] == [1]


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


def test_an_empty_note_that_was_refused_leaves_nothing_on_the_device(live: Live, phone: BrowserContext):
    page = at_work(live, phone, live.ot, new(live))
    sign(page)
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    ready(page)
    page.wait_for_timeout(700)  # longer than it waits before it keeps anything
    assert not waiting(page, "draft")
    box(page).fill(WORDS)
    settled(page, lambda names: any(":draft:" in name for name in names))
    page.get_by_label("Date").first.evaluate("field => { field.value = '31 2 2026'; }")
    sign(page)
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    ready(page)
    page.wait_for_timeout(700)
    assert waiting(page, "draft"), "what was sent back with words in it stays"


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


# ---- a page that is loaded anew --------------------------------------------------------------------------------------


def test_a_note_is_still_there_when_its_page_is_loaded_anew(live: Live, phone: BrowserContext):
    page = at_work(live, phone, live.ot, new(live))
    phone.set_offline(True)
    box(page).fill(WORDS)
    expect(page.locator("#autosave")).to_contain_text("Kept on this device")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator(LINE)).to_contain_text("You are offline; this is as of")
    expect(page.locator("#autosave")).to_contain_text("Restored from this device.")
    expect(box(page)).to_have_value(WORDS)
    assert_accessible(page)
    for token in page.locator('input[name="csrf_token"]').all():
        assert token.input_value() == ""
    sign(page)
    expect(page.locator(LINE)).to_contain_text("Waiting to be sent: 1")
    page.reload()
    expect(box(page)).to_have_value(WORDS)
    expect(page.locator("#autosave")).to_contain_text("Waiting to be sent: 1")
    phone.set_offline(False)
    expect(page.locator("#said")).to_contain_text("Signed")
    assert notes_of(live, live.child) == [WORDS]
    nothing_waits(page)


def test_a_draft_that_coord_has_is_on_the_page_that_is_loaded_anew(live: Live, phone: BrowserContext):
    page = at_work(live, phone, live.ot, new(live))
    box(page).fill(WORDS)
    expect(page.locator("#autosave")).to_contain_text("Draft kept")
    page.wait_for_url("**/drafts/*")
    settled(page, lambda names: any(":draft:" in name for name in names))
    page.wait_for_timeout(300)
    phone.set_offline(True)
    page.reload()
    expect(page.locator(LINE)).to_contain_text("You are offline")
    expect(box(page)).to_have_value(WORDS)
    phone.set_offline(False)  # the page itself comes as soon as it can be had
    expect(page.locator(LINE)).to_be_empty()
    expect(box(page)).to_have_value(WORDS)
    expect(page.locator("#autosave")).to_contain_text("Draft kept")


def test_the_cards_of_a_teacher_and_what_waits_in_them(live: Live, phone: BrowserContext, aim: UUID):
    page = at_work(live, phone, live.teacher, "/")
    page.on("dialog", lambda dialog: dialog.accept())
    phone.set_offline(True)
    page.get_by_role("button", name="Asks in words once").click()
    page.get_by_role("textbox").first.fill("Half a sen")
    settled(page, lambda names: sum(":queue:" in n or ":draft:" in n for n in names) == 2)
    page.reload()
    expect(page.locator("details[open] [data-coord-status]")).to_contain_text("Waiting to be sent: 1")
    expect(page.get_by_role("textbox").first).to_have_value("Half a sen")
    phone.set_offline(False)
    nothing_waits(page)
    expect(page.locator(LINE)).not_to_contain_text("You are offline")
    expect(page.get_by_role("textbox").first).to_have_value("Half a sen")
    assert len(ratings_of(live, aim)) == 1


def test_any_other_page_says_kindly_why_it_is_not_there(live: Live, phone: BrowserContext):
    page = at_work(live, phone, live.ot, new(live))
    phone.set_offline(True)
    page.goto(f"{live.base_url}/children/{live.child}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Coord cannot be reached")
    assert "Zig" not in page.content()
    assert_accessible(page)
    page.goto(live.base_url + new(live))
    expect(box(page)).to_be_visible()
    phone.set_offline(False)
    expect(page.locator(LINE)).to_be_empty()  # Coord's own page has come by itself
    page.goto(f"{live.base_url}/children/{live.child}")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Coord cannot be reached")


def test_it_says_so_in_the_language_of_the_person(live: Live, phone: BrowserContext):
    page = at_work(live, phone, live.ot, "/account")
    page.get_by_role("button", name="Italiano").last.click()
    expect(page.locator("html")).to_have_attribute("lang", "it")
    page.goto(live.base_url + new(live))
    ready(page)
    phone.set_offline(True)
    page.goto(live.base_url + "/groups")
    expect(page.get_by_role("heading", level=1)).to_have_text("Coord non è raggiungibile")
    assert_accessible(page)


# ---- and nobody else can read it -------------------------------------------------------------------------------------


SECRETS = (WORDS, "Held the ball", "Zig", "Zander", "Ada Lind", "Write a note", "EXPORTED")


def nothing_can_be_read(live: Live, page: Page) -> None:
    everything: str = page.evaluate(EVERYTHING)
    ids = (str(live.child), live.child.hex, str(live.ot.person_id))
    assert not [secret for secret in (*SECRETS, *ids) if secret in everything]


def waits_on_the_device(live: Live, phone: BrowserContext) -> Page:
    """A note that waits to be sent, on its page."""
    page = at_work(live, phone, live.ot, new(live))
    page.on("dialog", lambda dialog: dialog.accept())
    phone.set_offline(True)
    box(page).fill(WORDS)
    sign(page)
    expect(page.locator(LINE)).to_contain_text("Waiting to be sent: 1")
    return page


def test_while_it_waits_it_cannot_be_read_and_the_key_cannot_be_taken(live: Live, phone: BrowserContext):
    page = waits_on_the_device(live, phone)
    assert waiting(page) == 1
    assert "CryptoKey decrypt" in page.evaluate(EVERYTHING)
    nothing_can_be_read(live, page)


def test_whoever_signs_in_next_finds_nothing_and_its_owner_finds_all(live: Live, phone: BrowserContext):
    page = waits_on_the_device(live, phone)
    page.route("**/drafts/*", lambda route: route.abort())  # it cannot go before the next person comes
    phone.set_offline(False)
    live.sign_out(page)
    settled(page, lambda names: "key" not in names and not any(name.startswith("page:") for name in names))
    assert waiting(page) == 1
    nothing_can_be_read(live, page)
    assert "CryptoKey" not in page.evaluate(EVERYTHING)
    page.unroute("**/drafts/*")
    live.sign_in(page, live.psychologist, "/account")
    ready(page)
    expect(page.locator(LINE)).to_be_empty()
    nothing_can_be_read(live, page)
    phone.set_offline(True)
    page.goto(live.base_url + new(live))
    expect(page.get_by_role("heading", level=1)).to_have_text("Coord cannot be reached")
    phone.set_offline(False)
    page.goto(live.base_url + "/account")
    assert not notes_of(live, live.child)
    live.sign_out(page)
    live.sign_in(page, live.ot, "/account")
    nothing_waits(page)
    assert notes_of(live, live.child) == [WORDS]


def test_signing_out_in_one_tab_takes_the_key_from_the_other(live: Live, phone: BrowserContext):
    page = at_work(live, phone, live.ot, new(live))
    other = phone.new_page()
    other.goto(live.base_url + "/account")
    live.sign_out(other)
    settled(page, lambda names: "key" not in names)
    phone.set_offline(True)
    box(page).fill(WORDS)
    expect(page.locator("#autosave")).to_contain_text("on this page only")
    assert not waiting(page, "draft")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Coord cannot be reached")
    expect(page.get_by_text("nobody is signed in on this device any more")).to_be_visible()
    assert_accessible(page)


def test_at_the_end_of_the_sign_in_by_the_pages_own_clock_nothing_opens(live: Live, phone: BrowserContext):
    page = phone.new_page()
    page.clock.install()
    live.sign_in(page, live.ot, new(live))
    ready(page)
    phone.set_offline(True)
    box(page).fill(WORDS)
    page.clock.run_for(5000)
    settled(page, lambda names: any(":draft:" in name for name in names))
    page.clock.run_for(31 * 60 * 1000)
    settled(page, lambda names: "key" not in names and not any(name.startswith("page:") for name in names))
    nothing_can_be_read(live, page)
    assert waiting(page, "draft") == 1
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.get_by_text("nobody is signed in on this device any more")).to_be_visible()


def test_a_page_that_was_open_all_the_while_does_not_lengthen_the_sign_in(live: Live, phone: BrowserContext):
    page = phone.new_page()
    page.clock.install()
    live.sign_in(page, live.ot, new(live))
    ready(page)
    begun = page.evaluate("Date.now()")
    page.clock.run_for(20 * 60 * 1000)
    phone.set_offline(True)  # the server is not heard of: a draft that it took would lengthen the sign-in indeed
    page.evaluate(f"({SET_UNTIL})(60000)")  # what another tab knows
    page.evaluate("new BroadcastChannel('coord-device').postMessage('gone')")
    box(page).fill(WORDS)
    page.clock.run_for(5000)
    settled(page, lambda names: any(":draft:" in name for name in names))
    assert page.evaluate(f"({SET_UNTIL})()") - begun <= 30 * 60 * 1000


SET_UNTIL = """async (later) => {
  const opens = indexedDB.open("coord-device");
  const base = await new Promise((done) => { opens.onsuccess = () => done(opens.result); });
  const store = base.transaction("live", "readwrite").objectStore("live"), asked = store.get("key");
  await new Promise((done) => {
    asked.onsuccess = () => later === undefined || store.put({ ...asked.result, until: Date.now() + later }, "key");
    store.transaction.oncomplete = done;
  });
  base.close();
  return asked.result.until;
}"""
"""How long the key is kept, in milliseconds of the page's clock; and that it is so much longer from now on."""


def test_a_key_that_was_left_behind_opens_nothing_after_its_time(live: Live, phone: BrowserContext):
    page = at_work(live, phone, live.ot, new(live))
    page.evaluate(f"({SET_UNTIL})(-1)")
    phone.set_offline(True)
    page.goto(live.base_url + "/groups")
    expect(page.get_by_text("nobody is signed in on this device any more")).to_be_visible()
    assert not [name for name in names_of_what_is_kept(page) if name == "key" or name.startswith("page:")]


def test_signing_out_without_a_connection_says_that_coord_was_not_told(live: Live, phone: BrowserContext):
    page = at_work(live, phone, live.ot, "/account")
    phone.set_offline(True)
    page.get_by_role("button", name="Sign out").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are still signed in")
    assert "key" not in names_of_what_is_kept(page)
    assert_accessible(page)


def test_without_a_script_a_form_works_by_its_button(live: Live, browser: Browser, aim: UUID):
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    live.sign_in(page, live.teacher)
    page.get_by_role("textbox").first.fill("By hand.")
    page.get_by_role("button", name="Went well").first.click()
    expect(page.locator("#said")).to_contain_text("Signed just now.")
    page.get_by_role("button", name="Asks in words once").click()
    expect(page.locator("#said")).to_contain_text("Kept just now")
    context.close()
    assert len(ratings_of(live, aim)) == 1


def test_the_page_of_a_session_is_there_when_it_is_loaded_anew(live: Live, phone: BrowserContext):
    group = a_group(live.house, 2)
    page = at_work(live, phone, live.ot, f"/groups/{group.course}/sessions/1/run")
    page.on("dialog", lambda dialog: dialog.accept())
    phone.set_offline(True)
    page.get_by_role("button", name="All present, as planned").click()
    page.get_by_label("How it went, Brio").fill("Waited twice")
    settled(page, lambda names: any(":draft:" in name for name in names))
    page.wait_for_timeout(300)
    page.reload()
    expect(page.get_by_text("Restored from this device.")).to_be_visible()
    expect(page.get_by_label("How it went, Brio")).to_have_value("Waited twice")
    page.get_by_role("button", name="Record the session").click()
    expect(page.locator("[data-coord-run-status]")).to_contain_text("Not yet sent, kept on this device")
    assert_accessible(page)
    phone.set_offline(False)
    expect(page.get_by_text("The session is recorded.")).to_be_visible()
    (recorded,) = live.services.doors.ask(live.ot, ReadSession(group.course, 1)).recordings
    assert recorded.by_id == live.ot.person_id
    lines = [child.lines for child in live.services.doors.ask(live.ot, ReadSession(group.course, 1)).children]
    assert [line.line["response"] for (line,) in lines if line.line["response"]] == ["Waited twice"]


def test_what_was_seen_of_a_goal_is_there_when_its_page_is_loaded_anew(live: Live, phone: BrowserContext, aim: UUID):
    page = at_work(live, phone, live.ot, f"/children/{live.child}/goals/{aim}/observe")
    page.on("dialog", lambda dialog: dialog.accept())
    phone.set_offline(True)
    page.get_by_label("Therapy").check()
    page.get_by_label("With words").check()
    page.locator("#remark").fill("After the break.")
    expect(page.locator("[data-coord-status]")).to_contain_text("Kept on this device")
    page.reload()
    expect(page.locator("[data-coord-status]")).to_contain_text("Restored from this device.")
    expect(page.get_by_label("With words")).to_be_checked()
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("[data-coord-status]")).to_contain_text("Waiting to be sent: 1")
    phone.set_offline(False)
    expect(page.locator("#said")).to_contain_text("Kept")
    (seen,) = ratings_of(live, aim)
    assert (seen.support, seen.remark) == ("verbal", "After the break.")
