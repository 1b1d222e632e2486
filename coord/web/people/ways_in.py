"""What pages and API share of how people come in: the ways to a password, and what ends when they may not any more."""

from __future__ import annotations

from uuid import UUID

from coord.application.people.ways_in import WaysIn
from coord.office.links import Link
from coord.web.visit import entrance, the_services


def ways_in() -> WaysIn:
    """Those of this service."""
    services = the_services()
    settings = services.settings
    return WaysIn(
        services.doors,
        entrance().accounts,
        services.office,
        settings.secret_keys,
        mails=settings.mail is not None,
    )


def address_of(link: Link) -> str:
    """What somebody opens: an address of the settings, never of a request, with what stands in the link."""
    return written_out(ways_in().links.secret(link))


def written_out(secret: str) -> str:
    """The same of what stands in a link."""
    return f"{the_services().settings.address}/link/{secret}"


def end_everything(person_id: UUID, why: str = "no-access", *, links: bool = True) -> None:
    """No sign-in, token or calendar address of the person is worth anything any more, no secret of one-time codes that
    waits for its first code, and no link but the one that is being used."""
    here = entrance()
    now = here.clock()
    here.sign_ins.end_all(person_id, why, now)
    here.tokens.revoke_all(person_id, now)
    here.feeds.revoke_all(person_id, now)
    here.factors.drop_unconfirmed(person_id)
    if links:
        ways_in().links.void_all(person_id, now)
