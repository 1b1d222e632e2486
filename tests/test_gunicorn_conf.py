"""The web server's own limits, under the real gunicorn and a stand-in application."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

APPLICATION = """
import time

def app(environ, start_response):
    environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/long":
        time.sleep(4)
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


def test_no_remote_control_and_no_trust_in_strangers():
    from coord import gunicorn_conf

    assert gunicorn_conf.control_socket_disable
    assert gunicorn_conf.bind.startswith("127.0.0.1:")
    assert "*" not in gunicorn_conf.forwarded_allow_ips
    assert not gunicorn_conf.preload_app
