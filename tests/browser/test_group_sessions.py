"""A group's session on a tablet, standing: planned, run, and nothing lost when the connection or the tab is."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Error, Page, Request, Route, ViewportSize, expect

from coord.application.groups import commands as w
from coord.application.groups.questions import ReadSession, SessionAnswer
from coord.domain.actors import Actor
from tests.browser.conftest import Live
from tests.browser.harness import (
    NARROW,
    PATIENCE,
    WIDE,
    Faults,
    OpenPage,
    assert_accessible,
    assert_accessible_in_each_look,
)
from tests.group_story import Group, a_group
from tests.house import PASSWORD

TABLET = ViewportSize(width=820, height=1180)
NOT_YET_SENT = "Not yet sent, kept on this device"


@pytest.fixture
def group(live: Live) -> Group:
    return a_group(live.house, 5)


@pytest.fixture
def tablet(browser: Browser, live: Live, page_faults: Faults) -> Iterator[BrowserContext]:
    """A tablet: one context, so that its storage outlives its tabs."""
    context = browser.new_context(
        viewport=TABLET, has_touch=True, locale="en-GB", reduced_motion="reduce", service_workers="block"
    )
    context.set_default_timeout(PATIENCE)
    page_faults.watch(context)
    yield context
    context.close()
    assert not page_faults.found, "\n".join(page_faults.found)


def run_page(group: Group, number: int = 1) -> str:
    return f"/groups/{group.course}/sessions/{number}/run"


def session_of(group: Group, number: int = 1) -> SessionAnswer:
    answer: SessionAnswer = group.house.services.doors.ask(group.house.ot, ReadSession(group.course, number))
    return answer


def at_work(live: Live, page: Page, person: Actor, to: str) -> Page:
    live.sign_in(page, person, to)
    return page


def connected_again(page: Page) -> None:
    """What the browser tells a page; unless that has tried by itself meanwhile, and is on its way to the session."""
    with suppress(Error):
        page.evaluate("window.dispatchEvent(new Event('online'))")


def field(case: UUID, *more: object) -> str:
    return "-".join(["c", str(case), *(str(part) for part in more)])


def tap(page: Page, name: str, value: str) -> None:
    page.locator(f'label:has(> input[name="{name}"][value="{value}"])').tap()


def came(page: Page, group: Group, *, absent: int | None = None) -> None:
    """One tap for each child."""
    for i, case in enumerate(group.children):
        tap(page, field(case, "attendance"), "absent" if i == absent else "present")


def send(page: Page) -> None:
    page.get_by_role("button", name="Record the session").click()


def kept(page: Page) -> list[str]:
    """The keys of what the device keeps."""
    keys: list[str] = page.evaluate(
        """() => new Promise((done) => {
          const asked = indexedDB.open("coord-recordings");
          asked.onupgradeneeded = () => asked.transaction.abort();
          asked.onerror = () => done([]);
          asked.onsuccess = () => {
            const all = asked.result.transaction("kept").objectStore("kept").getAllKeys();
            all.onsuccess = () => { asked.result.close(); done(all.result.map(String)); };
          };
        })"""
    )
    return keys


def settled(page: Page, count: int) -> None:
    """Until the device keeps as many things as this."""
    for _ in range(200):
        if len(kept(page)) == count:
            return
        page.wait_for_timeout(50)
    raise AssertionError(kept(page))


def bar_below_what_is_said(page: Page) -> bool:
    """Whether the children's names are in reach, below the line that says what waits."""
    said, bar = page.locator("[data-coord-unsent]").bounding_box(), page.locator(".coord-run__bar").bounding_box()
    assert said is not None
    assert bar is not None
    return bar["y"] >= said["y"] + said["height"] - 1


def in_full_view(page: Page, selector: str) -> bool:
    """Whether nothing lies over the first and the last of its words."""
    return bool(
        page.locator(selector).evaluate(
            """(it) => [...it.querySelectorAll("p")].every((p) => {
                const { left, top, bottom } = p.getBoundingClientRect();
                return [top + 2, bottom - 2].every((y) => p.contains(document.elementFromPoint(left + 2, y)));
            })"""
        )
    )


