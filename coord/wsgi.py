"""The web application for gunicorn: ``coord.wsgi:app``."""

from __future__ import annotations

import sys

from flask import Flask

from coord.bootstrap import Settings, SettingsError, build, refuse_unless_fit
from coord.web import create_app
from coord.web.observability import init_logging

WORKER_BOOT_ERROR = 3
"""What gunicorn's parent takes as "do not start another one": the next worker would fail for the same reason."""


def __getattr__(name: str) -> Flask:
    """Make ``app`` when a worker first asks for it, which is after the fork; importing this module opens nothing.

    Ends the worker with one line on standard error when the settings make no sense, a store does not open, a view is
    of an older version, or the record older than its views.
    """
    if name != "app":
        raise AttributeError(name)
    init_logging()
    try:
        services = build(Settings.from_env())
        refuse_unless_fit(services)
    except SettingsError as error:
        sys.stderr.write(f"coord: {error}\n")
        sys.exit(WORKER_BOOT_ERROR)
    app = create_app(services)
    globals()["app"] = app
    return app
