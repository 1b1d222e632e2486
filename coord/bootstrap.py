"""The one composition root: settings and a clock in, services out. Nothing is wired by an import."""

from __future__ import annotations

from coord.application import Doors, Record, utc_now
from coord.application.doors import Clock
from coord.application.services import Services
from coord.office import accounts, calendars, create_tables, idempotency, sign_ins, throttle, tokens, told
from coord.office.access import AccessLog
from coord.office.drafts import Drafts
from coord.persistence import open_stores
from coord.projections import ALL_VIEWS, Views
from coord.settings import Settings, SettingsError

OFFICE_ROOMS = (accounts, calendars, idempotency, sign_ins, throttle, told, tokens)
"""They declare tables on the office's metadata; named, so that each exists before `create_tables` is asked."""

__all__ = ["Services", "Settings", "SettingsError", "build", "refuse_if_outdated"]


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
