"""Nobody rises unseen: what takes two people, who may be the second, and what is kept of it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from coord.domain import rising
from coord.domain.actors import Actor, Discipline, Role
from coord.domain.errors import Conflict, NotFound, NotPermitted
from coord.domain.person import Person

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
MAX = Actor(UUID(int=1), "Max Vik", Role.ADMINISTRATOR)
MIA = Actor(UUID(int=2), "Mia Ek", Role.ADMINISTRATOR)
LEA = Actor(UUID(int=3), "Lea Strand", Role.TEAM_LEAD, None, "North")
SUE = Actor(UUID(int=4), "Sue Hall", Role.TEAM_LEAD, None, "South")
OT = Discipline.OT
NORTH: frozenset[str] = frozenset({"North"})
NOBODY: frozenset[str] = frozenset()


def somebody(role: Role = Role.THERAPIST, discipline: Discipline | None = OT, team: str = "North") -> Person:
    person = Person.register(
        id=uuid4(), at=NOW, by=MAX.by(), name="Ada", email="a@b.c", role=role, discipline=discipline, team=team
    )
    person.collect_events()
    return person


def proposed(change: str = "role", **wanted: str | None) -> Person:
    person = somebody()
    rising.propose(person, at=NOW, by=MAX.by(), change=change, wanted=wanted, teams=NORTH)
    return person


def told(person: Person) -> list[str]:
    return [type(event).__name__ for event in person.collect_events()]


@pytest.mark.parametrize(
    ("role", "care", "to", "touched"),
    [
        (Role.THERAPIST, NOBODY, (Role.TEAM_LEAD, OT), NORTH),
        (Role.THERAPIST, NOBODY, (Role.ADMINISTRATOR, None), NOBODY),  # an administrator could be the second
        (Role.THERAPIST, NOBODY, (Role.STUDENT, OT), None),
        (Role.THERAPIST, frozenset({"South"}), (Role.THERAPIST, Discipline.SLT), frozenset({"South"})),
        (Role.THERAPIST, frozenset({"South"}), (Role.THERAPIST, OT), None),  # as it is
        (Role.THERAPIST, frozenset({"South"}), (Role.TEAM_LEAD, OT), NORTH),  # of the team that is to be led
        (Role.TEAM_LEAD, NOBODY, (Role.THERAPIST, OT), None),
    ],
)
def test_which_roles_take_two(
    role: Role, care: frozenset[str], to: tuple[Role, Discipline | None], touched: frozenset[str] | None
):
    assert rising.by_role(somebody(role), *to, care) == touched


@pytest.mark.parametrize(
    ("role", "care", "touched"),
    [
        (Role.TEACHER, NOBODY, None),
        (Role.TEACHER, frozenset({"South"}), frozenset({"South"})),  # stays of a role that has ended
        (Role.TEAM_LEAD, frozenset({"South"}), NORTH),  # of the team that is to be led
        (Role.ADMINISTRATOR, frozenset({"South"}), NOBODY),
    ],
)
def test_which_further_roles_take_two(role: Role, care: frozenset[str], touched: frozenset[str] | None):
    assert rising.by_role_added(role, "North", care) == touched


@pytest.mark.parametrize(
    ("role", "care", "team", "touched"),
    [
        (Role.TEAM_LEAD, NOBODY, "South", frozenset({"South"})),
        (Role.TEAM_LEAD, NOBODY, "North", None),
        (Role.THERAPIST, NOBODY, "South", None),
        (Role.THERAPIST, NORTH, "South", frozenset({"South"})),
        (Role.TEACHER, NORTH, "Hill School", None),
    ],
)
def test_which_moves_take_two(role: Role, care: frozenset[str], team: str, touched: frozenset[str] | None):
    assert rising.by_team(somebody(role), team, care) == touched


@pytest.mark.parametrize(
    ("role", "care", "touched"),
    [
        (Role.THERAPIST, NOBODY, None),
        (Role.THERAPIST, frozenset({"South"}), frozenset({"South"})),
        (Role.TEAM_LEAD, frozenset({"South"}), frozenset({"North", "South"})),
        (Role.ADMINISTRATOR, NORTH, NOBODY),
    ],
)
def test_whose_access_address_and_password_take_two(role: Role, care: frozenset[str], touched: frozenset[str] | None):
    assert rising.by_account(somebody(role), care) == touched


def test_who_could_be_the_second():
    person = uuid4()

    def exists(*colleagues: tuple[UUID, Role, str, bool]) -> bool:
        known = [rising.Colleague(i, role.value, team, active) for i, role, team, active in colleagues]
        return rising.second_person_exists(NORTH, known, proposer=MAX.person_id, person=person)

    assert exists((MIA.person_id, Role.ADMINISTRATOR, "", True))
    assert exists((LEA.person_id, Role.TEAM_LEAD, "North", True))
    for nobody in (
        (MAX.person_id, Role.ADMINISTRATOR, "", True),  # who proposes
        (person, Role.TEAM_LEAD, "North", True),  # who it is about
        (MIA.person_id, Role.ADMINISTRATOR, "", False),
        (SUE.person_id, Role.TEAM_LEAD, "South", True),
        (LEA.person_id, Role.THERAPIST, "North", True),
    ):
        assert not exists(nobody)


def test_a_proposal_changes_nothing_but_that_it_waits():
    person = proposed(role="team-lead", discipline=None)
    assert told(person) == ["PersonChangeProposed"]
    assert (person.role, person.active) == ("therapist", True)
    rising.propose(
        person, at=NOW, by=MAX.by(), change="role", wanted={"role": "team-lead", "discipline": None}, teams=NORTH
    )
    assert told(person) == []  # just that waits already
    rising.propose(person, at=NOW, by=MIA.by(), change="role", wanted={"role": "administrator"}, teams=NOBODY)
    assert told(person) == ["PersonChangeProposed"]
    with pytest.raises(Conflict, match="proposal-over"):  # one of a kind waits
        rising.confirm(person, at=NOW, actor=LEA, number=2)


@pytest.mark.parametrize("second", [MIA, LEA])
def test_a_second_person_confirms_it_once(second: Actor):
    person = proposed()
    proposal = rising.confirm(person, at=NOW, actor=second, number=2)
    assert (proposal.kind, proposal.by["name"]) == ("role", "Max Vik")
    assert told(person)[-1] == "PersonChangeConfirmed"
    for decide in (rising.confirm, rising.decline):
        with pytest.raises(Conflict, match="proposal-over"):
            decide(person, at=NOW, actor=second, number=2)


def test_who_may_not_confirm():
    person = proposed()
    with pytest.raises(Conflict, match="needs-another-person"):
        rising.confirm(person, at=NOW, actor=MAX, number=2)
    with pytest.raises(NotFound):
        rising.confirm(person, at=NOW, actor=SUE, number=2)
    with pytest.raises(NotFound):
        rising.confirm(person, at=NOW, actor=LEA, number=9)
    herself = Actor(person.id, "Ada", Role.TEAM_LEAD, None, "North")
    for decide in (rising.confirm, rising.decline):
        with pytest.raises(Conflict, match="not-oneself"):
            decide(person, at=NOW, actor=herself, number=2)


def test_it_waits_seven_days():
    person = proposed()
    with pytest.raises(Conflict, match="proposal-over"):
        rising.confirm(person, at=NOW + timedelta(days=7), actor=LEA, number=2)
    rising.confirm(person, at=NOW + timedelta(days=7, seconds=-1), actor=LEA, number=2)


@pytest.mark.parametrize(
    ("touched", "who", "over"),
    [
        (None, LEA, False),
        (NORTH, LEA, False),
        (NORTH, MIA, False),
        (frozenset({"South"}), LEA, True),
        (frozenset({"North", "South"}), MIA, True),
        (NOBODY, MIA, False),
        (NOBODY, LEA, True),  # what administrators alone decide by now
    ],
)
def test_what_would_touch_more_by_now_is_over(touched: frozenset[str] | None, who: Actor, over: bool):
    person = proposed()
    proposal = rising.waiting(person, 2, NOW)
    if not over:
        rising.refuse_if_overtaken(proposal, touched, who)
        return
    with pytest.raises(Conflict, match="proposal-over"):
        rising.refuse_if_overtaken(proposal, touched, who)
    person.collect_events()
    rising.propose(person, at=NOW, by=MAX.by(), change="role", wanted={}, teams=touched or NOBODY)
    assert told(person) == ["PersonChangeProposed"], "it is proposed anew, as it is now"


@pytest.mark.parametrize("who", [MAX, MIA, LEA])
def test_it_is_declined_or_taken_back(who: Actor):
    person = proposed()
    rising.decline(person, at=NOW, actor=who, number=2)
    assert told(person)[-1] == "PersonChangeDeclined"
    with pytest.raises(Conflict, match="proposal-over"):
        rising.confirm(person, at=NOW, actor=LEA, number=2)


def test_somebody_new_who_would_see_children_comes_in_when_it_is_confirmed():
    assert rising.by_registration(Role.TEAM_LEAD, "North") == NORTH
    assert rising.by_registration(Role.ADMINISTRATOR, "") == NOBODY
    assert rising.by_registration(Role.THERAPIST, "North") is None
    person = proposed("registration")
    assert not person.active
    rising.confirm(person, at=NOW, actor=LEA, number=2)
    assert person.active


def test_a_confirmed_password_is_given_once_by_whoever_proposed_it_and_soon():
    person = proposed("password")
    assert not rising.may_give_password(person, MAX, NOW)
    rising.confirm(person, at=NOW, actor=LEA, number=2)
    assert rising.may_give_password(person, MAX, NOW)
    assert not rising.may_give_password(person, MIA, NOW)
    assert not rising.may_give_password(person, MAX, NOW + timedelta(days=7))
    rising.done_to_account(person, at=NOW, by=MAX.by(), done="password-given")
    assert not rising.may_give_password(person, MAX, NOW)


def test_nothing_else_is_done_to_an_account():
    with pytest.raises(NotPermitted):
        rising.done_to_account(somebody(), at=NOW, by=MAX.by(), done="anything")


def test_where_a_mail_to_the_person_was_confirmed_nothing_else_was():
    person = proposed("password", way="mail")
    rising.confirm(person, at=NOW, actor=LEA, number=2)
    assert rising.may_give_password(person, MAX, NOW, "mail")
    assert not rising.may_give_password(person, MAX, NOW, "letter")
    assert not rising.may_give_password(person, MAX, NOW)
    rising.done_to_account(person, at=NOW, by=MAX.by(), done="link-given")
    assert not rising.may_give_password(person, MAX, NOW, "mail")


def test_where_a_letter_was_confirmed_a_mail_does_as_well():
    person = proposed("password", way="letter")
    rising.confirm(person, at=NOW, actor=LEA, number=2)
    assert rising.may_give_password(person, MAX, NOW, "mail")


def test_the_letter_to_somebody_new_is_confirmed_with_the_registration_and_given_once():
    person = proposed("registration", invite="letter")
    rising.confirm(person, at=NOW, actor=LEA, number=2)
    assert rising.may_give_password(person, MAX, NOW, "letter")
    assert not rising.may_give_password(person, MIA, NOW, "letter")
    rising.done_to_account(person, at=NOW, by=MAX.by(), done="link-given")
    assert not rising.may_give_password(person, MAX, NOW, "letter")
    by_mail = proposed("registration", invite="mail")
    rising.confirm(by_mail, at=NOW, actor=LEA, number=2)
    assert not rising.may_give_password(by_mail, MAX, NOW, "letter")


@pytest.mark.parametrize("done", ["invited", "password-chosen"])
def test_a_letter_that_was_confirmed_is_over_when_the_person_comes_in_without(done: str):
    person = proposed("registration", invite="letter")
    rising.confirm(person, at=NOW, actor=LEA, number=2)
    rising.done_to_account(person, at=NOW, by=MAX.by(), done=done)
    assert not rising.may_give_password(person, MAX, NOW, "letter")
    waits = proposed("password", way="letter")
    rising.done_to_account(waits, at=NOW, by=MAX.by(), done=done)
    rising.confirm(waits, at=NOW, actor=LEA, number=2)  # what nobody has decided yet waits on


def test_somebody_without_access_is_given_no_way_in():
    person = proposed("registration", invite="mail")
    for done in ("invited", "link-given"):
        with pytest.raises(Conflict, match="already-disabled"):
            rising.done_to_account(person, at=NOW, by=MAX.by(), done=done)
