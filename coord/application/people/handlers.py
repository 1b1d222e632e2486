"""People: registering, changing, disabling; what takes two of them; and who one may put on a care team."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any
from uuid import UUID

from coord.application.carrying import carries_out, decide
from coord.application.case.left_behind import ask_of, behind_person
from coord.application.cursors import name_cursor, read_name_cursor
from coord.application.declared import Receipt
from coord.application.doors import Reading, Work, answers
from coord.application.people.commands import (
    AddPersonRole,
    ChangePersonEmail,
    ChangePersonRole,
    ChoosePassword,
    ConfirmChange,
    DeclineChange,
    DisablePerson,
    EnablePerson,
    EndPersonRole,
    GivePassword,
    MovePerson,
    NoteAccountChange,
    RegisterPerson,
    RemoveFactors,
    RenamePerson,
)
from coord.application.people.questions import (
    TOLD_TO_THE_OWNER,
    AccountChange,
    AccountChangesAnswer,
    MeAnswer,
    PeopleAnswer,
    ProposalsAnswer,
    ReadAccountChanges,
    ReadAccounts,
    ReadMe,
    ReadPeople,
    ReadProposals,
)
from coord.domain import rising, teams
from coord.domain.actors import COMMAND_LINE, Actor, By, Discipline, Relationship, Role, Standing
from coord.domain.errors import Conflict, FieldProblem, InvalidInput
from coord.domain.input import Input
from coord.domain.permissions import PERMISSIONS, is_operator
from coord.domain.person import Person, Proposal
from coord.projections import Caseload, History, People, Rising
from coord.projections.people import by_name, found_by, standings_of

MOST_ROWS = 100
PROPOSED = "proposed"
"""The status of a receipt for what waits for a second person now."""


@answers(RegisterPerson)
def register_person(work: Work, command: RegisterPerson) -> Receipt:
    """Register a person. Whose role gives sight of children at once, or the power to confirm, waits for a second person
    before coming in."""
    check = Input(command.confirmed)
    team = command.team
    if command.role is not Role.TEACHER:  # a teacher's school is no service team
        team = _service_team(work, check, command.team)
    person = decide(work, Person.register, command, id=command.person_id, team=team, answered=check.answered)
    touched = rising.by_registration(command.role, team)
    if touched is not None and not is_operator(work.actor):
        if _second_person_exists(work, person, touched):
            wanted = {"invite": command.invite.value} if command.invite else {}
            rising.propose(person, at=work.now, by=work.actor.by(), change="registration", wanted=wanted, teams=touched)
            return work.keep(_receipt(person, waits="registration"), person)
        rising.by_one_alone(person, at=work.now, by=work.actor.by(), change="registration")
    return work.keep(_receipt(person), person)


def _service_team(work: Work, check: Input, typed: str) -> str:
    """The service team that is meant, asked about where nobody is in it. Raises `InvalidInput`; what is meant so is in
    ``check``, for the event."""
    with work.views() as snapshot:
        people = snapshot.view(People).all(snapshot.connection)
        known = snapshot.view(Caseload).teams(snapshot.connection)
    teaches = Role.TEACHER.value
    known |= {one["team"] for row in people for one in standings_of(row) if one["team"] and one["role"] != teaches}
    team = teams.meant(check, "/team", typed, known)
    check.refuse_if_any()
    return team


def teams_with_a_lead(work: Work) -> frozenset[str]:
    """The service teams that somebody with access leads."""
    with work.views() as snapshot:
        rows = snapshot.view(People).all(snapshot.connection)
    standings = [one for row in rows if row["active"] for one in standings_of(row)]
    return frozenset(one["team"] for one in standings if one["role"] == Role.TEAM_LEAD.value and one["team"])


# ---- what takes two people


def _care_of(work: Work, person_id: UUID) -> frozenset[str]:
    """The service teams of the children on whose care team somebody is."""
    with work.views() as snapshot:
        return snapshot.view(Rising).care_of(snapshot.connection, person_id, work.today)


def _second_person_exists(work: Work, person: Person, touched: rising.Teams) -> bool:
    with work.views() as snapshot:
        rows = snapshot.view(People).all(snapshot.connection)
    colleagues = [
        rising.Colleague(r["person_id"], one["role"], one["team"], r["active"]) for r in rows for one in standings_of(r)
    ]
    return rising.second_person_exists(touched, colleagues, proposer=work.actor.person_id, person=person.id)


def _by_two(
    work: Work,
    person: Person,
    change: str,
    wanted: Mapping[str, str | None],
    touched: rising.Teams | None,
    make: Callable[[Person], None],
    answered: Sequence[dict[str, Any]] = (),
) -> Receipt:
    """Make a change that one may make alone; propose one that takes two (with what was ``answered`` about it); or make
    it alone, and keep that it was so."""
    if touched is None or is_operator(work.actor):
        make(person)
        return _saved(work, person)
    tried = deepcopy(person)
    make(tried)  # what is refused is not proposed either
    if tried.version == person.version:
        return _saved(work, person)
    if not _second_person_exists(work, person, touched):
        make(person)
        rising.by_one_alone(person, at=work.now, by=work.actor.by(), change=change)
        return _saved(work, person)
    proposal: dict[str, Any] = {"change": change, "wanted": wanted, "teams": touched, "answered": answered}
    rising.propose(person, at=work.now, by=work.actor.by(), **proposal)
    return _saved(work, person, waits=change)


@answers(ChangePersonRole)
def change_person_role(work: Work, command: ChangePersonRole) -> Receipt:
    """Give another role; one cannot take one's own administration away by mistake."""
    person = work.record.person(command.person_id)
    _refuse_oneself(work, command.person_id)
    wanted = {"role": command.role.value, "discipline": command.discipline.value if command.discipline else None}
    fitting = Discipline.SCHOOL if command.role is Role.TEACHER else command.discipline
    touched = rising.by_role(person, command.role, fitting, _care_of(work, person.id))

    def make(of: Person) -> None:
        decide(work, of.change_role, command)

    return _by_two(work, person, "role", wanted, touched, make)


