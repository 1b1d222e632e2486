"""Structured logs without clinical text, request ids, health, and metrics for Prometheus."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import orjson
import structlog
from flask import Flask, Response, g, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, Counter, Histogram

from coord.application.services import Services
from coord.patience import SERVING, answer_within, no_hurry
from coord.readiness import Readiness


def init_logging() -> None:
    """One JSON object a line on standard error. Paths are logged as routes, so no identifier of a child is in them."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.ExtraAdder(allow=["fault", "where"]),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)


def _json(line: Mapping[Any, object], default: Callable[[object], object]) -> str:
    """One line of the log, whatever is in it: what JSON cannot hold is told in words, for a line that is not written
    would be the answer's end."""
    try:
        return orjson.dumps(line, default=default).decode()
    except orjson.JSONEncodeError:  # half a pair of surrogates, a number of 65 bits, what does not say what it is
        return orjson.dumps({_in_words(name): _plain(value) for name, value in line.items()}).decode()


def _plain(value: object) -> object:
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return _in_words(value)
    return value


def _in_words(value: object) -> str:
    try:
        words = value if isinstance(value, str) else repr(value)
    except Exception:  # it is anybody's code
        words = f"<{type(value).__name__}>"
    return words.encode("ascii", "backslashreplace").decode()


class Metrics:
    """The numbers of one application in one process."""

    def __init__(self) -> None:
        """In a registry of its own, so that two applications in one process do not collide."""
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "coord_requests_total", "Requests answered", ["route", "method", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "coord_request_seconds", "Time to answer a request", ["route", "method"], registry=self.registry
        )
        self._of: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        found = self._of.get((route, method, status))
        if found is None:  # the library words and locks its labels each time
            found = self.requests.labels(route, method, status), self.seconds.labels(route, method)
            self._of[route, method, status] = found
        counter, histogram = found
        counter.inc()
        histogram.observe(seconds)


def init_observability(app: Flask, services: Services) -> Metrics:
    """Request ids, one log line a request, /healthz and /readyz."""
    metrics = Metrics()
    log = structlog.get_logger("coord.request")

    @app.before_request
    def _begin() -> None:
        g.request_id = uuid4().hex  # ours, never the client's: it is kept in the record
        g.started = time.perf_counter()
        answer_within(SERVING - min(SERVING, float(request.environ.get("coord.waited", 0.0))))

    @app.teardown_request
    def _answered(_error: BaseException | None) -> None:
        no_hurry()

    @app.after_request
    def _end(response: Response) -> Response:
        request_id = g.get("request_id", "")
        response.headers["X-Request-Id"] = request_id
        took = time.perf_counter() - g.get("started", time.perf_counter())
        route = request.url_rule.rule if request.url_rule else "(none)"
        metrics.count(route, request.method, response.status_code, took)
        if route not in ("/healthz", "/static/<path:filename>"):
            log.info(
                "request",
                request=request_id,
                route=route,
                method=request.method,
                status=response.status_code,
                ms=round(took * 1000, 1),
            )
        return response

    @app.get("/healthz")
    def healthz() -> ResponseReturnValue:
        """The process answers. Nothing else is asked, so that a slow database does not get it killed."""
        return jsonify(status="ok")

    readiness = Readiness(services)

    @app.get("/readyz")
    def readyz() -> ResponseReturnValue:
        """Whether people can be served: the stores answer and take writes, and no view has stopped or is ahead of the
        record; 503 otherwise.

        In words alone. How much is in the record, and when it grows, is nobody's who has not signed in.
        """
        fit = readiness.now()
        status = "unavailable" if not fit.answers else "read-only" if not fit.takes_writes else "incomplete"
        answer = jsonify(
            status="ready" if fit.ready else status,
            stores="answer" if fit.answers else "no answer",
            writing="possible" if fit.takes_writes else "not possible",
            disk="has room" if fit.has_room else "full or nearly full",
            follower=fit.follower,
            stopped=list(fit.stopped),
            astray=list(fit.astray),
        )
        answer.status_code = 200 if fit.ready else 503
        if not fit.ready:
            answer.headers["Retry-After"] = "5"
        return answer

    return metrics
