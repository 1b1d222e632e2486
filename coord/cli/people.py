"""People, their accounts and their tokens."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import click

from coord.application.asked import as_meant
from coord.application.people.accounts import give_email
from coord.application.people.commands import (
    AddPersonRole,
    ChangePersonRole,
    DisablePerson,
    EnablePerson,
    EndPersonRole,
    GivePassword,
    MovePerson,
    NoteAccountChange,
    RegisterPerson,
    RenamePerson,
)
from coord.application.people.questions import ReadAccounts
from coord.bootstrap import Services
from coord.cli.frame import WORDS, Commands, Failure, main, opened
from coord.domain.actors import COMMAND_LINE, Discipline, Role
from coord.domain.errors import Conflict, InvalidInput, NotFound
from coord.domain.teams import on_purpose
from coord.office.accounts import Accounts
from coord.office.calendars import CalendarFeeds
from coord.office.chosen_roles import ChosenRoles
from coord.office.factors import Factors
from coord.office.passwords import refuse_weak
from coord.office.sign_ins import SignIns
from coord.office.tokens import Tokens

ROLES = click.Choice([role.value for role in Role])
DISCIPLINES = click.Choice([discipline.value for discipline in Discipline])


def person_with(services: Services, email: str) -> dict[str, Any]:
    """The person with this address. Raises `NotFound`."""
    wanted = email.strip().casefold()
    for row in services.doors.ask(COMMAND_LINE, ReadAccounts(email)).items:
        if row["email"].casefold() == wanted:
            return dict(row)
    raise NotFound("no-such-person")


@main.command()
@click.option("--for", "email", required=True, metavar="EMAIL", help="Whose permissions it has.")
@click.option("--name", default="command line", show_default=True, help="What it is for.")
@click.option("--role", type=ROLES, help="Of somebody with several: in which role. The first, without it.")
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How long it is valid.")
def token(email: str, name: str, role: str | None, days: int) -> None:
    """Issue an API token. It is printed once and kept only as a hash.

    Example: coord token --for ida@coord.example --name "ward tablet" --days 7
    """
    with opened(changes=True) as services:
        person = person_with(services, email)
        if not person["active"]:
            raise Failure("this person has no access")
        if role is not None and role not in [one["role"] for one in (person, *person["further"])]:
            raise Failure("this person does not have that role")
        now = services.clock()
        expires = now + timedelta(days=days)
        detail = {"person": str(person["person_id"]), "name": name, "expires_at": expires.isoformat()}
        services.doors.execute(COMMAND_LINE, NoteAccountChange(person["person_id"], "token-issued", name))
        services.doors.note_look(COMMAND_LINE, "token-issued", detail=detail)
        tokens = Tokens(services.office)
        issued = tokens.issue(person["person_id"], name, expires, now=now)
        if role is not None and (id := tokens.id_of(issued)) is not None:
            ChosenRoles(services.office).choose(id, role, now)
        click.echo(issued)
        click.echo(f"For {person['name']}, valid until {expires:%Y-%m-%d %H:%M} UTC.", err=True)


@main.group(cls=Commands)
def people() -> None:
    """See, add and change people.

    Example: coord people add ada@clinic.example "Ada Lim" --role therapist --discipline ot --team North
    """


@people.command(name="list")
@click.argument("text", default="")
def people_list(text: str) -> None:
    """List everybody, or those whose name or address contains TEXT.

    Example: coord people list lim
    """
    with opened() as services:
        for row in services.doors.ask(COMMAND_LINE, ReadAccounts(text)).items:
            roles = (
                one["role"] + (f" ({one['discipline']})" if one["discipline"] else "") for one in (row, *row["further"])
            )
            role = " + ".join(roles)
            state = "" if row["active"] else "  no access"
            click.echo(f"{row['email']:<32} {row['name']:<26} {role:<24} {row['team']}{state}")


NEW_TEAM = click.option("--new-team", "new", is_flag=True, help="The service team is a new one, and meant so.")


def new_password(ask: bool, *, own: tuple[str, str]) -> tuple[str, bool]:
    """A password asked for, or made up; and whether its owner must change it. Raises `InvalidInput` for a weak one."""
    if not ask:
        letters = "abcdefghjkmnpqrstuvwxyz23456789"
        parts = ("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))
        return "-".join(parts), True
    password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    refuse_weak(password, own=own)
    return str(password), False


def show_password(password: str, made_up: bool) -> None:
    """Print a made-up password, once."""
    if made_up:
        click.echo(f"Password: {password}  (shown once; it is changed at the first sign-in)")


@people.command(name="add")
@click.argument("email")
@click.argument("name")
@click.option("--role", type=ROLES, required=True)
@click.option("--discipline", type=DISCIPLINES, help="For therapists and students.")
@click.option("--team", default="", help="The service team, or a teacher's school. For all but administrators.")
@NEW_TEAM
@click.option("--password", "ask", is_flag=True, help="Ask for the password; without this, one is made up and shown.")
def people_add(email: str, name: str, role: str, discipline: str | None, team: str, new: bool, ask: bool) -> None:
    """Register a person and make their account.

    Example: coord people add ada@clinic.example "Ada Lim" --role therapist --discipline ot --team North
    """
    with opened(changes=True) as services:
        accounts = Accounts(services.office)
        if accounts.by_email(email) is not None:
            raise Failure(WORDS["email-taken"])
        password, made_up = new_password(ask, own=(name, email))
        try:  # registered, and interrupted before the account was made: go on from there
            person_id = person_with(services, email)["person_id"]
        except NotFound:
            person_id = uuid4()
            wanted = Discipline(discipline) if discipline else None
            command = RegisterPerson(person_id, name, email, Role(role), wanted, team, on_purpose(team) if new else ())
            services.doors.execute(COMMAND_LINE, command)
        accounts.create_account(
            person_id,
            email,
            password,
            now=services.clock(),
            language=services.settings.language,
            must_change_password=made_up,
            name=name,
        )
        click.echo(f"{name} <{email}> can sign in.")
        show_password(password, made_up)


@people.command(name="password")
@click.argument("email")
@click.option("--password", "ask", is_flag=True, help="Ask for it; without this, one is made up and shown.")
def people_password(email: str, ask: bool) -> None:
    """Give a person a new password, and end their sign-ins, tokens and calendar addresses.

    Example: coord people password ada@clinic.example
    """
    with opened(changes=True) as services:
        person, now = person_with(services, email), services.clock()
        password, made_up = new_password(ask, own=(person["name"], email))
        services.doors.execute(COMMAND_LINE, GivePassword(person["person_id"]))
        services.doors.note_look(COMMAND_LINE, "password-reset", detail={"person": str(person["person_id"])})
        Accounts(services.office).create_account(
            person["person_id"], email, password, now=now, must_change_password=made_up, name=person["name"]
        )
        end_everything(services, person["person_id"], "password-changed")
        click.echo(f"{person['name']} has a new password.")
        show_password(password, made_up)


@people.command(name="factors")
@click.argument("email")
def people_factors(email: str) -> None:
    """Remove every passkey, one-time code and recovery code of somebody who has lost them all, and end their sign-ins.

    Make sure, in person, that it is they who ask. Their password stays; where a second factor is asked of them, their
    next sign-in sets one up.

    Example: coord people factors ada@clinic.example
    """
    with opened(changes=True) as services:
        person, factors = person_with(services, email), Factors(services.office, *services.settings.secret_keys)
        if not factors.any(person["person_id"]):
            raise Failure(f"{person['name']} has no second factor")
        services.doors.execute(COMMAND_LINE, NoteAccountChange(person["person_id"], "factors-removed"))
        services.doors.note_look(COMMAND_LINE, "factors-removed", detail={"person": str(person["person_id"])})
        factors.remove_all(person["person_id"])
        end_sign_ins(services, person["person_id"], "factors-removed")
        click.echo(f"{person['name']} signs in with the password alone now.")


def sign_ins_of(services: Services) -> SignIns:
    """Everybody's sign-ins, on every worker."""
    limits = services.settings
    return SignIns(services.office, idle_limit=limits.idle_limit, absolute_limit=limits.absolute_limit)


