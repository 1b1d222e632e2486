"""The lean app's tables, and how they are opened."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Engine,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
)

from coord.columns import Document, Instant, Position

METADATA = MetaData()


def table(name: str, /, *columns: Column[Any], **kinds: Any) -> Table:
    """A table of ``columns``, and of more, none of them ever empty, by name."""
    return Table(name, METADATA, *columns, *(Column(of, kind, nullable=False) for of, kind in kinds.items()))


def key(name: str = "id") -> Column[str]:
    """A UUID in its text form."""
    return Column(name, Text, primary_key=True)


def of(other: str, name: str) -> Column[str]:
    """A reference to a row of another table."""
    return Column(name, ForeignKey(f"{other}.id"), nullable=False)


PEOPLE = table("people", key(), name=Text, role=Text, discipline=Text, email=Text, password=Text, active=Boolean)
TOKENS = table("tokens", Column("hash", LargeBinary, primary_key=True), of("people", "person"), expires=Instant)
"""Of the API and of who has signed in."""
CHILDREN = table("children", key(), name=Text, full_name=Text, born=Date)
TEAM = table(
    "team",
    Column("child", ForeignKey("children.id"), primary_key=True),
    Column("person", ForeignKey("people.id"), primary_key=True),
    relation=Text,
)
CHANGES = table("changes", Column("position", Position, primary_key=True), at=Instant, person=Text, what=Text)
"""What was done, in its order: every page says up to which it is."""
ENTRIES = table(
    "entries",
    key(),
    of("children", "child"),
    of("people", "author"),
    Column("format", Text),
    Column("setting", Text),
    position=Position,
    kind=Text,
    audience=Text,
    observed_from=Instant,
    observed_to=Instant,
    recorded_at=Instant,
    signed_at=Instant,
    received_at=Instant,
    present=Document,
    sections=Document,
    detail=Document,
)
SUMMARIES = table(
    "summaries",
    Column("child", ForeignKey("children.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    of("people", "author"),
    published_at=Instant,
    statements=Document,
    contact=Text,
    valid_from=Date,
    review_date=Date,
)
GOALS = table(
    "goals",
    key(),
    of("children", "child"),
    position=Position,
    status=Text,
    statement=Text,
    contexts=Document,
    disciplines=Document,
    support=Text,
    review_date=Date,
    levels=Document,
    baseline=Integer,
    weight=Integer,
)
RATINGS = table(
    "ratings",
    key(),
    of("goals", "goal"),
    of("people", "observer"),
    position=Position,
    context=Text,
    level=Integer,
    support=Text,
    observed_at=Instant,
)
VISITS = table(
    "visits",
    Column("person", Text, primary_key=True),
    Column("child", Text, primary_key=True),
    position=Position,
    at=Instant,
)
Index("people_email", PEOPLE.c.email, unique=True)
Index("team_of", TEAM.c.person)
Index("entries_page", ENTRIES.c.child, ENTRIES.c.observed_from.desc(), ENTRIES.c.position.desc())
Index("entries_news", ENTRIES.c.child, ENTRIES.c.position)
Index("goals_of", GOALS.c.child)
Index("ratings_of", RATINGS.c.goal, RATINGS.c.observed_at)


def opened(url: str) -> Engine:
    """The database at ``url``, which may hold nothing yet; what is committed is on the disk, as it is with Coord."""
    engine = create_engine(url, pool_size=8)
    if url.startswith("sqlite"):

        @event.listens_for(engine, "connect")
        def _connect(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA busy_timeout=30000")

    return engine