@answers(AddPersonRole)
def add_person_role(work: Work, command: AddPersonRole) -> Receipt:
    """Give a role beside the others; nobody gives one to themselves."""
    person = work.record.person(command.person_id)
    _refuse_oneself(work, command.person_id)
    check = Input(command.confirmed)
    team = command.team
    if command.role is not Role.TEACHER:
        team = _service_team(work, check, command.team)
    touched = rising.by_role_added(command.role, team, _care_of(work, person.id))
    discipline = command.discipline.value if command.discipline else None
    wanted = {"role": command.role.value, "discipline": discipline, "team": team}

    def make(of: Person) -> None:
        decide(work, of.add_role, command, team=team, answered=check.answered)

    return _by_two(work, person, "role-added", wanted, touched, make, check.answered)


@answers(EndPersonRole)
def end_person_role(work: Work, command: EndPersonRole) -> Receipt:
    """Take a further role away, at once."""
    person = work.record.person(command.person_id)
    _refuse_oneself(work, command.person_id)
    decide(work, person.end_role, command)
    return _saved(work, person)


@answers(MovePerson)
def move_person(work: Work, command: MovePerson) -> Receipt:
    """Put into another service team."""
    person = work.record.person(command.person_id)
    check = Input(command.confirmed)
    team = command.team
    if person.role != Role.TEACHER.value:
        team = _service_team(work, check, command.team)
    touched = rising.by_team(person, team, _care_of(work, person.id))

    def make(of: Person) -> None:
        of.move(at=work.now, by=work.actor.by(), team=team, answered=check.answered)

    return _by_two(work, person, "team", {"team": team}, touched, make, check.answered)