def end_sign_ins(services: Services, person_id: UUID, why: str) -> None:
    """End every sign-in of a person."""
    sign_ins_of(services).end_all(person_id, why, services.clock())


@people.command(name="email")
@click.argument("email")
@click.argument("new")
def people_email(email: str, new: str) -> None:
    """Give a person another email address: they sign in with it, and are signed out everywhere.

    Example: coord people email ada@clinic.example ada.lim@clinic.example
    """
    with opened(changes=True) as services:
        person = person_with(services, email)
        accounts, end_all = Accounts(services.office), sign_ins_of(services).end_all
        give_email(services.doors, accounts, end_all, COMMAND_LINE, person["person_id"], new)
        click.echo(f"{person['name']} signs in as {new.strip().lower()} now.")


@people.command(name="rename")
@click.argument("email")
@click.argument("name")
def people_rename(email: str, name: str) -> None:
    """Give a person another name; what was done before keeps the one of then.

    Example: coord people rename ada@clinic.example "Ada Dahl"
    """
    with opened(changes=True) as services:
        person = person_with(services, email)
        services.doors.execute(COMMAND_LINE, RenamePerson(person["person_id"], name))
        click.echo(f"{person['name']} is called {person_with(services, email)['name']} now.")


@people.command(name="disable")
@click.argument("email")
@click.option("--reason", required=True, help="Kept in the record.")
@click.option("--leave-behind", is_flag=True, help="What they leave behind has been looked at, and may stay so.")
def people_disable(email: str, reason: str, leave_behind: bool) -> None:
    """Take a person's access away, at once: sign-ins end and tokens are revoked.

    If they leave something behind (drafts, notes to co-sign, open goals, courses), it says what, and does it only with
    --leave-behind.

    Example: coord people disable ada@clinic.example --reason "left the service"
    """
    with opened(changes=True) as services:
        person = person_with(services, email)
        before: Conflict | None = None
        try:
            _disable(services, DisablePerson(person["person_id"], reason), leave_behind=leave_behind)
        except Conflict as taken_away:  # the rest of it may be missing, if a process died half way
            before = taken_away
        end_everything(services, person["person_id"])
        mirror(services, person["person_id"], active=False)
        if before is not None:
            raise before
        click.echo(f"{person['name']} has no access any more.")


