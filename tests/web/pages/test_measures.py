"""What was measured: shown with what its numbers mean, recorded without JavaScript, marked when it was a mistake."""

import re
from datetime import timedelta
from typing import Any

import pytest

from coord.application.goals.commands import EnterMeasureInError
from coord.application.goals.questions import ReadMeasures
from coord.domain.case.measures import ScoreContent
from tests.aims import copm, instrument
from tests.house import House, answered, legible


def url(house: House, more: str = "") -> str:
    return f"/children/{house.child}/measures{more}"


def text_of(answer: Any) -> str:
    """A page as it reads, without its marks."""
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", f"<main{main}"))


def typed(**changes: str) -> dict[str, Any]:
    return {
        "measured_on": "2026-03-10",
        "informant": "child",
        "informant_name": "",
        "activity.0": "Tying laces",
        "importance.0": "8",
        "performance.0": "3",
        "satisfaction.0": "2",
        "earlier": "",
        "remark": "",
        "action": "record",
        **changes,
    }


def scored(**changes: str) -> dict[str, Any]:
    return {
        "instrument": "BOT-2",
        "edition": "2nd",
        "informant": "child",
        "measured_on": "9.3.2026",
        "scale.0": "Balance",
        "raw.0": "12",
        "standard.0": "41,5",
        "metric.0": "t-50-10",
        "direction.0": "higher-is-better",
        "action": "record",
        **changes,
    }


def measures(house: House) -> Any:
    return house.services.doors.ask(house.ot, ReadMeasures(house.child)).measures


# ---- shown -------------------------------------------------------------------------------------------------------


def test_a_copm_shows_activities_means_and_that_a_proxy_answered(house: House):
    copm(house)
    page = text_of(house.browser_of(house.slt).get(url(house)))
    assert re.search(r"Tying laces .* 8 .* 3 .* 2 .*Eating soup", page)
    assert "Mean Importance – Performance 3.5 Satisfaction 3.5" in page
    assert "A proxy answered: Parent or guardian: Mia." in page
    assert "Age at test 6 years, 10 months" in page
    assert "Examiner Ada Lind, Occupational therapy" in page
    assert "Change" not in page


def test_the_childs_own_answer_is_no_proxys(house: House):
    copm(house, informant="child", informant_name="")
    assert "proxy" not in text_of(house.browser_of(house.ot).get(url(house)))


def test_a_change_is_said_with_what_the_threshold_is_worth(house: House):
    first = copm(house)
    house.clock.turn(days=60)
    copm(house, (("Tying laces", 8, 6, 6), ("Eating soup", 6, 5, 5)), earlier=first)
    page = text_of(house.browser_of(house.ot).get(url(house)))
    assert "Performance: 3.5 on 10 March 2026, 5.5 now ( +2 )" in page
    assert "Satisfaction: 3.5 on 10 March 2026, 5.5 now ( +2 )" in page
    assert "began as an opinion" in page
    assert "0.9 to 1.9" in page
    assert "2.20 for performance and 2.06 for satisfaction" in page
    assert page.index("9 May 2026") < page.index("COPM, 10 March 2026")  # newest first


def test_another_informant_is_not_compared(house: House):
    first = copm(house)
    copm(house, informant="teacher", informant_name="Tove", earlier=first)
    page = text_of(house.browser_of(house.ot).get(url(house)))
    assert "Different informant: not comparable." in page
    assert "Then: Parent or guardian: Mia. Now: Teacher: Tove." in page
    assert "( " not in page.partition("Different informant")[2].partition("COPM,")[0]
    assert "threshold" not in page


def test_the_same_name_in_other_letters_is_the_same_informant(house: House):
    first = copm(house)
    copm(house, informant_name="mia ", earlier=first)
    assert "not comparable" not in text_of(house.browser_of(house.ot).get(url(house)))


