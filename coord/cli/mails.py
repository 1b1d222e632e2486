"""Mails are sent in a process of its own, which the worker starts when one is due: no server can hold the worker up."""

from __future__ import annotations

from coord.bootstrap import Services
from coord.cli.beside import Beside, ends_when_told
from coord.cli.frame import Failure, main, opened
from coord.office.links import Links
from coord.office.outbox import Outbox
from coord.patience import SERVING


@main.command(name="send-mails")
def send_mails() -> None:
    """Send the mails that are due, and end. The worker (`coord follow`) does it by itself.

    What is stopped is sent the next time.

    Example: coord send-mails
    """
    from coord.web import create_app
    from coord.web.observability import init_logging
    from coord.web.people.mails import send_next

    init_logging()
    ends_when_told()
    with opened(patience=SERVING) as services:
        if services.settings.mail is None:
            raise Failure("there is no mail server: set COORD_SMTP_URL and COORD_MAIL_FROM")
        app = create_app(services)
        while send_next(app, services):
            pass


def sender(services: Services) -> Beside:
    """Sends them beside the worker; without a mail server they wait."""
    box, links = Outbox(services.office), Links(services.office, *services.settings.secret_keys)

    def sweep() -> None:
        box.sweep(services.clock())
        links.sweep(services.clock())

    def due() -> bool:
        return services.settings.mail is not None and box.due(services.clock())

    return Beside("send-mails", "mails", due, sweep)
