"""A sheet as an accessible PDF (PDF/UA-1): tagged, titled, in its language, with its fonts inside.

What people wrote reaches typst as data, so that no character of it is ever read as markup. Nothing is kept afterwards.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typst

TEMPLATES = Path(__file__).parent / "typst"
FURNITURE = "furniture.typ"
"""Page, colours and headings; it stands before every template."""
DRAWABLE = (
    (0x0009, 0x000A),
    (0x0020, 0x007E),
    (0x00A0, 0x04FF),  # Latin, Greek, Cyrillic
    (0x05D0, 0x05EA),  # Hebrew
    (0x1E00, 0x1FFF),  # more Latin and Greek
    (0x2000, 0x2040),  # dashes, quotation marks, the ellipsis
    (0x2070, 0x20CF),  # small figures, currencies
    (0x2190, 0x22FF),  # arrows, mathematics
    (0x25A1, 0x25A1),  # the box below
)
"""Ranges of which the fonts inside typst can draw every character that stands alone (`_is_drawable`)."""
MISSING = "□"
"""Stands for a character that no font at hand can draw; the page on the screen has it."""


def accessible_pdf(template: str, sheet: Mapping[str, Any], *, missing: str, at: datetime) -> bytes:
    """The file, made at ``at`` from ``sheet`` by a ``template`` of the folder ``typst``.

    A sheet has at least ``language``, ``text_language``, ``title``, ``footer`` and ``notes``. The fonts come with
    typst. For other scripts those of the machine are asked too, and what none of them can draw becomes a box, with a
    note that says so (``missing``): an accessible PDF may not hold a character without a shape.
    """
    import typst  # seven megabytes that a worker need not carry until somebody prints

    content = dict(sheet)
    try:
        return _compiled(template, content, at, system_fonts=False)
    except typst.TypstError:
        pass
    try:
        return _compiled(template, content, at, system_fonts=True)
    except typst.TypstError:
        drawable = {**_drawable(content), "notes": [*_drawable(content["notes"]), missing]}
        return _compiled(template, drawable, at, system_fonts=False)


def _compiled(template: str, content: dict[str, Any], at: datetime, *, system_fonts: bool) -> bytes:
    import typst

    return typst.compile(
        _template(template),
        font_paths=_fonts(system_fonts),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"sheet": json.dumps(content)},
        pdf_standards=["ua-1"],
        timestamp=at.astimezone(UTC).replace(microsecond=0),  # typst takes whole seconds alone
    )


@cache
def _template(name: str) -> bytes:
    return (TEMPLATES / FURNITURE).read_bytes() + (TEMPLATES / name).read_bytes()


@cache
def _fonts(system: bool) -> typst.Fonts:
    import typst

    return typst.Fonts(include_system_fonts=system, include_embedded_fonts=True)


def _drawable(content: Any) -> Any:
    if isinstance(content, str):
        return "".join(c if _is_drawable(c) else MISSING for c in content if unicodedata.category(c) != "Cf")
    if isinstance(content, dict):
        return {name: _drawable(part) for name, part in content.items()}
    if isinstance(content, list | tuple):
        return [_drawable(part) for part in content]
    return content


def _is_drawable(character: str) -> bool:
    code = ord(character)
    # A mark is drawn or not with the letter that it sits on, so no mark on its own can be promised.
    alone = unicodedata.category(character) not in ("Cf", "Cn", "Mn", "Me")
    return alone and any(first <= code <= last for first, last in DRAWABLE)
