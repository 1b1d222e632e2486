"""A letter with the link to a password of one's own: an accessible PDF to be handed over, with a code for a camera."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime

import segno
from flask_babel import force_locale
from flask_babel import gettext as _

from coord.office.accounts import Language
from coord.web.accessible_pdf import accessible_pdf
from coord.web.spelling import LOCALES, format_datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter tells: to whom, in their language, and until when the link is good."""

    name: str
    email: str
    address: str
    """The link, written out."""
    until: datetime
    first: bool
    language: Language


def letter_pdf(letter: Letter, at: datetime) -> bytes:
    """The letter, made at ``at``, in the language of whom it is for."""
    with force_locale(str(LOCALES[letter.language])):
        title = _("Your invitation to Coord") if letter.first else _("A new password for Coord")
        sheet = {
            "language": letter.language,
            "text_language": letter.language,
            "title": title,
            "footer": _("Hand this over in person, or in a closed envelope."),
            "notes": [],
            "heading": title,
            "hello": _("Hello %(name)s,", name=letter.name),
            "what": _(
                "Open this address in a browser, or hold the camera of your phone over the code, and choose a password "
                "that only you know."
            ),
            "address": letter.address,
            "typed": _(
                "Capitals and hyphens do not matter. 0 is a zero and 1 a one: there is no letter o, i or l in it."
            ),
            "code": _code(letter.address),
            "code_words": _("The same address as a code for a camera"),
            "until": _(
                "It is good until %(until)s, and works once.",
                until=format_datetime(letter.until, "d MMMM y, HH:mm"),
            ),
            "email": _("You sign in with the email address %(email)s.", email=letter.email),
            "keep": _("Whoever has this letter can choose your password. Throw it away when you have done so."),
        }
        missing = _("A character that cannot be printed is shown as a box.")
        return accessible_pdf("letter.typ", sheet, missing=missing, at=at)


def _code(address: str) -> str:
    """A picture of the address, as SVG: letters and figures alone make a coarser one, which old cameras read too."""
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(picture, kind="svg", border=4, xmldecl=False, svgns=True)
    return picture.getvalue().decode()
