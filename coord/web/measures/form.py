"""The forms for a COPM and for a named instrument: their fields, declared once; of a row for each activity or scale."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import request
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from coord.domain.case.measures import (
    INFORMANTS,
    MOST_PROBLEMS,
    MOST_SCORES,
    CopmContent,
    InstrumentContent,
    ScoreContent,
)
from coord.web.kit.field import Field, Kind, Text, uuid_of
from coord.web.kit.form import Declared, Form, declared
from coord.web.labels import DIRECTIONS, METRICS, PARTIES

INSTRUMENTS = (
    "Sensory Profile 2",
    "SPM-2",
    "MABC-2",
    "Movement ABC-3",
    "BOT-2",
    "PEDI-CAT",
    "Vineland-3",
    "CELF-5",
    "SDQ",
    "Conners 3",
)
"""Offered while typing; any other name may be typed."""
_NUMBER = re.compile(r"[-+]?\d{1,6}(?:[.,]\d{1,2})?")
"""At most two decimals: nobody can say whether 1,000 is one or a thousand."""

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Measured:
    """A form with rows: what stands above and below them, the fields of row ``i``, and how many there may be.

    ``alone`` are the fields that do not make a row of it by themselves, with what is chosen in them to begin with.
    """

    name: str
    above: Sequence[Field]
    row: Callable[[int], Sequence[Field]]
    below: Sequence[Field]
    most: int
    alone: Mapping[str, str] = field(default_factory=dict)
    taken: Text = ""

    def __post_init__(self) -> None:
        """It is one of the forms that there are."""
        declared(self.name, *self._form(1).fields, taken=self.taken)

    def of(self, stands: Mapping[str, Any], rows: Sequence[Row] = ()) -> Form:
        """To begin with; one row is there to be filled in."""
        return self._with(self._form(max(len(rows), 1)).of(stands), rows)

    def sent(self, without: int | None = None) -> Form:
        """From the browser, ``without`` one row, by its place on the page. Rows in which nothing was typed are left
        out; one too many is read, for the refusal."""
        names, places = self.names, (i for i in range(self.most + 1) if i != without)
        rows = ({name: request.form.get(f"{name}.{i}", "").strip() for name in names} for i in places)
        filled = [row for row in rows if any(text for name, text in row.items() if name not in self.alone)]
        return self._with(self._form(max(len(filled), 1)).sent(), filled)

    def changed(self, form: Form, rows: Sequence[Row]) -> Form:
        """The same with other rows."""
        return self._with(self._form(max(len(rows), 1)).of(form.typed), rows)

    def rows(self, form: Form) -> list[Row]:
        """What was typed, row by row; a row of nothing is none."""
        count = sum(name.startswith(f"{self.names[0]}.") for name in form.fields)
        rows = [{name: form.typed[f"{name}.{i}"] for name in self.names} for i in range(count)]
        return [row for row in rows if any(text for name, text in row.items() if name not in self.alone)]

    def values(self, form: Form) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """What it means: the measure, and each row of it."""
        values = form.values()
        rows = [{name: values[f"{name}.{i}"] for name in self.names} for i in range(len(self.rows(form)))]
        return {name: value for name, value in values.items() if "." not in name}, rows

    @property
    def names(self) -> list[str]:
        """Of the fields of a row."""
        return [one.name.partition(".")[0] for one in self.row(0)]

    def _form(self, rows: int) -> Declared:
        fields = [*self.above, *(one for i in range(rows) for one in self.row(i)), *self.below]
        return Declared(fields, self.name, taken=self.taken)

    def _with(self, form: Form, rows: Sequence[Row]) -> Form:
        form.typed |= {f"{name}.{i}": text for i, row in enumerate(rows) for name, text in row.items()}
        for name, typed in form.typed.items():
            form.typed[name] = typed or self.alone.get(name.partition(".")[0], typed)
        return form


def _number(text: str) -> float | str:
    """The number, with a comma or a point; the text itself where it is none, for the domain to refuse."""
    text = text.strip().replace("−", "-")
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else text


def _whole(text: str) -> float | str:
    value = _number(text)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _text(name: str, label: LazyString, hint: Text = "", width: int = 0, **look: Any) -> Field:
    return Field(name, Kind.TEXT, label, hint, width=width, look={"autocomplete": "off", **look})


_ID = Field("measure_id", Kind.ID, pointer="/id")
_DAY = Field("measured_on", Kind.DAY, _l("Day"))
_WHO = (
    Field(
        "informant",
        Kind.CHOICE,
        _l("Who answered"),
        _l("Whose answers these are: it is part of what the numbers mean."),
        options={code: PARTIES[code] for code in INFORMANTS},
        first=_l("Choose who answered"),
    ),
    Field(
        "informant_name",
        Kind.TEXT,
        _l("Their name (optional)"),
        _l("The same spelling each time: only answers of the same person are compared."),
        called=_l("Their name"),
        look={"autocomplete": "off"},
    ),
)
_RECORDED = _l("This form was recorded before, with other content. For another measure, record it again")


def _in_row(
    group: str, i: int, what: LazyString, name: str, label: LazyString, called: LazyString, width: int = 4, **more: Any
) -> Field:
    """A field of row ``i``, which the summary calls "Activity 1, importance"."""
    look = {"group_class": "nhsuk-u-margin-bottom-3"}
    if more.get("kind", Kind.TEXT) is Kind.TEXT:
        look |= {"autocomplete": "off"} | ({"inputmode": "decimal"} if "becomes" in more else {})
    return Field(
        f"{name}.{i}",
        more.pop("kind", Kind.TEXT),
        label,
        called=LazyString(lambda: f"{what} {i + 1}, {called}"),
        pointer=f"/{group}/{i}/{name}",
        target=f"{name}-{i}",
        optional=True,
        width=width,
        look=look,
        **more,
    )


_TO_TEN = _l("Enter a whole number from 1 to 10")
_RATED: dict[str, Any] = {"becomes": _whole, "says": {"wrong-type": _TO_TEN, "missing": _TO_TEN}, "width": 3}


def _activity(i: int) -> list[Field]:
    where = ("problems", i, _l("Activity"))
    return [
        _in_row(*where, "activity", _l("What the child wants or needs to do"), _l("activity"), width=0),
        _in_row(*where, "importance", _l("Importance"), _l("importance"), **_RATED),
        _in_row(*where, "performance", _l("Performance"), _l("performance"), **_RATED),
        _in_row(*where, "satisfaction", _l("Satisfaction"), _l("satisfaction"), **_RATED),
    ]


_COMPARED = Field(
    "earlier",
    Kind.CHOICE,
    _l("Compare with"),
    _l("An earlier COPM of the same activities, answered by the same person."),
    optional=True,
    first=_l("None: this is the first"),
    before=_l("The one you chose"),
    becomes=lambda text: uuid_of(text) or UUID(int=0),  # no measure has it: what is no id names none
)
_AT_LEAST_ONE = {"missing": _l("Enter at least one activity")}
_ACTIVITIES = Field("problems", Kind.ROWS, _l("Activities"), says=_AT_LEAST_ONE, target="activity-0")
COPM = Measured(
    "measure-copm",
    (_ID, _DAY, *_WHO, _COMPARED, _ACTIVITIES),
    _activity,
    (Field("remark", Kind.LONG, _l("Remark (optional)"), called=_l("Remark"), rows=3),),
    MOST_PROBLEMS,
    taken=_RECORDED,
)


def copm_rows(problems: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The activities of an earlier one, with how important they are; how well they go is asked anew."""
    return [
        {"activity": p["activity"], "importance": str(p["importance"]), "performance": "", "satisfaction": ""}
        for p in problems
    ]


