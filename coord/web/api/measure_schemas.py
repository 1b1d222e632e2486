"""The shapes of requests and answers about measures: names and numbers only, never test items or norms."""

from __future__ import annotations

from marshmallow import fields

from coord.domain.actors import Discipline
from coord.domain.case.measures import DIRECTIONS, INFORMANTS, METRICS, MOST_PROBLEMS, MOST_SCORES
from coord.domain.input import REASON, SHORT
from coord.web.api.fields import (
    Anything,
    Day,
    Flag,
    Items,
    Part,
    Strict,
    choice,
    confirmed,
    figure,
    id_,
    number,
    whole,
    words,
)
from coord.web.api.of_a_case import OfACase
from coord.web.api.schemas import NEW_ID

_WIDE = 10_000


# ---- requests ----------------------------------------------------------------------------------------------------


class NewProblem(Strict):
    """An everyday activity, rated from 1 to 10."""

    activity = words(required=True, limit=SHORT)
    importance = number(1, 10, required=True)
    performance = number(1, 10, required=True)
    satisfaction = number(1, 10, required=True)


class NewCopm(Strict):
    """A Canadian Occupational Performance Measure, as one informant rated it."""

    id = id_(NEW_ID)
    problems = Items(Part(NewProblem), required=True, metadata={"maxItems": MOST_PROBLEMS})
    informant = choice(*INFORMANTS, required=True)
    informant_name = words(limit=SHORT)
    measured_on = Day(required=True)
    earlier = id_("The one that it is compared with", null=True)
    remark = words(limit=REASON)


class NewInstrumentScore(Strict):
    """One scale, with at least one of `raw`, `standard`, `percentile` and `band`; null where there is no number."""

    scale = words(required=True, limit=SHORT)
    raw = number(-_WIDE, _WIDE, whole=False)
    standard = number(-_WIDE, _WIDE, whole=False)
    metric = choice(*METRICS, about="What the standard score means; `raw-only`, if left out")
    percentile = number(0, 100, whole=False)
    low = number(-_WIDE, _WIDE, "Of the confidence interval", whole=False)
    high = number(-_WIDE, _WIDE, whole=False)
    interval = number(50, 99, "Per cent")
    direction = choice(*DIRECTIONS, about="`unknown`, if left out")
    band = words(limit=SHORT)


class NewInstrument(Strict):
    """What a named instrument gave. Edition, norms and language are part of what the numbers mean."""

    id = id_(NEW_ID)
    instrument = words(required=True, limit=SHORT)
    edition = words(required=True, limit=SHORT)
    measured_on = Day(required=True)
    scores = Items(Part(NewInstrumentScore), required=True, metadata={"maxItems": MOST_SCORES})
    informant = choice(*INFORMANTS, required=True)
    norm_set = words(limit=SHORT)
    language = words(limit=SHORT)
    informant_name = words(limit=SHORT)
    validity = words("What speaks against taking the numbers as they are", limit=REASON)
    summary = words("In your own words", limit=REASON)
    confirmed = confirmed()


# ---- answers -----------------------------------------------------------------------------------------------------


class Age(Strict):
    """Age at the test."""

    years = whole()
    months = whole()


class CopmProblem(Strict):
    """An everyday activity, rated from 1 to 10."""

    activity = words(required=True)
    importance = whole()
    performance = whole()
    satisfaction = whole()


class CopmChange(Strict):
    """The means over the problems; and the change over the activities that were rated both times, where there are
    any: their means before and now, and which activities are new or gone."""

    performance = figure()
    satisfaction = figure()
    performance_before = figure(null=True)
    satisfaction_before = figure(null=True)
    performance_now = figure(null=True)
    satisfaction_now = figure(null=True)
    new = fields.List(fields.String(), required=True)
    gone = fields.List(fields.String(), required=True)
    same_informant = Flag(required=True, metadata={"description": "Another informant need not see the same"})


class Copm(Strict):
    """A Canadian Occupational Performance Measure."""

    problems = fields.List(fields.Nested(CopmProblem), required=True)
    informant = choice(*INFORMANTS, required=True)
    informant_name = words(required=True)
    earlier = id_(required=True, null=True)
    remark = words(required=True)
    change = fields.Nested(CopmChange, required=True)


class InstrumentScore(Strict):
    """One scale, as the instrument gives it."""

    scale = words(required=True)
    raw = figure(null=True)
    standard = figure(null=True)
    metric = choice(*METRICS, required=True)
    percentile = figure(null=True)
    low = figure(null=True)
    high = figure(null=True)
    interval = whole(null=True)
    direction = choice(*DIRECTIONS, required=True)
    band = words(required=True)


class Instrument(Strict):
    """What a named instrument gave. Scores of different metrics are never averaged."""

    instrument = words(required=True)
    edition = words(required=True)
    norm_set = words(required=True)
    language = words(required=True)
    informant = choice(*INFORMANTS, required=True)
    informant_name = words(required=True)
    scores = fields.List(fields.Nested(InstrumentScore), required=True)
    validity = words(required=True)
    summary = words(required=True)
    answered = fields.List(
        Anything(),
        required=True,
        metadata={"description": "What was implausible, asked about and is meant: `pointer`, `code`, `params`"},
    )


class MeasureLine(Strict):
    """A measure: `copm` or `instrument`, as its kind says."""

    id = id_(required=True)
    kind = choice("copm", "instrument", required=True)
    measured_on = Day(required=True)
    age = fields.Nested(Age, required=True)
    person = id_("Who recorded it", required=True)
    name = words(required=True)
    discipline = choice(*(d.value for d in Discipline), required=True, null=True)
    copm = fields.Nested(Copm)
    instrument = fields.Nested(Instrument)
    error_reason = words("Why it was entered in error; null if it stands", required=True, null=True)
    may = fields.List(fields.String(), required=True)


class MeasuresAnswer(OfACase):
    """What was measured, newest first."""

    items = fields.List(fields.Nested(MeasureLine), required=True)
    copm_threshold = whole(
        "The manual's change that matters; studies found best cut-offs from 0.9 to 1.9. Never proof, only a note"
    )
    may = fields.List(fields.String(), required=True)
