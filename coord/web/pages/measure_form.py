"""What the forms for a COPM and for a named instrument hold: as typed, as what would be recorded, and what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast
from uuid import UUID, uuid4

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from coord.domain.case.measures import (
    MOST_PROBLEMS,
    MOST_SCORES,
    CopmContent,
    InstrumentContent,
    ScoreContent,
)
from coord.domain.errors import FieldProblem
from coord.web.local_time import NotADate, read_day
from coord.web.messages import field_message

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
RATINGS = ("importance", "performance", "satisfaction")
ROW = ("activity", *RATINGS)
SCORE = ("scale", "raw", "standard", "metric", "percentile", "low", "high", "interval", "direction", "band")
NUMBERS = ("raw", "standard", "percentile", "low", "high", "interval")
_COPM = ("informant", "informant_name", "measured_on", "earlier", "remark")
_INSTRUMENT = (
    "instrument",
    "edition",
    "norm_set",
    "language",
    "informant",
    "informant_name",
    "measured_on",
    "validity",
    "summary",
)
_NUMBER = re.compile(r"[-+]?\d{1,6}(?:[.,]\d{1,2})?")
"""At most two decimals: nobody can say whether 1,000 is one or a thousand."""

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class MeasureForm:
    """All that was typed, right or wrong. ``measure_id`` makes a form that is sent twice one measure."""

    rows: tuple[Row, ...]
    values: Mapping[str, str]
    measure_id: UUID = field(default_factory=uuid4)
    row_names: tuple[str, ...] = ROW
    most: int = MOST_PROBLEMS

    @classmethod
    def _sent(cls, form: MultiDict[str, str], names: tuple[str, ...], row_names: tuple[str, ...], most: int) -> Any:
        rows = []
        for i in range(most + 1):  # one too many is read, so that the refusal can say so
            row = {name: form.get(f"{name}.{i}", "").strip() for name in row_names}
            if any(value for name, value in row.items() if name not in ("metric", "direction")):
                rows.append(row)
        known = form.get("measure_id", "")
        measure_id = uuid4()
        with suppress(ValueError):
            measure_id = UUID(known)
        return cls(tuple(rows), {name: form.get(name, "") for name in names}, measure_id, row_names, most)

    def shown_rows(self, more: bool = False) -> list[Row]:
        """What was typed; and an empty row where there is none yet or one more is wanted."""
        rows = list(self.rows)
        if (not rows or more) and len(rows) < self.most:
            rows.append(dict.fromkeys(self.row_names, ""))
        return rows

    def without(self, index: int) -> Any:
        """The same but for one row."""
        return replace(self, rows=self.rows[:index] + self.rows[index + 1 :])

    @property
    def measured_on(self) -> date | None:
        """The day, if one was typed."""
        try:
            return read_day(self.values["measured_on"])
        except NotADate:
            return None

    def words(self, problem: FieldProblem) -> str:
        """The sentence for a problem, where the page knows better than the domain what was typed."""
        name = problem.pointer.rsplit("/", 1)[-1]
        if problem.pointer == "/id":
            return str(_("This form was recorded before, with other content. For another measure, record it again"))
        if problem.pointer == "/measured_on" and problem.code == "missing" and self.values["measured_on"].strip():
            return field_message(FieldProblem(problem.pointer, "not-a-date"))
        if name in RATINGS and problem.code in ("wrong-type", "missing"):
            return str(_("Enter a whole number from 1 to 10"))
        if name == "interval" and problem.code in ("wrong-type", "out-of-range"):
            return str(_("Enter a number from 50 to 99, such as 90 or 95"))
        if name in NUMBERS and problem.code == "wrong-type":
            return str(_("Enter a number, such as 7 or 12.5, with at most two decimals"))
        if name == "raw" and problem.code == "missing":
            return str(_("Enter a raw score, a standard score, a percentile or a band"))
        if problem.pointer == "/problems" and problem.code == "missing":
            return str(_("Enter at least one activity"))
        if problem.pointer == "/scores" and problem.code == "missing":
            return str(_("Enter at least one scale"))
        return field_message(problem)


class CopmForm(MeasureForm):
    """A COPM: up to five activities, each with three ratings."""

    @classmethod
    def sent(cls, form: MultiDict[str, str]) -> CopmForm:
        """From the browser. Empty rows are left out."""
        return cast(CopmForm, cls._sent(form, _COPM, ROW, MOST_PROBLEMS))

    @classmethod
    def begun(cls, today: date, earlier: Any = None) -> CopmForm:
        """An empty one; a reassessment begins with the activities of the ``earlier`` one and who answered then."""
        values = dict.fromkeys(_COPM, "") | {"measured_on": today.isoformat()}
        if earlier is None:
            return cls((), values)
        then = earlier.content
        values |= {
            "earlier": str(earlier.id),
            "informant": then["informant"],
            "informant_name": then["informant_name"],
        }
        return cls(cls.rows_of(then["problems"]), values)

    @staticmethod
    def rows_of(problems: Sequence[Mapping[str, Any]]) -> tuple[Row, ...]:
        """The activities, with how important they are; how well they go is asked anew."""
        return tuple(
            {
                "activity": p["activity"],
                "importance": str(p["importance"]),
                "performance": "",
                "satisfaction": "",
            }
            for p in problems
        )

    def content(self) -> CopmContent:
        """What would be recorded; what is no number stays as typed, for the domain to refuse."""
        problems = [(row["activity"], *(_number(row[name], whole=True) for name in RATINGS)) for row in self.rows]
        earlier = None
        if self.values["earlier"]:
            earlier = UUID(int=0)  # no measure has it: what is no id names none
            with suppress(ValueError):
                earlier = UUID(self.values["earlier"])
        return CopmContent(
            cast(Any, problems),
            self.values["informant"],
            self.values["informant_name"],
            self.measured_on,
            earlier,
            self.values["remark"],
        )

    def fields(self) -> dict[str, tuple[str, str]]:
        """For each pointer what the field is called and the id of its input, in the order of the page."""
        found = {
            "/measured_on": (_("Day"), "measured_on"),
            "/informant": (_("Who answered"), "informant"),
            "/informant_name": (_("Their name"), "informant_name"),
            "/earlier": (_("Compare with"), "earlier"),
            "/problems": (_("Activities"), "activity-0"),
        }
        names = {
            "activity": _("activity"),
            "importance": _("importance"),
            "performance": _("performance"),
            "satisfaction": _("satisfaction"),
        }
        return found | _row_fields("problems", _("Activity"), names) | {"/remark": (_("Remark"), "remark")}


class InstrumentForm(MeasureForm):
    """A named instrument, with its scales."""

    @classmethod
    def sent(cls, form: MultiDict[str, str]) -> InstrumentForm:
        """From the browser. Scales in which nothing was typed are left out."""
        return cast(InstrumentForm, cls._sent(form, _INSTRUMENT, SCORE, MOST_SCORES))

    @classmethod
    def begun(cls, today: date) -> InstrumentForm:
        """An empty one."""
        values = dict.fromkeys(_INSTRUMENT, "") | {"measured_on": today.isoformat()}
        return cls((), values, row_names=SCORE, most=MOST_SCORES)

    def content(self) -> InstrumentContent:
        """What would be recorded; what is no number stays as typed, for the domain to refuse."""
        scores = [
            ScoreContent(
                **cast(
                    Any,
                    {
                        name: _number(value, whole=name == "interval") if name in NUMBERS else value
                        for name, value in row.items()
                    },
                )
            )
            for row in self.rows
        ]
        given = {name: value for name, value in self.values.items() if name != "measured_on"}
        return InstrumentContent(scores=scores, measured_on=self.measured_on, **given)

    def fields(self) -> dict[str, tuple[str, str]]:
        """For each pointer what the field is called and the id of its input, in the order of the page."""
        found = {
            "/instrument": (_("Instrument"), "instrument"),
            "/edition": (_("Edition"), "edition"),
            "/norm_set": (_("Norms"), "norm_set"),
            "/language": (_("Language of the test"), "language"),
            "/measured_on": (_("Day"), "measured_on"),
            "/informant": (_("Who answered"), "informant"),
            "/informant_name": (_("Their name"), "informant_name"),
            "/scores": (_("Scales"), "scale-0"),
        }
        names = {
            "scale": _("name"),
            "raw": _("raw score"),
            "standard": _("standard score"),
            "percentile": _("percentile"),
            "metric": _("what the standard score means"),
            "low": _("interval from"),
            "high": _("interval to"),
            "interval": _("interval in per cent"),
            "band": _("band"),
            "direction": _("what a high score means"),
        }
        below = {"/validity": (_("Validity"), "validity"), "/summary": (_("Summary"), "summary")}
        return found | _row_fields("scores", _("Scale"), names) | below


def _row_fields(group: str, what: str, names: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {
        f"/{group}/{i}/{name}": (
            f"{what} {i + 1}, {words}",
            f"{name}-{i}",
        )
        for i in range(MOST_SCORES)
        for name, words in names.items()
    }


def _number(text: str, *, whole: bool) -> float | str | None:
    """The number, with a comma or a point; None for nothing, and the text itself where it is none."""
    text = text.strip().replace("−", "-")
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        return text
    value = float(text.replace(",", "."))
    return int(value) if whole and value.is_integer() else value
