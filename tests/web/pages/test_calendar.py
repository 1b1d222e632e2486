"""The calendar feed: its addresses, what it holds, whom it lets in, and how little it says."""

import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import structlog
from flask_babel import get_locale
from icalendar import Calendar, Timezone

from coord.application.groups import commands as w
from coord.application.history.questions import HistoryFilter, ReadAudit
from coord.application.people.commands import ChangePersonRole, DisablePerson, EnablePerson
from coord.domain.actors import COMMAND_LINE, Actor, Discipline, Role
from coord.domain.errors import Unavailable
from coord.office.calendars import CalendarFeeds
from coord.office.throttle import PER_MINUTE
from coord.web.groups import calendar_file, calendar_zone
from tests.group_story import Group, a_group, a_plan, course_content
from tests.house import House, answered

ROME = ZoneInfo("Europe/Rome")


def address_of(house: House, person: Actor, name: str = "My phone") -> str:
    """Make an address by the form, and read it from the page that shows it."""
    browser = house.browser_of(person)
    answer = browser.post("/calendar", {"name": name})
    assert answer.status_code == 303, answer.text
    shown = browser.get("/calendar").text
    found = re.search(r'id="address"[^>]*value="http://localhost(/calendar/[^"]+\.ics)"', shown)
    assert found, shown
    assert found[1] not in browser.get("/calendar").text  # once, and no more
    return found[1]


def fetched(house: House, path: str) -> Any:
    """As a calendar fetches it: without a cookie, without a word about itself."""
    return house.app.test_client().get(path)


def events(answer: Any) -> list[Any]:
    assert answer.status_code == 200, answer.text
    return list(Calendar.from_ical(answer.data).walk("VEVENT"))


# ---- what it holds -----------------------------------------------------------------------------------------------


def test_my_sessions_by_the_clock_on_the_wall_over_the_change_to_summer_time(house: House):
    a_group(house, children=1)  # ten Tuesdays at 10 from 10 March; the clocks go forward on the 29th
    found = events(fetched(house, address_of(house, house.ot)))
    assert len(found) == 10
    starts = sorted(event["DTSTART"].dt for event in found)
    assert {start.strftime("%H:%M") for start in starts} == {"10:00"}
    assert starts[0] == datetime(2026, 3, 10, 10, tzinfo=ROME)
    assert [start.utcoffset() for start in starts[2:4]] == [
        datetime(2026, 3, day, 10, tzinfo=ROME).utcoffset() for day in (24, 31)
    ]
    assert starts[3].utcoffset() - starts[2].utcoffset() == (starts[3] - starts[2]) * 0 + _hour()
    assert all(event["DTEND"].dt - event["DTSTART"].dt == _hour() for event in found)
    assert {event["DTSTART"].params["TZID"] for event in found} == {"Europe/Rome"}


def _hour() -> Any:
    return datetime(2026, 1, 1, 1, tzinfo=ROME) - datetime(2026, 1, 1, 0, tzinfo=ROME)


def test_the_file_describes_its_own_time_zone(house: House):
    a_group(house, children=1)
    calendar = Calendar.from_ical(fetched(house, address_of(house, house.ot)).data)
    (zone,) = (part for part in calendar.walk() if isinstance(part, Timezone))
    assert zone["TZID"] == "Europe/Rome"
    told = zone.to_tz()  # by its own rules alone, not by the name of the place
    for day in (date(2026, 3, 24), date(2026, 3, 31), date(2026, 10, 24), date(2026, 10, 27)):
        noon = datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001 - the zone is what is asked
        assert noon.replace(tzinfo=told).utcoffset() == noon.replace(tzinfo=ROME).utcoffset()
    assert calendar["VERSION"] == "2.0"
    assert "METHOD" not in calendar


