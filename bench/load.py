"""A load generator too small to be what is measured: raw sockets, kept alive, requests prepared before."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import quantiles

COMES_AGAIN = 0.25
"""Seconds after which whoever was turned away asks again: far sooner than it was told to."""
Request = Callable[[int], bytes]
"""The bytes of the n-th request of a run."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one run came to. ``times`` of what was accepted, in milliseconds, in no order; ``turned_away``: those who
    heard 503 with ``Retry-After``."""

    times: list[float]
    seconds: float
    failures: int
    turned_away: int = 0

    @classmethod
    def of(cls, parts: Sequence[Result]) -> Result:
        """Several runs as one."""
        times = [t for part in parts for t in part.times]
        seconds, failures = sum(part.seconds for part in parts), sum(part.failures for part in parts)
        return cls(times, seconds, failures, sum(part.turned_away for part in parts))

    @property
    def per_second(self) -> float:
        """Requests accepted and answered a second."""
        return len(self.times) / self.seconds

    def quantile(self, percent: int) -> float:
        """The time in which ``percent`` of the requests accepted were answered."""
        return quantiles(self.times, n=100)[percent - 1] if len(self.times) > 1 else self.times[0]


def get(path: str, headers: dict[str, str] | None = None) -> bytes:
    """A GET request."""
    lines = "".join(f"{k}: {v}\r\n" for k, v in (headers or {}).items())
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode()


def post(path: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    """A POST request with a JSON body."""
    lines = "".join(f"{k}: {v}\r\n" for k, v in (headers or {}).items())
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    )
    return f"{head}{lines}\r\n".encode() + body


class Connection:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        """Connect to a server on this machine."""
        self._port = port
        self._open()

    def _open(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""

    def ask(self, request: bytes) -> tuple[int, bytes, bytes]:
        """Status, head and body of the answer."""
        try:
            self._socket.sendall(request)
            head = self._until_blank_line()
        except (ConnectionError, OSError):
            self._open()  # the server closed a kept-alive connection between two requests
            self._socket.sendall(request)
            head = self._until_blank_line()
        length = 0
        close = False
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            elif name.lower() == b"connection" and value.strip().lower() == b"close":
                close = True
        while len(self._buffer) < length:
            self._buffer += self._more()
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        if close:
            self._socket.close()
            self._open()
        return int(head[9:12]), head, body

    def _until_blank_line(self) -> bytes:
        while b"\r\n\r\n" not in self._buffer:
            self._buffer += self._more()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        return head

    def _more(self) -> bytes:
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("closed")
        return data


def run(port: int, request: Request, *, seconds: float, clients: int) -> Result:
    """Send requests from ``clients`` connections for ``seconds``."""
    return in_turn([(port, request)], seconds=seconds, clients=clients, turns=1)[0]


def in_turn(
    targets: Sequence[tuple[int, Request]], *, seconds: float, clients: int, turns: int = 4
) -> tuple[Result, ...]:
    """As `run` for each target, turn by turn, so that whatever else the machine does is done to all of them."""
    parts: list[list[Result]] = [[] for _ in targets]
    for _ in range(turns):
        for (port, request), mine in zip(targets, parts, strict=True):
            mine.append(_run(port, request, seconds=seconds / turns, clients=clients))
    return tuple(Result.of(mine) for mine in parts)


def _run(port: int, request: Request, *, seconds: float, clients: int, expect: Sequence[int] = (200, 201)) -> Result:
    """One turn; an answer with another status is a failure, but for one that asks to come again: that one does, a
    little later."""
    times: list[list[float]] = [[] for _ in range(clients)]
    failures, turned_away = [0] * clients, [0] * clients
    stop = time.perf_counter() + seconds
    counter = iter(range(10**9))

    def client(which: int) -> None:
        connection = Connection(port)
        mine = times[which]
        while (start := time.perf_counter()) < stop:
            status, head, _ = connection.ask(request(next(counter)))
            if status == 503 and b"\r\nRetry-After:" in head:
                turned_away[which] += 1
                time.sleep(COMES_AGAIN)
                continue
            mine.append(time.perf_counter() - start)
            if status not in expect:
                failures[which] += 1

    begun = time.perf_counter()
    threads = [threading.Thread(target=client, args=(i,)) for i in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    return Result([t * 1000 for part in times for t in part], took, sum(failures), sum(turned_away))