@answers(ChangePersonEmail)
def change_person_email(work: Work, command: ChangePersonEmail) -> Receipt:
    """Give another address; one cannot lock oneself out by a slip of the finger."""
    person = work.record.person(command.person_id)
    _refuse_oneself(work, command.person_id)
    touched = rising.by_account(person, _care_of(work, person.id))
    wanted = {"email": command.email.strip().lower()}

    def make(of: Person) -> None:
        of.change_email(at=work.now, by=work.actor.by(), email=command.email)

    return _by_two(work, person, "email", wanted, touched, make)


carries_out(
    RenamePerson,
    Person.rename,
    lambda work, command: (work.record.person(command.person_id),),
    lambda work, _, person: _saved(work, person),
)


@answers(GivePassword)
def give_password(work: Work, command: GivePassword) -> Receipt:
    """A link or a one-time password may be given now, once; or it is proposed. Nobody gives one to themselves."""
    person = work.record.person(command.person_id)
    _refuse_oneself(work, command.person_id)
    done = "link-given" if command.way else "password-given"

    def make(of: Person) -> None:
        rising.done_to_account(of, at=work.now, by=work.actor.by(), done=done)

    if rising.may_give_password(person, work.actor, work.now, command.way):
        make(person)
        return _saved(work, person)
    touched = rising.by_account(person, _care_of(work, person.id))
    wanted = {"way": command.way.value} if command.way else {}
    return _by_two(work, person, "password", wanted, touched, make)


@answers(RemoveFactors)
def remove_factors(work: Work, command: RemoveFactors) -> Receipt:
    """They are removed, or it is proposed. One's own are removed on one's own page, by whoever still has one."""
    person = work.record.person(command.person_id)
    _refuse_oneself(work, command.person_id)

    def make(of: Person) -> None:
        rising.done_to_account(of, at=work.now, by=work.actor.by(), done="factors-removed")

    return _by_two(work, person, "factors", {}, rising.by_account(person, _care_of(work, person.id)), make)


@answers(NoteAccountChange)
def note_account_change(work: Work, command: NoteAccountChange) -> Receipt:
    """Kept for the leads and the person."""
    person = work.record.person(command.person_id)
    decide(work, rising.done_to_account, command, person)
    return _saved(work, person)


@answers(ChoosePassword)
def choose_password(work: Work, _: ChoosePassword) -> Receipt:
    """Kept of oneself, and of nobody else."""
    person = work.record.person(work.actor.person_id)
    rising.done_to_account(person, at=work.now, by=work.actor.by(), done="password-chosen")
    return _saved(work, person)


@answers(ConfirmChange)
def confirm_change(work: Work, command: ConfirmChange) -> Receipt:
    """What was proposed is done, by the hand of the second person; or may be done now (a password)."""
    person = work.record.person(command.person_id)
    proposal = rising.confirm(person, at=work.now, actor=work.actor, number=command.proposal)
    rising.refuse_if_overtaken(proposal, _touched_now(work, person, proposal), work.actor)
    _make(work, person, proposal)
    return _saved(work, person)


def _touched_now(work: Work, person: Person, proposal: Proposal) -> rising.Teams | None:
    """What the change would touch if it were proposed now."""
    wanted, care = proposal.wanted, _care_of(work, person.id)
    match proposal.kind:
        case "role":
            role, given = Role(wanted["role"] or ""), Discipline(wanted["discipline"]) if wanted["discipline"] else None
            return rising.by_role(person, role, Discipline.SCHOOL if role is Role.TEACHER else given, care)
        case "role-added":
            return rising.by_role_added(Role(wanted["role"] or ""), wanted["team"] or "", care)
        case "team":
            return rising.by_team(person, wanted["team"] or "", care)
    return rising.by_account(person, care)


