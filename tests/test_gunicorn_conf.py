"""The web server's own limits, under the real gunicorn and a stand-in application."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

APPLICATION = """
import pathlib, time

def app(environ, start_response):
    body = environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/long":
        time.sleep(4)
    if environ["PATH_INFO"] == "/keep":
        time.sleep(0.1)
        with open(pathlib.Path(__file__).with_name("kept"), "ab") as kept:
            kept.write(body + b"\\n")
    if environ["PATH_INFO"] == "/held":
        while not pathlib.Path(__file__).with_name("go").exists():
            time.sleep(0.05)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]
"""

SLOW_HEADER = b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
SLOW_BODY = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n"


@pytest.fixture
def web(tmp_path):
    """gunicorn with our settings, one worker of two threads and a deadline of two seconds: (port, process)."""
    (tmp_path / "stand_in.py").write_text(APPLICATION)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", "python:coord.gunicorn_conf", "stand_in:app"],
        env={
            **os.environ,
            "PORT": str(port),
            "PYTHONPATH": os.pathsep.join([str(tmp_path), os.getcwd()]),
            "WEB_CONCURRENCY": "1",
            "COORD_THREADS": "2",
            "COORD_READ_SECONDS": "2",
            "COORD_QUEUE_SECONDS": "0.5",
        },
        start_new_session=True,
        text=True,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            break
        time.sleep(0.1)
    try:
        yield port, process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def get(port, path="/"):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return answer.read()


def asked(port, *pieces):
    """What comes back to a request that is sent in pieces, the other end of it closed by the server."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        for piece in pieces:
            client.sendall(piece)
            time.sleep(0.3)
        return b"".join(iter(lambda: client.recv(65536), b""))


def test_requests_in_any_number_of_pieces_are_answered(web):
    port, _ = web
    close = b"Host: x\r\nConnection: close\r\n"
    for pieces in (
        [b"GET / HTTP/1.1\r\n", close, b"\r\n"],
        [b"POST / HTTP/1.1\r\nContent-Length: 6\r\n" + close + b"\r\nabc", b"def"],
        [b"POST / HTTP/1.1\r\ncontent-length: 200000\r\n" + close + b"\r\n", b"x" * 100_000, b"y" * 100_000],
        [b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + close + b"\r\n", b"3\r\nabc\r\n", b"0\r\n\r\n"],
        [b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n" + close + b"\r\n", b"abc"],
        [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + b"GET / HTTP/1.1\r\n" + close + b"\r\n"],
    ):
        answer = asked(port, *pieces)
        assert answer.endswith(b"ok"), pieces
        assert b" 200 " in answer


def test_what_never_becomes_a_request_is_closed(web):
    port, _ = web
    with contextlib.suppress(ConnectionResetError):  # after the deadline
        assert asked(port, b"GET / HTTP/1.1\r\nHost") == b""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nabc")
        client.shutdown(socket.SHUT_WR)
        client.recv(65536)
    assert get(port) == b"ok"


@pytest.mark.parametrize("beginning", [SLOW_HEADER, SLOW_BODY], ids=["header", "body"])
def test_slow_clients_do_not_starve_the_rest(web, beginning):
    port, _ = web
    # With a thread each, two at a time and two seconds long, the last of so many would come after a minute and a half.
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(90)]
    for client in slow:
        client.sendall(beginning)
    stop = time.monotonic() + 1
    while time.monotonic() < stop:  # a byte now and then: never idle, never done
        for client in slow:
            with contextlib.suppress(OSError):  # cut off by now
                client.sendall(b"a")
        time.sleep(0.2)
    assert get(port) == b"ok"
    for client in slow:
        client.close()


def test_a_long_answer_outlives_the_deadline_for_reading(web):
    port, _ = web
    assert get(port, "/long") == b"ok"


def test_stops_at_once_and_cleanly_when_told(web):
    port, process = web
    assert get(port) == b"ok"
    started = time.monotonic()
    process.terminate()
    assert process.wait(timeout=10) == 0
    assert time.monotonic() - started < 5
    assert process.stderr.read() == ""


# ---- more than can be answered -----------------------------------------------------------------------------------


def sent(port, request):
    """The status and the whole answer to one request on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(request)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    return int(answer.split()[1]), answer


def posted(port, body, path=b"/keep"):
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (path, len(body))
    return sent(port, head + body)


def asked_for(port, path):
    return sent(port, b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path)


@contextlib.contextmanager
def all_threads_held(port, tmp_path):
    """Each thread of the worker is at a request that does not end."""
    with ThreadPoolExecutor(2) as threads:
        held = [threads.submit(asked_for, port, b"/held") for _ in range(2)]
        while asked_for(port, b"/")[0] != 503:
            time.sleep(0.05)
        try:
            yield
        finally:
            (tmp_path / "go").touch()
        assert [request.result()[0] for request in held] == [200, 200]


def test_ten_times_the_load_is_turned_away_and_what_was_taken_is_kept(web, tmp_path):
    port, _ = web
    bodies = [b"%d" % i for i in range(400)]
    with ThreadPoolExecutor(100) as clients:
        answers = list(clients.map(lambda body: posted(port, body), bodies))
    statuses = Counter(status for status, _ in answers)
    assert set(statuses) == {200, 503}
    assert statuses[503] > 20
    for status, answer in answers:
        assert status == 200 or b"Retry-After: 5\r\n" in answer
    taken = [body for body, (status, _) in zip(bodies, answers, strict=True) if status == 200]
    assert sorted((tmp_path / "kept").read_bytes().split()) == sorted(taken)  # nothing lost, nothing done unsaid
    assert posted(port, b"after")[0] == 200


def test_whoever_waits_too_long_for_a_thread_hears_so_and_health_is_answered(web, tmp_path):
    port, _ = web
    with all_threads_held(port, tmp_path):
        status, page = asked_for(port, b"/children")
        assert status == 503
        assert b"Retry-After: 5" in page
        assert b"text/html" in page
        assert b"Content-Security-Policy: default-src 'none'" in page
        assert "ricarica questa pagina" in page.decode()
        status, problem = asked_for(port, b"/api/v1/cases")
        assert (status, json.loads(problem.partition(b"\r\n\r\n")[2])["code"]) == (503, "too-busy")
        status, large = posted(port, b"x" * 900_000)  # the answer comes although nobody reads what was sent
        assert (status, large.endswith(b"</div>\n")) == (503, True)
        for _ in range(20):
            status, answer = asked_for(port, b"/healthz")
            assert (status, json.loads(answer.partition(b"\r\n\r\n")[2])) == (200, {"status": "ok"})
        status, answer = sent(port, b"HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (status, answer.partition(b"\r\n\r\n")[2]) == (200, b"")
    assert asked_for(port, b"/children")[0] == 200


def test_the_worker_itself_answers_only_what_is_asked_just_so(web):
    port, _ = web
    for path in (b"/healthz/", b"/healthz?x=1", b"/healthzz", b"//healthz"):
        assert asked_for(port, path)[1].endswith(b"ok"), path


def test_no_remote_control_and_no_trust_in_strangers():
    from coord import gunicorn_conf

    assert gunicorn_conf.control_socket_disable
    assert gunicorn_conf.bind.startswith("127.0.0.1:")
    assert "*" not in gunicorn_conf.forwarded_allow_ips
    assert not gunicorn_conf.preload_app