@pytest.mark.parametrize("place", ["Europe/Rome", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_a_zone_is_described_as_the_standard_says(place: str):
    zone = ZoneInfo(place)
    described: Any = Timezone.from_ical(calendar_zone.described(zone, 2026).to_ical())
    told = described.to_tz(lookup_tzid=False)
    noons = [datetime(2025, 12, 1, 12) + timedelta(days=n) for n in range(0, 500, 3)]  # noqa: DTZ001
    wrong = [noon for noon in noons if noon.replace(tzinfo=told).utcoffset() != noon.replace(tzinfo=zone).utcoffset()]
    assert wrong == []


def test_the_zone_says_its_rule_and_each_change_by_the_clock_before_it():
    text = calendar_zone.described(ROME, 2026).to_ical().decode()
    summer = text.split("BEGIN:DAYLIGHT")[1].split("END:DAYLIGHT")[0]
    assert re.search(r"DTSTART:\d{8}T020000\r\n", summer)
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in summer
    assert "TZOFFSETFROM:+0100" in summer
    winter = text.split("BEGIN:STANDARD")[1].split("END:STANDARD")[0]
    assert re.search(r"DTSTART:\d{8}T030000\r\n", winter)
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10" in winter
    assert "RDATE" not in text


def test_a_feed_that_is_fetched_again_is_the_same_until_a_session_changes(house: House):
    group = a_group(house, children=1)
    path = address_of(house, house.ot)
    first = fetched(house, path).data
    house.clock.turn(hours=2)
    group.do(house.ot, w.PlanSession(group.course, 2, a_plan()))  # no calendar shows a plan
    assert fetched(house, path).data == first
    moved_at = house.clock.now
    group.do(house.ot, w.MoveSession(group.course, 2, date(2026, 3, 19), "15:30", "The school's feast"))
    house.clock.turn(hours=1)
    group.do(house.ot, w.CancelSession(group.course, 3, "Paint"))
    before = {event["UID"]: event for event in Calendar.from_ical(first).walk("VEVENT")}
    after = {event["UID"]: event for event in events(fetched(house, path))}
    assert set(before) == set(after)
    changed = sorted((e for e in after.values() if e["SEQUENCE"] > 0), key=lambda e: e["DTSTART"].dt)
    assert [(e["SEQUENCE"], e["STATUS"]) for e in changed] == [(1, "CONFIRMED"), (1, "CANCELLED")]
    assert changed[0]["DTSTART"].dt == datetime(2026, 3, 19, 15, 30, tzinfo=ROME)
    assert changed[0]["DTSTAMP"].dt == changed[0]["LAST-MODIFIED"].dt == moved_at.replace(microsecond=0)
    group.do(house.ot, w.ReinstateSession(group.course, 3, "Dry already"))
    (again,) = (e for e in events(fetched(house, path)) if e["SEQUENCE"] == 2)
    assert again["STATUS"] == "CONFIRMED"


def test_a_cancelled_session_is_cancelled_and_a_holiday_is_no_event(house: House):
    group = a_group(house, children=1, holidays=[date(2026, 3, 17)])
    group.do(house.ot, w.CancelSession(group.course, 2, "The room is being painted"))
    found = {event["DTSTART"].dt.date(): event for event in events(fetched(house, address_of(house, house.ot)))}
    assert date(2026, 3, 17) not in found
    assert found[date(2026, 3, 24)]["STATUS"] == "CANCELLED"
    assert found[date(2026, 3, 10)]["STATUS"] == "CONFIRMED"


def test_a_session_keeps_its_mark_when_its_day_is_changed(house: House):
    group = a_group(house, children=1)
    path = address_of(house, house.ot)
    before = {event["UID"]: event["DTSTART"].dt for event in events(fetched(house, path))}
    assert len(before) == 10
    version = house.services.record.course(group.course).version
    staff = [house.ot.person_id, house.stranger.person_id]
    later = course_content(house, start_time="14:30")
    group.do(house.ot, w.ReviseCourse(group.course, version, later, staff, "Another hour"))
    after = {event["UID"]: event["DTSTART"].dt for event in events(fetched(house, path))}
    assert set(after) == set(before)
    assert {start.strftime("%H:%M") for start in after.values()} == {"14:30"}


def test_a_session_that_was_is_not_moved_by_another_hour_later(house: House):
    group = a_group(house, children=1)
    path = address_of(house, house.ot)
    group.record()  # and nobody records the next one
    house.clock.turn(days=10)
    before = {event["UID"]: event.to_ical() for event in events(fetched(house, path))}
    version = house.services.record.course(group.course).version
    later = course_content(house, first_date=date(2026, 3, 10), start_time="14:30")
    group.do(house.ot, w.ReviseCourse(group.course, version, later, None, "Another hour"))
    after = sorted(events(fetched(house, path)), key=lambda event: event["DTSTART"].dt)
    assert [event["DTSTART"].dt.strftime("%H:%M") for event in after[:3]] == ["10:00", "10:00", "14:30"]
    assert [event["SEQUENCE"] for event in after[:3]] == [0, 0, 1]
    assert [event.to_ical() for event in after[:2]] == [before[event["UID"]] for event in after[:2]]


def test_it_keeps_ninety_days_back_and_a_year_ahead(house: House):
    a_group(house, children=1, sessions=12)
    path = address_of(house, house.ot)
    house.clock.turn(days=84)
    assert len(events(fetched(house, path))) == 12
    house.clock.turn(days=7)
    assert min(event["DTSTART"].dt.date() for event in events(fetched(house, path))) == date(2026, 3, 17)


def test_it_says_that_there_is_something_and_when_and_nothing_else(house: House):
    group = a_group(house, children=3)
    data = fetched(house, address_of(house, house.ot)).data
    text = re.sub(r"\r\n[ \t]", "", data.decode())
    assert {str(event["SUMMARY"]) for event in Calendar.from_ical(data).walk("VEVENT")} == {"Appointment"}
    for event in Calendar.from_ical(data).walk("VEVENT"):
        assert set(event) == {*("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "STATUS", "SEQUENCE", "LAST-MODIFIED")}
    for thing in (*group.children, group.course):
        assert str(thing) not in text
        assert thing.hex not in text
    words = re.sub(r"UID:[0-9a-f]+", "", text).lower()  # chance writes "ada" into one such number of eleven
    for secret in (
        "Brio",
        "Cleo",
        "Dario",
        "Tuesday builders",
        "Blue room",
        "ocial",
        "Ada",
        "Waiting for",
        "Hill School",
    ):
        assert secret.lower() not in words


def test_the_words_are_in_the_persons_own_language(house: House, monkeypatch: pytest.MonkeyPatch):
    a_group(house, children=1)
    path = address_of(house, house.ot)
    house.accounts.set_language(house.ot.person_id, "it")
    monkeypatch.setattr(calendar_file, "_", lambda text: f"{text} ({get_locale()})")
    answer = house.app.test_client().get(path, headers={"Accept-Language": "en"})
    assert {event["SUMMARY"] for event in events(answer)} == {"Appointment (it)"}


def test_the_sessions_of_others_are_never_in_it(house: House):
    a_group(house, children=1)
    other = Group(house)
    other.plan(staff=[house.slt, house.psychologist], title="Theirs", start_time="15:00")
    mine = events(fetched(house, address_of(house, house.ot)))
    assert {event["DTSTART"].dt.hour for event in mine} == {10}
    theirs = events(fetched(house, address_of(house, house.slt)))
    assert {event["DTSTART"].dt.hour for event in theirs} == {15}
    assert not {event["UID"] for event in mine} & {event["UID"] for event in theirs}
    assert events(fetched(house, address_of(house, house.lead))) == []


# ---- whom it lets in ---------------------------------------------------------------------------------------------


def same_answer(house: House, path: str) -> Any:
    """The answer of an address that never was one."""
    nothing = fetched(house, "/calendar/never-was-one.ics")
    answer = fetched(house, path)
    assert answer.status_code == nothing.status_code == 404
    assert answer.data == nothing.data
    assert {k for k, _v in answer.headers} == {k for k, _v in nothing.headers}
    return answer


def test_a_revoked_address_ends_at_once_and_the_others_stay(house: House):
    a_group(house, children=1)
    phone, desk = address_of(house, house.ot), address_of(house, house.ot, "Desk")
    browser = house.browser_of(house.ot)
    page = browser.get("/calendar").text
    assert "Desk" in page
    form = re.findall(r'action="(/calendar/[0-9a-f-]+/revoke)"', page)[-1]  # the newest first: the phone's is last
    assert browser.post(form, form_on="/calendar").status_code == 303
    assert "The address is worth nothing any more." in browser.get("/calendar").text
    first, second = fetched(house, phone).status_code, fetched(house, desk).status_code
    assert sorted((first, second)) == [200, 404]
    same_answer(house, phone if first == 404 else desk)


def test_nobody_revokes_the_address_of_another(house: House):
    path = address_of(house, house.ot)
    (mine,) = CalendarFeeds(house.services.office, "k" * 40).of(house.ot.person_id)
    other = house.browser_of(house.slt)
    assert other.post(f"/calendar/{mine.id}/revoke", form_on="/calendar").status_code == 303
    assert fetched(house, path).status_code == 200


def test_a_disabled_persons_feed_ends_at_once_and_stays_closed(house: House):
    path = address_of(house, house.ot)
    answered(house.services.doors, COMMAND_LINE, DisablePerson(house.ot.person_id, "Left the service"))
    same_answer(house, path)
    admin = house.browser_of(house.admin)
    form = f"/people/{house.slt.person_id}"
    theirs = address_of(house, house.slt)
    page = admin.get(form).text
    disable = re.search(r'action="([^"]*/disable)"', page)
    assert disable, page
    assert admin.post(disable[1], {"reason": "On leave"}, form_on=form).status_code == 303
    same_answer(house, theirs)
    house.services.doors.execute(COMMAND_LINE, EnablePerson(house.slt.person_id, "Back"))
    same_answer(house, theirs)


def test_who_may_not_have_sessions_any_more_has_no_feed(house: House):
    path = address_of(house, house.slt)
    change = ChangePersonRole(house.slt.person_id, Role.TEACHER, Discipline.SCHOOL)
    house.services.doors.execute(COMMAND_LINE, change)
    same_answer(house, path)


@pytest.mark.parametrize("path", ["/calendar/.ics", "/calendar/x.ics", "/calendar/a.b.ics", "/calendar/%00.ics"])
def test_a_guess_is_not_there(house: House, path: str):
    assert fetched(house, path).status_code == 404


def test_a_teacher_has_no_page_for_it(house: House):
    assert house.browser_of(house.teacher).get("/calendar").status_code == 403
    assert house.browser_of(None).get("/calendar").status_code == 303


# ---- how it is guarded -------------------------------------------------------------------------------------------


def test_no_cache_keeps_it_no_cookie_goes_with_it_and_nobody_is_told_its_address(house: House):
    path = address_of(house, house.ot)
    browser = house.browser_of(house.slt)  # somebody else's cookie changes nothing
    for answer in (fetched(house, path), browser.get(path), fetched(house, "/calendar/wrong.ics")):
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert fetched(house, path).headers["Content-Type"] == "text/calendar; charset=utf-8"


def test_each_fetch_is_recorded_as_the_persons_own_and_said_by_which_way(house: House):
    path = address_of(house, house.ot)
    fetched(house, path)
    items = house.services.doors.ask(house.lead, ReadAudit(HistoryFilter(kind="ReadMySessions"))).items
    assert [(i["person_name"], i["channel"]) for i in items] == [("Ada Lind", "calendar")]
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", house.browser_of(house.lead).get("/audit").text))
    assert "Looked at their own sessions By way of: the calendar feed" in words
    assert "Made an address for a calendar feed For: My phone" in words
    assert "Last fetched 10 Mar 2026" in house.browser_of(house.ot).get("/calendar").text


def test_without_the_access_log_nothing_is_shown_and_no_address_is_made(house: House, monkeypatch: pytest.MonkeyPatch):
    a_group(house, children=1)
    path = address_of(house, house.ot)
    browser = house.browser_of(house.ot)
    browser.get("/calendar")

    def down(*_looks: Any) -> None:
        raise Unavailable("access-not-recorded")

    monkeypatch.setattr(house.services.doors, "note", down)
    answer = fetched(house, path)
    assert answer.status_code == 503
    assert b"VEVENT" not in answer.data
    refused = browser.post("/calendar", {"name": "My desk"})
    assert refused.status_code == 503
    assert "My desk" in refused.text
    assert len(CalendarFeeds(house.services.office, "k" * 40).of(house.ot.person_id)) == 1


def test_guesses_are_recorded_but_do_not_fill_the_log(house: House):
    path = address_of(house, house.ot)
    for _ in range(PER_MINUTE + 5):
        fetched(house, "/calendar/guess.ics")
    refused = [look for look in house.services.access.page(limit=200) if look["kind"] == "calendar-refused"]
    assert len(refused) == PER_MINUTE
    assert {look["outcome"] for look in refused} == {"failed"}
    assert fetched(house, path).status_code == 200  # who has an address is not kept out by who has none


def test_the_address_is_in_no_line_of_the_log(house: House):
    path = address_of(house, house.ot)
    with structlog.testing.capture_logs() as entries:
        fetched(house, path)
        fetched(house, path + "x")
    assert "/calendar/<token>.ics" in [entry.get("route") for entry in entries]
    assert path.split("/")[2][:20] not in repr(entries)


def test_a_name_is_needed_and_stays_when_it_is_too_long(house: House):
    browser = house.browser_of(house.ot)
    assert "Enter this" in browser.post("/calendar", {"name": " "}).text
    answer = browser.post("/calendar", {"name": "n" * 101})
    assert answer.status_code == 422
    assert 'href="#name"' in answer.text
    assert "n" * 101 in answer.text
