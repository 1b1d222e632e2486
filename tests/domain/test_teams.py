"""Names of service teams: one however it is spelled, a new one only on purpose, and no child's without a lead."""

import pytest

from coord.domain.errors import InvalidInput
from coord.domain.input import Input, answer_to
from coord.domain.teams import meant, with_a_lead

KNOWN = {"North", "Orchard Team", "Perù"}


@pytest.mark.parametrize(
    ("typed", "found"),
    [("Orchard Team", "Orchard Team"), ("orchard  team", "Orchard Team"), (" NORTH ", "North"), ("peru", "Perù")],
)
def test_a_name_is_the_same_however_it_is_spelled(typed: str, found: str):
    check = Input()
    assert meant(check, "/team", typed, KNOWN) == found
    assert with_a_lead(check, "/team", typed, KNOWN) == found
    assert check.problems == []


@pytest.mark.parametrize(
    ("typed", "code", "near"), [("Orchad Team", "new-team-near", "Orchard Team"), ("Zoo", "new-team", "")]
)
def test_a_new_one_is_asked_about_and_made_on_purpose(typed: str, code: str, near: str):
    check = Input()
    meant(check, "/team", typed, KNOWN)
    (problem,) = check.problems
    assert (problem.pointer, problem.code, problem.params.get("near", "")) == ("/team", code, near)
    assert problem.answer == answer_to(code, typed)
    on_purpose = Input([problem.answer])
    assert meant(on_purpose, "/team", f" {typed} ", KNOWN) == typed
    on_purpose.refuse_if_any()
    other = Input([problem.answer])
    meant(other, "/team", typed + "s", KNOWN)
    with pytest.raises(InvalidInput):
        other.refuse_if_any()


def test_the_first_team_of_all_is_simply_made():
    check = Input()
    assert meant(check, "/team", "North", ()) == "North"
    assert with_a_lead(check, "/team", "North", ()) == "North"
    assert check.problems == []


@pytest.mark.parametrize(("typed", "code"), [("Orchad Team", "team-without-lead-near"), ("Zoo", "team-without-lead")])
def test_no_answer_gives_a_child_to_a_team_without_a_lead(typed: str, code: str):
    check = Input([answer_to(code, typed)])
    with_a_lead(check, "/team", typed, KNOWN)
    (problem,) = check.problems
    assert (problem.code, problem.answer) == (code, "")
