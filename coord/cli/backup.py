"""A backup of one moment of all stores, and stores made anew from one."""

from __future__ import annotations

import time
from pathlib import Path

import click

from coord.bootstrap import (
    Manifest,
    Settings,
    back_up,
    knows_the_keys,
    record_lacks_what_was_shown,
    refuse_unless_there,
)
from coord.bootstrap import restore as restore_stores
from coord.cli.frame import main, opened
from coord.cli.views import built_anew

FOLDER = click.Path(file_okay=False, path_type=Path)


class Told:
    """Says what is being done, and finds out for how long writers waited."""

    def __init__(self) -> None:
        """Nothing is done yet."""
        self._held = 0.0
        self.waited = 0.0

    def __call__(self, step: str) -> None:
        """Take note of a step."""
        now = time.monotonic()
        if step == "turn":
            self._held = now
        elif step == "moment" and self._held:
            self.waited = now - self._held
        verb, _, name = step.partition(" ")
        if verb in ("before", "placed"):
            click.echo(f"{'copying' if verb == 'before' else 'restored'} {name}", err=True)


def summary(manifest: Manifest) -> str:
    """When it was, and how far the stores were."""
    size = sum(file.bytes for file in manifest.files.values())
    return (
        f"{manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC, record at {manifest.positions['record']:,}, "
        f"access log at {manifest.positions['access']:,}, {size:,} bytes"
    )


@main.command()
@click.argument("folder", type=FOLDER)
def backup(folder: Path) -> None:
    """Keep one moment of the record, the access log and the office in a new FOLDER, while people write.

    The folder is for this user alone, and names positions, sizes and checksums in manifest.json. A record that lacks
    what people were shown is kept all the same, with a warning.

    Example: coord backup /var/backups/coord/2026-11-29
    """
    settings = Settings.from_env(make=False)
    refuse_unless_there(settings)
    told = Told()
    manifest = back_up(settings, folder, told)
    click.echo(f"Backed up to {folder}: {summary(manifest)}.")
    click.echo(f"Store: {settings.place}. Nobody waited for longer than {told.waited * 1000:.0f} ms.", err=True)
    lacking = record_lacks_what_was_shown(settings)
    if lacking:
        click.echo(
            f"coord: WARNING: {lacking}. This backup is of the older record: let it take the place of no earlier one. "
            "Put the newer record back, or restore the last backup without this warning; then back up again",
            err=True,
        )


@main.command()
@click.argument("folder", type=FOLDER)
def restore(folder: Path) -> None:
    """Make the stores anew from a backup in FOLDER, and the views from the record.

    Only where there is no store yet. A backup of which a single byte is not as it was written is refused before
    anything is restored. Look at the result with `coord check` before people do.

    Example: COORD_DATA=/srv/coord-new coord restore /var/backups/coord/2026-11-29
    """
    settings = Settings.from_env(make=False)
    manifest = restore_stores(settings, folder, Told())
    with opened(may_make=True, changes=True) as services:
        built_anew(services, ())
        services.views.catch_up()
        if not knows_the_keys(services.settings, manifest):
            click.echo(
                "coord: COORD_SECRET_KEY is none of those that the backup was made under: people sign in again, "
                "addresses of calendars lead nowhere, and a request repeated from before is carried out again",
                err=True,
            )
        click.echo(f"Restored as of {summary(manifest)}.")
