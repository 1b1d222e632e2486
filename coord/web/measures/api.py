"""Measures: the COPM, and any named instrument."""

from __future__ import annotations

from coord.application.goals.commands import EnterMeasureInError, RecordCopm, RecordInstrument
from coord.application.goals.questions import MeasuresAnswer, ReadMeasures
from coord.web.api.operations import ApiBlueprint
from coord.web.api.routes import reads, sends

blueprint = ApiBlueprint("measures", "Measures: names and numbers, never test items or norms. None for teachers.")
MEASURES = "/cases/<uuid:case>/measures"


reads(
    blueprint,
    MEASURES,
    ReadMeasures,
    MeasuresAnswer,
    about="""Read what was measured

    Each COPM with its change, and every named instrument. Scores of different metrics are never averaged.
    """,
)


sends(
    blueprint,
    "POST",
    f"{MEASURES}/copm",
    RecordCopm,
    status=201,
    makes="measure_id",
    example={
        "problems": [{"activity": "Getting dressed", "importance": 9, "performance": 3, "satisfaction": 2}],
        "informant": "guardian",
        "informant_name": "His mother",
        "measured_on": "2026-03-10",
    },
    about="""Record a COPM

    Who answered is part of the score: another informant need not see the same.
    """,
)


sends(
    blueprint,
    "POST",
    f"{MEASURES}/instrument",
    RecordInstrument,
    status=201,
    makes="measure_id",
    example={
        "instrument": "Movement ABC",
        "edition": "2",
        "norm_set": "Italy",
        "measured_on": "2026-03-10",
        "informant": "professional",
        "scores": [
            {
                "scale": "Manual dexterity",
                "raw": 19,
                "standard": 6,
                "metric": "scaled-10-3",
                "percentile": 9,
                "direction": "higher-is-better",
            }
        ],
        "validity": "He was tired towards the end.",
    },
    about="""Record what a named instrument gave

    Names and numbers only: never items, stimuli, keys or norms. What is implausible (a score far from the mean, a
    percentile that does not go with it) is refused with an `answer`, which `confirmed` gives back if it is meant.
    """,
)


sends(
    blueprint,
    "POST",
    f"{MEASURES}/<uuid:measure>/error",
    EnterMeasureInError,
    example={"reason": "Recorded for the wrong child"},
    about="Mark a measure as one that should never have been recorded (who recorded it, and the team lead)",
)
