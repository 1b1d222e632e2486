"""The form that asks for a complaint file."""

from __future__ import annotations

from uuid import UUID

from flask_babel import lazy_gettext as _l

from coord.web.kit.field import Field, Kind
from coord.web.kit.form import declared

COMPLAINT_FILE = declared(
    "complaint-file",
    Field(
        "reason",
        Kind.LONG,
        _l("Why it is needed"),
        _l("It stands in the file, and in the child's history."),
        rows=3,
        says={"missing": _l("Say why the file is needed")},
    ),
    Field(
        "reader",
        Kind.CHOICE,
        _l("For which reader"),
        _l(
            "The file holds what this person could read on that day, and never more than you may read yourself. Of "
            "looks it names their own; a file without a stated reader names every look."
        ),
        optional=True,
        first=_l("All that I may read"),
        becomes=UUID,
        says={"unknown-choice": _l("Choose a person from the list")},
    ),
    Field(
        "date",
        Kind.DAY,
        _l("As known on which day"),
        _l("Left empty, it means now"),
        optional=True,
        says={"missing": _l("Enter a real date, like 27 3 2026")},
    ),
    Field(
        "time",
        Kind.TIME,
        _l("At what time, on the clinic's clock"),
        _l("Leave it empty for the end of the day."),
        optional=True,
        width=10,
    ),
)
