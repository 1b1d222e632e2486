"""Views: built anew, and compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click
from eventsourcing.persistence import PersistenceError
from sqlalchemy.exc import SQLAlchemyError

from coord.application.services import Services
from coord.cli.frame import Failure, Progressing, main, opened
from coord.projections import ALL_VIEWS
from coord.projections.engine import Progress

VIEWS = [view.NAME for view in ALL_VIEWS]


def showing(progressing: Progressing) -> Callable[[Progress], None]:
    """For the engine, which reports `Progress`."""
    return lambda progress: progressing(progress.done, progress.of)


@main.command()
@click.argument("views", nargs=-1, type=click.Choice(VIEWS))
def rebuild(views: tuple[str, ...]) -> None:
    """Build views anew from the record, beside the live ones, and swap. All of them if none is named.

    Pages go on working meanwhile. It is also how a stopped view starts again, once its fault is mended.

    Example: coord rebuild timeline history
    """
    with opened(changes=True) as services:
        click.echo("Rebuilt: " + ", ".join(built_anew(services, views)))


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
    """See whether every view equals one built anew; exit status 1 if any row differs.

    Example: coord check
    """
    with opened() as services:
        for _ in range(3):  # a record that grows meanwhile makes an honest comparison impossible: again
            services.views.catch_up()
            before = services.record.head()
            try:
                beside = services.views.rebuild(swap=False, progress=showing(Progressing("building beside")))
                differences = services.views.differences(beside)
            finally:
                services.views.drop_beside()
            if not any(differences.values()) or services.record.head() == before:
                break
        else:
            raise Failure("the record grew during each of three comparisons; try again when it is quiet")
        for table, rows in sorted(differences.items()):
            click.echo(f"{table}: " + ("equal" if rows == 0 else f"{rows:,} rows differ"))
        wrong = [table for table, rows in differences.items() if rows]
        if wrong:
            raise Failure(f"{len(wrong)} of {len(differences)} tables differ; `coord rebuild` makes them anew")