def test_two_without_a_name_may_be_two_people(house: House):
    first = copm(house, informant_name="")
    copm(house, informant_name="", earlier=first)
    page = text_of(house.browser_of(house.ot).get(url(house)))
    assert "It is not known whether the same person answered: not comparable." in page
    assert "Then: Parent or guardian. Now: Parent or guardian." in page
    assert "threshold" not in page


def test_the_child_needs_no_name_to_be_the_same(house: House):
    first = copm(house, informant="child", informant_name="")
    copm(house, informant="child", informant_name="Zig", earlier=first)
    assert "not comparable" not in text_of(house.browser_of(house.ot).get(url(house)))


def test_a_copm_is_not_compared_with_a_later_one(house: House):
    later = copm(house)
    day = (house.clock.now - timedelta(days=60)).date().isoformat()
    client = house.browser_of(house.ot)
    fields = typed(measured_on=day, informant="guardian", informant_name="Mia", earlier=str(later))
    refused = client.post(url(house, "/copm"), fields)
    assert refused.status_code == 422
    assert "Compare with: The one to compare with must not be later than this one" in text_of(refused)
    assert len(measures(house)) == 1


def test_other_activities_give_no_change(house: House):
    first = copm(house)
    copm(house, (("Riding a bicycle", 9, 1, 1),), earlier=first)
    assert "none of these activities was rated then" in text_of(house.browser_of(house.ot).get(url(house)))


def test_an_earlier_one_that_was_a_mistake_gives_no_change(house: House):
    first = copm(house)
    copm(house, earlier=first)
    house.services.doors.execute(house.ot, EnterMeasureInError(house.child, first, "the wrong child"))
    page = text_of(house.browser_of(house.slt).get(url(house)))
    assert "cannot be shown here, so no change is worked out" in page
    assert "wrong child" not in page


def test_an_instrument_shows_each_scale_with_its_metric_and_direction(house: House):
    instrument(house)
    page = text_of(house.browser_of(house.ot).get(url(house)))
    assert "Edition 2nd, age band 2 Norms UK 2007 Language English Who answered The child" in page
    assert "Raw 18 Standard 6 Percentile 9 Interval 4 to 8 (90 per cent) Band at risk" in page
    assert "Scaled score (mean 10, deviation 3). Higher is better" in page
    assert (
        "Standard 61.5 Percentile – Interval – Band – How to read it T-score (mean 50, deviation 10). Higher is worse"
        in page
    )
    assert "Validity: Tired at the end." in page
    assert "Summary: Fine hand movements are hard for Zig." in page
    assert "Mean" not in page


def test_what_people_wrote_is_never_markup(house: House):
    instrument(house, scores=[ScoreContent("<b>bold</b>", 1)], summary="<script>alert(1)</script>")
    page = house.browser_of(house.ot).get(url(house)).text
    assert "<script>alert" not in page
    assert "&lt;b&gt;bold" in page


def test_measures_are_for_clinicians(house: House):
    copm(house)
    teacher = house.browser_of(house.teacher)
    for more in ("", "/copm", "/instrument"):
        assert teacher.get(url(house, more)).status_code == 403
        assert house.browser_of(house.stranger).get(url(house, more)).status_code == 404
        assert house.browser_of(house.admin).get(url(house, more)).status_code == 404
    assert url(house) not in teacher.get(f"/children/{house.child}").text
    assert url(house) in house.browser_of(house.ot).get(f"/children/{house.child}").text
    student = house.browser_of(house.student)
    assert student.get(url(house)).status_code == 200
    assert "Record a COPM" not in student.get(url(house)).text
    assert student.get(url(house, "/copm")).status_code == 403
    assert student.post(url(house, "/copm"), typed(), form_on="/account").status_code == 403


# ---- recorded ----------------------------------------------------------------------------------------------------


def test_a_copm_is_recorded_from_the_form(house: House):
    client = house.browser_of(house.ot)
    answer = client.post(url(house, "/copm"), typed())
    assert answer.status_code == 303
    page = text_of(client.get(url(house)))
    assert "The measure is recorded." in page
    assert "Tying laces" in page
    assert "The measure is recorded." not in client.get(url(house)).text


