"""Data: the demonstration, a load, and one child as a file."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from uuid import UUID

import click
import orjson

from coord import demo as demonstration
from coord.application.case.questions import ExportCase
from coord.cli.frame import Failure, Progressing, main, opened
from coord.demo.generate import Load, generate
from coord.domain.actors import COMMAND_LINE
from coord.domain.course.life import MOST_SESSIONS
from coord.office.accounts import Accounts
from coord.office.told import Told


@main.command()
@click.option("--if-empty", is_flag=True, help="Load nothing, and succeed, when the record holds events already.")
def demo(if_empty: bool) -> None:
    """Load twelve invented children with the people around them, and print the sign-ins.

    Example: coord demo --if-empty
    """
    calendar = demonstration.Calendar()
    with opened(calendar, may_make=True, changes=True) as services:
        if services.settings.production:
            raise Failure("demonstration people share one published password: not in production")
        head = services.record.head()
        if head and not if_empty:
            raise Failure(f"the record holds {head:,} events already, so nothing was loaded")
        accounts = Accounts(services.office)
        if not head:
            began = time.monotonic()
            loaded = demonstration.load(
                services.doors,
                accounts,
                calendar,
                language=services.settings.language,
                told=Told(services.office),
            )
            services.views.catch_up()
            took = time.monotonic() - began
            click.echo(f"Loaded {loaded.children} invented children: {loaded.events:,} events in {took:.1f} s.\n")
        elif accounts.by_email(demonstration.PEOPLE[0].email) is None:
            click.echo(f"The record holds {head:,} events of its own: no demonstration loaded.")
            return
        elif not demonstration.is_complete(services.access):
            click.echo("coord: an earlier `coord demo` was interrupted; empty the store and load it again", err=True)
        click.echo(demonstration.sign_ins())


@main.command(name="generate")
@click.option("--children", type=click.IntRange(1), required=True, help="How many children.")
@click.option("--entries", type=click.IntRange(0), required=True, help="How many notes for each.")
@click.option("--goals", type=click.IntRange(0), default=0, show_default=True, help="How many goals for each.")
@click.option("--ratings", type=click.IntRange(0), default=0, show_default=True, help="How many ratings of each goal.")
@click.option("--courses", type=click.IntRange(0), default=0, show_default=True, help="How many groups of eight.")
@click.option(
    "--sessions", type=click.IntRange(1, MOST_SESSIONS), default=10, show_default=True, help="How many of each course."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same texts.")
def generate_(children: int, entries: int, goals: int, ratings: int, courses: int, sessions: int, seed: int) -> None:
    """Load many invented notes, goals, ratings and courses, by the same decisions as everybody's.

    Example, for one child with a very long history: coord generate --children 1 --entries 50000 --seed 7
    """
    with opened(changes=True) as services:
        writing = Progressing("writing", "rounds" if goals or courses else "notes")
        load = Load(children, entries, seed, goals, ratings, courses, sessions)
        result = generate(services.record, services.doors, load, progress=writing)
        click.echo(f"{result.events:,} events in {result.seconds:.1f} s: {result.rate:,.0f} events/s")
        click.echo(f"Team: {result.team}. People: {', '.join(result.emails)}")
        start, head = min(s.position for s in services.views.states()), services.record.head()
        following, began = Progressing("views"), time.monotonic()
        for until in [*range(start + 5_000, head, 5_000), head]:
            services.views.catch_up(until)
            following(until - start, head - start)
        took = max(time.monotonic() - began, 1e-6)
        click.echo(f"Views caught up in {took:.1f} s: {(head - start) / took:,.0f} events/s")


@main.command()
@click.argument("case", type=click.UUID)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A new file, for this user only.")
def export(case: UUID, out: Path | None) -> None:
    """Write one child's record, complete, as JSON. That it was exported is recorded like any access.

    Example: coord export 0b0e7a52-6f0e-4f7e-9f8a-0c8a3f3c1d55 --out child.json
    """
    with opened() as services:
        if out is not None and out.exists():
            raise Failure(f"{out} exists already")
        answer = services.doors.ask(COMMAND_LINE, ExportCase(case))
        whole = {
            "case_id": answer.case_id,
            "position": answer.shown.position,
            "exported_at": services.clock(),
            "events": list(answer.events),
        }
        data = orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        if out is None:
            sys.stdout.buffer.write(data)
            return
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        click.echo(f"{len(answer.events):,} events written to {out}", err=True)
