"""What the record's schema in PostgreSQL consists of beside the library's table: tables, functions, triggers.

Positions are dense and appear in the order of commits (docs/adr/0012): who appends takes a turn that is given back with
the commit, and counts on from the last position that is there. What is rolled back has had none.
"""

from __future__ import annotations

import hashlib
from typing import LiteralString

from psycopg import sql

APPEND_ONLY_TABLES = {
    "events": "events_append_only",
    "index": "entry_index_append_only",
    "origin": "entry_origin_append_only",
    "gaps": "gaps_append_only",
}
"""By their names in the statements below, what the trigger of each is called."""


def turn_key(schema: str, turn: str) -> int:
    """The number of a turn that processes take one after the other, as PostgreSQL's advisory locks have it.

    They are counted for each database apart; the name of the schema keeps apart what is in one database.
    """
    digest = hashlib.blake2b(f"coord {schema} {turn}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def names(schema: str, table: str) -> dict[str, sql.Composable]:
    """What the statements name."""
    numbers = sql.Identifier(schema, f"{table}_notification_id_seq")
    made = ("append", "append_alone", "append_each", "append_only", "try_writing")
    return {
        "schema": sql.Identifier(schema),
        "events": sql.Identifier(schema, table),
        "index": sql.Identifier(schema, "entry_index"),
        "origin": sql.Identifier(schema, "entry_origin"),
        "gaps": sql.Identifier(schema, "gaps"),
        "gaps_name": sql.Literal(f"{schema}.gaps"),
        "append_name": sql.Literal(f"{schema}.append(uuid[], bigint[], text[], bytea[], uuid[], boolean[])"),
        "numbers": numbers,
        "numbers_name": sql.Literal(numbers.as_string()),
        "turn": sql.Literal(turn_key(schema, "append")),
        **{name: sql.Identifier(schema, name) for name in made},
    }


def statements(schema: str, table: str) -> list[sql.Composed]:
    """What makes all of it, where it is missing, and brings it to this version where it is there."""
    named = names(schema, table)
    parts = (_INDEX, _ORIGIN, _APPEND_ALONE, _APPEND_EACH, _TRY_WRITING, _APPEND_ONLY, _GAPS)
    made = [sql.SQL(part).format(**named) for part in parts]
    for name, trigger in APPEND_ONLY_TABLES.items():
        made.append(sql.SQL(_TRIGGER).format(**named, trigger=sql.Identifier(trigger), table=named[name]))
    return made


_INDEX: LiteralString = (
    "CREATE TABLE IF NOT EXISTS {index} (entry_id uuid NOT NULL, originator_id uuid NOT NULL, "
    "originator_version bigint NOT NULL, PRIMARY KEY (entry_id, originator_version))"
)
_ORIGIN: LiteralString = "CREATE TABLE IF NOT EXISTS {origin} (entry_id uuid PRIMARY KEY, originator_id uuid NOT NULL)"
LIST_GAPS: LiteralString = """
    INSERT INTO {gaps} (first, last)
        SELECT before + 1, position - 1 FROM (
            SELECT notification_id AS position, lag(notification_id, 1, 0::bigint) OVER (ORDER BY notification_id)
                AS before
            FROM {events}
        ) AS found WHERE position > before + 1
"""
"""The positions below the last one that nothing stands at."""
_NUMBERS: LiteralString = (
    " setval({numbers_name}, last) FROM (SELECT max(notification_id) AS last FROM {events}) AS found WHERE last > 0"
)
NUMBERS_UP_TO_THE_LAST: LiteralString = "SELECT" + _NUMBERS
"""The sequence says how far positions have been seen; see `_TAKE_TURN`."""
# Until there was this table each race that was lost burned a number. What a store of then lacks is listed, once, in the
# transaction that ends it; from then on a gap is damage. A process of before that is still at work appends by our
# function from its next append on; the one it is in fails, for there is no default any more, and is decided again.
_GAPS: LiteralString = (
    """
DO $do$ BEGIN
    IF to_regclass({gaps_name}) IS NOT NULL THEN
        RETURN;
    END IF;
    LOCK TABLE {events} IN ACCESS EXCLUSIVE MODE;
    CREATE TABLE {gaps} (
        first bigint PRIMARY KEY, last bigint NOT NULL CHECK (last >= first),
        found_at timestamptz NOT NULL DEFAULT now()
    );
    ALTER TABLE {events} ALTER notification_id DROP DEFAULT;
    """  # noqa: S608 - names are composed, and quoted
    + LIST_GAPS
    + "; PERFORM"
    + _NUMBERS
    + """;
    IF to_regprocedure({append_name}) IS NOT NULL THEN
        CREATE OR REPLACE FUNCTION {append}(
            streams uuid[], versions bigint[], topics text[], states bytea[], entries uuid[], opens boolean[]
        ) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
        BEGIN
            RETURN QUERY SELECT generate_series(last - cardinality(streams) + 1, last)
                FROM {append_alone}(streams, versions, topics, states, entries, opens) AS last;
        END $$;
    END IF;
END $do$
"""
)
# One writer at a time. The snapshot of the second statement is taken with the turn: it sees what was committed before.
# The sequence follows one append behind, for it keeps what is rolled back: so it never says more than was committed,
# and where it says more than is there, events at the end have been taken away. Their positions are not used again.
_TAKE_TURN: LiteralString = """
    PERFORM pg_advisory_xact_lock({turn});
    SELECT COALESCE((SELECT max(notification_id) FROM {events}), 0), CASE WHEN is_called THEN last_value ELSE 0 END
        INTO before, seen FROM {numbers};
    IF seen < before THEN
        seen := setval({numbers_name}, before);
    END IF;
    before := GREATEST(before, seen);
"""
# Written out where it is needed: functions that call each other for every append were dearer.
_PUT: LiteralString = """
    INSERT INTO {events} (originator_id, originator_version, topic, state, notification_id)
        SELECT stream, version, topic, state, before + place
        FROM unnest(of_streams, of_versions, of_topics, of_states)
            WITH ORDINALITY AS t (stream, version, topic, state, place);
    INSERT INTO {index} SELECT entry, stream, version
        FROM unnest(of_entries, of_streams, of_versions) AS t (entry, stream, version) WHERE entry IS NOT NULL;
    INSERT INTO {origin} SELECT entry, stream
        FROM unnest(of_entries, of_streams, of_opens) AS t (entry, stream, opened) WHERE opened;
"""
_APPEND_ALONE: LiteralString = (
    """
CREATE OR REPLACE FUNCTION {append_alone}(
    of_streams uuid[], of_versions bigint[], of_topics text[], of_states bytea[], of_entries uuid[], of_opens boolean[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE before bigint; seen bigint;
BEGIN
"""
    + _TAKE_TURN
    + _PUT
    + """
    RETURN before + cardinality(of_streams);
END $$
"""
)
# Several appends of ``sizes`` events each: for each the position of its last event, or what was wrong with it alone.
# Whatever that is, the others are not touched by it. The tables' locks come first: who holds one holds up all alike.
_APPEND_EACH: LiteralString = (
    """
CREATE OR REPLACE FUNCTION {append_each}(
    sizes int[], streams uuid[], versions bigint[], topics text[], states bytea[], entries uuid[], opens boolean[]
) RETURNS TABLE (position_of_last bigint, code text, said text) LANGUAGE plpgsql AS $$
DECLARE
    before bigint; seen bigint; size int; a int := 1; z int;
    of_streams uuid[]; of_versions bigint[]; of_topics text[]; of_states bytea[]; of_entries uuid[]; of_opens boolean[];
BEGIN
    LOCK TABLE {events}, {index}, {origin} IN ROW EXCLUSIVE MODE;
"""
    + _TAKE_TURN
    + """
    FOREACH size IN ARRAY sizes LOOP
        z := a + size - 1;
        of_streams := streams[a:z]; of_versions := versions[a:z]; of_topics := topics[a:z];
        of_states := states[a:z]; of_entries := entries[a:z]; of_opens := opens[a:z];
        BEGIN
"""
    + _PUT
    + """
            before := before + size;
            position_of_last := before; code := NULL; said := NULL;
        EXCEPTION WHEN OTHERS THEN
            position_of_last := NULL; code := SQLSTATE; said := SQLERRM;
        END;
        RETURN NEXT;
        a := z + 1;
    END LOOP;
END $$
"""
)
# Nothing is written, but by a statement that a server which is read-only refuses.
_TRY_WRITING: LiteralString = """
CREATE OR REPLACE FUNCTION {try_writing}() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock({turn});
    INSERT INTO {events} SELECT * FROM {events} WHERE false;
END $$
"""
_APPEND_ONLY: LiteralString = (
    "CREATE OR REPLACE FUNCTION {append_only}() RETURNS trigger LANGUAGE plpgsql AS "
    "$$BEGIN RAISE EXCEPTION 'the record is append-only'; END$$"
)
_TRIGGER: LiteralString = (
    "CREATE OR REPLACE TRIGGER {trigger} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION {append_only}()"
)
