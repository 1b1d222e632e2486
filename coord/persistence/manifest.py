"""What a backup says of itself, and how its files are written and read: for their owner alone, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from coord.persistence.private import private_folder
from coord.settings import Settings, SettingsError

MANIFEST = "manifest.json"
FORMAT = 1
SECRET = "secret"  # noqa: S105 - the name of the file in which development keeps its own

Step = Callable[[str], None]
"""Told of each step as it is reached, with the stores as that step leaves them."""


class BackupError(SettingsError):
    """A backup cannot be taken or restored; the message is one line for the operator."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file of a backup. Of a table: its name, its columns, and how many rows there are."""

    bytes: int
    sha256: str
    rows: int | None = None
    table: tuple[str, str] | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is: of when and of what, how far its stores were, and what its files must be."""

    store: str
    taken_at: datetime
    coord: str
    positions: Mapping[str, int]
    """``record``: the last position in the record; ``access``: the number of the last look."""
    keys: tuple[str, ...]
    """Fingerprints of the secret keys; nothing of a key can be learnt from one."""
    files: Mapping[str, KeptFile]
    sequences: Mapping[str, int] = field(default_factory=dict)


def now_and_here(store: str, settings: Settings, positions: Mapping[str, int]) -> dict[str, Any]:
    """What of a manifest is the same for every store."""
    return {
        "store": store,
        "taken_at": datetime.now(UTC),
        "coord": metadata.version("coord"),
        "positions": dict(positions),
        "keys": fingerprints(settings),
    }


def fingerprints(settings: Settings) -> tuple[str, ...]:
    """By which the keys of a backup are known again."""
    return tuple(
        hashlib.blake2b(b"coord.backup", key=hashlib.sha256(key.encode()).digest(), digest_size=8).hexdigest()
        for key in settings.secret_keys
        if key
    )


def new_folder(folder: Path) -> None:
    """Make the folder of a backup. Raises `BackupError` when there is something in it."""
    try:
        if folder.exists() and any(folder.iterdir()):
            raise BackupError(f"{folder} is not empty: each backup has a folder of its own")
        private_folder(folder)
    except OSError as error:
        raise BackupError(f"{folder}: {error.strerror}") from error


def new_file(file: Path) -> int:
    """A new file for its owner alone, open to be written."""
    return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def kept(file: Path, **more: Any) -> KeptFile:
    """Size and checksum of a file, which is on the disk for good when this returns."""
    with file.open("rb") as stream:
        os.fsync(stream.fileno())
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return KeptFile(file.stat().st_size, digest, **more)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """The last thing that is written: a folder without one is no backup."""
    content: dict[str, Any] = {
        "format": FORMAT,
        "store": manifest.store,
        "taken_at": manifest.taken_at.isoformat(),
        "coord": manifest.coord,
        "positions": manifest.positions,
        "keys": manifest.keys,
        "sequences": manifest.sequences,
        "files": {
            name: {"bytes": file.bytes, "sha256": file.sha256}
            | ({} if file.table is None else {"table": file.table, "columns": file.columns, "rows": file.rows})
            for name, file in sorted(manifest.files.items())
        },
    }
    content["sha256"] = _seal(content)
    with os.fdopen(new_file(folder / f"{MANIFEST}.new"), "w") as stream:
        json.dump(content, stream, indent=2, sort_keys=True)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    (folder / f"{MANIFEST}.new").rename(folder / MANIFEST)
    sync_folder(folder)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup of which every file is as it was written. Raises `BackupError` otherwise."""
    file = folder / MANIFEST
    if not file.is_file():
        raise BackupError(f"{folder} holds no finished backup: there is no {MANIFEST}")
    try:
        content = json.loads(file.read_bytes())
        seal = content.pop("sha256")
        if seal != _seal(content):
            raise ValueError
        if content["format"] != FORMAT:
            raise BackupError(f"{folder} was made by coord {content['coord']}, in a form that is not known here")
        manifest = Manifest(
            store=content["store"],
            taken_at=datetime.fromisoformat(content["taken_at"]),
            coord=content["coord"],
            positions=content["positions"],
            keys=tuple(content["keys"]),
            sequences=content["sequences"],
            files={
                name: KeptFile(
                    kept["bytes"],
                    kept["sha256"],
                    kept.get("rows"),
                    tuple(kept["table"]) if "table" in kept else None,
                    tuple(kept.get("columns", ())),
                )
                for name, kept in content["files"].items()
            },
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupError(
            f"the backup is damaged: {MANIFEST} is not as it was written; nothing was restored"
        ) from error
    for name, expected in manifest.files.items():
        if not (folder / name).is_file():
            raise _damaged(f"{name} is missing")
        if not is_as_written(folder / name, expected):
            raise _damaged(f"{name} is not as it was written")
    return manifest


def is_as_written(file: Path, expected: KeptFile) -> bool:
    """Whether a file has the size and the checksum that were noted of it."""
    if file.stat().st_size != expected.bytes:
        return False
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == expected.sha256


def copied(source: Path, target: Path) -> None:
    """A copy for its owner alone, on the disk for good."""
    with source.open("rb") as reading, os.fdopen(new_file(target), "wb") as writing:
        shutil.copyfileobj(reading, writing, 1 << 20)
        writing.flush()
        os.fsync(writing.fileno())


def sync_folder(folder: Path) -> None:
    """Names of new files are on the disk for good when this returns."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _damaged(what: str) -> BackupError:
    return BackupError(f"the backup is damaged: {what}; nothing was restored")


def _seal(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
