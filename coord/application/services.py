"""What pages, API and command line are given; made by `coord.bootstrap.build` alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from coord.application.doors import Clock, Doors
from coord.application.record import Record
from coord.office.access import AccessLog
from coord.office.drafts import Drafts
from coord.projections import Views
from coord.settings import Settings


@dataclass(frozen=True)
class Services:
    """The doors, and the stores behind them for health, rebuilds and accounts."""

    settings: Settings
    clock: Clock
    doors: Doors
    record: Record
    views: Views
    access: AccessLog
    drafts: Drafts
    office: Engine
    store_kind: str
    analyse_stores: Callable[[], None]
    """See `coord.persistence.Stores.analyse`."""
    close_stores: Callable[[], None]

    def close(self) -> None:
        """Give every connection back."""
        self.record.close()
        self.close_stores()