def test_a_correction_shows_of_each_child_what_they_can_have(live: Live, group: Group, tablet: BrowserContext):
    live.clock.turn(hours=2)
    cleo = group.children[1]
    absent = group.line(cleo, attendance="absent", absence_reason="Had a cold.")
    group.record(absent, *(group.line(case) for case in group.children if case != cleo))
    recording = session_of(group).recordings[0].id
    to = f"/groups/{group.course}/sessions/1/recordings/{recording}/correct"
    page = at_work(live, tablet.new_page(), live.ot, to)
    expect(page.get_by_label("Why absent, Brio")).to_be_hidden()
    expect(page.get_by_label("Why absent, Cleo")).to_be_visible()
    expect(page.locator(f"#{field(cleo, 'response')}")).to_be_hidden()
    tap(page, field(cleo, "attendance"), "late")
    expect(page.locator(f"#{field(cleo, 'response')}")).to_be_visible()
    expect(page.get_by_label("Why absent, Cleo")).to_be_hidden()


def test_a_session_of_five_is_planned_and_run_and_outlives_the_connection_and_the_tab(
    live: Live, group: Group, tablet: BrowserContext
):
    build = live.activity("Shared build, three roles", kinds=["social-skills"], cognitive="high")
    brio, cleo = group.children[:2]
    page = at_work(live, tablet.new_page(), live.ot, f"/groups/{group.course}/sessions/1/plan")
    page.locator("#step-2-activity").select_option(str(build))
    page.get_by_role("button", name="Add a step").click()
    tap(page, field(brio, "grading"), "down")
    page.locator(f"#{field(brio, 'how')}").fill("Two roles only")
    page.get_by_role("button", name="Save the plan").last.click()
    expect(page.get_by_text("The plan is saved.")).to_be_visible()
    page.get_by_role("button", name="Record the session").or_(
        page.get_by_role("link", name="Record the session")
    ).click()
    page.wait_for_url(live.base_url + run_page(group))
    expect(page.locator(f"#{field(brio, 'response')}")).to_be_hidden()

    came(page, group, absent=1)
    expect(page.get_by_label("Why absent, Cleo")).to_be_visible()
    expect(page.locator(f"#{field(cleo, 'response')}")).to_be_hidden()
    assert page.locator(f'input[name="{field(brio, "grading")}"][value="down"]').is_checked()
    tablet.set_offline(True)
    tap(page, field(brio, group.goals[brio], "level"), "1")
    page.get_by_label("How it went, Brio").fill("Waited twice")
    page.get_by_label("How the children were with each other").fill("In turns")
    page.wait_for_timeout(500)  # what is typed is kept at once; nobody closes a tab within the same millisecond
    page.close()

    tablet.set_offline(False)
    page = tablet.new_page()
    page.goto(live.base_url + run_page(group))
    expect(page.get_by_text("Restored from this device.")).to_be_visible()
    expect(page.get_by_label("How it went, Brio")).to_have_value("Waited twice")
    tablet.set_offline(True)
    page.get_by_label("How it went, Brio").fill("Waited twice, then asked a peer")
    send(page)
    expect(page.locator("[data-coord-run-status]")).to_contain_text(NOT_YET_SENT)
    expect(page.locator("[data-coord-unsent]")).to_contain_text("Waiting to be sent: 1")
    assert in_full_view(page, "[data-coord-run-status]")
    page.locator(f"#{field(brio, 'response')}").scroll_into_view_if_needed()
    assert bar_below_what_is_said(page)
    page.close()
    assert not session_of(group).recordings

    page = tablet.new_page()
    tablet.set_offline(False)
    page.goto(f"{live.base_url}/activities")
    settled(page, 0)
    page.reload()
    expect(page.locator("[data-coord-unsent]")).to_be_empty()
    answer = session_of(group)
    assert len(answer.recordings) == 1
    assert answer.recordings[0].note["dynamics"] == "In turns"
    told = {child.case_id: child.lines for child in answer.children}
    assert [len(lines) for lines in told.values()] == [1] * 5
    assert told[brio][0].line["response"] == "Waited twice, then asked a peer"
    assert told[brio][0].line["grading"] == "down"
    assert [r["level"] for r in told[brio][0].ratings] == [1]
    assert told[cleo][0].line["attendance"] == "absent"


