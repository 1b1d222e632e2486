"""The words in another language, read from the text that translators write.

Nothing is compiled beforehand and kept: a clone, a wheel and a folder that is being worked on run what stands in the
``.po`` file, and two people who add a text each have no binary file to bring together. A worker reads it when it
starts, in about a tenth of a second.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

FOLDER = Path(__file__).parent / "translations"


def text_of(language: str) -> Path:
    """Where the sentences of a language stand, if there are any: English, which is in the code, has no file."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


@cache
def catalogue(locale: Locale | None) -> Translations:
    """What is said in a language; of one without a file, what stands in the code."""
    language = str(locale)
    path = text_of(language)
    if not path.is_file():
        return Translations()
    compiled = BytesIO()
    with path.open("rb") as lines:
        write_mo(compiled, read_po(lines, locale=language, abort_invalid=True))
    compiled.seek(0)
    return Translations(compiled)
