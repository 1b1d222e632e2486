"""Backups of PostgreSQL: one snapshot over all schemas, which no writer waits for, streamed table by table."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

from coord.persistence import postgres_schema
from coord.persistence.manifest import BackupError, KeptFile, Manifest, Step, new_file, now_and_here
from coord.settings import Settings

SCHEMAS = ["record", "access", "office"]
_TABLES: LiteralString = (
    "SELECT n.nspname, c.relname, array_agg(a.attname ORDER BY a.attnum), array_agg(a.attname ORDER BY a.attnum) "
    "FILTER (WHERE a.attnotnull AND NOT a.atthasdef AND a.attidentity = '') "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid "
    "WHERE n.nspname = ANY(%s) AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' "
    "GROUP BY 1, 2 ORDER BY 1, 2"
)
_AS_WRITTEN = (
    "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; "
    "SET LOCAL client_encoding = 'UTF8'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL TimeZone = 'UTC'; "
    "SET LOCAL IntervalStyle = 'iso_8601'; SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1"
)
"""A copy takes as long as it takes, and is the same text whatever the server's settings are."""


@contextmanager
def _connected(settings: Settings) -> Iterator[psycopg.Connection]:
    try:
        with psycopg.connect(settings.database_url or "", connect_timeout=10) as connection:
            yield connection
    except psycopg.Error as error:
        first = " ".join(str(error).split())[:200]
        raise BackupError(f"the database at COORD_DATABASE_URL refused: {first}") from error


def back_up(settings: Settings, folder: Path, step: Step) -> Manifest:
    """Copy the tables, as they are at one moment, into an (empty) folder. Raises `BackupError`."""
    files: dict[str, KeptFile] = {}
    with _connected(settings) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.execute(_AS_WRITTEN)
        tables = connection.execute(_TABLES, [SCHEMAS]).fetchall()  # the first query: what it sees is seen from then on
        missing = sorted(set(SCHEMAS) - {schema for schema, *_ in tables})
        if missing:
            raise BackupError(f"there is no {' and no '.join(missing)} in {settings.place}")
        step("moment")
        positions = {
            "record": _last(connection, "SELECT COALESCE(MAX(notification_id), 0) FROM record.stored_events"),
            "access": _last(connection, "SELECT COALESCE(MAX(id), 0) FROM access.looks"),
        }
        manifest = now_and_here("postgresql", settings, positions)
        for schema, table, columns, _ in tables:
            name = f"{schema}.{table}.copy"
            step(f"before {name}")
            files[name] = _copy_out(connection, folder / name, (schema, table), tuple(columns), step)
        # Numbers that were given out are not part of a snapshot: these are no earlier than what was copied.
        sequences = connection.execute(
            "SELECT schemaname || '.' || sequencename, last_value FROM pg_sequences WHERE schemaname = ANY(%s)",
            [SCHEMAS],
        ).fetchall()
    return Manifest(**manifest, files=files, sequences={name: last for name, last in sequences if last is not None})


def _last(connection: psycopg.Connection, query: LiteralString) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def _copy_out(
    connection: psycopg.Connection, file: Path, table: tuple[str, str], columns: tuple[str, ...], step: Step
) -> KeptFile:
    digest, size = hashlib.sha256(), 0
    statement = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(*table), _list(columns))
    cursor = connection.cursor()
    with os.fdopen(new_file(file), "wb") as stream:
        with cursor.copy(statement) as copy:
            for block in copy:
                if size == 0:
                    step(f"copying {file.name}")
                stream.write(block)
                digest.update(block)
                size += len(block)
        stream.flush()
        os.fsync(stream.fileno())
    return KeptFile(size, digest.hexdigest(), cursor.rowcount, table, columns)


def _list(columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def refuse_unless_empty(settings: Settings) -> None:
    """Raise `BackupError` when there is a row in any table of the record, the access log or the office."""
    with _connected(settings) as connection:
        _refuse_rows(connection, settings)


def _refuse_rows(connection: psycopg.Connection, settings: Settings) -> None:
    for schema, table, *_ in connection.execute(_TABLES, [SCHEMAS]).fetchall():
        name = sql.Identifier(schema, table)
        if connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(name)).fetchone():
            raise BackupError(f"there is a store in {settings.place} already; nothing was restored")


def forget_views(settings: Settings) -> None:
    """Remove whatever views there are: they cannot be of the record that is about to be restored."""
    with _connected(settings) as connection:
        connection.execute("DROP SCHEMA IF EXISTS views CASCADE")


def restore(settings: Settings, folder: Path, manifest: Manifest, step: Step) -> None:
    """Fill the tables, which the service has made, in one transaction. Raises `BackupError`; then nothing was."""
    with _connected(settings) as connection:
        connection.execute(_AS_WRITTEN)
        tables = connection.execute(_TABLES, [SCHEMAS]).fetchall()
        there = {(schema, table): (set(names), set(needed or ())) for schema, table, names, needed in tables}
        for table in there:
            connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(*table)))
        _refuse_rows(connection, settings)
        for name, file in manifest.files.items():
            if file.table is None:
                continue
            columns, needed = there.get(file.table, (set(), set()))
            if not set(file.columns) <= columns or not needed <= set(file.columns):
                raise BackupError(
                    f"{name} is not as this version keeps it: restore it with coord {manifest.coord}, then install "
                    "this version and run `coord release`; nothing was restored"
                )
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(*file.table), _list(file.columns))
            cursor, digest = connection.cursor(), hashlib.sha256()
            with (folder / name).open("rb") as stream, cursor.copy(statement) as copy:
                while block := stream.read(1 << 20):
                    digest.update(block)
                    copy.write(block)
            if cursor.rowcount != file.rows or digest.hexdigest() != file.sha256:
                raise BackupError(f"{name} did not arrive as it was read; nothing was restored")
            step(f"placed {name}")
        for sequence, last in manifest.sequences.items():
            connection.execute("SELECT setval(%s::regclass, %s)", [sequence, last])
        # That of the record may be ahead of the moment that was kept, and would say that events are missing.
        named = postgres_schema.names("record", "stored_events")
        connection.execute(sql.SQL(postgres_schema.NUMBERS_UP_TO_THE_LAST).format(**named))
        if not any(file.table == ("record", "gaps") for file in manifest.files.values()):  # kept by an earlier version
            connection.execute(sql.SQL(postgres_schema.LIST_GAPS).format(**named))