def test_what_waits_is_said_on_every_page_and_sent_when_the_connection_is_back(
    live: Live, group: Group, tablet: BrowserContext
):
    page = at_work(live, tablet.new_page(), live.ot, run_page(group))
    elsewhere = tablet.new_page()
    elsewhere.goto(live.base_url + "/activities")
    came(page, group)
    tablet.set_offline(True)
    send(page)
    expect(page.locator("[data-coord-unsent]")).to_contain_text("Waiting to be sent: 1")
    assert_accessible(page)
    tablet.set_offline(False)  # the browser tells the page, which sends at once and goes on to the session
    expect(page.get_by_text("The session is recorded.")).to_be_visible()
    settled(page, 0)
    assert len(session_of(group).recordings) == 1


def test_what_another_tab_has_sent_is_not_said_to_wait(live: Live, group: Group, tablet: BrowserContext):
    page = at_work(live, tablet.new_page(), live.ot, run_page(group))
    came(page, group)
    page.route("**/run", lambda route, request: route.abort() if request.method == "POST" else route.continue_())
    send(page)  # this tab cannot reach Coord, and another can
    expect(page.locator("[data-coord-run-status]")).to_contain_text(NOT_YET_SENT)
    elsewhere = tablet.new_page()
    elsewhere.goto(live.base_url + "/activities")
    settled(elsewhere, 0)
    connected_again(page)
    expect(page.get_by_text("The session is recorded.")).to_be_visible()
    assert len(session_of(group).recordings) == 1


def test_a_lost_answer_does_not_make_a_second_recording(live: Live, group: Group, tablet: BrowserContext):
    page = at_work(live, tablet.new_page(), live.ot, run_page(group))
    came(page, group)

    def swallow(route: Route, request: Request) -> None:
        if request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort()
        else:
            route.continue_()

    page.route("**/run", swallow)
    send(page)
    expect(page.locator("[data-coord-run-status]")).to_contain_text(NOT_YET_SENT)
    assert len(session_of(group).recordings) == 1
    page.unroute("**/run")
    connected_again(page)
    expect(page.get_by_text("The session is recorded.")).to_be_visible()
    assert len(session_of(group).recordings) == 1
    settled(page, 0)


def recorded_without_a_connection(live: Live, group: Group, tablet: BrowserContext, words: str) -> None:
    """It waits on the device, and the tab is closed."""
    page = at_work(live, tablet.new_page(), live.ot, run_page(group))
    came(page, group)
    page.get_by_label("How it went, Brio").fill(words)
    tablet.set_offline(True)
    send(page)
    expect(page.locator("[data-coord-run-status]")).to_contain_text(NOT_YET_SENT)
    page.close()


def test_what_is_refused_needs_attention_and_the_form_says_where(live: Live, group: Group, tablet: BrowserContext):
    brio = group.children[0]
    recorded_without_a_connection(live, group, tablet, "Built with Cleo")
    tablet.set_offline(False)
    page = tablet.new_page()
    page.goto(live.base_url + "/activities")
    expect(page.locator("[data-coord-unsent]")).to_contain_text("needs your attention")
    assert_accessible(page)
    page.locator("[data-coord-unsent]").get_by_role("link", name="Open it").click()
    expect(page.get_by_role("alert")).to_contain_text("This seems to name Cleo")
    expect(page.locator(f"#{field(brio, 'response')}")).to_have_value("Built with Cleo")
    assert_accessible(page)
    page.get_by_label("How it went, Brio").fill("Built with a peer")
    send(page)
    expect(page.get_by_text("The session is recorded.")).to_be_visible()
    settled(page, 0)
    expect(page.locator("[data-coord-unsent]")).to_be_empty()
    assert session_of(group).children[0].lines[0].line["response"] == "Built with a peer"