def test_a_form_sent_twice_is_one_measure(house: House):
    client = house.browser_of(house.ot)
    page = client.get(url(house, "/copm")).text
    found = re.search(r'name="measure_id" value="([^"]+)"', page)
    assert found
    for _ in range(2):
        assert client.post(url(house, "/copm"), typed(measure_id=found[1])).status_code == 303
    assert len(measures(house)) == 1
    changed = client.post(url(house, "/copm"), typed(measure_id=found[1], remark="other words"))
    assert changed.status_code == 422
    assert "This form was recorded before, with other content" in text_of(changed)
    fresh = re.search(r'name="measure_id" value="([^"]+)"', changed.text)
    assert fresh
    assert fresh[1] != found[1]
    assert "other words</textarea>" in changed.text


def test_rows_are_added_and_removed_and_nothing_typed_is_lost(house: House):
    client = house.browser_of(house.ot)
    more = client.post(url(house, "/copm"), typed(action="add", remark="a remark")).text
    assert re.search(r'<input[^>]*id="activity-1"[^>]*autofocus', more)
    assert not re.search(r'<input[^>]*id="activity-0"[^>]*autofocus', more)
    assert 'value="Tying laces"' in more
    assert "a remark</textarea>" in more
    fewer = client.post(
        url(house, "/copm"), typed(action="remove.0", **{"activity.1": "Eating soup", "importance.1": "5"})
    ).text
    assert 'value="Eating soup"' in fewer
    assert "Tying laces" not in fewer
    assert not measures(house)


@pytest.mark.parametrize(("form", "first"), [("/copm", "activity"), ("/instrument", "scale")])
def test_the_row_that_is_removed_is_the_one_of_the_page(house: House, form: str, first: str):
    rows = {f"{first}.0": "", f"{first}.1": "Eating soup", f"{first}.2": "Riding a bicycle"}
    emptied = dict.fromkeys(("importance.0", "performance.0", "satisfaction.0", "raw.0"), "")
    page = house.browser_of(house.ot).post(url(house, form), {"action": "remove.1", **emptied, **rows}).text
    assert "Eating soup" not in page
    assert 'value="Riding a bicycle"' in page


def test_a_reassessment_begins_with_the_activities_of_the_earlier_one(house: House):
    first = copm(house)
    client = house.browser_of(house.ot)
    assert url(house, f"/copm?earlier={first}") in client.get(url(house)).text
    form = client.get(url(house, f"/copm?earlier={first}")).text
    assert 'value="Tying laces"' in form
    assert 'value="Eating soup"' in form
    assert f'<option value="{first}" selected' in form
    assert re.search(r'id="performance-0"[^>]*name="performance.0"[^>]*>', form)
    assert 'value="Mia"' in form
    assert client.get(url(house, f"/copm?earlier={house.child}")).status_code == 404
    taken = client.post(url(house, "/copm"), typed(action="begin", earlier=str(first), **{"activity.0": "tying laces"}))
    assert 'value="tying laces"' in taken.text
    assert 'value="Eating soup"' in taken.text
    assert 'value="Tying laces"' not in taken.text
    nobody = {"informant": "", "informant_name": "", "activity.0": ""}
    taken = client.post(url(house, "/copm"), typed(action="begin", earlier=str(first), **nobody))
    assert 'value="Mia"' in taken.text  # only answers of the same person are compared
    assert re.search(r'<option value="guardian" selected', taken.text)
    assert "answered by: Parent or guardian, Mia" in taken.text


