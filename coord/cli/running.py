"""Starting, stopping, and how it is."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys

import click

from coord.bootstrap import refuse_if_outdated
from coord.cli.frame import Failure, main, opened
from coord.cli.views import built_anew
from coord.follower import Follower, last_heartbeat
from coord.metrics import FOLDER_VARIABLE, prepared_folder, serve_metrics

ALLOCATOR = {
    "MALLOC_ARENA_MAX": "1",  # threads, of which one works at a time, share a heap: a worker stays a quarter smaller
    "MALLOC_MMAP_THRESHOLD_": "1048576",  # the 19 MB in which a password is hashed go back when it is done
}
"""What the C library's allocator is told in every worker."""


@main.command()
def release() -> None:
    """Make what is missing in the stores, and say whether they are fit to start on.

    Views that an older version made, or that are new, are built from the record. Run it before each start of a new
    version, while nothing else runs; repeating it is harmless.

    Example: coord release
    """
    with opened() as services:
        head = services.record.head()
        new = [s.view for s in services.views.states() if s.position == 0 and s.error is None] if head else []
        unfit = sorted({*services.views.outdated(), *new})
        if unfit:
            click.echo("Rebuilt: " + ", ".join(built_anew(services, unfit)))
        services.views.catch_up()
        services.views.add_missing_indexes()
        click.echo(f"The stores are ready ({services.store_kind}, {head:,} events).")


@main.command()
@click.option("--check", is_flag=True, help="Only see whether it could start: settings, stores and the port.")
def serve(check: bool) -> None:
    """Serve pages and API with gunicorn on 127.0.0.1:$PORT (or $COORD_BIND).

    Example: PORT=9000 coord serve
    """
    with opened() as services:
        port = services.settings.port
        metrics, data = services.settings.metrics_port, services.settings.data
        compiled = services.settings.compiled_templates
        refuse_if_outdated(services)
    address = os.environ.get("COORD_BIND") or f"127.0.0.1:{port}"
    refuse_if_taken(address)
    if check:
        return
    click.echo(f"Coord is at http://{address}")
    arguments = ["-m", "gunicorn", "--config", "python:coord.gunicorn_conf", "coord.wsgi:app"]
    sys.stdout.flush()
    # Jinja sees when a template has changed, but not when the code around it has.
    shutil.rmtree(compiled, ignore_errors=True)
    for name, value in ALLOCATOR.items():
        os.environ.setdefault(name, value)
    if metrics is not None:
        os.environ[FOLDER_VARIABLE] = str(prepared_folder(data))
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - our own interpreter, no shell


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
    with opened() as services:
        refuse_if_outdated(services)
        if services.settings.metrics_port is not None:
            try:
                serve_metrics(services, services.settings.metrics_port)
            except OSError as error:
                raise Failure(f"metrics on port {services.settings.metrics_port}: {error.strerror}") from error
        follower = Follower(services)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: follower.stop.set())
        follower.run()


@main.command()
def health() -> None:
    """Show the stores, how far each view is, and the follower; exit status 1 if something has stopped.

    Example: coord health
    """
    with opened() as services:
        head, now = services.record.head(), services.clock()
        click.echo(f"record    {services.store_kind}, {head:,} events")
        stopped = []
        for state in services.views.states():
            line = f"view      {state.view}: at {state.position:,}, {max(0, head - state.position):,} behind"
            if state.error:
                stopped.append(state.view)
                line += f", STOPPED before {state.error_position}: {state.error}"
            click.echo(line)
        beat = last_heartbeat(services.office)
        if beat is None:
            click.echo("follower  never seen")
        else:
            ago = max(0, round((now - beat.at).total_seconds()))
            alive = "alive" if beat.is_fresh(now) else "NOT RUNNING"
            click.echo(f"follower  {alive}, seen {ago:,} s ago at {beat.position:,}")
        refuse_if_outdated(services)
        if stopped:
            raise Failure(f"stopped: {', '.join(stopped)}; readers see 'picture incomplete'")