def test_what_is_refused_before_its_day_is_kept_and_can_be_sent_on_that_day(live: Live, tablet: BrowserContext):
    group = a_group(live.house, 1, first_date=live.clock.now.date() + timedelta(days=1))
    page = at_work(live, tablet.new_page(), live.ot, run_page(group))
    expect(page.get_by_text("can be recorded from that day on")).to_be_visible()
    came(page, group)
    page.get_by_label("How it went, Brio").fill("Waited twice")
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("can be recorded from that day on")
    expect(page.locator("[data-coord-run-status]")).to_contain_text("kept on this device")
    page.close()
    live.clock.turn(days=1, hours=3)
    page = tablet.new_page()
    live.sign_in(page, live.ot, "/activities")
    page.locator("[data-coord-unsent]").get_by_role("link", name="Open it").click()
    expect(page.get_by_text("Restored from this device.")).to_be_visible()
    expect(page.get_by_label("How it went, Brio")).to_have_value("Waited twice")
    send(page)
    expect(page.get_by_text("The session is recorded.")).to_be_visible()
    settled(page, 0)
    assert session_of(group).children[0].lines[0].line["response"] == "Waited twice"


def test_what_waits_of_a_session_cancelled_meanwhile_is_there_to_read_and_to_record(
    live: Live, group: Group, tablet: BrowserContext
):
    recorded_without_a_connection(live, group, tablet, "Waited twice")
    group.do(group.house.lead, w.CancelSession(group.course, 1, "No heating"))
    tablet.set_offline(False)
    page = tablet.new_page()
    page.goto(live.base_url + "/activities")
    page.locator("[data-coord-unsent]").get_by_role("link", name="Open it").click()
    expect(page.get_by_role("alert")).to_contain_text("This session was cancelled")
    expect(page.locator(f"#{field(group.children[0], 'response')}")).to_have_value("Waited twice")
    assert_accessible(page)
    page.get_by_label("It took place all the same").check()
    send(page)
    expect(page.get_by_text("The session is recorded.")).to_be_visible()
    settled(page, 0)
    assert session_of(group).children[0].lines[0].line["response"] == "Waited twice"


def test_signed_out_meanwhile_it_is_kept_and_no_other_person_sees_it(live: Live, group: Group, tablet: BrowserContext):
    page = at_work(live, tablet.new_page(), live.ot, run_page(group))
    came(page, group)
    page.get_by_label("How it went, Brio").fill("Only Ada's words")
    live.clock.turn(hours=20)
    send(page)
    expect(page.locator("[data-coord-run-status]")).to_contain_text("you are signed out")
    assert not session_of(group).recordings
    settled(page, 1)

    at_work(live, page, live.stranger, run_page(group))
    expect(page.locator("[data-coord-unsent]")).to_be_empty()
    expect(page.get_by_label("How it went, Brio")).to_have_value("")
    assert len(kept(page)) == 1
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")

    at_work(live, page, live.ot, "/activities")
    settled(page, 0)
    assert session_of(group).children[0].lines[0].line["response"] == "Only Ada's words"


def test_signing_out_with_something_unsent_asks_first(live: Live, group: Group, tablet: BrowserContext):
    page = at_work(live, tablet.new_page(), live.ot, run_page(group))
    came(page, group)
    settled(page, 1)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", stay)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_timeout(500)
    assert "not yet sent" in asked[0]
    assert "Tuesday builders" in asked[0]
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    assert len(kept(page)) == 1


def test_two_of_the_staff_record_at_once_and_both_are_kept(live: Live, group: Group, open_page: OpenPage):
    pages = {}
    for who in (live.ot, live.stranger):
        pages[who.name] = at_work(live, open_page(viewport=TABLET), who, run_page(group))
    for name, page in pages.items():
        for case in group.children:
            page.locator(f'label:has(> input[name="{field(case, "attendance")}"][value="present"])').click()
        page.get_by_label("How it went, Brio").fill(f"Seen by {name.split()[0]}")
    for page in pages.values():
        send(page)
        expect(page.get_by_text("The session is recorded.")).to_be_visible()
    expect(page.get_by_text("Ada Lind recorded this session too")).to_be_visible()
    assert len(session_of(group).recordings) == 2
    assert_accessible(page)


