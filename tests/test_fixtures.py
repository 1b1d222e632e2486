"""The harness must be able to fail: every check here is shown a fault that it has to find."""

import os
import signal
import socket
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import quote

import psycopg
import pytest
import sqlalchemy

from coord.application.timeline.questions import ReadTimeline
from coord.domain.actors import Role
from coord.patience import SERVING
from tests.browser.harness import EVERY_WIDTH, LAPTOP, NARROW, assert_accessible, assert_accessible_in_each_look
from tests.house import open_house

GOOD = """<!doctype html><html lang="en"><head><title>A summary</title>
<meta name="viewport" content="width=device-width">
<style>:root { color-scheme: light dark }</style></head>
<body><main><h1>What helps</h1><p>A quiet corner.</p></main></body></html>"""
UNLABELLED = GOOD.replace("</main>", "<input type=text></main>")


def as_url(html):
    return "data:text/html;charset=utf-8," + quote(html)


def test_postgresql_18_answers(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        assert connection.info.server_version // 10_000 == 18


def test_a_house_does_not_take_a_busy_machine_for_a_fault_of_its_store(prepared_database, data_folder):
    limits = "SELECT name, setting::int FROM pg_settings WHERE name IN ('lock_timeout', 'statement_timeout')"
    with open_house(data_folder, prepared_database) as house, house.services.office.connect() as connection:
        waits = {row.name: row.setting for row in connection.execute(sqlalchemy.text(limits))}
    assert min(waits.values()) > 4_000 * SERVING
    assert "connect_timeout=60" in str(house.services.settings.database_url)


def test_sqlalchemy_speaks_psycopg_3_by_the_plain_url(postgres_database):
    engine = sqlalchemy.create_engine(postgres_database)
    assert engine.dialect.driver == "psycopg"
    with engine.connect() as connection:
        assert connection.scalar(sqlalchemy.text("select 6 * 7")) == 42
    engine.dispose()


def test_a_server_does_not_outlive_a_test_run_that_is_killed():
    """kill -9 runs no fixture to its end, and takes the process group with it."""
    code = (
        "import time; from tests.postgres import running_postgres\n"
        "with running_postgres() as server: print(server.port, flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as run:
        assert run.stdout is not None
        port = int(run.stdout.readline())
        with socket.create_connection(("127.0.0.1", port)):
            pass
        os.killpg(run.pid, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            break
        assert time.monotonic() < deadline, "the server is there still"
        time.sleep(0.1)


@pytest.mark.parametrize("_turn", [1, 2])
def test_each_test_has_an_empty_database(postgres_database, _turn):
    with psycopg.connect(postgres_database) as connection:
        connection.execute("create table mine (id integer)")  # a second time in the same database would fail


def test_database_url_names_both_stores(database_url, data_folder, request):
    assert list(data_folder.iterdir()) == []
    if database_url is None:
        assert request.node.get_closest_marker("postgres") is None
    else:
        assert request.node.get_closest_marker("postgres")
        with psycopg.connect(database_url) as connection:
            assert connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (0,)


def test_a_database_is_handed_on_with_its_tables_and_nothing_of_what_was_in_it(postgres, data_folder):
    with postgres.prepared_database() as first, open_house(data_folder, first) as house:
        house.note(house.ot)
        house.services.doors.ask(house.ot, ReadTimeline(house.child))
        house.email(house.ot)
        used = house.services.record.head()
    with postgres.prepared_database() as second, open_house(data_folder, second) as house:
        assert second == first
        assert used > 0
        assert house.services.record.head() == 0
        assert house.services.access.page() == []
        assert {state.position for state in house.services.views.states()} == {0}
        with house.services.office.connect() as connection:
            assert connection.scalar(sqlalchemy.text("select count(*) from accounts")) == 0
        house.person("Lea Strand", Role.TEAM_LEAD)
        assert [event.position for event in house.services.record.after(0, 10)] == [1]


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE accounts ADD COLUMN more integer",
        "DROP TRIGGER events_append_only ON record.stored_events",
        "CREATE TABLE left_over (id integer)",
        "ALTER DATABASE {name} SET timezone = 'Asia/Tokyo'",
    ],
)
def test_a_database_that_was_changed_is_not_handed_on(postgres, change):
    with postgres.prepared_database() as first, psycopg.connect(first, autocommit=True) as connection:
        connection.execute("SET search_path = office")
        connection.execute(change.format(name=first.rpartition("/")[2]).encode())
    with postgres.prepared_database() as second:
        assert second != first


def test_browser_opens_a_page(page, request):
    page.goto(as_url(GOOD))
    assert page.get_by_role("heading", name="What helps").is_visible()
    assert request.node.get_closest_marker("browser")


def test_axe_passes_a_sound_page_in_every_look(open_page):
    page = open_page()
    page.goto(as_url(GOOD))
    assert_accessible_in_each_look(page, viewports=EVERY_WIDTH)


def test_axe_finds_a_planted_violation(page):
    page.goto(as_url(UNLABELLED))
    with pytest.raises(AssertionError, match=r"(?s)\* label \(critical\).*<input type=\"text\">"):
        assert_accessible(page)


COLOURFUL = """<style>
  input { display: none } body { background: #fff; color: #111 } a { color: #00c }
  @media (prefers-color-scheme: dark) { body { background: #111; color: #eee } a { color: #aaf } }
  @media %s { %s }
</style></head>"""
DARK, DESK, PHONE_ONLY = "(prefers-color-scheme: dark)", "(min-width: 1000px)", "(max-width: 999px)"
LIGHT = "(prefers-color-scheme: light)"


@pytest.mark.parametrize(
    ("where", "fault", "told", "look"),
    [
        (f"{DARK} and {DESK}", "p { color: #333 }", "color-contrast", "at 1280 px, dark"),
        (f"{LIGHT} and {DESK}", "p { color: #ccc }", "color-contrast", "at 1280 px, light"),
        (
            f"{DARK} and {PHONE_ONLY}",
            "a { color: #eef; text-decoration: none }",
            "link-in-text-block",
            "at 320 px, dark",
        ),
        (DESK, "input { display: block }", "label", "at 1280 px, "),
        # Not about colours, and only in one of two colours: what is there differs, so everything is asked again.
        (f"{DARK} and {PHONE_ONLY}", "input { display: block }", "label", "at 320 px, dark"),
        (f"{LIGHT} and {PHONE_ONLY}", "p { width: 400px }", "px wide", "at 320 px, light"),
    ],
)
def test_a_fault_that_only_some_looks_have_is_found_and_the_look_is_told(open_page, where, fault, told, look):
    page = open_page()
    text = "<p>A quiet corner, and <a href='#a'>a clock</a> that one sees from there.</p><input type=text></main>"
    faulty = GOOD.replace("</main>", text).replace("</head>", COLOURFUL % (where, fault))
    for viewport in (NARROW, LAPTOP):
        for scheme in ("light", "dark"):  # whichever look the page was loaded in
            page.set_viewport_size(viewport)
            page.emulate_media(color_scheme=scheme)
            page.goto(as_url(faulty))
            with pytest.raises(AssertionError, match=told) as failure:
                assert_accessible_in_each_look(page)
            (note,) = failure.value.__notes__
            assert note.startswith(look)
    page.goto(as_url(faulty.replace(fault, "")))
    assert_accessible_in_each_look(page)


def test_pages_are_loaded_in_every_look_in_turn(open_page):
    page, loaded = open_page(viewport=NARROW), []
    for _page in range(4):
        page.goto(as_url(GOOD))
        dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        loaded.append((page.evaluate("innerWidth"), dark))
        assert_accessible_in_each_look(page)
    assert len(set(loaded)) == 4


def test_javascript_can_be_off(open_page):
    page = open_page(javascript=False)
    page.goto(as_url(GOOD.replace("</main>", "<script>document.title = 'scripted'</script></main>")))
    assert page.title() == "A summary"


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        ("<img alt='' src='http://elsewhere.example/x.png'>", "request to another host"),
        ("<script>throw new Error('planted')</script>", "uncaught error: planted"),
    ],
)
def test_a_page_that_misbehaves_is_reported(page, page_faults, planted, told):
    page.goto(as_url(GOOD.replace("</main>", planted + "</main>")))
    assert [fault for fault in page_faults.found if fault.startswith(told)]
    page_faults.found.clear()


def test_a_breach_of_the_content_security_policy_is_reported(page, page_faults):
    class Strict(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Security-Policy", "default-src 'self'")
            self.end_headers()
            self.wfile.write(GOOD.encode())

        def log_message(self, *_arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Strict) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        page.goto(f"http://127.0.0.1:{server.server_port}/")  # its style is inline
        server.shutdown()
    assert [fault for fault in page_faults.found if fault.startswith("against the content security policy")]
    page_faults.found.clear()
