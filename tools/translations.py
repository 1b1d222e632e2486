"""Bring the Italian catalogue up to the code: ``python -m tools.translations``, by hand or as ``make translations``.

Texts that are new come out empty in the .po file, to be filled in before it is run again; texts that are gone leave it.
What runs is that file (`coord.web.catalogue`); no compiled one is kept. It is made here and not with pybabel, which
passes over templates/_macros and writes the time and an invented address into every header, so that two people who
change nothing would still get two files.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
PO = ROOT / "coord" / "web" / "translations" / "it" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "_l": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
    # of a declaration, what the history calls it (coord.application.declared)
    "command": (2,),
    "question": (2,),
    "in_the_history": None,  # of an event, the same (coord.domain.events)
}
HEADERS = [
    ("Project-Id-Version", "Coord"),
    ("Language", "it"),
    ("MIME-Version", "1.0"),
    ("Content-Type", "text/plain; charset=utf-8"),
    ("Content-Transfer-Encoding", "8bit"),
    ("Plural-Forms", "nplurals=2; plural=(n != 1);"),
]


class _Plain(Catalog):
    """A catalogue whose header says nothing that changes from day to day."""

    mime_headers = HEADERS


def extracted(root: Path = ROOT) -> Catalog:
    """Every text in the code that is marked for translation, with the files that it is in."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as lines:
        methods, options = parse_mapping_cfg(lines)  # type: ignore[no-untyped-call]
    found = _Plain(locale="it", fuzzy=False, header_comment="# Coord in Italian. See tools/translations.py.")
    for name, _line, message, _comments, context in sorted(
        extract_from_dir(
            root / "coord", methods, options, KEYWORDS, directory_filter=lambda path: not path.endswith("__pycache__")
        ),
        key=lambda found: (found[0].startswith(("application", "domain")), *found[:2]),  # the pages' own first
    ):
        found.add(message, None, [(f"coord/{name}", 0)], context=context)
    return found


def catalogue() -> Catalog:
    """The Italian catalogue as it is kept."""
    with PO.open("rb") as lines:
        return read_po(lines, locale="it")


def merged(found: Catalog, kept: Catalog) -> Catalog:
    """What was ``found``, with the translations that are ``kept``."""
    for message in found:
        old = kept.get(message.id, message.context) if message.id else None
        if old is not None and not old.fuzzy:
            message.string = old.string
    return found


def po_file(of: Catalog) -> bytes:
    """The catalogue as text for translators, with file names and without line numbers."""
    out = BytesIO()
    write_po(out, of, width=120, include_lineno=False)
    return out.getvalue()


def untranslated(of: Catalog) -> list[str]:
    """The texts without a translation, or with one plural form missing."""
    return [str(m.id) for m in of if m.id and not (all(m.string) if isinstance(m.string, tuple) else m.string)]


def main() -> int:
    """Write the file; complain about what is still to be translated."""
    of = merged(extracted(), catalogue())
    PO.write_bytes(po_file(of))
    empty = untranslated(of)
    sys.stdout.write("".join(f"no Italian yet: {text}\n" for text in empty))
    sys.stdout.write(f"{len(of)} texts, {len(empty)} of them without Italian, in {PO.relative_to(ROOT)}\n")
    return 1 if empty else 0


if __name__ == "__main__":
    sys.exit(main())