def test_a_band_does_not_fold_over_the_help_that_was_chosen(live: Live, group: Group, tablet: BrowserContext):
    page = at_work(live, tablet.new_page(), live.ot, run_page(group))
    cards = [page.locator(f"#c-{case}") for case in group.children[:2]]
    for card in cards:
        card.get_by_text("Present", exact=True).tap()
    cards[0].locator(".coord-band select").first.select_option(index=2)
    settled(page, 1)
    page.reload()
    expect(page.get_by_text("Restored from this device.")).to_be_visible()
    expect(cards[0].locator(".coord-band")).to_have_attribute("open", "")
    expect(cards[1].locator(".coord-band")).not_to_have_attribute("open", "")


def test_what_was_begun_can_be_removed_from_the_device(live: Live, group: Group, tablet: BrowserContext):
    page = at_work(live, tablet.new_page(), live.ot, run_page(group))
    came(page, group)
    settled(page, 1)
    page.reload()
    page.once("dialog", lambda dialog: dialog.accept())
    with page.expect_navigation():
        page.get_by_role("button", name="Remove it from this device").click()
    settled(page, 0)
    expect(page.get_by_text("Restored from this device.")).to_be_hidden()
    assert not page.locator('input[name$="-attendance"]:checked').count()


def test_the_pages_in_every_look(live: Live, group: Group, open_page: OpenPage):
    group.record(number=2)
    recording = session_of(group, 2).recordings[0].id
    place = f"/groups/{group.course}/sessions"
    paths = ["1/run", "1/plan", "1", "2", "2/run", f"2/recordings/{recording}/correct", "1/sheet", "1/cancel"]
    page = at_work(live, open_page(viewport=NARROW), live.ot, f"{place}/1/run")
    page.locator('label:has(> input[value="present"])').first.click()
    for path in paths:
        if not page.url.endswith(path):
            page.goto(f"{live.base_url}{place}/{path}")
        assert_accessible_in_each_look(page, viewports=(NARROW, TABLET, WIDE))


def test_every_choice_is_a_large_target(live: Live, group: Group, tablet: BrowserContext):
    page = at_work(live, tablet.new_page(), live.ot, run_page(group))
    came(page, group)
    boxes = page.locator(".coord-tap__item:visible, .coord-run__bar a, .nhsuk-details__summary").evaluate_all(
        "all => all.map((e) => e.getBoundingClientRect()).map((r) => [r.width, r.height])"
    )
    assert boxes
    assert not [box for box in boxes if min(box) < 44]


def test_without_a_script_it_is_recorded_by_its_button(live: Live, group: Group, open_page: OpenPage):
    page = at_work(live, open_page(viewport=TABLET, javascript=False), live.ot, run_page(group))
    for case in group.children:
        page.locator(f'label:has(> input[name="{field(case, "attendance")}"][value="present"])').click()
    send(page)
    expect(page.get_by_text("The session is recorded.")).to_be_visible()
    assert PASSWORD not in page.content()


EVERYTHING = """() => new Promise((done) => {
  const found = [JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
  const asked = indexedDB.open("coord-recordings");
  asked.onupgradeneeded = () => asked.transaction.abort();
  asked.onerror = () => done(found.join(" "));
  asked.onsuccess = () => {
    const store = asked.result.transaction("kept").objectStore("kept");
    const keys = store.getAllKeys(), values = store.getAll();
    const text = (value) =>
      value instanceof ArrayBuffer || ArrayBuffer.isView(value)
        ? new TextDecoder("latin1").decode(value)
        : value && typeof value === "object" ? Object.values(value).map(text).join(" ") : String(value);
    store.transaction.oncomplete = () => {
      asked.result.close();
      done([...found, ...keys.result.map(String), ...values.result.map(text)].join(" "));
    };
  };
})"""
"""What a device keeps of this site, as whoever opens its tools would read it."""


