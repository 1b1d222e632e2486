"""The one composition root: settings and a clock in, services out. Nothing is wired by an import."""

from __future__ import annotations

from pathlib import Path

from coord.application import Doors, Record, utc_now
from coord.application.doors import Clock
from coord.application.services import Services
from coord.office import accounts, calendars, create_tables, idempotency, sign_ins, throttle, tokens
from coord.office.access import AccessLog
from coord.office.drafts import Drafts
from coord.persistence import open_stores, there_is_a_store
from coord.persistence.backup import Manifest, Step, back_up, knows_the_keys
from coord.persistence.backup import restore as restore_stores
from coord.projections import ALL_VIEWS, Views
from coord.settings import Settings, SettingsError

OFFICE_ROOMS = (accounts, calendars, idempotency, sign_ins, throttle, tokens)
"""They declare tables on the office's metadata; named, so that each exists before `create_tables` is asked."""

__all__ = [
    "Manifest",
    "Services",
    "Settings",
    "SettingsError",
    "back_up",
    "build",
    "knows_the_keys",
    "refuse_if_outdated",
    "refuse_unless_there",
    "restore",
]


def build(settings: Settings, clock: Clock = utc_now) -> Services:
    """Open the stores, make what is missing in them, and wire the doors.

    Call it after a fork, never before. Raises `SettingsError` with one line when a store cannot be opened.
    """
    stores = open_stores(settings)
    record = Record(stores.record_factory, stores.record_env)
    views = Views(stores.views, record, ALL_VIEWS)
    views.create()
    access = AccessLog(stores.access)
    access.create()
    create_tables(stores.office)
    drafts = Drafts(stores.office)
    doors = Doors(record, views, access, drafts, clock=clock, zone=settings.zone)
    return Services(settings, clock, doors, record, views, access, drafts, stores.office, stores.kind, stores.close)


def refuse_if_outdated(services: Services) -> None:
    """Raise `SettingsError` when a view's tables are of an older version: nothing could be shown from them."""
    outdated = services.views.outdated()
    if outdated:
        raise SettingsError(f"of an older version: {', '.join(outdated)}; run `coord release` first")


def refuse_unless_there(settings: Settings) -> None:
    """Raise `SettingsError` where nobody has made stores: a command by the way must not make them."""
    if not there_is_a_store(settings):
        raise SettingsError(
            f"there is no store yet ({settings.place}); set COORD_DATA or COORD_DATABASE_URL as the service has it, or "
            "make one with `coord release`"
        )


def restore(settings: Settings, folder: Path, step: Step) -> Manifest:
    """Make the stores anew from a backup, all but the views; what the backup says of itself.

    Raises `SettingsError` (`coord.persistence.backup.BackupError`), and then nothing was restored.
    """
    return restore_stores(settings, folder, lambda: build(settings).close(), step)