def copm_content(form: Form) -> CopmContent:
    """What would be recorded; what is no number stays as typed, for the domain to refuse."""
    values, rows = COPM.values(form)
    problems: Any = [tuple(row.values()) for row in rows]
    return CopmContent(problems, **values)


_DECIMAL = _l("Enter a number, such as 7 or 12.5, with at most two decimals")
_PER_CENT = _l("Enter a number from 50 to 99, such as 90 or 95")
_ANY_SCORE = _l("Enter a raw score, a standard score, a percentile or a band")
_SCORED: dict[str, Any] = {"becomes": _number, "says": {"wrong-type": _DECIMAL}}


def _scale(i: int) -> list[Field]:
    where = ("scores", i, _l("Scale"))
    raw = {**_SCORED, "says": {"wrong-type": _DECIMAL, "missing": _ANY_SCORE}}
    per_cent: dict[str, Any] = {"becomes": _whole, "says": {"wrong-type": _PER_CENT, "out-of-range": _PER_CENT}}
    of_metric: dict[str, Any] = {
        "kind": Kind.CHOICE,
        "options": METRICS,
        "first": _l("Choose what the score means"),
        "width": 0,
    }
    means, high = _l("What the standard score means"), _l("What a high score means")
    return [
        _in_row(*where, "scale", _l("Name of the scale"), _l("name"), width=20),
        _in_row(*where, "raw", _l("Raw score"), _l("raw score"), **raw),
        _in_row(*where, "standard", _l("Standard score"), _l("standard score"), **_SCORED),
        _in_row(*where, "percentile", _l("Percentile"), _l("percentile"), **_SCORED),
        _in_row(*where, "metric", means, _l("what the standard score means"), **of_metric),
        _in_row(*where, "low", _l("Interval from"), _l("interval from"), **_SCORED),
        _in_row(*where, "high", _l("Interval to"), _l("interval to"), **_SCORED),
        _in_row(*where, "interval", _l("Per cent"), _l("interval in per cent"), **per_cent),
        _in_row(*where, "band", _l("Band, in the words of the manual"), _l("band"), width=20),
        _in_row(
            *where, "direction", high, _l("what a high score means"), kind=Kind.CHOICE, options=DIRECTIONS, width=0
        ),
    ]


_NAME_IT = _l("Choose one that is offered, or type another name.")
_EDITION = _l("Which edition or form, for example: 2nd edition, age band 1")
_LESS_SURE = _l("What makes the numbers less sure: tired, an interpreter, a part left out.")
_ONE_SCALE = {"missing": _l("Enter at least one scale")}
INSTRUMENT = Measured(
    "measure-instrument",
    (
        _ID,
        _text("instrument", _l("Instrument"), _NAME_IT, list="instruments"),
        _text("edition", _l("Edition"), _EDITION, 20),
        _text("norm_set", _l("Norms (optional)"), _l("For example: UK 2007, by age"), 20),
        _text("language", _l("Language of the test (optional)"), width=10),
        _DAY,
        *_WHO,
        Field("scores", Kind.ROWS, _l("Scales"), says=_ONE_SCALE, target="scale-0"),
    ),
    _scale,
    (
        Field("validity", Kind.LONG, _l("Validity (optional)"), _LESS_SURE, called=_l("Validity"), rows=3),
        Field("summary", Kind.LONG, _l("Summary (optional)"), _l("In your own words."), called=_l("Summary"), rows=3),
    ),
    MOST_SCORES,
    alone={"metric": "", "direction": "unknown"},
    taken=_RECORDED,
)


def instrument_content(form: Form) -> InstrumentContent:
    """What would be recorded; what is no number stays as typed, for the domain to refuse."""
    values, rows = INSTRUMENT.values(form)
    return InstrumentContent(**values, scores=[ScoreContent(**row) for row in rows])
