"""The pages of the school summary, over real stores and without JavaScript."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader
from sqlalchemy.exc import OperationalError

from coord.application.case.commands import CloseCase
from coord.application.goals.commands import ChangeGoalStatus, EndStrategy, ReviseGoal
from coord.application.history.questions import HistoryFilter, ReadHistory
from coord.application.notes.commands import AmendNote, ChangeNoteAudience, EnterNoteInError
from coord.application.summary.commands import PublishSummary
from coord.application.summary.questions import ReadSummary, ReadSummarySources
from coord.domain.case import GoalContent, SummaryContent
from coord.domain.errors import InvalidInput
from tests.aims import goal, strategy, tried
from tests.house import NOW, Client, House, answered, open_house

SECRET = "What only psychologists may know."


@pytest.fixture
def each_store(data_folder: Path, database_url: str | None) -> Iterator[House]:
    with open_house(data_folder, database_url) as house:
        yield house


def url(house: House, more: str = "") -> str:
    return f"/children/{house.child}/summary{more}"


def filled(**changes: str) -> dict[str, Any]:
    return {
        "version": "0",
        "revision": "0",
        "text.strengths.0": "Loves trains.",
        "text.helps.0": "Give one step at a time.",
        "contact": "Ada Lind, 01632 960 123",
        "valid_from": "2026-03-10",
        "review_date": "2026-06-08",
        "action": "publish",
        **changes,
    }


def publish(house: House, sources: tuple[UUID, ...] = (), version: int = 0, text: str = "Loves trains") -> None:
    today = NOW.date()
    content = SummaryContent(
        {"strengths": [(text, sources)], "helps": [("Give one step at a time", [])]},
        "Ada",
        today,
        today + timedelta(days=90),
    )
    house.services.doors.execute(house.psychologist, PublishSummary(house.child, version, content))


def looks(house: House) -> list[Any]:
    answer = house.services.doors.ask(house.lead, ReadHistory(house.child, HistoryFilter(kind="accesses")))
    return [item for item in answer.items if item["kind"].startswith("ReadSummary")]


# ---- reading -----------------------------------------------------------------------------------------------------


def test_a_therapist_publishes_and_the_teacher_reads(each_store: House):
    house = each_store
    answer = house.browser_of(house.ot).post(url(house, "/edit"), filled())
    assert answer.status_code == 303
    page = house.browser_of(house.teacher).get(url(house)).text
    assert "Loves trains." in page
    assert page.index("Strengths and interests") < page.index("What helps")
    assert "Version 1, published by Ada Lind" in page
    assert "Up to date, 10:00" in page
    assert url(house, ".pdf") in page
    assert f"/children/{house.child}/notes/new" in page
    assert url(house, "/edit") not in page
    assert "Recall the published" not in page


def test_none_yet_in_words(house: House):
    assert "no school summary yet" in house.browser_of(house.teacher).get(url(house)).text
    page = house.browser_of(house.ot).get(url(house)).text
    assert "Write the summary" in page
    assert ".pdf" not in page
    assert house.browser_of(house.teacher).get(url(house, ".pdf")).status_code == 303


def test_a_withheld_source_shows_as_withheld_and_no_more(house: House):
    open_note = house.note(house.ot, "Named stations.", audience="care-team-and-school")
    closed = house.note(house.psychologist, SECRET, audience="own-discipline")
    publish(house, (open_note, closed))
    page = house.browser_of(house.teacher).get(url(house)).text
    assert "Rests on 2 entries, 1 of them not shared with you" in re.sub(r"\s+", " ", page)
    assert f"/notes/{open_note}" in page
    assert str(closed) not in page
    assert SECRET not in page
    assert "Pia Holm, 10" not in page
    theirs = house.browser_of(house.psychologist).get(url(house)).text
    assert f"/notes/{closed}" in theirs


def test_out_of_date_is_said_on_top(house: House):
    note = house.note(house.ot, "Named eleven.")
    publish(house, (note,))
    assert "may be out of date" not in house.browser_of(house.teacher).get(url(house)).text
    house.services.doors.execute(house.ot, AmendNote(house.child, note, 1, {"text": "Named ten."}, "miscounted"))
    page = house.browser_of(house.teacher).get(url(house)).text
    assert "has been corrected since" in page
    assert str(note) not in page
    assert f"/notes/{note}" in house.browser_of(house.ot).get(url(house)).text
    house.clock.turn(days=100)
    assert "review date has passed" in house.browser_of(house.teacher).get(url(house)).text


def test_what_people_wrote_is_never_markup(house: House):
    publish(house, text="<script>alert(1)</script> & <b>bold</b>")
    for who in (house.teacher, house.ot):
        page = house.browser_of(who).get(url(house)).text
        assert "<script>alert" not in page
        assert "&lt;b&gt;bold" in page


def test_who_does_not_know_the_child_finds_nothing(house: House):
    publish(house)
    for who in (house.stranger, house.admin):
        client = house.browser_of(who)
        for more in ("", ".pdf", "/edit", "/recall", "?version=1"):
            assert client.get(url(house, more)).status_code == 404
    assert house.app.test_client().get(url(house)).status_code == 303  # to the sign-in


def test_teacher_and_student_may_not_write_or_recall(house: House):
    publish(house)
    for who in (house.teacher, house.student):
        client = house.browser_of(who)
        assert client.get(url(house, "/edit")).status_code == 403
        assert client.post(url(house, "/edit"), filled(version="1"), form_on="/account").status_code == 403
        answer = client.post(url(house, "/recall"), {"reason": "because"}, form_on="/account")
        assert answer.status_code == 403
    assert "Loves trains" in house.browser_of(house.teacher).get(url(house)).text


def test_versions_are_for_those_who_work_with_the_child(house: House):
    publish(house, text="The first")
    publish(house, version=1, text="The second")
    page = house.browser_of(house.ot).get(url(house, "?version=1")).text
    assert "The first" in page
    assert "earlier version" in page
    assert house.browser_of(house.ot).get(url(house, "?version=9")).status_code == 404
    assert "The first" not in house.browser_of(house.teacher).get(url(house, "?version=1")).text


# ---- the file ----------------------------------------------------------------------------------------------------


def test_the_file_is_recorded_as_a_download(house: House):
    publish(house)
    client = house.browser_of(house.teacher)
    client.get(url(house))
    assert [look["detail"].get("export") for look in looks(house)] == [None]
    answer = client.get(url(house, ".pdf"))
    assert answer.status_code == 200
    assert answer.content_type == "application/pdf"
    assert answer.data.startswith(b"%PDF-1.7")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Zig" not in answer.headers["Content-Disposition"]
    assert looks(house)[0]["detail"] == {"version": 1, "export": "pdf"}
    assert looks(house)[0]["person_name"] == "Tove Dahl"


def test_a_recalled_summary_gives_no_file(house: House):
    publish(house)
    assert (
        house.browser_of(house.ot).post(url(house, "/recall"), {"reason": "Wrong child", "version": "1"}).status_code
        == 303
    )
    answer = house.browser_of(house.teacher).get(url(house, ".pdf"))
    assert answer.status_code == 303
    assert looks(house)[0]["detail"]["export"] == ""


# ---- recalling ---------------------------------------------------------------------------------------------------


def test_recall_needs_a_reason_and_the_school_sees_that_it_was_recalled(house: House):
    publish(house)
    client = house.browser_of(house.ot)
    assert client.get(url(house, "/recall")).status_code == 200
    refused = client.post(url(house, "/recall"), {"reason": " "})
    assert refused.status_code == 422
    assert 'href="#reason"' in refused.text
    assert client.post(url(house, "/recall"), {"reason": "Names a diagnosis", "version": "1"}).status_code == 303
    mine = client.get(url(house)).text
    assert "Names a diagnosis" in mine
    assert "Loves trains" in mine
    theirs = house.browser_of(house.teacher).get(url(house)).text
    assert "This summary was recalled" in theirs
    assert "Ada Lind took it back" in theirs
    assert "Names a diagnosis" not in theirs
    assert "Loves trains" not in theirs
    again = client.post(url(house, "/recall"), {"reason": "once more"}, form_on="/account")
    assert again.status_code == 409
    assert "once more" in again.text


def test_after_a_recall_the_next_is_a_new_version(house: House):
    publish(house)
    client = house.browser_of(house.ot)
    client.post(url(house, "/recall"), {"reason": "Wrong"})
    assert 'name="version" value="1"' in client.get(url(house, "/edit")).text
    assert client.post(url(house, "/edit"), filled(version="1")).status_code == 303
    assert "Version 2, published by" in house.browser_of(house.teacher).get(url(house)).text


def test_the_care_team_sees_the_summary_of_today_and_the_one_to_come(house: House):
    publish(house, text="The first")
    client = house.browser_of(house.ot)
    client.post(url(house, "/edit"), filled(version="1", valid_from="2026-03-13", **{"text.strengths.0": "The second"}))
    page = client.get(url(house)).text
    assert "The school can read it from 13 March 2026 on." in page
    assert "Version 2 is valid from 13 March 2026; until then this one." in page
    assert "The first" in page
    assert "Valid later" in page
    later = client.get(url(house, "?version=2")).text
    assert "The school does not see this yet" in later
    assert "Until then the school reads version 1." in later
    assert "The second" in later
    teacher = house.browser_of(house.teacher)
    for more in ("", "?version=2"):
        theirs = teacher.get(url(house, more)).text
        assert "The first" in theirs
        assert "The second" not in theirs
        assert "13 March" not in theirs
    assert "school-summary-1.pdf" in teacher.get(url(house, ".pdf")).headers["Content-Disposition"]
    house.clock.turn(days=3)
    assert "The second" in house.browser_of(house.teacher).get(url(house)).text


def test_the_one_to_come_is_recalled_by_itself(house: House):
    publish(house, text="The first")
    client = house.browser_of(house.ot)
    client.post(url(house, "/edit"), filled(version="1", valid_from="2026-03-13"))
    page = client.get(url(house)).text
    assert url(house, "/recall?version=1") in page
    assert "Recall version 2, valid from 13 March 2026" in page
    form = client.get(url(house, "/recall?version=2")).text
    assert "What it reads now stays as it is" in form
    client.post(url(house, "/recall"), {"reason": "Too early", "version": "2"})
    assert "The school never saw it" in client.get(url(house)).text
    assert "The first" in house.browser_of(house.teacher).get(url(house)).text


# ---- writing -----------------------------------------------------------------------------------------------------


def test_each_wrong_field_is_named_and_everything_typed_is_kept(house: House):
    changes = {"contact": "", "review_date": "31.2.2026", "valid_from": "2026-03-10", "text.aims.0": "x" * 501}
    for i in range(6):
        changes[f"text.helps.{i}"] = f"Help {i}"
    answer = house.browser_of(house.ot).post(url(house, "/edit"), filled(**changes))
    assert answer.status_code == 422
    for field in ("contact", "review_date", "text-helps-0", "text-aims-0"):
        assert f'href="#{field}"' in answer.text
        assert f'id="{field}"' in answer.text
    assert "Enter a real date" in answer.text
    assert "Too many: at most 5" in answer.text
    assert "x" * 501 in answer.text
    assert 'value="31.2.2026"' in answer.text
    assert "Help 5" in answer.text
    assert house.services.doors.ask(house.ot, ReadSummary(house.child)).version == 0


def test_an_empty_form_says_what_is_needed(house: House):
    answer = house.browser_of(house.ot).post(url(house, "/edit"), {"action": "publish", "version": "0"})
    assert answer.status_code == 422
    for field in ("text-strengths-0", "text-helps-0", "contact", "valid_from", "review_date"):
        assert f'href="#{field}"' in answer.text


def test_days_are_taken_as_people_type_them(house: House):
    client = house.browser_of(house.ot)
    assert client.post(url(house, "/edit"), filled(valid_from="10.3.2026", review_date="8/6/2026")).status_code == 303
    assert "To be reviewed by 8 June 2026" in client.get(url(house)).text


def kept(client: Client, house: House, action: str = "keep", **changes: str) -> Any:
    return client.post(url(house, "/edit"), filled(action=action, **changes))


def test_a_draft_is_kept_for_its_writer_alone_and_used_up_by_publishing(house: House):
    client = house.browser_of(house.ot)
    assert kept(client, house, contact="").status_code == 303
    page = client.get(url(house, "/edit")).text
    assert "Loves trains." in page
    assert "Draft saved at 10:00" in page
    assert 'id="draft-revision" value="1"' in page
    assert "Loves trains." not in house.browser_of(house.slt).get(url(house, "/edit")).text
    assert "Loves trains." not in house.browser_of(house.teacher).get(url(house)).text
    client.post(url(house, "/edit"), filled(revision="1"))
    assert "Draft saved" not in client.get(url(house, "/edit")).text


def test_that_a_draft_was_kept_is_said_once(house: House):
    client = house.browser_of(house.ot)
    kept(client, house)
    assert "Draft saved. Only you can see it." in client.get(url(house, "/edit")).text
    assert "Draft saved. Only you can see it." not in client.get(url(house, "/edit")).text


def test_a_draft_can_be_thrown_away(house: House):
    client = house.browser_of(house.ot)
    kept(client, house)
    for _ in range(2):
        assert client.post(url(house, "/edit/discard"), form_on=url(house, "/edit")).status_code == 303
    assert "Loves trains." not in client.get(url(house, "/edit")).text


def test_statements_are_added_and_removed_by_buttons(house: House):
    client = house.browser_of(house.ot)
    added = kept(client, house, "add.helps")
    assert added.status_code == 303
    assert added.location.endswith("#text-helps-1")
    page = client.get(added.location).text
    assert 'id="text-helps-1"' in page
    assert "Give one step at a time.</textarea>" in page
    removed = kept(client, house, "remove.helps.0", revision="1")
    assert removed.status_code == 303
    page = client.get(removed.location).text
    assert "Give one step at a time.</textarea>" not in page
    assert "Loves trains." in page


def test_no_sixth_thing_that_helps_is_offered(house: House):
    client = house.browser_of(house.ot)
    changes = {f"text.helps.{i}": f"Help {i}" for i in range(5)}
    page = client.get(kept(client, house, "add.helps", **changes).location).text
    assert 'id="text-helps-4"' in page
    assert 'id="text-helps-5"' not in page
    assert 'value="add.helps"' not in page


def test_the_preview_is_what_the_school_will_see_and_publishes_all_of_it(house: House):
    note = house.note(house.ot)
    client = house.browser_of(house.ot)
    shown = kept(client, house, "preview", **{"source.strengths.0": str(note)})
    assert shown.status_code == 303
    page = client.get(shown.location).text
    assert "the school does not see this yet" in page
    assert "Loves trains." in page
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    fields.pop("csrf_token")
    assert client.post(url(house, "/edit"), {**fields, "action": "publish"}, form_on=shown.location).status_code == 303
    answer = house.services.doors.ask(house.ot, ReadSummary(house.child))
    assert answer.statements["strengths"][0]["sources"][0]["entry"] == note
    assert answer.contact == "Ada Lind, 01632 960 123"


def test_who_published_meanwhile_is_said_and_nothing_typed_is_lost(house: House):
    client = house.browser_of(house.ot)
    publish(house)
    answer = client.post(url(house, "/edit"), filled(version="0"))
    assert answer.status_code == 412
    assert "Pia Holm published version 1" in answer.text
    assert "Give one step at a time." in answer.text
    assert 'name="version" value="1"' in answer.text
    assert client.post(url(house, "/edit"), filled(version="1")).status_code == 303


@pytest.mark.parametrize("by_way_of", ["edit", "preview"])
def test_nobody_rests_a_statement_on_a_text_that_was_corrected_under_their_hands(house: House, by_way_of: str):
    note, client = house.note(house.slt, "Likes trains."), house.browser_of(house.ot)

    def seen_on(page: str) -> str:
        found = re.search(r'name="seen" value="(\d+)"', page)
        assert found
        return found[1]

    typed = {"source.strengths.0": str(note), "seen": seen_on(client.get(url(house, "/edit")).text)}
    house.services.doors.execute(house.slt, AmendNote(house.child, note, 1, {"text": "Fears trains."}, "mixed up"))
    if by_way_of == "preview":
        preview = client.get(kept(client, house, "preview", **typed).location).text
        typed |= {"seen": seen_on(preview), "revision": "1"}
    refused = client.post(url(house, "/edit"), filled(**typed), form_on="/account")
    assert refused.status_code == 422
    assert "was corrected meanwhile" in refused.text
    assert "Fears trains." in refused.text
    typed["seen"] = seen_on(refused.text)
    assert client.post(url(house, "/edit"), filled(**typed), form_on="/account").status_code == 303


def test_a_draft_begun_before_the_present_version_says_so(house: House):
    client = house.browser_of(house.ot)
    kept(client, house)
    publish(house)
    page = client.get(url(house, "/edit")).text
    assert "A newer version was published" in page
    assert 'name="version" value="0"' in page


def test_another_window_kept_the_draft_meanwhile(house: House):
    client = house.browser_of(house.ot)
    kept(client, house)
    kept(client, house, revision="1", contact="From the other window")
    answer = kept(client, house, revision="1", contact="From this window")
    assert answer.status_code == 412
    assert "another window" in answer.text
    assert "From this window" in answer.text
    assert 'id="draft-revision" value="2"' in answer.text
    assert kept(client, house, revision="2", contact="From this window").status_code == 303


def test_a_closed_case_keeps_the_words(house: House):
    client = house.browser_of(house.ot)
    client.get(url(house, "/edit"))
    answered(house.services.doors, house.ot, CloseCase(house.child, "Moved away"))
    answer = client.post(url(house, "/edit"), filled())
    assert answer.status_code == 409
    assert "The case is closed" in answer.text
    assert "Loves trains." in answer.text


@pytest.mark.parametrize("action", ["remove.helps.0", "add.helps", "search"])
def test_a_draft_changed_elsewhere_is_told_at_every_button_and_the_next_time_counts(house: House, action: str):
    client = house.browser_of(house.ot)
    kept(client, house)
    kept(client, house, revision="1", contact="From the other window")
    answer = kept(client, house, action, revision="1", contact="From this window")
    assert answer.status_code == 412
    assert "<title>Error:" in answer.text
    assert 'id="draft-revision" value="2"' in answer.text
    assert kept(client, house, action, revision="2", contact="From this window").status_code == 303


@pytest.mark.parametrize("action", ["publish", "keep", "autosave"])
def test_a_store_that_is_down_keeps_the_words(house: House, monkeypatch: pytest.MonkeyPatch, action: str):
    client = house.browser_of(house.ot)
    page = client.get(url(house, "/edit")).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token

    def down(*_args: Any, **_more: Any) -> None:
        raise OperationalError("select", {}, Exception("disk full"))

    monkeypatch.setattr(house.services.record, "case", down)
    monkeypatch.setattr(house.services.access, "record", down)
    answer = client.client.post(url(house, "/edit"), data={"csrf_token": token[1], **filled(action=action)})
    assert answer.status_code == 503
    if action == "autosave":
        assert "could not be saved" in answer.text
    else:
        assert answer.headers["Retry-After"]
        assert "Loves trains." in answer.text
        assert "cannot do this just now" in answer.text


def test_the_search_keeps_the_draft_and_what_is_cited(house: House):
    cited = house.note(house.ot, "Counted the laces.")
    found = house.note(house.ot, "Sang about penguins.")
    other = house.note(house.ot, "Painted a bridge.")
    client = house.browser_of(house.ot)
    answer = kept(client, house, "search", q="penguins", **{"source.strengths.0": str(cited)})
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "Loves trains." in page
    assert "penguins" in page
    assert "Counted the laces." in page
    assert re.search(rf'value="{cited}" checked', page)
    assert str(found) in page
    assert str(other) not in page


def test_entries_of_another_discipline_are_not_offered_nor_citable(house: House):
    closed = house.note(house.psychologist, SECRET, audience="own-discipline")
    client = house.browser_of(house.ot)
    assert SECRET not in client.get(url(house, "/edit")).text
    assert SECRET not in client.get(url(house, "/edit?q=psychologists")).text
    answer = client.post(url(house, "/edit"), filled(**{"source.strengths.0": str(closed)}))
    assert answer.status_code == 422
    assert 'href="#sources-strengths-0"' in answer.text
    assert "An entry that you cannot open now" in answer.text
    assert SECRET not in answer.text


def test_a_source_in_error_must_go(house: House):
    note = house.note(house.ot)
    house.services.doors.execute(house.ot, EnterNoteInError(house.child, note, "wrong child"))
    answer = house.browser_of(house.ot).post(url(house, "/edit"), filled(**{"source.helps.0": str(note)}))
    assert answer.status_code == 422
    assert "entered in error" in answer.text


def test_what_the_next_version_cannot_rest_on_is_said(house: House):
    publish(house, (house.note(house.psychologist, SECRET, audience="own-discipline"),))
    page = house.browser_of(house.ot).get(url(house, "/edit")).text
    assert "1 entry that is not shared with you" in page
    assert SECRET not in page


def test_only_what_is_shown_counts_as_read(house: House):
    notes = [house.note(house.ot, f"Note number {i}") for i in range(15)]
    page = house.browser_of(house.ot).get(url(house, "/edit")).text
    shown = {str(note) for note in notes if f"/notes/{note}" in page}
    assert len(shown) == 12
    assert len(looks(house)) == 1


# ---- the reading hint --------------------------------------------------------------------------------------------

HARD = (
    "Proprioceptive regulation opportunities considerably facilitate subsequent participation in collaborative "
    "curricular activities, particularly following unanticipated environmental transitions, says the SENCO team today"
)


def test_a_hint_names_the_longest_sentence_and_never_stops_publishing(house: House):
    client = house.browser_of(house.ot)
    answer = client.post(
        url(house, "/reading-hint"), {"text.strengths.0": HARD}, form_on=url(house, "/edit")
    )  # nothing but the hint
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "takes a busy reader some effort" in answer.text
    assert "more than 20 words" in answer.text
    assert "SENCO" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    kept(client, house, **{"text.strengths.0": HARD})
    assert "takes a busy reader some effort" in client.get(url(house, "/edit")).text
    assert client.post(url(house, "/edit"), filled(**{"text.strengths.0": HARD})).status_code == 303


def test_italian_words_get_the_italian_index_and_are_marked_as_italian(house: House):
    client = house.browser_of(house.ot)
    words = {
        "text.strengths.0": "Ama i treni. Conosce il nome di tutte le stazioni della linea.",
        "text.helps.0": "Dagli un passo alla volta. Mostragli la figura di che cosa viene dopo.",
    }
    hint = client.post(url(house, "/reading-hint"), words, form_on=url(house, "/edit")).text
    assert "Gulpease" in hint
    assert client.post(url(house, "/edit"), filled(**words)).status_code == 303
    assert '<ul class="nhsuk-list nhsuk-list--bullet nhsuk-u-margin-bottom-3" lang="it">' in client.get(url(house)).text


def test_autosave_answers_with_a_line_and_the_new_revision(house: House):
    client = house.browser_of(house.ot)
    answer = kept(client, house, "autosave")
    assert answer.status_code == 200
    assert "Draft saved at 10:00" in answer.text
    assert 'value="1" hx-swap-oob="true"' in answer.text
    stale = kept(client, house, "autosave", revision="7")
    assert stale.status_code == 412
    assert "another window" in stale.text
    assert "<html" not in stale.text


@pytest.mark.parametrize(
    "body",
    [
        {"action": "remove.helps.999"},
        {"action": "remove.nonsense.1"},
        {"action": "add.nonsense"},
        {"action": "?"},
        {"version": "x", "revision": "-1", "source.strengths.0": "not-an-id", "text.strengths.0": "\x00"},
        {"text.strengths.99999": "far away"},
    ],
)
def test_nonsense_is_no_fault(house: House, body: dict[str, str]):
    assert house.browser_of(house.ot).post(url(house, "/edit"), body).status_code in (303, 422)
    assert house.browser_of(house.ot).get(url(house, "/edit?view=preview&q=%00&add=x")).status_code in (200, 422)


# ---- strategies and goals feed it --------------------------------------------------------------------------------


def sent_from(page: str, action: str) -> dict[str, Any]:
    """The form as the page has it, sent with a button."""
    sent = {
        unescape(name): unescape(value)
        for name, value in re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page)
        if not name.startswith("source.") and name != "csrf_token"
    }
    sent |= {
        unescape(n): unescape(v) for n, v in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', page)
    }
    return sent | {"action": action}


def test_a_strategy_for_school_and_a_goal_are_taken_over_by_a_button(house: House):
    offered = strategy(house, "Wait for ten seconds.")
    tried(house, offered, house.teacher, "helped")
    strategy(house, "Lay out the clothes.", "home")
    aim = goal(house, "Zig asks for a break.")
    goal(house, "For the clinic alone.", audience="care-team")
    goal(house, "Not agreed yet.", status="proposed")
    client = house.browser_of(house.ot)
    page = client.get(url(house, "/edit")).text
    assert "Strategies for school" in page
    assert "It helped: 1" in page
    assert "Current goals in plain words" in page
    for other in ("clothes", "clinic alone", "Not agreed yet"):
        assert other not in page
    for section, identifier, text in (
        ("helps", offered, "Wait for ten seconds."),
        ("aims", aim, "Zig asks for a break."),
    ):
        answer = client.post(
            url(house, "/edit"), sent_from(page, f"take.{section}.{identifier}") | {"text.strengths.0": "Loves trains."}
        )
        assert answer.status_code == 303, answer.text
        assert answer.location.endswith(f"#section-{section}")
        page = client.get(url(house, "/edit")).text
        assert f"{text}</textarea>" in page
        assert "Loves trains.</textarea>" in page
        assert f'value="take.{section}.{identifier}"' not in page
    assert page.count("It is in the summary.") == 2


def test_a_goal_in_words_that_nobody_agreed_to_is_offered_with_that_said(house: House):
    aim = goal(house, "Zig asks for a break.")
    client, words = house.browser_of(house.ot), "Not agreed in these words yet"
    assert words not in client.get(url(house, "/edit")).text
    day = house.clock.now.date() + timedelta(days=60)
    other = GoalContent("Zig asks twice.", ["school"], audience="care-team-and-school", review_date=day)
    house.services.doors.execute(house.ot, ReviseGoal(house.child, aim, 3, other, "Too easy"))
    page = client.get(url(house, "/edit")).text
    assert words in page.partition('id="take-aims"')[2].partition("</section>")[0]


def test_at_most_five_go_into_what_helps(house: House):
    offered = [strategy(house, f"Strategy number {n}.") for n in range(6)]
    client = house.browser_of(house.ot)
    for strategy_id in offered[:5]:
        page = client.get(url(house, "/edit")).text
        assert client.post(url(house, "/edit"), sent_from(page, f"take.helps.{strategy_id}")).status_code == 303
    page = client.get(url(house, "/edit")).text
    assert "There are 5 statements already. Remove one first." in page
    assert "take.helps" not in page
    refused = client.post(url(house, "/edit"), sent_from(page, f"take.helps.{offered[5]}"))
    assert refused.status_code == 422
    assert "What helps: Too many: at most 5" in refused.text
    assert "Strategy number 4.</textarea>" in refused.text
    assert "number 5.</textarea>" not in refused.text


def test_what_is_not_offered_is_not_taken(house: House):
    ended = strategy(house, "No longer.")
    house.services.doors.execute(house.ot, EndStrategy(house.child, ended, "it did not help"))
    at_home = strategy(house, "Lay out the clothes.", "home")
    client = house.browser_of(house.ot)
    page = client.get(url(house, "/edit")).text
    assert "Nothing is offered for school yet." in page
    for chosen in (ended, at_home, "nonsense"):
        assert client.post(url(house, "/edit"), sent_from(page, f"take.helps.{chosen}")).status_code == 303
    after = client.get(url(house, "/edit")).text
    assert "No longer." not in after
    assert "clothes" not in after


def test_the_api_gives_them_too(house: House):
    offered = strategy(house, "Wait for ten seconds.")
    tried(house, offered, house.teacher, "did-not")
    aim = goal(house, "Zig asks for a break.")
    found = house.services.doors.ask(house.ot, ReadSummarySources(house.child))
    assert [(s.id, s.text, s.helped, s.did_not, s.not_yet) for s in found.strategies] == [
        (offered, "Wait for ten seconds.", 0, 1, 0)
    ]
    assert list(found.goals) == [
        {"id": aim, "statement": "Zig asks for a break.", "status": "active", "agreed_as_it_stands": True}
    ]
    look = house.services.access.page(case_id=house.child, limit=1)[0]
    assert {offered.hex, aim.hex} <= set(look["entries"].split())


# ---- what it rests on does not stand any more --------------------------------------------------------------------


def why(house: House, reader: Any = None) -> list[str]:
    answer = house.services.doors.ask(reader or house.ot, ReadSummary(house.child))
    return [entry["why"] for entry in answer.out_of_date]


def helps(house: House, reader: Any) -> list[str]:
    answer = house.services.doors.ask(reader, ReadSummary(house.child))
    return [row["text"] for row in answer.statements.get("helps", ())]


def test_advice_that_was_ended_is_not_given_to_the_school_any_more(each_store: House):
    house = each_store
    advice = strategy(house, "Let him stand at the desk")
    client = house.browser_of(house.ot)
    client.post(url(house, "/edit"), filled(action=f"take.helps.{advice}", **{"text.helps.0": ""}))
    page = client.get(url(house, "/edit")).text
    assert re.search(rf'name="source.helps.0" type="checkbox" value="{advice}" checked', page)
    sent = filled(**{"text.helps.1": "Let him stand at the desk", "source.helps.1": str(advice), "revision": "1"})
    assert client.post(url(house, "/edit"), sent).status_code == 303
    teacher = house.browser_of(house.teacher)
    assert "Let him stand at the desk" in teacher.get(url(house)).text
    assert why(house) == []

    house.services.doors.execute(house.slt, EndStrategy(house.child, advice, "He got back pain"))
    page = teacher.get(url(house)).text
    assert "Let him stand" not in page
    assert "Give one step at a time." in page
    assert "Advice that stood here is no longer given" in page
    assert "back pain" not in page
    assert helps(house, house.teacher) == ["Give one step at a time."]
    assert b"Let him stand" not in text_of(teacher.get(url(house, ".pdf")).data)
    assert b"Let him stand" not in text_of(client.get(url(house, ".pdf")).data)
    mine = client.get(url(house)).text
    assert "Let him stand at the desk" in mine  # in what it rests on, marked
    assert "No longer given" in mine
    assert f"/strategies#strategy-{advice}" in mine
    assert why(house) == ["advice-ended"]
    assert "Let him stand" not in client.get(url(house, "/edit")).text.partition('id="section-avoid"')[0]


def text_of(pdf: bytes) -> bytes:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).encode()


def test_a_statement_that_only_says_the_same_words_is_struck_as_well(house: House):
    advice = strategy(house, "Give one step at a time")
    publish(house)  # as summaries were before they could rest on a strategy
    house.services.doors.execute(house.ot, EndStrategy(house.child, advice, "too slow for him"))
    assert helps(house, house.teacher) == []
    assert why(house, house.teacher) == ["advice-ended"]
    again = strategy(house, "give  one step at a time")
    assert helps(house, house.teacher) == ["Give one step at a time"]  # it is advised again
    assert why(house) == []
    house.services.doors.execute(house.ot, EndStrategy(house.child, again, "still too slow"))
    assert helps(house, house.teacher) == []


def test_a_goal_or_a_note_that_changes_marks_what_rests_on_it(each_store: House):
    house = each_store
    do = house.services.doors.execute
    aim, note = goal(house, status="proposed"), house.note(house.ot, audience="care-team-and-school")
    publish(house, (aim, note))
    answer = house.services.doors.ask(house.ot, ReadSummary(house.child))
    (row,) = answer.statements["strengths"]
    assert [(s["kind"], s["entry"], s["version"]) for s in row["sources"]] == [("goal", aim, 1), ("note", note, 1)]
    assert why(house) == []

    do(house.ot, ChangeNoteAudience(house.child, note, "care-team"))
    assert why(house) == ["source-narrowed"]
    content = GoalContent(
        "Zig asks twice.", ["school"], audience="care-team-and-school", review_date=NOW.date() + timedelta(days=60)
    )
    do(house.ot, ReviseGoal(house.child, aim, 1, content, "clearer"))
    assert sorted(why(house)) == ["source-narrowed", "source-revised"]
    do(house.ot, ChangeGoalStatus(house.child, aim, 2, "stopped", "moved away"))
    assert sorted(why(house)) == ["source-ended", "source-narrowed"]


def test_nothing_rests_on_what_is_over_or_was_changed_since_it_was_read(house: House):
    do = house.services.doors.execute
    advice, aim, given_up = strategy(house), goal(house, status="proposed"), goal(house, status="proposed")
    seen = house.services.record.head()
    content = GoalContent(
        "Zig asks twice.", ["school"], audience="care-team-and-school", review_date=NOW.date() + timedelta(days=60)
    )
    do(house.ot, ReviseGoal(house.child, aim, 1, content, "clearer"))
    do(house.ot, EndStrategy(house.child, advice, "did not help"))
    do(house.ot, ChangeGoalStatus(house.child, given_up, 1, "stopped", "nobody wants it any more"))
    today = NOW.date()
    cites = SummaryContent(
        {"strengths": [("Loves trains", [aim])], "helps": [("Stand", [advice]), ("Ask twice", [given_up])]},
        "Ada",
        today,
        today + timedelta(days=90),
    )
    with pytest.raises(InvalidInput) as refused:
        do(house.ot, PublishSummary(house.child, 0, cites, None, seen))
    assert {p.pointer: p.code for p in refused.value.problems} == {
        "/statements/strengths/0/sources/0": "source-corrected",
        "/statements/helps/0/sources/0": "source-ended",
        "/statements/helps/1/sources/0": "source-ended",
    }
