"""Views: built anew, and compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

import click
from eventsourcing.persistence import PersistenceError
from sqlalchemy.exc import SQLAlchemyError

from coord.application.services import Services
from coord.bootstrap import (
    Settings,
    SettingsError,
    StoreMissing,
    empty_the_views_file,
    faults_of_the_views_file,
    faults_of_what_is_kept,
    refuse_if_astray,
    refuse_unless_there,
)
from coord.cli.frame import (
    Failure,
    KeptDamaged,
    Progressing,
    ViewsDiffer,
    ViewsOfAnotherVersion,
    main,
    opened,
)
from coord.projections import ALL_VIEWS
from coord.projections.engine import Progress

VIEWS = [view.NAME for view in ALL_VIEWS]


SHOWN = 20
"""Faults that are named one by one."""
DAMAGED = (
    "what is kept is damaged. Stop the service, keep all files as they are, and restore a backup; rebuild nothing, for "
    "the views may be all that still shows what is missing"
)


def showing_what() -> Callable[[str, int, int], None]:
    """For a verification, which says what it is at as well."""
    lines: dict[str, Progressing] = {}

    def told(doing: str, done: int, of: int) -> None:
        if doing not in lines:
            lines[doing] = Progressing(doing, "files" if "files" in doing else "rows")
        lines[doing](done, of)

    return told


def showing(progressing: Progressing) -> Callable[[Progress], None]:
    """For the engine, which reports `Progress`."""
    return lambda progress: progressing(progress.done, progress.of)


@main.command()
@click.argument("views", nargs=-1, type=click.Choice(VIEWS))
def rebuild(views: tuple[str, ...]) -> None:
    """Build views anew from the record, beside the live ones, and swap. All of them if none is named.

    Pages go on working meanwhile. It is also how a stopped view starts again, once its fault is mended, and how a
    damaged file of views is made anew. Refused over a record that has gaps: the views may be all that still shows
    what is missing.

    Example: coord rebuild timeline history
    """
    settings = Settings.from_env(make=False)
    refuse_unless_there(settings)
    if emptied_if_damaged(settings):
        views = ()
    else:
        refuse_over_gaps(settings)
    with opened(astray=True, changes=True) as services:
        astray = services.views.astray()
        click.echo("Rebuilt: " + ", ".join(built_anew(services, views)))
        kept = [f"{s.view} {s.generation}" for s in astray if s not in services.views.astray()]
        if kept:
            click.echo(
                "They had shown more than the record holds. Their tables stay in the store of the views, by view and "
                f"generation: {', '.join(kept)}."
            )


def refuse_over_gaps(settings: Settings) -> None:
    """Raise `Failure` when the streams of the record have gaps: a view made anew would show the gap as the truth."""
    faults = list(islice(faults_of_what_is_kept(settings, showing_what(), thorough=False), SHOWN))
    for fault in faults:
        click.echo(f"{fault.store}: {fault.what}", err=True)
    if faults:
        raise KeptDamaged(DAMAGED)


def emptied_if_damaged(settings: Settings) -> bool:
    """Empty the file of the views if it is damaged, to be built anew; whether it was.

    Raises `Failure` over a record that has gaps: what is left of the file may be all that shows what is missing.
    """
    if not faults_of_the_views_file(settings):
        return False
    refuse_over_gaps(settings)
    empty_the_views_file(settings)
    click.echo("The file of the views was damaged: all are built anew.", err=True)
    return True


def built_anew(services: Services, views: Sequence[str]) -> list[str]:
    """Build these views anew (all of them if there are none), with progress; their names. Raises `Failure`."""
    try:
        return sorted(services.views.rebuild(views, progress=showing(Progressing("rebuilding"))))
    except (SQLAlchemyError, PersistenceError, OSError):
        raise
    except Exception as error:
        services.views.drop_beside()
        raise Failure(f"the record could not be shown ({type(error).__name__}: {error}); nothing changed") from error


@main.command()
def check() -> None:
    """See whether what is kept is whole, and then whether every view equals one built anew.

    The record comes first: streams without gaps, every event readable, the indexes complete, the database's own check;
    then the access log; then the views. Nothing is changed, and others may work meanwhile. Exit status 3 if the record
    (or the access log, or the office) is damaged, 4 if a view differs, 5 if the views are of another version, 1 if a
    store does not answer.

    Example: coord check
    """
    settings = Settings.from_env(make=False)
    refuse_unless_there(settings)
    refuse_if_damaged(settings)
    faults = faults_of_the_views_file(settings)
    if faults:
        click.echo("\n".join(f"the views: {line}" for line in faults), err=True)
        raise ViewsDiffer("the views are damaged, and the record is whole; `coord rebuild` makes them anew")
    with opened(astray=True) as services:
        outdated = services.views.outdated()
        if outdated:
            raise ViewsOfAnotherVersion(
                f"the record is whole; the views are of another version: {', '.join(outdated)}; run `coord release`"
            )
        try:
            refuse_if_astray(services)
        except SettingsError as error:
            raise KeptDamaged(str(error)) from error
        compare(services)


def refuse_if_damaged(settings: Settings) -> None:
    """Say what is wrong with what is kept. Raises `Failure` if anything is."""
    count = 0
    try:
        for fault in faults_of_what_is_kept(settings, showing_what()):
            count += 1
            if count <= SHOWN:
                click.echo(f"{fault.store}: {fault.what}", err=True)
    except StoreMissing as error:
        raise KeptDamaged(str(error)) from error
    if count > SHOWN:
        click.echo(f"and {count - SHOWN:,} more", err=True)
    if count:
        raise KeptDamaged(DAMAGED)
    click.echo("the record, its indexes and the access log: whole")


def compare(services: Services) -> None:
    """Compare each view with one built anew. Raises `Failure` if any differs, or has stopped."""
    try:
        beside = services.views.rebuild(swap=False, progress=showing(Progressing("building beside")))
        differences = services.views.differences(beside, progress=showing(Progressing("comparing", "tables")))
    finally:
        services.views.drop_beside()
    for table, difference in sorted(differences.items()):
        click.echo(f"{table}: " + ("equal" if difference.rows == 0 else f"{difference.rows:,} rows differ"))
        for place in difference.places:
            click.echo(f"  at {place}")
    wrong = [table for table, difference in differences.items() if difference.rows]
    if wrong:
        raise ViewsDiffer(
            f"{len(wrong)} of {len(differences)} tables differ from the record, which has no gap. If it was the record "
            "that somebody changed, its words are no longer those that the views show: look at these places, and keep "
            "a copy of all stores, before `coord rebuild` makes the views anew"
        )
    stopped = [state.view for state in services.views.states() if state.error]
    if stopped:
        raise ViewsDiffer(f"stopped, and not compared: {', '.join(stopped)}; see `coord health`")
