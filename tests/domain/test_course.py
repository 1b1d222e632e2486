"""A course: planned within the team's policy or with a reason, dated week by week, filled, and ended."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coord.domain.activity import ActivityText
from coord.domain.case import groups as of_child
from coord.domain.course import (
    ChildPlan,
    Course,
    CourseContent,
    CourseEnded,
    CoursePlanned,
    CourseRevised,
    FitReason,
    PlaceEnded,
    PlaceGiven,
    PlanContent,
    SessionCancelled,
    SessionPlanned,
    StepContent,
    age_on,
    cancel_session,
    end_course,
    end_place,
    fit,
    give_place,
    plan_course,
    plan_session,
    record_session,
    revise_course,
    staff_needed,
    weekly_dates,
)
from coord.domain.errors import Conflict, DomainError, InvalidInput, NotFound, Stale
from coord.domain.person import Person
from coord.domain.policy import defaults
from tests.domain.story import ADA, NOW, TODAY, given_person
from tests.domain.story import given as given_child

COURSE, CHILD, OTHER = UUID(int=70), UUID(int=1), UUID(int=2)
BY = ADA.by()
POLICY = defaults("social-skills")


def therapist(**more: Any) -> Person:
    return given_person(**more)


def content(**more: Any) -> CourseContent:
    return CourseContent(
        **{
            "title": "Builders",
            "kind": "social-skills",
            "aims": "Turns",
            "first_date": TODAY,
            "start_time": "16:30",
            "minutes": 60,
            "sessions": 10,
            "capacity": 4,
            **more,
        }
    )


def planned(staff: list[Person] | None = None, **more: Any) -> Course:
    """A course as it is stored: nothing pending."""
    course = plan_course(
        id=COURSE,
        at=NOW,
        by=BY,
        team="North",
        content=content(**more),
        staff=[therapist()] if staff is None else staff,
        policy=POLICY,
    )
    course.collect_events()
    return course


def place(course: Course, case: UUID = CHILD, status: str = "enrolled", **more: Any) -> str:
    return give_place(
        course,
        **{
            "at": NOW,
            "by": BY,
            "today": TODAY,
            "case_id": case,
            "membership": UUID(int=case.int + 700),
            "status": status,
            "goals": [],
            "guardians": [],
            "fit": [],
            "override": "",
            **more,
        },
    )


def happened(course: Course) -> list[Any]:
    return list(course.pending_events)


def problems(decision: Callable[[], object]) -> set[str]:
    with pytest.raises(InvalidInput) as refusal:
        decision()
    return {f"{p.pointer} {p.code}" for p in refusal.value.problems}


def refusal(decision: Callable[[], object]) -> DomainError:
    with pytest.raises(DomainError) as found:
        decision()
    return found.value


# ---- planning ----------------------------------------------------------------------------------------------------


def test_a_course_is_planned_week_by_week_without_the_holidays():
    course = plan_course(
        id=COURSE,
        at=NOW,
        by=BY,
        team="North",
        content=content(holidays=[TODAY + timedelta(weeks=1)]),
        staff=[therapist()],
        policy=POLICY,
    )
    (event,) = happened(course)
    assert isinstance(event, CoursePlanned)
    assert event.dates[:3] == ["2026-06-01", "2026-06-15", "2026-06-22"]
    assert len(event.dates) == 10
    assert course.status == "open"
    assert course.session(10)["status"] == "planned"


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(1, 60),
    st.sets(st.integers(0, 80)),
    st.none() | st.integers(-10, 200),
)
def test_dates_are_one_a_week_no_holiday_in_order_and_as_many_as_asked(
    first: date, count: int, skipped: set[int], after_days: int | None
):
    holidays = [first + timedelta(weeks=n) for n in skipped]
    after = None if after_days is None else first + timedelta(days=after_days)
    dates = weekly_dates(first, count, holidays, after=after)
    assert len(dates) == count
    assert dates == sorted(set(dates))
    assert not set(dates) & set(holidays)
    assert all((day - first).days % 7 == 0 and (after is None or day > after) for day in dates)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"title": " "}, "/title missing"),
        ({"kind": "choir"}, "/kind unknown-choice"),
        ({"aims": ""}, "/aims missing"),
        ({"first_date": None}, "/first_date missing"),
        ({"first_date": date(1026, 6, 1)}, "/first_date not-a-date"),
        ({"start_time": "half past four"}, "/start_time not-a-time"),
        ({"minutes": None}, "/minutes missing"),
        ({"minutes": 5}, "/minutes out-of-range"),
        ({"sessions": 0}, "/sessions out-of-range"),
        ({"capacity": 21}, "/capacity out-of-range"),
        ({"holidays": [TODAY] * 41}, "/holidays too-many"),
        # outside what the team's policy foresees for the kind, and no reason given
        ({"minutes": 45}, "/minutes outside-policy"),
        ({"sessions": 9}, "/sessions outside-policy"),
        ({"capacity": 9}, "/capacity outside-policy"),
    ],
)
def test_a_plan_with_a_fault_is_refused_at_its_field(wrong: dict[str, Any], problem: str):
    assert problem in problems(lambda: planned(**wrong))


def test_a_plan_may_depart_from_the_policy_with_a_reason():
    course = planned(minutes=45, sessions=2, capacity=2, why_otherwise="Two of them, before the summer")
    assert len(course.dates) == 2


def test_a_course_is_run_by_people_who_may_and_one_of_them_is_qualified():
    student = therapist(role="student")
    assert problems(lambda: planned([])) == {"/staff missing"}
    assert problems(lambda: planned([student])) == {"/staff no-therapist"}
    assert "/staff/0 not-for-staff" in problems(lambda: planned([therapist(role="teacher", discipline="school")]))
    gone = therapist()
    gone.disable(at=NOW, by=BY, reason="left")
    assert "/staff/0 not-for-staff" in problems(lambda: planned([gone]))


def test_how_many_staff_are_needed_is_the_policys_matter():
    assert staff_needed(1, POLICY) == 2  # two at least, whatever their number
    assert staff_needed(8, POLICY) == 2
    assert staff_needed(9, POLICY) == 3
    assert staff_needed(4, defaults("sensory-integration")) == 2


# ---- revising and ending -----------------------------------------------------------------------------------------


def revise(course: Course, **more: Any) -> None:
    parts = {"expected_version": course.version, "reason": "Easter", "staff": [therapist()], **more.pop("how", {})}
    revise_course(course, at=NOW, by=BY, today=TODAY, content=content(**more), policy=POLICY, **parts)


def test_sessions_held_keep_their_dates_and_the_others_are_dated_anew():
    course = planned()
    cancel_session(course, at=NOW, by=BY, number=2, expected_version=None, reason="Snow")
    course.collect_events()
    revise(course, first_date=TODAY + timedelta(days=2), holidays=[date(2026, 6, 17)])
    (event,) = happened(course)
    assert isinstance(event, CourseRevised)
    assert event.dates[:4] == ["2026-06-01", "2026-06-08", "2026-06-10", "2026-06-24"]  # Wednesdays now
    assert event.content_version == 2


def test_sessions_before_one_cancelled_for_later_are_dated_anew_all_the_same():
    course = planned()
    before = course.dates
    cancel_session(course, at=NOW, by=BY, number=6, expected_version=None, reason="Strike")
    course.collect_events()
    revise(course, holidays=[date.fromisoformat(before[3])])
    (event,) = happened(course)
    # The fourth goes where the fifth was, and that past the one that is cancelled, which stays what it was.
    assert event.dates[:6] == [*before[:3], before[4], before[6], before[5]]
    assert event.dates[6:] == [*before[7:], (date.fromisoformat(before[-1]) + timedelta(weeks=1)).isoformat()]


def test_a_revision_is_refused_where_it_cannot_be():
    course = planned()
    cancel_session(course, at=NOW, by=BY, number=3, expected_version=None, reason="Snow")
    for n in (1, 2, 3):
        place(course, UUID(int=n))
    why = {"why_otherwise": "so"}
    assert "/kind cannot-change" in problems(lambda: revise(course, kind="school-skills"))
    assert "/sessions out-of-range" in problems(lambda: revise(course, sessions=2, **why))
    assert "/capacity out-of-range" in problems(lambda: revise(course, capacity=2, **why))
    assert "/reason missing" in problems(lambda: revise(course, room="Red", how={"reason": ""}))
    assert refusal(lambda: revise(course)).code == "nothing-changed"


def test_only_a_change_of_the_course_itself_makes_a_revision_stale():
    course = planned()
    seen = course.version
    place(course)
    revise(course, room="Red", how={"expected_version": seen})
    stale = refusal(lambda: revise(course, room="Blue", how={"expected_version": seen}))
    assert isinstance(stale, Stale)
    assert stale.changed == ("course",)


def test_an_ended_course_is_over():
    course = planned()
    end_course(course, at=NOW, by=BY, expected_version=None, reason="The room is gone")
    assert isinstance(happened(course)[-1], CourseEnded)
    again = lambda: end_course(course, at=NOW, by=BY, expected_version=None, reason="again")  # noqa: E731
    for decision in (again, lambda: place(course), lambda: revise(course, room="x"), lambda: plan(course)):
        assert refusal(decision).code == "course-ended"


# ---- places ------------------------------------------------------------------------------------------------------


def test_a_place_is_given_under_a_random_id_that_stays_when_the_child_waited():
    course = planned()
    first = place(course, status="waiting")
    assert place(course, membership=UUID(int=4)) == first
    assert [type(e) for e in happened(course)] == [PlaceGiven, PlaceGiven]
    assert course.enrolled(TODAY) == [str(CHILD)]


def test_who_left_and_comes_back_gets_another_id():
    course = planned()
    first = place(course)
    assert end_place(course, at=NOW, by=BY, today=TODAY, case_id=CHILD, reason="Moves") == first
    assert isinstance(happened(course)[-1], PlaceEnded)
    assert place(course, membership=UUID(int=4)) == str(UUID(int=4))


def test_a_full_course_has_a_waiting_list():
    course = planned()
    for n in range(4):
        place(course, UUID(int=100 + n))
    assert refusal(lambda: place(course)).code == "course-full"
    place(course, status="waiting")
    end_place(course, at=NOW, by=BY, today=TODAY, case_id=UUID(int=100), reason="Moves")
    place(course)
    assert len(course.enrolled(TODAY)) == 4


def test_reasons_against_ask_for_a_reason_why_all_the_same():
    against = [FitReason("age-below", False, {"age": 4, "least": 5, "most": 12}), FitReason("demands-fit", True)]
    course = planned()
    assert problems(lambda: place(course, fit=against)) == {"/override reasons-against"}
    place(course, status="waiting", fit=against)  # who waits needs none yet
    place(course, fit=against, override="With his brother")
    event = happened(course)[-1]
    assert event.override == "With his brother"
    assert event.fit[0] == {"code": "age-below", "favours": False, "params": {"age": 4, "least": 5, "most": 12}}


def test_a_group_for_children_and_parents_enrols_a_parent_too():
    course = planned(kind="psycho-educational")
    assert problems(lambda: place(course, guardians=[" "])) == {"/guardians missing"}
    place(course, guardians=["his mother", ""])
    assert course.place(CHILD)["guardians"] == ["his mother"]


def test_who_has_a_place_gets_other_goals_and_keeps_everything_else():
    against = [FitReason("age-below", False)]
    course, goal = planned(capacity=4), UUID(int=60)
    for n in range(3):
        place(course, UUID(int=100 + n))
    first = place(course, fit=against, override="With his brother")
    again = place(course, goals=[goal, goal], fit=against, membership=UUID(int=4), today=TODAY + timedelta(days=9))
    assert again == first  # and the course is full, and the reasons against were weighed before
    event = happened(course)[-1]
    assert (event.goals, event.override, event.since) == ([str(goal)], "With his brother", TODAY.isoformat())


def test_a_place_is_had_once_and_left_once():
    course = planned()
    place(course)
    assert refusal(lambda: place(course)).code == "has-this-place"
    assert refusal(lambda: place(course, status="waiting")).code == "has-a-place"
    end_place(course, at=NOW, by=BY, today=TODAY, case_id=CHILD, reason="Moves")
    leave = lambda case: end_place(course, at=NOW, by=BY, today=TODAY, case_id=case, reason="so")  # noqa: E731
    assert refusal(lambda: leave(CHILD)).code == "has-left"
    assert isinstance(refusal(lambda: leave(OTHER)), NotFound)
    assert problems(lambda: end_place(course, at=NOW, by=BY, today=TODAY, case_id=CHILD, reason=" ")) == {
        "/reason missing"
    }


# ---- does it fit? ------------------------------------------------------------------------------------------------

LOW = {"cognitive": "low", "motor": "low", "communication": "low"}


def activity(title: str = "Build", icf: tuple[str, ...] = ("d7",), **demands: str) -> ActivityText:
    return {"title": title, "icf": list(icf), "age_from": 3, "age_to": 12, **LOW, **demands}  # type: ignore[typeddict-item]


def codes(**more: Any) -> dict[str, bool]:
    given_ = {
        "birth_date": date(2019, 6, 1),
        "first_date": TODAY,
        "policy": POLICY,
        "profile": LOW,
        "activities": [activity()],
        "goal_chapters": ["d7"],
        "overlaps": [],
        **more,
    }
    return {reason.code: reason.favours for reason in fit(**given_)}


def test_what_fits_is_said_in_favour():
    assert codes() == {"age-fits": True, "demands-fit": True, "goals-shared": True}


@pytest.mark.parametrize(
    ("more", "code", "favours"),
    [
        ({"birth_date": date(2021, 6, 2)}, "age-below", False),  # four years, the day before the fifth birthday
        ({"birth_date": date(2021, 6, 1)}, "age-fits", True),
        ({"birth_date": date(2013, 6, 2)}, "age-fits", True),  # twelve, for one more day
        ({"birth_date": date(2013, 6, 1)}, "age-above", False),
        ({"activities": [activity() | {"age_from": 8}]}, "activity-age", False),
        ({"activities": [activity() | {"age_to": 5}]}, "activity-age", False),
        ({"profile": None}, "profile-unknown", False),
        ({"activities": [activity(motor="moderate")]}, "grade-down", True),
        ({"activities": [activity(motor="high")]}, "demands-too-much", False),
        ({"goal_chapters": []}, "no-goal", False),
        ({"goal_chapters": ["d5"]}, "goals-elsewhere", False),
        ({"activities": [], "goal_chapters": ["d5"]}, "goal-named", True),
        ({"goal_chapters": [""]}, "goal-named", True),  # no area of life was named for the goal: nothing against it
        ({"goal_chapters": ["", "d5"]}, "goals-elsewhere", False),
        ({"overlaps": [("school-skills", "2026-06-08")]}, "overlap", False),
    ],
)
def test_each_reason_for_and_against(more: dict[str, Any], code: str, favours: bool):
    assert codes(**more)[code] is favours


def test_who_is_born_on_a_leap_day_is_a_year_older_on_the_first_of_march():
    assert age_on(date(2020, 2, 29), date(2026, 2, 28)) == 5
    assert age_on(date(2020, 2, 29), date(2026, 3, 1)) == 6


def test_another_group_at_the_same_time_is_found_in_the_childs_own_record():
    story = given_child()
    case = story.state

    def join(membership: str, start: str, change: str = "enrolled") -> None:
        of_child.change_place(
            case,
            at=NOW,
            by=BY,
            membership=membership,
            change=change,
            kind="school-skills",
            aims="x",
            dates=["2026-05-25", "2026-06-08", "2026-06-15"],
            start_time=start,
            minutes=45,
        )

    join("a", "16:00")
    look: dict[str, Any] = {"dates": ["2026-05-25", "2026-06-01", "2026-06-08"], "minutes": 60, "today": TODAY}
    assert of_child.overlaps(case, start_time="16:30", **look) == [("school-skills", "2026-06-08")]
    assert of_child.overlaps(case, start_time="16:45", **look) == []  # one ends as the other begins
    assert of_child.overlaps(case, start_time="15:00", **look) == []
    assert of_child.overlaps(case, start_time="16:30", but="a", **look) == []
    join("a", "16:00", "left")
    assert of_child.overlaps(case, start_time="16:30", **look) == []


# ---- sessions ----------------------------------------------------------------------------------------------------


def plan(course: Course, number: int = 1, **more: Any) -> int:
    plan_content = PlanContent("Turns", [StepContent("welcome", minutes=10)], **more)
    return plan_session(course, at=NOW, by=BY, number=number, expected_version=None, content=plan_content)


def test_a_session_is_planned_for_the_children_of_the_course_and_their_goals():
    course, goal = planned(), UUID(int=60)
    place(course, goals=[goal])
    assert plan(course, children=[ChildPlan(CHILD, "down", "large blocks", [goal])]) == 1
    assert plan(course) == 2
    first, second = happened(course)[-2:]
    assert isinstance(first, SessionPlanned)
    assert first.plan["children"] == {
        str(CHILD): {"grading": "down", "how": "large blocks", "goals": [str(goal)]},
    }
    assert second.version == 2
    stranger = [ChildPlan(OTHER), ChildPlan(CHILD, "sideways", goals=[UUID(int=61)])]
    assert problems(lambda: plan(course, children=stranger)) == {
        "/children/0/case not-in-the-course",
        "/children/1/grading unknown-choice",
        "/children/1/goals/0 no-such-goal",
    }


def test_a_plan_has_steps_and_a_session_of_the_course():
    course = planned()
    nothing = PlanContent()
    decide = lambda number: plan_session(  # noqa: E731
        course, at=NOW, by=BY, number=number, expected_version=None, content=nothing
    )
    assert problems(lambda: decide(1)) == {"/steps missing"}
    assert isinstance(refusal(lambda: decide(0)), NotFound)
    assert isinstance(refusal(lambda: decide(11)), NotFound)
    steps = [StepContent("dance", minutes=0)] * 13
    assert problems(
        lambda: plan_session(course, at=NOW, by=BY, number=1, expected_version=None, content=PlanContent("", steps))
    ) == {"/steps too-many"}


def test_a_cancelled_or_recorded_session_is_planned_no_more():
    course = planned()
    cancel_session(course, at=NOW, by=BY, number=1, expected_version=None, reason="Snow")
    assert isinstance(happened(course)[-1], SessionCancelled)
    assert refusal(lambda: plan(course)).code == "session-cancelled"
    record_session(
        course,
        at=NOW,
        by=BY,
        number=2,
        recording_id=UUID(int=5),
        started_at=NOW,
        ended_at=NOW,
        staff={},
        note={"delivered": "", "environment": "", "dynamics": "", "next_plan": ""},
        lines={},
    )
    assert refusal(lambda: plan(course, 2)).code == "session-recorded"
    again = lambda: cancel_session(course, at=NOW, by=BY, number=2, expected_version=None, reason="x")  # noqa: E731
    assert isinstance(refusal(again), Conflict)


def test_another_session_planned_meanwhile_makes_nothing_stale():
    course = planned()
    seen = course.version
    plan(course, 2)
    plan_content = PlanContent("", [StepContent("main")])
    decide = lambda number: plan_session(  # noqa: E731
        course, at=NOW, by=BY, number=number, expected_version=seen, content=plan_content
    )
    decide(1)
    assert isinstance(refusal(lambda: decide(2)), Stale)


# ---- a line ------------------------------------------------------------------------------------------------------


def line_problems(**more: Any) -> set[str]:
    from coord.domain.input import Input

    check = Input()
    ratings = more.pop("ratings", [])
    of_child.checked_line(check, "/c", of_child.LineContent(**more), ratings=ratings, strategies=[])
    return {f"{p.pointer} {p.code}" for p in check.problems}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"attendance": ""}, {"/c/attendance missing"}),
        ({"attendance": "perhaps"}, {"/c/attendance unknown-choice"}),
        ({"attendance": "present", "arrival": "flying"}, {"/c/arrival unknown-choice"}),
        ({"attendance": "present", "absence_reason": "ill"}, {"/c/absence_reason not-of-the-present"}),
        ({"attendance": "absent", "response": "x"}, {"/c/response not-of-the-absent"}),
        ({"attendance": "absent", "support": "verbal"}, {"/c/support not-of-the-absent"}),
        ({"attendance": "absent", "ratings": [{}]}, {"/c/ratings not-of-the-absent"}),
        ({"attendance": "absent", "absence_reason": "ill", "message_home": "Get well"}, set()),
        ({"attendance": "late", "arrival": "tired", "grading": "down", "support": "physical"}, set()),
        ({"attendance": "present", "response": "x" * 1001}, {"/c/response too-long"}),
    ],
)
def test_a_line_tells_of_the_absent_only_what_can_be_known(line: dict[str, Any], problem: set[str]):
    assert line_problems(**line) == problem
