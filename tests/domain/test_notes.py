"""Notes: signed, added to, corrected, shared, taken back; never overwritten."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from coord.domain.actors import Actor, Role
from coord.domain.case import notes
from coord.domain.case.notes import (
    FORMATS,
    Audience,
    Note,
    NoteAddendumAdded,
    NoteAmended,
    NoteAudienceChanged,
    NoteCircumstancesCorrected,
    NoteCosignatureEntrusted,
    NoteCosigned,
    NoteEnteredInError,
    NoteSigned,
)
from coord.domain.errors import Conflict, InvalidInput, NotPermitted, Stale
from tests.domain.story import (
    ADA,
    LARS,
    LEA,
    NOTE,
    NOW,
    OTTO,
    PIA,
    SAM,
    TESS,
    Fact,
    addendum,
    amended,
    audience_changed,
    circumstances_corrected,
    closed,
    content,
    cosigned,
    given,
    in_error,
    signed,
)

# ---- signing -----------------------------------------------------------------------------------------------------


def test_every_template_and_every_section_has_its_name():
    assert {*FORMATS, "template"} == set(notes.NoteFormat)
    assert {section for template in FORMATS.values() for section in template.sections} == set(notes.NoteSection)


def test_a_signed_note_keeps_its_four_times_apart():
    typed_since = NOW - timedelta(minutes=20)
    story = given().when(notes.sign, actor=ADA, note_id=NOTE, content=content(), recorded_at=typed_since)
    story.then(
        Fact(
            NoteSigned,
            ADA,
            note_id=NOTE,
            sections={"text": "Tied one shoe."},
            observed_from=NOW - timedelta(hours=2),
            observed_to=NOW - timedelta(hours=1),
            recorded_at=typed_since,
            signed_at=NOW,
            needs_cosignature=False,
        )
    )


def test_what_a_student_signs_awaits_a_cosignature():
    story = given().when(notes.sign, actor=SAM, note_id=NOTE, content=content())
    story.then(Fact(NoteSigned, SAM, note_id=NOTE, needs_cosignature=True, recorded_at=NOW))


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_template_can_be_signed_with_any_one_of_its_sections(name: str):
    for section in FORMATS[name].sections:
        story = given().when(
            notes.sign, actor=ADA, note_id=NOTE, content=content(format=name, sections={section: " words "})
        )
        story.then(Fact(NoteSigned, ADA, format=name, sections={section: "words"}))


def test_sections_keep_the_templates_order_and_empty_ones_are_left_out():
    written = {"plan": "p", "subjective": "s", "objective": "  "}
    story = given().when(notes.sign, actor=ADA, note_id=NOTE, content=content(format="soap", sections=written))
    story.then(Fact(NoteSigned, ADA))
    assert list(story.state.pending_events[0].sections) == ["subjective", "plan"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"format": "poem"}, "/format unknown-choice"),
        ({"sections": {}}, "/sections/text nothing-written"),
        ({"sections": {"text": " \n "}}, "/sections/text nothing-written"),
        ({"sections": {"plan": "x"}}, "/sections/plan unknown-section"),
        ({"sections": {"text": "x" * 20_001}}, "/sections/text too-long"),
        ({"sections": {"text": "x" * 1_000_000}}, "/sections/text too-long"),
        ({"sections": {"text": "a\x00b"}}, "/sections/text broken-characters"),
        ({"sections": {"text": "a\ud800b"}}, "/sections/text broken-characters"),
        ({"sections": {"text": 7}}, "/sections/text not-text"),
        ({"observed_from": None}, "/observed_from missing"),
        ({"observed_from": NOW.replace(tzinfo=None)}, "/observed_from no-time-zone"),
        ({"observed_to": NOW.replace(tzinfo=None)}, "/observed_to no-time-zone"),
        ({"observed_from": NOW + timedelta(minutes=3), "observed_to": None}, "/observed_from in-the-future"),
        ({"observed_to": NOW + timedelta(minutes=3)}, "/observed_to in-the-future"),
        ({"observed_from": NOW.replace(year=1899), "observed_to": None}, "/observed_from too-long-ago"),
        ({"observed_to": NOW - timedelta(hours=2, seconds=1)}, "/observed_to before-the-start"),
        ({"setting": "moon"}, "/setting unknown-choice"),
        ({"audience": "everybody"}, "/audience unknown-choice"),
        ({"present": ["x"] * 21}, "/present too-many"),
        ({"present": [""]}, "/present/0 missing"),
        ({"present": ["two\nlines"]}, "/present/0 broken-characters"),
        ({"linked": [UUID(int=i) for i in range(21)]}, "/linked too-many"),
    ],
)
def test_a_note_that_is_not_fit_to_sign_is_refused(changes: dict[str, Any], problem: str):
    given().when(notes.sign, actor=ADA, note_id=NOTE, content=content(**changes)).refused(problem, InvalidInput)


def test_every_problem_is_told_at_once():
    story = given().when(
        notes.sign, actor=ADA, note_id=NOTE, content=content(sections={}, setting="moon", audience="?")
    )
    story.refused("/setting unknown-choice").refused("/audience unknown-choice").refused(
        "/sections/text nothing-written"
    )


def test_a_teacher_writes_school_observations_and_nothing_else():
    observation = content(format="school-observation", sections={"observed": "Waited for a turn."})
    given().when(notes.sign, actor=TESS, note_id=NOTE, content=observation).then(Fact(NoteSigned, TESS))
    for name in ("soap", "dap", "birp", "narrative"):
        text = content(format=name, sections={FORMATS[name].sections[0]: "x"})
        given().when(notes.sign, actor=TESS, note_id=NOTE, content=text).refused("/format not-for-your-role")


@pytest.mark.parametrize("audience", ["own-discipline", "care-team-and-family"])
def test_a_teacher_shares_with_the_team_or_the_school_only(audience: str):
    observation = content(format="school-observation", sections={"observed": "x"}, audience=audience)
    given().when(notes.sign, actor=TESS, note_id=NOTE, content=observation).refused("/audience not-for-your-role")


def test_nothing_is_signed_in_a_closed_case():
    given(closed).when(notes.sign, actor=ADA, note_id=NOTE, content=content()).refused("case-closed", Conflict)


# ---- co-signing --------------------------------------------------------------------------------------------------


def test_a_therapist_of_the_same_discipline_cosigns():
    given(signed(SAM)).when_about_the_note(notes.cosign, actor=ADA, expected_version=1).then(
        Fact(NoteCosigned, ADA, note_id=NOTE, signed_at=NOW)
    )


@pytest.mark.parametrize(
    ("past", "who", "code"),
    [
        ([signed(SAM)], SAM, "own-note"),
        ([signed(SAM)], PIA, "other-discipline"),
        ([signed(SAM)], LEA, "other-discipline"),
        ([signed(ADA)], OTTO, "no-cosignature-awaited"),
        ([signed(SAM), cosigned()], OTTO, "no-cosignature-awaited"),
        ([signed(SAM), in_error(SAM)], ADA, "entered-in-error"),
    ],
)
def test_who_may_not_cosign(past: list[Fact], who: Actor, code: str):
    given(*past).when_about_the_note(notes.cosign, actor=who).refused(code)


def entrusted(to: Actor) -> Fact:
    whom = {"person": str(to.person_id), "name": to.name}
    return Fact(NoteCosignatureEntrusted, LEA, note_id=NOTE, to=whom, reason="nobody else is there")


def test_who_may_cosign_is_a_therapist_of_the_discipline_or_entrusted_and_never_the_author():
    written = given(signed(SAM)).note()
    colleague = replace(ADA, person_id=UUID(int=0x51), role=Role.STUDENT)
    leads = replace(ADA, person_id=UUID(int=0x52), role=Role.TEAM_LEAD)
    assert [notes.may_cosign(written, who) for who in (ADA, PIA, colleague, leads)] == [True, False, False, False]
    assert notes.may_cosign(given(signed(SAM), entrusted(PIA)).note(), PIA)
    assert not notes.may_cosign(given(signed(SAM), entrusted(SAM)).note(), SAM)
    assert not notes.may_cosign(given(signed()).note(), ADA)


def test_only_what_awaits_a_cosignature_is_entrusted():
    for past in ([signed()], [signed(SAM), cosigned()]):
        given(*past).when_about_the_note(
            notes.entrust_cosignature,
            actor=LEA,
            to={"person": str(PIA.person_id), "name": PIA.name},
            reason="nobody else is there",
            others_can=False,
        ).refused("no-cosignature-awaited")


def test_nobody_attests_a_text_that_was_corrected_under_their_eyes():
    story = given(signed(SAM), amended(SAM))
    story.when_about_the_note(notes.cosign, actor=ADA, expected_version=1).refused("stale", Stale)
    given(signed(SAM), amended(SAM)).when_about_the_note(notes.cosign, actor=ADA, expected_version=2).then(
        Fact(NoteCosigned, ADA)
    )


# ---- adding ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [ADA, PIA, SAM, TESS, LEA])
def test_anybody_who_may_write_adds(who: Actor):
    given(signed()).when_about_the_note(notes.add_addendum, actor=who, addendum_id=UUID(int=5), text=" more ").then(
        Fact(NoteAddendumAdded, who, note_id=NOTE, addendum_id=UUID(int=5), text="more", signed_at=NOW)
    )


@pytest.mark.parametrize(
    ("past", "text", "code"),
    [
        ([signed()], " ", "/text missing"),
        ([signed()], "x" * 20_001, "/text too-long"),
        ([signed(), closed], "more", "case-closed"),
        ([signed(), in_error()], "more", "entered-in-error"),
    ],
)
def test_what_cannot_be_added(past: list[Fact], text: str, code: str):
    given(*past).when_about_the_note(notes.add_addendum, actor=PIA, addendum_id=UUID(int=5), text=text).refused(code)


# ---- correcting --------------------------------------------------------------------------------------------------


def amend(story: Any, who: Actor = ADA, version: int = 1, text: str = "Tied two.", reason: str = "miscounted") -> Any:
    return story.when_about_the_note(
        notes.amend, actor=who, expected_version=version, sections={"text": text}, reason=reason
    )


def test_the_author_corrects_with_a_reason_and_the_first_text_stays():
    story = amend(given(signed()))
    story.then(
        Fact(
            NoteAmended,
            ADA,
            note_id=NOTE,
            version=2,
            sections={"text": "Tied two."},
            reason="miscounted",
            needs_cosignature=False,
        )
    )
    note = Note.from_events([*[e for e in story.past if hasattr(e, "note_id")], *story.state.pending_events])
    assert note is not None
    assert [t.sections["text"] for t in note.texts] == ["Tied one shoe.", "Tied two."]


def test_a_correction_is_possible_in_a_closed_case():
    amend(given(signed(), closed)).then(Fact(NoteAmended, ADA, version=2))


@pytest.mark.parametrize(
    ("past", "how", "code"),
    [
        ([signed()], {"who": OTTO}, "not-the-author"),
        ([signed()], {"who": LEA}, "not-the-author"),
        ([signed(), addendum()], {"version": 1}, "stale"),
        ([signed()], {"version": 2}, "stale"),
        ([signed()], {"reason": " "}, "/reason missing"),
        ([signed()], {"reason": "x" * 1001}, "/reason too-long"),
        ([signed()], {"text": " "}, "/sections/text nothing-written"),
        ([signed()], {"text": "Tied one shoe. "}, "nothing-changed"),
        ([signed(), in_error()], {"version": 2}, "entered-in-error"),
    ],
)
def test_what_cannot_be_corrected(past: list[Fact], how: dict[str, Any], code: str):
    amend(given(*past), **how).refused(code)


def test_stale_says_which_version_stands_now():
    error = amend(given(signed(), addendum(), amended()), version=1).error
    assert isinstance(error, Stale)
    assert error.current_version == 3


def test_a_students_corrected_note_awaits_a_cosignature_again():
    amend(given(signed(SAM), cosigned()), who=SAM, version=2).then(Fact(NoteAmended, SAM, needs_cosignature=True))
    assert given(signed(SAM), cosigned(), amended(SAM)).note().status == "awaiting-cosignature"


# ---- when, where and with whom ------------------------------------------------------------------------------------

YESTERDAY = (NOW - timedelta(days=1, hours=2), NOW - timedelta(days=1, hours=1))
THE_DAY_BEFORE = (NOW - timedelta(days=2, hours=2), NOW - timedelta(days=2, hours=1))


def correct(
    story: Any,
    who: Actor = ADA,
    version: int = 1,
    times: tuple[Any, Any] = THE_DAY_BEFORE,
    setting: str = "home",
    present: tuple[str, ...] = (" his mother ",),
    reason: str = "It was the day before",
) -> Any:
    return story.when_about_the_note(
        notes.correct_circumstances,
        actor=who,
        expected_version=version,
        observed_from=times[0],
        observed_to=times[1],
        setting=setting,
        present=present,
        reason=reason,
    )


def test_the_author_corrects_when_where_and_with_whom_it_was_and_the_words_stay():
    correct(given(signed())).then(circumstances_corrected())
    note = given(signed(), circumstances_corrected()).note()
    assert (note.observed_from, note.observed_to) == THE_DAY_BEFORE
    assert (note.setting, note.present) == ("home", ("his mother",))
    assert (note.sections, note.text_version, note.status, note.version) == ({"text": "Tied one shoe."}, 1, "signed", 2)
    (told,) = note.corrections
    assert (told.before.observed_from, told.before.observed_to) == YESTERDAY
    assert (told.before.setting, told.before.present) == ("therapy-room", ())
    assert (told.after, told.reason, told.by["name"]) == (note.circumstances, "It was the day before", "Ada")


def test_it_is_still_the_note_that_was_signed_when_it_is_sent_again():
    note = given(signed(), circumstances_corrected(), amended(), audience_changed("own-discipline")).note()
    first = given(signed()).note()
    assert note.as_signed == first.as_signed


def test_what_was_signed_first_is_known_after_several_corrections_and_changes():
    once = given(signed(), circumstances_corrected()).note()
    again = Fact(
        NoteCircumstancesCorrected,
        **{**circumstances_corrected(days_earlier=3, number=2).values, "before": once.circumstances.content},
    )
    shared = audience_changed("care-team-and-school")
    taken = audience_changed("own-discipline", "care-team-and-school")
    note = given(signed(), circumstances_corrected(), again, shared, taken).note()
    assert note.as_signed == given(signed()).note().as_signed
    assert note.as_signed.observed_from == YESTERDAY[0]
    assert note.as_signed.audience == "care-team"


def test_what_a_student_corrects_is_attested_again():
    story = correct(given(signed(SAM), cosigned()), who=SAM, version=2)
    story.then(Fact(NoteCircumstancesCorrected, SAM, needs_cosignature=True))
    assert given(signed(SAM), cosigned(), circumstances_corrected(SAM)).note().status == "awaiting-cosignature"


def test_a_closed_case_does_not_keep_a_wrong_date():
    correct(given(signed(), closed)).then(Fact(NoteCircumstancesCorrected, ADA))


def test_what_went_on_after_the_closing_is_neither_signed_nor_told_by_a_correction():
    over = (NOW - timedelta(days=1, hours=1), NOW - timedelta(hours=1))  # the case was closed a day ago
    late = content(observed_from=over[0], observed_to=over[1])
    given(closed).when(notes.sign, actor=ADA, note_id=NOTE, content=late).refused("case-closed")
    correct(given(signed(), closed), times=over).refused("case-closed")


@pytest.mark.parametrize(
    ("past", "how", "code"),
    [
        ([signed()], {"who": OTTO}, "not-the-author"),
        ([signed()], {"who": LEA}, "not-the-author"),
        ([signed(), addendum()], {}, "stale"),
        ([signed(), in_error()], {"version": 2}, "entered-in-error"),
        ([signed()], {"reason": " "}, "/reason missing"),
        ([signed()], {"times": (None, None)}, "/observed_from missing"),
        ([signed()], {"times": (NOW + timedelta(hours=1), None)}, "/observed_from in-the-future"),
        ([signed()], {"times": THE_DAY_BEFORE[::-1]}, "/observed_to before-the-start"),
        ([signed()], {"setting": "moon"}, "/setting unknown-choice"),
        ([signed()], {"setting": ""}, "/setting missing"),
        ([signed()], {"present": ("x",) * 21}, "/present too-many"),
        ([signed()], {"present": ("",)}, "/present/0 missing"),
        ([signed()], {"times": YESTERDAY, "setting": "therapy-room", "present": ()}, "nothing-changed"),
        ([signed(), circumstances_corrected()], {"version": 2}, "nothing-changed"),
    ],
)
def test_what_cannot_be_corrected_so(past: list[Fact], how: dict[str, Any], code: str):
    correct(given(*past), **how).refused(code)


def test_the_school_gets_a_correction_that_was_made_while_it_could_read_the_note_and_no_other():
    shared, taken = audience_changed("care-team-and-school"), audience_changed("care-team", "care-team-and-school")
    after_sharing = given(signed(), shared, circumstances_corrected()).note()
    before_sharing = given(signed(), circumstances_corrected(), shared).note()
    taken_between = given(signed(), shared, circumstances_corrected(), taken, shared).note()
    assert len(notes.for_the_school(after_sharing).corrections) == 1
    assert notes.for_the_school(before_sharing).corrections == ()
    assert notes.for_the_school(taken_between).corrections == ()
    for note in (after_sharing, before_sharing, taken_between):
        assert notes.for_the_school(note).circumstances == note.circumstances


def test_the_school_gets_no_text_that_nobody_attested_however_the_note_was_shared():
    written = (signed(SAM, audience="care-team-and-school"), amended(SAM))
    awaiting, attested = given(*written).note(), given(*written, cosigned()).note()
    assert [text.for_school for text in awaiting.texts] == [False, False]
    assert [text.number for text in notes.for_the_school(attested).texts] == [2]
    assert notes.for_the_school(attested).texts[0].reason == ""  # it tells of the first text


def test_the_school_gets_what_was_added_for_it_once_somebody_attested_it():
    school = "care-team-and-school"
    unattested = given(signed(audience=school), addendum(SAM)).note()
    attested = given(signed(SAM, audience=school), addendum(SAM), cosigned()).note()
    for_the_team = given(signed(), addendum(PIA), audience_changed(school)).note()
    told = [notes.for_the_school(note).addenda for note in (unattested, attested, for_the_team)]
    assert [len(addenda) for addenda in told] == [0, 1, 0]
    assert told[1][0].audience == school


def test_who_was_to_attest_it_is_no_matter_of_the_schools():
    note = given(signed(SAM, audience="care-team-and-school"), entrusted(OTTO), cosigned(OTTO)).note()
    assert note.entrusted is not None
    assert notes.for_the_school(note).entrusted is None


# ---- entered in error --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [ADA, LEA])
def test_author_or_lead_marks_an_error(who: Actor):
    story = given(signed()).when_about_the_note(
        notes.enter_in_error, actor=who, expected_version=None, reason="wrong child"
    )
    story.then(Fact(NoteEnteredInError, who, note_id=NOTE, reason="wrong child"))


@pytest.mark.parametrize(
    ("past", "who", "version", "reason", "code"),
    [
        ([signed()], OTTO, 1, "x", "not-the-author"),
        ([signed()], TESS, 1, "x", "not-the-author"),
        ([signed()], LARS, 1, "x", "not-the-author"),  # leads, but not this child's service team
        ([signed(), addendum()], ADA, 1, "x", "stale"),
        ([signed()], ADA, 1, "", "/reason missing"),
        ([signed(), in_error()], ADA, None, "x", "entered-in-error"),
    ],
)
def test_who_may_not_mark_an_error(past: list[Fact], who: Actor, version: int | None, reason: str, code: str):
    given(*past).when_about_the_note(notes.enter_in_error, actor=who, expected_version=version, reason=reason).refused(
        code
    )


# ---- audience ----------------------------------------------------------------------------------------------------


def change(story: Any, who: Actor, audience: str, version: int | None = None) -> Any:
    return story.when_about_the_note(notes.change_audience, actor=who, expected_version=version, audience=audience)


@pytest.mark.parametrize("before", list(Audience))
@pytest.mark.parametrize("after", list(Audience))
def test_the_author_changes_the_audience_as_they_like(before: str, after: str):
    story = change(given(signed(audience=before)), ADA, after)
    if before == after:
        story.refused("nothing-changed", Conflict)
    else:
        story.then(Fact(NoteAudienceChanged, ADA, note_id=NOTE, before=before, audience=after))


NARROWER = {
    ("care-team-and-school", "care-team"),
    ("care-team-and-school", "own-discipline"),
    ("care-team-and-family", "care-team"),
    ("care-team-and-family", "own-discipline"),
    ("care-team", "own-discipline"),
}


@pytest.mark.parametrize("before", list(Audience))
@pytest.mark.parametrize("after", list(Audience))
def test_the_lead_only_narrows(before: str, after: str):
    story = change(given(signed(audience=before)), LEA, after)
    if before == after:
        story.refused("nothing-changed", Conflict)
    elif (before, after) in NARROWER:
        story.then(Fact(NoteAudienceChanged, LEA, audience=after))
    else:
        story.refused("only-narrower", NotPermitted)


@pytest.mark.parametrize(
    ("past", "who", "audience", "version", "code"),
    [
        ([signed()], OTTO, "own-discipline", None, "not-the-author"),
        ([signed()], LARS, "own-discipline", None, "not-the-author"),
        ([signed()], ADA, "everybody", None, "/audience unknown-choice"),
        ([signed(TESS)], TESS, "care-team-and-family", None, "/audience not-for-your-role"),
        ([signed(), addendum()], ADA, "own-discipline", 1, "stale"),
        ([signed(), in_error()], ADA, "own-discipline", None, "entered-in-error"),
    ],
)
def test_what_audience_cannot_be_set(past: list[Fact], who: Actor, audience: str, version: int | None, code: str):
    change(given(*past), who, audience, version).refused(code)


# ---- the states of a note ----------------------------------------------------------------------------------------

STATES: list[tuple[list[Fact], str, int]] = [
    ([signed()], "signed", 1),
    ([signed(), addendum()], "signed", 2),
    ([signed(), amended()], "signed", 2),
    ([signed(), audience_changed("own-discipline")], "signed", 2),
    ([signed(), circumstances_corrected()], "signed", 2),
    ([signed(), in_error()], "entered-in-error", 2),
    ([signed(SAM)], "awaiting-cosignature", 1),
    ([signed(SAM), addendum()], "awaiting-cosignature", 2),
    ([signed(SAM), amended(SAM)], "awaiting-cosignature", 2),
    ([signed(SAM), cosigned()], "cosigned", 2),
    ([signed(SAM), cosigned(), addendum()], "cosigned", 3),
    ([signed(SAM), cosigned(), audience_changed("care-team-and-school")], "cosigned", 3),
    ([signed(SAM), cosigned(), amended(SAM)], "awaiting-cosignature", 3),
    ([signed(SAM), cosigned(), amended(SAM), cosigned()], "cosigned", 4),
    ([signed(SAM), in_error(SAM)], "entered-in-error", 2),
    ([signed(SAM), cosigned(), in_error(LEA)], "entered-in-error", 3),
]


@pytest.mark.parametrize(("past", "status", "version"), STATES)
def test_the_state_table(past: list[Fact], status: str, version: int):
    note = given(*past).note()
    assert (note.status, note.version) == (status, version)


def test_a_broken_record_is_said_to_be_broken():
    with pytest.raises(ValueError, match="before the note was signed"):
        Note.from_events([amended().at(UUID(int=1), 2)])
    with pytest.raises(ValueError, match="no event of a note"):
        notes.evolve(given(signed()).note(), closed.at(UUID(int=1), 3))
    assert Note.from_events([]) is None


def test_the_author_stays_the_author():
    note = given(signed(SAM), cosigned(ADA), addendum(PIA), audience_changed("own-discipline", by=LEA)).note()
    assert note.author["name"] == "Sam"
    assert [m.by["name"] for m in note.cosignatures] == ["Ada"]
    assert [a.by["name"] for a in note.addenda] == ["Pia"]
