"""gunicorn's settings: `gunicorn --config python:coord.gunicorn_conf coord.wsgi:app`.

Imported by gunicorn's parent process before it forks, so nothing of Coord may be imported here: a store opened before
the fork would be shared by every worker.
"""

import os
import socket
import struct
import time
from pathlib import Path
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

# A thread may read one request for this long. Text on a slow phone line takes a few seconds; more is a stalled or a
# hostile client, and eight of those would hold all eight threads.
READ_SECONDS = float(os.environ.get("COORD_READ_SECONDS") or 10)
# The same for sending: no progress at all for this long, and the connection is given up.
SEND_STALL_SECONDS = 10


class DeadlineWorker(ThreadWorker):
    """Threads that never wait longer than READ_SECONDS for a request to arrive.

    gunicorn's own `timeout` watches the worker process, not its requests: a client sending one byte a second keeps a
    thread for hours. Here the main loop, which wakes at least once a second, closes the *reading* half of a
    connection that is past its deadline. A request already read is not disturbed and is answered whole.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadlines: dict[Any, float] = {}

    def handle(self, conn: Any) -> Any:
        """Handle one request of a connection, on a thread of the pool."""
        self._deadlines[conn] = time.monotonic() + READ_SECONDS
        try:
            return super().handle(conn)
        finally:
            self._deadlines.pop(conn, None)

    def notify(self) -> None:
        """Say that the worker is alive, and hang up on those who take too long."""
        super().notify()
        now = time.monotonic()
        for conn, deadline in list(self._deadlines.items()):
            if now > deadline and self._deadlines.pop(conn, None) is not None:
                try:
                    conn.sock.shutdown(socket.SHUT_RD)
                except OSError:
                    continue  # it has closed by itself


def when_ready(server: Any) -> None:
    """Limit sending too: accepted connections inherit the listener's send timeout."""
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_STALL_SECONDS, 0))


bind = os.environ.get("COORD_BIND") or f"127.0.0.1:{os.environ.get('PORT') or 8000}"
worker_class = DeadlineWorker
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = int(os.environ.get("COORD_THREADS") or 4)

# Each worker builds its own services after the fork: no database handle, lock or thread is ever inherited.
preload_app = False
max_requests = 0

timeout = 60  # a worker whose main loop stands still this long is replaced
graceful_timeout = int(os.environ.get("COORD_GRACEFUL_SECONDS") or 4)  # below the five seconds honcho waits on Ctrl-C
keepalive = 5
backlog = 512
worker_connections = 200

limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190

# Only a proxy on this machine may say who the client is. nginx stands in front in production.
forwarded_allow_ips = "127.0.0.1,::1"

# The application writes its own access log, with request id and without clinical text; two would disagree.
accesslog = None
errorlog = "-"
loglevel = "warning"

# The heartbeat is a file: on a slow or full disk it would stall healthy workers, in memory it cannot.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# No remote control: signals from the process manager are enough.
control_socket_disable = True


def child_exit(_server: Any, worker: Any) -> None:
    """A worker that ended keeps its counts, and no longer counts as alive."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
