"""Rehearse deploy/nginx.conf before a real ``coord serve``: ``python -m bench.rehearsal FOLDER``. Needs nginx, openssl.

FOLDER has demonstration children (``COORD_DATA=FOLDER coord demo``). Everything listens on loopback. Ordinary people
keep reading and writing while clients dawdle, the service is reloaded, or ten times as many come; what they met is
printed. The configuration is the file itself, but for ports, certificate, name and paths.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from coord.demo.people import PASSWORD

ROOT = Path(__file__).parents[1]
NAME = "localhost"
HTTPS, HTTP, APP = 8443, 8080, 8151
PERSON = "ida@coord.example"
READERS, WRITERS = 6, 2
NUMBERS = count()
SECONDS = float(os.environ.get("REHEARSAL_SECONDS") or 20)


# ---- a client ----------------------------------------------------------------------------------------------------


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, list[str]]
    body: bytes


@cache
def tls() -> ssl.SSLContext:
    """Believes the rehearsal's own certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@dataclass
class Client:
    """One connection that is kept, and opened again when the other side has closed it."""

    port: int
    secure: bool
    headers: dict[str, str] = field(default_factory=dict)
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.secure:
            return await asyncio.open_connection("127.0.0.1", self.port, ssl=tls(), server_hostname=NAME)
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def send(self, method: str, path: str, body: bytes = b"", /, **more: str) -> Answer:
        """One request; a connection found closed is opened anew, as any browser does."""
        headers = {"Host": NAME, "Content-Length": str(len(body)), **self.headers, **more}
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k.replace('_', '-')}: {v}\r\n" for k, v in headers.items())
        for fresh in (self.streams is None, True):
            if self.streams is None or fresh:
                self.streams = await self.connect()
            reader, writer = self.streams
            try:
                writer.write(head.encode() + b"\r\n" + body)
                await writer.drain()
                first = await reader.readline()
            except OSError:
                first = b""
            if first:
                return await self._rest(reader, first)
            self.close()
            if fresh:
                break
        raise ConnectionError("no answer")

    async def _rest(self, reader: asyncio.StreamReader, first: bytes) -> Answer:
        headers: dict[str, list[str]] = {}
        while (line := (await reader.readline()).decode("latin-1").strip()) != "":
            name, _, value = line.partition(": ")
            headers.setdefault(name.lower(), []).append(value)
        if "chunked" in headers.get("transfer-encoding", []):
            body = b""
            while size := int(await reader.readline(), 16):
                body += await reader.readexactly(size)
                await reader.readline()
            await reader.readline()
        else:
            body = await reader.readexactly(int(headers.get("content-length", ["0"])[0]))
        if headers.get("connection", [""])[0].lower() == "close":
            self.close()
        return Answer(int(first.split()[1]), headers, body)

    def close(self) -> None:
        if self.streams is not None:
            self.streams[1].close()
            self.streams = None


@dataclass
class Met:
    """What ordinary people met in one part of the rehearsal."""

    times: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    def line(self, seconds: float) -> str:
        kept = sorted(self.times)
        if not kept:
            return f"nothing answered; {dict(self.outcomes)}"
        at = {p: kept[min(len(kept) - 1, int(len(kept) * p / 100))] * 1000 for p in (50, 95, 99)}
        rate = len(kept) / seconds
        return (
            f"{rate:6.1f}/s  p50 {at[50]:5.0f} ms  p95 {at[95]:5.0f} ms  p99 {at[99]:5.0f} ms  "
            f"most {kept[-1] * 1000:5.0f} ms  {dict(self.outcomes)}"
        )


