"""Starting, stopping, and how it is."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import sys
from pathlib import Path

import click

from coord.bootstrap import Services, Settings, refuse_unless_fit
from coord.cli.complaint_files import maker
from coord.cli.frame import Failure, main, opened
from coord.cli.mails import sender
from coord.cli.views import built_anew, emptied_if_damaged, refuse_over_gaps
from coord.follower import Follower, last_heartbeat
from coord.metrics import FOLDER_VARIABLE, prepared_folder, serve_metrics
from coord.office.accounts import Accounts
from coord.office.factors import Factors
from coord.office.outbox import Outbox
from coord.patience import SERVING
from coord.readiness import fitness

ALLOCATOR = {
    "MALLOC_ARENA_MAX": "1",  # threads, of which one works at a time, share a heap: a worker stays a quarter smaller
    "MALLOC_MMAP_THRESHOLD_": "1048576",  # the 19 MB in which a password is hashed go back when it is done
}
"""What the C library's allocator is told in every worker."""


@main.command()
def release() -> None:
    """Make what is missing in the stores, and say whether they are fit to start on.

    Views that an older version made, or that are new, are built from the record. Run it before each start of a new
    version, while nothing else runs; repeating it is harmless. A damaged file of views is made anew too.

    Example: coord release
    """
    emptied_if_damaged(Settings.from_env())
    with opened(may_make=True) as services:
        head = services.record.head()
        new = [s.view for s in services.views.states() if s.position == 0 and s.error is None] if head else []
        unfit = sorted({*services.views.outdated(), *new})
        if unfit:
            refuse_over_gaps(services.settings)
            click.echo("Rebuilt: " + ", ".join(built_anew(services, unfit)))
        services.views.catch_up()
        services.views.add_missing_indexes()
        services.analyse_stores()
        Factors(services.office, *services.settings.secret_keys).seal_anew()  # so that an earlier key can be left out
        click.echo(f"The stores are ready ({services.settings.place}, {head:,} events).")


@main.command()
@click.option("--check", is_flag=True, help="Only see whether it could start: settings, stores and the port.")
def serve(check: bool) -> None:
    """Serve pages and API with gunicorn on 127.0.0.1:$PORT (or $COORD_BIND).

    Example: PORT=9000 coord serve
    """
    with opened(may_make=True) as services:
        address = os.environ.get("COORD_BIND") or f"127.0.0.1:{services.settings.port}"
        shown = services.settings.public_url or f"http://{_named(address)}"
        welcome = first_steps(services, shown)
        metrics, data = services.settings.metrics_port, services.settings.data
        compiled = services.settings.compiled_templates
        refuse_unless_fit(services)
    refuse_if_taken(address)
    if check:
        return
    click.echo("\n".join([f"Coord is at {shown}", *welcome]))
    arguments = ["-m", "gunicorn", "--config", "python:coord.gunicorn_conf", "coord.wsgi:app"]
    sys.stdout.flush()
    # Jinja sees when a template has changed, but not when the code around it has.
    shutil.rmtree(compiled, ignore_errors=True)
    for name, value in ALLOCATOR.items():
        os.environ.setdefault(name, value)
    if metrics is not None:
        os.environ[FOLDER_VARIABLE] = str(prepared_folder(data))
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - our own interpreter, no shell


def _named(address: str) -> str:
    """This machine by its name, where it is its number: a browser makes no passkey for a bare number."""
    return address.replace("127.0.0.1:", "localhost:", 1) if address.startswith("127.0.0.1:") else address


def first_steps(services: Services, address: str) -> list[str]:
    """How the first administrator gets in, in three lines; none where somebody has an account. ``address`` is where the
    service is reached."""
    if Accounts(services.office).any():
        return []
    stores = f"COORD_DATA={shlex.quote(str(services.settings.data.resolve()))} "
    if services.settings.database_url:
        stores = ""  # the address may hold a password
    coord = shlex.quote(str(Path(sys.executable).with_name("coord")))
    where = " with the settings of this service" if not stores else ""
    return [
        f"Nobody can sign in yet. For the first administrator, in another window{where}:",
        f'  {stores}{coord} people add you@clinic.example "Your Name" --role administrator',
        f"It prints a password; the sign-in at {address} asks for another one at once.",
    ]


def refuse_if_taken(address: str) -> None:
    """Raise `Failure` when nothing can listen on ``host:port``. Any other kind of address is gunicorn's to judge."""
    host, _, port = address.rpartition(":")
    if not port.isdigit() or host.startswith(("unix", "fd")):
        return
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError as error:
            raise Failure(f"cannot listen on {address}: {error.strerror}; another PORT= may be free") from error


@main.command()
def follow() -> None:
    """Keep the views up to date until stopped (Ctrl-C, SIGTERM).

    Waits out a store that is away. Any number may run; one does the work.

    Example: coord follow
    """
    from coord.web.observability import init_logging

    init_logging()
    with opened(patience=SERVING) as services:
        refuse_unless_fit(services)
        if services.settings.metrics_port is not None:
            try:
                serve_metrics(services, services.settings.metrics_port)
            except OSError as error:
                raise Failure(f"metrics on port {services.settings.metrics_port}: {error.strerror}") from error
        beside = [maker(services), sender(services)]

        def look() -> None:
            for one in beside:
                one.look()

        follower = Follower(services, beside=look)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: follower.stop.set())
        try:
            follower.run()
        finally:
            for one in beside:
                one.stop()


@main.command()
def health() -> None:
    """Show the stores, how far each view is, whether they can be written, and the follower.

    Exit status 1 if something is wrong: a view or the follower has stopped, or nothing can be written.

    Example: coord health
    """
    with opened(astray=True, patience=SERVING) as services:
        head, now = services.record.head(), services.clock()
        click.echo(f"record    {services.store_kind}, {head:,} events")
        wrong = []
        for state in services.views.states():
            ahead = state.position - services.record.head() if state.position > head else 0
            how = f"{ahead:,} AHEAD of the record" if ahead > 0 else f"{max(0, head - state.position):,} behind"
            line = f"view      {state.view}: at {state.position:,}, {how}"
            if state.error:
                line += f", STOPPED before {state.error_position}: {state.error}"
            click.echo(line)
        beat = last_heartbeat(services.office)
        if beat is None:
            click.echo("follower  never seen")
        else:
            ago = max(0, round((now - beat.at).total_seconds()))
            alive = "alive" if beat.is_fresh(now) else "NOT RUNNING"
            click.echo(f"follower  {alive}, seen {ago:,} s ago at {beat.position:,}")
        count, since = Outbox(services.office).waiting()
        if services.settings.mail is not None or count:
            oldest = f", the oldest since {since:%Y-%m-%d %H:%M} UTC" if since else ""
            click.echo(f"mails     {count:,} waiting{oldest}")
        fit = fitness(services)
        click.echo(f"writing   {'possible' if fit.takes_writes else 'NOT POSSIBLE'}")
        refuse_unless_fit(services)
        if fit.stopped:
            wrong.append(f"stopped: {', '.join(fit.stopped)}; readers see 'picture incomplete'")
        if fit.follower == "not running":
            wrong.append("the follower does not run; pages are slower without it")
        if not fit.takes_writes:
            wrong.append("nothing can be written")
        if not fit.has_room:
            wrong.append("the disk is full or nearly full")
        if wrong:
            raise Failure("; ".join(wrong))
