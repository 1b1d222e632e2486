"""The one composition root: settings and a clock in, services out. Nothing is wired by an import."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from eventsourcing.persistence import MapperDeserialisationError, PersistenceError
from sqlalchemy.exc import SQLAlchemyError

from coord.application import Doors, Record, utc_now
from coord.application.doors import Clock
from coord.application.sent_again import Fingerprints, Once
from coord.application.services import Services
from coord.damage import is_damage
from coord.office import (
    accounts,
    calendars,
    chosen_roles,
    complaint_files,
    create_tables,
    factors,
    idempotency,
    links,
    outbox,
    sign_ins,
    steps,
    throttle,
    tokens,
    told,
)
from coord.office.access import AccessLog
from coord.office.complaint_files import ComplaintFiles
from coord.office.drafts import Drafts
from coord.office.outbox import Outbox
from coord.office.phrases import Phrases
from coord.office.told import Told as ToldOfChanges
from coord.patience import AT_LENGTH, SERVING
from coord.persistence import StoreMissing, open_stores, there_is_a_store
from coord.persistence.backup import Manifest, Step, back_up, knows_the_keys
from coord.persistence.backup import restore as restore_stores
from coord.persistence.sqlite import FILES, emptied, own_check
from coord.persistence.verifying import Fault, Told, Verification
from coord.projections import ALL_VIEWS, Views
from coord.settings import Settings, SettingsError

OFFICE_ROOMS = (
    accounts,
    calendars,
    chosen_roles,
    complaint_files,
    factors,
    idempotency,
    links,
    outbox,
    sign_ins,
    steps,
    throttle,
    told,
    tokens,
)
"""They declare tables on the office's metadata; named, so that each exists before `create_tables` is asked."""

ENOUGH = 10_000
"""Events that views which are empty can catch up on when somebody first asks; more are built beforehand."""

__all__ = [
    "Fault",
    "Manifest",
    "Services",
    "Settings",
    "SettingsError",
    "StoreMissing",
    "back_up",
    "build",
    "empty_the_views_file",
    "faults_of_the_views_file",
    "faults_of_what_is_kept",
    "knows_the_keys",
    "record_lacks_what_was_shown",
    "refuse_if_astray",
    "refuse_unless_fit",
    "refuse_unless_there",
    "restore",
]


def build(settings: Settings, clock: Clock = utc_now, patience: float = SERVING) -> Services:
    """Open the stores, make what is missing in them, and wire the doors. ``patience``: see `open_stores`.

    Call it after a fork, never before. Raises `SettingsError` with one line when a store cannot be opened.
    """
    stores = open_stores(settings, patience)
    try:
        record = Record(stores.record_factory, stores.record_env)
        views = Views(stores.views, record, ALL_VIEWS)
        views.create()
        access = AccessLog(stores.access)
        access.create()
        create_tables(stores.office)
    except (sqlite3.Error, SQLAlchemyError, PersistenceError) as error:
        stores.close()
        if not is_damage(error):
            raise
        said = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise SettingsError(f"a store is damaged ({said}); `coord check` says which, and what to do") from error
    drafts = Drafts(stores.office)
    once = Once(Fingerprints(*settings.secret_keys))
    office = stores.office
    kept = (drafts, Phrases(office), ComplaintFiles(office), ToldOfChanges(office))
    doors = Doors(record, views, access, *kept, once, clock, settings.zone)
    return Services(
        settings, clock, doors, record, views, access, drafts, office, stores.kind, stores.analyse, stores.close
    )


def refuse_if_astray(services: Services) -> None:
    """Raise `SettingsError` when a view shows what the record does not hold: events have been lost, and it would be
    served, and written to, as if they never had been."""
    another = _another_record(services.views, services.record)
    if another:
        raise SettingsError(
            f"{another}; put the newer record back, or, if there is none, run `coord rebuild` to show what is left"
        )