def test_whoever_uses_the_tablet_next_finds_nothing_that_can_be_read(live: Live, group: Group, tablet: BrowserContext):
    recorded_without_a_connection(live, group, tablet, "Waited twice for the drum")
    tablet.set_offline(False)
    live.house.services.doors.execute(live.house.lead, w.CancelSession(group.course, 1, "No heating"))  # so it stays
    page = tablet.new_page()
    page.goto(live.base_url + "/activities")
    expect(page.locator("[data-coord-unsent]")).to_contain_text("needs your attention")
    page.on("dialog", lambda dialog: dialog.accept())
    live.sign_out(page)
    live.sign_in(page, live.house.psychologist, "/activities")
    expect(page.locator("[data-coord-unsent]")).to_be_empty()
    assert len(kept(page)) == 1
    everything = page.evaluate(EVERYTHING)
    brio = group.children[0]
    for secret in (
        "Waited",
        "drum",
        str(brio),
        brio.hex,
        "Brio",
        str(group.course),
        str(live.ot.person_id),
        "response",
    ):
        assert secret not in everything, secret
    live.sign_out(page)
    live.sign_in(page, live.ot, "/activities")
    page.locator("[data-coord-unsent]").get_by_role("link", name="Open it").click()
    expect(page.get_by_label("How it went, Brio")).to_have_value("Waited twice for the drum")


def a_session_that_went_otherwise(live: Live) -> Group:
    """Two recordings that disagree about one child; the next session moved, the one after it called off."""
    group = a_group(live.house, 3)
    one = group.children[0]
    live.house.clock.turn(hours=3)
    group.record()
    group.record(group.line(one, attendance="absent", absence_reason="ill"), who=live.house.stranger)
    group.do(live.ot, w.MoveSession(group.course, 2, date(2026, 3, 19), "15:30", "The school's feast"))
    group.do(live.ot, w.NameStandIns(group.course, 2, [live.house.slt.person_id], "Ada is at a congress"))
    group.do(live.ot, w.CancelSession(group.course, 3, "The wrong Tuesday"))
    group.do(live.ot, w.EndPlace(group.course, group.children[2], "Moves away", date(2026, 4, 7)))
    return group


def test_what_becomes_of_a_session_is_accessible_at_320_px_and_at_a_desk(open_page: OpenPage, live: Live):
    group = a_session_that_went_otherwise(live)
    course = f"/groups/{group.course}"
    page = open_page(viewport=NARROW)
    live.sign_in(page, live.ot, course)
    for path in (
        course,
        f"{course}/sessions/1",
        f"{course}/sessions/1/settle/{group.children[0]}",
        f"{course}/sessions/2",
        f"{course}/sessions/2/move",
        f"{course}/sessions/2/stand-ins",
        f"{course}/sessions/2/plan",
        f"{course}/sessions/3/reinstate",
        f"{course}/children/{group.children[1]}/leave",
        f"{course}/enrol?child={group.children[1]}",
        f"/children/{group.children[0]}/groups",
        f"/children/{group.children[0]}/profile",
    ):
        page.goto(live.base_url + path)
        assert_accessible_in_each_look(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path


def test_all_are_present_by_one_tap_and_only_what_was_particular_is_said(
    live: Live, group: Group, tablet: BrowserContext
):
    page = at_work(live, tablet.new_page(), live.ot, run_page(group))
    late, *others = group.children
    tap(page, field(late, "attendance"), "late")
    assert page.locator(".coord-band[open]").count() == 1, (
        "who is marked alone is somebody of whom there is more to say"
    )
    page.get_by_role("button", name="All present, as planned").tap()
    for case in others:
        expect(page.locator(f'input[name="{field(case, "attendance")}"][value="present"]')).to_be_checked()
    expect(page.locator(f'input[name="{field(late, "attendance")}"][value="late"]')).to_be_checked()
    assert page.locator(".coord-band[open]").count() == 1
    send(page)
    expect(page.get_by_role("heading", name="Record the session")).to_have_count(0)
    lines = [line for child in session_of(group).children for line in child.lines]
    assert sorted(one.line["attendance"] for one in lines) == ["late", *["present"] * len(others)]


def test_all_present_says_nothing_of_children_of_whom_a_colleague_has_said_it(
    live: Live, group: Group, tablet: BrowserContext
):
    live.house.clock.turn(hours=3)
    ill, *others = group.children
    told = [group.line(ill, attendance="absent", absence_reason="ill"), *map(group.line, others)]
    group.record(*told, who=live.house.stranger)
    page = at_work(live, tablet.new_page(), live.ot, run_page(group))
    expect(page.locator(f'input[name="{field(ill, "attendance")}"]').first).to_be_attached()
    expect(page.get_by_role("button", name="All present, as planned")).to_have_count(0)