@dataclass
class Stage:
    """Who asks what, where."""

    port: int
    secure: bool
    cookie: str
    token: str
    child: str

    async def work(self, until: float, met: Met, *, readers: int = READERS, writers: int = WRITERS) -> None:
        """Read the child's timeline and post notes, each person one request after the other, until it is time."""
        tasks = [self._read(until, met) for _ in range(readers)] + [self._write(until, met) for _ in range(writers)]
        await asyncio.gather(*tasks)

    async def _read(self, until: float, met: Met) -> None:
        client = Client(self.port, self.secure, {"Cookie": self.cookie})
        while time.monotonic() < until:
            await self._timed(met, "GET", client, f"/children/{self.child}")
        client.close()

    async def _write(self, until: float, met: Met) -> None:
        client = Client(
            self.port, self.secure, {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        )
        while time.monotonic() < until:
            # Coord asks about two notes that say the same, or tell of the same minute.
            hour, minute = divmod((number := next(NUMBERS)) % 1440, 60)
            note = {
                "format": "narrative",
                "sections": {"text": f"Rehearsed, no. {number}."},
                "observed_from": f"2026-03-10T{hour:02}:{minute:02}:00Z",
                "setting": "school",
                "audience": "care-team",
                "sign": True,
            }
            await self._timed(met, "POST", client, f"/api/v1/cases/{self.child}/notes", json.dumps(note).encode())
        client.close()

    async def _timed(self, met: Met, method: str, client: Client, path: str, body: bytes = b"") -> None:
        began = time.monotonic()
        try:
            answer = await asyncio.wait_for(client.send(method, path, body), 60)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError, IndexError) as error:
            met.outcomes[type(error).__name__] += 1
            client.close()
            await asyncio.sleep(0.2)
            return
        met.outcomes[str(answer.status)] += 1
        if answer.status in (200, 201):
            met.times.append(time.monotonic() - began)
        elif answer.status == 503:
            assert answer.headers.get("retry-after"), "503 without Retry-After"
            await asyncio.sleep(1)  # far sooner than they were asked to


@contextlib.asynccontextmanager
async def dawdlers(stage: Stage, many: int) -> AsyncIterator[Counter[str]]:
    """Clients that send a byte every two seconds, half of them of a header, half of a body, and come back when cut."""
    seen: Counter[str] = Counter()
    header = f"GET / HTTP/1.1\r\nHost: {NAME}\r\nX-Slow: ".encode()
    body = f"POST /sign-in HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 50000\r\n\r\n".encode()

    async def dawdle(start: bytes) -> None:
        while True:
            try:
                _, writer = await Client(stage.port, stage.secure).connect()
                seen["opened"] += 1
                writer.write(start)
                while not writer.is_closing():
                    await asyncio.sleep(2)
                    writer.write(b"x")
                    await writer.drain()
                seen["cut off"] += 1
            except OSError:
                seen["cut off or not let in"] += 1
                await asyncio.sleep(1)

    tasks = []
    for i in range(many):
        tasks.append(asyncio.create_task(dawdle(header if i % 2 else body)))
        if i % 20 == 0:
            await asyncio.sleep(0.05)
    await asyncio.sleep(2)
    try:
        yield seen
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


# ---- the service -------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def coord(data: Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """``coord serve`` as in production, with two workers."""
    environment = {
        **os.environ,
        "COORD_ENV": "production",
        "COORD_PUBLIC_URL": "https://localhost",
        "COORD_SECRET_KEY": secrets.token_urlsafe(48),
        "COORD_DATA": str(data),
        "COORD_TRUSTED_PROXIES": "1",
        "COORD_GRACEFUL_SECONDS": "30",
        "PORT": str(APP),
        "WEB_CONCURRENCY": "2",
        **more,
    }
    log = (data / "rehearsal.log").open("wb")
    with log, subprocess.Popen([sys.executable, "-m", "coord", "serve"], env=environment, stdout=log, stderr=log) as p:
        try:
            yield p
        finally:
            p.send_signal(signal.SIGTERM)