def _another_record(views: Views, record: Record) -> str:
    """How the record is not the one that its views were made from; nothing if it is."""
    astray = views.astray()
    if not astray:
        return ""
    names, furthest = ", ".join(state.view for state in astray), max(state.position for state in astray)
    head = record.head()
    what = f"the record ends at {head}" if furthest > head else "the record holds something else there"
    return f"the record is not the one that its views were made from: {names} at {furthest}, and {what}"


def record_lacks_what_was_shown(settings: Settings) -> str:
    """How the record is not the one that its views were made from; nothing if it is, nor where the views cannot say,
    for they are damaged or not there: what a backup keeps does not hang on them. Makes nothing."""
    if not settings.database_url and not (settings.data / FILES["views"]).exists():
        return ""
    stores = open_stores(settings)
    try:
        record = Record(stores.record_factory, stores.record_env)
        return _another_record(Views(stores.views, record, ALL_VIEWS), record)
    except (sqlite3.Error, SQLAlchemyError, PersistenceError, MapperDeserialisationError):
        return ""
    finally:
        stores.close()


def refuse_unless_fit(services: Services) -> None:
    """Raise `SettingsError` when nothing could be shown from the views: they are of another version, or not there, or
    ahead of the record."""
    outdated = services.views.outdated()
    if outdated:
        raise SettingsError(f"of an older version: {', '.join(outdated)}; run `coord release` first")
    refuse_if_astray(services)
    empty = [s.view for s in services.views.states() if s.position == 0 and s.error is None]
    if empty and services.record.head() > ENOUGH:
        raise SettingsError(f"not built yet: {', '.join(empty)}; run `coord release` first")


def faults_of_what_is_kept(settings: Settings, told: Told, *, thorough: bool = True) -> Iterator[Fault]:
    """What is wrong with the record, the access log and the office; nothing about the views, and nothing is changed.

    ``thorough`` reads everything there is; otherwise only whether the streams of the record have gaps. ``told`` hears
    how far it is. Raises `SettingsError` when a store cannot be opened, and `StoreMissing` when one is not there.
    """
    stores = open_stores(settings)
    try:
        folder = settings.data.resolve() if stores.kind == "sqlite" else None
        verification = Verification(stores.record, stores.access, folder, told)
        if thorough:
            yield from verification.files()
        yield from verification.record(thorough=thorough)
        if thorough:
            yield from verification.access()
    finally:
        stores.close()


def faults_of_the_views_file(settings: Settings) -> list[str]:
    """What SQLite finds wrong with the file of the views; nothing on PostgreSQL."""
    file = settings.data / FILES["views"]
    return [] if settings.database_url or not file.exists() else own_check(file, quick=True)


def empty_the_views_file(settings: Settings) -> None:
    """Make the file of the views one without tables, in its place, however damaged it is; `build` makes them again."""
    emptied(settings.data / FILES["views"])


def refuse_unless_there(settings: Settings) -> None:
    """Raise `SettingsError` where nobody has made stores: a command by the way must not make them."""
    if not there_is_a_store(settings):
        raise SettingsError(
            f"there is no store yet ({settings.place}); set COORD_DATA or COORD_DATABASE_URL as the service has it, or "
            "make one with `coord release`"
        )


def restore(settings: Settings, folder: Path, step: Step) -> Manifest:
    """Make the stores anew from a backup, all but the views; what the backup says of itself.

    What waited to be mailed is not: since the backup it may have been sent. Raises `SettingsError`
    (`coord.persistence.backup.BackupError`), and then nothing was restored.
    """
    manifest = restore_stores(settings, folder, lambda: build(settings, patience=AT_LENGTH).close(), step)
    stores = open_stores(settings, AT_LENGTH)
    try:
        create_tables(stores.office)  # an earlier version's backup may have no outbox
        Outbox(stores.office).drop_all(utc_now(), "restored")
    finally:
        stores.close()
    return manifest