def _make(work: Work, person: Person, proposal: Proposal) -> None:
    at, by, wanted = work.now, work.actor.by(), proposal.wanted
    match proposal.kind:
        case "role":
            discipline = Discipline(wanted["discipline"]) if wanted["discipline"] else None
            person.change_role(at=at, by=by, role=Role(wanted["role"] or ""), discipline=discipline)
        case "role-added":
            discipline = Discipline(wanted["discipline"]) if wanted["discipline"] else None
            role, team = Role(wanted["role"] or ""), wanted["team"] or ""
            person.add_role(at=at, by=by, role=role, discipline=discipline, team=team)
        case "team":
            person.move(at=at, by=by, team=wanted["team"] or "")
        case "email":
            person.change_email(at=at, by=by, email=wanted["email"] or "")
        case "registration" if wanted.get("invite") == rising.Way.MAIL:
            rising.done_to_account(person, at=at, by=by, done="invited")
        case "access" if not person.active:
            person.enable(at=at, by=by, reason=wanted["reason"] or "")
        case "factors":
            rising.done_to_account(person, at=at, by=by, done="factors-removed")


@answers(DeclineChange)
def decline_change(work: Work, command: DeclineChange) -> Receipt:
    """What was proposed is not done."""
    person = work.record.person(command.person_id)
    rising.decline(person, at=work.now, actor=work.actor, number=command.proposal)
    return _saved(work, person)


@answers(ReadProposals)
def read_proposals(reading: Reading, _: ReadProposals) -> ProposalsAnswer:
    """What waits for a second person, and what this reader can do about each."""
    connection, actor = reading.snapshot.connection, reading.actor
    waiting = reading.snapshot.view(Rising).open_at(connection, reading.now)
    people = {row["person_id"]: row for row in reading.snapshot.view(People).all(connection)} if waiting else {}
    items: list[Any] = []
    for row in waiting:
        own = row["by"]["person"] == str(actor.person_id)
        if not rising.may_decide(actor, frozenset(row["teams"])) or (row["confirmed"] and not own):
            continue
        person = people[row["person_id"]]
        gives = PERMISSIONS["GivePassword"].who(actor, Relationship())  # who is here in another role gives none there
        may = ("decline",) if own and not row["confirmed"] else ("give",) * gives if own else ("confirm", "decline")
        facts = {name: person[name] for name in ("name", "role", "discipline", "team")}
        concerned = row["person_id"] == actor.person_id
        items.append({**row, **facts, "confirmed": bool(row["confirmed"]), "may": frozenset(() if concerned else may)})
    return ProposalsAnswer(items, reading.shown)


@answers(ReadAccountChanges)
def read_account_changes(reading: Reading, question: ReadAccountChanges) -> AccountChangesAnswer:
    """What others did to one's own account, the newest first."""
    return AccountChangesAnswer(account_changes(reading, question.after), reading.shown)


def account_changes(reading: Reading, after: int) -> list[AccountChange]:
    """What others did to the reader's account after a position of the record, the newest first."""
    told = reading.snapshot.view(History).told(
        reading.snapshot.connection, streams=(reading.actor.person_id,), kinds=TOLD_TO_THE_OWNER
    )
    return [
        _told(row) for row in reversed(told) if row["position"] > after and row["person_id"] != reading.actor.person_id
    ]


def _told(row: Mapping[str, Any]) -> AccountChange:
    by: By = {
        "person": str(row["person_id"]),
        "name": row["person_name"],
        "role": row["role"],
        "discipline": row["discipline"],
        "request": row["request"],
    }
    return {"at": row["at"], "kind": row["kind"], "position": row["position"], "detail": row["detail"], "by": by}


@answers(DisablePerson)
def disable_person(work: Work, command: DisablePerson) -> Receipt:
    """Take access away, at once."""
    person = work.record.person(command.person_id)
    _refuse_oneself(work, command.person_id)
    check = Input(command.confirmed)
    if person.active and command.reason.strip():  # what is wrong with the rest is said first
        ask_of(check, person.id, behind_person(work, person.id))
    check.refuse_if_any()
    person.disable(at=work.now, by=work.actor.by(), reason=command.reason, answered=check.answered)
    return _saved(work, person)