def test_every_problem_is_named_where_it_is_and_all_that_was_typed_stays(house: House):
    client = house.browser_of(house.ot)
    answer = client.post(
        url(house, "/copm"),
        typed(
            measured_on="next week",
            informant="",
            remark="kept",
            **{"importance.0": "eleven", "performance.0": "11", "satisfaction.0": "2,5"},
        ),
    )
    assert answer.status_code == 422
    page = text_of(answer)
    assert "Day: Enter a real date, like 27 3 2026" in page
    assert "Who answered: Enter this" in page
    assert "Activity 1, importance: Enter a whole number from 1 to 10" in page
    assert "Activity 1, performance: This must be from 1 to 10" in page
    assert "Activity 1, satisfaction: Enter a whole number from 1 to 10" in page
    for kept in ('value="next week"', 'value="eleven"', 'value="11"', 'value="2,5"', "kept</textarea>"):
        assert kept in answer.text
    assert 'href="#importance-0"' in answer.text
    assert not measures(house)
    assert "at least one activity" in text_of(client.post(url(house, "/copm"), {"action": "record"}))


@pytest.mark.parametrize(("written", "number"), [("41,5", 41.5), ("41.5", 41.5), ("−1.25", -1.25), (" 7 ", 7)])
def test_numbers_have_a_comma_or_a_point(house: House, written: str, number: float):
    client = house.browser_of(house.ot)
    answer = client.post(url(house, "/instrument"), scored(**{"standard.0": written, "metric.0": "other"}))
    assert answer.status_code == 303, text_of(answer)
    assert measures(house)[0].content["scores"][0]["standard"] == number


def test_what_nobody_can_read_as_a_number_is_asked_again(house: House):
    client = house.browser_of(house.ot)
    answer = client.post(
        url(house, "/instrument"),
        scored(
            edition="", **{"raw.0": "1,000", "interval.0": "20", "low.0": "5", "metric.0": "", "percentile.0": "nan"}
        ),
    )
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Scale 1, raw score: Enter a number, such as 7 or 12.5, with at most two decimals" in page
    assert "Scale 1, percentile: Enter a number" in page
    assert "Scale 1, interval in per cent: Enter a number from 50 to 99" in page
    assert "Scale 1, interval to: Enter this" in page
    assert "Scale 1, what the standard score means: Enter this" in page
    assert "Edition: Enter this" in page
    for kept in ('value="1,000"', 'value="20"', 'value="BOT-2"', 'value="9.3.2026"'):
        assert kept in answer.text


def test_what_is_wrong_is_listed_in_the_order_of_the_page(house: House):
    sent = scored(edition="", measured_on="9/3", **{"raw.0": "many", "metric.0": "", "percentile.0": "120"})
    page = house.browser_of(house.ot).post(url(house, "/instrument"), sent).text
    listed = re.findall(r'href="#([^"]+)"', page[page.index("error-summary__list") : page.index("<h1")])
    assert listed == ["edition", "measured_on", "raw-0", "percentile-0", "metric-0"]


def test_instruments_are_suggested_and_any_other_may_be_named(house: House):
    client = house.browser_of(house.ot)
    form = client.get(url(house, "/instrument")).text
    for name in ("Sensory Profile 2", "SPM-2", "MABC-2", "Movement ABC-3", "BOT-2", "PEDI-CAT", "Vineland-3", "CELF-5"):
        assert f'<option value="{name}">' in form
    assert 'list="instruments"' in form
    assert '<option value="unknown" selected>Not said' in form  # nobody's direction is chosen for them
    more = client.post(url(house, "/instrument"), scored(action="add")).text
    assert '<option value="unknown" selected>Not said' in more.partition('id="direction-1"')[2]
    assert '<option value="higher-is-better" selected' in more
    assert "must not be written down here" in form
    assert client.post(url(house, "/instrument"), scored(instrument="Our own checklist")).status_code == 303
    assert measures(house)[0].content["instrument"] == "Our own checklist"


