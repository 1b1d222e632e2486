"""The activity library: what Coord brings along."""

from __future__ import annotations

import click

from coord import library
from coord.application.people.handlers import actor_of
from coord.cli.frame import Commands, Failure, main, opened
from coord.cli.people import person_with
from coord.domain.actors import Role
from coord.office.accounts import LANGUAGES, Accounts, Language


@main.group(cls=Commands)
def activities() -> None:
    """The activity library.

    Example: coord activities load --for ida@coord.example
    """


@activities.command(name="load")
@click.option("--for", "email", required=True, metavar="EMAIL", help="A therapist or team lead, who answers for them.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Without this, that of the person's pages.")
def activities_load(email: str, language: Language | None) -> None:
    """Write the thirty activities that Coord brings along into the library.

    It can be run again. Of those that are there already, what you have revised or retired stays as it is; one that
    nobody has changed gets the text of today, as a revision, for a text may have been mended because it was not safe.

    Example: coord activities load --for ida@coord.example --language it
    """
    with opened(changes=True) as services:
        person = person_with(services, email)
        if not person["active"]:
            raise Failure("this person has no access")
        known = services.record.person(person["person_id"])
        standing = known.standing_as(Role.THERAPIST.value, Role.TEAM_LEAD.value)
        if standing is None:
            raise Failure("activities are written by therapists and team leads")
        author = actor_of(known, standing.role.value)
        language = language or Accounts(services.office).get(author.person_id).language
        written, kept = library.load(services.doors, author, language)
        renewed = library.renew(services.doors, author)
        services.views.catch_up()
        click.echo(f"{written} activities written, {kept} were there already.")
        if renewed:
            click.echo(f"Of those, {renewed} got the text of today.")
