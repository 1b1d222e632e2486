"""gunicorn's settings: `gunicorn --config python:coord.gunicorn_conf coord.wsgi:app`.

Imported by gunicorn's parent process before it forks, so nothing of Coord may be imported here: a store opened before
the fork would be shared by every worker.
"""

import os
import re
import selectors
import socket
import struct
import time
from pathlib import Path
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

# A thread may read one request for this long. Text on a slow phone line takes a few seconds; more is a stalled or a
# hostile client, and eight of those would hold all eight threads.
READ_SECONDS = float(os.environ.get("COORD_READ_SECONDS") or 10)
HEADER_LIMIT = 32_768  # longer ones are left to a thread, which refuses them
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*(?:\r|$)", re.IGNORECASE)
EXPECTS = re.compile(rb"\r\n(?:expect|transfer-encoding):", re.IGNORECASE)
# The same for sending: no progress at all for this long, and the connection is given up.
SEND_STALL_SECONDS = 10


# What of a request is waited for before a thread is given to it; most are far smaller. The rest of a larger one is read
# by its thread, which has READ_SECONDS for it.
WAITED_FOR = 65_536


class DeadlineWorker(ThreadWorker):
    """Threads that are given whole requests, and that never wait longer than READ_SECONDS for the rest of a large one.

    gunicorn gives a thread to a connection at its first byte, and its own `timeout` watches the worker process, not its
    requests: eight clients sending one byte a second would keep eight threads for hours. Here a connection waits in
    the main loop, at no thread's cost, until its request is there; one that takes longer than READ_SECONDS is closed.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadlines: dict[Any, float] = {}
        self._arriving: dict[Any, float] = {}

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection to a thread as soon as its request is there."""
        self._when_whole(conn, time.monotonic() + READ_SECONDS)

    def _when_whole(self, conn: Any, deadline: float, wanted: int = 0) -> None:
        there, needed = _arrived(conn)
        # Woken with less than was asked for: the other side has closed, which a thread finds out.
        if there >= needed or there < wanted:
            conn.data_ready = True
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, needed)  # wake when that much is there, not before
        self._arriving[conn] = deadline
        self.poller.register(conn.sock, selectors.EVENT_READ, lambda _: self._more(conn, needed))

    def _more(self, conn: Any, wanted: int) -> None:
        self.poller.unregister(conn.sock)
        self._when_whole(conn, self._arriving.pop(conn), wanted)

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
        for conn, deadline in list(self._arriving.items()):
            if now > deadline:
                del self._arriving[conn]
                self.poller.unregister(conn.sock)
                self.nr_conns -= 1
                conn.close()
        for conn, deadline in list(self._deadlines.items()):
            if now > deadline and self._deadlines.pop(conn, None) is not None:
                try:
                    conn.sock.shutdown(socket.SHUT_RD)  # a request already read is not disturbed
                except OSError:
                    continue  # it has closed by itself


def _arrived(conn: Any) -> tuple[int, int]:
    """How many bytes of the next request are there, and how many are needed before a thread can answer it."""
    if conn.initialized and conn.parser.unreader.buf.getvalue():
        return 0, 0  # read ahead with the request before
    conn.sock.setblocking(False)
    try:
        data = conn.sock.recv(WAITED_FOR, socket.MSG_PEEK)
    except BlockingIOError:
        return 0, 1
    except OSError:
        return 0, 0
    head, end, _ = data.partition(b"\r\n\r\n")
    if not data or len(head) > HEADER_LIMIT:
        return 0, 0  # closed, or too much: gunicorn says so
    if not end:
        return len(data), len(data) + 1
    if EXPECTS.search(head):
        return 0, 0  # the body comes when it is asked for
    length = LENGTH.search(head)
    body = int(length[1]) if length else 0
    return len(data), min(len(head) + len(end) + body, WAITED_FOR)


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
worker_connections = 1000  # of which most may be dawdling

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