def test_many_scales_go_into_one_instrument(house: House):
    client = house.browser_of(house.ot)
    rows = {
        f"{name}.{i}": value
        for i in range(30)
        for name, value in (
            ("scale", f"S{i}"),
            ("raw", "1"),
            ("standard", ""),
            ("metric", "raw-only"),
            ("direction", "unknown"),
        )
    }
    assert client.post(url(house, "/instrument"), scored(**rows)).status_code == 303
    assert len(measures(house)[0].content["scores"]) == 30
    too_many = {**rows, "scale.30": "one more", "raw.30": "1", "metric.30": "raw-only"}
    answer = client.post(url(house, "/instrument"), scored(**too_many))
    assert "Too many: at most 30" in text_of(answer)
    assert 'value="one more"' in answer.text


def test_nothing_is_recorded_in_a_closed_case(house: House):
    from coord.application.case.commands import CloseCase

    copm(house)
    client = house.browser_of(house.ot)
    answered(house.services.doors, house.ot, CloseCase(house.child, "moved away"))
    assert "Record a COPM" not in client.get(url(house)).text
    answer = client.post(url(house, "/copm"), typed(remark="kept"))
    assert answer.status_code == 409
    assert "The case is closed" in answer.text
    assert "kept</textarea>" in answer.text


# ---- mistakes ----------------------------------------------------------------------------------------------------


def test_who_recorded_it_and_the_lead_mark_a_mistake_and_nobody_else_sees_it(house: House):
    measure = copm(house)
    form = url(house, f"/{measure}/error")
    slt = house.browser_of(house.slt)
    assert form not in slt.get(url(house)).text
    assert slt.get(form).status_code == 403
    client = house.browser_of(house.ot)
    assert form in client.get(url(house)).text
    refused = client.post(form, {"reason": " "})
    assert refused.status_code == 422
    assert "What is wrong with it: Enter this" in text_of(refused)
    assert client.post(form, {"reason": "This was Yon."}).status_code == 303
    assert "Entered in error" in client.get(url(house)).text
    assert "This was Yon." in house.browser_of(house.lead).get(url(house)).text
    page = slt.get(url(house)).text
    assert "Yon" not in legible(page)
    assert "Nothing has been measured yet" in page
    assert client.get(url(house, f"/{house.child}/error")).status_code == 404


def test_each_look_is_recorded_with_what_was_shown(house: House):
    measure = copm(house)
    house.clock.turn(minutes=1)
    house.browser_of(house.slt).get(url(house))
    look = house.services.access.page(case_id=house.child, limit=1)[0]
    assert (look["kind"], look["entries"]) == ("ReadMeasures", measure.hex)


def test_a_day_of_long_ago_or_to_come_is_refused(house: House):
    client = house.browser_of(house.ot)
    tomorrow = (house.clock.now + timedelta(days=1)).date().isoformat()
    assert "cannot be in the future" in client.post(url(house, "/copm"), typed(measured_on=tomorrow)).text


def test_an_implausible_score_is_asked_about_on_the_page_and_the_answer_stays_with_it(house: House):
    client = house.browser_of(house.ot)
    path = f"/children/{house.child}/measures/instrument"
    sent = {
        "instrument": "A motor test",
        "edition": "3",
        "measured_on": "9 3 2026",
        "informant": "professional",
        "scale.0": "Index",
        "standard.0": "165",
        "metric.0": "standard-100-15",
        "direction.0": "higher-is-better",
        "action": "record",
    }
    asked = client.post(path, sent)
    assert asked.status_code == 422
    assert "Please look at this once more" in asked.text
    assert 'value="165"' in asked.text
    answer = re.search(r'name="confirmed" type="checkbox" value="([^"]+)"', asked.text)
    assert answer
    assert client.post(path, {**sent, "confirmed": answer[1], "standard.0": "166"}).status_code == 422
    kept = client.post(path, {**sent, "confirmed": answer[1]})
    assert kept.status_code == 303
    assert "Asked about, and meant so: This is far from the mean" in client.get(kept.location.partition("#")[0]).text
    refused = client.post(path, {**sent, "standard.0": "900"})
    assert "There is a problem" in refused.text
    assert 'name="confirmed" type="checkbox"' not in refused.text