@answers(EnablePerson)
def enable_person(work: Work, command: EnablePerson) -> Receipt:
    """Give access again."""
    person = work.record.person(command.person_id)
    touched = rising.by_account(person, _care_of(work, person.id))

    def make(of: Person) -> None:
        of.enable(at=work.now, by=work.actor.by(), reason=command.reason)

    return _by_two(work, person, "access", {"reason": command.reason.strip()}, touched, make)


def _saved(work: Work, person: Person, *, waits: str = "") -> Receipt:
    """What was decided is kept; ``waits`` is the change that is proposed now, if one is."""
    position = work.record.append(person) or work.record.head()
    return replace(_receipt(person, waits=waits), position=position)


def _receipt(person: Person, *, waits: str = "") -> Receipt:
    if waits:
        proposal = person.proposals[waits]
        detail = {"proposal": proposal.number, "expires_at": proposal.expires_at}
        return Receipt(person.id, person.version, 0, PROPOSED, detail=detail)
    return Receipt(person.id, person.version, 0, "active" if person.active else "disabled")


def _refuse_oneself(work: Work, person_id: UUID) -> None:
    if person_id == work.actor.person_id and work.actor != COMMAND_LINE:
        raise Conflict("not-oneself")


@answers(ReadPeople)
def read_people(reading: Reading, question: ReadPeople) -> PeopleAnswer:
    """Active people who can be on a care team, without addresses."""
    rows = reading.snapshot.view(People).all(reading.snapshot.connection)
    people: list[Any] = [
        {name: row[name] for name in ("person_id", "name", "role", "discipline", "team", "further", "active")}
        for row in rows
        if row["active"] and _works(row) and found_by(question.text, row["name"])
    ]
    return _page(reading, people, question)


def _works(row: Mapping[str, Any]) -> bool:
    return any(one["role"] != Role.ADMINISTRATOR.value for one in standings_of(row))


@answers(ReadAccounts)
def read_accounts(reading: Reading, question: ReadAccounts) -> PeopleAnswer:
    """Everybody, with address and state."""
    rows = reading.snapshot.view(People).all(reading.snapshot.connection, text=question.text)
    return _page(reading, [row for row in rows if question.active in (None, row["active"])], question)


def _page(reading: Reading, people: list[Any], question: ReadPeople | ReadAccounts) -> PeopleAnswer:
    """Of people by name, those after where the page before ended, at most as many as are asked for."""
    if question.limit is not None and not 1 <= question.limit <= MOST_ROWS:
        raise InvalidInput([FieldProblem("/limit", "out-of-range", {"least": 1, "most": MOST_ROWS})])
    if after := read_name_cursor(question.cursor):
        people = [person for person in people if by_name(person["name"], person["person_id"]) > by_name(*after)]
    shown = people[: question.limit]
    last = shown[-1] if len(shown) < len(people) else None
    return PeopleAnswer(shown, name_cursor(last["name"], last["person_id"]) if last else None, reading.shown)


@answers(ReadMe)
def read_me(reading: Reading, _: ReadMe) -> MeAnswer:
    """Who the actor is, in the role that they are here in; their others beside it."""
    actor = reading.actor
    row = reading.snapshot.view(People).one(reading.snapshot.connection, actor.person_id)
    if row is not None and actor.also:
        here, *others = (Standing(actor.role, actor.discipline, actor.team), *actor.also)
        row |= {"role": here.role, "discipline": here.discipline, "team": here.team}
        row["further"] = [{"role": o.role, "discipline": o.discipline, "team": o.team} for o in others]
    return MeAnswer(row, reading.shown)


def actor_of(person: Person, role: str = "") -> Actor:
    """The actor that a person is in one of their roles: the first, where ``role`` names none that they have. The caller
    has checked that they may come in."""
    standings = person.standings
    first = standings[0]
    one = next((one for one in standings if one.role == role), first)
    return Actor(
        person.id,
        person.name,
        one.role,
        one.discipline,
        one.team,
        also=tuple(other for other in standings if other is not one),
        further=one is not first,
        apart=tuple(role for role in person.apart if role != one.role),
    )
