"""What all commands stand in: the group, the services, and how something goes wrong in one line."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from eventsourcing.persistence import MapperDeserialisationError, PersistenceError
from sqlalchemy.exc import SQLAlchemyError

from coord.application import utc_now
from coord.bootstrap import Services, Settings, SettingsError, build, refuse_if_astray, refuse_unless_there
from coord.damage import is_damage
from coord.domain.errors import DomainError, InvalidInput, Stale
from coord.office import (  # noqa: F401 - they declare tables that `build` makes
    accounts,
    sign_ins,
    throttle,
    tokens,
)
from coord.patience import AT_LENGTH


class Failure(click.ClickException):
    """What went wrong, in one line for whoever typed the command."""

    def show(self, file: Any = None) -> None:
        """Print it on standard error."""
        click.echo(f"coord: {self.message}", err=True)


class KeptDamaged(Failure):
    """What is kept for ever is not whole: the record, the access log or the office."""

    exit_code = 3


class ViewsDiffer(Failure):
    """The record is whole, and a view is not what it says."""

    exit_code = 4


class ViewsOfAnotherVersion(Failure):
    """The record is whole, and nothing can be said of views that another version of Coord made."""

    exit_code = 5


WORDS = {
    "not-found": "there is no such child",
    "no-such-person": "there is no such person",
    "no-account": "this person has no account",
    "email-taken": "this address has an account already",
    "already-disabled": "this person has no access as it is",
    "role-over": "this person does not have that role any more",
    "has-that-role": "this person has that role as it is",
    "no-such-role": "this person does not have that role beside another",
    "already-enabled": "this person has access as it is",
    "unavailable": "a store does not answer",
    "access-not-recorded": "the access could not be recorded, so nothing is shown",
    "not-an-email": "is not an email address",
    "missing": "is missing",
    "not-clinical": "must be ot, slt, psychology or other for this role",
    "in-the-past": "is past",
    "new-team": "{team}: nobody is in this team yet; add --new-team if it is a new one",
    "new-team-near": "{team}: nobody is in this team yet; did you mean {near}? Add --new-team if it is a new one",
    "password-too-short": "is too short: at least {minimum} characters",
    "password-too-long": "is too long: at most {maximum} characters",
    "password-common": "is too easy to guess: take a few words that do not belong together",
    "password-contains-yours": "must not contain the name or the address",
}
"""English for the codes an operator can meet; any other is shown as it is."""


def in_words(error: DomainError) -> str:
    """One line for a refusal."""
    if isinstance(error, InvalidInput):
        problems = (f"{p.pointer.strip('/')} {WORDS.get(p.code, p.code).format(**p.params)}" for p in error.problems)
        return "; ".join(problems)
    if isinstance(error, Stale):
        return "somebody else changed it meanwhile; look again"
    return WORDS.get(error.code, error.code)


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn whatever an operator can cause or mend into a `Failure`; a fault of ours keeps its traceback."""
    try:
        yield
    except SettingsError as error:
        raise Failure(str(error)) from error
    except DomainError as error:
        raise Failure(in_words(error)) from error
    except (SQLAlchemyError, PersistenceError, MapperDeserialisationError, sqlite3.Error) as error:
        cause = getattr(error, "orig", None) or error
        first = str(cause).splitlines()[0] if str(cause) else type(cause).__name__
        if is_damage(error):
            raise Failure(f"a store is damaged: {first[:200]}; `coord check` says which, and what to do") from error
        raise Failure(f"a store does not answer: {first[:200]}") from error
    except BrokenPipeError:
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise Failure(f"{where}{error.strerror or error}") from error


class Commands(click.Group):
    """A group whose commands end in one line and exit status 1 when they fail."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with one_line_errors():
            return super().invoke(ctx)


@contextmanager
def opened(
    clock: Callable[[], Any] = utc_now,
    *,
    astray: bool = False,
    patience: float = AT_LENGTH,
    may_make: bool = False,
    changes: bool = False,
) -> Iterator[Services]:
    """The services, from the process environment; closed at the end. A command may take its time.

    Views that are ahead of the record are refused, unless the command is there to tell of them or to mend them:
    ``astray``. ``may_make``: the stores are made where there are none; any other command is refused there, for it would
    come to the wrong place and seem to have done what was asked. ``changes``: when it has gone well, say which stores
    were changed.
    """
    if not may_make:
        refuse_unless_there(Settings.from_env(make=False))
    settings = Settings.from_env()
    services = build(settings, clock, patience)
    try:
        if not astray:
            refuse_if_astray(services)
        yield services
    finally:
        services.close()
    if changes:
        click.echo(f"Store: {settings.place}.", err=True)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="coord", message="coord %(version)s")
def main() -> None:
    """One child, one timeline.

    Settings come from the environment: COORD_DATA (the folder, ./var), COORD_DATABASE_URL (postgresql://...; without
    it, SQLite files in the folder), PORT (8000), COORD_ENV, COORD_SECRET_KEY, COORD_ZONE,
    COORD_LANGUAGE. A name that begins with COORD_ and is no setting is refused.
    """


class Progressing:
    """Shows how far something long is: one line rewritten on a terminal, a line every tenth elsewhere."""

    def __init__(self, doing: str, unit: str = "events") -> None:
        """``doing`` begins the line; ``unit`` is what is counted."""
        self._doing, self._unit = doing, unit
        self._began = time.monotonic()
        self._tenths = -1
        self._live = sys.stderr.isatty()

    def __call__(self, done: int, of: int) -> None:
        """Show that ``done`` of ``of`` are done."""
        tenths = 10 * done // of if of else 10
        if not self._live and tenths == self._tenths:
            return
        self._tenths = tenths
        rate = done / max(time.monotonic() - self._began, 1e-6)
        line = f"{self._doing}: {done:,} of {of:,} {self._unit}, {rate:,.0f}/s"
        click.echo(f"\r{line}   " if self._live else line, nl=not self._live or done >= of, err=True)
