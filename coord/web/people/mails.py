"""What stands in the mails that Coord sends, and how the worker sends the next. No mail names a child, or a reason."""

from __future__ import annotations

import logging
from contextlib import suppress

from flask import Flask
from flask_babel import force_locale
from flask_babel import gettext as _

from coord.application.people.handlers import actor_of
from coord.application.people.ways_in import CHANGED_BY_ONESELF, GIVEN, NEW_BROWSER, PASSWORD_CHANGED
from coord.application.services import Services
from coord.domain.actors import Actor
from coord.domain.errors import NotFound
from coord.office import outbox
from coord.office.links import INVITATION, Link, Links
from coord.office.outbox import Mail, Outbox
from coord.office.smtp import NotNow, Refused, composed, hand_over
from coord.web.history.words import who
from coord.web.spelling import LOCALES, format_datetime

log = logging.getLogger(__name__)


class Pointless(Exception):
    """The mail is not worth sending any more; the argument says why, as `coord.office.outbox.Mail.said` has it."""


def send_next(app: Flask, services: Services) -> bool:
    """Send the mail that is due for longest, and say in its row how it went; False if there is none.

    Raises what ends the process, and then the mail is due again.
    """
    box, server = Outbox(services.office), services.settings.mail
    mail = box.take(services.clock()) if server is not None else None
    if server is None or mail is None:
        return False
    with suppress(outbox.Stopped):
        try:
            subject, text = _written(app, services, mail)
            said = hand_over(server, composed(mail, server, subject, text))
        except Pointless as why:
            box.drop(mail, services.clock(), str(why))
        except Refused as refused:
            log.warning("mail %s was refused by the server", mail.id)
            box.refused(mail, services.clock(), str(refused))
        except NotNow as away:
            log.warning("mail %s could not be sent, attempt %d", mail.id, mail.attempts)
            box.later(mail, services.clock(), str(away))
        except Exception as fault:  # of ours: the other mails go, and its message may quote an address
            log.error("mail %s could not be written: %s", mail.id, type(fault).__name__)
            box.later(mail, services.clock(), f"fault: {type(fault).__name__}")
        else:
            log.info("mail %s sent", mail.id)
            box.sent(mail, services.clock(), said)
    return True


def _written(app: Flask, services: Services, mail: Mail) -> tuple[str, str]:
    """Subject and text, in the person's language. Raises `Pointless`."""
    now = services.clock()
    if now >= mail.worth_until:
        raise Pointless("too-late")
    try:
        person = services.record.person(mail.person_id)
    except NotFound:
        raise Pointless("no-access") from None
    if not person.active:
        raise Pointless("no-access")
    with app.test_request_context(), force_locale(str(LOCALES[mail.language])):
        parts = _words(services, mail, actor_of(person))
        foot = _("Coord at %(address)s sent this. Nobody reads answers to it.", address=services.settings.address)
        return parts[0], "\n\n".join([_("Hello %(name)s,", name=person.name), *parts[1:], f"-- \n{foot}"]) + "\n"


def _words(services: Services, mail: Mail, actor: Actor) -> list[str]:
    """The subject, and then paragraph by paragraph."""
    if mail.kind == PASSWORD_CHANGED:
        return [
            _("Your password for Coord was changed"),
            _("Your password for Coord was changed by a link that came in a mail or on a letter."),
            _("You are signed out everywhere now, and your tokens and calendar addresses are over."),
            _("If it was not you, tell the person who looks after accounts in your service at once."),
        ]
    when = format_datetime(mail.made_at, "d MMMM y, HH:mm")
    if mail.kind == CHANGED_BY_ONESELF:
        return [
            _("Your password for Coord was changed"),
            _("Your password for Coord was changed on your account page on %(when)s.", when=when),
            _("If it was not you, tell the person who looks after accounts in your service at once."),
        ]
    if mail.kind == NEW_BROWSER:
        return [
            _("You signed in to Coord in a new browser"),
            _("On %(when)s somebody signed in as you in a browser that had not been used for it before.", when=when),
            _("Was it you? Then all is well. On your account page you see where you are signed in, and can end it."),
            _("If it was not you, change your password there, and tell the person who looks after accounts at once."),
        ]
    links = Links(services.office, *services.settings.secret_keys)
    link = links.one(mail.link_id) if mail.link_id else None
    if link is None or not link.is_open(services.clock()):
        raise Pointless("link-over")
    address = _address(services, links, link)
    until = format_datetime(link.expires_at, "d MMMM y, HH:mm")
    once = _("The link is good until %(until)s, and works once. It is yours alone: give it to nobody.", until=until)
    if mail.kind == INVITATION:
        role = who(actor.role.value, actor.discipline.value if actor.discipline else None)
        what = f"{role}, {actor.team}" if actor.team else role
        return [
            _("Your invitation to Coord"),
            _("You are invited to Coord, in which people who work together keep one record (%(what)s).", what=what),
            _("Open this link and choose a password that only you know:"),
            address,
            once,
            _("If you do not know what this is, leave it alone: nothing happens without you."),
        ]
    given = mail.kind == GIVEN
    return [
        _("A new password for Coord"),
        _("With this link you choose a new password for Coord:"),
        address,
        once,
        _("The person who looks after accounts gave it to you. The password that you had is void.")
        if given
        else _("If you did not ask for it, leave it alone: your password stays as it is."),
    ]


def _address(services: Services, links: Links, link: Link) -> str:
    try:
        return f"{services.settings.address}/link/{links.secret(link)}"
    except LookupError:
        raise Pointless("link-over") from None
