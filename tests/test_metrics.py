"""What Prometheus is told, and where: on an address of its own."""

import socket
import urllib.request
from pathlib import Path

from coord.metrics import prepared_folder, serve_metrics
from tests.house import open_house


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def told(port: int) -> dict[str, float]:
    """The figures by name and labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def test_the_record_and_the_lag_of_each_view_are_told(data_folder: Path) -> None:
    port = free_port()
    with open_house(data_folder) as house:
        house.note(house.ot)
        serve_metrics(house.services, port)
        behind = told(port)
        house.services.views.catch_up()
        after = told(port)
        head = house.services.record.head()
    assert behind["coord_record_position"] == head
    assert behind['coord_view_lag_events{view="timeline"}'] > 0
    assert after['coord_view_lag_events{view="timeline"}'] == 0
    assert after['coord_view_stopped{view="history"}'] == 0


def test_the_pages_do_not_tell_them(data_folder: Path) -> None:
    with open_house(data_folder) as house:
        assert house.app.test_client().get("/metrics").status_code == 404


def test_counts_start_anew_with_the_service(data_folder: Path) -> None:
    old = prepared_folder(data_folder) / "counter_1.db"
    old.write_bytes(b"x")
    assert list(prepared_folder(data_folder).iterdir()) == []
