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


@pytest.mark.parametrize("beginning", [SLOW_HEADER, SLOW_BODY], ids=["header", "body"])
def test_slow_clients_do_not_starve_the_rest(web, beginning):
    port, _ = web
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(4)]
    for client in slow:
        client.sendall(beginning)
    stop = time.monotonic() + 1
    while time.monotonic() < stop:  # a byte now and then: never idle, never done
        for client in slow:
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
