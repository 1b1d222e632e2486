"""One moment of the record, the access log and the office, kept in a folder; and stores made from such a folder again.

All of them are kept as they were at one and the same moment, so that a backup is never anything but what a process that
died at that moment would have left: what was acknowledged before it is there, in whichever stores it was written, and
nothing of what came after. Whatever writes to two stores (a draft that a signing uses up, an answer kept for whoever
asks again, a look at what was recorded) does so in an order that a crash may interrupt anywhere, and so may a backup.

The views are left out: they are made from the record, and whoever restores makes them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from coord.persistence import backup_sqlite
from coord.persistence.manifest import (
    SECRET,
    BackupError,
    Manifest,
    Step,
    copied,
    fingerprints,
    kept,
    new_folder,
    read_manifest,
    write_manifest,
)
from coord.persistence.private import private_folder
from coord.settings import Settings

__all__ = ["BackupError", "Manifest", "Step", "back_up", "knows_the_keys", "restore"]


def _quietly(_step: str) -> None:
    """Told to nobody."""


def back_up(settings: Settings, folder: Path, step: Step = _quietly) -> Manifest:
    """Keep one moment of all stores in a new folder, while people write.

    ``step`` is told where it is. Raises `BackupError`, and then leaves nothing behind.
    """
    made = not folder.exists()
    new_folder(folder)
    try:
        if settings.database_url:
            from coord.persistence import backup_postgres  # the driver is a large thing for who has no use for it

            manifest = backup_postgres.back_up(settings, folder, step)
        else:
            manifest = backup_sqlite.back_up(settings, folder, step)
        manifest = _with_secret(settings, folder, manifest)
        write_manifest(folder, manifest)
    except BaseException:
        for file in folder.iterdir():
            file.unlink()
        if made:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    return manifest


def restore(settings: Settings, folder: Path, make_tables: Callable[[], None], step: Step = _quietly) -> Manifest:
    """Make the stores anew from a backup, all but the views; what the backup says of itself.

    ``make_tables`` makes the tables of a service that nobody has used. Raises `BackupError`, before anything is
    written, for a backup that is damaged or of another kind of store, and where there is a store already.
    """
    manifest = read_manifest(folder)
    kind = "postgresql" if settings.database_url else "sqlite"
    if manifest.store != kind:
        raise BackupError(f"the backup is of {manifest.store}, and here is {kind}; nothing was restored")
    step("read")
    if settings.database_url:
        from coord.persistence import backup_postgres

        backup_postgres.refuse_unless_empty(settings)
        backup_postgres.forget_views(settings)
        make_tables()
        backup_postgres.restore(settings, folder, manifest, step)
    else:
        backup_sqlite.refuse_unless_empty(settings)
        backup_sqlite.restore(settings, folder, manifest, step)
    if SECRET in manifest.files and not (settings.data / SECRET).exists():
        try:
            private_folder(settings.data)
            copied(folder / SECRET, settings.data / SECRET)
        except OSError as error:
            raise BackupError(f"the stores are restored, but not {settings.data / SECRET}: {error.strerror}") from error
    return manifest


def _with_secret(settings: Settings, folder: Path, manifest: Manifest) -> Manifest:
    """The secret that development made for itself lies beside the stores, and is kept with them. One of the environment
    is kept where that is."""
    secret = settings.data / SECRET
    if not secret.is_file() or secret.read_text().strip() not in settings.secret_keys:
        return manifest
    copied(secret, folder / SECRET)
    return replace(manifest, files={**manifest.files, SECRET: kept(folder / SECRET)})


def knows_the_keys(settings: Settings, manifest: Manifest) -> bool:
    """Whether what was signed before the backup is believed under these settings."""
    return not manifest.keys or bool(set(manifest.keys) & set(fingerprints(settings)))
