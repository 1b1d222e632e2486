"""gunicorn's settings: `gunicorn --config python:coord.gunicorn_conf coord.wsgi:app`.

Imported by gunicorn's parent process before it forks, so nothing of Coord may be imported here: a store opened before
the fork would be shared by every worker.
"""

import os
import re
import selectors
import socket
import struct
import threading
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


# A request that waited this long for a thread is answered 503 at once. Whoever waited longer has gone or tries again,
# and would only keep the next ones waiting: what is taken is answered soon, however many there are.
QUEUE_SECONDS = float(os.environ.get("COORD_QUEUE_SECONDS") or 0.5)
RETRY_AFTER = 5
LINGER_SECONDS = 2  # for what a refused client is still sending: closed at once, it might not read the answer
SAY_SECONDS = 10  # between two lines in the log that say so
HEALTH = re.compile(rb"(?:GET|HEAD) /healthz HTTP/1\.[01]\r\n")
FOR_MACHINES = re.compile(rb"[A-Z]+ /api/")
# What the main loop answers is written here: there is no Coord in it, nor may it wait for any.
FIELDS = (
    b"Connection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
    b"Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\nReferrer-Policy: same-origin\r\n"
)
BUSY_PAGE = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Coord is busy</title>
<h1>Coord is busy just now</h1>
<p>Nothing was done. Wait a few seconds, then reload this page. If you were sending something, your browser still has \
your words: it asks whether to send them again.</p>
<div lang="it">
<h2>Coord in questo momento è occupato</h2>
<p>Non è stato fatto nulla. Aspetta qualche secondo, poi ricarica questa pagina. Se stavi inviando qualcosa, il \
browser ha ancora le tue parole: ti chiede se inviarle di nuovo.</p>
</div>
""".encode()
BUSY_PROBLEM = (
    b'{"type":"about:blank","title":"Busy","status":503,"code":"too-busy",'
    b'"detail":"More is asked than can be answered at once. Nothing was done. Try again in a few seconds."}\n'
)


def _answer(status: bytes, media_type: bytes, body: bytes, *, more: bytes = b"", head: bool = False) -> bytes:
    length = b"Content-Length: %d\r\n" % len(body)
    fields = b"Content-Type: " + media_type + b"\r\n" + length + more + FIELDS
    return b"HTTP/1.1 " + status + b"\r\n" + fields + b"\r\n" + (b"" if head else body)


def _busy(request: bytes) -> bytes:
    more = b"Retry-After: %d\r\n" % RETRY_AFTER
    if FOR_MACHINES.match(request):
        return _answer(b"503 Service Unavailable", b"application/problem+json", BUSY_PROBLEM, more=more)
    head = request.startswith(b"HEAD ")
    return _answer(b"503 Service Unavailable", b"text/html; charset=utf-8", BUSY_PAGE, more=more, head=head)


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
        self._waiting: dict[Any, tuple[float, Any]] = {}  # since when, and for what; in the order of their coming
        self._leaving: dict[Any, float] = {}
        self._waited = threading.local()
        self._turned_away = 0
        self._said_at = 0.0

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection to a thread as soon as its request is there."""
        self._when_whole(conn, time.monotonic() + READ_SECONDS)

    def _when_whole(self, conn: Any, deadline: float, wanted: int = 0) -> None:
        there, needed = _arrived(conn)
        # Woken with less than was asked for: the other side has closed, which a thread finds out.
        if there >= needed or there < wanted:
            conn.data_ready = True
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
            health = HEALTH.match(_seen(conn))
            if health:
                head = health[0].startswith(b"HEAD")
                self._answer_here(conn, _answer(b"200 OK", b"application/json", b'{"status":"ok"}\n', head=head))
                return
            self._wait_for_a_thread(conn)
            return
        conn.sock.setblocking(False)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, needed)  # wake when that much is there, not before
        self._arriving[conn] = deadline
        self.poller.register(conn.sock, selectors.EVENT_READ, lambda _: self._more(conn, needed))

    def _more(self, conn: Any, wanted: int) -> None:
        self.poller.unregister(conn.sock)
        self._when_whole(conn, self._arriving.pop(conn), wanted)

    # ---- waiting for a thread

    def _wait_for_a_thread(self, conn: Any) -> None:
        conn.waits_since = time.monotonic()
        waiting = self.tpool.submit(self.handle, conn)
        self._waiting[conn] = conn.waits_since, waiting
        waiting.add_done_callback(lambda done: self.method_queue.defer(self._handled, conn, done))

    def _handled(self, conn: Any, done: Any) -> None:
        self._waiting.pop(conn, None)
        if not done.cancelled():  # else it is answered already
            self.finish_request(conn, done)

    def _turn_away_who_waited_long(self) -> None:
        too_long = time.monotonic() - QUEUE_SECONDS
        while self._waiting:
            conn, (since, waiting) = next(iter(self._waiting.items()))
            if since > too_long:
                return
            del self._waiting[conn]
            if waiting.cancel():  # no thread has begun with it, and none will
                self._turned_away += 1
                self._answer_here(conn, _busy(_seen(conn)))

    def _answer_here(self, conn: Any, answer: bytes) -> None:
        """Answer from the main loop, and hang up when the client has read it or does not."""
        try:
            conn.sock.setblocking(False)
            conn.sock.send(answer)  # a few hundred bytes: there is room for them
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._hang_up(conn)
            return
        self._leaving[conn] = time.monotonic() + LINGER_SECONDS
        self.poller.register(conn.sock, selectors.EVENT_READ, lambda _: self._drain(conn))

    def _drain(self, conn: Any) -> None:
        try:
            if conn.sock.recv(WAITED_FOR):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        del self._leaving[conn]
        self.poller.unregister(conn.sock)
        self._hang_up(conn)

    def _hang_up(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close()

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait no longer than until somebody has waited too long."""
        if self._waiting:
            since, _ = next(iter(self._waiting.values()))
            timeout = min(timeout, max(0.01, since + QUEUE_SECONDS - time.monotonic()))
        super().wait_for_and_dispatch_events(timeout)
        self._turn_away_who_waited_long()

    def handle(self, conn: Any) -> Any:
        """Handle one request of a connection, on a thread of the pool."""
        now = time.monotonic()
        self._waited.seconds = now - conn.waits_since
        self._deadlines[conn] = now + READ_SECONDS
        try:
            return super().handle(conn)
        finally:
            self._deadlines.pop(conn, None)

    def load_wsgi(self) -> None:
        """Tell the application how long each request has waited: it has so much less time for it."""
        super().load_wsgi()
        application: Any = self.wsgi  # type: ignore[has-type]

        def told(environ: Any, start_response: Any) -> Any:
            environ["coord.waited"] = getattr(self._waited, "seconds", 0.0)
            return application(environ, start_response)

        self.wsgi = told

    def notify(self) -> None:
        """Say that the worker is alive, and hang up on those who take too long."""
        super().notify()
        now = time.monotonic()
        if self._turned_away and now > self._said_at + SAY_SECONDS:
            self.log.warning("too busy: %d requests were turned away (503)", self._turned_away)
            self._turned_away, self._said_at = 0, now
        for conns in (self._arriving, self._leaving):
            for conn, deadline in list(conns.items()):
                if now > deadline:
                    del conns[conn]
                    self.poller.unregister(conn.sock)
                    self._hang_up(conn)
        for conn, deadline in list(self._deadlines.items()):
            if now > deadline and self._deadlines.pop(conn, None) is not None:
                try:
                    conn.sock.shutdown(socket.SHUT_RD)  # a request already read is not disturbed
                except OSError:
                    continue  # it has closed by itself


def _seen(conn: Any) -> bytes:
    """The beginning of the next request, which stays to be read."""
    if conn.initialized and conn.parser.unreader.buf.getvalue():
        return bytes(conn.parser.unreader.buf.getvalue()[:200])
    try:
        return bytes(conn.sock.recv(200, socket.MSG_PEEK))
    except OSError:
        return b""


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
