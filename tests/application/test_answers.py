"""Home, summary and history: what is new, what is out of date, who changed and who looked."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from coord.application.case.commands import AddToTeam, ChangeOnTeam, CorrectDetails, RemoveFromTeam
from coord.application.case.questions import ExportCase, ReadCase
from coord.application.goals import commands as g
from coord.application.history.questions import HistoryFilter, ReadAudit, ReadHistory
from coord.application.home.questions import ReadCaseload
from coord.application.notes.commands import (
    AddAddendum,
    AmendNote,
    CorrectNoteCircumstances,
    CosignNote,
    EnterNoteInError,
)
from coord.application.notes.questions import ReadNote
from coord.application.summary.commands import PublishSummary, RecallSummary
from coord.application.summary.questions import ReadSummary, ReadSummarySources
from coord.application.timeline.questions import ReadTimeline, TimelineFilter
from coord.domain.actors import COMMAND_LINE, Actor, Discipline, Relation, Role
from coord.domain.case import GoalContent, ObservationContent, SummaryContent
from coord.domain.case.goals import ScaleContent
from coord.domain.errors import InvalidInput, NotFound
from coord.projections import Summaries
from tests.group_story import Group
from tests.house import House, answered

# ---- the caseload ------------------------------------------------------------------------------------------------


def child_of(house: House, who: Any) -> dict[str, Any]:
    (child,) = house.services.doors.ask(who, ReadCaseload()).children
    return dict(child)


def visit(house: House, who: Any) -> None:
    house.services.doors.ask(who, ReadTimeline(house.child))
    house.clock.turn(minutes=1)


def test_what_is_new_is_what_others_wrote_since_the_last_visit(house: House):
    first = house.note(house.slt)
    child = child_of(house, house.ot)
    assert (child["new"], child["latest"], child["last_visit"]) == (1, house.clock.now, None)
    visit(house, house.ot)
    assert child_of(house, house.ot)["new"] == 0
    house.note(house.ot)  # one's own is no news
    house.note(house.psychologist, audience="own-discipline")  # nor is what one may not read
    assert child_of(house, house.ot)["new"] == 0
    house.note(house.slt)
    house.services.doors.execute(house.slt, AmendNote(house.child, first, 1, {"text": "better"}, "typo"))
    assert child_of(house, house.ot)["new"] == 2
    assert child_of(house, house.ot)["new"] == 2, "looking at the home page is no visit"
    visit(house, house.slt)
    assert child_of(house, house.ot)["new"] == 2, "another's visit is not mine"


def test_what_others_do_to_ones_own_note_is_new_and_what_one_does_to_theirs_is_not(house: House):
    do, mine, theirs = house.services.doors.execute, house.note(house.ot), house.note(house.slt)
    visit(house, house.ot)
    do(house.ot, AddAddendum(house.child, theirs, uuid4(), "At home too."))
    assert child_of(house, house.ot)["new"] == 0
    do(house.slt, AddAddendum(house.child, mine, uuid4(), "Not with the left hand."))
    assert child_of(house, house.ot)["new"] == 1


def test_what_is_new_below_the_first_page_is_shown_at_the_visit_that_makes_it_seen(house: House):
    def first_page(who: Any) -> Any:
        return house.services.doors.ask(who, ReadTimeline(house.child, limit=2))

    old = [house.note(house.slt, observed_from=house.clock.now - timedelta(days=day)) for day in (1, 2, 9)]
    assert first_page(house.ot).further_down == [], "to whom all is new the first page is the beginning"
    house.clock.turn(minutes=1)
    late = house.note(house.slt, "Written late.", observed_from=house.clock.now - timedelta(days=5))
    house.note(house.ot, observed_from=house.clock.now - timedelta(days=6))  # one's own is no news
    house.note(house.psychologist, audience="own-discipline", observed_from=house.clock.now - timedelta(days=7))
    house.services.doors.execute(house.slt, AmendNote(house.child, old[2], 1, {"text": "better"}, "typo"))
    today = house.note(house.slt, "Stands on the first page.", observed_from=house.clock.now)
    assert child_of(house, house.ot)["new"] == 3
    part = house.services.doors.ask(house.ot, ReadTimeline(house.child, TimelineFilter(kind="note"), limit=2))
    assert part.further_down == [], "a part is no visit"
    assert first_page(house.teacher).further_down == []
    visited = first_page(house.ot)
    assert today in {i["entry_id"] for i in visited.items}
    assert [i["entry_id"] for i in visited.further_down] == [late, old[2]], "each once"
    assert late.hex in house.services.access.page(case_id=house.child, limit=1)[0]["entries"]
    house.clock.turn(minutes=1)
    assert child_of(house, house.ot)["new"] == 0
    assert first_page(house.ot).further_down == []


def test_a_summary_whose_day_has_come_is_new_to_the_school_once(house: House):
    house.note(house.ot, audience="care-team-and-school")
    visit(house, house.teacher)
    house.summary(valid_in=1)
    assert child_of(house, house.teacher)["new"] == 0
    house.clock.turn(days=1)
    assert child_of(house, house.teacher)["new"] == 1
    visit(house, house.teacher)
    assert child_of(house, house.teacher)["new"] == 0
    house.summary(version=1, valid_in=1)
    visit(house, house.teacher)
    house.clock.turn(days=1)
    assert child_of(house, house.teacher)["new"] == 1, "though it was published before the visit"


def test_a_students_note_that_is_corrected_before_anybody_attested_it_waits_once(house: House):
    note = house.note(house.student)
    redate(house, house.student, note, 1)
    house.clock.turn(hours=1)
    redate(house, house.student, note, 2, "It was an hour later")
    caseload = house.services.doors.ask(house.ot, ReadCaseload())
    assert [w["note_id"] for w in caseload.awaiting] == [note]
    assert caseload.shown.incomplete == {}


def test_only_the_first_page_of_all_there_is_now_is_a_visit(house: House):
    visit(house, house.ot)
    seen = child_of(house, house.ot)["last_visit"]
    for _ in range(3):
        house.note(house.slt, "trains")
        house.clock.turn(minutes=1)
    ask, head = house.services.doors.ask, house.services.record.head()
    older = ask(house.slt, ReadTimeline(house.child, limit=1)).next
    for part in (
        ReadTimeline(house.child, as_of=head),
        ReadTimeline(house.child, as_of=house.clock.now),
        ReadTimeline(house.child, TimelineFilter(text="trains")),
        ReadTimeline(house.child, TimelineFilter(discipline="slt")),
        ReadTimeline(house.child, TimelineFilter(setting="school")),
        ReadTimeline(house.child, TimelineFilter(kind="note")),
        ReadTimeline(house.child, TimelineFilter(author=house.slt.person_id)),
        ReadTimeline(house.child, TimelineFilter(start=house.clock.now)),
        ReadTimeline(house.child, TimelineFilter(end=house.clock.now)),
        ReadTimeline(house.child, cursor=older),
    ):
        ask(house.ot, part)
        child = child_of(house, house.ot)
        assert (child["new"], child["last_visit"]) == (3, seen), part
    visit(house, house.ot)
    child = child_of(house, house.ot)
    assert (child["new"], child["last_visit"] > seen) == (0, True)


def test_a_teachers_news_count_what_the_school_may_read_only(house: House):
    house.note(house.ot, audience="care-team")
    house.note(house.ot, audience="care-team-and-school")
    wrong = house.note(house.ot, audience="care-team-and-school")
    house.services.doors.execute(house.ot, EnterNoteInError(house.child, wrong, "wrong child"))
    house.note(house.student, audience="care-team-and-school")
    child = child_of(house, house.teacher)
    assert child["new"] == 1
    assert "full_name" not in child
    assert "full_name" in child_of(house, house.ot)


def test_what_a_group_session_was_for_the_child_is_new_and_to_the_school_the_message_for_it(house: House):
    group = Group(house)
    group.plan()
    case = group.child("Brio", teacher=house.teacher)
    house.services.doors.execute(house.ot, AddToTeam(case, house.slt.person_id, Relation.SPEECH_THERAPIST))
    group.enrol(case)
    for who in (house.slt, house.teacher):
        house.services.doors.ask(who, ReadTimeline(case))
    house.clock.turn(days=1)
    group.record(group.line(case, level=None, incident="Fell", message_school="He shared a toy."))
    for who, new in ((house.slt, 2), (house.teacher, 1), (house.ot, 0)):
        (child,) = house.services.doors.ask(who, ReadCaseload()).children
        assert child["new"] == new


def test_who_is_to_stay_until_a_day_is_there_since_the_day_they_came(house: House):
    do, came = house.services.doors.execute, house.clock.now.date()
    house.child  # noqa: B018 - the care team is made with the child

    def since() -> Any:
        members = house.services.doors.ask(house.ot, ReadCase(house.child)).members
        return next(m["since"] for m in members if m["person_id"] == house.slt.person_id and not m["over"])

    add = AddToTeam(house.child, house.slt.person_id, Relation.SPEECH_THERAPIST)
    house.clock.turn(days=30)
    today = house.clock.now.date()
    do(house.ot, ChangeOnTeam(house.child, house.slt.person_id, until=today + timedelta(days=7)))
    assert since() == came
    house.clock.turn(days=9)
    do(house.ot, add)
    assert since() == house.clock.now.date(), "who had left and comes back is there since that day"
    do(house.ot, AddToTeam(house.child, house.slt.person_id, Relation.SPEECH_THERAPIST, today))
    assert since() == came, "nothing is between any more"


def test_children_appear_and_disappear_with_the_care_team(house: House):
    ask, do = house.services.doors.ask, house.services.doors.execute
    assert ask(house.stranger, ReadCaseload()).children == []
    today = house.clock.now.date()
    add = AddToTeam(house.child, house.stranger.person_id, Relation.OCCUPATIONAL_THERAPIST, today + timedelta(days=2))
    do(house.ot, add)
    assert ask(house.stranger, ReadCaseload()).children == []
    house.clock.turn(days=2)
    assert child_of(house, house.stranger)["relation"] == "occupational-therapist"
    answered(house.services.doors, house.lead, RemoveFromTeam(house.child, house.stranger.person_id))
    assert ask(house.stranger, ReadCaseload()).children == []
    assert child_of(house, house.lead)["relation"] is None
    assert ask(house.admin, ReadCaseload()).children == []


def test_the_day_of_a_membership_is_the_clinics_day(house: House):
    # 10 March, 23:30 UTC is 11 March in Rome: who joins on the 11th is there.
    house.clock.turn(hours=14, minutes=30)
    day = house.clock.now.date() + timedelta(days=1)
    house.services.doors.execute(
        house.ot, AddToTeam(house.child, house.stranger.person_id, Relation.OCCUPATIONAL_THERAPIST, day, day)
    )
    assert child_of(house, house.stranger)["relation"]
    house.clock.turn(hours=24)
    assert house.services.doors.ask(house.stranger, ReadCaseload()).children == []


def waiting(house: House, who: Any) -> tuple[list[UUID], list[UUID]]:
    answer = house.services.doors.ask(who, ReadCaseload())
    return [a["note_id"] for a in answer.awaiting], [a["note_id"] for a in answer.mine_awaiting]


def test_what_awaits_a_cosignature_waits_with_those_who_can_give_it(house: House):
    note, do = house.note(house.student), house.services.doors.execute
    assert waiting(house, house.ot) == ([note], [])
    assert waiting(house, house.student) == ([], [note])
    for other in (house.slt, house.psychologist, house.teacher, house.lead, house.stranger):
        assert waiting(house, other) == ([], [])
    do(house.student, AmendNote(house.child, note, 1, {"text": "good"}, "typo"))
    assert waiting(house, house.ot) == ([note], []), "corrected before anybody signed, it waits as before"
    do(house.ot, CosignNote(house.child, note))
    assert waiting(house, house.ot) == waiting(house, house.student) == ([], [])
    do(house.student, AmendNote(house.child, note, 3, {"text": "better"}, "typo"))
    assert waiting(house, house.ot) == ([note], [])
    do(house.student, EnterNoteInError(house.child, note, "wrong child"))
    assert waiting(house, house.ot) == waiting(house, house.student) == ([], [])


def test_a_teacher_reads_a_students_note_once_it_is_cosigned(house: House):
    note, ask = house.note(house.student, audience="care-team-and-school"), house.services.doors.ask
    with pytest.raises(NotFound):
        ask(house.teacher, ReadNote(house.child, note))
    house.services.doors.execute(house.ot, CosignNote(house.child, note, 1))
    assert ask(house.teacher, ReadNote(house.child, note)).note.status == "cosigned"


# ---- the summary -------------------------------------------------------------------------------------------------


def out_of_date(house: House, who: Any) -> list[tuple[str, UUID | None]]:
    found = house.services.doors.ask(who, ReadSummary(house.child)).out_of_date
    return [(o["why"], o["entry"]) for o in found]


def test_a_summary_is_out_of_date_when_what_it_rests_on_changes_or_its_day_passes(house: House):
    do = house.services.doors.execute
    shared, kept = house.note(house.ot, audience="care-team-and-school"), house.note(house.ot)
    house.summary(sources=[shared, kept], review_in=30)
    assert out_of_date(house, house.ot) == out_of_date(house, house.teacher) == []
    do(house.slt, AddAddendum(house.child, shared, uuid4(), "more"))
    assert out_of_date(house, house.ot) == [], "an addendum leaves the text as it was"
    house.clock.turn(minutes=1)
    do(house.ot, AmendNote(house.child, shared, 2, {"text": "other"}, "typo"))
    house.clock.turn(minutes=1)
    do(house.ot, EnterNoteInError(house.child, kept, "wrong child"))
    assert out_of_date(house, house.ot) == [("source-amended", shared), ("source-in-error", kept)]
    assert out_of_date(house, house.teacher) == [("source-amended", shared), ("source-in-error", None)]
    assert child_of(house, house.ot)["summary_out_of_date"]
    house.summary(version=1, sources=[shared], review_in=30)
    assert out_of_date(house, house.ot) == []
    house.clock.turn(days=30)
    assert out_of_date(house, house.ot) == [], "the review day itself is in time"
    house.clock.turn(days=1)
    assert out_of_date(house, house.teacher) == [("review-date-passed", None)]
    assert child_of(house, house.teacher)["summary_out_of_date"]


def test_a_summary_is_out_of_date_when_what_it_rests_on_was_on_another_day(house: House):
    note = house.note(house.ot, audience="care-team-and-school")
    house.summary(sources=[note])
    redate(house, house.ot, note, 1)
    assert out_of_date(house, house.teacher) == [("source-amended", note)]


def test_nobody_publishes_on_a_note_as_it_was_before_its_day_was_corrected(house: House):
    note = house.note(house.ot, audience="care-team-and-school")
    seen = house.services.record.head()
    redate(house, house.ot, note, 1)
    today = house.clock.now.date()
    content = SummaryContent(
        {"strengths": [("Trains", [note])], "helps": [("One step at a time", [])]},
        "Ada",
        today,
        today + timedelta(days=90),
    )
    with pytest.raises(InvalidInput) as refused:
        house.services.doors.execute(house.ot, PublishSummary(house.child, 0, content, seen=seen))
    assert [p.code for p in refused.value.problems] == ["source-corrected"]


def redate(house: House, who: Any, note: UUID, version: int, reason: str = "It was on Monday") -> Any:
    """Corrects the circumstances of a note: a day earlier, at home."""
    day_before = house.clock.now - timedelta(days=1)
    command = CorrectNoteCircumstances(house.child, note, version, day_before, "home", ["Mother"], reason)
    house.services.doors.execute(who, command)
    return day_before


def test_sources_one_may_not_open_show_as_withheld(house: House):
    shared, kept = house.note(house.ot, audience="care-team-and-school"), house.note(house.ot)
    house.summary(sources=[shared, kept])
    sources = house.services.doors.ask(house.teacher, ReadSummary(house.child)).statements["strengths"][0]["sources"]
    assert [(s["visible"], s["entry"]) for s in sources] == [(True, shared), (False, None)]


def test_a_recalled_summary_tells_the_teacher_that_and_no_more(house: House):
    ask = house.services.doors.ask
    house.summary()
    house.services.doors.execute(house.ot, RecallSummary(house.child, "said too much"))
    answer = ask(house.teacher, ReadSummary(house.child))
    assert (answer.status, answer.statements, answer.contact, answer.recall_reason) == ("recalled", {}, "", "")
    assert answer.versions == []
    assert ask(house.slt, ReadSummary(house.child)).recall_reason == "said too much"
    assert ask(house.teacher, ReadSummary(house.child, 1)).statements == {}
    for version in (0, 2, -1, 10**30):
        with pytest.raises(NotFound, match="no-such-version"):
            ask(house.slt, ReadSummary(house.child, version))
    with house.services.views.reading(house.services.record.head()) as views, pytest.raises(NotFound):
        views.view(Summaries).version(views.connection, house.child, 2)


def read_by(house: House, who: Any) -> tuple[int, str]:
    answer = house.services.doors.ask(who, ReadSummary(house.child))
    return answer.version, answer.status


def summaries_told(house: House, who: Any, **then: Any) -> list[tuple[str, int]]:
    items = house.services.doors.ask(who, ReadTimeline(house.child, **then)).items
    return [(i["detail"]["what"], i["detail"]["version"]) for i in items if i["kind"] == "summary"]


def test_until_its_day_the_school_reads_the_summary_before_and_hears_nothing_of_the_next(house: House):
    ask, clock = house.services.doors.ask, house.clock
    house.summary(words="The first")
    visit(house, house.teacher)
    house.summary(version=1, words="The second", valid_in=3)
    for asked in (None, 1, 2):
        answer = ask(house.teacher, ReadSummary(house.child, asked))
        assert (answer.version, answer.status, answer.versions) == (1, "published", [])
        assert answer.statements["strengths"][0]["text"] == "The first"
    assert summaries_told(house, house.teacher) == [("published", 1)]
    row = child_of(house, house.teacher)
    assert (row["new"], row["summary_version"], row["summary_status"]) == (0, 1, "published")
    assert read_by(house, house.ot) == (1, "published")
    assert [(v["version"], v["status"]) for v in ask(house.ot, ReadSummary(house.child)).versions] == [
        (2, "upcoming"),
        (1, "published"),
    ]
    assert ask(house.ot, ReadSummarySources(house.child)).summary.version == 2, "the next is written after it"
    assert child_of(house, house.slt)["new"] == 2
    clock.now = clock.now.replace(hour=22, minute=59) + timedelta(days=2)  # one minute to midnight, in Rome
    visit(house, house.teacher)
    assert read_by(house, house.teacher) == (2, "published"), "the day is the clinic's"
    assert child_of(house, house.teacher)["new"] == 1
    assert summaries_told(house, house.teacher) == [("published", 2), ("published", 1)]
    assert summaries_told(house, house.teacher, as_of=clock.now - timedelta(days=1)) == [("published", 1)]
    assert read_by(house, house.ot) == (2, "published")


def test_a_first_summary_for_a_later_day_is_none_yet_for_the_school(house: House):
    house.summary(valid_in=3)
    assert read_by(house, house.teacher) == (0, "none")
    assert read_by(house, house.ot) == (1, "upcoming")
    assert child_of(house, house.teacher)["summary_status"] == "none"
    house.clock.turn(days=3)
    assert read_by(house, house.teacher) == (1, "published")


def test_a_summary_recalled_before_its_day_was_never_there_for_the_school(house: House):
    do = house.services.doors.execute
    house.summary()
    house.summary(version=1, valid_in=3)
    do(house.ot, RecallSummary(house.child, "too early", 2))
    assert read_by(house, house.teacher) == (1, "published")
    house.clock.turn(days=3)
    assert read_by(house, house.teacher) == (1, "published")
    assert summaries_told(house, house.teacher) == [("published", 1)]
    assert len(summaries_told(house, house.ot)) == 3


def test_what_replaces_a_summary_before_its_day_is_all_the_school_hears_of(house: House):
    house.summary()
    house.summary(version=1, valid_in=5)
    house.clock.turn(minutes=1)
    house.summary(version=2, valid_in=3)
    house.clock.turn(days=6)
    assert read_by(house, house.teacher) == (3, "published")
    assert summaries_told(house, house.teacher) == [("published", 3), ("published", 1)]


def test_what_the_school_could_read_since_midnight_it_is_not_denied(house: House):
    house.summary()
    house.summary(version=1, valid_in=3)
    house.clock.now = house.clock.now.replace(hour=23, minute=10) + timedelta(days=2)  # ten past midnight, in Rome
    assert read_by(house, house.teacher) == (2, "published")
    house.summary(version=2)
    assert summaries_told(house, house.teacher) == [("published", 3), ("published", 2), ("published", 1)]


def test_what_never_stood_in_place_of_a_summary_keeps_no_news_of_it_from_the_school(house: House):
    house.summary()
    house.summary(version=1, valid_in=5)
    house.clock.turn(minutes=1)
    house.summary(version=2, valid_in=3)
    house.services.doors.execute(house.ot, RecallSummary(house.child, "too early", 3))
    assert summaries_told(house, house.teacher) == [("published", 1)]
    house.clock.turn(days=6)
    assert read_by(house, house.teacher) == (2, "published")
    assert summaries_told(house, house.teacher) == [("published", 2), ("published", 1)]


def test_after_the_present_summary_is_recalled_the_next_comes_on_its_day(house: House):
    house.summary()
    house.summary(version=1, valid_in=3)
    house.services.doors.execute(house.ot, RecallSummary(house.child, "said too much"))
    assert read_by(house, house.teacher) == (1, "recalled")
    house.clock.turn(days=3)
    assert read_by(house, house.teacher) == (2, "published")


def test_a_summary_rests_on_what_its_publisher_may_read(house: House):
    hidden = house.note(house.psychologist, audience="own-discipline")
    elsewhere = house.note(house.ot, case_id=house.open_case("Zag"))
    for source in (hidden, elsewhere, uuid4()):
        with pytest.raises(InvalidInput) as refusal:
            house.summary(sources=[source])
        assert refusal.value.problems[0].code == "no-such-source"


# ---- history -----------------------------------------------------------------------------------------------------


def whole(house: House, who: Any, question: Any, limit: int) -> list[tuple[str, int]]:
    """(sort, number) of every row, page by page."""
    cursor, found = "", []
    while True:
        answer = house.services.doors.ask(who, question(cursor, limit))
        found += [(i["sort"], i["number"]) for i in answer.items]
        cursor = answer.next
        if not cursor:
            return found


@pytest.mark.parametrize("limit", [1, 2, 5, 200])
def test_changes_and_accesses_merge_into_one_list_without_loss_or_repetition(house: House, limit: int):
    for i in range(6):
        house.note(house.ot)
        house.services.doors.ask(house.slt, ReadTimeline(house.child))
        if i % 2:  # the others fall into the same moment
            house.clock.turn(seconds=1)
    until = house.clock.turn(seconds=1)
    house.clock.turn(seconds=1)
    wanted = HistoryFilter(end=until)  # looking at the history adds to it
    found = whole(house, house.lead, lambda cursor, n: ReadHistory(house.child, wanted, cursor, n), limit)
    stream = [("change", r.position) for r in house.services.record.stream(house.child)]
    looks = [("access", x["id"]) for x in house.services.access.page(case_id=house.child, end=until, limit=500)]
    assert len(found) == len(set(found))
    assert set(found) == set(stream) | set(looks)
    assert len(looks) == 6


def test_the_history_says_who_changed_what_and_who_looked(house: House):
    do, ask = house.services.doors.execute, house.services.doors.ask
    note = house.note(house.ot)
    do(house.ot, AmendNote(house.child, note, 1, {"text": "Tied thrice."}, "miscounted"))
    do(house.slt, AddAddendum(house.child, note, uuid4(), "At home too."))
    monday = redate(house, house.ot, note, 3)
    do(house.ot, CorrectDetails(house.child, 1, {"school": "Oak"}, "moved"))
    ask(house.slt, ReadNote(house.child, note))
    rows = {i["kind"]: i for i in ask(house.lead, ReadHistory(house.child)).items}
    amended = rows["case.note-amended"]
    assert (amended["version_before"], amended["version_after"]) == (1, 2)
    assert (amended["before"], amended["after"]) == ({"text": "Tied the laces twice."}, {"text": "Tied thrice."})
    assert (amended["person_name"], amended["detail"]["reason"]) == (house.ot.name, "miscounted")
    assert rows["case.note-addendum-added"]["after"] == {"addendum": "At home too."}
    moved = rows["case.note-circumstances-corrected"]
    assert (moved["observed_at"], moved["detail"]["reason"]) == (monday, "It was on Monday")
    assert (moved["before"]["setting"], moved["after"]["setting"]) == ("therapy-room", "home")
    assert moved["after"]["present"] == ["Mother"]
    assert rows["case.details-corrected"]["before"] == {"school": "Hill School"}
    assert rows["ReadNote"]["person_name"] == house.slt.name
    assert rows["ReadNote"]["entry_id"] == note


def test_words_that_are_not_for_the_lead_are_withheld_in_the_history_too(house: House):
    do = house.services.doors.execute
    note = house.note(house.psychologist, "private words", audience="own-discipline")
    do(house.psychologist, AmendNote(house.child, note, 1, {"text": "other words"}, "private reason"))
    redate(house, house.psychologist, note, 2, "private day")
    do(house.psychologist, EnterNoteInError(house.child, note, "private mistake"))
    items = house.services.doors.ask(house.lead, ReadHistory(house.child)).items
    rows = {i["kind"]: i for i in items}
    for kind in ("case.note-amended", "case.note-circumstances-corrected", "case.note-entered-in-error"):
        assert rows[kind]["withheld"]
        assert (rows[kind]["before"], rows[kind]["after"]) == ({}, {})
    assert "private" not in repr(items)


def test_filters_of_the_history(house: House):
    note = house.note(house.slt)
    house.services.doors.ask(house.slt, ReadNote(house.child, note))
    with pytest.raises(NotFound):
        house.services.doors.ask(house.stranger, ReadNote(house.child, note))

    def kinds(**wanted: Any) -> set[str]:
        answer = house.services.doors.ask(house.lead, ReadHistory(house.child, HistoryFilter(**wanted)))
        return {i["kind"] for i in answer.items}

    assert kinds(person=house.slt.person_id) == {"case.note-signed", "ReadNote"}
    assert kinds(kind="note-signed") == kinds(kind="case.note-signed") == {"case.note-signed"}
    assert kinds(kind="ReadNote") == {"ReadNote"}
    assert kinds(kind="refused") == {"ReadNote"}
    assert kinds(kind="accesses") == {"ReadNote", "ReadHistory"}
    assert "ReadNote" not in kinds(kind="changes")
    assert kinds(end=house.clock.now) == set()


def test_the_audit_is_of_ones_own_team(house: House):
    ask = house.services.doors.ask
    south = house.person("Sue Hall", Role.THERAPIST, Discipline.OT, "South")
    theirs = house.open_case("Zed", by=south, members=[(house.slt, Relation.SPEECH_THERAPIST)])
    note = house.note(south, case_id=theirs)
    ask(house.slt, ReadNote(theirs, note))
    house.note(house.ot)
    ask(house.slt, ReadTimeline(house.child))
    answer = ask(house.lead, ReadAudit(limit=200))
    assert str(theirs) not in repr(answer)
    assert str(note) not in repr(answer)
    by_slt = [(i["kind"], i["case_id"]) for i in answer.items if i["person"] == house.slt.person_id]
    assert ("ReadNote", None) in by_slt, "that a colleague looked at another team's child shows; at which does not"
    assert ("ReadTimeline", house.child) in by_slt
    assert not any(i["person"] == south.person_id for i in answer.items)
    with pytest.raises(NotFound):
        ask(house.lead, ReadAudit(HistoryFilter(case=theirs)))
    one = ask(house.lead, ReadAudit(HistoryFilter(case=house.child), limit=200))
    assert {i["case_id"] for i in one.items} == {house.child}


def test_an_export_is_complete_for_the_operator_and_honest_for_the_lead(house: House):
    ask = house.services.doors.ask
    house.note(house.ot, "open words")
    house.note(house.psychologist, "kept words", audience="own-discipline")
    full = ask(COMMAND_LINE, ExportCase(house.child)).events
    stream = list(house.services.record.stream(house.child))
    assert [(e["position"], e["version"]) for e in full] == [(r.position, r.event.originator_version) for r in stream]
    assert "kept words" in repr(full)
    lead = ask(house.lead, ExportCase(house.child)).events
    assert len(lead) == len(full)
    assert "open words" in repr(lead)
    assert "kept words" not in repr(lead)
    assert [e.get("withheld") for e in lead if e["topic"].startswith("case.note")] == [None, True]


def test_an_export_for_the_lead_says_not_who_was_there_by_what_a_correction_says_stood_before(house: House):
    note = house.note(house.psychologist, "kept words", audience="own-discipline", present=["Aunt Ada"])
    redate(house, house.psychologist, note, 1)
    *_, moved = house.services.doors.ask(house.lead, ExportCase(house.child)).events
    assert (moved["topic"], moved["withheld"]) == ("case.note-circumstances-corrected.v1", True)
    assert "Aunt Ada" not in repr(moved)


def test_an_export_for_the_lead_is_without_the_words_of_a_goal_that_is_not_for_them(house: House):
    do, ask, case = house.services.doors.execute, house.services.doors.ask, house.child
    review = house.clock.now.date() + timedelta(days=90)
    scale = ScaleContent({n: f"level {n}" for n in range(-2, 3)})

    def goal(author: Actor, words: str, audience: str) -> UUID:
        goal_id = uuid4()
        content = GoalContent(words, ["home"], review_date=review, audience=audience, scale=scale)
        do(author, g.ProposeGoal(case, goal_id, content))
        do(author, g.AgreeGoal(case, goal_id, 1, [(f"{words}'s mother", "guardian")]))
        do(author, g.ChangeGoalStatus(case, goal_id, 2, "active", f"{words} begins"))
        remark = ObservationContent("home", 2, remark=f"{words} seen", reported_by=f"{words}'s father")
        do(author, g.ObserveGoal(case, goal_id, uuid4(), remark))
        return goal_id

    shared, own = goal(house.ot, "open", "care-team"), goal(house.psychologist, "kept", "own-discipline")
    do(house.psychologist, g.ScoreAttainment(case, uuid4()))
    do(house.ot, g.OfferStrategy(case, uuid4(), "Lay it out in order", "home", shared))
    everything = repr(ask(COMMAND_LINE, ExportCase(case)).events)
    for words in ("kept's mother", "kept begins", "kept seen", "kept's father", "'t': "):
        assert words in everything
    lead = ask(house.lead, ExportCase(case)).events
    of_own = [e for e in lead if e.get("goal_id") == own]
    assert [e["topic"] for e in of_own] == [
        "case.goal-proposed.v1", "case.goal-agreed.v1", "case.goal-status-changed.v1", "case.goal-observed.v1",
    ]  # fmt: skip
    assert all(e["withheld"] for e in of_own)
    assert [e["status"] for e in of_own if "status" in e] == ["active"]
    assert "level" not in of_own[-1]
    (score,) = [e for e in lead if e["topic"] == "case.attainment-scored.v1"]
    assert (score["withheld"], score.keys() & {"t", "baseline_t", "goals", "basis"}) == (True, set())
    assert "open seen" in repr(lead)
    assert "Lay it out in order" in repr(lead)
    assert "kept" not in repr(lead)
    looks = house.services.access.page(limit=1)[0]
    assert shared.hex in repr(looks)
    assert own.hex not in repr(looks)