@contextlib.contextmanager
def nginx(folder: Path) -> Iterator[None]:
    """nginx with deploy/nginx.conf, as whoever runs this, on other ports."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for old, new in (
        ("coord.example$", f"{NAME}:{HTTPS}$"),
        ("coord.example;", f"{NAME};"),
        ("listen 443", f"listen 127.0.0.1:{HTTPS}"),
        ("listen 80", f"listen 127.0.0.1:{HTTP}"),
        ("127.0.0.1:8000", f"127.0.0.1:{APP}"),
        ("/etc/ssl/", f"{folder}/"),
        ("/run/nginx.pid", f"{folder}/nginx.pid"),
        ("/var/log/nginx/", f"{folder}/"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    (folder / "nginx.conf").write_text(text)
    make = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    subprocess.run(
        ["openssl", *make.split(), "-keyout", folder / "coord.key", "-out", folder / "coord.pem"],
        check=True,
        capture_output=True,
    )
    command = [shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    with subprocess.Popen(command) as process:
        time.sleep(1)
        if process.poll() is not None:
            raise SystemExit("nginx does not take the configuration")
        try:
            yield
        finally:
            process.send_signal(signal.SIGQUIT)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.terminate()


async def answers(client: Client) -> None:
    """Wait until the service does."""
    for _ in range(300):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            if (await client.send("GET", "/healthz")).status == 200:
                return
        await asyncio.sleep(0.2)
    raise SystemExit("the service did not come up: see rehearsal.log")


async def signed_in(client: Client, forged: dict[str, str]) -> tuple[str, Answer, Answer]:
    """Sign in by the form; the cookie, the form's page and the answer."""
    page = await client.send("GET", "/sign-in", **forged)
    cookie = page.headers["set-cookie"][0].partition(";")[0]
    token = re.search(rb'name="csrf_token" value="([^"]+)"', page.body)
    assert token
    form = urlencode({"csrf_token": token[1].decode(), "email": PERSON, "password": PASSWORD, "next": "/"}).encode()
    kind = {"Content_Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    answer = await client.send("POST", "/sign-in", form, **kind, **forged)
    return answer.headers["set-cookie"][0].partition(";")[0], page, answer


def token_and_child(data: Path) -> tuple[str, str]:
    """An API token of a therapist, and one of her children."""
    from coord.application.home.questions import ReadCaseload
    from coord.application.people.handlers import actor_of
    from coord.bootstrap import build
    from coord.office.accounts import Accounts
    from coord.settings import Settings

    environment = {**os.environ, "COORD_DATA": str(data)}
    command = [sys.executable, "-m", "coord", "token", "--for", PERSON]
    out = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    token = re.search(r"coord_\S+", out)
    assert token, out
    services = build(Settings.from_env(environment))
    account = Accounts(services.office).by_email(PERSON)
    assert account
    actor = actor_of(services.record.person(account.person_id))
    child = services.doors.ask(actor, ReadCaseload()).children[0]["case_id"]
    services.close()
    return token[0], str(child)


# ---- the rehearsal -----------------------------------------------------------------------------------------------


def say(name: str, met: Met, more: str = "", seconds: float = SECONDS) -> None:
    """A line of the report."""
    print(f"{name:44} {met.line(seconds)} {more}", flush=True)


async def forged_headers(data: Path, token: str, child: str) -> str:
    """Whatever a client says about itself, Coord hears what nginx saw."""
    lies = {
        "X_Forwarded_For": "6.6.6.6",
        "X_Forwarded_Proto": "http",
        "X_Forwarded_Host": "evil.example",
        "X_Forwarded_Port": "81",
        "X_Forwarded_Prefix": "/evil",
        "Forwarded": "for=6.6.6.6;host=evil.example;proto=http",
        "X_Real_IP": "6.6.6.6",
    }
    client = Client(HTTPS, True)
    cookie, page, answer = await signed_in(client, lies)
    assert answer.status == 303, answer
    assert answer.headers["location"] == ["/"], answer.headers
    for sent in (page, answer):
        assert "evil" not in str(sent.headers)
        assert b"evil" not in sent.body
        assert sent.headers["strict-transport-security"]
        for one in sent.headers["set-cookie"]:
            assert one.startswith("__Host-coord=")
            assert "Secure; HttpOnly" in one
    client.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    note = {"format": "narrative", "sections": {"text": "x"}, "observed_from": "2026-03-09T09:00:00Z"}
    path = f"/api/v1/cases/{child}/notes"
    posted = await client.send(
        "POST", path, json.dumps({**note, "setting": "school", "audience": "care-team", "sign": True}).encode(), **lies
    )
    assert posted.status == 201, posted.body
    assert "evil" not in str(posted.headers) + posted.body.decode()
    refused = await client.send("GET", "/api/v1/me", **{**lies, "Authorization": "Bearer coord_nonsense"})
    assert refused.status == 401
    import sqlite3

    with sqlite3.connect(data / "access.db") as access:
        details = [json.loads(d).get("address") for (d,) in access.execute("SELECT detail FROM looks")]
    assert "6.6.6.6" not in details
    assert details[-1] == "127.0.0.1"
    plain = await Client(HTTP, False).send("GET", "/children?x=1")
    assert (plain.status, plain.headers["location"]) == (308, [f"https://{NAME}:{HTTPS}/children?x=1"])
    with contextlib.suppress(OSError):
        other = await Client(HTTPS, True).send("GET", "/sign-in", Host="evil.example")
        print("another name in Host is answered:", other.status)
    return cookie


async def through_nginx(data: Path, process: subprocess.Popen[bytes], token: str, child: str) -> None:
    """The parts that have nginx in front."""
    await answers(Client(HTTPS, True))
    cookie = await forged_headers(data, token, child)
    print("forged headers: not believed; Secure __Host- cookies, HSTS, own address in the access log", flush=True)
    stage = Stage(HTTPS, True, cookie, token, child)
    await stage.work(time.monotonic() + 3, Met())  # warm
    await part("nginx: nobody else", stage)
    for many in (300, 1000):
        async with dawdlers(stage, many) as seen:
            await part(f"nginx: {many} dawdling clients", stage, more=seen)
    met, end = Met(), time.monotonic() + SECONDS
    work = asyncio.create_task(stage.work(end, met))
    await asyncio.sleep(SECONDS / 4)
    process.send_signal(signal.SIGHUP)
    await work
    say("nginx: a reload (HUP)", met)
    for times in (10, 25):
        met = Met()
        clients = {"readers": READERS * times, "writers": WRITERS * times}
        await stage.work(time.monotonic() + SECONDS, met, **clients)
        say(f"nginx: {times} times the clients", met)
        await asyncio.sleep(1)
        met = Met()
        await stage.work(time.monotonic() + 5, met)
        say("  and a second later", met, seconds=5)


async def without_nginx(token: str, child: str, cookie_of: Client) -> None:
    """The same with Coord's own threads and limits alone."""
    await answers(cookie_of)
    cookie, _, _ = await signed_in(cookie_of, {})
    stage = Stage(APP, False, cookie, token, child)
    await stage.work(time.monotonic() + 3, Met())
    await part("alone: nobody else", stage)
    async with dawdlers(stage, 200) as seen:
        await part("alone: 200 dawdling clients", stage, more=seen)
    await part("alone: after they have gone", stage)


async def part(name: str, stage: Stage, more: Counter[str] | None = None) -> None:
    """One part of the report."""
    met = Met()
    await stage.work(time.monotonic() + SECONDS, met)
    say(name, met, str(dict(more)) if more is not None else "")


def main() -> int:
    """Everything, one after the other."""
    data = Path(sys.argv[1]).resolve()
    token, child = token_and_child(data)
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f} before; {READERS} read, {WRITERS} write", flush=True)
    with tempfile.TemporaryDirectory() as folder, coord(data) as process, nginx(Path(folder)):
        asyncio.run(through_nginx(data, process, token, child))
    with coord(data, COORD_TRUSTED_PROXIES="0"):
        asyncio.run(without_nginx(token, child, Client(APP, False)))
    print(f"load {os.getloadavg()[0]:.1f} after", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
