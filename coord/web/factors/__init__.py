"""What one proves with who one is, beside the password: passkeys, one-time codes, recovery codes; and being asked
again."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_babel import gettext as _

from coord.office.devices import in_words
from coord.web.factors import again, pages, passkeys
from coord.web.visit import current_visit, entrance

__all__ = ["init_factors"]


def init_factors(app: Flask) -> None:
    """Register the pages. Call it after `coord.web.sign_in.init_sign_in`."""
    for blueprint in (pages.pages, passkeys.pages, again.pages):
        app.register_blueprint(blueprint)
    again.init_again(app)
    app.jinja_env.globals |= {"days_for_second_factor": days_left, "device_words": device_words}


def days_left() -> int | None:
    """In how many days whoever is signed in has to set up a second factor, what has begun of one counted whole; None
    where they have one, or need none."""
    visit = current_visit()
    due = visit.sign_in.factor_due if visit else None
    return None if due is None else max(0, -((entrance().clock() - due) // timedelta(days=1)))


def device_words(device: str) -> str:
    """Browser and system of a sign-in, as one reads them; nothing where nobody knows."""
    browser, system = in_words(device)
    return (
        str(_("%(browser)s on %(system)s", browser=browser, system=system)) if browser and system else browser or system
    )