def _disable(services: Services, command: DisablePerson, *, leave_behind: bool) -> None:
    """As the pages ask: what is left behind is named first."""
    if leave_behind:
        as_meant(services.doors, COMMAND_LINE, command)
        return
    try:
        services.doors.execute(COMMAND_LINE, command)
    except InvalidInput as invalid:
        if all(problem.answer for problem in invalid.problems):
            counts = ", ".join(
                f"{name.replace('_', ' ')}: {count}" for p in invalid.problems for name, count in p.params.items()
            )
            raise Failure(f"they leave behind {counts}. Hand it over first, or say --leave-behind") from None
        raise


def end_everything(services: Services, person_id: UUID, why: str = "no-access") -> None:
    """End every sign-in of a person, revoke their tokens and the addresses of their calendar, and drop a secret of
    one-time codes that waits for its first code."""
    end_sign_ins(services, person_id, why)
    Tokens(services.office).revoke_all(person_id, services.clock())
    CalendarFeeds(services.office, *services.settings.secret_keys).revoke_all(person_id, services.clock())
    Factors(services.office, *services.settings.secret_keys).drop_unconfirmed(person_id)


@people.command(name="enable")
@click.argument("email")
@click.option("--reason", required=True, help="Kept in the record.")
def people_enable(email: str, reason: str) -> None:
    """Give a person access again; what was open before it was taken away stays closed.

    Example: coord people enable ada@clinic.example --reason "back from leave"
    """
    with opened(changes=True) as services:
        person = person_with(services, email)
        if not person["active"]:  # a crash may have left some open when access was taken away
            end_everything(services, person["person_id"])
        services.doors.execute(COMMAND_LINE, EnablePerson(person["person_id"], reason))
        mirror(services, person["person_id"], active=True)
        click.echo(f"{person['name']} has access again.")


def mirror(services: Services, person_id: UUID, *, active: bool) -> None:
    """Tell the account, if there is one, what the record says."""
    accounts = Accounts(services.office)
    if accounts.by_person(person_id) is not None:
        accounts.set_active(person_id, active)


@people.command(name="move")
@click.argument("email")
@click.argument("team")
@NEW_TEAM
def people_move(email: str, team: str, new: bool) -> None:
    """Put a person into another service team.

    Example: coord people move ada@clinic.example South
    """
    with opened(changes=True) as services:
        person = person_with(services, email)
        services.doors.execute(COMMAND_LINE, MovePerson(person["person_id"], team, on_purpose(team) if new else ()))
        click.echo(f"{person['name']} is in {person_with(services, email)['team']} now.")


@people.command(name="role")
@click.argument("email")
@click.argument("role", type=ROLES)
@click.option("--discipline", type=DISCIPLINES, help="For therapists and students.")
def people_role(email: str, role: str, discipline: str | None) -> None:
    """Give a person another role or discipline; what they wrote keeps the old one.

    Example: coord people role ada@clinic.example therapist --discipline ot
    """
    with opened(changes=True) as services:
        person = person_with(services, email)
        wanted = Discipline(discipline) if discipline else None
        services.doors.execute(COMMAND_LINE, ChangePersonRole(person["person_id"], Role(role), wanted))
        click.echo(f"{person['name']} is {role} now.")


@people.command(name="add-role")
@click.argument("email")
@click.argument("role", type=ROLES)
@click.option("--discipline", type=DISCIPLINES, help="For therapists and students.")
@click.option("--team", default="", help="The service team, or a teacher's school. For all but administrators.")
@NEW_TEAM
def people_add_role(email: str, role: str, discipline: str | None, team: str, new: bool) -> None:
    """Give a person a role beside the one they have: they sign in once, and choose in which they are here.

    Example: coord people add-role ada@clinic.example team-lead --team North
    """
    with opened(changes=True) as services:
        person = person_with(services, email)
        wanted = Discipline(discipline) if discipline else None
        command = AddPersonRole(person["person_id"], Role(role), wanted, team, on_purpose(team) if new else ())
        services.doors.execute(COMMAND_LINE, command)
        click.echo(f"{person['name']} is {role} as well now.")


@people.command(name="end-role")
@click.argument("email")
@click.argument("role", type=ROLES)
@click.option("--reason", required=True, help="Kept in the record.")
def people_end_role(email: str, role: str, reason: str) -> None:
    """Take a role away that a person has beside the first.

    Example: coord people end-role ada@clinic.example team-lead --reason "leads another service now"
    """
    with opened(changes=True) as services:
        person = person_with(services, email)
        services.doors.execute(COMMAND_LINE, EndPersonRole(person["person_id"], Role(role), reason))
        click.echo(f"{person['name']} is {role} no more.")
