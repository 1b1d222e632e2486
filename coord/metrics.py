"""Figures for Prometheus, on an address of their own: never on the one that the world can reach.

The web workers count into files of a folder that they share (the client library's multi-process mode); the follower,
of which there is one, adds them up and adds how far the views are.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from coord.application.services import Services

log = logging.getLogger(__name__)

ADDRESS = "127.0.0.1"
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def prepared_folder(data: Path) -> Path:
    """The folder that the workers count into, empty: a count starts anew with the service."""
    folder = data.resolve() / "metrics"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.db"):
        old.unlink(missing_ok=True)
    return folder


class ViewCollector(Collector):
    """How far the record and each view are, looked up when Prometheus asks."""

    def __init__(self, services: Services) -> None:
        """Over the stores."""
        self._services = services

    def collect(self) -> Iterator[Metric]:
        """The gauges; none while a store does not answer (Prometheus then sees them missing, not zero)."""
        try:
            head, states = self._services.record.head(), self._services.views.states()
        except Exception:
            log.exception("the stores do not answer the metrics")
            return
        yield GaugeMetricFamily("coord_record_position", "Position of the last event in the record", value=head)
        lag = GaugeMetricFamily("coord_view_lag_events", "Events that a view is behind", labels=["view"])
        stopped = GaugeMetricFamily("coord_view_stopped", "1 if a view has stopped", labels=["view"])
        for state in states:
            lag.add_metric([state.view], max(0, head - state.position))
            stopped.add_metric([state.view], 1 if state.error else 0)
        yield lag
        yield stopped


def serve_metrics(services: Services, port: int) -> None:
    """Answer on 127.0.0.1:``port`` from a thread of this process. Raises `OSError` when the port is taken."""
    registry = CollectorRegistry()
    registry.register(ViewCollector(services))
    folder = services.settings.data.resolve() / "metrics"
    folder.mkdir(parents=True, exist_ok=True)
    MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
    start_http_server(port, addr=ADDRESS, registry=registry)
