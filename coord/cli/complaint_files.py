"""Complaint files are made in a process of their own, which the worker starts when one is wanted."""

from __future__ import annotations

from coord.bootstrap import Services
from coord.cli.beside import Beside, ends_when_told
from coord.cli.frame import main, opened
from coord.office.complaint_files import ComplaintFiles
from coord.patience import SERVING


@main.command(name="make-complaint-files")
def make_complaint_files() -> None:
    """Make the complaint files that are wanted, and end. The worker (`coord follow`) does it by itself.

    What is stopped (Ctrl-C, SIGTERM) is begun anew the next time.

    Example: coord make-complaint-files
    """
    from coord.web import create_app
    from coord.web.complaint_file.making import make_next
    from coord.web.observability import init_logging

    init_logging()
    ends_when_told()
    with opened(patience=SERVING) as services:
        app = create_app(services)
        while make_next(app, services):
            pass


def maker(services: Services) -> Beside:
    """Makes them beside the worker."""
    files = ComplaintFiles(services.office)
    return Beside(
        "make-complaint-files",
        "complaint files",
        lambda: files.waiting(services.clock()),
        lambda: files.sweep(services.clock()),
    )
