"""What stands beside a note that is written, and what goes with its signature, by forms alone."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from coord.application.case.commands import RemoveFromTeam
from coord.application.goals.commands import ChangeGoalStatus, ReviseGoal
from coord.application.goals.questions import ReadGoal
from coord.application.home.questions import ReadCaseload
from coord.application.notes.commands import ChangeNoteAudience, EnterNoteInError
from coord.application.notes.questions import BesideAnswer, ReadBeside, ReadNextToWrite
from coord.application.phrases.commands import KeepPhrase
from coord.domain.actors import Actor, Discipline, Role
from coord.domain.case.goals import GoalContent, ScaleContent
from coord.domain.errors import Unavailable
from coord.office.access import looks
from coord.persistence import open_stores
from coord.projections import Caseload
from tests.aims import LEVELS, goal, strategy, tried
from tests.house import House, answered
from tests.projections.test_following import stop
from tests.statements import statements_of
from tests.web.pages.test_notes import Writer, note_of


def beside(house: House, reader: Actor) -> BesideAnswer:
    answer: BesideAnswer = house.services.doors.ask(reader, ReadBeside(house.child))
    return answer


def seen_of(house: House, goal_id: UUID) -> list[Any]:
    return list(house.services.doors.ask(house.ot, ReadGoal(house.child, goal_id)).observations)


def text_beside(writer: Writer) -> str:
    found = re.search(r'<div class="coord-note__beside">.*?<div class="coord-note__sign">', writer.page, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


# ---- what is shown, to whom


def test_the_last_note_of_ones_discipline_stands_beside_with_its_plan_first(house: House):
    house.note(house.slt, "Of another discipline.")
    sections = {"objective": "Tied one lace.", "plan": "Both laces."}
    before = house.clock.now - timedelta(days=2)
    house.note(house.student, format="soap", sections=sections, observed_from=before)
    text = text_beside(Writer(house, house.ot).open())
    assert "Note by Stig Moe , care team Awaiting co-signature" in text
    assert text.index("Planned last time Both laces. Take over") < text.index("Tied one lace.")
    assert "Of another discipline" not in text


def test_no_note_stands_beside_that_its_reader_may_not_read(house: House):
    narrow = house.note(house.slt, "For speech alone.", audience="own-discipline")
    wrong = house.note(house.slt, "Another child.")
    house.services.doors.execute(house.slt, EnterNoteInError(house.child, wrong, "Another child"))
    assert beside(house, house.ot).last is None
    assert beside(house, house.slt).last["entry_id"] == narrow  # type: ignore[index]
    house.note(house.teacher, "The school's own.")
    assert beside(house, house.slt).last["entry_id"] == narrow  # type: ignore[index]
    house.services.doors.execute(house.slt, ChangeNoteAudience(house.child, narrow, "care-team-and-school"))
    assert beside(house, house.teacher).last["sections"] == {"observed": "The school's own."}  # type: ignore[index]


def test_goals_under_way_stand_beside_with_their_levels_and_what_helps_with_what_came_of_it(house: House):
    card, proposed = goal(house), goal(house, "Only proposed.", status="proposed")
    on_hold = goal(house, "On hold.", status="on-hold")
    picture = strategy(house, "Show the picture first.")
    tried(house, picture, house.ot, "helped")
    answer = beside(house, house.ot)
    assert [g["id"] for g in answer.goals] == [card]
    assert [level["text"] for level in answer.goals[0]["levels"]] == [LEVELS[n] for n in (-2, -1, 0, 1, 2)]
    assert {proposed, on_hold}.isdisjoint(g["id"] for g in answer.goals)
    text = text_beside(Writer(house, house.ot).open())
    assert "−1 Less than expected Asks when shown the card" in text
    assert "Show the picture first." in text
    assert "helped once" in text


def test_a_teacher_gets_the_goals_and_strategies_that_are_for_the_school(house: House):
    goal(house, "For the team alone.", audience="care-team")
    for_school = goal(house)
    assert [g["id"] for g in beside(house, house.teacher).goals] == [for_school]
    assert beside(house, house.teacher).contexts == ["school"]


def test_each_note_goal_and_strategy_that_is_shown_is_looked_at(house: House):
    card, picture, note = goal(house), strategy(house, "Show the picture first."), house.note(house.ot)
    Writer(house, house.ot).open()
    query = select(looks.c.entries).where(looks.c.kind == "ReadBeside").order_by(looks.c.id.desc())
    with house.services.doors.access._engine.connect() as connection:
        entries = connection.execute(query).scalars().all()[0]
    assert set(entries.split()) == {card.hex, picture.hex, note.hex}


def test_it_is_asked_in_the_same_few_statements_however_much_there_is(house: House):
    def statements() -> int:
        with statements_of(house.services) as sent:
            beside(house, house.ot)
        return len([s for s in sent if s.store == "views"])

    goal(house), strategy(house, "Show the picture first."), house.note(house.ot)
    statements()
    few = statements()
    for number in range(6):
        goal(house, f"Goal {number}."), tried(house, strategy(house, f"Try {number}."), house.ot, "helped")
        house.note(house.ot, f"Note {number}.")
    statements()  # brings the views up to date
    assert statements() == few


# ---- taken over, without JavaScript


def test_a_section_is_taken_over_below_what_is_there_and_once(house: House):
    house.note(house.ot, format="soap", sections={"plan": "Both laces.\nTwice."})
    house.clock.turn(days=1)
    writer = Writer(house, house.ot).open()
    place = writer.press("take:plan", section_plan="First this.").location
    assert place.endswith("#section-plan")
    writer.read(writer.client.get(place))
    assert writer.fields["section-plan"] == "First this.\n\nBoth laces.\nTwice."
    writer.read(writer.client.get(writer.press("take:plan").location))
    assert writer.fields["section-plan"] == "First this.\n\nBoth laces.\nTwice."


def test_a_section_that_the_template_lacks_is_taken_into_its_first(house: House):
    house.note(house.ot, format="soap", sections={"plan": "Both laces."})
    house.clock.turn(days=1)
    writer = Writer(house, house.ot).open("?format=narrative")
    writer.read(writer.client.get(writer.press("take:plan").location))
    assert writer.fields["section-text"] == "Both laces."


# ---- rated


def test_levels_chosen_on_the_page_are_signed_with_the_note(house: House):
    card, swing = goal(house), goal(house, "Takes turns at the swing.")
    writer = Writer(house, house.ot).open()
    chosen = {f"rate-level-{card}": "1", f"rate-level-{swing}": "0", f"rate-support-{swing}": "verbal"}
    answer = writer.press("sign", section_plan="Go on.", setting="home", **chosen)
    assert answer.location == f"/children/{house.child}/notes/{writer.draft_id}"
    assert "2 goals are rated." in writer.client.get(answer.location).text
    (on_card,), (on_swing,) = seen_of(house, card), seen_of(house, swing)
    assert (on_card.level, on_card.support, on_card.context) == (1, "", "home")
    assert (on_swing.level, on_swing.support, on_swing.note_id) == (0, "verbal", writer.draft_id)


def test_who_sees_a_level_is_said_apart_from_who_sees_the_note(house: House):
    aim = goal(house)
    writer = Writer(house, house.ot).open()
    assert "is seen by everybody who may read the goal" in text_beside(writer)
    writer.press("sign", section_plan="For us alone.", audience="own-discipline", **{f"rate-level-{aim}": "1"})
    (note,) = [o.note_id for o in seen_of(house, aim)]
    assert note is not None
    (theirs,) = house.services.doors.ask(house.slt, ReadGoal(house.child, aim)).observations
    assert (theirs.level, theirs.note_id) == (1, None)


def test_nothing_of_a_rating_is_chosen_before_somebody_chooses_it(house: House):
    card = goal(house)
    writer = Writer(house, house.ot).open()
    assert writer.fields[f"rate-level-{card}"] == ""
    assert "Agreed for this goal: independent" in writer.page
    assert re.findall(r'<option value="([^"]*)" selected>', writer.page[writer.page.index("rate-support") :])[0] == ""
    writer.press("sign", section_plan="Go on.")
    assert seen_of(house, card) == []


def test_a_draft_keeps_the_levels_that_were_chosen_even_without_a_word(house: House):
    card = goal(house)
    writer = Writer(house, house.ot).open()
    writer.autosave(**{f"rate-level-{card}": "-1", f"rate-support-{card}": "verbal", f"rate-context-{card}": "school"})
    writer = Writer(house, house.ot).open_draft(writer.draft_id)
    assert writer.fields[f"rate-level-{card}"] == "-1"
    writer.press("sign", section_plan="Go on.", **{f"rate-support-{card}": "verbal", f"rate-context-{card}": "school"})
    (seen,) = seen_of(house, card)
    assert (seen.level, seen.support, seen.context) == (-1, "verbal", "school")


def test_what_is_wrong_with_a_rating_is_said_at_it_and_nothing_typed_is_lost(house: House):
    card = goal(house)
    writer = Writer(house, house.ot).open()
    answer = writer.again("sign", section_plan="Go on.", setting="remote", **{f"rate-level-{card}": "1"})
    assert answer.status_code == 422
    assert f'href="#rate-context-{card}">Zig asks for a break with a card: Choose where you saw it' in writer.page
    assert "Choose where you saw it" in writer.page
    assert f'<details class="coord-rating" id="rate-{card}" open>' in writer.page
    assert (writer.fields[f"rate-level-{card}"], writer.fields["section-plan"]) == ("1", "Go on.")
    assert seen_of(house, card) == []


def test_a_question_about_a_rating_is_answered_on_the_page(house: House):
    card = goal(house)
    writer = Writer(house, house.ot).open()
    doubtful = {f"rate-level-{card}": "0", f"rate-support-{card}": "not-achieved"}
    writer.again("sign", section_plan="Go on.", **doubtful)
    answer = re.search(r'name="confirmed"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="confirmed"', writer.page)
    assert answer
    writer.press("sign", section_plan="Go on.", confirmed=answer[1] or answer[2], **doubtful)
    assert [o.support for o in seen_of(house, card)] == ["not-achieved"]


def test_a_level_read_on_a_scale_that_was_changed_is_asked_for_anew(house: House):
    card = goal(house)
    writer = Writer(house, house.ot).open()
    writer.autosave(section_plan="Go on.", **{f"rate-level-{card}": "1"})
    line = house.services.doors.ask(house.ot, ReadGoal(house.child, card)).line
    levels = ScaleContent({**LEVELS, 1: "Asks in words twice"}, baseline=-1)
    content = GoalContent(
        line.statement, contexts=["therapy"], review_date=line.review_date, audience="care-team", scale=levels
    )
    house.services.doors.execute(house.ot, ReviseGoal(house.child, card, line.version, content, "Clearer"))
    draft = Writer(house, house.ot).open_draft(writer.draft_id)
    assert "The scale was changed meanwhile. Read the levels again, and choose" in draft.page
    assert draft.fields[f"rate-level-{card}"] == ""


def test_a_goal_that_ended_meanwhile_can_be_left_out(house: House):
    card = goal(house)
    writer = Writer(house, house.ot).open()
    house.services.doors.execute(house.ot, ChangeGoalStatus(house.child, card, 3, "stopped", "Moved on"))
    writer.again("sign", section_plan="Go on.", **{f"rate-level-{card}": "1"})
    assert "A goal that cannot be rated any more" in writer.page
    assert "This goal has ended and cannot be rated. Leave the rating out" in writer.page
    assert writer.fields[f"rate-level-{card}"] == "1"
    writer.press("sign", **{f"rate-level-{card}": ""})
    assert note_of(house, house.ot, writer.draft_id).status == "signed"
    assert len(seen_of(house, card)) == 0


def test_a_goal_that_was_achieved_meanwhile_is_rated_as_the_draft_says(house: House):
    card = goal(house)
    writer = Writer(house, house.ot).open()
    chosen = {f"rate-level-{card}": "1", f"rate-support-{card}": "verbal", f"rate-context-{card}": "school"}
    writer.autosave(section_plan="Go on.", **chosen)
    house.services.doors.execute(house.ot, ChangeGoalStatus(house.child, card, 3, "achieved", "Seen everywhere"))
    draft = Writer(house, house.ot).open_draft(writer.draft_id)
    assert "A goal that cannot be rated any more" not in draft.page
    assert draft.fields[f"rate-level-{card}"] == "1"
    assert re.findall(r'<option value="(verbal|school)" selected>', draft.page) == ["verbal", "school"]
    draft.press("sign", section_plan="Go on.", **chosen)
    (seen,) = seen_of(house, card)
    assert (seen.level, seen.support, seen.context) == (1, "verbal", "school")


def test_what_was_chosen_of_a_goal_that_ended_is_kept_until_it_is_left_out(house: House):
    card = goal(house)
    writer = Writer(house, house.ot).open()
    chosen = {f"rate-level-{card}": "1", f"rate-support-{card}": "verbal", f"rate-context-{card}": "school"}
    writer.autosave(section_plan="Go on.", **chosen)
    house.services.doors.execute(house.ot, ChangeGoalStatus(house.child, card, 3, "stopped", "Moved on"))
    draft = Writer(house, house.ot).open_draft(writer.draft_id)
    assert {name: draft.fields[name] for name in chosen} == chosen


def test_throwing_a_draft_away_says_that_goals_are_rated_in_it(house: House):
    card = goal(house)
    writer = Writer(house, house.ot).open()
    writer.autosave(**{f"rate-level-{card}": "1"})
    page = writer.client.get(f"/children/{house.child}/drafts/{writer.draft_id}/discard").text
    assert "A level of one goal is chosen in it." in page


# ---- where, when and for whom


def test_when_and_where_are_one_line_that_opens_by_itself_when_something_in_it_is_wrong(house: House):
    writer = Writer(house, house.ot).open()
    assert "Today, 09:00–10:00, Therapy room" in writer.page
    assert '<details class="coord-line" id="when">' in writer.page
    writer.again("sign", section_plan="Go on.", from_time="half past")
    assert '<details class="coord-line" id="when" open>' in writer.page


def test_ones_own_note_of_today_is_told_in_a_line(house: House):
    note = house.note(house.ot)
    page = Writer(house, house.ot).open().page
    assert f'href="/children/{house.child}/notes/{note}" target="_blank"' in page
    assert "You signed a note of today, 09:00" in page
    assert "You signed a note of today" not in Writer(house, house.slt).open().page
    house.clock.turn(days=1)
    assert "You signed a note of today" not in Writer(house, house.ot).open().page


def test_a_new_note_begins_where_and_for_whom_the_authors_last_was(house: House):
    house.note(house.ot, setting="home", audience="own-discipline")
    house.note(house.slt, "Another's.", setting="community", audience="care-team")
    fields = Writer(house, house.ot).open().fields
    assert (fields["setting"], fields["audience"]) == ("home", "own-discipline")
    assert Writer(house, house.psychologist).open().fields["audience"] == "care-team"


@pytest.mark.parametrize("wide", ["care-team-and-school", "care-team-and-family"])
def test_a_wider_audience_is_never_remembered(house: House, wide: str):
    house.note(house.ot, audience=wide)
    assert Writer(house, house.ot).open().fields["audience"] == "care-team"


def test_a_teachers_observation_begins_at_school_wherever_the_last_was(house: House):
    house.note(house.teacher, "On the outing.", setting="community")
    assert Writer(house, house.teacher).open().fields["setting"] == "school"


def test_with_the_stores_words_gone_the_levels_are_still_on_the_page(house: House, monkeypatch: pytest.MonkeyPatch):
    card = goal(house)
    writer = Writer(house, house.ot).open()

    def down(*_: Any) -> Any:
        raise Unavailable

    monkeypatch.setattr(house.services.doors, "execute", down)
    monkeypatch.setattr(house.services.doors, "ask", down)
    answer = writer.again("sign", section_plan="Go on.", **{f"rate-level-{card}": "1"})
    assert answer.status_code == 503
    assert writer.fields[f"rate-level-{card}"] == "1"


# ---- the next child


def test_after_signing_the_next_own_child_without_a_note_today_is_offered(house: House):
    zig, ada, mia = house.child, house.open_case("Ada"), house.open_case("Mia")
    house.open_case("Bo", by=house.person("Ora Vik", Role.THERAPIST, Discipline.OT))  # nobody's here

    def offered(case_id: UUID) -> str:
        writer = Writer(house, house.ot, case_id).open()
        page = writer.client.get(
            writer.press("sign", section_plan="Go on.", from_day="10/3/2026", from_time="9").location
        )
        link = r'<p class="coord-no-print"><a href="/children/([^/]+)/notes/new">Write the next: ([^<]+)<'
        found = re.search(link, page.text)  # another child's name, on no paper of this one's
        return f"{found[1]} {found[2]}" if found else ""

    assert offered(ada) == f"{mia} Mia Zander"
    assert offered(zig) == f"{mia} Mia Zander"
    assert offered(mia) == ""  # of each is written today
    house.clock.turn(days=1)
    house.note(house.ot, case_id=ada)
    writer = Writer(house, house.ot, zig)
    writer.client.get(f"/children/{zig}/notes/{house.note(house.ot)}")  # only once, and only after signing
    assert "Write the next" not in writer.client.get(f"/children/{zig}/notes/{house.note(house.ot)}").text


def test_no_child_is_offered_whom_one_left_while_the_view_of_the_children_stands_still(house: House):
    ada = house.open_case("Ada")
    assert house.services.doors.ask(house.ot, ReadNextToWrite(house.child)).case_id == ada
    stores = open_stores(house.services.settings)
    stop(stores, Caseload.NAME, house.clock.now)
    stores.close()
    answered(house.services.doors, house.ot, RemoveFromTeam(ada, house.ot.person_id))
    assert house.services.doors.ask(house.ot, ReadNextToWrite(house.child)).case_id is None


def test_levels_in_a_draft_of_a_child_one_has_left_are_no_words_of_it(house: House):
    aim = goal(house)
    writer = Writer(house, house.ot).open()
    writer.press("keep", section_plan="Go on.", **{f"rate-level-{aim}": "1"})
    (draft_id,) = [one["id"] for one in house.services.doors.ask(house.ot, ReadCaseload()).drafts]
    answered(house.services.doors, house.lead, RemoveFromTeam(house.child, house.ot.person_id))
    left = writer.client.get(f"/children/{house.child}/drafts/{draft_id}").text
    assert "Go on." in left
    assert str(aim) not in left


# ---- phrases, without JavaScript


def test_a_phrase_is_put_at_the_end_of_the_box_that_is_said_as_often_as_one_likes(house: House):
    house.services.doors.execute(house.ot, KeepPhrase("laces", "Tied [what]."))
    house.services.doors.execute(house.slt, KeepPhrase("hers", "Said it twice.", True))
    writer = Writer(house, house.ot).open()
    assert "Tied [what]." in writer.page
    assert "Said it twice." not in writer.page  # a colleague's is taken over first
    place = writer.press("phrase:laces", section_plan="First this.", **{"phrase-into": "section-plan"}).location
    assert place.endswith("#section-plan")
    writer.read(writer.client.get(place))
    writer.read(writer.client.get(writer.press("phrase:laces", **{"phrase-into": "section-plan"}).location))
    assert writer.fields["section-plan"] == "First this.\nTied [what].\nTied [what]."
    writer.read(writer.client.get(writer.press("phrase:laces", **{"phrase-into": "section-of-nothing"}).location))
    assert writer.fields["section-subjective"] == "Tied [what]."
    writer.read(writer.client.get(writer.press("phrase:hers", **{"phrase-into": "section-plan"}).location))
    assert "Said it twice." not in writer.fields["section-plan"]


def test_who_has_no_phrases_gets_no_script_for_them(house: House):
    assert "phrases.js" not in Writer(house, house.ot).open().page
    house.services.doors.execute(house.ot, KeepPhrase("laces", "Tied [what]."))
    assert "phrases.js" in Writer(house, house.ot).open().page
